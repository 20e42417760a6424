"""Zoho's regions as people choose among them, and where this installation is registered."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from dunright.connectors.zoho_books.data_centres import SANDBOX, DataCentre, data_centres

EUROPE = frozenset({
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""Zoho keeps British accounts in Europe, but for those who asked for the United Kingdom."""
HOMES = {"IN": "in", "AU": "au", "NZ": "au", "JP": "jp", "CA": "ca", "SA": "sa", "CN": "cn"}
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Region(NamedTuple):
    """One data centre in the words of its users."""

    key: str
    label: str
    host: str
    """What the address of Zoho Books ends with, such as `zoho.eu`."""
    accounts: str
    console: str
    """Where a client is made; empty for the sandbox, which has one."""


def regions() -> dict[str, Region]:
    """Every region by key; the sandbox first where this installation has one."""
    centres = data_centres(settings.CONFIGURATION.zoho_sandbox_url)
    ordered = sorted(centres.values(), key=lambda one: one.key != SANDBOX)
    return {one.key: _region(one) for one in ordered}


def likely_region(country: str) -> str:
    """Where a company of that country keeps its Zoho account, most likely; the sandbox where there is one."""
    if settings.CONFIGURATION.zoho_sandbox_url:
        return SANDBOX
    return "eu" if country in EUROPE else HOMES.get(country, "us")


def redirect_address(request: HttpRequest) -> str:
    """The address that Zoho sends people back to, to be registered there letter by letter.

    It follows DUNRIGHT_BASE_URL, so that nobody's `Host` header and no proxy changes it. On one's own machine it
    follows the page being looked at: `localhost` and `127.0.0.1` do not share a log-in.
    """
    path = reverse("onboarding:callback")
    base = urlsplit(settings.BASE_URL)
    if base.hostname in LOCAL:
        return request.build_absolute_uri(path)
    return f"{base.scheme}://{base.netloc}{path}"


def _region(centre: DataCentre) -> Region:
    host = urlsplit(centre.web).netloc
    is_sandbox = centre.key == SANDBOX
    return Region(
        key=centre.key,
        label="the sandbox on this machine" if is_sandbox else centre.label,
        host=host.removeprefix("books."),
        accounts=centre.accounts,
        console="" if is_sandbox else centre.accounts.replace("//accounts.", "//api-console."),
    )
