"""How long Receivables takes with 25 and with 10,000 customers, on a fresh SQLite database in a temporary folder.

    python bench/pages.py [customers]

Prints milliseconds of server time and the number of statements for each page, and how many times the small company's
they are. The promise: under 100 ms, and the same number of statements.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
SMALL, LARGE = 25, 10_000
TIMES = 9
OPEN, OF_EACH = 2, 5
"""Open invoices of each customer, and all of them."""
PATHS = (
    "receivables/",
    "receivables/?state=overdue",
    "receivables/?state=held&sort=name",
    "receivables/?sort=-outstanding&page=2",
    "receivables/?q=00042",
    "receivables/invoices/",
    "receivables/invoices/?state=overdue&sort=-balance",
)


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


def fill(organisation: Any, count: int, now: datetime) -> None:
    """Write customers in bulk: two thirds overdue, one message this week for every tenth, a person each."""
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
            status="open" if part < OPEN else "paid",
            issue_date=today - timedelta(days=60),
            due_date=today + timedelta(days=20 - (place * 7 + part * 31) % 150),
            total=Decimal(100 + place % 977),
            balance=Decimal(100 + place % 977) if part < OPEN else Decimal(0),
            currency="EUR",
            rate=Decimal(1),
            first_open_date=today - timedelta(days=60),
        )
        for place, one in enumerate(customers)
        for part in range(OF_EACH)
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


def measure(client: Any, path: str) -> tuple[float, int, list[tuple[float, str]]]:
    """Milliseconds (the middle of several times), statements, and the slowest of them."""
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
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
    slow = sorted(statements, reverse=True)[:4]
    return statistics.median(taken), len(statements), slow


def main(large: int) -> None:
    """Measure every page with both numbers of customers, and print the table."""
    from django.db import connection  # noqa: PLC0415 - after `prepare`
    from django.test import Client  # noqa: PLC0415 - the same
    from django.utils import timezone  # noqa: PLC0415 - the same

    from tests.support import factories as make  # noqa: PLC0415 - the same

    now = timezone.now()
    results = {}
    for name, count in (("small", SMALL), ("large", large)):
        organisation = make.organisation(f"Bench {name}")
        fill(organisation, count, now)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client()
        client.force_login(make.owner(organisation))
        client.get(f"/o/{organisation.pk}/receivables/")
        for path in PATHS:
            results[name, path] = measure(client, f"/o/{organisation.pk}/{path}")
    print(f"{'page':52}{SMALL:>8} ms{large:>9} ms{'ratio':>8}{'statements':>14}")
    for path in PATHS:
        (small, few, _), (big, many, slow) = results["small", path], results["large", path]
        print(f"{path:52}{small:8.1f} ms{big:9.1f} ms{big / small:8.1f}{few:>8} / {many}")
        if "-v" in sys.argv:
            for one in slow:
                print(f"      {one[0] * 1000:6.1f} ms {one[1][:300]}")


if __name__ == "__main__":
    chosen = [int(one) for one in sys.argv[1:] if one.isdigit()]
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        main(chosen[0] if chosen else LARGE)
