"""PostgreSQL for tests: databases of their own on a server that is there, cloned from one that has its tables.

The server is at POSTGRES_TEST_URL, or on this machine's own port 5432 with the user postgres and no password. Where
none answers, tests that need one are skipped and say so.
"""

import atexit
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from app.store.engine import Store

SERVER = sa.make_url(os.environ.get("POSTGRES_TEST_URL") or "postgresql://postgres@127.0.0.1:5432")
CONNECT_SECONDS = 3
PREFIX = "cse_test_"
"""Databases whose names begin with it belong to the tests."""


@contextmanager
def postgres_database(*, migrated: bool = True) -> Iterator[str]:
    """The URL of a new database, with its tables and nothing in them, or (`migrated` False) quite empty.

    Skips the test where no server answers.
    """
    require_server()
    name = PREFIX + uuid4().hex[:16]
    administer(f"CREATE DATABASE {name} TEMPLATE {_template() if migrated else 'template0'}")
    administer(f"ALTER DATABASE {name} SET synchronous_commit = off")  # no test cuts the power
    try:
        yield url_of(name)
    finally:
        administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


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


def _conninfo() -> str:
    return SERVER.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)


@functools.cache
def _unreachable() -> str | None:
    """Why no server can be had; None where one answers."""
    try:
        psycopg.connect(_conninfo(), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


@functools.cache
def _template() -> str:
    """The name of a database that has its tables and nothing in them; cloning it is faster than migrating.

    Its locale sorts text as people do: what we promise to sort by bytes must not depend on it.
    """
    name = f"{PREFIX}template_{uuid4().hex[:16]}"
    with psycopg.connect(_conninfo()) as conn:
        by_people = "LOCALE_PROVIDER icu ICU_LOCALE 'und'" if conn.info.server_version >= 150_000 else ""
    administer(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {by_people}")
    atexit.register(administer, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    with TemporaryDirectory() as folder:
        store = Store(url_of(name), Path(folder))
        store.migrate()
        store.close()
    return name
