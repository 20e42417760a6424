"""Counting again against the books: what differs from the mirror. Stores nothing; `mending` reads again what differs.

Every open invoice and every customer is compared, or, in the light version, the sums that the last sync brought; and
numbers of invoices by status, in three calls (zoho-books-api.md section 12).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from dunright.connectors.base import Connector, Problem
from dunright.domain import comparing
from dunright.domain.comparing import Difference
from dunright.domain.money import amount_text
from dunright.domain.records import CustomerRecord, InvoiceRecord
from dunright.models import Customer, Organisation
from dunright.queries import standings

NOTHING = Decimal(0)


class Recount:
    """One recount. `beat` is called before each call to the books; it may raise."""

    def __init__(self, organisation: Organisation, connector: Connector, *, beat: Callable[[], None]) -> None:
        self.organisation = organisation
        self.connector = connector
        self.beat = beat
        self.found: dict[tuple[str, str, str, str], Difference] = {}
        self.listed: dict[str, InvoiceRecord] = {}
        """Open invoices that differed, as the list of the books had them."""
        self.owed: dict[str, Decimal] = {}
        """Currency -> what is open in the books."""
        self.open_in_books: int | None = None
        """None until the list was read to its end."""
        self._customers_in_books: int | None = None
        self._counted: dict[str, int] = {}

    @property
    def differences(self) -> list[Difference]:
        """What was found, with what became of it; what is left first."""
        order = ("left", "explained", "mended")
        return sorted(self.found.values(), key=lambda one: order.index(one.outcome))

    def full(self) -> None:
        """Compare every open invoice and every customer, then the numbers."""
        self.compare_open_invoices()
        self._compare_customers()
        self._compare_counts()

    def light(self) -> None:
        """Compare what the books say each customer owes with what the mirror comes to, then the numbers."""
        for some in standings.customers_told(self.organisation):
            owed = standings.owed_by(self.organisation, some)
            for one in some:
                mine = owed.get((one.pk, one.currency), NOTHING) + one.opening_balance
                self.note(
                    comparing.compare_sum(standings.account(one), ours=mine, theirs=one.source_outstanding)
                )
        self._compare_counts()

    def note(self, differences: Iterable[Difference]) -> None:
        """Keep what was found, in the place of what was found before about the same thing."""
        for one in differences:
            self.found[one.kind, one.customer_id, one.invoice_id, one.note] = one

    def note_problems(self, problems: Iterable[Problem]) -> None:
        """Keep rows that could not be read: what they say cannot be compared."""
        self.note(Difference("unreadable", invoice_id=one.external_id, note=one.sentence) for one in problems)

    def compare_open_invoices(self) -> None:
        """Compare the whole list of open invoices with the mirror's, page by page."""
        organisation, seen = self.organisation, set[str]()
        self.owed.clear()
        self.beat()
        for page in self.connector.all_open_invoices():
            records = {one.external_id: one for one in page.records if one.external_id not in seen}
            ours = standings.standings(organisation, records)
            for external_id, record in records.items():
                self.owed[record.currency] = self.owed.get(record.currency, NOTHING) + record.balance
                found = comparing.compare_invoice(ours.get(external_id), standings.standing(record))
                if found:
                    self.listed[external_id] = record
                self.note(found)
            self.note_problems(page.problems)
            seen.update(records, (problem.external_id for problem in page.problems))
            self.beat()
        self.open_in_books = len(seen - {""})
        for ids in standings.unseen(standings.open_invoices(organisation), seen):
            for one in standings.standings(organisation, ids).values():
                self.note(comparing.compare_invoice(one, None))

    def _compare_customers(self) -> None:
        seen = set[str]()
        for page in self.connector.pages("customers"):
            records = {one.external_id: one for one in page.records if one.external_id not in seen}
            self._compare_page(records)
            self.note_problems(page.problems)
            seen.update(records, (problem.external_id for problem in page.problems))
            self.beat()
        self._customers_in_books = len(seen - {""})
        here = Customer.objects.filter(organisation=self.organisation, gone_at=None)
        for ids in standings.unseen(here, seen):
            for customer in here.filter(external_id__in=ids):
                self.note(comparing.compare_customer(standings.account(customer), None))

    def _compare_page(self, records: dict[str, CustomerRecord]) -> None:
        here = Customer.objects.filter(
            organisation=self.organisation, gone_at=None, external_id__in=list(records)
        )
        ours = {one.external_id: one for one in here}
        owed = standings.owed_by(self.organisation, ours.values())
        for external_id, record in records.items():
            customer = ours.get(external_id)
            theirs = standings.account_of(record)
            self.note(comparing.compare_customer(standings.account(customer) if customer else None, theirs))
            if customer is not None:
                mine = owed.get((customer.pk, record.currency), NOTHING) + customer.opening_balance
                self.note(comparing.compare_sum(theirs, ours=mine, theirs=record.outstanding))

    def _compare_counts(self) -> None:
        self.count()
        self.note(comparing.compare_counts(standings.numbers(self.organisation), self.numbers()))

    def count(self) -> None:
        """Ask the books for their numbers."""
        self.beat()
        self._counted = dict(self.connector.invoice_counts())

    def numbers(self) -> dict[str, int]:
        """The numbers of the books, as far as they are known."""
        found: dict[str, int] = {}
        if self._customers_in_books is not None:
            found["customers"] = self._customers_in_books
        is_open = self.open_in_books
        if is_open is not None:
            found["open"] = is_open
        if self._counted:
            found["paid"], found["void"] = self._counted["paid"], self._counted["void"]
            if is_open is None:
                # No number that can be relied on tells open ones from drafts (section 7.1): a list must.
                is_open = standings.numbers(self.organisation)["open"]
            found["other"] = self._counted["all"] - found["paid"] - found["void"] - is_open
        return found

    def totals(self) -> list[dict[str, str | None]]:
        """[{currency, ours, theirs}] of what is open now; `theirs` is None where no list of it was read."""
        ours = standings.open_sums(self.organisation)
        currencies = sorted({*ours, *(code for code, amount in self.owed.items() if amount)})
        return [
            {
                "currency": code,
                "ours": amount_text(ours.get(code, NOTHING), code),
                "theirs": None
                if self.open_in_books is None
                else amount_text(self.owed.get(code, NOTHING), code),
            }
            for code in currencies
        ]

    def counts(self) -> list[dict[str, Any]]:
        """[{what, ours, theirs}] of customers and invoices now; `theirs` is None where the books do not say."""
        theirs = self.numbers()
        ours = standings.numbers(self.organisation)
        return [{"what": what, "ours": number, "theirs": theirs.get(what)} for what, number in ours.items()]
