"""Jobs in the database: work that outlives a request."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select, update

from app.domain.events import ProblemDetail
from app.store.tables import TABLES

JOBS = TABLES["job"]

JobStatus = Literal["running", "done", "failed"]


class Job(BaseModel):
    """`progress` while it runs; then `result`: the import report, or the problem that ended it."""

    model_config = ConfigDict(frozen=True)
    id: str
    kind: str
    status: JobStatus
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: dt.datetime
    finished_at: dt.datetime | None


def add(conn: Connection, job_id: str, kind: str, owner: str, now: dt.datetime) -> None:
    conn.execute(
        insert(JOBS).values(id=job_id, kind=kind, owner_key_id=owner, status="running", created_at=now, updated_at=now)
    )


def get(conn: Connection, job_id: str, owner: str) -> Job | None:
    """The owner's job of that id."""
    query = select(*(JOBS.c[name] for name in Job.model_fields)).where(
        JOBS.c.id == job_id, JOBS.c.owner_key_id == owner
    )
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else Job.model_validate(dict(row))


def advance(conn: Connection, job_id: str, progress: dict[str, Any], now: dt.datetime) -> None:
    conn.execute(update(JOBS).where(JOBS.c.id == job_id).values(progress=progress, updated_at=now))


def finish(conn: Connection, job_id: str, result: dict[str, Any], now: dt.datetime) -> None:
    conn.execute(
        update(JOBS).where(JOBS.c.id == job_id).values(status="done", result=result, updated_at=now, finished_at=now)
    )


def fail(conn: Connection, job_id: str, problem: ProblemDetail, now: dt.datetime) -> None:
    result = {"problem": problem.model_dump(mode="json")}
    conn.execute(
        update(JOBS).where(JOBS.c.id == job_id).values(status="failed", result=result, updated_at=now, finished_at=now)
    )


def interrupt_running(conn: Connection, problem: ProblemDetail, now: dt.datetime) -> None:
    """End the jobs that an earlier server left running."""
    for job_id in conn.execute(select(JOBS.c.id).where(JOBS.c.status == "running")).scalars().all():
        fail(conn, job_id, problem, now)
