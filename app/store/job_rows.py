"""Jobs in the database: work that outlives a request. What has ended stays as it is."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select, tuple_, update

from app.domain.events import ProblemDetail
from app.store import leases
from app.store.tables import TABLES

JOBS = TABLES["job"]

JobStatus = Literal["running", "done", "failed", "cancelled", "interrupted"]


class Job(BaseModel):
    """`progress` of an import: `file`, `rows`, `bytes`, `of_bytes` and `percent` of the bytes. `result` comes at the
    end: the import's report, or the `problem` that ended it."""

    model_config = ConfigDict(frozen=True)
    id: str
    kind: str
    status: JobStatus
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: dt.datetime
    cancel_requested_at: dt.datetime | None
    finished_at: dt.datetime | None


def add(conn: Connection, job_id: str, kind: str, owner: str, runner: str, now: dt.datetime) -> None:
    """Write a job as running. The database refuses a second running import (IntegrityError)."""
    values = {"id": job_id, "kind": kind, "owner_key_id": owner, "runner": runner}
    conn.execute(insert(JOBS).values(**values, status="running", created_at=now, updated_at=now))


def get(conn: Connection, job_id: str, owner: str) -> Job | None:
    """The owner's job of that id."""
    query = select(*_columns()).where(JOBS.c.id == job_id, JOBS.c.owner_key_id == owner)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else Job.model_validate(dict(row))


def list_jobs(conn: Connection, owner: str, limit: int, after: Job | None) -> list[Job]:
    """The owner's jobs, the newest first, from the one behind `after`."""
    query = select(*_columns()).where(JOBS.c.owner_key_id == owner)
    if after is not None:
        query = query.where(tuple_(JOBS.c.created_at, JOBS.c.id) < tuple_(after.created_at, after.id))
    query = query.order_by(JOBS.c.created_at.desc(), JOBS.c.id.desc()).limit(limit)
    return [Job.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def advance(conn: Connection, job_id: str, progress: dict[str, Any], now: dt.datetime) -> None:
    conn.execute(_running(job_id).values(progress=progress, updated_at=now))


def request_cancel(conn: Connection, job_id: str, now: dt.datetime) -> None:
    """Ask whoever runs it to end it; the first request counts."""
    conn.execute(_running(job_id).where(JOBS.c.cancel_requested_at.is_(None)).values(cancel_requested_at=now))


def may_go_on(conn: Connection, job_id: str) -> bool | None:
    """Whether nobody asked to cancel the running job; None where it was ended from outside."""
    query = select(JOBS.c.cancel_requested_at).where(JOBS.c.id == job_id, JOBS.c.status == "running")
    row = conn.execute(query).one_or_none()
    return None if row is None else row[0] is None


def end(conn: Connection, job_id: str, status: JobStatus, result: dict[str, Any], now: dt.datetime) -> None:
    conn.execute(_running(job_id).values(status=status, result=result, updated_at=now, finished_at=now))


def interrupt_lost(conn: Connection, problem: ProblemDetail, now: dt.datetime) -> None:
    """End the jobs whose process is not there any more: see `leases.Lease.remove_lost`."""
    conn.execute(
        update(JOBS)
        .where(JOBS.c.status == "running", leases.is_lost(JOBS.c.runner))
        .values(status="interrupted", result=problem_result(problem), updated_at=now, finished_at=now)
    )


def problem_result(problem: ProblemDetail) -> dict[str, Any]:
    """The result of a job that ended with a problem."""
    return {"problem": problem.model_dump(mode="json")}


def _columns() -> list[Any]:
    return [JOBS.c[name] for name in Job.model_fields]


def _running(job_id: str) -> Any:
    return update(JOBS).where(JOBS.c.id == job_id, JOBS.c.status == "running")
