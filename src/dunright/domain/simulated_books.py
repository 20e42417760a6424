"""Books that live in memory: what a scenario's events do to invoices, customers and the organisation.

State is kept as the very facts that `decide` takes; an event replaces them.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from dunright.domain.chasing import after_step, consumed_by_hand
from dunright.domain.facts import CustomerFacts, InvoiceFacts, OrganisationFacts, PersonFacts, Until
from dunright.domain.messages import Draft, Line
from dunright.domain.money import EXACT
from dunright.domain.recipients import address_keys, recipients_of
from dunright.domain.scenario import Scenario
from dunright.domain.scenario_events import Event
from dunright.domain.scenario_parts import NOT_CHASED, ScenarioCustomer, ScenarioInvoice
from dunright.domain.schedules import Level, Schedule


@dataclass(slots=True, eq=False)
class BookedInvoice:
    facts: InvoiceFacts
    customer: "BookedCustomer"
    place: int
    """In the order of the file."""
    exists_on: date
    schedule_name: str | None
    was_open: bool
    """Whether it was ever anything but a draft."""
    decision: tuple[str, str | None, str | None] = ("wait", None, None)
    """Verdict, reason and until, as the latest run wrote them."""

    def change(self, **changes: Any) -> None:
        """Replace some of the facts; the customer is decided afresh."""
        self.facts = replace(self.facts, **changes)
        self.customer.is_changed = True

    def settle(self, amount: Decimal) -> None:
        """Plain arithmetic, also while closed and below zero (chasing-rules.md 1)."""
        self.change(balance=EXACT.subtract(self.facts.balance, amount))


@dataclass(slots=True, eq=False)
class BookedCustomer:
    id: str
    persons: tuple[PersonFacts, ...]
    chasing: bool
    schedule_name: str | None
    invoices: list[BookedInvoice] = field(default_factory=list)
    """Those that exist, in the order of the file."""
    hold: Until | None = None
    credits: dict[str, Decimal] = field(default_factory=dict)
    last_message_at: datetime | None = None
    """Local wall time of the last chasing message."""
    is_changed: bool = True
    """Whether a fact changed since the latest decision."""
    unchanged_before: date | None = None
    """See `CustomerDecision.unchanged_before`."""

    def facts(self) -> CustomerFacts:
        """What `decide` takes."""
        return CustomerFacts(
            id=self.id,
            invoices=tuple(invoice.facts for invoice in self.invoices),
            persons=self.persons,
            chasing=self.chasing,
            hold=self.hold,
            credits=dict(self.credits),
            last_message_on=None if self.last_message_at is None else self.last_message_at.date(),
        )


class Books:
    """The state of a scenario's organisation, its customers and its invoices at one moment."""

    def __init__(self, scenario: Scenario) -> None:
        self.settings = scenario.organisation
        self.paused: Until | None = None
        self.disconnected = False
        self.schedules = {schedule.name: schedule for schedule in scenario.schedules}
        self.default = next((s.name for s in scenario.schedules if s.default), None)
        self.archived: set[str] = set()
        self.customers = {given.id: _booked_customer(given) for given in scenario.customers}
        self.invoices: dict[str, BookedInvoice] = {}
        self.existing: list[BookedInvoice] = []
        """Invoices that exist, in the order of the file."""
        self._arriving: list[BookedInvoice] = []
        """Those still to come, the next one last."""
        self._spent: set[str] = set()
        self._spent_on: date | None = None
        for given in scenario.invoices:
            self._book(given)

    def organisation_facts(self) -> OrganisationFacts:
        """What `decide` takes; data is fresh whenever the books are connected."""
        return OrganisationFacts(self.settings.policy, self.paused, self.disconnected)

    def spent(self, day: date) -> set[str]:
        """Keys of the addresses that had a chasing message on this day."""
        if day != self._spent_on:
            self._spent, self._spent_on = set(), day
        return self._spent

    def arrive(self, day: date) -> None:
        """Let the invoices exist that are seen on this day or before."""
        while self._arriving and self._arriving[-1].exists_on <= day:
            invoice = self._arriving.pop()
            insort(self.existing, invoice, key=_place)
            insort(invoice.customer.invoices, invoice, key=_place)
            invoice.customer.is_changed = True

    def apply(self, event: Event) -> None:
        """Apply one event."""
        _APPLY[event.type](self, event.values, event.at)

    def sent(self, message: Draft, at: datetime) -> None:
        """A message was sent at this local wall time: its steps are consumed, its addresses spent."""
        customer = self.customers[message.customer_id]
        for line in message.lines:
            if line.step is not None:
                invoice = self.invoices[line.invoice.id]
                invoice.facts = after_step(invoice.facts, line, on=at.date())
        customer.last_message_at = at
        customer.is_changed = True
        self.spent(at.date()).update(message.address_keys)

    def schedule_in_force(self, invoice: BookedInvoice) -> Schedule | None:
        """The nearest of invoice, customer and default decides; one that is gone is never replaced."""
        name = invoice.schedule_name or invoice.customer.schedule_name or self.default
        if name is None or name == NOT_CHASED or name in self.archived:
            return None
        return self.schedules[name]

    def find_schedules(self, invoices: Iterable[BookedInvoice]) -> None:
        """Find the schedule in force of these invoices again."""
        for invoice in invoices:
            schedule = self.schedule_in_force(invoice)
            if schedule is not invoice.facts.schedule:
                invoice.change(schedule=schedule)

    def change_all(self) -> None:
        """Something of the organisation changed: every customer is decided afresh."""
        for customer in self.customers.values():
            customer.is_changed = True

    def book(self, given: ScenarioInvoice, day: date) -> None:
        """Enter an invoice that comes by an event on this day."""
        self._book(given, not_before=day)
        self.arrive(day)

    def _book(self, given: ScenarioInvoice, *, not_before: date = date.min) -> None:
        is_paid = given.status == "paid"
        customer = self.customers[given.customer]
        facts = InvoiceFacts(
            id=given.id,
            number=given.number,
            issued=given.issued,
            seen=given.seen,
            due=given.due,
            # Paid is a matter of the balance: a payment that is reversed opens the invoice again (R7).
            status="open" if is_paid else given.status,
            balance=Decimal(0) if is_paid else given.total,
            currency=given.currency,
            rate=given.rate,
            schedule=None,
        )
        exists_on = max(given.seen, not_before)
        invoice = BookedInvoice(
            facts, customer, len(self.invoices), exists_on, given.schedule, was_open=given.status != "draft"
        )
        self.find_schedules([invoice])
        self.invoices[given.id] = invoice
        insort(self._arriving, invoice, key=_arrives_last)


def _booked_customer(given: ScenarioCustomer) -> BookedCustomer:
    return BookedCustomer(given.id, given.persons, given.chasing, given.schedule)


def _place(invoice: BookedInvoice) -> int:
    return invoice.place


def _arrives_last(invoice: BookedInvoice) -> tuple[int, int]:
    return -invoice.exists_on.toordinal(), -invoice.place


Values = Mapping[str, Any]


def _comes(books: Books, values: Values, at: datetime) -> None:
    books.book(values["invoice"], at.date())


def _payment(books: Books, values: Values, _: datetime) -> None:
    invoice = books.invoices[values["invoice"]]
    invoice.settle(values["amount"])
    # A payment under way holds until the next payment on that invoice, also a part.
    invoice.change(payment_pending=False)


def _applied(books: Books, values: Values, _: datetime) -> None:
    books.invoices[values["invoice"]].settle(values["amount"])


def _taken_back(books: Books, values: Values, _: datetime) -> None:
    books.invoices[values["invoice"]].settle(-values["amount"])


def _credit(books: Books, values: Values, _: datetime) -> None:
    customer, code = books.customers[values["customer"]], values["currency"]
    customer.credits[code] = EXACT.add(customer.credits.get(code, Decimal(0)), values["amount"])
    customer.is_changed = True


def _reopen(books: Books, values: Values, at: datetime) -> None:
    invoice = books.invoices[values["invoice"]]
    if not invoice.was_open:
        # A draft that is opened is first seen open that day.
        invoice.was_open = True
        invoice.change(seen=max(at.date(), invoice.exists_on))
    invoice.change(status="open")


def _set(**changes: Any) -> Callable[[Books, Values, datetime], None]:
    """Facts of an invoice, set to these values."""

    def apply(books: Books, values: Values, _: datetime) -> None:
        books.invoices[values["invoice"]].change(**changes)

    return apply


def _take(fact: str, key: str) -> Callable[[Books, Values, datetime], None]:
    """A fact of an invoice, taken from a key of the event."""

    def apply(books: Books, values: Values, _: datetime) -> None:
        books.invoices[values["invoice"]].change(**{fact: values[key]})

    return apply


def _take_for_customer(fact: str, key: str | None) -> Callable[[Books, Values, datetime], None]:
    """A fact of a customer, taken from a key of the event; without one it ends."""

    def apply(books: Books, values: Values, _: datetime) -> None:
        customer = books.customers[values["customer"]]
        setattr(customer, fact, None if key is None else values[key])
        customer.is_changed = True

    return apply


def _chasing(books: Books, values: Values, at: datetime) -> None:
    if "invoice" in values:
        _take("chasing", "value")(books, values, at)
    else:
        _take_for_customer("chasing", "value")(books, values, at)


def _schedule(books: Books, values: Values, _: datetime) -> None:
    if "invoice" in values:
        invoice = books.invoices[values["invoice"]]
        invoice.schedule_name = values["schedule"]
        books.find_schedules([invoice])
        return
    books.customers[values["customer"]].schedule_name = values["schedule"]
    books.find_schedules(i for i in books.invoices.values() if i.customer.id == values["customer"])


def _steps(books: Books, values: Values, _: datetime) -> None:
    name = values["schedule"]
    steps, repeat = values["steps"]
    books.schedules[name] = replace(books.schedules[name], steps=steps, repeat=repeat)
    books.find_schedules(books.invoices.values())


def _archive(books: Books, values: Values, _: datetime) -> None:
    books.archived.add(values["schedule"])
    books.find_schedules(books.invoices.values())


def _organisation(books: Books, values: Values, _: datetime) -> None:
    books.settings = values["organisation"]
    books.change_all()


def _organisation_state(
    fact: str, value: object, key: str | None = None
) -> Callable[[Books, Values, datetime], None]:
    def apply(books: Books, values: Values, _: datetime) -> None:
        setattr(books, fact, value if key is None else values[key])
        books.change_all()

    return apply


def _sent_by_hand(books: Books, values: Values, at: datetime) -> None:
    """A reminder by hand: consumes like R4, starts the minimum gap and spends its addresses."""
    customer = books.customers[values["customer"]]
    level: Level = "normal"
    notice_days = books.settings.policy.escalation_notice_days
    for invoice in (books.invoices[listed] for listed in values["invoices"]):
        due = consumed_by_hand(invoice.facts, values["step"], notice_days=notice_days, today=at.date())
        if due is not None:
            level = "escalated" if due.step.recipients == "escalated" else level
            line = Line(invoice.facts, due.step, due.skipped)
            invoice.facts = after_step(invoice.facts, line, on=at.date())
    customer.last_message_at = at
    customer.is_changed = True
    books.spent(at.date()).update(address_keys(recipients_of(customer.persons, level, spent=()).chosen))


_APPLY: Final[Mapping[str, Callable[[Books, Values, datetime], None]]] = {
    "invoice": _comes,
    "payment": _payment,
    "payment_reversed": _taken_back,
    "credit_applied": _applied,
    "credit_removed": _taken_back,
    "credit": _credit,
    "due_date": _take("due", "due"),
    "void": _set(status="void"),
    "write_off": _set(status="written_off"),
    "reopen": _reopen,
    "dispute": _set(disputed=True),
    "dispute_end": _set(disputed=False),
    "promise": _take("promised", "date"),
    "promise_end": _set(promised=None),
    "pause": _take("paused", "until"),
    "pause_end": _set(paused=None),
    "payment_pending": _set(payment_pending=True),
    "payment_failed": _set(payment_pending=False),
    "chasing": _chasing,
    "hold": _take_for_customer("hold", "until"),
    "hold_end": _take_for_customer("hold", None),
    "contacts": _take_for_customer("persons", "contacts"),
    "schedule": _schedule,
    "steps": _steps,
    "archive": _archive,
    "organisation": _organisation,
    "organisation_pause": _organisation_state("paused", None, "until"),
    "organisation_resume": _organisation_state("paused", None),
    "disconnect": _organisation_state("disconnected", value=True),
    "reconnect": _organisation_state("disconnected", value=False),
    "sent_by_hand": _sent_by_hand,
}
