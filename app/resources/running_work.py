"""Looks after running work: what each server does when it starts and with each beat."""

import asyncio
import datetime as dt
from contextlib import suppress

from sqlalchemy import Connection

from app.resources import idempotency, imports, turns
from app.runtime import Runtime
from app.security.seal import AnchorUnusable
from app.store import audit_log, idempotency_rows, job_rows, leases, turn_rows

READ_LATELY = dt.timedelta(seconds=3 * leases.BEAT_SECONDS)


async def look_after(runtime: Runtime) -> None:
    """End what dead processes left, take note of what others want of our turns, and remove what has expired."""

    def write(conn: Connection) -> tuple[list[str], list[str], frozenset[str]]:
        now = runtime.clock()
        runtime.lease.remove_lost(conn, now)
        turn_rows.interrupt_lost(conn, turns.INTERRUPTED, now)
        job_rows.interrupt_lost(conn, imports.LOST, now)
        idempotency_rows.clear(conn, now - idempotency.KEPT)
        with suppress(AnchorUnusable):  # whatever is to be audited tells it, and `cse doctor`
            audit_log.follow(conn)
        return *turn_rows.wishes(conn, runtime.lease.runner, now - READ_LATELY), leases.living(conn)

    to_stop, read, living = await runtime.store.write(write)
    for turn_id in to_stop:
        if run := runtime.turns.get(turn_id):
            run.stop()
    for turn_id in read:
        if run := runtime.turns.get(turn_id):
            run.keep()
    await asyncio.to_thread(imports.remove_uploads, runtime, living)
