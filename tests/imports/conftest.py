"""A store with its tables, files to import into it, and a short way to do so."""

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.imports.report import ImportReport
from app.imports.run import run_import
from app.store import versions
from app.store.engine import Store
from app.store.tables import TABLES
from tests.databases import DATABASES, new_store

TODAY = dt.date(2026, 3, 10)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
UTC = ZoneInfo("UTC")

Files = Mapping[str, str | bytes]


class Desk:
    """A store, a folder for files, and what tests do with them."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder

    def write(self, files: Files) -> Path:
        """A folder that holds these files and nothing else."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in files.items():
            (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return self.folder

    def load(self, files: Files, **options: Any) -> ImportReport:
        return self.run(self.write(files), **options)

    def run(self, path: Path, **options: Any) -> ImportReport:
        settled: dict[str, Any] = {"now": NOW, "zone": UTC, "actor": "test"}
        return run_import(self.store, path, **settled | options)

    @property
    def version(self) -> int:
        with self.store.reading() as conn:
            return versions.current(conn)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """These columns of the believed rows, sorted, unknown last."""
        t = TABLES[table]
        with self.store.reading() as conn:
            seen = versions.visibility(conn, versions.current(conn))
            query = sa.select(*(t.c[name] for name in columns)).where(versions.believed(t, seen))
            rows = [tuple(row) for row in conn.execute(query)]
        return sorted(rows, key=lambda row: [(cell is None, cell) for cell in row])

    def feeds(self) -> dict[str, tuple[str, str | None]]:
        """By table: covered through and newest fact, as ISO dates."""
        return {
            table: tuple(dt.date.fromordinal(day).isoformat() if day else None for day in days)  # type: ignore[misc]
            for table, *days in self.rows("feed", "table_name", "covered_through", "newest_on")
        }

    def all_rows(self) -> int:
        """How many rows of customer data there are, believed or not."""
        with self.store.reading() as conn:
            tables = [t for t in TABLES.values() if "until" in t.c]
            return sum(conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in tables)


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Each test runs on every kind of database."""
    return str(request.param)


@contextmanager
def new_desk(database: str, folder: Path) -> Iterator[Desk]:
    with new_store(database, folder) as store:
        yield Desk(store, folder / "files")


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with new_desk(database, tmp_path) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk on SQLite for all examples of a property that leaves the same data behind each time."""
    with new_desk("sqlite", tmp_path_factory.mktemp("desks")) as shared:
        yield shared
