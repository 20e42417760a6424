"""Addresses of Upcoming."""

from datetime import date

from django.urls import path, register_converter

from dunright.web.upcoming import actions, coming, runs, views


class DayConverter:
    """A day in an address: `2026-12-01`."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Raises ValueError for a day that is in no calendar: nothing is there."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")
_COMING = "o/<int:organisation>/upcoming/<int:customer>/<day:day>/"

app_name = "upcoming"
urlpatterns = [
    path("o/<int:organisation>/upcoming/", views.index, name="index"),
    path("o/<int:organisation>/upcoming/approve/", actions.approve, name="approve"),
    path("o/<int:organisation>/upcoming/pause/", actions.pause, name="pause"),
    path("o/<int:organisation>/upcoming/resume/", actions.resume, name="resume"),
    path("o/<int:organisation>/upcoming/stop/", runs.stop, name="stop"),
    path("o/<int:organisation>/upcoming/run/", runs.start, name="run"),
    path("o/<int:organisation>/upcoming/<int:message>/edit/", actions.edit, name="edit"),
    path("o/<int:organisation>/upcoming/<int:message>/cancel/", actions.cancel, name="cancel"),
    path(_COMING, coming.page, name="coming"),
    path(f"{_COMING}approve/", coming.approve, name="coming_approve"),
    path(f"{_COMING}edit/", coming.edit, name="coming_edit"),
    path(f"{_COMING}forget/", coming.forget, name="coming_forget"),
    path(f"{_COMING}later/", coming.later, name="coming_later"),
]
