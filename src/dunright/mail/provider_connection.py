"""Handing one message to a mail provider's HTTP API so that it is always known how far it got (jobs.md, "Shape").

Through django-anymail's backends, on a session of ours: HTTP has no 354, so the caller commits the attempt right
before the request goes out. A request that never reached the provider is safe to try again; silence after that is not.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import urljoin

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from requests.adapters import HTTPAdapter

from dunright.domain.addresses import same_address_key
from dunright.mail.errors import Refused, Reply, Stage, TryLater, Uncertain
from dunright.mail.provider_answers import Answer, ProviderReply, accepted, give_up, reply
from dunright.mail.provider_message import message_from_bytes
from dunright.mail.providers import ProviderAccount
from dunright.mail.send import Accepted
from dunright.mail.trouble import never_arrived, words_about
from dunright.mail.wire import wire_address

CONNECT_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 180.0
"""Giving up earlier would make uncertain sends of one's own."""


class ProviderConnection:
    """A provider's API, for one message after another; not for several threads at once.

    The same calls as `SmtpConnection`. The seconds are given in tests only.
    """

    def __init__(
        self,
        account: ProviderAccount,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.account = account
        self._gate = _Gate()
        self._backend = import_string(account.provider.backend)(
            **{account.provider.secret: account.secret},
            **({"sender_domain": account.domain} if account.provider.needs_domain else {}),
            **account.settings,
            api_url=account.address,
            timeout=(connect_seconds, answer_seconds),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the session. Safe at any time; a later hand-over opens another."""
        self._backend.close()

    def hand_over(
        self, *, sender: str, recipients: Sequence[str], content: bytes, before_content: Callable[[], None]
    ) -> Accepted:
        """Hand one message over, calling `before_content` right before the request goes out.

        Raises TryLater (certainly not accepted), Refused (certainly not accepted, for good) or Uncertain (the request
        went out and nobody knows); what `before_content` raises comes out unchanged, nothing sent. Addresses that the
        provider cannot take are refused without asking it, and do not stop the message for the others.
        """
        if not recipients:
            raise ValueError("A message needs at least one recipient.")
        from_address = wire_address(sender, international=False)
        if isinstance(from_address, Reply):
            raise Refused(from_address, stage="sender")
        spelled = {same_address_key(one): one for one in reversed(recipients)}
        wired = {key: wire_address(one, international=False) for key, one in spelled.items()}
        refused = {spelled[key]: one for key, one in wired.items() if isinstance(one, Reply)}
        if len(refused) == len(spelled):
            raise Refused(next(iter(refused.values())), stage="recipients", refused=refused)
        taken = {key: one for key, one in wired.items() if isinstance(one, str)}
        message = message_from_bytes(content, self.account.provider, recipients=taken)
        self._gate.open_for(before_content)
        with self._understood(
            message, {same_address_key(one): spelled[key] for key, one in taken.items()}, refused
        ):
            self._open()
            self._backend.send_messages([message])
        provider_id = _provider_id(message)
        return Accepted(accepted(self.account, provider_id), refused, provider_id)

    def check(self) -> None:
        """Ask the provider for something that needs the key, and send nothing. Raises TryLater."""
        provider = self.account.provider
        method, path = provider.check
        address = urljoin(self.account.address, path.format(domain=self.account.domain))
        self._gate.open_for(lambda: None)
        self._open()
        probe = EmailMultiAlternatives("", "", f"check@{self.account.domain or 'dunright.example'}", [])
        wanted = self._backend.build_message_payload(probe, {}).get_request_params(self.account.address)
        headers = {name: one for name, one in (wanted["headers"] or {}).items() if name != "Content-Type"}
        try:
            response = self._session.request(
                method, address, headers=headers, auth=wanted["auth"], timeout=self._backend.timeout
            )
        except requests.RequestException as error:
            raise _unreachable(self.account, error) from error
        answer = Answer.read(response.status_code, response.text, self.account)
        if answer.status in provider.check_passes or answer.code == "restricted_api_key":
            # A key that may only send is all that is needed.
            return
        if 400 <= answer.status < 500:  # noqa: PLR2004 - 4xx: it does not let us in
            raise TryLater(reply(535, self.account, answer), stage="login")
        raise TryLater(reply(450, self.account, answer), stage="hello")

    @property
    def _session(self) -> requests.Session:
        return cast("requests.Session", self._backend.session)

    def _open(self) -> None:
        if not self._backend.open():
            return
        session = self._session
        session.mount("https://", self._gate)
        session.mount("http://", self._gate)
        # An answer that leads elsewhere is none, and a request must not go out twice.
        session.max_redirects = 0
        session.headers["Connection"] = "close"
        # Else a ~/.netrc would take the place of the key.
        session.auth = _as_it_is

    @contextlib.contextmanager
    def _understood(
        self, message: EmailMultiAlternatives, spelled: Mapping[str, str], refused: dict[str, Reply]
    ) -> Iterator[None]:
        """Turn anymail's errors into ours; note addresses that were refused while others were taken."""
        try:
            yield
        except AnymailRecipientsRefused as error:
            refused |= _refused_by(self.account, message, spelled)
            raise Refused(next(iter(refused.values())), stage="recipients", refused=refused) from error
        except AnymailRequestsAPIError as error:
            if error.response is not None:
                give_up(self.account, _answer(error.response, self.account), cause=error)
            if never_arrived(error):
                raise _unreachable(self.account, error) from error
            said = f"{self.account.provider.label} gave no answer after the message began to go out"
            raise Uncertain(f"{said}: {words_about(error)}.") from error
        except Exception as error:
            if self._gate.passed:
                # Whatever anymail trips over in an answer: the message has gone out.
                said = f"{self.account.provider.label} gave an answer that cannot be read."
                raise Uncertain(said) from error
            if not isinstance(error, AnymailError):
                raise
            said = f"{self.account.provider.label} cannot take this message: {_first_line(error)}"
            raise Refused(ProviderReply(554, said), stage="content") from error
        refused |= _refused_by(self.account, message, spelled)


class _Gate(HTTPAdapter):
    """Where requests pass on their way out: the attempt is committed here, once, or nothing leaves."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self._before: Callable[[], None] | None = None
        self.passed = False

    def open_for(self, before: Callable[[], None]) -> None:
        """Let one request through, after calling `before`."""
        self._before, self.passed = before, False

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        before, self._before = self._before, None
        assert before is not None, "one request for each hand-over"
        before()
        self.passed = True
        # A kept connection that the provider closes in this moment would make an uncertain send. Where its answer does
        # not say that it closes, as asked, the connection is kept all the same, a proxy's too.
        self.close()
        return super().send(request, **options)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _answer(response: requests.Response, account: ProviderAccount) -> Answer:
    return Answer.read(response.status_code, response.text, account)


def _unreachable(account: ProviderAccount, error: BaseException) -> TryLater:
    stage: Stage = "connect"
    said = f"{account.provider.label} could not be reached: {words_about(error)}."
    return TryLater(ProviderReply(0, said), stage=stage)


def _refused_by(
    account: ProviderAccount, message: EmailMultiAlternatives, spelled: Mapping[str, str]
) -> dict[str, Reply]:
    """Addresses that the provider's answer names as refused for good, as they were given."""
    found: dict[str, Reply] = {}
    for address, status in message.anymail_status.recipients.items():  # type: ignore[attr-defined]
        if status.status in {"rejected", "invalid"}:
            why = (
                "is not valid"
                if status.status == "invalid"
                else "is inactive there after a bounce or a complaint"
            )
            said = f"{account.provider.label} does not deliver to this address: it {why}."
            found[spelled.get(same_address_key(address), address)] = ProviderReply(550, said)
    return found


def _provider_id(message: EmailMultiAlternatives) -> str:
    ids = {one.message_id for one in message.anymail_status.recipients.values()}  # type: ignore[attr-defined]
    return next(iter(sorted(str(one) for one in ids if one)), "")[:300]


def _first_line(error: AnymailError) -> str:
    return str(error.args[0] if error.args else type(error).__name__).splitlines()[0][:300]
