"""What each placeholder and block puts into a letter."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.wording import sentences
from dunright.domain.wording.defaults import default_text
from dunright.domain.wording.letter_facts import Customer, Organisation, Recipient, Sender
from dunright.domain.wording.placeholders import PLACEHOLDERS, fits
from dunright.domain.wording.render import render
from tests.domain.wording.letters import ANNA, facts_for, html_body, invoice, note, written

SINGLE = default_text("Follow-up", "single")
MULTI = default_text("Follow-up", "multi")
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "You can pay online here (https://pay.acme.example/i/1042)."),
        (
            {"link": "", "payment_link": "https://pay.acme.example"},
            "You can pay online here (https://pay.acme.example).",
        ),
        ({"link": ""}, "Our bank details are:\nAcme Supplies Ltd\nSort code 00-00-00\nAccount 01234567"),
        ({"link": "", "bank_details": " \n "}, "How to pay is on the attached invoice."),
        ({"link": "", "bank_details": "", "attachments": ()}, "How to pay is on the invoice."),
    ],
)
def test_one_way_to_pay(changes, sentence):
    facts = facts_for(SINGLE)
    ours = {key: changes[key] for key in ("payment_link", "bank_details") if key in changes}
    line = replace(facts.invoices[0], link=changes.get("link", facts.invoices[0].link))
    facts = replace(
        facts,
        organisation=replace(facts.organisation, **ours),
        invoices=[line],
        attachments=changes.get("attachments", facts.attachments),
    )
    assert written("<p>{{ payment.how }}</p>", facts) == sentence


def test_ways_to_pay_several_invoices():
    facts = facts_for(MULTI)
    first, *others = facts.invoices
    some = replace(facts, invoices=[replace(first, link=""), *others])
    page = replace(facts, organisation=replace(facts.organisation, payment_link="https://pay.acme.example"))
    nothing = replace(some, organisation=Organisation("Acme"))
    assert [written("<p>{{ payment.how }}</p>", each, "multi") for each in (facts, some, page, nothing)] == [
        "Each number in the table links to online payment.",
        "Our bank details are:\nAcme Supplies Ltd\nSort code 00-00-00\nAccount 01234567",
        "You can pay online here (https://pay.acme.example).",
        "How to pay is on the attached invoices.",
    ]


def test_bank_details_never_split_the_sentence_they_stand_in():
    body = "<p>Pay to {{ our.bank_details }} for {{ invoice.reference }}. Thanks.</p>"
    assert written(body) == "Thanks."
    facts = replace(facts_for(SINGLE), invoices=[invoice(reference="R1")])
    assert (
        written(body, facts)
        == "Pay to Acme Supplies Ltd\nSort code 00-00-00\nAccount 01234567 for R1. Thanks."
    )


def test_signature_is_used_exactly_as_stored():
    cell = '<td style="color:red"><img src="https://a.example/l.png" alt="A"></td>'
    html = f'<table class="x"><tbody><tr>{cell}</tr></tbody></table>'
    facts = replace(
        facts_for(SINGLE), sender=Sender("Olivia", signature_html=html, signature_text="Olivia  --\n  Acme")
    )
    rendered = render(SINGLE, facts)
    assert rendered.html.count(html) == 1
    assert rendered.text.endswith("Kind regards,\n\nOlivia  --\n  Acme\n")


def test_unclean_signature_is_cleaned():
    facts = replace(
        facts_for(SINGLE), sender=Sender("Olivia", signature_html=f"<b onclick='x'>Olivia</b>{SCRIPT}")
    )
    rendered = render(SINGLE, facts)
    assert rendered.html.endswith("<b>Olivia</b></body></html>")
    assert rendered.text.endswith("Kind regards,\n\nOlivia\n")


def test_signature_of_text_alone_and_of_nothing():
    text_only = replace(facts_for(SINGLE), sender=Sender("Olivia", signature_text="Olivia\n<Acme>"))
    assert render(SINGLE, text_only).html.endswith("<div>Olivia<br>&lt;Acme&gt;</div></body></html>")
    nothing = replace(facts_for(SINGLE), sender=Sender("Olivia", phone="1"))
    assert render(SINGLE, nothing).text.endswith("Kind regards,\n\nOlivia\nAcme Supplies\n1\n")


def test_bare_block_and_block_in_a_paragraph_stand_alone():
    facts = facts_for(MULTI)
    for body in (
        "{{ block.invoice_table }}",
        "<p>{{ block.invoice_table }}</p>",
        "<div><br>{{ block.invoice_table }}</div>",
    ):
        text = note(f"<p>A</p>{body}<p>B</p>", form="multi")
        rendered = render(text, facts)
        assert re.split(r"<table.*</table>", html_body(rendered)) == ["<p>A</p>", "<p>B</p>"]
        assert [part.split("\n")[0] for part in rendered.text.split("\n\n")] == [
            "A",
            "Invoice    Due date     Amount due",
            "B",
        ]


def test_default_and_if_take_a_gap_away():
    body = (
        "<p>PO {{ invoice.reference | default: 'unknown' }}. "
        "{% if invoice.reference %}Ref {{ invoice.reference }}.{% else %}No reference.{% endif %} "
        "{% unless invoice.expected_date %}No date.{% endunless %}</p>"
    )
    assert written(body) == "PO unknown. No reference. No date."


def test_custom_fields():
    body = (
        "<p>Region {{ customer.custom.region }}. Colour {{ invoice.custom.colour }}. "
        "Size {{ invoice.custom.size }}.</p>"
    )
    facts = replace(
        facts_for(SINGLE),
        customer=Customer("B", custom={"region": "<North>"}),
        invoices=[invoice(custom={"colour": "Blue", "size": " "})],
    )
    assert written(body, facts) == "Region <North>. Colour Blue."


@pytest.mark.parametrize(
    ("count", "words"), [(1, "Acme Supplies’ 1 invoice is open."), (2, "Acme Supplies’ 2 invoices are open.")]
)
def test_plural_and_possessive(count, words):
    body = (
        "<p>{{ our.company | possessive }} {{ invoices.count | plural: 'invoice is', 'invoices are' }} open.</p>"
    ).replace("{{ invoices.count |", "{{ invoices.count }} {{ invoices.count |")
    assert (
        written(body, replace(facts_for(MULTI), invoices=facts_for(MULTI).invoices[:count]), "multi") == words
    )


@pytest.mark.parametrize(
    "words", ["{{ totals.overdue_count | plural: 'a', 'b' }}", "{{ invoice.reference | possessive }}"]
)
def test_filter_passes_a_gap_on(words):
    assert written(f"<p>One {words}. Two.</p>") == "Two."


def test_every_placeholder_says_its_example_kind_of_thing():
    """Each one renders in every form it fits, and none prints a Python value."""
    for form in ("single", "multi"):
        rows = [row for row in PLACEHOLDERS if fits(row, form) and row.type != "custom"]
        body = "".join(f"<p>{row.key}: {{{{ {row.key} }}}}</p>" for row in rows)
        text = note(body, form=form)
        facts = facts_for(SINGLE if form == "single" else MULTI)
        rendered = render(text, replace(facts, customer=replace(facts.customer, credits={"GBP": Decimal(5)})))
        assert re.findall(r"None|Decimal|datetime|Markup|\ufdd1|\{", rendered.text) == []
        assert sentences.MARKS.findall(rendered.text + rendered.html) == []


def test_single_values_of_one_invoice():
    line = invoice(
        project="Shop refit",
        reference="R-1",
        total=Decimal(1800),
        paid=Decimal(600),
        salesperson="Tom",
        expected_date=date(2026, 3, 20),
    )
    body = (
        "<p>{{ invoice.job }}|{{ invoice.reference }}|{{ invoice.order_number }}|{{ invoice.issue_date }}|"
        "{{ invoice.total }}|{{ invoice.amount_paid }}|{{ invoice.amount_due }}|{{ invoice.days_overdue }}|"
        "{{ invoice.expected_date }}|{{ invoice.salesperson }}|{{ invoice.terms }}</p>"
    )
    assert written(body, replace(facts_for(SINGLE), invoices=[line], today=date(2026, 3, 17))) == (
        "Shop refit|R-1|PO-7781|31 January 2026|£1,800.00|£600.00|£1,200.00|15 days|20 March 2026|Tom|30 days"
    )
    assert (
        written("<p>{{ invoice.job }}</p>", replace(facts_for(SINGLE), invoices=[replace(line, project="")]))
        == "R-1"
    )


def test_contact_values_are_those_of_the_first_recipient():
    body = (
        "<p>{{ contact.salutation }}|{{ contact.first_name }}|{{ contact.last_name }}|{{ contact.full_name }}|"
        "{{ customer.company }}|{{ customer.name }}|{{ today }}</p>"
    )
    facts = replace(facts_for(SINGLE), recipients=[ANNA, Recipient("Ben")], today=date(2026, 3, 17))
    assert (
        written(body, facts) == "Ms|Anna|Price|Anna Price|Brightwater Studios Ltd|Brightwater|17 March 2026"
    )


def test_totals_are_per_currency():
    facts = replace(
        facts_for(SINGLE),
        customer=Customer(
            "B",
            outstanding={"USD": Decimal(5), "GBP": Decimal(2000)},
            overdue={"GBP": Decimal(1200)},
            overdue_count=1,
        ),
    )
    body = (
        "<p>{{ totals.outstanding }}|{{ totals.overdue }}|{{ totals.overdue_count }}|"
        "{{ totals.outstanding_beyond }}</p><p>{{ totals.overdue_beyond }}</p>"
    )
    assert written(body, facts) == "£2,000.00 and US$5.00|£1,200.00|1|£2,000.00 and US$5.00"
