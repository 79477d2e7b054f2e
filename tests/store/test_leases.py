"""Leases: a process that is there keeps its work, one that is not loses it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.domain.events import ProblemDetail
from app.store import idempotency_rows, job_rows, leases, turn_rows
from app.store.engine import Store
from app.store.leases import LEASE, Lease
from tests.databases import empty_database, new_store
from tests.store.conftest import NOW

LOST = ProblemDetail(code="interrupted", detail="lost")
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    with new_store(database, tmp_path) as fresh:
        yield fresh


def begin(store: Store, lease: Lease, name: str, now: dt.datetime = NOW) -> None:
    """A turn, a job and a request of that name."""
    with store.writing() as conn:
        runner = lease.take(conn, now)
        turn_rows.add_turn(conn, f"turn_{name}", None, "key", "hello", "http", now, runner)
        job_rows.add(conn, f"job_{name}", "other", "key", runner, now)
        idempotency_rows.claim(conn, "key", name, runner, now)


def look(store: Store, lease: Lease, now: dt.datetime) -> None:
    with store.writing() as conn:
        lease.remove_lost(conn, now)
        turn_rows.interrupt_lost(conn, LOST, now)
        job_rows.interrupt_lost(conn, LOST, now)
        idempotency_rows.clear(conn, now - dt.timedelta(days=1))


def runs(store: Store, name: str) -> bool:
    """Whether all three still run; they are lost together."""

    def read(conn: Connection) -> set[bool]:
        job = job_rows.get(conn, f"job_{name}", "key")
        assert job is not None
        request = idempotency_rows.find(conn, "key", name, NOW - SECOND)
        turn = turn_rows.get_turn(conn, f"turn_{name}")
        assert (turn.problem, job.result) in ((None, None), (LOST, {"problem": LOST.model_dump()}))
        return {turn.status == "running", job.status == "running", request is not None}

    with store.reading() as conn:
        (answer,) = read(conn)
    return answer


def test_a_process_that_died_is_told_at_once_on_sqlite(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:
        dead, other = Lease(store), Lease(store)
        begin(store, dead, "a")
        look(store, other, NOW)
        assert runs(store, "a")
        dead.release()
        look(store, other, NOW)
        assert not runs(store, "a")
        assert list((tmp_path / leases.FOLDER).iterdir()) == []


def test_one_that_is_there_keeps_its_work_on_sqlite_however_late_its_beat(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store:
        slow = Lease(store)
        begin(store, slow, "a")
        look(store, Lease(store), NOW + 100 * LEASE)
        assert runs(store, "a")


def test_one_with_a_data_folder_of_its_own_is_told_by_its_beats(tmp_path: Path) -> None:
    """Two folders, one SQLite database: nothing is known of the other's lock file."""
    with empty_database("sqlite", tmp_path) as url:
        here, there = (Store(url, tmp_path / name) for name in ("here", "there"))
        for store in (here, there):
            store.data_dir.mkdir()
        begin(there, Lease(there), "a")
        look(here, Lease(here), NOW + LEASE - SECOND)
        assert runs(here, "a")
        look(here, Lease(here), NOW + LEASE)
        assert not runs(here, "a")
        here.close()
        there.close()


def test_on_postgresql_a_lease_ends_when_it_is_not_renewed(tmp_path: Path) -> None:
    with new_store("postgresql", tmp_path) as store:
        silent, beating, other = Lease(store), Lease(store), Lease(store)
        begin(store, silent, "a")
        begin(store, beating, "b")
        silent.release()
        with store.writing() as conn:
            beating.renew(conn, NOW + LEASE - SECOND)
        look(store, other, NOW + LEASE - SECOND)
        assert (runs(store, "a"), runs(store, "b")) == (True, True)
        look(store, other, NOW + LEASE)
        assert (runs(store, "a"), runs(store, "b")) == (False, True)


def test_nobody_takes_himself_for_lost(store: Store) -> None:
    lease = Lease(store)
    begin(store, lease, "a")
    look(store, lease, NOW + 2 * LEASE)
    assert runs(store, "a")


def test_one_that_ends_gives_its_lease_back(store: Store) -> None:
    lease = Lease(store)
    begin(store, lease, "a")
    with store.writing() as conn:
        lease.end(conn)
    look(store, Lease(store), NOW)
    assert not runs(store, "a")


def test_work_without_a_process_is_lost(store: Store) -> None:
    """Such as that of a version that knew no leases."""
    with store.writing() as conn:
        turn_rows.add_turn(conn, "turn_old", None, "key", "hello", "http", NOW)
    look(store, Lease(store), NOW)
    with store.reading() as conn:
        assert turn_rows.get_turn(conn, "turn_old").status == "interrupted"


def test_what_ended_stays_as_it_is(store: Store) -> None:
    lease = Lease(store)
    begin(store, lease, "a")
    with store.writing() as conn:
        job_rows.end(conn, "job_a", "done", {"errors": []}, NOW)
        turn_rows.fail(conn, "turn_a", "stopped", LOST, NOW)
        lease.end(conn)
        job_rows.request_cancel(conn, "job_a", NOW)
    look(store, Lease(store), NOW)
    with store.reading() as conn:
        job = job_rows.get(conn, "job_a", "key")
        assert job is not None
        assert (job.status, job.cancel_requested_at) == ("done", None)
        assert job_rows.may_go_on(conn, "job_a") is None
        assert turn_rows.get_turn(conn, "turn_a").status == "stopped"


def test_a_lease_outlives_its_row(store: Store) -> None:
    """A process that was taken for dead, and goes on, may begin new work."""
    lease, other = Lease(store), Lease(store)
    begin(store, lease, "a")
    with store.writing() as conn:
        lease.end(conn)
    look(store, other, NOW)
    begin(store, lease, "b")
    look(store, other, NOW)
    assert (runs(store, "a"), runs(store, "b")) == (False, True)
