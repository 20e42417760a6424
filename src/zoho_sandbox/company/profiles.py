"""Who a customer is and how it buys: everything about one customer that does not change from day to day."""

import math
import re
import unicodedata
from dataclasses import dataclass
from random import Random

from zoho_sandbox.company import names
from zoho_sandbox.company.northwind import KNOWN, Known
from zoho_sandbox.company.payers import BY_NAME, Payer, draw_payer

NEXT_MONTH_END, MONTH_END = -3, -2
TERMS = ((30, 58), (14, 11), (15, 10), (7, 7), (45, 4), (60, 4), (0, 3), (NEXT_MONTH_END, 2), (MONTH_END, 1))
TERM_LABELS = {
    0: "Due on Receipt",
    NEXT_MONTH_END: "Due end of next month",
    MONTH_END: "Due end of the month",
}
PERSON_COUNTS = ((1, 60), (2, 25), (3, 8), (4, 4), (5, 3))
# Shares of customers, and of persons, that are as real data is.
ARCHIVED, ODD, DUPLICATE, WITHOUT_EMAIL, NOBODY, WITHOUT_FIRST_NAME = 0.01, 0.012, 0.006, 0.06, 0.3, 0.05
SHARED_MAILBOX, CALLED_ACCOUNTS, WITH_MOBILE, IN_A_PARK = 0.45, 0.5, 0.3, 0.4
# Rates into euro, and the symbols, of the currencies the company invoices in.
CURRENCIES = {
    "EUR": (1.0, "€", "Euro"),
    "GBP": (1.17, "£", "Pound Sterling"),
    "USD": (0.92, "$", "United States Dollar"),
}


@dataclass(slots=True)
class Person:
    """A contact person before it is stored."""

    salutation: str
    first_name: str
    last_name: str
    email: str
    phone: str
    mobile: str
    designation: str
    department: str


@dataclass(slots=True)
class Profile:
    """One customer. Amounts in cents; `usual` is the logarithm of a typical amount in currency units."""

    index: int
    name: str
    company: str
    currency: str
    terms: int
    payer: Payer
    per_year: float
    usual: float
    fixed_amount: int | None
    persons: list[Person]
    address: dict[str, str]
    country_code: str
    phone: str
    notes: str
    archived: bool
    credit: bool
    pay_second: int
    age_days: int

    @property
    def terms_label(self) -> str:
        """The terms as Zoho shows them."""
        return TERM_LABELS.get(self.terms, f"Net {self.terms}")


def profile(seed: int, index: int) -> Profile:
    """The customer of that index; the same for the same seed, whatever the size of the company."""
    rng = Random((seed << 24) + index)
    known = KNOWN[index] if index < len(KNOWN) else None
    name = known.name if known else _name(rng, index)
    payer = draw_payer(rng, BY_NAME[known.payer] if known else None)
    currency = known.currency if known else _currency(rng, index)
    address, country_code, prefix = _address(rng, known.town if known else None, foreign=currency)
    persons = _known_persons(rng, known, prefix) if known else _persons(rng, name, prefix)
    fixed = rng.random() < (0.15 if known else 0.30)
    usual = math.log(known.amount) if known else rng.gauss(6.8, 1.1)
    amount = round(math.exp(usual), -1 if usual > math.log(100) else 0)
    return Profile(
        index=index,
        name=name,
        company=known.name if known else f"{name} {rng.choice(names.ENDINGS)}".strip(),
        currency=currency,
        terms=known.terms
        if known
        else rng.choices([days for days, _ in TERMS], [weight for _, weight in TERMS])[0],
        payer=payer,
        per_year=known.rate if known else min(math.exp(rng.gauss(1.6, 1.2)), 250.0),
        usual=usual,
        fixed_amount=round(amount * 100) if fixed else None,
        persons=persons,
        address=address,
        country_code=country_code,
        phone=persons[0].phone if persons else _phone(rng, prefix),
        notes=rng.choice(
            ("", "", "", "Pays by SEPA", "Purchase order needed on every invoice", "Prefers e-mail")
        ),
        archived=known.trait == "archived" if known else rng.random() < ARCHIVED,
        credit=known is not None and known.trait == "credit",
        pay_second=rng.randrange(9 * 3600, 16 * 3600),
        age_days=rng.randrange(440, 1500),
    )


def _name(rng: Random, index: int) -> str:
    chance = rng.random()
    if chance < ODD:
        return rng.choice(names.ODD_NAMES)
    if chance < ODD + DUPLICATE and index > len(KNOWN):
        return _plain_name(index - 1)
    return _plain_name(index)


def _plain_name(index: int) -> str:
    """A name of its own for each index: trades and words combined, then with a town before them."""
    firsts, trades = len(names.FIRST_WORDS), len(names.TRADES)
    layer, place = divmod(index * 1009, firsts * trades)
    first, trade = names.FIRST_WORDS[place % firsts], names.TRADES[(place // firsts + place) % trades]
    plain = f"{first} {trade}"
    layer //= 1009
    if layer == 0:
        return plain
    town = names.PLACES[(layer - 1) % len(names.PLACES)][0]
    return f"{town} {plain}" if layer <= len(names.PLACES) else f"{town} {plain} {layer}"


def _currency(rng: Random, index: int) -> str:
    if index in {30, 31}:
        return ("GBP", "USD")[index - 30]
    return rng.choices(("EUR", "GBP", "USD"), (97, 2, 1))[0]


def slug(name: str) -> str:
    """A name as the first label of a domain."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)[:30] or "customer"


def _phone(rng: Random, prefix: str) -> str:
    digits = {"+353 20 91": 5, "+1 617 555 01": 2}.get(prefix, 2)
    number = "".join(rng.choices("0123456789", k=digits))
    return f"{prefix}{number[0]} {number[1:]}" if digits > 2 else prefix + number


def _persons(rng: Random, name: str, prefix: str) -> list[Person]:
    count = rng.choices([n for n, _ in PERSON_COUNTS], [weight for _, weight in PERSON_COUNTS])[0]
    domain = slug(name)
    without_email = rng.random() < WITHOUT_EMAIL
    if without_email and rng.random() < NOBODY:
        return []
    people = []
    for place in range(count):
        first = "" if rng.random() < WITHOUT_FIRST_NAME else rng.choice(names.FIRST_NAMES)
        last = rng.choice(names.LAST_NAMES)
        role, department = names.ROLES[0] if not first else rng.choice(names.ROLES)
        shared = not first or (place == 0 and rng.random() < SHARED_MAILBOX)
        local = rng.choice(names.MAILBOXES) if shared else f"{slug(first)}.{slug(last)}"
        if not first and rng.random() < CALLED_ACCOUNTS:
            last = "Accounts"
        people.append(
            Person(
                salutation=rng.choice(("", "", "Ms", "Mr")) if first else "",
                first_name=first,
                last_name=last,
                email="" if without_email else f"{local}@{domain}.example",
                phone=_phone(rng, prefix),
                mobile=_phone(rng, prefix) if rng.random() < WITH_MOBILE else "",
                designation=role,
                department=department,
            )
        )
    return people


def _known_persons(rng: Random, known: Known, prefix: str) -> list[Person]:
    people = []
    for place, person in enumerate(filter(None, (known.person, known.second))):
        first, _, last = person.partition(" ")
        local = known.mailbox if place == 0 else slug(first)
        role, department = (("Accounts", "Finance"), ("Managing director", "Management"))[place]
        email = f"{local}@{known.domain}.example" if known.trait != "no e-mail" else ""
        people.append(Person("", first, last, email, _phone(rng, prefix), "", role, department))
    if known.trait == "no first name":
        email = f"{known.mailbox}@{known.domain}.example"
        people.append(Person("", "", "Accounts", email, _phone(rng, prefix), "", "Accounts", "Finance"))
    return people


def _address(rng: Random, town: str | None, *, foreign: str) -> tuple[dict[str, str], str, str]:
    """An address as invoice rows show it, its country code, and the prefix of the customer's telephones."""
    abroad = [place for place in names.ABROAD if place[0] == town]
    if not abroad and town is None and foreign != "EUR":
        abroad = [
            place for place in names.ABROAD if (place[2] == "US") == (foreign == "USD") and place[2] != "DE"
        ]
    if abroad:
        city, country, code, postcode, street, prefix = rng.choice(abroad)
        return _lines(f"{rng.randrange(1, 90)} {street}", "", city, "", postcode, country), code, prefix
    places = [place for place in names.PLACES if town in {None, place[0]}]
    city, county, key = rng.choice(places)
    street = f"{rng.randrange(1, 120)} {rng.choice(names.STREETS)}"
    if rng.random() < IN_A_PARK:
        unit = f"Unit {rng.randrange(1, 40)}, {rng.choice(names.PARKS)}"
        return (
            _lines(unit, street.split(" ", 1)[1], city, county, f"{key} X0X0", "Ireland"),
            "IE",
            "+353 20 91",
        )
    return _lines(street, "", city, county, f"{key} X0X0", "Ireland"), "IE", "+353 20 91"


def _lines(address: str, street2: str, city: str, state: str, zipcode: str, country: str) -> dict[str, str]:
    return {
        "address": address,
        "street2": street2,
        "city": city,
        "state": state,
        "zipcode": zipcode,
        "country": country,
        "phone": "",
        "fax": "",
        "attention": "Accounts payable",
    }
