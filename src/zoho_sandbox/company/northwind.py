"""The first twenty-five customers of Northwind Parts Ltd, so that a small company shows familiar, plausible books."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A customer with fixed traits. Amount is a typical invoice in euro, `rate` invoices a year."""

    name: str
    domain: str
    mailbox: str
    payer: str
    rate: float
    amount: int
    terms: int
    town: str
    person: str = ""
    second: str = ""
    currency: str = "EUR"
    trait: str = ""


# fmt: off: a table is read row by row
KNOWN = (
    Known(
        "Lissadoon Quarries",
        "lissadoon",
        "accounts",
        "failing",
        14,
        3900,
        30,
        "Ennis",
        "Gerard Mulcahy",
        "Nora Mulcahy",
    ),
    Known(
        "Castlemoyle Dairies",
        "castlemoyle",
        "ledger",
        "slow",
        24,
        3300,
        30,
        "Tralee",
        "Bríd Foley",
        "Con Foley",
    ),
    Known(
        "Halloran Bearings",
        "halloran",
        "orla",
        "slow",
        26,
        2800,
        30,
        "Limerick",
        "Orla Halloran",
        "Pat Devlin",
    ),
    Known("Clonduff Plant Hire", "clonduff", "accounts", "slow", 12, 4100, 30, "Navan", "Declan Tierney"),
    Known(
        "Inver Precision", "inver", "accounts", "late", 16, 3500, 30, "Galway", "Łukasz Wójcik", "Emer Keane"
    ),
    Known(
        "Brannigan Refrigeration", "brannigan", "finance", "slow", 16, 3200, 30, "Dundalk", "Fergal Brannigan"
    ),
    Known(
        "Meridian Packaging",
        "meridian",
        "payables",
        "late",
        36,
        3400,
        30,
        "Dublin",
        "Ciara Nolan",
        "Mark Power",
    ),
    Known("Portlaw Textiles", "portlaw", "finance", "slow", 12, 2900, 30, "Waterford", "Anna Roche"),
    Known(
        "Quayside Marine",
        "quayside",
        "accounts",
        "failing",
        12,
        2700,
        30,
        "Cork",
        "Seán Crowley",
        "Judith Kavanagh",
    ),
    Known("Kestrel Lifts", "kestrel", "ap", "late", 14, 2400, 30, "Dublin", "Agnieszka Nowak"),
    Known(
        "Ulster Gearbox Centre",
        "ulstergearbox",
        "finance",
        "slow",
        10,
        2000,
        30,
        "Belfast",
        "Ian McLoughlin",
        currency="GBP",
    ),
    Known(
        "Eastpier Boatworks", "eastpier", "", "late", 9, 2100, 30, "Dublin", "Brendan Daly", trait="no e-mail"
    ),
    Known(
        "Doyle & Sweeney Motors",
        "doylesweeney",
        "office",
        "late",
        13,
        1900,
        30,
        "Wexford",
        "Martin Doyle",
        "Helen Sweeney",
    ),
    Known("Fennick Agri Systems", "fennick", "accounts", "late", 14, 2500, 45, "Tullamore", "Róisín Fennick"),
    Known("Whitethorn Brewing", "whitethorn", "accounts", "late", 15, 1900, 30, "Sligo", "Tom Whelan"),
    Known("Alder & Finch Interiors", "alderfinch", "accounts", "slow", 8, 1500, 14, "Kilkenny", "Zoë Finch"),
    Known(
        "Corrib Valve & Fitting",
        "corribvalve",
        "accounts",
        "late",
        20,
        1400,
        30,
        "Galway",
        trait="no first name",
    ),
    Known(
        "Slieve Energy Services",
        "slieve",
        "accounts",
        "late",
        9,
        1700,
        30,
        "Letterkenny",
        "Cathal Gallagher",
        trait="credit",
    ),
    Known("O'Hanlon Brothers", "ohanlon", "accounts", "late", 24, 900, 14, "Naas", "Eoin O'Hanlon"),
    Known(
        "Sankt Georg Maschinenbau",
        "sanktgeorg",
        "buchhaltung",
        "prompt",
        30,
        5200,
        30,
        "Hamburg",
        "Jürgen Schäfer",
        "Lena Müller",
    ),
    Known("Tolka Cold Store", "tolka", "accounts", "prompt", 20, 4800, 30, "Dublin", "Niamh Byrne"),
    Known("Ballycorrig Pumps", "ballycorrig", "accounts", "prompt", 18, 2300, 30, "Cork", "Donal O’Sullivan"),
    Known(
        "Zephyr Heating",
        "zephyr",
        "office",
        "prompt",
        20,
        1900,
        30,
        "Boston, MA",
        "Paul Moreau",
        currency="USD",
    ),
    Known("Rathbeg Joinery", "rathbeg", "office", "slightly late", 17, 1100, 14, "Athlone", "Peter Burke"),
    Known(
        "Glasgarden Nurseries",
        "glasgarden",
        "hello",
        "slightly late",
        12,
        800,
        30,
        "Carlow",
        "Áine Cullen",
        trait="archived",
    ),
)
# fmt: on
