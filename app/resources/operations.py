"""Operations on the whole database, for whoever can run the command line: backup and restore."""

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from app.domain.problems import Conflict, Problem
from app.resources.erasure import erase_again
from app.runtime import seal_of
from app.security.principals import LOCAL
from app.security.seal import AnchorUnusable, Head, KeyUnusable, Seal
from app.settings import Settings
from app.store import anchoring, audit_log
from app.store import backup as backups
from app.store.audit_log import Event
from app.store.backup import Manifest as Manifest  # channels take it from here
from app.store.engine import Store
from app.store.migrations.upgrade import revisions
from app.store.purging import purge
from app.store.tables import TABLES


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
                manifest = backups.write_backup(store, file, now)
                _record_backup(store, path, file, manifest, now)
                return manifest
        except FileExistsError:
            raise Conflict(f"{path} is there already; choose another name.", code="file_exists") from None
        except OSError as error:
            detail = f"{path} cannot be written: {error.strerror}."
            raise Problem(detail, code="file_unwritable", status=422) from error


def _record_backup(store: Store, path: Path, file: BufferedRandom, manifest: Manifest, now: dt.datetime) -> None:
    """Tell the audit log where the backup is. A database of an older schema may have no log yet.

    Where the log's key is lost, a backup and its restore are the way to go on: then it is made untold.
    """
    if manifest.schema_revision != revisions()[0]:
        return
    file.seek(0)
    details = {
        "path": str(path.resolve()),
        "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        "rows": manifest.rows,
        "data_version": manifest.version_n,
    }
    with contextlib.suppress(KeyUnusable), store.writing() as conn:
        audit_log.record(conn, LOCAL, Event("backup.made", details=details), now)


class Restored(Manifest):
    """What a restore put there; `erased_again` counts the people who were erased since the backup was made."""

    erased_again: int


def restore(settings: Settings, path: Path, *, force: bool, now: dt.datetime) -> Restored:
    """Put a backup in the place of all that the database holds; where it fails, the database is as it was.

    The audit log is the backup's then. It goes on with an event that tells where the one before had ended, and the
    anchor moves to that. People who were erased from the database before are erased from the backup's data as well.

    Raises:
        Problem: see `app.store.backup.restore`.
        AnchorUnusable, KeyUnusable: the restore cannot be audited.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    erased_again = 0

    def at_end(conn: Connection, manifest: Manifest, before: Head) -> None:
        details = {
            "path": str(path.resolve()),
            "made_at": manifest.created_at,
            "rows": manifest.rows,
            "data_version": manifest.version_n,
            "head_before": before.seq,
            "digest_before": before.digest,
            **_anchored(store.seal),
        }
        anchoring.take_as_it_is(conn)
        audit_log.record(conn, LOCAL, Event(audit_log.RESTORED, details=details), now)
        nonlocal erased_again
        erased_again = erase_again(conn, LOCAL, now)

    with _store(settings, must_exist=False) as store:
        manifest = backups.restore(store, path, force=force, at_end=at_end)
        if erased_again:
            purge(store, TABLES)
    return Restored(**dict(manifest), erased_again=erased_again)


def _anchored(seal: Seal) -> dict[str, Any]:
    """What the anchor knew before: where it was ahead of the log, or saw a break, that stays told."""
    try:
        anchor = seal.read()
    except AnchorUnusable:
        return {"anchor_before": "unreadable"}
    if anchor is None:
        return {"anchor_before": None}
    return {"anchor_before": anchor.head.seq, "broken_before": anchor.broken.went_on_at if anchor.broken else None}


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
def _new_file(path: Path) -> Iterator[BufferedRandom]:
    """A file that appears under its name when the block has ended well, and is gone when it has not."""
    if path.exists():
        raise FileExistsError
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a renaming, it refuses a name that was taken meanwhile
    finally:
        part.unlink(missing_ok=True)
