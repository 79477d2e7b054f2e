"""The outbox: what may leave the house is written here, in the transaction of what permits it."""

import datetime as dt
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection

from app.domain.effects import Outgoing, SendMessage
from app.domain.problems import AccountNotFound
from app.render.message import content_of, sha256_of
from app.runtime import Runtime
from app.security.principals import LOCAL, Principal
from app.store import account_rows, approval_rows, audit_log, key_rows, outbox_rows
from app.store.audit_log import Event
from app.store.outbox_rows import OutboxStatus, StoredMessage


@dataclass(frozen=True, slots=True)
class Requester:
    """Whose message it is: that of the key."""

    key_id: str
    name: str


def new_message(
    runtime: Runtime,
    requester: Requester,
    outgoing: Outgoing,
    turn_id: str | None,
    now: dt.datetime,
    proposal_id: str | None = None,
) -> StoredMessage:
    """A message for the outbox. What is for a customer is sent by hand where nothing is set that delivers it."""
    is_message = isinstance(outgoing, SendMessage)
    status: OutboxStatus = "by_hand" if is_message and not runtime.settings.delivery_url else "waiting"
    return StoredMessage(
        id=f"message_{uuid4().hex[:16]}",
        proposal_id=proposal_id,
        turn_id=turn_id,
        requester_key_id=requester.key_id,
        requester=requester.name,
        account_id=outgoing.account_id if isinstance(outgoing, SendMessage) else None,
        outgoing=outgoing,
        content_sha256=sha256_of(content_of(outgoing)),
        status=status,
        not_before=now,
        created_at=now,
    )


def put_out(conn: Connection, principal: Principal, message: StoredMessage) -> None:
    """Write it into the outbox."""
    outbox_rows.add(conn, message)
    record(conn, principal, message, "outbox.added", message.created_at)


def record(
    conn: Connection,
    principal: Principal,
    message: StoredMessage,
    action: str,
    now: dt.datetime,
    error: str | None = None,
) -> None:
    """Tell the audit log what became of a message."""
    event = Event(
        action=action,
        account_id=message.account_id,
        subject=message.id,
        turn_id=message.turn_id,
        details={
            "proposal": message.proposal_id,
            "kind": message.outgoing.kind,
            "template": message.outgoing.template if isinstance(message.outgoing, SendMessage) else None,
            "status": message.status,
            "content_sha256": message.content_sha256,
            "attempts": message.attempts,
            "error": error,
        },
    )
    audit_log.record(conn, principal, event, now)


def is_whole(conn: Connection, message: StoredMessage) -> bool:
    """Whether it still is what was written, and what was approved where it needed that."""
    digests = {message.content_sha256, sha256_of(content_of(message.outgoing))}
    if message.proposal_id is not None:
        digests.add(approval_rows.get_proposal(conn, message.proposal_id).content_sha256)
    return len(digests) == 1


def obstacle(conn: Connection, runtime: Runtime, requester_key_id: str, account_id: str | None) -> str | None:
    """Why nothing may go out any more for this requester about this account; None where it may."""
    requester = _requester(conn, requester_key_id)
    if requester is None:
        return "the key that requested it was revoked"
    if account_id is None:
        return None
    try:
        account_rows.get_account(conn, account_id, requester.accounts, runtime.today())
    except AccountNotFound:
        return f"there is no account {account_id!r} any more that its requester may see"
    return None


def _requester(conn: Connection, key_id: str) -> Principal | None:
    """Whoever requested it, as it may act now; None where its key was revoked."""
    if key_id == LOCAL.key_id:
        return LOCAL
    key = key_rows.get(conn, key_id)
    if key is None or key.revoked_at is not None:
        return None
    return Principal(key.id, key.name, key.role, key.accounts, key.groups)
