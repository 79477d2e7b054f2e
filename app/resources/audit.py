"""The audit log as managers read it, and as admins verify it."""

import asyncio
import datetime as dt

from pydantic import BaseModel

from app.domain.problems import INVALID_CURSOR, InvalidArguments
from app.domain.windows import end_of_day
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import audit_check, audit_log
from app.store.audit_check import Verified as Verified  # channels take it from here
from app.store.audit_log import StoredEvent, Wanted

ONE_DAY = dt.timedelta(days=1)
MOST_SEQ = 2**63 - 1


class AuditPage(BaseModel):
    """Events, the newest first."""

    items: list[StoredEvent]
    next_cursor: str | None


async def list_events(
    runtime: Runtime,
    principal: Principal,
    *,
    account: str | None = None,
    action: str | None = None,
    actor: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    limit: int,
    cursor: str | None = None,
) -> AuditPage:
    """Events that the caller may see, the newest first: of its accounts where its key is limited, else all.

    `account` is an account's id, `action` an action such as key.created or its first word, `actor` the id or name of a
    key; `first` and `last` are days in the service's time zone, both counted.

    Raises:
        Forbidden: the caller's role is below manager.
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """
    principal.require("manager", "Reading the audit log")
    zone = runtime.settings.zone
    wanted = Wanted(
        accounts=principal.accounts,
        account_id=account,
        action=action,
        actor=actor,
        first=None if first is None or first == dt.date.min else end_of_day(first - ONE_DAY, zone),
        last=None if last is None or last == dt.date.max else end_of_day(last, zone),
    )
    found = await runtime.store.read(audit_log.events, wanted, limit + 1, _seq(cursor))
    items = found[:limit]
    return AuditPage(items=items, next_cursor=str(items[-1].seq) if len(found) > limit else None)


async def verify(runtime: Runtime, principal: Principal) -> Verified:
    """Verify the whole log.

    Raises:
        Forbidden: the caller is no admin.
    """
    principal.require("admin", "Verifying the audit log")
    return await asyncio.to_thread(audit_check.verify, runtime.store)


def _seq(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20 and int(cursor) <= MOST_SEQ):
        raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
    return int(cursor)
