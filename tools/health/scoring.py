"""The health score (design, section 4): ten components of a hundred points, written once over arrays.

Nothing here looks at a clock, and nothing loops over accounts: `score` of one account is `score` of a portfolio of
one. A component is known, unknown or not applicable; unknown ones widen the band and never count as zero.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from app.domain.records import Account
from app.domain.snapshot import Flags, Floats, Index, PortfolioSnapshot, Strings
from app.domain.windows import working_days_between
from tools.health import selections
from tools.health.grouping import per_group
from tools.health.parameters import ComponentKey, HealthParameters, Scale, Tiers
from tools.health.selections import PRIOR_CALLS_DAYS, USAGE_DAYS, count, rows_of

COMPONENTS: tuple[ComponentKey, ...] = get_args(ComponentKey)
KNOWN, UNKNOWN, NOT_APPLICABLE = "known", "unknown", "not_applicable"
GREEN, YELLOW, RED = "green", "yellow", "red"

ROUNDING = 1e-9
"""Sums of floats may fall this far below a threshold that they reach exactly."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component over all accounts.

    `points` is NaN unless the state is known. `measure` is the value that the component's scale turns into points.
    `missing` is the code of what an unknown component lacks (see `tools.health.wording`), else "".
    """

    state: Strings
    points: Floats
    max: Floats
    measure: Floats
    missing: Strings
    inputs: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Scores:
    """Health of each account, all of 100. `score` is NaN and `tier` "unknown" where coverage is too low.

    `decided_by` is the unknown component of the most points where the band reaches into another tier, else "".
    """

    components: Mapping[ComponentKey, Component]
    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    tier: Strings
    provisional: Flags
    decided_by: Strings


def score(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Scores:
    """Score every account with the parameters in force for its segment and lifecycle."""
    return per_group(portfolio.accounts, parameters, lambda effective: _score(portfolio, effective))


def ratio(dividend: Floats, divisor: NDArray[Any]) -> Floats:
    """NaN where the divisor is 0 or NaN."""
    usable = (divisor != 0) & ~np.isnan(divisor)
    quotient: Floats = np.divide(dividend, divisor, out=np.full(dividend.shape, np.nan), where=usable)
    return quotient


def account_numbers(accounts: Sequence[Account], field: str) -> Floats:
    """A numeric field of every account; NaN where unknown."""
    values = (getattr(account, field) for account in accounts)
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def account_words(accounts: Sequence[Account], field: str) -> Strings:
    """A text field of every account; "" where unknown."""
    return np.array([getattr(account, field) or "" for account in accounts], dtype=object)


def first_missing(accounts: int, checks: Sequence[tuple[Flags, str]]) -> Strings:
    """The code of each account's first check that holds, "" where none does."""
    missing = np.full(accounts, "", dtype=object)
    for lacking, code in reversed(checks):
        missing[lacking] = code
    return missing


def counted_distinct(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Flags:
    """Accounts so small that distinct users of 28 days stand in for the mean of a working day."""
    few_seats = account_numbers(portfolio.accounts, "licensed_seats") <= parameters.components.dau.distinct_up_to_seats
    counted: Flags = few_seats & ~np.isnan(portfolio.usage.users_distinct_28)
    return counted


def _score(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Scores:
    components = {key: _FORMULAS[key](portfolio, parameters) for key in COMPONENTS}
    return _total(components, parameters.tiers)


def _total(components: Mapping[ComponentKey, Component], tiers: Tiers) -> Scores:
    columns = [components[key] for key in COMPONENTS]
    unknown = np.stack([np.where(c.state == UNKNOWN, c.max, 0.0) for c in columns])
    points = _sum(np.nan_to_num(c.points) for c in columns)
    known, missing = _sum(np.where(c.state == KNOWN, c.max, 0.0) for c in columns), _sum(unknown)
    applicable = known + missing
    coverage = np.nan_to_num(_percent(known, applicable))
    low = np.nan_to_num(_percent(points, applicable))
    high = np.nan_to_num(_percent(points + missing, applicable), nan=100.0)
    covered = _reaches(coverage, tiers.min_coverage)
    value = np.where(covered, _percent(points, known), np.nan)
    tier = tiers_of(value, tiers)
    firm = _reaches(coverage, tiers.firm_green_coverage) & _reaches(low, tiers.firm_green_floor)
    undecided = (tiers_of(low, tiers) != tiers_of(high, tiers)) & (unknown.max(axis=0) > 0)
    largest = np.array(COMPONENTS, dtype=object)[unknown.argmax(axis=0)]
    return Scores(
        components=components,
        score=value,
        low=low,
        high=high,
        coverage=coverage,
        tier=tier,
        provisional=(tier == GREEN) & ~firm,
        decided_by=np.where(undecided, largest, ""),
    )


def _sum(columns: Iterable[Floats]) -> Floats:
    """Adds column after column: numpy's own order, and so its rounding, depends on how many accounts there are."""
    return functools.reduce(np.add, columns)


def _percent(part: Floats, whole: Floats) -> Floats:
    return np.clip(ratio(100 * part, whole), 0, 100)


def _reaches(values: Floats, threshold: float) -> Flags:
    return values >= threshold - ROUNDING


def tiers_of(values: Floats, tiers: Tiers) -> Strings:
    """The tier that each score is in; "unknown" for NaN."""
    below_green = np.where(_reaches(values, tiers.yellow), YELLOW, RED)
    tier = np.where(_reaches(values, tiers.green), GREEN, below_green).astype(object)
    tier[np.isnan(values)] = UNKNOWN
    return tier


def scaled(values: Floats, scale: Scale) -> Floats:
    """The share of its points that each value earns, 0 to 1."""
    return np.clip((values - scale.zero_at) / (scale.full_at - scale.zero_at), 0, 1)


def _component(
    most: float,
    share: Floats,
    measure: Floats,
    missing: Strings,
    inputs: Mapping[str, Floats],
    not_applicable: Flags | None = None,
) -> Component:
    state = np.where(missing == "", KNOWN, UNKNOWN).astype(object)
    if not_applicable is not None:
        state[not_applicable] = NOT_APPLICABLE
    return Component(
        state=state,
        points=np.where(state == KNOWN, most * share, np.nan),
        max=np.full(len(state), float(most)),
        measure=measure,
        missing=np.where(state == UNKNOWN, missing, ""),
        inputs=inputs,
    )


def _dau(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, usage, feeds = parameters.components.dau, portfolio.usage, portfolio.feeds
    seats = account_numbers(portfolio.accounts, "licensed_seats")
    end = feeds.window_end("usage")
    first = np.maximum(usage.users_first, end - USAGE_DAYS + 1).astype(np.int32)
    working_days = np.where(usage.users_first > 0, working_days_between(first, end), 0)
    mean = ratio(usage.users_working_28, working_days)
    active = np.where(counted_distinct(portfolio, parameters), usage.users_distinct_28, mean)
    measure = ratio(active, seats)
    missing = first_missing(
        len(portfolio),
        [
            (~feeds.usable("usage"), "feed:usage"),
            (np.isnan(active), "active_users"),
            (np.isnan(measure), "licensed_seats"),
        ],
    )
    inputs = {"mean": mean, "distinct": usage.users_distinct_28, "seats": seats}
    billed_by_call = account_words(portfolio.accounts, "usage_model") == "api"
    return _component(parameters.weights["dau"], scaled(measure, scale), measure, missing, inputs, billed_by_call)


def _api_calls(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, usage, feeds = parameters.components.api_calls, portfolio.usage, portfolio.feeds
    before = feeds.window_end("usage") - USAGE_DAYS
    span = np.clip(before - usage.calls_first + 1, 0, PRIOR_CALLS_DAYS)
    span = np.where(usage.calls_first > 0, span, 0).astype(np.float64)
    usual = ratio(usage.calls_prior_84, span) * USAGE_DAYS
    measure = ratio(usage.calls_28, usual)
    missing = first_missing(
        len(portfolio),
        [
            (~feeds.usable("usage"), "feed:usage"),
            (np.isnan(usage.calls_28), "api_calls"),
            (span < scale.min_span_days, "call_history"),
            (np.isnan(measure), "prior_calls"),
        ],
    )
    inputs = {"calls": usage.calls_28, "prior_calls": usage.calls_prior_84, "span": span}
    per_seat = account_words(portfolio.accounts, "usage_model") == "seats"
    return _component(parameters.weights["api_calls"], scaled(measure, scale), measure, missing, inputs, per_seat)


def _feature_adoption(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, features = parameters.components.feature_adoption, portfolio.features
    used = _distinct(features.account, features.feature, len(portfolio))
    used[portfolio.features_first == 0] = np.nan  # never a row: not measured
    available = account_numbers(portfolio.accounts, "features_available")
    measure = ratio(used, available)
    missing = first_missing(
        len(portfolio),
        [
            (~portfolio.feeds.usable("feature_usage"), "feed:feature_usage"),
            (np.isnan(used), "features_used"),
            (np.isnan(measure), "features_available"),
        ],
    )
    inputs = {"used": used, "available": available}
    return _component(parameters.weights["feature_adoption"], scaled(measure, scale), measure, missing, inputs)


def _nps(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, n = parameters.components.nps, len(portfolio)
    counted = selections.latest_responses(portfolio, scale.window_days)
    responses = count(portfolio, "nps", counted)
    promoters = count(portfolio, "nps", selections.promoters(portfolio, scale.window_days))
    detractors = count(portfolio, "nps", selections.detractors(portfolio, scale.window_days))
    measure = ratio(100 * (promoters - detractors), responses + scale.neutral_added)
    missing = first_missing(n, [(~portfolio.feeds.usable("nps"), "feed:nps"), (responses == 0, "nps_responses")])
    plain = ratio(100 * (promoters - detractors), responses)
    inputs = {"score": plain, "responses": responses, "promoters": promoters, "detractors": detractors}
    return _component(parameters.weights["nps"], scaled(measure, scale), measure, missing, inputs)


def _outreach(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, n = parameters.components.outreach, len(portfolio)
    invited = count(portfolio, "touchpoints", selections.invitations(portfolio, scale))
    attended = count(portfolio, "touchpoints", selections.attended(portfolio, scale))
    measure = ratio(attended, invited)
    missing = first_missing(
        n, [(~portfolio.feeds.usable("touchpoints"), "feed:touchpoints"), (invited == 0, "invitations")]
    )
    inputs = {"attended": attended, "invited": invited}
    return _component(parameters.weights["outreach"], scaled(measure, scale), measure, missing, inputs)


def _champion(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    settings, feeds, n = parameters.components.champion, portfolio.feeds, len(portfolio)
    points, signals = portfolio.touchpoints, portfolio.signals
    ever = rows_of(points.account, selections.champion_touchpoints(portfolio, settings), n)
    ever += rows_of(signals.account, selections.champion_signals(portfolio, settings), n)
    recent = rows_of(points.account, selections.recent_champion_touchpoints(portfolio, settings), n)
    recent += rows_of(signals.account, selections.recent_champion_signals(portfolio, settings), n)
    contacts = portfolio.contacts.account
    present = rows_of(contacts, selections.champions_present(portfolio), n)
    left = rows_of(contacts, selections.champions_left(portfolio), n)
    forsaken = (left > 0) & (present == 0)
    measure = np.where(forsaken, 0.0, np.minimum(recent, 1.0))
    silent = ~forsaken & (recent == 0)
    missing = first_missing(
        n,
        [
            (silent & (ever == 0), "champion_actions"),
            (silent & ~feeds.usable("touchpoints"), "feed:touchpoints"),
            (silent & feeds.connected("signals") & ~feeds.usable("signals"), "feed:signals"),
        ],
    )
    heard = feeds.usable("touchpoints") | feeds.usable("signals")
    inputs = {"actions": np.where(heard | (recent > 0), recent, np.nan), "champions": present, "champions_left": left}
    return _component(parameters.weights["champion"], measure, measure, missing, inputs)


def _ticket_volume(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, n = parameters.components.ticket_volume, len(portfolio)
    opened = count(portfolio, "tickets", selections.tickets_opened(portfolio, scale.window_days))
    missing = first_missing(n, [(~portfolio.feeds.usable("tickets"), "feed:tickets")])
    weight = parameters.weights["ticket_volume"]
    return _component(weight, scaled(opened, scale), opened, missing, {"opened": opened})


def _resolution_time(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, tickets, n = parameters.components.resolution_time, portfolio.tickets, len(portfolio)
    per_target = selections.hours_per_target(portfolio, scale.target_hours)
    resolved = selections.tickets_resolved(portfolio, scale.window_days)
    overdue = selections.tickets_overdue(portfolio, scale.target_hours)
    counted = resolved | overdue
    measure = _median(tickets.account[counted], per_target[counted], n)
    missing = first_missing(
        n, [(~portfolio.feeds.usable("tickets"), "feed:tickets"), (np.isnan(measure), "resolutions")]
    )
    inputs = {
        "ratio": measure,
        "resolved": count(portfolio, "tickets", resolved),
        "overdue": count(portfolio, "tickets", overdue),
    }
    return _component(parameters.weights["resolution_time"], scaled(measure, scale), measure, missing, inputs)


def _escalations(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, n = parameters.components.escalations, len(portfolio)
    escalated = count(portfolio, "tickets", selections.tickets_escalated(portfolio, scale.window_days))
    missing = first_missing(n, [(~portfolio.feeds.usable("tickets"), "feed:tickets")])
    weight = parameters.weights["escalations"]
    return _component(weight, scaled(escalated, scale), escalated, missing, {"escalated": escalated})


def _outcomes(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Component:
    scale, goals, n = parameters.components.outcomes, portfolio.goals, len(portfolio)
    known = rows_of(goals.account, selections.goals_known(portfolio), n)
    met = rows_of(goals.account, selections.goals_met(portfolio), n)
    measure = ratio(met, known)
    missing = first_missing(n, [(known == 0, "goal_status")])
    return _component(
        parameters.weights["outcomes"], scaled(measure, scale), measure, missing, {"met": met, "known": known}
    )


def _distinct(account: Index, names: Strings, accounts: int) -> Floats:
    """Number of different names of each account."""
    if not len(account):
        return np.zeros(accounts)
    name = np.unique(names.astype(str), return_inverse=True)[1]
    pairs = np.unique(np.stack([account, name]), axis=1)
    return np.bincount(pairs[0], minlength=accounts).astype(np.float64)


def _median(account: Index, values: Floats, accounts: int) -> Floats:
    """The median of each account's values; NaN where it has none."""
    values = values[np.lexsort((values, account))]
    counts = np.bincount(account, minlength=accounts)
    starts = np.cumsum(counts) - counts
    has = counts > 0
    lower, upper = (starts + (counts - 1) // 2)[has], (starts + counts // 2)[has]
    medians = np.full(accounts, np.nan)
    medians[has] = (values[lower] + values[upper]) / 2
    return medians


_FORMULAS: Mapping[ComponentKey, Callable[[PortfolioSnapshot, HealthParameters], Component]] = {
    "dau": _dau,
    "api_calls": _api_calls,
    "feature_adoption": _feature_adoption,
    "nps": _nps,
    "outreach": _outreach,
    "champion": _champion,
    "ticket_volume": _ticket_volume,
    "resolution_time": _resolution_time,
    "escalations": _escalations,
    "outcomes": _outcomes,
}
