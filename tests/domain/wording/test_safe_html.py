"""Signatures: what stays, what goes, and that a stored one stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.wording.safe_html import clean_signature, taken_out


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ('<p style="color: red">Olivia</p>', '<p style="color:red">Olivia</p>'),
        ('<p style="position:fixed;top:0">Olivia</p>', '<p style="">Olivia</p>'),
        ('<img src="https://a.example/l.png" alt="A">', '<img src="https://a.example/l.png" alt="A">'),
        ('<img src="cid:logo">', '<img src="cid:logo">'),
        ('<img src="http://a.example/l.png">', "<img>"),
        ('<img src="data:image/png;base64,x">', "<img>"),
        ('<img src="x" onerror="y">', "<img>"),
        ('<a href="tel:+442079460018">Call</a>', '<a href="tel:+442079460018">Call</a>'),
        ('<a href="javascript:x">Call</a>', "<a>Call</a>"),
        ("<style>p{color:red}</style><script>x</script>Olivia", "Olivia"),
        ("<form><input name=x></form>", ""),
        ("Olivia\ufdd0", "Olivia"),
    ],
)
def test_cleaning_a_signature(typed, stored):
    assert clean_signature(typed) == stored


@given(
    st.lists(
        st.sampled_from(
            ['<p style="', "color:red", ";", '">', "<b>", "</b>", "<img src='https://a'>", "&", "x"]
        )
    )
)
def test_stored_signature_is_used_as_it_stands(parts):
    stored = clean_signature("".join(parts))
    assert clean_signature(stored) == stored


def test_nothing_is_taken_out_of_plain_html():
    body = (
        '<h1>A</h1><p>B <strong>c</strong><br/><A HREF="HTTPS://x.example">d</A></p>'
        '<table><tr><td colspan="2">e</td></tr></table>'
    )
    assert taken_out(body) == ()
