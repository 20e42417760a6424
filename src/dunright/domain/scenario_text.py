"""Scenarios out of text: one JSON object, JSON Lines, or YAML (chasing-rules.md section 9).

Texts come as lines of bytes, so that a file of any length is read with the memory of its longest line.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dunright.domain.scenario_fields import ScenarioError, shown_key

_BOM: Final = b"\xef\xbb\xbf"
_DOCUMENT: Final = re.compile(rb"---(\s|$)")
_NO_CONTENT: Final = re.compile(rb"\s*(#.*|%.*|\.\.\.\s*|---\s*(#.*)?)?", re.DOTALL)
_LONGEST_NUMBER: Final = 40


class FoundScenario(NamedTuple):
    line: int
    """Where it starts (or where it cannot be read), counted from 1."""
    raw: object
    """Decoded, still unchecked; None when there is an error."""
    error: ScenarioError | None = None


class _NotJson(Exception):
    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def json_scenarios(lines: Iterable[bytes]) -> Iterator[FoundScenario]:
    """Every scenario of a JSON object or of JSON Lines; what is no scenario comes as an error with its line."""
    numbered = ((number, line) for number, line in enumerate(_without_bom(lines), start=1) if line.strip())
    first = next(numbered, None)
    if first is None:
        yield FoundScenario(1, None, ScenarioError("scenario", "file", "is empty"))
        return
    try:
        found = _decode(*first)
    except _NotJson:
        # Either one object over several lines, or JSON Lines whose first line is broken.
        yield from _json_object_or_lines([first, *numbered])
        return
    yield found
    yield from map(_decode_line, numbered)


def yaml_scenarios(lines: Iterable[bytes]) -> Iterator[FoundScenario]:
    """Every document of a YAML text, as a scenario each."""
    part: list[bytes] = []
    start, is_empty = 1, True
    marks = chain(enumerate(_without_bom(lines), start=1), [(0, b"---")])
    for number, line in marks:
        if _DOCUMENT.match(line):
            if not all(_NO_CONTENT.fullmatch(one) for one in part):
                is_empty = False
                yield _decode_yaml(start, b"".join(part))
            part, start = [], number
        part.append(line)
    if is_empty:
        yield FoundScenario(1, None, ScenarioError("scenario", "file", "is empty"))


def _without_bom(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        yield line.removeprefix(_BOM) if number == 0 else line


def _json_object_or_lines(numbered: list[tuple[int, bytes]]) -> Iterator[FoundScenario]:
    first_line = numbered[0][0]
    whole: dict[int, bytes] = dict(numbered)
    text = b"".join(whole.get(number, b"\n") for number in range(first_line, numbered[-1][0] + 1))
    try:
        yield _decode(first_line, text)
    except _NotJson as error:
        if any(_is_scenario(line) for _, line in numbered[1:]):
            yield from map(_decode_line, numbered)
        else:
            yield _not_json(error)


def _is_scenario(line: bytes) -> bool:
    """Whether a line is a whole scenario by itself, and not a part of one that is spread over several lines."""
    try:
        raw = _decode(1, line).raw
    except _NotJson:
        return False
    return isinstance(raw, dict) and {"from", "to"} <= raw.keys()


def _decode_line(numbered: tuple[int, bytes]) -> FoundScenario:
    try:
        return _decode(*numbered)
    except _NotJson as error:
        return _not_json(error)


def _not_json(error: _NotJson) -> FoundScenario:
    return FoundScenario(error.line, None, ScenarioError("scenario", "json", str(error)))


def _decode(line: int, text: bytes) -> FoundScenario:
    """Decode one JSON text; raises _NotJson where its syntax is wrong, so that more lines may complete it."""
    try:
        raw = json.loads(text.decode().rstrip(), object_pairs_hook=_no_key_twice, parse_int=_whole_number)
    except UnicodeDecodeError:
        raise _NotJson(line, "is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        problem = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        words = f"is not valid JSON: {problem} at column {error.colno}"
        raise _NotJson(line + error.lineno - 1, words) from None
    except RecursionError:
        return FoundScenario(line, None, ScenarioError("scenario", "json", "is nested too deeply"))
    except ScenarioError as error:
        return FoundScenario(line, None, error)
    return FoundScenario(line, raw)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ScenarioError("scenario", shown_key(twice), "is given twice in one object")
    return found


def _whole_number(digits: str) -> int | float:
    # Python refuses integers of thousands of digits; as a float such a number is refused where it stands.
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float(digits)


def _decode_yaml(line: int, text: bytes) -> FoundScenario:
    try:
        raw = YAML(typ="safe", pure=True).load(text.decode())
    except UnicodeDecodeError:
        problem = "is not text in UTF-8"
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line += mark.line if mark is not None else 0
        problem = f"is not valid YAML: {_one_line(error.problem or 'it cannot be read')}"
    except (YAMLError, ValueError) as error:
        problem = f"is not valid YAML: {_one_line(str(error))}"
    except RecursionError:
        problem = "is nested too deeply"
    else:
        return FoundScenario(line, raw)
    return FoundScenario(line, None, ScenarioError("scenario", "yaml", problem))


def _one_line(words: str) -> str:
    return " ".join(words.split())[:200]
