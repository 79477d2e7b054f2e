"""The calendar of renewals and its forecast."""

import datetime as dt

import pytest

from app.domain import records
from app.domain.blocks import Chart, Table, Verdict
from app.domain.problems import InvalidArguments
from app.render.markdown import to_markdown
from app.render.text import to_text
from tests.snapshots import AS_OF, account, signal
from tests.tools.renewal.conftest import ahead, calendar, contract, read


def several() -> list[records.Account]:
    return [
        contract(200, 30, id="far"),
        contract(60, 30, id="near"),
        contract(-5, 30, id="lapsed"),
        contract(-80, 30, id="long-lapsed"),
        contract(90, 90, id="late-notice"),  # decides today
        contract(500, 30, id="beyond"),
        account("undated", renewal_date=None),
        contract(-30, 30, auto=True, id="rolled", term_months=12),
        contract(-20, 30, id="gone", lifecycle="churned"),
        contract(-200, 30, id="long-gone", lifecycle="churned"),
        contract(100, 30, id="new", contract_start=ahead(30), lifecycle=None),
    ]


def test_by_decision_date_with_the_lapsed_first_and_the_lost_last() -> None:
    data, report = calendar(several())
    ids = [line.id for line in data.accounts]
    assert ids == ["long-lapsed", "lapsed", "late-notice", "near", "far", "rolled", "gone"]
    by_id = {line.id: line for line in data.accounts}
    assert (by_id["lapsed"].lapsed_days, by_id["lapsed"].bucket, by_id["lapsed"].likely) == (5, "at_risk", False)
    assert by_id["late-notice"].days_to_decision == 0
    assert by_id["rolled"].renewal_date == dt.date(2027, 5, 27)
    assert by_id["gone"].bucket == "lost"
    assert data.undated == ("Undated",)
    assert (data.total, data.lapsed) == (7, 2)
    first = report.blocks[0]
    assert isinstance(first, Verdict)
    told = to_text((first,), report.figures).replace("\n  ", " ")
    assert "6 renewals until 2027-06-26: 2 lapsed, 2 to be decided within 90 days." in told
    assert "First: Long-lapsed (lapsed by 80 days, unknown)" in told
    assert "Next: /renewal long-lapsed" in told
    assert "No date to plan for" in read(report)


def test_filters_are_in_the_keys_of_the_sums() -> None:
    accounts = [
        contract(60, id="a", owner="Sam"),
        contract(60, id="b", owner="Kim"),
        contract(300, id="c", owner="Sam"),
    ]
    data, report = calendar(accounts, args={"owner": "sam", "days": 90})
    assert [line.id for line in data.accounts] == ["a"]
    sums = {figure.key for figure in report.figures if figure.account_id is None}
    assert sums
    assert all(key.startswith("portfolio.owner_sam.days_90.renewal.") for key in sums)


def test_nothing_in_the_calendar() -> None:
    _, report = calendar([account(renewal_date=None)])
    assert "No renewal until 2027-06-26." in read(report)
    assert "renewal date" in read(report)
    assert "No renewal" in read(calendar([])[1])


def test_pages() -> None:
    accounts = [contract(60 + place, id=f"a{place:02}") for place in range(5)]
    data, report = calendar(accounts, args={"limit": 2})
    assert data.next_cursor == "2"
    assert "cursor=2" in read(report)
    following, _ = calendar(accounts, args={"limit": 2, "cursor": "4"})
    assert [line.id for line in following.accounts] == ["a04"]
    assert following.next_cursor is None
    assert following.total == 5
    with pytest.raises(InvalidArguments):
        calendar(accounts, args={"cursor": "5"})


def test_the_forecast_by_quarter_with_a_chart_a_currency() -> None:
    """Quarters are those of the renewal: 2026-08-25, 2026-11-13 and in the other currency 2026-08-25."""
    accounts = [contract(60, id="a"), contract(140, id="b", arr=50_000), contract(60, id="c", currency="EUR", arr=7)]
    data, report = calendar(accounts)
    rows = [(row.currency, row.quarter, row.unknown) for row in data.forecast]
    assert rows == [("EUR", "2026Q3", 7), ("USD", "2026Q3", 100_000), ("USD", "2026Q4", 50_000)]
    charts = [block for block in report.blocks if isinstance(block, Chart)]
    assert [chart.labels for chart in charts] == [("2026Q3",), ("2026Q3", "2026Q4")]
    assert "never in the commit" in read(report)


def test_a_parents_arr_counts_once() -> None:
    parent, child = contract(60, id="top", arr=100), contract(60, id="part", arr=40, parent_id="top")
    data, report = calendar([parent, child])
    (total,) = data.totals
    assert total.unknown == 100
    assert "ARR counts once" in read(report)


def test_the_lost_arr_is_that_of_the_churn() -> None:
    moves = [
        records.ArrMovement(id="1", account_id="gone", date=ahead(-400), kind="new", amount=900),
        records.ArrMovement(id="2", account_id="gone", date=ahead(-20), kind="churn", amount=900),
    ]
    data, _ = calendar([contract(-20, id="gone", lifecycle="churned", arr=0)], arr_movements=moves)
    assert data.totals[0].lost == 900


def test_notice_makes_it_lost() -> None:
    told = signal("s", "competitor").model_copy(update={"text": "They gave notice on Monday."})
    data, report = calendar([contract(60)], signals=[told])
    assert data.accounts[0].bucket == "lost"
    assert data.accounts[0].next_step is None
    assert data.totals[0].lost == 100_000
    assert f"lost: notice given, heard on {ahead(-1)}" in read(report)


def test_done_steps_are_seen_in_the_calendar_too() -> None:
    held = records.Touchpoint(id="t", account_id="acme", date=AS_OF, kind="health_check", status="attended")
    before, _ = calendar([contract(110, 30)])
    after, report = calendar([contract(110, 30)], touchpoints=[held])
    assert (before.accounts[0].next_step, after.accounts[0].next_step) == ("Health check", "Value review")
    table = next(block for block in report.blocks if isinstance(block, Table))
    assert "Value review, by" in to_markdown((table,), report.figures)
