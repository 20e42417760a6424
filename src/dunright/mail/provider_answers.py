"""What a provider's HTTP answer means for the message: taken, refused for good, for now, or nobody knows.

Only an answer that plainly says no counts as a no. A server error without a plain no (500, 502, 504) may come from a
gateway in front of a provider that took the message: such a message is uncertain and never sent again by itself.
"""

import json
from dataclasses import dataclass
from typing import Final, NoReturn

from dunright.mail.errors import Refused, Reply, Stage, TryLater, Uncertain
from dunright.mail.providers import ProviderAccount

_OF_MESSAGE: Final = frozenset({413, 415})
"""Too large, or of a kind it does not take."""
_OF_MESSAGE_OR_ACCOUNT: Final = frozenset({400, 409, 422})
_FOR_NOW: Final = frozenset({408, 425, 429, 503})
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class ProviderReply(Reply):
    """A provider's answer in the terms of a mail server: `code` is SMTP's class of it and is not shown."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status and the words in its body."""

    status: int
    words: str
    code: str
    """The provider's own error code, empty when it has none."""

    @classmethod
    def read(cls, status: int, body: str, account: ProviderAccount) -> "Answer":
        """From the body, whatever it is. The key is taken out, should a provider repeat it."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = {}
        found = found if isinstance(found, dict) else {}
        words = next(
            (found[name] for name in ("message", "Message", "error") if isinstance(found.get(name), str)), ""
        )
        codes = (found.get(name) for name in ("ErrorCode", "code", "name"))
        code = next((str(one) for one in codes if isinstance(one, str | int)), "")
        shown = " ".join(words.replace(account.secret, "…").split())[:_LONGEST]
        return cls(status, shown, code[:60])


def accepted(account: ProviderAccount, provider_id: str) -> ProviderReply:
    """The provider took the message."""
    return ProviderReply(
        250, f"{account.provider.label} took the message as {provider_id or 'one without an id'}."
    )


def reply(code: int, account: ProviderAccount, answer: Answer) -> ProviderReply:
    """The provider's words with its name and HTTP status in front."""
    head = f"{account.provider.label} answered HTTP {answer.status}"
    return ProviderReply(code, f"{head}: {answer.words}" if answer.words else f"{head}.")


def give_up(account: ProviderAccount, answer: Answer, *, cause: BaseException) -> NoReturn:
    """Raise what an answer that is no plain yes stands for: TryLater, Refused or Uncertain."""
    if answer.status in _FOR_NOW:
        raise TryLater(reply(450, account, answer), stage="content") from cause
    if _blames_message(account, answer):
        raise Refused(reply(554, account, answer), stage="content") from cause
    if 400 <= answer.status < 500:  # noqa: PLR2004 - 4xx: certainly not taken, and no address is at fault
        stage: Stage = "login"
        raise TryLater(reply(535, account, answer), stage=stage) from cause
    said = f"{account.provider.label} answered HTTP {answer.status}, which is neither yes nor no."
    raise Uncertain(said) from cause


def _blames_message(account: ProviderAccount, answer: Answer) -> bool:
    provider = account.provider
    if answer.status not in _OF_MESSAGE_OR_ACCOUNT:
        return answer.status in _OF_MESSAGE
    if provider.faults_of_message is not None:
        return answer.code in provider.faults_of_message
    return answer.code not in provider.faults_of_account
