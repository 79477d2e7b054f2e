"""What is removed when it is old enough: conversations and their files, jobs, what was decided or delivered, codes.

Nothing that still goes on is removed: a turn that runs, whatever waits for an approval or for its delivery, and the
turn that it came from.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select

from app.store.tables import TABLES

THREADS, TURNS, EFFECTS, JOBS, CODES, IDEMPOTENCY = (
    TABLES[name] for name in ("thread", "turn", "effect", "job", "sign_in_code", "idempotency")
)
PROPOSALS, APPROVALS, OUTBOX = (TABLES[name] for name in ("proposal", "approval", "outbox"))
ATTACHMENTS = TABLES["attachment"]

UNSENT = ("waiting", "by_hand")
"""Messages that are still to leave."""

Conditions = list[tuple[Table, ColumnElement[bool]]]


def transcripts(before: dt.datetime) -> Conditions:
    """What tells of turns that ended before then, in the order in which it is to be removed."""
    open_reviews = select(APPROVALS.c.proposal_id).where(APPROVALS.c.status == "pending")
    unsent = select(OUTBOX.c.proposal_id).where(OUTBOX.c.status.in_(UNSENT), OUTBOX.c.proposal_id.is_not(None))
    ended = and_(
        PROPOSALS.c.status != "pending",
        func.coalesce(PROPOSALS.c.ended_at, PROPOSALS.c.created_at) < before,
        PROPOSALS.c.id.not_in(open_reviews),
        PROPOSALS.c.id.not_in(unsent),
    )
    sent = and_(
        OUTBOX.c.status.not_in(UNSENT),
        func.coalesce(OUTBOX.c.finished_at, OUTBOX.c.created_at) < before,
        or_(OUTBOX.c.proposal_id.is_(None), OUTBOX.c.proposal_id.in_(select(PROPOSALS.c.id).where(ended))),
    )
    kept = [select(table.c.turn_id).where(table.c.turn_id.is_not(None)) for table in (PROPOSALS, OUTBOX)]
    old = and_(
        TURNS.c.status != "running",
        func.coalesce(TURNS.c.finished_at, TURNS.c.started_at) < before,
        *(TURNS.c.id.not_in(ids) for ids in kept),
    )
    turns_left = select(TURNS.c.thread_id).where(TURNS.c.thread_id.is_not(None))
    return [
        (OUTBOX, sent),
        (APPROVALS, APPROVALS.c.proposal_id.in_(select(PROPOSALS.c.id).where(ended))),
        (PROPOSALS, ended),
        (EFFECTS, EFFECTS.c.turn_id.in_(select(TURNS.c.id).where(old))),
        (TURNS, old),
        (THREADS, and_(THREADS.c.updated_at < before, THREADS.c.id.not_in(turns_left))),
        (ATTACHMENTS, ATTACHMENTS.c.created_at < before),
        (JOBS, and_(JOBS.c.status != "running", JOBS.c.updated_at < before)),
    ]


def spent(now: dt.datetime, answers_before: dt.datetime) -> Conditions:
    """Sign-in codes that sign nobody in any more, and answers that are too old to be given again."""
    used = or_(CODES.c.expires_at <= now, CODES.c.used_at.is_not(None))
    return [(CODES, used), (IDEMPOTENCY, IDEMPOTENCY.c.created_at <= answers_before)]


def remove(conn: Connection, conditions: Conditions) -> dict[str, int]:
    """Delete the rows; how many there were, by table."""
    removed: dict[str, int] = {}
    for table, condition in conditions:
        count: Any = conn.execute(delete(table).where(condition)).rowcount
        removed[table.name] = removed.get(table.name, 0) + int(count)
    return removed
