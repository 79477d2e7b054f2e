"""The outbox in the database: what leaves the house, written in the transaction of what permits it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select, update

from app.domain.effects import Outgoing
from app.store import leases
from app.store.tables import TABLES

OUTBOX = TABLES["outbox"]

OutboxStatus = Literal["waiting", "delivered", "failed", "by_hand", "sent_by_hand"]


class StoredMessage(BaseModel):
    """Something that leaves: its id is the idempotency key of its delivery."""

    model_config = ConfigDict(frozen=True)
    id: str
    proposal_id: str | None
    turn_id: str | None
    requester_key_id: str
    requester: str
    account_id: str | None
    outgoing: Outgoing
    content_sha256: str
    status: OutboxStatus
    attempts: int = 0
    not_before: dt.datetime
    created_at: dt.datetime
    finished_at: dt.datetime | None = None
    last_error: str | None = None


def add(conn: Connection, message: StoredMessage) -> None:
    """Write it. The database refuses a second one of a proposal (IntegrityError)."""
    values = message.model_dump() | {"outgoing": message.outgoing.model_dump(mode="json")}
    conn.execute(insert(OUTBOX).values(values))


def get(conn: Connection, message_id: str) -> StoredMessage | None:
    return _one(conn, OUTBOX.c.id == message_id)


def of_proposal(conn: Connection, proposal_id: str) -> StoredMessage | None:
    return _one(conn, OUTBOX.c.proposal_id == proposal_id)


def of_turn(conn: Connection, turn_id: str, content_sha256: str) -> StoredMessage | None:
    """What left or is to leave of a turn with exactly this content."""
    return _one(conn, (OUTBOX.c.turn_id == turn_id) & (OUTBOX.c.content_sha256 == content_sha256))


def list_messages(
    conn: Connection,
    key_id: str,
    accounts: frozenset[str] | None,
    status: OutboxStatus | None,
    limit: int,
    cursor: str | None,
    *,
    only_own: bool,
) -> list[StoredMessage]:
    """What left or is to leave, the newest first, of this key alone or of everybody, within the accounts."""
    c = OUTBOX.c
    query, is_own = select(OUTBOX), c.requester_key_id == key_id
    if only_own:
        query = query.where(is_own)
    if accounts is not None:
        query = query.where(or_(c.account_id.in_(sorted(accounts)), c.account_id.is_(None) & is_own))
    if status is not None:
        query = query.where(c.status == status)
    if cursor is not None:
        last = select(c.created_at).where(c.id == cursor).scalar_subquery()
        query = query.where(or_(c.created_at < last, (c.created_at == last) & (c.id < cursor)))
    rows = conn.execute(query.order_by(c.created_at.desc(), c.id.desc()).limit(limit)).mappings()
    return [StoredMessage.model_validate(dict(row)) for row in rows]


def is_due(conn: Connection, now: dt.datetime, *, sends: bool) -> bool:
    """Whether something waits to be delivered; see `claim`."""
    return conn.execute(_due(now, sends=sends).limit(1)).first() is not None


def claim(conn: Connection, runner: str, now: dt.datetime, limit: int, *, sends: bool) -> list[StoredMessage]:
    """Take what is due and delivered by nobody else; `sends` False leaves messages to customers where they are.

    What this process took before and did not finish is taken again: it delivers one batch at a time.
    """
    c = OUTBOX.c
    free = _due(now, sends=sends).where(or_(leases.is_lost(c.runner), c.runner == runner))
    rows = conn.execute(free.order_by(c.not_before, c.id).limit(limit)).mappings().all()
    taken = [StoredMessage.model_validate(dict(row) | {"attempts": row["attempts"] + 1}) for row in rows]
    ids = [message.id for message in taken]
    conn.execute(update(OUTBOX).where(c.id.in_(ids)).values(runner=runner, attempts=c.attempts + 1))
    return taken


def put_off(conn: Connection, message_id: str, runner: str, error: str, not_before: dt.datetime) -> bool:
    """Try again later; False where another process has taken it over."""
    return _of(conn, message_id, runner, runner=None, last_error=error, not_before=not_before)


def finish(
    conn: Connection, message_id: str, runner: str, status: OutboxStatus, error: str | None, now: dt.datetime
) -> bool:
    """End a delivery that this process made; False where another process has taken it over."""
    return _of(conn, message_id, runner, status=status, runner=None, last_error=error, finished_at=now)


def mark_sent(conn: Connection, message_id: str, now: dt.datetime) -> bool:
    """A person has sent it; False where it does not wait for that."""
    sent = conn.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == message_id, OUTBOX.c.status == "by_hand")
        .values(status="sent_by_hand", finished_at=now)
    )
    return sent.rowcount == 1


def _of(conn: Connection, message_id: str, mine_id: str, /, **values: Any) -> bool:
    mine = OUTBOX.c.id == message_id, OUTBOX.c.runner == mine_id, OUTBOX.c.status == "waiting"
    return conn.execute(update(OUTBOX).where(*mine).values(**values)).rowcount == 1


def _due(now: dt.datetime, *, sends: bool) -> Select[Any]:
    due = select(OUTBOX).where(OUTBOX.c.status == "waiting", OUTBOX.c.not_before <= now)
    return due if sends else due.where(OUTBOX.c.outgoing["kind"].as_string() != "send_message")


def _one(conn: Connection, where: ColumnElement[bool]) -> StoredMessage | None:
    row = conn.execute(select(OUTBOX).where(where).order_by(OUTBOX.c.created_at).limit(1)).mappings().one_or_none()
    return None if row is None else StoredMessage.model_validate(dict(row))
