"""The seven churn indicators and the churn level (design, section 4), over arrays like the score.

An indicator is triggered, clear, unknown or not applicable. The level follows from how many are triggered; a red score
and a decision date close by lift it, so that health and churn cannot contradict each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from app.domain.snapshot import Flags, Floats, Index, PortfolioSnapshot, Strings
from app.domain.windows import Days
from tools.health import selections
from tools.health.grouping import per_group
from tools.health.parameters import ChurnLevels, HealthParameters, Mention
from tools.health.scoring import (
    NOT_APPLICABLE,
    RED,
    UNKNOWN,
    Scores,
    account_numbers,
    account_words,
    first_missing,
    ratio,
)
from tools.health.selections import USAGE_DAYS, count, rows_of

IndicatorKey = Literal[
    "usage_decline",
    "low_adoption",
    "support_spike",
    "champion_departure",
    "budget_cuts",
    "competitor",
    "missed_meetings",
]
INDICATORS: tuple[IndicatorKey, ...] = get_args(IndicatorKey)
TRIGGERED, CLEAR = "triggered", "clear"

LEVELS = ("low", "elevated", "high", "critical")
ELEVATED = LEVELS.index("elevated")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator over all accounts. `missing` is the code of what an unknown one lacks, else ""."""

    state: Strings
    missing: Strings
    inputs: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Churn:
    """Churn risk of each account.

    `level` takes the unknown indicators as clear; it is "unknown" where too few are known and none is triggered. The
    range runs from all unknown ones clear (`lowest`) to all of them triggered (`highest`). `lifted_by_red` and
    `lifted_by_date` say which lifts are in `lowest`.
    """

    indicators: Mapping[IndicatorKey, Indicator]
    triggered: Index
    unknown: Index
    level: Strings
    lowest: Strings
    highest: Strings
    lifted_by_red: Flags
    lifted_by_date: Flags


def indicate(portfolio: PortfolioSnapshot, parameters: HealthParameters, scores: Scores) -> Churn:
    """The indicators and churn level of every account, with the parameters in force for it."""
    return per_group(portfolio.accounts, parameters, lambda effective: _indicate(portfolio, effective, scores))


def decision_days(portfolio: PortfolioSnapshot) -> Days:
    """The day on which each account can last give notice, as an ordinal; 0 where there is no renewal date."""
    days = (account.decision_date for account in portfolio.accounts)
    return np.array([day.toordinal() if day else 0 for day in days], dtype=np.int32)


def renewal_days(portfolio: PortfolioSnapshot) -> Days:
    """Each account's renewal date as an ordinal; 0 where there is none."""
    days = (account.renewal_date for account in portfolio.accounts)
    return np.array([day.toordinal() if day else 0 for day in days], dtype=np.int32)


def decides_within(portfolio: PortfolioSnapshot, days: int, lapsed_days: int) -> Flags:
    """Accounts whose decision is due within `days`, or overdue: until `lapsed_days` after the contract ended.

    A contract that renews by itself does not lapse; accounts that are no customers yet have nothing to decide.
    """
    decision, renewal = decision_days(portfolio), renewal_days(portfolio)
    customers = (account_words(portfolio.accounts, "lifecycle") != "churned") & ~portfolio.not_yet
    renews = np.array([account.auto_renew is True for account in portfolio.accounts], dtype=np.bool_)
    last = renewal + np.where(renews, 0, lapsed_days)
    near: Flags = (decision <= portfolio.today + days) & (portfolio.today <= last)
    due: Flags = (renewal > 0) & near & customers
    return due


def _indicate(portfolio: PortfolioSnapshot, parameters: HealthParameters, scores: Scores) -> Churn:
    indicators = {key: _FORMULAS[key](portfolio, parameters) for key in INDICATORS}
    states = np.stack([indicators[key].state for key in INDICATORS])
    triggered = (states == TRIGGERED).sum(axis=0).astype(np.int32)
    unknown = (states == UNKNOWN).sum(axis=0).astype(np.int32)
    known = triggered + (states == CLEAR).sum(axis=0)
    rules = parameters.churn
    red = scores.tier == RED
    near = decides_within(portfolio, rules.decision_days, rules.lapsed_days)
    lowest, by_red, by_date = churn_levels(triggered, red, near, rules)
    highest, _, _ = churn_levels(triggered + unknown, red, near, rules)
    too_little = (known < rules.min_known) & (triggered == 0)
    return Churn(
        indicators=indicators,
        triggered=triggered,
        unknown=unknown,
        level=np.where(too_little, UNKNOWN, lowest),
        lowest=lowest,
        highest=highest,
        lifted_by_red=by_red,
        lifted_by_date=by_date,
    )


def churn_levels(triggered: Index, red: Flags, near: Flags, rules: ChurnLevels) -> tuple[Strings, Flags, Flags]:
    """Levels from the number of triggered indicators; which of them a red score and a decision date close by lifted."""
    thresholds = np.array([rules.elevated_at, rules.high_at, rules.critical_at])
    level = np.searchsorted(thresholds, triggered, side="right")
    by_red = red & (triggered < rules.red_lifts_below) & (level < len(LEVELS) - 1)
    level = level + by_red
    by_date = near & (level >= ELEVATED) & (level < len(LEVELS) - 1)
    return np.array(LEVELS, dtype=object)[level + by_date], by_red, by_date


def indicator(
    triggered: Flags, missing: Strings, inputs: Mapping[str, Floats], not_applicable: Flags | None = None
) -> Indicator:
    """Triggered or clear, unless something is missing or the indicator does not apply."""
    state = np.where(triggered, TRIGGERED, CLEAR).astype(object)
    state[missing != ""] = UNKNOWN
    if not_applicable is not None:
        state[not_applicable] = NOT_APPLICABLE
    return Indicator(state=state, missing=np.where(state == UNKNOWN, missing, ""), inputs=inputs)


def _usage_decline(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    settings, usage, feeds = parameters.indicators.usage_decline, portfolio.usage, portfolio.feeds
    per_seat = account_words(portfolio.accounts, "usage_model") == "seats"
    recent = np.where(per_seat, usage.users_28, usage.calls_28)
    earlier = np.where(per_seat, usage.users_prior_28, usage.calls_prior_28)
    first = np.where(per_seat, usage.users_first, usage.calls_first)
    earlier_begins = feeds.window_end("usage") - 2 * USAGE_DAYS + 1
    needed = np.where(per_seat, settings.min_daily_users * USAGE_DAYS, settings.min_calls)
    change = ratio(recent, earlier)
    missing = first_missing(
        len(portfolio),
        [
            (~feeds.usable("usage"), "feed:usage"),
            (np.isnan(recent) & per_seat, "active_users"),
            (np.isnan(recent), "api_calls"),
            (first > earlier_begins, "usage_history"),
            (~(earlier >= needed), "usage_base"),
        ],
    )
    inputs = {
        "calls": usage.calls_28,
        "earlier_calls": usage.calls_prior_28,
        "calls_change": 100 * (ratio(usage.calls_28, usage.calls_prior_28) - 1),
        "users": usage.users_28,
        "earlier_users": usage.users_prior_28,
        "users_change": 100 * (ratio(usage.users_28, usage.users_prior_28) - 1),
    }
    return indicator(change <= settings.at_most, missing, inputs)


def _low_adoption(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    settings, usage, feeds = parameters.indicators.low_adoption, portfolio.usage, portfolio.feeds
    seats = account_numbers(portfolio.accounts, "licensed_seats")
    share, peak_share = ratio(usage.users_distinct_28, seats), ratio(usage.users_peak_28, seats)
    counted = ~np.isnan(usage.users_distinct_28)
    missing = first_missing(
        len(portfolio),
        [
            (~feeds.usable("usage"), "feed:usage"),
            (~(seats > 0), "licensed_seats"),
            (~counted & np.isnan(peak_share), "active_users"),
            (~counted & (peak_share < settings.below), "distinct_users"),
        ],
    )
    inputs = {"distinct": usage.users_distinct_28, "peak": usage.users_peak_28, "seats": seats}
    billed_by_call = account_words(portfolio.accounts, "usage_model") == "api"
    return indicator(share < settings.below, missing, inputs, billed_by_call)


def _support_spike(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    settings = parameters.indicators.support_spike
    opened = count(portfolio, "tickets", selections.tickets_opened(portfolio, settings.window_days))
    before = selections.tickets_opened(portfolio, settings.base_days, before=settings.window_days)
    base = count(portfolio, "tickets", before)
    # Multiplied out, so that whole numbers are compared.
    spiked = opened * settings.base_days >= settings.factor * base * settings.window_days
    missing = first_missing(len(portfolio), [(~portfolio.feeds.usable("tickets"), "feed:tickets")])
    inputs = {"opened": opened, "base": base}
    return indicator(spiked & (opened >= settings.min_tickets), missing, inputs)


def _champion_departure(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    account, n = portfolio.contacts.account, len(portfolio)
    length = parameters.indicators.champion_departure.window_days
    contacts = np.bincount(account, minlength=n)
    ever = rows_of(account, portfolio.contacts.is_champion, n)
    present = rows_of(account, selections.champions_present(portfolio), n)
    left = rows_of(account, selections.champions_left(portfolio, length), n)
    missing = first_missing(n, [(contacts == 0, "contacts"), (ever == 0, "champions")])
    return indicator((left > 0) & (present == 0), missing, {"champions_left": left, "champions": present})


def _mention(portfolio: PortfolioSnapshot, settings: Mention) -> Indicator:
    """A signal on record triggers, however old its feed is; only silence needs feeds that prove it."""
    mentions = selections.present(portfolio, "signals", selections.mentions(portfolio, settings))
    conversations = selections.present(portfolio, "touchpoints", selections.conversations(portfolio, settings))
    quiet = ~(mentions > 0)
    missing = first_missing(
        len(portfolio),
        [
            (quiet & ~portfolio.feeds.usable("signals"), "feed:signals"),
            (quiet & np.isnan(conversations), "feed:touchpoints"),
            (quiet & (conversations == 0), "conversations"),
        ],
    )
    return indicator(mentions > 0, missing, {"mentions": mentions, "conversations": conversations})


def _budget_cuts(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    return _mention(portfolio, parameters.indicators.budget_cuts)


def _competitor(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    return _mention(portfolio, parameters.indicators.competitor)


def _missed_meetings(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    settings = parameters.indicators.missed_meetings
    invited = count(portfolio, "touchpoints", selections.invitations(portfolio, settings))
    missed = count(portfolio, "touchpoints", selections.no_shows(portfolio, settings))
    missing = first_missing(
        len(portfolio),
        [(~portfolio.feeds.usable("touchpoints"), "feed:touchpoints"), (invited == 0, "invitations")],
    )
    return indicator(missed >= settings.no_shows, missing, {"missed": missed, "invited": invited})


_FORMULAS: Mapping[IndicatorKey, Callable[[PortfolioSnapshot, HealthParameters], Indicator]] = {
    "usage_decline": _usage_decline,
    "low_adoption": _low_adoption,
    "support_spike": _support_spike,
    "champion_departure": _champion_departure,
    "budget_cuts": _budget_cuts,
    "competitor": _competitor,
    "missed_meetings": _missed_meetings,
}
