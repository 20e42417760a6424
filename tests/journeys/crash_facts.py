"""What came of it, as facts that can be counted: what is there too often is double, what is missing is lost."""

from collections import Counter
from typing import NamedTuple

from dunright.models import (
    ChaseRun,
    ConsumedStep,
    Customer,
    CustomerTotal,
    Invoice,
    LogIn,
    Notice,
    OtherMailRun,
    OutboxLine,
    OutboxMessage,
    Payment,
    SpentAddress,
    SyncMark,
    SyncRun,
    TimelineEntry,
    ToDo,
)

UNDER_WAY = {"claimed", "running", "retrying", "held", "queued", "planned", "approved"}


class Verdict(NamedTuple):
    """What is wrong after a crash: sentences of each kind."""

    double: list
    lost: list
    stuck: list

    @property
    def is_good(self):
        return not any(self)


def facts():
    """Everything that matters, each with how often it is there."""
    return _messages() + _what_is_told() + _runs() + _mirror()


def _messages():
    found = Counter()
    for one in OutboxMessage.objects.all():
        found["message", one.customer_id, str(one.run_date), one.slot, one.state] += 1
    for line in OutboxLine.objects.select_related("message"):
        found["line", line.message.customer_id, line.invoice_id, line.step, str(line.balance)] += 1
    for one in ConsumedStep.objects.all():
        found["step", one.invoice_id, one.schedule_name, one.step] += one.times_sent
    for one in SpentAddress.objects.all():
        found["spent", str(one.day), one.address_key] += 1
    return found


def _what_is_told():
    found = Counter()
    for one in TimelineEntry.objects.all():
        found["timeline", one.kind, one.customer_id, one.invoice_id, one.sentence] += 1
    for one in ToDo.objects.all():
        found["to-do", one.kind, one.subject, one.closed_at is None] += 1
    for one in Notice.objects.all():
        found["notice", one.user_id, one.kind, one.about.partition(":")[0], one.state] += 1
    return found


def _runs():
    found = Counter()
    for one in ChaseRun.objects.all():
        found["run", str(one.local_date), one.state, one.message_count, one.decided_count, one.outcome] += 1
        found["problems of runs", str(one.problems)] += 1
    for model in (SyncRun, OtherMailRun):
        for one in model.objects.exclude(state="done"):
            found["open job", model.__name__, one.state] += 1
    for one in LogIn.objects.all():
        found["log-in", one.lease_token, one.dead_at is None, bool(one.access_token)] += 1
    return found


def _mirror():
    found = Counter()
    for one in Customer.objects.all():
        found["customer", one.external_id, one.name, str(one.last_message_date), str(one.last_run_date)] += 1
    for one in CustomerTotal.objects.select_related("customer"):
        found["total", one.customer.external_id, one.currency, str(one.outstanding), str(one.overdue)] += 1
    for one in Invoice.objects.all():
        found["invoice", one.external_id, one.status, str(one.balance), str(one.last_listed_date)] += 1
    for one in Payment.objects.all():
        found["payment", one.external_id, str(one.amount)] += 1
    for one in SyncMark.objects.all():
        found["mark", one.resource, str(one.watermark)] += 1
    return found


def verdict(expected, copies, *, must_send, may_be_uncertain):
    """Compare with what comes of it when nothing breaks.

    `must_send`: Message-IDs that are sent then; `may_be_uncertain`: whether the content of one had begun.
    """
    found = facts()
    messages = list(OutboxMessage.objects.filter(state="uncertain"))
    notices = list(Notice.objects.filter(state="uncertain"))
    wanted = _with_uncertain(expected, messages, notices)
    uncertain = [*messages, *notices]
    double = [f"{count} copies of {name}" for name, count in copies.items() if count > 1]
    lost = [f"marked as sent, never arrived: {name}" for name in _not_arrived(copies, must_send)]
    stuck = []
    if uncertain and not (may_be_uncertain and len(uncertain) == 1):
        lost.append(f"uncertain without a reason: {[one.pk for one in uncertain]}")
    for fact, count in (found - wanted).items():
        (stuck if UNDER_WAY & set(map(str, fact)) else double).append(f"{count} too many: {fact}")
    for fact, count in (wanted - found).items():
        lost.append(f"{count} too few: {fact}")
    return Verdict(double, lost, stuck)


def _not_arrived(copies, must_send):
    unsure = set(OutboxMessage.objects.filter(state="uncertain").values_list("message_id", flat=True))
    unsure |= set(Notice.objects.filter(state="uncertain").values_list("message_id", flat=True))
    return [name for name in must_send if name.strip("<>") not in copies and name not in unsure]


def _with_uncertain(expected, messages, notices):
    """What is expected where nobody can know of some messages whether they arrived."""
    wanted = expected.copy()
    for notice in notices:
        fact = "notice", notice.user_id, notice.kind, notice.about.partition(":")[0]
        wanted[(*fact, "sent")] -= 1
        wanted[(*fact, "uncertain")] += 1
    for message in messages:
        wanted["message", message.customer_id, str(message.run_date), message.slot, "sent"] -= 1
        wanted["message", message.customer_id, str(message.run_date), message.slot, "uncertain"] += 1
        wanted["to-do", "uncertain", f"message:{message.pk}", True] += 1
        for fact in list(wanted):
            is_sent = fact[0] == "timeline" and fact[1] == "message_sent" and fact[2] == message.customer_id
            is_step = fact[0] == "step" and fact[1] in _listed(message)
            if is_sent or is_step:
                del wanted[fact]
        for invoice in Invoice.objects.filter(pk__in=_listed(message)):
            _replace(wanted, "invoice", invoice.external_id, str(invoice.last_listed_date))
        customer = message.customer
        for fact in [one for one in wanted if one[:2] == ("customer", customer.external_id)]:
            wanted[(*fact[:3], str(customer.last_message_date), fact[4])] = wanted.pop(fact)
        wanted["timeline", "message_uncertain", message.customer_id, None, "Fate unknown"] += 1
    return +wanted


def _listed(message):
    return set(message.lines.values_list("invoice_id", flat=True))


def _replace(wanted, kind, external_id, last_listed):
    for fact in [one for one in wanted if one[:2] == (kind, external_id)]:
        wanted[(*fact[:4], last_listed)] = wanted.pop(fact)


def uncertain():
    """How many messages and notices are uncertain now."""
    return (
        OutboxMessage.objects.filter(state="uncertain").count()
        + Notice.objects.filter(state="uncertain").count()
    )
