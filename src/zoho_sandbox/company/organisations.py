"""Organisations, their users and their currencies."""

import sqlite3
from typing import Any
from zoneinfo import ZoneInfo

from zoho_sandbox import stamps
from zoho_sandbox.company.profiles import CURRENCIES
from zoho_sandbox.store.identity import base, record_id
from zoho_sandbox.store.rows import Organisation
from zoho_sandbox.wire import encode

FIRST_ORGANISATION = 60_001_234_567
DEFAULT_USERS = (
    ("Aoife Brennan", "aoife@northwindparts.example"),
    ("Declan Moore", "declan@northwindparts.example"),
)
DEFAULT = {
    "name": "Northwind Parts Ltd",
    "portal": "northwindparts",
    "time_zone": "Europe/Dublin",
    "country_code": "IE",
    "country": "Ireland",
    "currency": "EUR",
}
SYMBOLS = {code: symbol for code, (_, symbol, _) in CURRENCIES.items()}


def load(db: sqlite3.Connection, org: int) -> Organisation | None:
    """The organisation of that id."""
    found = db.execute(
        "SELECT name, time_zone, currency, json_extract(CAST(row AS TEXT), '$.portal_name') FROM "
        "organisations WHERE org = ?",
        (org,),
    ).fetchone()
    if found is None:
        return None
    owner = db.execute(
        "SELECT u.name, u.id FROM members m JOIN users u ON u.id = m.user WHERE m.org = ? "
        "ORDER BY m.role != 'Admin', u.id LIMIT 1",
        (org,),
    ).fetchone() or ("", 0)
    return Organisation(org, found[0], stamps.zone(found[1]), found[2], found[3], owner[0], owner[1])


def add_user(db: sqlite3.Connection, name: str, email: str) -> int:
    """Store a user; returns the id."""
    last = db.execute("SELECT coalesce(max(id), ?) FROM users", (60_001_230_000,)).fetchone()[0]
    db.execute("INSERT INTO users VALUES (?, ?, ?)", (last + 1, name, email))
    return int(last) + 1


def add_member(db: sqlite3.Connection, org: int, user: int, role: str = "Admin") -> None:
    """Let a user into an organisation; the first one is the user's default."""
    first = db.execute("SELECT count(*) FROM members WHERE user = ?", (user,)).fetchone()[0] == 0
    db.execute("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", (user, org, role, first))


def add_organisation(db: sqlite3.Connection, wanted: dict[str, Any], *, created: str) -> int:
    """Store an organisation with its currencies; returns the id. `wanted` as `DEFAULT`, all keys optional."""
    facts = DEFAULT | wanted
    last = db.execute(
        "SELECT coalesce(max(org), ?) FROM organisations", (FIRST_ORGANISATION - 1,)
    ).fetchone()[0]
    org = int(last) + 1
    ZoneInfo(facts["time_zone"])
    symbol = SYMBOLS.get(facts["currency"], facts["currency"])
    row = {
        "organization_id": str(org),
        "name": facts["name"],
        "contact_name": "",
        "email": "",
        "is_default_org": False,
        "language_code": "en",
        "fiscal_year_start_month": "1",
        "account_created_date": created,
        "time_zone": facts["time_zone"],
        "is_dst_active": True,
        "date_format": "dd MMM yyyy",
        "field_separator": " ",
        "industry_type": "",
        "industry_size": "",
        "company_id_label": "",
        "company_id_value": "",
        "tax_id_label": "",
        "tax_id_value": "",
        "currency_id": str(record_id(org, "currency", 0)),
        "currency_code": facts["currency"],
        "currency_symbol": symbol,
        "currency_format": "###,##0.00",
        "price_precision": 2,
        "plan_type": 3,
        "plan_name": "Professional",
        "plan_period": "Month",
        "country_code": facts["country_code"],
        "country_name": facts["country"],
        "portal_name": facts["portal"],
        "org_settings": {"is_org_active": True},
    }
    db.execute(
        "INSERT INTO organisations VALUES (?, ?, ?, ?, ?)",
        (org, facts["name"], facts["time_zone"], facts["currency"], encode(row)),
    )
    add_currencies(db, org, facts["currency"], created)
    return org


def add_currencies(db: sqlite3.Connection, org: int, own: str, effective: str) -> None:
    """Store the currencies an organisation uses, its own first."""
    codes = [own, *(code for code in CURRENCIES if code != own)]
    own_rate = CURRENCIES.get(own, (1.0,))[0]
    for rank, code in enumerate(codes):
        rate, symbol, name = CURRENCIES.get(code, (1.0, code, code))
        rate = 1.0 if code == own else round(rate / own_rate, 6)
        row = {
            "currency_id": str(record_id(org, "currency", rank)),
            "currency_code": code,
            "currency_name": f"{code}- {name}",
            "currency_symbol": symbol,
            "price_precision": 2,
            "currency_format": "1,234,567.89",
            "is_base_currency": code == own,
            "exchange_rate": 0 if code == own else rate,
            "effective_date": "" if code == own else effective,
        }
        db.execute(
            "INSERT INTO currencies VALUES (?, ?, ?, ?, ?, ?)",
            (record_id(org, "currency", rank), org, code, symbol, rate, encode(row)),
        )


def account_id(org: int) -> int:
    """The ledger account that payments are booked to."""
    return base(org) + 358
