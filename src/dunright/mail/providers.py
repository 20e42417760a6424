"""Mail providers that take messages over HTTPS by their API key, and the URL that names one.

What each of them wants is django-anymail's knowledge; this table holds what anymail does not say. Only providers whose
anymail backend needs nothing but a key are here (Amazon SES needs a library, two keys and a region).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import unquote

from dunright.mail.server import MailServerError, options_of, split_url

SCHEME: Final = "anymail+"
_DOMAIN: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Provider:
    """One mail provider as anymail knows it, and how its answers are to be read."""

    key: str
    """Its name in the URL."""
    label: str
    backend: str
    """anymail's backend, a dotted path."""
    secret: str
    """What the backend calls the key."""
    addresses: Mapping[str, str]
    """region -> address of its API; the empty region is the default. No URL can change them."""
    check: tuple[str, str]
    """Method and path of a call that needs the key and sends nothing."""
    check_passes: frozenset[int] = frozenset({200})
    """HTTP statuses of that call that prove the key."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Option of the URL -> setting of the backend."""
    needs_domain: bool = False
    """Whether the sending domain stands behind the @."""
    keeps_message_id: bool = False
    """Whether the message goes out under our Message-ID; else under one of the provider's."""
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    can_switch_tracking: bool = False
    """Whether a message may say that opens and clicks are not to be followed (elsewhere: set in the account)."""
    faults_of_message: frozenset[str] | None = None
    """Error codes that blame the message or an address; None: every 400, 413 and 422 does."""
    faults_of_account: frozenset[str] = frozenset()
    """Error codes that come as 400 or 422 and yet mean the account."""


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        one.key: one
        for one in (
            Provider(
                key="postmark",
                label="Postmark",
                backend="anymail.backends.postmark.EmailBackend",
                secret="server_token",  # noqa: S106 - the name of a setting
                addresses={"": "https://api.postmarkapp.com/"},
                check=("GET", "server"),
                options={"stream": "message_stream"},
                keeps_message_id=True,
                extra_headers={"X-PM-KeepID": "true"},
                can_switch_tracking=True,
                faults_of_message=frozenset({"300", "406"}),
            ),
            Provider(
                key="mailgun",
                label="Mailgun",
                backend="anymail.backends.mailgun.EmailBackend",
                secret="api_key",  # noqa: S106 - the name of a setting
                addresses={"": "https://api.mailgun.net/v3/", "eu": "https://api.eu.mailgun.net/v3/"},
                # Without a recipient nothing can leave: it answers 400 once key and domain are right.
                check=("POST", "{domain}/messages"),
                check_passes=frozenset({200, 400}),
                needs_domain=True,
                keeps_message_id=True,
                can_switch_tracking=True,
            ),
            Provider(
                key="brevo",
                label="Brevo",
                backend="anymail.backends.brevo.EmailBackend",
                secret="api_key",  # noqa: S106 - the name of a setting
                addresses={"": "https://api.brevo.com/v3/"},
                check=("GET", "account"),
                faults_of_account=frozenset(
                    {"unauthorized", "permission_denied", "not_enough_credits", "account_under_validation"}
                ),
            ),
            Provider(
                key="resend",
                label="Resend",
                backend="anymail.backends.resend.EmailBackend",
                secret="api_key",  # noqa: S106 - the name of a setting
                addresses={"": "https://api.resend.com/"},
                check=("GET", "domains"),
            ),
        )
    }
)
"""Key -> provider."""

SUPPORTED: Final = (
    "anymail+postmark://TOKEN@, anymail+mailgun://KEY@DOMAIN, anymail+brevo://KEY@ or anymail+resend://KEY@"
)


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account at a provider. The key never shows in `repr` or `str`."""

    provider: Provider
    secret: str = field(repr=False)
    domain: str = ""
    region: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the backend is told besides the key."""

    def __str__(self) -> str:
        return f"{self.provider.label}, domain {self.domain}" if self.domain else self.provider.label

    @property
    def address(self) -> str:
        """Address of the API, with a slash behind it."""
        return self.provider.addresses[self.region]

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `anymail+PROVIDER://KEY@[DOMAIN][?region=eu]`; the key is percent-encoded.

        Raises MailServerError with a sentence that never repeats the key.
        """
        parts = split_url(url)
        provider = PROVIDERS.get(parts.scheme.removeprefix(SCHEME))
        if provider is None or not parts.scheme.startswith(SCHEME):
            raise MailServerError(f'"{parts.scheme}://" is not supported: use {SUPPORTED}.')
        form = f"{SCHEME}{provider.key}://KEY@" + ("DOMAIN" if provider.needs_domain else "")
        user, at, host = parts.netloc.rpartition("@")
        secret = unquote(user)
        if not at or not secret or parts.path not in {"", "/"} or parts.fragment:
            raise MailServerError(
                f"The mail URL for {provider.label} has the form {form}, with the key before the @."
            )
        if ":" in user or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise MailServerError(f"The key in the mail URL for {provider.label} is not one key: use {form}.")
        host = host.lower()
        if provider.needs_domain and not _DOMAIN.fullmatch(host):
            raise MailServerError(f"The mail URL for {provider.label} names no sending domain: use {form}.")
        if host and not provider.needs_domain:
            raise MailServerError(f"The mail URL for {provider.label} ends with the @: use {form}.")
        regions = sorted(region for region in provider.addresses if region)
        known = (*provider.options, *(["region"] if regions else []))
        options = options_of(parts, known)
        region = options.pop("region", "").lower()
        if region not in provider.addresses:
            raise MailServerError(
                f"region in the mail URL for {provider.label} must be {' or '.join(regions)}."
            )
        settings = {provider.options[name]: value for name, value in options.items()}
        return cls(provider, secret, host, region, settings)
