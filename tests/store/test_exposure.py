"""Use of a part of the product within a window."""

import datetime as dt
import math
from typing import Any

import pytest

from app.domain.records import Account, FeatureUsage, Usage
from app.domain.snapshot import Exposure, ExposureQuery
from app.store import exposure, versions
from tests.store.conftest import TODAY, World, counting

YESTERDAY = TODAY - dt.timedelta(days=1)


def back(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def use(account_id: str, days: int, feature: str = "Webhooks", **fields: Any) -> FeatureUsage:
    return FeatureUsage(account_id=account_id, date=back(days), feature=feature, **({"count": 1} | fields))


def calls(account_id: str, days: int, **fields: Any) -> Usage:
    return Usage(account_id=account_id, date=back(days), **fields)


def exposed(world: World, query: ExposureQuery, *, as_of: dt.date = TODAY, scope: Any = None) -> Exposure:
    portfolio = world.portfolio(as_of=as_of, scope=scope)
    with world.store.reading() as conn:
        return exposure.build(conn, portfolio, versions.current(conn), query)


@pytest.fixture
def filled(world: World) -> World:
    world.write(
        {
            "accounts": [Account(id=name, name=name) for name in ("a", "b", "c", "d")],
            "usage": [
                calls("a", 1, api_calls=100, errors=3),
                calls("a", 5, api_calls=50),
                calls("a", 9, api_calls=7, errors=7),
                calls("b", 2, active_users=4),
            ],
            "feature_usage": [
                use("a", 1, count=2),
                use("a", 3, count=5),
                use("a", 8, count=100),
                use("a", 2, feature="Exports", count=9),
                use("b", 2, environment="sandbox", count=4),
                use("c", 4, count=None),
                use("d", 2, count=0),
            ],
        },
        covered={"usage": YESTERDAY, "feature_usage": back(3)},
    )
    return world


def test_calls_and_errors_of_the_window(filled: World) -> None:
    found = exposed(filled, ExposureQuery(back(7), YESTERDAY))
    assert found.calls[0] == found.uses[0] == 150
    assert found.errors[0] == 3
    assert math.isnan(found.calls[1])
    assert math.isnan(found.uses[3])
    assert found.rows.tolist() == [2, 1, 0, 0]
    assert found.covered.all()
    assert found.known


def test_uses_of_a_feature_are_those_in_production(filled: World) -> None:
    found = exposed(filled, ExposureQuery(back(7), back(3), "webhooks"))
    assert found.uses[0] == 5
    assert found.calls[0] == 50
    assert found.rows.tolist() == [1, 0, 1, 0]
    assert found.call_rows.tolist() == [1, 0, 0, 0]
    assert math.isnan(found.uses[2])  # used, how often is not told
    assert found.covered.all()


def test_a_window_that_the_feed_does_not_reach_to_its_end_is_not_covered(filled: World) -> None:
    found = exposed(filled, ExposureQuery(back(7), YESTERDAY, "Webhooks"))
    assert not found.covered.any()
    assert found.calls_covered.all()
    assert found.uses[0] == 7


def test_days_after_as_of_are_left_out(filled: World) -> None:
    found = exposed(filled, ExposureQuery(back(9), YESTERDAY), as_of=back(5))
    assert found.calls[0] == 57
    assert not found.covered.any()


@pytest.mark.parametrize(("feature", "known"), [("WEBHOOKS", True), ("Exports", True), ("Webhook", False)])
def test_whether_any_row_names_the_feature(filled: World, feature: str, known: bool) -> None:
    assert exposed(filled, ExposureQuery(TODAY, TODAY, feature)).known is known


def test_only_accounts_of_the_portfolio(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for most in (500, 0):
        monkeypatch.setattr(exposure, "MOST_NAMED_ACCOUNTS", most)
        found = exposed(filled, ExposureQuery(back(7), back(3), "Webhooks"), scope=frozenset({"c"}))
        assert found.rows.tolist() == [1]
        assert len(exposed(filled, ExposureQuery(back(7), back(3)), scope=frozenset()).uses) == 0


def test_two_sources_of_an_account_count_its_rows_once(filled: World) -> None:
    filled.write({"accounts": [Account(id="a", name="a")]}, source="other")
    assert exposed(filled, ExposureQuery(back(7), YESTERDAY)).calls[0] == 150


def test_a_later_version_counts_and_an_ended_one_does_not(filled: World) -> None:
    filled.write({"feature_usage": [use("a", 3, count=6)]})
    assert exposed(filled, ExposureQuery(back(3), back(3), "Webhooks")).uses[0] == 6


def test_it_takes_a_constant_number_of_statements(filled: World) -> None:
    portfolio = filled.portfolio()
    with counting(filled.store.engine) as sent, filled.store.reading() as conn:
        exposure.build(conn, portfolio, versions.current(conn), ExposureQuery(back(7), back(3), "Webhooks"))
    reads = [statement for statement in sent if "usage" in statement or "account_source" in statement]
    assert len(reads) == 3
