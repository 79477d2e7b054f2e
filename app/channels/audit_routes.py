"""HTTP: the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.channels.arguments import Day
from app.channels.callers import App, Caller
from app.resources import audit

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]

router = APIRouter(prefix="/v1/audit")


@router.get("")
async def list_audit_events(
    caller: Caller,
    runtime: App,
    account: Annotated[str | None, Query(description="Only about this account id", max_length=300)] = None,
    action: Annotated[
        str | None, Query(description="Only this action, such as key.created, or all of key", max_length=100)
    ] = None,
    actor: Annotated[str | None, Query(description="Only by the key of this id or name", max_length=200)] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> audit.AuditPage:
    """Who did what, when, about which account; the newest first. Needs the role manager."""
    return await audit.list_events(
        runtime,
        caller,
        account=account,
        action=action,
        actor=actor,
        first=first,
        last=last,
        limit=limit,
        cursor=cursor,
    )


@router.get("/verify")
async def verify_audit_log(caller: Caller, runtime: App) -> audit.Verified:
    """Walk the whole log and say where it was tampered with. Needs the role admin."""
    return await audit.verify(runtime, caller)
