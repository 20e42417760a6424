"""What a mail to the people of an organisation says: a few plain sentences, and where to go.

Written when it leaves, so that numbers are those of the moment. Where Dunright's address works on its own machine
only, a link would lead nowhere: the mail says what to do instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from dunright.domain.explain import reason_words
from dunright.domain.money import amount_text
from dunright.domain.reasons import LEVELS
from dunright.domain.volume import LOOKED_AT, usual
from dunright.mail.compose import one_line
from dunright.mail.server import is_loopback
from dunright.models import (
    ChaseRun,
    Connection,
    MessageState,
    Notice,
    NoticeKind,
    Organisation,
    OutboxMessage,
)

PAGES: Final = {
    NoticeKind.BATCH_WAITS: ("Upcoming", "o/{id}/upcoming/"),
    NoticeKind.CONNECTION_LOST: ("Connect", "o/{id}/connect/"),
    NoticeKind.RUN_MISSED: ("Sync status", "o/{id}/sync/"),
    NoticeKind.RUN_LAPSED: ("Sent", "o/{id}/sent/"),
    NoticeKind.NOT_LEFT: ("Upcoming", "o/{id}/upcoming/"),
    NoticeKind.UNUSUAL_VOLUME: ("Upcoming", "o/{id}/upcoming/"),
}
"""Kind -> (what the page is called, its address below the base URL)."""


@dataclass(frozen=True, slots=True)
class NoticeText:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    sentences: tuple[str, ...]
    invitation: str
    """What the link is for, ending before it."""
    because: str


def write(notice: Notice) -> NoticeText | None:
    """The mail for the state of this moment; None when it is no longer needed."""
    words = _WRITERS[NoticeKind(notice.kind)](notice)
    if words is None:
        return None
    first_name = one_line(notice.user.name).split(" ")[0]
    greeting = f"Hello {first_name}," if first_name else "Hello,"
    address = link(notice)
    page = PAGES[NoticeKind(notice.kind)][0]
    company = one_line(notice.organisation.name)
    where = (
        f"{words.invitation}: {address}"
        if address
        else f"{words.invitation}: open Dunright on the machine it runs on, choose {company}, then {page}."
    )
    support = settings.CONFIGURATION.support_email
    footer = f"You get this mail because you {words.because} of {company}."
    said = " ".join(words.sentences)
    paragraphs = [greeting, said, where, footer, *([f"Help: {support}"] if support else [])]
    return NoticeText(
        subject=one_line(words.subject), text="\n\n".join(paragraphs) + "\n", html=_html(paragraphs, address)
    )


def link(notice: Notice) -> str:
    """Address of the page that the mail is about; empty while Dunright's address works on its own machine only."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    if is_loopback(host):
        return ""
    return f"{settings.BASE_URL}/{PAGES[NoticeKind(notice.kind)][1].format(id=notice.organisation_id)}"


def _batch_waits(notice: Notice) -> _Words | None:
    waiting = list(
        OutboxMessage.objects.filter(
            organisation=notice.organisation, run=notice.run, state=MessageState.PENDING
        ).only("totals")
    )
    if not waiting:
        return None
    count = len(waiting)
    company = one_line(notice.organisation.name)
    one = count == 1
    return _Words(
        subject=f"{_counted(count)} for your approval – {company}",
        sentences=(
            f"{_counted(count)} for approval, over {_sums(waiting)} in all.",
            f"{'It leaves' if one else 'They leave'} only when somebody approves {'it' if one else 'them'}.",
            "What is not approved by the next run gives way to what is due then.",
        ),
        invitation="Read and approve " + ("it" if one else "them"),
        because="may approve the reminders",
    )


def _connection_lost(notice: Notice) -> _Words | None:
    connection = Connection.objects.filter(organisation=notice.organisation).first()
    if connection is None or connection.state == "connected" or connection.reason == "by_person":
        return None
    company = one_line(notice.organisation.name)
    return _Words(
        subject=f"Zoho Books must be connected again – {company}",
        sentences=(
            f"Dunright can no longer read the books of {company}. {one_line(connection.sentence)}".strip(),
            "Until they are connected again no reminder leaves, and nothing piles up meanwhile.",
        ),
        invitation="Connect again",
        because="may connect the books",
    )


def _run_missed(notice: Notice) -> _Words | None:
    run, company = _run_of(notice), one_line(notice.organisation.name)
    day = _day(run.local_date)
    reason = (
        "Dunright was not running at its time."
        if run.outcome == "missed"
        else "The books could not be read for a day, and reminders on old figures are never sent."
    )
    return _Words(
        subject=f"No reminders on {day} – {company}",
        sentences=(f"No reminders were planned on {day}. {reason}", "The next run makes up for it."),
        invitation="See what is wrong",
        because="look after the reminders",
    )


def _run_lapsed(notice: Notice) -> _Words | None:
    run, company = _run_of(notice), one_line(notice.organisation.name)
    of_run = OutboxMessage.objects.filter(organisation=notice.organisation, run=run)
    lapsed = of_run.filter(state=MessageState.LAPSED)
    if of_run.exclude(state__in=_NEVER_LEFT).exists() or not (count := lapsed.count()):
        return None
    day = _day(run.local_date)
    reason = one_line(lapsed.order_by("pk").values_list("reason", flat=True)[0])
    return _Words(
        subject=f"No reminder left on {day} – {company}",
        sentences=(
            f"None of the reminders of {day} could leave ({count} lapsed at the end of the day).",
            f"The reason: {reason.rstrip('.')}.",
            "The next run decides afresh; no customer was written to.",
        ),
        invitation="See them",
        because="look after the reminders",
    )


def _not_left(notice: Notice) -> _Words | None:
    run, company = _run_of(notice), one_line(notice.organisation.name)
    late = OutboxMessage.objects.filter(
        late_ones(notice.planned_at), organisation=notice.organisation, run=run
    )
    if notice.organisation.is_paused or not (count := late.count()):
        return None
    reason = late.exclude(reason="").order_by("pk").values_list("reason", flat=True).first()
    should = (
        "1 reminder that should have left is"
        if count == 1
        else f"{count} reminders that should have left are"
    )
    why = _reason_in_words(reason) if reason else "no worker took them up; see whether Dunright's worker runs"
    return _Words(
        subject=f"Reminders of {_day(run.local_date)} have not left – {company}",
        sentences=(
            f"{should} still here.",
            f"The reason: {why.rstrip('.')}.",
            "They are tried again until the end of the day; what has not left by then the next run decides afresh.",
        ),
        invitation="See what holds them",
        because="look after the reminders",
    )


def late_ones(now: datetime) -> Q:
    """Messages whose time has come, and which have not left."""
    ready = Q(state__in=(MessageState.PLANNED, MessageState.APPROVED, MessageState.HELD))
    return (ready & Q(due_at__lte=now + _A_WHILE)) | Q(state=MessageState.RETRYING)


def _unusual_volume(notice: Notice) -> _Words | None:
    run, company = _run_of(notice), one_line(notice.organisation.name)
    of_run = OutboxMessage.objects.filter(organisation=notice.organisation, run=run)
    leaving = list(of_run.filter(state__in=(*_STILL_HERE, MessageState.CLAIMED)).only("totals"))
    if not leaving:
        return None
    earlier = ChaseRun.objects.filter(
        organisation=notice.organisation, local_date__lt=run.local_date, part=0, state="done", outcome=""
    ).order_by("-local_date")
    as_a_rule = usual(list(earlier.values_list("message_count", flat=True)[:LOOKED_AT]))
    return _Words(
        subject=f"Far more reminders than usual are about to leave – {company}",
        sentences=(
            f"The run of {_day(run.local_date)} lets {_reminders(len(leaving))} or more leave,",
            f"over {_sums(leaving)} in all.",
            *([f"As a rule a run plans {as_a_rule:.0f}."] if as_a_rule is not None else []),
            "If that is right, nothing is to be done. If not, choose “Stop everything now”:",
            "what has not left stays, and is read by a person before it may leave.",
        ),
        invitation="Look at them",
        because="may stop the reminders",
    )


def _reason_in_words(reason: str) -> str:
    """A reason code as the second half of a sentence; a sentence as it is."""
    known = next((code for code in LEVELS if code == reason), None)
    return reason_words(known) if known else one_line(reason)


def _reminders(count: int) -> str:
    return "1 reminder" if count == 1 else f"{count} reminders"


_A_WHILE: Final = timedelta(minutes=5)
"""Longer than a message that is held waits until it is tried again."""
_STILL_HERE: Final = (
    MessageState.PLANNED,
    MessageState.APPROVED,
    MessageState.HELD,
    MessageState.RETRYING,
)
_NEVER_LEFT: Final = (MessageState.LAPSED, MessageState.CANCELLED, MessageState.SUPERSEDED)
_WRITERS: Final = {
    NoticeKind.BATCH_WAITS: _batch_waits,
    NoticeKind.CONNECTION_LOST: _connection_lost,
    NoticeKind.RUN_MISSED: _run_missed,
    NoticeKind.RUN_LAPSED: _run_lapsed,
    NoticeKind.NOT_LEFT: _not_left,
    NoticeKind.UNUSUAL_VOLUME: _unusual_volume,
}


def sender_address(organisation: Organisation) -> str:
    """The address that reminders leave from: the one that the mail server is known to take."""
    sender = organisation.sender_set.filter(is_active=True, level="normal").first()
    return sender.email if sender is not None else ""


def _run_of(notice: Notice) -> ChaseRun:
    assert notice.run is not None, "a notice about a run is planned with it"
    return notice.run


def _counted(count: int) -> str:
    return "1 reminder waits" if count == 1 else f"{count} reminders wait"


def _sums(messages: Sequence[OutboxMessage]) -> str:
    """What the messages list, by currency, never added across currencies (R11)."""
    sums: dict[str, Decimal] = {}
    for message in messages:
        for currency, amount in message.totals.items():
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    texts = [f"{one} {Decimal(amount_text(amount, one)):,}" for one, amount in sorted(sums.items())]
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _html(paragraphs: Sequence[str], address: str) -> str:
    body = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    if address:
        shown = escape(address)
        body = body.replace(f": {shown}</p>", f':<br><a href="{shown}">{shown}</a></p>', 1)
    return f'<div style="font-family: sans-serif; font-size: 15px; line-height: 1.5">{body}</div>'
