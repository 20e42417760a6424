"""Template and schedule files: strict to read, lossless to write."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunright.domain.schedules import Repeat, Schedule, Step
from dunright.domain.wording.defaults import DEFAULT_SCHEDULES, default_texts
from dunright.domain.wording.policy_text import (
    PolicyFault,
    format_of,
    read_schedules,
    read_templates,
    write_schedules,
    write_templates,
)
from dunright.domain.wording.texts import KINDS, LetterText

NOT_IN_LETTERS = "which letters may not use; take it out."
FORMATS = ("yaml", "json")


def step(**changes):
    return {"id": "a", "days": 1} | changes


def schedules_file(*steps, **changes):
    return json.dumps({"schedules": [{"name": "S", "steps": list(steps)} | changes]})


def template_file(**changes):
    row = {
        "name": "N",
        "kind": "thank_you",
        "form": "single",
        "language": "en",
        "subject": "Hi",
        "body": "<p>Hi</p>",
    }
    return json.dumps({"templates": [row | changes]})


def fault_of(read, text, file_format="json"):
    with pytest.raises(PolicyFault) as caught:
        read(text, file_format)
    return str(caught.value)


@pytest.mark.parametrize("file_format", FORMATS)
def test_defaults_are_written_and_read_without_loss(file_format):
    assert read_templates(write_templates(default_texts(), file_format), file_format) == default_texts()
    assert read_schedules(write_schedules(DEFAULT_SCHEDULES, file_format), file_format) == DEFAULT_SCHEDULES


def test_template_file_is_readable():
    assert write_templates(
        [LetterText("Hi: there", "<p>One</p>\n<p>Two</p>", "multi", "thank_you", "Note", "en")]
    ) == (
        "templates:\n"
        "- name: Note\n"
        "  kind: thank_you\n"
        "  form: multi\n"
        "  language: en\n"
        "  subject: 'Hi: there'\n"
        "  body: |-\n"
        "    <p>One</p>\n"
        "    <p>Two</p>\n"
    )


def test_schedule_file_is_that_of_the_rules():
    schedule = Schedule(
        "Own",
        (
            Step("s1", -3),
            Step(
                "s2",
                5,
                "escalated",
                "escalated",
                channel="task",
                template="Firm",
                approval=False,
                attachments=("statement",),
                copy_other_level=True,
                next_step="After that our lawyer takes over.",
                reply_days=3,
                final_days=10,
            ),
        ),
        Repeat(14, None),
        default=True,
    )
    assert json.loads(write_schedules([schedule], "json")) == {
        "schedules": [
            {
                "name": "Own",
                "default": True,
                "steps": [
                    {"id": "s1", "days": -3, "sender": "normal", "recipients": "normal"},
                    {
                        "id": "s2",
                        "days": 5,
                        "sender": "escalated",
                        "recipients": "escalated",
                        "channel": "task",
                        "template": "Firm",
                        "approval": False,
                        "attachments": ["statement"],
                        "copy_other_level": True,
                        "next_step": "After that our lawyer takes over.",
                        "reply_days": 3,
                        "final_days": 10,
                    },
                ],
                "repeat": {"every_days": 14, "limit": None},
            }
        ]
    }


def test_optional_keys_of_the_rules_may_be_left_out():
    repeating = "{name: S, steps: [{id: a, days: 1}], repeat: {every_days: 7}}"
    text = f"schedules: [{repeating}, {{name: T, steps: [], repeat: null}}]"
    assert read_schedules(text) == (Schedule("S", (Step("a", 1),), Repeat(7)), Schedule("T", ()))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "It has to be a mapping of keys to values."),
        ("{}", "“schedules” is missing."),
        ('{"schedules": {}}', "schedules: It has to be a list."),
        ('{"schedules": [], "more": 1}', "“more” is no key here; known are schedules."),
        ('{"schedules": [1]}', "schedules[0]: It has to be a mapping of keys to values."),
        ('{"schedules": [], "schedules": []}', "“schedules” stands twice in one mapping."),
        ('{"schedules": [', "line 1: This is not JSON: Expecting value."),
        (
            schedules_file(name="none"),
            "schedules[0].name: “none” is reserved for “not chased”; choose another name.",
        ),
        (
            schedules_file(name=" S"),
            "schedules[0].name: It has to be one line of 1 to 100 characters, without blanks around it.",
        ),
        (schedules_file(name=4), "schedules[0].name: It has to be a text; put it in quotation marks."),
        (
            schedules_file(colour=1),
            "schedules[0]: “colour” is no key here; known are name, default, steps, repeat.",
        ),
        (schedules_file(default="yes"), "schedules[0].default: It has to be true or false."),
        (schedules_file({"id": "a"}), "schedules[0].steps[0]: “days” is missing."),
        (
            schedules_file(step(days="1")),
            "schedules[0].steps[0].days: It has to be a whole number from -3650 to 3650.",
        ),
        (
            schedules_file(step(days=True)),
            "schedules[0].steps[0].days: It has to be a whole number from -3650 to 3650.",
        ),
        (
            schedules_file(step(days=1.0)),
            "schedules[0].steps[0].days: It has to be a whole number from -3650 to 3650.",
        ),
        (
            schedules_file(step(days=4000)),
            "schedules[0].steps[0].days: It has to be a whole number from -3650 to 3650.",
        ),
        (
            schedules_file(step(sender="boss")),
            "schedules[0].steps[0].sender: It has to be one of normal, escalated.",
        ),
        (
            schedules_file(step(channel="fax")),
            "schedules[0].steps[0].channel: It has to be one of email, task.",
        ),
        (schedules_file(step(approval=1)), "schedules[0].steps[0].approval: It has to be true or false."),
        (
            schedules_file(step(attachments=["statement", "x"])),
            "schedules[0].steps[0].attachments[1]: It has to be one of invoice_pdf, statement, each once.",
        ),
        (
            schedules_file(step(attachments=["statement", "statement"])),
            "schedules[0].steps[0].attachments[1]: It has to be one of invoice_pdf, statement, each once.",
        ),
        (
            schedules_file(step(attachments="statement")),
            "schedules[0].steps[0].attachments: It has to be a list.",
        ),
        (
            schedules_file(step(next_step="Then\nwe sue.")),
            (
                "schedules[0].steps[0].next_step: "
                "It has to be one line of at most 300 characters, without blanks around it."
            ),
        ),
        (
            schedules_file(step(reply_days=0)),
            "schedules[0].steps[0].reply_days: It has to be a whole number from 1 to 60.",
        ),
        (
            schedules_file(step(final_days="7")),
            "schedules[0].steps[0].final_days: It has to be a whole number from 1 to 60.",
        ),
        (schedules_file(step(), step(days=2)), "schedules[0].steps[1].id: Two steps have the id “a”."),
        (
            schedules_file(step(), step(id="b")),
            "schedules[0].steps[1].days: Two steps stand at 1 days; move one of them.",
        ),
        (
            schedules_file(step(days=0), repeat={"every_days": 7}),
            "schedules[0].repeat: Only an overdue step can repeat; add one with days of 1 or more.",
        ),
        (
            schedules_file(step(), repeat={"every_days": 0}),
            "schedules[0].repeat.every_days: It has to be a whole number from 1 to 3650.",
        ),
        (
            schedules_file(step(), repeat={"every_days": 7, "limit": 0}),
            "schedules[0].repeat.limit: It has to be a whole number from 1 to 1000.",
        ),
        (schedules_file(step(), repeat=7), "schedules[0].repeat: It has to be a mapping of keys to values."),
        (
            '{"schedules": [{"name": "S", "steps": []}, {"name": "S", "steps": []}]}',
            "schedules[1]: The schedule “S” stands in this file twice.",
        ),
        (
            '{"schedules": [{"name": "S", "default": true, "steps": []}, {"name": "T", "default": true, "steps": []}]}',
            "schedules[1].default: Only one schedule can be the default.",
        ),
        ("[" * 100_000, "The file cannot be read: it is nested too deeply or holds absurd numbers."),
        ("9" * 5000, "The file cannot be read: it is nested too deeply or holds absurd numbers."),
        (" " * 2_000_001, "The file has 2000001 characters; at most 2000000 are read."),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else None,
)
def test_schedule_file_is_refused_with_its_place(text, fault):
    assert fault_of(read_schedules, text) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "line 1: This is not YAML: expected the node content, but found '<stream end>'."),
        ("\x00", "This is not YAML: it holds characters that cannot stand in it."),
        ("", "It has to be a mapping of keys to values."),
        ("1: 2", "It has to be a mapping of keys to values."),
        (
            "schedules: !x []",
            "line 1: This is not YAML: could not determine a constructor for the tag '!x'.",
        ),
        (
            "schedules: []\nschedules: []",
            'line 2: This is not YAML: found duplicate key "schedules" with value "[]" (original value: "[]").',
        ),
    ],
)
def test_yaml_that_is_none_is_refused_with_its_line(text, fault):
    assert fault_of(read_schedules, text, "yaml") == fault


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "letter"}, f".kind: It has to be one of {', '.join(KINDS)}."),
        ({"form": "both"}, ".form: It has to be one of single, multi."),
        ({"subject": None}, ": “subject” is missing."),
        ({"subject": "\ud800"}, ".subject: It holds half a character; type it anew."),
        ({"body": "{{ x }}"}, ".body: There is no placeholder called “x”; choose one from the list."),
        ({"subject": "{{ x }}"}, ".subject: There is no placeholder called “x”; choose one from the list."),
        ({"body": "<script>x</script>"}, f".body: The text contains <script>, {NOT_IN_LETTERS}"),
        ({"version": 2}, ": “version” is no key here; known are name, kind, form, language, subject, body."),
    ],
)
def test_template_file_is_refused_with_its_place(changes, fault):
    assert fault_of(read_templates, template_file(**changes)) == f"templates[0]{fault}"


def test_template_twice_in_one_file_is_refused():
    rows = json.loads(template_file())["templates"] * 2
    assert fault_of(read_templates, json.dumps({"templates": rows})) == (
        "templates[1]: “N” in the single form stands in this file twice."
    )


@pytest.mark.parametrize(
    ("name", "file_format"), [("a.json", "json"), ("A.JSON", "json"), ("a.yaml", "yaml"), ("-", "yaml")]
)
def test_format_by_name(name, file_format):
    assert format_of(name) == file_format


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text.isprintable() and text != "none"
)
STEPS = st.builds(
    Step,
    id=NAMES,
    days=st.integers(-3650, 3650),
    sender=st.sampled_from(["normal", "escalated"]),
    recipients=st.sampled_from(["normal", "escalated"]),
    channel=st.sampled_from(["email", "task"]),
    template=st.none() | NAMES,
    approval=st.none() | st.booleans(),
    attachments=st.sampled_from([(), ("invoice_pdf",), ("statement",), ("statement", "invoice_pdf")]),
    copy_other_level=st.booleans(),
    next_step=st.just("") | NAMES,
    reply_days=st.integers(1, 60),
    final_days=st.integers(1, 60),
)


@settings(max_examples=40, deadline=None)
@given(
    NAMES,
    st.lists(STEPS, max_size=4, unique_by=(lambda it: it.id, lambda it: it.days)),
    st.integers(1, 3650),
    st.none() | st.integers(1, 1000),
    st.sampled_from(FORMATS),
)
def test_any_schedule_survives(name, steps, every_days, limit, file_format):
    schedule = Schedule(name, tuple(steps), None, default=True)
    if schedule.last_overdue_step is not None:
        schedule = Schedule(name, tuple(steps), Repeat(every_days, limit), default=True)
    assert read_schedules(write_schedules([schedule], file_format), file_format) == (schedule,)


@settings(max_examples=60, deadline=None)
@given(
    NAMES,
    st.text(st.characters(codec="utf-8", exclude_characters="{}<&\ufdd0"), min_size=1, max_size=60),
    st.sampled_from(FORMATS),
)
def test_any_body_survives(name, words, file_format):
    text = LetterText("Hi", f"<p>\n {words}</p>", "single", "thank_you", name, "en")
    assert read_templates(write_templates([text], file_format), file_format) == (text,)
