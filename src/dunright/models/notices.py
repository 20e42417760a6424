"""Mails to the people inside an organisation: one row per happening and person, never two."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.chasing import ChaseRun
from dunright.models.job import Job


class NoticeKind(models.TextChoices):
    """What a person is told about."""

    BATCH_WAITS = "batch_waits", "Reminders wait for approval"
    CONNECTION_LOST = "connection_lost", "The connection to the books was lost"
    RUN_MISSED = "run_missed", "A run planned nothing for want of fresh books, or was missed"
    RUN_LAPSED = "run_lapsed", "Nothing of a run's reminders left"
    NOT_LEFT = "not_left", "Reminders that should have left have not"
    UNUSUAL_VOLUME = "unusual_volume", "Far more reminders than usual"


class NoticeState(models.TextChoices):
    """Where a notice stands."""

    QUEUED = "queued", "Leaves soon"
    CLAIMED = "claimed", "Leaving"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Uncertain"
    NEEDLESS = "needless", "No longer needed"


class Notice(Job):
    RUNNING: ClassVar[str] = NoticeState.CLAIMED
    # Once handed over its fate is unknown: it must never be taken up again by itself.
    RESUME: ClassVar[Q] = Q(handed_over_at=None)

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    about = models.CharField(max_length=60)
    """The one happening: `run:12`, or `loss:` and its moment."""
    run = models.ForeignKey(ChaseRun, on_delete=models.CASCADE, null=True, blank=True)
    message_id = models.CharField(max_length=300, unique=True)
    """Fixed from planning on, whatever is tried."""
    subject = models.CharField(max_length=1000, blank=True)
    content = models.BinaryField(null=True, blank=True)
    """The bytes as handed over."""
    reason = models.CharField(max_length=1000, blank=True)
    """Why it stands in its state: a sentence, or the mail server's words."""
    planned_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True, blank=True)
    """The attempt: committed before the first byte of the content."""
    settled_at = models.DateTimeField(null=True, blank=True)
    server_reply = models.TextField(blank=True)
    provider_message_id = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "about", "user"), name="one_notice_per_happening"
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="notice_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
