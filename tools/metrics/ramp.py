"""/metrics ramp: the goals of a CSE's first year (blueprint §6), and what shows that each was reached, or who said so.

The data tells what happened at the CSE's accounts, whoever did it; only escalations name who drove them.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Column, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Evidence, Figure, Text, listed, text
from app.domain.periods import Period
from app.domain.problems import InvalidArguments
from app.domain.records import Escalation, RampSignoff, Signal
from tools.feedback.statuses import answer_of
from tools.metrics import practice, service
from tools.metrics.arguments import MetricsArgs
from tools.metrics.book import Book, Span, feedback_of
from tools.metrics.data import GoalData, GoalState, RampMetrics
from tools.metrics.figures import slugs
from tools.metrics.measure import account_evidence, mean, percent
from tools.metrics.onboarding import go_lives
from tools.metrics.parameters import EvidenceKind, MetricsParameters, RampGoal, RampStage

MONTH_DAYS = 30.4
STATES: dict[GoalState, str] = {
    "signed_off": "signed off",
    "shown": "shown by the data",
    "not_yet": "not yet",
    "needs_sign_off": "needs a person's word",
}
REACHED: tuple[GoalState, ...] = ("signed_off", "shown")
RISKS = ("budget_cut", "competitor")
COLUMNS = ("Goal", "Due", "State", "Evidence")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the data shows of a goal: how much of what, and the records; None where it shows nothing."""

    value: float | None
    unit: str
    what: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    key: str
    goal: RampGoal
    stage: RampStage
    due: dt.date
    state: GoalState
    shown: Shown | None
    signed: RampSignoff | None


def report(ctx: Context, args: MetricsArgs, parameters: MetricsParameters) -> Report:
    """The goals of the owner's first year.

    Raises:
        InvalidArguments: no owner is named; nothing tells when the owner began; the first day lies ahead.
    """
    book = Book(ctx, parameters, _owner(ctx, args.owner or ""))
    owner = book.filters["owner"]
    since, assumed = _since(book, args.since, owner)
    span = book.span(Period("ramp", since, ctx.as_of, max(round((ctx.as_of - since).days / MONTH_DAYS), 1)))
    goals = [
        _goal(book, span, owner, stage, key, goal) for stage in parameters.ramp for key, goal in stage.goals.items()
    ]
    figures = {goal.key: _figure(book, goal, since) for goal in goals if goal.shown}
    day = (ctx.as_of - since).days + 1
    day_figure = _day_figure(book, since, day)
    blocks: list[Block] = [_verdict(ctx, owner, goals, day_figure, since)]
    if assumed:
        said = (
            f"The first day, {since}, is assumed: it is the first contract of an account that {owner} owns now. "
            f'The true one: /metrics ramp owner="{owner}" since=YYYY-MM-DD.'
        )
        blocks.append(Notice(tone="warning", text=text(said)))
    for stage in parameters.ramp:
        mine = [goal for goal in goals if goal.stage is stage]
        blocks.append(Heading(text=text(stage.label), folded=mine[0].due > ctx.as_of))
        columns = tuple(Column(label=label) for label in COLUMNS)
        blocks.append(Table(columns=columns, rows=tuple(_row(goal, figures.get(goal.key)) for goal in mine)))
    said = f"The data shows what happened at the accounts of {owner} from {since} on, whoever did it. A manager judges."
    blocks.append(Notice(tone="neutral", text=text(said)))
    data = RampMetrics(owner=owner, since=since, assumed=assumed, day=day, goals=tuple(_data(goal) for goal in goals))
    return Report(data, tuple(blocks), (day_figure, *figures.values()))


def _owner(ctx: Context, said: str) -> dict[str, str]:
    """The owner as the accounts or the sign-offs spell the name."""
    if not said:
        raise InvalidArguments("Whose ramp? Give owner=NAME.", missing=["owner"])
    owners = {a.owner for a in ctx.portfolio.accounts if a.owner} if ctx.portfolio else set()
    names = sorted(owners | {s.owner for s in ctx.listing(RampSignoff).records})
    found = next((name for name in names if name.casefold() == said.casefold()), None)
    if found is None:
        raise InvalidArguments(
            f"Nobody called {said!r} owns an account or has a goal signed off. Known: {', '.join(names) or 'nobody'}.",
            code="no_match",
            invalid=["owner"],
        )
    return {"owner": found}


def _since(book: Book, given: dt.date | None, owner: str) -> tuple[dt.date, bool]:
    """The first day of work, and whether it is assumed: from the first contract of the owner's accounts."""
    as_of = book.ctx.as_of
    if given is not None:
        if given > as_of:
            raise InvalidArguments(f"since={given} lies after {as_of}.", invalid=["since"])
        return given, False
    starts = [a.contract_start for a in book.accounts.values() if a.contract_start and a.contract_start <= as_of]
    if not starts:
        raise InvalidArguments(f"When did {owner} begin? Give since=YYYY-MM-DD.", missing=["since"])
    return min(starts), True


def _goal(book: Book, span: Span, owner: str, stage: RampStage, key: str, goal: RampGoal) -> Goal:
    signed = next(
        (s for s in book.ctx.listing(RampSignoff).records if s.goal == key and s.owner.casefold() == owner.casefold()),
        None,
    )
    shown = EVIDENCE[goal.evidence](book, span, owner) if goal.evidence else None
    due = span.period.first + dt.timedelta(days=stage.through_day - 1)
    return Goal(key, goal, stage, due, _state(goal, shown, signed), shown, signed)


def _state(goal: RampGoal, shown: Shown | None, signed: RampSignoff | None) -> GoalState:
    if signed is not None:
        return "signed_off"
    if shown is None or shown.value is None:
        return "needs_sign_off"
    return "shown" if shown.value >= goal.least - 1e-9 else "not_yet"


def _verdict(ctx: Context, owner: str, goals: Sequence[Goal], day: Figure, since: dt.date) -> Verdict:
    due = [goal for goal in goals if goal.due <= ctx.as_of]
    reached = [goal for goal in due if goal.state in REACHED]
    headline = text(f"{owner}, day ", day, f" since {since}: {len(reached)} of {len(due)} goals due by now are reached")
    lines: list[Text] = []
    open_ones = [goal for goal in due if goal.state not in REACHED]
    for state, words in (("not_yet", "Not yet, by the data"), ("needs_sign_off", "For a manager to say")):
        mine = [goal.key for goal in open_ones if goal.state == state]
        if mine:
            lines.append(text(f"{words}: {', '.join(mine)}."))
    ahead = next((goal.stage for goal in goals if goal.due > ctx.as_of), None)
    if ahead is not None:
        first = next(goal for goal in goals if goal.stage is ahead)
        lines.append(text(f"Due next, on {first.due}: the goals of “{ahead.label}”."))
    if open_ones:
        asked = next((goal for goal in open_ones if goal.state == "needs_sign_off"), open_ones[0])
        line = f'/metrics ramp sign-off owner="{owner}" goal={asked.key} what it rests on'
        lines.append(text(f"Next: talk through {asked.key} together; once it is reached, a manager types: {line}"))
    return Verdict(tone="good" if due and not open_ones else "neutral", headline=headline, lines=tuple(lines))


def _row(goal: Goal, figure: Figure | None) -> tuple[Text, ...]:
    told: Text = text("–")
    if goal.shown is not None and figure is not None and goal.shown.value is not None:
        told = text(f"{goal.shown.what}: ", figure, f", at least {goal.goal.least:g} wanted")
    elif goal.shown is not None:
        told = text(f"{goal.shown.what}: no data")
    if goal.signed is not None:
        note = f": {goal.signed.note}" if goal.signed.note else ""
        signed = text(f"{goal.signed.signed_by}, {goal.signed.signed_on}{note}")
        told = text(signed, "; ", told) if goal.shown and goal.shown.value is not None else signed
    return text(f"{goal.key}: {goal.goal.text}"), text(str(goal.due)), text(STATES[goal.state]), told


def _figure(book: Book, goal: Goal, since: dt.date) -> Figure:
    shown = goal.shown or Shown(None, "count", "")
    name = ".".join(("metrics", *slugs(book.filters), "ramp", goal.key, f"since_{since}"))
    value: float | int | None = shown.value
    if isinstance(value, float) and value.is_integer() and shown.unit == "count":
        value = int(value)
    return Figure(
        key=name,
        label=f"{goal.key}: {shown.what}",
        value=value,
        unit=shown.unit,
        account_id=None,
        as_of=book.ctx.as_of,
        formula=f"{shown.what}, from {since} on, at the accounts of the owner",
        evidence=shown.evidence,
    )


def _day_figure(book: Book, since: dt.date, day: int) -> Figure:
    return Figure(
        key=".".join(("metrics", *slugs(book.filters), "ramp", "day", f"since_{since}")),
        label="Day of the ramp",
        value=day,
        unit="days",
        account_id=None,
        as_of=book.ctx.as_of,
        formula="days from the first day of work, which is day 1",
    )


def _data(goal: Goal) -> GoalData:
    return GoalData(
        key=goal.key,
        text=goal.goal.text,
        stage=goal.stage.key,
        due=goal.due,
        state=goal.state,
        evidence=goal.goal.evidence,
        value=goal.shown.value if goal.shown else None,
        least=goal.goal.least if goal.goal.evidence else None,
        why=goal.shown.what if goal.shown else "no data shows it",
        signed_by=goal.signed.signed_by if goal.signed else None,
        signed_on=goal.signed.signed_on if goal.signed else None,
        note=goal.signed.note if goal.signed else None,
    )


# What the data shows


def _milestones_done(book: Book, span: Span, _: str) -> Shown:
    done = [(m.id, m.done_on) for m in book.milestones if m.done_on and span.has(m.done_on)]
    evidence = listed("milestones", done, None) if done else ()
    return Shown(float(len(done)), "count", "onboarding steps done", evidence)


def _documentation(book: Book, _: Span, __: str) -> Shown:
    found = practice.documentation_hygiene(book)
    return Shown(found.value, "%", "accounts documented and up to date", found.evidence)


def _onboardings(book: Book, span: Span, _: str) -> Shown:
    begun = [a.id for a in book.accounts.values() if span.has(a.contract_start)]
    return Shown(float(len(begun)), "count", "customers whose contract began", account_evidence(begun))


def _tickets_alone(book: Book, span: Span, _: str) -> Shown:
    alone = [t for t in book.resolved(span) if not service.is_escalated(t)]
    return Shown(float(len(alone)), "count", "tickets solved without engineering", service.ticket_evidence(alone))


def _sessions(book: Book, span: Span, _: str) -> Shown:
    kinds = book.parameters.rules.session_kinds
    held = [t for t in book.touchpoints if t.kind in kinds and t.status == "attended" and span.has(t.date)]
    sessions = {practice.session_of(t) for t in held}
    evidence = listed("touchpoints", [(t.id, t.date) for t in held], None) if held else ()
    return Shown(float(len(sessions)), "count", "sessions held", evidence)


def _escalation_quality(book: Book, span: Span, owner: str) -> Shown:
    opened = [e for e in book.ctx.listing(Escalation).records if (e.owner or "").casefold() == owner.casefold()]
    scored = [(e, e.quality) for e in opened if span.holds(e.opened_at) and e.quality is not None]
    days = [(e.id, e.opened_at.astimezone(book.ctx.timezone).date()) for e, _ in scored]
    value, evidence = mean([quality for _, quality in scored]), listed("escalations", days, None) if days else ()
    return Shown(value, "points", f"quality of their escalations, of 5 (n={len(scored)})", evidence)


def _go_lives(book: Book, span: Span, _: str) -> Shown:
    done = [(m.id, m.done_on) for m in go_lives(book).values() if m.done_on and span.has(m.done_on)]
    return Shown(float(len(done)), "count", "go-lives", listed("milestones", done, None) if done else ())


def _risks_recorded(book: Book, span: Span, _: str) -> Shown:
    found = [(s.id, s.date) for s in book.records(Signal) if s.kind in RISKS and span.has(s.date)]
    evidence = listed("signals", found, None) if found else ()
    return Shown(float(len(found)), "count", "risks recorded at their accounts", evidence)


def _feedback_adopted(book: Book, span: Span, _: str) -> Shown:
    parameters = feedback_of(book.ctx.others)
    items = [i for i in book.feedback.items if set(i.account_ids) & set(book.accounts) and span.has(i.created_on)]
    taken = [i for i in items if answer_of(i, book.ctx.as_of, parameters) in parameters.adopted]
    rows = [(i.id, i.created_on) for i in taken if i.created_on]
    evidence = listed("feedback", rows, None) if rows else ()
    return Shown(float(len(taken)), "count", "requests of their customers that product took up", evidence)


def _repeats_down(book: Book, span: Span, _: str) -> Shown:
    """The repeat-issue rate of the first half of the time less that of the second."""
    first, last = span.period.first, span.last
    middle = first + (last - first) / 2
    halves = [Period("half", first, middle, 1), Period("half", middle + dt.timedelta(days=1), last, 1)]
    rates = [percent(*service.Repeats(book, book.span(half)).counts(None)) for half in halves]
    known = [rate for rate in rates if rate is not None]
    value = known[0] - known[1] if len(known) == len(halves) else None
    return Shown(value, "%", "drop of the repeat-issue rate from the first half of the time to the second, in points")


def _csat(book: Book, span: Span, _: str) -> Shown:
    found = service.csat(book, span)
    return Shown(found.value, "points", f"satisfaction with tickets, of 5 (n={found.n})", found.evidence)


EVIDENCE: Mapping[EvidenceKind, Callable[[Book, Span, str], Shown]] = {
    "milestones_done": _milestones_done,
    "documentation": _documentation,
    "onboardings": _onboardings,
    "tickets_alone": _tickets_alone,
    "sessions": _sessions,
    "escalation_quality": _escalation_quality,
    "go_lives": _go_lives,
    "risks_recorded": _risks_recorded,
    "feedback_adopted": _feedback_adopted,
    "repeats_down": _repeats_down,
    "csat": _csat,
}
