"""Chase runs, what they decided, and which steps are over."""

from django.db import models

from dunright.models.accounts import Organisation, SettingsVersion, User
from dunright.models.job import Job
from dunright.models.ledger import Customer, Invoice


class ChaseRun(Job):
    """The moment at which due steps become messages: at most one a local day (chasing-rules.md section 1)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    local_date = models.DateField()
    """The day it decides about."""
    kind = models.CharField(max_length=10, default="scheduled")
    """`scheduled`, `made_up` or `by_hand`."""
    part = models.PositiveSmallIntegerField(default=0)
    """0: the run of the day. More: started by hand after it, for customers it planned nothing for (section 1)."""
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    settings_version = models.ForeignKey(SettingsVersion, on_delete=models.PROTECT, null=True, blank=True)
    needs_approval = models.BooleanField(default=False)
    cursor = models.CharField(max_length=80, blank=True)
    """How many customers, in the order of R8, are decided."""
    decided_count = models.PositiveIntegerField(default=0)
    message_count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    """Why nothing was planned: `paused`, `disconnected`, `stale_data`; empty otherwise."""
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "local_date", "part"), name="one_run_per_day"),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="run_due"),)

    def __str__(self) -> str:
        return f"run of {self.local_date}"


class Decision(models.Model):
    """What a run said about an invoice; written only when it differs from the invoice's last one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    run = models.ForeignKey(ChaseRun, on_delete=models.CASCADE, null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="decisions")
    date = models.DateField()
    verdict = models.CharField(max_length=4)
    reason = models.CharField(max_length=30, blank=True)
    until = models.DateField(null=True, blank=True)
    step = models.CharField(max_length=60, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    """What the guard that stopped it saw."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "invoice", "date"), name="one_decision_per_day"),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.reason}".strip()


class ConsumedStep(models.Model):
    """A step that is over for an invoice: sent, or skipped below one that was sent (R4)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="consumed_steps")
    schedule_name = models.CharField(max_length=100)
    step = models.CharField(max_length=60)
    days = models.IntegerField()
    """As the step had when last consumed (R2)."""
    consumed_on = models.DateField()
    times_sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "invoice", "schedule_name", "step"), name="one_row_per_step"
            ),
        )

    def __str__(self) -> str:
        return self.step


class SpentAddress(models.Model):
    """An address that has its chasing message of the day, in whichever customer record (R8)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    day = models.DateField()
    address_key = models.CharField(max_length=254)
    message = models.ForeignKey("OutboxMessage", on_delete=models.CASCADE)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "day", "address_key"), name="one_message_per_address"
            ),
        )

    def __str__(self) -> str:
        return self.address_key
