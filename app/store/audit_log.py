"""The audit log: who did what, when, about which account. Events are appended, never changed.

Each event holds an HMAC over itself and over the digest of the one before, so that an edit, a deletion or another order
is found; the head stands outside the database, so that a truncation is (`app.security.seal`). An event is written in
the transaction of what it tells: neither is there without the other. The details count in the chain by their digest
alone, so that an erasure can empty them and leave the chain whole.
"""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from app.security.principals import Principal
from app.security.seal import NO_EVENTS, Head, Seal
from app.store.anchoring import BEFORE, HEAD, seal_of
from app.store.tables import TABLES

EVENTS = TABLES["audit_event"]
CHAINED = (
    "seq", "at", "action", "actor_key_id", "actor", "account_id", "subject", "turn_id", "prompt_version", "model",
    "input_tokens", "output_tokens", "details_digest", "previous",
)  # fmt: skip
"""What an event's digest is over, in this order."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `action` is dotted, such as approval.approved; `subject` is the id of what it was done to.

    `details` hold no secret and no text of a customer's: ids, counts, names of fields, digests.
    """

    action: str
    account_id: str | None = None
    subject: str | None = None
    turn_id: str | None = None
    prompt_version: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


def record(conn: Connection, principal: Principal, event: Event, now: dt.datetime) -> None:
    """Append an event within a write transaction; the anchor moves with its commit."""
    seal = seal_of(conn)
    before = conn.info.get(HEAD) or newest(conn)
    values: dict[str, Any] = {
        "seq": before.seq + 1,
        "at": now.astimezone(dt.UTC),
        "action": event.action,
        "actor_key_id": principal.key_id,
        "actor": principal.name,
        "account_id": event.account_id,
        "subject": event.subject,
        "turn_id": event.turn_id,
        "prompt_version": event.prompt_version,
        "model": event.model,
        "input_tokens": event.input_tokens,
        "output_tokens": event.output_tokens,
        "details": event.details,
        "details_digest": seal.digest(canonical(event.details)),
        "previous": before.digest,
    }
    digest = digest_of(seal, values)
    conn.execute(insert(EVENTS).values(**values, digest=digest))
    conn.info.setdefault(BEFORE, before)
    conn.info[HEAD] = Head(before.seq + 1, digest)


def newest(conn: Connection) -> Head:
    """The last event in the database."""
    query = select(EVENTS.c.seq, EVENTS.c.digest).order_by(EVENTS.c.seq.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return Head(row.seq, row.digest) if row else NO_EVENTS


def digest_of(seal: Seal, values: dict[str, Any]) -> str:
    """The digest of an event, from its chained columns."""
    return seal.digest(canonical([values[name] for name in CHAINED]))


def canonical(value: Any) -> bytes:
    """The value as the same bytes on every database: sorted keys, instants in UTC."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    raise TypeError(f"nothing that the log holds: {type(value)}")
