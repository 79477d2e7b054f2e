"""Totals of a portfolio: accounts by tier and churn level, ARR by currency and tier, ARR at risk."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import get_args

from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure
from tools.health.data import AccountLine, CurrencyTotal, Level, Tier, TierTotal, Totals

AT_RISK: tuple[Level, ...] = ("critical", "high")
URGENCY: tuple[Level, ...] = ("critical", "high", "elevated", "unknown", "low")
TIERS: tuple[Tier, ...] = get_args(Tier)


def totals(lines: Sequence[AccountLine]) -> Totals:
    """Totals over the accounts. Currencies are never added up: each has its own."""
    currencies = sorted({line.currency for line in lines})
    return Totals(
        accounts=len(lines),
        tiers={tier: sum(line.tier == tier for line in lines) for tier in TIERS},
        levels={level: sum(line.churn_level == level for line in lines) for level in URGENCY},
        currencies=tuple(_currency(c, [line for line in lines if line.currency == c]) for c in currencies),
    )


def _currency(currency: str, lines: Sequence[AccountLine]) -> CurrencyTotal:
    return CurrencyTotal(
        currency=currency,
        accounts=len(lines),
        arr=_arr(lines),
        arr_unknown=sum(line.arr is None for line in lines),
        arr_at_risk=_arr([line for line in lines if line.churn_level in AT_RISK]),
        tiers={tier: _tier([line for line in lines if line.tier == tier]) for tier in TIERS},
    )


def _tier(lines: Sequence[AccountLine]) -> TierTotal:
    return TierTotal(accounts=len(lines), arr=_arr(lines))


def _arr(lines: Sequence[AccountLine]) -> float:
    """Each money once."""
    return sum((line.arr_counted for line in lines if line.arr_counted is not None), 0.0)


class TotalFigures:
    """Makes the figures of the totals. The filters are in each key, so that a key means one thing."""

    def __init__(self, as_of: dt.date, filters: Mapping[str, str], lines: Sequence[AccountLine]) -> None:
        self._as_of, self._lines = as_of, lines
        slugs = (f"{name}_{re.sub(r'[^a-z0-9]+', '-', value.lower())}" for name, value in filters.items())
        self._prefix = ".".join(("portfolio", *slugs))
        self._among = "".join(f", {name} {value}" for name, value in filters.items())
        self.made: dict[str, Figure] = {}

    def accounts(self, name: str, label: str, lines: Sequence[AccountLine]) -> Figure:
        """How many accounts these are."""
        return self._make(name, label, len(lines), "count", "number of accounts", _evidence(lines))

    def arr(self, name: str, label: str, amount: float, currency: str, lines: Sequence[AccountLine]) -> Figure:
        """The sum of these accounts' ARR, as far as it is known."""
        known = [line for line in lines if line.arr is not None]
        rule = "sum of the accounts' known ARR; where a parent's contains that of the accounts below it, the rest of it"
        return self._make(f"{name}.{currency}", label, amount, currency, rule, _evidence(known))

    def number(self, name: str, label: str, value: int, formula: str, evidence: tuple[Evidence, ...]) -> Figure:
        """A number of other things than accounts, over the same accounts."""
        return self._make(name, label, value, "count", formula, evidence)

    def _make(
        self, name: str, label: str, value: float, unit: str, formula: str, evidence: tuple[Evidence, ...]
    ) -> Figure:
        figure = Figure(
            key=f"{self._prefix}.{name}",
            label=f"{label}{self._among}",
            value=value,
            unit=unit,
            account_id=None,
            as_of=self._as_of,
            formula=formula,
            evidence=evidence,
        )
        self.made[figure.key] = figure
        return figure


def _evidence(lines: Sequence[AccountLine]) -> tuple[Evidence, ...]:
    if len(lines) <= MAX_LISTED_EVIDENCE:
        return tuple(Evidence(kind="accounts", id=line.id) for line in lines)
    return (Evidence(kind="accounts", count=len(lines)),)
