"""Addresses of Upcoming."""

from django.urls import path

from dunright.web.upcoming import actions, views

app_name = "upcoming"
urlpatterns = [
    path("o/<int:organisation>/upcoming/", views.index, name="index"),
    path("o/<int:organisation>/upcoming/approve/", actions.approve, name="approve"),
    path("o/<int:organisation>/upcoming/pause/", actions.pause, name="pause"),
    path("o/<int:organisation>/upcoming/resume/", actions.resume, name="resume"),
    path("o/<int:organisation>/upcoming/<int:message>/edit/", actions.edit, name="edit"),
    path("o/<int:organisation>/upcoming/<int:message>/cancel/", actions.cancel, name="cancel"),
]
