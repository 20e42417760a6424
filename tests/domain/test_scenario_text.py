"""Scenarios out of text: one object, JSON Lines, YAML, and what is none of them."""

import json

import pytest

from dunright.domain.scenario_text import json_scenarios, yaml_scenarios

ONE = {"name": "one", "from": "2026-03-01", "to": "2026-03-02"}
LINE = json.dumps(ONE).encode() + b"\n"


def read(scenarios, text):
    """Line, and what was found there: an object or the words about it."""
    found = scenarios(text.splitlines(keepends=True))
    return [(one.line, one.raw if one.error is None else str(one.error)) for one in found]


def test_one_object_on_one_line_or_spread_over_several():
    assert read(json_scenarios, LINE) == [(1, ONE)]
    assert read(json_scenarios, b"\n" + json.dumps(ONE, indent=1).encode()) == [(2, ONE)]


def test_json_lines_with_blank_lines_between():
    assert read(json_scenarios, LINE + b"\n  \n" + LINE) == [(1, ONE), (4, ONE)]


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert read(json_scenarios, b"\xef\xbb\xbf" + LINE) == [(1, ONE)]
    assert read(yaml_scenarios, b"\xef\xbb\xbfname: one\n") == [(1, {"name": "one"})]


@pytest.mark.parametrize("text", [b"", b"\n\n", b" \t\n"])
def test_an_empty_file(text):
    assert read(json_scenarios, text) == [(1, "scenario: file: is empty")]
    assert read(yaml_scenarios, text) == [(1, "scenario: file: is empty")]


def test_a_broken_line_is_named_and_the_others_are_read():
    assert read(json_scenarios, LINE + b'{"name": \n' + LINE) == [
        (1, ONE),
        (2, "scenario: json: is not valid JSON: expecting value at column 9"),
        (3, ONE),
    ]


def test_a_broken_first_line_of_json_lines_is_named_and_the_others_are_read():
    assert read(json_scenarios, b'{"name": "x"\n' + LINE) == [
        (1, "scenario: json: is not valid JSON: expecting ',' delimiter at column 13"),
        (2, ONE),
    ]


def test_a_broken_object_over_several_lines_is_named_once_with_its_line():
    assert read(json_scenarios, b'{"name": "x",\n "from": }\n') == [
        (2, "scenario: json: is not valid JSON: expecting value at column 10"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"nonsense", "scenario: json: is not valid JSON: expecting value at column 1"),
        (b"\xff\xfe{\x00}\x00", "scenario: json: is not text in UTF-8"),
        (b'{"a": 1, "a": 2}', "scenario: a: is given twice in one object"),
        (b"[" * 100_000, "scenario: json: is nested too deeply"),
    ],
)
def test_what_is_no_json(text, expected):
    assert read(json_scenarios, text) == [(1, expected)]


def test_numbers_that_are_none_or_too_long_are_left_to_the_reader_of_their_key():
    (line, raw), *_ = read(json_scenarios, b'{"a": 1e999, "b": ' + b"9" * 5000 + b', "c": -Infinity}')
    assert (line, raw) == (1, {"a": float("inf"), "b": float("inf"), "c": float("-inf")})


def test_lines_are_read_as_they_are_asked_for():
    def lines():
        yield LINE
        raise AssertionError("the second line was read before it was asked for")

    assert next(json_scenarios(lines())).raw == ONE


def test_yaml_documents_each_with_its_line():
    text = b"# two\n%YAML 1.2\n---\nname: one\n---\n# nothing here\n---\nname: two\n"
    assert read(yaml_scenarios, text) == [(3, {"name": "one"}), (7, {"name": "two"})]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"name: [\n", 2),
        (b"name: one\nname: two\n", 2),
        (b"ok: 1\n---\na: b: c\n", 3),
        (b"name: !!python/object:os.system x\n", 1),
        (b"day: 2026-02-30\n", 1),
        (b"\xff\n", 1),
    ],
)
def test_what_is_no_yaml(text, line):
    at, words = read(yaml_scenarios, text)[-1]
    assert (at, words[:16], "\n" in words) == (line, "scenario: yaml: ", False)
