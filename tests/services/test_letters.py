"""What a letter is filled with: the step's own words and days, the books' custom fields, what is attached."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.chasing import Draft, Line, decide
from dunright.domain.schedules import Schedule, Step
from dunright.domain.wording.texts import LetterText
from dunright.queries.facts import customer_facts, surroundings
from dunright.services import attachments, policies
from dunright.services.letters import Writer
from tests.domain import chasing_examples
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
BODY = """<p>{{ greeting }}, {{ invoice.number }} over {{ invoice.amount_due }} was due on {{ invoice.due_date }}.</p>
<p>Order {{ invoice.order_number }}.</p><p>Region {{ customer.custom.region }}.</p>
<p>Colour {{ invoice.custom.colour }}.</p><p>Taste {{ invoice.custom.taste }}.</p>
<p>Answer by {{ step.reply_by_date }}, pay by {{ step.final_date }}. {{ step.next_step }}</p>
<p>With {{ attached }}.</p><p>{{ block.signature }}</p>"""


def written(**step):
    """The letter of a company whose only step is this one, by line, and the names of its files."""
    company = make.organisation()
    text = LetterText("About {{ invoice.number }}", BODY, "single", name="Own")
    policies.import_texts(company, [text], by=None, now=NOW)
    own = Step("own", 1, template="Own", **step)
    policies.import_schedules(company, [Schedule("Standard", (own,), default=True)], by=None, now=NOW)
    customer = make.customer(company, extra={"custom_fields": {"cf_region": "North", "cf_empty": ""}})
    make.person(customer)
    make.invoice(
        customer,
        "INV-1",
        reference="REF-1",
        extra={"custom_fields": [{"label": "Colour", "value": "Blue"}, {"label": "PO", "value": "PO-7"}]},
    )
    around = surroundings(company, now=NOW, is_fresh=True)
    writer = Writer(company, [customer.pk], around=around, today=TODAY)
    facts = customer_facts(company, [customer.pk], around=around)[customer.pk]
    writer.knows(facts)
    draft = decide(around.organisation, facts, today=TODAY, missing=writer.missing).message
    rendered = writer.write(draft, attachments=writer.attachments(draft))
    return [line for line in rendered.text.splitlines() if line], attachments.names(draft, day=TODAY)


def test_letter_tells_what_the_books_and_the_step_say():
    lines, files = written(
        next_step="After that our lawyer takes over",
        reply_days=2,
        final_days=4,
        attachments=("statement", "invoice_pdf"),
    )
    assert lines[:6] == [
        "Hello Orla, INV-1 over €2,865.40 was due on 13 November 2026.",
        "Order PO-7.",
        "Region North.",
        "Colour Blue.",
        "Answer by 26 November 2026, pay by 30 November 2026. After that our lawyer takes over.",
        "With a copy of the invoice and a statement of your account.",
    ]
    assert files == ("INV-1.pdf", "Statement 2026-11-24.pdf")


def test_step_that_says_nothing_gives_five_and_seven_working_days():
    lines, files = written()
    assert "Answer by 1 December 2026, pay by 3 December 2026." in lines
    assert "With" not in " ".join(lines)
    assert files == ()


def test_order_number_falls_back_to_the_reference():
    company = make.organisation()
    customer = make.customer(company)
    row = make.invoice(customer, "INV-1", due=date(2026, 11, 13), reference="REF-1", total=Decimal(3000))
    around = surroundings(company, now=NOW, is_fresh=True)
    writer = Writer(company, [customer.pk], around=around, today=TODAY)
    facts = customer_facts(company, [customer.pk], around=around)[customer.pk]
    line = writer._line(facts.invoices[0], customer)
    assert (line.order_number, line.reference, line.custom, line.total) == ("REF-1", "REF-1", {}, row.total)


@pytest.mark.parametrize(("count", "files"), [(10, 11), (11, 1)])
def test_many_invoices_take_the_statement_along_but_no_pile_of_files(count, files):
    line = Line(chasing_examples.invoice())
    step = Step("own", 1, attachments=("invoice_pdf", "statement"))
    draft = Draft("1", "overdue", "S", step, "I1", "normal", (), (), (), (line,) * count, {})
    found = attachments.names(draft, day=TODAY)
    assert (len(found), found[-1]) == (files, "Statement 2026-11-24.pdf")
