"""To whom a step is written: chasing-rules.md R12."""

import pytest

from dunright.domain.facts import PersonFacts
from dunright.domain.recipients import address_keys, recipients_of


def person(email, level="normal"):
    return PersonFacts(email or "none", email, level)


AP, FD, BOTH, OFF = (
    person("ap@k.example"),
    person("fd@k.example", "escalated"),
    person("both@k.example", "both"),
    person("off@k.example", "off"),
)


def emails(persons):
    return [one.email for one in persons]


@pytest.mark.parametrize(
    ("level", "persons", "expected"),
    [
        ("normal", (AP, FD, BOTH, OFF), ["ap@k.example", "both@k.example"]),
        ("escalated", (AP, FD, BOTH, OFF), ["fd@k.example", "both@k.example"]),
        ("normal", (FD, OFF), []),
        ("escalated", (OFF,), []),
        ("normal", (person(None), person("no address"), person("a@k.example, b@k.example")), []),
        ("normal", (person(" AP@K.example "), person("ap@k.example")), ["AP@K.example"]),
        ("normal", (), []),
    ],
)
def test_each_level_goes_to_its_people_once_and_only_to_usable_addresses(level, persons, expected):
    found = recipients_of(persons, level, spent=())
    assert (emails(found.to), found.is_fallback and bool(found.to)) == (expected, False)


@pytest.mark.parametrize("nobody", [(), (person(None, "escalated"),), (person("two words", "both"),)])
def test_an_escalated_step_falls_back_to_the_normal_ones(nobody):
    found = recipients_of((*nobody, AP, OFF), "escalated", spent=())
    assert (emails(found.to), found.is_fallback) == (["ap@k.example"], True)


def test_spent_addresses_are_left_out():
    found = recipients_of((AP, BOTH), "normal", spent={"ap@k.example"})
    assert (emails(found.chosen), emails(found.to)) == (
        ["ap@k.example", "both@k.example"],
        ["both@k.example"],
    )


def test_the_choice_of_level_does_not_look_at_spent_addresses():
    found = recipients_of((AP, FD), "escalated", spent={"fd@k.example"})
    assert (emails(found.to), found.is_fallback) == ([], False)


@pytest.mark.parametrize(("level", "to", "cc"), [("normal", AP, FD), ("escalated", FD, AP)])
def test_a_step_may_put_the_other_level_in_copy(level, to, cc):
    found = recipients_of((AP, FD, OFF), level, spent=(), copy_other_level=True)
    assert (found.to, found.cc) == ((to,), (cc,))


def test_copies_are_left_out_where_the_address_had_a_message_today():
    found = recipients_of((AP, FD), "normal", spent={"fd@k.example"}, copy_other_level=True)
    assert (found.to, found.cc) == ((AP,), ())


def test_nobody_is_written_to_and_in_copy_at_once():
    twice = person("AP@k.example", "escalated")
    assert recipients_of((AP, BOTH, twice), "normal", spent=(), copy_other_level=True).cc == ()


def test_after_a_fall_back_nobody_is_left_for_a_copy():
    assert recipients_of((AP,), "escalated", spent=(), copy_other_level=True).cc == ()


def test_address_keys_compare_trimmed_and_without_case():
    assert address_keys((person(" AP@K.example"), person("ap@k.example"), person(None))) == {"ap@k.example"}
