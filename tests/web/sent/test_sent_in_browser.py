"""The pages of Sent in Chromium: accessible, without overflow, without a word in the console."""

import pytest

from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS
from tests.web.messages import messages, sticking_out, unfit

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path of every page of this part."""
    base = f"/o/{organisation.pk}/sent/"
    first, second, *_ = messages(organisation, "uncertain", "refused", "sent", "lapsed", "superseded")
    return {
        "sent": base,
        "sent-uncertain": f"{base}{first.pk}/",
        "sent-settle": f"{base}{first.pk}/settle/?answer=not_sent",
        "sent-refused": f"{base}{second.pk}/",
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    assert unfit(opened, pages(northwind), name=f"{width}-{theme}") == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}


def test_settled_by_keyboard_after_a_question(visit, northwind):
    (message,) = messages(northwind, "uncertain")
    opened = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/sent/{message.pk}/")
    page = opened.page
    page.get_by_role("link", name="It was not sent").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Message-ID to search for").wait_for()
    assert opened.violations() == []
    dialog.get_by_role("button", name="It was not sent").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Noted as not sent").wait_for()
    message.refresh_from_db()
    assert message.state == "cancelled"
