"""Records by hand: they cover a table where no source does, never move a source's coverage, and are seen at once."""

import datetime as dt

from app.domain.records import Account, Check, Commitment, Record, Signal, Touchpoint
from app.store import snapshots
from tests.store.conftest import TODAY, World

A, B = Account(id="a", name="Acme"), Account(id="b", name="Beta")


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def call(days: int, account_id: str = "a") -> Touchpoint:
    return Touchpoint(id=f"t{days}{account_id}", account_id=account_id, date=ago(days), kind="call")


def by_hand(world: World, table: str, *records: Record) -> None:
    world.write({table: records}, source=snapshots.DESK)


def covered(world: World, table: str, as_of: dt.date = TODAY) -> list[int]:
    """Days from the end of each account's coverage to as_of; -1 where there is none."""
    ends = world.portfolio(as_of).feeds.covered[table]
    return [as_of.toordinal() - int(end) if end else -1 for end in ends]


def default_day(world: World) -> int:
    """Days from the default as_of to today."""
    with world.store.reading() as conn:
        return (TODAY - snapshots.default_as_of(conn, world.current(), TODAY)).days


def test_a_record_covers_its_table_for_its_account_from_its_day_on(world: World) -> None:
    world.write({"accounts": [A, B]}, effective=ago(90))
    assert covered(world, "touchpoints") == [-1, -1]
    by_hand(world, "touchpoints", call(10))
    assert covered(world, "touchpoints") == [0, -1]
    assert covered(world, "touchpoints", ago(10)) == [0, -1]
    assert covered(world, "touchpoints", ago(11)) == [-1, -1]
    assert covered(world, "signals") == [-1, -1]
    by_hand(world, "commitments", Commitment(id="k", account_id="b", what="call", made_on=ago(1)))
    assert covered(world, "commitments") == [-1, 0]


def test_where_a_source_covers_the_table_the_desk_does_not(world: World) -> None:
    """A stopped feed is still seen to have stopped."""
    world.write({"accounts": [A, B], "touchpoints": [call(30)]}, covered={"touchpoints": ago(20)}, effective=ago(90))
    by_hand(world, "touchpoints", call(0), call(0, "b"))
    assert covered(world, "touchpoints") == [20, 20]


def test_the_default_day_follows_a_note_while_the_feeds_are_fresh(world: World) -> None:
    world.write({"accounts": [A], "signals": [Signal(id="s", account_id="a", date=ago(3), kind="incident")]},
                covered={"signals": ago(3)}, effective=ago(90))  # fmt: skip
    assert default_day(world) == 3
    by_hand(world, "touchpoints", call(0), call(-5))
    assert default_day(world) == 0


def test_the_default_day_follows_what_was_signed_of_a_plan(world: World) -> None:
    world.write({"accounts": [A], "signals": [Signal(id="s", account_id="a", date=ago(3), kind="incident")]},
                covered={"signals": ago(3)}, effective=ago(90))  # fmt: skip
    check = Check(account_id="a", checklist="readiness", item="sso", state="yes", checked_on=ago(1))
    world.write({"checks": [check]}, source=snapshots.DESK, effective=ago(1))
    assert default_day(world) == 1


def test_a_note_on_an_old_extract_leaves_its_day(world: World) -> None:
    world.write({"accounts": [A]}, covered={"signals": ago(40)}, effective=ago(90))
    by_hand(world, "touchpoints", call(0))
    assert default_day(world) == 40
    by_hand(world, "touchpoints", call(35))
    assert default_day(world) == 35
