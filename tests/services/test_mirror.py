"""Records of the books become rows: what is written, what is left as it is, and what counts as gone."""

from datetime import timedelta

import pytest

from dunright.domain.records import CustomerRecord, PersonRecord
from dunright.services import mirror
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def organisation():
    return make.organisation()


def customer(*persons, **fields):
    people = tuple(PersonRecord(one, "9", email=f"{one}@x.example") for one in persons)
    return CustomerRecord(**{"external_id": "9", "name": "Halloran Bearings", "persons": people, **fields})


def here(organisation):
    rows = organisation.contactperson_set.filter(gone_at=None)
    return sorted(rows.values_list("external_id", flat=True))


def test_a_person_that_a_customer_read_whole_does_not_show_is_gone(organisation):
    mirror.store_customer_detail(organisation, customer("1", "2"), now=NOW)
    mirror.store_customer_detail(organisation, customer("2", "3"), now=NOW + timedelta(hours=1))
    assert here(organisation) == ["2", "3"]
    mirror.store_customer_detail(organisation, customer("1"), now=NOW + timedelta(hours=2))
    assert here(organisation) == ["1"]


def test_nobody_is_gone_while_a_person_cannot_be_read(organisation):
    mirror.store_customer_detail(organisation, customer("1", "2"), now=NOW)
    mirror.store_customer_detail(organisation, customer("2", problems=("Person 1 was left out.",)), now=NOW)
    assert here(organisation) == ["1", "2"]
