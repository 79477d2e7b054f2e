"""A parent's answer: the accounts below it by themselves, their mean by ARR, the worst of them, and ARR once."""

from typing import Any

import pytest

from app.domain.blocks import Heading, Table, Verdict
from app.domain.command import Context, Report
from app.domain.records import Account
from app.render.text import to_text
from tests.snapshots import account, account_snapshot, days_before, goal, portfolio, signal
from tests.tools.health.conftest import context, portfolio_report
from tests.tools.health.test_ledger import healthy_facts
from tools.health import COMMAND, HealthArgs
from tools.health.data import AccountHealth, GroupHealth

Facts = dict[str, Any]


def facts_of(account_id: str, *statuses: Any) -> Facts:
    """Full points but for outcomes: the goals have these statuses."""
    moved = {}
    for table, rows in healthy_facts().items():
        moved[table] = [row.model_copy(update=_moved_to(account_id, row)) for row in rows]
    moved["goals"] = [goal(f"{account_id}-g{i}", status, account_id) for i, status in enumerate(statuses)]
    return moved


def _moved_to(account_id: str, row: Any) -> dict[str, str]:
    return {"account_id": account_id} | ({"id": f"{account_id}-{row.id}"} if hasattr(row, "id") else {})


def together(*parts: Facts) -> Facts:
    return {table: [row for part in parts for row in part.get(table, [])] for table in parts[0]} if parts else {}


def parent_report(parent: Account, below: list[Account], facts: Facts, **arguments: Any) -> tuple[GroupHealth, Report]:
    own = account_snapshot(parent)
    base = context(one=own)
    family = portfolio(below, **facts)
    ctx = Context(**{name: getattr(base, name) for name in Context.__dataclass_fields__} | {"family": family})
    report = COMMAND.run(ctx, HealthArgs(account=parent.id, **arguments)).report
    assert isinstance(report.data, AccountHealth)
    assert report.data.group is not None
    return report.data.group, report


def told(report: Report) -> str:
    return to_text(report.blocks, report.figures, width=10_000)


GROUP = account("group", name="Group", arr=100_000)
LINE_A = account("a", name="Line A", parent_id="group", product="Desk", arr=60_000)
LINE_B = account("b", name="Line B", parent_id="group", arr=40_000)


def test_the_mean_by_arr_and_the_worst() -> None:
    """A has all 100 points, B none of 10 for outcomes: (60 × 100 + 40 × 90) ÷ 100 = 96."""
    facts = together(facts_of("a", "achieved"), facts_of("b", "missed"))
    data, report = parent_report(GROUP, [LINE_A, LINE_B], facts)
    assert len(data.currencies) == 1
    assert data.currencies[0].model_dump() == {
        "currency": "USD",
        "arr": 100_000,
        "arr_below": 100_000,
        "arr_scored": 100_000,
        "arr_unknown": 0,
        "scored": 2,
        "mean": pytest.approx(96.0),
    }
    assert (data.accounts, data.worst) == (2, "b")
    assert [line.id for line in data.below] == ["b", "a"]
    answer = told(report)
    assert "Below it: 2 accounts; mean score by ARR 96.0 (over USD 100,000), ARR of the group USD 100,000" in answer
    assert "worst Line B 90.0 (green)." in answer
    assert "Desk" in answer
    figures = {f.key: f for f in report.figures if f.account_id == "group"}
    assert figures["group.score.USD"].value == pytest.approx(96.0)
    assert {e.id for e in figures["group.score.USD"].evidence} == {"a", "b"}


def test_an_unknown_score_is_not_zero() -> None:
    data, report = parent_report(GROUP, [LINE_A, LINE_B], facts_of("a", "achieved"))
    assert data.currencies[0].mean == pytest.approx(100)
    assert (data.currencies[0].scored, data.currencies[0].arr_scored) == (1, 60_000)
    assert data.worst == "a"
    assert "(over USD 60,000 of USD 100,000)" in told(report)


def test_no_score_and_no_arr_below() -> None:
    data, report = parent_report(GROUP, [LINE_A.model_copy(update={"arr": None}), LINE_B], {})
    assert data.currencies[0].mean is None
    assert (data.worst, data.currencies[0].arr_unknown) == (None, 1)
    assert "no score with ARR below in USD" in told(report)


def test_who_churned_or_is_still_to_come_is_in_no_sum() -> None:
    below = [
        LINE_A,
        account("gone", parent_id="group", lifecycle="churned", arr=1),
        account("soon", parent_id="group", lifecycle=None, contract_start=days_before(-3), arr=1),
    ]
    data, report = parent_report(account("group", arr=10_000), below, facts_of("a", "achieved"))
    assert (data.accounts, data.currencies[0].arr) == (1, 70_000)
    assert data.below[0].id == "a"
    assert len(data.below) == 3
    assert "not a customer yet" in told(report)


def test_currencies_have_a_mean_each() -> None:
    below = [LINE_A, LINE_B.model_copy(update={"currency": "EUR"})]
    facts = together(facts_of("a", "achieved"), facts_of("b", "missed"))
    data, _ = parent_report(GROUP, below, facts)
    means = {c.currency: c.mean for c in data.currencies}
    assert means == pytest.approx({"EUR": 90, "USD": 100})
    # The parent's 100,000 contain A's 60,000.
    assert {c.currency: c.arr for c in data.currencies} == {"EUR": 40_000, "USD": 100_000}


def test_grandchildren_stand_below_their_parent() -> None:
    below = [
        account("mid", name="Mid", parent_id="group", arr=50_000),
        account("low", name="Low", parent_id="mid", arr=50_000),
    ]
    data, report = parent_report(GROUP, below, together(facts_of("mid", "achieved"), facts_of("low", "missed")))
    assert data.currencies[0].mean == pytest.approx(90)  # mid's ARR is low's
    assert data.currencies[0].arr == 100_000
    table = next(b for b, after in zip(report.blocks[1:], report.blocks, strict=False) if _is_below(after))
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [("Mid",), ("↳ Low",)]


def _is_below(block: Any) -> bool:
    return isinstance(block, Heading) and block.text == ("Accounts below, each by itself",)


def test_many_below_are_limited() -> None:
    below = [account(f"c{i:02}", parent_id="group", arr=1) for i in range(30)]
    data, report = parent_report(GROUP, below, {}, limit=7)
    assert (data.accounts, len(data.below)) == (30, 7)
    assert "and 23 more" in told(report)
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11


def test_portfolio_totals_count_arr_once_whatever_the_filter() -> None:
    snapshot = portfolio([GROUP, LINE_A, LINE_B.model_copy(update={"owner": "Kim"}), account("other", arr=1000)])
    whole, report = portfolio_report(snapshot)
    assert whole.totals.currencies[0].arr == 101_000
    assert {line.id: line.arr_counted for line in whole.accounts} == {
        "group": 0,
        "a": 60_000,
        "b": 40_000,
        "other": 1000,
    }
    assert {line.id: line.arr for line in whole.accounts}["group"] == 100_000
    owners = [portfolio_report(snapshot, owner=owner)[0].totals.currencies[0].arr for owner in ("Sam", "Kim")]
    assert owners == [61_000, 40_000]
    answer = told(report)
    assert "Line A (Desk, part of Group)" in answer
    assert "ARR counts once in totals (accounts: 1)" in answer


def test_arr_at_risk_counts_once() -> None:
    heard = [signal(f"{one}-{kind}", kind, one) for one in ("group", "a") for kind in ("budget_cut", "competitor")]
    data, _ = portfolio_report(portfolio([GROUP, LINE_A, LINE_B], signals=heard))
    assert data.totals.currencies[0].arr_at_risk == 60_000


def test_circles_and_missing_parents_are_told() -> None:
    accounts = [
        account("a", name="Ann", parent_id="b"),
        account("b", name="Ben", parent_id="a"),
        account("c", parent_id="nobody"),
        account("d", parent_id="d", name="Dot"),
    ]
    data, report = portfolio_report(portfolio(accounts))
    assert data.totals.currencies[0].arr == 400_000
    answer = told(report)
    assert "Parents that go in a circle are taken for none (accounts: 3)" in answer
    assert "Named a parent that is not among these accounts: 1." in answer
