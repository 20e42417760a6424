"""Write a generated company into the tables: customer by customer, so that memory stays flat."""

import sqlite3
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from zoho_sandbox.company.history import HISTORY_DAYS, Credit, Story, moment, tell
from zoho_sandbox.company.profiles import Profile, profile
from zoho_sandbox.store.contacts import contact_more, contact_row, person_row
from zoho_sandbox.store.identity import next_id, record_id
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
BATCH = 500
MODES = ("Bank Transfer", "Bank Transfer", "Bank Transfer", "Check", "Credit Card")
INSERT = {
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


@dataclass(slots=True)
class Ranks:
    """Where each document of each customer stands in the order of time, over the whole company."""

    packed: "array[int]" = field(default_factory=lambda: array("Q"))
    offsets: "array[int]" = field(default_factory=lambda: array("L", [0]))
    order: "array[int]" = field(default_factory=lambda: array("L"))

    def add(self, customer: int, moments: list[int]) -> None:
        """Note a customer's documents; customers come in their order."""
        self.packed.extend(at << 24 | customer for at in moments)
        self.offsets.append(self.offsets[-1] + len(moments))

    def settle(self) -> int:
        """Work out the ranks; returns how many documents there are."""
        seen = array("L", self.offsets[:-1])
        self.order = array("L", bytes(array("L").itemsize * len(self.packed)))
        for rank, packed in enumerate(sorted(self.packed)):
            customer = packed & 0xFFFFFF
            self.order[seen[customer]] = rank
            seen[customer] += 1
        self.packed = array("Q")
        return len(self.order)

    def rank(self, customer: int, place: int) -> int:
        """The rank of a customer's document, counted from 0."""
        return self.order[self.offsets[customer] + place]


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


def write(
    db: sqlite3.Connection, org: Organisation, company: Company, progress: Callable[[int], None] | None = None
) -> None:
    """Write the company's customers and documents. `progress` is told how many customers are done."""
    currencies = {
        code: (identity, symbol, rate)
        for identity, code, symbol, rate in db.execute(
            "SELECT id, code, symbol, rate FROM currencies WHERE org = ?", (org.id,)
        )
    }
    ranks = {"invoice": Ranks(), "payment": Ranks(), "creditnote": Ranks()}
    for index in range(company.customers):
        story = story_of(company, profile(company.seed, index), org)
        ranks["invoice"].add(index, [moment(each.issued, each.second, org.zone) for each in story.invoices])
        ranks["payment"].add(index, [each.at for each in story.payments])
        ranks["creditnote"].add(index, [each.at for each in story.credits])
    counts = {kind: each.settle() for kind, each in ranks.items()}
    for kind, count in counts.items():
        first = company.first_invoice_number - 1 if kind == "invoice" else 0
        db.execute("INSERT INTO counters VALUES (?, ?, ?)", (org.id, kind, count))
        db.execute("INSERT INTO counters VALUES (?, ?, ?)", (org.id, f"{kind} number", count + first))
    db.execute("INSERT INTO counters VALUES (?, 'contact', ?)", (org.id, company.customers))
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in INSERT}
    writer = _Writer(db, org, company, ranks, currencies, rows)
    for index in range(company.customers):
        writer.customer(index)
        if index % BATCH == BATCH - 1:
            writer.flush()
            if progress:
                progress(index + 1)
    writer.flush()


@dataclass(slots=True)
class _Writer:
    db: sqlite3.Connection
    org: Organisation
    company: Company
    ranks: dict[str, Ranks]
    currencies: dict[str, tuple[int, str, float]]
    rows: dict[str, list[tuple[Any, ...]]]

    def flush(self) -> None:
        for table, rows in self.rows.items():
            if rows:
                self.db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * INSERT[table])})", rows)  # noqa: S608
                rows.clear()

    def customer(self, index: int) -> None:
        who = profile(self.company.seed, index)
        story = story_of(self.company, who, self.org)
        identity = record_id(self.org.id, "contact", index)
        currency_id, symbol, rate = self.currencies[who.currency]
        email = who.persons[0].email if who.persons else ""
        customer = Customer(
            identity,
            who.name,
            who.company,
            email,
            who.currency,
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
            "currency": who.currency,
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
            identity = next_id(self.db, self.org.id, "person")
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
                (next_id(self.db, org.id, "application"), identity, numbers[i][0], cents, day)
                for i, cents in each.parts
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
                    (next_id(self.db, org.id, "credit"), identity, numbers[each.invoice][0], each.amount, day)
                )
