"""A message on its way as it would leave now, in its own words or in words a person is trying out. Writes nothing."""

from dataclasses import dataclass
from datetime import datetime

from dunright.domain.messages import Form
from dunright.domain.other_mail import OTHER_KINDS
from dunright.domain.wording.liquid_text import TextFault
from dunright.domain.wording.render import CannotRender, MissingValue, Rendered
from dunright.domain.wording.texts import LetterText, TextKind
from dunright.models import OutboxMessage
from dunright.queries.facts import surroundings
from dunright.queries.local_time import local_date
from dunright.queries.next_steps import as_if_running
from dunright.services import attachments, last_check
from dunright.services.coming import Foreseen
from dunright.services.letters import Writer


@dataclass(frozen=True, slots=True)
class Preview:
    """Either `rendered` stands, or `stop` says why nothing would leave."""

    rendered: Rendered | None = None
    stop: str = ""
    """Reason codes separated by commas, or a sentence."""
    files: tuple[str, ...] = ()


def as_it_leaves(message: OutboxMessage, *, subject: str, body: str, now: datetime) -> Preview:
    """The message in these words, with the amounts and dates of the mirror as it stands."""
    organisation = message.organisation
    around = as_if_running(surroundings(organisation, now=now, is_fresh=True))
    day = max(message.run_date, local_date(organisation, now))
    writer = Writer(organisation, [message.customer_id], around=around, today=day)
    draft = last_check.ask(message, writer, around)
    if isinstance(draft, last_check.Stop):
        return Preview(stop=draft.reason)
    form: Form = "multi" if message.form == "multi" else "single"
    kind: TextKind = next((one for one in OTHER_KINDS if one == message.kind), "reminder")
    text = LetterText(subject, body, form, kind, name="edited by hand")
    try:
        rendered = writer.write(draft, attachments=writer.attachments(draft), text=text)
    except (CannotRender, MissingValue, TextFault) as error:
        return Preview(stop=str(error))
    return Preview(rendered, files=attachments.names(draft, day=day))


def before_its_run(foreseen: Foreseen, *, subject: str = "", body: str = "") -> Preview:
    """A message that a coming run would plan, as it would leave that day; in these words, else in its own."""
    draft, writer = foreseen.draft, foreseen.writer
    text = LetterText(subject, body, draft.form, name="edited by hand") if body else foreseen.own_words
    try:
        rendered = writer.write(draft, attachments=writer.attachments(draft), text=text)
    except (CannotRender, MissingValue, TextFault) as error:
        return Preview(stop=str(error))
    return Preview(rendered, files=attachments.names(draft, day=foreseen.run.date))
