"""Imports: files become customer data, at once for the command line, as a job for HTTP."""

import asyncio
import datetime as dt
import errno
import logging
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.events import ProblemDetail
from app.domain.problems import INVALID_CURSOR, Conflict, Forbidden, InvalidArguments, NotFound, Problem
from app.imports.preview import Preview as Preview  # channels take it from here
from app.imports.preview import preview
from app.imports.profile import Profile
from app.imports.report import ImportReport
from app.imports.run import AtEnd, run_import
from app.imports.run import OnProgress as OnProgress  # channels take it from here
from app.resources import profiles
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import audit_log, job_rows, versions
from app.store.audit_log import Event
from app.store.engine import Busy
from app.store.job_rows import Job as Job  # channels take it from here
from app.store.job_rows import JobStatus

log = logging.getLogger(__name__)

LOST = ProblemDetail(
    code="interrupted", detail="The service was restarted during this import. Nothing of it was taken; send it again."
)
CANCELLED = ProblemDetail(code="cancelled", detail="The import was cancelled. Nothing of it was taken.")
DISK_FULL = ProblemDetail(
    code="disk_full",
    detail="The server's disk or database is full. Nothing of the import was taken; make room and send it again.",
)

MAX_FILES = 100
"""Of one upload. Its bytes in all are limited where the body is read: see `app.channels.body_limit`."""

PROGRESS_SECONDS = 1.0
"""A job's progress is written, and a wish to cancel it is read, at most this often."""

TRIES_TO_END = 5
"""A job that cannot be marked as ended would block all others; other writes may hold the database for a while."""

MAX_NAME_BYTES = 255
"""Of a file's name: what file systems take."""

UPLOADS = "uploads"
"""In the data folder: `uploads/<runner>/<job>/<file>`."""

POSTGRESQL_DISK_FULL = "53100"


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: see `cse import --help`."""

    profile: str | Profile | None = None  # by name, or one that was read
    dry_run: bool = False
    through: dt.date | None = None
    effective: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: BinaryIO


class JobPage(BaseModel):
    items: list[Job]
    next_cursor: str | None


class Ended(Exception):
    """The job is over before its import is."""

    def __init__(self, status: JobStatus, problem: ProblemDetail) -> None:
        super().__init__(status)
        self.status = status
        self.problem = problem


async def run_path(
    runtime: Runtime, principal: Principal, path: Path, options: Options, on_progress: OnProgress | None = None
) -> ImportReport:
    """Import a file or folder and wait for the report.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Problem: the path, the profile or a date is wrong, or another import is running (`import_running`).
    """
    _require_importer(principal)

    def at_end(conn: Connection, report: ImportReport) -> None:
        audit_log.record(conn, principal, _finished(report, None), runtime.clock())

    return await asyncio.to_thread(_run, runtime, principal, path, options, on_progress, at_end)


async def start(runtime: Runtime, principal: Principal, uploads: Sequence[Upload], options: Options) -> Job:
    """Keep the files and import them as a job.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Conflict: another import is running, here or on another server (`import_running`).
        InvalidArguments: a file has no usable name, or two have the same.
        Problem: there are too many files (`too_many_files`).
    """
    _require_importer(principal)
    names = _file_names(uploads)
    await asyncio.to_thread(_require_none_running, runtime)
    job_id = f"job_{uuid4().hex}"

    def write(conn: Connection) -> None:
        now = runtime.clock()
        runtime.lease.remove_lost(conn, now)
        job_rows.interrupt_lost(conn, LOST, now)
        job_rows.add(conn, job_id, "import", principal.key_id, runtime.lease.take(conn, now), now)
        details = {"files": len(uploads), "dry_run": options.dry_run}
        audit_log.record(conn, principal, Event("import.accepted", subject=job_id, details=details), now)

    try:
        await runtime.store.write(write)
    except IntegrityError:
        raise Conflict("Another import is running; wait until it has ended.", code="import_running") from None
    folder = runtime.settings.data_dir / UPLOADS / runtime.lease.runner / job_id
    try:
        await asyncio.to_thread(_keep, folder, names, uploads)
    except BaseException as error:
        log.exception("the files of import job %s cannot be kept", job_id)
        await asyncio.to_thread(_end, runtime, principal, job_id, "failed", _told(error, job_id))
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
    else:
        runtime.start_background(_job(runtime, principal, job_id, folder, options))
    return await get(runtime, principal, job_id)


async def get(runtime: Runtime, principal: Principal, job_id: str) -> Job:
    """A job of the caller's.

    Raises:
        NotFound: no such job of this caller.
    """
    job = await runtime.store.read(job_rows.get, job_id, principal.key_id)
    if job is None:
        raise NotFound(f"There is no job {job_id!r} of yours.", code="job_not_found")
    return job


async def list_jobs(runtime: Runtime, principal: Principal, limit: int, cursor: str | None) -> JobPage:
    """The caller's jobs, the newest first.

    Raises:
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """

    def read(conn: Connection) -> list[Job]:
        last = None if cursor is None else job_rows.get(conn, cursor, principal.key_id)
        if cursor is not None and last is None:
            raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
        return job_rows.list_jobs(conn, principal.key_id, limit + 1, last)

    items = await runtime.store.read(read)
    return JobPage(items=items[:limit], next_cursor=items[limit - 1].id if len(items) > limit else None)


async def cancel(runtime: Runtime, principal: Principal, job_id: str) -> Job:
    """Ask for a job's end, wherever it runs. It ends at its next step, with nothing taken; one that has ended stays.

    Raises:
        NotFound: no such job of this caller.
    """
    await get(runtime, principal, job_id)
    await runtime.store.write(job_rows.request_cancel, job_id, runtime.clock())
    return await get(runtime, principal, job_id)


def remove_uploads(runtime: Runtime, living: Collection[str]) -> None:
    """Remove the files of jobs whose process is not there any more."""
    parent = runtime.settings.data_dir / UPLOADS
    if not parent.is_dir():
        return
    for folder in parent.iterdir():
        if folder.name not in living and folder.name != runtime.lease.runner:
            shutil.rmtree(folder, ignore_errors=True)


async def preview_path(runtime: Runtime, principal: Principal, path: Path, profile: Profile) -> Preview:
    """What an import of a file or folder would make of its first rows. Nothing is written.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Problem: nothing can be read at the path.
    """
    _require_importer(principal)
    return await asyncio.to_thread(_preview, runtime, path, profile)


async def preview_uploads(
    runtime: Runtime, principal: Principal, uploads: Sequence[Upload], profile: str | None
) -> Preview:
    """Like `preview_path`, of uploaded files and a profile by name; the files are gone afterwards.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        InvalidArguments: a file has no usable name, or two have the same.
        Problem: the profile is unknown or wrong, or none of the files can be read.
    """
    _require_importer(principal)
    chosen, names = _profile(runtime, profile), _file_names(uploads)

    def run() -> Preview:
        parent = runtime.settings.data_dir / UPLOADS / runtime.lease.runner
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
            files = Path(folder) / "files"
            _keep(files, names, uploads)
            return _preview(runtime, files, chosen)

    return await asyncio.to_thread(run)


def _preview(runtime: Runtime, path: Path, profile: Profile) -> Preview:
    return preview(runtime.store, path, profile, now=runtime.clock(), zone=runtime.settings.zone)


def _profile(runtime: Runtime, given: str | Profile | None) -> Profile:
    return given if isinstance(given, Profile) else profiles.by_name(runtime, given)


def _require_importer(principal: Principal) -> None:
    principal.require("cse", "Importing data")
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot import; use one for all accounts.")


def _require_none_running(runtime: Runtime) -> None:
    """The command line's imports are no jobs, but hold the lock; the job takes it itself."""
    with versions.import_lock(runtime.store, wait_seconds=0):
        pass


def _run(
    runtime: Runtime,
    principal: Principal,
    path: Path,
    options: Options,
    on_progress: OnProgress | None,
    at_end: AtEnd | None,
) -> ImportReport:
    return run_import(
        runtime.store,
        path,
        profile=_profile(runtime, options.profile),
        dry_run=options.dry_run,
        through=options.through,
        effective=options.effective,
        now=runtime.clock(),
        zone=runtime.settings.zone,
        actor=principal.name,
        on_progress=on_progress,
        at_end=at_end,
    )


async def _job(runtime: Runtime, principal: Principal, job_id: str, folder: Path, options: Options) -> None:
    """The job's task: whatever happens, the row is finished and the files are gone."""
    watched = _Watched(runtime, principal, job_id)
    try:
        await asyncio.to_thread(_run, runtime, principal, folder, options, watched.on_progress, watched.at_end)
    except Ended as ended:
        await asyncio.to_thread(_end, runtime, principal, job_id, ended.status, ended.problem)
    except Exception as error:
        await asyncio.to_thread(_end, runtime, principal, job_id, "failed", _told(error, job_id))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Watched:
    """Watches over a job's import: tells how far it is, ends it where it is to end, and notes its report."""

    def __init__(self, runtime: Runtime, principal: Principal, job_id: str) -> None:
        self._runtime = runtime
        self._principal = principal
        self._job_id = job_id
        self._progress: dict[str, Any] = {}
        self._told_at: float | None = None

    def on_progress(self, file: str, rows: int, done: int, total: int) -> None:
        """
        Raises:
            Ended: the job was cancelled, or the service ends.
        """
        if self._runtime.ending.is_set():
            raise Ended("interrupted", LOST)
        percent = round(100 * done / total, 1) if total else None
        self._progress = {"file": file, "rows": rows, "bytes": done, "of_bytes": total, "percent": percent}
        now = time.monotonic()
        if self._told_at is not None and now - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = now
        with suppress(Busy), self._runtime.store.writing() as conn:  # the next step tells it too
            self._go_on(conn)

    def at_end(self, conn: Connection, report: ImportReport) -> None:
        """The report is kept if and only if the import is.

        Raises:
            Ended: the job was cancelled at the last moment, or was taken for lost.
        """
        self._go_on(conn)
        now = self._runtime.clock()
        job_rows.end(conn, self._job_id, "done", report.as_json(), now)
        audit_log.record(conn, self._principal, _finished(report, self._job_id), now)

    def _go_on(self, conn: Connection) -> None:
        may_go_on = job_rows.may_go_on(conn, self._job_id)
        if may_go_on is None:
            raise Ended("interrupted", LOST)
        if not may_go_on:
            raise Ended("cancelled", CANCELLED)
        job_rows.advance(conn, self._job_id, self._progress, self._runtime.clock())


def _finished(report: ImportReport, job_id: str | None) -> Event:
    """An import as the audit log tells it: what became of how many rows."""
    details = {
        "dry_run": report.dry_run,
        "data_version": report.version if report.placed else None,
        "tables": {table: counts.numbers() for table, counts in report.tables.items()},
        "rejected": report.error_count,
    }
    return Event("import.finished", subject=job_id, details=details)


def _end(runtime: Runtime, principal: Principal, job_id: str, status: JobStatus, problem: ProblemDetail) -> None:
    """Mark a job as ended without a report."""
    for _ in range(TRIES_TO_END):
        with suppress(Problem), runtime.store.writing() as conn:
            now = runtime.clock()
            job_rows.end(conn, job_id, status, job_rows.problem_result(problem), now)
            details = {"status": status, "error": problem.code}
            audit_log.record(conn, principal, Event("import.failed", subject=job_id, details=details), now)
            return
    log.error("import job %s ended as %s, and the database does not take it", job_id, status)


def _told(error: BaseException, job_id: str) -> ProblemDetail:
    """What the job's owner is told of what ended it."""
    if any(_is_disk_full(cause) for cause in _causes(error)):
        return DISK_FULL
    if isinstance(error, Problem):
        return ProblemDetail(code=error.code, detail=error.detail, extra=error.extra)
    if isinstance(error, OSError):
        detail = f"The uploaded files cannot be kept or read: {error.strerror}. Nothing was taken; send them again."
        return ProblemDetail(code="file_unreadable", detail=detail)
    log.error("import job %s failed", job_id, exc_info=error)
    return ProblemDetail(code="internal_error", detail=f"The import failed on our side; report {job_id}.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return "disk is full" in str(error.orig) or getattr(error.orig, "sqlstate", None) == POSTGRESQL_DISK_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _file_names(uploads: Sequence[Upload]) -> list[str]:
    """The last parts of the uploads' names, under which they are kept."""
    if len(uploads) > MAX_FILES:
        raise Problem(
            f"These are {len(uploads)} files; one import takes {MAX_FILES} at most. Send the tables that are known.",
            code="too_many_files",
            status=413,
        )
    names: list[str] = []
    for upload in uploads:
        name = PureWindowsPath(PurePosixPath(upload.name).name).name
        if not name or name.startswith(".") or "\0" in name or len(name.encode()) > MAX_NAME_BYTES or name in names:
            raise InvalidArguments(f"The file name {upload.name!r} cannot be used; name each file after its table.")
        names.append(name)
    return names


def _keep(folder: Path, names: Sequence[str], uploads: Sequence[Upload]) -> None:
    folder.mkdir(parents=True)
    for name, upload in zip(names, uploads, strict=True):
        with (folder / name).open("xb") as file:
            shutil.copyfileobj(upload.content, file)
