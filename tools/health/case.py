"""One account of a scored portfolio: what its figures, actions and report are made from."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import Account
from app.domain.snapshot import Floats, PortfolioSnapshot
from tools.health.grouping import Kind, in_force
from tools.health.indicators import TRIGGERED, Churn, Indicator, IndicatorKey, indicate
from tools.health.parameters import ComponentKey, HealthParameters, Settings
from tools.health.scoring import Scores, score
from tools.health.watch import WATCH_ITEMS, WatchKey, watch
from tools.health.wording import FEED_NAMES, MISSING


@dataclass(frozen=True, slots=True)
class Assessment:
    """A portfolio with its scores, churn risk and watch items."""

    portfolio: PortfolioSnapshot
    parameters: HealthParameters
    in_force: Mapping[Kind, HealthParameters]
    scores: Scores
    churn: Churn
    watch: Mapping[WatchKey, Indicator]

    def case(self, row: int, currency: str) -> "Case":
        """The account in that row; `currency` counts where the account names none."""
        account = self.portfolio.accounts[row]
        parameters = self.in_force[account.segment, account.lifecycle]
        return Case(self.portfolio, row, parameters, self.scores, self.churn, self.watch, account.currency or currency)


def assess(portfolio: PortfolioSnapshot, parameters: HealthParameters) -> Assessment:
    """Score the portfolio and tell each account's churn risk and watch items."""
    scores = score(portfolio, parameters)
    churn = indicate(portfolio, parameters, scores)
    kinds, watched = in_force(portfolio.accounts, parameters), watch(portfolio, parameters)
    return Assessment(portfolio, parameters, kinds, scores, churn, watched)


@dataclass(frozen=True, slots=True)
class Window:
    """The days a window covers for one account; both ends None where no feed is connected."""

    days: int
    first: dt.date | None
    last: dt.date | None

    def __str__(self) -> str:
        return f"{self.days} days to {self.last}" if self.last else f"{self.days} days"

    @property
    def query(self) -> str:
        """The window as a query string."""
        return f"?from={self.first}&to={self.last}" if self.last else ""


@dataclass(frozen=True, slots=True)
class Case:
    """One account: its row in the columns, and the parameters in force for it."""

    portfolio: PortfolioSnapshot
    row: int
    parameters: HealthParameters
    scores: Scores
    churn: Churn
    watch: Mapping[WatchKey, Indicator]
    currency: str

    @property
    def account(self) -> Account:
        return self.portfolio.accounts[self.row]

    @property
    def as_of(self) -> dt.date:
        return self.portfolio.as_of

    @property
    def begins(self) -> dt.date | None:
        """The day on which the account becomes a customer, where that is later than as_of."""
        day = int(self.portfolio.begins[self.row])
        return dt.date.fromordinal(day) if day else None

    @property
    def watching(self) -> tuple[WatchKey, ...]:
        """The watch items that are triggered."""
        return tuple(key for key in WATCH_ITEMS if self.watch[key].state[self.row] == TRIGGERED)

    def known(self, column: Floats) -> float | None:
        """This account's number in a column; None where unknown."""
        value = float(column[self.row])
        return None if math.isnan(value) else value

    def feed_last(self, table: str) -> dt.date | None:
        """The day on which windows over this feed end; None where the feed is not connected."""
        last = int(self.portfolio.feeds.window_end(table)[self.row])
        return dt.date.fromordinal(last) if last > 0 else None

    def feed_lag(self, table: str) -> int:
        """Days from the end of the feed's windows to as_of."""
        return int(self.portfolio.feeds.lag(table)[self.row])

    def window(self, table: str, days: int, before: int = 0) -> Window:
        """The `days` days that end `before` days before the feed's window end."""
        last = self.feed_last(table)
        if last is None:
            return Window(days, None, None)
        last -= dt.timedelta(days=before)
        return Window(days, last - dt.timedelta(days=days - 1), last)

    def presence_window(self, table: str, days: int) -> Window:
        """The days in which a record counts by being there: from the feed's last `days` days on, to as_of."""
        last = self.as_of
        if self.portfolio.feeds.usable(table)[self.row]:
            last = self.feed_last(table) or last
        first = last - dt.timedelta(days=days - 1)
        return Window((self.as_of - first).days + 1, first, self.as_of)

    def component_missing(self, key: ComponentKey) -> str | None:
        """In words, what an unknown component lacks; None where it is not unknown."""
        settings: Settings = getattr(self.parameters.components, key)
        return self._missing(self.scores.components[key].missing[self.row], settings)

    def indicator_missing(self, key: IndicatorKey) -> str | None:
        """In words, what an unknown indicator lacks; None where it is not unknown."""
        settings: Settings = getattr(self.parameters.indicators, key)
        return self._missing(self.churn.indicators[key].missing[self.row], settings)

    def watch_missing(self, key: WatchKey) -> str | None:
        """In words, what an unknown watch item lacks; None where it is not unknown."""
        settings: Settings = getattr(self.parameters.watch, key)
        return self._missing(self.watch[key].missing[self.row], settings)

    def _missing(self, code: str, settings: Settings) -> str | None:
        if not code:
            return None
        if code.startswith("feed:"):
            return self._missing_feed(code.removeprefix("feed:"))
        return MISSING[code].format_map(settings.model_dump())

    def _missing_feed(self, table: str) -> str:
        last = self.feed_last(table)
        if last is None:
            return f"no {FEED_NAMES[table]} is connected"
        return f"{FEED_NAMES[table]} ends {last}, {self.feed_lag(table)} days before {self.as_of}"


def figure(
    case: Case,
    key: str,
    label: str,
    value: float | str | dt.date | None,
    unit: str,
    formula: str,
    records: tuple[Evidence, ...] = (),
) -> Figure:
    """A figure of the case's account."""
    return account_figure(case.account.id, case.as_of, key, label, value, unit, formula, records)
