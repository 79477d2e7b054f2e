"""/escalate update, check, resolve, reopen, close: what is written, and the message to the customer with it."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.domain.blocks import Block, Checklist, DraftField, Question, Task, Tone, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.effects import Effect, SetEscalation
from app.domain.figures import Text, text
from app.domain.problems import Conflict
from app.domain.records import Escalation, EscalationUpdate, UpdateKind
from app.domain.redact import mask_secrets
from app.domain.word_rules import Reader, Words
from tools.escalate.arguments import Action, EscalateArgs
from tools.escalate.clocks import Check, clocks
from tools.escalate.data import UpdateData, WithheldData, escalation_data
from tools.escalate.messages import Message, closing, customer_blocks, figures_of, fixed, internal_draft, progress
from tools.escalate.opening import update_of
from tools.escalate.parameters import EscalateParameters
from tools.escalate.register import Entry, Meant, moment
from tools.escalate.statement import clip, seen
from tools.escalate.words import reader_of


@dataclass(frozen=True, slots=True)
class Written:
    """What an action comes to: the escalation afterwards, the update, and what is told of it."""

    headline: Text
    escalation: Escalation
    kind: UpdateKind
    said: str
    lines: tuple[Text, ...] = ()
    message: Message | None = None
    sets: bool = False  # the escalation itself changes
    checked: str = ""  # what was checked with it, a record of its own


def run(ctx: Context, args: EscalateArgs, meant: Meant, parameters: EscalateParameters) -> Outcome:
    """Write what was said, or ask for it.

    Raises:
        Conflict: the escalation is not in the state for it; the sentence says what to do instead.
    """
    action = args.action or "update"
    done = _ACTIONS[action](ctx, meant.entry, mask_secrets(seen(meant.text)).strip(), parameters)
    return done if isinstance(done, Outcome) else _outcome(ctx, action, meant.entry, done, parameters)


def _update(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Written | Outcome:
    if not entry.is_open:
        raise _closed(ctx, entry, "written to")
    if not said:
        return _ask(entry, f"What is new about {entry.id}? Say also if nothing is.", "update")
    message = progress(ctx, entry, said, parameters)
    lines = [_next_update_line(ctx, entry, parameters)] if not entry.escalation.resolved_at else []
    if entry.escalation.resolved_at:
        since = moment(entry.escalation.resolved_at, ctx)
        lines.append(text(f"The fix is in since {since}. If it fails again: /escalate reopen {entry.id} …"))
        message = fixed(ctx, entry, said, parameters)
    return Written(
        text(f"Update of {entry.id} ({entry.account.name})"), entry.escalation, "update", said, tuple(lines), message
    )


def _next_update_line(ctx: Context, entry: Entry, parameters: EscalateParameters) -> Text:
    after = _after(ctx, entry, entry.escalation, "update", "", parameters)
    due = after.clocks.next_update_due
    late = ""
    if entry.clocks.update_overdue and entry.clocks.next_update_due:
        late = f" This one was due {moment(entry.clocks.next_update_due, ctx)}."
    return text(f"Next update to the customer by {moment(due, ctx)}.{late}" if due else "")


def _resolve(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Written | Outcome:
    if not entry.is_open:
        raise _closed(ctx, entry, "resolved again")
    if entry.escalation.resolved_at:
        raise Conflict(
            f"{entry.id} is resolved since {moment(entry.escalation.resolved_at, ctx)}. Record how it was checked: "
            f"/escalate check {entry.id} …; if it fails again: /escalate reopen {entry.id} …",
            code="escalation_resolved",
        )
    if not said:
        return _ask(entry, f"What fixed {entry.id}?", "resolve")
    resolved = entry.escalation.model_copy(update={"resolved_at": ctx.now})
    after = _after(ctx, entry, resolved, "resolved", said, parameters)
    due = "; ".join(f"{check.rule.label} ({moment(check.due, ctx)})" for check in after.clocks.checks)
    lines = (
        text(f"Checks are due: {due}."),
        text(f"Then: /escalate check {entry.id} …, and /escalate close {entry.id} …"),
    )
    headline = text(f"{entry.id} ({entry.account.name}): the fix is in")
    return Written(headline, resolved, "resolved", said, lines, fixed(ctx, entry, said, parameters), sets=True)


def _check(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Written | Outcome:
    if not entry.escalation.resolved_at:
        raise _not_resolved(entry)
    if not said or _nobody_looked(Words(said), parameters):
        read = "It reads as if nothing was checked yet. " if said else ""
        return _ask(entry, f"{read}What was checked of {entry.id}, and with what result?", "check")
    after = _after(ctx, entry, entry.escalation, "check", said, parameters)
    before = {check.key for check in entry.clocks.checks if check.state == "done"}
    did = [check.rule.label for check in after.clocks.checks if check.state == "done" and check.key not in before]
    done = f"Done with it: the check {' and '.join(did)} after the fix."
    lines = [text(done if did else "No check was due yet; it is on record.")]
    if _fails_plainly(Words(said), parameters):
        lines.append(text(f"It reads as if the fix does not hold: /escalate reopen {entry.id} …"))
    lines += [_left_line(ctx, after.clocks.checks)]
    if entry.is_open:
        lines.append(text(f"Next: /escalate close {entry.id} …"))
    return Written(text(f"Check of {entry.id} ({entry.account.name})"), entry.escalation, "check", said, tuple(lines))


def _reopen(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Written | Outcome:
    ended = entry.escalation.resolved_at or entry.escalation.closed_at
    if ended is None:
        raise Conflict(
            f"{entry.id} is open already. Say what is new: /escalate update {entry.id} …", code="escalation_open"
        )
    if not said:
        return _ask(entry, f"What fails again at {entry.id}?", "reopen")
    opened = entry.escalation.model_copy(update={"resolved_at": None, "closed_at": None, "verified": None})
    again = replace(entry, escalation=opened)
    message = progress(ctx, again, said, parameters, reopened=True)
    lines = (
        text(f"It was resolved {moment(ended, ctx)}; the clocks of an open escalation run again."),
        _next_update_line(ctx, again, parameters),
    )
    headline = text(f"{entry.id} ({entry.account.name}) is open again")
    return Written(headline, opened, "update", f"Reopened: {said}", lines, message, sets=True)


def _close(ctx: Context, entry: Entry, said: str, parameters: EscalateParameters) -> Written | Outcome:
    escalation = entry.escalation
    if not entry.is_open:
        raise _closed(ctx, entry, "closed again")
    if not escalation.resolved_at:
        raise _not_resolved(entry)
    verified = _verification(ctx, entry, said, parameters)
    if verified is None:
        return _ask(entry, _what_is_missing(entry, said, parameters), "close")
    what, by, at = verified
    record = f"{what} (checked by {by or 'somebody not named'}, {moment(at, ctx)})"
    closed = escalation.model_copy(update={"closed_at": ctx.now, "verified": clip(record, 90_000)})
    checked = said if at == ctx.now else ""
    looked = _after(ctx, entry, closed, "check", checked, parameters) if checked else entry
    after = _after(ctx, looked, closed, "closed", said, parameters)
    lines = (text(f"Verified: {clip(' '.join(record.split()), 300)}"), _left_line(ctx, after.clocks.checks))
    headline = text(f"{entry.id} ({entry.account.name}) is closed")
    message = closing(ctx, entry, what, parameters)
    return Written(
        headline,
        closed,
        "closed",
        said or record,
        (*lines, text(f"Then: /escalate postmortem {entry.id}")),
        message,
        sets=True,
        checked=checked,
    )


def _verification(
    ctx: Context, entry: Entry, said: str, parameters: EscalateParameters
) -> tuple[str, str | None, dt.datetime] | None:
    """What was checked, by whom and when: as said now, else as recorded after the fix; None where neither holds."""
    words = Words(said)
    if _fails_plainly(words, parameters) or _nobody_looked(words, parameters):
        return None
    if reader_of(parameters).find(words, parameters.verification.words):
        return said, ctx.actor or None, ctx.now
    last = _last_check(entry)
    if last is None or any(bad(Words(last.text or ""), parameters) for bad in (_fails_plainly, _nobody_looked)):
        return None
    return last.text or "", last.author, last.at


def _fails_plainly(words: Words, parameters: EscalateParameters) -> bool:
    """Whether it says that the fix does not hold; the phrases carry their own negation."""
    return _plain(parameters).find(words, parameters.verification.fails) is not None


def _nobody_looked(words: Words, parameters: EscalateParameters) -> bool:
    """Whether it says that the fix is still to be looked at; the phrases carry their own negation."""
    return _plain(parameters).find(words, parameters.verification.not_done) is not None


def _plain(parameters: EscalateParameters) -> Reader:
    return replace(reader_of(parameters), negations=frozenset())


def _last_check(entry: Entry) -> EscalationUpdate | None:
    resolved = entry.escalation.resolved_at
    checks = [update for update in entry.updates if update.kind == "check" and resolved and update.at >= resolved]
    return checks[-1] if checks else None


def _what_is_missing(entry: Entry, said: str, parameters: EscalateParameters) -> str:
    last = _last_check(entry)
    if _fails_plainly(Words(f"{said}\n{last.text or '' if last and not said else ''}"), parameters):
        return (
            f"It reads as if the fix of {entry.id} does not hold. Reopen it: /escalate reopen {entry.id} …; or say "
            "what was verified, and with what result."
        )
    return (
        f"{entry.id} has no verification yet. What was checked, with what result? For example: the request answers "
        "200 again."
    )


def _closed(ctx: Context, entry: Entry, what: str) -> Conflict:
    at = moment(entry.escalation.closed_at, ctx) if entry.escalation.closed_at else "before"
    return Conflict(
        f"{entry.id} is closed since {at} and cannot be {what}. If the trouble is back: /escalate reopen {entry.id} …; "
        f"a later check: /escalate check {entry.id} …",
        code="escalation_closed",
    )


def _not_resolved(entry: Entry) -> Conflict:
    return Conflict(
        f"{entry.id} is not resolved yet. When the fix is in: /escalate resolve {entry.id} …, then check and close it.",
        code="escalation_not_resolved",
    )


_Action = Callable[[Context, Entry, str, EscalateParameters], Written | Outcome]
_ACTIONS: dict[Action, _Action] = {
    "update": _update, "check": _check, "resolve": _resolve, "reopen": _reopen, "close": _close,
}  # fmt: skip


def _after(
    ctx: Context, entry: Entry, escalation: Escalation, kind: UpdateKind, said: str, parameters: EscalateParameters
) -> Entry:
    """The entry as it is once this is written."""
    updates = (*entry.updates, update_of(ctx, escalation, kind, said).item)
    at = max(ctx.now, entry.clocks.at).astimezone(ctx.timezone)
    return replace(entry, escalation=escalation, updates=updates, clocks=clocks(escalation, updates, at, parameters))


def _left_line(ctx: Context, checks: tuple[Check, ...]) -> Text:
    left = [check for check in checks if check.state in ("upcoming", "due", "overdue")]
    told = "; ".join(f"{check.rule.label} ({moment(check.due, ctx)}): {check.rule.what}" for check in left)
    return text(f"Checks left: {told}." if told else "No check is left.")


def _ask(entry: Entry, asked: str, action: Action) -> Outcome:
    """One question for the text; nothing is written."""
    data = UpdateData(action=action, escalation=escalation_data(entry), recorded=False, text="", customer_text=None)
    verdict = Verdict(tone="warning", headline=text(f"{entry.id} ({entry.account.name}): nothing is written yet"))
    return Outcome(Report(data=data, blocks=(verdict,)), question=Question(text=text(asked), fields=("text",)))


def _outcome(ctx: Context, action: Action, entry: Entry, written: Written, parameters: EscalateParameters) -> Outcome:
    """The effects, or what is to be typed for them; and both versions of the message."""
    message = written.message
    update = update_of(ctx, written.escalation, written.kind, written.said, message.body if message else None)
    check = update_of(ctx, written.escalation, "check", written.checked) if written.checked else None
    looked = _after(ctx, entry, written.escalation, "check", written.checked, parameters) if check else entry
    after = _after(ctx, looked, written.escalation, written.kind, written.said, parameters)
    why = None if ctx.typed else f"Not recorded: type /escalate {action} {entry.id} … to do it."
    effects: tuple[Effect, ...] = ()
    if why is None:
        sets = (SetEscalation(item=written.escalation),) if written.sets else ()
        effects = (*sets, *((check,) if check else ()), update)
    tone: Tone = "warning" if why or action == "reopen" else "good"
    headline = text("Proposed, not recorded: ", written.headline) if why else written.headline
    last = (text(why),) if why else (text("Type undo to take it back."),)
    blocks: list[Block] = [
        Verdict(tone=tone, headline=headline, lines=(*_message_lines(message), *written.lines, *last))
    ]
    blocks += customer_blocks(message) if message else ()
    blocks += [internal_draft(ctx, after, _TITLES[action], written.said, tuple(_internal_fields(ctx, after)))]
    blocks += _checklist(after)
    data = UpdateData(
        action=action,
        escalation=escalation_data(after),
        recorded=why is None,
        text=written.said,
        customer_text=message.body if message else None,
        withheld=tuple(WithheldData(text=w.text, reason=w.reason) for w in message.sifted.withheld) if message else (),
        needs_approval=message.sifted.needs_approval if message else (),
        verified=written.escalation.verified,
    )
    return Outcome(Report(data=data, blocks=tuple(blocks), figures=figures_of(ctx, after)), effects=effects)


_TITLES: dict[Action, str] = {
    "update": "Internal update", "check": "Internal note of the check", "resolve": "Internal: the fix is in",
    "reopen": "Internal: open again", "close": "Internal summary at the close",
}  # fmt: skip


def _message_lines(message: Message | None) -> Iterator[Text]:
    if message and message.sifted.needs_approval:
        yield text("Next: send the message below once it is approved; it passes on a time that engineering gave.")
    elif message:
        yield text("Next: send the message below to the customer.")
    if message and message.sifted.withheld and not message.sifted.kept:
        yield text("Nothing of what you wrote is for the customer: see below why; add a sentence that they may read.")
    elif message and message.sifted.withheld:
        yield text("Left out of the customer's message: what is not for them, see below.")


def _internal_fields(ctx: Context, after: Entry) -> Iterator[DraftField]:
    due, verified = after.clocks.next_update_due, after.escalation.verified
    if due:
        yield DraftField(label="Next update due", text=text(moment(due, ctx)))
    if after.escalation.resolved_at:
        yield DraftField(label="Fix in", text=text(moment(after.escalation.resolved_at, ctx)))
    if verified:
        yield DraftField(label="Verified", text=text(verified))


def _checklist(after: Entry) -> Iterator[Checklist]:
    """The checks after the fix, done or to do."""
    owner = after.escalation.owner or "CSE"
    tasks = tuple(
        Task(
            text=text(f"{check.rule.label}: {check.rule.what}"),
            owner=owner,
            due=check.due.date(),
            done=check.state == "done",
        )
        for check in after.clocks.checks
    )
    if tasks:
        yield Checklist(items=tasks)
