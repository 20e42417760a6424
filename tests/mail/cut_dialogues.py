"""Hand a message over through a cut, and say whether what the client made of it is right."""

from typing import NamedTuple

from dunright.mail.errors import Refused, TryLater, Uncertain
from dunright.mail.send import SmtpConnection
from dunright.mail.server import MailServer
from tests.mail.cuts import LETTER, RECIPIENTS, SILENT, Cut, Server

_ENDS = {TryLater: "later", Refused: "refused", Uncertain: "uncertain"}
_BEFORE_CONTENT = 0.4
"""Seconds until silence counts, where it does not matter that a loaded machine may be as slow."""
_PATIENT = 15.0


class Result(NamedTuple):
    """What came of one cut."""

    cut: Cut
    outcome: str
    """`later`, `refused`, `uncertain` or `sent`."""
    attempts: int
    """How often the attempt was committed."""
    begun: int
    """How many contents the server has seen the beginning of."""
    taken: int
    """How many it has taken."""
    faults: tuple[str, ...]

    @property
    def is_right(self):
        return not self.faults


def dialogue(server: Server, cut: Cut, certificate: str) -> Result:
    """Hand one message over through this cut."""
    server.follow(cut)
    attempts, outcome = [], ""
    with _connection(server, cut, certificate) as connection:
        for _ in range(cut.earlier):
            _hand_over(connection, [])
        outcome = _hand_over(connection, attempts)
    server.over.set()
    begun, taken = server.begun - cut.earlier, server.taken - cut.earlier
    faults = tuple(_faults(cut, outcome, len(attempts), begun, taken))
    return Result(cut, outcome, len(attempts), begun, taken, faults)


def _connection(server, cut, certificate):
    is_silent = cut.deed == SILENT
    is_late = cut.place in {"content", "final"}
    return SmtpConnection(
        MailServer(
            "127.0.0.1",
            server.server_address[1],
            {"plain": "none"}.get(cut.security, cut.security),
            username="ann",
            password="secret",
            ca_file=certificate,
        ),
        command_seconds=_BEFORE_CONTENT if is_silent and not is_late else _PATIENT,
        content_seconds=_PATIENT,
        final_reply_seconds=_BEFORE_CONTENT if is_silent and is_late else _PATIENT,
    )


def _hand_over(connection, attempts):
    try:
        connection.hand_over(
            sender="anna@n.example",
            recipients=list(RECIPIENTS),
            content=LETTER,
            before_content=lambda: attempts.append(1),
        )
    except (TryLater, Refused, Uncertain) as error:
        return _ENDS[type(error)]
    return "sent"


def _faults(cut, outcome, attempts, begun, taken):
    after = cut.place in {"content", "final"}
    if outcome != cut.expected:
        yield f"{outcome} instead of {cut.expected}"
    if attempts != (1 if after or cut.expected == "sent" else 0):
        yield f"{attempts} attempts"
    if begun > attempts:
        yield f"{begun} contents begun with {attempts} attempts committed"
    if taken > 1:
        yield f"taken {taken} times"
    if outcome == "sent" and taken != 1:
        yield "sent, and never taken"
    if outcome in {"later", "refused"} and taken and not after:
        yield f"taken, and called {outcome}"
