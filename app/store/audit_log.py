"""The audit log: who did what, when, about which account. Events are appended, never changed.

Each event holds an HMAC over itself and over the digest of the one before, so that an edit, a deletion or another order
is found; the head stands outside the database, so that a truncation is (`app.security.seal`). An event is written in
the transaction of what it tells: neither is there without the other. The details count in the chain by their digest
alone, so that an erasure can empty them and leave the chain whole. `app.store.audit_check` verifies the log.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, func, insert, select, update

from app.security.principals import Principal
from app.security.seal import NO_EVENTS, Head, KeyUnusable, Seal
from app.store.anchoring import ANEW, BEFORE, holds, newest, seal_of
from app.store.tables import TABLES

EVENTS = TABLES["audit_event"]

CHAINED = (
    "seq", "at", "action", "actor_key_id", "actor", "account_id", "subject", "turn_id", "prompt_version", "model",
    "input_tokens", "output_tokens", "details_digest", "previous",
)  # fmt: skip
"""What an event's digest is over, in this order."""

KEPT_DETAILS = ("erasure.", "retention.", "restore.")
"""Events whose details explain what others lack; they name nobody, and no erasure empties them."""

PRUNED, RESTORED = "retention.pruned", "restore.done"
EMPTIED = "emptied"
"""Among an erasure's details: the events whose details it emptied, as [first, last] pairs of seq."""

MOST_AT_ONCE = 500
"""Seqs in one statement."""

_INSERT = insert(EVENTS)


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
    details: Mapping[str, Any] = field(default_factory=dict)


class StoredEvent(BaseModel):
    """An event as it is read. `details` is null where an erasure emptied them."""

    model_config = ConfigDict(frozen=True)
    seq: int
    at: dt.datetime
    action: str
    actor_key_id: str
    actor: str
    account_id: str | None
    subject: str | None
    turn_id: str | None
    prompt_version: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    details: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: `actor` is a key's id or name, `first` and `last` are instants, `last` excluded.

    `action` is an action, or the part before its dot. `accounts` limits what is seen: None is everything, else only
    events about those accounts.
    """

    accounts: frozenset[str] | None = None
    account_id: str | None = None
    action: str | None = None
    actor: str | None = None
    first: dt.datetime | None = None
    last: dt.datetime | None = None


def record(conn: Connection, principal: Principal, event: Event, now: dt.datetime) -> None:
    """Append an event within a write transaction; the anchor moves with its commit.

    Raises:
        KeyUnusable: the key is not there, or is another than the log's.
    """
    seal = seal_of(conn)
    before = newest(conn)
    if not seal.fits and not conn.info.get(ANEW):
        _require_key(conn, seal, before)
    details = json.loads(canonical(event.details))  # as it is read back
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
        "details": details,
        "details_digest": seal.digest(canonical(details)),
        "previous": before.digest,
    }
    conn.execute(_INSERT, {**values, "digest": digest_of(seal, values)})
    conn.info.setdefault(BEFORE, before)
    seal.fits = True


def _require_key(conn: Connection, seal: Seal, before: Head) -> None:
    """An event under another key would part the log in two that no one key can verify."""
    if before == NO_EVENTS:
        return
    mend = (
        "Put the key back as it was (CSE_AUDIT_KEY, or audit.key in the data folder). If it is lost for good, take a"
        " backup and restore it: the log goes on under a new key then, and says so."
    )
    if not seal.has_key():
        raise KeyUnusable(f"Nothing was changed: the audit log has events, and its key is not there. {mend}")
    ends = select(func.min(EVENTS.c.seq)).scalar_subquery(), select(func.max(EVENTS.c.seq)).scalar_subquery()
    rows = conn.execute(select(EVENTS).where(EVENTS.c.seq.in_(ends))).mappings()
    if not any(digest_of(seal, row) == row["digest"] for row in rows):
        raise KeyUnusable(f"Nothing was changed: the audit log's events do not fit its key. {mend}")


def follow(conn: Connection) -> None:
    """Within a write transaction that appends nothing: move the anchor on to what other processes appended.

    Raises:
        AnchorUnusable: the anchor cannot be read or written.
    """
    seal_of(conn).follow(newest(conn), partial(holds, conn))


def events(conn: Connection, wanted: Wanted, limit: int, before_seq: int | None = None) -> list[StoredEvent]:
    """Events, the newest first; `before_seq` is the last one of the page before."""
    c = EVENTS.c
    query = select(*(c[name] for name in StoredEvent.model_fields)).order_by(c.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(c.seq < before_seq)
    if wanted.accounts is not None:
        query = query.where(c.account_id.in_(wanted.accounts))
    if wanted.account_id is not None:
        query = query.where(c.account_id == wanted.account_id)
    if wanted.action is not None:
        query = query.where((c.action == wanted.action) | c.action.startswith(f"{wanted.action}.", autoescape=True))
    if wanted.actor is not None:
        query = query.where((c.actor_key_id == wanted.actor) | (c.actor == wanted.actor))
    if wanted.first is not None:
        query = query.where(c.at >= wanted.first)
    if wanted.last is not None:
        query = query.where(c.at < wanted.last)
    return [StoredEvent.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def empty_details(conn: Connection, seqs: Collection[int]) -> list[list[int]]:
    """Empty the details of events, within the transaction of an erasure; the seqs emptied, as [first, last] pairs.

    The caller records an event `erasure.…` in the same transaction that holds them as `details["emptied"]`: details
    that are empty without one are a finding. Those that explain others stay (KEPT_DETAILS).
    """
    emptied: list[int] = []
    ordered = sorted(set(seqs))
    for start in range(0, len(ordered), MOST_AT_ONCE):
        batch = ordered[start : start + MOST_AT_ONCE]
        query = select(EVENTS.c.seq, EVENTS.c.action).where(EVENTS.c.seq.in_(batch), EVENTS.c.details.is_not(None))
        found = [row.seq for row in conn.execute(query) if not row.action.startswith(KEPT_DETAILS)]
        conn.execute(update(EVENTS).where(EVENTS.c.seq.in_(found)).values(details=None))
        emptied += found
    return as_ranges(emptied)


def as_ranges(seqs: Iterable[int]) -> list[list[int]]:
    """Seqs as [first, last] pairs without gaps."""
    ranges: list[list[int]] = []
    for seq in sorted(seqs):
        if ranges and seq == ranges[-1][1] + 1:
            ranges[-1][1] = seq
        else:
            ranges.append([seq, seq])
    return ranges


def prune(conn: Connection, principal: Principal, before: dt.datetime, now: dt.datetime) -> int:
    """Remove the events from the front that are older than `before`; how many. What is left can still be verified.

    An event tells it (`retention.pruned`), with the first that was kept and the digest of the one before that. The
    newest event stays in any case.
    """
    last = newest(conn)
    young = select(func.min(EVENTS.c.seq)).where(EVENTS.c.at >= before)
    first_kept = conn.execute(young).scalar_one() or last.seq
    old = EVENTS.c.seq < first_kept
    count = conn.execute(select(func.count()).select_from(EVENTS).where(old)).scalar_one()
    if not count:
        return 0
    digest_before = conn.execute(select(EVENTS.c.previous).where(EVENTS.c.seq == first_kept)).scalar_one()
    details = {"before": before, "removed": count, "first_kept": first_kept, "digest_before": digest_before}
    record(conn, principal, Event(PRUNED, details=details), now)
    conn.execute(delete(EVENTS).where(old))
    return int(count)


def digest_of(seal: Seal, values: Mapping[Any, Any]) -> str:
    """The digest of an event, from its chained columns."""
    return seal.digest(canonical([values[name] for name in CHAINED]))


def canonical(value: Any) -> bytes:
    """The value as the same bytes on every database: sorted keys, instants in UTC.

    Raises:
        ValueError, TypeError: it holds what JSON cannot.
    """
    return json.dumps(
        value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_plain
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"nothing that the log holds: {type(value)}")
