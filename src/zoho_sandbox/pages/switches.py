"""The page of switches, in words, each with a form that sets it; and the page of what a client asked wrongly."""

from typing import TYPE_CHECKING, Any

import msgspec

from zoho_sandbox.control import running
from zoho_sandbox.html import Page, button, escape, see_other, table
from zoho_sandbox.pages.view import View
from zoho_sandbox.switch_words import GROUPS
from zoho_sandbox.switches import Switches
from zoho_sandbox.unknown import KINDS
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox


def _types() -> dict[str, msgspec.inspect.Type]:
    known = msgspec.inspect.type_info(Switches)
    return (
        {each.name: each.type for each in known.fields}
        if isinstance(known, msgspec.inspect.StructType)
        else {}
    )


TYPES = _types()


def show(view: View) -> Response:
    """`/switches`."""
    usual = Switches()
    parts = []
    for group, words in GROUPS.items():
        rows = []
        for name, sentence in words.items():
            value = getattr(view.sandbox.switches, name)
            changed = "" if value == getattr(usual, name) else " <strong>(changed)</strong>"
            told = f"<p>{escape(sentence)}{changed}<br><code>{name}</code></p>"
            rows.append(f'<div class="switch">{told}{_form(name, value)}</div>')
        parts.append(f'<section class="card"><h2>{group}</h2>{"".join(rows)}</section>')
    body = f"""<main><h1>Switches</h1>
<p class="muted">How this Zoho Books behaves where the real one is uncertain, or has a bad day. Programs set them with
<code>POST /sandbox/api/switches</code>.</p>
<div class="actions">{button("/switches/usual", "All as usual")}</div>{"".join(parts)}</main>"""
    return Page("Switches", body, org=view.org.id, here="Switches").response()


def _form(name: str, value: Any) -> str:
    kind = TYPES[name]
    label = f'aria-label="{name}" name="value"'
    if isinstance(kind, msgspec.inspect.BoolType):
        flip = button(
            "/switches", "Set to no" if value else "Set to yes", name=name, value=str(not value).lower()
        )
        return f'<div class="set"><span>{"yes" if value else "no"}</span>{flip}</div>'
    if isinstance(kind, msgspec.inspect.LiteralType):
        options = "".join(
            f"<option{' selected' if each == value else ''}>{escape(each)}</option>" for each in kind.values
        )
        field = f"<select {label}>{options}</select>"
    else:
        text = ", ".join(value) if isinstance(value, list) else value
        field = f'<input {label} type="text" value="{escape(text)}">'
    return (
        f'<form method="post" action="/switches" class="set"><input type="hidden" name="name" value="{name}">'
        f'{field}<button type="submit">Set</button></form>'
    )


def set_one(sandbox: "Sandbox", request: Request) -> Response:
    """Set one switch, from what a person typed."""
    name, text = request.form.get("name", ""), request.form.get("value", "").strip()
    if name not in TYPES:
        message = "There is no such switch."
        raise ValueError(message)
    running.set_switches(sandbox, {name: _read(TYPES[name], text)})
    return see_other("/switches")


def _read(kind: msgspec.inspect.Type, text: str) -> object:
    if isinstance(kind, msgspec.inspect.ListType):
        return [each.strip() for each in text.split(",") if each.strip()]
    if isinstance(kind, msgspec.inspect.LiteralType) and text in kind.values:
        return text
    try:
        # Numbers, true and false are written as in JSON.
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def set_usual(sandbox: "Sandbox", request: Request) -> Response:  # noqa: ARG001 all actions look alike
    """Set all switches back."""
    running.set_switches(sandbox, msgspec.to_builtins(Switches()))
    return see_other("/switches")


def mistakes(view: View) -> Response:
    """`/mistakes`: what a client asked wrongly."""
    cells = [
        [f"<code>{escape(each['what'])}</code>", escape(KINDS[str(each["kind"])]), escape(each["times"])]
        for each in view.sandbox.unknown.listed()
    ]
    listed = table(["What", "Why it is wrong", "Times>"], cells, empty="Nothing. Every call was a right one.")
    body = f"""<main><h1>What a client asked wrongly</h1>
<p class="muted">Zoho often says nothing when a call is wrong: a misspelt parameter is passed over, and the answer is
not the one that was meant. Here each is kept, since the sandbox started.</p>
<div class="card">{listed}</div><div class="actions">{button("/mistakes/forget", "Forget them")}</div></main>"""
    return Page("What a client asked wrongly", body, org=view.org.id, here="Asked wrongly").response()


def forget_mistakes(sandbox: "Sandbox", request: Request) -> Response:  # noqa: ARG001 all actions look alike
    """Start afresh."""
    sandbox.unknown.forget()
    return see_other("/mistakes")
