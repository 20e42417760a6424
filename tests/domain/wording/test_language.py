"""Dates, money, lists, names and phrases by language and country."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.wording.language import language_for, possessive
from dunright.domain.wording.letter_facts import Recipient

SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


@pytest.mark.parametrize(
    ("language", "country", "money", "day"),
    [
        ("en", "GB", "€1,234.50", "2 March 2026"),
        ("en", "US", "€1,234.50", "March 2, 2026"),
        ("en", "", "€1,234.50", "2 March 2026"),
        ("en", "XX", "€1,234.50", "2 March 2026"),
        ("de", "DE", "1.234,50 €", "2. März 2026"),
        ("de-AT", "AT", "€ 1.234,50", "2. März 2026"),
        ("fr", "FR", "1 234,50 €", "2 mars 2026"),
        ("nl", "NL", "€ 1.234,50", "2 maart 2026"),
        ("es", "ES", "1.234,50 €", "2 de marzo de 2026"),
        ("qq", "NL", "€1,234.50", "2 March 2026"),
        ("", "../../etc", "€1,234.50", "2 March 2026"),
    ],
)
def test_money_and_dates_follow_language_and_country(language, country, money, day):
    found = language_for(language, country)
    written = (found.money(Decimal("1234.5"), "EUR").translate(SPACES), found.day(date(2026, 3, 2)))
    assert written == (money, day)


@pytest.mark.parametrize(
    ("currency", "written"),
    [
        ("JPY", "JP¥1,234"),
        ("KWD", "KWD 1,234.000"),
        ("USD", "US$1,234.00"),
        ("GBP", "£1,234.00"),
        ("ZZQ", "ZZQ 1,234.00"),
    ],
)
def test_money_has_the_currencys_own_decimals(currency, written):
    assert language_for("en", "GB").money(Decimal(1234), currency).translate(SPACES) == written


def test_amounts_of_two_currencies_are_joined_and_never_added():
    amounts = {"EUR": Decimal(5), "GBP": Decimal("7.50"), "USD": Decimal(0)}
    assert language_for("en", "GB").moneys(amounts) == "€5.00 and £7.50"


@pytest.mark.parametrize(
    ("count", "written"), [(-3, ""), (0, ""), (1, "1 day"), (2, "2 days"), (12, "12 days")]
)
def test_days_in_words(count, written):
    assert language_for("en").days(count) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(1, "INV-1"), (2, "INV-1 and 1 other"), (3, "INV-1 and 2 others"), (40, "INV-1 and 39 others")],
)
def test_first_and_others(count, written):
    assert language_for("en").first_and_others("INV-1", count) == written


@pytest.mark.parametrize(
    ("names", "greeting"),
    [
        ([], "Hello"),
        (["Anna"], "Hello Anna"),
        ([" Anna "], "Hello Anna"),
        (["Anna", "Ben"], "Hello Anna and Ben"),
        (["Anna", "Anna"], "Hello Anna"),
        (["Anna", ""], "Hello"),
        ([""], "Hello"),
        (["Anna", "Ben", "Carla"], "Hello"),
        (["ap@brightwater.example"], "Hello"),
        (["<b>Anna</b>"], "Hello"),
        (["Department 4"], "Hello"),
        (["-"], "Hello"),
        (["A" * 41], "Hello"),
        (["Jean-Luc"], "Hello Jean-Luc"),
        (["O’Neil"], "Hello O’Neil"),
        (["美咲"], "Hello 美咲"),
    ],
)
def test_greeting(names, greeting):
    assert language_for("en").greeting([Recipient(name) for name in names]) == greeting


def test_two_people_of_one_first_name_are_both_greeted():
    assert (
        language_for("en").greeting([Recipient("Anna", "Price"), Recipient("Anna", "Berg")])
        == "Hello Anna and Anna"
    )


@pytest.mark.parametrize(
    ("language", "greeting", "days"),
    [
        ("de", "Guten Tag Anna und Ben", "12 Tage"),
        ("fr", "Bonjour Anna et Ben", "12 jours"),
        ("es", "Hola Anna y Ben", "12 días"),
        ("nl", "Hallo Anna en Ben", "12 dagen"),
        ("it", "Hello Anna e Ben", "12 days"),
    ],
)
def test_phrases_of_other_languages(language, greeting, days):
    found = language_for(language)
    assert (found.greeting([Recipient("Anna"), Recipient("Ben")]), found.days(12)) == (greeting, days)


@pytest.mark.parametrize(
    ("day", "written"),
    [(date(2026, 3, 10), "10 March"), (date(2025, 12, 30), "30 December 2025"), (None, "")],
)
def test_past_day_is_mentioned_without_this_year(day, written):
    assert language_for("en", "GB").day_of_year(day, date(2026, 3, 17)) == written


@pytest.mark.parametrize(
    ("language", "country", "code", "direction"),
    [
        ("en", "", "en", "ltr"),
        ("en", "NL", "en-NL", "ltr"),
        ("ar", "AE", "ar-AE", "rtl"),
        ("he", "", "he", "rtl"),
    ],
)
def test_code_and_direction(language, country, code, direction):
    found = language_for(language, country)
    assert (found.code, found.direction) == (code, direction)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Acme", "Acme’s"),
        ("Brown Brothers", "Brown Brothers’"),
        ("ROSS", "ROSS’"),
        ("Acme ", "Acme’s"),
        ("", ""),
    ],
)
def test_possessive(name, written):
    assert possessive(name) == written
