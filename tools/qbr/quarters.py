"""The quarter of a review, the one before, and the days of it that are compared fairly."""

import datetime as dt
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.periods import QUARTER_MONTHS, Period, PeriodQuery, add_months, period_of
from app.domain.problems import InvalidArguments


@dataclass(frozen=True, slots=True)
class Quarters:
    """`period` is reviewed, `earlier` is the quarter before it, `fiscal_start` the month that begins fiscal years."""

    period: Period
    earlier: Period
    as_of: dt.date
    fiscal_start: int

    @property
    def is_running(self) -> bool:
        return self.as_of < self.period.last

    @property
    def end(self) -> dt.date:
        """The last day that is looked at."""
        return min(self.period.last, self.as_of)

    def days_alike(self, first: int, last: int) -> Period | None:
        """Of the quarter before, the days that a feed's days of the quarter are compared with; both are ordinals.

        All of it, where the feed covers the quarter; else as many of its first days. None where the feed, known from
        `first` to `last`, begins later than the quarter before, or ends before the quarter begins.
        """
        if first > self.earlier.first.toordinal() or last < self.period.first.toordinal():
            return None
        days = min(last, self.period.last.toordinal()) - self.period.first.toordinal() + 1
        if days >= min(self.period.days, self.earlier.days):
            return self.earlier
        end = self.earlier.first + dt.timedelta(days=days - 1)
        return Period(f"{self.earlier.name}-first-{days}d", self.earlier.first, end, self.earlier.months)

    def months(self, number: int) -> tuple[Period, ...]:
        """So many months, the one of the last day that is looked at as the newest."""
        newest = self.end.replace(day=1)
        names = (f"{add_months(newest, -back):%Y-%m}" for back in reversed(range(number)))
        return tuple(period_of(PeriodQuery(name), self.as_of, self.fiscal_start) for name in names)


def quarters(ctx: Context, name: str | None) -> Quarters:
    """The quarter that is meant; without a name the newest that has ended.

    Raises:
        InvalidArguments: the name means no quarter, or one that has not begun (`invalid_period`).
    """
    period = period_of(PeriodQuery(name), ctx.as_of, ctx.fiscal_start)
    if period.months != QUARTER_MONTHS:
        raise InvalidArguments(
            f"{period.name} is no quarter. A QBR reviews one: 2026Q2, Q2, last, or this for the running one.",
            code="invalid_period",
        )
    return Quarters(
        period, period_of(PeriodQuery(name, back=1), ctx.as_of, ctx.fiscal_start), ctx.as_of, ctx.fiscal_start
    )
