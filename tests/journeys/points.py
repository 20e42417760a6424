"""The points on a message's way at which a sender can be made to stand still, so that it is killed exactly there.

Each function of POINTS is called in the sender with what makes it stand still; it puts that before, after or into
the one step of the product that it is named after.
"""

from dunright.mail import send
from dunright.models import OutboxMessage
from dunright.services import fresh, outcomes, timeline, work


def _before(owner, name, stand_still, *, when=lambda *_, **__: True):
    step = getattr(owner, name)

    def stepped(*arguments, **named):
        if when(*arguments, **named):
            stand_still()
        return step(*arguments, **named)

    setattr(owner, name, stepped)


def _after(owner, name, stand_still, *, when=lambda *_, **__: True):
    step = getattr(owner, name)

    def stepped(*arguments, **named):
        done = step(*arguments, **named)
        if when(*arguments, **named):
            stand_still()
        return done

    setattr(owner, name, stepped)


def _is_message(model, *_, **__):
    return model is OutboxMessage


def _is_attempt(_job, **progress):
    return "handed_over_at" in progress


def _is_sent(_organisation, kind, *_, **__):
    return kind == "message_sent"


def _is_planned(_organisation, kind, *_, **__):
    return kind == "message_planned"


def _half_way(stand_still):
    def half(_connection, smtp, block):
        smtp.sock.sendall(block[: len(block) // 2])
        stand_still()

    send.SmtpConnection._final_reply = half


POINTS = {
    "planned, not committed": lambda stop: _after(timeline, "record", stop, when=_is_planned),
    "before the claim": lambda stop: _before(work, "claim", stop, when=_is_message),
    "after the claim": lambda stop: _after(work, "claim", stop, when=_is_message),
    "with the books read again": lambda stop: _after(fresh, "look", stop),
    "at 354, before the attempt": lambda stop: _before(work, "keep", stop, when=_is_attempt),
    "after the attempt, before the first byte": lambda stop: _after(work, "keep", stop, when=_is_attempt),
    "half of the content out": _half_way,
    "at 250, before the result": lambda stop: _before(outcomes, "sent", stop),
    "the result written, not committed": lambda stop: _after(timeline, "record", stop, when=_is_sent),
    "after the result": lambda stop: _after(outcomes, "sent", stop),
}
