"""Policy files as such: YAML or JSON in, rows that know their place; plain data out, written without loss."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

FileFormat = Literal["yaml", "json"]
FILE_AT_MOST: Final = 2_000_000
"""Characters: a policy file is written by hand or by us, never megabytes."""
_NAME_AT_MOST: Final = 100
_HALVES: Final = re.compile("[\ud800-\udfff]")


class PolicyFault(ValueError):
    """A file that cannot be taken over. `place` says where: `schedules[0].steps[2].days`."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}" if place else what)
        self.place = place
        self.what = what


def format_of(file_name: str) -> FileFormat:
    """JSON by its ending, else YAML."""
    return "json" if file_name.lower().endswith(".json") else "yaml"


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping of the file. Each reading method raises PolicyFault with the place of what is wrong."""

    values: Mapping[str, Any]
    place: str

    def at(self, key: str) -> str:
        """The place of a key of this row."""
        return f"{self.place}.{key}" if self.place else key

    def only(self, keys: Sequence[str]) -> None:
        """Refuse keys that nobody knows: a misspelt one must not be skipped in silence."""
        for key in self.values:
            if key not in keys:
                raise PolicyFault(self.place, f"“{key}” is no key here; known are {', '.join(keys)}.")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """A required text."""
        value = self._required(key)
        if not isinstance(value, str):
            raise PolicyFault(self.at(key), "It has to be a text; put it in quotation marks.")
        if _HALVES.search(value):
            raise PolicyFault(self.at(key), "It holds half a character; type it anew.")
        return value

    def name(self, key: str) -> str:
        """A required text of one line and moderate length."""
        value = self.text(key)
        if (
            not value.strip()
            or value != value.strip()
            or not value.isprintable()
            or len(value) > _NAME_AT_MOST
        ):
            raise PolicyFault(
                self.at(key),
                f"It has to be one line of 1 to {_NAME_AT_MOST} characters, without blanks around it.",
            )
        return value

    def whole(self, key: str, *, at_least: int, at_most: int) -> int:
        """A required whole number within bounds."""
        value = self._required(key)
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            raise PolicyFault(self.at(key), f"It has to be a whole number from {at_least} to {at_most}.")
        return value

    def flag(self, key: str) -> bool | None:
        """True, false, or None when it is not there."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise PolicyFault(self.at(key), "It has to be true or false.")
        return value

    def one_of(self, key: str, allowed: Sequence[str], *, otherwise: str | None = None) -> Any:
        """One of the allowed words; `otherwise` when it is not there, if given."""
        if otherwise is not None and not self.has(key):
            return otherwise
        value = self._required(key)
        if not isinstance(value, str) or value not in allowed:
            raise PolicyFault(self.at(key), f"It has to be one of {', '.join(allowed)}.")
        return value

    def several_of(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Any of the allowed words, each once; none when it is not there."""
        values = self._list(key) if self.has(key) else []
        for index, value in enumerate(values):
            if value not in allowed or value in values[:index]:
                raise PolicyFault(
                    f"{self.at(key)}[{index}]", f"It has to be one of {', '.join(allowed)}, each once."
                )
        return tuple(values)

    def row(self, key: str) -> "Row":
        """A required mapping."""
        return _row(self._required(key), self.at(key))

    def rows(self, key: str) -> list["Row"]:
        """A required list of mappings."""
        return [_row(value, f"{self.at(key)}[{index}]") for index, value in enumerate(self._list(key))]

    def _list(self, key: str) -> list[Any]:
        value = self._required(key)
        if not isinstance(value, list):
            raise PolicyFault(self.at(key), "It has to be a list.")
        return value

    def _required(self, key: str) -> Any:
        if not self.has(key):
            raise PolicyFault(self.place, f"“{key}” is missing.")
        return self.values[key]


def _row(value: object, place: str) -> Row:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise PolicyFault(place, "It has to be a mapping of keys to values.")
    return Row(value, place)


def rows_of(text: str, top: str, file_format: FileFormat) -> list[Row]:
    """The rows under the only key of a file. Raises PolicyFault when it is no such file."""
    if len(text) > FILE_AT_MOST:
        raise PolicyFault("", f"The file has {len(text)} characters; at most {FILE_AT_MOST} are read.")
    document = _row(_parsed(text, file_format), "")
    document.only((top,))
    return document.rows(top)


def _parsed(text: str, file_format: FileFormat) -> object:
    try:
        return json.loads(text, object_pairs_hook=_each_key_once) if file_format == "json" else _yaml_of(text)
    except json.JSONDecodeError as error:
        raise PolicyFault(f"line {error.lineno}", f"This is not JSON: {error.msg}.") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyFault(
            f"line {line}", f"This is not YAML: {error.problem or 'it cannot be read'}."
        ) from error
    except YAMLError as error:
        raise PolicyFault("", "This is not YAML: it holds characters that cannot stand in it.") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, PolicyFault):
            raise
        raise PolicyFault(
            "", "The file cannot be read: it is nested too deeply or holds absurd numbers."
        ) from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """As YAML does: of two values for one key, neither is taken in silence."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise PolicyFault("", f"“{key}” stands twice in one mapping.")
        found[key] = value
    return found


def _yaml_of(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def written(document: dict[str, Any], file_format: FileFormat) -> str:
    """Plain data as a file that reads back as exactly the same."""
    if file_format == "yaml":
        text = _as_yaml(document)
        if _reads_back(text, document):
            return text
        # Control characters and odd blanks have no readable form in YAML; JSON with YAML's escapes is YAML too.
        return _NOT_IN_YAML.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2)) + "\n"
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


_NOT_IN_YAML: Final = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _as_yaml(document: dict[str, Any]) -> str:
    writer = YAML()
    writer.width = 120
    writer.allow_unicode = True
    writer.representer.add_representer(type(None), _say_null)
    out = StringIO()
    writer.dump(_with_literal_lines(document), out)
    return out.getvalue()


def _say_null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _with_literal_lines(value: Any) -> Any:
    """Texts of several lines as literal blocks, so that a body reads like itself."""
    if isinstance(value, dict):
        return {key: _with_literal_lines(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_literal_lines(inner) for inner in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value


def _reads_back(text: str, document: dict[str, Any]) -> bool:
    try:
        return _yaml_of(text) == document
    except YAMLError:
        return False
