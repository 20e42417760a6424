"""Addresses of the sync line in the top bar."""

from django.urls import path

from dunright.web.sync import views

app_name = "sync"
urlpatterns = [
    path("o/<int:organisation>/sync/", views.status, name="status"),
    path("o/<int:organisation>/sync/now/", views.now, name="now"),
]
