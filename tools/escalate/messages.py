"""The messages of an escalation: the customer's, from what may be told, and the colleagues', with everything."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.authority import Found
from app.domain.blocks import Block, Column, Draft, DraftField, Heading, Table
from app.domain.command import Context
from app.domain.directory import AccountName
from app.domain.disclosure import Unsaid, directory_of, name_parts, sentences
from app.domain.figures import Figure, text
from app.domain.word_rules import Words
from tools.escalate.clocks import next_update, severity_of
from tools.escalate.customer_words import Sifted, sift
from tools.escalate.parameters import EscalateParameters
from tools.escalate.register import Entry, age_figure, age_text, arr_figure, moment
from tools.escalate.statement import clip
from tools.escalate.words import reader_of

TIMELINE = "engineering_timeline"
"""The kind of action that it is to pass on a time which engineering gave."""

LONGEST_CAUSE = 300
"""Characters of the sentence that names a cause."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the customer, and what was left out of ours."""

    subject: str
    body: str
    sifted: Sifted


def progress(
    ctx: Context, entry: Entry, said: str, parameters: EscalateParameters, *, reopened: bool = False
) -> Message:
    """Impact first, then what is known, what happens next, and when the customer hears again.

    That nothing is new is told only where we said so, not where all we said is left out.
    """
    rules, sifted = parameters.to_customer, _sifted(ctx, entry, said, parameters)
    parts = [_acknowledged(entry, parameters)]
    if reopened:
        parts.append(rules.reopened)
    if says_nothing(said, parameters):
        parts.append(rules.nothing_new)
    elif sifted.kept:
        parts.append("\n".join(sifted.kept))
    parts.append(" ".join(filter(None, (_cause_open(entry, said, parameters), rules.working))))
    due = next_update(ctx.now, severity_of(entry.escalation, parameters), ctx.now.astimezone(ctx.timezone), parameters)
    parts.append(f"You hear from us again by {_when(due, ctx)}, also if there is nothing new.")
    return Message(_subject("Update", entry, parameters), "\n\n".join(parts), sifted)


def fixed(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Message:
    """The fix is in: what was done, and the customer's own test."""
    rules, sifted = parameters.to_customer, _sifted(ctx, entry, said, parameters)
    parts = [rules.acknowledged_fixed, "\n".join((rules.fixed, *sifted.kept)), rules.fixed_ask]
    return Message(_subject("Fix in place", entry, parameters), "\n\n".join(parts), sifted)


def says_nothing(said: str, parameters: EscalateParameters) -> bool:
    """Whether an update says that nothing is new."""
    return said.strip(" .!…").casefold() in parameters.to_customer.nothing_said


def closing(ctx: Context, entry: Entry, verified: str, parameters: EscalateParameters) -> Message:
    """The closing notice: since when, until when, how it was verified."""
    rules, sifted = parameters.to_customer, _sifted(ctx, entry, verified, parameters)
    escalation = entry.escalation
    span = _since(ctx, entry)
    span += f", solved {moment(escalation.resolved_at, ctx)}." if escalation.resolved_at else "."
    parts = [rules.thanks, "\n".join((rules.closed, span, *sifted.kept)), rules.closed_ask]
    return Message(_subject("Solved", entry, parameters), "\n\n".join(parts), sifted)


def _since(ctx: Context, entry: Entry) -> str:
    """When the customer reported it, by the ticket; without one, when it went to engineering."""
    tickets, wanted = ctx.account.tickets if ctx.account else (), entry.escalation.ticket_id
    ticket = next((t for t in tickets if t.id == wanted), None)
    if ticket is None:
        return f"With our engineers since {moment(entry.escalation.opened_at, ctx)}"
    return f"Reported {moment(ticket.opened_at, ctx)}"


def customer_blocks(message: Message) -> Iterator[Block]:
    """The draft for the customer, with the times of engineering's that it passes on, and what of ours is not in it."""
    fields = (
        DraftField(label="Subject", text=text(message.subject)),
        DraftField(label="Message", text=text(message.body)),
    )
    told = (
        Found(kind=TIMELINE, words=clip(each, LONGEST_CAUSE), rule="escalate") for each in message.sifted.needs_approval
    )
    yield Draft(title=text("To the customer"), audience="customer", fields=fields, commits=tuple(told))
    if message.sifted.withheld:
        rows = tuple((text(left.text), text(left.reason)) for left in message.sifted.withheld)
        yield Heading(text=text("Left out of the customer's message"))
        yield Table(columns=(Column(label="Sentence"), Column(label="Why it is left out")), rows=rows)


def internal_draft(ctx: Context, entry: Entry, title: str, said: str, further: tuple[DraftField, ...] = ()) -> Draft:
    """The same for colleagues, with what is at stake."""
    escalation, account = entry.escalation, entry.account
    severity = escalation.severity or "severity not stated"
    renewal = account.renewal_date.isoformat() if account.renewal_date else "date unknown"
    fields = [
        DraftField(label="Escalation", text=text(f"{entry.id}: {escalation.title}")),
        DraftField(
            label="Customer", text=text(f"{account.name} (ARR ", arr_figure(entry, ctx.as_of), f", renewal {renewal})")
        ),
        DraftField(
            label="State",
            text=text(f"{severity}, {entry.clocks.state}; age ", age_text(entry, ctx.as_of)),
        ),
        DraftField(label="Owner", text=text(escalation.owner or "nobody")),
        DraftField(label="What is new", text=text(said or "nothing new")),
        *further,
    ]
    return Draft(title=text(title), audience="internal", fields=tuple(fields))


def figures_of(ctx: Context, entry: Entry) -> tuple[Figure, ...]:
    """The figures that the colleagues' version states."""
    return age_figure(entry, ctx.as_of), arr_figure(entry, ctx.as_of)


def names_a_cause(said: str, parameters: EscalateParameters) -> str | None:
    """The first sentence that names a cause; one that denies it, looks for it or guesses at it names none."""
    reader = reader_of(parameters)
    named = (sentence for sentence in sentences(said) if reader.find_unless(Words(sentence), parameters.cause_words))
    return next((clip(sentence, LONGEST_CAUSE) for sentence in named), None)


def _sifted(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Sifted:
    if ctx.disclosure is None:
        raise TypeError("a message to the customer needs the rules of what it may read")
    return sift(said, _unsaid(ctx, entry), ctx.disclosure, parameters)


def _unsaid(ctx: Context, entry: Entry) -> Unsaid:
    """The names and ids of this escalation that the customer does not read."""
    snapshot, escalation = ctx.account, entry.escalation
    tickets = snapshot.tickets if snapshot else ()
    promised = (commitment.by for commitment in snapshot.commitments) if snapshot else ()
    accounts = ctx.portfolio.accounts if ctx.portfolio else (entry.account,)
    people = (ctx.actor, entry.account.owner, *(a.owner for a in accounts), *_on_record(ctx, entry), *promised)
    names = [AccountName(a.id, a.name, a.aliases) for a in accounts]
    return Unsaid(
        people=name_parts(people) - name_parts((entry.account.name, *entry.account.aliases)),
        directory=directory_of(names),
        account_id=entry.account.id,
        internal_ids=frozenset(t.engineering_key.casefold() for t in tickets if t.engineering_key),
        own_ids=frozenset(t.id.casefold() for t in tickets) | {(escalation.ticket_id or "").casefold()},
    )


def _on_record(ctx: Context, entry: Entry) -> Iterator[str | None]:
    """The owners and authors of the escalations that the caller may see."""
    book = ctx.escalations
    yield entry.escalation.owner
    yield from (update.author for update in entry.updates)
    yield from (escalation.owner for escalation in (book.escalations if book else ()))
    yield from (update.author for updates in (book.updates.values() if book else ()) for update in updates)


def _acknowledged(entry: Entry, parameters: EscalateParameters) -> str:
    """What it does to the customer, in words that are data; never in ours."""
    rules, kind = parameters.to_customer, entry.escalation.kind
    return rules.acknowledged[kind] if kind else rules.acknowledged_unstated


def _cause_open(entry: Entry, said: str, parameters: EscalateParameters) -> str:
    told = [said, *(update.text or "" for update in entry.updates if update.kind != "opened")]
    return "" if any(names_a_cause(each, parameters) for each in told) else parameters.to_customer.cause_unknown


def _subject(what: str, entry: Entry, parameters: EscalateParameters) -> str:
    """What it is about in the customer's terms: the kind and the endpoint, never the title that we wrote."""
    kind = entry.escalation.kind
    about = parameters.kinds[kind].label if kind else "your report"
    endpoint = f", {entry.escalation.endpoint}" if entry.escalation.endpoint else ""
    return f"{what}: {about}{endpoint}"


def _when(at: dt.datetime, ctx: Context) -> str:
    """An instant as a person writes it: the day only where it is not today."""
    local = at.astimezone(ctx.timezone)
    if local.date() == ctx.now.astimezone(ctx.timezone).date():
        return f"{local:%H:%M %Z}"
    return f"{local:%A} {local.date().isoformat()}, {local:%H:%M %Z}"
