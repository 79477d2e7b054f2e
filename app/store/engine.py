"""The store: a database, and the one async door to it. Work on it is plain functions of a connection.

SQLite and PostgreSQL behave alike: a read sees one state of the database from its first to its last query, and writes
are made one at a time, each holding the write lock from its beginning (docs/decisions/0002-versions.md).
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.problems import Conflict, Problem
from app.security.seal import Seal
from app.store.anchoring import SEAL, forget, prepare_anchor

BUSY_TIMEOUT_SECONDS = 5
"""How long a write waits for another to commit, and how long a connection may take to be had."""

STATEMENT_TIMEOUT_SECONDS = 300
IDLE_IN_TRANSACTION_SECONDS = 120
"""PostgreSQL ends what takes longer, so that a process that hangs does not hold the others up."""

WRITE_LOCK_KEY = 7_263_000
"""Names the write lock among PostgreSQL's advisory locks."""

SQLITE_SYNCHRONOUS = "FULL"
"""What was approved and audited must outlive a power cut: each commit is on the disk when it is told."""

POOL_SIZE, POOL_OVERFLOW = 5, 15
"""Connections to PostgreSQL: kept open, and more than that at the busiest."""

APPLICATION_NAME = "cse-agent"
"""By which PostgreSQL knows our sessions."""

P = ParamSpec("P")
T = TypeVar("T")

_IMMEDIATE = "immediate"
_LOCKED_STATES = frozenset({"55P03", "57014", "40P01", "40001"})
"""PostgreSQL: lock or query timed out, deadlock, transaction to be tried again."""
_OTHER_SESSIONS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = :name"
).bindparams(name=APPLICATION_NAME)
_UNUSABLE_SQLITE = ("unable to open", "disk is full", "disk I/O", "readonly", "malformed", "not a database")


class Busy(Problem):
    """Other writes held the database for longer than the busy timeout."""

    code = "database_busy"
    status = 503


class DatabaseUnavailable(Problem):
    """The database cannot be reached, or cannot do its work. Nothing of the transaction was kept."""

    code = "database_unavailable"
    status = 503


class Store:
    """The database at `url` (SQLite or PostgreSQL). `data_dir` is an existing folder for lock files.

    `read` and `write` run a function of a connection in a thread, in one transaction: a read sees one state of the
    database from its first to its last query, a write commits when the function returns and rolls back when it raises.
    `reading` and `writing` are the same for code that already runs in a thread.
    """

    def __init__(self, url: str, data_dir: Path, seal: Seal | None = None) -> None:
        self.data_dir = data_dir
        self.seal = seal or Seal(data_dir)
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgresql_engine(url)
        self._reader, writer = _read_and_write(self.engine)
        self._writer = writer.execution_options(**{SEAL: self.seal})

    @property
    def sqlite_file(self) -> Path | None:
        """SQLite's file; None for a server."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name else None

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` in a read transaction.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """

        def run() -> T:
            with self.reading() as conn:
                return fn(conn, *args, **kwargs)

        return await asyncio.to_thread(run)

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` in a write transaction.

        Raises:
            Busy: other writes held the database for too long.
            DatabaseUnavailable: the database cannot be reached.
        """

        def run() -> T:
            with self.writing() as conn:
                return fn(conn, *args, **kwargs)

        return await asyncio.to_thread(run)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a read transaction.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        with _problems(), self._reader.begin() as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a write transaction. There is one at a time; others wait.

        Raises:
            Busy: other writes held the database for too long.
            DatabaseUnavailable: the database cannot be reached.
            AnchorUnusable, KeyUnusable: what it did cannot be audited; nothing of it is kept.
        """
        with _problems(), self._writer.begin() as conn:
            forget(conn)
            if conn.dialect.name == "postgresql":
                conn.execute(select(func.pg_advisory_xact_lock(WRITE_LOCK_KEY)))
            yield conn
            head = prepare_anchor(conn, self.seal)
        if head is not None:
            self.seal.confirm(head)

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """A connection in a write transaction, while no other process has the database open.

        Raises:
            Conflict: another has (`database_in_use`).
            DatabaseUnavailable: the database cannot be reached.
        """
        self.engine.dispose()
        head = None
        with _problems(), ExitStack() as opened:
            if self.engine.dialect.name == "sqlite":
                engine = _sqlite_engine(self.engine.url, exclusive=True).execution_options(**{SEAL: self.seal})
                opened.callback(engine.dispose)
                conn = opened.enter_context(_refused_where_in_use(engine))
            else:
                conn = opened.enter_context(self.writing())
                if conn.execute(_OTHER_SESSIONS).scalar():
                    raise _in_use()
            yield conn
            head = prepare_anchor(conn, self.seal)
        if head is not None:
            self.seal.confirm(head)

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A connection outside the pool and outside any transaction, for PostgreSQL's locks of a session.

        At the end the session is closed, and its locks are free; so they are when the process dies.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        with _problems():
            conn = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            conn.detach()
            yield conn
        finally:
            with suppress(DBAPIError):  # cut meanwhile: the locks went with it
                conn.execute(select(func.pg_advisory_unlock_all()))
            conn.close()

    def migrate(self) -> None:
        """Bring the tables to the newest schema; nothing is done where they have it already.

        Raises:
            Conflict: the database has a newer schema than this version knows (`schema_newer`).
        """
        from app.store.migrations.upgrade import revision, revisions, upgrade

        known = revisions()
        with self.reading() as conn:
            found = revision(conn)
        if found == known[0]:
            return
        if found is not None and found not in known:
            raise Conflict(
                f"The database has the schema {found} of a newer version; this one knows {known[0]}. Update it.",
                code="schema_newer",
            )
        with self.writing() as conn:
            upgrade(conn)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _refused_where_in_use(engine: Engine) -> Iterator[Connection]:
    """A transaction that locks the file; SQLite grants it only where nobody else has the file open."""
    try:
        conn = engine.connect()
        transaction = conn.begin()
    except OperationalError as error:
        if "database is locked" not in str(error.orig):
            raise
        raise _in_use() from None
    with conn, transaction:
        yield conn


def _in_use() -> Conflict:
    return Conflict("Another process has the database open. Stop the service, then try again.", code="database_in_use")


@contextmanager
def _problems() -> Iterator[None]:
    """Tell a database that is held or gone as a problem. The driver's own text stays out: it may name the server."""
    try:
        yield
    except StatementError as error:
        if isinstance(error.orig, Problem):  # a column's type refused a value
            raise error.orig from None
        problem = _problem(error) if isinstance(error, DBAPIError) else None
        if problem is None:
            raise
        raise problem from error
    except PoolTimeout:
        raise Busy("All connections to the database are in use; try again in a moment.") from None


def _problem(error: DBAPIError) -> Problem | None:
    """What a user is told of an error; None for one that is ours."""
    state, told = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state in _LOCKED_STATES or "database is locked" in told:
        return Busy("Other writes hold the database; try again in a moment.")
    is_postgresql = hasattr(error.orig, "sqlstate")
    lost = isinstance(error, OperationalError) if is_postgresql else any(part in told for part in _UNUSABLE_SQLITE)
    if lost or error.connection_invalidated:
        return DatabaseUnavailable("The database cannot be used right now; try again, and see `cse doctor`.")
    return None


def _read_and_write(engine: Engine) -> tuple[Engine, Engine]:
    """The engine as reads and as writes use it, over the same pool."""
    if engine.dialect.name == "sqlite":
        return engine, engine.execution_options(**{_IMMEDIATE: True})
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    # Having waited for the write lock, a write must see what the one before it committed.
    return reader, engine.execution_options(isolation_level="READ COMMITTED")


def _postgresql_engine(url: str) -> Engine:
    """A connection that the server closed is found out before it is used, and replaced."""
    engine = create_engine(
        url,
        hide_parameters=True,  # an error is logged with its statement, and the statement's values are customer data
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
        # Where the server is gone without a word, the operating system says so after these many seconds.
        connect_args={
            "connect_timeout": BUSY_TIMEOUT_SECONDS,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
            "application_name": APPLICATION_NAME,
        },
    )
    lock_timeout = f"{int(BUSY_TIMEOUT_SECONDS * 1000)}ms"

    def prepare(connection: Any, _record: Any) -> None:
        settings = {
            "lock_timeout": lock_timeout,
            "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
            "TimeZone": "UTC",
        }
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def _sqlite_engine(url: str | URL, *, exclusive: bool = False) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    if exclusive:
        engine = engine.execution_options(**{_IMMEDIATE: True})
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA locking_mode = EXCLUSIVE"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets reads go on beside a write. The driver's own way of beginning transactions is switched off."""
    connection.isolation_level = None
    _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))
    connection.execute(f"PRAGMA synchronous = {SQLITE_SYNCHRONOUS}")


def _patiently(work: Callable[[], object]) -> None:
    """SQLite does not wait by itself where two connections turn a new file to WAL at once."""
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            work()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _begin_sqlite(conn: Connection) -> None:
    """A write takes the write lock at its beginning: one that took it later could find its reads outdated."""
    immediate = conn.get_execution_options().get(_IMMEDIATE, False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
