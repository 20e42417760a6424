"""Agrees with Zoho Books? The proof with its age, differences with what to do, and what keeps people from chasing."""

import re
from datetime import timedelta

import pytest

from dunright.models import Connection, Proof, Role
from dunright.services import work
from tests.support import factories as make
from tests.web.health.planted import COUNTS, TOTALS, difference, proof, troubles

STATEMENTS = 30


def address(organisation, rest=""):
    return f"/o/{organisation.pk}/health/{rest}"


def text_of(answer):
    body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_agreement_with_its_totals_and_its_age(signed_in, northwind):
    proof(northwind)
    said = text_of(signed_in.get(address(northwind)))
    assert "Yes, it agrees Every open invoice and every customer was compared." in said
    assert "Proved today 08:56 , 4 minutes ago, for 7 calls" in said
    assert "EUR €1,250.50 €1,250.50 there €1,250.50 none" in said
    assert "Customers 3 3 Paid invoices 7 not asked" in said
    assert "What differed" not in said


def test_a_difference_says_what_to_do_and_leads_there(signed_in, northwind):
    invoice = make.invoice(make.customer(northwind, "Kelly & Sons"), "INV-1")
    left = [difference(invoice), difference(invoice, kind="due_date", ours="2026-11-01", outcome="mended")]
    proof(northwind, agrees=False, totals=TOTALS, differences=left, more=3)
    answer = signed_in.get(address(northwind))
    said = text_of(answer)
    assert "No, something differs" in said
    assert "USD $999.99 $1,099.99 there $1,099.99 $100.00" in said
    assert (
        "INV-1 of Kelly &amp; Sons: 999.99 USD open here, 1,099.99 USD in the books. "
        "It may have changed while it was read: check again. "
        "Open INV-1 In Zoho Books : INV-1, opens a new window Differs"
    ) in said
    assert "It was read again, and is equal now." in said
    assert "and 3 more" in said
    assert f'href="/o/{northwind.pk}/invoices/{invoice.pk}/"' in answer.content.decode()


def test_a_light_proof_keeps_the_totals_of_the_last_whole_one(signed_in, northwind):
    proof(northwind)
    proof(northwind, kind="light", calls=3, totals=[{"currency": "EUR", "ours": "1.00", "theirs": None}])
    said = text_of(signed_in.get(address(northwind)))
    assert "A light check: numbers, and what Zoho Books says each customer owes." in said
    assert "for 3 calls Last whole check today 08:56 , for 7 calls" in said
    assert "EUR €1,250.50" in said


def test_before_the_first_proof(signed_in, northwind):
    said = text_of(signed_in.get(address(northwind)))
    assert "Not compared yet The first check follows the first sync by itself. Check now" in said
    assert "The books are clean" in said


def test_without_books_there_is_nothing_to_press(signed_in, northwind):
    Connection.objects.filter(organisation=northwind).delete()
    said = text_of(signed_in.get(address(northwind)))
    assert "Not compared yet Connect the books first." in said
    assert "Nothing is connected, so there is nobody to chase." in said
    assert "Check now" not in said


def test_check_now_is_a_row_that_workers_are_told_of(
    signed_in, northwind, monkeypatch, django_capture_on_commit_callbacks
):
    nudged = []
    monkeypatch.setattr(work, "nudge", lambda label, pk: nudged.append((label, pk)))
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in.post(address(northwind, "check/"))
    made = Proof.objects.get(organisation=northwind)
    assert (answer["Location"], made.kind, made.state) == (address(northwind), "full", "queued")
    assert (made.requested_by, nudged) == (make.owner(northwind), [("verify", made.pk)])
    page = signed_in.get(address(northwind))
    assert "A check is under way." in text_of(page)
    assert "Check now" not in text_of(page)
    assert 'hx-trigger="load delay:2s"' in page.content.decode()
    signed_in.post(address(northwind, "check/"))
    assert Proof.objects.filter(organisation=northwind).count() == 1


def test_the_part_that_asks_again_is_the_proof_alone(signed_in, northwind):
    proof(northwind)
    answer = signed_in.get(address(northwind), headers={"HX-Request": "true", "HX-Target": "proof"})
    body = answer.content.decode()
    assert body.lstrip().startswith('<section class="card" id="proof"')
    assert "hx-trigger" not in body
    assert "What keeps somebody" not in body


def test_a_check_that_waits_or_failed_says_why(signed_in, northwind):
    proof(northwind)
    waiting = proof(
        northwind,
        state="queued",
        agrees=None,
        finished_at=None,
        due_at=make.NOW + timedelta(hours=2),
        last_error="Today's share is used up.",
    )
    page = signed_in.get(address(northwind))
    assert "The next check waits until today 11:00. Today&#x27;s share is used up." in text_of(page)
    assert "hx-trigger" not in page.content.decode().partition('id="proof"')[2].partition(">")[0]
    Proof.objects.filter(organisation=northwind, pk=waiting.pk).update(state="failed")
    said = text_of(signed_in.get(address(northwind)))
    assert "The last check came to no verdict. Today&#x27;s share is used up. Check now" in said


def test_books_that_cannot_be_compared_refuse_with_a_sentence(signed_in, northwind):
    Connection.objects.filter(organisation=northwind).update(complete_sync_at=None)
    said = text_of(signed_in.get(address(northwind)))
    assert "The books are being read for the first time: chasing begins after that." in said
    answer = signed_in.post(address(northwind, "check/"), follow=True)
    assert "were not read to their end yet; they can be compared after that." in answer.content.decode()
    assert Proof.objects.filter(organisation=northwind).count() == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"state": "disconnected"},
            "The books are disconnected: nothing is sent until somebody reconnects them.",
        ),
        (
            {"complete_sync_at": make.NOW - timedelta(hours=25)},
            "The books here are more than a day old: nothing is sent before they were read again.",
        ),
    ],
)
def test_what_stops_all_chasing_comes_first(signed_in, northwind, fields, said):
    Connection.objects.filter(organisation=northwind).update(**fields)
    assert said in text_of(signed_in.get(address(northwind)))


def test_every_trouble_in_the_books_is_named_with_what_to_do(signed_in, northwind):
    troubles(northwind, 2)
    answer = signed_in.get(address(northwind))
    found = {one["advice"].title: (one["issue"].number, len(one["rows"])) for one in answer.context["issues"]}
    assert found == {
        "Needs a due date": (2, 2),
        "Nobody to write to": (2, 2),
        "Address refused": (2, 2),
        "Number stands twice": (4, 4),
        "Same address, two customers": (2, 2),
        "Archived, and owes something": (2, 2),
        "Left out": (2, 2),
    }
    assert "<script>alert" not in answer.content.decode().partition("<main")[2]


def test_only_the_first_of_many_are_shown(signed_in, northwind):
    troubles(northwind, 7)
    answer = signed_in.get(address(northwind))
    assert {len(one["rows"]) for one in answer.context["issues"]} == {5}
    assert "and 2 more" in text_of(answer)


@pytest.mark.parametrize("count", [1, 7])
def test_statements_do_not_grow_with_the_rows(signed_in, northwind, django_assert_num_queries, count):
    troubles(northwind, count + 1)
    invoices = [make.invoice(make.customer(northwind), f"D-{place}") for place in range(count)]
    proof(northwind, agrees=False, differences=[difference(one) for one in invoices], counts=COUNTS)
    with django_assert_num_queries(STATEMENTS):
        signed_in.get(address(northwind))


@pytest.mark.parametrize(
    ("role", "sees", "status"),
    [(Role.VIEWER, False, 403), (Role.CHASER, True, 302), (Role.MANAGER, True, 302)],
)
def test_who_may_check(client, northwind, role, sees, status):
    client.force_login(make.member(northwind, role))
    assert ("Check now" in text_of(client.get(address(northwind)))) is sees
    assert client.post(address(northwind, "check/")).status_code == status
