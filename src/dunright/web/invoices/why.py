"""Why an invoice is chased or not, as the page tells it: guards in words, the headline, what would make it send."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dunright.domain.chasing import GuardSeen
from dunright.models import Hold, MessageState
from dunright.queries.next_steps import HOLD_OF_REASON, first_run_from
from dunright.queries.one_invoice import InvoicePage
from dunright.web import formats
from dunright.web.customers.stories import in_words
from dunright.web.receivables.told import phrase
from dunright.web.words import word

TITLES: Mapping[str, str] = {
    "paused": "Chasing is on",
    "disconnected": "Books are connected",
    "stale_data": "Books are fresh",
    "customer_not_chasing": "Customer is chased",
    "customer_on_hold": "Customer is not on hold",
    "no_schedule": "Has a schedule",
    "not_open": "Something is open",
    "no_due_date": "Has a due date",
    "invoice_not_chasing": "Invoice is chased",
    "disputed": "Not disputed",
    "promised": "No promise running",
    "paused_until": "Not paused",
    "payment_pending": "No payment under way",
    "below_tolerance": "Above the tolerance",
    "uncertain": "Last message is settled",
    "nothing_due": "A step is due",
    "sequence_finished": "Schedule has steps left",
    "credit_covers": "Not covered by credit",
    "below_minimum": "Above the minimum",
    "minimum_gap": "Last message long enough ago",
    "waits_for_overdue": "No overdue message goes first",
    "no_recipient": "Somebody to write to",
    "missing_value": "Every value is known",
    "address_spent": "Address not written to today",
}
COMPANY_WIDE: Mapping[str, str] = {
    "paused": "chasing is paused for the whole company",
    "disconnected": "the books are not connected",
    "stale_data": "the books were not read in the last 24 hours",
}
LEVELS = ("organisation", "customer", "invoice", "step", "message")
_NOT_YET = ("nothing_due", "minimum_gap", "waits_for_overdue", "address_spent")


@dataclass(frozen=True, slots=True)
class Guard:
    title: str
    seen: str
    verdict: str
    """Passes, Stops it, Not yet."""
    tone: str
    icon: str
    is_reason: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that would make it send."""

    text: str
    icon: str
    action: str = ""
    """end_hold, resume, chase, customer, write: what its button does."""
    button: str = ""
    hold: Hold | None = None


def headline(page: InvoicePage, *, today: date) -> tuple[str, str, str, str]:
    """(title, note, icon, tone) of the verdict."""
    message, invoice = page.next.message, page.invoice
    if message is not None:
        others = len(message.lines.all()) - 1
        beside = f" with {formats.count(others, 'other invoice')}" if others else ""
        moment = formats.moment(message.due_at, today)
        if message.state == MessageState.PENDING:
            return f"{page.next.step} waits for approval{beside}.", f"Planned for {moment}.", "clock", "amber"
        return f"{page.next.step} leaves {moment}{beside}.", "", "send", "brand"
    day = formats.day_in_words(page.explained_for, today)
    explained = page.explained
    if explained.verdict == "send":
        return f"{page.next.step or 'A reminder'} goes {_on(page.explained_for, today)}.", "", "send", "brand"
    if explained.reason is not None and explained.reason in COMPANY_WIDE:
        return f"Not chased {day}: {COMPANY_WIDE[explained.reason]}.", _after(page, today), "hand", "grey"
    if page.next.step and page.next.day and explained.reason == "nothing_due":
        title = f"{page.next.step} follows {_on(page.next.day, today)}."
        return title, "No step is due before then.", "calendar-clock", "brand"
    if page.next.step and page.next.day == page.explained_for:
        return (
            f"Listed in the {page.next.step} that goes {_on(page.explained_for, today)}.",
            "",
            "send",
            "brand",
        )
    if explained.reason == "not_open":
        words = {
            "paid": "Paid. Nothing is asked for any more.",
            "void": "Void.",
            "written_off": "Written off.",
        }
        return words.get(invoice.status, "Nothing is open."), "", "circle-check", "green"
    amount = formats.money(invoice.balance, invoice.currency)
    said = phrase(page.next, today=today) if page.next.reason == explained.reason else ""
    if said and explained.reason == "promised":
        title = f"Not chased {day}: {amount} {said}."
    elif said:
        title = f"Not chased {day}: it {said}."
    else:
        title = f"Not chased {day}: {word(explained.reason or '').label.lower()}."
    return title, _after(page, today), "hand", "grey"


def grouped(page: InvoicePage, *, today: date) -> Iterator[tuple[str, Sequence[Guard]]]:
    """Guards by level, in the order asked; guards that could not be asked are left out."""
    reason = page.explained.reason
    for level in LEVELS:
        guards = [
            _guard(one, page, is_reason=one.code == reason, today=today)
            for one in page.explained.guards
            if one.level == level and not one.input.startswith("not asked")
        ]
        if guards:
            yield level.capitalize(), guards


def ways(page: InvoicePage) -> list[Way]:
    """What would make it send, each with the button that does it where there is one."""
    explained, found = page.explained, []
    if explained.verdict == "send" or page.next.message is not None:
        return []
    if explained.until is not None:
        run = first_run_from(page.teller.calendar, max(explained.until, page.explained_for))
        when = formats.weekday(run or explained.until)
        found.append(Way(f"Wait. The run of {when} asks again.", "calendar-check"))
    for guard in page.explained.guards:
        if guard.stops:
            found += _way(guard, page)
    if page.invoice.status == "open" and not page.invoice.customer.is_excluded:
        found.append(
            Way("Write by hand. It counts as a step if you say which.", "pencil-line", "write", "Write")
        )
    return found


def _way(guard: GuardSeen, page: InvoicePage) -> list[Way]:
    hold = page.holds.get(HOLD_OF_REASON.get(guard.code, ""))
    if hold is not None:
        name = {"promise": "promise", "dispute": "dispute", "pause": "pause", "customer": "hold"}[hold.kind]
        return [Way(f"End the {name} now.", "undo-2", "end_hold", f"End {name}", hold)]
    plain: Mapping[str, Way] = {
        "paused": Way("Resume chasing for the whole company.", "play"),
        "disconnected": Way("Connect the books again.", "plug"),
        "stale_data": Way("Sync the books.", "refresh-cw"),
        "customer_not_chasing": Way(
            "Switch chasing of the customer on.", "toggle-right", "customer", "Open the customer"
        ),
        "invoice_not_chasing": Way("Switch chasing of this invoice on.", "toggle-right", "chase", "Chase it"),
        "no_schedule": Way("Choose a schedule for the invoice or its customer.", "signpost"),
        "no_due_date": Way("Give it a due date in the books.", "pencil"),
        "no_recipient": Way(
            "Give somebody with an address a level.", "user-round", "customer", "Open the customer"
        ),
        "sequence_finished": Way("Every step was sent; call them, or add a step to the schedule.", "phone"),
        "uncertain": Way("Say what became of the last message.", "mail-question-mark"),
        "credit_covers": Way("Apply the credit in the books.", "receipt-text"),
    }
    way = plain.get(guard.code)
    return [way] if way else []


def _guard(one: GuardSeen, page: InvoicePage, *, is_reason: bool, today: date) -> Guard:
    seen = _seen(one, page, today)
    if not one.stops:
        return Guard(TITLES[one.code], seen, "Passes", "green", "check", is_reason)
    if one.code in _NOT_YET:
        return Guard(TITLES[one.code], seen, "Not yet", "amber", "clock", is_reason)
    return Guard(TITLES[one.code], seen, "Stops it", "blue", "hand", is_reason)


def _seen(one: GuardSeen, page: InvoicePage, today: date) -> str:
    """What was looked at; better than the rule's own words where the page knows more."""
    invoice = page.invoice
    hold = page.holds.get(HOLD_OF_REASON.get(one.code, ""))
    if hold is not None and one.stops:
        return _hold_words(hold, today)
    if one.code == "not_open":
        return f"{formats.money(invoice.balance, invoice.currency)} of {formats.money(invoice.total, invoice.currency)}"
    if one.code == "no_schedule" and page.schedule is not None:
        return f"{page.schedule.name}, version {page.schedule_version}"
    if one.code == "nothing_due" and page.next.step and page.next.day and one.stops:
        return f"{page.next.step}, {formats.day_in_words(page.next.day, today)}"
    if one.code == "below_tolerance":
        tolerance = page.teller.organisation_facts.policy.tolerance
        return "No tolerance is set" if not tolerance else _tolerance_words(page)
    if one.code == "credit_covers":
        return _credit_words(page)
    words = in_words(one.input, today)
    return words[:1].upper() + words[1:]


def _tolerance_words(page: InvoicePage) -> str:
    policy = page.teller.organisation_facts.policy
    in_base = (page.invoice.balance * page.invoice.rate).quantize(Decimal("0.01"))
    return f"{in_base:,} in base currency, tolerance {policy.tolerance:,}"


def _credit_words(page: InvoicePage) -> str:
    """Credit not yet used beside what is open, in the invoice's currency."""
    currency = page.invoice.currency
    facts = page.decided.facts
    unused = facts.credits.get(currency, Decimal(0))
    opened = sum(
        (one.balance for one in facts.invoices if one.currency == currency and one.status == "open"),
        Decimal(0),
    )
    return f"{formats.money(unused, currency)} unused, {formats.money(opened, currency)} open"


def _hold_words(hold: Hold, today: date) -> str:
    parts = []
    if hold.date:
        words = formats.day_in_words(hold.date, today)
        parts.append(words if hold.kind == "promise" else f"until {words}")
    by = f"set by {hold.created_by} " if hold.created_by else "set "
    created = formats.day_in_words(hold.created_at.date(), today)
    near = created if created in {"today", "yesterday"} else f"on {created}"
    parts.append(f"{by}{near}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _after(page: InvoicePage, today: date) -> str:
    """What comes once the reason has gone, as far as it is known."""
    planned = [one for one in page.steps if one.planned is not None]
    if not planned:
        return ""
    following = planned[0]
    name = following.step.template or following.step.id
    return f"{name} is the next step, {_on(following.planned, today)} at the earliest."


def _on(day: date | None, today: date) -> str:
    if day is None:
        return "later"
    words = formats.day_in_words(day, today)
    return words if words in {"today", "tomorrow"} else f"on {formats.weekday(day)}"
