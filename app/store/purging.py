"""Makes sure that what was deleted is gone from the database's files, where the database keeps the bytes on."""

import time
from collections.abc import Collection
from contextlib import closing
from sqlite3 import OperationalError

from sqlalchemy.exc import DBAPIError

from app.domain.problems import Problem
from app.store.engine import Store
from app.store.tables import TABLES

PURGE_SECONDS = 20.0
POLL_SECONDS = 0.2


def purge(store: Store, tables: Collection[str]) -> bool:
    """Rewrite SQLite's file, with its log; on PostgreSQL vacuum these tables. False where others held the database.

    PostgreSQL reuses the room of what was deleted; its own log and archives of that are the operator's.
    """
    return _purge_sqlite(store) if store.sqlite_file is not None else _vacuum(store, tables)


def _purge_sqlite(store: Store) -> bool:
    """The log is emptied only at a moment at which nobody reads."""
    give_up = time.monotonic() + PURGE_SECONDS
    is_rewritten = False
    with closing(store.engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        if connection is None:
            return False
        while True:
            try:
                if not is_rewritten:
                    connection.execute("VACUUM")
                    is_rewritten = True
                (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not is_busy:
                    return True
            except OperationalError as error:
                if "locked" not in str(error):
                    return False
            if time.monotonic() >= give_up:
                return False
            time.sleep(POLL_SECONDS)


def _vacuum(store: Store, tables: Collection[str]) -> bool:
    try:
        with store.alone() as conn:
            conn.exec_driver_sql("SET statement_timeout = 0")
            for name in sorted(TABLES.keys() & set(tables)):
                conn.exec_driver_sql(f"VACUUM {conn.dialect.identifier_preparer.quote(name)}")
    except (DBAPIError, Problem):
        return False
    return True
