"""Completes times that lack their year or day, and notices a clock that is wrong."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tools.troubleshoot.facts.logs import LineFault
from tools.troubleshoot.reading.logs.record import Record

DAY: Final = 86_400.0
LATE, SET_BACK = 1.0, 60.0
"""Seconds by which a line is earlier than one before: out of order, or the sign of a clock that was set back."""

GOES_ON = 3
"""So many lines in a row that go on from the earlier time make a clock that was set back."""


@dataclass(slots=True)
class Calendar:
    """`today` is the latest day that a line can have; `day` is the last one that was told (seconds since 1970).

    `newest` is the latest time of all lines, `last` that of the line before, `behind` how many lines in a row are
    more than `SET_BACK` before the newest.
    """

    today: dt.date | None = None
    year: int | None = None
    day: float | None = None
    newest: float | None = None
    last: float | None = None
    behind: int = 0
    faults: Counter[LineFault] = field(default_factory=Counter)


def complete(calendar: Calendar, record: Record) -> None:
    """Give the record's time the year or day that it lacks, where an earlier line or `today` tells it."""
    if record.at is None:
        return
    if record.missing == "year":
        _add_year(calendar, record)
    elif record.missing == "day":
        _add_day(calendar, record)
    if record.missing:
        calendar.faults["no_year" if record.missing == "year" else "no_day"] += 1
        return
    day = record.at - record.at % DAY
    if day != calendar.day:
        calendar.day, calendar.year = day, (_EPOCH + dt.timedelta(seconds=day)).year
    _notice_order(calendar, record.at)


def _add_year(calendar: Calendar, record: Record) -> None:
    year = calendar.year or (calendar.today.year if calendar.today else None)
    if year is None or record.at is None:
        return
    written = _EPOCH + dt.timedelta(seconds=record.at)
    try:
        moment = written.replace(year=year)
        if calendar.today and moment.date() > calendar.today + dt.timedelta(days=1):
            moment = written.replace(year=year - 1)
        elif calendar.newest is not None and (moment - _EPOCH).total_seconds() < calendar.newest - 180 * DAY:
            moment = written.replace(year=year + 1)
    except ValueError:  # 29 February of another year
        return
    record.at, record.missing = (moment - _EPOCH).total_seconds(), ""


def _add_day(calendar: Calendar, record: Record) -> None:
    """The day of the lines before; past midnight the clock begins anew."""
    if calendar.day is None or record.at is None:
        return
    at = calendar.day + record.at
    if calendar.last is not None and at < calendar.last - DAY / 2:
        at += DAY
    record.at, record.missing = at, ""


def _notice_order(calendar: Calendar, at: float) -> None:
    newest = calendar.newest
    if newest is None or at >= newest:
        calendar.newest, calendar.behind = at, 0
    elif at < newest - LATE:
        calendar.faults["out_of_order"] += 1
        goes_on = calendar.last is None or at >= calendar.last or calendar.behind == 0
        calendar.behind = calendar.behind + 1 if at < newest - SET_BACK and goes_on else 0
        if calendar.behind == GOES_ON:
            calendar.faults["clock_set_back"] += 1
            calendar.newest, calendar.behind = at, 0
    calendar.last = at


_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
