"""How long the pages take with 25 and with 10,000 customers, on a fresh SQLite database in a temporary folder.

    python bench/pages.py [customers] [-v]

Prints milliseconds of wall and of processor time and the number of statements for each page, compressed as browsers
ask for it; `-v` adds the slowest statements.

The promise: a page answers in less than 100 ms on the machine that it was made for, and takes the same statements
whatever the number of customers. How fast the machine at hand is, and how much others slow it down, a fixed piece of
work in plain Python tells (`measuring_rod`): it takes ROD milliseconds on the machine of the promise, and is done again
and again all through the run. A page of P milliseconds of processor time, in a run whose rod took R (the middle of
all), counts as P * ROD / R, which is the column "even". Pages over the goal are named; only pages whose statements
differ are a failure, for a clock cannot be trusted with that.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
SMALL, LARGE = 25, 10_000
PROMISE = 100
"""Milliseconds of processor time on the machine of the promise."""
SLOWER = {"upcoming/": 150}
"""Pages with a goal of their own: this one asks the rules about the days ahead."""
ROD = 12.5
"""Milliseconds that the measuring rod takes there: the least seen on a cloud server of two cores, Python 3.11."""
ROD_PIECES, REQUESTS_A_ROD = 20_000, 2
TIMES = 9
ENOUGH = 2000
"""Milliseconds spent on one page."""
FEW, MANY = 3, 200
"""Open invoices of the customer whose page is looked at, in the small company and in the large one."""
ADDRESS = {
    "attention": "Accounts payable",
    "street": "Unit 7, Millrace Business Park",
    "street2": "Dock Road",
    "city": "Limerick",
    "state": "",
    "postcode": "V94 X0X0",
    "country": "Ireland",
    "phone": "+353 20 910 0140",
}
SENT = {
    "custom_fields": [{"label": "Cost centre", "value": "4711"}],
    "payment_terms_label": "Net 30",
    "notes": "x" * 120,
}
"""What the books send along: rows are as wide as they are in life."""
OPEN, OF_EACH = 2, 5
"""Open invoices of each customer, and all of them."""
PATHS = (
    "receivables/",
    "receivables/?state=overdue",
    "receivables/?state=held&sort=name",
    "receivables/?sort=-outstanding&page=2",
    "receivables/?sort=next",
    "receivables/?schedule=Standard",
    "receivables/?q=00004",
    "receivables/?q=limited",
    "receivables/invoices/",
    "receivables/invoices/?state=overdue&sort=-balance",
    "receivables/invoices/?state=held&sort=customer",
    "receivables/invoices/?q=00004",
    "receivables/invoices/?q=limited",
    "customers/{customer}/",
    "invoices/{invoice}/",
    "upcoming/",
    "sent/",
)


class Measured(NamedTuple):
    """One page."""

    wall: float
    processor: float
    """Milliseconds, the middle of several times."""
    statements: int
    rods: list[float]
    """Milliseconds of processor time of the measuring rod beside it."""
    slow: list[tuple[float, str]]
    """(seconds, statement), the slowest first."""


def prepare(folder: str) -> None:
    """Set Django up on a database of its own. Models can be imported from here on only."""
    os.environ["DUNRIGHT_DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "dunright.project.settings"
    import django  # noqa: PLC0415 - its settings are read from the folder named above
    from django.conf import settings  # noqa: PLC0415 - the same
    from django.core.management import call_command  # noqa: PLC0415 - the same

    django.setup()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    processors = settings.TEMPLATES[0]["OPTIONS"]["context_processors"]
    if "dunright.web.context.frame" not in processors:
        processors.append("dunright.web.context.frame")
    call_command("migrate", verbosity=0)


def fill(organisation: Any, count: int, many: int, now: datetime) -> None:
    """Write customers in bulk: two thirds overdue, one message this week for every tenth, a person each.

    The first one has `many` open invoices.
    """
    from dunright.models import (  # noqa: PLC0415 - after `prepare`
        ContactPerson,
        Customer,
        Invoice,
        OutboxLine,
        OutboxMessage,
        Payment,
    )
    from dunright.services import outlook, receivables  # noqa: PLC0415 - after `prepare`

    today = now.date()
    Customer.objects.bulk_create(
        Customer(
            organisation=organisation,
            external_id=f"c{number}",
            name=f"Customer {number:05} Limited",
            phone="+353 20 910 0140",
            billing_address=ADDRESS,
            extra=SENT,
            email=f"ap@customer{number}.example",
            currency="EUR",
            is_seen=True,
            is_chasing=number % 50 != 0,
        )
        for number in range(count)
    )
    customers = list(Customer.objects.filter(organisation=organisation).order_by("pk"))
    ContactPerson.objects.bulk_create(
        ContactPerson(
            organisation=organisation,
            customer=one,
            external_id=f"p{one.external_id}",
            first_name="Ann",
            last_name=f"Person {place}",
            email=one.email,
            level="normal",
            is_primary=True,
        )
        for place, one in enumerate(customers)
    )
    Invoice.objects.bulk_create(
        Invoice(
            organisation=organisation,
            customer=one,
            external_id=f"i{place}-{part}",
            number=f"INV-{place:05}-{part}",
            status="open" if part < OPEN or not place else "paid",
            issue_date=today - timedelta(days=60),
            due_date=today + timedelta(days=20 - (place * 7 + part * 31) % 150),
            total=Decimal(100 + place % 977),
            balance=Decimal(100 + place % 977) if part < OPEN or not place else Decimal(0),
            currency="EUR",
            rate=Decimal(1),
            first_open_date=today - timedelta(days=60),
            extra=SENT,
        )
        for place, one in enumerate(customers)
        for part in range(OF_EACH if place else many)
    )
    Payment.objects.bulk_create(
        Payment(
            organisation=organisation,
            customer=one,
            external_id=f"pay{place}",
            payment_date=today - timedelta(days=place % 40),
            amount=Decimal(50),
            currency="EUR",
        )
        for place, one in enumerate(customers)
    )
    receivables.refresh_totals(organisation, today=today)
    outlook.refresh(organisation, now=now)
    first = {one.customer_id: one for one in Invoice.objects.filter(organisation=organisation, status="open")}
    messages = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            organisation=organisation,
            customer=one,
            run_date=today,
            state="planned" if place % 20 else "sent",
            kind="overdue",
            schedule_name="Standard",
            step="follow-up",
            due_at=now,
            planned_at=now,
            message_id=f"<{organisation.pk}-{one.pk}@bench.example>",
            totals={"EUR": "100.00"},
        )
        for place, one in enumerate(customers)
        if place % 10 == 0
    )
    OutboxLine.objects.bulk_create(
        OutboxLine(
            organisation=organisation,
            message=message,
            invoice=first[message.customer_id],
            position=0,
            balance=Decimal(100),
            currency="EUR",
        )
        for message in messages
    )


def measuring_rod() -> float:
    """Milliseconds of processor time for a fixed piece of work of the kind that pages do.

    Many small objects made, looked up, ordered and written as text: like pages, it suffers where others crowd the
    caches, which a loop over a few numbers would not notice.
    """
    gc.disable()
    started = time.process_time()
    rows = [{"key": number * 7919 % ROD_PIECES, "name": f"Customer {number}"} for number in range(ROD_PIECES)]
    by_key = {row["key"]: row for row in rows}
    text = "".join(f"<td>{by_key[key]['name']}</td>" for key in sorted(by_key))
    taken = (time.process_time() - started) * 1000
    gc.enable()
    assert len(text) > ROD_PIECES
    return taken


def measure(client: Any, path: str) -> Measured:
    """Ask for a page once to look at its statements, then several times by the clock."""
    from django.db import connection  # noqa: PLC0415 - after `prepare`

    statements: list[tuple[float, str]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        started = time.perf_counter()
        result = execute(sql, params, many, context)
        statements.append((time.perf_counter() - started, sql))
        return result

    with connection.execute_wrapper(note):
        answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, (path, answer.status_code)
    walls: list[float] = []
    processors: list[float] = []
    rods = [measuring_rod()]
    # A page that takes seconds says so the first time.
    while len(walls) < TIMES and sum(processors) < ENOUGH:
        wall, processor = time.perf_counter(), time.process_time()
        client.get(path)
        walls.append((time.perf_counter() - wall) * 1000)
        processors.append((time.process_time() - processor) * 1000)
        if len(processors) % REQUESTS_A_ROD == 0:
            rods.append(measuring_rod())
    slow = sorted(statements, reverse=True)[:4]
    return Measured(statistics.median(walls), statistics.median(processors), len(statements), rods, slow)


def look(name: str, count: int, many: int) -> dict[str, Measured]:
    """Make a company and ask for each of its pages."""
    from django.test import Client  # noqa: PLC0415 - after `prepare`
    from django.utils import timezone  # noqa: PLC0415 - the same

    from dunright.models import Customer, Invoice  # noqa: PLC0415 - the same
    from dunright.services import daily  # noqa: PLC0415 - the same
    from tests.support import factories as make  # noqa: PLC0415 - the same

    organisation = make.organisation(f"Bench {name}")
    fill(organisation, count, many, timezone.now())
    # As the next tick does.
    daily.measure_tables()
    client = Client(headers={"Accept-Encoding": "gzip"})
    client.force_login(make.owner(organisation))
    start = f"/o/{organisation.pk}/"
    customer = Customer.objects.filter(organisation=organisation).earliest("pk")
    # The one that a message lists.
    invoice = Invoice.objects.filter(organisation=organisation, customer=customer).latest("pk")
    # The first page of a process compiles its templates.
    client.get(f"{start}receivables/")
    return {
        path: measure(client, start + path.format(customer=customer.pk, invoice=invoice.pk)) for path in PATHS
    }


def pace_of(pages: Iterable[Measured]) -> float:
    """What a millisecond of this run is on the machine of the promise."""
    return ROD / statistics.median(rod for page in pages for rod in page.rods)


def what_grows(small: dict[str, Measured], big: dict[str, Measured], large: int) -> list[str]:
    """A sentence for each page whose number of statements depends on the number of customers."""
    return [
        f"{path} takes {small[path].statements} statements for {SMALL} customers and {other.statements} for {large}."
        for path, other in big.items()
        if small[path].statements != other.statements
    ]


def what_is_slow(big: dict[str, Measured], large: int, pace: float) -> list[str]:
    """A sentence for each page that takes longer than its goal, made even."""
    return [
        f"{path} takes {even:.0f} ms for {large} customers, made even; {goal} are the goal."
        for path, other in big.items()
        if (even := other.processor * pace) > (goal := SLOWER.get(path, PROMISE))
    ]


def main(large: int) -> int:
    """Measure every page with both numbers of customers, print the table, and give the exit status."""
    small, big = look("small", SMALL, FEW), look("large", large, MANY)
    pace = pace_of([*small.values(), *big.values()])
    print(f"{'milliseconds, wall / processor / even':52}{SMALL:>22}{large:>27}{'statements':>17}")
    for path in PATHS:
        one, other = small[path], big[path]
        print(
            f"{path:52}{one.wall:7.1f} /{one.processor:6.1f} /{one.processor * pace:6.1f}"
            f"{other.wall:10.1f} /{other.processor:7.1f} /{other.processor * pace:7.1f}"
            f"{one.statements:>12} / {other.statements}"
        )
        if "-v" in sys.argv:
            for seconds, sql in other.slow:
                print(f"      {seconds * 1000:6.1f} ms {sql[:300]}")
    grows = what_grows(small, big, large)
    for sentence in (*grows, *what_is_slow(big, large, pace)):
        print(sentence)
    print(
        f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; "
        f"its rod took {ROD / pace:.1f} ms."
    )
    return 1 if grows else 0


if __name__ == "__main__":
    chosen = [int(one) for one in sys.argv[1:] if one.isdigit()]
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        sys.exit(main(chosen[0] if chosen else LARGE))
