"""Sentences are left out whole: where they end, and what goes with them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.wording import sentences
from dunright.domain.wording.sentences import (
    BOUNDARY,
    GAP,
    drop_gaps,
    drop_subject_gaps,
    mark_sentences,
    mark_subject,
    sentence_keys,
    tokens,
)


def left_of(stored: str) -> str:
    """A stored text rendered with {{ x }} empty and {{ v }} as a value full of full stops."""
    marked = mark_sentences(stored)
    return drop_gaps(marked.replace("{{ x }}", GAP).replace("{{ v }}", "Acme Ltd. B. V. & Co. Inc"))


@pytest.mark.parametrize(
    ("stored", "left"),
    [
        ("<p>One. Two {{ x }}. Three.</p>", "<p>One. Three.</p>"),
        ("<p>One {{ x }}. Two.</p>", "<p>Two.</p>"),
        ("<p>One. Two {{ x }}.</p>", "<p>One.</p>"),
        ("<p>Is it {{ x }}? Yes! No {{ x }}… Done.</p>", "<p>Yes! Done.</p>"),
        ("<p>Only {{ x }}.</p><p>Next.</p>", "<p>Next.</p>"),
        ("<p>From {{ v }} with {{ x }}. Next.</p>", "<p>Next.</p>"),
        ("<p>From {{ v }}. With {{ x }}.</p>", "<p>From Acme Ltd. B. V. & Co. Inc.</p>"),
        ("<p>Your ref. {{ x }} applies. Next.</p>", "<p>Next.</p>"),
        ("<p>Mr. {{ x }} wrote. Next.</p>", "<p>Next.</p>"),
        ("<p>By J. Smith for {{ x }}. Next.</p>", "<p>Next.</p>"),
        ("<p>Use e.g. {{ x }} here. Next.</p>", "<p>Next.</p>"),
        ("<p>Version 2.5 of {{ x }}. Next.</p>", "<p>Next.</p>"),
        ("<p>See www.acme.example for {{ x }}. Next.</p>", "<p>Next.</p>"),
        ("<p>He said “stop.” Then {{ x }}. End.</p>", "<p>He said “stop.” End.</p>"),
        ("<p>One (really.) Two {{ x }}.</p>", "<p>One (really.)</p>"),
        ("<p>One.&nbsp;Two {{ x }}. Three.</p>", "<p>One.&nbsp;Three.</p>"),
        ("<p>一。二{{ x }}。三。</p>", "<p>一。三。</p>"),
        ("<p>One. <strong>Two {{ x }}.</strong> Three.</p>", "<p>One. Three.</p>"),
        ("<p>One. <strong>Two</strong> {{ x }}. Three.</p>", "<p>One. Three.</p>"),
        ("<p><strong>One. Two {{ x }}.</strong> Three.</p>", "<p><strong>One. </strong>Three.</p>"),
        ("<p><strong>One.</strong> Two {{ x }}. Three.</p>", "<p><strong>One.</strong> Three.</p>"),
        ('<p>One. <a href="{{ x }}">Look</a> here. Three.</p>', "<p>One. Three.</p>"),
        ("<p>Ref: {{ x }}<br>Date: now</p>", "<p>Date: now</p>"),
        ("<p>Date: now<br>Ref: {{ x }}</p>", "<p>Date: now</p>"),
        ("<p>A<br>Ref: {{ x }}<br>B</p>", "<p>A<br>B</p>"),
        ("<p>A: {{ x }}<br>B: {{ x }}</p><p>C</p>", "<p>C</p>"),
        ("<ul><li>A {{ x }}</li><li>B</li></ul>", "<ul><li>B</li></ul>"),
        ("<p>Z</p><ul><li>A {{ x }}</li></ul>", "<p>Z</p>"),
        (
            "<table><tbody><tr><td>Order</td><td>{{ x }}</td></tr><tr><td>B</td><td>C</td></tr></tbody></table>",
            "<table><tbody><tr><td>B</td><td>C</td></tr></tbody></table>",
        ),
        ("<p></p><p><br></p><p>A {{ x }}</p>", "<p></p><p><br></p>"),
        ("Bare {{ x }}. Text.", "Text."),
        ("<p>Nothing is empty. All stays.</p>", "<p>Nothing is empty. All stays.</p>"),
    ],
)
def test_sentence_with_an_empty_value_goes_whole(stored, left):
    assert left_of(stored) == left


def test_placeholder_that_is_a_sentence_ends_one():
    marked = mark_sentences("<p>{{ own }} Then {{ x }}.</p>", frozenset({"own"}))
    assert marked == f"<p>{{{{ own }}}} {BOUNDARY}Then {{{{ x }}}}.</p>"


def test_tokens_lose_nothing():
    stored = '<p class="a>b">x {{ a | default: "<b>" }} {% if a %}y{% endif %}</p><!-- c --> 1 < 2 {{ open'
    assert "".join(token for _, token in tokens(stored)) == stored


def test_sentence_keys_say_which_have_a_fall_back():
    marked = mark_sentences(
        '<p>A {{ a }} {{ b | default: "x" }}. B {{ c }}.</p><p><a href="{{ d }}">D</a></p>'
    )
    assert list(sentence_keys(marked)) == [{"a": False, "b": True}, {"c": False}, {"d": False}]


@pytest.mark.parametrize(
    ("subject", "left"),
    [
        ("Invoice A, ref {{ x }}, due B", "Invoice A, due B"),
        ("Invoice A - {{ x }}", "Invoice A"),
        ("{{ x }}: invoice A", "invoice A"),
        ("Invoice A (order {{ x }}) due B", "Invoice A due B"),
        ("Invoice A (order B, ref {{ x }}) due B", "Invoice A (order B) due B"),
        ("Invoice A (ref {{ x }}, order B)", "Invoice A (order B)"),
        ("Invoice A (order B, ref {{ x }})", "Invoice A (order B)"),
        ("Invoice A (order {{ x }})", "Invoice A"),
        ("Invoice A (order B)", "Invoice A (order B)"),
        ("Ref {{ x }}", ""),
    ],
)
def test_subject_loses_the_part_with_an_empty_value(subject, left):
    assert " ".join(drop_subject_gaps(mark_subject(subject).replace("{{ x }}", GAP)).split()) == left


PIECES = st.sampled_from(
    [
        "Word ",
        "end. ",
        "Why? ",
        "{{ x }}",
        "<br>",
        "<strong>",
        "</strong>",
        "<p>",
        "</p>",
        "ref. ",
        "&nbsp;",
        "。",
        "J. ",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_dropping_leaves_no_mark_and_no_empty_value(stored):
    left = left_of(stored)
    assert sentences.MARKS.findall(left) == []
    assert "{{ x }}" not in left


@given(
    st.lists(
        st.sampled_from(["One {{ x }}. ", "Two. ", "<em>Three.</em> ", "<em>Four {{ x }}.</em> ", "Five<br>"])
    )
)
def test_dropping_keeps_every_other_sentence_and_closes_every_tag(parts):
    left = left_of(f"<p>{''.join(parts)}</p>")
    kept = [part for part in parts if "{{ x }}" not in part]
    words = re.compile(r"One|Two|Three|Four|Five")
    assert words.findall(left) == words.findall("".join(kept))
    for tag in ("p", "em"):
        assert left.count(f"<{tag}>") == left.count(f"</{tag}>")
