"""Contact persons: who gets which reminders (R12)."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from dunright.domain.addresses import usable_address
from dunright.models import (
    ContactPerson,
    Customer,
    Organisation,
    PersonLevel,
    Role,
    User,
)
from dunright.models.listed import Listed
from dunright.queries.local_time import settings_of
from dunright.services import timeline
from dunright.services.permissions import require

SLICE = 500
"""Customers whose persons are looked at together."""


def give_levels(organisation: Organisation, customers: Collection[str] | None, *, now: datetime) -> None:
    """Give a level to persons first seen by a sync: normal for the primary one, off for the others (R12).

    Without a usable address at the primary person, the first by id that has one starts normal. The setting
    `new_persons=everyone` makes all start normal.
    """
    waiting = ContactPerson.objects.filter(organisation=organisation, level="", gone_at=None)
    if customers is not None:
        waiting = waiting.filter(customer__external_id__in=customers)
    ids = sorted(set(waiting.values_list("customer_id", flat=True)))
    if not ids:
        return
    everyone = settings_of(organisation).new_persons == "everyone"
    for start in range(0, len(ids), SLICE):
        _give_some(organisation, ids[start : start + SLICE], everyone=everyone, now=now)


def _give_some(organisation: Organisation, customers: list[int], *, everyone: bool, now: datetime) -> None:
    persons = ContactPerson.objects.filter(
        organisation=organisation, customer_id__in=Listed(customers), gone_at=None
    )
    rows = persons.order_by("customer_id", "external_id").values_list(
        "customer_id", "pk", "level", "email", "is_primary"
    )
    normal: list[int] = []
    for _, group in groupby((_Person(*row) for row in rows), key=lambda one: one.customer):
        normal += _normal(list(group), everyone=everyone)
    for some, level in (({"pk__in": Listed(normal)}, PersonLevel.NORMAL), ({}, PersonLevel.OFF)):
        persons.filter(level="", **some).update(level=level, first_seen_at=now)


class _Person(NamedTuple):
    customer: int
    pk: int
    level: str
    email: str
    is_primary: bool


def _normal(persons: list[_Person], *, everyone: bool) -> list[int]:
    """Keys of the new ones among a customer's persons who get reminders; the other new ones get none."""
    served = any(person.level not in {"", PersonLevel.OFF} for person in persons)
    chosen = _first_reachable(persons) if not served else None
    return [person.pk for person in persons if not person.level and (everyone or person is chosen)]


def _first_reachable(persons: list[_Person]) -> _Person | None:
    """The primary person, or the first by id with a usable address where the primary has none."""
    reachable = [person for person in persons if usable_address(person.email)]
    primary = [person for person in reachable if person.is_primary]
    return (primary or reachable or persons)[0] if persons else None


def choose_level(person: ContactPerson, level: str, *, by: User | None, now: datetime) -> None:
    """A person decides who gets which reminders; it survives syncs. Raises NotAllowed, ValueError."""
    organisation = person.organisation
    require(organisation, by, Role.CHASER)
    if level not in PersonLevel.values:
        raise ValueError(f"{level!r} is no level; there are {', '.join(PersonLevel.values)}.")
    if person.level == level and person.level_chosen:
        return
    ContactPerson.objects.filter(organisation=organisation, pk=person.pk).update(
        level=level, level_chosen=True
    )
    label = PersonLevel(level).label.lower()
    sentence = f"{person} now gets {'no' if level == PersonLevel.OFF else label} reminders"
    timeline.record(organisation, "level", sentence, at=now, customer=person.customer, by=by)


def changed_customers(organisation: Organisation, *, since: datetime | None) -> tuple[str, ...]:
    """Customers that the source changed after the last complete sync: their persons are read again."""
    rows = Customer.objects.filter(organisation=organisation, is_seen=True)
    if since is not None:
        rows = rows.filter(modified_at__gt=since)
    return tuple(rows.order_by("pk").values_list("external_id", flat=True))
