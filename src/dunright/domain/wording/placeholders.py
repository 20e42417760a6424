"""The placeholders that a text may use: one row each, as the editor lists them.

Source: default-templates.md, "Placeholders". A key is what stands in the stored text: `{{ invoice.number }}`. Keys that
end in `.custom` stand for every custom field of that thing: `{{ customer.custom.region }}`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Family = Literal["universal", "single", "multi"]
Form = Literal["single", "multi"]
ValueType = Literal["text", "money", "date", "days", "number", "link", "sentence", "block", "custom"]

LEFT_OUT: Final = "the sentence is left out"
HELD: Final = "the message waits and a to-do says what is missing"
KNOWN: Final = "always known"

CUSTOM_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""How a custom field is spelt inside a text."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One thing a text can say. `fallback` tells in words what happens when there is no value."""

    key: str
    label: str
    group: str
    family: Family
    type: ValueType
    example: str
    fallback: str = LEFT_OUT
    required: bool = False


def _table(
    group: str, family: Family, *rows: tuple[str, str, ValueType, str], fallback: str = LEFT_OUT
) -> tuple[Placeholder, ...]:
    return tuple(
        Placeholder(key, label, group, family, type_, example, fallback)
        for key, label, type_, example in rows
    )


def _required(
    key: str, label: str, group: str, family: Family, *, type_: ValueType, example: str
) -> Placeholder:
    return Placeholder(key, label, group, family, type_, example, HELD, required=True)


_PEOPLE: Final = (
    Placeholder("greeting", "Greeting", "Contact", "universal", "text", "Hello Anna and Ben", "Hello"),
    *_table(
        "Contact",
        "universal",
        ("contact.first_name", "First name", "text", "Anna"),
        ("contact.last_name", "Last name", "text", "de Vries"),
        ("contact.full_name", "Full name", "text", "Anna de Vries"),
        ("contact.salutation", "Salutation", "text", "Ms"),
    ),
    Placeholder(
        "customer.name", "Customer name", "Customer", "universal", "text", "Bakkerij de Vries", KNOWN
    ),
    Placeholder(
        "customer.company",
        "Customer company",
        "Customer",
        "universal",
        "text",
        "Bakkerij de Vries B.V.",
        "the customer's name",
    ),
    *_table(
        "Customer",
        "universal",
        ("customer.credits", "Unapplied credit", "money", "€50.00"),
        ("customer.custom", "Custom field of the customer", "custom", "North"),
    ),
    _required("our.company", "Our company", "Us", "universal", type_="text", example="Acme Supplies"),
    Placeholder("our.bank_details", "Bank details", "Us", "universal", "text", "IBAN NL00 TEST 0123 4567 89"),
    _required("sender.name", "Sender's name", "Sender", "universal", type_="text", example="Olivia Martin"),
    *_table(
        "Sender",
        "universal",
        ("sender.title", "Sender's title", "text", "Accounts receivable"),
        ("sender.phone", "Sender's phone", "text", "+44 20 7946 0000"),
        ("sender.email", "Sender's e-mail", "text", "olivia@acme.example"),
    ),
    Placeholder(
        "block.signature",
        "Signature",
        "Sender",
        "universal",
        "block",
        "Olivia Martin, Accounts receivable",
        "made from the sender's name, title, company and phone",
    ),
)

_ACCOUNT: Final = (
    Placeholder(
        "payment.how",
        "How to pay",
        "Payment",
        "universal",
        "sentence",
        "You can pay online here.",
        "the link, else the bank details, else a pointer to the invoice",
    ),
    *_table(
        "Payment", "universal", ("payment.link", "Payment link", "link", "https://pay.acme.example/INV-1042")
    ),
    *_table(
        "Account",
        "universal",
        ("totals.outstanding", "Total outstanding", "money", "€4,200.00 and US$300.00"),
        ("totals.overdue", "Total overdue", "money", "€1,200.00"),
        ("totals.outstanding_beyond", "Total outstanding, if more than listed", "money", "€4,200.00"),
        ("totals.overdue_beyond", "Total overdue, if more than listed", "money", "€2,400.00"),
        ("totals.overdue_count", "Number of overdue invoices", "number", "3"),
        ("totals.net_owed", "Owed after credits", "money", "€4,150.00"),
        ("totals.in_favour", "In the customer's favour", "money", "€120.00"),
    ),
    Placeholder("today", "Today's date", "Letter", "universal", "date", "17 March 2026", KNOWN),
    *_table(
        "Letter",
        "universal",
        ("message.last_date", "Date of the last message", "date", "10 March"),
        ("message.history", "Dates of earlier messages", "text", "3 March and 10 March"),
        ("attached", "What is attached", "text", "a copy of the invoice"),
        ("step.next_step", "Next step (your sentence)", "sentence", "After that our lawyer takes over."),
        ("step.reply_by_date", "Reply-by date", "date", "24 March 2026"),
        ("step.final_date", "Final date", "date", "31 March 2026"),
        ("promise.date", "Promised payment date", "date", "20 March 2026"),
    ),
)

_SINGLE: Final = (
    _required("invoice.number", "Invoice number", "Invoice", "single", type_="text", example="INV-1042"),
    _required("invoice.due_date", "Due date", "Invoice", "single", type_="date", example="2 March 2026"),
    _required("invoice.amount_due", "Amount due", "Invoice", "single", type_="money", example="€1,200.00"),
    Placeholder("invoice.total", "Invoice total", "Invoice", "single", "money", "€1,800.00", KNOWN),
    *_table(
        "Invoice",
        "single",
        ("invoice.reference", "Reference", "text", "March delivery"),
        ("invoice.order_number", "Order number", "text", "PO-7781"),
        ("invoice.job", "Job reference", "text", "Shop refit"),
        ("invoice.issue_date", "Issue date", "date", "31 January 2026"),
        ("invoice.amount_paid", "Amount paid", "money", "€600.00"),
        ("invoice.days_overdue", "Days overdue", "days", "15 days"),
        ("invoice.days_until_due", "Days until due", "days", "7 days"),
        ("invoice.terms", "Payment terms", "text", "Net 30"),
        ("invoice.expected_date", "Expected payment date", "date", "20 March 2026"),
        ("invoice.link", "Invoice link", "link", "https://pay.acme.example/INV-1042"),
        ("invoice.salesperson", "Salesperson", "text", "Tom Becker"),
        ("invoice.custom", "Custom field of the invoice", "custom", "Blue"),
    ),
)

_MULTI: Final = (
    _required(
        "block.invoice_table",
        "Invoice table",
        "Invoices",
        "multi",
        type_="block",
        example="number, due date, amount due",
    ),
    _required(
        "invoices.amount_due",
        "Amount due",
        "Invoices",
        "multi",
        type_="money",
        example="€2,400.00 and US$300.00",
    ),
    *_table(
        "Invoices",
        "multi",
        ("invoices.numbers", "Invoice numbers", "text", "INV-1042, INV-1050 and INV-1061"),
        ("invoices.oldest_and_others", "Oldest number and how many others", "text", "INV-1042 and 3 others"),
        ("invoices.count", "Number of invoices", "number", "4"),
        ("invoices.oldest_due_date", "Oldest due date", "date", "2 March 2026"),
        fallback=KNOWN,
    ),
    *_table(
        "Invoices",
        "multi",
        ("invoices.oldest_days_overdue", "Days overdue of the oldest", "days", "15 days"),
        ("invoices.amount_paid", "Part payments received", "money", "€600.00"),
    ),
)

PLACEHOLDERS: Final = (*_PEOPLE, *_ACCOUNT, *_SINGLE, *_MULTI)
_BY_KEY: Final = {placeholder.key: placeholder for placeholder in PLACEHOLDERS}


def find(key: str) -> Placeholder | None:
    """The row of a key as it stands in a text; a custom field finds the row of its kind. None: unknown."""
    if row := _BY_KEY.get(key):
        return None if row.type == "custom" else row
    owner, _, name = key.rpartition(".")
    row = _BY_KEY.get(owner)
    return row if row and row.type == "custom" and CUSTOM_NAME.fullmatch(name) else None


def label_of(key: str) -> str:
    """How people call a key: "Due date"; the key itself when it is unknown."""
    row = find(key)
    return row.label if row else key


def fits(row: Placeholder, form: Form) -> bool:
    """Whether a text of this form may use the row."""
    return row.family in ("universal", form)


def by_group(form: Form) -> dict[str, tuple[Placeholder, ...]]:
    """The rows an editor offers for a form, by group, in the order of the table."""
    groups: dict[str, list[Placeholder]] = {}
    for row in PLACEHOLDERS:
        if fits(row, form):
            groups.setdefault(row.group, []).append(row)
    return {group: tuple(rows) for group, rows in groups.items()}


def may_be_empty(key: str) -> bool:
    """Whether a sentence that uses the key may be left out."""
    row = find(key)
    return row is not None and row.fallback == LEFT_OUT


def required_keys(form: Form) -> tuple[str, ...]:
    """Keys without whose values no reminder of this form leaves (default-templates.md, R13)."""
    return tuple(row.key for row in PLACEHOLDERS if row.required and fits(row, form))


def of_types(keys: Iterable[str], *types: ValueType) -> frozenset[str]:
    """Those of the keys whose row has one of the types."""
    return frozenset(key for key in keys if (row := find(key)) and row.type in types)
