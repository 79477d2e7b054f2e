"""The past, looked at with the eyes of its day: which warnings were up, and what followed within the horizon.

Windows do not overlap: an account that stays is one case a horizon, and a churn is one case. What an account's warnings
were is taken from the snapshot of the day on which its window begins.
"""

import datetime as dt
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.domain.command import OnDay
from app.domain.records import Account, ArrMovement
from app.domain.revenue import arr_at
from app.domain.snapshot import Flags, Index, PortfolioSnapshot
from tools.health import Assessment, assess
from tools.health.indicators import CLEAR, INDICATORS, TRIGGERED
from tools.health.parents import is_customer
from tools.metrics.book import health_of, portfolio_of
from tools.metrics.measure import HUNDREDTH
from tools.metrics.parameters import STEP_DAYS
from tools.metrics.retention import LOSSES

TIERS = ("red", "yellow", "green")
SAFE = "green"
"""The tier that is to mean that nobody leaves."""

WARNINGS: tuple[str, ...] = (*INDICATORS, *(f"tier_{tier}" for tier in TIERS))
CHURNED = "churned"


@dataclass(slots=True)
class Tally:
    """A warning against what followed, over the windows in which it was known.

    `flagged` windows had it up, `hits` of them ended in a churn; `events` are all churns. `leads` are the days from the
    first of the looks, one a step without a gap, at which it was up, to the churn.
    """

    windows: int = 0
    events: int = 0
    flagged: int = 0
    hits: int = 0
    renewals_flagged: int = 0
    renewals_flagged_kept: int = 0
    leads: list[int] = field(default_factory=list)

    @property
    def lead(self) -> float | None:
        """The median, in days."""
        return statistics.median(self.leads) if self.leads else None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """When accounts left, or lost ARR, by id.

    `undated` are those who left on a day that no movement tells, `untold` those of whom no movements are connected.
    """

    on: Mapping[str, Sequence[dt.date]]
    undated: frozenset[str]
    untold: frozenset[str]

    def known(self, account_id: str) -> bool:
        return account_id not in self.undated and account_id not in self.untold

    def within(self, account_id: str, after: dt.date, until: dt.date) -> dt.date | None:
        """The first such day of the account in (after, until]."""
        return next((day for day in self.on.get(account_id, ()) if after < day <= until), None)


@dataclass(frozen=True, slots=True)
class Replay:
    """All windows, and each warning's tally."""

    first: dt.date
    windows: int
    events: int
    renewals: int
    renewals_kept: int
    tallies: Mapping[str, Tally]
    assumed: bool


def churns(portfolio: PortfolioSnapshot, movements: Mapping[str, Sequence[ArrMovement]]) -> Outcomes:
    """Who had left by the day of the portfolio, and when: by a churn that left no ARR, or that was the last of all.

    Movements come oldest first.
    """

    def gone(account: Account, movement: ArrMovement) -> bool:
        if movement.kind != "churn":
            return False
        stays_away = account.lifecycle == CHURNED and movement is movements[account.id][-1]
        return stays_away or (arr_at(account.arr, movements[account.id], movement.date).amount or 0.0) <= HUNDREDTH

    return _outcomes(portfolio, movements, gone)


def losses(portfolio: PortfolioSnapshot, movements: Mapping[str, Sequence[ArrMovement]]) -> Outcomes:
    """Who had lost ARR by then, and when: by a churn or a downgrade."""
    return _outcomes(portfolio, movements, lambda _, movement: movement.kind in LOSSES)


def _outcomes(
    portfolio: PortfolioSnapshot,
    movements: Mapping[str, Sequence[ArrMovement]],
    counts: Callable[[Account, ArrMovement], bool],
) -> Outcomes:
    on: dict[str, tuple[dt.date, ...]] = {}
    undated, untold = set(), set()
    connected = portfolio.feeds.connected("arr_movements")
    for row, account in enumerate(portfolio.accounts):
        mine = [m for m in movements.get(account.id, ()) if m.date <= portfolio.as_of]
        on[account.id] = tuple(sorted({m.date for m in mine if counts(account, m)}))
        if account.lifecycle == CHURNED and (not mine or mine[-1].kind != "churn"):
            undated.add(account.id)
        elif not connected[row]:
            untold.add(account.id)
    return Outcomes(on, frozenset(undated), frozenset(untold))


def looks_of(days: Iterable[OnDay]) -> dict[dt.date, "Look"]:
    """What could be seen on each of the days."""
    return {day.as_of: Look(assess(portfolio_of(day), health_of(day.others))) for day in days}


def replay(
    looks: Mapping[dt.date, "Look"], known: Outcomes, as_of: dt.date, horizon: int, *, leads: bool
) -> Replay | None:
    """The warnings on each of the days, which lie whole steps before as_of, against what followed.

    `leads` says whether it is also told how long before each event a warning was up. None where no window has ended by
    as_of.
    """
    begins = [day for day in sorted(looks) if (as_of - day).days >= horizon and (as_of - day).days % horizon == 0]
    if not begins:
        return None
    tallies = {warning: Tally() for warning in WARNINGS}
    windows = events = renewals = kept = assumed = 0
    for begin in begins:
        look = looks[begin]
        followed = _Followed(look.portfolio, known, begin + dt.timedelta(days=horizon))
        windows, events = windows + int(followed.at_stake.sum()), events + int(followed.left.sum())
        renewals, kept = renewals + int(followed.renews.sum()), kept + int((followed.renews & ~followed.left).sum())
        assumed += int((look.portfolio.assumed_since > 0).sum())
        for warning, tally in tallies.items():
            _count(tally, look.states[warning], followed)
    for account_id, day in _departures(known, begins[0], as_of) if leads else ():
        _add_leads(tallies, looks, account_id, day, horizon)
    return Replay(begins[0], windows, events, renewals, kept, tallies, assumed > 0)


class Look:
    """Whether each warning was up for each account on a day: 1 up, 0 not, -1 where nobody could know."""

    def __init__(self, assessment: Assessment) -> None:
        self.portfolio = assessment.portfolio
        found = {key: each.state for key, each in assessment.churn.indicators.items()}
        tier = assessment.scores.tier
        known = np.isin(tier, np.array(TIERS, dtype=object))
        self.states: dict[str, Index] = {
            key: np.select([state == TRIGGERED, state == CLEAR], [1, 0], -1).astype(np.int32)
            for key, state in found.items()
        }
        self.states |= {f"tier_{each}": np.where(known, tier == each, -1).astype(np.int32) for each in TIERS}
        self._rows = {account.id: row for row, account in enumerate(assessment.portfolio.accounts)}

    def is_up(self, warning: str, account_id: str) -> bool:
        row = self._rows.get(account_id)
        return row is not None and bool(self.states[warning][row] == 1)


class _Followed:
    """What followed until `end` for each account: customers with ARR whose going would be known are at stake."""

    def __init__(self, portfolio: PortfolioSnapshot, known: Outcomes, end: dt.date) -> None:
        begin, accounts = portfolio.as_of, portfolio.accounts
        self.at_stake = _flags(
            is_customer(portfolio, row) and portfolio.arr[row] > HUNDREDTH and known.known(account.id)
            for row, account in enumerate(accounts)
        )
        self.left = self.at_stake & _flags(known.within(a.id, begin, end) is not None for a in accounts)
        due = _flags(a.renewal_date is not None and begin < a.renewal_date <= end for a in accounts)
        self.renews = self.at_stake & due


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=np.bool_)


def _count(tally: Tally, states: Index, followed: _Followed) -> None:
    known = followed.at_stake & (states >= 0)
    up = known & (states == 1)
    tally.windows += int(known.sum())
    tally.events += int((known & followed.left).sum())
    tally.flagged += int(up.sum())
    tally.hits += int((up & followed.left).sum())
    tally.renewals_flagged += int((up & followed.renews).sum())
    tally.renewals_flagged_kept += int((up & followed.renews & ~followed.left).sum())


def _departures(known: Outcomes, after: dt.date, until: dt.date) -> Iterator[tuple[str, dt.date]]:
    for account_id, days in known.on.items():
        if known.known(account_id):
            yield from ((account_id, day) for day in days if after < day <= until)


def _add_leads(
    tallies: Mapping[str, Tally], looks: Mapping[dt.date, Look], account_id: str, left_on: dt.date, horizon: int
) -> None:
    """Of each warning that was up within the horizon before the churn, since when it was."""
    before = [day for day in sorted(looks, reverse=True) if day < left_on]
    for warning, tally in tallies.items():
        up = [day for day in before if looks[day].is_up(warning, account_id)]
        if not up or (left_on - up[0]).days > horizon:
            continue
        since = up[0]
        for day in up[1:]:
            if (since - day).days > STEP_DAYS:
                break
            since = day
        tally.leads.append((left_on - since).days)
