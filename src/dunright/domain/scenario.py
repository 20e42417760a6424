"""A scenario of the simulation as a whole (chasing-rules.md section 9)."""

from dataclasses import dataclass
from datetime import date

from dunright.domain.scenario_events import Event, read_events
from dunright.domain.scenario_fields import Fields, ScenarioError
from dunright.domain.scenario_parts import (
    Known,
    ScenarioCustomer,
    ScenarioInvoice,
    ScenarioOrganisation,
    read_customers,
    read_invoices,
    read_organisation,
    read_period,
    read_schedules,
)
from dunright.domain.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    first: date
    last: date
    """Both days are included."""
    organisation: ScenarioOrganisation
    schedules: tuple[Schedule, ...]
    customers: tuple[ScenarioCustomer, ...]
    invoices: tuple[ScenarioInvoice, ...]
    events: tuple[Event, ...]
    """In the order in which they are applied."""


def read_scenario(raw: object) -> Scenario:
    """Read a decoded JSON or YAML object. Raises ScenarioError (`place: key: what is wrong`)."""
    required = ("name", "from", "to", "organisation", "schedules", "customers", "invoices")
    if not isinstance(raw, dict):
        raise ScenarioError("scenario", "object", 'a scenario is a JSON object such as {"name": …}')
    fields = Fields("scenario", raw, required=required, optional=("events",))
    known = Known()
    first, last = read_period(fields)
    organisation = read_organisation("organisation", raw["organisation"])
    schedules = read_schedules(fields, known)
    customers = read_customers(fields, known)
    invoices = read_invoices(fields, known)
    return Scenario(
        name=fields.text("name"),
        first=first,
        last=last,
        organisation=organisation,
        schedules=schedules,
        customers=customers,
        invoices=invoices,
        events=read_events(fields, known, raw["organisation"]),
    )


__all__ = ["Scenario", "ScenarioError", "read_scenario"]
