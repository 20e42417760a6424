"""The parts of a scenario, each read with strict checks (chasing-rules.md section 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast
from zoneinfo import available_timezones

from dunright.domain.calendar import ChaseCalendar, knows_holidays
from dunright.domain.facts import Grouping, PersonFacts, PersonLevel, Policy, Status
from dunright.domain.scenario_fields import LARGEST_NUMBER, Fields, shown
from dunright.domain.schedules import Level, Repeat, Schedule, Step
from dunright.domain.settings import WEEKDAYS

NOT_CHASED: Final = "none"
"""The reserved name of a schedule that chases nothing."""

ORGANISATION_KEYS: Final = (
    "timezone",
    "country",
    "currency",
    "chase_days",
    "chase_time",
    "holidays",
    "minimum_gap_days",
    "tolerance",
    "minimum",
    "grouping",
    "escalation_notice_days",
)
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2200, 12, 31)
_TIMEZONES: Final = frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class ScenarioOrganisation:
    calendar: ChaseCalendar
    currency: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class ScenarioCustomer:
    id: str
    chasing: bool
    schedule: str | None
    persons: tuple[PersonFacts, ...]


@dataclass(frozen=True, slots=True)
class ScenarioInvoice:
    id: str
    customer: str
    number: str
    issued: date
    seen: date
    due: date | None
    total: Decimal
    currency: str
    rate: Decimal
    status: Status
    schedule: str | None


@dataclass(slots=True)
class Known:
    """The ids that may be referred to."""

    schedules: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    customer_of: dict[str, str] = field(default_factory=dict)
    """Of each invoice."""

    def schedule_or_none(self, fields: Fields, key: str) -> str | None:
        """The name of a schedule, `none`, or null."""
        name = fields.or_null(key, fields.text)
        if name is not None and name != NOT_CHASED and name not in self.schedules:
            raise fields.wrong(key, f"there is no schedule {shown(name)}")
        return name

    def schedule(self, fields: Fields, key: str) -> str:
        """The name of a schedule."""
        name = fields.text(key)
        if name not in self.schedules:
            raise fields.wrong(key, f"there is no schedule {shown(name)}")
        return name

    def customer(self, fields: Fields, key: str) -> str:
        """The id of a customer."""
        customer = fields.text(key)
        if customer not in self.customers:
            raise fields.wrong(key, f"there is no customer {shown(customer)}")
        return customer

    def invoice(self, fields: Fields, key: str) -> str:
        """The id of an invoice."""
        invoice = fields.text(key)
        if invoice not in self.customer_of:
            raise fields.wrong(key, f"there is no invoice {shown(invoice)}")
        return invoice


def read_period(fields: Fields) -> tuple[date, date]:
    """The first and the last day of the simulation, both included."""
    first, last = fields.date("from"), fields.date("to")
    for key, day in (("from", first), ("to", last)):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise fields.wrong(key, f"must be from {_FIRST_DAY} to {_LAST_DAY}, not {day}")
    if last < first:
        raise fields.wrong("to", f"must not be before from ({first}), but is {last}")
    return first, last


def read_organisation(place: str, raw: object) -> ScenarioOrganisation:
    """The settings of the organisation, every one of them given."""
    fields = Fields(place, raw, required=ORGANISATION_KEYS)
    holidays, country = fields.switch("holidays"), fields.text("country")
    if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):  # noqa: PLR2004 - ISO 3166 alpha-2
        raise fields.wrong("country", f"must be a two-letter country code such as NL, not {shown(country)}")
    if holidays and not knows_holidays(country):
        raise fields.wrong("country", f"the holidays of {country} are not known; set holidays to false")
    return ScenarioOrganisation(
        calendar=ChaseCalendar(
            timezone=_timezone(fields),
            chase_days=_chase_days(fields),
            chase_time=fields.clock("chase_time"),
            country=country,
            holidays=holidays,
        ),
        currency=fields.currency("currency"),
        policy=Policy(
            minimum_gap_days=fields.number("minimum_gap_days"),
            tolerance=fields.amount("tolerance"),
            minimum=fields.amount("minimum"),
            grouping=cast("Grouping", fields.choice("grouping", ("all_overdue", "due_steps"))),
            escalation_notice_days=fields.number("escalation_notice_days"),
        ),
    )


def changed_organisation(place: str, raw: Mapping[str, Any], changes: object) -> dict[str, Any]:
    """All settings, with some of them changed."""
    fields = Fields(place, changes, required=(), optional=ORGANISATION_KEYS)
    return {**raw, **fields.raw}


def _timezone(fields: Fields) -> str:
    name = fields.text("timezone")
    if name not in _TIMEZONES:
        raise fields.wrong("timezone", f"must be a time zone such as Europe/Amsterdam, not {shown(name)}")
    return name


def _chase_days(fields: Fields) -> tuple[str, ...]:
    given = [day for _, day in fields.items("chase_days")]
    for day in given:
        if day not in WEEKDAYS:
            raise fields.wrong("chase_days", f"must hold days of {', '.join(WEEKDAYS)}, not {shown(day)}")
    return tuple(day for day in WEEKDAYS if day in given)


def read_schedules(fields: Fields, known: Known) -> tuple[Schedule, ...]:
    """All schedules; at most one is the default."""
    schedules: list[Schedule] = []
    for place, raw in fields.items("schedules"):
        one = Fields(place, raw, required=("name", "steps"), optional=("default", "repeat"))
        name = one.name("name")
        if name == NOT_CHASED:
            raise one.wrong("name", "none is reserved for what is not chased")
        if name in known.schedules:
            raise one.wrong("name", f"another schedule has the name {shown(name)}")
        known.schedules.add(name)
        is_default = one.switch("default") if "default" in one else False
        if is_default and any(schedule.default for schedule in schedules):
            raise one.wrong("default", "another schedule is the default already")
        steps, repeat = read_steps(one, known)
        schedules.append(Schedule(name, steps, repeat, is_default))
    return tuple(schedules)


def read_steps(fields: Fields, known: Known) -> tuple[tuple[Step, ...], Repeat | None]:
    """The steps of a schedule and its repeat."""
    steps: list[Step] = []
    for place, raw in fields.items("steps"):
        one = Fields(place, raw, required=("id", "days"), optional=("sender", "recipients"))
        step = Step(
            id=one.name("id"),
            days=one.number("days", least=-LARGEST_NUMBER),
            sender=_level(one, "sender"),
            recipients=_level(one, "recipients"),
        )
        if any(other.id == step.id for other in steps):
            raise one.wrong("id", f"another step has the id {shown(step.id)}")
        if any(other.days == step.days for other in steps):
            raise one.wrong("days", f"another step has the days {step.days}")
        steps.append(step)
    known.steps |= {step.id for step in steps}
    repeat = None if fields.is_null("repeat") else _repeat(f"{fields.place}.repeat", fields.raw["repeat"])
    if repeat is not None and all(step.kind != "overdue" for step in steps):
        raise fields.wrong("repeat", "needs an overdue step (days of 1 or more) to repeat")
    return tuple(steps), repeat


def _level(fields: Fields, key: str) -> Level:
    return cast("Level", fields.choice(key, ("normal", "escalated")) if key in fields else "normal")


def _repeat(place: str, raw: object) -> Repeat:
    fields = Fields(place, raw, required=("every_days",), optional=("limit",))
    return Repeat(fields.number("every_days", least=1), fields.or_null("limit", fields.number))


def read_customers(fields: Fields, known: Known) -> tuple[ScenarioCustomer, ...]:
    """All customers, in the order of the file."""
    customers: list[ScenarioCustomer] = []
    for place, raw in fields.items("customers"):
        one = Fields(place, raw, required=("id", "chasing", "contacts"), optional=("schedule",))
        customer = one.name("id")
        if customer in known.customers:
            raise one.wrong("id", f"another customer has the id {shown(customer)}")
        known.customers.add(customer)
        customers.append(
            ScenarioCustomer(
                id=customer,
                chasing=one.switch("chasing", words=True),
                schedule=known.schedule_or_none(one, "schedule"),
                persons=read_contacts(one),
            )
        )
    return tuple(customers)


def read_contacts(fields: Fields) -> tuple[PersonFacts, ...]:
    """The contact persons of a customer."""
    persons: list[PersonFacts] = []
    for place, raw in fields.items("contacts"):
        one = Fields(place, raw, required=("email", "level"))
        level = cast("PersonLevel", one.choice("level", ("normal", "escalated", "both", "off")))
        persons.append(PersonFacts(str(len(persons)), one.or_null("email", one.text), level))
    return tuple(persons)


def read_invoice(place: str, raw: object, known: Known) -> ScenarioInvoice:
    """One invoice; its id is known from now on."""
    required = ("id", "customer", "number", "issued", "due", "total", "currency", "rate", "status")
    fields = Fields(place, raw, required=required, optional=("seen", "schedule"))
    invoice = fields.name("id")
    if invoice in known.customer_of:
        raise fields.wrong("id", f"another invoice has the id {shown(invoice)}")
    issued = fields.date("issued")
    statuses = ("open", "draft", "void", "written_off", "paid")
    read = ScenarioInvoice(
        id=invoice,
        customer=known.customer(fields, "customer"),
        number=fields.text("number"),
        issued=issued,
        seen=fields.or_null("seen", fields.date) or issued,
        due=fields.or_null("due", fields.date),
        total=fields.amount("total", may_be_negative=True),
        currency=fields.currency("currency"),
        rate=fields.rate("rate"),
        status=cast("Status", fields.choice("status", statuses)),
        schedule=known.schedule_or_none(fields, "schedule"),
    )
    known.customer_of[invoice] = read.customer
    return read


def read_invoices(fields: Fields, known: Known) -> tuple[ScenarioInvoice, ...]:
    """All invoices that the scenario starts with, in the order of the file."""
    return tuple(read_invoice(place, raw, known) for place, raw in fields.items("invoices"))
