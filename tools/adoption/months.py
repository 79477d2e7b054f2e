"""API calls month by month, and how fast they grow."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.figures import Figure, account_figure
from app.domain.periods import Period, PeriodQuery, period_of
from app.domain.snapshot import DailyUsage
from app.domain.usage_periods import PeriodUse, usage_figures, use_in


@dataclass(frozen=True, slots=True)
class Month:
    """A full month that is known from its first day to its last: its calls, and the figure that states them."""

    period: Period
    calls: float
    figure: Figure


def full_months(account_id: str, as_of: dt.date, daily: DailyUsage, number: int) -> tuple[Month, ...]:
    """The last `number` months that ended by as_of and are known in full, the oldest first."""
    found = (use_in(daily, _month(as_of, back)) for back in reversed(range(number + 1)))
    return tuple(_told(account_id, as_of, use) for use in found if _is_full(use, as_of))[-number:]


def growth_figure(account_id: str, as_of: dt.date, months: Sequence[Month]) -> Figure | None:
    """Growth of the last full month over the one before in percent; None where either is not known, or had no calls."""
    if len(months) < 2:
        return None
    before, last = months[-2], months[-1]
    if (last.period.first - before.period.last).days != 1 or not before.calls:
        return None
    growth = 100 * (last.calls / before.calls - 1)
    rule = f"100 × (calls of {last.period.name} ÷ calls of {before.period.name} − 1)"
    rule = f"{rule}: {last.calls:,.0f} and {before.calls:,.0f}"
    key = f"usage.api_calls.growth.{last.period.name}"
    label = f"Growth of API calls, {last.period.name}"
    return account_figure(account_id, as_of, key, label, growth, "%", rule, last.figure.evidence)


def _month(as_of: dt.date, back: int) -> Period:
    return period_of(PeriodQuery(f"{as_of:%Y-%m}", back), as_of, 1)


def _is_full(use: PeriodUse, as_of: dt.date) -> bool:
    return use.is_complete and use.calls is not None and use.period.last <= as_of


def _told(account_id: str, as_of: dt.date, use: PeriodUse) -> Month:
    return Month(use.period, use.calls or 0.0, usage_figures(account_id, as_of, use)["calls"])
