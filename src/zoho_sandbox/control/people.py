"""Control of organisations and their users."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfoNotFoundError

from zoho_sandbox import stamps
from zoho_sandbox.company import build, organisations
from zoho_sandbox.company.writer import Company
from zoho_sandbox.control.life import identity
from zoho_sandbox.life.books import LifeError
from zoho_sandbox.oauth.consent import MODULES

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

MOST_CUSTOMERS = 100_000


def listed(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001 all control calls look alike
    """All organisations with their users."""
    with sandbox.database.reading() as db:
        orgs = db.execute("SELECT org, name, time_zone, currency FROM organisations ORDER BY org").fetchall()
        members = db.execute(
            "SELECT m.org, u.id, u.name, u.email, m.role FROM members m JOIN users u ON u.id = m.user "
            "ORDER BY m.org, u.id"
        ).fetchall()
    return {
        "organisations": [
            {
                "organization_id": str(org), "name": name, "time_zone": zone, "currency": currency,
                "users": [
                    {"user_id": user, "name": who, "email": email, "role": role}
                    for of, user, who, email, role in members if of == org
                ],
            }
            for org, name, zone, currency in orgs
        ]
    }  # fmt: skip


def add(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Add an organisation.

    Takes name; may have time_zone, currency, country, country_code, portal, customers, seed, and its user's `user`
    (name) and `email`. A known address becomes member of one more organisation.
    """
    email = str(given.get("email", "owner@second.example"))
    count, seed = int(given.get("customers", 0)), int(given.get("seed", 2))
    if not 0 <= count <= MOST_CUSTOMERS:
        raise LifeError(f"Give between 0 and {MOST_CUSTOMERS} customers.")
    facts = {key: str(given[key]) for key in organisations.DEFAULT if key in given}
    now = sandbox.clock.now()
    with sandbox.database.writing() as db:
        found = db.execute("SELECT id FROM users WHERE email = ?", (email,)).fetchone()
        user = (
            found[0] if found else organisations.add_user(db, str(given.get("user", "Second Owner")), email)
        )
        try:
            created = stamps.local_day(now, stamps.zone("UTC")).isoformat()
            org = organisations.add_organisation(
                db, {"name": str(given["name"]), "portal": f"org{user}", **facts}, created=created
            )
        except (ZoneInfoNotFoundError, ValueError):
            raise LifeError(f"There is no time zone “{facts.get('time_zone')}”.") from None
        organisations.add_member(db, org, user)
        if count and (made := organisations.load(db, org)):
            build.write(db, made, Company(seed, count, stamps.local_day(now, made.zone)))
    sandbox.plans_changed()
    return {"organization_id": str(org), "user_id": user}


def add_user(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Add a user to an organisation: name, email; may have role."""
    with sandbox.database.writing() as db:
        books = sandbox.books(db, identity(given, "organisation") if "organisation" in given else None)
        user = organisations.add_user(db, str(given["name"]), str(given["email"]))
        organisations.add_member(db, books.org.id, user, str(given.get("role", "Staff")))
    return {"user_id": user}


def deny(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """A user's role lacks `modules` from now on, such as invoices; an empty list gives all back."""
    modules = given["modules"]
    if not isinstance(modules, list) or not set(map(str, modules)) <= MODULES.keys():
        raise LifeError(f"Give modules as a list of {', '.join(MODULES)}.")
    with sandbox.database.writing() as db:
        books = sandbox.books(db, identity(given, "organisation") if "organisation" in given else None)
        found = db.execute(
            "SELECT id FROM users WHERE ? IN (CAST(id AS TEXT), email)", (str(given["user"]),)
        ).fetchone()
        if found is None:
            raise LifeError("There is no user with this id or e-mail address.")
        db.execute("DELETE FROM denied WHERE user = ? AND org = ?", (found[0], books.org.id))
        db.executemany(
            "INSERT INTO denied VALUES (?, ?, ?)", [(found[0], books.org.id, each) for each in modules]
        )
    return {"user_id": found[0], "denied": modules}


def leave(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """A user (id or e-mail address) leaves an organisation: tokens stay good and reach it no more."""
    with sandbox.database.writing() as db:
        books = sandbox.books(db, identity(given, "organisation") if "organisation" in given else None)
        left = db.execute(
            "DELETE FROM members WHERE org = ? AND user IN (SELECT id FROM users WHERE ? IN (CAST(id AS TEXT), email))",
            (books.org.id, str(given["user"])),
        ).rowcount
    if not left:
        raise LifeError("There is no such user in this organisation.")
    return {"left": left}
