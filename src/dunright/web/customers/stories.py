"""Timeline entries as a page draws them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from dunright.models import TimelineEntry
from dunright.web import formats, words
from dunright.web.receivables.books import message_url

_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_AMOUNT = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})*\.\d{2}|\d{1,15}\.\d{2}) ([A-Z]{3})\b")
_MARKS: Mapping[str, tuple[str, str]] = {
    "message_planned": ("clock", "brand"),
    "message_pending": ("clock", "amber"),
    "message_sent": ("send", ""),
    "message_refused": ("mail-x", "red"),
    "message_failed": ("mail-x", "red"),
    "message_uncertain": ("mail-question-mark", "amber"),
    "message_cancelled": ("ban", ""),
    "message_lapsed": ("ban", ""),
    "message_superseded": ("ban", ""),
    "approved": ("check", "green"),
    "edited": ("pencil", ""),
    "payment_seen": ("banknote", "green"),
    "invoice_changed": ("file-text", ""),
    "note": ("sticky-note", ""),
    "call": ("phone", ""),
    "promise": ("handshake", "blue"),
    "dispute": ("scale", "plum"),
    "pause": ("hand", ""),
    "customer": ("hand", ""),
    "hold_ended": ("undo-2", ""),
    "chasing": ("toggle-left", ""),
    "schedule": ("signpost", ""),
    "level": ("user-round", ""),
}


@dataclass(frozen=True, slots=True)
class Story:
    entry: TimelineEntry
    title: str
    text: str
    icon: str
    tone: str
    url: str
    """Where the message is read; empty: nowhere."""


def story(entry: TimelineEntry, *, today: date) -> Story:
    """Put one entry into words and a mark."""
    icon, tone = _MARKS.get(entry.kind, ("circle-dot", ""))
    title, text = in_words(entry.sentence, today), in_words(entry.detail, today)
    if entry.kind == "payment_seen":
        title, text = _payment(entry, title, text)
    elif entry.kind.startswith("message_") and ": " in title:
        head, _, reasons = title.partition(": ")
        title, text = head, text or reason_list(reasons)
    if entry.kind in {"note", "call"} and text:
        text = f"“{text}”"
    url = message_url(entry.organisation_id, entry.message_id) if entry.message_id else ""
    return Story(entry, title, text, icon, tone, url)


def in_words(text: str, today: date) -> str:
    """Days written as 2026-11-27 become 27 November, and amounts written as 1,500.00 EUR become €1,500.00."""
    with_days = _ISO.sub(lambda found: _day(found.group(), today), text)
    return _AMOUNT.sub(lambda found: formats.money(Decimal(found[1].replace(",", "")), found[2]), with_days)


def reason_list(reasons: str) -> str:
    """`disputed, promised` as people read it; other words stay as they are."""
    codes = [part.strip() for part in reasons.split(",")]
    if all(code in words.REASONS for code in codes):
        return ", ".join(words.word(code).label for code in codes)
    return reasons[:1].upper() + reasons[1:]


def _payment(entry: TimelineEntry, title: str, text: str) -> tuple[str, str]:
    try:
        amount = Decimal(str(entry.data["amount"]))
    except (KeyError, InvalidOperation):
        return title, text
    _, _, numbers = entry.sentence.partition(", on ")
    about = f"{text or 'Payment'} on {numbers}" if numbers else text
    return f"Payment seen, {formats.money(amount, str(entry.data.get('currency', '')))}", about


def _day(text: str, today: date) -> str:
    try:
        return formats.day_in_words(date.fromisoformat(text), today)
    except ValueError:
        return text
