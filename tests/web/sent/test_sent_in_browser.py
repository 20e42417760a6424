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
    return {"sent": base, "sent-uncertain": f"{base}{first.pk}/", "sent-refused": f"{base}{second.pk}/"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    assert unfit(opened, pages(northwind), name=f"{width}-{theme}") == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}
