"""Misbehaving on purpose, so that a sender's handling of every answer can be tested against a real server."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

STAGES: Final = ("mail", "rcpt", "data", "content")
CUTS: Final = ("mail", "rcpt", "data", "content_before_keeping", "content_after_keeping")
_ANSWER: Final = re.compile(r"[45][0-9][0-9]( [ -~]*)?", re.ASCII)


Value = TypeVar("Value")


class FaultsError(ValueError):
    """Faults that cannot be set; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with coming messages. The default: nothing."""

    refuse: Mapping[str, str] = field(default_factory=dict)
    """Address -> what its RCPT is answered, such as `550 5.1.1 No such user`."""
    answer: Mapping[str, str] = field(default_factory=dict)
    """Stage (mail, rcpt, data, content) -> what it is answered instead; nothing is kept then."""
    delay_seconds: Mapping[str, float] = field(default_factory=dict)
    """Stage -> how long its answer takes; the content is kept before the wait."""
    cut: str = ""
    """Hang up without a word at this point (one of CUTS); `content_after_keeping` keeps the message."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read and check what the API was given. Raises FaultsError."""
        if not isinstance(value, dict):
            raise FaultsError("faults: a JSON object is needed.")
        names = [each.name for each in dataclasses.fields(cls)]
        for name in value:
            if name not in names:
                raise FaultsError(f"faults: {name!r} is unknown; known are {', '.join(names)}.")
        cut = value.get("cut", "")
        if cut not in {"", *CUTS}:
            raise FaultsError(f"faults: cut: one of {', '.join(CUTS)} is needed, or nothing.")
        return cls(
            refuse={key.casefold(): one for key, one in _answers(value, "refuse").items()},
            answer=_staged("answer", _answers(value, "answer")),
            delay_seconds=_staged("delay_seconds", _delays(value)),
            cut=cut,
        )

    def as_json(self) -> dict[str, Any]:
        """The form that `from_json` reads."""
        return dataclasses.asdict(self)


def _mapping(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise FaultsError(f"faults: {name}: a JSON object is needed.")
    return found


def _answers(value: dict[str, Any], name: str) -> dict[str, str]:
    found = _mapping(value, name)
    for key, answer in found.items():
        if not isinstance(answer, str) or not _ANSWER.fullmatch(answer):
            raise FaultsError(f'faults: {name}: {key}: an answer such as "550 No such user" is needed.')
    return found


def _delays(value: dict[str, Any]) -> dict[str, float]:
    found = _mapping(value, "delay_seconds")
    for key, seconds in found.items():
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= 3600:  # noqa: PLR2004 - an hour
            raise FaultsError(f"faults: delay_seconds: {key}: a number of seconds up to 3600 is needed.")
    return found


def _staged(name: str, found: dict[str, Value]) -> dict[str, Value]:
    for stage in found:
        if stage not in STAGES:
            raise FaultsError(f"faults: {name}: {stage!r} is no stage; stages are {', '.join(STAGES)}.")
    return found
