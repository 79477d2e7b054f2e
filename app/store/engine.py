"""The store: a database, and the one async door to it. Work on it is plain functions of a connection."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from app.domain.problems import Problem

BUSY_TIMEOUT_SECONDS = 5
"""How long a write waits for another to commit."""

P = ParamSpec("P")
T = TypeVar("T")

_IMMEDIATE = "immediate"


class Busy(Problem):
    """Other writes held the database for longer than the busy timeout."""

    code = "database_busy"
    status = 503


class Store:
    """The database at `url` (SQLite or PostgreSQL). `data_dir` is an existing folder for lock files.

    `read` and `write` run a function of a connection in a thread, in one transaction: a read sees one state of the
    database from its first to its last query, a write commits when the function returns and rolls back when it raises.
    `reading` and `writing` are the same for code that already runs in a thread.
    """

    def __init__(self, url: str, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else create_engine(url)
        self._writer = self.engine.execution_options(**{_IMMEDIATE: True})

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` in a read transaction."""

        def run() -> T:
            with self.reading() as conn:
                return fn(conn, *args, **kwargs)

        return await asyncio.to_thread(run)

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` in a write transaction.

        Raises:
            Busy: other writes held the database for too long.
        """

        def run() -> T:
            with self.writing() as conn:
                return fn(conn, *args, **kwargs)

        return await asyncio.to_thread(run)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a read transaction."""
        with self.engine.begin() as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a write transaction; on SQLite there is one at a time, and others wait.

        Raises:
            Busy: other writes held the database for too long.
        """
        with self._writer.connect() as conn:
            try:
                transaction = conn.begin()
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                raise Busy("Other writes hold the database; try again in a moment.") from None
            with transaction:
                yield conn

    def migrate(self) -> None:
        """Bring the tables to the newest schema; nothing is done where they have it already."""
        from app.store.migrations.upgrade import is_current, upgrade

        with self.reading() as conn:
            if is_current(conn):
                return
        with self.writing() as conn:
            upgrade(conn)

    def close(self) -> None:
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets reads go on beside a write. The driver's own way of beginning transactions is switched off."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(conn: Connection) -> None:
    """A write takes the write lock at its beginning: one that took it later could find its reads outdated."""
    immediate = conn.get_execution_options().get(_IMMEDIATE, False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
