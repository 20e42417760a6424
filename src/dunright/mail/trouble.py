"""What went wrong on the way to a mail server or provider, in plain words, and whether anything had left by then."""

import socket
import ssl
from collections.abc import Iterator
from typing import Final, Literal

Trouble = Literal["host", "closed_port", "silence", "certificate", "tls", "hung_up", "other"]

_WORDS: Final[dict[Trouble, str]] = {
    "host": "no machine has that name",
    "closed_port": "nothing listens there",
    "silence": "it did not answer in time",
    "certificate": "its certificate is not trusted",
    "tls": "it does not speak TLS there",
    "hung_up": "it closed the connection",
}
_BEFORE_CONNECTION: Final = frozenset(
    {"NameResolutionError", "NewConnectionError", "ConnectTimeoutError", "ConnectTimeout", "ProxyError"}
)
"""urllib3's and requests' names for failures before a connection stood."""


def trouble_of(error: BaseException) -> Trouble:
    """The kind of trouble, by the first cause that is known."""
    chain = list(_chain(error))
    names = {type(one).__name__ for one in chain}
    kinds: tuple[tuple[Trouble, bool], ...] = (
        ("certificate", any(isinstance(one, ssl.SSLCertVerificationError) for one in chain)),
        ("host", "NameResolutionError" in names or any(isinstance(one, socket.gaierror) for one in chain)),
        ("closed_port", any(isinstance(one, ConnectionRefusedError) for one in chain)),
        ("silence", any(isinstance(one, TimeoutError) for one in chain) or bool(names & _TIMEOUTS)),
        ("tls", any(isinstance(one, ssl.SSLError) for one in chain)),
        (
            "hung_up",
            any(isinstance(one, ConnectionError) for one in chain) or "SMTPServerDisconnected" in names,
        ),
    )
    return next((kind for kind, applies in kinds if applies), "other")


_TIMEOUTS: Final = frozenset({"ConnectTimeoutError", "ReadTimeoutError", "ConnectTimeout", "ReadTimeout"})


def words_about(error: BaseException) -> str:
    """What happened, in plain words, without a full stop."""
    trouble = trouble_of(error)
    if trouble == "certificate":
        verifying = next(one for one in _chain(error) if isinstance(one, ssl.SSLCertVerificationError))
        return f"{_WORDS[trouble]} ({verifying.verify_message})"
    return _WORDS.get(trouble) or f"the connection failed ({type(error).__name__})"


def never_arrived(error: BaseException) -> bool:
    """Whether the request cannot have reached the other side: no connection stood, or its certificate was no good."""
    # Not what was merely being handled meanwhile: only what this error itself says was its cause.
    chain = list(_chain(error, with_context=False))
    return any(
        type(one).__name__ in _BEFORE_CONNECTION
        or isinstance(one, socket.gaierror | ConnectionRefusedError | ssl.SSLCertVerificationError)
        for one in chain
    )


def _chain(error: BaseException, *, with_context: bool = True) -> Iterator[BaseException]:
    """The error and everything that it carries as its cause, each once."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, getattr(one, "reason", None), *one.args]
        if with_context:
            waiting.append(one.__context__)
