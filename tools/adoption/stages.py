"""How far an account is with each feature: the funnel of persona §5.1, told from its use of features day by day.

Weeks are seven days each and end on the day that the feed covers. A feature is in habit where it was used in production
in enough of the last four; it has lapsed where that was so once, and no longer is.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.snapshot import FeatureDays, Index, PortfolioSnapshot
from app.domain.usage_periods import PRODUCTION

HABIT_OF_WEEKS = 4
"""A habit is told from so many weeks: the snapshot of a portfolio holds no more."""

WEEK_DAYS = 7

Stage = Literal["awareness", "trial", "activation", "habit", "lapsed"]

STAGES: tuple[Stage, ...] = ("awareness", "trial", "activation", "lapsed", "habit")
"""From never used to in habit."""


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """What an account did with a feature. `weeks` counts those of the last four with use in production.

    `regular_until` is the last day of production use of the newest four weeks in which it was in habit. `people` is the
    highest number of people on one of the last 28 days, None where that is not told.
    """

    name: str
    stage: Stage
    weeks: int = 0
    first_sandbox: dt.date | None = None
    last_sandbox: dt.date | None = None
    first_production: dt.date | None = None
    last_production: dt.date | None = None
    regular_until: dt.date | None = None
    people: float | None = None


def feature_uses(days: FeatureDays, others: Iterable[str], habit_weeks: int) -> tuple[FeatureUse, ...]:
    """Every feature that the account ever used, and the `others` that it never did, by name.

    A day whose count is not told counts as a use, a count of 0 does not. `habit_weeks` of four are a habit.
    """
    names = {str(each) for each in days.feature[_used(days)]}
    known = [_use(days, name, habit_weeks) for name in sorted(names)]
    return (*known, *(FeatureUse(name, "awareness") for name in sorted(set(others) - names)))


def habits(portfolio: PortfolioSnapshot, habit_weeks: int) -> Index:
    """How many features each account has in habit, by the rule of `feature_uses`."""
    features = portfolio.features
    in_habit = (features.environment == PRODUCTION) & (features.weeks >= habit_weeks)
    return np.bincount(features.account[in_habit], minlength=len(portfolio)).astype(np.int32)


def _used(days: FeatureDays) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    used: np.ndarray[tuple[int], np.dtype[np.bool_]] = (days.count > 0) | np.isnan(days.count)
    return used


def _use(days: FeatureDays, name: str, habit_weeks: int) -> FeatureUse:
    mine = _used(days) & (days.feature == name)
    live, tried = mine & (days.environment == PRODUCTION), mine & (days.environment != PRODUCTION)
    production, sandbox = days.day[live], days.day[tried]
    weeks = {int(each) for each in (days.last - production) // WEEK_DAYS}
    until = _habit_ended(weeks, habit_weeks)
    regular = None if until is None else max(int(d) for d in production if (days.last - d) // WEEK_DAYS >= until)
    lately = live & (days.day > days.last - HABIT_OF_WEEKS * WEEK_DAYS) & ~np.isnan(days.users)
    return FeatureUse(
        name,
        _stage(bool(production.size), until),
        weeks=len([each for each in weeks if each < HABIT_OF_WEEKS]),
        first_sandbox=_day(sandbox[:1]),
        last_sandbox=_day(sandbox[-1:]),
        first_production=_day(production[:1]),
        last_production=_day(production[-1:]),
        regular_until=None if regular is None else dt.date.fromordinal(regular),
        people=float(days.users[lately].max()) if lately.any() else None,
    )


def _stage(in_production: bool, habit_ended: int | None) -> Stage:
    if habit_ended is not None:
        return "lapsed" if habit_ended else "habit"
    return "activation" if in_production else "trial"


def _habit_ended(weeks: set[int], habit_weeks: int) -> int | None:
    """How many weeks ago the newest habit ended (0: it is one now); None where there never was one.

    Week 0 is the newest one.
    """
    starts = range(max(weeks, default=-1) + 1)
    return next((ago for ago in starts if _count(weeks, ago) >= habit_weeks), None)


def _count(weeks: set[int], ago: int) -> int:
    return sum(week in weeks for week in range(ago, ago + HABIT_OF_WEEKS))


def _day(ordinals: np.ndarray[tuple[int], np.dtype[np.int32]]) -> dt.date | None:
    return dt.date.fromordinal(int(ordinals[0])) if ordinals.size else None
