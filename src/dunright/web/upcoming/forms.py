"""A person's own wording of one message, and the keys of messages to approve."""

from typing import Any

from django import forms

from dunright.domain.wording.texts import BODY_AT_MOST, KINDS, SUBJECT_AT_MOST, Form, TextKind, check_text
from dunright.models import OutboxMessage

MOST_AT_ONCE = 2000
_LONGEST_KEY = 15
"""Digits."""


class WordingForm(forms.Form):
    """Subject and text with their placeholders; `domain.wording.texts.check_text` says what is wrong."""

    subject = forms.CharField(max_length=SUBJECT_AT_MOST)
    body = forms.CharField(
        label="Text",
        max_length=BODY_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text="HTML with placeholders such as {{ invoice.number }}. Amounts and dates are filled in when the "
        "message leaves.",
    )

    def __init__(self, *args: Any, message: OutboxMessage, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": wording_of(message), **kwargs})
        self.message = message

    def clean(self) -> dict[str, Any]:
        """Check the text as a template of the message's form and kind is checked."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        form: Form = "multi" if self.message.form == "multi" else "single"
        version = self.message.template_version
        written = version.template.kind if version else ""
        kind: TextKind = next((one for one in KINDS if one == written), "reminder")
        for problem in check_text(cleaned["subject"], cleaned["body"], form, kind=kind):
            self.add_error(problem.place, problem.sentence)
        return cleaned


def wording_of(message: OutboxMessage) -> dict[str, str]:
    """What stands in the form at first: the person's own wording, else the template, else what was rendered."""
    if message.edited_body:
        return {"subject": message.edited_subject, "body": message.edited_body}
    version = message.template_version
    if version is not None:
        return {"subject": version.subject, "body": version.body}
    return {"subject": message.subject, "body": message.html}


def keys_of(values: list[str]) -> list[int]:
    """The keys that a form sent; anything else is as if it were not there."""
    return [
        int(one)
        for one in values[:MOST_AT_ONCE]
        if one.isascii() and one.isdigit() and len(one) <= _LONGEST_KEY
    ]
