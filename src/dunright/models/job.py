"""The row is the job: what every piece of work due at a time has in common (jobs.md)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """Work with a time on it. `services.work` claims, keeps, settles and finds such rows."""

    FREE: ClassVar[tuple[str, ...]] = ("queued",)
    """States in which a worker may take the row once it is due."""
    RUNNING: ClassVar[str] = "running"
    RESUME: ClassVar[Q] = Q()
    """Which abandoned rows may be taken up again."""

    state = models.CharField(max_length=12, default="queued")
    due_at = models.DateTimeField()
    nudge_at = models.DateTimeField(null=True, blank=True)
    """When the queue was last told about this row."""
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.CharField(max_length=32, blank=True)
    """Fences off a worker whose lease was taken over."""
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        abstract = True
