"""The audit log: whatever is tampered with is found, and told with its place."""

import asyncio
import datetime as dt
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.security.principals import LOCAL, Principal
from app.security.seal import AnchorUnusable, KeyUnusable, Seal
from app.store import audit_log
from app.store.audit_check import Verified, verify
from app.store.audit_log import EVENTS, Event, Wanted
from app.store.engine import Store
from app.store.tables import TABLES
from tests import processes
from tests.databases import new_store, url_of
from tests.store.conftest import NOW, World

WRITER = Principal("key_1", "Åsa", "cse")
COUNT = 8
PROCESSES, EACH = 4, 15


@pytest.fixture
def store(world: World) -> Store:
    return world.store


def append(store: Store, count: int = 1, at: dt.datetime = NOW) -> None:
    for n in range(count):
        with store.writing() as conn:
            details = {"n": n, "ratio": 0.1 + 0.2, "é": [1, None, {10: "a", 9: "b"}]}
            audit_log.record(conn, WRITER, Event("test.done", account_id="a", input_tokens=n, details=details), at)


@pytest.fixture
def filled(store: Store) -> Store:
    append(store, COUNT)
    assert verify(store) == Verified(
        events=COUNT, first=1, last=COUNT, anchored_since=1, findings=(), further=0, notes=()
    )
    return store


def tamper(store: Store, *statements: "sa.Executable") -> None:
    """What somebody does who can write to the database, and has neither key nor anchor."""
    with store.engine.begin() as conn:
        for statement in statements:
            conn.execute(statement)


def told(store: Store) -> list[tuple[str, int | None]]:
    return [(finding.kind, finding.seq) for finding in verify(store).findings]


def change(place: int, /, **values: object) -> sa.Executable:
    return sa.update(EVENTS).where(EVENTS.c.seq == place).values(**values)


def cut(first: int, last: int | None = None) -> sa.Executable:
    return sa.delete(EVENTS).where(EVENTS.c.seq.between(first, last or first))


# What is found

EDITS = {
    "at": NOW + dt.timedelta(microseconds=1),
    "action": "test.undone",
    "actor_key_id": "key_2",
    "actor": "Asa",
    "account_id": None,
    "subject": "s",
    "turn_id": "t",
    "prompt_version": "v",
    "model": "m",
    "input_tokens": None,
    "output_tokens": 0,
    "details_digest": "0" * 64,
    "previous": "1" * 64,
    "digest": "0" * 64,
}


def test_each_edited_column_is_found(filled: Store) -> None:
    with filled.reading() as conn:
        rows = {row["seq"]: row for row in conn.execute(EVENTS.select()).mappings()}
    for seq in (1, 4, COUNT):
        for column, value in EDITS.items():
            tamper(filled, change(seq, **{column: value}))
            expected: list[tuple[str, int | None]] = [("edited", seq)]
            if (column, seq) == ("digest", COUNT):
                expected.append(("not_anchored", seq))
            assert (column, told(filled)) == (column, expected)
            tamper(filled, change(seq, **{column: rows[seq][column]}))
    assert told(filled) == []


def test_every_column_is_covered() -> None:
    assert EDITS.keys() | {"seq", "details"} == {column.name for column in EVENTS.columns}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([cut(1)], [("front_cut", 2)]),
        ([cut(1, 3)], [("front_cut", 4)]),
        ([cut(4)], [("deleted", 4)]),
        ([cut(3, 5)], [("deleted", 3)]),
        ([cut(3), cut(5)], [("deleted", 3), ("deleted", 5)]),
        ([cut(COUNT)], [("truncated", COUNT)]),
        ([cut(6, COUNT)], [("truncated", 6)]),
        ([cut(1, COUNT)], [("truncated", 1)]),
        ([change(3, seq=99), change(4, seq=3), change(99, seq=4)], [("moved", 3), ("moved", 4)]),
        ([cut(4), change(5, seq=4)], [("edited", 4), ("deleted", 5)]),
        ([change(4, details={"n": 99})], [("details_edited", 4)]),
        ([change(4, details=[])], [("details_edited", 4)]),
        ([change(4, details=None)], [("details_emptied", 4)]),
        ([change(4, details={"n": 99}), change(6, details=None)], [("details_edited", 4), ("details_emptied", 6)]),
    ],
)
def test_what_was_tampered_with_is_told_with_its_place(
    filled: Store, statements: list[sa.Executable], expected: list[tuple[str, int]]
) -> None:
    tamper(filled, *statements)
    assert told(filled) == expected
    assert all(finding.detail and finding.mend for finding in verify(filled).findings)


RUBBISH = ("'not so'", "X'ff00fe'", "'{\"n\":1e999}'", f"'{'[' * 5000}'")


def test_cells_that_are_no_such_thing_are_told() -> None:
    """SQLite takes anything into a column; PostgreSQL does not."""
    with filled_anew(6) as (store, _):
        for column in ("at", "details", "input_tokens", "actor"):
            for rubbish in RUBBISH:
                with store.engine.begin() as conn:
                    conn.exec_driver_sql(f"UPDATE audit_event SET {column} = {rubbish} WHERE seq = 4")  # noqa: S608
                kinds = {kind for kind, _ in told(store)}
                assert kinds
                assert kinds <= {"edited", "details_edited", "unreadable"}


def test_a_forged_event_is_told_in_the_middle_and_at_the_end(filled: Store) -> None:
    with filled.reading() as conn:
        last = dict(conn.execute(EVENTS.select().where(EVENTS.c.seq == COUNT)).mappings().one())
    forged = last | {"seq": COUNT + 1, "actor": "nobody", "previous": last["digest"], "digest": "f" * 64}
    tamper(filled, EVENTS.insert().values(forged))
    assert told(filled) == [("edited", COUNT + 1)]
    append(filled)  # the service goes on from it: what it wrote holds, the forged one does not
    assert told(filled) == [("edited", COUNT + 1)]
    tamper(filled, cut(4), EVENTS.insert().values(forged | {"seq": 4}))
    assert told(filled) == [("edited", 4), ("edited", COUNT + 1)]


def test_a_log_that_went_on_after_a_cut_stays_told(filled: Store) -> None:
    """Else whoever cuts off the last event need only wait for the next."""
    tamper(filled, cut(COUNT))
    append(filled, 3)
    assert told(filled) == [("broken", COUNT)]
    append(filled, 2)
    assert told(filled) == [("broken", COUNT)]


def test_older_data_under_a_newer_anchor_is_told(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:
        append(store, 3)
    shutil.copy(tmp_path / "cse.db", tmp_path / "old.db")
    store = Store(f"sqlite:///{tmp_path}/cse.db", tmp_path)
    append(store, 3)
    store.close()
    for name in ("cse.db-wal", "cse.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", tmp_path / "cse.db")
    store = Store(f"sqlite:///{tmp_path}/cse.db", tmp_path)
    assert told(store) == [("truncated", 4)]
    append(store)
    assert told(store) == [("broken", 4)]
    store.close()


def test_with_the_anchor_put_back_too_a_cut_is_not_found(filled: Store) -> None:
    """By design: the anchor is what protects the end. It belongs where the database's admins do not reach."""
    kept = filled.seal.anchor_file.read_bytes()
    append(filled)
    tamper(filled, cut(COUNT + 1))
    filled.seal.anchor_file.write_bytes(kept)
    assert told(filled) == []


def test_an_older_anchor_is_behind_and_moves_on(filled: Store) -> None:
    kept = filled.seal.anchor_file.read_bytes()
    append(filled, 2)
    filled.seal.anchor_file.write_bytes(kept)
    assert told(filled) == [("anchor_behind", COUNT)]
    with filled.writing() as conn:
        audit_log.follow(conn)
    assert told(filled) == []


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda file: file.unlink(), "anchor_missing"),
        (lambda file: file.write_bytes(b"?"), "anchor_unreadable"),
    ],
)
def test_an_anchor_that_is_gone_or_spoilt_is_told(filled: Store, spoil: Callable[[Path], None], expected: str) -> None:
    spoil(filled.seal.anchor_file)
    assert told(filled) == [(expected, None)]


@hypothesis_settings(max_examples=25, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_no_tampering_passes(chance: random.Random) -> None:
    """Random edits, deletions, swaps and insertions, one to three at once: always found, unless nothing was changed."""
    with filled_anew(6) as (store, before):
        for _ in range(chance.randint(1, 3)):
            tamper(store, *_random_tampering(chance))
        assert (dump(store) == before) == (told(store) == [])


def _random_tampering(chance: random.Random) -> list[sa.Executable]:
    seq, other = chance.sample(range(1, 7), 2)
    column = chance.choice(sorted(EDITS))
    return chance.choice(
        [
            [change(seq, **{column: EDITS[column]})],
            [cut(seq)],
            [cut(min(seq, other), max(seq, other))],
            [change(seq, seq=99), change(other, seq=seq), change(99, seq=other)],
            [change(seq, details=chance.choice([None, {"n": 1}, []]))],
            [cut(7), EVENTS.insert().from_select(*_copied(seq, 7))],
        ]
    )


def _copied(seq: int, as_seq: int) -> tuple[list[str], sa.Select[tuple[object, ...]]]:
    names = [column.name for column in EVENTS.columns]
    columns = [sa.literal(as_seq) if name == "seq" else EVENTS.c[name] for name in names]
    return names, sa.select(*columns).where(EVENTS.c.seq == seq)


def dump(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as conn:
        return [tuple(row) for row in conn.execute(EVENTS.select().order_by(EVENTS.c.seq))]


@contextmanager
def filled_anew(count: int) -> Iterator[tuple[Store, list[tuple[object, ...]]]]:
    with TemporaryDirectory() as folder, new_store("sqlite", Path(folder)) as store:
        append(store, count)
        yield store, dump(store)


# The key


def test_another_key_is_told_as_that(filled: Store) -> None:
    filled.seal = Seal(filled.data_dir, "k" * 32, filled.seal.anchor_file)
    assert told(filled) == [("key_wrong", 1)]


def test_no_key_is_told_and_none_is_made(filled: Store) -> None:
    key_file = filled.seal.key_file
    assert key_file is not None
    key_file.unlink()
    later = Store(url_of(filled), filled.data_dir)
    assert told(later) == [("key_missing", None)]
    with pytest.raises(KeyUnusable, match="its key is not there"):
        append(later)
    later.close()
    assert not key_file.exists()


def test_another_key_writes_nothing(filled: Store) -> None:
    before = dump(filled)
    other = Store(url_of(filled), filled.data_dir, Seal(filled.data_dir, "k" * 32))
    with pytest.raises(KeyUnusable, match="do not fit its key"):
        append(other)
    other.close()
    assert dump(filled) == before
    assert told(filled) == []


def test_an_edited_last_event_is_no_other_key(filled: Store) -> None:
    tamper(filled, change(COUNT, actor="nobody"))
    filled.seal = Seal(filled.data_dir)
    append(filled)


# What is allowed


def test_erased_details_are_explained_by_their_event_alone(filled: Store) -> None:
    with filled.writing() as conn:
        emptied = audit_log.empty_details(conn, [7, 2, 3, 3, 99])
        assert emptied == [[2, 3], [7, 7]]
        event = Event("erasure.done", subject="p1", details={"emptied": emptied})
        audit_log.record(conn, LOCAL, event, NOW)
    assert told(filled) == []
    with filled.writing() as conn:
        assert audit_log.empty_details(conn, [2, COUNT + 1]) == []  # empty already; and what explains them stays
    tamper(filled, change(5, details=None))
    assert told(filled) == [("details_emptied", 5)]
    tamper(filled, change(COUNT + 1, details={"emptied": [[1, 8]]}))
    assert told(filled) == [
        ("details_emptied", 2), ("details_emptied", 3), ("details_emptied", 5), ("details_emptied", 7),
        ("details_edited", COUNT + 1),
    ]  # fmt: skip


def test_an_erasure_explains_nothing_that_came_after_it(filled: Store) -> None:
    with filled.writing() as conn:
        audit_log.record(conn, LOCAL, Event("erasure.done", details={"emptied": [[1, 99]]}), NOW)
    append(filled)
    tamper(filled, change(COUNT + 2, details=None))
    assert told(filled) == [("details_emptied", COUNT + 2)]


def prune(store: Store, before: dt.datetime) -> int:
    with store.writing() as conn:
        return audit_log.prune(conn, LOCAL, before, NOW + dt.timedelta(days=9))


def test_retention_removes_the_front_and_the_rest_still_holds(store: Store) -> None:
    assert prune(store, NOW) == 0
    for day in range(4):
        append(store, 2, NOW + dt.timedelta(days=day))
    assert prune(store, NOW) == 0
    assert prune(store, NOW + dt.timedelta(days=2)) == 4
    assert told(store) == []
    assert verify(store).first == 5
    append(store, 1, NOW + dt.timedelta(days=9))
    assert prune(store, NOW + dt.timedelta(days=3)) == 2  # again, and the first removal's event stays
    assert told(store) == []
    assert prune(store, NOW + dt.timedelta(days=99)) == 4  # all but the newest
    assert told(store) == []
    with store.reading() as conn:
        found = audit_log.events(conn, Wanted(), 9)
    assert [(event.seq, event.action) for event in found] == [(12, "retention.pruned"), (11, "retention.pruned")]


def test_a_front_that_was_cut_further_or_came_back_is_told(store: Store) -> None:
    append(store, 4)
    append(store, 4, NOW + dt.timedelta(days=2))
    rows = dump(store)
    prune(store, NOW + dt.timedelta(days=1))
    tamper(store, cut(5))
    assert told(store) == [("front_cut", 6)]
    tamper(store, *(EVENTS.insert().values(row) for row in rows[2:5]))
    assert told(store) == [("front_back", 3)]


# Writing


def test_what_fails_leaves_neither_event_nor_anchor(store: Store) -> None:
    append(store)
    anchor = store.seal.read()

    def broken(conn: Connection) -> None:
        audit_log.record(conn, LOCAL, Event("test.failed"), NOW)
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError), store.writing() as conn:
            broken(conn)
    with store.writing() as conn:  # the same connection, and no event
        conn.execute(sa.select(1))
    assert store.seal.read() == anchor
    append(store)
    assert told(store) == []


def test_what_is_taken_back_within_a_write_counts_for_nothing(store: Store) -> None:
    with store.writing() as conn, conn.begin_nested() as inner:
        audit_log.record(conn, LOCAL, Event("test.taken_back"), NOW)
        inner.rollback()
    assert store.seal.read() is None
    with store.writing() as conn:
        audit_log.record(conn, LOCAL, Event("test.kept"), NOW)
        with conn.begin_nested() as inner:
            audit_log.record(conn, LOCAL, Event("test.taken_back"), NOW)
            inner.rollback()
        audit_log.record(conn, LOCAL, Event("test.kept"), NOW)
    assert verify(store).events == 2
    assert told(store) == []


def test_nothing_is_done_that_cannot_be_audited(store: Store, tmp_path: Path) -> None:
    unmounted = Seal(store.data_dir, anchor=tmp_path / "gone" / "anchor")
    blind = Store(url_of(store), store.data_dir, unmounted)

    def write(conn: Connection) -> None:
        conn.execute(TABLES["runner"].insert().values(id="r", expires_at=NOW))
        audit_log.record(conn, LOCAL, Event("test.done"), NOW)

    with pytest.raises(AnchorUnusable, match="there is no folder"):
        asyncio.run(blind.write(write))
    blind.close()
    with store.reading() as conn:
        assert conn.execute(TABLES["runner"].select()).all() == []


def test_an_anchor_lost_after_the_commit_does_not_fail_what_was_done(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store)
    real = Seal.prepare

    def prepare_then_spoil(seal: Seal, *args: object, **kwargs: object) -> None:
        real(seal, *args, **kwargs)  # type: ignore[arg-type]
        monkeypatch.setattr(Seal, "_write", no_room)

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Seal, "prepare", prepare_then_spoil)
    append(store)
    monkeypatch.undo()
    anchor = store.seal.read()
    assert anchor is not None
    assert (anchor.head.seq, anchor.confirmed) == (2, False)
    assert told(store) == []


@pytest.mark.parametrize("details", [{"x": float("nan")}, {"x": object()}])
def test_what_no_json_holds_is_refused(store: Store, details: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)), store.writing() as conn:
        audit_log.record(conn, LOCAL, Event("test.done", details=details), NOW)


def test_an_event_is_read_as_it_was_written(store: Store) -> None:
    at = dt.datetime(2026, 3, 10, 14, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with store.writing() as conn:
        event = Event("test.done", "a", "s", "t", "p:1", "m", 1, 2, {"day": NOW.date(), "at": at, "of": ("x",)})
        audit_log.record(conn, WRITER, event, at)
    with store.reading() as conn:
        (found,) = audit_log.events(conn, Wanted(), 5)
    assert found.model_dump() == {
        "seq": 1, "at": at, "action": "test.done", "actor_key_id": "key_1", "actor": "Åsa", "account_id": "a",
        "subject": "s", "turn_id": "t", "prompt_version": "p:1", "model": "m", "input_tokens": 1, "output_tokens": 2,
        "details": {"day": "2026-03-10", "at": "2026-03-10T12:00:00.123456+00:00", "of": ["x"]},
    }  # fmt: skip
    assert told(store) == []


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(accounts=frozenset({"a"})), [3, 1]),
        (Wanted(accounts=frozenset({"a"}), account_id="b"), []),
        (Wanted(accounts=frozenset()), []),
        (Wanted(account_id="b"), [2]),
        (Wanted(action="key"), [4, 3]),
        (Wanted(action="key.created"), [3]),
        (Wanted(action="ke"), []),
        (Wanted(action="%"), []),
        (Wanted(actor="key_1"), [4, 3, 2, 1]),
        (Wanted(actor="nobody"), []),
        (Wanted(first=NOW + dt.timedelta(hours=2)), [4, 3]),
        (Wanted(last=NOW + dt.timedelta(hours=2)), [2, 1]),
    ],
)
def test_events_are_picked(store: Store, wanted: Wanted, seqs: list[int]) -> None:
    made = [("turn.answered", "a"), ("turn.answered", "b"), ("key.created", "a"), ("key.revoked", None)]
    for hour, (action, account) in enumerate(made):
        with store.writing() as conn:
            audit_log.record(conn, WRITER, Event(action, account_id=account), NOW + dt.timedelta(hours=hour))
    with store.reading() as conn:
        assert [event.seq for event in audit_log.events(conn, wanted, 9)] == seqs
        assert [event.seq for event in audit_log.events(conn, wanted, 1, before_seq=4)] == [s for s in seqs if s < 4][
            :1
        ]


# Several processes, and those that die


def _write(url: str, folder: Path, anchor: Path, count: int, dies: str = "") -> None:
    store = Store(url, folder, Seal(folder, "k" * 32, anchor))
    real = Seal.prepare

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def prepare_and_die(*given: Any, **more: Any) -> None:
        real(*given, **more)
        die()

    with pytest.MonkeyPatch.context() as patch:
        if dies == "before prepare":
            patch.setattr(Seal, "prepare", die)
        if dies == "before commit":
            patch.setattr(Seal, "prepare", prepare_and_die)
        if dies == "before confirm":
            patch.setattr(Seal, "confirm", die)
        for n in range(count):
            with store.writing() as conn:
                audit_log.record(conn, LOCAL, Event("test.done", details={"n": n}), dt.datetime.now(dt.UTC))
    store.close()


def start(store: Store, anchor: Path, count: int, dies: str = "") -> BaseProcess:
    return processes.start(_write, url_of(store), store.data_dir, anchor, count, dies)


def reopened(store: Store, anchor: Path) -> Store:
    return Store(url_of(store), store.data_dir, Seal(store.data_dir, "k" * 32, anchor))


@pytest.mark.parametrize("shared", [True, False], ids=["one anchor", "an anchor each"])
def test_many_processes_make_one_chain(store: Store, tmp_path: Path, shared: bool) -> None:
    anchors = [tmp_path / f"anchor{0 if shared else n}" for n in range(PROCESSES)]
    running = [start(store, anchor, EACH) for anchor in anchors]
    assert [processes.ended(process) for process in running] == [0] * PROCESSES
    for anchor in anchors:
        again = reopened(store, anchor)
        with again.writing() as conn:
            audit_log.follow(conn)
        assert (verify(again).events, told(again)) == (PROCESSES * EACH, [])
        again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize(("dies", "kept"), [("before prepare", 3), ("before commit", 3), ("before confirm", 4)])
def test_a_process_that_dies_leaves_a_log_that_holds(store: Store, tmp_path: Path, dies: str, kept: int) -> None:
    anchor = tmp_path / "anchor"
    assert processes.ended(start(store, anchor, 3)) == 0
    assert processes.ended(start(store, anchor, 1, dies)) == -9
    again = reopened(store, anchor)
    assert (verify(again).events, told(again)) == (kept, [])
    with again.writing() as conn:
        audit_log.follow(conn)
    settled = again.seal.read()
    assert settled is not None
    assert (settled.head.seq, settled.confirmed) == (kept, True)
    append(again)
    assert (verify(again).events, told(again)) == (kept + 1, [])
    tamper(again, cut(kept + 1))
    assert told(again) == [("truncated", kept + 1)]
    again.close()
