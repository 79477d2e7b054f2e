"""Calendar months, as reports are made for them."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from app.domain.problems import InvalidArguments
from app.domain.records import EARLIEST_YEAR, LATEST_YEAR

_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    def back(self, months: int) -> "Month":
        """The month so many months before."""
        year, number = divmod(self.year * 12 + self.number - 1 - months, 12)
        return Month(year, number + 1)

    def holds(self, day: dt.date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def month_of(day: dt.date) -> Month:
    return Month(day.year, day.month)


def last_full_month(as_of: dt.date) -> Month:
    """The newest month that had ended by the end of as_of."""
    month = month_of(as_of)
    return month if month.last == as_of else month.back(1)


def read_month(written: str | None, as_of: dt.date) -> Month:
    """A month as a person writes it: 2026-10, "last month", "this month"; none given: the last full one.

    Raises:
        InvalidArguments: it is none of these, or it begins after as_of.
    """
    said = " ".join((written or "").lower().split())
    if not said:
        return last_full_month(as_of)
    if said in ("last month", "last"):
        return month_of(as_of).back(1)
    if said in ("this month", "this"):
        return month_of(as_of)
    match = _WRITTEN.fullmatch(said)
    year, number = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= number <= 12):
        raise InvalidArguments(
            "A month is written YYYY-MM, such as 2026-10, or “last month”. Which month is the report for?",
            missing=["month"],
        )
    month = Month(year, number)
    if month.first > as_of:
        raise InvalidArguments(
            f"{month} begins after {as_of}, the day of the answer. Choose {month_of(as_of)} or an earlier month.",
            missing=["month"],
        )
    return month
