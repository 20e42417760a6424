"""Thank-yous and statements on Upcoming and Sent, where they stand among the reminders."""

import pytest

from dunright.models import Hold, Template, ThankYou
from tests.support import factories as make
from tests.support.factories import TODAY


def coming(organisation, kind, *, state="planned"):
    """A thank-you for a paid invoice, or a statement of an open one, as its run plans it."""
    customer = make.customer(organisation)
    make.person(customer)
    settled = {"status": "paid", "balance": "0", "paid_seen_date": TODAY} if kind == "thank_you" else {}
    invoice = make.invoice(customer, "INV-1", **settled)
    name = "Thank you" if kind == "thank_you" else "Statement"
    template = Template.objects.get(organisation=organisation, name=name, form="single")
    message = make.message(
        customer,
        [invoice],
        kind=kind,
        slot=f"{kind}-x",
        step="",
        state=state,
        schedule_name="",
        template_version=template.version,
        subject=f"{name}: INV-1",
    )
    if kind == "thank_you":
        ThankYou.objects.create(organisation=organisation, invoice=invoice, message=message, decided_on=TODAY)
    return message


def page(client, organisation, rest):
    response = client.get(f"/o/{organisation.pk}/{rest}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [("thank_you", "Thank you", ""), ("statement", "Statement", "Statement 2026-11-24.pdf")],
)
def test_it_is_shown_under_its_name_with_its_file(signed_in, northwind, kind, name, file):
    message = coming(northwind, kind)
    shown = page(signed_in, northwind, f"upcoming/?message={message.pk}")
    assert f"{name}: INV-1" in shown
    assert file in shown
    assert "Withdraw" in shown
    assert "Not this time" not in shown
    type(message).objects.filter(pk=message.pk).update(state="sent")
    assert f"{name}: INV-1" in page(signed_in, northwind, "sent/")
    assert "Halloran Bearings" in page(signed_in, northwind, f"sent/{message.pk}/")


@pytest.mark.parametrize("kind", ["thank_you", "statement"])
def test_withdrawn_it_holds_nobody_back(signed_in, northwind, kind):
    message = coming(northwind, kind)
    address = f"/o/{northwind.pk}/upcoming/{message.pk}/cancel/"
    noun = "thank-you" if kind == "thank_you" else "statement"
    assert f"Withdraw the {noun} to Halloran Bearings" in signed_in.get(address).content.decode()
    signed_in.post(address)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "withdrawn by a person")
    assert Hold.objects.filter(organisation=northwind).count() == 0


@pytest.mark.parametrize(
    ("kind", "said"),
    [("thank_you", "INV-1 is settled."), ("statement", "Attached is a statement of your account.")],
)
def test_own_wording_is_seen_as_it_leaves(signed_in, northwind, kind, said):
    message = coming(northwind, kind)
    words = "{{ invoice.number }} is settled." if kind == "thank_you" else "Attached is {{ attached }}."
    address = f"/o/{northwind.pk}/upcoming/{message.pk}/edit/"
    signed_in.post(address, {"subject": "Own", "body": f"<p>{words}</p>", "do": "keep"})
    message.refresh_from_db()
    assert message.edited_subject == "Own"
    assert said in page(signed_in, northwind, f"upcoming/?message={message.pk}")
