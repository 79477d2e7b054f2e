"""Moves the audit log's anchor with the transaction that appended to it: what the engine and the log share."""

from sqlalchemy import Connection

from app.security.seal import Head, Seal

SEAL = "audit_seal"
"""The execution option that holds the store's seal."""

HEAD, BEFORE = "audit_head", "audit_before"
"""In `Connection.info`: the last event of this transaction, and the one before its first."""


def seal_of(conn: Connection) -> Seal:
    """The seal of the store that a write transaction belongs to."""
    seal: Seal = conn.get_execution_options()[SEAL]
    return seal


def forget(conn: Connection) -> None:
    """A connection is used again after a transaction that failed: nothing of it counts."""
    conn.info.pop(HEAD, None)
    conn.info.pop(BEFORE, None)


def prepare_anchor(conn: Connection, seal: Seal) -> Head | None:
    """Move the anchor to the last event of a transaction that is about to commit; None where it wrote none."""
    head: Head | None = conn.info.pop(HEAD, None)
    before: Head | None = conn.info.pop(BEFORE, None)
    if head is None or before is None:
        return None
    seal.prepare(head, before)
    return head
