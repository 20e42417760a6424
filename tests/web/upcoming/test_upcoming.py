"""Upcoming: the list, the message chosen, and what a person does about it."""

from datetime import UTC, date, datetime

import pytest

from dunright.models import Hold, Organisation, Role, Template
from dunright.web.upcoming import views
from tests.support import factories as make

STATEMENTS = 32
HOSTILE = "<script>alert(1)</script>"


def coming(organisation, name="Halloran Bearings", *, state="pending", **fields):
    customer = make.customer(organisation, name)
    make.person(customer, f"p{make.number()}@halloran.example")
    return make.message(customer, [make.invoice(customer)], state=state, **fields)


def address(organisation, rest=""):
    return f"/o/{organisation.pk}/upcoming/{rest}"


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_rows(signed_in, northwind, django_assert_num_queries, count):
    for place in range(count):
        coming(northwind, f"Waiting {place}")
        foreseen = make.customer(northwind, f"Foreseen {place}")
        make.person(foreseen, f"f{place}@foreseen.example")
        make.invoice(foreseen, due=date(2026, 11, 30))
    make.facts_follow(northwind)
    with django_assert_num_queries(STATEMENTS):
        response = signed_in.get(address(northwind))
    assert len(response.context["rows"]) == count
    # Today's run would remind of what is due on Monday; the others have their message.
    assert len(response.context["days"][0].rows) == count


def test_of_many_messages_the_first_are_shown_until_all_are_asked_for(signed_in, northwind, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    for place in range(3):
        coming(northwind, f"Waiting {place}")
    answers = [signed_in.get(address(northwind), query) for query in ({}, {"all": "1"})]
    groups = [answer.context["groups"][0] for answer in answers]
    assert [(len(group.rows), group.size) for group in groups] == [(2, 3), (3, 3)]
    assert groups[0].sums == groups[1].sums
    pages = [answer.content.decode() for answer in answers]
    assert ["Show all 3 messages" in page for page in pages] == [True, False]
    assert ["&amp;all=1#message" in page for page in pages] == [False, True]


def test_the_message_chosen_is_shown_in_full_and_as_text(signed_in, northwind):
    coming(northwind, "First")
    second = coming(northwind, HOSTILE, text=f"Dear {HOSTILE}", subject="Second subject")
    page = signed_in.get(address(northwind), {"message": second.pk}).content.decode()
    assert "Second subject" in page
    assert "Dear &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert HOSTILE not in page


@pytest.mark.parametrize("asked", ["x", "²", "9" * 40, "-1", ""])
def test_an_unknown_message_shows_the_first(signed_in, northwind, asked):
    first = coming(northwind)
    assert signed_in.get(address(northwind), {"message": asked}).context["message"] == first


def test_nothing_on_the_way_names_the_next_run(signed_in, northwind):
    page = signed_in.get(address(northwind)).content.decode()
    assert "Nothing is on the way" in page
    assert "The next run is today." in page


def test_approving_lets_only_the_named_messages_leave(signed_in, northwind):
    first, second, third = (coming(northwind, f"C{place}") for place in range(3))
    signed_in.post(address(northwind, "approve/"), {"message": [first.pk, second.pk, "x"]})
    for one in (first, second, third):
        one.refresh_from_db()
    assert [one.state for one in (first, second, third)] == ["approved", "approved", "pending"]


def test_another_companys_message_is_neither_shown_nor_approved(signed_in, northwind):
    theirs = coming(make.organisation("Other Ltd"))
    signed_in.post(address(northwind, "approve/"), {"message": theirs.pk})
    answers = [
        signed_in.post(address(northwind, f"{theirs.pk}/{what}/")).status_code for what in ("edit", "cancel")
    ]
    theirs.refresh_from_db()
    assert (theirs.state, answers) == ("pending", [404, 404])
    assert signed_in.get(address(northwind), {"message": theirs.pk}).context["message"] is None


def test_not_this_time_withdraws_and_holds_until_the_day_after(signed_in, northwind):
    message = coming(northwind)
    signed_in.post(address(northwind, f"{message.pk}/cancel/"))
    message.refresh_from_db()
    hold = Hold.objects.get(organisation=northwind)
    assert (message.state, hold.customer, hold.date) == ("cancelled", message.customer, date(2026, 11, 25))


def test_editing_starts_from_the_template_and_keeps_the_wording(signed_in, northwind):
    template = Template.objects.filter(organisation=northwind, form="single", kind="reminder").first()
    message = coming(northwind, template_version=template.version)
    path = address(northwind, f"{message.pk}/edit/")
    form = signed_in.get(path).context["form"]
    assert form.initial == {"subject": template.version.subject, "body": template.version.body}
    body = form.initial["body"].replace("</p>", " Thank you.</p>", 1)
    answer = signed_in.post(path, {"subject": "My subject", "body": body})
    message.refresh_from_db()
    assert (answer.status_code, message.edited_subject, message.edited_body) == (
        302,
        "My subject",
        body.strip(),
    )
    assert "My subject" in signed_in.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("subject", "body", "sentence"),
    [
        ("", "x", "This field is required."),
        ("S", "<p>Pay {{ nothing.known }}</p>", "There is no placeholder called “nothing.known”"),
        ("S", "<script>x</script>", "which letters may not use"),
        ("S", "<p>x</p>", "A reminder has to say"),
    ],
)
def test_a_text_that_cannot_leave_is_refused(signed_in, northwind, subject, body, sentence):
    message = coming(northwind)
    answer = signed_in.post(address(northwind, f"{message.pk}/edit/"), {"subject": subject, "body": body})
    message.refresh_from_db()
    assert (answer.status_code, message.edited_body) == (422, "")
    assert sentence in answer.content.decode()


def test_a_message_that_left_cannot_be_changed(signed_in, northwind):
    message = coming(northwind, state="sent")
    assert signed_in.get(address(northwind, f"{message.pk}/edit/")).status_code == 404
    assert signed_in.post(address(northwind, f"{message.pk}/cancel/")).status_code == 404


def test_pausing_and_resuming(signed_in, northwind):
    assert "Pause chasing" in signed_in.get(address(northwind)).content.decode()
    signed_in.post(address(northwind, "pause/"))
    northwind.refresh_from_db()
    assert northwind.is_paused
    page = signed_in.get(address(northwind)).content.decode()
    assert ("Resume chasing" in page, "Chasing is paused" in page) == (True, True)
    signed_in.post(address(northwind, "resume/"))
    northwind.refresh_from_db()
    assert not northwind.is_paused


@pytest.mark.parametrize(("day", "is_paused"), [(24, False), (25, True)])
def test_a_pause_is_over_on_its_day(signed_in, northwind, day, is_paused):
    Organisation.objects.filter(pk=northwind.pk).update(is_paused=True, paused_until=date(2026, 11, day))
    page = signed_in.get(address(northwind)).content.decode()
    assert ("Resume chasing" in page, "Pause chasing" in page) == (is_paused, not is_paused)


@pytest.mark.parametrize(
    ("role", "what", "status"),
    [
        (Role.VIEWER, "approve/", 403),
        (Role.VIEWER, "pause/", 403),
        (Role.CHASER, "approve/", 302),
        (Role.CHASER, "resume/", 403),
        (Role.MANAGER, "resume/", 302),
    ],
)
def test_who_may(client, northwind, role, what, status):
    client.force_login(make.member(northwind, role))
    assert client.post(address(northwind, what)).status_code == status


def test_a_viewer_sees_no_buttons(client, northwind):
    coming(northwind, due_at=datetime(2026, 11, 24, 11, 18, tzinfo=UTC))
    client.force_login(make.member(northwind, Role.VIEWER))
    page = client.get(address(northwind)).content.decode()
    assert ("Not this time" in page, "Pause chasing" in page) == (False, False)
