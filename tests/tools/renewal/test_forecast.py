"""The forecast: who is lost, at risk, unknown, in the commit; sums by quarter with each money once."""

import datetime as dt

import pytest

from app.domain.records import ArrMovement, Signal, Touchpoint
from tests.snapshots import AS_OF
from tests.tools.renewal.conftest import PARAMETERS
from tools.renewal.data import RenewalLine
from tools.renewal.forecast import BEFORE, forecast, lost_arr, notices_given, quarter_of, standing, totals

RULES = PARAMETERS.forecast


@pytest.mark.parametrize(
    ("tier", "level", "churned", "lapsed", "notice", "bucket", "likely"),
    [
        ("green", "low", False, False, False, "commit", True),
        ("yellow", "elevated", False, False, False, "commit", True),
        ("red", "elevated", False, False, False, "at_risk", True),
        ("yellow", "high", False, False, False, "at_risk", True),
        ("yellow", "critical", False, False, False, "at_risk", False),
        ("green", "low", False, True, False, "at_risk", False),
        ("unknown", "low", False, False, False, "unknown", False),
        ("unknown", "unknown", False, False, False, "unknown", False),
        ("unknown", "high", False, False, False, "at_risk", True),
        ("green", "low", False, False, True, "lost", False),
        ("green", "low", True, True, False, "lost", False),
    ],
)
def test_the_rule(tier: str, level: str, churned: bool, lapsed: bool, notice: bool, bucket: str, likely: bool) -> None:
    found = standing(tier, level, churned=churned, lapsed=lapsed, notice=AS_OF if notice else None, rules=RULES)
    assert (found.bucket, found.likely) == (bucket, likely)
    assert found.because


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("They gave notice to the end of the year.", True),
        ("Board: will not renew.", True),
        ("They have not given notice.", False),
        ("Asked whether they will not renew.", False),
        ("Two other vendors were asked for prices.", False),
    ],
)
def test_notice_is_read_in_signals_and_notes(said: str, given: bool) -> None:
    heard = Signal(id="s", account_id="acme", date=AS_OF, kind="budget_cut", text=said)
    note = Touchpoint(id="t", account_id="other", date=AS_OF, kind="note", text=said)
    found = notices_given([heard], [note], AS_OF, RULES).given
    assert set(found) == ({"acme", "other"} if given else set())


def test_old_notices_and_talks_that_did_not_happen_do_not_count() -> None:
    said = "They gave notice."
    old = Signal(id="s", account_id="acme", date=AS_OF - dt.timedelta(days=365), kind="budget_cut", text=said)
    missed = Touchpoint(id="t", account_id="acme", date=AS_OF, kind="call", status="no_show", text=said)
    assert notices_given([old], [missed], AS_OF, RULES).given == {}


@pytest.mark.parametrize(
    ("renewal", "fiscal_start", "quarter"),
    [
        ("2026-06-30", 1, "2026Q2"),
        ("2026-04-01", 1, "2026Q2"),
        ("2026-03-31", 1, BEFORE),
        ("2026-07-01", 1, "2026Q3"),
        ("2026-07-31", 2, "FY2027Q2"),
        ("2026-05-01", 2, "FY2027Q2"),
        ("2026-04-30", 2, BEFORE),
    ],
)
def test_quarters(renewal: str, fiscal_start: int, quarter: str) -> None:
    assert quarter_of(dt.date.fromisoformat(renewal), AS_OF, fiscal_start) == quarter


def test_what_churned_is_the_sum_of_its_movements() -> None:
    moves = [
        ArrMovement(id="1", account_id="a", date=AS_OF, kind="churn", amount=40),
        ArrMovement(id="2", account_id="a", date=AS_OF, kind="churn", amount=2),
        ArrMovement(id="3", account_id="a", date=AS_OF, kind="downgrade", amount=7),
        ArrMovement(id="4", account_id="b", date=AS_OF - dt.timedelta(days=400), kind="churn", amount=9),
    ]
    assert lost_arr(moves, AS_OF, 365) == {"a": 42}


def line(
    name: str, bucket: str, arr: float | None, quarter: str = "2026Q3", currency: str = "USD", likely: bool = False
) -> RenewalLine:
    fields = {
        "id": name, "name": name, "owner": None, "segment": None, "tier": "green", "churn_level": "low", "arr": arr,
        "arr_counted": arr, "currency": currency, "renewal_date": AS_OF, "decision_date": AS_OF, "lapsed_days": None,
        "rolled": False, "auto_renew": None, "days_to_decision": 0, "bucket": bucket, "likely": likely,
        "because": "x", "quarter": quarter, "next_step": None, "next_step_by": None,
    }  # fmt: skip
    return RenewalLine.model_validate(fields)


def test_sums_by_quarter_and_currency() -> None:
    lines = [
        line("a", "commit", 100, likely=True),
        line("b", "at_risk", 50, likely=True),
        line("c", "at_risk", 25),
        line("d", "unknown", 10),
        line("e", "lost", 5, BEFORE),
        line("f", "commit", None, likely=True),
        line("g", "commit", 7, "2026Q4", "EUR", likely=True),
    ]
    rows = {(row.currency, row.quarter): row for row in (*forecast(lines), *totals(lines))}
    assert list(rows) == [
        ("EUR", "2026Q4"), ("USD", BEFORE), ("USD", "2026Q3"), ("EUR", "total"), ("USD", "total"),
    ]  # fmt: skip
    third = rows["USD", "2026Q3"]
    assert (third.commit, third.at_risk, third.unknown, third.lost) == (100, 75, 10, 0)
    assert (third.likely, third.best, third.arr_unknown, third.accounts) == (150, 175, 1, 5)
    assert (rows["USD", "total"].lost, rows["EUR", "total"].commit) == (5, 7)
