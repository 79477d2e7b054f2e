"""PostgreSQL for tests: databases of their own on a server that is there, cloned from one that has its tables, and
emptied for the next test.

The server is at POSTGRES_TEST_URL, or on this machine's own port 5432 with the user postgres and no password. Where
none answers, tests that need one are skipped and say so.
"""

import atexit
import functools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from app.store.engine import Store

SERVER = sa.make_url(os.environ.get("POSTGRES_TEST_URL") or "postgresql://postgres@127.0.0.1:5432")
CONNECT_SECONDS = 3
PREFIX = "cse_test_"
"""Databases whose names begin with it belong to the tests."""


@contextmanager
def postgres_database(*, migrated: bool = True) -> Iterator[str]:
    """The URL of a database with its tables and nothing in them, or (`migrated` False) of one that is quite empty.

    Skips the test where no server answers.
    """
    require_server()
    name = _with_tables() if migrated else _create("template0")
    try:
        yield url_of(name)
    finally:
        if migrated and _empty(name):
            _free.append(name)
        else:
            _drop(name)


def require_server() -> None:
    """Skip the test where no server answers."""
    if reason := _unreachable():
        pytest.skip(f"needs PostgreSQL at {SERVER.host}:{SERVER.port or 5432} (POSTGRES_TEST_URL): {reason}")


def url_of(name: str) -> str:
    return SERVER.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def administer(statement: str) -> None:
    """Run a statement outside any transaction, on the server's own database."""
    with psycopg.connect(_conninfo(), autocommit=True) as conn:
        conn.execute(statement.encode())


def cut_sessions(url: str) -> None:
    """End every session of a database, as a restart of the server does."""
    with psycopg.connect(_conninfo(), autocommit=True) as conn:
        name = sa.make_url(url).database
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


def _conninfo(name: str = "postgres") -> str:
    return SERVER.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@functools.cache
def _unreachable() -> str | None:
    """Why no server can be had; None where one answers."""
    try:
        psycopg.connect(_conninfo(), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


_free: list[str] = []
"""Databases of this process that are as when they were new: making one is twenty times the work of emptying one."""

_COLUMNS = """
    SELECT array_agg((attrelid, attname, atttypid) ORDER BY attrelid, attnum)::text FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
"""
_CUT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
    DO $$ DECLARE name text; filled boolean; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
            CONTINUE WHEN NOT filled;
            IF pg_table_size(format('%I', name)) > 200000 THEN EXECUTE format('TRUNCATE %I CASCADE', name);
            ELSE EXECUTE format('DELETE FROM %I', name);  -- truncating waits for the disk
            END IF;
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
            EXECUTE format('ALTER SEQUENCE %I RESTART', name);
        END LOOP;
    END $$
"""


def _with_tables() -> str:
    if _free:
        return _free.pop()
    name = _create(_template())
    atexit.register(_drop, name)
    return name


def _create(template: str) -> str:
    name = PREFIX + uuid4().hex[:16]
    administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    administer(f"ALTER DATABASE {name} SET synchronous_commit = off")  # no test cuts the power
    return name


def _drop(name: str) -> None:
    administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _empty(name: str) -> bool:
    """Make a database as it was when it was new; False where its tables are not those of the template any more."""
    columns, rows = _of_template()
    with psycopg.connect(_conninfo(name), autocommit=True) as conn:
        while conn.execute(_CUT_OTHERS).rowcount:  # until they are gone
            time.sleep(0.002)
        if conn.execute(_COLUMNS).fetchone() != columns:
            return False
        conn.execute(_EMPTY)
        for table, row in rows:
            into = SQL("INSERT INTO {0} SELECT * FROM json_populate_record(NULL::{0}, %s)").format(Identifier(table))
            conn.execute(into, (row,))
    return True


@functools.cache
def _of_template() -> tuple[Any, list[tuple[str, str]]]:
    """The columns of its tables and indexes, and by table the rows that the migrations wrote."""
    with psycopg.connect(_conninfo(_template())) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        each = {table: SQL("SELECT to_json(t)::text FROM {} t").format(Identifier(table)) for (table,) in tables}
        rows = [(table, row) for table, query in each.items() for (row,) in conn.execute(query)]
        return conn.execute(_COLUMNS).fetchone(), rows


@functools.cache
def _template() -> str:
    """The name of a database that has its tables and nothing in them; cloning it is faster than migrating.

    Its locale sorts text as people do: what we promise to sort by bytes must not depend on it.
    """
    name = f"{PREFIX}template_{uuid4().hex[:16]}"
    with psycopg.connect(_conninfo()) as conn:
        by_people = "LOCALE_PROVIDER icu ICU_LOCALE 'und'" if conn.info.server_version >= 150_000 else ""
    administer(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {by_people}")
    atexit.register(_drop, name)
    with TemporaryDirectory() as folder:
        store = Store(url_of(name), Path(folder))
        store.migrate()
        store.close()
    return name
