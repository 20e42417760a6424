"""People: known by their address; the first owner of a fresh installation comes in by a link that works once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dunright.domain.addresses import usable_address
from dunright.models import OneTimeLink, User

LINK_LIFE = timedelta(days=7)
FIRST_OWNER = "first_owner"
SIGN_IN = "sign_in"


class AccountError(Exception):
    """The account cannot be made or entered; the message says why."""


def person_with_address(email: str, *, name: str = "") -> User:
    """The user with this address, made when new (without a password). Raises AccountError."""
    address = usable_address(email)
    if address is None:
        raise AccountError(f"{email[:100]!r} is no e-mail address.")
    found = User.objects.filter(email__iexact=address).first()
    return found or User.objects.create_user(address, name=name)


def new_link(*, purpose: str, now: datetime, user: User | None = None) -> str:
    """A secret for a link that works once; earlier ones of the purpose stop working."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        OneTimeLink.objects.filter(purpose=purpose, user=user, used_at=None).update(used_at=now)
        OneTimeLink.objects.create(
            digest=_digest(secret), purpose=purpose, user=user, expires_at=now + LINK_LIFE
        )
    return secret


def open_link(secret: str, *, now: datetime) -> OneTimeLink | None:
    """The link while it still works; looking at it does not use it up."""
    links = OneTimeLink.objects.filter(digest=_digest(secret), used_at=None, expires_at__gt=now)
    return links.select_related("user").first()


def redeem(secret: str, *, now: datetime) -> OneTimeLink:
    """Use a link up. Raises AccountError when it was used, is too old, or never was."""
    links = OneTimeLink.objects.filter(digest=_digest(secret), used_at=None, expires_at__gt=now)
    if not links.update(used_at=now):
        raise AccountError("This link was used already or is too old; start Dunright again for a new one.")
    return OneTimeLink.objects.select_related("user").get(digest=_digest(secret))


def claim(secret: str, *, name: str, email: str, password: str, now: datetime) -> User:
    """Make the account of a link: the installation's first one, or the one it was made for. Raises AccountError."""
    address = usable_address(email)
    if address is None:
        raise AccountError(f"{email[:100]!r} is no e-mail address.")
    with transaction.atomic():
        link = redeem(secret, now=now)
        if link.user is None and (link.purpose != FIRST_OWNER or User.objects.exists()):
            raise AccountError(
                "This installation has its first account already; log in, or ask to be invited."
            )
        if User.objects.filter(email__iexact=address).exclude(pk=link.user.pk if link.user else 0).exists():
            raise AccountError("Somebody here has this address already; log in with it, or give another.")
        user = link.user or User(is_operator=True)
        user.email, user.name = address.lower(), name.strip()[:150]
        user.set_password(password)
        user.save()
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def may_register() -> bool:
    """Whether a stranger may make an account: as DUNRIGHT_REGISTRATION says, else while there is none yet."""
    wanted = settings.CONFIGURATION.registration
    return wanted == "open" or (not wanted and not User.objects.exists())
