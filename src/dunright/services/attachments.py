"""Files that go with a reminder: the invoices' own PDFs from the books, as the step asks."""

from contextlib import closing
from typing import NamedTuple

from dunright.connectors.base import Ability
from dunright.domain.chasing import Draft
from dunright.domain.wording.letter_facts import Attachment as Kind
from dunright.mail.compose import Attachment
from dunright.models import Connection
from dunright.remote.errors import BadData, NotFound
from dunright.services import budgets, connections
from dunright.services.letters import Writer

MOST_PDFS = 10
"""More invoices than this: the table in the letter says it better than a pile of files."""


class Files(NamedTuple):
    parts: list[Attachment]
    kinds: list[Kind]
    """What the letter may say is attached."""


def names(draft: Draft) -> tuple[str, ...]:
    """The files that would go with a draft, as far as the books give them."""
    if "invoice_pdf" not in draft.step.attachments or len(draft.lines) > MOST_PDFS:
        return ()
    return tuple(f"{line.invoice.number}.pdf" for line in draft.lines)


def collect(connection: Connection, draft: Draft, writer: Writer) -> Files:
    """Fetch what the leading step attaches. A file the books do not give is left out, and the letter does not claim it.

    Raises RemoteError when the books cannot be read now.
    """
    files = Files([], [])
    if "invoice_pdf" not in draft.step.attachments or len(draft.lines) > MOST_PDFS:
        return files
    budget = budgets.SharedBudget(connection.organisation)
    with closing(connections.open_connector(connection, budget)) as connector:
        if Ability.PDFS not in connector.abilities:
            return files
        for line in draft.lines:
            try:
                content = connector.invoice_pdf(writer.invoice(line.invoice).external_id)
            except (NotFound, BadData):
                continue
            files.parts.append(Attachment(f"{line.invoice.number}.pdf", "application/pdf", content))
    if len(files.parts) == len(draft.lines):
        files.kinds.append("invoice_pdf")
    return files
