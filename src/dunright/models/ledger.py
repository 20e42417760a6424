"""The mirror of the books: columns the source owns, beside columns the user owns.

A sync writes only the source's columns (`services.sync`); a vanished record is tombstoned (`gone_at`), never
deleted.
"""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation
from dunright.models.fields import MoneyField


class MirrorRow(models.Model):
    """What every row of the mirror has."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(null=True, blank=True)
    """In the source."""
    modified_at = models.DateTimeField(null=True, blank=True)
    """In the source; an older version never replaces a newer one."""
    gone_at = models.DateTimeField(null=True, blank=True)
    """When a look-up confirmed that the source no longer has it."""
    seen_at = models.DateTimeField(null=True, blank=True)
    """Start of the latest run that read the whole list and saw it there, or found it by a look-up."""
    extra = models.JSONField(default=dict, blank=True)
    """What the source sent and no column holds."""

    class Meta:
        abstract = True


class Currency(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=64)
    code = models.CharField(max_length=3)
    symbol = models.CharField(max_length=10, blank=True)
    precision = models.PositiveSmallIntegerField(default=2)
    rate = models.DecimalField(max_digits=24, decimal_places=10)
    """Base currency for one unit."""
    is_base = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_currency_per_id"),
        )

    def __str__(self) -> str:
        return self.code


class Customer(MirrorRow):
    name = models.CharField(max_length=300)
    company_name = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, default="active")
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=10, blank=True)
    email = models.CharField(max_length=254, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    mobile = models.CharField(max_length=60, blank=True)
    website = models.CharField(max_length=300, blank=True)
    payment_terms_days = models.IntegerField(null=True, blank=True)
    payment_terms_label = models.CharField(max_length=100, blank=True)
    source_outstanding = MoneyField(default=0)
    """What the source itself says: for comparison, never for deciding."""
    unused_credits = MoneyField(default=0)
    opening_balance = MoneyField(default=0)
    """Owed from before the books began: receivable without an invoice, so it is never chased."""
    billing_address = models.JSONField(null=True, blank=True)
    notes = models.TextField(blank=True)
    detail_read_at = models.DateTimeField(null=True, blank=True)
    """When addresses and persons were last read one by one."""

    # The user's own.
    is_chasing = models.BooleanField(default=True)
    schedule_name = models.CharField(max_length=100, blank=True)
    """Empty: the organisation's default; `none`: not chased."""
    is_excluded = models.BooleanField(default=False)
    """On the exclusion list: wins over everything."""
    is_seen = models.BooleanField(default=False)
    """The source's list has shown it (an invoice row may name a customer first)."""
    last_message_date = models.DateField(null=True, blank=True)
    """Of the last chasing message."""
    last_run_date = models.DateField(null=True, blank=True)
    """Of the last run that decided this customer: a resumed run goes on with the others."""

    # What happens next, as `domain.chasing.decide` says about the next run (`services.outlook`).
    next_verdict = models.CharField(max_length=4, blank=True)
    """`send`, `wait`, or empty when nothing is open."""
    next_reason = models.CharField(max_length=30, blank=True)
    next_until = models.DateField(null=True, blank=True)
    next_step = models.CharField(max_length=60, blank=True)
    next_date = models.DateField(null=True, blank=True)
    next_amounts = models.JSONField(default=dict, blank=True)
    next_look_date = models.DateField(null=True, blank=True)
    """No run before this day sends anything while the facts stay as they are; null: no run ever does."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_customer_per_id"),
        )
        indexes = (
            models.Index(fields=("organisation", "name"), name="customer_name"),
            # Everything that choosing whom to foresee reads.
            models.Index(
                fields=("organisation", "gone_at", "next_look_date", "last_message_date", "next_verdict"),
                condition=Q(next_look_date__isnull=False),
                name="customer_next_look",
            ),
        )

    def __str__(self) -> str:
        return self.name


class CustomerTotal(models.Model):
    """Sums of a customer's open invoices in one currency; overdue as of the organisation's `totals_date`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="totals")
    currency = models.CharField(max_length=3)
    outstanding = MoneyField()
    overdue = MoneyField()
    open_count = models.PositiveIntegerField()
    overdue_count = models.PositiveIntegerField()
    oldest_due_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "customer", "currency"), name="one_total_per_currency"
            ),
        )

    def __str__(self) -> str:
        return f"{self.outstanding} {self.currency}"


class PersonLevel(models.TextChoices):
    """Which reminders a contact person gets (chasing-rules.md R12)."""

    NORMAL = "normal", "Normal"
    ESCALATED = "escalated", "Escalated"
    BOTH = "both", "Both"
    OFF = "off", "Off"


class ContactPerson(MirrorRow):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="persons")
    salutation = models.CharField(max_length=30, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    mobile = models.CharField(max_length=60, blank=True)
    designation = models.CharField(max_length=150, blank=True)
    department = models.CharField(max_length=150, blank=True)
    is_primary = models.BooleanField(default=False)
    may_be_emailed = models.BooleanField(default=True)

    # The user's own.
    level = models.CharField(max_length=10, choices=PersonLevel.choices, blank=True)
    """Empty: first seen by this sync and not yet given a level (R12)."""
    level_chosen = models.BooleanField(default=False)
    """A person chose it: it survives syncs."""
    first_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_person_per_id"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


class Invoice(MirrorRow):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invoices")
    number = models.CharField(max_length=100)
    reference = models.CharField(max_length=200, blank=True)
    project = models.CharField(max_length=200, blank=True)
    salesperson = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12)
    """`open`, `draft`, `void`, `written_off` or `paid`."""
    source_status = models.CharField(max_length=30, blank=True)
    issue_date = models.DateField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    total = MoneyField()
    balance = MoneyField()
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=10)
    """Base currency for one unit."""
    written_off = MoneyField(default=0)
    expected_payment_date = models.DateField(null=True, blank=True)
    payment_pending = models.BooleanField(default=False)
    link = models.CharField(max_length=1000, blank=True)
    """Where the customer can see and pay it; differs between calls, so it never counts as a change."""
    source_reminders_sent = models.PositiveIntegerField(default=0)
    source_last_reminder_date = models.DateField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)

    # Ours.
    open_seen_at = models.DateTimeField(null=True, blank=True)
    """Start of the latest pass over all open invoices that showed it (chasing-rules.md section 6.3)."""
    first_open_date = models.DateField(null=True, blank=True)
    """The local date on which it was first seen open (R3)."""
    paid_seen_date = models.DateField(null=True, blank=True)
    """The local date on which it was seen paid, having been seen open before; null again once it is reopened."""
    is_chasing = models.BooleanField(default=True)
    schedule_name = models.CharField(max_length=100, blank=True)
    entry = models.CharField(max_length=10, default="nearest")
    """R5a: `nearest` or `gently`."""
    last_listed_date = models.DateField(null=True, blank=True)
    """Of the latest message that listed it under a step (R5)."""
    decided_on = models.DateField(null=True, blank=True)
    verdict = models.CharField(max_length=4, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    reason_until = models.DateField(null=True, blank=True)
    decided_step = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_invoice_per_id"),
        )
        indexes = (
            # The list in its first order, and what its other orders compare.
            models.Index(
                fields=(
                    "organisation",
                    "status",
                    "gone_at",
                    "due_date",
                    "number",
                    "balance",
                    "currency",
                    "customer",
                ),
                name="invoice_open",
            ),
            # A search looks for a part of the number, so at each: here, and not at fifty thousand wide rows.
            models.Index(fields=("organisation", "number", "gone_at", "customer"), name="invoice_number"),
            # Everything that the sums by age, the search and the orders of the list read: none touches the rows.
            models.Index(
                fields=(
                    "organisation",
                    "status",
                    "gone_at",
                    "currency",
                    "due_date",
                    "balance",
                    "customer",
                    "is_chasing",
                    "payment_pending",
                    "number",
                    "reference",
                ),
                name="invoice_ageing",
            ),
            models.Index(fields=("customer", "status"), name="invoice_of_customer"),
            # Few rows: those paid since they were first seen, for the thank-yous.
            models.Index(
                fields=("organisation", "paid_seen_date"),
                condition=Q(paid_seen_date__isnull=False),
                name="invoice_paid_seen",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Payment(MirrorRow):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="payments")
    number = models.CharField(max_length=100, blank=True)
    payment_date = models.DateField(null=True, blank=True)
    amount = MoneyField()
    unused = MoneyField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    mode = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=30, blank=True)
    invoice_numbers = models.JSONField(default=list, blank=True)
    is_allocated = models.BooleanField(default=False)
    """Whether its allocations are known; a split payment needs a detail call."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_payment_per_id"),
        )
        indexes = (
            # Everything that the sum of a month reads.
            models.Index(
                fields=("organisation", "payment_date", "gone_at", "currency", "amount", "customer"),
                name="payment_date",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Allocation(models.Model):
    """The part of a payment that settles one invoice."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="allocations")
    amount = MoneyField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "payment", "invoice"), name="one_allocation_per_invoice"
            ),
        )

    def __str__(self) -> str:
        return str(self.amount)


class CreditNote(MirrorRow):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="credit_notes")
    number = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=12)
    issue_date = models.DateField(null=True, blank=True)
    total = MoneyField()
    balance = MoneyField()
    """Not yet applied."""
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=10)
    reference = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "external_id"), name="one_credit_note_per_id"),
        )

    def __str__(self) -> str:
        return self.number


class AddressFlag(models.Model):
    """An address that a mail server refused for good: off until a person clears it (R12)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    address_key = models.CharField(max_length=254)
    """As `domain.addresses.same_address_key` makes it."""
    reason = models.CharField(max_length=500, blank=True)
    """The server's words."""
    flagged_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "address_key"), name="one_flag_per_address"),
        )

    def __str__(self) -> str:
        return self.address_key
