"""Who sees what: imports that stay invisible until they are placed, versions that never change, state over time."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from app.domain.problems import Conflict
from app.domain.records import (
    Account,
    ArrMovement,
    Commitment,
    Contact,
    ContactActivity,
    FeatureUsage,
    FeedbackItem,
    Goal,
    Integration,
    NpsResponse,
    Plan,
    Record,
    RoadmapItem,
    Signal,
    Ticket,
    Touchpoint,
    Usage,
)
from app.store import versions
from app.store.record_rows import VERSIONED
from app.store.tables import TABLES
from app.store.versions import Counts, Visibility
from tests.databases import url_of
from tests.store.conftest import NOW, TODAY, World, at, counting, day, new_world, plain

A = Account(id="a", name="Acme", arr=100.0, currency="USD")

ONE_OF_EACH: dict[str, Sequence[Record]] = {
    "accounts": [A.model_copy(update={"aliases": ("acme", "ac")})],
    "contacts": [Contact(id="c", account_id="a", name="Ann", is_champion=True)],
    "usage": [Usage(account_id="a", date=TODAY, active_users=3, api_calls=40, p95_ms=1.5)],
    "feature_usage": [FeatureUsage(account_id="a", date=TODAY, feature="export", count=3)],
    "contact_activity": [ContactActivity(contact_id="c", date=TODAY, logins=2)],
    "tickets": [Ticket(id="t", account_id="a", opened_at=NOW, severity="SEV2", subject="slow")],
    "nps": [NpsResponse(id="n", account_id="a", responded_at=NOW, score=9)],
    "touchpoints": [Touchpoint(id="p", account_id="a", date=TODAY, kind="qbr", status="attended")],
    "goals": [Goal(id="g", account_id="a", title="faster", status="on_track")],
    "signals": [Signal(id="s", account_id="a", date=TODAY, kind="competitor")],
    "feedback": [FeedbackItem(id="f", title="dark mode", category="ux", account_ids=("a",), source="call")],
    "arr_movements": [ArrMovement(id="m", account_id="a", date=TODAY, kind="new", amount=5.0)],
    "commitments": [Commitment(id="k", account_id="a", what="call back", made_on=TODAY, source="call")],
    "plans": [Plan(name="gold", price_monthly=10.0)],
    "roadmap": [RoadmapItem(feature="sso", beta_open=True)],
    "integrations": [Integration(account_id="a", kind="webhook", status="live")],
}


def account(name: str) -> Account:
    return A.model_copy(update={"name": name})


def names(world: World, as_of: dt.date = TODAY, n: int | None = None) -> list[str]:
    return [found.name for found in world.portfolio(as_of, n).accounts]


# Batches


@pytest.mark.parametrize("table", ONE_OF_EACH)
def test_a_record_that_is_put_again_is_unchanged(world: World, table: str) -> None:
    records = ONE_OF_EACH[table]
    first = world.begin()
    assert world.put(first, table, *records) == Counts(created=1)
    assert world.put(first, table, *records) == Counts(unchanged=1)
    world.place(first)
    assert world.put(world.begin(), table, *records) == Counts(unchanged=1)


def test_a_batch_tells_what_it_created_updated_and_left(world: World) -> None:
    goals = [Goal(id=f"g{i}", account_id="a", title="faster") for i in range(5)]
    world.write({"goals": goals[:4]})
    changed = [goal.model_copy(update={"title": "better"}) for goal in goals[:2]]
    assert world.put(world.begin(), "goals", *changed, *goals[2:]) == Counts(created=1, updated=2, unchanged=2)


def test_fields_that_are_not_given_keep_their_values_and_cost_no_further_statements(world: World) -> None:
    days = [day("2026-03-01") + dt.timedelta(days=i) for i in range(50)]
    rows = [Usage(account_id="a", date=date, active_users=3, api_calls=40, p95_ms=1.5) for date in days]
    world.write({"accounts": [A], "usage": rows})
    changed = [Usage(account_id="a", date=date, active_users=i // 25 + 3) for i, date in enumerate(days)]
    sent: list[int] = []
    for told in (None, frozenset({"account_id", "date", "active_users"})):
        write_id = world.begin()
        with world.store.writing() as conn, counting(world.store.engine) as statements:
            counts = versions.put(conn, write_id, "usage", changed, "crm", TODAY, told)
        sent.append(len(statements))
        with world.store.writing() as conn:
            if told:
                assert counts == Counts(updated=25, unchanged=25)
                versions.place(conn, write_id)
            else:
                assert counts == Counts(updated=50)
                versions.undo_unfinished(conn)
    assert sent[0] == sent[1]
    usage = TABLES["usage"]
    with world.store.reading() as conn:
        seen = versions.visibility(conn, versions.current(conn))
        cells = (usage.c.active_users, usage.c.api_calls, usage.c.p95_ms)
        found = conn.execute(select(*cells).where(versions.believed(usage, seen)).order_by(usage.c.day)).all()
    assert [tuple(row) for row in found] == [(3, 40, 1.5)] * 25 + [(4, 40, 1.5)] * 25


def test_counts_add_up() -> None:
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


def test_nothing_to_put_is_nothing_done(world: World) -> None:
    assert world.put(world.begin(), "goals") == Counts()


def test_a_later_batch_of_the_same_write_replaces_what_it_wrote(world: World) -> None:
    write_id = world.begin()
    for amount in (1, 2, 3):
        world.put(write_id, "usage", Usage(account_id="a", date=TODAY, api_calls=amount))
        world.put(write_id, "goals", Goal(id="g", account_id="a", title=f"{amount}"))
    world.put(write_id, "accounts", A)
    world.place(write_id)
    with world.store.reading() as conn:
        assert conn.execute(select(TABLES["usage"].c.api_calls)).scalars().all() == [3]
    assert [goal.title for goal in world.account().goals] == ["3"]


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(world: World) -> None:
    def statements(table: str, records: Sequence[Record]) -> int:
        write_id = world.begin()
        with world.store.writing() as conn, counting(world.store.engine) as sent:
            versions.put(conn, write_id, table, records, "crm", TODAY)
        return len(sent)

    def usage(size: int, calls: int) -> list[Record]:
        return [Usage(account_id=f"a{i % 20}", date=TODAY - dt.timedelta(days=i), api_calls=calls) for i in range(size)]

    def goals(size: int, title: str) -> list[Record]:
        return [Goal(id=f"g{i}", account_id=f"a{i % 20}", title=title) for i in range(size)]

    world.write({"usage": usage(2000, 1), "goals": goals(2000, "x")})
    assert statements("usage", usage(2, 2)) == statements("usage", usage(2000, 2))
    assert statements("goals", goals(2, "y")) == statements("goals", goals(2000, "y"))


# Imports


def test_an_import_is_invisible_until_it_is_placed(world: World) -> None:
    world.write({"accounts": [A]})
    before = plain(world.portfolio())
    running = world.begin()
    world.put(running, "accounts", account("New Name"))
    world.put(running, "usage", Usage(account_id="a", date=TODAY, api_calls=7))
    with world.store.writing() as conn:
        versions.set_feed(conn, running, "crm", "usage", TODAY, TODAY)
    assert plain(world.portfolio()) == before
    world.write({"signals": [Signal(id="s", account_id="a", date=TODAY, kind="advocacy")]})
    assert names(world) == ["Acme"]
    assert world.place(running) == 3
    assert names(world) == ["New Name"]
    assert names(world, n=2) == ["Acme"]
    assert world.portfolio().usage.calls_28.tolist() == [7]


def test_an_import_knows_the_accounts_that_it_put_itself(world: World) -> None:
    world.write({"accounts": [A]})
    running = world.begin()
    world.put(running, "accounts", Account(id="b", name="Bee"))
    with world.store.writing() as conn:
        other = versions.begin_write(conn, "short", "test", NOW, "")
        assert versions.account_ids(conn, running) == {"a", "b"}
        assert versions.account_ids(conn, other) == {"a"}


def test_what_a_dead_import_left_is_undone(world: World) -> None:
    world.write(ONE_OF_EACH)
    before, rows = plain(world.account()), _rows(world)
    dead = world.begin()
    for table, records in ONE_OF_EACH.items():
        world.put(dead, table, *records, source="other")
    world.put(dead, "accounts", account("Half"), Account(id="b", name="Bee"))
    world.put(dead, "usage", Usage(account_id="a", date=TODAY, api_calls=1), Usage(account_id="b", date=TODAY))
    with world.store.writing() as conn:
        versions.set_feed(conn, dead, "crm", "usage", TODAY, TODAY)
    assert plain(world.account()) == before
    with world.store.writing() as conn:
        assert versions.undo_unfinished(conn) == 1
        assert versions.undo_unfinished(conn) == 0
    assert _rows(world) == rows
    assert plain(world.account()) == before


def _rows(world: World) -> dict[str, list[tuple[object, ...]]]:
    """All rows of customer data as they are stored."""
    with world.store.reading() as conn:
        return {t.name: sorted((tuple(row) for row in conn.execute(select(t))), key=repr) for t in VERSIONED}


KILLED = """
import os, sys, datetime as dt
from pathlib import Path
from app.domain.records import Account
from app.store import versions
from app.store.engine import Store

store = Store(sys.argv[1], Path(sys.argv[2]))
with versions.import_lock(store):
    with store.writing() as conn:
        write_id = versions.begin_write(conn, "import", "test", dt.datetime.now(dt.UTC), "")
        versions.put(conn, write_id, "accounts", [Account(id="a", name="Half")], "crm", dt.date(2026, 3, 10))
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_killed_import_leaves_the_state_before_it_and_no_lock(world: World) -> None:
    world.write({"accounts": [A]})
    url = url_of(world.store)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(world.store.data_dir)], check=False, env={**os.environ}, timeout=60
    )
    assert killed.returncode == -9
    assert names(world) == ["Acme"]
    with versions.import_lock(world.store), world.store.writing() as conn:
        assert versions.undo_unfinished(conn) == 1
    assert names(world) == ["Acme"]


def test_one_import_at_a_time(world: World) -> None:
    with versions.import_lock(world.store):
        with pytest.raises(Conflict) as caught, versions.import_lock(world.store):
            pass
        assert (caught.value.code, caught.value.status) == ("import_running", 409)
    with versions.import_lock(world.store):
        pass


# Short writes beside an import


def _usage(calls: int) -> dict[str, Sequence[Record]]:
    return {"usage": [Usage(account_id="a", date=TODAY, api_calls=calls)]}


def _calls(world: World, n: int | None = None) -> float:
    return float(world.portfolio(n=n).usage.calls_28[0])


@pytest.mark.parametrize("order", ["import first", "short write first"])
@pytest.mark.parametrize("known_before", [True, False])
def test_a_short_write_made_during_an_import_is_newer_than_it(world: World, order: str, known_before: bool) -> None:
    world.write({"accounts": [A], **(_usage(1) if known_before else {})}, covered={"usage": TODAY})
    goal = Goal(id="g", account_id="a", title="by import")
    running = world.begin()

    def import_batch() -> None:
        world.put(running, "usage", *_usage(2)["usage"])
        world.put(running, "goals", goal)

    if order == "import first":
        import_batch()
    short = world.write({**_usage(3), "goals": [goal.model_copy(update={"title": "by hand"})]}, source="cse")
    if order == "short write first":
        import_batch()
    assert _calls(world) == 3
    placed = world.place(running)
    for n in (short, placed):
        assert _calls(world, n) == 3
        assert [found.title for found in world.account(n=n).goals] == ["by hand"]
    assert world.portfolio(n=placed).usage.rows_28.tolist() == [1]


def test_an_import_keeps_its_other_rows_when_one_is_newer(world: World) -> None:
    world.write({"accounts": [A]})
    running = world.begin()
    world.put(running, "goals", *(Goal(id=f"g{i}", account_id="a", title="by import") for i in range(3)))
    world.write({"goals": [Goal(id="g1", account_id="a", title="by hand")]}, source="cse")
    world.place(running)
    assert [goal.title for goal in world.account().goals] == ["by import", "by hand", "by import"]


def test_state_of_another_day_is_not_overtaken(world: World) -> None:
    """The import tells how things were a month ago, the short write how they are today: both are kept."""
    running = world.begin()
    world.put(running, "accounts", account("then"), effective=day("2026-02-10"))
    world.write({"accounts": [account("now")]}, source="cse", effective=TODAY)
    world.place(running)
    assert [names(world, as_of) for as_of in (day("2026-02-10"), TODAY)] == [["then"], ["now"]]


# Visibility


def test_visibility_at_each_version(world: World) -> None:
    first, running, second = world.begin(), world.begin(), world.begin()
    world.place(first)
    world.place(second)
    world.place(running)
    unplaced = world.begin()
    with world.store.reading() as conn:
        seen = [versions.visibility(conn, n) for n in range(4)]
    assert (first, running, second, unplaced) == (1, 2, 3, 4)
    assert seen == [Visibility(0), Visibility(1), Visibility(3, (2,)), Visibility(3)]


# State over time


@pytest.mark.parametrize(
    ("written", "as_of", "expected", "assumed"),
    [
        (["2026-01-10 one"], "2026-02-01", "one", False),
        (["2026-01-10 one"], "2026-01-10", "one", False),
        (["2026-01-10 one"], "2026-01-09", "one", True),
        (["2026-01-10 one", "2026-02-10 two"], "2026-02-09", "one", False),
        (["2026-01-10 one", "2026-02-10 two"], "2026-02-10", "two", False),
        (["2026-01-10 one", "2026-02-10 two"], "2026-01-01", "one", True),
        (["2026-02-10 two", "2026-01-10 one"], "2026-02-09", "one", False),
        (["2026-02-10 two", "2026-01-10 one"], "2026-03-01", "two", False),
        (["2026-01-10 one", "2026-01-10 corrected"], "2026-03-01", "corrected", False),
        (["2026-01-10 one", "2026-02-10 two", "2026-01-10 corrected"], "2026-01-20", "corrected", False),
        (["2026-01-10 one", "2026-02-10 two", "2026-01-10 corrected"], "2026-02-20", "two", False),
        (["2026-02-10 same", "2026-01-10 same"], "2026-01-20", "same", False),
        (["2026-01-10 same", "2026-02-10 same"], "2026-02-20", "same", False),
    ],
)
def test_state_on_a_day(world: World, written: list[str], as_of: str, expected: str, assumed: bool) -> None:
    for line in written:
        effective, name = line.split()
        world.write({"accounts": [account(name)]}, effective=day(effective))
    snapshot = world.portfolio(day(as_of))
    assert [found.name for found in snapshot.accounts] == [expected]
    first = min(day(line.split()[0]) for line in written)
    assert snapshot.assumed_since.tolist() == [first.toordinal() if assumed else 0]


def test_state_that_is_the_same_on_a_later_day_adds_no_row(world: World) -> None:
    world.write({"accounts": [A]}, effective=day("2026-01-01"))
    world.write({"accounts": [A]}, effective=day("2026-02-01"))
    with world.store.reading() as conn:
        assert conn.execute(select(func.count()).select_from(TABLES["accounts"])).scalar() == 1


def test_an_older_version_shows_the_state_that_was_known_then(world: World) -> None:
    first = world.write({"accounts": [account("one")]}, effective=day("2026-01-10"))
    second = world.write({"accounts": [account("two")]}, effective=day("2026-02-10"))
    third = world.write({"accounts": [account("three")]}, effective=day("2026-02-10"))
    assert [names(world, n=n) for n in (0, first, second, third)] == [[], ["one"], ["two"], ["three"]]


# Sources and feeds


def test_retracting_a_source_takes_all_of_it_back_for_every_day_and_only_it(world: World) -> None:
    world.write(ONE_OF_EACH, source="demo", effective=day("2026-01-01"), covered={"usage": TODAY, "tickets": TODAY})
    own: dict[str, Sequence[Record]] = {
        "accounts": [Account(id="b", name="Bee")],
        "tickets": [Ticket(id="tb", account_id="b", opened_at=NOW)],
    }
    before = world.write(own, source="crm", covered={"tickets": TODAY})
    shown = plain(world.portfolio(n=before))
    with world.store.writing() as conn:
        write_id = versions.begin_write(conn, "retract", "test", NOW, "")
        assert versions.retract_source(conn, write_id, "demo") > len(ONE_OF_EACH)
        versions.place(conn, write_id)
    for as_of in (TODAY, day("2025-06-01")):
        snapshot = world.portfolio(as_of)
        assert [found.id for found in snapshot.accounts] == ["b"]
    snapshot = world.portfolio()
    assert snapshot.tickets.id.tolist() == ["tb"]
    assert snapshot.feeds.covered["tickets"].tolist() == [TODAY.toordinal()]
    assert snapshot.feeds.covered["usage"].tolist() == [0]
    assert plain(world.portfolio(n=before)) == shown
    with world.store.reading() as conn:
        seen = versions.visibility(conn, versions.current(conn))
        for name in ONE_OF_EACH:
            table = TABLES[name]
            left = conn.execute(select(table.c.origin).where(versions.believed(table, seen))).scalars().all()
            assert "demo" not in left, name


def test_a_source_can_be_retracted_and_put_anew_in_one_version(world: World) -> None:
    world.write(ONE_OF_EACH, source="demo", covered={"usage": TODAY})
    with world.store.writing() as conn:
        write_id = versions.begin_write(conn, "demo", "test", NOW, "")
        versions.retract_source(conn, write_id, "demo")
        for table, records in ONE_OF_EACH.items():
            assert versions.put(conn, write_id, table, records, "demo", TODAY) == Counts(created=1)
        versions.set_feed(conn, write_id, "demo", "usage", TODAY, TODAY)
        assert versions.place(conn, write_id) == 2
    assert plain(world.account(n=2)) == plain(world.account(n=1)) | {"columns": plain(world.portfolio(n=2))}


def test_a_feed_never_moves_back(world: World) -> None:
    later, earlier = TODAY, TODAY - dt.timedelta(days=9)
    for through in (later, earlier):
        world.write({"accounts": [A]}, covered={"tickets": through})
    assert world.portfolio().feeds.covered["tickets"].tolist() == [later.toordinal()]
    assert world.portfolio(n=1).feeds.covered["tickets"].tolist() == [later.toordinal()]


# A version never changes

_IDS = st.sampled_from(["a", "b"])
_DAYS = st.dates(day("2025-12-20"), day("2026-03-20"))
_INSTANTS = st.datetimes(at("2025-12-20").replace(tzinfo=None), at("2026-03-20").replace(tzinfo=None)).map(
    lambda moment: moment.replace(tzinfo=dt.UTC)
)
_RECORDS = st.one_of(
    st.builds(Account, id=_IDS, name=st.sampled_from(["x", "y"]), arr=st.sampled_from([None, 10.0, 20.0])),
    st.builds(Usage, account_id=_IDS, date=_DAYS, api_calls=st.integers(0, 9) | st.none()),
    st.builds(
        Ticket,
        id=st.sampled_from(["t1", "t2"]),
        account_id=_IDS,
        opened_at=_INSTANTS,
        resolved_at=_INSTANTS | st.none(),
        reopened_at=_INSTANTS | st.none(),
        escalated_at=_INSTANTS | st.none(),
    ),
    st.builds(Goal, id=st.just("g"), account_id=_IDS, title=st.sampled_from(["x", "y"]), status_on=_DAYS | st.none()),
    st.builds(ArrMovement, id=_IDS, account_id=_IDS, date=_DAYS, kind=st.just("new"), amount=st.just(5.0)),
)
_TABLE_OF = {Account: "accounts", Usage: "usage", Ticket: "tickets", Goal: "goals", ArrMovement: "arr_movements"}
_WRITES = st.lists(
    st.tuples(st.lists(_RECORDS, max_size=4), _DAYS, st.sampled_from(["crm", "desk"]), st.booleans()),
    min_size=1,
    max_size=5,
)


def _apply(world: World, records: Sequence[Record], effective: dt.date, source: str, during_import: bool) -> None:
    tables: dict[str, list[Record]] = {}
    for record in records:
        tables.setdefault(_TABLE_OF[type(record)], []).append(record)
    running = world.begin() if during_import else None
    if running is not None:
        for table, batch in tables.items():
            world.put(running, table, *batch, source="import", effective=effective)
    world.write(tables, source=source, effective=effective, covered={"usage": effective})
    if running is not None:
        world.place(running)


@settings(max_examples=15)
@given(before=_WRITES, after=_WRITES, as_of=_DAYS)
def test_a_snapshot_of_a_day_and_a_version_never_changes(
    database: str,
    before: list[tuple[list[Record], dt.date, str, bool]],
    after: list[tuple[list[Record], dt.date, str, bool]],
    as_of: dt.date,
) -> None:
    with new_world(database) as world:
        for write in before:
            _apply(world, *write)
        n = world.current()
        seen = plain(world.portfolio(as_of, n))
        for write in after:
            _apply(world, *write)
            assert plain(world.portfolio(as_of, n)) == seen
        with world.store.writing() as conn:
            _retract_all(conn)
        assert plain(world.portfolio(as_of, n)) == seen
        assert len(world.portfolio(as_of)) == 0


def _retract_all(conn: Connection) -> None:
    write_id = versions.begin_write(conn, "retract", "test", NOW, "")
    for source in ("crm", "desk", "import"):
        versions.retract_source(conn, write_id, source)
    versions.place(conn, write_id)
