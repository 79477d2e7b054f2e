"""A store with its tables, and a short way to write to it and to take snapshots of it."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, event

from app.domain.records import Record
from app.domain.snapshot import AccountSnapshot, PortfolioSnapshot
from app.store import snapshots, versions
from app.store.engine import Store
from app.store.versions import Counts
from tests.databases import DATABASES, new_store

TODAY = dt.date(2026, 3, 10)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
UTC = ZoneInfo("UTC")

Tables = Mapping[str, Sequence[Record]]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str) -> dt.datetime:
    """An instant in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


class World:
    """A store and what tests do with it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, kind: str = "import") -> int:
        with self.store.writing() as conn:
            return versions.begin_write(conn, kind, "test", NOW, "")

    def put(
        self, write_id: int, table: str, *records: Record, source: str = "crm", effective: dt.date = TODAY
    ) -> Counts:
        with self.store.writing() as conn:
            return versions.put(conn, write_id, table, records, source, effective)

    def place(self, write_id: int) -> int:
        with self.store.writing() as conn:
            return versions.place(conn, write_id)

    def write(
        self,
        tables: Tables,
        *,
        source: str = "crm",
        effective: dt.date = TODAY,
        covered: Mapping[str, dt.date] | None = None,
    ) -> int:
        """A whole write; the version it made."""
        with self.store.writing() as conn:
            write_id = versions.begin_write(conn, "test", "test", NOW, "")
            for table, records in tables.items():
                versions.put(conn, write_id, table, records, source, effective)
            for table, through in (covered or {}).items():
                versions.set_feed(conn, write_id, source, table, through, through)
            return versions.place(conn, write_id)

    def current(self) -> int:
        with self.store.reading() as conn:
            return versions.current(conn)

    def portfolio(
        self,
        as_of: dt.date = TODAY,
        n: int | None = None,
        scope: frozenset[str] | None = None,
        zone: ZoneInfo = UTC,
    ) -> PortfolioSnapshot:
        with self.store.reading() as conn:
            version = versions.current(conn) if n is None else n
            return snapshots.build_portfolio(conn, scope, as_of, version, zone)

    def account(
        self,
        account_id: str = "a",
        as_of: dt.date = TODAY,
        n: int | None = None,
        scope: frozenset[str] | None = None,
        zone: ZoneInfo = UTC,
    ) -> AccountSnapshot:
        with self.store.reading() as conn:
            version = versions.current(conn) if n is None else n
            return snapshots.build_account(conn, account_id, scope, as_of, version, zone)


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Each test runs on every kind of database."""
    return str(request.param)


@contextmanager
def new_world(database: str) -> Iterator[World]:
    with TemporaryDirectory() as folder, new_store(database, Path(folder)) as store:
        yield World(store)


@pytest.fixture
def world(database: str) -> Iterator[World]:
    with new_world(database) as fresh:
        yield fresh


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plain(value: Any) -> Any:
    """A snapshot as plain values that can be compared: arrays as lists, NaN and NaT as None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return [None if item != item else item for item in value.tolist()]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
