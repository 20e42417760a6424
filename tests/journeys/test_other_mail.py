"""Thank-yous and statements from the books to the mailbox (chasing-rules.md section 7)."""

import email
import email.policy
import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from dunright.domain.schedules import Schedule, Step
from dunright.models import (
    Connection,
    ConsumedStep,
    Customer,
    Invoice,
    MessageState,
    Organisation,
    OtherMailRun,
    OutboxMessage,
    SpentAddress,
    ThankYou,
    TimelineEntry,
)
from dunright.services import organisations, outbox, policies, sending
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` and the workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 3, 4))


@pytest.fixture
def calm(company):
    """Its first batch was approved long ago; chases on Fridays only, and the reminder of the first one is not due."""
    Organisation.objects.filter(pk=company.pk).update(batch_approved_at=at(MONDAY, 8))
    Invoice.objects.filter(organisation=company).update(is_chasing=False)
    organisations.change_settings(company, {"chase_days": "fri"}, by=None, now=at(MONDAY, 8))
    return company


def day(sandbox, now):
    """Both clocks move on, and everything due is done."""
    sandbox.move_to(now)
    return dict(run_due(now=now).messages)


def other(company, kind="thank_you"):
    return OutboxMessage.objects.filter(organisation=company, kind=kind).order_by("pk")


def told(message):
    return (message.state, message.reason)


def letter(catcher):
    """The only mail that was caught."""
    (caught,) = catcher.messages()
    return email.message_from_bytes(catcher.raw(caught["id"]), policy=email.policy.default)


def pdf_words(mail):
    (part,) = mail.iter_attachments()
    pages = PdfReader(io.BytesIO(part.get_content())).pages
    return part.get_filename(), " ".join(" ".join(page.extract_text() for page in pages).split())


class TestThanks:
    def test_payment_is_thanked_for_the_next_working_day_at_the_chase_time_once(self, calm, sandbox, catcher):
        sandbox.pay(calm.invoice_id)
        assert day(sandbox, at(MONDAY, 15)) == {}
        assert other(calm).count() == 0, "it was seen paid today"

        assert day(sandbox, at(TUESDAY, 0, 5)) == {}
        (planned,) = other(calm)
        assert (planned.state, planned.due_at, planned.run_date) == ("planned", at(TUESDAY), TUESDAY)
        assert planned.totals == {"EUR": "1000.00"}

        assert day(sandbox, at(TUESDAY)) == {"sent": 1}
        mail = letter(catcher)
        assert mail["Subject"] == "Thank you: invoice INV-000231 from Northwind Parts Ltd is paid"
        assert mail["To"] == "Orla Halloran <orla@halloran.example>"
        assert "Hello Orla" in mail.get_body(("plain",)).get_content()
        assert "In-Reply-To" not in mail

        for moment in (at(TUESDAY, 12), at(WEDNESDAY), at(THURSDAY)):
            assert day(sandbox, moment) == {}
        assert len(catcher.messages()) == 1

    def test_it_is_no_reminder(self, calm, sandbox):
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        day(sandbox, at(TUESDAY))
        assert Customer.objects.get(organisation=calm).last_message_date is None
        assert SpentAddress.objects.filter(organisation=calm).count() == 0
        assert ConsumedStep.objects.filter(organisation=calm).count() == 0
        kinds = TimelineEntry.objects.filter(organisation=calm, message__in=other(calm)).order_by("pk")
        assert list(kinds.values_list("kind", "sentence")) == [
            ("message_planned", "Thank-you, planned"),
            ("message_sent", "Thank you, sent"),
        ]

    def test_invoices_of_one_payment_are_thanked_for_together(self, calm, sandbox, catcher):
        customer = Customer.objects.get(organisation=calm)
        second = sandbox.create_invoice(
            customer.external_id, "50.00", date="2026-11-20", due_date="2026-12-20", number="INV-000232"
        )
        day(sandbox, at(MONDAY, 9))
        sandbox.happen("payments/create", invoices=[{"invoice": calm.invoice_id}, {"invoice": second}])
        day(sandbox, at(MONDAY, 15))
        assert day(sandbox, at(TUESDAY)) == {"sent": 1}
        assert letter(catcher)["Subject"] == (
            "Thank you: invoices INV-000231 and 1 other from Northwind Parts Ltd are paid"
        )
        assert ThankYou.objects.filter(organisation=calm).count() == 2

    def test_part_payment_and_what_a_void_or_a_credit_closed_are_not_thanked_for(self, calm, sandbox):
        customer = Customer.objects.get(organisation=calm).external_id
        voided, credited, both = (
            sandbox.create_invoice(customer, "100.00", date="2026-11-20", due_date="2026-12-20")
            for _ in range(3)
        )
        day(sandbox, at(MONDAY, 9))
        sandbox.pay(calm.invoice_id, "999.00")
        sandbox.happen("invoices/void", invoice=voided)
        sandbox.pay(both, "60.00")
        for invoice, amount in ((credited, "100.00"), (both, "40.00")):
            note = sandbox.happen("creditnotes/create", contact=customer, total=amount)["creditnote_id"]
            sandbox.happen("creditnotes/apply", creditnote=note, invoice=invoice)
        day(sandbox, at(MONDAY, 15))
        day(sandbox, at(TUESDAY))
        assert [told(one) for one in other(calm)] == [("cancelled", "a credit settled it, not a payment")]
        statuses = Invoice.objects.filter(organisation=calm).order_by("external_id")
        assert list(statuses.values_list("status", flat=True)) == ["open", "void", "paid", "paid"]

    def test_invoice_that_was_paid_when_it_was_first_seen_is_not_thanked_for(self, calm, sandbox):
        customer = Customer.objects.get(organisation=calm).external_id
        sandbox.pay(sandbox.create_invoice(customer, "10.00", date="2026-11-20", due_date="2026-12-20"))
        for moment in (at(MONDAY, 15), at(TUESDAY), at(WEDNESDAY)):
            day(sandbox, moment)
        assert other(calm).count() == 0
        assert OtherMailRun.objects.filter(organisation=calm).count() == 0

    def test_switched_off(self, calm, sandbox):
        organisations.change_settings(calm, {"thank_you": "off"}, by=None, now=at(MONDAY, 9))
        sandbox.pay(calm.invoice_id)
        for moment in (at(MONDAY, 15), at(TUESDAY)):
            day(sandbox, moment)
        assert other(calm).count() == 0

    def test_customer_that_is_not_chased_is_not_thanked(self, calm, sandbox):
        Customer.objects.filter(organisation=calm).update(is_chasing=False)
        sandbox.pay(calm.invoice_id)
        for moment in (at(MONDAY, 15), at(TUESDAY)):
            day(sandbox, moment)
        assert other(calm).count() == 0
        assert ThankYou.objects.get(organisation=calm).reason == "customer_not_chasing"

        # Chased again, it is not thanked for what is over.
        Customer.objects.filter(organisation=calm).update(is_chasing=True)
        day(sandbox, at(WEDNESDAY))
        assert other(calm).count() == 0

    def test_payment_taken_back_before_it_leaves_cancels_it_and_the_next_payment_is_thanked_for(
        self, calm, sandbox, catcher
    ):
        payment = sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        day(sandbox, at(TUESDAY, 8))
        sandbox.move_to(at(TUESDAY, 10, 59))
        sandbox.happen("payments/delete", payment=payment)
        with sending.Post() as post:
            sending.send(other(calm).get().pk, now=at(TUESDAY), post=post)
        assert [told(one) for one in other(calm)] == [("cancelled", "it is not paid in full (any more)")]
        assert ThankYou.objects.filter(organisation=calm).count() == 0

        sandbox.move_to(at(WEDNESDAY, 9))
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(WEDNESDAY, 9, 30))
        assert day(sandbox, at(THURSDAY)) == {"sent": 1}
        assert len(catcher.messages()) == 1

    def test_waits_for_the_first_approved_batch(self, company, sandbox):
        day(sandbox, at(MONDAY))
        sandbox.move_to(at(MONDAY, 14))
        sandbox.pay(company.invoice_id)
        day(sandbox, at(MONDAY, 15))
        assert day(sandbox, at(TUESDAY)) == {"held": 1}
        assert told(other(company).get()) == ("held", "it waits for the first approved batch of reminders")
        Organisation.objects.filter(pk=company.pk).update(batch_approved_at=at(TUESDAY, 12))
        assert day(sandbox, at(TUESDAY, 12, 5)) == {"sent": 1}

    def test_pause_holds_it_and_after_seven_days_it_is_dropped_with_its_reason(self, calm, sandbox, catcher):
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        organisations.pause(calm, by=None, now=at(MONDAY, 16))
        assert day(sandbox, at(TUESDAY)) == {"held": 1}
        assert day(sandbox, at(TUESDAY, 17, 55)) == {"held": 1}
        assert other(calm).get().due_at == at(WEDNESDAY), "not at night"
        for days in range(2, 8):
            day(sandbox, at(MONDAY + timedelta(days=days)))
        assert told(other(calm).get()) == ("held", "paused")
        assert day(sandbox, at(TUESDAY + timedelta(days=7))) == {"lapsed": 1}
        assert told(other(calm).get()) == ("lapsed", "paused")
        organisations.resume(calm, by=None, now=at(TUESDAY + timedelta(days=8), 9))
        day(sandbox, at(TUESDAY + timedelta(days=8)))
        assert catcher.messages() == []

    def test_resumed_within_the_week_it_leaves_with_what_was_paid_meanwhile(self, calm, sandbox, catcher):
        customer = Customer.objects.get(organisation=calm).external_id
        second = sandbox.create_invoice(customer, "50.00", date="2026-11-20", due_date="2026-12-20")
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        organisations.pause(calm, by=None, now=at(MONDAY, 16))
        day(sandbox, at(TUESDAY))
        sandbox.pay(second)
        day(sandbox, at(TUESDAY, 15))
        assert day(sandbox, at(WEDNESDAY)) == {"held": 1}
        organisations.resume(calm, by=None, now=at(WEDNESDAY, 12))
        assert day(sandbox, at(WEDNESDAY, 12, 15)) == {"sent": 1}
        assert letter(catcher)["Subject"].startswith("Thank you: invoices INV-000231 and 1 other")

    def test_missed_day_is_made_up_at_the_chase_time_of_the_next_working_day(self, calm, sandbox):
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        assert day(sandbox, at(WEDNESDAY, 12)) == {}
        assert other(calm).count() == 0
        assert day(sandbox, at(THURSDAY, 9)) == {}
        assert other(calm).get().due_at == at(THURSDAY)

    def test_under_approval_always_a_person_approves_it_or_it_is_dropped(self, calm, sandbox):
        organisations.change_settings(calm, {"approval": "always"}, by=None, now=at(MONDAY, 9))
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        assert day(sandbox, at(TUESDAY)) == {}
        (waiting,) = other(calm)
        assert waiting.state == "pending"
        day(sandbox, at(TUESDAY + timedelta(days=7), 10))
        assert other(calm).get().state == "pending"
        day(sandbox, at(TUESDAY + timedelta(days=7)))
        assert told(other(calm).get()) == ("lapsed", "nobody approved it within seven days")

    def test_approved_by_a_person_it_leaves(self, calm, sandbox):
        organisations.change_settings(calm, {"approval": "always"}, by=None, now=at(MONDAY, 9))
        sandbox.pay(calm.invoice_id)
        day(sandbox, at(MONDAY, 15))
        day(sandbox, at(TUESDAY, 8))
        waiting = other(calm).select_related("organisation", "customer", "run").get()
        outbox.approve([waiting], by=None, now=at(TUESDAY, 9))
        assert day(sandbox, at(TUESDAY)) == {"sent": 1}


def test_reminder_takes_the_statement_along_as_its_step_says(company, sandbox, catcher):
    step = Step("firm", 1, template="Firm", attachments=("invoice_pdf", "statement"), reply_days=3)
    policies.import_schedules(
        company, [Schedule("Standard", (step,), default=True)], by=None, now=at(MONDAY, 8)
    )
    organisations.change_settings(company, {"approval": "never"}, by=None, now=at(MONDAY, 8))
    assert day(sandbox, at(MONDAY)) == {"sent": 1}
    mail = letter(catcher)
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "INV-000231.pdf",
        "Statement 2026-11-23.pdf",
    ]
    text = mail.get_body(("plain",)).get_content()
    assert "I have attached a copy of the invoice and a statement of your account." in text
    assert "by 26 November 2026" in text


class TestStatements:
    @pytest.fixture
    def monthly(self, calm):
        """Statements leave on the 24th, a Tuesday."""
        organisations.change_settings(calm, {"statement_day": "24"}, by=None, now=at(MONDAY, 9))
        return calm

    def test_statement_leaves_on_its_day_with_the_pdf(self, monthly, sandbox, catcher):
        assert day(sandbox, at(MONDAY, 23)) == {}
        assert day(sandbox, at(TUESDAY, 0, 5)) == {}
        (planned,) = other(monthly, "statement")
        assert (planned.state, planned.due_at, planned.slot) == ("planned", at(TUESDAY), "statement-2026-11")
        assert day(sandbox, at(TUESDAY)) == {"sent": 1}

        mail = letter(catcher)
        assert mail["Subject"] == "Statement of your account with Northwind Parts Ltd, 24 November 2026"
        assert "The open balance is €1,000.00." in mail.get_body(("plain",)).get_content()
        name, words = pdf_words(mail)
        assert name == "Statement 2026-11-24.pdf"
        assert "INV-000231" in words
        assert "€1,000.00" in words
        assert Customer.objects.get(organisation=monthly).last_message_date is None

        for moment in (at(TUESDAY, 12), at(WEDNESDAY), at(FRIDAY, 9)):
            assert day(sandbox, moment) == {}
        assert other(monthly, "statement").count() == 1

    def test_next_month_has_its_own(self, monthly, sandbox, catcher):
        day(sandbox, at(TUESDAY))
        december = MONDAY + timedelta(days=31)
        assert day(sandbox, at(december)) == {"sent": 1}
        assert list(other(monthly, "statement").values_list("slot", flat=True)) == [
            "statement-2026-11",
            "statement-2026-12",
        ]

    def test_credit_that_is_more_than_what_is_open_is_never_demanded(self, monthly, sandbox, catcher):
        customer = Customer.objects.get(organisation=monthly).external_id
        sandbox.happen("creditnotes/create", contact=customer, total="1500.00")
        day(sandbox, at(MONDAY, 23))
        assert day(sandbox, at(TUESDAY)) == {"sent": 1}
        mail = letter(catcher)
        text = mail.get_body(("plain",)).get_content()
        assert "A balance of €500.00 is in your favour" in text
        assert "open balance" not in text
        _, words = pdf_words(mail)
        assert "there is nothing to pay in EUR" in words
        assert "Balance to pay" not in words

    def test_what_is_paid_before_it_leaves_cancels_it(self, monthly, sandbox, catcher):
        day(sandbox, at(TUESDAY, 8))
        sandbox.pay(monthly.invoice_id)
        assert day(sandbox, at(TUESDAY))["cancelled"] == 1
        assert told(other(monthly, "statement").get()) == ("cancelled", "nothing is outstanding")
        assert catcher.messages() == []

    def test_customer_who_gets_a_reminder_gets_it_the_next_working_day(self, monthly, sandbox, catcher):
        organisations.change_settings(
            monthly, {"chase_days": "tue", "approval": "never"}, by=None, now=at(MONDAY, 9)
        )
        Invoice.objects.filter(organisation=monthly).update(is_chasing=True)
        day(sandbox, at(TUESDAY, 8))
        assert day(sandbox, at(TUESDAY)) == {"sent": 1, "held": 1}
        statement = other(monthly, "statement").get()
        assert (*told(statement), statement.due_at) == (
            "held",
            "its customer gets a reminder today",
            at(WEDNESDAY),
        )
        assert day(sandbox, at(WEDNESDAY)) == {"sent": 1}
        days = OutboxMessage.objects.filter(organisation=monthly, state=MessageState.SENT)
        assert list(days.order_by("settled_at").values_list("kind", "settled_at__day")) == [
            ("overdue", 24),
            ("statement", 25),
        ]

    def test_month_without_anybody_to_write_to_moves_on(self, monthly, sandbox):
        monthly.contactperson_set.update(level="off")
        day(sandbox, at(TUESDAY))
        run = OtherMailRun.objects.get(organisation=monthly)
        assert (run.period, run.state, run.message_count) == ("2026-11", "done", 0)
        monthly.contactperson_set.update(level="normal")
        day(sandbox, at(WEDNESDAY))
        assert other(monthly, "statement").count() == 0

    def test_missed_day_is_made_up_once(self, monthly, sandbox):
        assert day(sandbox, at(WEDNESDAY, 12)) == {}
        assert day(sandbox, at(THURSDAY)) == {}
        assert day(sandbox, at(FRIDAY, 10)) == {}
        assert day(sandbox, at(FRIDAY)) == {"sent": 1}
        assert other(monthly, "statement").get().slot == "statement-2026-11"

    def test_off_by_default(self, calm, sandbox):
        for days in range(1, 40, 3):
            day(sandbox, at(MONDAY + timedelta(days=days), 11, 30))
        assert other(calm, "statement").count() == 0

    def test_dead_connection_holds_it(self, monthly, sandbox):
        connection = Connection.objects.select_related("organisation", "log_in").get(organisation=monthly)
        day(sandbox, at(TUESDAY, 8))
        sandbox.revoke_all()
        assert day(sandbox, at(TUESDAY)) == {"held": 1}
        connection.refresh_from_db()
        assert connection.state == "disconnected"
        assert other(monthly, "statement").get().due_at == at(TUESDAY, 11, 10)
