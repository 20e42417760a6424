"""From a draft and its words to the columns of a new row of the outbox: the same for every kind of message."""

from typing import Any

from dunright.domain.chasing import Draft
from dunright.domain.wording.render import Rendered
from dunright.mail.compose import new_message_id
from dunright.models import ScheduleVersion, Sender
from dunright.services import outbox
from dunright.services.letters import Writer


def columns(
    draft: Draft, rendered: Rendered, writer: Writer, sender: Sender, *, token: str
) -> dict[str, Any]:
    """What follows from the draft: who, what, in which words; `token` makes the Message-ID, which never changes."""
    return {
        **outbox.described(draft),
        "message_id": new_message_id(sender.email.rpartition("@")[2], token),
        "template_version_id": writer.text_of(draft)[1],
        "settings_version": writer.organisation.settings_version,
        "sender": sender,
        "subject": rendered.subject,
        "html": rendered.html,
        "text": rendered.text,
    }


def of_reminder(draft: Draft, writer: Writer) -> dict[str, Any]:
    """What reminders have beside that: the letter they follow on, and the schedule in force."""
    earlier = writer.earlier(draft)
    versions = ScheduleVersion.objects.filter(organisation=writer.organisation, schedule__name=draft.schedule)
    return {
        "in_reply_to": earlier.message_id if earlier else "",
        "schedule_version": versions.order_by("-number").first(),
    }
