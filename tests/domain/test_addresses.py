import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.addresses import _PLAIN, same_address_key, usable_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ap@k.example", "ap@k.example"),
        ("  Accounts.Payable@Northwind.Example\n", "Accounts.Payable@Northwind.Example"),
        ("x@y.test", "x@y.test"),
        ("o'brien@k.ie", "o'brien@k.ie"),
        ("a.b.c.d@k.example", "a.b.c.d@k.example"),
        ("jörg@müller.example", "jörg@müller.example"),
        ("", None),
        ("   ", None),
        ("none", None),
        ("a@b", None),
        ("a@localhost", None),
        ("a@b.invalid", None),
        ("a@k.example, b@k.example", None),
        ("a@k.example;b@k.example", None),
        ("Ann <a@k.example>", None),
        ("mailto:a@k.example", None),
        ("a b@k.example", None),
        ("a@k.example\r\nBcc: b@k.example", None),
        ("a@k..example", None),
        (".a@k.example", None),
        ("a.@k.example", None),
        ("a@-k.example", None),
        ("a@[127.0.0.1]", None),
        ("a@10.0.0.1", None),
        ("\x00a@k.example", None),
        ("\ud800@k.example", None),
        (f"{'a' * 65}@k.example", None),
        (f"a@{'k.' * 200}example", None),
    ],
)
def test_usable_address(text, expected):
    assert usable_address(text) == expected


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_usable_address_quick_check_accepts_only_what_the_full_check_does(text):
    try:
        validate_email(text, strict=True, check_deliverability=False, test_environment=True)
        accepted = True
    except EmailNotValidError:
        accepted = False
    assert accepted is True


@given(st.text(max_size=40))
def test_usable_address_never_returns_anything_but_the_trimmed_text(text):
    assert usable_address(text) in {None, text.strip()}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("AP@K.example", " ap@k.EXAMPLE ", True),
        ("ap@k.example", "ap2@k.example", False),
        ("jo\u0308rg@k.example", "J\u00d6RG@k.example", True),
    ],
)
def test_same_address_key(one, other, same):
    assert (same_address_key(one) == same_address_key(other)) is same


def test_usable_address_needs_no_full_check_for_ordinary_addresses(monkeypatch):
    def full_check(*_args, **_settings):
        raise AssertionError

    monkeypatch.setattr("dunright.domain.addresses.validate_email", full_check)
    addresses = [f"accounts.payable{number}@customer-{number}.example" for number in range(1_000)]
    assert [usable_address(address) for address in addresses] == addresses
