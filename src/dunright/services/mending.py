"""Reading again what a recount found to differ, and comparing once more: the books are right.

A customer that differs costs one call for its open invoices, one for itself where its own data or sum differs, and one
for each invoice that is not among the open ones. A number that differs costs the list that can tell why.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import transaction

from dunright.domain import comparing
from dunright.domain.comparing import Difference, Standing
from dunright.domain.records import InvoiceRecord
from dunright.models import Customer, Invoice
from dunright.queries import standings
from dunright.remote.errors import BadData, NotFound
from dunright.services import mirror, receivables, sync_details, sync_events
from dunright.services.recount import NOTHING, Recount

AT_MOST = 200
"""Customers, and invoices of a list by status, that are read again; more of them are a matter for a full sync."""
LONGEST_LIST = 50
"""Pages of a list by status that are read for a number that differs."""
LISTS = {"paid": "paid", "void": "void", "other": "draft"}
"""Number that differs -> the list that is read for it."""


class Mending:
    """Mends what a recount found. The recount's differences say what became of each."""

    def __init__(self, recount: Recount, *, today: date, now: datetime) -> None:
        self._recount = recount
        self._organisation = recount.organisation
        self._connector = recount.connector
        self._today = today
        self._now = now
        self._single = sync_details.Single(self._organisation, self._connector, today=today, now=now)
        self.has_stored = False

    def mend(self) -> None:
        """Read again what is left. Raises RemoteError; what was not come to stays left."""
        found = self._recount.found
        if self._recount.open_in_books is None and any(one.kind == "count" for one in found.values()):
            # Only numbers differ so far: the list of open invoices tells which.
            self._recount.compare_open_invoices()
        ids = [one.customer_id for one in found.values() if one.customer_id and one.outcome == "left"]
        for external_id in list(dict.fromkeys(ids))[:AT_MOST]:
            self._mend_customer(external_id)
        self._mend_counts()

    def _mend_customer(self, external_id: str) -> None:
        mine = [one for one in self._recount.found.values() if one.customer_id == external_id]
        named = {one.invoice_id for one in mine if one.kind in comparing.INVOICE_KINDS}
        before = standings.standings_of(self._organisation, external_id)
        before |= standings.standings(self._organisation, named)
        if any(one.kind.startswith("customer_") for one in mine):
            self._recount.beat()
            self._read_anew(Customer, "customer", external_id)
        records: dict[str, InvoiceRecord] = {}
        self._recount.beat()
        # With a row that cannot be read the list is not believed; then each invoice is asked for by itself.
        with suppress(NotFound, BadData):
            records = {one.external_id: one for one in self._connector.open_invoices_of(external_id)}
        unread = self._read_missing(records, sorted((named | before.keys()) - records.keys()))
        self._store(list(records.values()))
        self._tell_outcome(external_id, records, before, unread)

    def _read_missing(self, records: dict[str, InvoiceRecord], ids: Sequence[str]) -> set[str]:
        """Ask for each of these by itself, into `records`; those that could not be read."""
        unread = set()
        for one in ids:
            self._recount.beat()
            try:
                records[one] = self._connector.invoice(one).invoice
            except NotFound:
                with transaction.atomic():
                    sync_details.bury(self._organisation, "invoice", one, today=self._today, now=self._now)
                self.has_stored = True
            except BadData:
                unread.add(one)
        return unread

    def _read_anew(self, model: Any, kind: str, external_id: str) -> None:
        """Read one record into the mirror, whatever version the mirror takes itself to have."""
        rows = model.objects.filter(organisation=self._organisation, external_id=external_id)
        rows.update(modified_at=None)
        self._single.read(kind, external_id)
        self.has_stored = True

    def _store(self, records: Sequence[InvoiceRecord]) -> None:
        """Write what differs from the mirror; the books are right, whatever version the mirror takes itself to have."""
        organisation = self._organisation
        ids = [one.external_id for one in records]
        ours = standings.standings(organisation, ids)
        known = Invoice.objects.filter(organisation=organisation, gone_at=None, external_id__in=ids)
        words = dict(known.values_list("external_id", "source_status"))
        differ = [
            one
            for one in records
            if words.get(one.external_id) != one.source_status
            or comparing.compare_invoice(ours.get(one.external_id), standings.standing(one))
        ]
        if not differ:
            return
        touched = {one.customer_id for one in differ} | {one.customer_id for one in ours.values()}
        with transaction.atomic():
            rows = Invoice.objects.filter(
                organisation=organisation, external_id__in=[one.external_id for one in differ]
            )
            rows.update(modified_at=None)
            news = sync_events.Watch(organisation, "invoices", differ, is_silent=False)
            mirror.store_invoices(organisation, differ, today=self._today)
            receivables.refresh_totals(organisation, today=self._today, customers=touched)
            news.tell(now=self._now)
        self.has_stored = True

    def _tell_outcome(
        self,
        customer: str,
        records: dict[str, InvoiceRecord],
        before: dict[str, Standing],
        unread: set[str],
    ) -> None:
        """Compare once more, and bring the sums of the books up to what was read now."""
        ids = records.keys() | before.keys()
        ours = standings.standings(self._organisation, ids)
        still = set(unread)
        for invoice in ids - unread:
            theirs = standings.standing(records[invoice]) if invoice in records else None
            if comparing.compare_invoice(ours.get(invoice), theirs):
                still.add(invoice)
            self._correct_sum(invoice, before.get(invoice), theirs)
        row = Customer.objects.filter(organisation=self._organisation, external_id=customer).first()
        found = self._recount.found
        for key, one in list(found.items()):
            if one.outcome != "left" or one.customer_id != customer:
                continue
            if one.kind in comparing.INVOICE_KINDS:
                found[key] = one.ended("left" if one.invoice_id in still else "mended")
            elif one.kind == "customer_sum" and row is not None:
                found[key] = self._about_sum(one, row, is_equal=not still)
            else:
                found[key] = self._about_account(one, row)

    def _about_sum(self, one: Difference, row: Customer, *, is_equal: bool) -> Difference:
        owed = standings.owed_by(self._organisation, [row]).get((row.pk, row.currency), NOTHING)
        left = comparing.compare_sum(
            standings.account(row), ours=owed + row.opening_balance, theirs=row.source_outstanding
        )
        if not left:
            return one.ended("mended")
        # Where each invoice is equal, what the books count beyond them is nothing that could be chased.
        return left[0].ended("explained" if is_equal else "left")

    def _about_account(self, one: Difference, row: Customer | None) -> Difference:
        is_here = row is not None and row.gone_at is None
        if one.kind == "customer_extra":
            return one.ended("left" if is_here else "mended")
        if one.kind == "customer_data" and row is not None:
            return one.ended("mended" if getattr(standings.account(row), one.note) == one.theirs else "left")
        return one.ended("mended" if is_here else "left")

    def _correct_sum(self, external_id: str, before: Standing | None, theirs: Standing | None) -> None:
        """Count an invoice as it was read now, not as the list had it a while ago."""
        recount = self._recount
        if recount.open_in_books is None:
            return
        listed = recount.listed.pop(external_id, None)
        was = standings.standing(listed) if listed else None
        if before is not None and listed is None:
            # The list had it as the mirror had it, or not at all.
            was = None if ("extra", before.customer_id, external_id, "") in recount.found else before
        for one, sign in ((was, -1), (theirs, 1)):
            if one is not None:
                recount.owed[one.currency] = recount.owed.get(one.currency, NOTHING) + sign * one.balance
                recount.open_in_books += sign

    def _mend_counts(self) -> None:
        """Where numbers differ, count again; what differs still is looked for in the list that can tell why."""
        differing = [one for one in self._recount.found.values() if one.kind == "count"]
        if not differing:
            return
        self._recount.count()
        for one in self._counts_left():
            number = self._recount.numbers().get(one.note, 0)
            if one.note in LISTS and number <= LONGEST_LIST * self._connector.per_page:
                self._read_called(LISTS[one.note])
        left = {one.note: one for one in self._counts_left()}
        self._recount.note(left.get(one.note) or one.ended("mended") for one in differing)

    def _counts_left(self) -> tuple[Difference, ...]:
        return comparing.compare_counts(standings.numbers(self._organisation), self._recount.numbers())

    def _read_called(self, status: str) -> None:
        """Read the invoices of one status, and ask for those that only the mirror calls so."""
        seen = set[str]()
        self._recount.beat()
        for page in self._connector.invoices_called(status):
            self._store(page.records)
            self._recount.note_problems(page.problems)
            seen.update(one.external_id for one in page.records)
            seen.update(problem.external_id for problem in page.problems)
            self._recount.beat()
        rows = Invoice.objects.filter(organisation=self._organisation, gone_at=None, source_status=status)
        for ids in standings.unseen(rows, seen):
            for external_id in ids[:AT_MOST]:
                self._recount.beat()
                self._read_anew(Invoice, "invoice", external_id)
