"""The limits of the source, enforced: what a run does when it meets one, over real HTTP and with one clock for both."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import stamina

from dunright.models import CallBudget, Customer, SyncRun
from dunright.services import budgets, sync
from tests.services.synced import QUIET, person

DUBLIN = ZoneInfo("Europe/Dublin")
SECOND_DAY = datetime(2026, 11, 24, tzinfo=DUBLIN)
"""The first midnight after the company's start."""


UNDISTURBED = 12 + 12 + 9
"""Calls of a first sync of 24 customers at two a page: customers, their persons, and the other lists."""


@pytest.fixture(autouse=True)
def clock(request, monkeypatch):
    """The budget goes by the company's clock."""
    if "company" in request.fixturenames:
        company = request.getfixturevalue("company")
        monkeypatch.setattr(budgets, "utc_now", lambda: company.now)
        monkeypatch.setattr(budgets, "wait", lambda seconds: company.pass_time(seconds=seconds))


def budget(company):
    return CallBudget.objects.get(organisation=company.organisation)


def allow(company, **fields):
    CallBudget.objects.filter(organisation=company.organisation).update(**fields)


def fill(company, customers=24):
    for number in range(customers):
        company.sandbox.create_contact(f"Customer {number:02}", persons=[person(f"P{number}")])


def known(company):
    return Customer.objects.filter(organisation=company.organisation).count()


def begin(company):
    """Ask for the first sync and do what can be done of it now."""
    run = company.request()
    return sync.perform(run.pk, now=company.now)


def test_a_first_sync_that_the_share_interrupts_goes_on_at_its_page_after_midnight(company):
    books = company.sandbox
    fill(company)
    books.switch(per_page_cap=2, per_day=40)
    # 40 a day, half of them Dunright's: two for connecting do not count at the source, but here they do.
    allow(company, share_percent=50, daily_limit=40, used_today=0)
    calls = company.calls_of(lambda: begin(company))
    (run,) = company.runs()
    assert (run.state, run.is_complete, run.calls, calls) == ("queued", False, 20, 20)
    assert run.due_at == SECOND_DAY
    assert run.last_error.startswith("Zoho allows 40 calls a day and Dunright uses at most 50 % of them")
    stopped_at = (run.stage, run.page)
    assert stopped_at == ("persons", 2)
    assert known(company) == 24
    assert sync.perform(run.pk, now=company.now) is None, "not before the source's midnight"

    company.pass_time(seconds=(SECOND_DAY - company.now).total_seconds())
    again = company.calls_of(lambda: sync.perform(run.pk, now=company.now))
    run.refresh_from_db()
    assert (run.state, run.is_complete, run.last_error, run.problems) == ("done", True, "", [])
    assert run.counts["persons"]["read"] == 24
    # No page was read twice; the one call more met a token that was a night old.
    assert (calls + again, run.calls) == (UNDISTURBED, UNDISTURBED + 1)
    assert budget(company).used_today == again + 1
    assert books.unknown() == []


def test_a_first_sync_that_spans_three_days_comes_to_its_end(company):
    fill(company)
    company.sandbox.switch(per_page_cap=2, per_day=24)
    allow(company, share_percent=50, daily_limit=24, used_today=0)
    run, days = begin(company), 1
    while run.state == "queued":
        company.pass_time(seconds=(run.due_at - company.now).total_seconds())
        run, days = sync.perform(run.pk, now=company.now), days + 1
    assert (run.state, days, run.calls) == ("done", 3, UNDISTURBED + 2), "a token for each new day"


def test_45_when_others_use_up_the_day_waits_until_the_source_counts_anew(company):
    books = company.sandbox
    fill(company)
    books.switch(per_page_cap=2, per_day=30, enforce_limits=True)
    allow(company, share_percent=100, daily_limit=30, used_today=0)
    token, organisation = books.access_token(), company.connection().external_id
    for _ in range(10):
        books.get("/contacts", token, organization_id=organisation)
    run = begin(company)
    row = budget(company)
    assert (run.state, run.due_at, row.others_today) == ("queued", SECOND_DAY, 10)
    assert row.minute_limit == 0, "the pace was not the matter"
    assert company.calls_of(lambda: sync.perform(run.pk, now=company.now)) == 0
    company.pass_time(seconds=(SECOND_DAY - company.now).total_seconds())
    assert sync.perform(run.pk, now=company.now).state == "done"
    assert budget(company).others_today == 0


def test_45_that_comes_unannounced_is_taken_from_the_source(company):
    books = company.sandbox
    fill(company)
    company.sync()
    books.switch(per_day=company.sandbox.calls() + 2, enforce_limits=True, per_day_written="comma")
    allow(company, remaining_seen=None, share_percent=100)
    run = company.sync()
    row = budget(company)
    assert (run.state, run.due_at, row.blocked_until) == ("queued", SECOND_DAY, SECOND_DAY)
    assert run.last_error == (
        "The day's calls to Zoho Books are used up; reading goes on when Zoho counts anew."
    )


@pytest.mark.parametrize(
    ("limits", "wait"),
    [
        ({"per_minute": 8}, timedelta(seconds=60)),
        ({"per_minute": 8, "per_minute_block_seconds": 50}, timedelta(seconds=60)),
        ({"burst": 8, "burst_block_seconds": 170}, timedelta(seconds=180)),
    ],
    ids=["44", "44 with a block", "43"],
)
def test_44_and_43_wait_a_minute_and_more_and_then_go_slower(company, limits, wait):
    books = company.sandbox
    fill(company)
    books.switch(per_page_cap=2, enforce_limits=True, **limits)
    run = begin(company)
    row = budget(company)
    assert (run.state, run.due_at, row.blocked_until) == ("queued", company.now + wait, company.now + wait)
    assert row.minute_limit == 60
    stopped_at = (run.stage, run.page)
    # Nobody else calls meanwhile, not even for a look.
    look = budgets.SharedBudget(company.organisation, use=budgets.Use.LOOK)
    with pytest.raises(budgets.Held):
        look.take()
    paces = []
    while run.state == "queued":
        company.pass_time(seconds=(run.due_at - company.now).total_seconds() + 1)
        run = sync.perform(run.pk, now=company.now)
        paces.append(budget(company).minute_limit)
    assert stopped_at == ("customers", 2)
    assert (run.state, run.counts["customers"]["read"], run.problems) == ("done", 24, [])
    assert paces == [45, 33, 24, 24], (
        "each further complaint takes a quarter off; the last time there was none"
    )


def test_1070_tries_again_shortly_with_fewer_at_once(company):
    books = company.sandbox
    fill(company)
    company.sync()
    books.switch(in_flight=0, enforce_limits=True)
    with stamina_without_pauses():
        run = company.sync()
    row = budget(company)
    assert (run.state, run.due_at) == ("queued", company.now + timedelta(seconds=3))
    assert (row.at_once, row.minute_limit) == (budgets.FEWER_AT_ONCE, 0)
    books.switch(in_flight=10)
    company.pass_time(seconds=4)
    run = sync.perform(run.pk, now=company.now)
    assert (run.state, run.problems) == ("done", [])
    row = budget(company)
    assert (row.at_once, row.readers) == (budgets.FEWER_AT_ONCE, {}), "its place is free again"
    company.pass_time(days=1)
    assert company.sync().state == "done"
    assert budget(company).at_once == 0


class stamina_without_pauses:  # noqa: N801 - reads as a deed
    """Retries in place come at once."""

    def __enter__(self):
        stamina.set_testing(True, attempts=4)

    def __exit__(self, *_):
        stamina.set_testing(False)


def test_a_quiet_sync_counts_the_four_calls_it_made(company):
    company.sync()
    before = budget(company).used_today
    company.sync()
    assert budget(company).used_today - before == QUIET


WORKER = """
import sys
from dunright.models import Organisation
from dunright.remote.errors import DailyLimit
from dunright.services import budgets
organisation = Organisation.objects.get(pk=int(sys.stdin.readline()))
print("ready", flush=True)
sys.stdin.readline()
budget = budgets.SharedBudget(organisation)
try:
    for _ in range(40):
        budget.take()
except DailyLimit:
    pass
budget.give_back()
print(budget.calls, flush=True)
"""


def test_programs_on_several_hosts_share_one_days_calls(spawned):
    from tests.support import factories as make

    organisation = make.organisation()
    CallBudget.objects.create(organisation=organisation, daily_limit=140, minute_limit=0, day_ends_at=None)
    programs = [spawned.start_code(WORKER) for _ in range(3)]
    for one in programs:
        one.stdin.write(f"{organisation.pk}\n")
        one.stdin.flush()
    assert [one.stdout.readline() for one in programs] == ["ready\n"] * 3
    for one in programs:
        one.stdin.write("go\n")
        one.stdin.flush()
    made = [int(json.loads(one.stdout.readline())) for one in programs]
    row = CallBudget.objects.get(organisation=organisation)
    # 3 times 40 were wanted; half of 140 are Dunright's, to the last call.
    assert (sum(made), row.used_today, max(made) <= 40) == (70, 70, True)
    assert SyncRun.objects.filter(organisation=organisation).count() == 0
