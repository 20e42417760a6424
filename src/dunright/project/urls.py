"""Addresses: log-in by allauth, everything else by the pages."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("dunright.web.urls")),
]
