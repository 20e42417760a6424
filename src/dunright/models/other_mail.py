"""Mail that is no reminder: runs of thank-yous and statements, and which invoices were thanked for.

Source: chasing-rules.md section 7. The messages themselves are rows of the outbox, of kind `thank_you` and `statement`.
"""

from django.db import models

from dunright.models.accounts import Organisation
from dunright.models.job import Job
from dunright.models.ledger import Invoice
from dunright.models.outbox import OutboxMessage


class OtherMailRun(Job):
    """The day's thank-yous, or the month's statements, planned customer by customer."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    """`thank_you` or `statement`."""
    period = models.CharField(max_length=10)
    """What there is one of: a day (2026-11-24) of thank-yous, a month (2026-11) of statements."""
    local_date = models.DateField()
    """The day its messages leave on."""
    cursor = models.BigIntegerField(default=0)
    """Primary key of the last customer decided: a run that was stopped goes on after it."""
    message_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "period"), name="one_other_mail_run_per_period"
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="other_mail_due"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.period}"


class ThankYou(models.Model):
    """What was decided about thanking for an invoice: once, whatever is paid, reopened and paid again later."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="thank_yous")
    message = models.ForeignKey(
        OutboxMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="thank_yous"
    )
    reason = models.CharField(max_length=40, blank=True)
    """Why there is no message."""
    decided_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "invoice"), name="one_thank_you_per_invoice"),
        )

    def __str__(self) -> str:
        return self.reason or "thanked"
