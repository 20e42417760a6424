"""What is refused when a text is saved, and what holds one back when it should leave."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.wording.defaults import default_text
from dunright.domain.wording.letter_facts import Organisation, Sender
from dunright.domain.wording.texts import (
    BODY_AT_MOST,
    LetterText,
    Problem,
    check_text,
    clean_body,
    missing_values,
)
from tests.domain.wording.letters import facts_for

SUBJECT = "Invoice {{ invoice.number }}"
BODY = (
    "<p>{{ greeting }}, {{ invoice.number }} of {{ invoice.amount_due }} is due {{ invoice.due_date }}.</p>"
    "<p>{{ block.signature }}</p>"
)
FORBIDDEN_TAG = (
    "The body uses a tag that letters may not use (unexpected tag '{}'); "
    "allowed are case, comment, if, unless."
)
FILTERS = "default, plural, possessive, upcase, downcase, capitalize and strip"
SINGLE = default_text("Follow-up", "single")
MULTI = default_text("Follow-up", "multi")


def said(subject=SUBJECT, body=BODY, form="single", **options):
    return [problem.sentence for problem in check_text(subject, body, form, **options)]


def test_good_text_has_no_problem():
    assert said() == []


def test_problem_tells_its_place():
    assert check_text("{{ nobody }}", BODY, "single") == [
        Problem("subject", "There is no placeholder called “nobody”; choose one from the list.")
    ]


@pytest.mark.parametrize(
    ("addition", "sentence"),
    [
        (
            "<p>{{ invoice.colour }}</p>",
            "There is no placeholder called “invoice.colour”; choose one from the list.",
        ),
        (
            "<p>{{ customer.name.first }}</p>",
            "There is no placeholder called “customer.name.first”; choose one from the list.",
        ),
        ("<p>{{ invoice }}</p>", "There is no placeholder called “invoice”; choose one from the list."),
        (
            "<p>{{ invoice.custom }}</p>",
            "There is no placeholder called “invoice.custom”; choose one from the list.",
        ),
        (
            "<p>{{ invoice.custom.Bad }}</p>",
            "There is no placeholder called “invoice.custom.Bad”; choose one from the list.",
        ),
        (
            "<p>{{ invoices.count }}</p>",
            "“Number of invoices” (invoices.count) belongs to texts for several invoices; this one is for one invoice.",
        ),
        (
            "<p>{% for x in today %}x{% endfor %}</p>",
            FORBIDDEN_TAG.format("for"),
        ),
        (
            "<p>{% include 'x' %}</p>",
            FORBIDDEN_TAG.format("include"),
        ),
        ("<p>{{ today </p>", "The body has a {{ that is not closed by }} within 400 characters."),
        (
            "<p>{{ today | }}</p>",
            "The body has a mistake in its placeholders: expected word, found end of expression.",
        ),
        (
            "<p>{% if today %}x</p>",
            "The body has a mistake in its placeholders: expected tag endif, found end of expression.",
        ),
        (
            "<p>{{ today | date: '%s' }}</p>",
            f"There is no filter called “date”; use {FILTERS}.",
        ),
        ("<script>alert(1)</script>", "The text contains <script>, which letters may not use; take it out."),
        (
            "<p onclick='x()'>x</p>",
            "The text contains onclick on <p>, which letters may not use; take it out.",
        ),
        (
            "<p style='color:red'>x</p>",
            "The text contains style on <p>, which letters may not use; take it out.",
        ),
        (
            "<img src='https://a.example/p.gif'>",
            "The text contains <img>, which letters may not use; take it out.",
        ),
        (
            "<a href='javascript:x()'>x</a>",
            "The text contains javascript: addresses, which letters may not use; take it out.",
        ),
        ("<!-- x -->", "The text contains a comment, which letters may not use; take it out."),
        (
            "<p {{ today }}>x</p>",
            "The text contains a placeholder inside the mark <p>, which letters may not use; take it out.",
        ),
        ("\ufdd1", "The text contains invisible marks that mail cannot carry; type it anew."),
    ],
)
def test_body_is_refused_in_one_sentence(addition, sentence):
    assert sentence in said(body=BODY + addition)


def test_html_that_would_swallow_the_text_is_refused():
    expected = "The text contains an HTML mark that swallows what follows it, which letters may not use; take it out."
    assert said(body=f"<a {BODY[3:]}")[0] == expected


def test_line_of_a_mistake_is_told():
    body = f"{BODY}\n<p>fine</p>\n<p>{{{{ today | }}}}</p>"
    assert said(body=body.replace("today | }}", "today }}\n{{ today"))[0] == (
        "Line 4 of the body has a {{ that is not closed by }} within 400 characters."
    )


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ("", "The subject is empty; write one, with the invoice number in it."),
        ("x" * 201, "The subject has 201 characters; shorten it to 200."),
        ("Invoice\r\nBcc: all@x.example", "The subject has a line break; write it on one line."),
        (
            "{{ block.signature }}",
            "“Signature” (block.signature) cannot stand in a subject; use it in the text.",
        ),
        ("{{ payment.how }}", "“How to pay” (payment.how) cannot stand in a subject; use it in the text."),
    ],
)
def test_subject_is_refused_in_one_sentence(subject, sentence):
    assert said(subject=subject) == [sentence]


def test_empty_and_endless_bodies_are_refused():
    assert said(body=" ") == ["The text is empty; write what the letter should say."]
    assert said(body="x" * (BODY_AT_MOST + 1)) == ["The text has 20001 characters; shorten it to 20000."]


def test_reminder_has_to_say_what_every_reminder_says():
    assert said(body="<p>Please pay.</p>", subject="Hello") == [
        "A reminder has to say “Our company”; add {{ our.company }}.",
        "A reminder has to say “Sender's name”; add {{ sender.name }}.",
        "A reminder has to say “Invoice number”; add {{ invoice.number }}.",
        "A reminder has to say “Due date”; add {{ invoice.due_date }}.",
        "A reminder has to say “Amount due”; add {{ invoice.amount_due }}.",
    ]
    assert said(body="<p>Please pay.</p>", subject="Hello", form="multi") == [
        "A reminder has to say “Our company”; add {{ our.company }}.",
        "A reminder has to say “Sender's name”; add {{ sender.name }}.",
        "A reminder has to say “Invoice table”; add {{ block.invoice_table }}.",
        "A reminder has to say “Amount due”; add {{ invoices.amount_due }}.",
    ]


def test_table_and_signature_say_several_things():
    assert (
        said(
            body="<p>{{ block.invoice_table }}</p><p>{{ block.signature }}</p>", subject="Hello", form="multi"
        )
        == []
    )


def test_other_texts_need_not_say_them():
    assert said(body="<p>Thank you.</p>", subject="Paid", kind="thank_you") == []


def test_required_value_must_not_hang_on_an_optional_one():
    body = BODY.replace(
        "{{ invoice.amount_due }}", "{{ invoice.amount_due }} (PO {{ invoice.order_number }})"
    )
    sentence = "“{}” stands in a sentence that is left out when there is no “Order number”; {}"
    assert said(body=body) == [
        sentence.format("Due date", "give the two a sentence each."),
        sentence.format("Amount due", "give the two a sentence each."),
    ]
    assert said(body=body.replace("order_number }}", 'order_number | default: "none" }}')) == []
    assert said(body=body + "<p>Due: {{ invoice.due_date }}<br>Open: {{ invoice.amount_due }}</p>") == []


def test_custom_fields_are_known_by_name_where_the_names_are_known():
    body = f"{BODY}<p>{{{{ customer.custom.region }}}}</p>"
    assert said(body=body) == []
    assert said(body=body, custom_fields=["customer.custom.region"]) == []
    assert said(body=body, custom_fields=["customer.custom.branch"]) == [
        "There is no placeholder called “customer.custom.region”; choose one from the list."
    ]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("<p onclick='x'>a<script>b</script></p>", "<p>a</p>"),
        ("<a href='javascript:x'>a</a>", "<a>a</a>"),
        ("<a href='{{ payment.link }}'>a</a>", '<a href="{{ payment.link }}">a</a>'),
        ("{{ a | default: '<b>' }}&{% if a < 1 %}", "{{ a | default: '<b>' }}&amp;{% if a < 1 %}"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("liquid00000 {{ a }}", "liquid00000 {{ a }}"),
        ("x\ufdd0y", "xy"),
    ],
)  # fmt: skip
def test_cleaning_a_body(typed, stored):
    assert clean_body(typed) == stored


@given(st.text(alphabet="<>/\"'{}%| abp=&;!-\n", max_size=200))
def test_cleaning_twice_changes_nothing_more(body):
    assert clean_body(clean_body(body)) == clean_body(body)


@given(st.text(alphabet=st.sampled_from("{}%|. <>/\"'abif\n"), max_size=120), st.text(max_size=60))
def test_checking_never_fails_and_speaks_in_sentences(body, subject):
    for problem in check_text(subject, body, "single"):
        assert problem.sentence.endswith(".")
        assert "\n" not in problem.sentence or "\n" in subject + body


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"number": " "}, ("invoice.number",)),
        ({"due_date": None}, ("invoice.due_date",)),
        ({"due_date": None, "number": ""}, ("invoice.number", "invoice.due_date")),
    ],
)
def test_missing_value_of_one_invoice(changes, missing):
    facts = facts_for(SINGLE)
    assert missing_values(SINGLE, replace(facts, invoices=[replace(facts.invoices[0], **changes)])) == missing


def test_missing_company_and_sender():
    facts = replace(facts_for(SINGLE), organisation=Organisation(""), sender=Sender("\n"))
    assert missing_values(SINGLE, facts) == ("our.company", "sender.name")


def test_table_is_missing_when_one_invoice_of_it_lacks_its_due_date():
    facts = facts_for(MULTI)
    first, *others = facts.invoices
    assert missing_values(MULTI, facts) == ()
    assert missing_values(MULTI, replace(facts, invoices=[first, replace(others[0], due_date=None)])) == (
        "block.invoice_table",
    )


def test_amount_due_is_missing_when_nothing_is_owed():
    facts = facts_for(MULTI)
    paid = [replace(line, balance=Decimal(0)) for line in facts.invoices]
    assert missing_values(MULTI, replace(facts, invoices=paid)) == ("invoices.amount_due",)


def test_no_invoice_at_all_is_missing_everything_of_it():
    facts = replace(facts_for(SINGLE), invoices=())
    assert missing_values(SINGLE, facts) == ("invoice.number", "invoice.due_date", "invoice.amount_due")


def test_other_texts_need_only_what_they_use():
    text = LetterText("Hi", "<p>Thank you, {{ our.company }}</p>", "single", kind="thank_you")
    facts = replace(facts_for(text), invoices=[replace(facts_for(text).invoices[0], number="")])
    assert missing_values(text, facts) == ()


@pytest.mark.parametrize("name", ["Promise confirmed", "Promise missed"])
def test_text_about_a_promise_needs_its_date(name):
    text = default_text(name, "single")
    assert missing_values(text, replace(facts_for(text), promised_date=None)) == ("promise.date",)
