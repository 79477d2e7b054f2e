"""Threads and turns in the database. Ownership is checked by the callers, in `app.resources.turns`."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from app.domain.events import Answer, ProblemDetail
from app.store import leases
from app.store.attachment_rows import Attached
from app.store.tables import TABLES

THREADS, TURNS = TABLES["thread"], TABLES["turn"]

Status = Literal["running", "done", "failed", "stopped", "interrupted"]


class Thread(BaseModel):
    """A conversation as its owner sees it."""

    model_config = ConfigDict(frozen=True)
    id: str
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime
    account_id: str | None


class StoredTurn(BaseModel):
    """A turn as it was recorded; (as_of, version_n, parameters_version) replay it.

    `message` is as typed, its credentials masked; `attachments` are the files that came with it.
    """

    model_config = ConfigDict(frozen=True)
    id: str
    thread_id: str | None
    number: int
    message: str
    attachments: tuple[Attached, ...] = ()
    status: Status
    command: str | None
    account_id: str | None
    as_of: dt.date | None
    version_n: int | None
    parameters_version: str | None
    answer: Answer | None
    problem: ProblemDetail | None
    started_at: dt.datetime
    finished_at: dt.datetime | None


def add_thread(
    conn: Connection, thread_id: str, owner: str, title: str, conversation: str | None, now: dt.datetime
) -> None:
    conn.execute(
        insert(THREADS).values(
            id=thread_id, owner_key_id=owner, title=title, conversation=conversation, created_at=now, updated_at=now
        )
    )


def find_conversation(conn: Connection, owner: str, conversation: str) -> str | None:
    """The owner's thread of that name; of several the one used last."""
    query = select(THREADS.c.id).where(THREADS.c.owner_key_id == owner, THREADS.c.conversation == conversation)
    found: str | None = conn.execute(query.order_by(THREADS.c.updated_at.desc()).limit(1)).scalar_one_or_none()
    return found


def name_conversation(conn: Connection, thread_id: str, conversation: str) -> None:
    conn.execute(update(THREADS).where(THREADS.c.id == thread_id).values(conversation=conversation))


def owner_of_thread(conn: Connection, thread_id: str) -> str | None:
    return conn.execute(select(THREADS.c.owner_key_id).where(THREADS.c.id == thread_id)).scalar_one_or_none()


def owner_of_turn(conn: Connection, turn_id: str) -> str | None:
    return conn.execute(select(TURNS.c.owner_key_id).where(TURNS.c.id == turn_id)).scalar_one_or_none()


def pending_of(conn: Connection, thread_id: str) -> dict[str, Any] | None:
    """What the thread's last question waits for."""
    pending: dict[str, Any] | None = conn.execute(
        select(THREADS.c.pending).where(THREADS.c.id == thread_id)
    ).scalar_one_or_none()
    return pending


def get_thread(conn: Connection, thread_id: str) -> Thread:
    return Thread.model_validate(dict(conn.execute(_thread_query().where(THREADS.c.id == thread_id)).one()._mapping))


def list_threads(conn: Connection, owner: str, limit: int, cursor: str | None) -> list[Thread]:
    """The owner's threads, the last used first; `cursor` is the last id of the page before."""
    query = _thread_query().where(THREADS.c.owner_key_id == owner)
    if cursor is not None:
        last = select(THREADS.c.updated_at, THREADS.c.id).where(THREADS.c.id == cursor).subquery()
        query = query.where(
            sa.or_(
                THREADS.c.updated_at < select(last.c.updated_at).scalar_subquery(),
                sa.and_(THREADS.c.updated_at == select(last.c.updated_at).scalar_subquery(), THREADS.c.id < cursor),
            )
        )
    query = query.order_by(THREADS.c.updated_at.desc(), THREADS.c.id.desc()).limit(limit)
    return [Thread.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def add_turn(
    conn: Connection,
    turn_id: str,
    thread_id: str | None,
    owner: str,
    message: str,
    channel: str,
    now: dt.datetime,
    runner: str | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """Write a turn as running. The database refuses a second running turn of a thread (IntegrityError).

    `runner` is the process that runs it; one that ends in the same transaction needs none.
    """
    number = 1
    if thread_id is not None:
        newest = conn.execute(select(func.max(TURNS.c.number)).where(TURNS.c.thread_id == thread_id)).scalar_one()
        number = (newest or 0) + 1
    conn.execute(
        insert(TURNS).values(
            id=turn_id,
            thread_id=thread_id,
            owner_key_id=owner,
            number=number,
            channel=channel,
            message=message,
            attachments=[file.model_dump() for file in attachments] or None,
            status="running",
            started_at=now,
            runner=runner,
        )
    )


def finish(conn: Connection, answer: Answer, version: int | None, parameters_version: str, now: dt.datetime) -> bool:
    """Store a running turn's answer; False where the turn was ended before."""
    done = conn.execute(
        update(TURNS)
        .where(TURNS.c.id == answer.turn_id, TURNS.c.status == "running")
        .values(
            status="done",
            command=answer.command,
            account_id=answer.account_id,
            as_of=answer.as_of,
            version_n=version,
            parameters_version=parameters_version,
            answer=answer.model_dump(mode="json"),
            finished_at=now,
        )
    )
    return done.rowcount == 1


def touch_thread(
    conn: Connection, thread_id: str, pending: dict[str, Any] | None, account_id: str | None, now: dt.datetime
) -> None:
    """Note what the thread waits for now, and the account in talk where the turn named one."""
    values: dict[str, Any] = {"pending": pending, "updated_at": now}
    if account_id is not None:
        values["account_id"] = account_id
    conn.execute(update(THREADS).where(THREADS.c.id == thread_id).values(values))


def fail(conn: Connection, turn_id: str, status: Status, problem: ProblemDetail, now: dt.datetime) -> bool:
    """End a turn without an answer; False where it has ended already, and stays as it is."""
    done = conn.execute(
        update(TURNS)
        .where(TURNS.c.id == turn_id, TURNS.c.status == "running")
        .values(status=status, problem=problem.model_dump(mode="json"), finished_at=now)
    )
    return done.rowcount == 1


def interrupt_lost(conn: Connection, problem: ProblemDetail, now: dt.datetime) -> None:
    """End the turns whose process is not there any more: see `leases.Lease.remove_lost`."""
    conn.execute(
        update(TURNS)
        .where(TURNS.c.status == "running", leases.is_lost(TURNS.c.runner))
        .values(status="interrupted", problem=problem.model_dump(mode="json"), finished_at=now)
    )


def request_stop(conn: Connection, turn_id: str, now: dt.datetime) -> None:
    """Ask the process that runs it to stop it."""
    conn.execute(update(TURNS).where(_is_running(turn_id)).values(stop_requested_at=now))


def note_reader(conn: Connection, turn_id: str, now: dt.datetime) -> None:
    """Tell the process that runs it that somebody reads it through another."""
    conn.execute(update(TURNS).where(_is_running(turn_id)).values(followed_at=now))


def wishes(conn: Connection, runner: str, read_since: dt.datetime) -> tuple[list[str], list[str]]:
    """Of the turns that `runner` runs: those to be stopped, and those read through another process lately."""
    mine = (TURNS.c.runner == runner) & (TURNS.c.status == "running")
    to_stop = conn.execute(select(TURNS.c.id).where(mine, TURNS.c.stop_requested_at.is_not(None))).scalars().all()
    read = conn.execute(select(TURNS.c.id).where(mine, TURNS.c.followed_at >= read_since)).scalars().all()
    return list(to_stop), list(read)


def get_turn(conn: Connection, turn_id: str) -> StoredTurn:
    return _turn(conn.execute(_turn_query().where(TURNS.c.id == turn_id)).one()._mapping)


def recent_turns(conn: Connection, thread_id: str, limit: int) -> list[tuple[str, Answer]]:
    """The messages and answers of the thread's last answered turns, oldest first."""
    query = select(TURNS.c.message, TURNS.c.answer).where(TURNS.c.thread_id == thread_id, TURNS.c.status == "done")
    rows = conn.execute(query.order_by(TURNS.c.number.desc()).limit(limit)).all()
    return [(message, Answer.model_validate(answer)) for message, answer in reversed(rows)]


def list_turns(conn: Connection, thread_id: str) -> list[StoredTurn]:
    """The thread's turns, oldest first."""
    query = _turn_query().where(TURNS.c.thread_id == thread_id).order_by(TURNS.c.number)
    return [_turn(row) for row in conn.execute(query).mappings()]


def _is_running(turn_id: str) -> sa.ColumnElement[bool]:
    return (TURNS.c.id == turn_id) & (TURNS.c.status == "running")


def _thread_query() -> sa.Select[Any]:
    return select(*(THREADS.c[name] for name in Thread.model_fields))


def _turn_query() -> sa.Select[Any]:
    return select(*(TURNS.c[name] for name in StoredTurn.model_fields))


def _turn(row: RowMapping) -> StoredTurn:
    return StoredTurn.model_validate({**row, "attachments": row["attachments"] or ()})
