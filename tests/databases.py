"""Both databases for tests: stores that have their tables and nothing in them."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.store.engine import Store
from tests.postgres import postgres_database

DATABASES = ("sqlite", "postgresql")


@contextmanager
def empty_database(database: str, folder: Path) -> Iterator[str]:
    """The URL of such a database, one of DATABASES; SQLite's file is in `folder`. Without PostgreSQL the test skips."""
    if database == "sqlite":
        shutil.copy(_migrated_file(), folder)
        yield f"sqlite:///{folder / _migrated_file().name}"
        return
    with postgres_database() as url:
        yield url


@contextmanager
def new_store(database: str, folder: Path) -> Iterator[Store]:
    """A store over such a database."""
    with empty_database(database, folder) as url:
        store = Store(url, folder)
        try:
            yield store
        finally:
            store.close()


def url_of(store: Store) -> str:
    """A store's URL as it can be opened again."""
    return store.engine.url.render_as_string(hide_password=False)


@functools.cache
def _migrated_file() -> Path:
    """Copying it is faster than migrating."""
    folder = Path(tempfile.mkdtemp(prefix="cse-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = Store(f"sqlite:///{folder / 'cse.db'}", folder)
    store.migrate()
    store.close()
    return folder / "cse.db"
