"""The pages of Sent in Chromium: accessible, without overflow, without a word in the console."""

import pytest

from tests.support import factories as make
from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = pytest.mark.browser

HOSTILE = '<script>alert("x")</script> & "Söhne" GmbH'


def messages(organisation, *states):
    found = []
    for place, state in enumerate(states):
        customer = make.customer(organisation, HOSTILE if place == 0 else f"Customer {place}")
        make.person(customer, f"p{place}@customer.example")
        listed = [make.invoice(customer), make.invoice(customer, balance="1234567.89")]
        found.append(
            make.message(
                customer,
                listed,
                state=state,
                text="Dear Orla,\n\nhttps://pay.example/" + "x" * 120,
                reason="550 5.1.1 <" + "y" * 120 + "> unknown",
                server_reply="550 5.1.1 <" + "y" * 120 + "> unknown",
            )
        )
    return found


def pages(organisation):
    """Name -> path of every page of this part."""
    base = f"/o/{organisation.pk}/sent/"
    first, second, *_ = messages(organisation, "uncertain", "refused", "sent", "lapsed", "superseded")
    return {"sent": base, "sent-uncertain": f"{base}{first.pk}/", "sent-refused": f"{base}{second.pk}/"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    found = {}
    for name, path in pages(northwind).items():
        opened.go(path).picture(f"{name}-{width}-{theme}")
        found[name] = (opened.violations(), opened.overflow(), list(opened.complaints))
    assert {name: one for name, one in found.items() if any(one)} == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    opened = visit(make.owner(northwind), width=NARROWEST)
    found = {name: opened.go(path).overflow() for name, path in pages(northwind).items()}
    assert {name: one for name, one in found.items() if one} == {}
