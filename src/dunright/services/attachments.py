"""Files that go with a message: the invoices' own PDFs from the books and the statement, as the step asks."""

from contextlib import closing
from datetime import date
from typing import NamedTuple

from dunright.connectors.base import Ability
from dunright.domain.chasing import Draft
from dunright.domain.wording.letter_facts import Attachment as Kind
from dunright.mail.compose import Attachment
from dunright.models import Connection
from dunright.pdf.statement import statement_pdf
from dunright.queries.statements import statement_of
from dunright.remote.errors import BadData, NotFound
from dunright.services import budgets, connections
from dunright.services.letters import Writer

MOST_PDFS = 10
"""More invoices than this: the table in the letter says it better than a pile of files."""
PDF = "application/pdf"


class Files(NamedTuple):
    parts: list[Attachment]
    kinds: list[Kind]
    """What the letter may say is attached."""


def names(draft: Draft, *, day: date) -> tuple[str, ...]:
    """The files that would go with a draft on a day, as far as the books give them."""
    found: list[str] = []
    if _takes_invoices(draft):
        found += [f"{line.invoice.number}.pdf" for line in draft.lines]
    if "statement" in draft.step.attachments:
        found.append(_statement_name(day))
    return tuple(found)


def collect(connection: Connection, draft: Draft, writer: Writer) -> Files:
    """Gather what the leading step attaches. A file the books do not give is left out, and the letter claims it not.

    Raises RemoteError when the books cannot be read now.
    """
    files = Files([], [])
    if _takes_invoices(draft):
        _collect_invoices(files, connection, draft, writer)
    if "statement" in draft.step.attachments:
        files.parts.append(_statement(draft, writer))
        files.kinds.append("statement")
    return files


def _takes_invoices(draft: Draft) -> bool:
    return "invoice_pdf" in draft.step.attachments and len(draft.lines) <= MOST_PDFS


def _collect_invoices(files: Files, connection: Connection, draft: Draft, writer: Writer) -> None:
    budget = budgets.SharedBudget(connection.organisation, use=budgets.Use.LOOK)
    with closing(connections.open_connector(connection, budget)) as connector:
        if Ability.PDFS not in connector.abilities:
            return
        for line in draft.lines:
            try:
                content = connector.invoice_pdf(writer.invoice(line.invoice).external_id)
            except (NotFound, BadData):
                continue
            files.parts.append(Attachment(f"{line.invoice.number}.pdf", PDF, content))
    if len(files.parts) == len(draft.lines):
        files.kinds.append("invoice_pdf")


def _statement(draft: Draft, writer: Writer) -> Attachment:
    """The customer's statement as of the day the letter leaves: everything open, listed in the letter or not."""
    document = statement_of(writer.organisation, writer.customer(draft), day=writer.today, today=writer.today)
    return Attachment(_statement_name(writer.today), PDF, statement_pdf(document))


def _statement_name(day: date) -> str:
    return f"Statement {day}.pdf"
