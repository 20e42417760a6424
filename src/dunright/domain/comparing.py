"""Whether the mirror equals the books: two sides compared record by record, and each difference in words.

Plain values in, plain values out. The books are right by definition: a difference is mended by reading them again, and
only what stays different after that is a disagreement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, get_args

from dunright.domain.money import amount_text

Kind = Literal[
    "missing",
    "extra",
    "balance",
    "due_date",
    "customer",
    "number",
    "unreadable",
    "customer_missing",
    "customer_extra",
    "customer_data",
    "customer_sum",
    "count",
]
"""What differs. Invoices: open only in the books, open only here, or open in both and not the same; a row that cannot
be read. Customers: only in the books, only here, not the same, a sum that is not that of the invoices. Numbers."""
Outcome = Literal["left", "mended", "explained"]
"""`left`: it still differs. `mended`: read again, and equal now. `explained`: no fault, and nothing to mend."""
INVOICE_KINDS: Final = frozenset({"missing", "extra", "balance", "due_date", "customer", "number"})
MONEY: Final = Decimal("0.0001")
"""What amounts are kept to."""


class Standing(NamedTuple):
    """One open invoice as one side has it."""

    external_id: str
    number: str
    customer_id: str
    customer: str
    currency: str
    balance: Decimal
    due_date: date | None


class Account(NamedTuple):
    """One customer as one side has it."""

    external_id: str
    name: str
    email: str
    status: str
    currency: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `ours` and `theirs` as text, None where that side has nothing."""

    kind: Kind
    customer_id: str = ""
    customer: str = ""
    invoice_id: str = ""
    number: str = ""
    currency: str = ""
    ours: str | None = None
    theirs: str | None = None
    outcome: Outcome = "left"
    note: str = ""
    """For a row that cannot be read: the sentence that says why. For a count: of what."""

    def ended(self, outcome: Outcome) -> "Difference":
        """The same difference, once it is known what became of it."""
        return replace(self, outcome=outcome)


def compare_invoice(ours: Standing | None, theirs: Standing | None) -> tuple[Difference, ...]:
    """What differs about one invoice; None: it is not open on that side."""
    if theirs is None:
        return (_of_invoice("extra", ours, _money(ours), None),) if ours else ()
    if ours is None:
        return (_of_invoice("missing", theirs, None, _money(theirs)),)
    found = []
    if (ours.currency, _kept(ours.balance)) != (theirs.currency, _kept(theirs.balance)):
        found.append(_of_invoice("balance", theirs, _money(ours), _money(theirs)))
    if ours.due_date != theirs.due_date:
        found.append(_of_invoice("due_date", theirs, _day(ours.due_date), _day(theirs.due_date)))
    if ours.customer_id != theirs.customer_id:
        found.append(_of_invoice("customer", theirs, ours.customer, theirs.customer))
    if ours.number != theirs.number:
        found.append(_of_invoice("number", theirs, ours.number, theirs.number))
    return tuple(found)


def compare_customer(ours: Account | None, theirs: Account | None) -> tuple[Difference, ...]:
    """What differs about one customer; None: that side has no such customer."""
    if ours is None and theirs is not None:
        return (Difference("customer_missing", theirs.external_id, theirs.name, theirs=theirs.name),)
    if theirs is None and ours is not None:
        return (Difference("customer_extra", ours.external_id, ours.name, ours=ours.name),)
    if ours is None or theirs is None or ours == theirs:
        return ()
    field = next(name for name in Account._fields if getattr(ours, name) != getattr(theirs, name))
    said = (getattr(ours, field), getattr(theirs, field))
    return (
        Difference(
            "customer_data", theirs.external_id, theirs.name, ours=said[0], theirs=said[1], note=field
        ),
    )


def compare_sum(account: Account, *, ours: Decimal, theirs: Decimal) -> tuple[Difference, ...]:
    """Whether what the source says a customer owes is what invoices and opening balance come to."""
    if _kept(ours) == _kept(theirs):
        return ()
    amounts = (amount_text(ours, account.currency), amount_text(theirs, account.currency))
    return (
        Difference(
            "customer_sum",
            account.external_id,
            account.name,
            currency=account.currency,
            ours=amounts[0],
            theirs=amounts[1],
        ),
    )


def compare_counts(ours: Mapping[str, int], theirs: Mapping[str, int]) -> tuple[Difference, ...]:
    """Numbers of records that both sides tell, where they differ."""
    return tuple(
        Difference("count", ours=str(ours[what]), theirs=str(number), note=what)
        for what, number in theirs.items()
        if what in ours and ours[what] != number
    )


def agrees(differences: Iterable[Difference]) -> bool:
    """Whether nothing is left that differs."""
    return all(one.outcome != "left" for one in differences)


def sentence(one: Difference) -> str:
    """A difference in words, without what became of it."""
    values = {name: getattr(one, name) for name in Difference.__dataclass_fields__}
    # `format` looks at the pattern only: braces in a customer's name stay what they are.
    return SENTENCES[one.kind].format(
        **values, it=one.number or one.invoice_id, what=COUNTED.get(one.note, one.note)
    )


COUNTED: Final[Mapping[str, str]] = {
    "customers": "Customers",
    "open": "Open invoices",
    "paid": "Paid invoices",
    "void": "Void invoices",
    "other": "Drafts and other invoices",
}
SENTENCES: Final[Mapping[Kind, str]] = {
    "missing": "{it} of {customer}: open in the books with {theirs}, not open here.",
    "extra": "{it} of {customer}: open here with {ours}, not open in the books.",
    "balance": "{it} of {customer}: {ours} open here, {theirs} in the books.",
    "due_date": "{it} of {customer}: due {ours} here, {theirs} in the books.",
    "customer": "{it}: of {ours} here, of {theirs} in the books.",
    "number": "{it} of {customer}: called “{ours}” here, “{theirs}” in the books.",
    "unreadable": "{note}",
    "customer_missing": "{customer}: in the books, not here.",
    "customer_extra": "{customer}: here, not in the books.",
    "customer_data": "{customer}: {note} is “{ours}” here, “{theirs}” in the books.",
    "customer_sum": (
        "{customer}: the books say {theirs} {currency} is outstanding; the open invoices and the opening balance come "
        "to {ours} {currency}."
    ),
    "count": "{what}: {ours} here, {theirs} in the books.",
}


def as_json(one: Difference) -> dict[str, Any]:
    """A difference as it is kept and as commands print it."""
    return {name: getattr(one, name) for name in Difference.__dataclass_fields__}


def from_json(values: Mapping[str, Any]) -> Difference:
    """A difference that was kept; what a later version does not know reads as unreadable."""
    known = {name: values[name] for name in Difference.__dataclass_fields__ if name in values}
    if known.get("kind") not in get_args(Kind):
        known["kind"] = "unreadable"
    return Difference(**known)


def _of_invoice(kind: Kind, one: Standing | None, ours: str | None, theirs: str | None) -> Difference:
    assert one is not None, "one side has it"
    return Difference(
        kind,
        customer_id=one.customer_id,
        customer=one.customer,
        invoice_id=one.external_id,
        number=one.number,
        currency=one.currency,
        ours=ours,
        theirs=theirs,
    )


def _kept(amount: Decimal) -> Decimal:
    return amount.quantize(MONEY)


def _money(one: Standing | None) -> str | None:
    return f"{amount_text(one.balance, one.currency)} {one.currency}" if one else None


def _day(day: date | None) -> str:
    return day.isoformat() if day else "on no day"
