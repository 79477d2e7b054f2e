"""An account's use of the product within a period, and the figures that state it: every command the same ones.

Days without a row count as 0 from the account's first row on, to the day that the feed covers (design, section 3).
A period that reaches further on either side is not complete: its sums are of the part that is known.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.periods import Period
from app.domain.snapshot import DailyUsage, FeatureDays, Flags, Floats
from app.domain.windows import working_days_between

PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class PeriodUse:
    """Use from `first` to `last`, the part of the period that is known; both None where none is, and all with them.

    `mean_users` is of working days. A measure is None where the account has no row that tells it by then.
    """

    period: Period
    first: dt.date | None
    last: dt.date | None
    calls: float | None
    errors: float | None
    mean_users: float | None
    peak_users: float | None

    @property
    def is_complete(self) -> bool:
        """Whether every day of the period is known."""
        return self.first == self.period.first and self.last == self.period.last

    @property
    def days(self) -> int:
        """Days that are known."""
        return 0 if self.first is None or self.last is None else (self.last - self.first).days + 1


def use_in(daily: DailyUsage, period: Period) -> PeriodUse:
    """What is known of the account's use in a period."""
    first_row = int(daily.day[0]) if daily.day.size else 0
    first, last = max(period.first.toordinal(), first_row), min(period.last.toordinal(), daily.last)
    if not first_row or first > last:
        return PeriodUse(period, None, None, None, None, None, None)
    inside = (daily.day >= first) & (daily.day <= last)
    working = inside & ((daily.day + 6) % 7 < 5)  # ordinal 1 was a Monday
    days = int(working_days_between(np.array(first, dtype=np.int32), np.array(last, dtype=np.int32)))
    users = _sum(daily.active_users, working)
    return PeriodUse(
        period,
        dt.date.fromordinal(first),
        dt.date.fromordinal(last),
        calls=_sum(daily.api_calls, inside),
        errors=_sum(daily.errors, inside),
        mean_users=None if users is None or days == 0 else users / days,
        peak_users=_peak(daily.active_users, inside),
    )


def features_in(features: FeatureDays, period: Period, environment: str | None = None) -> tuple[str, ...] | None:
    """The features with any use in a period, by name; None where no day of the period is known."""
    first_row = int(features.day[0]) if features.day.size else 0
    first, last = max(period.first.toordinal(), first_row), min(period.last.toordinal(), features.last)
    if not first_row or first > last:
        return None
    used = (features.day >= first) & (features.day <= last) & ((features.count > 0) | np.isnan(features.count))
    if environment is not None:
        used &= features.environment == environment
    return tuple(sorted(set(features.feature[used])))


def usage_figures(account_id: str, as_of: dt.date, use: PeriodUse) -> dict[str, Figure]:
    """The figures of a period's use by their short names: calls, errors, error_share, mean_users, peak_users.

    Their keys are `usage.api_calls.<period>` and so on; what is unknown has no value.
    """
    return dict(_figures(account_id, as_of, use))


def features_figure(account_id: str, as_of: dt.date, period: Period, used: tuple[str, ...] | None) -> Figure:
    """How many features were used in a period, in sandbox or production: `features.used.<period>`."""
    href = f"/v1/accounts/{quote(account_id, safe='')}/feature_usage?from={period.first}&to={period.last}"
    return account_figure(
        account_id,
        as_of,
        f"features.used.{period.name}",
        f"Features used, {period.name}",
        None if used is None else len(used),
        "features",
        "distinct features with any use in the period, in sandbox or production",
        (Evidence(kind="feature_usage", first=period.first, last=period.last, href=href),),
    )


def _figures(account_id: str, as_of: dt.date, use: PeriodUse) -> Iterator[tuple[str, Figure]]:
    name = use.period.name
    known = "" if use.is_complete or use.first is None else f", {use.first} to {use.last}"
    evidence = _evidence(account_id, use)

    def stated(key: str, label: str, value: float | None, unit: str, rule: str) -> Figure:
        return account_figure(
            account_id, as_of, f"usage.{key}.{name}", f"{label}, {name}{known}", value, unit, rule, evidence
        )

    yield "calls", stated("api_calls", "API calls", use.calls, "calls", f"sum of the days{known}")
    yield "errors", stated("errors", "Failed API calls", use.errors, "calls", f"sum of the days{known}")
    share = None if use.errors is None or not use.calls else 100 * use.errors / use.calls
    rule = f"100 × failed calls ÷ calls of the days{known}"
    yield "error_share", stated("error_share", "Share of API calls that failed", share, "%", rule)
    rule = f"active users of Mondays to Fridays ÷ number of those days{known}"
    label = "Mean active users a working day"
    yield "mean_users", stated("active_users.working_day_mean", label, use.mean_users, "users", rule)
    label = "Most active users on one day"
    yield "peak_users", stated("active_users.peak", label, use.peak_users, "users", f"the highest day{known}")


def _evidence(account_id: str, use: PeriodUse) -> tuple[Evidence, ...]:
    if use.first is None or use.last is None:
        return ()
    href = f"/v1/accounts/{quote(account_id, safe='')}/usage?from={use.first}&to={use.last}"
    return (Evidence(kind="usage", first=use.first, last=use.last, count=use.days, href=href),)


def _sum(values: Floats, rows: Flags) -> float | None:
    """The sum of these rows; None where no row of the account tells the measure."""
    return None if np.isnan(values).all() else float(np.nansum(values[rows]))


def _peak(values: Floats, rows: Flags) -> float | None:
    told = values[rows & ~np.isnan(values)]
    if told.size:
        return float(told.max())
    return None if np.isnan(values).all() else 0.0
