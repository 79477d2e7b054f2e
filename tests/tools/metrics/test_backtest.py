"""The replay of the past: planted skill is found, noise is not, and few churns say nothing."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from app.domain.command import OnDay, WantedDay
from app.domain.problems import InvalidArguments
from app.domain.records import Account, ArrMovement, Signal
from tests.snapshots import account, days_before, portfolio
from tests.tools.metrics.world import OTHERS, PARAMETERS, metrics_context
from tools.metrics import COMMAND
from tools.metrics.arguments import MetricsArgs
from tools.metrics.data import BacktestMetrics, WarningData

ARGS = MetricsArgs(action="backtest")
LOOKS = (30, 60, 90, 120)


def world(
    accounts: list[Account], args: MetricsArgs = ARGS, looks: tuple[int, ...] = LOOKS, **facts: Any
) -> BacktestMetrics:
    """The backtest of a world that is looked at on a few days alone."""
    ctx = metrics_context(accounts, args, **facts)
    days: dict[WantedDay, OnDay] = {
        back: OnDay(day, PARAMETERS, portfolio=portfolio(accounts, as_of=day, **facts), others=OTHERS)
        for back in looks
        if (day := days_before(back))
    }
    data = COMMAND.run(dataclasses.replace(ctx, days=days), args).report.data
    assert isinstance(data, BacktestMetrics)
    return data


def moved(account_id: str, day: dt.date, kind: Any) -> ArrMovement:
    return ArrMovement(id=f"{account_id}-{kind}", account_id=account_id, date=day, kind=kind, amount=100)


def book(leaving: int, staying: int, **fields: Any) -> tuple[list[Account], list[ArrMovement]]:
    """So many who left 40 days ago, and who stayed: all won 400 days ago with 100 ARR."""
    names = [f"left{i}" for i in range(leaving)] + [f"stay{i}" for i in range(staying)]
    movements = [moved(name, days_before(400), "new") for name in names]
    movements += [moved(name, days_before(40), "churn") for name in names[:leaving]]
    gone = {"arr": 0, "lifecycle": "churned"}
    accounts = [account(name, **({"arr": 100} | (gone if name in names[:leaving] else {}) | fields)) for name in names]
    return accounts, movements


def warned(names: list[str], back: int = 100) -> list[Signal]:
    return [Signal(id=f"s-{name}", account_id=name, date=days_before(back), kind="budget_cut") for name in names]


def of(data: BacktestMetrics, key: str) -> WarningData:
    return next(each for each in data.warnings if each.key == key)


def test_a_warning_that_warned_is_found_with_its_lead() -> None:
    accounts, movements = book(32, 40)
    data = world(accounts, arr_movements=movements, signals=warned([a.id for a in accounts[:30]]))
    found = of(data, "budget_cuts")
    assert (data.windows, data.events) == (72, 32)
    assert (found.flagged, found.hits, found.precision) == (30, 30, 100)
    assert found.recall == pytest.approx(100 * 30 / 32)
    assert found.base_rate == pytest.approx(100 * 32 / 72)  # it was known only where it was up: all windows count
    assert found.interval is not None
    assert found.interval[0] > 100 * 32 / 72
    assert (found.lead_days, found.leads) == (50, 30)  # first up on the look of 90 days ago, the churn was 40 days ago
    assert found.verdict == "skill"
    assert of(data, "usage_decline").verdict == "cannot_tell"


def test_a_warning_that_is_up_everywhere_has_no_skill() -> None:
    accounts, movements = book(32, 40)
    data = world(accounts, arr_movements=movements, signals=warned([a.id for a in accounts]))
    assert of(data, "budget_cuts").verdict == "no_skill"


def test_under_30_churns_it_cannot_be_told() -> None:
    accounts, movements = book(29, 40)
    data = world(accounts, arr_movements=movements, signals=warned([a.id for a in accounts[:29]]))
    assert {each.verdict for each in data.warnings} == {"cannot_tell"}
    assert of(data, "budget_cuts").why == "29 of 30 needed"


def test_the_renewals_in_the_windows_are_told() -> None:
    accounts, movements = book(1, 2, renewal_date=days_before(20))
    data = world(accounts, arr_movements=movements)
    assert (data.renewals, data.renewals_kept) == (3, 2)


def test_who_left_on_no_known_day_is_named_and_in_no_window() -> None:
    accounts, movements = book(1, 2)
    data = world([*accounts, account("gone", lifecycle="churned")], arr_movements=movements)
    assert data.undated == ("gone",)
    assert data.windows == 3


def test_a_window_that_is_not_over_does_not_count() -> None:
    accounts, movements = book(1, 2)
    data = world(accounts, looks=(30, 60), arr_movements=movements)
    assert (data.windows, data.warnings) == (0, ())


def test_only_the_warnings_that_are_named() -> None:
    accounts, movements = book(1, 2)
    data = world(accounts, MetricsArgs(action="backtest", indicators="red, competitor"), arr_movements=movements)
    assert [each.key for each in data.warnings] == ["competitor", "tier_red"]
    with pytest.raises(InvalidArguments, match="gut_feeling"):
        world(accounts, MetricsArgs(action="backtest", indicators="gut_feeling"), arr_movements=movements)


@pytest.mark.parametrize(("years", "furthest"), [(1, 360), (2, 720)])
def test_it_asks_for_every_step_back(years: int, furthest: int) -> None:
    days = COMMAND.needs(MetricsArgs(action="backtest", years=years)).days
    assert days == tuple(range(30, furthest + 1, 30))
