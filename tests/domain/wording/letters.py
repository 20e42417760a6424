"""The letters that are kept as golden files: each default text in the situations of default-templates.md.

Rewrite the files after a change of wording, then read the difference aloud before keeping it:

    python -m tests.domain.wording.letters
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from dunright.domain.wording.defaults import default_texts
from dunright.domain.wording.letter_facts import (
    Customer,
    InvoiceLine,
    LetterFacts,
    Organisation,
    Recipient,
    Sender,
)
from dunright.domain.wording.render import Rendered, render
from dunright.domain.wording.texts import LetterText

GOLDEN = Path(__file__).parent / "golden"

ACME = Organisation(
    "Acme Supplies", country="GB", bank_details="Acme Supplies Ltd\nSort code 00-00-00\nAccount 01234567"
)
OLIVIA = Sender("Olivia Martin", "Accounts receivable", "+44 20 7946 0018", "olivia@acme.example")
HELEN = Sender("Helen Shaw", "Head of finance", "+44 20 7946 0011", "helen@acme.example")
ANNA = Recipient("Anna", "Price", "Ms")
BEN = Recipient("Ben", "Okafor")

# Days from the due date at which each reminder leaves by the standard schedule.
DAY = {"Coming due": -7, "Just passed": 1, "Follow-up": 8, "Firm": 15, "Last step": 29}
DUE = date(2026, 3, 2)


def invoice(
    number: int = 1042, *, due: date = DUE, balance: str = "1200.00", **changes: object
) -> InvoiceLine:
    line = InvoiceLine(
        f"INV-{number}",
        "GBP",
        total=Decimal(balance),
        balance=Decimal(balance),
        due_date=due,
        issue_date=due - timedelta(days=30),
        order_number="PO-7781",
        terms="30 days",
        link=f"https://pay.acme.example/i/{number}",
    )
    return replace(line, **changes)


def facts_for(text: LetterText) -> LetterFacts:
    """A day on which this text leaves to one known person, with earlier messages where the schedule has some."""
    day = DAY.get(text.name, 20)
    today = DUE + timedelta(days=day)
    several = [
        invoice(),
        invoice(1050, due=DUE + timedelta(days=3), balance="350.50"),
        invoice(1061, due=DUE + timedelta(days=5), balance="89.95"),
        invoice(1064, due=DUE + timedelta(days=6), balance="2410.00"),
    ]
    lines = [invoice()] if text.form == "single" else several
    owed = sum((line.balance for line in lines), Decimal(0))
    return LetterFacts(
        organisation=ACME,
        sender=HELEN if text.name == "Last step" else OLIVIA,
        customer=Customer("Brightwater", "Brightwater Studios Ltd", outstanding={"GBP": owed}),
        invoices=lines,
        today=today,
        recipients=[ANNA],
        written_on=[DUE + timedelta(days=before) for before in DAY.values() if 0 < before < day],
        attachments=["invoice_pdf"] if day < DAY["Firm"] else ["invoice_pdf", "statement"],
        next_step="After that date we hand the file to our collection partner.",
        reply_by_date=today + timedelta(days=7),
        final_date=today + timedelta(days=10),
        promised_date=DUE + timedelta(days=18),
    )


def situations(text: LetterText) -> Iterator[tuple[str, LetterFacts]]:
    """Every situation a text is kept in, by name."""
    facts = facts_for(text)
    first, *others = facts.invoices
    yield "usual", facts
    yield "no_name", replace(facts, recipients=[Recipient("", "Price")])
    yield "two_recipients", replace(facts, recipients=[ANNA, BEN])
    yield (
        "first_contact",
        replace(facts, written_on=(), invoices=_without_links(facts)),
    )
    part_paid = replace(first, balance=Decimal("800.00"), paid=Decimal("400.00"))
    owed = facts.customer.outstanding["GBP"] - part_paid.paid
    yield (
        "part_paid",
        replace(
            facts,
            invoices=[part_paid, *others],
            customer=replace(facts.customer, outstanding={"GBP": owed}),
        ),
    )
    yield "with_credit", replace(facts, customer=replace(facts.customer, credits={"GBP": Decimal("75.00")}))
    if text.form == "multi":
        euros = replace(others[0], currency="EUR")
        yield (
            "two_currencies",
            replace(
                facts,
                invoices=[first, euros, *others[1:]],
                customer=replace(
                    facts.customer, outstanding={"GBP": Decimal("3699.95"), "EUR": Decimal("350.50")}
                ),
            ),
        )
        yield "forty_invoices", replace(facts, invoices=list(_forty()))


def _without_links(facts: LetterFacts) -> list[InvoiceLine]:
    return [replace(line, link="") for line in facts.invoices]


def _forty() -> Iterator[InvoiceLine]:
    for index in range(40):
        due = DUE + timedelta(days=index // 6)
        yield invoice(1042 + index, due=due, balance=f"{(index * 137) % 900 + 40}.{index:02d}", link="")


def file_of(text: LetterText, situation: str) -> Path:
    return (
        GOLDEN / f"{text.name.lower().replace(' ', '_').replace('-', '_')}.{text.form}" / f"{situation}.txt"
    )


def as_file(rendered: Rendered) -> str:
    return f"Subject: {rendered.subject}\n\n{rendered.text}"


def every_letter() -> Iterator[tuple[Path, str]]:
    """All golden files with what they should hold now."""
    for text in default_texts():
        for situation, facts in situations(text):
            rendered = render(text, facts)
            yield file_of(text, situation), as_file(rendered)
            if situation == "usual":
                yield file_of(text, situation).with_suffix(".html"), f"{rendered.html}\n"


def rewrite() -> None:
    kept = dict(every_letter())
    for old in GOLDEN.rglob("*.*"):
        if old.is_file() and old not in kept:
            old.unlink()
    for path, content in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")


def note(body, subject="Hi", form="single"):
    """A text that nothing is required of."""
    return LetterText(subject, body, form, kind="thank_you", name="Note")


def written(body, facts=None, form="single"):
    text = note(body, form=form)
    return render(text, facts or facts_for(text)).text.strip()


def html_body(rendered):
    return re.sub(
        r' style="[^"]*"', "", rendered.html.split("<body", 1)[1].split(">", 1)[1].split("</body>")[0]
    )


if __name__ == "__main__":
    rewrite()
