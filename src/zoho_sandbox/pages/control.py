"""Connected apps, users, and the weather: faults and limits."""

from zoho_sandbox.html import Page, button, escape, table
from zoho_sandbox.oauth.consent import scope_words
from zoho_sandbox.pages.view import View, moment_words
from zoho_sandbox.wire import Response


def apps(view: View) -> Response:
    """`/apps`: who holds a refresh token."""
    rows = view.db.execute(
        "SELECT r.token, c.name, u.name, r.scope, r.created FROM refresh_tokens r JOIN users u ON u.id = r.user "
        "JOIN clients c ON c.id = r.client ORDER BY r.rowid DESC"
    )
    cells = [
        [
            f"<strong>{escape(app)}</strong>",
            escape(user),
            "<br>".join(map(escape, scope_words(scope))),
            moment_words(int(created), view),
            button("/apps/revoke", "Revoke", kind="danger", token=token),
        ]
        for token, app, user, scope, created in rows
    ]
    clients = view.db.execute("SELECT id, name, redirects FROM clients ORDER BY name").fetchall()
    registered = table(
        ["App", "Client id", "Redirect addresses"],
        [
            [escape(name), f"<code>{escape(each)}</code>", escape(addresses) or "any on this machine"]
            for each, name, addresses in clients
        ],
        empty="No app.",
    )
    held = table(["App", "User", "May see", "Since", ""], cells, empty="No app is connected.")
    centres = table(
        ["Data centre", "Address"],
        [
            [escape(name), f"<code>{escape(url)}</code>"]
            for name, url in view.sandbox.centres.listed().items()
        ],
        empty="No data centre.",
    )
    body = f"""<main><h1>Connected apps</h1><div class="card">{held}</div>
<section class="card"><h2>Data centres</h2>{centres}</section>
<section class="card"><h2>Registered apps</h2>{registered}</section></main>"""
    return Page("Connected apps", body, org=view.org.id, here="Connected apps").response()


def users(view: View) -> Response:
    """`/users`: who may log in, and where they belong."""
    rows = view.db.execute(
        "SELECT u.id, u.name, u.email, o.org, o.name, m.role FROM users u LEFT JOIN members m ON m.user = u.id "
        "LEFT JOIN organisations o ON o.org = m.org ORDER BY u.id, o.org"
    )
    cells = [
        [
            escape(name), escape(email), escape(org_name or "no organisation"), escape(role or ""),
            button("/users/leave", "Leave", kind="danger", user=user, org=org) if org else "",
        ]
        for user, name, email, org, org_name, role in rows
    ]  # fmt: skip
    listed = table(["User", "E-mail", "Organisation", "Role", ""], cells, empty="No user.")
    return Page(
        "Users",
        f'<main><h1>Users</h1><div class="card">{listed}</div></main>',
        org=view.org.id,
        here="Users",
    ).response()


def weather(view: View) -> Response:
    """`/weather`: one-off faults, and the limits."""
    sandbox = view.sandbox
    faults = table(
        ["Path", "Kind", "Status>", "Times>"],
        [[f"<code>{escape(each.path or 'any')}</code>", each.kind, str(each.status),
          "always" if each.count < 0 else str(each.count)]
         for each in sandbox.faults.listed()],
        empty="No fault is set.",
    )  # fmt: skip
    once = "".join(
        button("/weather/fault", label, kind_=kind, status=status)
        for label, kind, status in (
            ("Next call: 503 with HTML", "html", 503), ("Next call: 500", "status", 500),
            ("Next call: cut off", "cut", 200), ("Next call: half a JSON", "malformed", 200),
            ("Next call: 3 s slow", "slow", 200),
        )
    )  # fmt: skip
    counts = ", ".join(f"{times} with code {code}" for code, times in sorted(sandbox.limits.refused.items()))
    refused = f" Refused: {counts}." if counts else ""
    limited = sandbox.switches.enforce_limits
    limit = button(
        "/weather/limits", "Stop enforcing limits" if limited else "Enforce limits", on="" if limited else "1"
    )
    body = f"""<main><h1>Faults and limits</h1>
<section class="card"><h2>Faults</h2>
<div class="actions">{once}{button("/weather/clear", "Clear all")}</div>{faults}</section>
<section class="card"><h2>Limits</h2><p>{sandbox.limits.used(view.org.id)} calls of {sandbox.switches.per_day} today,
{"enforced" if limited else "counted only"}.{refused}</p><div class="actions">{limit}</div></section>
<p class="muted">How else this Zoho Books can behave is set under <a href="/switches">Switches</a>; what a client asked
wrongly stands under <a href="/mistakes">Asked wrongly</a>.</p></main>"""
    return Page("Faults and limits", body, org=view.org.id, here="Faults and limits").response()
