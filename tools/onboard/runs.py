"""Since when a measure of daily use holds: the first day of the run of days that still goes on."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from app.domain.snapshot import DailyUsage, FeatureDays, Flags, Floats
from app.domain.windows import Days

WEEK, MONTH = 7, 28


@dataclass(frozen=True, slots=True)
class Run:
    """`since` is the first day of the run that goes on, `once` the first day on which it ever held."""

    since: dt.date | None = None
    once: dt.date | None = None


def reached(daily: DailyUsage, calls: float) -> Run:
    """When all calls so far were as many."""
    first, dense = _dense(daily.day, daily.api_calls, daily.last)
    return _run(first, np.cumsum(dense) >= calls)


def weekly_calls(daily: DailyUsage, calls: float) -> Run:
    """Since when the calls of seven days are as many."""
    first, dense = _dense(daily.day, daily.api_calls, daily.last)
    return _run(first, _rolling(dense, WEEK) >= calls)


def working_day_users(daily: DailyUsage, users: float) -> Run:
    """Since when the mean of active users over the working days of 28 days is as high."""
    first, dense = _dense(daily.day, daily.active_users, daily.last)
    working = ((np.arange(first, first + len(dense)) + 6) % 7 < 5).astype(np.float64)  # ordinal 1 was a Monday
    days = _rolling(working, MONTH)
    mean = np.divide(_rolling(dense * working, MONTH), days, out=np.zeros_like(days), where=days > 0)
    return _run(first, mean >= users)


def features_in_use(used: FeatureDays, environment: str, number: float) -> Run:
    """Since when so many features were used within 28 days."""
    own = (used.environment == environment) & ~(used.count == 0)
    days, names = used.day[own], used.feature[own]
    if not len(days) or not used.last:
        return Run()
    first = int(days.min())
    seen = np.zeros(used.last - first + 1, dtype=np.int32)
    for name in set(names.tolist()):
        within = np.zeros(len(seen), dtype=np.bool_)
        for day in days[names == name]:
            within[day - first : day - first + MONTH] = True
        seen += within
    return _run(first, seen >= number)


def _dense(day: Days, values: Floats, last: int) -> tuple[int, Floats]:
    """A value for each day from the first row to the last covered day; 0 where there is none."""
    known = ~np.isnan(values)
    if not known.any() or not last:
        return 0, np.zeros(0)
    days = day[known]
    dense = np.zeros(max(last - int(days[0]) + 1, 0))
    within = days <= last
    dense[days[within] - days[0]] = values[known][within]
    return int(days[0]), dense


def _rolling(dense: Floats, days: int) -> Floats:
    """The sum of each day and those before it, so many in all."""
    total = np.concatenate(([0.0], np.cumsum(dense)))
    starts = np.maximum(np.arange(len(dense)) + 1 - days, 0)
    rolled: Floats = total[1:] - total[starts]
    return rolled


def _run(first: int, holds: Flags) -> Run:
    if not holds.any():
        return Run()
    once = dt.date.fromordinal(first + int(np.argmax(holds)))
    if not holds[-1]:
        return Run(None, once)
    broken = np.flatnonzero(~holds)
    since = int(broken[-1]) + 1 if len(broken) else 0
    return Run(dt.date.fromordinal(first + since), once)
