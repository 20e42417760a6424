"""Where Zoho keeps its customers' books: the only hosts that ever receive a token or a secret.

The table is zoho-books-api.md section 1. Zoho names hosts in its own answers (`accounts-server`,
`api_domain`): those are looked up here, never trusted.
"""

from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from dunright.remote.errors import Misconfigured


class DataCentre(NamedTuple):
    """One of Zoho's regions. Origins have no trailing slash."""

    key: str
    """What Zoho calls its location, e.g. `eu`."""
    label: str
    accounts: str
    """Origin of the log-in pages and token calls."""
    api: str
    """Origin of the API; Books is at `/books/v3` below it."""
    web: str
    """Origin of the pages that people use."""


def _zoho(key: str, label: str, suffix: str, accounts_and_web: str = "") -> DataCentre:
    pages = accounts_and_web or f"zoho.{suffix}"
    return DataCentre(
        key, label, f"https://accounts.{pages}", f"https://www.zohoapis.{suffix}", f"https://books.{pages}"
    )


DATA_CENTRES = MappingProxyType(
    {
        centre.key: centre
        for centre in (
            _zoho("us", "United States", "com"),
            _zoho("eu", "Europe", "eu"),
            _zoho("in", "India", "in"),
            _zoho("au", "Australia", "com.au"),
            _zoho("jp", "Japan", "jp"),
            _zoho("ca", "Canada", "ca", accounts_and_web="zohocloud.ca"),
            _zoho("sa", "Saudi Arabia", "sa"),
            _zoho("uk", "United Kingdom", "uk"),
            _zoho("cn", "China", "com.cn"),
        )
    }
)

SANDBOX = "sandbox"


def data_centres(sandbox_url: str = "") -> dict[str, DataCentre]:
    """Return the data centres by key, with one called `sandbox` at `sandbox_url` when that is given.

    Only the sandbox may be plain http. Raises `Misconfigured` when `sandbox_url` is no address.
    """
    centres = dict(DATA_CENTRES)
    if sandbox_url:
        origin = _sandbox_origin(sandbox_url)
        centres[SANDBOX] = DataCentre(SANDBOX, "Sandbox", origin, origin, origin)
    return centres


def data_centre(key: str, *, sandbox_url: str = "") -> DataCentre:
    """Return the data centre called `key`. Raises `Misconfigured` when there is none."""
    centres = data_centres(sandbox_url)
    if key not in centres:
        known = ", ".join(centres)
        raise Misconfigured(f"Zoho has no data centre called “{key[:40]}”; choose one of: {known}.")
    return centres[key]


def centre_of_accounts_server(address: str, *, sandbox_url: str = "") -> DataCentre:
    """Return the data centre whose log-in pages are at `address`, as a callback names it.

    Raises `Misconfigured` for every other host: a forged callback must not choose where the secret is sent.
    """
    return _only_known(address, "accounts", sandbox_url=sandbox_url)


def centre_of_api_domain(address: str, *, sandbox_url: str = "") -> DataCentre:
    """Return the data centre whose API is at `address`, as a token answer names it; else raise `Misconfigured`."""
    return _only_known(address, "api", sandbox_url=sandbox_url)


def _only_known(address: str, part: str, *, sandbox_url: str) -> DataCentre:
    origin = _origin(address)
    for centre in data_centres(sandbox_url).values():
        if origin and origin == getattr(centre, part):
            return centre
    shown = address[:80] or "(none)"
    raise Misconfigured(f"The answer names a host that is not Zoho's: {shown}. Start connecting again.")


def _origin(address: str) -> str:
    """Return scheme, host and port of `address` in lower case; empty when it carries anything else than a root path."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    if (
        parts.username
        or parts.password
        or parts.query
        or parts.fragment
        or parts.path not in {"", "/"}
        or not host
    ):
        return ""
    default = {"https": 443, "http": 80}.get(parts.scheme)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, default} else "")


def _sandbox_origin(sandbox_url: str) -> str:
    origin = _origin(sandbox_url)
    if not origin.startswith(("http://", "https://")):
        raise Misconfigured(
            f"The sandbox's address “{sandbox_url[:80]}” is not of the form http://host:port; correct it."
        )
    return origin
