"""Watch items: what deserves a look beside the seven indicators. They count in neither the score nor the churn level.

Over arrays like the indicators, with the same states. A feed that stopped makes an item unknown, never triggered.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from app.domain.snapshot import Flags, Floats, Index, PortfolioSnapshot
from app.domain.windows import Days
from tools.health import selections
from tools.health.grouping import per_group
from tools.health.indicators import Indicator, indicator
from tools.health.onboarding import stage
from tools.health.parameters import HealthParameters, OnboardingStalled, UsageBase
from tools.health.scoring import account_words, first_missing, ratio
from tools.health.selections import USAGE_DAYS, WEEK_DAYS, count

WatchKey = Literal["error_spike", "three_declines", "gone_quiet", "onboarding_stalled"]
WATCH_ITEMS: tuple[WatchKey, ...] = get_args(WatchKey)

Sign = Literal["contract_start", "first_use", "new_feature", "rising_use", "goal", "meeting"]
SIGNS: tuple[Sign, ...] = get_args(Sign)
"""What shows that an onboarding moves."""

PROGRESS_FEEDS = ("usage", "feature_usage", "touchpoints")


def watch(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Mapping[WatchKey, Indicator]:
    """The watch items of every account, with the parameters in force for it."""
    return per_group(
        portfolio.accounts,
        parameters,
        lambda effective: {key: _FORMULAS[key](portfolio, effective) for key in WATCH_ITEMS},
    )


def _error_spike(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    """Errors per call of the last 7 days against the 28 days before them."""
    settings, usage, feeds = parameters.watch.error_spike, portfolio.usage, portfolio.feeds
    high = ratio(usage.errors_7, usage.calls_7) >= settings.at_least
    # Multiplied out, so that whole numbers are compared.
    spiked = usage.errors_7 * usage.calls_28_before_7 >= settings.factor * usage.errors_28_before_7 * usage.calls_7
    earlier_begins = feeds.window_end("usage") - WEEK_DAYS - USAGE_DAYS + 1
    short = (usage.errors_first > earlier_begins) | (usage.calls_first > earlier_begins)
    missing = first_missing(
        len(portfolio),
        [
            (~feeds.usable("usage"), "feed:usage"),
            (np.isnan(usage.calls_7), "api_calls"),
            (np.isnan(usage.errors_7), "errors"),
            (usage.calls_7 < settings.min_calls, "error_calls"),
            (high & short, "error_history"),
            (high & (usage.calls_28_before_7 < settings.min_calls), "error_base"),
        ],
    )
    inputs = {
        "share": ratio(100 * usage.errors_7, usage.calls_7),
        "base_share": ratio(100 * usage.errors_28_before_7, usage.calls_28_before_7),
        "errors": usage.errors_7,
        "calls": usage.calls_7,
        "base_errors": usage.errors_28_before_7,
        "base_calls": usage.calls_28_before_7,
    }
    calls_do_not_apply = _per_seat(portfolio) & np.isnan(usage.calls_28)
    return indicator(high & spiked, missing, inputs, calls_do_not_apply)


def _three_declines(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    """Calls (active users where calls are not applicable) of four times 28 days, each well below the one before."""
    settings, usage = parameters.watch.three_declines, portfolio.usage
    calls = (usage.calls_28, usage.calls_prior_28, usage.calls_28_before_56, usage.calls_28_before_84)
    users = (usage.users_28, usage.users_prior_28, usage.users_28_before_56, usage.users_28_before_84)
    newest_first = [np.where(_per_seat(portfolio), u, c) for u, c in zip(users, calls, strict=True)]
    steps = [ratio(later, earlier) for later, earlier in pairwise(newest_first)]
    declined = np.logical_and.reduce([step <= settings.at_most for step in steps])
    missing = first_missing(
        len(portfolio), _usage_missing(portfolio, newest_first[-1], 4, settings, "decline_history", "decline_base")
    )
    names = ("", "_2", "_3", "_4")
    inputs = {f"calls{name}": column for name, column in zip(names, calls, strict=True)}
    inputs |= {f"users{name}": column for name, column in zip(names, users, strict=True)}
    return indicator(declined, missing, inputs)


def _gone_quiet(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    """A ticket in each of so many months, then none, while usage falls."""
    settings, usage = parameters.watch.gone_quiet, portfolio.usage
    month = settings.window_days
    opened, *before = (
        count(portfolio, "tickets", selections.tickets_opened(portfolio, month, before=back * month))
        for back in range(settings.months + 1)
    )
    asked = np.sum([months > 0 for months in before], axis=0).astype(np.float64)
    silent = (opened == 0) & (asked == settings.months)
    per_seat = _per_seat(portfolio)
    earlier = np.where(per_seat, usage.users_prior_28, usage.calls_prior_28)
    falling = ratio(np.where(per_seat, usage.users_28, usage.calls_28), earlier) <= settings.at_most
    usage_missing = _usage_missing(portfolio, earlier, 2, settings, "usage_history", "usage_base")
    missing = first_missing(
        len(portfolio),
        [
            (~portfolio.feeds.usable("tickets"), "feed:tickets"),
            *((silent & lacking, code) for lacking, code in usage_missing),
        ],
    )
    inputs = {
        "opened": opened,
        "asked": np.where(np.isnan(opened), np.nan, asked),
        "calls_change": 100 * (ratio(usage.calls_28, usage.calls_prior_28) - 1),
        "users_change": 100 * (ratio(usage.users_28, usage.users_prior_28) - 1),
    }
    return indicator(silent & falling, missing, inputs)


def _onboarding_stalled(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Indicator:
    """No sign of progress for so many days, up to the day that all feeds of such signs cover."""
    settings, usage, feeds = parameters.watch.onboarding_stalled, portfolio.usage, portfolio.feeds
    plan = parameters.onboarding
    settled = np.array([stage(a, portfolio.as_of, plan) is None for a in portfolio.accounts], dtype=np.bool_)
    signs = np.stack([_SIGN_DAYS[sign](portfolio, settings) for sign in SIGNS])
    last = signs.max(axis=0)
    until = np.full(len(portfolio), portfolio.today)
    for feed in PROGRESS_FEEDS:
        until = np.where(feeds.usable(feed), np.minimum(until, feeds.window_end(feed)), until)
    idle = np.where(last > 0, np.maximum(until - last, 0), np.nan)
    never_used = (usage.users_first == 0) & (usage.calls_first == 0) & (portfolio.features_first == 0)
    quiet = ~(idle < settings.idle_days)
    missing = first_missing(
        len(portfolio),
        [
            (last == 0, "contract_start"),
            (quiet & ~feeds.usable("usage"), "feed:usage"),
            *(
                (quiet & feeds.connected(feed) & ~feeds.usable(feed), f"feed:{feed}")
                for feed in ("feature_usage", "touchpoints")
            ),
            (quiet & never_used, "usage_ever"),
        ],
    )
    inputs = {
        "idle": idle,
        "last_sign": np.where(last > 0, last, np.nan),
        "sign": np.where(last > 0, signs.argmax(axis=0), np.nan),
    }
    return indicator(idle >= settings.idle_days, missing, inputs, settled)


def _per_seat(portfolio: PortfolioSnapshot) -> Flags:
    """Accounts whose calls are not applicable."""
    return np.asarray(account_words(portfolio.accounts, "usage_model") == "seats", dtype=np.bool_)


def _usage_missing(
    portfolio: PortfolioSnapshot, oldest: Floats, windows: int, base: UsageBase, short: str, small: str
) -> Sequence[tuple[Flags, str]]:
    """What is lacking to compare usage over so many windows of 28 days, of which `oldest` is the first."""
    usage, feeds, per_seat = portfolio.usage, portfolio.feeds, _per_seat(portfolio)
    first = np.where(per_seat, usage.users_first, usage.calls_first)
    needed = np.where(per_seat, base.min_daily_users * USAGE_DAYS, base.min_calls)
    return [
        (~feeds.usable("usage"), "feed:usage"),
        (np.isnan(oldest) & per_seat, "active_users"),
        (np.isnan(oldest), "api_calls"),
        (first > feeds.window_end("usage") - windows * USAGE_DAYS + 1, short),
        (~(oldest >= needed), small),
    ]


def _contract_start(portfolio: PortfolioSnapshot, _: OnboardingStalled) -> Days:
    starts = (a.contract_start.toordinal() if a.contract_start else 0 for a in portfolio.accounts)
    days = np.array(list(starts), dtype=np.int32)
    return np.where(days <= portfolio.today, days, 0).astype(np.int32)


def _first_use(portfolio: PortfolioSnapshot, _: OnboardingStalled) -> Days:
    """The first active users or calls, where there were any; the first use of any feature."""
    usage = portfolio.usage
    called = np.nan_to_num(usage.calls_28) + np.nan_to_num(usage.calls_prior_84) > 0
    calls, users = np.where(called, usage.calls_first, 0), np.where(usage.users_28 > 0, usage.users_first, 0)
    return np.maximum(np.maximum(calls, users), portfolio.features_first).astype(np.int32)


def _new_feature(portfolio: PortfolioSnapshot, _: OnboardingStalled) -> Days:
    """The newest day on which a feature was first used within the last 28 days; one used on the first may be older."""
    features = portfolio.features
    begins = portfolio.feeds.window_end("feature_usage") - USAGE_DAYS + 1
    return _newest(len(portfolio), features.account, features.first_day, features.first_day > begins[features.account])


def _rising_use(portfolio: PortfolioSnapshot, settings: OnboardingStalled) -> Days:
    """The end of the usage windows, where the last week is well above the one two weeks earlier."""
    usage = portfolio.usage
    rising = np.zeros(len(portfolio), dtype=np.bool_)
    for now, then in ((usage.users_7, usage.users_7_before_14), (usage.calls_7, usage.calls_7_before_14)):
        rising |= (now > 0) & (now >= settings.rising_at_least * then)
    return np.where(rising, portfolio.feeds.window_end("usage"), 0).astype(np.int32)


def _goal(portfolio: PortfolioSnapshot, _: OnboardingStalled) -> Days:
    goals = portfolio.goals
    return _newest(len(portfolio), goals.account, goals.status_day, selections.goals_met(portfolio))


def _meeting(portfolio: PortfolioSnapshot, settings: OnboardingStalled) -> Days:
    points = portfolio.touchpoints
    return _newest(len(portfolio), points.account, points.day, selections.held(portfolio, settings.kinds))


def _newest(accounts: int, account: Index, days: Days, selected: Flags) -> Days:
    """The newest of each account's selected days; 0 where there is none."""
    newest = np.zeros(accounts, dtype=np.int32)
    np.maximum.at(newest, account[selected], days[selected])
    return newest


_SIGN_DAYS: Mapping[Sign, Callable[[PortfolioSnapshot, OnboardingStalled], Days]] = {
    "contract_start": _contract_start,
    "first_use": _first_use,
    "new_feature": _new_feature,
    "rising_use": _rising_use,
    "goal": _goal,
    "meeting": _meeting,
}

_FORMULAS: Mapping[WatchKey, Callable[[PortfolioSnapshot, HealthParameters], Indicator]] = {
    "error_spike": _error_spike,
    "three_declines": _three_declines,
    "gone_quiet": _gone_quiet,
    "onboarding_stalled": _onboarding_stalled,
}
