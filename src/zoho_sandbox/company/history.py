"""What happened between a customer and the company: invoices, payments and credits, past and planned.

Pure and repeatable: the same seed, customer and first day give the same story. A story is told up to a moment;
what comes later is returned as plans, which `life.plan` carries out when the clock passes them.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from zoho_sandbox.company.payers import FAILING_FROM, draw_delay, paying_day
from zoho_sandbox.company.profiles import MONTH_END, NEXT_MONTH_END, Profile

HISTORY_DAYS = 430
SATURDAY = 5
# Shares of demo-company.md. A draft stays one; a void or written-off invoice is never paid.
DRAFTS, VOID, WRITTEN_OFF, DISPUTED, IN_TWO_PARTS = 0.03, 0.01, 0.007, 0.04, 0.055
CREDITED_AFTER_DISPUTE, NEVER_PAID = 0.40, 1 / 3
# Goods that come back bring all credit notes to 5 % of documents; a third of these are not applied to anything.
RETURNS, UNUSED_RETURNS = 0.034, 0.35
WITH_REFERENCE = 0.6


@dataclass(slots=True)
class Deed:
    """Something that is to happen to an invoice: `pay` and `credit` carry cents, `void` and `write_off` nothing."""

    day: date
    kind: str
    amount: int = 0


@dataclass(slots=True)
class Invoice:
    """An invoice as drawn: its dates, its amount in cents, its fate."""

    index: int
    issued: date
    second: int
    due: date
    amount: int
    is_draft: bool
    reference: str
    deeds: list[Deed]
    # Filled while the story is told.
    balance: int = 0
    state: str = "sent"
    changed: int = 0
    last_payment: date | None = None
    written_off: int = 0


@dataclass(slots=True)
class Payment:
    """Money received on one day for one or more invoices: (invoice index, cents)."""

    at: int
    day: date
    parts: list[tuple[int, int]]


@dataclass(slots=True)
class Credit:
    """A credit note; `invoice` is the index of the invoice it is applied to, None while it is unused."""

    at: int
    day: date
    amount: int
    invoice: int | None


@dataclass(slots=True)
class Plan:
    """Something to happen later; `payload` is what `life.plan` needs for it."""

    at: int
    kind: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Story:
    """All that happened to one customer until a moment, and all that is planned."""

    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)


def moment(day: date, second: int, where: ZoneInfo) -> int:
    """Epoch seconds of a local day and second of the day."""
    clock = time(second // 3600, second // 60 % 60, second % 60)
    return int(datetime.combine(day, clock, where).timestamp())


def due_date(issued: date, terms: int) -> date:
    """The due date by the terms, which are days or one of Zoho's negative codes."""
    if terms >= 0:
        return issued + timedelta(days=terms)
    months = issued.month + (1 if terms == MONTH_END else 2 if terms == NEXT_MONTH_END else 1)
    return date(issued.year + (months - 1) // 12, (months - 1) % 12 + 1, 1) - timedelta(days=1)


def first_issue(customer: Profile, seed: int, start: date) -> float:
    """The day (as an ordinal with a fraction) of the customer's first invoice."""
    rng = Random((seed << 25) + customer.index)
    return start.toordinal() + rng.random() * 365 / customer.per_year


def draw_invoice(
    customer: Profile, seed: int, index: int, wanted: float, memory: float
) -> tuple[Invoice, float, float]:
    """Draw invoice `index`, to be issued about `wanted`; returns it, the next wanted day, and the payer's memory."""
    rng = Random((((seed << 24) + customer.index) << 20) + index)
    issued = date.fromordinal(int(wanted))
    if issued.weekday() >= SATURDAY:
        issued += timedelta(days=7 - issued.weekday())
    gap = 365 / customer.per_year
    following = wanted + (gap if customer.fixed_amount else gap * min(rng.expovariate(1.0), 4.0) + 0.01)
    amount = customer.fixed_amount or max(500, round(math.exp(rng.gauss(customer.usual, 0.6)) * 20) * 5)
    due = due_date(issued, customer.terms)
    reference = f"PO-{rng.randrange(1000, 9999)}" if rng.random() < WITH_REFERENCE else ""
    drawn = Invoice(
        index, issued, rng.randrange(30600, 63000), due, amount, rng.random() < DRAFTS, reference, []
    )
    delay, memory = draw_delay(customer.payer, rng, index=index, memory=memory, due=due)
    if not drawn.is_draft:
        drawn.deeds = _deeds(customer, rng, drawn, delay)
    return drawn, following, memory


def _deeds(customer: Profile, rng: Random, invoice: Invoice, delay: int) -> list[Deed]:
    """What the customer and the company will do about an invoice."""
    earliest = invoice.issued + timedelta(days=1)
    chance = rng.random()
    if chance < VOID:
        return [Deed(invoice.issued + timedelta(days=rng.randrange(1, 12)), "void")]
    if chance < VOID + WRITTEN_OFF:
        return [Deed(invoice.due + timedelta(days=rng.randrange(90, 200)), "write_off")]
    if customer.payer.kind.name == "failing" and invoice.index >= FAILING_FROM and rng.random() < NEVER_PAID:
        return []
    wanted = invoice.due + timedelta(days=delay)
    if rng.random() < DISPUTED:
        wanted = max(wanted, invoice.due) + timedelta(days=10 + round(rng.expovariate(1 / 15)))
        paid = paying_day(customer.payer, wanted, earliest=earliest)
        if rng.random() < CREDITED_AFTER_DISPUTE:
            credit = round(invoice.amount * rng.betavariate(1.2, 3))
            return [
                Deed(max(paid - timedelta(days=6), earliest), "credit", credit),
                Deed(paid, "pay", invoice.amount - credit),
            ]
        return [Deed(paid, "pay", invoice.amount)]
    paid = paying_day(customer.payer, wanted, earliest=earliest)
    if rng.random() < IN_TWO_PARTS:
        first = round(invoice.amount * min(max(rng.betavariate(0.7, 0.7), 0.05), 0.95))
        rest = paid + timedelta(days=1 + round(rng.expovariate(1 / 25)))
        rest = paying_day(customer.payer, rest, earliest=paid + timedelta(days=1))
        return [Deed(paid, "pay", first), Deed(rest, "pay", invoice.amount - first)]
    deeds = [Deed(paid, "pay", invoice.amount)]
    if rng.random() < RETURNS:
        # Goods came back: a credit note beside the invoice, some of them never applied to anything.
        share = round(invoice.amount * rng.betavariate(1.2, 4))
        day = min(paid, invoice.issued + timedelta(days=rng.randrange(3, 20)))
        if rng.random() < UNUSED_RETURNS:
            deeds.insert(0, Deed(day, "unused_credit", share))
        else:
            deeds = [Deed(day, "credit", share), Deed(paid, "pay", invoice.amount - share)]
    return deeds


def tell(customer: Profile, *, seed: int, start: date, until: int, where: ZoneInfo) -> Story:
    """Tell a customer's story from `start` up to the moment `until`."""
    story, wanted, memory = Story(), first_issue(customer, seed, start), 0.0
    days: dict[tuple[int, str], list[tuple[int, Deed]]] = defaultdict(list)
    index = 0
    while True:
        invoice, following, after = draw_invoice(customer, seed, index, wanted, memory)
        at = moment(invoice.issued, invoice.second, where)
        if at > until:
            story.plans.append(Plan(at, "issue", {"index": index, "wanted": wanted, "memory": memory}))
            break
        invoice.balance, invoice.changed = invoice.amount, at
        if invoice.is_draft:
            invoice.state = "draft"
        story.invoices.append(invoice)
        for deed in invoice.deeds:
            days[moment(deed.day, customer.pay_second, where), deed.kind].append((index, deed))
        wanted, memory, index = following, after, index + 1
    # Credits of a second come before its payments, as the names happen to sort.
    for (at, kind), deeds in sorted(days.items()):
        if at > until:
            story.plans.extend(Plan(at, kind, {"index": i, "amount": deed.amount}) for i, deed in deeds)
        else:
            _carry_out(story, at, kind, deeds)
    return story


def _carry_out(story: Story, at: int, kind: str, deeds: list[tuple[int, Deed]]) -> None:
    """Let the deeds of one kind and moment happen to the invoices of a story."""
    parts = []
    for index, deed in deeds:
        invoice = story.invoices[index]
        if kind == "unused_credit":
            story.credits.append(Credit(at, deed.day, deed.amount, None))
            continue
        invoice.changed = max(at, invoice.changed)
        if kind == "void":
            invoice.state, invoice.balance = "void", 0
        elif kind == "write_off":
            invoice.state, invoice.written_off, invoice.balance = "paid", invoice.balance, 0
        else:
            amount = min(deed.amount, invoice.balance)
            invoice.balance -= amount
            invoice.state = "paid" if invoice.balance == 0 else "partially_paid"
            if kind == "credit":
                story.credits.append(Credit(at, deed.day, amount, index))
            else:
                invoice.last_payment = deed.day
                parts.append((index, amount))
    if parts:
        story.payments.append(Payment(at, deeds[0][1].day, parts))
