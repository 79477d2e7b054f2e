"""Feedback items with their history, as they are now, and as a caller may see them."""

from typing import Any

from app.domain.records import Account, Contact, FeedbackItem
from app.domain.snapshot import FeedbackBook, StatusOn
from app.store import snapshots, versions
from tests.store.conftest import TODAY, UTC, World, day


def item(**fields: Any) -> FeedbackItem:
    given: dict[str, Any] = {"id": "f", "title": "T", "category": "bug", "account_ids": ("a", "b"), "quote": "Q"}
    return FeedbackItem(**(given | fields))


def write(world: World, effective: str, *items: FeedbackItem) -> int:
    return world.write({"feedback": items}, effective=day(effective))


def book(
    world: World, as_of: str = "2026-03-10", scope: frozenset[str] | None = None, n: int | None = None
) -> FeedbackBook:
    with world.store.reading() as conn:
        return snapshots.build_feedback(conn, scope, day(as_of), versions.current(conn) if n is None else n)


def test_the_history_is_what_was_recorded_by_the_day(world: World) -> None:
    write(world, "2026-01-05", item(status="new"))
    old = write(world, "2026-02-01", item(status="planned"))
    write(world, "2026-02-20", item(status="shipped", shipped_on="2026-03-05"))
    found = book(world)
    assert found.history["f"] == (
        StatusOn(day("2026-01-05"), "new"),
        StatusOn(day("2026-02-01"), "planned"),
        StatusOn(day("2026-02-20"), "shipped"),
    )
    assert found.items[0].status == "shipped"
    before = book(world, "2026-02-10")
    assert [s.status for s in before.history["f"]] == ["new", "planned"]
    assert (before.items[0].status, before.newest[0].status) == ("planned", "shipped")
    assert book(world, "2026-03-01").history["f"][-1].status is None  # it had not shipped yet
    assert [s.status for s in book(world, n=old).history["f"]] == ["new", "planned"]


def test_the_first_version_reaches_back_and_is_marked(world: World) -> None:
    write(world, "2026-02-01", item(status="planned"))
    found = book(world, "2026-01-01")
    assert (found.items[0].status, found.assumed, found.history["f"]) == ("planned", frozenset({"f"}), ())


def test_what_is_created_later_is_recorded_but_not_there_yet(world: World) -> None:
    write(world, "2026-03-10", item(created_on="2026-03-10"))
    found = book(world, "2026-03-09")
    assert (found.items, [i.id for i in found.newest]) == ((), ["f"])


def test_what_a_scope_leaves_out_is_marked(world: World) -> None:
    write(world, "2026-01-05", item(), item(id="g", account_ids=("a",)), item(id="h", account_ids=("b",)))
    found = book(world, scope=frozenset({"a"}))
    assert [i.id for i in found.newest] == ["f", "g"]
    assert found.partial == frozenset({"f"})
    assert (found.newest[0].account_ids, found.newest[0].quote) == (("a",), None)
    assert book(world).partial == frozenset()


def test_people_at_accounts(world: World) -> None:
    people = [
        Contact(id="c1", account_id="a", left_on="2026-03-09"),
        Contact(id="c2", account_id="b"),
        Contact(id="c3", account_id="a", left_on="2026-03-20"),
    ]
    world.write({"accounts": [Account(id=name, name=name) for name in "ab"], "contacts": people})
    with world.store.reading() as conn:
        n = versions.current(conn)
        found = snapshots.build_contacts(conn, None, frozenset({"a"}), TODAY, n, UTC)
        hidden = snapshots.build_contacts(conn, frozenset({"b"}), frozenset({"a"}), TODAY, n, UTC)
    assert [(c.id, c.left_on) for c in found] == [("c1", day("2026-03-09")), ("c3", None)]
    assert hidden == ()
