"""Users, organisations, who belongs where, and the versions of an organisation's settings."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Makes users known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user; no password means that none works until one is set."""
        user = self.model(email=self.normalize_email(email).strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person; the e-mail address is the log-in."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    """Runs this installation: sees every company's state, never its customers."""
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_user_per_address"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """One company's books and everything Dunright knows about them."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    is_demo = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=True)
    """Starts paused; a person resumes."""
    paused_until = models.DateField(null=True, blank=True)
    """The first day on which the pause no longer stops; null: until somebody resumes."""
    pause_reason = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    first_resumed_at = models.DateTimeField(null=True, blank=True)
    batch_approved_at = models.DateTimeField(null=True, blank=True)
    """When a person last approved a first batch (chasing-rules.md section 5)."""
    stopped_at = models.DateTimeField(null=True, blank=True)
    """When somebody stopped everything, and nobody has resumed since: what was on its way is reviewed again."""
    trial_ends = models.DateField(null=True, blank=True)
    settings_version = models.ForeignKey(
        "SettingsVersion", on_delete=models.PROTECT, null=True, related_name="+", blank=True
    )
    totals_date = models.DateField(null=True, blank=True)
    """The local date that the customers' totals and outlooks were computed for."""
    open_pass_at = models.DateTimeField(null=True, blank=True)
    """Start of the latest pass over all open invoices (chasing-rules.md section 6.3)."""

    def __str__(self) -> str:
        return self.name


class SettingsVersion(models.Model):
    """An organisation's settings as they stood; never changed, only followed by another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    """`domain.settings.OrganisationSettings` as text values."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "number"), name="one_settings_version_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"settings {self.number}"


class Role(models.TextChoices):
    """What a member may do; each role may do what the ones after it may."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    CHASER = "chaser", "Chaser"
    VIEWER = "viewer", "Viewer"


class Membership(models.Model):
    """A user's place in an organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "user"), name="one_membership_per_user"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role}"


class OneTimeLink(models.Model):
    """A link that works once: the first owner of a fresh installation comes in by it."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret; the secret itself is never stored."""
    purpose = models.CharField(max_length=20)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.purpose
