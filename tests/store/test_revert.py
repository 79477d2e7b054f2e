"""Taking a write back: the data are as they were, and no snapshot of before changes."""

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.problems import Conflict
from app.domain.records import Account, Commitment, Contact, Goal, Record, Signal, Touchpoint
from app.store import versions
from tests.store.conftest import NOW, TODAY, World, new_world, plain

ACCOUNT = Account(id="a", name="Acme")
DAYS = [TODAY - dt.timedelta(days=back) for back in (40, 10, 3, 0)]

Wrote = Mapping[str, Sequence[Record]]


def write(world: World, wrote: Wrote, effective: dt.date = TODAY, source: str = "cse") -> int:
    """The write's id."""
    with world.store.writing() as conn:
        write_id = versions.begin_write(conn, "effects", "test", NOW, "")
        for table, records in wrote.items():
            versions.put(conn, write_id, table, records, source, effective)
        versions.place(conn, write_id)
    return write_id


def undo(world: World, undone: int, wrote: Wrote) -> int:
    """The undoing write's id."""
    with world.store.writing() as conn:
        write_id = versions.begin_undo(conn, "test", NOW, undone)
        versions.revert(conn, write_id, undone, wrote)
        versions.place(conn, write_id)
    return write_id


def seen(world: World, n: int | None = None) -> list[object]:
    """The account on each day, without the version's number."""
    found = []
    for day in DAYS:
        snapshot = plain(world.account(as_of=day, n=n))
        del snapshot["columns"]["version"]
        found.append(snapshot)
    return found


def test_a_new_fact_and_new_state_are_gone_and_earlier_versions_stay(world: World) -> None:
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    before = seen(world)
    wrote: Wrote = {
        "touchpoints": [Touchpoint(id="t", account_id="a", date=TODAY, kind="call")],
        "contacts": [Contact(id="c", account_id="a", name="Ann")],
    }
    written = write(world, wrote)
    during, n = seen(world), world.current()
    undo(world, written, wrote)
    assert seen(world) == before
    assert seen(world, n) == during != before


def test_a_corrected_fact_is_as_it_was(world: World) -> None:
    promise = Commitment(id="k", account_id="a", what="call", made_on=DAYS[1])
    world.write({"accounts": [ACCOUNT], "commitments": [promise]}, effective=DAYS[0])
    wrote = {"commitments": [promise.model_copy(update={"done_on": TODAY})]}
    written = write(world, wrote)
    assert world.account().commitments[0].done_on == TODAY
    undo(world, written, wrote)
    assert world.account().commitments == (promise,)


def test_two_undos_one_after_the_other(world: World) -> None:
    """The second takes back a row that the first had written again."""
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    before = seen(world)
    first, second = ({"goals": [Goal(id="g", account_id="a", title=title)]} for title in ("one", "two"))
    one, two = write(world, first), write(world, second)
    with pytest.raises(Conflict) as refused:
        undo(world, one, first)
    assert (refused.value.code, refused.value.extra["records"]) == ("changed_since", ["goals g"])
    undo(world, two, second)
    assert [goal.title for goal in world.account().goals] == ["one"]
    undo(world, one, first)
    assert seen(world) == before


def test_a_refused_undo_changes_nothing(world: World) -> None:
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    wrote: Wrote = {
        "goals": [Goal(id="g", account_id="a", title="one")],
        "signals": [Signal(id="s", account_id="a", date=TODAY, kind="competitor")],
    }
    written = write(world, wrote)
    world.write({"goals": [Goal(id="g", account_id="a", title="two")]})
    before, n = seen(world), world.current()
    with pytest.raises(Conflict):
        undo(world, written, wrote)
    assert (seen(world), world.current()) == (before, n)
    with world.store.reading() as conn:
        assert versions.undo_of(conn, written) is None


def test_an_undo_while_an_import_runs_is_carried_out_and_the_import_is_believed_afterwards(world: World) -> None:
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    wrote = {"goals": [Goal(id="g", account_id="a", title="by hand")]}
    written = write(world, wrote)
    with world.store.writing() as conn:
        running = versions.begin_write(conn, "import", "crm", NOW, "")
        versions.put(conn, running, "goals", [Goal(id="g", account_id="a", title="imported")], "crm", TODAY)
    undo(world, written, wrote)
    assert world.account().goals == ()
    with world.store.writing() as conn:
        versions.place(conn, running)
    assert [goal.title for goal in world.account().goals] == ["imported"]


def test_state_of_a_later_day_is_a_later_change(world: World) -> None:
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    wrote = {"goals": [Goal(id="g", account_id="a", title="one")]}
    written = write(world, wrote, effective=DAYS[1])
    world.write({"goals": [Goal(id="g", account_id="a", title="two")]}, effective=TODAY)
    with pytest.raises(Conflict):
        undo(world, written, wrote)


def test_undone_and_written_again(world: World) -> None:
    world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
    before = seen(world)
    wrote = {"signals": [Signal(id="s", account_id="a", date=TODAY, kind="competitor")]}
    written = write(world, wrote)
    taken_back = undo(world, written, wrote)
    with world.store.reading() as conn:
        assert versions.undo_of(conn, written) == taken_back
    again = write(world, wrote)
    assert len(world.account().signals) == 1
    undo(world, again, wrote)
    assert seen(world) == before


days = st.sampled_from(DAYS)
goals = st.builds(
    Goal,
    id=st.sampled_from(["g1", "g2"]),
    account_id=st.just("a"),
    title=st.sampled_from(["one", "two"]),
    status=st.sampled_from([None, "achieved", "missed"]),
)
contacts = st.builds(
    Contact, id=st.sampled_from(["c1", "c2"]), account_id=st.just("a"), is_champion=st.booleans(), left_on=days
)
promises = st.builds(
    Commitment, id=st.sampled_from(["k1", "k2"]), account_id=st.just("a"), what=st.just("call"), made_on=days
)
touchpoints = st.builds(
    Touchpoint, id=st.sampled_from(["t1", "t2"]), account_id=st.just("a"), date=days, kind=st.just("call")
)
written = st.fixed_dictionaries(
    {
        "goals": st.lists(goals, max_size=3),
        "contacts": st.lists(contacts, max_size=3),
        "commitments": st.lists(promises, max_size=3),
        "touchpoints": st.lists(touchpoints, max_size=3),
    }
)


@given(history=st.lists(st.tuples(written, days), max_size=4), last=written)
@settings(max_examples=15, deadline=None)
def test_write_and_undo_leave_every_day_as_it_was(
    database: str, history: list[tuple[Wrote, dt.date]], last: Wrote
) -> None:
    with new_world(database) as world:
        world.write({"accounts": [ACCOUNT]}, effective=DAYS[0])
        world.write({"signals": [Signal(id="s", account_id="a", date=TODAY, kind="competitor")]}, source="cse")
        for wrote, effective in history:
            write(world, wrote, effective, source="crm")
        before = seen(world)
        undo(world, write(world, last), last)
        assert seen(world) == before
