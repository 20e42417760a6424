"""All work that is due now, done in this process: for cron, tests and small hosts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import structlog

from dunright.models import (
    ChaseRun,
    Hint,
    MessageState,
    Notice,
    NoticeState,
    Organisation,
    OtherMailRun,
    OutboxMessage,
    Proof,
    SourceWrite,
    SyncRun,
    WriteState,
)
from dunright.services import (
    chasing,
    daily,
    hooks,
    notices,
    other_mail_runs,
    sending,
    sync,
    verify,
    work,
    write_back,
)

log = structlog.get_logger("dunright.due")

ROUNDS = 20
"""Work makes work (a sync lets a run begin, a run plans messages): so many times at most in one call."""


class Done(NamedTuple):
    """What a call did."""

    syncs: int
    runs: int
    messages: Counter[str]
    """State -> messages that came into it."""
    problems: list[str]


def run_due(*, now: datetime) -> Done:
    """Do everything that is due at `now`, once. Safe at any frequency, beside any workers."""
    done = Done(0, 0, Counter(), [])
    sending.sweep(now=now)
    for organisation in Organisation.objects.order_by("pk"):
        with _apart(f"{organisation.name} could not be looked after", done.problems):
            daily.look_after(organisation, now=now)
    with sending.Post() as post:
        tried: set[tuple[str, int]] = set()
        for _ in range(ROUNDS):
            round_of_work = _one_round(now, post, tried, done)
            if round_of_work == done:
                return done
            done = round_of_work
    return done


def _one_round(now: datetime, post: sending.Post, tried: set[tuple[str, int]], done: Done) -> Done:
    """Take each due row once in a call: what is put off waits for the next call."""
    syncs, runs, messages, problems = done.syncs, done.runs, done.messages.copy(), list(done.problems)
    _follow_hints(now, tried, problems)
    for pk in _new(tried, "sync", work.due(SyncRun, now=now)):
        with _apart(f"Sync {pk} could not be done", problems):
            if (run := sync.perform(pk, now=now)) is not None:
                syncs += 1
                problems += [one for one in run.problems if one not in problems]
    _verify(now, tried, problems)
    for pk in _new(tried, "chase", work.due(ChaseRun, now=now)):
        with _apart(f"Chase run {pk} could not be done", problems):
            if (chase := chasing.perform(pk, now=now)) is not None:
                runs += 1
                problems += [one for one in chase.problems if one not in problems]
    problems += [one for one in _plan_other_mail(now, tried) if one not in problems]
    # Before the messages: a warning of far more than usual must not come after them.
    for pk in _new(tried, "notice", work.due(Notice, now=now)):
        with _apart(f"Notice {pk} could not be mailed", problems):
            notice = notices.send(pk, now=now, connection=post.connection)
            if notice is not None and notice.state in {NoticeState.FAILED, NoticeState.REFUSED}:
                problems.append(f"A mail to {notice.user.email} is {notice.state}: {notice.reason}")
    for pk in _new(tried, "send", work.due(OutboxMessage, now=now)):
        if (message := sending.send(pk, now=now, post=post)) is not None:
            messages[message.state] += 1
            if message.state in {MessageState.FAILED, MessageState.REFUSED, MessageState.UNCERTAIN}:
                problems.append(f"Message {message.pk} is {message.state}: {message.reason}")
    _write_back(now, tried, problems)
    return Done(syncs, runs, messages, problems)


def _write_back(now: datetime, tried: set[tuple[str, int]], problems: list[str]) -> None:
    """Tell the books, after the messages: no message waits for it."""
    for pk in _new(tried, "write_back", work.due(SourceWrite, now=now)):
        with _apart(f"Write {pk} to the books could not be done", problems):
            write = write_back.perform(pk, now=now)
            if write is not None and write.state == WriteState.FAILED:
                problems.append(f"The books could not be told: {write.reason}")


def _follow_hints(now: datetime, tried: set[tuple[str, int]], problems: list[str]) -> None:
    """Look where the books point, before the syncs: a hint may ask for one."""
    for pk in _new(tried, "hint", work.due(Hint, now=now)):
        with _apart(f"Hint {pk} of the books could not be followed", problems):
            hooks.perform(pk, now=now)


def _verify(now: datetime, tried: set[tuple[str, int]], problems: list[str]) -> None:
    """Compare mirrors with their books, before anybody is chased by them."""
    for pk in _new(tried, "verify", work.due(Proof, now=now)):
        with _apart(f"Check {pk} against the books could not be done", problems):
            verify.perform(pk, now=now)


@contextmanager
def _apart(failed: str, problems: list[str]) -> Iterator[None]:
    """An unexpected error of one piece of work is told, and stops no other (section 6.5)."""
    try:
        yield
    except Exception as error:  # the row is the job: it is found again when its lease runs out
        log.exception("work failed", what=failed)
        problems.append(f"{failed} ({type(error).__name__}); the log says more.")


def _plan_other_mail(now: datetime, tried: set[tuple[str, int]]) -> list[str]:
    """Thank-yous and statements; the problems there were."""
    problems: list[str] = []
    for pk in _new(tried, "other_mail", work.due(OtherMailRun, now=now)):
        with _apart(f"Thank-yous or statements of run {pk} could not be planned", problems):
            if (run := other_mail_runs.perform(pk, now=now)) is not None:
                problems += run.problems
    return problems


def _new(tried: set[tuple[str, int]], label: str, pks: list[int]) -> list[int]:
    fresh = [pk for pk in pks if (label, pk) not in tried]
    tried.update((label, pk) for pk in fresh)
    return fresh
