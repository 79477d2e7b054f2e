"""Opens a case: reads the paste, the ticket and the files, and puts what is on record of the account beside them."""

import hashlib
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.problems import InvalidArguments
from app.domain.records import Ticket
from tools.troubleshoot.arguments import TroubleshootArgs
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.artifact import Reading
from tools.troubleshoot.known import known
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.reading.prose import read_statement
from tools.troubleshoot.reading.text import read_text

MARK_LENGTH = 10
"""Hexadecimal digits of the hash that marks a case's figures."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case, and what it was read from; `ticket` is the one on record that was named."""

    case: Case
    readings: tuple[Reading, ...]
    ticket: Ticket | None = None


def opened(ctx: Context, args: TroubleshootArgs) -> Opened:
    """The case of what was given.

    Raises:
        InvalidArguments: the ticket is not on record (`ticket_not_found`).
    """
    parameters, account = ctx.parameters, ctx.account.account if ctx.account else None
    if not isinstance(parameters, TroubleshootParameters):
        raise TypeError("/troubleshoot needs its own parameters in its context")
    if account is not None:
        parameters = parameters.for_account(account.segment, account.lifecycle)
    ticket = _ticket(ctx, args)
    readings = _readings(ctx, args, ticket)
    artifacts = tuple(artifact for reading in readings for artifact in reading.artifacts)
    case = Case(
        now=ctx.now,
        as_of=ctx.as_of,
        artifacts=artifacts,
        statement=read_statement(artifacts),
        parameters=parameters,
        known=known(ctx),
        mark=_mark(readings),
    )
    return Opened(case, readings, ticket)


def _readings(ctx: Context, args: TroubleshootArgs, ticket: Ticket | None) -> tuple[Reading, ...]:
    """The message, then the ticket, then the files."""
    read = [read_text(args.text)] if args.text else []
    if ticket is not None:
        said = "\n\n".join(part for part in (ticket.subject, ticket.body) if part)
        read.append(read_text(said, f"ticket {ticket.id}"))
    return (*read, *(each for each in ctx.attachments if isinstance(each, Reading)))


def _ticket(ctx: Context, args: TroubleshootArgs) -> Ticket | None:
    if args.ticket is None:
        return None
    tickets = ctx.account.tickets if ctx.account else ()
    wanted = args.ticket.lstrip("#").casefold()
    found = next((ticket for ticket in tickets if ticket.id.casefold() == wanted), None)
    if found is None:
        whose = f"of {ctx.account.account.name} " if ctx.account else ""
        raise InvalidArguments(
            f"No ticket {whose}has that id. Give the id of a ticket on record, or paste its text.",
            code="ticket_not_found",
        )
    return found


def _mark(readings: tuple[Reading, ...]) -> str:
    """The same artifacts make the same figures."""
    whole = "\n".join(reading.sha256 for reading in readings)
    return hashlib.sha256(whole.encode()).hexdigest()[:MARK_LENGTH]
