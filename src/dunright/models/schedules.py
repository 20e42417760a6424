"""What a company wants to say and when: schedules, texts and senders, kept as versions."""

from django.db import models
from django.db.models import Q

from dunright.models.accounts import Organisation, User


class Schedule(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.ForeignKey(
        "ScheduleVersion", on_delete=models.PROTECT, null=True, related_name="+", blank=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="one_schedule_per_name"),
            models.UniqueConstraint(
                fields=("organisation",), condition=Q(is_default=True), name="one_default_schedule"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ScheduleVersion(models.Model):
    """The steps as they stood; never changed, only followed by another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    steps = models.JSONField()
    repeat = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "schedule", "number"), name="one_schedule_version"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class Template(models.Model):
    """A text in one form (single or multi) and language."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    """`reminder`, `thank_you`, `statement`, `promise_confirmed` or `promise_missed`."""
    form = models.CharField(max_length=10)
    language = models.CharField(max_length=10, default="en")
    version = models.ForeignKey(
        "TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+", blank=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "name", "form", "language"), name="one_template_per_form"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.form})"


class TemplateVersion(models.Model):
    """A text as it stood; never changed, only followed by another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "template", "number"), name="one_template_version"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class Sender(models.Model):
    """Who signs: the normal or the escalated one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    level = models.CharField(max_length=10, default="normal")
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=150, blank=True)
    email = models.EmailField(max_length=254)
    phone = models.CharField(max_length=60, blank=True)
    reply_to = models.EmailField(max_length=254, blank=True)
    signature = models.TextField(blank=True)
    """HTML, exactly as the person wants it."""
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "level"),
                condition=Q(is_active=True),
                name="one_active_sender_per_level",
            ),
        )

    def __str__(self) -> str:
        return self.name
