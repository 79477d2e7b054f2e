"""/metrics backtest: whether churn indicators and health tiers foretold who left, better than chance.

Beside the churns stand all losses of ARR (churn or downgrade): where few customers left, there are more of these to
judge the warnings by.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.domain.blocks import Block, Heading, Notice, Paragraph, Verdict
from app.domain.command import Context, Needs, Report
from app.domain.figures import Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import ArrMovement
from tools.metrics.arguments import MetricsArgs
from tools.metrics.data import BacktestMetrics
from tools.metrics.judging import Judged, label_of
from tools.metrics.measure import percent
from tools.metrics.parameters import STEP_DAYS, Backtest, MetricsParameters
from tools.metrics.replay import WARNINGS, Outcomes, Replay, churns, looks_of, losses, replay

STEPS_A_YEAR = 12

MOST_NAMED = 5


def needs(years: int) -> Needs:
    """The portfolio on each step, and who left when."""
    days = tuple(STEP_DAYS * (back + 1) for back in range(STEPS_A_YEAR * years))
    return Needs(portfolio=True, days=days, records=(ArrMovement,), parameters_of=("health",))


def report(ctx: Context, args: MetricsArgs, parameters: MetricsParameters) -> Report:
    """Each warning against the own churn, and against all losses.

    Raises:
        InvalidArguments: a warning is none of ours.
    """
    if ctx.portfolio is None:
        raise TypeError("the backtest needs the portfolio")
    wanted, settings = _wanted(args.indicators), parameters.backtest
    movements: defaultdict[str, list[ArrMovement]] = defaultdict(list)
    for movement in sorted(ctx.listing(ArrMovement).records, key=lambda m: (m.date, m.id)):
        movements[movement.account_id].append(movement)
    left = churns(ctx.portfolio, movements)
    looks = looks_of(day for back, day in ctx.days.items() if (ctx.as_of - day.as_of).days == back)
    found = replay(looks, left, ctx.as_of, settings.horizon_days, leads=True)
    lost = replay(looks, losses(ctx.portfolio, movements), ctx.as_of, settings.horizon_days, leads=False)
    if found is None or lost is None:
        return _nothing(ctx, settings, left)
    churned, shrunk = Judged(ctx.as_of, settings, found, "churn"), Judged(ctx.as_of, settings, lost, "loss")
    blocks: list[Block] = [
        _verdict(ctx, churned, shrunk, wanted),
        *churned.blocks(wanted),
        *_notices(ctx, left, found),
        Heading(text=text("Against any loss of ARR, churn or downgrade"), folded=True),
        *shrunk.blocks(wanted),
        Heading(text=text("At renewals"), folded=True),
        churned.renewals(wanted) if found.renewals else Paragraph(text=text("No renewal date lies in the windows.")),
        Heading(text=text("How this was tested"), folded=True),
        Paragraph(text=text(_method(settings))),
    ]
    figures = (*churned.figures.values(), *shrunk.figures.values())
    return Report(_data(ctx, churned, shrunk, wanted, left), tuple(blocks), figures)


def _verdict(ctx: Context, churned: Judged, shrunk: Judged, wanted: Sequence[str]) -> Verdict:
    found, settings = churned.found, churned.settings
    events = churned.figure("events", "Churns in the windows", found.events, "count", "churns that left no ARR")
    windows = churned.figure("windows", "Windows", found.windows, "count", "customers × horizons that do not overlap")
    rule = "100 × churns ÷ windows"
    base = churned.figure("base_rate", "Base rate", percent(found.events, found.windows), "%", rule)
    lines: list[Text] = [
        text(f"{found.first} to {ctx.as_of}, in windows of {settings.horizon_days} days: ", windows, " windows, ",
             events, " churns, base rate ", base, ".")
    ]  # fmt: skip
    beside = _skilled(shrunk, wanted)
    if shrunk.found.events >= settings.min_events:
        said = "none is better than chance" if not beside else f"better than chance: {', '.join(beside)}"
        losses_told = shrunk.figure(
            "events", "Losses in the windows", shrunk.found.events, "count", "windows with a loss"
        )
        lines.append(text("Against any loss of ARR (", losses_told, f" windows with one), {said}."))
    if skilled := _skilled(churned, wanted):
        lines.append(text("Next: act on these first; treat the others as hints that start a talk."))
        return Verdict(tone="good", headline=text(f"Better than chance: {', '.join(skilled)}"), lines=tuple(lines))
    if found.events < settings.min_events:
        lines.append(text("Next: import the dated ARR movements of customers who left, as far back as you have them."))
        headline = text("It cannot be told whether the warnings foretell churn: ", events,
                        f" churns on record, {settings.min_events} are needed")  # fmt: skip
        return Verdict(tone="neutral", headline=headline, lines=tuple(lines))
    untold = [label_of(w) for w in wanted if churned.judged(w)[0] == "cannot_tell"]
    if untold:
        lines.append(text(f"Not to be told, for want of data or churns: {', '.join(untold)}."))
    lines.append(text("Next: do not rank customers by these warnings alone; see what those who left had in common."))
    return Verdict(tone="warning", headline=text("No warning foretold churn better than chance"), lines=tuple(lines))


def _skilled(judged: Judged, wanted: Sequence[str]) -> list[str]:
    return [label_of(warning) for warning in wanted if judged.judged(warning)[0] == "skill"]


def _data(ctx: Context, churned: Judged, shrunk: Judged, wanted: Sequence[str], known: Outcomes) -> BacktestMetrics:
    found = churned.found
    return BacktestMetrics(
        first=found.first,
        last=ctx.as_of,
        horizon_days=churned.settings.horizon_days,
        windows=found.windows,
        events=found.events,
        undated=tuple(sorted(known.undated)),
        renewals=found.renewals,
        renewals_kept=found.renewals_kept,
        warnings=tuple(churned.data(warning) for warning in wanted),
        loss_events=shrunk.found.events,
        loss_warnings=tuple(shrunk.data(warning) for warning in wanted),
    )


def _wanted(said: str | None) -> tuple[str, ...]:
    """The warnings that are meant; none named: all."""
    if not said:
        return WARNINGS
    names = [name.lower() for name in said.replace(",", " ").split()]
    found = tuple(w for w in WARNINGS if w in names or w.removeprefix("tier_") in names)
    unknown = [n for n in names if n not in WARNINGS and f"tier_{n}" not in WARNINGS]
    if unknown:
        raise InvalidArguments(
            f"{', '.join(unknown)}: no churn indicator or tier is called so. There are {', '.join(WARNINGS)}.",
            invalid=["indicators"],
        )
    return found


def _nothing(ctx: Context, settings: Backtest, known: Outcomes) -> Report:
    days = settings.horizon_days
    headline = text(f"It cannot be told whether the warnings warn: no data reaches {days} days back")
    lines = (text("Next: import the history of usage, tickets and ARR movements, as far back as you have it."),)
    data = BacktestMetrics(
        first=ctx.as_of,
        last=ctx.as_of,
        horizon_days=days,
        windows=0,
        events=0,
        undated=tuple(sorted(known.undated)),
        renewals=0,
        renewals_kept=0,
        warnings=(),
    )
    return Report(data, (Verdict(tone="neutral", headline=headline, lines=lines),))


def _notices(ctx: Context, known: Outcomes, found: Replay) -> Sequence[Block]:
    made = []
    if known.undated:
        names = _named(ctx, known.undated)
        said = f"Left out, since they left on a day that no ARR movement tells: {names}."
        made.append(Notice(tone="warning", text=text(said)))
    if known.untold:
        said = f"Left out, since no ARR movements are connected for them: {_named(ctx, known.untold)}."
        made.append(Notice(tone="neutral", text=text(said)))
    if found.assumed:
        said = (
            "Seats, renewal dates and other undated fields of some accounts were first recorded later than the days "
            "looked at: the warnings of those days rest on what was recorded then."
        )
        made.append(Notice(tone="neutral", text=text(said)))
    return made


def _named(ctx: Context, ids: frozenset[str]) -> str:
    names: Mapping[str, str] = {a.id: a.name for a in ctx.portfolio.accounts} if ctx.portfolio else {}
    shown = [names.get(one, one) for one in sorted(ids)]
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return ", ".join(shown[:MOST_NAMED]) + more


def _method(settings: Backtest) -> str:
    days, sure = settings.horizon_days, f"{100 * settings.confidence:g} %"
    return (
        f"The portfolio was looked at as it stood every {STEP_DAYS} days. Each window of {days} days begins on one of "
        "these days and overlaps no other. A warning that was up when a window began foretold a churn within it. "
        "Precision is how many of the warned left, recall how many of those who left were warned, and the base rate "
        "how many left of all whose warning was known; of all, where it is known only when it is up. Lead is counted "
        f"from the first look at which it was up, over churns with one in the {days} days before. Intervals are exact "
        f"(Clopper-Pearson) and hold with {sure} for all {len(WARNINGS)} warnings together; a warning is better than "
        "chance where its interval lies past the base rate."
    )
