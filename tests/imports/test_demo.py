"""The demo portfolio: it covers what there is to show, on whatever day it is loaded."""

import datetime as dt
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from sqlalchemy import Connection

from app.domain.records import RECORD_TYPES, Account, ArrMovement, FeedbackItem, Ticket, Usage
from app.imports.demo import demo_is_untouched, demo_records, load_demo, remove_demo
from app.store import versions
from app.store.snapshots import build_account, build_portfolio, default_as_of
from tests.imports.conftest import NOW, TODAY, UTC, Desk
from tools.health import Assessment, HealthParameters, assess

DAYS = [TODAY, dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 12, 31), dt.date(2028, 2, 29)]
"""A Tuesday; a Sunday and a Monday that begin a month; the end of a year; a leap day."""


def at_noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def loaded(desk: Desk, today: dt.date = TODAY) -> Assessment:
    load_demo(desk.store, today, at_noon(today), UTC)
    parameters = yaml.safe_load((Path(__file__).parents[2] / "tools" / "health.yaml").read_text())
    with desk.store.reading() as conn:
        assert default_as_of(conn, desk.version, today) == today
        portfolio = build_portfolio(conn, None, today, desk.version, UTC)
    return assess(portfolio, HealthParameters.model_validate(parameters))


@pytest.mark.parametrize("today", DAYS)
def test_it_covers_every_tier_indicator_and_level(desk: Desk, today: dt.date) -> None:
    found = loaded(desk, today)
    live = [row for row, account in enumerate(found.portfolio.accounts) if account.lifecycle != "churned"]
    tiers = Counter(found.scores.tier[live])
    assert set(tiers) == {"green", "yellow", "red", "unknown"}
    assert min(tiers["green"], tiers["yellow"], tiers["red"]) >= 2
    assert sum(found.scores.provisional[live]) == 1
    assert set(found.churn.level[live]) >= {"low", "elevated", "high", "critical", "unknown"}
    for key, indicator in found.churn.indicators.items():
        assert {"triggered", "clear"} <= set(indicator.state), key
    assert not np.isfinite(found.portfolio.arr_mismatch).any()
    assert not found.portfolio.assumed_since.any()


def test_it_has_the_cases_that_need_care(desk: Desk) -> None:
    portfolio = loaded(desk).portfolio
    accounts = {account.id: account for account in portfolio.accounts}
    assert 15 <= len(accounts) <= 20
    ahead = [(a.renewal_date - TODAY).days for a in accounts.values() if a.renewal_date and a.lifecycle != "churned"]
    for low, high in [(-90, -1), (0, 30), (31, 60), (61, 90), (91, 400)]:
        assert any(low <= days <= high for days in ahead), (low, high)
    assert [a.id for a in accounts.values() if a.lifecycle == "churned"] == ["nettle"]
    assert any(a.usage_model == "api" and a.licensed_seats is None for a in accounts.values())
    assert any(a.usage_model == "seats" for a in accounts.values())
    assert any(a.licensed_seats == 3 for a in accounts.values())
    assert any(a.parent_id in accounts for a in accounts.values())
    weeks = [(TODAY - a.contract_start).days // 7 for a in accounts.values() if a.contract_start]
    assert 1 in weeks
    lag = dict(zip(accounts, portfolio.feeds.lag("usage"), strict=True))
    assert {account_id: days for account_id, days in lag.items() if days > 7} == {"hollow-oak": 20}
    assert not portfolio.feeds.usable("usage")[list(accounts).index("hollow-oak")]
    assert portfolio.feeds.usable("tickets").all()


@pytest.mark.parametrize("today", [day for day in DAYS if day.day > 1])
def test_a_quota_is_nearly_used_up_month_to_date(today: dt.date) -> None:
    records = [record for _, _, record in demo_records(today, UTC)]
    quotas = {a.id: a.api_quota_monthly for a in records if isinstance(a, Account) and a.api_quota_monthly}
    used: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Usage) and (record.date.year, record.date.month) == (today.year, today.month):
            used[record.account_id] += record.api_calls or 0
    near = [account_id for account_id, quota in quotas.items() if used[account_id] >= 0.8 * quota]
    assert near == ["glasswing"]
    assert used["glasswing"] <= quotas["glasswing"]


def test_it_fills_every_table_and_repeats_itself() -> None:
    first, second = list(demo_records(TODAY, UTC)), list(demo_records(TODAY, UTC))
    assert first == second
    assert {table for _, table, _ in first} == set(RECORD_TYPES)
    assert {source for source, _, _ in first} == {"demo", "demo-meter-export"}
    for table, record_type in RECORD_TYPES.items():
        keys = [tuple(getattr(r, name) for name in record_type.key) for _, t, r in first if t == table]
        assert len(keys) == len(set(keys)), table
    kinds = {record.kind for _, _, record in first if isinstance(record, ArrMovement)}
    assert kinds == {"new", "expansion", "downgrade", "churn", "reactivation"}


def test_feedback_and_the_open_incident() -> None:
    records = [record for _, _, record in demo_records(TODAY, UTC)]
    items = [record for record in records if isinstance(record, FeedbackItem)]
    assert {item.category for item in items} == {"bug", "feature_request", "ux", "documentation", "performance"}
    inputs = [(item.reach, item.impact, item.confidence, item.effort_weeks) for item in items]
    assert (50, 10, 0.8, 4) in inputs  # RICE 100
    assert [item.id for item in items if item.effort_weeks == 0] == ["fb-everything-report"]
    (incident,) = [r for r in records if isinstance(r, Ticket) and r.severity == "SEV1" and r.resolved_at is None]
    assert "503" in (incident.body or "")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_it_loads_in_any_zone(desk: Desk, zone: str) -> None:
    report = load_demo(desk.store, TODAY, NOW, ZoneInfo(zone))
    assert report.tables["tickets"].created > 50


def test_it_is_moved_to_another_day_and_not_loaded_twice_on_one(desk: Desk) -> None:
    assert not demo_is_untouched(desk.store)
    first = load_demo(desk.store, TODAY, NOW, UTC)
    assert (first.version, first.placed, demo_is_untouched(desk.store)) == (1, True, True)
    again = load_demo(desk.store, TODAY, NOW, UTC)
    assert (again.version, again.placed, again.changed) == (1, False, False)
    tomorrow = TODAY + dt.timedelta(days=1)
    moved = load_demo(desk.store, tomorrow, at_noon(tomorrow), UTC)
    assert (moved.version, moved.placed, demo_is_untouched(desk.store)) == (2, True, True)
    assert moved.tables["usage"].read == len(desk.rows("usage", "day"))
    assert desk.feeds()["tickets"][0] == tomorrow.isoformat()


def test_whatever_else_is_written_keeps_its_dates_where_they_are(desk: Desk) -> None:
    load_demo(desk.store, TODAY, NOW, UTC)
    desk.load({"plans.csv": "name\nGold\n"})
    assert not demo_is_untouched(desk.store)


def test_it_goes_without_a_trace_and_leaves_the_rest(desk: Desk) -> None:
    desk.load({"accounts.csv": "id,name\nacme,Acme\n"})
    load_demo(desk.store, TODAY, NOW, UTC)
    ended = remove_demo(desk.store, NOW)
    assert ended > 1000
    assert desk.rows("accounts", "id") == [("acme",)]
    for table in RECORD_TYPES:
        assert len(desk.rows(table, "since")) == (table == "accounts"), table
    assert desk.feeds() == {}
    version = desk.version
    assert remove_demo(desk.store, NOW) == 0
    assert desk.version == version


def test_once_removed_it_is_not_untouched(desk: Desk) -> None:
    load_demo(desk.store, TODAY, NOW, UTC)
    remove_demo(desk.store, NOW)
    assert not demo_is_untouched(desk.store)
    assert load_demo(desk.store, TODAY, NOW, UTC).placed


def test_an_account_of_it_is_whole(desk: Desk) -> None:
    def cobalt(conn: Connection) -> None:
        account = build_account(conn, "cobalt-harbor", None, TODAY, versions.current(conn), UTC)
        departed = [c for c in account.contacts if c.is_champion and c.left_on]
        assert departed
        assert not [c for c in account.contacts if c.is_champion and not c.left_on]
        assert len(account.tickets) > 10
        assert account.integrations
        assert account.commitments
        assert account.plans

    load_demo(desk.store, TODAY, NOW, UTC)
    with desk.store.reading() as conn:
        cobalt(conn)
