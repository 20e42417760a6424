"""What a person or a reply holds back: a row with who, when, until and why."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User
from dunright.models.ledger import Customer, Invoice


class HoldKind(models.TextChoices):
    """Dispute, promise, pause act on an invoice, a hold on the whole customer (chasing-rules.md section 3)."""

    DISPUTE = "dispute", "Dispute"
    PROMISE = "promise", "Promise to pay"
    PAUSE = "pause", "Pause"
    CUSTOMER = "customer", "On hold"


class Hold(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holds")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, related_name="holds", null=True, blank=True
    )
    kind = models.CharField(max_length=10, choices=HoldKind.choices)
    date = models.DateField(null=True, blank=True)
    """A promise: the promised day. A pause or hold: the first day it no longer stops; null: until ended."""
    why = models.CharField(max_length=1000, blank=True)
    origin = models.CharField(max_length=20, default="person")
    """`person`, `call` or `reply`."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "invoice", "kind"),
                condition=Q(ended_at=None, invoice__isnull=False),
                name="one_open_hold_per_invoice",
            ),
            models.UniqueConstraint(
                fields=("organisation", "customer"),
                condition=Q(ended_at=None, invoice__isnull=True),
                name="one_open_hold_per_customer",
            ),
        )

    def __str__(self) -> str:
        return self.kind
