"""Proofs that the mirror equals the books: what was compared, what differed, and what became of it."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.job import Job


class Proof(Job):
    """One recount against the books; at most one is open per organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8, default="full")
    """`full`: every customer and every open invoice is read again. `light`: counts, and the sums that a sync read."""
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    agrees = models.BooleanField(null=True, blank=True)
    """None until it is done."""
    calls = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=list, blank=True)
    """[{currency, ours, theirs}], amounts as text: what was found, before anything was mended."""
    counts = models.JSONField(default=list, blank=True)
    """[{what, ours, theirs}]: numbers of records; `theirs` is null where the source does not say."""
    differences = models.JSONField(default=list, blank=True)
    """What differed, as `domain.comparing.Difference` tells it, with what became of it."""
    more = models.PositiveIntegerField(default=0)
    """Differences beyond those that are kept."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=Q(state__in=("queued", "running")),
                name="one_open_proof_per_organisation",
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="proof_due"),)

    def __str__(self) -> str:
        return f"{self.kind} proof {self.pk}"
