"""The forecast of renewals: who is lost, at risk, unknown or in the commit, and their ARR by quarter, counted once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.periods import quarter_with
from app.domain.records import ArrMovement, Signal, Touchpoint
from tools.health.people import held
from tools.renewal.blockers import said_in
from tools.renewal.data import Bucket, ForecastRow, RenewalLine
from tools.renewal.parameters import Forecast

BEFORE = "earlier"
"""Stands for all quarters before the one of as_of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule makes of a renewal, and why. `likely` says whether it counts in the most likely case."""

    bucket: Bucket
    likely: bool
    because: str


@dataclass(frozen=True, slots=True)
class Notices:
    """Who said that they will leave: the day, by account."""

    given: Mapping[str, dt.date] = field(default_factory=dict)


def notices_given(
    signals: Iterable[Signal], touchpoints: Iterable[Touchpoint], as_of: dt.date, rules: Forecast
) -> Notices:
    """Read in signals and in what was written of talks, of the days of the rule."""
    first = as_of - dt.timedelta(days=rules.lost.notice_days - 1)
    talks = (point for point in touchpoints if held(point))
    told = [(each.account_id, each.date, each.text or "") for each in signals]
    told += [(each.account_id, each.date, each.text or "") for each in talks]
    given: dict[str, dt.date] = {}
    for account_id, day, said in told:
        if day >= first and said_in((said,), rules.lost.notice_words) and not said_in((said,), rules.not_words):
            given[account_id] = max(day, given.get(account_id, day))
    return Notices(given)


def standing(
    tier: str, level: str, *, churned: bool, lapsed: bool, notice: dt.date | None, rules: Forecast
) -> Standing:
    """Lost comes first, then at risk, then what nobody can tell; only what is left is in the commit."""
    if churned:
        return Standing("lost", False, "churned")
    if notice is not None:
        return Standing("lost", False, f"notice given, heard on {notice}")
    at_risk, unlikely = rules.at_risk, rules.unlikely
    reasons = [
        *([f"health {tier}"] if tier in at_risk.tiers else []),
        *([f"churn level {level}"] if level in at_risk.levels else []),
        *(["lapsed"] if lapsed and at_risk.lapsed else []),
    ]
    if reasons:
        likely = not (unlikely.holds(tier, level) or (lapsed and unlikely.lapsed))
        return Standing("at_risk", likely, ", ".join(reasons))
    if tier == "unknown":
        return Standing("unknown", False, "the health tier is unknown")
    return Standing("commit", True, f"health {tier}, churn level {level}")


def quarter_of(day: dt.date, as_of: dt.date, fiscal_start: int) -> str:
    """The fiscal quarter's name; `BEFORE` for all that are over."""
    this, own = quarter_with(as_of, fiscal_start), quarter_with(day, fiscal_start)
    return BEFORE if own.last < this.first else own.name


def lost_arr(movements: Iterable[ArrMovement], as_of: dt.date, days: int) -> dict[str, float]:
    """What churned within the days, by account: the sum of its movements of that kind."""
    first, lost = as_of - dt.timedelta(days=days - 1), dict[str, float]()
    for each in movements:
        if each.kind == "churn" and each.date >= first:
            lost[each.account_id] = lost.get(each.account_id, 0.0) + each.amount
    return lost


def forecast(lines: Sequence[RenewalLine]) -> tuple[ForecastRow, ...]:
    """A row for each quarter and currency, by currency and then in time."""
    quarters = sorted({line.quarter for line in lines}, key=lambda name: (name != BEFORE, name))
    return tuple(
        row(name, currency, own)
        for currency in currencies(lines)
        for name in quarters
        if (own := [each for each in lines if each.quarter == name and each.currency == currency])
    )


def totals(lines: Sequence[RenewalLine]) -> tuple[ForecastRow, ...]:
    """A row for each currency."""
    return tuple(row("total", c, [each for each in lines if each.currency == c]) for c in currencies(lines))


def currencies(lines: Iterable[RenewalLine]) -> list[str]:
    return sorted({line.currency for line in lines})


def row(quarter: str, currency: str, lines: Sequence[RenewalLine]) -> ForecastRow:
    """Sums over these lines, each money once."""
    commit, at_risk = arr_of(lines, "commit"), arr_of(lines, "at_risk")
    likely = sum(each.arr_counted or 0.0 for each in lines if each.likely)
    return ForecastRow(
        quarter=quarter,
        currency=currency,
        accounts=len(lines),
        arr_unknown=sum(each.arr_counted is None for each in lines),
        commit=commit,
        at_risk=at_risk,
        unknown=arr_of(lines, "unknown"),
        lost=arr_of(lines, "lost"),
        likely=likely,
        best=commit + at_risk,
    )


def arr_of(lines: Iterable[RenewalLine], bucket: Bucket) -> float:
    return sum(each.arr_counted or 0.0 for each in lines if each.bucket == bucket)
