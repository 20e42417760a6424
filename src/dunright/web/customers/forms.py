"""What a person fills in about a customer. Which answers are possible is here, what follows is in services."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from dunright.models import ContactPerson, Invoice, PersonLevel
from dunright.services.customers import LONGEST_NOTE

FARTHEST = timedelta(days=3650)


class DayField(forms.DateField):
    """A day from tomorrow on, within ten years."""

    def __init__(self, *, today: date, first: date | None = None, **kwargs: Any) -> None:
        self.first, self.last = first or today + timedelta(days=1), today + FARTHEST
        limits = {"type": "date", "min": self.first.isoformat(), "max": self.last.isoformat()}
        super().__init__(widget=forms.DateInput(attrs=limits, format="%Y-%m-%d"), **kwargs)
        self.error_messages["invalid"] = "Give a day such as 2026-12-01."

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.first <= value <= self.last:
            raise forms.ValidationError(f"Give a day from {self.first} to {self.last}.")


class NoteField(forms.CharField):
    """A few sentences."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class ChasingForm(forms.Form):
    chasing = forms.ChoiceField(choices=[("on", "On"), ("off", "Off")])


class ScheduleForm(forms.Form):
    schedule = forms.CharField(max_length=100, required=False)


class LevelForm(forms.Form):
    level = forms.ChoiceField(choices=PersonLevel.choices)


class StopForm(forms.Form):
    """How long, and why."""

    how = forms.ChoiceField(
        choices=[
            ("once", "This time"),
            ("date", "Until a date"),
            ("resumed", "Until you resume"),
            ("never", "Never"),
        ],
        initial="once",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = DayField(
            today=today, required=False, label="From this day reminders may go again"
        )
        self.fields["why"] = NoteField(label="Why")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("how") == "date" and not values.get("until") and "until" not in self.errors:
            self.add_error("until", "Give the day from which reminders may go again.")
        return values


class AnsweredForm(forms.Form):
    """What they said, about which invoices."""

    what = forms.ChoiceField(
        choices=[
            ("paid", "They say it is paid"),
            ("promise", "They will pay on a date"),
            ("dispute", "They dispute it"),
            ("wrong_person", "I write to the wrong person"),
        ],
        error_messages={"required": "Choose what they said."},
        widget=forms.RadioSelect,
    )
    invoices = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="About which invoices"
    )
    person = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label="Whom did you write to"
    )

    def __init__(
        self,
        *args: Any,
        today: date,
        invoices: Sequence[Invoice],
        persons: Sequence[ContactPerson],
        expected: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoices"].choices = [(one.pk, one.number) for one in invoices]  # type: ignore[attr-defined]
        self.fields["person"].choices = [(one.pk, str(one)) for one in persons]  # type: ignore[attr-defined]
        self.fields["until"] = DayField(today=today, required=False, initial=expected, label="Ask again from")
        self.fields["promised"] = DayField(today=today, first=today, required=False, label="They will pay by")
        self.fields["note"] = NoteField(label="Note")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        what = values.get("what")
        if what in {"promise", "dispute"} and not values.get("invoices") and "invoices" not in self.errors:
            self.add_error("invoices", "Choose at least one invoice.")
        if what == "promise" and not values.get("promised") and "promised" not in self.errors:
            self.add_error("promised", "Give the day on which they will pay.")
        if what == "wrong_person" and not values.get("person") and "person" not in self.errors:
            self.add_error("person", "Choose the person who is the wrong one.")
        return values


class ContactForm(forms.Form):
    """A call or a note, and whether they are left alone for a while."""

    kind = forms.ChoiceField(
        choices=[("call", "A call"), ("note", "A note")],
        initial="call",
        widget=forms.RadioSelect,
        label="What",
    )
    person = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label="With whom")

    def __init__(self, *args: Any, today: date, persons: Sequence[ContactPerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody in particular"),
            *((one.pk, str(one)) for one in persons),
        ]
        self.fields["text"] = NoteField(label="What was said", required=True)
        self.fields["until"] = DayField(
            today=today,
            required=False,
            label="No reminders until",
            help_text="Leave empty to go on as planned.",
        )
