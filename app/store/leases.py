"""Leases of running work: which process runs a turn, a job or a request, and whether that process is still there.

A process has one row in `runner`, written with the first work it begins and renewed with each beat. What it runs names
that row. A row that was not renewed in time is removed, and running work whose row is gone was lost with its process.
With SQLite a lock file tells at once. Why: docs/decisions/0009-running-work.md.
"""

import datetime as dt
import threading
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from app.store.engine import Store
from app.store.tables import TABLES

RUNNERS = TABLES["runner"]

BEAT_SECONDS = 3.0
LEASE = dt.timedelta(seconds=30)
"""Ten beats: a process that stays silent for so long is taken for dead."""

FOLDER = "runners"
"""Lock files, in the data folder."""


class Lease:
    """This process as one that runs things. `runner` is its id, new with each start."""

    def __init__(self, store: Store) -> None:
        self.runner = f"runner_{uuid4().hex}"
        self.is_taken = False
        self._store = store
        self._lock_file: FileLock | None = None
        self._starting = threading.Lock()

    def take(self, conn: Connection, now: dt.datetime) -> str:
        """The runner's id, for work that the same write transaction begins."""
        with self._starting:
            if not self.is_taken:
                self._lock_file = _locked(_path(self._store, self.runner)) if _has_lock_files(self._store) else None
                self.is_taken = True
        if conn.execute(select(RUNNERS.c.id).where(RUNNERS.c.id == self.runner)).first() is None:
            conn.execute(insert(RUNNERS).values(id=self.runner, expires_at=now + LEASE))
        return self.runner

    def renew(self, conn: Connection, now: dt.datetime) -> None:
        conn.execute(update(RUNNERS).where(RUNNERS.c.id == self.runner).values(expires_at=now + LEASE))

    def end(self, conn: Connection) -> None:
        """Give the lease back; nothing runs here any more."""
        conn.execute(delete(RUNNERS).where(RUNNERS.c.id == self.runner))

    def release(self) -> None:
        """Let go of the lock file, as the operating system does when the process dies."""
        if self._lock_file is not None:
            self._lock_file.release()

    def remove_lost(self, conn: Connection, now: dt.datetime) -> None:
        """Remove the rows of other processes that are not there any more."""
        expired = RUNNERS.c.expires_at <= now
        if _has_lock_files(self._store):
            gone, held = _probe(self._store.data_dir / FOLDER)
            expired = or_(RUNNERS.c.id.in_(gone), and_(expired, RUNNERS.c.id.not_in(held)))
        conn.execute(delete(RUNNERS).where(RUNNERS.c.id != self.runner, expired))


def is_lost(runner: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether the process named in this column of running work is not there any more; see `Lease.remove_lost`."""
    return or_(runner.is_(None), runner.not_in(select(RUNNERS.c.id)))


def living(conn: Connection) -> frozenset[str]:
    """The ids of all processes that run something."""
    return frozenset(conn.execute(select(RUNNERS.c.id)).scalars())


def _has_lock_files(store: Store) -> bool:
    """All processes on a SQLite database share a disk, whose locks SQLite itself relies on."""
    return store.engine.dialect.name == "sqlite"


def _path(store: Store, runner: str) -> Path:
    return store.data_dir / FOLDER / f"{runner}.lock"


def _locked(path: Path) -> FileLock:
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path, timeout=0, thread_local=False)
    lock.acquire()
    return lock


def _probe(folder: Path) -> tuple[list[str], list[str]]:
    """The runners whose lock file nobody holds any more, and those that hold theirs. Files of the first are removed."""
    gone, held = [], []
    for path in folder.glob("*.lock"):
        try:
            lock = _locked(path)
        except Timeout:
            held.append(path.stem)
            continue
        gone.append(path.stem)
        path.unlink(missing_ok=True)
        lock.release()
    return gone, held
