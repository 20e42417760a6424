"""Writing by hand in Chromium: fit at every width and theme, and sent without script."""

import pytest

from dunright.models import OutboxMessage
from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS
from tests.web.messages import HOSTILE, LONG, sticking_out, unfit

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path: a choice that can go, with warnings and long names, and one that cannot."""
    customer = make.customer(organisation, HOSTILE, is_chasing=False)
    make.person(customer, first_name=LONG, last_name="")
    make.person(customer, "x" * 60 + "@customer.example", "off")
    listed = [make.invoice(customer), make.invoice(customer, "N" * 60, balance="1234567.89")]
    make.message(customer, listed)
    path = f"/o/{organisation.pk}/customers/{customer.pk}/write/"
    return {"writing": path, "writing-nobody": f"{path}?chosen=1"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    found = pages(northwind)
    assert unfit(opened, found, name=f"{width}-{theme}") == {}
    opened.go(found["writing"]).page.get_by_role("button", name="See it as it leaves").click()
    opened.page.frame_locator("iframe.letter-frame").get_by_text("Hello").wait_for()
    opened.picture(f"writing-look-{width}-{theme}")
    assert (opened.violations(), opened.overflow(), opened.complaints) == ([], [], [])


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}


def test_choosing_looking_and_sending_without_script(visit, northwind):
    customer = make.customer(northwind)
    make.person(customer)
    make.person(customer, "pat@halloran.example", "off", first_name="Pat", last_name="Devlin")
    make.invoice(customer, "INV-1")
    page = (
        visit(make.owner(northwind), script=False)
        .go(f"/o/{northwind.pk}/customers/{customer.pk}/write/")
        .page
    )
    page.get_by_label("Pat Devlin").check()
    page.get_by_label("Stands for").select_option("Firm")
    page.get_by_role("button", name="Use this choice").click()
    page.get_by_label("Subject").fill("Please call me about {{ invoice.number }}")
    page.get_by_role("button", name="See it as it leaves").click()
    page.get_by_text("Please call me about INV-1").wait_for()
    page.get_by_role("button", name="Send to Orla Halloran, Pat Devlin").click()
    page.get_by_text("The reminder to Halloran Bearings leaves now.").wait_for()
    message = OutboxMessage.objects.get(organisation=northwind)
    assert (message.step, [one["address"] for one in message.to]) == (
        "firm",
        ["orla@halloran.example", "pat@halloran.example"],
    )
