"""To whom a step is written (chasing-rules.md R12)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from dunright.domain.addresses import same_address_key, usable_address
from dunright.domain.facts import PersonFacts
from dunright.domain.schedules import Level


class Recipients(NamedTuple):
    """Who is written to; every one has one usable address."""

    chosen: tuple[PersonFacts, ...]
    """By level, each address once, also where it had a chasing message today."""
    to: tuple[PersonFacts, ...]
    """Those of `chosen` whose address had no chasing message today."""
    cc: tuple[PersonFacts, ...]
    is_fallback: bool
    """Nobody usable at the escalated level: the normal ones are written to."""


def recipients_of(
    persons: Sequence[PersonFacts], level: Level, *, spent: Collection[str], copy_other_level: bool = False
) -> Recipients:
    """The people a step of this level goes to. `spent`: keys of addresses that had a chasing message today."""
    chosen = _at(persons, {level, "both"})
    # The choice of level does not look at spent addresses.
    is_fallback = level == "escalated" and not chosen
    if is_fallback:
        chosen = _at(persons, {"normal"})
    to = {key: person for key, person in chosen.items() if key not in spent}
    cc: dict[str, PersonFacts] = {}
    if copy_other_level:
        other = "normal" if level == "escalated" else "escalated"
        cc = {
            key: person
            for key, person in _at(persons, {other}).items()
            if key not in spent and key not in chosen
        }
    return Recipients(tuple(chosen.values()), tuple(to.values()), tuple(cc.values()), is_fallback)


def address_keys(persons: Sequence[PersonFacts]) -> frozenset[str]:
    """The keys under which their addresses are compared and spent."""
    return frozenset(same_address_key(person.email) for person in persons if person.email)


def _at(persons: Sequence[PersonFacts], levels: set[str]) -> dict[str, PersonFacts]:
    """People at these levels by address; the same address once, as first spelled."""
    found: dict[str, PersonFacts] = {}
    for person in persons:
        address = usable_address(person.email) if person.level in levels and person.email else None
        if address is not None:
            trimmed = person if address == person.email else replace(person, email=address)
            found.setdefault(same_address_key(address), trimmed)
    return found
