"""The meter of the day's calls on the connection page, and the share that is the user's to choose."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from dunright.models import CallBudget, Role, SyncRun
from tests.support import factories as make
from tests.web.messages import _on_the_day, northwind  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
TO_THE_END = "At this pace the share lasts to the end of the day."


@pytest.fixture
def page(client, northwind):  # noqa: F811 - the fixture
    """The connection page as its owner reads it, with a budget of these values."""
    client.force_login(make.owner(northwind))

    def read(**fields):
        plain = {"daily_limit": 5000, "day_ends_at": MIDNIGHT}
        CallBudget.objects.update_or_create(organisation=northwind, defaults={**plain, **fields})
        body = client.get(f"/o/{northwind.pk}/connection/").content.decode()
        return body.partition('id="calls"')[2].partition("</section>")[0]

    return read


def shown(part):
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", part, re.DOTALL)
    return {name: " ".join(re.sub(r"<.*?>", " ", value).split()) for name, value in pairs}


def widths(part):
    return [tuple(map(float, one)) for one in re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', part)]


def test_whose_calls_they_were_and_how_long_the_share_lasts(page):
    part = page(used_today=2000, others_today=1000, remaining_seen=2000)
    assert shown(part) == {
        "Dunright": "2000 used, 500 left",
        "Other programs": "1000 used, 1500 left beside Dunright’s",
        "Zoho allows": "5000 a day; 2000 are left for everybody",
        "Counts anew": "tomorrow 00:00",
        # 2,000 in nine hours: 500 more last for two hours and a quarter.
        "Forecast": "At this pace the day’s share lasts until about 11:15.",
    }
    assert widths(part) == [(0, 40), (40, 20), (60, 10)]
    assert "2000 of 2500 used" in part


@pytest.mark.parametrize(
    ("fields", "forecast"),
    [
        ({"used_today": 100}, TO_THE_END),
        ({"used_today": 2500}, "Today’s share is used up."),
        # A day that has ended counts for nothing.
        (
            {"used_today": 2500, "day_ends_at": make.NOW - timedelta(minutes=1)},
            TO_THE_END,
        ),
        (
            {"blocked_until": make.NOW + timedelta(minutes=3), "block_reason": "Called too often."},
            "Waits until today 09:03. Called too often.",
        ),
        (
            {"at_once": 2},
            f"{TO_THE_END} Zoho called it too much at once: at most 2 readers at a time today.",
        ),
    ],
)
def test_the_forecast(page, fields, forecast):
    assert shown(page(**fields))["Forecast"] == forecast


@pytest.mark.parametrize(
    ("stage", "read", "forecast"),
    [
        # Each of the five lists of so few customers takes a call.
        ("open_invoices", 0, "This first sync needs about 5 more calls and is done about today 09:00."),
        ("invoices", 20, "This first sync needs about 3 more calls and is done about today 09:00."),
        ("details", 0, ""),
    ],
)
def test_a_first_sync_says_what_it_still_needs(page, northwind, stage, read, forecast):  # noqa: F811
    for _ in range(4):
        make.customer(northwind)
    SyncRun.objects.create(
        organisation=northwind,
        kind="first",
        state="running",
        requested_at=make.NOW,
        due_at=make.NOW,
        stage=stage,
        counts={stage: {"read": read, "changed": read}},
    )
    assert shown(page(used_today=100))["Forecast"] == f"{TO_THE_END} {forecast}".strip()


def test_books_that_were_never_called_have_no_meter(client, northwind):  # noqa: F811 - the fixture
    client.force_login(make.owner(northwind))
    assert 'id="calls"' not in client.get(f"/o/{northwind.pk}/connection/").content.decode()


def choose(client, organisation, text):
    answer = client.post(f"/o/{organisation.pk}/connection/calls/", {"call_share": text}, follow=True)
    return answer.status_code, answer.content.decode()


def test_the_share_is_chosen_on_the_page(client, northwind, page):  # noqa: F811 - the fixture
    assert 'name="call_share" min="5" max="100" step="1" required value="50"' in page()
    status, body = choose(client, northwind, "30")
    assert (status, "Dunright now uses at most 30 % of the day&#x27;s calls." in body) == (200, True)
    assert CallBudget.objects.get(organisation=northwind).share_percent == 30
    assert "of 1500 used" in page()


@pytest.mark.parametrize("text", ["", "4", "101", "much", "9" * 5000, "\x00"])
def test_a_share_that_is_none_changes_nothing(client, northwind, page, text):  # noqa: F811 - the fixture
    page()
    status, body = choose(client, northwind, text)
    assert status == 200
    assert "The share is a whole number of percent from 5 to 100; nothing was changed." in body
    assert CallBudget.objects.get(organisation=northwind).share_percent == 50


def test_chasers_see_the_meter_and_choose_nothing(client, northwind, page):  # noqa: F811 - the fixture
    page()
    client.force_login(make.member(northwind, Role.CHASER))
    assert "call_share" not in page()
    assert choose(client, northwind, "30")[0] == 403
