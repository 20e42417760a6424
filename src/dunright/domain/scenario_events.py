"""The events of a scenario: their types, the keys of each, and their order (chasing-rules.md section 9)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from dunright.domain.facts import Until
from dunright.domain.scenario_fields import Fields, ScenarioError, shown
from dunright.domain.scenario_parts import (
    Known,
    changed_organisation,
    read_contacts,
    read_invoice,
    read_organisation,
    read_steps,
)

CUSTOMER_OR_INVOICE: Final = "customer or invoice"
"""Written in place of a key: exactly one of both is given."""


class Event(NamedTuple):
    at: datetime
    """Local wall time, without an offset."""
    type: str
    values: Mapping[str, Any]
    """By key, read: ids as texts, amounts as Decimal, `until` as Until."""


class _Placed(NamedTuple):
    place: str
    event: Event


_Reader = Callable[[Fields, str, Known], Any]


def _invoice_id(fields: Fields, key: str, known: Known) -> str:
    return known.invoice(fields, key)


def _customer_id(fields: Fields, key: str, known: Known) -> str:
    return known.customer(fields, key)


def _amount(fields: Fields, key: str, _: Known) -> Any:
    return fields.amount(key)


def _credit(fields: Fields, key: str, _: Known) -> Any:
    return fields.amount(key, may_be_negative=True)


def _currency(fields: Fields, key: str, _: Known) -> str:
    return fields.currency(key)


def _date(fields: Fields, key: str, _: Known) -> Any:
    return fields.date(key)


def _date_or_null(fields: Fields, key: str, _: Known) -> Any:
    return fields.or_null(key, fields.date)


def _until(fields: Fields, key: str, _: Known) -> Until:
    return Until(fields.date(key))


def _until_or_null(fields: Fields, key: str, _: Known) -> Until:
    return Until(fields.or_null(key, fields.date))


def _switch(fields: Fields, key: str, _: Known) -> bool:
    return fields.switch(key, words=True)


def _contacts(fields: Fields, _: str, __: Known) -> Any:
    return read_contacts(fields)


def _schedule(fields: Fields, key: str, known: Known) -> str:
    return known.schedule(fields, key)


def _schedule_or_none(fields: Fields, key: str, known: Known) -> str | None:
    return known.schedule_or_none(fields, key)


def _steps(fields: Fields, _: str, known: Known) -> Any:
    return read_steps(fields, known)


def _whole_invoice(fields: Fields, key: str, known: Known) -> Any:
    return read_invoice(f"{fields.place}.{key}", fields.raw[key], known)


def _raw(fields: Fields, key: str, _: Known) -> Any:
    return fields.raw[key]


def _invoice_ids(fields: Fields, key: str, known: Known) -> tuple[str, ...]:
    listed: list[str] = []
    for _, raw in fields.items(key):
        if not isinstance(raw, str) or raw not in known.customer_of:
            raise fields.wrong(key, f"there is no invoice {shown(raw)}")
        if known.customer_of[raw] != fields.raw.get("customer"):
            raise fields.wrong(key, f"{shown(raw)} is an invoice of another customer")
        if raw in listed:
            raise fields.wrong(key, f"{shown(raw)} is listed twice")
        listed.append(raw)
    return tuple(listed)


def _step_or_null(fields: Fields, key: str, known: Known) -> str | None:
    step = fields.or_null(key, fields.text)
    if step is not None and step not in known.steps:
        raise fields.wrong(key, f"there is no step {shown(step)} in any schedule")
    return step


_ONE_INVOICE: Final[Mapping[str, _Reader]] = {"invoice": _invoice_id}
_SETTLED: Final[Mapping[str, _Reader]] = {"invoice": _invoice_id, "amount": _amount}

EVENT_KEYS: Final[Mapping[str, Mapping[str, _Reader]]] = {
    "invoice": {"invoice": _whole_invoice},
    "payment": _SETTLED,
    "payment_reversed": _SETTLED,
    "credit_applied": _SETTLED,
    "credit_removed": _SETTLED,
    "credit": {"customer": _customer_id, "currency": _currency, "amount": _credit},
    "due_date": {"invoice": _invoice_id, "due": _date_or_null},
    "void": _ONE_INVOICE,
    "write_off": _ONE_INVOICE,
    "reopen": _ONE_INVOICE,
    "dispute": _ONE_INVOICE,
    "dispute_end": _ONE_INVOICE,
    "promise": {"invoice": _invoice_id, "date": _date},
    "promise_end": _ONE_INVOICE,
    "pause": {"invoice": _invoice_id, "until": _until},
    "pause_end": _ONE_INVOICE,
    "payment_pending": _ONE_INVOICE,
    "payment_failed": _ONE_INVOICE,
    "chasing": {CUSTOMER_OR_INVOICE: _raw, "value": _switch},
    "hold": {"customer": _customer_id, "until": _until_or_null},
    "hold_end": {"customer": _customer_id},
    "contacts": {"customer": _customer_id, "contacts": _contacts},
    "schedule": {CUSTOMER_OR_INVOICE: _raw, "schedule": _schedule_or_none},
    "steps": {"schedule": _schedule, "steps": _steps},
    "archive": {"schedule": _schedule},
    "organisation": {"organisation": _raw},
    "organisation_pause": {"until": _until_or_null},
    "organisation_resume": {},
    "disconnect": {},
    "reconnect": {},
    "sent_by_hand": {"customer": _customer_id, "invoices": _invoice_ids, "step": _step_or_null},
}
"""Every type with its keys; `repeat` may be left out of `steps`."""


def read_events(fields: Fields, known: Known, organisation: Mapping[str, Any]) -> tuple[Event, ...]:
    """All events in the order in which they are applied: by `at`, equal moments as in the file.

    `organisation`: the settings the scenario starts with, as read from the file; an event that changes some of
    them holds the whole of what is in force after it.
    """
    raws = [] if fields.is_null("events") else list(fields.items("events"))
    # Invoices and steps that events bring may be referred to by events that stand earlier in the file.
    later = sorted(range(len(raws)), key=lambda number: _brings_ids(raws[number][1]), reverse=True)
    read: dict[int, _Placed] = {number: _read_event(*raws[number], known) for number in later}
    placed = sorted((read[number] for number in range(len(raws))), key=lambda one: one.event.at)
    _refuse_events_before_their_invoice(placed)
    return tuple(_with_organisation(placed, organisation))


def _brings_ids(raw: object) -> bool:
    return isinstance(raw, dict) and raw.get("type") in ("invoice", "steps")


def _read_event(place: str, raw: object, known: Known) -> _Placed:
    given_type = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(given_type, str) or given_type not in EVENT_KEYS:
        fields = Fields(
            place, raw, required=("at", "type"), optional=tuple(raw) if isinstance(raw, dict) else ()
        )
        fields.choice("type", tuple(EVENT_KEYS))
    keys = EVENT_KEYS[str(given_type)]
    either = [key for key in ("customer", "invoice") if CUSTOMER_OR_INVOICE in keys]
    plain = [key for key in keys if key != CUSTOMER_OR_INVOICE]
    optional = [*either, "repeat"] if given_type == "steps" else either
    fields = Fields(place, raw, required=("at", "type", *plain), optional=optional)
    values = {key: keys[key](fields, key, known) for key in plain}
    if either:
        values |= _customer_or_invoice(fields, known)
    return _Placed(place, Event(fields.moment("at"), str(given_type), values))


def _customer_or_invoice(fields: Fields, known: Known) -> dict[str, str]:
    if ("customer" in fields) == ("invoice" in fields):
        raise fields.wrong("customer", "give either customer or invoice")
    if "customer" in fields:
        return {"customer": known.customer(fields, "customer")}
    return {"invoice": known.invoice(fields, "invoice")}


def _refuse_events_before_their_invoice(placed: list[_Placed]) -> None:
    comes_at = {
        one.event.values["invoice"].id: n for n, one in enumerate(placed) if one.event.type == "invoice"
    }
    for number, (place, event) in enumerate(placed):
        if event.type == "invoice":
            continue
        named = [event.values["invoice"]] if "invoice" in event.values else event.values.get("invoices", ())
        for invoice in named:
            if comes_at.get(invoice, -1) > number:
                key = "invoice" if "invoice" in event.values else "invoices"
                raise ScenarioError(place, key, f"{shown(invoice)} comes only by a later event")


def _with_organisation(placed: list[_Placed], organisation: Mapping[str, Any]) -> list[Event]:
    """Events with the settings in force after each change, so that applying them is only a matter of taking."""
    in_force = organisation
    events: list[Event] = []
    for place, event in placed:
        if event.type != "organisation":
            events.append(event)
            continue
        where = f"{place}.organisation"
        in_force = changed_organisation(where, in_force, event.values["organisation"])
        events.append(event._replace(values={"organisation": read_organisation(where, in_force)}))
    return events
