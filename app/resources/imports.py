"""Imports: files become customer data, at once for the command line, as a job for HTTP."""

import asyncio
import datetime as dt
import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO
from uuid import uuid4

from app.domain.events import ProblemDetail
from app.domain.problems import Forbidden, InvalidArguments, NotFound, Problem
from app.imports.report import ImportReport
from app.imports.run import OnProgress as OnProgress  # channels take it from here
from app.imports.run import run_import
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import job_rows, versions
from app.store.job_rows import Job as Job  # channels take it from here

log = logging.getLogger(__name__)

LOST = ProblemDetail(
    code="interrupted", detail="The service was restarted during this import. Nothing of it was taken; send it again."
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: see `cse import --help`."""

    profile: str | None = None
    dry_run: bool = False
    through: dt.date | None = None
    effective: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: BinaryIO


async def run_path(
    runtime: Runtime, principal: Principal, path: Path, options: Options, on_progress: OnProgress | None = None
) -> ImportReport:
    """Import a file or folder and wait for the report.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Problem: the path, the profile or a date is wrong, or another import is running (`import_running`).
    """
    _require_importer(principal)
    return await asyncio.to_thread(_run, runtime, principal, path, options, on_progress)


async def start(runtime: Runtime, principal: Principal, uploads: Sequence[Upload], options: Options) -> Job:
    """Keep the files and import them as a job.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Conflict: another import is running (`import_running`).
        InvalidArguments: a file has no usable name, or two have the same.
    """
    _require_importer(principal)
    with versions.import_lock(runtime.store):
        pass  # told at once, with 409; the job takes the lock itself
    folder = await asyncio.to_thread(_keep, runtime.settings.data_dir, uploads)
    job_id = f"job_{uuid4().hex}"
    await runtime.store.write(job_rows.add, job_id, "import", principal.key_id, runtime.clock())
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


async def interrupt_lost(runtime: Runtime) -> None:
    """At the server's start: jobs that an earlier server was running did not survive it."""
    await runtime.store.write(job_rows.interrupt_running, LOST, runtime.clock())


def _require_importer(principal: Principal) -> None:
    principal.require("cse", "Importing data")
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot import; use one for all accounts.")


def _run(
    runtime: Runtime, principal: Principal, path: Path, options: Options, on_progress: OnProgress | None
) -> ImportReport:
    return run_import(
        runtime.store,
        path,
        profile=options.profile,
        dry_run=options.dry_run,
        through=options.through,
        effective=options.effective,
        now=runtime.clock(),
        zone=runtime.settings.zone,
        actor=principal.name,
        on_progress=on_progress,
    )


async def _job(runtime: Runtime, principal: Principal, job_id: str, folder: Path, options: Options) -> None:
    """The job's task: whatever happens, the row is finished and the files are gone."""
    store, clock = runtime.store, runtime.clock

    def on_progress(file: str, rows: int, done: int, total: int) -> None:
        with store.writing() as conn:
            job_rows.advance(conn, job_id, {"file": file, "rows": rows, "bytes": done, "of_bytes": total}, clock())

    try:
        report = await asyncio.to_thread(_run, runtime, principal, folder, options, on_progress)
        await store.write(job_rows.finish, job_id, report.as_json(), clock())
    except Problem as problem:
        told = ProblemDetail(code=problem.code, detail=problem.detail, extra=problem.extra)
        await store.write(job_rows.fail, job_id, told, clock())
    except Exception:
        log.exception("import job %s failed", job_id)
        told = ProblemDetail(code="internal_error", detail=f"The import failed on our side; report {job_id}.")
        await store.write(job_rows.fail, job_id, told, clock())
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _keep(data_dir: Path, uploads: Sequence[Upload]) -> Path:
    """Copy uploads into a folder of their own, under the last part of their names."""
    parent = data_dir / "uploads"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    for upload in uploads:
        name = PureWindowsPath(PurePosixPath(upload.name).name).name
        target = folder / name
        if not name or name.startswith(".") or target.exists():
            shutil.rmtree(folder)
            raise InvalidArguments(f"The file name {upload.name!r} cannot be used; name each file after its table.")
        with target.open("xb") as file:
            shutil.copyfileobj(upload.content, file)
    return folder
