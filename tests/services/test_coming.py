"""Messages before their run: approved, worded anew, kept while nothing of it changes (chasing-rules.md section 5)."""

from datetime import date, timedelta

import pytest

from dunright.models import ComingDecision, ContactPerson, Invoice, Role, TimelineEntry
from dunright.services import coming, previews
from dunright.services.coming import CannotDecideYet
from dunright.services.permissions import NotAllowed
from tests.services.deciding import decided, messages_of, owing
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for rows by key.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


@pytest.fixture
def northwind(db):
    """Every reminder waits for a person."""
    return make.organisation(approval="always")


@pytest.fixture
def halloran(northwind):
    return owing(northwind)


@pytest.fixture
def owner(northwind):
    return make.owner(northwind)


def foreseen(customer, day=TODAY):
    return coming.foresee(customer, day, now=NOW)


def approved(customer, owner):
    found = foreseen(customer)
    coming.approve(found, seen=found.seen, by=owner, now=NOW)


def worded(customer, owner, subject="A word about {{ invoice.number }}"):
    found = foreseen(customer)
    coming.word(found, subject=subject, body=found.text.body, seen=found.seen, by=owner, now=NOW)


def message_of(northwind):
    decided(northwind)
    (message,) = messages_of(northwind).values()
    return message


def test_approved_before_its_run_it_leaves_without_another_look(northwind, halloran, owner):
    approved(halloran, owner)
    message = message_of(northwind)
    assert (message.state, message.approved_by, message.approved_at, message.reason) == (
        "approved",
        owner,
        NOW,
        "",
    )
    told = (
        TimelineEntry.objects.filter(organisation=northwind).order_by("pk").values_list("sentence", flat=True)
    )
    assert list(told) == [
        "Follow-up of 2026-11-24, approved before its run",
        "Follow-up, approved before its run",
    ]


def test_who_approves_a_message_of_the_first_batch_before_its_run_has_read_it(owner):
    northwind = make.organisation(owner=owner)
    northwind.batch_approved_at = None
    northwind.save()
    approved(owing(northwind), owner)
    message_of(northwind)
    northwind.refresh_from_db()
    assert northwind.batch_approved_at == NOW


def test_worded_it_waits_in_its_own_words_with_amounts_filled_in(northwind, halloran, owner):
    worded(halloran, owner)
    message = message_of(northwind)
    number = Invoice.objects.get(organisation=northwind).number
    assert (message.state, message.subject, message.edited_subject) == (
        "pending",
        f"A word about {number}",
        "A word about {{ invoice.number }}",
    )


def test_worded_and_approved_it_leaves_in_its_own_words(northwind, halloran, owner):
    worded(halloran, owner)
    approved(halloran, owner)
    message = message_of(northwind)
    assert (message.state, message.edited_subject) == ("approved", "A word about {{ invoice.number }}")


def fewer(northwind, halloran):
    Invoice.objects.filter(organisation=northwind, number="SECOND").update(status="paid", balance=0)


def more_owed(northwind, halloran):
    Invoice.objects.filter(organisation=northwind, number="SECOND").update(balance="99.00")


@pytest.mark.parametrize("change", [fewer, more_owed])
def test_it_holds_when_amounts_change_or_an_invoice_is_paid(northwind, halloran, owner, change):
    make.invoice(halloran, "SECOND")
    approved(halloran, owner)
    change(northwind, halloran)
    assert message_of(northwind).state == "approved"


def another_step(northwind, halloran):
    Invoice.objects.filter(organisation=northwind).update(due_date=date(2026, 10, 20))


def another_person(northwind, halloran):
    ContactPerson.objects.filter(organisation=northwind).update(email="sean@halloran.example")


def another_invoice(northwind, halloran):
    make.invoice(halloran)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (another_step, coming.OTHER_STEP),
        (another_person, coming.OTHER_PEOPLE),
        (another_invoice, coming.MORE_INVOICES),
    ],
)
@pytest.mark.parametrize("approval", ["always", "never"])
def test_what_changed_waits_for_review(owner, change, reason, approval):
    northwind = make.organisation(approval=approval, approve_escalated=False, owner=owner)
    halloran = owing(northwind)
    worded(halloran, owner)
    approved(halloran, owner)
    change(northwind, halloran)
    message = message_of(northwind)
    assert (message.state, message.reason, message.edited_body, message.approved_at) == (
        "pending",
        reason,
        "",
        None,
    )


def test_a_decision_about_another_message_gives_way_to_a_new_one(northwind, halloran, owner):
    worded(halloran, owner)
    another_person(northwind, halloran)
    assert (foreseen(halloran).changed, foreseen(halloran).own_words) == (coming.OTHER_PEOPLE, None)
    approved(halloran, owner)
    kept = ComingDecision.objects.get(organisation=northwind)
    assert (kept.body, kept.address_keys, foreseen(halloran).changed) == ("", ["sean@halloran.example"], "")


def test_what_was_not_on_the_page_is_not_approved(northwind, halloran, owner):
    seen = foreseen(halloran).seen
    another_invoice(northwind, halloran)
    with pytest.raises(CannotDecideYet, match="has changed since the page was opened"):
        coming.approve(foreseen(halloran), seen=seen, by=owner, now=NOW)
    assert ComingDecision.objects.filter(organisation=northwind).count() == 0


@pytest.mark.parametrize(
    ("subject", "body", "sentence"),
    [
        (" ", "<p>x</p>", "may not be empty"),
        ("S", " \n", "may not be empty"),
        ("S\nBcc: all@x.example", "<p>x</p>", "one line"),
    ],
)
def test_an_empty_or_broken_wording_is_refused(northwind, halloran, owner, subject, body, sentence):
    found = foreseen(halloran)
    with pytest.raises(CannotDecideYet, match=sentence):
        coming.word(found, subject=subject, body=body, seen=found.seen, by=owner, now=NOW)
    assert ComingDecision.objects.filter(organisation=northwind).count() == 0


def test_taken_back_the_run_decides_as_if_nobody_had(northwind, halloran, owner):
    approved(halloran, owner)
    assert [coming.forget(foreseen(halloran), by=owner, now=NOW) for _ in range(2)] == [True, False]
    assert message_of(northwind).state == "pending"


def test_a_wording_that_cannot_be_filled_in_any_more_waits_in_the_words_of_its_text(
    northwind, halloran, owner
):
    found = foreseen(halloran)
    coming.word(found, subject="S", body="<p>{{ nothing.known }}</p>", seen=found.seen, by=owner, now=NOW)
    approved(halloran, owner)
    message = message_of(northwind)
    assert (message.state, message.edited_body) == ("pending", "")
    assert message.reason.startswith("your wording cannot be filled in any more: ")


def test_only_what_is_foreseen_can_be_decided_on(northwind, halloran):
    assert foreseen(halloran, TODAY + timedelta(days=1)) is None
    assert foreseen(halloran, TODAY + timedelta(days=365)) is None
    later = foreseen(owing(northwind, "Later", due=date(2026, 11, 27)), date(2026, 12, 1))
    assert (later.run.date, later.changed, later.sender.email) == (
        date(2026, 12, 1),
        "",
        make.owner(northwind).email,
    )


def test_the_letter_is_that_of_its_day(northwind, halloran, owner):
    later = owing(northwind, "Later", due=date(2026, 11, 27))
    found = foreseen(later, date(2026, 12, 1))
    shown = previews.before_its_run(found)
    tried = previews.before_its_run(found, subject="Mine", body=found.text.body)
    broken = previews.before_its_run(found, subject="Mine", body="{{ nothing.known }}")
    assert (shown.rendered.subject, tried.rendered.subject, broken.rendered) == (
        found.writer.write(found.draft).subject,
        "Mine",
        None,
    )
    assert "27 November" in shown.rendered.text


def test_a_run_that_is_made_up_takes_the_decisions_along(northwind, halloran, owner):
    approved(halloran, owner)
    other = owing(northwind, "Other")
    for day in (TODAY, TODAY + timedelta(days=1)):
        ComingDecision.objects.create(
            organisation=northwind, customer=other, run_date=day, step="x", form="single", changed_at=NOW
        )
    coming.postpone(northwind, day=TODAY, to=TODAY + timedelta(days=1))
    rows = ComingDecision.objects.filter(organisation=northwind).order_by("run_date", "customer__name")
    assert [(one.customer.name, one.run_date) for one in rows] == [
        ("Other", TODAY),
        ("Halloran Bearings", TODAY + timedelta(days=1)),
        ("Other", TODAY + timedelta(days=1)),
    ]


@pytest.mark.parametrize(
    "deed",
    [
        lambda found, by: coming.approve(found, seen=found.seen, by=by, now=NOW),
        lambda found, by: coming.word(found, subject="S", body="x", seen=found.seen, by=by, now=NOW),
        lambda found, by: coming.forget(found, by=by, now=NOW),
    ],
    ids=["approve", "word", "forget"],
)
def test_a_viewer_may_do_none_of_it(northwind, halloran, deed):
    with pytest.raises(NotAllowed):
        deed(foreseen(halloran), make.member(northwind, Role.VIEWER))
    assert ComingDecision.objects.filter(organisation=northwind).count() == 0
