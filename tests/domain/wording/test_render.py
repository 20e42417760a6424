"""Letters as they leave: subjects, links, blocks, hostile values, limits and speed."""

import re
import time
from dataclasses import replace
from datetime import date

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunright.domain.wording import sentences
from dunright.domain.wording.defaults import default_text, default_texts
from dunright.domain.wording.letter_facts import Customer, Organisation, Recipient, Sender
from dunright.domain.wording.render import CannotRender, MissingValue, render
from dunright.domain.wording.texts import TextFault
from tests.domain.wording.letters import facts_for, html_body, invoice, note, written

SINGLE = default_text("Follow-up", "single")
MULTI = default_text("Follow-up", "multi")
SCRIPT = "<script>alert(1)</script>"


def test_subject_of_one_and_of_several():
    assert (
        render(SINGLE, facts_for(SINGLE)).subject == "Invoice INV-1042 from Acme Supplies, due 2 March 2026"
    )
    assert (
        render(MULTI, facts_for(MULTI)).subject
        == "Invoices INV-1042 and 3 others from Acme Supplies, due 2 March 2026"
    )


@pytest.mark.parametrize(
    ("first_subject", "subject"),
    [
        ("", "Re: Invoice INV-1042 from Acme Supplies, due 2 March 2026"),
        ("Invoice INV-1042", "Re: Invoice INV-1042"),
        ("Re: Invoice INV-1042", "Re: Invoice INV-1042"),
        ("RE: re: AW: Invoice INV-1042", "Re: Invoice INV-1042"),
        ("Invoice\r\nBcc: x@y.example", "Re: Invoice Bcc: x@y.example"),
    ],
)
def test_subject_of_a_thread(first_subject, subject):
    assert render(SINGLE, facts_for(SINGLE), continues=True, first_subject=first_subject).subject == subject


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\r\n", "\x00", "\u2028", "\u2029", "\x85", "\v", "\ufdd1"]
)
def test_no_line_break_or_mark_reaches_a_subject(character):
    facts = facts_for(SINGLE)
    hostile = replace(
        facts,
        organisation=replace(facts.organisation, name=f"Acme{character}Bcc: all@x.example"),
        invoices=[replace(facts.invoices[0], number=f"INV{character}1")],
    )
    subject = render(SINGLE, hostile).subject
    gap = "" if character == "\ufdd1" else " "
    assert subject == f"Invoice INV{gap}1 from Acme{gap}Bcc: all@x.example, due 2 March 2026"


def test_html_in_a_subject_is_plain_text():
    facts = replace(facts_for(SINGLE), organisation=Organisation("Smith & <b>Sons</b>", "GB"))
    assert render(SINGLE, facts).subject == "Invoice INV-1042 from Smith & <b>Sons</b>, due 2 March 2026"


def test_endless_subject_is_cut():
    facts = replace(facts_for(SINGLE), organisation=Organisation("A" * 5000, "GB"))
    subject = render(SINGLE, facts).subject
    assert (len(subject), subject[-1]) == (250, "…")


@pytest.mark.parametrize(
    "hostile", [SCRIPT, '"><img src=x onerror=y>', "{{ 7 | times: 7 }}", "{% raw %}", "&lt;b&gt;"]
)
def test_names_are_text_and_nothing_else(hostile):
    facts = facts_for(SINGLE)
    facts = replace(
        facts,
        organisation=replace(facts.organisation, name=hostile),
        sender=Sender(hostile, hostile),
        customer=replace(facts.customer, name=hostile),
        invoices=[replace(facts.invoices[0], number=hostile, terms=hostile)],
        next_step=hostile,
    )
    body = html_body(render(SINGLE, facts))
    assert re.findall(r"<(?!/?(?:p|br|a|div)\b)", body) == []
    assert render(SINGLE, facts).text.count(hostile) == 5


def test_table_escapes_numbers_and_links():
    facts = facts_for(MULTI)
    lines = [
        replace(line, number=SCRIPT, link='https://x.example/?a=1&b="><script>') for line in facts.invoices
    ]
    html = render(MULTI, replace(facts, invoices=lines)).html
    assert html.count("<script") == 0
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 4


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("https://pay.example/i?a=1&b=2", 'href="https://pay.example/i?a=1&amp;b=2"'),
        ("HTTP://pay.example", 'href="HTTP://pay.example"'),
        ("javascript:alert(1)", None),
        (" javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//pay.example", None),
        ("https://pay.example/\nx", None),
        ("https://pay.example/ x", None),
        ("https://", None),
    ],
)
def test_only_web_addresses_become_links(link, href):
    text = note('<p>Hi.</p><p><a href="{{ invoice.link }}">Look</a></p>')
    body = html_body(render(text, replace(facts_for(text), invoices=[invoice(link=link)])))
    assert body == (f"<p>Hi.</p><p><a {href}>Look</a></p>" if href else "<p>Hi.</p>")


@pytest.mark.parametrize(
    "name", ["javascript:alert(1)", "  JaVaScRiPt:x", "/relative", "x.example", "vbscript:x"]
)
def test_address_is_checked_again_with_its_value(name):
    text = note('<p><a href="{{ customer.name }}">Look</a></p>')
    facts = replace(facts_for(text), customer=Customer(name))
    assert html_body(render(text, facts)) == "<p><a>Look</a></p>"


def test_unchecked_html_is_cleaned_all_the_same():
    text = note(f"<p onclick='x'>Hi{SCRIPT}<img src=x> <a href='mailto:a@b.example'>write</a></p>")
    assert html_body(render(text, facts_for(text))) == '<p>Hi <a href="mailto:a@b.example">write</a></p>'


def test_text_part_reads_like_typing():
    body = (
        "<p>One<br>two</p><ul><li>a</li><li>b</li></ul>"
        "<p><strong>Bold</strong> &amp; <a href='https://x.example/?a=1&amp;copy=2'>link</a>, "
        "<a href='https://y.example'>https://y.example</a>, <a href='mailto:a@b.example'>a@b.example</a></p>"
    )
    assert written(body) == (
        "One\ntwo\n\n  * a\n  * b\n\nBold & link (https://x.example/?a=1&copy=2), https://y.example, a@b.example"
    )


def test_language_of_the_text_decides_and_the_letters_own_where_it_names_none():
    facts = replace(facts_for(SINGLE), organisation=Organisation("Acme", "DE"), language="de")
    body = "<p>{{ greeting }}, {{ invoice.amount_due }} war am {{ invoice.due_date }} fällig.</p>"
    text = replace(note(body), language="")
    assert render(text, facts).text == "Guten Tag Anna, 1.200,00 £ war am 2. März 2026 fällig.\n"
    assert render(text, facts).html.startswith('<!DOCTYPE html><html lang="de-DE" dir="ltr">')
    assert render(note(body), facts).text == "Hello Anna, 1.200,00 £ war am 2 March 2026 fällig.\n"


def test_missing_required_value_is_never_written_around():
    with pytest.raises(MissingValue, match=r"^The letter lacks: Invoice number, Due date\.$") as caught:
        render(
            SINGLE,
            replace(facts_for(SINGLE), invoices=[replace(invoice(), number="", due_date=None)]),
        )
    assert caught.value.keys == ("invoice.number", "invoice.due_date")


def test_required_value_lost_with_a_sentence_is_never_written_around():
    body = SINGLE.body.replace(
        "{{ invoice.amount_due }} is still", "{{ invoice.amount_due }}, {{ invoice.reference }}, is still"
    )
    with pytest.raises(
        CannotRender, match=r"^The text loses its “Amount due”; put it in a sentence of its own\.$"
    ):
        render(replace(SINGLE, body=body), facts_for(SINGLE))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{{ nobody }}", CannotRender),
        ("{{ customer.nothing }}", CannotRender),
        ("{{ today | upcase: 1, 2 }}", CannotRender),
        ("{{ today", TextFault),
        ("{% for x in (1..9) %}x{% endfor %}", TextFault),
    ],
)
def test_text_that_was_never_checked_fails_by_name(body, error):
    with pytest.raises(error):
        written(body)


def test_letter_without_invoices_is_refused():
    with pytest.raises(CannotRender, match=r"^A letter needs at least one invoice\.$"):
        render(note("<p>Hi</p>"), replace(facts_for(SINGLE), invoices=()))


def test_output_is_limited():
    facts = replace(facts_for(SINGLE), customer=Customer("x" * 300))
    with pytest.raises(CannotRender):
        written("{{ customer.name }}" * 1000, facts)


def test_absurd_values_are_written_not_refused():
    line = invoice(number="9" * 5000, balance="99999999999999999999.99", due=date(2, 1, 1), issue_date=None)
    facts = replace(facts_for(SINGLE), invoices=[line], today=date(9999, 12, 31), written_on=())
    letter = render(SINGLE, facts).text
    assert letter.count("£99,999,999,999,999,999,999.99") == 1
    assert max(map(len, letter.split())) <= 300


VALUE = st.text(max_size=30)


@settings(max_examples=60, deadline=None)
@given(VALUE, VALUE, VALUE, VALUE, st.sampled_from(default_texts()))
def test_no_value_breaks_a_letter(name, number, reference, bank, text):
    facts = facts_for(text)
    facts = replace(
        facts,
        organisation=replace(facts.organisation, name=name, bank_details=bank),
        recipients=[Recipient(name)],
        invoices=[replace(line, number=number, terms=reference, link=reference) for line in facts.invoices],
    )
    try:
        rendered = render(text, facts)
    except MissingValue:
        return
    assert sentences.MARKS.findall(rendered.subject + rendered.html + rendered.text) == []
    assert len(rendered.subject.splitlines()) == 1
    body = html_body(rendered)
    assert nh3.clean_text(re.sub(r"<[^>]*>", "", body)).count("&lt;") == 0


def test_letter_takes_about_a_millisecond():
    facts = facts_for(SINGLE)
    render(SINGLE, facts)
    best = min(_seconds(facts) for _ in range(5))
    assert best < 0.01


def _seconds(facts):
    started = time.perf_counter()
    render(SINGLE, facts)
    return time.perf_counter() - started
