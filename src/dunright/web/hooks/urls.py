"""The address for calls from Zoho Books: the secret in it says whose."""

from django.urls import path

from dunright.web.hooks import views

app_name = "hooks"
urlpatterns = [path("hooks/zoho_books/<str:secret>/", views.zoho_books, name="zoho_books")]
