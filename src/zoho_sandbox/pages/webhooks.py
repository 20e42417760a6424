"""The page of webhooks: what is set up, what was sent, and a form for one more."""

from typing import TYPE_CHECKING, Any

from zoho_sandbox.control import webhooks
from zoho_sandbox.hooks import registry
from zoho_sandbox.html import Page, button, escape, see_other, table
from zoho_sandbox.life.changes import EVENTS, KINDS
from zoho_sandbox.pages.view import View
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

SHOWN = 50


def show(view: View) -> Response:
    """`/webhooks`."""
    cells = [
        [
            escape(hook.name), f"<code>{escape(hook.url)}</code>", escape(hook.kind),
            escape(hook.events.replace(",", ", ")), "yes" if hook.secret else "no",
            button("/webhooks/remove", "Remove", kind="danger", hook=hook.id),
        ]
        for hook in registry.hooks(view.db)
    ]  # fmt: skip
    heads = ["Name", "Address", "Of", "When", "Signed", ""]
    held = table(heads, cells, empty="No webhook is set up.")
    sent = table(
        ["Webhook", "Record", "What happened", "State", "Tries>", "Last answer"],
        [
            [escape(each["name"]), f"{escape(each['kind'])} {escape(each['record'])}", escape(each["event"]),
             escape(each["state"]), escape(each["tries"]), escape(each["answer"]) or "—"]
            for each in registry.deliveries(view.db, SHOWN)
        ],
        empty="Nothing was sent yet.",
    )  # fmt: skip
    body = f"""<main><h1>Webhooks</h1><div class="card">{held}</div>
<section class="card"><h2>One more</h2>{_form(view)}</section>
<section class="card"><h2>Sent</h2>{sent}</section></main>"""
    return Page("Webhooks", body, org=view.org.id, here="Webhooks").response()


def _form(view: View) -> str:
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    events = "".join(
        f'<label><input type="checkbox" name="on_{event}" value="1" checked> {event}</label>'
        for event in EVENTS
    )
    return f"""<form method="post" action="/webhooks/add" class="deeds">
<input type="hidden" name="organisation" value="{view.org.id}">
<label>Address <input name="url" type="url" required placeholder="https://…"></label>
<label>Of each <select name="kind">{kinds}</select></label>
<label>Secret <input name="secret" type="text" pattern="[A-Za-z0-9]{{12,50}}"
title="12 to 50 letters and digits"></label>
<label>Body <select name="body"><option>json</option><option>form</option></select></label>
{events}<button type="submit" class="primary">Set up</button></form>"""


def add(sandbox: "Sandbox", request: Request) -> Response:
    """Set up a webhook."""
    form = request.form
    given: dict[str, Any] = {
        name: form[name] for name in ("organisation", "url", "kind", "secret", "body") if name in form
    }
    events = [event for event in EVENTS if form.get(f"on_{event}")]
    if not events:
        message = "Choose at least one of the events."
        raise ValueError(message)
    webhooks.add(sandbox, given | {"events": events})
    return see_other("/webhooks")


def remove(sandbox: "Sandbox", request: Request) -> Response:
    """Remove a webhook."""
    webhooks.remove(sandbox, {"hook": request.form["hook"]})
    return see_other("/webhooks")
