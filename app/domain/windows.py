"""Days, windows and working days. An n-day window is n calendar dates in the deployment's time zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
"""Calendar days as proleptic ordinals (`date.toordinal()`); 0 means no day."""

Instants = NDArray[np.datetime64]
"""Instants in UTC, `datetime64[us]`; NaT means none."""

STALE_AFTER_DAYS = 7
"""A feed that ends more than so many days before as_of says nothing about as_of (design, section 2)."""


def end_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first instant after `day` in `zone`, in UTC: facts of the day are before it."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def instant(value: dt.datetime) -> np.datetime64:
    """An aware datetime as UTC datetime64[us]."""
    return np.datetime64(value.astimezone(dt.UTC).replace(tzinfo=None), "us")


def instants(values: list[dt.datetime | None]) -> Instants:
    """Aware datetimes (or None) as UTC datetime64[us]; naive ones are taken as UTC."""
    return np.array(
        [
            np.datetime64("NaT") if v is None else (v.astimezone(dt.UTC).replace(tzinfo=None) if v.tzinfo else v)
            for v in values
        ],
        dtype="datetime64[us]",
    )


def day_ends(days: Days, zone: ZoneInfo) -> Instants:
    """`end_of_day` of each ordinal; NaT for 0. Few distinct days are expected."""
    ends = np.full(days.shape, np.datetime64("NaT"), dtype="datetime64[us]")
    for day in np.unique(days):
        if day > 0:
            ends[days == day] = instant(end_of_day(dt.date.fromordinal(int(day)), zone))
    return ends


def day_starts(days: Days, zone: ZoneInfo) -> Instants:
    """The first instant of each ordinal day; NaT for 0."""
    return day_ends(np.where(days > 0, days - 1, 0).astype(np.int32), zone)


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def working_days_between(first: Days, last: Days) -> Days:
    """Number of Mondays to Fridays in [first, last]; 0 where last is before first."""

    def until(day: Days) -> Days:
        """Working days from ordinal 1, which was a Monday, through `day`."""
        weeks, rest = np.divmod(day, 7)
        return (weeks * 5 + np.minimum(rest, 5)).astype(np.int32)

    return np.where(last >= first, until(last) - until((first - 1).astype(np.int32)), 0).astype(np.int32)


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The working day `count` working days after `day`; a weekend `day` counts from the Friday before it."""
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    weeks, rest = divmod(count, 5)
    day += dt.timedelta(weeks=weeks)
    for _ in range(rest):
        day += dt.timedelta(days=3 if day.weekday() == 4 else 1)
    return day
