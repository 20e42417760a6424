"""The frame and the small parts of every page: one style sheet, and a policy that allows browsers nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape as _escape

from zoho_sandbox.wire import HTML_TYPE, Response


def escape(value: object) -> str:
    """Text for HTML, attributes included."""
    return _escape(str(value), quote=True)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its title and inner HTML.

    `form_action` is one more origin that forms may lead to, `org` the organisation whose menu is shown (0 for none),
    `here` the menu entry that is open, `script` the address of the page's only script.
    """

    title: str
    body: str
    form_action: str = ""
    org: int = 0
    here: str = ""
    script: str = ""

    def response(self, status: int = 200) -> Response:
        """The page as an answer."""
        script = f'<script src="{self.script}" defer></script>' if self.script else ""
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(self.title)} · Books sandbox</title>"
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
            f'content="light dark"><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css">{script}'
            f"</head><body>{self._header()}{self.body}</body></html>"
        )
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            + f"form-action 'self' {self.form_action}".strip()
        )
        if script:
            policy += "; script-src 'self'"
        # Referrer-Policy is not no-referrer: browsers would then send "Origin: null" with our own forms.
        headers = [
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "same-origin"),
        ]
        return Response(status, text.encode(), HTML_TYPE, headers)

    def _header(self) -> str:
        if not self.org:
            return ""
        entries = (
            (f"/{self.org}", "Company"),
            (f"/{self.org}/customers", "Customers"),
            (f"/{self.org}/invoices", "Invoices"),
            ("/apps", "Connected apps"),
            ("/users", "Users"),
            ("/weather", "Faults and limits"),
            ("/switches", "Switches"),
            ("/webhooks", "Webhooks"),
            ("/mistakes", "Asked wrongly"),
        )
        links = "".join(
            f'<a href="{href}"{" aria-current=page" if name == self.here else ""}>{name}</a>'
            for href, name in entries
        )
        return (
            '<header class="top"><a class="brand" href="/"><img src="/icon.svg" alt="" width="26" height="26">'
            f'Books sandbox</a><nav aria-label="Main">{links}</nav></header>'
        )


def button(action: str, label: str, *, kind: str = "", **fields: object) -> str:
    """A form with one button."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items()
    )
    press = f'<button type="submit" class="{kind}">{escape(label)}</button>'
    return f'<form method="post" action="{escape(action)}">{hidden}{press}</form>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], *, empty: str) -> str:
    """A table of HTML cells; a head that ends in `>` is for figures. `empty` is said when there are no rows."""
    names = list(heads)
    right = [name.endswith(">") for name in names]
    head = "".join(
        f'<th scope="col"{" class=figure" if is_right else ""}>{escape(name.rstrip(">"))}</th>'
        if name
        else "<td></td>"
        for name, is_right in zip(names, right, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=figure' if is_right else ''}>{cell}</td>"
            for cell, is_right in zip(row, right, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    if not body:
        return f'<p class="empty">{escape(empty)}</p>'
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def link(href: str, text: object) -> str:
    """A link."""
    return f'<a href="{escape(href)}">{escape(text)}</a>'


def pill(status: str) -> str:
    """A status as a small label."""
    return f'<span class="pill {escape(status)}">{escape(status.replace("_", " "))}</span>'


def see_other(href: str) -> Response:
    """After a button: go and look."""
    return Response(303, headers=[("Location", href)])


def problem(text: str, *, title: str = "That did not work", status: int = 400, org: int = 0) -> Response:
    """A page that says what went wrong."""
    body = (
        f'<main class="narrow card"><h1>{escape(title)}</h1><p>{escape(text)}</p>'
        '<p><a href="/">To the company</a></p></main>'
    )
    return Page(title, body, org=org).response(status)
