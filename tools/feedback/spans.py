"""The period of a brief or of trends, the one before it, and the money of the customers whom something touches."""

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.families import arr_counted_once
from app.domain.figures import Evidence, Figure, Text, joined, listed, text
from app.domain.periods import Period, PeriodQuery, period_of
from app.domain.records import EARLIEST_YEAR
from app.domain.snapshot import PortfolioSnapshot

RECENT_DAYS = 460
"""So far back, at most, begins the quarter before one that is named without its year."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period as far as it has come, and the one before it."""

    period: Period
    before: Period
    as_of: dt.date

    def holds(self, day: dt.date | None) -> bool:
        return day is not None and day in self.period

    @property
    def last(self) -> dt.date:
        """The last day of the period that there is anything of."""
        return min(self.period.last, self.as_of)

    @property
    def is_running(self) -> bool:
        return self.period.last > self.as_of


def span_of(ctx: Context, named: str | None) -> Span:
    """The period that is meant; none named: the newest quarter that has ended.

    Raises:
        InvalidArguments: the name means no period, or one that has not begun (`invalid_period`).
    """
    period, before = (period_of(PeriodQuery(named, back), ctx.as_of, ctx.fiscal_start) for back in (0, 1))
    return Span(period, before, ctx.as_of)


def first_read(named: str | None) -> dt.date | int:
    """From when on texts and tickets are wanted for a period and the one before, before as_of is known."""
    year = re.search(r"\d{4}", named or "")
    return RECENT_DAYS if year is None else dt.date(max(int(year[0]) - 2, EARLIEST_YEAR), 1, 1)


class Money:
    """Sums of ARR over some accounts: each account once, and a parent's without that of the accounts below it."""

    def __init__(self, portfolio: PortfolioSnapshot, currency: str) -> None:
        self._accounts = {account.id: account for account in portfolio.accounts}
        self._currency = {a.id: a.currency or currency for a in portfolio.accounts}
        known = zip(portfolio.accounts, portfolio.arr, portfolio.arr_evidence, strict=True)
        self._arr = {a.id: float(arr) for a, arr, _ in known if not math.isnan(arr)}
        self._own = {a.id for a, found in zip(portfolio.accounts, portfolio.arr_evidence, strict=True) if found}

    def arr(self, account_ids: Iterable[str]) -> dict[str, float]:
        """Their known ARR by currency; currencies are never added up."""
        touched = [self._accounts[each] for each in dict.fromkeys(account_ids) if each in self._arr]
        arr = {account.id: self._arr[account.id] for account in touched}
        once = arr_counted_once(touched, arr, self._currency, self._own)
        found: dict[str, float] = {}
        for account in touched:
            currency = self._currency[account.id]
            found[currency] = found.get(currency, 0.0) + once.get(account.id, 0.0)
        return dict(sorted(found.items()))


class Counts:
    """Makes the figures of a period; `prefix` begins every key, the period's name ends it."""

    def __init__(self, prefix: str, period: Period, as_of: dt.date) -> None:
        self._prefix, self._period, self._as_of = prefix, period, as_of
        self.made: dict[str, Figure] = {}

    def figure(
        self,
        name: str,
        label: str,
        value: float | None,
        unit: str,
        formula: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> Figure:
        """A figure of the whole portfolio. What is counted becomes an integer."""
        whole = isinstance(value, float) and value.is_integer() and unit not in ("%", "ratio")
        figure = Figure(
            key=f"{self._prefix}.{name}.{self._period.name}",
            label=f"{label}, {self._period.name}",
            value=int(value) if whole and value is not None else value,
            unit=unit,
            account_id=None,
            as_of=self._as_of,
            formula=formula,
            evidence=evidence,
        )
        self.made[figure.key] = figure
        return figure

    def accounts(self, name: str, label: str, account_ids: Iterable[str]) -> Figure:
        """How many customers these are."""
        ids = list(dict.fromkeys(account_ids))
        evidence = listed("accounts", [(each, self._as_of) for each in ids], None)
        return self.figure(name, label, len(ids), "count", "customers, each once", evidence)

    def money(self, name: str, label: str, by_currency: dict[str, float]) -> Text:
        """ARR in each of its currencies."""
        rule = "sum of these customers' known ARR, each money once"
        made = [self.figure(f"{name}.{c.lower()}", label, amount, c, rule) for c, amount in by_currency.items()]
        return joined(made, " + ") or text("unknown")
