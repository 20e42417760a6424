"""Rows of one generated customer and all its documents, gathered and inserted in batches."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from zoho_sandbox.company.history import HISTORY_DAYS, Credit, Story, moment, tell
from zoho_sandbox.company.profiles import Profile, profile
from zoho_sandbox.company.ranks import Ranks
from zoho_sandbox.store.contacts import contact_more, contact_row, person_row
from zoho_sandbox.store.identity import record_id
from zoho_sandbox.store.rows import (
    Customer,
    Organisation,
    creditnote_row,
    invoice_part,
    payment_row,
    shared_invoice_part,
    splice,
)
from zoho_sandbox.wire import encode

OPENING = 9 * 3600
MODES = ("Bank Transfer", "Bank Transfer", "Bank Transfer", "Check", "Credit Card")
# Tables that are filled, with the number of their columns.
TABLES = {
    "contacts": 14,
    "persons": 6,
    "invoices": 17,
    "payments": 13,
    "applications": 5,
    "creditnotes": 12,
    "credits": 5,
    "plan": 6,
}


@dataclass(frozen=True, slots=True)
class Company:
    """What determines a generated company: the same values give the same books."""

    seed: int
    customers: int
    today: date
    first_invoice_number: int = 1


def story_of(company: Company, customer: Profile, org: Organisation) -> Story:
    """A customer's story up to nine in the morning of the company's first day."""
    until = moment(company.today, OPENING, org.zone)
    start = company.today - timedelta(days=HISTORY_DAYS)
    story = tell(customer, seed=company.seed, start=start, until=until, where=org.zone)
    if customer.credit:
        day = company.today - timedelta(days=12)
        story.credits.append(Credit(moment(day, customer.pay_second, org.zone), day, 215_000, None))
        story.credits.sort(key=lambda credit: credit.at)
    if customer.archived:
        # Nobody trades with an archived customer any more; what was open stays open.
        story.plans.clear()
    return story


@dataclass(slots=True)
class Writer:
    """Gathers rows; `ranks` says which number each document has."""

    db: sqlite3.Connection
    org: Organisation
    company: Company
    ranks: dict[str, Ranks]
    currencies: dict[str, tuple[int, str, float]]
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in TABLES})

    given: Counter[str] = field(default_factory=Counter)

    def fresh(self, kind: str) -> int:
        """The next id of a kind that is numbered as it comes."""
        self.given[kind] += 1
        return record_id(self.org.id, kind, self.given[kind] - 1)

    def flush(self) -> None:
        """Insert what was gathered."""
        for table, rows in self.rows.items():
            if rows:
                self.db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * TABLES[table])})", rows)  # noqa: S608
                rows.clear()

    def customer(self, index: int) -> None:
        """Gather the rows of one customer."""
        who = profile(self.company.seed, index)
        story = story_of(self.company, who, self.org)
        identity = record_id(self.org.id, "contact", index)
        code = self._currency(who.currency)
        currency_id, symbol, rate = self.currencies[code]
        email = who.persons[0].email if who.persons else ""
        customer = Customer(
            identity,
            who.name,
            who.company,
            email,
            code,
            currency_id,
            symbol,
            rate,
            who.terms,
            who.terms_label,
            who.address,
        )
        numbers = self._invoices(index, customer, story)
        self._payments(index, customer, story, numbers)
        self._credits(index, customer, story, numbers)
        self._contact(who, customer, story)
        self.rows["plan"].extend(
            (
                None,
                plan.at,
                self.org.id,
                identity,
                plan.kind,
                encode(self._payload(index, plan.payload, numbers)),
            )
            for plan in story.plans
        )

    def _currency(self, drawn: str) -> str:
        """Profiles are drawn for a company in euro; elsewhere its own currency and the euro change places."""
        return {"EUR": self.org.currency, self.org.currency: "EUR"}.get(drawn, drawn)

    def _payload(
        self, customer: int, payload: dict[str, Any], numbers: list[tuple[int, str]]
    ) -> dict[str, Any]:
        if "wanted" in payload:
            return payload | {"customer": customer, "seed": self.company.seed}
        return payload | {"invoice": numbers[payload["index"]][0]}

    def _contact(self, who: Profile, customer: Customer, story: Story) -> None:
        org = self.org
        opened = self.company.today - timedelta(days=who.age_days)
        created = moment(opened, who.pay_second, org.zone)
        last = max((each.changed for each in story.invoices), default=created)
        # Edited once, months after it was added, or when its last document changed.
        modified = created + who.pay_second * 400 if who.index % 3 else max(created, last)
        primary = who.persons[0] if who.persons else None
        outstanding = sum(each.balance for each in story.invoices if each.state not in {"draft", "void"})
        facts = {
            "id": customer.id,
            "name": who.name,
            "company": who.company,
            "terms": who.terms,
            "status": "inactive" if who.archived else "active",
            "terms_label": who.terms_label,
            "currency": customer.currency,
            "currency_id": customer.currency_id,
            "rate": customer.rate,
            "outstanding": outstanding,
            "created": created,
            "modified": modified,
            "credits": sum(each.amount for each in story.credits if each.invoice is None),
            "first_name": primary.first_name if primary else "",
            "last_name": primary.last_name if primary else "",
            "email": customer.email,
            "phone": who.phone,
            "mobile": primary.mobile if primary else "",
        }
        more = contact_more(
            org, customer.id, address=who.address, country_code=who.country_code, notes=who.notes
        )
        persons = list(self._persons(who, customer, created))
        more["primary_contact_id"] = str(persons[0]) if persons else ""
        self.rows["contacts"].append(
            (
                customer.id,
                org.id,
                who.name,
                who.company,
                facts["first_name"],
                facts["last_name"],
                customer.email,
                facts["phone"],
                facts["status"],
                outstanding,
                created,
                modified,
                encode(contact_row(org, facts)),
                encode(more),
            )
        )

    def _persons(self, who: Profile, customer: Customer, created: int) -> Iterator[int]:
        for place, person in enumerate(who.persons):
            identity = self.fresh("person")
            row = person_row(
                self.org,
                {
                    "id": identity,
                    "contact": customer.id,
                    "contact_name": who.name,
                    "is_primary": place == 0,
                    "created": created,
                    "modified": created,
                    "salutation": person.salutation,
                    "first_name": person.first_name,
                    "last_name": person.last_name,
                    "email": person.email,
                    "phone": person.phone,
                    "mobile": person.mobile,
                    "designation": person.designation,
                    "department": person.department,
                },
            )
            self.rows["persons"].append(
                (identity, self.org.id, customer.id, place == 0, person.email, encode(row))
            )
            yield identity

    def _invoices(self, index: int, customer: Customer, story: Story) -> list[tuple[int, str]]:
        org, numbers = self.org, []
        shared = shared_invoice_part(org, customer)
        until = moment(self.company.today, OPENING, org.zone)
        for place, each in enumerate(story.invoices):
            rank = self.ranks["invoice"].rank(index, place)
            identity, number = (
                record_id(org.id, "invoice", rank),
                f"INV-{self.company.first_invoice_number + rank:06}",
            )
            numbers.append((identity, number))
            created = moment(each.issued, each.second, org.zone)
            state, viewed = each.state, created + 93_600 if rank % 5 and each.state != "draft" else 0
            viewed = viewed if viewed < until else 0
            if state == "sent" and viewed and rank % 3 == 0:
                state = "viewed"
            facts = {
                "id": identity,
                "number": number,
                "reference": each.reference,
                "date": each.issued.isoformat(),
                "due": each.due.isoformat(),
                "total": each.amount,
                "balance": each.balance,
                "created": created,
                "modified": max(each.changed, viewed),
                "viewed": viewed,
                "emailed": each.state != "draft",
                "last_payment": each.last_payment.isoformat() if each.last_payment else "",
                "written_off": each.written_off,
            }
            is_open = state in {"sent", "viewed", "partially_paid"}
            self.rows["invoices"].append(
                (
                    identity,
                    org.id,
                    customer.id,
                    customer.name,
                    number,
                    each.reference,
                    state,
                    is_open,
                    facts["date"],
                    facts["due"],
                    "",
                    each.amount,
                    each.balance,
                    created,
                    facts["modified"],
                    splice(encode(invoice_part(org, facts)), shared),
                    None,
                )
            )
        return numbers

    def _payments(self, index: int, customer: Customer, story: Story, numbers: list[tuple[int, str]]) -> None:
        org = self.org
        for place, each in enumerate(story.payments):
            rank = self.ranks["payment"].rank(index, place)
            identity, day = record_id(org.id, "payment", rank), each.day.isoformat()
            mode = MODES[(index + rank // 50) % len(MODES)]
            reference = f"SEPA {rank * 7919 % 9000 + 1000}" if mode == "Bank Transfer" else ""
            facts = {
                "id": identity,
                "number": rank + 1,
                "numbers": ", ".join(numbers[i][1] for i, _ in each.parts),
                "date": day,
                "mode": mode,
                "amount": sum(cents for _, cents in each.parts),
                "unused": 0,
                "reference": reference,
                "created": each.at,
                "modified": each.at,
            }
            self.rows["payments"].append(
                (
                    identity,
                    org.id,
                    customer.id,
                    customer.name,
                    rank + 1,
                    mode,
                    reference,
                    day,
                    facts["amount"],
                    0,
                    each.at,
                    each.at,
                    payment_row(org, customer, facts),
                )
            )
            self.rows["applications"].extend(
                (self.fresh("application"), identity, numbers[i][0], cents, day) for i, cents in each.parts
            )

    def _credits(self, index: int, customer: Customer, story: Story, numbers: list[tuple[int, str]]) -> None:
        org = self.org
        for place, each in enumerate(story.credits):
            rank = self.ranks["creditnote"].rank(index, place)
            identity, number = record_id(org.id, "creditnote", rank), f"CN-{rank + 1:05}"
            used, day = each.invoice is not None, each.day.isoformat()
            facts = {
                "id": identity,
                "number": number,
                "state": "closed" if used else "open",
                "date": day,
                "total": each.amount,
                "balance": 0 if used else each.amount,
                "created": each.at,
                "modified": each.at,
            }
            self.rows["creditnotes"].append(
                (
                    identity,
                    org.id,
                    customer.id,
                    customer.name,
                    number,
                    facts["state"],
                    day,
                    each.amount,
                    facts["balance"],
                    each.at,
                    each.at,
                    creditnote_row(org, customer, facts),
                )
            )
            if each.invoice is not None:
                self.rows["credits"].append(
                    (self.fresh("credit"), identity, numbers[each.invoice][0], each.amount, day)
                )
