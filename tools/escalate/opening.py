"""Opening an escalation: the record that is kept of a package that goes to engineering, once."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.command import Context
from app.domain.effects import AddEscalationUpdate, Effect, SetEscalation
from app.domain.figures import Text, text
from app.domain.records import Escalation, EscalationUpdate, UpdateKind
from app.domain.snapshot import EscalationBook
from tools.escalate.arguments import EscalateArgs
from tools.escalate.case import Case
from tools.escalate.endpoints import read_endpoint, same_endpoint
from tools.escalate.package import package_text
from tools.escalate.register import ID_PREFIX, Entry, book_of, entry_of, moment
from tools.escalate.statement import Statement

OpeningState = Literal["opened", "completed", "already_open", "not_opened"]

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letters that are mistaken for digits when they are read out."""

ID_LETTERS = 8  # 2^40 ids: among 10,000 escalations two are the same once in 20,000 cases
UPDATE_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Opening:
    """What became of an escalation's opening: the entry that it is about, what is told of it, and what is written."""

    state: OpeningState
    entry: Entry | None = None
    lines: tuple[Text, ...] = ()
    effects: tuple[Effect, ...] = ()


def open_escalation(ctx: Context, args: EscalateArgs, case: Case) -> Opening:
    """Open the case where its package may go, unless it is open already; where it is, complete it or say so."""
    if not case.gate.sendable:
        return Opening("not_opened")
    before = _same(ctx, args, case)
    if before is not None and not _completes(case, before.escalation):
        return _already_open(ctx, before)
    if why := _why_not(ctx, completes=before is not None):
        return Opening("not_opened", lines=(why,))
    return _complete(ctx, case, before) if before else _open(ctx, args, case)


def _new_id(book: EscalationBook, case: Case, ticket: str | None) -> str:
    """An id from the account, the trouble, and how many escalations the account has.

    Two people who open the same trouble at the same moment write one record, not two.
    """
    taken = {escalation.id for escalation in book.escalations}
    count = sum(escalation.account_id == case.account.id for escalation in book.escalations)
    trouble = f"{case.account.id}\n{ticket or case.stated.endpoint}\n{case.stated.kind}"
    tried = (record_id(ID_PREFIX, f"{trouble}\n{count + more}", ID_LETTERS) for more in range(len(taken) + 1))
    return next(name for name in tried if name not in taken)


def record_id(prefix: str, seed: str, letters: int) -> str:
    """An id from what makes the record one: short, and easy to read out (`esc-7k2m-9qxd`)."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    code = "".join(LETTERS[number >> 5 * place & 31] for place in range(letters))
    return f"{prefix}{code[: letters // 2]}-{code[letters // 2 :]}"


def update_of(
    ctx: Context, escalation: Escalation, kind: UpdateKind, said: str, customer_text: str | None = None
) -> AddEscalationUpdate:
    """The effect that writes what was said about an escalation; one of a kind a turn, and one opening."""
    of = escalation.id if kind == "opened" else ctx.turn_id
    return AddEscalationUpdate(
        item=EscalationUpdate(
            id=record_id("upd-", f"{of} {kind}", UPDATE_LETTERS),
            account_id=escalation.account_id,
            escalation_id=escalation.id,
            at=ctx.now,
            kind=kind,
            text=said or None,
            customer_text=customer_text,
            author=ctx.actor.strip() or None,
        )
    )


def _why_not(ctx: Context, *, completes: bool) -> Text | None:
    """Why nothing is written, and what would; None where it may be."""
    what = "complete" if completes else "open"
    if book_of(ctx).as_of < ctx.now.astimezone(ctx.timezone).date():
        return text(f"Not recorded: an escalation is opened today. Leave as_of out to {what} it.")
    if not ctx.typed:
        return text(f"Not recorded: type /escalate with the account and this issue to {what} it.")
    if not ctx.may_write:
        return text(f"Not recorded: your key may only read. Ask a CSE to {what} it with this package.")
    return None


def _same(ctx: Context, args: EscalateArgs, case: Case) -> Entry | None:
    """The account's escalation of the same trouble that is not closed, newest first."""
    book, ticket = book_of(ctx), _ticket_of(args, case)
    for escalation in book.escalations:
        if escalation.account_id != case.account.id or escalation.closed_at is not None:
            continue
        of_others = ticket and escalation.ticket_id and escalation.ticket_id != ticket
        if (ticket and escalation.ticket_id == ticket) or (not of_others and _same_trouble(ctx, case, escalation)):
            return entry_of(escalation, book, ctx.now.astimezone(ctx.timezone), ctx.currency, case.parameters)
    return None


def _same_trouble(ctx: Context, case: Case, escalation: Escalation) -> bool:
    """Opened lately, of the same kind, with the same endpoint or one of the two without."""
    within = dt.timedelta(hours=case.parameters.same_within_hours)
    if ctx.now - escalation.opened_at > within or escalation.kind != case.stated.kind:
        return False
    ours, theirs = case.stated.endpoint, read_endpoint(escalation.endpoint or "")
    return ours is None or theirs is None or same_endpoint(ours, theirs)


def _ticket_of(args: EscalateArgs, case: Case) -> str | None:
    """The ticket that was named; else the one ticket of the account whose id stands in the text."""
    if args.ticket:
        return next((t.id for t in case.snapshot.tickets if t.id.casefold() == args.ticket.casefold()), args.ticket)
    words = {word.strip(".,;:()[]#").casefold() for word in (args.issue or "").split()}
    named = [ticket.id for ticket in case.snapshot.tickets if ticket.id.casefold() in words]
    return named[0] if len(named) == 1 else None


def _title(stated: Statement, case: Case) -> str:
    """The issue, cut; where nobody told it, what fails."""
    said = stated.summary[: case.parameters.shown.title].strip()
    return said or " ".join(filter(None, (case.kinds or "issue", stated.texts.get("endpoint", "")[:90])))


def _completes(case: Case, escalation: Escalation) -> bool:
    """Whether this is the same issue, with more of the package than is on record."""
    goes_on = case.stated.summary.startswith(escalation.title) and bool(case.stated.summary)
    return goes_on and (case.gate.quality or 0) > (escalation.quality or 0)


def _open(ctx: Context, args: EscalateArgs, case: Case) -> Opening:
    stated, package = case.stated, package_text(case)
    endpoint = stated.endpoint
    ticket = _ticket_of(args, case)
    escalation = Escalation(
        id=_new_id(book_of(ctx), case, ticket),
        account_id=case.account.id,
        opened_at=ctx.now,
        title=_title(stated, case),
        kind=stated.kind,
        severity=stated.severity,
        owner=args.owner or ctx.actor.strip() or None,
        ticket_id=ticket,
        endpoint=str(endpoint)[:300] if endpoint else None,
        quality=case.gate.quality,
        package=package,
    )
    told = update_of(ctx, escalation, "opened", package)
    entry = _entry(ctx, case, escalation, (told.item,))
    return Opening("opened", entry, tuple(_opened_lines(ctx, entry)), (SetEscalation(item=escalation), told))


def _opened_lines(ctx: Context, entry: Entry) -> Iterator[Text]:
    due = entry.clocks.next_update_due
    owner = f", owner {entry.escalation.owner}" if entry.escalation.owner else ""
    yield text(f"Opened as {entry.id}{owner}. Type undo to take it back.")
    if due:
        yield text(f"Next update to the customer by {moment(due, ctx)}: /escalate update {entry.id} …")
    if entry.escalation.severity == "SEV1":
        send = f"cse messages template {entry.account.id} sev1_first --escalation {entry.id}"
        values = "--value part=… --value since=… --value next_update=…"
        yield text(f"A first word to the customer goes out at once, without an approval before: {send} {values}")


def _complete(ctx: Context, case: Case, before: Entry) -> Opening:
    """The package on record, replaced by the fuller one. The customer hears nothing of it, so no clock moves."""
    stated, old = case.stated, before.escalation
    endpoint = str(stated.endpoint)[:300] if stated.endpoint else old.endpoint
    escalation = old.model_copy(
        update={
            "endpoint": endpoint,
            "severity": stated.severity or old.severity,
            "kind": stated.kind or old.kind,
            "quality": case.gate.quality,
            "package": package_text(case),
        }
    )
    entry = _entry(ctx, case, escalation, before.updates)
    line = text(f"{entry.id}: its package on record is replaced by this one. Type undo to take it back.")
    return Opening("completed", entry, (line,), (SetEscalation(item=escalation),))


def _already_open(ctx: Context, before: Entry) -> Opening:
    owner, opened = before.escalation.owner or "nobody named", moment(before.escalation.opened_at, ctx)
    line = text(f"Already open as {before.id} (owner {owner}, since {opened}): not opened a second time.")
    other = text("Is it other trouble? Say its endpoint, or its ticket with ticket=….")
    return Opening("already_open", before, (line, other))


def _entry(ctx: Context, case: Case, escalation: Escalation, updates: tuple[EscalationUpdate, ...]) -> Entry:
    """The escalation as it is once it is written."""
    account, arr = case.account, case.figures["arr"]
    amount = float(arr.value) if isinstance(arr.value, int | float) else None
    book = EscalationBook(
        book_of(ctx).as_of,
        (escalation,),
        {escalation.id: updates},
        {account.id: account},
        {} if amount is None else {account.id: amount},
    )
    return entry_of(escalation, book, ctx.now.astimezone(ctx.timezone), ctx.currency, case.parameters)
