"""Transactions: writes one after the other, reads that see one state, nothing half done."""

import asyncio
import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from app.domain.records import Signal
from app.store import engine, versions
from app.store.engine import Busy, Store
from app.store.tables import TABLES
from tests.store.conftest import NOW, TODAY, World

WRITES_EACH = 25


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
    url, folder = str(world.store.engine.url), world.store.data_dir
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_write_many, url, folder, worker) for worker in range(4)]:
            done.result()
    _assert_all_placed(world, 4)


def test_short_writes_of_many_processes_are_all_kept(world: World) -> None:
    url, folder = str(world.store.engine.url), world.store.data_dir
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_many, args=(url, folder, worker)) for worker in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    _assert_all_placed(world, 3)


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
    impatient = Store(str(world.store.engine.url), world.store.data_dir)
    with world.store.writing(), pytest.raises(Busy) as caught, impatient.writing():
        pass
    impatient.close()
    assert (caught.value.code, caught.value.status) == ("database_busy", 503)


def test_migrating_at_once_and_again_is_harmless(tmp_path: Path) -> None:
    stores = [Store(f"sqlite:///{tmp_path / 'cse.db'}", tmp_path) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(store.migrate) for store in stores]:
            done.result()
    stores[0].migrate()
    with stores[0].reading() as conn:
        assert versions.current(conn) == 0
    for store in stores:
        store.close()


def test_sqlite_runs_in_wal_mode(world: World) -> None:
    world.write({})
    database = world.store.engine.url.database or ""
    with closing(sqlite3.connect(database)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
