"""The frame of every page: one style sheet, no script, and a content security policy that allows nothing else."""

from dataclasses import dataclass
from html import escape as _escape

from zoho_sandbox.wire import HTML_TYPE, Response

__all__ = ["Page", "escape"]

MENU = (
    ("/", "Company"),
    ("/customers", "Customers"),
    ("/invoices", "Invoices"),
    ("/apps", "Connected apps"),
    ("/users", "Users"),
    ("/weather", "Faults and limits"),
)


def escape(value: object) -> str:
    """Text for HTML, attributes included."""
    return _escape(str(value), quote=True)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its title and the inner HTML. `form_action` is one more origin that forms may lead to."""

    title: str
    body: str
    form_action: str = ""
    bare: bool = False
    here: str = ""
    script: str = ""

    def response(self, status: int = 200) -> Response:
        """The page as an answer."""
        menu = (
            ""
            if self.bare
            else "".join(
                f'<a href="{href}"{" aria-current=page" if href == self.here else ""}>{name}</a>'
                for href, name in MENU
            )
        )
        header = (
            ""
            if self.bare
            else f'<header><a class="brand" href="/">Books sandbox</a><nav>{menu}</nav></header>'
        )
        script = f'<script src="{self.script}" defer></script>' if self.script else ""
        text = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)} · Books sandbox</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="stylesheet" href="/style.css">{script}</head><body>{header}{self.body}</body></html>'
        )
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {self.form_action}".strip()
        )
        if script:
            policy += "; script-src 'self'"
        return Response(
            status,
            text.encode(),
            HTML_TYPE,
            [
                ("Content-Security-Policy", policy),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
                # Not no-referrer: browsers would then send "Origin: null" with our own forms.
                ("Referrer-Policy", "same-origin"),
            ],
        )
