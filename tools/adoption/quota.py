"""An account's API quota: used so far this month, at which rate, and the day on which the limit is reached.

The calls of the month to the covered day are added up; each later day of the month counts the mean of its weekday over
the last 28 covered days. A feed that lags is projected from the day that it covers.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import numpy as np

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import Account
from app.domain.snapshot import AccountSnapshot, DailyUsage
from app.domain.windows import STALE_AFTER_DAYS

PROFILE_DAYS = 28
"""The weekday means are those of so many covered days: four of each weekday."""

LEAST_DAYS = 7
"""With fewer days of calls on record there are weekdays without a mean."""

WEEKDAYS = tuple(calendar.day_abbr)

State = Literal["not_applicable", "unknown", "within", "reached"]
"""`within`: under the quota so far."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What is known of the quota of one account in as_of's month. `because` says why it is unknown or does not apply.

    `used` are the calls from `first` to `covered`, told by `rows` (None: no day of the month is covered yet). `means`
    are the mean calls of each weekday from Monday on, `rate` their mean over the days that were looked at; None where
    under a week is on record. `projected` are the calls of the whole month. `limit_on` is the day on which the quota is
    used up: on record where the state is `reached`, else projected; None where that is not in this month, or cannot be
    told.
    """

    state: State
    because: str = ""
    quota: int | None = None
    first: dt.date | None = None
    covered: dt.date | None = None
    month_end: dt.date | None = None
    used: float | None = None
    rows: int = 0
    means: tuple[float, ...] | None = None
    rate: float | None = None
    projected: float | None = None
    limit_on: dt.date | None = None

    @property
    def used_share(self) -> float | None:
        """Calls so far in percent of the quota."""
        return None if self.used is None or not self.quota else 100 * self.used / self.quota

    @property
    def projected_share(self) -> float | None:
        """Calls of the whole month in percent of the quota."""
        return None if self.projected is None or not self.quota else 100 * self.projected / self.quota


def quota_applies(account: Account) -> str | None:
    """Why a quota of calls does not apply to the account; None where it does."""
    if account.usage_model == "seats":
        return "the account is billed by seats"
    if account.api_quota_monthly is None:
        return "no quota is on record (accounts.api_quota_monthly)"
    if account.api_quota_monthly == 0:
        return "the quota on record is 0 calls"
    return None


def quota_of(account: Account, daily: DailyUsage, as_of: dt.date) -> Quota:
    """The account's quota as of a day."""
    if because := quota_applies(account):
        return Quota("not_applicable", because, account.api_quota_monthly)
    lacking = _lacking(daily, as_of)
    if lacking or account.api_quota_monthly is None:
        return Quota("unknown", lacking or "", account.api_quota_monthly)
    quota, first = account.api_quota_monthly, as_of.replace(day=1)
    month_end = as_of.replace(day=calendar.monthrange(as_of.year, as_of.month)[1])
    covered = dt.date.fromordinal(daily.last)
    known = _calls(daily, first, covered)
    used = float(sum(known)) if covered >= first else None
    means, rate = weekday_means(daily)
    ahead = [] if means is None else _days(max(first, covered + dt.timedelta(days=1)), month_end)
    expected = [] if means is None else [means[day.weekday()] for day in ahead]
    on_record = _crossing(_days(first, covered), known, quota)
    projected_on = _crossing(ahead, expected, quota - (used or 0.0))
    return Quota(
        "reached" if on_record else "within",
        quota=quota,
        first=first,
        covered=covered,
        month_end=month_end,
        used=used,
        rows=int(((daily.day >= first.toordinal()) & (daily.day <= as_of.toordinal())).sum()),
        means=means,
        rate=rate,
        projected=None if means is None else (used or 0.0) + sum(expected),
        limit_on=on_record or projected_on,
    )


def weekday_means(daily: DailyUsage) -> tuple[tuple[float, ...] | None, float | None]:
    """Mean calls of each weekday from Monday on over the last 28 covered days, and of all these days.

    A younger account's are those of the days since its first call; both None where these are under a week.
    """
    told = daily.day[~np.isnan(daily.api_calls)]
    first = max(daily.last - PROFILE_DAYS + 1, int(told[0]) if told.size else daily.last + 1)
    if daily.last - first + 1 < LEAST_DAYS:
        return None, None
    days = _days(dt.date.fromordinal(first), dt.date.fromordinal(daily.last))
    calls = np.array(_calls(daily, days[0], days[-1]))
    weekday = np.array([day.weekday() for day in days])
    return tuple(float(calls[weekday == each].mean()) for each in range(len(WEEKDAYS))), float(calls.mean())


def quota_figures(snapshot: AccountSnapshot, quota: Quota) -> dict[str, Figure]:
    """The known figures of a quota by key: `quota.monthly`, `quota.used.month_to_date`, `quota.limit_on` and so on."""
    found = _figures(snapshot.account.id, snapshot.as_of, quota)
    return {figure.key: figure for figure in found if figure.value is not None}


def used_figures(
    account_id: str, as_of: dt.date, used: float | None, rows: int, quota: int | None
) -> tuple[Figure, Figure]:
    """Calls of the month so far, told by so many rows of usage, and their share of the quota; None where unknown."""
    first = as_of.replace(day=1)
    href = f"/v1/accounts/{quote(account_id, safe='')}/usage?from={first}&to={as_of}"
    evidence = (Evidence(kind="usage", first=first, last=as_of, count=rows, href=href),)
    rule = f"sum of the days from {first} to the day that the usage data cover"
    share = None if used is None or not quota else 100 * used / quota
    arithmetic = "" if used is None or not quota else f": 100 × {_plain(used)} ÷ {_plain(quota)}"
    return (
        account_figure(
            account_id, as_of, "quota.used.month_to_date", "API calls this month", used, "calls", rule, evidence
        ),
        account_figure(
            account_id,
            as_of,
            "quota.used_share.month_to_date",
            "Share of the month's API quota used",
            share,
            "%",
            f"100 × calls of the month so far ÷ calls of the quota{arithmetic}",
            (*evidence, Evidence(kind="accounts", id=account_id)),
        ),
    )


def _lacking(daily: DailyUsage, as_of: dt.date) -> str | None:
    """What the usage data lack to tell anything of the quota."""
    if not daily.last:
        return "no usage data are connected: import usage.csv with api_calls"
    if np.isnan(daily.api_calls).all():
        return "no API calls are on record: import usage.csv with api_calls"
    if as_of.toordinal() - daily.last > STALE_AFTER_DAYS:
        return f"the usage data end on {dt.date.fromordinal(daily.last)}: import the days since"
    return None


def _figures(account_id: str, as_of: dt.date, quota: Quota) -> Iterator[Figure]:
    field = (Evidence(kind="accounts", id=account_id),)

    def stated(name: str, label: str, value: float | dt.date | None, unit: str, rule: str) -> Figure:
        return account_figure(account_id, as_of, f"quota.{name}", label, value, unit, rule, field)

    yield stated("monthly", "API calls a month in the contract", quota.quota, "calls", "the account's own field")
    if quota.state in ("unknown", "not_applicable"):
        return
    rule = "the last day that the usage data cover, as_of at the latest"
    yield stated("covered_to", "Last day of the usage data", quota.covered, "date", rule)
    yield from used_figures(account_id, as_of, quota.used, quota.rows, quota.quota)
    rule = f"mean of the {PROFILE_DAYS} days to {quota.covered}, or of those since the first call"
    yield stated("run_rate", "API calls a day", _whole(quota.rate), "calls", f"{rule}, to a whole call")
    rule = f"{_projection(quota)}, to a whole call"
    yield stated("projected.month", "API calls this month, projected", _whole(quota.projected), "calls", rule)
    label, rule = "Share of the month's API quota, projected", f"100 × projected calls ÷ {_plain(quota.quota)}"
    yield stated("projected_share.month", label, quota.projected_share, "%", rule)
    yield stated("limit_on", "Day on which the quota is used up", quota.limit_on, "date", _limit_rule(quota))
    days = None if quota.limit_on is None else (quota.limit_on - as_of).days
    rule = "the day on which the quota is used up less as_of; negative once it is over"
    yield stated("limit_in", "Days until the quota is used up", days, "days", rule)


def _projection(quota: Quota) -> str:
    """The arithmetic of the projection, with its numbers."""
    if quota.means is None:
        return ""
    used = f"{_plain(quota.used)} to {quota.covered}" if quota.used is not None else "no day of the month covered yet"
    means = ", ".join(f"{name} {_plain(mean)}" for name, mean in zip(WEEKDAYS, quota.means, strict=True))
    return f"{used}, and for each later day to {quota.month_end} the mean of its weekday ({means})"


def _limit_rule(quota: Quota) -> str:
    if quota.state == "reached":
        return f"the first day on which the calls since {quota.first} add up to {_plain(quota.quota)}, on record"
    return f"the first day on which they add up to {_plain(quota.quota)}: {_projection(quota)}"


def _calls(daily: DailyUsage, first: dt.date, last: dt.date) -> list[float]:
    """Calls of each day from first to last; a day without a row has none."""
    known = {int(day): calls for day, calls in zip(daily.day, np.nan_to_num(daily.api_calls), strict=True)}
    return [float(known.get(day.toordinal(), 0.0)) for day in _days(first, last)]


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=each) for each in range((last - first).days + 1)]


def _crossing(days: Sequence[dt.date], calls: Sequence[float], limit: float) -> dt.date | None:
    """The first day on which the calls so far reach the limit."""
    so_far = 0.0
    for day, more in zip(days, calls, strict=True):
        so_far += more
        if so_far >= limit:
            return day
    return None


def _whole(calls: float | None) -> int | None:
    return None if calls is None else round(calls)


def _plain(number: float | None) -> str:
    return "unknown" if number is None else f"{number:,.0f}"
