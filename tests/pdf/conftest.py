import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image
from pypdf import PdfReader

from dunright.domain.statements import (
    StatementCredit,
    StatementDocument,
    StatementInvoice,
    StatementParty,
    build_accounts,
)

DAY = date(2026, 11, 24)
SELLER = StatementParty(
    "Northwind Parts Ltd",
    ("14 Harbour Row", "Dublin 2"),
    "accounts@northwind.example",
    "+353 1 555 0100",
    "IE1234567T",
)
CUSTOMER = StatementParty("Kellys & Sons", ("Riverside Park", "Cork"))


def make_invoice(
    number="INV-1", *, days=31, total="1100.00", balance="1000.00", currency="EUR", reference=""
):
    due = DAY - timedelta(days=days)
    return StatementInvoice(
        number, due - timedelta(days=30), due, Decimal(total), Decimal(balance), currency, reference
    )


def make_credit(amount="40.00", *, kind="credit_note", number="CN-7", currency="EUR", reference=""):
    return StatementCredit(kind, number, DAY, Decimal(amount), currency, reference)


def make_document(*, invoices=None, unapplied=(), **changes):
    accounts = build_accounts([make_invoice()] if invoices is None else invoices, unapplied, today=DAY)
    given = {
        "seller": SELLER,
        "customer": CUSTOMER,
        "day": DAY,
        "accounts": accounts,
        "locale": "en_IE",
        **changes,
    }
    return StatementDocument(**given)


def make_picture(size=(40, 20), *, format="PNG", mode="RGBA"):
    written = io.BytesIO()
    Image.new(mode, size, "red" if mode != "CMYK" else (0, 255, 255, 0)).save(written, format)
    return written.getvalue()


def words_in(pdf):
    """All words of a PDF, page by page, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def invoice():
    return make_invoice


@pytest.fixture
def credit():
    return make_credit


@pytest.fixture
def document():
    return make_document


@pytest.fixture
def picture():
    return make_picture


@pytest.fixture
def read_words():
    return words_in
