"""Transactions: writes one after the other, reads that see one state, nothing half done."""

import asyncio
import datetime as dt
import socket
import sqlite3
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import InternalError

from app.domain.problems import Conflict
from app.domain.records import Signal
from app.store import engine, versions
from app.store.engine import Busy, DatabaseUnavailable, Store
from app.store.tables import TABLES
from tests import processes
from tests.databases import new_store, url_of
from tests.postgres import cut_sessions, postgres_database
from tests.store.conftest import NOW, TODAY, World

WRITES_EACH = 25
COUNTED_EACH = 400
SECOND = dt.timedelta(seconds=1)


def _write_many(url: str, folder: Path, worker: int) -> None:
    store = Store(url, folder)
    for i in range(WRITES_EACH):
        with store.writing() as conn:
            write_id = versions.begin_write(conn, "short", "test", NOW, "")
            signal = Signal(id=f"{worker}-{i}", account_id="a", date=TODAY, kind="advocacy")
            versions.put(conn, write_id, "signals", [signal], "crm", TODAY)
            versions.place(conn, write_id)
    store.close()


def _assert_all_placed(world: World, workers: int) -> None:
    writes = workers * WRITES_EACH
    with world.store.reading() as conn:
        assert versions.current(conn) == writes
        places = conn.execute(select(TABLES["write"].c.place)).scalars().all()
        assert sorted(places) == list(range(1, writes + 1))
        assert conn.execute(select(func.count()).select_from(TABLES["signals"])).scalar() == writes


def test_short_writes_of_many_threads_are_all_kept(world: World) -> None:
    url, folder = url_of(world.store), world.store.data_dir
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_write_many, url, folder, worker) for worker in range(4)]:
            done.result()
    _assert_all_placed(world, 4)


def test_short_writes_of_many_processes_are_all_kept(world: World) -> None:
    url, folder = url_of(world.store), world.store.data_dir
    started = [processes.start(_write_many, url, folder, worker) for worker in range(3)]
    assert [processes.ended(process) for process in started] == [0, 0, 0]
    _assert_all_placed(world, 3)


def _count_up(url: str, folder: Path) -> None:
    """Read a number and write the next one, again and again, each in a write of its own."""
    store = Store(url, folder)
    runner = TABLES["runner"]

    def next_one(conn: Connection) -> None:
        read = conn.execute(select(runner.c.expires_at).where(runner.c.id == "count")).scalar_one()
        conn.execute(update(runner).where(runner.c.id == "count").values(expires_at=read + SECOND))

    for _ in range(COUNTED_EACH):
        while True:
            try:
                with store.writing() as conn:
                    next_one(conn)
            except Busy:  # it says so, and changes nothing
                continue
            break
    store.close()


def test_six_processes_that_read_and_then_write_lose_nothing(world: World) -> None:
    runner = TABLES["runner"]
    with world.store.writing() as conn:
        conn.execute(insert(runner).values(id="count", expires_at=NOW))
    started = [processes.start(_count_up, url_of(world.store), world.store.data_dir) for _ in range(6)]
    assert [processes.ended(process) for process in started] == [0] * 6
    with world.store.reading() as conn:
        counted = conn.execute(select(runner.c.expires_at)).scalar_one() - NOW
    assert counted == 6 * COUNTED_EACH * SECOND


def test_a_write_that_raises_leaves_nothing(world: World) -> None:
    def write(conn: Connection) -> None:
        versions.place(conn, versions.begin_write(conn, "short", "test", NOW, ""))
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(world.store.write(write))
    assert world.current() == 0


def test_the_async_door_passes_arguments_and_results(world: World) -> None:
    async def through() -> tuple[int, int]:
        write_id = await world.store.write(versions.begin_write, "short", "test", now=NOW, note="")
        return write_id, await world.store.read(versions.current)

    assert asyncio.run(through()) == (1, 0)


def test_a_read_sees_one_state_while_others_write(world: World) -> None:
    with world.store.reading() as conn:
        before = versions.current(conn)
        world.write({})
        assert versions.current(conn) == before
    assert world.current() == before + 1


def test_a_read_does_not_wait_for_a_write(world: World) -> None:
    with world.store.writing() as writing:
        versions.begin_write(writing, "short", "test", NOW, "")
        assert world.current() == 0


def test_a_database_held_for_too_long_is_a_problem_that_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0.05)
    impatient = Store(url_of(world.store), world.store.data_dir)
    with world.store.writing(), pytest.raises(Busy) as caught, impatient.writing():
        pass
    impatient.close()
    assert (caught.value.code, caught.value.status) == ("database_busy", 503)


def test_migrating_at_once_and_again_is_harmless(database: str, tmp_path: Path) -> None:
    with ExitStack() as opened:
        url = f"sqlite:///{tmp_path / 'new.db'}"
        if database == "postgresql":
            url = opened.enter_context(postgres_database(migrated=False))
        stores = [Store(url, tmp_path) for _ in range(3)]
        for store in stores:
            opened.callback(store.close)
        with ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(store.migrate) for store in stores]:
                done.result()
        stores[0].migrate()
        with stores[0].reading() as conn:
            assert versions.current(conn) == 0


def test_sqlite_runs_in_wal_mode(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store, closing(sqlite3.connect(store.engine.url.database or "")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[Store]:
    with new_store("postgresql", tmp_path) as store:
        yield store


def test_a_cut_connection_is_told_and_heals(postgresql: Store) -> None:
    def read() -> None:
        with postgresql.reading() as conn:
            versions.current(conn)
            cut_sessions(url_of(postgresql))
            versions.current(conn)

    with pytest.raises(DatabaseUnavailable) as caught:
        read()
    assert (caught.value.code, caught.value.status) == ("database_unavailable", 503)
    with postgresql.reading() as conn:
        assert versions.current(conn) == 0


def test_connections_that_were_cut_while_idle_are_not_noticed(postgresql: Store) -> None:
    with postgresql.reading() as conn:
        versions.current(conn)
    cut_sessions(url_of(postgresql))
    with postgresql.writing() as conn:
        versions.place(conn, versions.begin_write(conn, "short", "test", NOW, ""))


def test_a_write_that_was_cut_off_leaves_nothing(postgresql: Store) -> None:
    def write() -> None:
        with postgresql.writing() as conn:
            versions.place(conn, versions.begin_write(conn, "short", "test", NOW, ""))
            cut_sessions(url_of(postgresql))

    with pytest.raises(DatabaseUnavailable):
        write()
    with postgresql.reading() as conn:
        assert versions.current(conn) == 0


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as closed:  # bound, and not listening
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://u:s3cret@127.0.0.1:{closed.getsockname()[1]}/cse"
        store = Store(url, tmp_path)
        with pytest.raises(DatabaseUnavailable) as caught:
            store.migrate()
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_read_cannot_write_in_postgresql(postgresql: Store) -> None:
    with pytest.raises(InternalError, match="read-only"), postgresql.reading() as conn:
        versions.begin_write(conn, "short", "test", NOW, "")


def test_an_import_that_lost_its_lock_takes_nothing(postgresql: Store) -> None:
    """Its session was cut, another import began and undid it: going on would show rows of a write that is gone."""
    with versions.import_lock(postgresql):
        with postgresql.writing() as conn:
            lost = versions.begin_write(conn, "import", "test", NOW, "")
        cut_sessions(url_of(postgresql))
        with versions.import_lock(postgresql), postgresql.writing() as conn:
            assert versions.undo_unfinished(conn) == 1
            versions.place(conn, versions.begin_write(conn, "import", "test", NOW, ""))
        signal = Signal(id="s", account_id="a", date=TODAY, kind="advocacy")
        with pytest.raises(Conflict) as caught, postgresql.writing() as conn:
            versions.put(conn, lost, "signals", [signal], "crm", TODAY)
        assert caught.value.code == "import_lost"
        with pytest.raises(Conflict), postgresql.writing() as conn:
            versions.place(conn, lost)
    with postgresql.reading() as conn:
        assert versions.current(conn) == 1
        assert conn.execute(select(func.count()).select_from(TABLES["signals"])).scalar() == 0
