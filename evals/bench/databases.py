"""Databases for benchmarks: a SQLite file, or one of its own on a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

CONNECT_SECONDS = 3


@contextmanager
def new_database(server: str | None, folder: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards: on a PostgreSQL server, or (None) SQLite's, in the folder."""
    if server is None:
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    name = f"cse_bench_{uuid4().hex[:16]}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        url = make_url(server).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def unreachable(server: str) -> str | None:
    """Why the server cannot be used; None where it can."""
    try:
        psycopg.connect(_conninfo(server), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(_conninfo(server), autocommit=True) as conn:
        conn.execute(statement.encode())


def _conninfo(server: str) -> str:
    return make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
