"""Escalations of a scope as of a day, with their updates and accounts."""

import datetime as dt
from zoneinfo import ZoneInfo

from app.domain.records import Account, ArrMovement, Escalation, EscalationUpdate, Ticket
from app.domain.snapshot import EscalationBook
from app.store import escalation_book, versions
from tests.store.conftest import TODAY, UTC, World, at, day

ACCOUNTS = (
    Account(id="a", name="Alder", arr=100_000, currency="USD"),
    Account(id="b", name="Birch"),
    Account(id="c", name="Cedar"),
)


def escalation(name: str, account: str = "a", opened: str = "2026-03-01 10:00", **fields: object) -> Escalation:
    given: dict[str, object] = {"id": name, "account_id": account, "opened_at": at(opened), "title": name, **fields}
    return Escalation.model_validate(given)


def update(name: str, of: str, when: str, account: str = "a") -> EscalationUpdate:
    return EscalationUpdate(id=name, account_id=account, escalation_id=of, at=at(when), kind="update", text=name)


def book(
    world: World,
    as_of: dt.date = TODAY,
    scope: frozenset[str] | None = None,
    zone: ZoneInfo = UTC,
    n: int | None = None,
) -> EscalationBook:
    with world.store.reading() as conn:
        return escalation_book.build(conn, scope, as_of, versions.current(conn) if n is None else n, zone)


def account_of(world: World, name: str, scope: frozenset[str] | None = None) -> str | None:
    with world.store.reading() as conn:
        return escalation_book.account_of(conn, name, scope, versions.current(conn))


def test_newest_first_with_their_updates_oldest_first_and_their_accounts(world: World) -> None:
    world.write(
        {
            "accounts": ACCOUNTS,
            "escalations": [
                escalation("e1"),
                escalation("e2", "b", "2026-03-02 10:00"),
                escalation("e3", "a", "2026-03-02 10:00"),
            ],
            "escalation_updates": [
                update("u2", "e1", "2026-03-03 10:00"),
                update("u1", "e1", "2026-03-01 10:00"),
                update("u3", "e2", "2026-03-02 10:00", "b"),
            ],
        }
    )
    found = book(world)
    assert found.as_of == TODAY
    assert [e.id for e in found.escalations] == ["e3", "e2", "e1"]
    assert {name: [u.id for u in updates] for name, updates in found.updates.items()} == {
        "e1": ["u1", "u2"],
        "e2": ["u3"],
        "e3": [],
    }
    assert set(found.accounts) == {"a", "b"}
    assert found.arr == {"a": 100_000}


def test_with_none_it_is_empty(world: World) -> None:
    world.write({"accounts": ACCOUNTS})
    found = book(world)
    assert (found.escalations, found.updates, found.accounts, found.arr) == ((), {}, {}, {})


def test_as_of_a_day_what_came_later_has_not_happened(world: World) -> None:
    one = escalation(
        "e1",
        resolved_at=at("2026-03-03 10:00"),
        closed_at=at("2026-03-05 10:00"),
        verified="200 again",
    )
    world.write(
        {
            "accounts": ACCOUNTS,
            "escalations": [one, escalation("e2", opened="2026-03-04 10:00")],
            "escalation_updates": [update("u1", "e1", "2026-03-02 10:00"), update("u2", "e1", "2026-03-04 10:00")],
        }
    )
    (then,) = book(world, day("2026-03-02")).escalations
    assert (then.resolved_at, then.closed_at, then.verified) == (None, None, None)
    assert [u.id for u in book(world, day("2026-03-03")).updates["e1"]] == ["u1"]
    resolved = next(e for e in book(world, day("2026-03-04")).escalations if e.id == "e1")
    assert (resolved.resolved_at, resolved.verified) == (at("2026-03-03 10:00"), None)
    assert book(world, day("2026-02-28")).escalations == ()


def test_a_day_ends_in_the_deployments_zone(world: World) -> None:
    world.write({"accounts": ACCOUNTS, "escalations": [escalation("late", opened="2026-03-01 23:30")]})
    assert len(book(world, day("2026-03-01")).escalations) == 1
    berlin = ZoneInfo("Europe/Berlin")
    assert book(world, day("2026-03-01"), zone=berlin).escalations == ()
    assert len(book(world, day("2026-03-02"), zone=berlin).escalations) == 1


def test_only_what_the_caller_may_see(world: World) -> None:
    world.write(
        {
            "accounts": ACCOUNTS,
            "escalations": [escalation("e1"), escalation("e2", "b", ticket_id="T-2")],
            "escalation_updates": [update("u1", "e1", "2026-03-02 10:00"), update("u2", "e2", "2026-03-02 10:00", "b")],
            "tickets": [Ticket(id="T-3", account_id="b", opened_at=at("2026-03-01 10:00"))],
        }
    )
    mine = frozenset("a")
    found = book(world, scope=mine)
    assert [e.id for e in found.escalations] == ["e1"]
    assert set(found.updates) == set({"e1"})
    assert set(found.accounts) == {"a"}
    assert account_of(world, "e1", mine) == "a"
    for name in ("e2", "T-2", "T-3"):
        assert account_of(world, name, mine) is None
        assert account_of(world, name) == "b"
    assert book(world, scope=frozenset()).escalations == ()


def test_the_account_of_an_id_in_either_case_and_none_for_others(world: World) -> None:
    world.write(
        {
            "accounts": ACCOUNTS,
            "escalations": [escalation("esc-1", ticket_id="SUP-7")],
            "tickets": [Ticket(id="sup-8", account_id="c", opened_at=at("2026-03-01 10:00"))],
        }
    )
    assert account_of(world, "ESC-1") == "a"
    assert account_of(world, "sup-7") == "a"
    assert account_of(world, "SUP-8") == "c"
    for name in ("", "esc", "esc-1' or 1=1", "%", "SUP-9"):
        assert account_of(world, name) is None


def test_a_change_is_seen_from_its_version_on(world: World) -> None:
    first = world.write({"accounts": ACCOUNTS, "escalations": [escalation("e1")]})
    world.write({"escalations": [escalation("e1", resolved_at=at("2026-03-05 10:00"))]})
    assert book(world, n=first).escalations[0].resolved_at is None
    assert book(world).escalations[0].resolved_at == at("2026-03-05 10:00")


def test_arr_is_that_of_the_day(world: World) -> None:
    movements = [
        ArrMovement(id="m1", account_id="b", date=day("2026-01-01"), kind="new", amount=10_000),
        ArrMovement(id="m2", account_id="b", date=day("2026-03-05"), kind="expansion", amount=5_000),
    ]
    world.write({"accounts": ACCOUNTS, "escalations": [escalation("e", "b")], "arr_movements": movements})
    assert book(world, day("2026-03-04")).arr == {"b": 10_000}
    assert book(world, day("2026-03-05")).arr == {"b": 15_000}
