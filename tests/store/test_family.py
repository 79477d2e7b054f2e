"""The accounts below a parent, from the database: within the scope, as of a day."""

import datetime as dt

import pytest

from app.domain.records import Account
from app.store import snapshots, versions
from tests.store.conftest import TODAY, UTC, World, counting, day


def below(world: World, parent: str, scope: frozenset[str] | None = None, as_of: dt.date = TODAY) -> list[str]:
    with world.store.reading() as conn:
        found = snapshots.build_family(conn, parent, scope, as_of, versions.current(conn), UTC)
    return [] if found is None else [account.id for account in found.accounts]


@pytest.fixture
def filled(world: World) -> World:
    parents = {
        "top": None,
        "mid": "top",
        "low": "mid",
        "side": "top",
        "round": "about",
        "about": "round",
        "self": "self",
    }
    accounts = [Account(id=one, name=one, parent_id=parent) for one, parent in parents.items()]
    world.write({"accounts": accounts}, effective=day("2026-01-01"))
    return world


@pytest.mark.parametrize(
    ("parent", "expected"),
    [("top", ["low", "mid", "side"]), ("mid", ["low"]), ("low", []), ("round", []), ("self", []), ("nobody", [])],
)
def test_who_stands_below(filled: World, parent: str, expected: list[str]) -> None:
    assert below(filled, parent) == expected


def test_out_of_the_scope_nobody_is_and_nobody_leads_on(filled: World) -> None:
    assert below(filled, "top", frozenset({"top", "side", "low"})) == ["side"]
    assert below(filled, "top", frozenset({"top"})) == []


def test_a_parent_holds_from_its_day(filled: World) -> None:
    filled.write({"accounts": [Account(id="side", name="side", parent_id="mid")]}, effective=day("2026-03-01"))
    assert below(filled, "mid") == ["low", "side"]
    assert below(filled, "mid", as_of=day("2026-02-28")) == ["low"]


def test_an_account_without_children_costs_one_statement(filled: World) -> None:
    with filled.store.reading() as conn:
        n = versions.current(conn)
        versions.visibility(conn, n)
        with counting(filled.store.engine) as alone:
            versions.visibility(conn, n)
        with counting(filled.store.engine) as statements:
            assert snapshots.build_family(conn, "low", None, TODAY, n, UTC) is None
    assert len(statements) - len(alone) == 1
