"""Operations on the whole database, for whoever can run the command line: backup and restore."""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import uuid4

from app.domain.problems import Conflict, Problem
from app.runtime import seal_of
from app.settings import Settings
from app.store import backup as backups
from app.store.backup import Manifest as Manifest  # channels take it from here
from app.store.engine import Store


def backup(settings: Settings, path: Path, now: dt.datetime) -> Manifest:
    """Write the whole database to a new file that its owner alone may read. It works beside a running service.

    The file gets its name when it is whole.

    Raises:
        Conflict: there is a file of that name (`file_exists`).
        Problem: the file cannot be written (`file_unwritable`), or there are no tables yet (`nothing_to_back_up`).
        DatabaseUnavailable: the database cannot be reached.
    """
    with _store(settings, must_exist=True) as store:
        try:
            with _new_file(path) as file:
                return backups.write_backup(store, file, now)
        except FileExistsError:
            raise Conflict(f"{path} is there already; choose another name.", code="file_exists") from None
        except OSError as error:
            detail = f"{path} cannot be written: {error.strerror}."
            raise Problem(detail, code="file_unwritable", status=422) from error


def restore(settings: Settings, path: Path, *, force: bool) -> Manifest:
    """Put a backup in the place of all that the database holds; where it fails, the database is as it was.

    Raises:
        Problem: see `app.store.backup.restore`.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _store(settings, must_exist=False) as store:
        return backups.restore(store, path, force=force)


@contextlib.contextmanager
def _store(settings: Settings, *, must_exist: bool) -> Iterator[Store]:
    store = Store(settings.store_url, settings.data_dir, seal_of(settings))
    try:
        file = store.sqlite_file
        if must_exist and file is not None and not file.exists():
            raise Problem(f"There is no database at {file}: see CSE_DATA_DIR and CSE_DATABASE_URL.", code="no_database")
        yield store
    finally:
        store.close()


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when the block has ended well, and is gone when it has not."""
    if path.exists():
        raise FileExistsError
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a renaming, it refuses a name that was taken meanwhile
    finally:
        part.unlink(missing_ok=True)
