"""The default texts as letters: compared with the golden files, counted and listened to."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.schedules import Repeat
from dunright.domain.wording import letter_facts
from dunright.domain.wording.defaults import (
    DEFAULT_SCHEDULES,
    REMINDERS,
    STANDARD,
    STANDARD_SHORT_TERMS,
    WEEKLY,
    default_text,
    default_texts,
    schedule_for_terms,
)
from dunright.domain.wording.render import render
from dunright.domain.wording.texts import check_text
from tests.domain.wording.letters import ANNA, BEN, GOLDEN, every_letter, facts_for, situations

WORDS_AT_MOST = {"Coming due": 90, "Just passed": 90, "Follow-up": 90, "Firm": 140, "Last step": 140}
FORMS = ("single", "multi")
SIGN_OFF = re.compile(r"\n(?:Kind regards|Yours sincerely),\n")
IN_FAVOUR = "is in your favour and stays available to you."
CREDIT_TAKEN = "Your unused credit of {} is taken into account."
LETTERS = dict(every_letter())
REMINDER_FORMS = [(name, form) for name in REMINDERS for form in FORMS]


def words_of(text: str, facts: letter_facts.LetterFacts) -> list[str]:
    """The words a person reads: without signature, table rows and the lines of an account."""
    letter, *_ = SIGN_OFF.split(text)
    letter = re.sub(r"(?m)^Invoice +Due date(?:.*\n)+?\n", "", letter)
    for line in facts.organisation.bank_details.splitlines():
        letter = letter.replace(line, "")
    return re.sub(r"\(https?://\S+\)", "", letter).split()


def everything_at_once(facts: letter_facts.LetterFacts) -> letter_facts.LetterFacts:
    """Part-paid, credit, more on the account than listed, bank details, two people: the longest a text gets."""
    return replace(
        facts,
        invoices=[replace(line, link="", paid=Decimal(10)) for line in facts.invoices],
        recipients=[ANNA, BEN],
        customer=replace(
            facts.customer,
            credits={"GBP": Decimal(75)},
            outstanding={"GBP": Decimal(9999)},
            overdue={"GBP": Decimal(9998)},
        ),
    )


@pytest.mark.parametrize("path", sorted(LETTERS), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_letter_reads_as_its_golden_file(path):
    assert LETTERS[path] == path.read_text(encoding="utf-8")


def test_golden_folder_holds_no_letter_that_is_not_written():
    assert sorted(path for path in GOLDEN.rglob("*.*") if path.is_file()) == sorted(LETTERS)


@pytest.mark.parametrize("text", default_texts(), ids=lambda text: f"{text.name} {text.form}")
def test_default_text_could_be_saved(text):
    assert check_text(text.subject, text.body, text.form, kind=text.kind) == []


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_reminder_keeps_to_its_number_of_words(name, form):
    text = default_text(name, form)
    facts = everything_at_once(facts_for(text))
    assert len(words_of(render(text, facts).text, facts)) in range(40, WORDS_AT_MOST[name] + 1)


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_reminder_as_sent_keeps_to_its_number_of_words_with_its_signature(name, form):
    text = default_text(name, form)
    for situation, facts in situations(text):
        letter = render(text, facts).text
        signature = SIGN_OFF.split(letter)[1].split()
        count = len(words_of(letter, facts)) + len(signature) + 2
        assert count in range(40, WORDS_AT_MOST[name] + 1), situation


@pytest.mark.parametrize("form", FORMS)
def test_no_two_reminders_open_alike(form):
    openings = {
        " ".join(render(text, facts_for(text)).text.split("\n\n")[1].split()[:3])
        for text in (default_text(name, form) for name in REMINDERS)
    }
    assert len(openings) == len(REMINDERS)


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_reminder_asks_for_one_thing(name, form):
    """One question, or one sentence that begins with please; opening questions ("May I ask") aside."""
    text = default_text(name, form)
    letter = render(text, facts_for(text)).text
    asked = [s for s in re.split(r"(?<=[.?])\s+|\n\n", letter) if s.endswith("?") or s.startswith("Please")]
    assert len([sentence for sentence in asked if not sentence.startswith("May I ask about")]) == 1


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_first_contact_claims_no_earlier_message(name, form):
    text = default_text(name, form)
    letter = render(text, replace(facts_for(text), written_on=())).text
    claims = re.compile(
        r"wrote|written|last message|last request|remind|again|earlier|previous|final", re.IGNORECASE
    )
    assert claims.findall(letter) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REMINDERS[:-1])
def test_no_threat_before_the_last_step(name, form):
    text = default_text(name, form)
    facts = facts_for(text)
    threats = re.compile(
        r"lawyer|legal|court|collect|interest|fee|suspend|consequence|partner", re.IGNORECASE
    )
    assert threats.findall(render(text, facts).text) == []


@pytest.mark.parametrize("form", FORMS)
def test_last_step_tells_the_configured_next_step_or_nothing(form):
    text = default_text("Last step", form)
    facts = facts_for(text)
    told = render(text, facts).text
    assert told.count("After that date we hand the file to our collection partner.") == 1
    untold = render(text, replace(facts, next_step="")).text
    assert untold == told.replace(" After that date we hand the file to our collection partner.", "")


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_letter_without_anything_optional_has_no_gap(name, form):
    text = default_text(name, form)
    facts = facts_for(text)
    bare = replace(
        facts,
        organisation=letter_facts.Organisation("Acme Supplies"),
        sender=letter_facts.Sender("Olivia Martin"),
        customer=letter_facts.Customer("Brightwater"),
        invoices=[
            replace(line, link="", terms="", order_number="", issue_date=None) for line in facts.invoices
        ],
        recipients=(),
        written_on=(),
        attachments=(),
        next_step="",
        reply_by_date=None,
        final_date=None,
    )
    letter = render(text, bare).text
    assert re.findall(r" ,| \.|  \S+ {2}on|\(\)|\bon \.|\bby ,|None|Decimal|\n\n\n", letter) == []
    assert letter.startswith("Hello,\n\n")


@pytest.mark.parametrize(("name", "form"), REMINDER_FORMS)
def test_overdue_amount_is_the_balance_and_never_the_total(name, form):
    text = default_text(name, form)
    facts = facts_for(text)
    part_paid = [replace(line, total=Decimal("77777.77")) for line in facts.invoices]
    assert re.findall(r"77,777\.77", render(text, replace(facts, invoices=part_paid)).text) == []


def test_default_schedules_are_those_of_the_table():
    assert [(schedule.name, [step.days for step in schedule.steps]) for schedule in DEFAULT_SCHEDULES] == [
        ("Standard", [-7, 1, 8, 15, 29]),
        ("Weekly", [-7, 1]),
        ("Standard, short terms", [-3, 1, 8, 15, 29]),
    ]
    assert [schedule.default for schedule in DEFAULT_SCHEDULES] == [True, False, False]
    assert [schedule.repeat for schedule in DEFAULT_SCHEDULES] == [None, Repeat(7, None), None]


def test_default_steps_name_texts_that_exist():
    names = {text.name for text in default_texts()}
    assert {step.template for schedule in DEFAULT_SCHEDULES for step in schedule.steps} <= names


def test_only_the_last_step_is_escalated_and_the_setting_says_whether_it_needs_approval():
    for schedule in (STANDARD, STANDARD_SHORT_TERMS):
        assert [(step.sender, step.recipients, step.approval) for step in schedule.steps] == [
            *[("normal", "normal", None)] * 4,
            ("escalated", "escalated", None),
        ]
        assert [step.copy_other_level for step in schedule.steps] == [False, False, False, True, True]
        assert [step.attachments for step in schedule.steps] == [
            *[("invoice_pdf",)] * 3,
            *[("invoice_pdf", "statement")] * 2,
        ]


@pytest.mark.parametrize(
    ("terms", "schedule"),
    [(14, STANDARD_SHORT_TERMS), (0, STANDARD_SHORT_TERMS), (15, STANDARD), (None, STANDARD)],
)
def test_schedule_for_terms(terms, schedule):
    assert schedule_for_terms(terms) == schedule


def test_unknown_default_text_is_a_key_error():
    with pytest.raises(KeyError):
        default_text("Weekly", "single")


def test_weekly_repeats_a_text_that_wears_well():
    assert WEEKLY.last_overdue_step is not None
    assert WEEKLY.last_overdue_step.template == "Follow-up"


@pytest.mark.parametrize(
    ("outstanding", "unapplied", "sentences"),
    [
        ({"GBP": "100"}, {}, "The open balance is £100.00."),
        (
            {"GBP": "100"},
            {"GBP": "180"},
            f"A balance of £80.00 {IN_FAVOUR} {CREDIT_TAKEN.format('£180.00')}",
        ),
        (
            {"GBP": "100", "EUR": "150"},
            {"EUR": "180"},
            f"The open balance is £100.00. A balance of €30.00 {IN_FAVOUR} {CREDIT_TAKEN.format('€180.00')}",
        ),
    ],
)
def test_statement_never_demands_a_balance_in_the_customers_favour(outstanding, unapplied, sentences):
    text = default_text("Statement", "multi")
    facts = facts_for(text)
    customer = letter_facts.Customer(
        "Brightwater",
        credits={code: Decimal(amount) for code, amount in unapplied.items()},
        outstanding={code: Decimal(amount) for code, amount in outstanding.items()},
    )
    paragraph = render(text, replace(facts, customer=customer, today=date(2026, 3, 31))).text.split("\n\n")[1]
    attached = "Attached is the statement of your account with Acme Supplies as of 31 March 2026."
    assert paragraph == f"{attached} {sentences}"
