"""One HTTP client for every system that is called: known hosts only, bounded in time and size, with careful retries.

Plain faults of the way (no connection, a cut answer, HTML where JSON was due, 5xx) become `Unavailable` here; what an
answer means is the vendor's business and is decided by the `read` that a caller passes.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec
import stamina

from dunright.remote.errors import BadData, Misconfigured, RateLimited, Unavailable
from dunright.remote.protocols import Budget

MEGABYTE = 1024 * 1024
WAIT_IN_PLACE = 5.0
"""Seconds: a system that asks for a longer pause is left to the caller, which has other work."""

T = TypeVar("T")


class Reply(NamedTuple):
    """An answer, read to its end and decompressed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def is_html(self) -> bool:
        """Tell a page for people (maintenance, proxy, log-in) from data, whatever its content type claims."""
        start = self.body[:256].lstrip().lower()
        return "text/html" in self.headers.get("content-type", "").lower() or start.startswith(
            (b"<!doctype", b"<html")
        )


class Retry(NamedTuple):
    """How often a GET is tried, and the pauses between (seconds; jitter is added)."""

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0


PATIENT = Retry()


class Http:
    """A client with keep-alive for the hosts of one system. Threads may share it.

    `system`: what people call the other side, for sentences. `origins`: the only places ever called, e.g.
    `https://www.zohoapis.eu`; plain http only where an origin says so. `deadline`: seconds for one call as a whole.
    """

    def __init__(
        self,
        system: str,
        origins: frozenset[str],
        *,
        deadline: float = 60.0,
        largest_body: int = 32 * MEGABYTE,
        retry: Retry = PATIENT,
    ) -> None:
        self._system = system
        self._origins = origins
        self._deadline = deadline
        self._largest_body = largest_body
        self._retry = retry
        only_https = all(origin.startswith("https://") for origin in origins)
        self._client = httpx2.Client(
            verify=_tls(),
            # A proxy of the environment must not see what is said to a sandbox on this machine.
            trust_env=only_https,
            timeout=httpx2.Timeout(min(30.0, deadline), connect=min(10.0, deadline)),
            follow_redirects=False,
            headers={"User-Agent": "Dunright", "Accept": "application/json", "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the network connections."""
        self._client.close()

    def get(
        self,
        url: str,
        *,
        read: Callable[[Reply], T],
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> T:
        """Fetch `url` and return what `read` makes of the answer, trying again when something fails for a moment.

        `read` raises for answers that mean an error: `Unavailable` and a short `RateLimited` are tried again,
        all others are not. Each attempt takes one call from `budget`.
        """
        for attempt in self._attempts():
            with attempt:
                if budget is not None:
                    budget.take(1)
                return read(self._call("GET", url, params=params, headers=headers))
        raise AssertionError("the last attempt returns or raises")  # pragma: no cover

    def send(
        self,
        method: str,
        url: str,
        *,
        read: Callable[[Reply], T],
        content: bytes,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> T:
        """Send `content` once and return what `read` makes of the answer; takes one call from `budget`.

        Never repeated: after an `Unavailable` nobody knows whether the other side did it.
        """
        if budget is not None:
            budget.take(1)
        return read(self._call(method, url, content=content, params=params, headers=headers))

    def post_form(self, url: str, form: Mapping[str, str]) -> Reply:
        """Send `form` once. Never repeated: a code or token may be used up by the first attempt."""
        return self._call("POST", url, data=form)

    def _attempts(self) -> Iterable[stamina.Attempt]:
        return stamina.retry_context(
            on=_pause_before_next,
            attempts=self._retry.attempts,
            timeout=None,
            wait_initial=self._retry.first_wait,
            wait_max=self._retry.longest_wait,
            wait_jitter=self._retry.first_wait,
        )

    def _call(self, method: str, url: str, **parts: Any) -> Reply:
        self._require_known(url)
        ends_at = time.monotonic() + self._deadline
        try:
            with self._client.stream(method, url, **parts) as response:
                self._refuse_redirect(response)
                body = self._read(response, ends_at)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, body)
        except httpx2.TimeoutException as error:
            raise Unavailable(f"{self._system} did not answer in time; it is asked again later.") from error
        except httpx2.ConnectError as error:
            if _is_about_certificate(error):
                raise Unavailable(
                    f"The certificate of {self._system} could not be verified, so nothing was sent; "
                    "check the clock and the certificates of this machine."
                ) from error
            raise Unavailable(f"{self._system} cannot be reached; is this machine online?") from error
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as error:
            raise Unavailable(
                f"The connection to {self._system} broke off; it is asked again later."
            ) from error

    def _require_known(self, url: str) -> None:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self._origins:
            raise Misconfigured(
                f"“{parts.netloc[:80]}” is not a known host of {self._system}; nothing was sent there."
            )

    def _refuse_redirect(self, response: httpx2.Response) -> None:
        if response.is_redirect:
            host = urlsplit(response.headers.get("location", "")).netloc[:80] or "another page"
            raise Unavailable(f"{self._system} answered with a redirect to {host}, which is not followed.")

    def _read(self, response: httpx2.Response, ends_at: float) -> bytes:
        chunks = []
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._largest_body:
                limit = self._largest_body // MEGABYTE
                raise BadData(f"{self._system} sent an answer of more than {limit} MB, which was not read.")
            if time.monotonic() > ends_at:
                raise Unavailable(f"{self._system} answered too slowly; it is asked again later.")
            chunks.append(chunk)
        return b"".join(chunks)


def parsed(reply: Reply, decode: Callable[[bytes], T], *, system: str) -> T:
    """Return what `decode`, a decoder of msgspec, makes of a JSON answer.

    Raises `Unavailable` for a web page and for JSON that is cut or broken: the next attempt may well be
    whole. Raises `BadData` when the JSON is sound but of another shape.
    """
    if reply.is_html:
        raise Unavailable(
            f"{system} answered with a web page instead of data (HTTP {reply.status}), as in maintenance."
        )
    try:
        return decode(reply.body)
    except msgspec.ValidationError as error:
        raise BadData(f"{system} sent an answer of an unknown shape (HTTP {reply.status}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unavailable(
            f"{system} sent an answer that is not readable JSON (HTTP {reply.status})."
        ) from error


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _pause_before_next(error: Exception) -> bool | float:
    match error:
        case RateLimited(retry_after=seconds) | Unavailable(retry_after=float() | int() as seconds):
            return seconds if seconds <= WAIT_IN_PLACE else False
        case Unavailable():
            return True
        case _:
            return False


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Loading the certificates takes some 20 ms: once a process, not once a client.
    return httpx2.create_ssl_context()
