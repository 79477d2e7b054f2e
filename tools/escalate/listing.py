"""/escalate list: what is open, whose it is, and what is due; and the question which escalation is meant."""

from collections.abc import Iterator

from app.domain.blocks import Block, Column, Heading, Notice, Question, Table, Tone, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.figures import Evidence, Figure, Text, listed, text
from app.domain.records import Severity
from tools.escalate.arguments import EscalateArgs
from tools.escalate.clocks import Check, severity_of
from tools.escalate.data import ListData, escalation_data
from tools.escalate.parameters import EscalateParameters
from tools.escalate.register import Entry, age_figure, age_text, arr_figure, book_of, entries, moment

MOST_NAMED = 3
"""So many overdue ones are named in the verdict; the table has all."""


def run(ctx: Context, args: EscalateArgs, parameters: EscalateParameters) -> Outcome:
    every = [entry for entry in entries(ctx, parameters) if _is_asked_for(entry, args)]
    shown = sorted((e for e in every if args.status == "all" or e.is_open), key=_urgency)
    checked = sorted((e for e in every if e.clocks.checks_wanted), key=lambda e: e.clocks.checks_wanted[0].due)
    counts = _counts(ctx, args, every, checked)
    on_page = shown[: parameters.shown.open]
    figures = [
        *counts.values(),
        *(figure for e in on_page for figure in (age_figure(e, ctx.as_of), arr_figure(e, ctx.as_of))),
    ]
    blocks: list[Block] = [_verdict(ctx, args, shown, checked, counts), *_day_notice(ctx)]
    if on_page:
        blocks.append(_table(ctx, on_page, len(shown), parameters))
    if checked:
        blocks += [Heading(text=text("Checks after the fix")), _checks_table(ctx, checked[: parameters.shown.open])]
    data = ListData(
        action="list",
        escalations=tuple(escalation_data(entry) for entry in shown),
        open=sum(entry.is_open for entry in shown),
        updates_overdue=sum(entry.clocks.update_overdue for entry in shown),
        checks_due=len(checked),
    )
    return Outcome(Report(data=data, blocks=tuple(blocks), figures=tuple(figures)))


def ask_which(
    ctx: Context, args: EscalateArgs, candidates: tuple[Entry, ...], parameters: EscalateParameters
) -> Outcome:
    """The question which of several escalations is meant."""
    offered = sorted(candidates, key=_urgency)[: parameters.shown.list]
    figures = tuple(figure for e in offered for figure in (age_figure(e, ctx.as_of), arr_figure(e, ctx.as_of)))
    said = (
        "Which escalation? Give its id, or its ticket's." if offered else "Which escalation? None is open; give an id."
    )
    question = Question(text=text(said), fields=("escalation",), choices=tuple(entry.id for entry in offered))
    blocks: list[Block] = [Verdict(tone="warning", headline=text("It is not certain which escalation is meant"))]
    if offered:
        blocks.append(_table(ctx, offered, len(candidates), parameters))
    data = ListData(
        action=args.action or "list",
        escalations=tuple(escalation_data(entry) for entry in offered),
        open=sum(entry.is_open for entry in candidates),
        updates_overdue=sum(entry.clocks.update_overdue for entry in candidates),
        checks_due=sum(bool(entry.clocks.checks_wanted) for entry in candidates),
    )
    return Outcome(Report(data=data, blocks=tuple(blocks), figures=figures), question=question)


def _is_asked_for(entry: Entry, args: EscalateArgs) -> bool:
    owner = (entry.escalation.owner or "").casefold()
    return args.account in (None, entry.account.id) and (args.owner is None or args.owner.casefold() in owner)


def _urgency(entry: Entry) -> tuple[int, float, Severity, str]:
    """Overdue updates first, then those that are due next; then fixed ones, then closed ones."""
    clocks = entry.clocks
    due = clocks.next_update_due
    rank = 0 if clocks.update_overdue else {"open": 1, "resolved": 2, "closed": 3}[clocks.state]
    at = due.timestamp() if due else -entry.escalation.opened_at.timestamp()
    return rank, at, entry.escalation.severity or "SEV4", entry.id


def _counts(ctx: Context, args: EscalateArgs, every: list[Entry], checked: list[Entry]) -> dict[str, Figure]:
    """How many are open, closed, overdue, and to be checked: of the account and the owner that were asked for."""
    asked = "".join(f".{name}.{value}" for name, value in (("owner", args.owner),) if value)
    groups = {
        "open": ("Open escalations", [e for e in every if e.is_open], "escalations that are not closed"),
        "updates_overdue": (
            "Updates overdue",
            [e for e in every if e.clocks.update_overdue],
            "next update due before the answer",
        ),
        "checks_due": ("Escalations to be checked", checked, "fixed, with a check due or overdue"),
        "closed": ("Closed escalations", [e for e in every if not e.is_open], "escalations that are closed"),
    }
    return {
        name: Figure(
            key=f"escalations.{name}{asked}",
            label=label,
            value=len(group),
            unit="count",
            account_id=args.account,
            as_of=ctx.as_of,
            formula=rule,
            evidence=_records(group),
        )
        for name, (label, group, rule) in groups.items()
    }


def _records(group: list[Entry]) -> tuple[Evidence, ...]:
    return listed("escalations", [(entry.id, entry.escalation.opened_at.date()) for entry in group], None)


def _verdict(
    ctx: Context, args: EscalateArgs, shown: list[Entry], checked: list[Entry], counts: dict[str, Figure]
) -> Verdict:
    overdue = [entry for entry in shown if entry.clocks.update_overdue]
    tone: Tone = "bad" if overdue else "warning" if checked else "good"
    return Verdict(
        tone=tone,
        headline=_headline(ctx, args, shown, counts),
        lines=tuple(_lines(ctx, shown, overdue, checked, counts)),
    )


def _headline(ctx: Context, args: EscalateArgs, shown: list[Entry], counts: dict[str, Figure]) -> Text:
    account = ctx.account.account.name if ctx.account else args.account
    whose = (f" of {account}" if args.account else "") + (f" owned by {args.owner}" if args.owner else "")
    if not any(entry.is_open for entry in shown):
        head = text(f"No escalation{whose} is open")
    else:
        head = text("Open escalations", whose, ": ", counts["open"])
    return text(head, "; closed: ", counts["closed"]) if args.status == "all" else head


def _lines(
    ctx: Context, shown: list[Entry], overdue: list[Entry], checked: list[Entry], counts: dict[str, Figure]
) -> Iterator[Text]:
    if overdue:
        named = "; ".join(f"{_called(entry)}, due {_due(ctx, entry)}" for entry in overdue[:MOST_NAMED])
        updates = "updates" if len(overdue) > 1 else "update"
        yield text(counts["updates_overdue"], f" {updates} overdue: {named}{_and_more(overdue)}.")
    if checked:
        named = "; ".join(_check_told(ctx, entry, entry.clocks.checks_wanted[0]) for entry in checked[:MOST_NAMED])
        wait = "fixes wait" if len(checked) > 1 else "fix waits"
        yield text(counts["checks_due"], f" {wait} for a check: {named}{_and_more(checked)}.")
    waiting = [entry for entry in shown if entry.clocks.state == "open" and not entry.clocks.update_overdue]
    if waiting:
        yield text(f"Next update: {_called(waiting[0])}, due {_due(ctx, waiting[0])}.")
    if _is_over(ctx):
        return
    if overdue:
        yield text(f"Next: /escalate update {overdue[0].id} …, even if there is nothing new.")
    elif checked:
        yield text(f"Next: /escalate check {checked[0].id} …")
    elif not shown:
        opens = f"/escalate {ctx.account.account.id if ctx.account else 'ACCOUNT'} … opens one"
        yield text(f"{opens}; /escalate list status=all shows those that are closed, too.")


def _called(entry: Entry) -> str:
    severity = f", {entry.escalation.severity}" if entry.escalation.severity else ""
    return f"{entry.id} ({entry.account.name}{severity})"


def _and_more(group: list[Entry]) -> str:
    return f" and {len(group) - MOST_NAMED} more" if len(group) > MOST_NAMED else ""


def _due(ctx: Context, entry: Entry) -> str:
    due = entry.clocks.next_update_due
    return moment(due, ctx) if due else "–"


def _check_told(ctx: Context, entry: Entry, check: Check) -> str:
    state = "overdue since" if check.state == "overdue" else "due"
    return f"{_called(entry)}, {check.rule.label}, {state} {moment(check.due, ctx)}"


def _day_notice(ctx: Context) -> Iterator[Notice]:
    if _is_over(ctx):
        said = f"As it stood at the end of {book_of(ctx).as_of}: ages and clocks run to then."
        yield Notice(tone="neutral", text=text(said))


def _is_over(ctx: Context) -> bool:
    """Whether the answer is about a day that is over: nothing is to be done in it."""
    return book_of(ctx).as_of < ctx.now.astimezone(ctx.timezone).date()


def _table(ctx: Context, shown: list[Entry], total: int, parameters: EscalateParameters) -> Table:
    labels = (
        "Escalation",
        "Account",
        "Severity",
        "State",
        "Owner",
        "Age",
        "Last update",
        "Next update due",
        "ARR",
        "Renewal",
        "Issue",
    )
    right = ("Age", "ARR")
    return Table(
        columns=tuple(Column(label=label, align="right" if label in right else "left") for label in labels),
        rows=tuple(_row(ctx, entry, parameters) for entry in shown),
        more=text(f"{total - len(shown)} more: narrow the list by account or owner=…") if total > len(shown) else (),
    )


def _row(ctx: Context, entry: Entry, parameters: EscalateParameters) -> tuple[Text, ...]:
    escalation, clocks = entry.escalation, entry.clocks
    severity = escalation.severity or f"none (as {severity_of(escalation, parameters)})"
    renewal = entry.account.renewal_date
    due = _due(ctx, entry) + (", overdue" if clocks.update_overdue else "")
    return (
        text(entry.id + (f" ({escalation.ticket_id})" if escalation.ticket_id else "")),
        text(f"{entry.account.name} ({entry.account.id})"),
        text(severity),
        text(clocks.state),
        text(escalation.owner or "nobody"),
        age_text(entry, ctx.as_of),
        text(moment(clocks.last_update_at, ctx)),
        text(due),
        text(arr_figure(entry, ctx.as_of)),
        text(renewal.isoformat() if renewal else "unknown"),
        text(_cut(escalation.title)),
    )


TITLE_IN_TABLE = 60


def _cut(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= TITLE_IN_TABLE else f"{line[: TITLE_IN_TABLE - 1]}…"


def _checks_table(ctx: Context, checked: list[Entry]) -> Table:
    rows = tuple(
        (
            text(entry.id),
            text(entry.account.name),
            text(check.rule.label),
            text(check.rule.what),
            text(moment(check.due, ctx)),
            text(check.state),
        )
        for entry in checked
        for check in entry.clocks.checks_wanted
    )
    labels = ("Escalation", "Account", "After the fix", "Check", "Due", "State")
    return Table(columns=tuple(Column(label=label) for label in labels), rows=rows)
