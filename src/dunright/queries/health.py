"""What the page of proofs shows: the latest ones, and what in the books keeps somebody from being chased."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet

from dunright.domain.comparing import Difference, from_json
from dunright.models import (
    AddressFlag,
    ContactPerson,
    Customer,
    CustomerTotal,
    Invoice,
    Organisation,
    Proof,
    SyncRun,
)
from dunright.queries.standings import open_invoices

EXAMPLES = 5
DUPLICATES = 100
"""Numbers and addresses looked at that stand more than once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record that something is the matter with."""

    title: str
    note: str = ""
    customer: int | None = None
    """Key of the customer whose page shows it."""
    invoice: int | None = None
    customer_id: str = ""
    """External ids, for the page in the books."""
    invoice_id: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of trouble in the books: how often, and the first of them."""

    kind: str
    number: int
    rows: Sequence[Row]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.rows)


@dataclass(frozen=True, slots=True)
class Total:
    """What is open in one currency on both sides."""

    currency: str
    ours: Decimal
    theirs: Decimal

    @property
    def difference(self) -> Decimal:
        """What the books have more."""
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class Place:
    """Where a difference is looked at here; None where there is no such record."""

    customer: int | None = None
    invoice: int | None = None


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs of an organisation as they stand."""

    latest: Proof | None
    """The last one that came to an end with a verdict."""
    whole: Proof | None
    """The last one that compared everything; may be the same."""
    open: Proof | None
    """Asked for, or at work."""
    failed: Proof | None
    """The last of all, where it came to no verdict."""
    totals: Sequence[Total]
    differences: Sequence[tuple[Difference, Place]]


def proofs(organisation: Organisation) -> Proofs:
    """The latest proofs, with what they found."""
    rows = Proof.objects.filter(organisation=organisation).order_by("-pk")
    done = rows.filter(state="done")
    latest, whole = done.first(), done.filter(kind="full").first()
    last = rows.first()
    found = [from_json(one) for one in latest.differences] if latest else []
    return Proofs(
        latest=latest,
        whole=whole,
        open=last if last is not None and last.state in {"queued", "running"} else None,
        failed=last if last is not None and last.state == "failed" else None,
        totals=[
            Total(one["currency"], Decimal(one["ours"]), Decimal(one["theirs"]))
            for one in (whole.totals if whole else ())
        ],
        differences=list(zip(found, _places(organisation, found), strict=True)),
    )


def _places(organisation: Organisation, found: Sequence[Difference]) -> list[Place]:
    invoices = Invoice.objects.filter(
        organisation=organisation, external_id__in={one.invoice_id for one in found}
    )
    customers = Customer.objects.filter(
        organisation=organisation, external_id__in={one.customer_id for one in found}
    )
    by_invoice = dict(invoices.values_list("external_id", "pk"))
    by_customer = dict(customers.values_list("external_id", "pk"))
    return [Place(by_customer.get(one.customer_id), by_invoice.get(one.invoice_id)) for one in found]


def issues(organisation: Organisation) -> list[Issue]:
    """What in the books keeps somebody from being chased, or may; only kinds that occur."""
    found = (
        _of_invoices("no_due_date", open_invoices(organisation).filter(due_date=None)),
        _of_customers("no_recipient", _waiting(organisation, "no_recipient")),
        _of_customers("missing_value", _waiting(organisation, "missing_value")),
        _refused(organisation),
        _same_numbers(organisation),
        _same_addresses(organisation),
        _of_customers("archived", _owing(organisation).filter(status="inactive")),
        _unreadable(organisation),
    )
    return [one for one in found if one.number]


def _waiting(organisation: Organisation, reason: str) -> QuerySet[Customer]:
    return Customer.objects.filter(organisation=organisation, gone_at=None, next_reason=reason)


def _owing(organisation: Organisation) -> QuerySet[Customer]:
    totals = CustomerTotal.objects.filter(organisation=organisation)
    return Customer.objects.filter(
        organisation=organisation, gone_at=None, pk__in=totals.values("customer_id")
    )


def _of_invoices(kind: str, rows: QuerySet[Invoice]) -> Issue:
    some = rows.select_related("customer").order_by("-balance", "pk")[:EXAMPLES]
    shown = [Row(one.number, one.customer.name, invoice=one.pk, invoice_id=one.external_id) for one in some]
    return Issue(kind, rows.count(), shown)


def _of_customers(kind: str, rows: QuerySet[Customer]) -> Issue:
    shown = [
        Row(one.name, one.email, customer=one.pk, customer_id=one.external_id)
        for one in rows.order_by("name", "pk")[:EXAMPLES]
    ]
    return Issue(kind, rows.count(), shown)


def _refused(organisation: Organisation) -> Issue:
    flags = AddressFlag.objects.filter(organisation=organisation)
    some = list(flags.order_by("-flagged_at", "pk")[:EXAMPLES])
    persons = ContactPerson.objects.filter(
        organisation=organisation, gone_at=None, email__in=[one.address_key for one in some]
    )
    owners = {one.email.lower(): one for one in persons.select_related("customer")}
    shown = []
    for one in some:
        person = owners.get(one.address_key.lower())
        at = person.customer if person else None
        shown.append(
            Row(one.address_key, one.reason, at.pk if at else None, customer_id=at.external_id if at else "")
        )
    return Issue("refused", flags.count(), shown)


def _same_numbers(organisation: Organisation) -> Issue:
    rows = open_invoices(organisation).exclude(number="")
    twice = rows.values("number").annotate(times=Count("pk")).filter(times__gt=1).order_by("number")
    numbers = [one["number"] for one in twice[:DUPLICATES]]
    return _of_invoices("same_number", open_invoices(organisation).filter(number__in=numbers))


def _same_addresses(organisation: Organisation) -> Issue:
    rows = _owing(organisation).exclude(email="")
    twice = rows.values("email").annotate(times=Count("pk")).filter(times__gt=1).order_by("email")
    addresses = [one["email"] for one in twice[:DUPLICATES]]
    return _of_customers("same_address", _owing(organisation).filter(email__in=addresses))


def _unreadable(organisation: Organisation) -> Issue:
    """Rows that the last complete sync left out, in its own words."""
    run = SyncRun.objects.filter(organisation=organisation, is_complete=True).order_by("-pk").first()
    said = [one for one in (run.problems if run else ()) if "was left out" in one]
    return Issue("unreadable", len(said), [Row(one) for one in said[:EXAMPLES]])
