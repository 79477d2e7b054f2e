"""/escalate postmortem: a draft from the record of an escalation or a ticket. What is not on record is asked."""

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import (
    Block,
    Checklist,
    Column,
    Draft,
    DraftField,
    Heading,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.command import Context, Outcome, Report
from app.domain.figures import Evidence, Figure, Text, account_figure, text
from app.domain.records import Account, Commitment, Severity, Ticket
from app.domain.redact import mask_secrets
from app.domain.snapshot import AccountSnapshot
from tools.escalate.arguments import EscalateArgs
from tools.escalate.cases import statement_of
from tools.escalate.clocks import clock_of, duration, hours_between
from tools.escalate.data import ActionData, PostmortemData, TimelineData
from tools.escalate.messages import names_a_cause
from tools.escalate.parameters import EscalateParameters, Target
from tools.escalate.register import Entry, Meant, book_of, entries, find, moment, not_found
from tools.escalate.similar import find_similar_escalations
from tools.escalate.statement import Statement, clip

NOT_RECORDED = "not recorded"
SHOWN_CHARACTERS = 600
"""So much of an update stands in the timeline; the record has it whole."""


@dataclass(frozen=True, slots=True)
class Record:
    """What there is on record: an escalation, a ticket, or both. `at` is the time of the answer."""

    ctx: Context
    account: Account
    snapshot: AccountSnapshot
    entry: Entry | None
    ticket: Ticket | None
    at: dt.datetime
    parameters: EscalateParameters

    @property
    def name(self) -> str:
        return self.entry.id if self.entry else self.ticket.id if self.ticket else ""

    @property
    def title(self) -> str:
        said = self.entry.escalation.title if self.entry else (self.ticket.subject or "") if self.ticket else ""
        return mask_secrets(said) or "no title on record"

    @property
    def severity(self) -> Severity | None:
        own = self.entry.escalation.severity if self.entry else None
        return own or (self.ticket.severity if self.ticket else None)

    @property
    def target(self) -> Target:
        return self.parameters.targets[self.severity or self.parameters.unstated_severity]

    @property
    def opened_at(self) -> dt.datetime:
        """The customer's clock runs from the ticket, where there is one before the escalation."""
        starts = [
            each
            for each in (self.ticket and self.ticket.opened_at, self.entry and self.entry.escalation.opened_at)
            if each
        ]
        return min(starts)

    @property
    def resolved_at(self) -> dt.datetime | None:
        if self.entry:
            return self.entry.escalation.resolved_at
        ticket = self.ticket
        if ticket is None or ticket.resolved_at is None:
            return None
        reopened = ticket.reopened_at is not None and ticket.reopened_at > ticket.resolved_at
        return None if reopened else ticket.resolved_at

    @property
    def response_hours(self) -> float | None:
        ticket = self.ticket
        return (
            hours_between(ticket.opened_at, ticket.first_response_at) if ticket and ticket.first_response_at else None
        )

    @property
    def resolution_hours(self) -> float | None:
        return hours_between(self.opened_at, self.resolved_at) if self.resolved_at else None


def run(ctx: Context, args: EscalateArgs, parameters: EscalateParameters) -> Outcome | tuple[Entry, ...]:
    """The draft; or the escalations to choose from, where it is not certain which is meant.

    Raises:
        NotFound: neither an escalation nor a ticket of that id is among those the caller may see.
    """
    every = entries(ctx, parameters)
    ticket = _ticket(ctx, args)
    meant: Meant | tuple[Entry, ...] = ()
    if ticket is None or any(e.escalation.ticket_id == ticket.id for e in every):
        meant = find(args, every, ctx.account.account.name if ctx.account else None)
        if not isinstance(meant, Meant):
            return meant
    entry = meant.entry if isinstance(meant, Meant) else None
    snapshot = ctx.account
    if snapshot is None:
        raise not_found(args.escalation or "", every)
    if entry and entry.escalation.ticket_id:
        ticket = next((t for t in snapshot.tickets if t.id == entry.escalation.ticket_id), ticket)
    at = clock_of(ctx, book_of(ctx))
    return _outcome(Record(ctx, snapshot.account, snapshot, entry, ticket, at, parameters))


def _ticket(ctx: Context, args: EscalateArgs) -> Ticket | None:
    wanted = (args.escalation or "").casefold()
    tickets = ctx.account.tickets if ctx.account else ()
    return next((ticket for ticket in tickets if wanted and ticket.id.casefold() == wanted), None)


def _outcome(record: Record) -> Outcome:
    figures = {figure.key: figure for figure in _figures(record)}
    events, causes, actions = tuple(_events(record)), tuple(_causes(record)), tuple(_actions(record))
    questions = tuple(_questions(record, causes))
    blocks: list[Block] = [
        _verdict(record, figures, causes),
        _draft(record, figures, causes),
        Heading(text=text("Timeline")),
        Timeline(items=tuple(_shown(record, event) for event in events)),
        Heading(text=text("Against the targets")),
        _targets(record, figures),
    ]
    if actions:
        tasks = tuple(Task(text=text(a.what), owner=a.owner or "nobody named", due=a.due, done=a.done) for a in actions)
        blocks += [Heading(text=text("Promises made meanwhile, and checks after the fix")), Checklist(items=tasks)]
    if questions:
        rows = tuple((text(question),) for question in questions)
        blocks += [Heading(text=text("Open questions")), Table(columns=(Column(label="To be answered"),), rows=rows)]
    data = PostmortemData(
        account_id=record.account.id,
        escalation_id=record.entry.id if record.entry else None,
        ticket_id=record.ticket.id if record.ticket else None,
        severity=record.severity,
        opened_at=record.opened_at,
        resolved_at=record.resolved_at,
        response_hours=record.response_hours,
        response_met=_response_met(record),
        resolution_hours=record.resolution_hours,
        resolution_met=_resolution_met(record),
        timeline=events,
        causes=causes,
        actions=actions,
        open_questions=questions,
    )
    return Outcome(Report(data=data, blocks=tuple(blocks), figures=tuple(figures.values())))


def _figures(record: Record) -> Iterator[Figure]:
    kind = "escalations" if record.entry else "tickets"
    about: tuple[Evidence, ...] = (Evidence(kind=kind, id=record.name, date=record.opened_at.date()),)
    if record.entry and record.ticket:
        about = (*about, Evidence(kind="tickets", id=record.ticket.id, date=record.ticket.opened_at.date()))
    until = record.resolved_at or record.at

    def stated(name: str, label: str, value: float | None, rule: str, unit: str = "hours") -> Figure:
        key = f"postmortem.{record.name}.{name}"
        return account_figure(record.account.id, record.ctx.as_of, key, label, value, unit, rule, about)

    lasted, unit = duration(hours_between(record.opened_at, until))
    yield stated("duration", "Duration", lasted, "first record to the fix, else to the answer", unit)
    yield stated(
        "response_hours", "First response", record.response_hours, "the ticket's opening to its first response"
    )
    yield stated("resolution_hours", "Resolution", record.resolution_hours, "first record to the fix")
    yield stated(
        "response_target", "First response, target", record.target.response_hours, "set by the severity policy"
    )
    yield stated(
        "resolution_target", "Resolution, target", record.target.resolution_hours, "set by the severity policy"
    )
    columns = record.snapshot.columns
    arr, unit = float(columns.arr[0]), record.account.currency or record.ctx.currency
    evidence = (Evidence(kind="accounts", id=record.account.id),)
    known = None if math.isnan(arr) else arr
    yield account_figure(
        record.account.id,
        record.ctx.as_of,
        f"postmortem.{record.name}.arr",
        "ARR",
        known,
        unit,
        "the ARR of the account",
        evidence,
    )


def _verdict(record: Record, figures: dict[str, Figure], causes: tuple[str, ...]) -> Verdict:
    severity = record.severity or f"no severity (as {record.parameters.unstated_severity})"
    state = "fixed after " if record.resolved_at else "not fixed yet, running for "
    met = _met_told("Resolution", _resolution_met(record))
    lines = [text(f"{severity}; {state}", _lasted(record, figures), f". {met}")]
    lines.append(text("Cause: " + ("as recorded, see below." if causes else f"{NOT_RECORDED}.")))
    if not record.resolved_at:
        lines.append(text("Next: write the postmortem when the fix is in and verified; until then this is a snapshot."))
    else:
        lines.append(text("Next: fill in the prompts and the open questions, then review it with engineering."))
    return Verdict(
        tone="neutral" if record.resolved_at else "warning",
        headline=text(f"Postmortem draft of {record.name} ({record.account.name}): {clip(record.title, 120)}"),
        lines=tuple(lines),
    )


def _lasted(record: Record, figures: dict[str, Figure]) -> Text:
    lasted = figures[f"postmortem.{record.name}.duration"]
    return text(lasted, f" {lasted.unit}")


def _draft(record: Record, figures: dict[str, Figure], causes: tuple[str, ...]) -> Draft:
    fields = [
        DraftField(label="Summary", text=_summary(record)),
        DraftField(label="Impact", text=_impact(record, figures)),
        DraftField(label="Detection", text=text(_detection(record))),
        DraftField(label="Contributing causes", text=text("\n".join(causes) or NOT_RECORDED)),
        DraftField(
            label="Verification",
            text=text(record.entry.escalation.verified or NOT_RECORDED if record.entry else NOT_RECORDED),
        ),
        DraftField(label="For people to fill in", text=text("\n".join(record.parameters.prompts))),
    ]
    return Draft(title=text(f"Postmortem: {record.name}"), audience="internal", fields=tuple(fields))


def _summary(record: Record) -> Text:
    kind = record.entry.escalation.kind if record.entry else None
    what = record.parameters.kinds[kind].label if kind else "issue of unstated kind"
    opened = moment(record.opened_at, record.ctx)
    end = f"fixed {moment(record.resolved_at, record.ctx)}" if record.resolved_at else "not fixed yet"
    closed = record.entry.escalation.closed_at if record.entry else None
    shut = f", closed {moment(closed, record.ctx)}" if closed else ""
    severity = record.severity or "No severity,"
    return text(f"{record.title}\n{severity} {what} at {record.account.name}: first recorded {opened}, {end}{shut}.")


def _impact(record: Record, figures: dict[str, Figure]) -> Text:
    arr = figures[f"postmortem.{record.name}.arr"]
    head = text(f"{record.account.name}, ARR ", arr, "; ", _lasted(record, figures), ".")
    if record.entry is None:
        return text(head, f" Extent: {NOT_RECORDED}.")
    stated = statement_of(record.entry, record.parameters)
    said = [stated.texts[field] for field in ("impact", "business_impact") if field in stated.texts]
    extent = " ".join(f"“{each}”" for each in said) or f"Extent: {NOT_RECORDED}."
    others = ", ".join(dict.fromkeys(_alike_meanwhile(record, stated)))
    return text(head, f" {extent}", f" To be confirmed: open escalations alike at {others}." if others else "")


def _alike_meanwhile(record: Record, stated: Statement) -> Iterator[str]:
    """The other accounts with an open escalation alike that was opened while this one ran."""
    before = dt.timedelta(hours=record.parameters.same_within_hours)
    until = record.resolved_at or record.at
    for other in find_similar_escalations(stated, record.account.id, book_of(record.ctx), record.parameters):
        if record.opened_at - before <= other.escalation.opened_at <= until:
            yield other.account_name


def _detection(record: Record) -> str:
    ticket = record.ticket
    if ticket is None:
        return f"Opened by {_opener(record)}. How it was noticed: {NOT_RECORDED}."
    reported = f"Reported with ticket {ticket.id}, {moment(ticket.opened_at, record.ctx)}."
    return f"{reported} An alert of ours: {NOT_RECORDED}."


def _opener(record: Record) -> str:
    opened = next((u for u in record.entry.updates if u.kind == "opened"), None) if record.entry else None
    return (opened.author if opened else None) or "somebody not named"


def _events(record: Record) -> Iterator[TimelineData]:
    """What happened, oldest first, from the ticket and the escalation's updates."""
    found = [*_ticket_events(record), *_escalation_events(record)]
    yield from sorted(found, key=lambda event: event.at)


def _ticket_events(record: Record) -> Iterator[TimelineData]:
    ticket = record.ticket
    if ticket is None:
        return
    happened = (
        (
            ticket.opened_at,
            f"ticket {ticket.id} opened: {clip(mask_secrets(ticket.subject or 'no subject'), SHOWN_CHARACTERS)}",
        ),
        (ticket.first_response_at, "first response to the customer"),
        (ticket.escalated_at, "ticket escalated"),
        (ticket.resolved_at, "ticket resolved"),
        (ticket.reopened_at, "ticket reopened"),
    )
    for at, said in happened:
        if at is not None:
            yield TimelineData(at=at, kind="ticket", author=None, text=said)


def _escalation_events(record: Record) -> Iterator[TimelineData]:
    if record.entry is None:
        return
    escalation, updates = record.entry.escalation, record.entry.updates
    told = {update.kind for update in updates}
    for update in updates:
        said = (
            "escalated to engineering" if update.kind == "opened" else clip(update.text or "no text", SHOWN_CHARACTERS)
        )
        yield TimelineData(at=update.at, kind=update.kind, author=update.author, text=said)
    if "opened" not in told:
        yield TimelineData(at=escalation.opened_at, kind="opened", author=None, text="escalated to engineering")
    if "resolved" not in told and escalation.resolved_at:
        yield TimelineData(at=escalation.resolved_at, kind="resolved", author=None, text="the fix was in")
    if "closed" not in told and escalation.closed_at:
        yield TimelineData(at=escalation.closed_at, kind="closed", author=None, text="closed")


def _shown(record: Record, event: TimelineData) -> TimelineEvent:
    local = event.at.astimezone(record.ctx.timezone)
    author = f" ({event.author})" if event.author else ""
    label = "" if event.kind in ("ticket", "opened") else f"{event.kind}: "
    tone = {"opened": "bad", "resolved": "good", "closed": "good", "check": "good"}.get(event.kind, "neutral")
    return TimelineEvent.model_validate(
        {"on": local.date(), "text": text(f"{local:%H:%M %Z} {label}{event.text}{author}"), "tone": tone}
    )


def _causes(record: Record) -> Iterator[str]:
    """What updates name as a cause, in their words, with who said so and when."""
    for update in record.entry.updates if record.entry else ():
        if update.kind != "opened" and update.text and (named := names_a_cause(update.text, record.parameters)):
            yield f"“{named}” ({update.author or 'author not named'}, {moment(update.at, record.ctx)})"


def _targets(record: Record, figures: dict[str, Figure]) -> Table:
    name, business = record.name, " in business hours" if record.target.in_business_hours else ""
    measured = (
        ("First response", "response", _response_met(record), business),
        ("Resolution", "resolution", _resolution_met(record), ""),
    )
    rows = tuple(
        (
            text(label),
            text(figures[f"postmortem.{name}.{key}_hours"]),
            text(figures[f"postmortem.{name}.{key}_target"], hours),
            text({True: "yes", False: "no", None: "unknown"}[met]),
        )
        for label, key, met, hours in measured
    )
    labels = ("Measure", "Hours", "Target, hours", "Met")
    return Table(columns=tuple(Column(label=label) for label in labels), rows=rows)


def _response_met(record: Record) -> bool | None:
    """Calendar hours within the target meet it in business hours too; beyond, nothing on record says."""
    hours, target = record.response_hours, record.target
    if hours is None:
        return None
    if hours < target.response_hours:
        return True
    return None if target.in_business_hours else False


def _resolution_met(record: Record) -> bool | None:
    if record.resolution_hours is not None:
        return record.resolution_hours <= record.target.resolution_hours
    running = hours_between(record.opened_at, record.at)
    return False if running > record.target.resolution_hours else None


def _met_told(what: str, met: bool | None) -> str:
    return {True: f"{what} within its target.", False: f"{what} past its target.", None: f"{what}: not decided yet."}[
        met
    ]


def _actions(record: Record) -> Iterator[ActionData]:
    """Promises made to the customer meanwhile, and checks after the fix."""
    first = record.opened_at.astimezone(record.ctx.timezone).date()
    closed = record.entry.escalation.closed_at if record.entry else None
    last = (closed or record.at).astimezone(record.ctx.timezone).date()
    for promise in record.snapshot.commitments:
        if _belongs(promise, record, first, last):
            done = promise.done_on is not None
            what = mask_secrets(promise.what)
            yield ActionData(what=what, owner=promise.by, due=promise.due, done=done, source="commitments")
    for check in record.entry.clocks.checks if record.entry else ():
        made = f" (made {moment(check.done_at, record.ctx)})" if check.done_at else ""
        what = f"Check {check.rule.label} after the fix: {check.rule.what}{made}"
        owner = record.entry.escalation.owner if record.entry else None
        yield ActionData(what=what, owner=owner, due=check.due.date(), done=check.state == "done", source="checks")


def _belongs(promise: Commitment, record: Record, first: dt.date, last: dt.date) -> bool:
    """Whether its source names the escalation or its ticket, or it was made in these days."""
    source = frozenset(re.findall(r"[^\s,;:()]+", (promise.source or "").casefold()))
    names = {each.id.casefold() for each in (record.entry, record.ticket) if each}
    return not names.isdisjoint(source) or (promise.made_on is not None and first <= promise.made_on <= last)


def _questions(record: Record, causes: tuple[str, ...]) -> Iterator[str]:
    """What a postmortem needs and the record does not have."""
    if record.severity is None:
        yield "Which severity was it?"
    if not causes:
        yield "What was the cause, and who confirmed it?"
    if record.ticket is None:
        yield "How did we learn of it: no ticket is linked?"
    elif record.ticket.first_response_at is None:
        yield "When did the customer get a first response?"
    if record.response_hours is not None and _response_met(record) is None:
        yield "Was the first response within its target, counted in business hours?"
    if record.resolved_at is None:
        yield "When was it fixed, and by what?"
    elif record.entry and record.entry.escalation.verified is None:
        yield "How was the fix verified?"
    for check in record.entry.clocks.checks if record.entry else ():
        if check.state in ("overdue", "lapsed"):
            yield f"The check {check.rule.label} after the fix was not made: {check.rule.what}?"
    if (
        record.entry
        and record.entry.escalation.quality is not None
        and record.entry.escalation.quality < record.parameters.full_marks
    ):
        yield "What of the package came late or never, and what did that cost?"
