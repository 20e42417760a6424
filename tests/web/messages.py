"""What the tests of Upcoming, Sent and writing share: the day, the company, messages in every state, the browser."""

import pytest
import time_machine

from tests.support import factories as make
from tests.web.browser import NARROWEST

HOSTILE = '<script>alert("x")</script> & "Söhne" GmbH'
LONG = "550 5.1.1 <" + "y" * 120 + "> unknown"
LETTER = "https://pay.example/" + "x" * 120


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(make.NOW, tick=True):
        yield


@pytest.fixture
def northwind(db):
    """A company on Tuesday 24 November 2026, two hours before its run."""
    return make.organisation()


@pytest.fixture
def signed_in(northwind, client):
    """A client logged in as the owner."""
    client.force_login(make.owner(northwind))
    return client


def messages(organisation, *states):
    """One message in each state, each to a customer of its own; the first has a hostile name."""
    found = []
    for place, state in enumerate(states):
        customer = make.customer(organisation, HOSTILE if place == 0 else f"Customer {place}")
        make.person(customer, f"p{place}@customer.example")
        listed = [make.invoice(customer), make.invoice(customer, balance="1234567.89")]
        reason = LONG if state in {"refused", "failed", "lapsed"} else ""
        found.append(
            make.message(
                customer,
                listed,
                state=state,
                text=f"Dear Orla,\n\n{LETTER}",
                html=f"<!DOCTYPE html><html lang=en><title>Letter</title><body><p>Dear Orla,</p><p>{LETTER}</p></body>",
                reason=reason,
                server_reply=reason,
            )
        )
    return found


def unfit(opened, pages, *, name):
    """What is wrong with each of these pages (name -> path) in this window; empty when all are fit to ship."""
    found = {}
    for page, path in pages.items():
        opened.go(path).picture(f"{page}-{name}")
        found[page] = (opened.violations(), opened.overflow(), list(opened.complaints))
    return {page: one for page, one in found.items() if any(one)}


def sticking_out(visit, user, pages):
    """What sticks out of the narrowest phone, by page."""
    opened = visit(user, width=NARROWEST)
    found = {page: opened.go(path).overflow() for page, path in pages.items()}
    return {page: one for page, one in found.items() if one}
