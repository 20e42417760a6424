"""Messages on their way: a unique row each, from planned to sent (chasing-rules.md section 6)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, SettingsVersion, User
from dunright.models.chasing import ChaseRun
from dunright.models.fields import MoneyField
from dunright.models.job import Job
from dunright.models.ledger import Customer, Invoice
from dunright.models.schedules import ScheduleVersion, Sender, TemplateVersion


class MessageState(models.TextChoices):
    """Where a message stands."""

    PENDING = "pending", "Waits for approval"
    PLANNED = "planned", "Planned"
    APPROVED = "approved", "Approved"
    CLAIMED = "claimed", "Leaving"
    HELD = "held", "Held"
    RETRYING = "retrying", "Tried again soon"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Uncertain"
    CANCELLED = "cancelled", "Cancelled"
    LAPSED = "lapsed", "Lapsed"
    SUPERSEDED = "superseded", "Superseded"


COMING = (
    MessageState.PENDING,
    MessageState.PLANNED,
    MessageState.APPROVED,
    MessageState.HELD,
    MessageState.RETRYING,
)
"""Not yet with a worker: may be changed or withdrawn."""


class OutboxMessage(Job):
    FREE: ClassVar[tuple[str, ...]] = (
        MessageState.PLANNED,
        MessageState.APPROVED,
        MessageState.HELD,
        MessageState.RETRYING,
    )
    RUNNING: ClassVar[str] = MessageState.CLAIMED
    # Once handed over its fate is unknown: it must never be taken up again by itself.
    RESUME: ClassVar[Q] = Q(handed_over_at=None)

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    run = models.ForeignKey(
        ChaseRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    run_date = models.DateField()
    slot = models.CharField(max_length=40, default="chase")
    """`chase`, `thank_you`, `statement-2026-11` (its month), or a by-hand message's own."""
    kind = models.CharField(max_length=12)
    """`before_due`, `overdue`, `thank_you`, `statement` or `by_hand`."""
    reason = models.CharField(max_length=1000, blank=True)
    """Why it stands in its state: a reason code or the mail server's words."""

    schedule_name = models.CharField(max_length=100, blank=True)
    step = models.CharField(max_length=60, blank=True)
    form = models.CharField(max_length=10, default="single")
    sender_level = models.CharField(max_length=10, default="normal")
    recipient_level = models.CharField(max_length=10, default="normal")
    flags = models.JSONField(default=list, blank=True)
    schedule_version = models.ForeignKey(ScheduleVersion, on_delete=models.PROTECT, null=True, blank=True)
    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, null=True, blank=True)
    settings_version = models.ForeignKey(SettingsVersion, on_delete=models.PROTECT, null=True, blank=True)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, null=True, blank=True)

    to = models.JSONField(default=list)
    """[{"address", "name", "person"}]."""
    cc = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=1000, blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    edited_subject = models.CharField(max_length=1000, blank=True)
    edited_body = models.TextField(blank=True)
    """What a person wrote instead; amounts and dates in it are re-read like those of a template."""
    totals = models.JSONField(default=dict, blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    """Fixed from planning on, whatever is tried."""
    in_reply_to = models.CharField(max_length=300, blank=True)
    content = models.BinaryField(null=True, blank=True)
    """The bytes as handed over."""
    facts = models.JSONField(default=dict, blank=True)
    """What it was decided on at hand-over."""

    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    planned_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True, blank=True)
    """The attempt: committed at the server's 354, before the first byte of the content."""
    settled_at = models.DateTimeField(null=True, blank=True)
    """When it reached a final state."""
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    server_reply = models.TextField(blank=True)
    provider_message_id = models.CharField(max_length=300, blank=True)
    """What a mail provider calls the message; empty for a plain mail server."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Hand-overs that the mail server put off."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "customer", "run_date", "slot"), name="one_message_per_run_date"
            ),
            # The slot of a statement names its month: never two a month (section 7).
            models.UniqueConstraint(
                fields=("organisation", "customer", "slot"),
                condition=Q(kind="statement"),
                name="one_statement_per_month",
            ),
            # NULLs would not count; an empty Message-ID is only for rows of an unfinished migration.
            models.UniqueConstraint(
                fields=("message_id",), condition=~Q(message_id=""), name="one_message_per_message_id"
            ),
        )
        indexes = (
            models.Index(fields=("state", "due_at"), name="message_due"),
            models.Index(fields=("organisation", "state", "due_at"), name="message_of_organisation"),
            models.Index(fields=("customer", "planned_at"), name="message_of_customer"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.run_date}"


class OutboxLine(models.Model):
    """One invoice that a message lists."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="lines")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    schedule_name = models.CharField(max_length=100, blank=True)
    step = models.CharField(max_length=60, blank=True)
    """The invoice's own due step; empty: listed without one, consumes nothing (R10)."""
    step_days = models.IntegerField(null=True, blank=True)
    skipped = models.JSONField(default=list, blank=True)
    """[{"step", "days"}]: candidates below, consumed with it (R4)."""
    balance = MoneyField()
    """Still owed; of a thank-you, what was paid."""
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "message", "invoice"), name="one_line_per_invoice"
            ),
        )

    def __str__(self) -> str:
        return str(self.balance)


class ComingDecision(models.Model):
    """What a person decided about a message before its run: approved, worded anew (chasing-rules.md section 5).

    It holds while the leading step and the recipients stay as they were seen and no invoice is added.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="coming_decisions")
    run_date = models.DateField()
    schedule_name = models.CharField(max_length=100, blank=True)
    step = models.CharField(max_length=60)
    form = models.CharField(max_length=10)
    address_keys = models.JSONField(default=list)
    """To whom it was to go, sorted."""
    invoices = models.JSONField(default=list)
    """Primary keys of what it was to list."""
    subject = models.CharField(max_length=1000, blank=True)
    body = models.TextField(blank=True)
    """A person's own wording; empty: the words of the step's text."""
    approved_at = models.DateTimeField(null=True, blank=True)
    """Null: worded anew only."""
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "customer", "run_date"), name="one_coming_decision_per_run_date"
            ),
        )

    def __str__(self) -> str:
        return f"coming {self.run_date}"
