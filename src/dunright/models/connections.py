"""Log-ins at accounting systems, the books they reach, and what calls are left."""

from django.db import models

from dunright.models.accounts import Organisation, User
from dunright.models.fields import EncryptedTextField


class LogIn(models.Model):
    """One person's consent at an accounting system; it may serve many organisations.

    Zoho keeps 20 refresh tokens a user, and the 21st kills the first: one row per consent, not per company.
    """

    system = models.CharField(max_length=30)
    location = models.CharField(max_length=20)
    """Data centre."""
    accounts_url = models.URLField(max_length=300)
    api_url = models.URLField(max_length=300)
    scopes = models.CharField(max_length=1000, blank=True)
    refresh_token = EncryptedTextField(blank=True)
    access_token = EncryptedTextField(blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0)
    """Grows with each new access token: who was refused one waits for the next."""
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    dead_reason = models.CharField(max_length=300, blank=True)
    throttled_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.system} {self.location}"


class Connection(models.Model):
    """The books of one organisation."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE)
    system = models.CharField(max_length=30)
    location = models.CharField(max_length=20)
    external_id = models.CharField(max_length=100)
    """The source's id of the books."""
    books_name = models.CharField(max_length=200)
    log_in = models.ForeignKey(LogIn, on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=12, default="connected")
    """`connected` or `disconnected`."""
    reason = models.CharField(max_length=30, blank=True)
    """Why it is disconnected: revoked, permission, left_organisation, by_person, misconfigured."""
    sentence = models.CharField(max_length=500, blank=True)
    connected_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    complete_sync_at = models.DateTimeField(null=True, blank=True)
    """Start of the last complete sync."""
    probes = models.JSONField(default=dict, blank=True)
    """What this source was found to do (bulk persons, change filter)."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("system", "location", "external_id"), name="one_organisation_per_books"
            ),
        )

    def __str__(self) -> str:
        return self.books_name


class CallBudget(models.Model):
    """Calls to one set of books: per minute and per day, shared by all workers (design.md section 6)."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE)
    daily_limit = models.PositiveIntegerField(default=1000)
    share_percent = models.PositiveSmallIntegerField(default=50)
    """How much of the day's allowance Dunright may use; the rest is for the user's other integrations."""
    minute_limit = models.PositiveSmallIntegerField(default=60)
    """0: not paced by the minute (a sandbox on one's own machine)."""
    day_ends_at = models.DateTimeField(null=True, blank=True)
    used_today = models.PositiveIntegerField(default=0)
    remaining_seen = models.PositiveIntegerField(null=True, blank=True)
    """What the source said was left, ours and others' calls alike."""
    others_today = models.PositiveIntegerField(default=0)
    """Calls of the day that were not ours, as far as the source's numbers show."""
    minute_starts_at = models.DateTimeField(null=True, blank=True)
    used_this_minute = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    """Grows with each batch taken: compare-and-swap between workers."""
    blocked_until = models.DateTimeField(null=True, blank=True)
    block_reason = models.CharField(max_length=300, blank=True)
    at_once = models.PositiveSmallIntegerField(default=0)
    """Readers that may call at the same time; 0: as many as there are, which the source has not minded so far."""
    readers = models.JSONField(default=dict, blank=True)
    """Token of a reader that calls -> when its place is free again, while their number is limited."""

    def __str__(self) -> str:
        return f"{self.used_today} of {self.daily_limit}"


class Authorisation(models.Model):
    """A consent under way: from our redirect to the source until the person comes back."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of `state`; used once."""
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    system = models.CharField(max_length=30)
    location = models.CharField(max_length=20)
    verifier = EncryptedTextField(blank=True)
    """PKCE, where the source supports it."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    log_in = models.ForeignKey(LogIn, on_delete=models.SET_NULL, null=True, blank=True)
    """Set once the consent was given, until the person has chosen the books."""
    tells = models.JSONField(default=list, blank=True)
    """What the consent is to switch on, as named by `Telling`; empty: none of it was asked for."""

    def __str__(self) -> str:
        return self.system
