"""Calls from the books that something changed: hints where to look, and never more.

Whoever knows an organisation's address can make Dunright read one record, or ask for a sync once a minute; what a call
says is not believed, and polling stays the truth. The same call twice is one hint, and old news is none.
"""

import hashlib
import secrets
import string
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from dunright.connectors.zoho_books.webhooks import Told, signature_holds, told
from dunright.models import (
    Connection,
    Customer,
    HeardCall,
    Hint,
    Invoice,
    Organisation,
    Role,
    SourceHook,
    SyncRun,
    User,
)
from dunright.queries.local_time import local_date
from dunright.remote.errors import RateLimited, RemoteError
from dunright.services import budgets, connections, outlook, sync, sync_details, timeline, work
from dunright.services.permissions import require

log = structlog.get_logger("dunright.hooks")

MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 120
"""Calls that are looked at; further ones are turned away."""
MOST_WAITING = 30
"""Records that wait to be read one by one; a sync reads more of them for fewer calls."""
KEPT = timedelta(days=7)
"""So long calls are known again; what changed before is known from syncs."""
LONGEST_BODY = 1024 * 1024
OUR_FAULT = "Dunright stumbled over this; the next sync reads what changed."
_KEY_LETTERS = string.ascii_letters + string.digits


class Call(NamedTuple):
    """A call, as it came."""

    body: bytes
    content_type: str = ""
    query: str = ""
    signature: str = ""


def turn_on(organisation: Organisation, *, by: User | None, now: datetime) -> SourceHook:
    """Make an address that the books can call; a new one where there was one, and the old stops working."""
    require(organisation, by, Role.MANAGER)
    secret = secrets.token_urlsafe(32)
    # Zoho takes 12 to 50 letters and digits.
    signing_key = "".join(secrets.choice(_KEY_LETTERS) for _ in range(40))
    with transaction.atomic():
        hook, is_new = SourceHook.objects.update_or_create(
            organisation=organisation,
            defaults={
                "digest": _digest(secret),
                "secret": secret,
                "signing_key": signing_key,
                "made_at": now,
                "made_by": by,
                "heard_at": None,
            },
        )
        sentence = (
            "An address for calls from Zoho Books was made"
            if is_new
            else "The address for calls from Zoho Books was made anew; the old one no longer works"
        )
        timeline.record(organisation, "hook", sentence, at=now, by=by)
    return hook


def turn_off(organisation: Organisation, *, by: User | None, now: datetime) -> bool:
    """Take the address away; false when there was none."""
    require(organisation, by, Role.MANAGER)
    with transaction.atomic():
        gone, _ = SourceHook.objects.filter(organisation=organisation).delete()
        if gone:
            timeline.record(
                organisation, "hook", "The address for calls from Zoho Books was taken away", at=now, by=by
            )
    return bool(gone)


def heard(secret: str, call: Call, *, now: datetime) -> bool:
    """Take a call; false when it is nobody's, signed wrongly, or one too many."""
    hook = SourceHook.objects.filter(digest=_digest(secret)).select_related("organisation").first()
    if hook is None or not _has_room(hook, now=now):
        return False
    if call.signature and not signature_holds(
        call.signature,
        hook.signing_key,
        query=call.query,
        body=call.body,
        content_type=call.content_type,
        now=now,
    ):
        return False
    organisation = hook.organisation
    SourceHook.objects.filter(organisation=organisation, pk=hook.pk).update(heard_at=now)
    said = told(call.body, content_type=call.content_type)
    if _is_news(organisation, said, call, now=now):
        _hint(hook, said, now=now)
    return True


def perform(pk: int, *, now: datetime) -> Hint | None:
    """Follow one hint. None when another worker has it."""
    hint = work.claim(Hint, pk, now=now)
    if hint is None:
        return None
    organisation = hint.organisation
    connection = (
        Connection.objects.filter(organisation=organisation, state="connected")
        .select_related("organisation", "log_in")
        .first()
    )
    try:
        if connection is None:
            work.settle(hint, "done")
        elif hint.what:
            _read(hint, connection, now=now)
        else:
            _sync(hint, now=now)
    except work.LostLease:
        log.warning("hint taken over", hint=hint.pk)
        return None
    except Exception:  # a fault of ours must not leave the hint to its lease, to be run into for ever
        log.exception("hint failed", hint=hint.pk)
        work.settle(hint, "done", last_error=OUR_FAULT)
    return hint


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Forget calls and hints that are long past."""
    HeardCall.objects.filter(organisation=organisation, heard_at__lt=now - KEPT).delete()
    Hint.objects.filter(organisation=organisation, state="done", heard_at__lt=now - KEPT).delete()


def _has_room(hook: SourceHook, *, now: datetime) -> bool:
    """Count the call; whether it is among those of this minute that are looked at."""
    mine = SourceHook.objects.filter(organisation=hook.organisation, pk=hook.pk)
    begun = hook.minute_starts_at
    if begun is None or not -MINUTE < now - begun < MINUTE:
        # Whoever loses the race counts in the minute that the other began.
        fresh = {"minute_starts_at": now, "heard_this_minute": 1}
        if mine.filter(minute_starts_at=begun).update(**fresh):
            return True
    mine.update(heard_this_minute=F("heard_this_minute") + 1)
    return mine.filter(heard_this_minute__lte=MOST_A_MINUTE).exists()


def _is_news(organisation: Organisation, said: Told, call: Call, *, now: datetime) -> bool:
    """Whether a call says what is not known. One without a record is, each time: it may say the same every time."""
    if said.what is None:
        return True
    if said.modified_at is not None:
        if said.modified_at < now - KEPT:
            return False
        model = Invoice if said.what == "invoice" else Customer
        known = model.objects.filter(organisation=organisation, external_id=said.external_id)
        # As old as what is known may still be news: not everything moves the time.
        if known.filter(modified_at__gt=said.modified_at).exists():
            return False
    row, is_new = HeardCall.objects.get_or_create(
        organisation=organisation,
        digest=hashlib.sha256(call.body).hexdigest(),
        defaults={"heard_at": now},
    )
    if is_new:
        return True
    # Without its time the same text may tell of another change: it is the same call only for a minute.
    if said.modified_at is not None or now - row.heard_at < MINUTE:
        return False
    same = HeardCall.objects.filter(organisation=organisation, pk=row.pk, heard_at=row.heard_at)
    return bool(same.update(heard_at=now))


def _hint(hook: SourceHook, said: Told, *, now: datetime) -> None:
    organisation = hook.organisation
    if not Connection.objects.filter(organisation=organisation, state="connected").exists():
        return
    waiting = Hint.objects.filter(organisation=organisation, state="queued").exclude(what="")
    if said.what is None or waiting.count() >= MOST_WAITING:
        earliest = hook.synced_at + MINUTE if hook.synced_at else now
        _wait(organisation, due_at=max(now, earliest), now=now)
    else:
        _wait(organisation, said.what, said.external_id, due_at=now, now=now)


def _wait(
    organisation: Organisation, what: str = "", external_id: str = "", *, due_at: datetime, now: datetime
) -> None:
    """Plan a hint, unless the same waits already."""
    hint, is_new = Hint.objects.get_or_create(
        organisation=organisation,
        what=what,
        external_id=external_id,
        state="queued",
        defaults={"due_at": due_at, "heard_at": now},
    )
    if is_new and due_at <= now:
        work.wake(hint)


def _sync(hint: Hint, *, now: datetime) -> None:
    organisation = hint.organisation
    if SyncRun.objects.filter(organisation=organisation, state="running").exists():
        # It may be past the list that changed: another one is wanted after it.
        try:
            with transaction.atomic():
                work.settle(hint, "queued", due_at=now + MINUTE)
        except IntegrityError:
            # Another call has planned one meanwhile.
            work.settle(hint, "done")
        return
    with transaction.atomic():
        SourceHook.objects.filter(organisation=organisation).update(synced_at=now)
        sync.request(organisation, by=None, now=now)
        work.settle(hint, "done")


def _read(hint: Hint, connection: Connection, *, now: datetime) -> None:
    """Read the record that a call named; what goes wrong is left to the next sync."""
    organisation = hint.organisation
    budget = budgets.SharedBudget(organisation, use=budgets.Use.DETAIL)
    try:
        with connections.open_connector(connection, budget) as connector:
            single = sync_details.Single(
                organisation, connector, today=local_date(organisation, now), now=now
            )
            problems = single.read(hint.what, hint.external_id)
    except RateLimited as error:
        work.settle(hint, "done", last_error=error.sentence)
        return
    except RemoteError as error:
        log.warning("hint failed", hint=hint.pk, error=type(error).__name__)
        work.settle(hint, "done", last_error=error.sentence)
        _wait(organisation, due_at=now + MINUTE, now=now)
        return
    work.settle(hint, "done", last_error=" ".join(problems))
    if customer := _customer_of(hint):
        outlook.refresh(organisation, now=now, customers=[customer])


def _customer_of(hint: Hint) -> int | None:
    named = {"organisation": hint.organisation, "external_id": hint.external_id}
    if hint.what == "invoice":
        return Invoice.objects.filter(**named).values_list("customer_id", flat=True).first()
    return Customer.objects.filter(**named).values_list("pk", flat=True).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
