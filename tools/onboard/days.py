"""Working days of a plan: Monday to Friday, counted from the contract's start."""

import datetime as dt

import numpy as np

from app.domain.windows import add_working_days, is_working_day, working_days_between


def day_of(start: dt.date, number: int) -> dt.date:
    """The working day of that number; 1 is the start, or the Monday after where that falls on a weekend."""
    first = start if is_working_day(start) else add_working_days(start, 1)
    return add_working_days(first, number - 1)


def between(earlier: dt.date, later: dt.date) -> int:
    """Working days after `earlier` up to `later`; 0 where `later` is not after it."""
    first, last = earlier.toordinal() + 1, later.toordinal()
    return int(working_days_between(np.array([first], dtype=np.int32), np.array([last], dtype=np.int32))[0])


def moved(day: dt.date, working_days: int) -> dt.date:
    """The day so many working days after it, or before it where negative; 0 leaves it where it is."""
    return day if working_days == 0 else add_working_days(day, working_days)
