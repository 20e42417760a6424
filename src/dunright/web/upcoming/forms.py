"""A person's own wording of one message, a pause, and the keys of messages to approve."""

from datetime import date
from typing import Any

from django import forms

from dunright.domain.wording.texts import BODY_AT_MOST, KINDS, SUBJECT_AT_MOST, Form, TextKind, check_text
from dunright.models import OutboxMessage
from dunright.web.customers.forms import DayField

MOST_AT_ONCE = 2000
_LONGEST_KEY = 15
"""Digits."""
_LONGEST_REASON = 300


class TextForm(forms.Form):
    """Subject and text with their placeholders; `domain.wording.texts.check_text` says what is wrong."""

    subject = forms.CharField(max_length=SUBJECT_AT_MOST)
    body = forms.CharField(
        label="Text",
        max_length=BODY_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text="HTML with placeholders such as {{ invoice.number }}. Amounts and dates are filled in when the "
        "message leaves.",
    )

    def __init__(self, *args: Any, form: str, kind: TextKind = "reminder", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text_form: Form = "multi" if form == "multi" else "single"
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Check the text as a template of the message's form and kind is checked."""
        cleaned = super().clean() or {}
        if not self.errors:
            for problem in check_text(cleaned["subject"], cleaned["body"], self.text_form, kind=self.kind):
                self.add_error(problem.place, problem.sentence)
        return cleaned


class WordingForm(TextForm):
    """A message's wording; it begins with what stands."""

    def __init__(self, *args: Any, message: OutboxMessage, **kwargs: Any) -> None:
        version = message.template_version
        written = version.template.kind if version else ""
        kind: TextKind = next((one for one in KINDS if one == written), "reminder")
        super().__init__(*args, form=message.form, kind=kind, **{"initial": wording_of(message), **kwargs})


class PauseForm(forms.Form):
    """How long nothing leaves, and why."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = DayField(
            today=today,
            required=False,
            label="From this day messages may go again",
            help_text="Leave empty to pause until somebody resumes.",
        )
        self.fields["why"] = forms.CharField(max_length=_LONGEST_REASON, required=False, label="Why")


class LaterForm(forms.Form):
    """From which day reminders may go again; empty: from the day after the run."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = DayField(
            today=today,
            required=False,
            label="Not before",
            help_text="Leave empty for the day after this run.",
        )
        self.fields["why"] = forms.CharField(max_length=_LONGEST_REASON, required=False, label="Why")


class StopForm(forms.Form):
    """Why everything is stopped."""

    why = forms.CharField(max_length=_LONGEST_REASON, required=False, label="Why")


def wording_of(message: OutboxMessage) -> dict[str, str]:
    """What stands in the form at first: the person's own wording, else the template, else what was rendered."""
    if message.edited_body:
        return {"subject": message.edited_subject, "body": message.edited_body}
    version = message.template_version
    if version is None:
        return {"subject": message.subject, "body": message.html}
    # It goes on with a thread, whose subject it keeps.
    return {"subject": message.subject if message.in_reply_to else version.subject, "body": version.body}


def keys_of(values: list[str]) -> list[int]:
    """The keys that a form sent; anything else is as if it were not there."""
    return [
        int(one)
        for one in values[:MOST_AT_ONCE]
        if one.isascii() and one.isdigit() and len(one) <= _LONGEST_KEY
    ]
