"""What a person chooses for the invoices that are overdue when chasing begins (chasing-rules.md R5a)."""

from collections.abc import Mapping, Sequence

from django import forms
from django.http import QueryDict

from dunright.services.entries import ENTRIES, Entries, Entry

PREFIX = "invoice-"
_LONGEST_KEY = 15
"""Digits."""
LABELS: Mapping[Entry, str] = {
    "gently": "Begin gently",
    "nearest": "Begin where they stand",
    "leave_alone": "Leave them alone",
}
NOTES: Mapping[Entry, str] = {
    "gently": "The first message is the friendliest that is due; the next ones follow step by step.",
    "nearest": "The first message is the step that fits how late they are, which may be a firm one.",
    "leave_alone": "Each is paused, until somebody resumes it on its page.",
}
_CHOICES = [(entry, LABELS[entry]) for entry in ENTRIES]


class EntriesForm(forms.Form):
    """One choice for each of the two groups."""

    overdue = forms.ChoiceField(choices=_CHOICES, widget=forms.RadioSelect, required=False)
    very_old = forms.ChoiceField(choices=_CHOICES, widget=forms.RadioSelect, required=False)

    def __init__(self, data: QueryDict | None, *, proposed: Entries) -> None:
        super().__init__(data)
        self._proposed = proposed

    def entries(self, invoices: Mapping[int, Entry]) -> Entries:
        """The choice, with those of single invoices; a group that was not on the page is as proposed."""
        return Entries(
            _entry(self.cleaned_data["overdue"]) or self._proposed.overdue,
            _entry(self.cleaned_data["very_old"]) or self._proposed.very_old,
            invoices,
        )


def chosen_singly(values: QueryDict, known: Sequence[int]) -> dict[int, Entry]:
    """Primary key -> the choice for that invoice alone; what is no open invoice or no choice is left out."""
    allowed = set(known)
    found: dict[int, Entry] = {}
    for name, text in values.items():
        key = name.removeprefix(PREFIX)
        is_key = name.startswith(PREFIX) and key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY
        entry = _entry(str(text))
        if is_key and entry is not None and int(key) in allowed:
            found[int(key)] = entry
    return found


def _entry(text: str) -> Entry | None:
    return next((entry for entry in ENTRIES if entry == text), None)
