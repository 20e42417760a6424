"""What the books are told, where a person switched it on; and hints from the books that something changed there."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.fields import EncryptedTextField
from dunright.models.holds import Hold
from dunright.models.job import Job
from dunright.models.ledger import Customer, Invoice
from dunright.models.outbox import OutboxMessage


class Telling(models.Model):
    """Which things the books of one organisation are told. No row, or all false: nothing is ever written there."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE)
    expected_dates = models.BooleanField(default=False)
    """The day of a promise, as the invoice's expected payment date."""
    reminders = models.BooleanField(default=False)
    """The source's own reminders are switched off for whom Dunright chases."""
    comments = models.BooleanField(default=False)
    """A comment on the invoice when a reminder was sent."""
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return "telling"


class WriteKind(models.TextChoices):
    """What a write changes in the books."""

    EXPECTED_DATE = "expected_date", "Expected payment date"
    EXPECTED_DATE_OFF = "date_off", "Expected payment date taken back"
    REMINDERS_OFF = "reminders", "Zoho’s own reminders switched off"
    COMMENT = "comment", "Comment"


class WriteState(models.TextChoices):
    """Where a write stands."""

    QUEUED = "queued", "Planned"
    RUNNING = "running", "Being written"
    DONE = "done", "Written"
    FAILED = "failed", "Failed"
    DROPPED = "dropped", "Not needed any more"


class SourceWrite(Job):
    """One thing that the books are to be told."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16, choices=WriteKind.choices)
    key = models.CharField(max_length=80)
    """Names the cause: however often it is planned, it is one write."""
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="source_writes")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, related_name="source_writes", null=True, blank=True
    )
    """Null: it is about the customer."""
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    """The promise behind an expected date."""
    message = models.ForeignKey(
        OutboxMessage, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    """What a comment tells of."""
    date = models.DateField(null=True, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    planned_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    """Committed before the source is asked to write, cleared when it certainly did not: whether it has is looked up
    before another try."""
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    """Why it failed, waits or was dropped, in a sentence."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "key"), name="one_write_per_cause"),)
        indexes = (
            models.Index(fields=("state", "due_at"), name="source_write_due"),
            models.Index(fields=("organisation", "state", "settled_at"), name="source_write_of_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SourceHook(models.Model):
    """The address that the source calls when something changed in an organisation's books; no row: there is none."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the address."""
    secret = EncryptedTextField()
    """Shown to owners and managers, who enter the address at the source."""
    signing_key = EncryptedTextField()
    """What the source signs with, where it is entered there."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    heard_at = models.DateTimeField(null=True, blank=True)
    """When a call was last believed."""
    minute_starts_at = models.DateTimeField(null=True, blank=True)
    heard_this_minute = models.PositiveIntegerField(default=0)
    synced_at = models.DateTimeField(null=True, blank=True)
    """When a hint last asked for a sync: once a minute at most."""

    def __str__(self) -> str:
        return f"hook of {self.organisation_id}"


class HeardCall(models.Model):
    """A call that was taken, by what it said: the same again is no news."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "digest"), name="one_row_per_heard_call"),
        )
        indexes = (models.Index(fields=("organisation", "heard_at"), name="heard_call_age"),)

    def __str__(self) -> str:
        return self.digest[:8]


class Hint(Job):
    """Something may have changed in the books: one record to read, or (`what` empty) a sync to ask for."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    what = models.CharField(max_length=10, blank=True)
    """`invoice`, `customer`, or empty."""
    external_id = models.CharField(max_length=100, blank=True)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "what", "external_id"),
                condition=Q(state="queued"),
                name="one_waiting_hint_per_record",
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="hint_due"),)

    def __str__(self) -> str:
        return f"{self.what or 'sync'} {self.external_id}"
