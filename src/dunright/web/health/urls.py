"""Addresses of the page that proves the mirror."""

from django.urls import path

from dunright.web.health import views

app_name = "health"
urlpatterns = [
    path("o/<int:organisation>/health/", views.index, name="index"),
    path("o/<int:organisation>/health/check/", views.check, name="check"),
]
