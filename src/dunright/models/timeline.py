"""What happened, append-only and sealed into a hash chain; and what a person has to do."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.ledger import Customer, Invoice
from dunright.models.outbox import OutboxMessage


class TimelineSeal(models.Model):
    """A batch of committed rows under one digest, which includes the digest before it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "number"), name="one_seal_per_number"),
        )

    def __str__(self) -> str:
        return self.digest[:12]


class TimelineEntry(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="timeline"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, null=True, blank=True, related_name="timeline"
    )
    message = models.ForeignKey(OutboxMessage, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=30)
    """message_planned, message_sent, payment_seen, note, call, promise, dispute, hold, settings, sync, …"""
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    sentence = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    seal = models.ForeignKey(TimelineSeal, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("customer", "at"), name="timeline_of_customer"),
            models.Index(fields=("organisation", "at"), name="timeline_of_organisation"),
            models.Index(fields=("organisation",), condition=Q(seal=None), name="timeline_unsealed"),
        )

    def __str__(self) -> str:
        return self.sentence


class ToDo(models.Model):
    """One open to-do per kind and subject; closes itself when solved."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    kind = models.CharField(max_length=30)
    """A reason code of the rules, or refused, uncertain, failed."""
    subject = models.CharField(max_length=100)
    """What it is about, e.g. `customer:12`."""
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, null=True, blank=True)
    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, null=True, blank=True)
    sentence = models.CharField(max_length=500)
    since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "subject"),
                condition=Q(closed_at=None),
                name="one_open_todo_per_subject",
            ),
        )
        indexes = (models.Index(fields=("organisation", "closed_at"), name="todo_open"),)

    def __str__(self) -> str:
        return self.sentence
