"""`dunright outbox stop` and `approve`: the kill switch on the command line (commands.md)."""

import json

import pytest
from click.testing import CliRunner

from dunright.management.outbox import outbox
from dunright.models import OutboxMessage
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(db):
    customer = make.customer(make.organisation())
    make.person(customer)
    return make.message(customer, [make.invoice(customer)])


def run(message, *words):
    result = CliRunner().invoke(
        outbox, [words[0], "--organisation", str(message.organisation_id), *words[1:]]
    )
    return result.exit_code, result.stdout, result.stderr


def test_stop_holds_what_has_not_left_and_says_how_many(planned):
    status, said, _ = run(planned, "stop", "--why", "wrong prices", "--json")
    planned.refresh_from_db()
    planned.organisation.refresh_from_db()
    assert (status, json.loads(said), planned.state) == (0, {"changed": 1}, "pending")
    assert (planned.organisation.is_paused, planned.organisation.pause_reason) == (True, "wrong prices")
    assert run(planned, "stop") == (
        0,
        "Northwind Parts Ltd is stopped; 0 not handed over, waiting for approval.\n",
        "",
    )


def test_nothing_is_approved_while_everything_is_stopped(planned):
    run(planned, "stop")
    assert run(planned, "approve", "--all") == (
        1,
        "",
        "Error: Everything is stopped; resume chasing first, then approve.\n",
    )
    assert OutboxMessage.objects.get(pk=planned.pk).state == "pending"
