"""The figures of an account's score, churn risk and contract; `tools.health.inputs` has those they rest on."""

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.contract import contract_figures
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure
from tools.health import evidence
from tools.health.case import Case, figure
from tools.health.indicators import TRIGGERED
from tools.health.inputs import Inputs, indicator_keys
from tools.health.onboarding import stage
from tools.health.parameters import ComponentKey, Scale
from tools.health.scoring import COMPONENTS, KNOWN, NOT_APPLICABLE, UNKNOWN
from tools.health.wording import COMPONENT_LABELS, FEED_NAMES, MEASURES


class FeedFigures(NamedTuple):
    last_day: Figure
    lag: Figure


def account_figures(case: Case) -> dict[str, Figure]:
    """Score, band, coverage, churn level, contract and onboarding by key: what the portfolio shows of each account."""
    contract = contract_figures(case.portfolio, case.row, case.currency)
    return {f.key: f for f in (*_health(case), *_churn(case), *contract.values(), *_onboarding(case))}


def points_figure(case: Case, key: ComponentKey, inputs: Inputs) -> Figure | None:
    """A known component's points; its formula carries the numbers. None where it is not known."""
    component = case.scores.components[key]
    if component.state[case.row] != KNOWN:
        return None
    points, measure = case.known(component.points), _plain(case.known(component.measure))
    most, scale = _plain(case.known(component.max)), getattr(case.parameters.components, key)
    rule = f"{most} × {measure}; {MEASURES[key]}"
    if isinstance(scale, Scale):
        zero = _less(scale.zero_at)
        share = f"({measure}{zero}) ÷ ({_plain(scale.full_at)}{zero})"
        rule = f"{most} × {share}, limited to 0–{most}; {measure} is {MEASURES[key]}"
    made_of = _figures(f.key for f in inputs.values())
    return figure(case, f"health.{key}.points", f"Points of {COMPONENT_LABELS[key]}", points, "points", rule, made_of)


def feed_figures(case: Case) -> dict[str, FeedFigures]:
    """Last day and lag of each connected feed that ends before as_of, by table."""
    return {table: _feed(case, table) for table in FEED_NAMES if case.feed_lag(table) > 0}


def _feed(case: Case, table: str) -> FeedFigures:
    key, name = f"feeds.{table}", FEED_NAMES[table]
    rule = "the last day that the feed covers; windows end on it"
    last = figure(case, f"{key}.last_day", f"Last day of {name}", case.feed_last(table), "date", rule)
    rule = "days from there to as_of"
    return FeedFigures(last, figure(case, f"{key}.lag", f"Lag of {name}", case.feed_lag(table), "days", rule))


def _health(case: Case) -> Iterable[Figure]:
    scores, row, rules = case.scores, case.row, case.parameters.tiers
    totals = _totals(case)
    points, known, applicable, unknown = (_plain(total) for total in (*totals, totals[2] - totals[1]))
    made_of = _figures(f"health.{key}.points" for key in COMPONENTS if scores.components[key].state[row] == KNOWN)
    rule = f"100 × {points} points ÷ {known}, the most that the known components give"
    yield figure(case, "health.score", "Health score", case.known(scores.score), "points", rule, made_of)
    rule = f"100 × {points} points ÷ {applicable}: every unknown component at 0"
    yield figure(case, "health.band.low", "Lowest possible score", case.known(scores.low), "points", rule, made_of)
    rule = f"100 × ({points} points + {unknown} unknown) ÷ {applicable}: every unknown component at its most"
    yield figure(case, "health.band.high", "Highest possible score", case.known(scores.high), "points", rule, made_of)
    rule = f"100 × {known} points known ÷ {applicable} that apply"
    yield figure(case, "health.coverage", "Coverage", case.known(scores.coverage), "%", rule, made_of)
    rule = (
        f"green from {rules.green:g}, yellow from {rules.yellow:g}, else red; none under {rules.min_coverage:g} % known"
    )
    yield figure(
        case,
        "health.tier",
        "Health tier",
        scores.tier[row],
        "text",
        rule,
        _figures(("health.score", "health.coverage")),
    )


def _totals(case: Case) -> tuple[float, float, float]:
    """Points of the known components, the most these give, and the most all applicable ones give."""
    components = [case.scores.components[key] for key in COMPONENTS]
    points = sum(case.known(c.points) or 0.0 for c in components)
    known = sum(float(c.max[case.row]) for c in components if c.state[case.row] == KNOWN)
    applicable = sum(float(c.max[case.row]) for c in components if c.state[case.row] != NOT_APPLICABLE)
    return points, known, applicable


def _churn(case: Case) -> Iterable[Figure]:
    churn, rules = case.churn, case.parameters.churn
    rule = (
        f"elevated from {rules.elevated_at} triggered, high from {rules.high_at}, critical from {rules.critical_at}; "
        f"one step up for a red score with under {rules.red_lifts_below} triggered; "
        f"from elevated, one more for a decision date within {rules.decision_days} days"
    )
    row, lifts = case.row, (("health.tier", churn.lifted_by_red), ("renewal.decision_date", churn.lifted_by_date))
    made_of = _figures((*(key for key, lifted in lifts if lifted[row]), *indicator_keys(case)))
    yield figure(case, "churn.level", "Churn level", churn.level[row], "text", rule, made_of)
    rule = "the level if every unknown indicator were triggered"
    label = "Highest possible churn level"
    yield figure(case, "churn.level.highest", label, churn.highest[row], "text", rule, made_of)
    for key, state, counts in (("triggered", TRIGGERED, churn.triggered), ("unknown", UNKNOWN, churn.unknown)):
        rule = f"how many of the seven indicators are {key}"
        number, made_of = int(counts[row]), _figures(indicator_keys(case, state))
        yield figure(case, f"churn.indicators.{key}", f"Indicators {key}", number, "count", rule, made_of)


def _onboarding(case: Case) -> Iterable[Figure]:
    now = stage(case.account, case.as_of, case.parameters.onboarding)
    if now is None or now.day is None:
        return
    field = evidence.account_field(case).evidence
    rule = "days from the contract's start, which is day 1"
    yield figure(case, "onboarding.day", "Day of onboarding", now.day, "days", rule, field)
    rule = f"the last day of the phase {now.phase.name}: day {now.phase.through_day}"
    yield figure(case, "onboarding.phase_end", "End of the onboarding phase", now.ends, "date", rule, field)


def _figures(keys: Iterable[str]) -> tuple[Evidence, ...]:
    """Other figures of the account as evidence: where a reader goes on."""
    return tuple(Evidence(kind="figures", id=key) for key in keys)[:MAX_LISTED_EVIDENCE]


def _plain(number: float | None) -> str:
    """A number within a formula, to four decimals."""
    return "unknown" if number is None else f"{round(number, 4):,}".removesuffix(".0")


def _less(number: float) -> str:
    """What taking a number away looks like in a formula."""
    if number == 0:
        return ""
    return f" − {_plain(number)}" if number > 0 else f" + {_plain(-number)}"
