"""/troubleshoot acme solved …: the checks of a case are done, a note says what fixed it, an article is drafted."""

import datetime as dt
from collections.abc import Sequence

from app.domain.blocks import Block, Checklist, Heading, Question, Task, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.effects import Effect, LogTouchpoint, RecordCommitment
from app.domain.figures import Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import Commitment, Touchpoint
from app.domain.redact import mask_secrets
from app.domain.snapshot import AccountSnapshot
from tools.escalate.opening import record_id
from tools.troubleshoot.arguments import TroubleshootArgs
from tools.troubleshoot.article import article
from tools.troubleshoot.data import SolvedData
from tools.troubleshoot.follow_up import open_checks, rule_of
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.steps import US
from tools.troubleshoot.wording import listing

ID_PREFIX, ID_LETTERS = "slv-", 12
LONGEST_FIX = 4_000


def needs(args: TroubleshootArgs) -> Needs:
    """The account as of today.

    Raises:
        InvalidArguments: the account, or what fixed it, is not given (`missing`).
    """
    asked = {"account": "Which account is it?", "text": "What fixed it? A sentence is enough."}
    missing = [name for name in asked if not getattr(args, name)]
    if missing:
        raise InvalidArguments(" ".join(asked[name] for name in missing), missing=missing, invalid=[])
    return Needs(account=args.account, today=True)


def run(ctx: Context, args: TroubleshootArgs) -> Outcome:
    """Close the open checks of the case, log the note, and draft the article; of several cases, ask which."""
    snapshot, parameters = ctx.account, ctx.parameters
    if snapshot is None or not isinstance(parameters, TroubleshootParameters):
        raise TypeError("/troubleshoot solved needs an account and its own parameters in its context")
    fix = mask_secrets(args.text or "")[:LONGEST_FIX]
    checks = open_checks(snapshot)
    rules = meant(checks, fix, parameters)
    if len(rules) > 1:
        return _which(snapshot, rules, parameters)
    today = ctx.now.astimezone(ctx.timezone).date()
    done = tuple(each.model_copy(update={"done_on": today}) for each in checks if rule_of(each) in rules)
    because = _why_not(ctx, today)
    report = _report(ctx, snapshot, done, rules, fix, because, parameters)
    note = _note(snapshot, rules, fix, today, parameters)
    effects: tuple[Effect, ...] = (*(RecordCommitment(item=each) for each in done), LogTouchpoint(item=note))
    return Outcome(report, () if because else effects)


def _report(
    ctx: Context,
    snapshot: AccountSnapshot,
    done: tuple[Commitment, ...],
    rules: tuple[str, ...],
    fix: str,
    because: str,
    parameters: TroubleshootParameters,
) -> Report:
    """What is done, and the article for review; to the customer neither the checks nor the article."""
    inside = ctx.audience == "internal"
    draft = article(snapshot, rules, fix, parameters) if rules and inside else None
    blocks: list[Block] = [_verdict(snapshot, done, rules, because, parameters)]
    blocks += _closed(done) if inside else []
    blocks += [draft.block] if draft else []
    data = SolvedData(
        account_id=snapshot.account.id,
        written=not because,
        done=done,
        rules=rules,
        article=draft.document if draft else None,
    )
    return Report(data, tuple(blocks))


def meant(checks: Sequence[Commitment], fix: str, parameters: TroubleshootParameters) -> tuple[str, ...]:
    """The rules whose fix is meant: those that have open checks, or the ones of them that the text names."""
    rules = tuple(dict.fromkeys(rule for each in checks if (rule := rule_of(each)) in parameters.rules))
    said = fix.casefold()
    named = tuple(rule for rule in rules if rule in said or parameters.rules[rule].title.casefold() in said)
    return named or rules


def _which(snapshot: AccountSnapshot, rules: tuple[str, ...], parameters: TroubleshootParameters) -> Outcome:
    """Several cases are open: which one is solved is asked, and nothing is written."""
    name, account = snapshot.account.name, snapshot.account.id
    lines = tuple(text(f"{rule}: {parameters.rules[rule].title}") for rule in rules)
    verdict = Verdict(
        tone="warning", headline=text(f"{name}: several cases are open, which one is solved?"), lines=lines
    )
    data = SolvedData(account_id=account, written=False, done=(), rules=rules, article=None)
    question = Question(text=text("Which one is solved?"), fields=("text",), choices=rules)
    return Outcome(Report(data, (verdict,)), question=question)


def _why_not(ctx: Context, today: dt.date) -> str:
    """Why nothing is written; "" where it is."""
    if ctx.audience != "internal":
        return "An answer for the customer writes nothing."
    if ctx.as_of < today:
        return "Nothing was written: it is solved today, so leave as_of out."
    if not ctx.typed:
        return "Nothing was written: only what a person types writes. Type the command to close it."
    return "" if ctx.may_write else "Nothing was written: your key may only read."


def _verdict(
    snapshot: AccountSnapshot,
    done: Sequence[Commitment],
    rules: tuple[str, ...],
    because: str,
    parameters: TroubleshootParameters,
) -> Verdict:
    name = snapshot.account.name
    titles = listing([parameters.rules[rule].title for rule in rules])
    if because:
        return Verdict(tone="warning", headline=text(f"{name}: understood as solved"), lines=(text(because),))
    lines: list[Text] = [text("A note with the fix is logged. Type undo to take all of it back.")]
    if rules:
        lines.append(text("Next: review the draft of an article below, and put it into the knowledge base."))
    else:
        lines.append(
            text(f"No check of a diagnosis was open, so no article is drafted: run /troubleshoot {name} first.")
        )
    what = f"solved: {titles}" if titles else "the fix is logged"
    count = "" if not done else "; 1 check is done" if len(done) == 1 else f"; {len(done)} checks are done"
    return Verdict(tone="good", headline=text(f"{name}: {what}{count}"), lines=tuple(lines))


def _closed(done: Sequence[Commitment]) -> list[Block]:
    if not done:
        return []
    tasks = tuple(Task(text=text(each.what), owner=US, due=each.due, done=True) for each in done)
    return [Heading(text=text("Checks that are done")), Checklist(items=tasks)]


def _note(
    snapshot: AccountSnapshot, rules: tuple[str, ...], fix: str, today: dt.date, parameters: TroubleshootParameters
) -> Touchpoint:
    """The note; its id comes from the account, the day and the fix: the same said twice is one note."""
    titles = listing([parameters.rules[rule].title for rule in rules])
    account = snapshot.account.id
    return Touchpoint(
        id=record_id(ID_PREFIX, f"{account}\n{today}\n{fix}", ID_LETTERS),
        account_id=account,
        date=today,
        kind="note",
        text=f"Solved: {titles}. Fix: {fix}" if titles else f"Solved. Fix: {fix}",
    )
