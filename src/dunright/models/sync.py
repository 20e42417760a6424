"""Runs that bring the mirror in step, and how far each resource is read."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.job import Job


class SyncRun(Job):
    """One pass over the books; at most one is open per organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12, default="incremental")
    """`first`, `full`, `incremental`, or `reconcile`: changes, and what vanished without a word."""
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=30, blank=True)
    """The resource being read."""
    page = models.PositiveIntegerField(default=0)
    """Pages of the stage that are stored: a resumed run goes on after them."""
    whole = models.JSONField(default=list, blank=True)
    """Resources that this run reads from end to end; chosen once, so that a resumed run goes on in the same order."""
    counts = models.JSONField(default=dict, blank=True)
    """resource -> {read, changed}."""
    calls = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict, blank=True)
    """resource -> watermark of the read under way; becomes its SyncMark when the read comes to its end."""
    problems = models.JSONField(default=list, blank=True)
    """Sentences for people."""
    is_complete = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=Q(state__in=("queued", "running")),
                name="one_open_sync_per_organisation",
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="sync_due"),)

    def __str__(self) -> str:
        return f"{self.kind} sync {self.pk}"


class SyncMark(models.Model):
    """How far a resource is read, in the source's own time."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    resource = models.CharField(max_length=30)
    watermark = models.DateTimeField(null=True, blank=True)
    """Everything the source changed before this moment is in the mirror."""
    full_at = models.DateTimeField(null=True, blank=True)
    """Start of the latest run that read the whole list and noted what it saw."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "resource"), name="one_mark_per_resource"),
        )

    def __str__(self) -> str:
        return self.resource
