"""Time to value, from kickoff, cycle time and activation: numbers worked by hand, open waits among them."""

import datetime as dt

import pytest

from app.domain.records import Account, FeatureUsage, Milestone, Touchpoint
from tests.snapshots import account
from tests.tools.metrics.world import metric, of_period
from tools.metrics.measure import Waits


def began(account_id: str, start: str, **fields: object) -> Account:
    return account(account_id, contract_start=dt.date.fromisoformat(start), **fields)


def used(account_id: str, day: str) -> FeatureUsage:
    return FeatureUsage(account_id=account_id, date=dt.date.fromisoformat(day), feature="alerts", count=1)


def test_the_median_takes_who_still_waits() -> None:
    accounts = [
        began("a", "2026-01-05"),
        began("b", "2026-01-01"),
        began("c", "2026-01-01"),
        began("new", "2026-03-20"),
    ]
    rows = [used("a", "2026-01-15"), used("b", "2026-02-10")]  # 10 and 40 days; c waits 89, new only 11 of 30
    found = metric(of_period(accounts, "2026Q1", feature_usage=rows), "ttv")
    assert (found.value, found.cohort.n, found.at_least, found.verdict) == (40, 3, False, "missed")


@pytest.mark.parametrize(
    ("over", "still", "median", "at_least"),
    [
        ((10, 20, 30), (), 20, False),
        ((10, 20), (90,), 20, False),  # the wait only grows: the middle one stays
        ((10,), (90,), 50, True),
        ((10, 60), (40,), 40, True),
        ((10, 50, 60), (40, 45), 45, True),
        ((), (), None, False),
    ],
)
def test_a_median_that_rests_on_a_wait_is_a_lower_bound(
    over: tuple[int, ...], still: tuple[int, ...], median: float | None, at_least: bool
) -> None:
    assert Waits(over, still).median() == (median, at_least)


def test_a_lower_bound_can_miss_a_target_and_never_meet_it() -> None:
    waits = metric(of_period([began("a", "2026-01-01")], "2026Q1"), "ttv")
    assert (waits.value, waits.at_least, waits.verdict) == (89, True, "missed")


def test_use_that_begins_with_its_feed_tells_no_first_use() -> None:
    accounts = [began("old", "2024-01-01"), began("a", "2026-01-05")]
    rows = [used("old", "2026-01-10"), used("a", "2026-01-15")]
    found = metric(of_period(accounts, "2026Q1", feature_usage=rows), "ttv")
    assert (found.value, found.cohort.n) == (10, 1)
    assert found.cohort.left_out[0].ids == ("old",)


def test_from_the_kickoff_where_one_is_on_record() -> None:
    accounts = [began("a", "2026-01-01"), began("b", "2026-01-01"), began("c", "2026-01-01")]
    kickoff = Milestone(
        id="m1", account_id="a", code="M1", title="Kickoff held", phase=1, planned=dt.date(2026, 1, 7),
        due=dt.date(2026, 1, 7), done_on=dt.date(2026, 1, 8),
    )  # fmt: skip
    talk = Touchpoint(
        id="t1", account_id="b", date=dt.date(2026, 1, 10), kind="call", status="attended", text="Kick-off with IT."
    )
    rows = [used("a", "2026-01-18"), used("b", "2026-01-30"), used("c", "2026-01-30")]
    data = of_period(accounts, "2026Q1", feature_usage=rows, milestones=[kickoff], touchpoints=[talk])
    found = metric(data, "ttfv")
    assert (found.value, found.cohort.n, found.verdict) == (15, 2, "met")  # 10 and 20 days
    assert [(each.reason, each.ids) for each in found.cohort.left_out] == [("no kickoff on record", ("c",))]


def live(account_id: str, done: str, title: str = "Go-live") -> Milestone:
    day = dt.date.fromisoformat(done)
    return Milestone(id=f"{account_id}-{title}", account_id=account_id, code="M6", title=title, phase=3, planned=day,
                     due=day, done_on=day)  # fmt: skip


def test_cycle_time_is_held_against_a_year_before() -> None:
    accounts = [began("a", "2025-12-01"), began("b", "2026-01-10"), began("c", "2024-12-01")]
    plans = [
        live("a", "2026-02-09"),  # 70 days
        live("a", "2026-03-30", "In production everywhere"),  # a later word: the go-live counts
        live("b", "2026-02-19"),  # 40
        live("c", "2025-01-30"),  # 60 days, a year before
    ]
    found = metric(of_period(accounts, "2026Q1", milestones=plans), "onboarding_cycle_time")
    assert (found.value, found.cohort.n) == (55, 2)
    assert found.target is not None
    assert found.target.goal == 54  # 10 % under 60
    assert found.verdict == "missed"


def test_activation_counts_whose_day_fell_into_the_period() -> None:
    accounts = [
        began("a", "2025-12-01"),
        began("b", "2025-12-10"),
        began("young", "2026-02-01"),
        account("x", contract_start=None),
    ]
    rows = [used("a", "2026-02-01"), used("b", "2026-03-20")]  # the 90th days are 03-01 and 03-10
    found = metric(of_period(accounts, "2026Q1", feature_usage=rows), "activation_rate")
    assert (found.numerator, found.denominator, found.value) == (1, 2, 50)
    assert found.cohort.left_out[0].ids == ("x",)
