"""Moves the audit log's anchor with the transaction that appended to it: what the engine and the log share."""

from functools import partial

from sqlalchemy import Connection, func, select

from app.security.seal import NO_EVENTS, Head, Seal
from app.store.tables import TABLES

EVENTS = TABLES["audit_event"]

SEAL = "audit_seal"
"""The execution option that holds the store's seal."""

BEFORE, ANEW = "audit_before", "audit_anew"
"""In `Connection.info`: the newest event when this transaction began to append, and that it takes the log as it is."""

_NEWEST = "SELECT seq, digest FROM audit_event ORDER BY seq DESC LIMIT 1"
"""As text, since each write asks it twice."""


def seal_of(conn: Connection) -> Seal:
    """The seal of the store that a write transaction belongs to."""
    seal: Seal = conn.get_execution_options()[SEAL]
    return seal


def newest(conn: Connection) -> Head:
    """The last event in the database."""
    row = conn.exec_driver_sql(_NEWEST).one_or_none()
    return Head(*row) if row else NO_EVENTS


def holds(conn: Connection, head: Head) -> bool:
    """Whether the log holds this event. One from before its first, which a retention removed, counts as held."""
    digest = conn.execute(select(EVENTS.c.digest).where(EVENTS.c.seq == head.seq)).scalar_one_or_none()
    if digest is not None or head == NO_EVENTS:
        return digest in (None, head.digest)
    first = conn.execute(select(func.min(EVENTS.c.seq))).scalar_one()
    return first is not None and head.seq < first


def take_as_it_is(conn: Connection) -> None:
    """The log of this transaction is another one than the anchor knows, and meant to be: a restore put it there."""
    conn.info[ANEW] = True


def forget(conn: Connection) -> None:
    """A connection is used again after a transaction that failed: nothing of it counts."""
    conn.info.pop(BEFORE, None)
    conn.info.pop(ANEW, None)


def prepare_anchor(conn: Connection, seal: Seal) -> Head | None:
    """Move the anchor to the last event of a transaction that is about to commit; None where it wrote none.

    Raises:
        AnchorUnusable: the anchor cannot be moved, so the transaction must not commit.
    """
    before: Head | None = conn.info.get(BEFORE)
    anew = bool(conn.info.get(ANEW))
    forget(conn)
    if before is None:
        return None
    head = newest(conn)
    if head == before and not anew:  # rolled back to a savepoint
        return None
    seal.prepare(head, before, partial(holds, conn), anew=anew)
    return head
