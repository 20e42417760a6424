"""Letters that cannot be written as they are: nothing leaves, and a person is told why in one sentence."""

import pytest

from dunright.models import OutboxMessage, Sender, ToDo
from dunright.services import outbox
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def approved(company):
    run_due(now=at(MONDAY))
    waiting = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    outbox.approve([waiting], by=None, now=at(MONDAY, 11, 1))
    return waiting


def test_subject_that_comes_out_blank(company, approved, catcher):
    body = "<p>Dear {{ contact.first_name }}, {{ invoice.number }} over {{ invoice.amount_due }} fell due on "
    OutboxMessage.objects.filter(pk=approved.pk).update(
        edited_subject="{{ invoice.reference }}", edited_body=f"{body}{{{{ invoice.due_date }}}}.</p>"
    )
    assert dict(run_due(now=at(MONDAY, 11, 2)).messages) == {"failed": 1}
    to_do = ToDo.objects.get(organisation=company, kind="failed")
    assert to_do.sentence == (
        "Halloran Bearings: Subject: it comes out empty; write words into it that always stand there."
    )
    assert catcher.messages() == []


def test_names_with_quotation_marks_arrive_as_they_are_written(company, approved, catcher):
    Sender.objects.filter(organisation=company).update(name='Ada "AJ" Moor, Accounts')
    assert dict(run_due(now=at(MONDAY, 11, 2)).messages) == {"sent": 1}
    (mail,) = catcher.messages()
    assert dict(mail["headers"])["From"] == '"Ada \\"AJ\\" Moor, Accounts" <ada@northwind.example>'
