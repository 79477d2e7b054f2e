"""Requests that came with an `Idempotency-Key`, each known by its caller and its key."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from app.store import leases
from app.store.tables import TABLES

REQUESTS = TABLES["idempotency"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the first request with the key was answered. `body` is None where the answer must not be kept."""

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Running:
    """The first request with the key has not been answered yet."""


def find(conn: Connection, owner: str, key: str, since: dt.datetime) -> Answered | Running | None:
    """The owner's request with that key, if it came after `since`."""
    row = conn.execute(select(REQUESTS).where(_is(owner, key), REQUESTS.c.created_at > since)).one_or_none()
    if row is None:
        return None
    return Running() if row.status is None else Answered(row.fingerprint, row.status, row.headers, row.body)


def claim(conn: Connection, owner: str, key: str, runner: str, now: dt.datetime) -> None:
    """Write the request as running; one of the same key that has expired makes room."""
    conn.execute(delete(REQUESTS).where(_is(owner, key)))
    conn.execute(insert(REQUESTS).values(owner_key_id=owner, key=key, runner=runner, created_at=now))


def answer(conn: Connection, owner: str, key: str, runner: str, answered: Answered) -> None:
    """Keep the answer, if the runner still has the claim."""
    conn.execute(
        update(REQUESTS)
        .where(_is(owner, key), REQUESTS.c.runner == runner)
        .values(
            runner=None,
            fingerprint=answered.fingerprint,
            status=answered.status,
            headers=answered.headers,
            body=answered.body,
        )
    )


def release(conn: Connection, owner: str, key: str, runner: str) -> None:
    """Give up the runner's claim: a request with the key runs anew."""
    conn.execute(delete(REQUESTS).where(_is(owner, key), REQUESTS.c.runner == runner))


def clear(conn: Connection, before: dt.datetime) -> None:
    """Remove what came before then, and the claims of processes that are not there any more."""
    lost = REQUESTS.c.status.is_(None) & leases.is_lost(REQUESTS.c.runner)
    conn.execute(delete(REQUESTS).where(or_(REQUESTS.c.created_at <= before, lost)))


def _is(owner: str, key: str) -> Any:
    return (REQUESTS.c.owner_key_id == owner) & (REQUESTS.c.key == key)
