"""What every template may read: the frame of the page, the colours chosen, today and now."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dunright.web.shell import Shell, shell

THEMES = ("light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell`, `theme`, and on an organisation's pages `organisation`, `role`, `today`, `now`.

    The frame is read only when a template asks for it: fragments cost nothing.
    """
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    membership = getattr(request, "membership", None)
    if membership is None:
        return {**context, "shell": Shell()}
    match = request.resolver_match
    feature = match.namespace if match else ""
    now = request.now  # type: ignore[attr-defined]  # set beside the membership, see web/organisation.py
    return {
        **context,
        "organisation": membership.organisation,
        "role": membership.role,
        "today": request.today,  # type: ignore[attr-defined]  # the same
        "now": now,
        "shell": SimpleLazyObject(lambda: shell(membership, feature=feature, now=now)),
    }
