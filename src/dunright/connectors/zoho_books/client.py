"""Calls of the Zoho Books API: the organisation always named, the token renewed once, every error given a type."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from dunright.connectors.zoho_books.data_centres import DataCentre
from dunright.connectors.zoho_books.faults import SYSTEM, TokenRefused, allowance_of, fault
from dunright.remote.errors import BadData, NotFound, RateLimited, Unavailable
from dunright.remote.http import Http, Reply, Retry, parsed
from dunright.remote.protocols import Allowance, Budget, TokenSource

PDF_START = b"%PDF-"
_READ, _WRITTEN = frozenset({200}), frozenset({200, 201})
"""Statuses of success."""
STATUS_TELLS = frozenset({401, 429})
"""These mean the same with whatever body; a bare 404 may be a proxy's, and no reason to think a record gone."""


class Envelope(msgspec.Struct):
    """What every answer of the API has; the answers proper extend it."""

    code: Any = 0
    message: Any = ""


EnvelopeT = TypeVar("EnvelopeT", bound=Envelope)
T = TypeVar("T")

USABLE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BARE = msgspec.json.Decoder(Envelope)


def usable_id(external_id: str) -> str:
    """Return an id that is safe in a path or query: it may come from an imported file or a row someone made up."""
    if not USABLE_ID.fullmatch(external_id):
        raise NotFound("Zoho Books has no record with such an id.")
    return external_id


class Client:
    """Calls of one organisation at one data centre. Threads may share it."""

    def __init__(
        self, centre: DataCentre, external_id: str, tokens: TokenSource, budget: Budget, *, retry: Retry
    ) -> None:
        self._base = f"{centre.api}/books/v3/"
        self._external_id = external_id
        self._tokens = tokens
        self._budget = budget
        self._http = Http(SYSTEM, frozenset({centre.api}), retry=retry)

    def close(self) -> None:
        """Give back the network connections, and the calls that were not made."""
        self._http.close()
        self._budget.give_back()

    def get(
        self,
        path: str,
        decode: Callable[[bytes], EnvelopeT],
        params: Mapping[str, str] | None = None,
        *,
        of_organisation: bool = True,
    ) -> EnvelopeT:
        """Fetch `path` and return its decoded answer, which is a success.

        `decode` raises `msgspec.DecodeError` for what is no JSON. `of_organisation` is False only for the
        list of all organisations: left out elsewhere, Zoho answers with the books of the person's default
        organisation.
        """

        def read(reply: Reply) -> EnvelopeT:
            self._require_success(reply)
            answer = parsed(reply, decode, system=SYSTEM)
            self._require_code_0(reply, answer)
            return answer

        return self._authorised(path, dict(params or {}), read, of_organisation=of_organisation)

    def get_pdf(self, path: str) -> bytes:
        """Fetch `path` as a PDF file."""

        def read(reply: Reply) -> bytes:
            self._require_success(reply)
            if not reply.body.startswith(PDF_START):
                raise BadData(f"{SYSTEM} sent something else than a PDF file.")
            return reply.body

        return self._authorised(path, {"accept": "pdf"}, read, of_organisation=True)

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Change something at `path`; sent once.

        Raises `Unavailable` when nobody knows whether it was done, and another error when it certainly was not.
        """
        content = msgspec.json.encode(body) if body is not None else b""
        kind = {"Content-Type": "application/json"} if content else {}

        def read(reply: Reply) -> None:
            self._require_success(reply, good=_WRITTEN)
            self._require_code_0(reply, parsed(reply, _BARE.decode, system=SYSTEM))

        def send(token: str) -> None:
            self._http.send(
                method,
                self._base + path,
                read=read,
                content=content,
                params={"organization_id": self._external_id},
                headers={"Authorization": f"Zoho-oauthtoken {token}"} | kind,
                budget=self._budget,
            )

        self._with_token(path, send, writing=True)

    def _authorised(
        self, path: str, params: dict[str, str], read: Callable[[Reply], T], *, of_organisation: bool
    ) -> T:
        if of_organisation:
            params["organization_id"] = self._external_id

        def fetch(token: str) -> T:
            headers = {"Authorization": f"Zoho-oauthtoken {token}"}
            return self._http.get(
                self._base + path, read=read, params=params, headers=headers, budget=self._budget
            )

        return self._with_token(path, fetch)

    def _with_token(self, path: str, call: Callable[[str], T], *, writing: bool = False) -> T:
        token = self._tokens.current()
        try:
            return call(token)
        except TokenRefused:
            token = self._tokens.refresh(token)
        try:
            return call(token)
        except TokenRefused as refused:
            if not self._tokens.is_borrowed(token):
                raise refused.after_refresh(path, writing=writing) from None
            # Another worker's token may have died with the one before it; only a new one tells.
            token = self._tokens.refresh(token)
        try:
            return call(token)
        except TokenRefused as refused:
            # Asking for yet another token would only use up Zoho's ten refreshes in ten minutes.
            raise refused.after_refresh(path, writing=writing) from None

    def _require_success(self, reply: Reply, *, good: frozenset[int] = _READ) -> None:
        """Note what is left of the day's calls, then raise for every status but success."""
        allowance = allowance_of(reply.headers)
        if allowance != Allowance():
            self._budget.note(allowance)
        if reply.status in good:
            return
        try:
            answer = parsed(reply, _BARE.decode, system=SYSTEM)
        except (BadData, Unavailable):
            if reply.status not in STATUS_TELLS:
                raise
            answer = Envelope()
        self._require_code_0(reply, answer)
        raise BadData(f"{SYSTEM} gave an unexpected answer (HTTP {reply.status}).")

    def _require_code_0(self, reply: Reply, answer: Envelope) -> None:
        found = fault(
            reply.status,
            answer.code,
            answer.message,
            allowance=allowance_of(reply.headers),
            organisation=self._external_id,
        )
        if isinstance(found, RateLimited):
            self._budget.refuse(found)
        if found is not None:
            raise found
