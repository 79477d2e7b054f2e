"""Periods: fiscal quarters and years, and months. A fiscal year is named for the calendar year in which it ends."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from app.domain.problems import InvalidArguments

QUARTER_MONTHS, YEAR_MONTHS = 3, 12

_YEAR = re.compile(r"(?:FY)?(\d{4})", re.IGNORECASE)
_QUARTER = re.compile(r"(?:FY)?(\d{4})[ -]?Q([1-4])|Q([1-4])(?:[ -]?(?:FY)?(\d{4}))?", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")

HOW_TO_NAME = "Name a quarter (2026Q2, Q2, last, this), a year (2026) or a month (2026-05)."


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`. `name` goes into figures' keys; `months` is 1, 3 or 12."""

    name: str
    first: dt.date
    last: dt.date
    months: int

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class PeriodQuery:
    """A period as asked for by name (None: the newest quarter that has ended), or so many of its kind `back`."""

    name: str | None = None
    back: int = 0


def period_of(query: PeriodQuery, as_of: dt.date, fiscal_start: int) -> Period:
    """The period that is meant; `fiscal_start` is the month in which the fiscal year begins.

    Raises:
        InvalidArguments: the name means no period, or one that begins after as_of (`invalid_period`).
    """
    found = _named((query.name or "last").strip(), as_of, fiscal_start)
    if found.first > as_of:
        raise InvalidArguments(
            f"{found.name} begins on {found.first}, after {as_of}. {HOW_TO_NAME}", code="invalid_period"
        )
    return _moved(found, -query.back, fiscal_start)


def quarter_with(day: dt.date, fiscal_start: int) -> Period:
    """The fiscal quarter that a day is in."""
    behind = (day.month - fiscal_start) % QUARTER_MONTHS
    return _starting(_month_start(day, -behind), QUARTER_MONTHS, fiscal_start)


def quarter_after(period: Period, fiscal_start: int) -> Period:
    """The fiscal quarter that follows a period's last day."""
    return quarter_with(period.last + dt.timedelta(days=1), fiscal_start)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, the month's last where it has no such day."""
    start = _month_start(day, months)
    return start.replace(day=min(day.day, calendar.monthrange(start.year, start.month)[1]))


def _named(name: str, as_of: dt.date, fiscal_start: int) -> Period:
    this = quarter_with(as_of, fiscal_start)
    if name.casefold() in ("this", "current"):
        return this
    if name.casefold() in ("last", "previous"):
        return this if this.last == as_of else _moved(this, -1, fiscal_start)
    if month := _MONTH.fullmatch(name):
        return _checked_month(int(month[1]), int(month[2]), name)
    if quarter := _QUARTER.fullmatch(name):
        number, year = int(quarter[2] or quarter[3]), quarter[1] or quarter[4]
        if year is not None:
            return _quarter(_checked_year(year, name), number, fiscal_start)
        return _latest_quarter(number, as_of, fiscal_start)
    if year_only := _YEAR.fullmatch(name):
        return _fiscal_year(_checked_year(year_only[1], name), fiscal_start)
    raise InvalidArguments(f"{name!r} names no period. {HOW_TO_NAME}", code="invalid_period")


def _checked_year(digits: str, name: str) -> int:
    if not 1970 <= int(digits) <= 2100:
        raise InvalidArguments(f"{name!r} names no period. {HOW_TO_NAME}", code="invalid_period")
    return int(digits)


def _checked_month(year: int, month: int, name: str) -> Period:
    if not (1970 <= year <= 2100 and 1 <= month <= YEAR_MONTHS):
        raise InvalidArguments(f"{name!r} names no period. {HOW_TO_NAME}", code="invalid_period")
    return _starting(dt.date(year, month, 1), 1, 1)


def _latest_quarter(number: int, as_of: dt.date, fiscal_start: int) -> Period:
    """The newest quarter of that number that has begun."""
    year = as_of.year + 1
    found = _quarter(year, number, fiscal_start)
    while found.first > as_of:
        year -= 1
        found = _quarter(year, number, fiscal_start)
    return found


def _fiscal_year(year: int, fiscal_start: int) -> Period:
    first = dt.date(year if fiscal_start == 1 else year - 1, fiscal_start, 1)
    return _starting(first, YEAR_MONTHS, fiscal_start)


def _quarter(year: int, number: int, fiscal_start: int) -> Period:
    first = _month_start(_fiscal_year(year, fiscal_start).first, QUARTER_MONTHS * (number - 1))
    return _starting(first, QUARTER_MONTHS, fiscal_start)


def _moved(period: Period, steps: int, fiscal_start: int) -> Period:
    return _starting(_month_start(period.first, steps * period.months), period.months, fiscal_start)


def _starting(first: dt.date, months: int, fiscal_start: int) -> Period:
    last = _month_start(first, months) - dt.timedelta(days=1)
    return Period(_name(first, months, fiscal_start), first, last, months)


def _name(first: dt.date, months: int, fiscal_start: int) -> str:
    if months == 1:
        return f"{first:%Y-%m}"
    into = (first.month - fiscal_start) % YEAR_MONTHS
    ends = _month_start(first, YEAR_MONTHS - 1 - into).year
    fiscal = "" if fiscal_start == 1 else "FY"
    return f"{fiscal}{ends}" if months == YEAR_MONTHS else f"{fiscal}{ends}Q{into // QUARTER_MONTHS + 1}"


def _month_start(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months after the day's."""
    year, month = divmod(day.year * YEAR_MONTHS + day.month - 1 + months, YEAR_MONTHS)
    return dt.date(year, month + 1, 1)
