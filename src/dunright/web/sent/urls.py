"""Addresses of Sent."""

from django.urls import path

from dunright.web.sent import views

app_name = "sent"
urlpatterns = [
    path("o/<int:organisation>/sent/", views.index, name="index"),
    path("o/<int:organisation>/sent/<int:message>/", views.message, name="message"),
    path("o/<int:organisation>/sent/<int:message>/letter/", views.letter, name="letter"),
    path("o/<int:organisation>/sent/<int:message>/source/", views.source, name="source"),
    path("o/<int:organisation>/sent/<int:message>/settle/", views.settle, name="settle"),
]
