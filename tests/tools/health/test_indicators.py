"""Each churn indicator at its edges, and the churn level that follows."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from app.domain import records
from tests.snapshots import (
    AS_OF,
    account,
    contact,
    daily_usage,
    days_before,
    goal,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, assessed, indicator
from tools.health.indicators import churn_levels


def usage(recent: int, before: int, field: str = "api_calls", span: int = 28) -> list[records.Usage]:
    """`recent` on each of the last 28 days, `before` on each of the `span` days before."""
    then: dict[str, Any] = {field: before}
    now: dict[str, Any] = {field: recent}
    return daily_usage(days=span, ends=days_before(28), **then) + daily_usage(days=28, **now)


@pytest.mark.parametrize(
    ("model", "rows", "expected"),
    [
        ("hybrid", usage(70, 100), "triggered"),  # 1,960 of 2,800 is 70 %
        ("hybrid", usage(71, 100), "clear"),
        ("hybrid", usage(0, 100), "triggered"),
        ("hybrid", usage(100, 100), "clear"),
        ("api", usage(63, 90), "triggered"),  # 70 %, though 0.7 × 90 is a little under 63 in floats
        ("hybrid", usage(10, 35), "unknown"),  # 980 calls before: too few to tell
        ("hybrid", usage(10, 36), "triggered"),  # 1,008
        ("hybrid", usage(10, 100, span=27), "unknown"),  # the earlier window begins before the first row
        ("hybrid", usage(3, 9, "active_users"), "unknown"),  # no calls on record, and calls apply
        ("seats", usage(7, 10, "active_users"), "triggered"),
        ("seats", usage(8, 10, "active_users"), "clear"),
        ("seats", usage(1, 4, "active_users"), "unknown"),  # a mean of 4 users a day
        ("seats", usage(3, 5, "active_users"), "triggered"),
        ("seats", usage(100, 900), "unknown"),
        ("hybrid", [], "unknown"),
    ],
)
def test_usage_decline(model: str, rows: list[records.Usage], expected: str) -> None:
    assert indicator("usage_decline", account(usage_model=model), usage=rows) == expected


def test_a_feed_that_ended_is_no_decline() -> None:
    """Nothing came for five days: the windows shift. After eight days nobody knows."""
    rows = daily_usage(days=112, ends=days_before(5), api_calls=100)
    assert indicator("usage_decline", usage=rows, covered={"usage": days_before(5)}) == "clear"
    rows = daily_usage(days=112, ends=days_before(8), api_calls=100)
    assert indicator("usage_decline", usage=rows, covered={"usage": days_before(8)}) == "unknown"


@pytest.mark.parametrize(
    ("fields", "rows", "expected"),
    [
        ({"licensed_seats": 100}, daily_usage(days=28, active_users=10, distinct=29), "triggered"),
        ({"licensed_seats": 100}, daily_usage(days=28, active_users=10, distinct=30), "clear"),
        ({"licensed_seats": 100}, daily_usage(days=28, active_users=30), "clear"),  # the highest day clears
        ({"licensed_seats": 100}, daily_usage(days=28, active_users=29), "unknown"),  # and never triggers
        ({"licensed_seats": 100}, daily_usage(days=28, active_users=0), "unknown"),
        ({"licensed_seats": None}, daily_usage(days=28, active_users=1, distinct=1), "unknown"),
        ({"licensed_seats": 0}, daily_usage(days=28, active_users=1, distinct=1), "unknown"),
        ({"licensed_seats": 100}, [], "unknown"),
        ({"licensed_seats": 100, "usage_model": "api"}, daily_usage(distinct=1, active_users=1), "not_applicable"),
    ],
)
def test_low_adoption(fields: dict[str, Any], rows: list[records.Usage], expected: str) -> None:
    assert indicator("low_adoption", account(**fields), usage=rows) == expected


def tickets(recent: int, before: int = 0) -> list[records.Ticket]:
    """`recent` in the last 30 days, `before` in the 90 days before those."""
    now = [ticket(f"r{i}", days_ago=29) for i in range(recent)]
    return now + [ticket(f"b{i}", days_ago=30 if i % 2 else 119) for i in range(before)]


@pytest.mark.parametrize(
    ("lifecycle", "rows", "expected"),
    [
        ("established", tickets(0), "clear"),
        ("established", tickets(2), "clear"),  # three are needed
        ("established", tickets(3), "triggered"),
        ("established", tickets(3, 3), "triggered"),  # 3 × a mean of 1
        ("established", tickets(4, 5), "clear"),  # 3 × 5/3 = 5
        ("established", tickets(5, 5), "triggered"),
        ("established", tickets(5, 6), "clear"),
        ("onboarding", tickets(4), "clear"),  # five while onboarding
        ("onboarding", tickets(5), "triggered"),
    ],
)
def test_support_spike(lifecycle: str, rows: list[records.Ticket], expected: str) -> None:
    assert indicator("support_spike", account(lifecycle=lifecycle), tickets=rows) == expected


def test_support_spike_is_unknown_without_a_ticket_feed() -> None:
    assert indicator("support_spike", tickets=tickets(9), covered={"tickets": None}) == "unknown"


def champion(contact_id: str, left_ago: int | None = None) -> records.Contact:
    left_on = days_before(left_ago) if left_ago is not None else None
    return contact(contact_id, is_champion=True, left_on=left_on)


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([champion("jo", 0)], "triggered"),
        ([champion("jo", 179)], "triggered"),
        ([champion("jo", 180)], "clear"),
        ([champion("jo", 30), champion("al")], "clear"),  # a successor is marked
        ([champion("jo", 30), champion("al", 90)], "triggered"),
        ([champion("jo", 30), contact("al")], "triggered"),
        ([champion("jo", -5)], "clear"),  # leaves in five days
        ([champion("jo")], "clear"),
        ([contact("al", left_on=days_before(3))], "unknown"),  # no champion was ever marked
        ([], "unknown"),
    ],
)
def test_champion_departure(contacts: list[records.Contact], expected: str) -> None:
    assert indicator("champion_departure", contacts=contacts) == expected


CALL = touchpoint("c", "call", None, days_ago=89)


@pytest.mark.parametrize(("key", "kind"), [("budget_cuts", "budget_cut"), ("competitor", "competitor")])
@pytest.mark.parametrize(
    ("days_ago", "facts", "expected"),
    [
        (0, {}, "triggered"),
        (179, {}, "triggered"),
        (180, {"touchpoints": [CALL]}, "clear"),
        (None, {"touchpoints": [CALL]}, "clear"),
        (None, {"touchpoints": [touchpoint("c", "call", None, days_ago=90)]}, "unknown"),
        (None, {"touchpoints": [touchpoint("c", "qbr", "no_show")]}, "unknown"),  # nobody came
        (None, {"touchpoints": [touchpoint("c", "webinar", "attended")]}, "unknown"),  # nobody talks in a webinar
        (None, {"touchpoints": [touchpoint("c", "email", "attended")]}, "clear"),
        (None, {}, "unknown"),
        (5, {"covered": {"touchpoints": None}}, "triggered"),
        (None, {"touchpoints": [CALL], "covered": {"touchpoints": days_before(8)}}, "clear"),  # the call is on record
        (None, {"covered": {"touchpoints": days_before(8)}}, "unknown"),
        (None, {"touchpoints": [CALL], "covered": {"signals": None}}, "unknown"),
        (None, {"touchpoints": [CALL], "covered": {"signals": days_before(8)}}, "unknown"),  # no silence is proven
        (20, {"touchpoints": [CALL], "covered": {"signals": days_before(8)}}, "triggered"),  # it is on record
        (1, {"touchpoints": [CALL], "covered": {"signals": days_before(8)}}, "triggered"),  # after the feed's end
        (181, {"touchpoints": [CALL], "covered": {"signals": days_before(3)}}, "triggered"),  # the window is shifted
    ],
)
def test_mentions(
    key: str, kind: records.SignalKind, days_ago: int | None, facts: dict[str, Any], expected: str
) -> None:
    signals = [] if days_ago is None else [signal("s", kind, days_ago=days_ago)]
    assert indicator(key, signals=signals, **facts) == expected


@pytest.mark.parametrize(
    ("touchpoints", "expected"),
    [
        ([("qbr", "no_show", 1), ("call", "no_show", 89)], "triggered"),
        ([("qbr", "no_show", 1), ("call", "no_show", 90)], "clear"),
        ([("qbr", "no_show", 1)], "clear"),
        ([("health_check", "attended", 1)], "clear"),
        ([("webinar", "no_show", 1), ("training", "no_show", 2)], "unknown"),  # none of the meetings that count
        ([("qbr", "rescheduled", 1), ("call", "cancelled_by_us", 2)], "unknown"),
        ([], "unknown"),
    ],
)
def test_missed_meetings(touchpoints: list[tuple[Any, Any, int]], expected: str) -> None:
    rows = [touchpoint(f"p{i}", kind, status, days_ago=ago) for i, (kind, status, ago) in enumerate(touchpoints)]
    assert indicator("missed_meetings", touchpoints=rows) == expected


@pytest.mark.parametrize(
    ("triggered", "red", "near", "level"),
    [
        (0, False, False, "low"),
        (0, False, True, "low"),  # a date lifts from elevated up
        (0, True, False, "elevated"),
        (0, True, True, "high"),
        (1, False, False, "elevated"),
        (1, False, True, "high"),
        (1, True, False, "high"),
        (1, True, True, "critical"),
        (2, False, False, "high"),
        (2, True, False, "high"),  # red lifts only where fewer than two are triggered
        (2, False, True, "critical"),
        (3, False, False, "high"),
        (3, True, True, "critical"),
        (4, False, False, "critical"),
        (7, True, True, "critical"),
    ],
)
def test_churn_levels(triggered: int, red: bool, near: bool, level: str) -> None:
    levels, _, _ = churn_levels(
        np.array([triggered], dtype=np.int32), np.array([red]), np.array([near]), PARAMETERS.churn
    )
    assert levels[0] == level


QUIET: dict[str, Any] = {
    "usage": daily_usage(days=112, active_users=30, api_calls=100, distinct=40),
    "contacts": [champion("jo")],
    "touchpoints": [touchpoint("q", "qbr", "attended", days_ago=9)],
}
"""All seven indicators are known and clear."""


def level(one: records.Account | None = None, **facts: Any) -> tuple[str, str, str]:
    churn = assessed(one, **facts).churn
    return str(churn.level[0]), str(churn.lowest[0]), str(churn.highest[0])


def test_level_with_everything_known() -> None:
    assert level(**QUIET) == ("low", "low", "low")
    assert level(**QUIET | {"signals": [signal("s", "budget_cut")]}) == ("elevated",) * 3
    two = [signal("s", "budget_cut"), signal("t", "competitor")]
    assert level(**QUIET | {"signals": two}) == ("high",) * 3


def test_unknown_indicators_make_the_level_a_range() -> None:
    """Usage decline and low adoption are unknown without usage: one step for one, two are high."""
    facts = QUIET | {"usage": [], "signals": [signal("s", "budget_cut")]}
    assert level(**facts) == ("elevated", "elevated", "high")


def test_fewer_than_four_known_and_none_triggered_is_unknown() -> None:
    three_known = {"usage": [], "contacts": [], "touchpoints": QUIET["touchpoints"]}
    # support spike, budget cuts, competitor and missed meetings: four
    assert level(**three_known) == ("low", "low", "high")
    # without signals: support spike and missed meetings
    facts = three_known | {"covered": {"signals": None}}
    assert level(**facts) == ("unknown", "low", "critical")
    # one triggered is enough for a level
    assert level(**facts | {"contacts": [champion("jo", 3)]}) == ("elevated", "elevated", "critical")


@pytest.mark.parametrize(
    ("renewal_in", "notice", "lifecycle", "expected"),
    [
        (90, 0, "established", "high"),
        (91, 0, "established", "elevated"),
        (150, 60, "established", "high"),
        (151, 60, "established", "elevated"),
        (10, 60, "established", "high"),  # the decision date is over, the renewal ahead
        (-12, 0, "established", "high"),  # lapsed, and nobody says churned
        (-90, 30, "renewing", "high"),
        (-91, 30, "renewing", "elevated"),  # the data is old
        (-12, 0, "churned", "elevated"),
        (60, None, "established", "high"),  # no notice period on record
    ],
)
def test_a_decision_date_close_by_lifts_the_level(
    renewal_in: int, notice: int | None, lifecycle: str, expected: str
) -> None:
    renewal = AS_OF + dt.timedelta(days=renewal_in)
    one = account(renewal_date=renewal, notice_days=notice, lifecycle=lifecycle)
    assert level(one, **QUIET | {"signals": [signal("s", "budget_cut")]})[0] == expected


def test_no_renewal_date_lifts_nothing() -> None:
    one = account(renewal_date=None)
    assert level(one, **QUIET | {"signals": [signal("s", "budget_cut")]})[0] == "elevated"


def red_and_quiet() -> dict[str, Any]:
    """No indicator triggered, and yet a red score: unhappy answers, missed goals, old tickets."""
    return QUIET | {
        "nps": [response(f"n{i}", 0) for i in range(9)],
        "goals": [goal("g", "missed")],
        "tickets": [ticket(f"t{i}", days_ago=60, severity="SEV2", escalated=True) for i in range(12)]
        + [ticket(f"u{i}", days_ago=3, severity="SEV4") for i in range(11)],
        "touchpoints": [*QUIET["touchpoints"], *(touchpoint(f"w{i}", "webinar", "declined") for i in range(6))],
    }


def test_health_and_churn_do_not_contradict_each_other() -> None:
    """A red score is never of low churn risk, and the critical account of a peer's pair is not at ease here."""
    found = assessed(**red_and_quiet())
    assert (found.scores.tier[0], found.churn.triggered[0], found.churn.level[0]) == ("red", 0, "elevated")
    assert found.churn.lifted_by_red[0]
