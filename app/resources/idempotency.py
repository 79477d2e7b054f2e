"""`Idempotency-Key`: a request that is sent twice is carried out once. See docs/decisions/0009-running-work.md."""

import datetime as dt

from sqlalchemy import Connection

from app.domain.problems import Conflict
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import idempotency_rows
from app.store.idempotency_rows import Answered as Answered  # channels take it from here
from app.store.idempotency_rows import Running

KEPT = dt.timedelta(hours=24)
"""So long an answer is given again; after that the same key is a new one."""

RETRY_SECONDS = 1


async def claim(runtime: Runtime, principal: Principal, key: str) -> Answered | None:
    """Take the key for a request that is about to run; or what the first one with it was answered.

    Raises:
        Conflict: the first request with this key is still running (`idempotency_in_progress`).
    """

    def write(conn: Connection) -> Answered | Running | None:
        now = runtime.clock()
        found = idempotency_rows.find(conn, principal.key_id, key, now - KEPT)
        if found is None:
            runner = runtime.lease.take(conn, now)
            idempotency_rows.claim(conn, principal.key_id, key, runner, now)
        return found

    found = await runtime.store.write(write)
    if isinstance(found, Running):
        raise Conflict(
            "The first request with this Idempotency-Key is still running; send this one again in a moment.",
            code="idempotency_in_progress",
            retry_after=RETRY_SECONDS,
        )
    return found


async def keep(runtime: Runtime, principal: Principal, key: str, answered: Answered) -> None:
    """Keep the answer of the request that took the key."""
    await runtime.store.write(idempotency_rows.answer, principal.key_id, key, runtime.lease.runner, answered)


async def release(runtime: Runtime, principal: Principal, key: str) -> None:
    """Give the key back: the request changed nothing, so the next one with it runs."""
    await runtime.store.write(idempotency_rows.release, principal.key_id, key, runtime.lease.runner)
