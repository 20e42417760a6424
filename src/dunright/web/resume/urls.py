"""Addresses of Resume."""

from django.urls import path

from dunright.web.resume import views

app_name = "resume"
urlpatterns = [path("o/<int:organisation>/resume/", views.index, name="index")]
