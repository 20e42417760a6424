"""The texts of a statement, before they are set."""

import json
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.pdf.printed import clean, printed
from dunright.pdf.words import WORDS


def test_printed_account(document, invoice, credit):
    (account,) = printed(
        document(
            invoices=[invoice(reference="PO 9"), invoice("INV-2", days=-6, total="12.50", balance="12.50")],
            unapplied=[credit()],
        )
    )["accounts"]
    assert account["heading"] == "Amounts in EUR"
    assert account["figures"] == [
        {"label": "Outstanding", "amount": "€1,012.50", "tone": "ink"},
        {"label": "Of which overdue", "amount": "€1,000.00", "tone": "late"},
        {"label": "Credit not yet applied", "amount": "€40.00", "tone": "good"},
        {"label": "Balance to pay", "amount": "€972.50", "tone": "ink"},
    ]
    assert account["lines"] == [
        {
            "number": "INV-1",
            "reference": "PO 9",
            "issued": "24 Sept 2026",
            "due": "24 Oct 2026",
            "late": "31",
            "band": "31-60",
            "total": "1,100.00",
            "paid": "100.00",
            "open": "1,000.00",
        },
        {
            "number": "INV-2",
            "reference": "",
            "issued": "31 Oct 2026",
            "due": "30 Nov 2026",
            "late": "–",
            "band": "current",
            "total": "12.50",
            "paid": "–",
            "open": "12.50",
        },
    ]
    assert account["totals"] == {"total": "1,112.50", "paid": "100.00", "open": "1,012.50"}
    assert account["credits"] == [
        {"kind": "Credit note", "number": "CN-7", "reference": "", "dated": "24 Nov 2026", "amount": "40.00"}
    ]
    assert account["net"] == {"label": "Balance to pay", "amount": "€972.50", "owed": True}
    assert account["sentence"] == ""


def test_printed_ageing_keeps_small_bands_visible(document, invoice):
    (account,) = printed(
        document(invoices=[invoice(balance="1000000.00"), invoice("B", days=0, balance="1.00")])
    )["accounts"]
    assert [(band["label"], band["amount"]) for band in account["ageing"]] == [
        ("Not due", "1.00"),
        ("1–30 days late", "0.00"),
        ("31–60 days late", "1,000,000.00"),
        ("61–90 days late", "0.00"),
        ("> 90 days late", "0.00"),
    ]
    assert [band["share"] > 0 for band in account["ageing"]] == [True, False, True, False, False]
    assert account["ageing"][0]["share"] == 0.015


@pytest.mark.parametrize(
    ("amount", "net", "sentence"),
    [
        (
            "1500.00",
            {"label": "In your favour", "amount": "€500.00", "owed": False},
            "Your credit of €1,500.00 is more than what is open: there is nothing to pay in EUR.",
        ),
        (
            "1000.00",
            {"label": "Balance to pay", "amount": "€0.00", "owed": False},
            "Your credits cover all that is open: there is nothing to pay in EUR.",
        ),
    ],
)
def test_printed_credit_is_never_demanded(document, credit, amount, net, sentence):
    shown = printed(
        document(
            unapplied=[credit(amount)], how_to_pay=("IBAN 1",), pay_link="https://pay.example", contact="Anna"
        )
    )
    assert (shown["accounts"][0]["net"], shown["accounts"][0]["sentence"]) == (net, sentence)
    assert (shown["how_to_pay"], shown["pay_link"], shown["contact"]) == ([], "", "Anna")


def test_printed_account_of_credits_alone(document, credit):
    (account,) = printed(document(invoices=[], unapplied=[credit(kind="payment")]))["accounts"]
    assert account["figures"] == [{"label": "Credit not yet applied", "amount": "€40.00", "tone": "good"}]
    assert (account["ageing"], account["sentence"]) == ([], "There is nothing to pay in EUR.")


def test_printed_says_how_to_pay_where_something_is_owed(document):
    shown = printed(document(how_to_pay=("IBAN 1", " "), pay_link="https://pay.example/x"))
    assert (shown["how_to_pay"], shown["pay_link"]) == (["IBAN 1"], "https://pay.example/x")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://pay.example", "pay.example"])
def test_printed_takes_only_https_links(document, link):
    assert printed(document(pay_link=link))["pay_link"] == ""


@pytest.mark.parametrize(
    ("locale", "language", "paper", "heading", "amount", "due"),
    [
        ("en_US", "en", "us-letter", "Amounts in EUR", "1,000.00", "Oct 24, 2026"),
        ("de-DE", "de", "a4", "Beträge in EUR", "1.000,00", "24.10.2026"),
        ("fr", "fr", "a4", "Montants en EUR", "1\u202f000,00", "24 oct. 2026"),
        ("es", "es", "a4", "Importes en EUR", "1.000,00", "24 oct 2026"),
        ("it", "it", "a4", "Importi in EUR", "1.000,00", "24 ott 2026"),
        ("en_IN", "en", "a4", "Amounts in EUR", "1,000.00", "24 Oct 2026"),
        ("nl", "nl", "a4", "Bedragen in EUR", "1.000,00", "24 okt 2026"),
        ("ja_JP", "en", "a4", "Amounts in EUR", "1,000.00", "Oct 24, 2026"),
        ("nonsense!", "en", "a4", "Amounts in EUR", "1,000.00", "Oct 24, 2026"),
        ("", "en", "a4", "Amounts in EUR", "1,000.00", "Oct 24, 2026"),
    ],
)
def test_printed_in_the_readers_language(document, locale, language, paper, heading, amount, due):
    shown = printed(document(locale=locale))
    (account,) = shown["accounts"]
    assert (shown["language"], shown["paper"], account["heading"]) == (language, paper, heading)
    assert (account["lines"][0]["open"], account["lines"][0]["due"]) == (amount, due)


@pytest.mark.parametrize(
    ("currency", "balance", "amount", "money"),
    [
        ("JPY", "1000", "1,000", "¥1,000"),
        ("KWD", "1.5", "1.500", "KWD\u00a01.500"),
        ("EUR", "1.2345", "1.2345", "€1.2345"),
        ("USD", "1234567", "1,234,567.00", "US$1,234,567.00"),
        ("XXX", "1.5", "1.50", "¤1.50"),
        ("EUR", "922337203685477.5807", "922,337,203,685,477.5807", "€922,337,203,685,477.5807"),
    ],
)
def test_printed_amounts_have_the_currencys_decimals_and_never_fewer_than_they_need(
    document, invoice, currency, balance, amount, money
):
    (account,) = printed(document(invoices=[invoice(total=balance, balance=balance, currency=currency)]))[
        "accounts"
    ]
    assert (account["lines"][0]["open"], account["net"]["amount"].replace("JP", "")) == (amount, money)


def test_printed_amounts_are_grouped_as_the_country_does(document, invoice):
    (account,) = printed(document(invoices=[invoice(balance="1234567.50", currency="INR")], locale="en_IN"))[
        "accounts"
    ]
    assert (account["lines"][0]["open"], account["net"]["amount"]) == ("12,34,567.50", "₹12,34,567.50")


def test_every_language_has_the_same_words_with_the_same_gaps():
    def gaps(words):
        return {
            key: sorted(name for _, name, _, _ in Formatter().parse(text) if name)
            for key, text in words.items()
        }

    assert [gaps(words) for words in WORDS.values()] == [gaps(WORDS["en"])] * len(WORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Kelly\r\n & Sons\t", "Kelly & Sons"),
        ("a\x00\x07b\ue000\ud800c", "abc"),
        ("x" * 301, "x" * 299 + "…"),
        ("株式会社", "株式会社"),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@given(st.text())
def test_clean_gives_one_line_that_is_valid_text(text):
    line = clean(text)
    assert line == " ".join(line.split())
    assert json.loads(json.dumps(line)) == line.encode().decode()
