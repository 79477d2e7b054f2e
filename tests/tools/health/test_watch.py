"""Each watch item at its edges, and that none of them counts in the score or the churn level."""

import datetime as dt
from typing import Any

import pytest

from app.domain import records
from app.render.text import to_text
from tests.snapshots import (
    AS_OF,
    account,
    daily_usage,
    days_before,
    features_used,
    goal,
    portfolio,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import account_report, assessed, portfolio_report

STOPPED = days_before(8)
"""A feed that ends then is too old to tell anything of AS_OF."""


def watch_item(key: str, one: records.Account | None = None, **facts: Any) -> tuple[str, str]:
    """State, and the code of what is missing."""
    found = {str(name): item for name, item in assessed(one, **facts).watch.items()}[key]
    return str(found.state[0]), str(found.missing[0])


# ── Error-rate spike ──────────────────────────────────────────────────────────────────────────────────────────────


def errors(week: tuple[int, int], before: tuple[int, int], span: int = 28) -> list[records.Usage]:
    """Calls and errors a day of the last 7 days, and of the `span` days before."""
    then = daily_usage(days=span, ends=days_before(7), api_calls=before[0], errors=before[1]) if span else []
    return then + daily_usage(days=7, api_calls=week[0], errors=week[1])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (errors((1000, 150), (1000, 10)), ("triggered", "")),  # 15 % after 1 %
        (errors((1000, 30), (1000, 10)), ("triggered", "")),  # 3 % is three times 1 %
        (errors((1000, 29), (1000, 10)), ("clear", "")),
        (errors((1000, 20), (1000, 0)), ("triggered", "")),  # 2 % after none at all
        (errors((1000, 19), (1000, 0)), ("clear", "")),  # 1.9 %
        (errors((1000, 0), (1000, 10)), ("clear", "")),
        (errors((150, 15), (1000, 10)), ("triggered", "")),  # 1,050 calls
        (errors((142, 15), (1000, 10)), ("unknown", "error_calls")),  # 994
        (errors((0, 0), (1000, 10)), ("unknown", "error_calls")),
        (errors((1000, 150), (35, 0)), ("unknown", "error_base")),  # 980 calls before
        (errors((1000, 150), (1000, 10), span=27), ("unknown", "error_history")),
        (errors((1000, 10), (1000, 10), span=0), ("clear", "")),  # under 2 %, whatever was before
        (daily_usage(days=60, api_calls=1000), ("unknown", "errors")),
        (daily_usage(days=60, active_users=5), ("unknown", "api_calls")),
        ([], ("unknown", "api_calls")),
    ],
)
def test_error_spike(rows: list[records.Usage], expected: tuple[str, str]) -> None:
    assert watch_item("error_spike", usage=rows) == expected


def test_errors_of_an_account_without_calls() -> None:
    """Where calls are not applicable, only calls on record make the item apply."""
    seats = account(usage_model="seats")
    assert watch_item("error_spike", seats, usage=daily_usage(active_users=5))[0] == "not_applicable"
    assert watch_item("error_spike", seats, usage=errors((1000, 150), (1000, 10)))[0] == "triggered"


# ── Three successive declines ─────────────────────────────────────────────────────────────────────────────────────


def four(field: str, *a_day: int, days: int = 112) -> list[records.Usage]:
    """Use a day of four times 28 days, oldest first; only the last `days` of them."""
    rows: list[records.Usage] = []
    for back, value in zip((84, 56, 28, 0), a_day, strict=True):
        given: dict[str, Any] = {field: value}
        rows += daily_usage(days=28, ends=days_before(back), **given)
    return rows[-days:]


@pytest.mark.parametrize(
    ("model", "rows", "expected"),
    [
        ("hybrid", four("api_calls", 1000, 900, 810, 729), ("triggered", "")),  # 10 % each
        ("hybrid", four("api_calls", 1000, 900, 810, 730), ("clear", "")),
        ("hybrid", four("api_calls", 1000, 901, 800, 700), ("clear", "")),
        ("hybrid", four("api_calls", 1000, 900, 900, 700), ("clear", "")),
        ("hybrid", four("api_calls", 1000, 500, 400, 500), ("clear", "")),
        ("hybrid", four("api_calls", 100, 50, 0, 0), ("clear", "")),  # from nothing nothing declines
        ("hybrid", four("api_calls", 36, 30, 20, 10), ("triggered", "")),  # 1,008 calls in the first window
        ("hybrid", four("api_calls", 35, 30, 20, 10), ("unknown", "decline_base")),
        ("hybrid", four("api_calls", 1000, 900, 810, 700, days=111), ("unknown", "decline_history")),
        ("hybrid", four("active_users", 100, 90, 80, 70), ("unknown", "api_calls")),
        ("seats", four("active_users", 100, 90, 81, 72), ("triggered", "")),
        ("seats", four("active_users", 5, 4, 3, 2), ("triggered", "")),
        ("seats", four("active_users", 4, 3, 2, 1), ("unknown", "decline_base")),
        ("seats", four("api_calls", 1000, 900, 810, 700), ("unknown", "active_users")),
    ],
)
def test_three_declines(model: str, rows: list[records.Usage], expected: tuple[str, str]) -> None:
    assert watch_item("three_declines", account(usage_model=model), usage=rows) == expected


def test_windows_of_a_feed_that_lags_are_shifted() -> None:
    rows = [row.model_copy(update={"date": row.date - dt.timedelta(days=5)}) for row in four("api_calls", 9, 8, 7, 6)]
    rows = [row.model_copy(update={"api_calls": (row.api_calls or 0) * 100}) for row in rows]
    assert watch_item("three_declines", usage=rows, covered={"usage": days_before(5)}) == ("triggered", "")


# ── Gone quiet ────────────────────────────────────────────────────────────────────────────────────────────────────

FALLING = daily_usage(days=28, ends=days_before(28), api_calls=100) + daily_usage(days=28, api_calls=90)
STEADY = daily_usage(days=28, ends=days_before(28), api_calls=100) + daily_usage(days=28, api_calls=91)
MONTHLY = [ticket(f"t{back}", days_ago=back) for back in (30, 60, 90, 120, 150, 180)]
"""One on the newest day of each of the six months before the last 30 days."""


@pytest.mark.parametrize(
    ("tickets", "usage", "expected"),
    [
        (MONTHLY, FALLING, ("triggered", "")),
        (MONTHLY, STEADY, ("clear", "")),
        ([*MONTHLY, ticket("new", days_ago=29)], FALLING, ("clear", "")),
        ([t for t in MONTHLY if t.id != "t90"], FALLING, ("clear", "")),  # a month without
        ([*MONTHLY[:5], ticket("old", days_ago=209)], FALLING, ("triggered", "")),  # the oldest day of the sixth
        ([*MONTHLY[:5], ticket("old", days_ago=210)], FALLING, ("clear", "")),
        (MONTHLY, [], ("unknown", "api_calls")),
        (MONTHLY, FALLING[1:], ("unknown", "usage_history")),
        (MONTHLY, daily_usage(days=56, api_calls=35), ("unknown", "usage_base")),  # 980 calls
        ([], [], ("clear", "")),  # who never asked cannot fall silent
    ],
)
def test_gone_quiet(tickets: list[records.Ticket], usage: list[records.Usage], expected: tuple[str, str]) -> None:
    assert watch_item("gone_quiet", tickets=tickets, usage=usage) == expected


# ── Onboarding stalled ────────────────────────────────────────────────────────────────────────────────────────────


def newcomer(days: int, **fields: Any) -> records.Account:
    return account(lifecycle="onboarding", contract_start=days_before(days), **fields)


CALLS_LONG_AGO = daily_usage(days=1, ends=days_before(30), api_calls=5)


@pytest.mark.parametrize(
    ("one", "facts", "expected"),
    [
        (account(), {}, ("not_applicable", "")),
        (newcomer(40), {"usage": CALLS_LONG_AGO}, ("triggered", "")),
        (newcomer(13), {}, ("clear", "")),  # it began within the 14 days
        (newcomer(40), {}, ("unknown", "usage_ever")),
        (newcomer(40), {"usage": daily_usage(days=1, ends=days_before(14), api_calls=5)}, ("triggered", "")),
        (newcomer(40), {"usage": daily_usage(days=1, ends=days_before(13), api_calls=5)}, ("clear", "")),
        (newcomer(40), {"usage": daily_usage(days=1, ends=days_before(3), api_calls=0)}, ("triggered", "")),
        (newcomer(60), {"usage": daily_usage(days=40, active_users=10)}, ("triggered", "")),  # used, and standing still
        (newcomer(60), {"usage": CALLS_LONG_AGO, "feature_usage": features_used(day=days_before(2))}, ("clear", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "goals": [goal("g", "on_track", status_on=days_before(5))]},
         ("clear", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "goals": [goal("g", "at_risk", status_on=days_before(5))]},
         ("triggered", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "touchpoints": [touchpoint("w", "training", days_ago=13)]},
         ("clear", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "touchpoints": [touchpoint("w", "training", days_ago=14)]},
         ("triggered", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "touchpoints": [touchpoint("w", "training", "no_show", days_ago=2)]},
         ("triggered", "")),
        (newcomer(60), {"usage": CALLS_LONG_AGO, "touchpoints": [touchpoint("w", "email", days_ago=2)]},
         ("triggered", "")),
        (account(lifecycle="onboarding", contract_start=None), {}, ("unknown", "contract_start")),
        (account(lifecycle="onboarding", contract_start=None), {"usage": CALLS_LONG_AGO}, ("triggered", "")),
    ],
)  # fmt: skip
def test_onboarding_stalled(one: records.Account, facts: dict[str, Any], expected: tuple[str, str]) -> None:
    assert watch_item("onboarding_stalled", one, **facts) == expected


@pytest.mark.parametrize(("now", "state"), [(11, "clear"), (10, "triggered")])
def test_rising_use_is_progress(now: int, state: str) -> None:
    """The last week against the one two weeks earlier: 10 % more is rising."""
    rows = daily_usage(days=50, ends=days_before(7), active_users=10) + daily_usage(days=7, active_users=now)
    assert watch_item("onboarding_stalled", newcomer(60), usage=rows)[0] == state


def test_a_lagging_feed_may_hide_progress() -> None:
    """The last sign was 16 days ago; usage is covered to 5 days ago, so 11 days without one are known."""
    facts: dict[str, Any] = {"usage": daily_usage(days=1, ends=days_before(16), api_calls=5)}
    assert watch_item("onboarding_stalled", newcomer(60), **facts)[0] == "triggered"
    assert watch_item("onboarding_stalled", newcomer(60), **facts, covered={"usage": days_before(5)})[0] == "clear"


# ── All of them ───────────────────────────────────────────────────────────────────────────────────────────────────

TROUBLE: list[tuple[str, records.Account, dict[str, Any]]] = [
    ("error_spike", account(), {"usage": errors((1000, 150), (1000, 10))}),
    ("three_declines", account(), {"usage": four("api_calls", 1000, 900, 810, 729)}),
    ("gone_quiet", account(), {"usage": FALLING, "tickets": MONTHLY}),
    ("onboarding_stalled", newcomer(40), {"usage": CALLS_LONG_AGO}),
]


@pytest.mark.parametrize(("key", "one", "facts"), TROUBLE, ids=[row[0] for row in TROUBLE])
@pytest.mark.parametrize("table", ["usage", "tickets", "feature_usage", "touchpoints"])
def test_a_feed_that_stopped_triggers_nothing(
    key: str, one: records.Account, facts: dict[str, Any], table: str
) -> None:
    """Each needs usage; the feeds it also looks at make it unknown too."""
    needed = {"usage"} | {"gone_quiet": {"tickets"}, "onboarding_stalled": {"feature_usage", "touchpoints"}}.get(
        key, set()
    )
    state, missing = watch_item(key, one, **facts, covered={table: STOPPED})
    assert (state, missing) == (("unknown", f"feed:{table}") if table in needed else ("triggered", ""))


@pytest.mark.parametrize(("key", "one", "facts"), TROUBLE, ids=[row[0] for row in TROUBLE])
def test_a_triggered_item_is_told_everywhere_and_counts_nowhere(
    key: str, one: records.Account, facts: dict[str, Any]
) -> None:
    data, report = account_report(one, **facts)
    shown = to_text(report.blocks, report.figures)
    item = next(item for item in data.watch if item.key == key)
    action = next(action for action in data.actions if action.key == key)
    assert (item.state, item.missing) == ("triggered", None)
    assert item.evidence
    assert data.watching == (key,)
    assert f"Watch beside it: {item.label.lower()}." in shown
    assert f"Watch: {item.label.lower()}" in shown
    assert action.because[0] == f"{item.label}: "
    assert action.due > AS_OF
    figures = {figure.key for figure in report.figures}
    assert set(item.inputs) <= figures
    lines, whole = portfolio_report(portfolio([one], **facts))
    assert lines.accounts[0].watching == (key,)
    assert f"watch: {item.label.lower()}" in " ".join(to_text(whole.blocks, whole.figures, 200).split())
    triggered = sum(indicator.state == "triggered" for indicator in data.indicators)
    assert triggered == int(assessed(one, **facts).churn.triggered[0])


def test_what_was_seen_is_told_in_figures() -> None:
    """15 % of 7 × 1,000 calls failed, after 1 % of 28 × 1,000."""
    data, report = account_report(account(), usage=errors((1000, 150), (1000, 10)))
    shown = " ".join(to_text(report.blocks, report.figures, 200).split())
    assert "15% of 7,000 calls failed in 7 days, after 1% in the 28 before" in shown
    inputs = next(item for item in data.watch if item.key == "error_spike").inputs
    assert {key: value.value for key, value in inputs.items()} == {
        "usage.error_share.7d": 15.0,
        "usage.error_share.28d_before_7d": 1.0,
        "usage.errors.7d": 1050,
        "usage.api_calls.7d": 7000,
        "usage.errors.28d_before_7d": 280,
        "usage.api_calls.28d_before_7d": 28000,
    }


def test_an_onboarding_that_stalled_says_since_when() -> None:
    data, report = account_report(newcomer(40), usage=CALLS_LONG_AGO)
    shown = " ".join(to_text(report.blocks, report.figures, 200).split())
    assert f"30 days since the last sign of progress, the first use on {days_before(30)}" in shown
    evidence = next(item for item in data.watch if item.key == "onboarding_stalled").evidence
    assert [(record.kind, record.date) for record in evidence] == [("usage", days_before(30))]


def test_items_that_are_not_triggered_are_folded() -> None:
    data, report = account_report()
    assert data.watching == ()
    heading = next(place for place, block in enumerate(report.blocks) if getattr(block, "folded", False))
    assert heading == len(report.blocks) - 2  # nothing that must be seen comes after it
    shown = to_text(report.blocks[:heading], report.figures)
    assert "atch" not in shown
