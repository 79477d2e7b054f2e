"""Accounts and their records as they are now: lists, pages, and the evidence behind figures."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from app.domain.problems import AccountNotFound
from app.domain.records import Account, Contact, Goal, Ticket, Usage
from app.store import account_rows
from tests.store.conftest import TODAY, UTC, World, at, day

ACCOUNTS = tuple(Account(id=i, name=n) for i, n in (("a", "Alder"), ("b", "Birch_%"), ("c", "Cedar")))


def names(world: World, scope: frozenset[str] | None = None, like: str | None = None, after: str | None = None) -> str:
    with world.store.reading() as conn:
        return "".join(a.id for a in account_rows.list_accounts(conn, scope, TODAY, like, after, 10))


def ids(
    world: World,
    table: str,
    account_id: str = "a",
    first: str | None = None,
    last: str | None = None,
    zone: ZoneInfo = UTC,
) -> list[str]:
    bounds = day(first) if first else None, day(last) if last else None
    with world.store.reading() as conn:
        found = account_rows.list_records(conn, table, account_id, TODAY, zone, *bounds, 0, 50)
    return [getattr(record, "id", None) or str(getattr(record, "date", "")) for record in found]


def test_accounts_by_id_within_scope_after_a_cursor_and_by_part_of_the_name(world: World) -> None:
    world.write({"accounts": ACCOUNTS})
    assert names(world) == "abc"
    assert names(world, scope=frozenset("ac")) == "ac"
    assert names(world, after="a") == "bc"
    assert names(world, like="CED") == "c"
    assert names(world, like="_%") == "b"


def test_one_account_within_scope(world: World) -> None:
    world.write({"accounts": ACCOUNTS})
    with world.store.reading() as conn:
        assert account_rows.get_account(conn, "a", None, TODAY).name == "Alder"
        for account_id, scope in (("a", frozenset("b")), ("z", None)):
            with pytest.raises(AccountNotFound):
                account_rows.get_account(conn, account_id, scope, TODAY)


def test_instants_fall_on_the_day_of_the_deployments_zone(world: World) -> None:
    tickets = [
        Ticket(id="late", account_id="a", opened_at=at("2026-03-01 23:30")),
        Ticket(id="early", account_id="a", opened_at=at("2026-03-01 00:00")),
    ]
    world.write({"accounts": ACCOUNTS, "tickets": tickets})
    assert ids(world, "tickets", first="2026-03-01", last="2026-03-01") == ["early", "late"]
    assert ids(world, "tickets", first="2026-03-02") == []
    berlin = ZoneInfo("Europe/Berlin")
    assert ids(world, "tickets", first="2026-03-02", last="2026-03-02", zone=berlin) == ["late"]


def test_days_of_usage_are_bounded_on_both_sides(world: World) -> None:
    rows = [Usage(account_id="a", date=dt.date(2026, 3, i), api_calls=i) for i in range(1, 6)]
    world.write({"accounts": ACCOUNTS, "usage": rows})
    assert ids(world, "usage", first="2026-03-02", last="2026-03-03") == ["2026-03-02", "2026-03-03"]
    assert ids(world, "usage", account_id="b") == []


def test_what_moved_to_another_account_is_found_there_alone(world: World) -> None:
    world.write({"accounts": ACCOUNTS, "contacts": [Contact(id="k", account_id="a")]}, effective=day("2026-01-01"))
    world.write({"contacts": [Contact(id="k", account_id="b")]}, effective=day("2026-02-01"))
    assert ids(world, "contacts", "a") == []
    assert ids(world, "contacts", "b") == ["k"]


def test_state_is_the_one_in_force(world: World) -> None:
    world.write({"accounts": ACCOUNTS, "goals": [Goal(id="g", account_id="a", title="Old")]})
    world.write({"goals": [Goal(id="g", account_id="a", title="New")]})
    with world.store.reading() as conn:
        (found,) = account_rows.list_records(conn, "goals", "a", TODAY, UTC, None, None, 0, 50)
    assert isinstance(found, Goal)
    assert found.title == "New"


def test_parts_of_names_match_alike_in_either_database(world: World) -> None:
    """Case is folded for ASCII letters; all others match as they stand, whatever the database's locale."""
    world.write({"accounts": [Account(id="e", name="ÄRZTE Export"), Account(id="f", name="ärzte")]})
    assert names(world, like="Ä") == names(world, like="Ärzte EX") == "e"
    assert names(world, like="ä") == names(world, like="äRZTE") == "f"
