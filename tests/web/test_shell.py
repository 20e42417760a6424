"""The frame of a page: menu, badges, age of the books, banners."""

from datetime import UTC, datetime, timedelta

import pytest

from dunright.models import Customer, Membership, Organisation, OutboxMessage, Role, SyncRun, ToDo
from dunright.queries.shell import membership
from dunright.web.shell import shell

NOW = datetime(2026, 11, 24, 9, 38, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("specimen")


@pytest.fixture
def framed(company, member):
    """`framed()` is the shell as the member sees it now."""
    user = member()

    def seen(role=Role.OWNER):
        Membership.objects.filter(organisation=company, user=user).update(role=role)
        return shell(membership(company.pk, user), feature="customers", now=NOW)

    return seen


def test_the_menu_has_the_pages_that_exist_and_marks_where_one_is(framed, company):
    groups = [[(item.label, item.is_current) for item in group] for group in framed().groups]
    assert groups == [
        [("Today", False), ("Receivables", True), ("Upcoming", False), ("Sent", False), ("To do", False)],
        [("Schedules", False), ("Templates", False), ("Statements", False)],
    ]
    home = f"/o/{company.pk}"
    pages = ("connection", "health", "settings")
    assert [item.url for item in framed().footer] == [f"{home}/{page}/" for page in pages]


def test_badges_count_this_companys_waiting_messages_and_open_to_dos(framed, company):
    other = Organisation.objects.create(name="Elsewhere Ltd")
    for organisation in (company, other):
        customer = Customer.objects.create(organisation=organisation, external_id="1", name="Kestrel Lifts")
        for number, state in enumerate(("pending", "pending", "sent")):
            OutboxMessage.objects.create(
                organisation=organisation,
                customer=customer,
                run_date=NOW.date() + timedelta(days=number),
                kind="overdue",
                state=state,
                due_at=NOW,
                planned_at=NOW,
            )
        ToDo.objects.create(
            organisation=organisation, kind="uncertain", subject="customer:1", sentence="?", since=NOW
        )
        ToDo.objects.create(
            organisation=organisation,
            kind="refused",
            subject="customer:1",
            sentence="?",
            since=NOW,
            closed_at=NOW,
        )
    badges = {
        item.label: (item.badge, item.badge_tone) for group in framed().groups for item in group if item.badge
    }
    assert badges == {"Upcoming": (2, "amber"), "To do": (1, "")}


def test_the_frame_takes_a_constant_number_of_statements(framed, books, django_assert_num_queries):
    books()
    with django_assert_num_queries(7):  # 2 are the fixture's own
        framed()


@pytest.mark.parametrize(
    ("age", "sentence", "dot"),
    [
        (timedelta(minutes=4), "Synced 4 minutes ago", "fresh"),
        (timedelta(hours=23), "Synced 23 hours ago", "fresh"),
        (timedelta(hours=24), "Synced 24 hours ago", "old"),
        (None, "Not synced yet", "never"),
    ],
)
def test_the_age_of_the_books(framed, books, age, sentence, dot):
    books(complete_sync_at=NOW - age if age else None)
    line = framed().sync
    assert (line.sentence, line.state, line.is_running) == (sentence, dot, False)


def test_a_sync_that_failed_says_why(framed, books, company):
    books(complete_sync_at=NOW - timedelta(hours=3))
    SyncRun.objects.create(
        organisation=company,
        requested_at=NOW,
        due_at=NOW,
        state="failed",
        problems=["Zoho Books did not answer."],
    )
    line = framed().sync
    assert (line.sentence, line.state, line.detail) == (
        "Last sync failed, data from 3 hours ago",
        "failed",
        "Zoho Books did not answer.",
    )


@pytest.mark.parametrize(
    ("stage", "counts", "sentence"),
    [
        ("", {}, "Sync starts"),
        ("invoices", {}, "Reading invoices"),
        ("invoices", {"invoices": {"read": 1200, "changed": 3}}, "Reading invoices, 1,200 so far"),
    ],
)
def test_a_sync_that_runs_says_how_far_it_is(framed, books, company, stage, counts, sentence):
    books()
    SyncRun.objects.create(
        organisation=company, requested_at=NOW, due_at=NOW, state="running", stage=stage, counts=counts
    )
    line = framed().sync
    assert (line.sentence, line.is_running) == (sentence, True)


@pytest.mark.parametrize(("role", "may"), [(Role.CHASER, True), (Role.VIEWER, False)])
def test_who_may_sync_gets_the_button(framed, books, company, role, may):
    books()
    assert framed(role).sync.now_url == (f"/o/{company.pk}/sync/now/" if may else "")


def test_without_books_there_is_nothing_to_sync(framed):
    assert framed().sync.now_url == ""


def test_a_lost_connection_is_told_on_every_page(framed, books):
    books(state="disconnected", sentence="Zoho Books no longer accepts this connection.")
    frame = framed()
    said = "Zoho Books no longer accepts this connection."
    after = "Chasing is paused until it is back; nothing piles up meanwhile."
    assert (frame.trouble, frame.sync.now_url) == (f"{said} {after}", "")


def test_the_switcher_lists_only_ones_own_companies(framed, company):
    Organisation.objects.create(name="Elsewhere Ltd")
    assert [(choice.name, choice.is_current) for choice in framed().organisations] == [
        ("Northwind Parts Ltd", True)
    ]
