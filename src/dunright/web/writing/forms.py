"""What a reminder by hand is about and to whom it goes (in the address), and its words (in the form)."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict

from dunright.domain.by_hand import Choice
from dunright.services.by_hand import Desk, open_choice
from dunright.web.upcoming.forms import TextForm

MOST = 1000
"""Values of one field that an address may give."""


class HandForm(TextForm):
    """The words, and the key under which pressing Send twice is one message."""

    key = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = "HTML with placeholders such as {{ invoice.number }}."


def choice_of(query: QueryDict, desk: Desk) -> Choice:
    """The choice that the address names; without one, what the invoices it names call for."""
    if "chosen" not in query:
        return open_choice(desk, query.getlist("invoice")[:MOST])
    return Choice(
        invoice_ids=_known(query.getlist("invoice"), {one.id for one in desk.invoices}),
        step=next((one.id for one in desk.steps if one.id == query.get("step")), ""),
        person_ids=_known(query.getlist("to"), {one.id for one in desk.persons}),
        attach=query.get("attach") == "on",
    )


def _known(values: Collection[str], ids: Collection[str]) -> frozenset[str]:
    return frozenset(list(values)[:MOST]).intersection(ids)
