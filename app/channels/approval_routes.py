"""HTTP: what waits for approval, decisions on it, and messages to customers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.channels.callers import App, Caller
from app.domain.authority import ApprovalLine, Group
from app.resources import approvals, asking, decisions, messages

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]
AccountName = Annotated[str, Field(min_length=1, max_length=300, description="The account: its id, name or alias")]
Reason = Annotated[str, Field(max_length=2_000, description="What the approver needs to know")]

router = APIRouter(prefix="/v1")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ApprovalRequest(Body):
    kind: str = Field(min_length=1, max_length=100, description="A kind of action, such as discount")
    content: str = Field(min_length=1, max_length=50_000, description="What is to be decided")
    reason: Reason = ""
    account: AccountName | None = None
    evidence: list[Annotated[str, Field(max_length=500)]] = Field(
        default=[], max_length=20, description="Ids of records, links to answers"
    )
    turn_id: str | None = Field(default=None, max_length=100, description="A turn of yours: its figures are shown")


class ApproveRequest(Body):
    content_sha256: str = Field(max_length=64, description="Of the approval that you have read: approve exactly that")
    reason: Annotated[str, Field(max_length=2_000)] = ""


class RejectRequest(Body):
    reason: str = Field(max_length=2_000, description="The requester reads it")


class AmendRequest(Body):
    content: str = Field(min_length=1, max_length=50_000, description="The new body, article or decision")
    subject: str | None = Field(default=None, max_length=300, description="The new subject or title")


class MessageRequest(Body):
    account: AccountName
    subject: str = Field(max_length=1_000)
    body: str = Field(max_length=50_000)
    reason: Reason = ""


class DraftRequest(Body):
    turn_id: str = Field(max_length=100, description="A turn of yours")
    draft: int = Field(default=1, ge=1, le=1_000, description="Which of its drafts for a customer; the first is 1")
    reason: Reason = ""


class TemplateRequest(Body):
    account: AccountName
    template: str = Field(max_length=100, description="An approved template, such as sev1_first")
    values: dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=500)]] = {}
    escalation: str = Field(max_length=300, description="The open SEV1 that it is about")


class Asked(BaseModel):
    """What waits now."""

    approvals: tuple[ApprovalLine, ...]


# ── Approvals ─────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/approvals")
async def list_approvals(
    caller: Caller,
    runtime: App,
    status: Annotated[approvals.Filter | None, Query(description="overdue: reviews; any: all that you see")] = None,
    group: Group | None = None,
    mine: Annotated[bool, Query(description="Only what you requested")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> approvals.ApprovalPage:
    """Without a status: what waits and is yours to decide, or was requested by you. The newest first."""
    return await approvals.list_approvals(runtime, caller, status, group, mine=mine, limit=limit, cursor=cursor)


@router.get("/approvals/{approval_id}")
async def get_approval(approval_id: str, caller: Caller, runtime: App) -> approvals.ApprovalDetail:
    """An approval with exactly what would be sent."""
    return await approvals.get(runtime, caller, approval_id)


@router.post("/approvals", status_code=202)
async def ask_for_approval(body: ApprovalRequest, caller: Caller, runtime: App) -> Asked:
    """Ask for a decision."""
    lines = await asking.ask(
        runtime,
        caller,
        kind=body.kind,
        content=body.content,
        reason=body.reason,
        account=body.account,
        evidence=tuple(body.evidence),
        turn_id=body.turn_id,
    )
    return Asked(approvals=lines)


@router.post("/approvals/{approval_id}/approve")
async def approve(approval_id: str, body: ApproveRequest, caller: Caller, runtime: App) -> approvals.ApprovalDetail:
    """Approve exactly what has this digest. With the last approval it goes out."""
    return await decisions.approve(runtime, caller, approval_id, body.content_sha256, body.reason)


@router.post("/approvals/{approval_id}/reject")
async def reject(approval_id: str, body: RejectRequest, caller: Caller, runtime: App) -> approvals.ApprovalDetail:
    """Reject it, with the reason."""
    return await decisions.reject(runtime, caller, approval_id, body.reason)


@router.post("/approvals/{approval_id}/amend")
async def amend(approval_id: str, body: AmendRequest, caller: Caller, runtime: App) -> decisions.Amended:
    """Put another text in its place; approvals that it had are void. Somebody else than you approves the new one."""
    return await decisions.amend(runtime, caller, approval_id, body.content, body.subject)


@router.post("/approvals/{approval_id}/withdraw")
async def withdraw(approval_id: str, caller: Caller, runtime: App) -> approvals.ApprovalDetail:
    """Take back what you requested."""
    return await decisions.withdraw(runtime, caller, approval_id)


# ── Messages to customers ─────────────────────────────────────────────────────────────────────────────────────────


@router.get("/messages")
async def list_messages(
    caller: Caller,
    runtime: App,
    status: Annotated[messages.OutboxStatus | None, Query(description="Only these")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> messages.MessagePage:
    """What left, or is to leave; the newest first."""
    return await messages.list_messages(runtime, caller, status, limit, cursor)


@router.get("/messages/{message_id}")
async def get_message(message_id: str, caller: Caller, runtime: App) -> messages.Message:
    """A message, and what became of it."""
    return await messages.get(runtime, caller, message_id)


@router.post("/messages", status_code=201, responses={202: {"model": messages.Sending}})
async def send_message(body: MessageRequest, caller: Caller, runtime: App, response: Response) -> messages.Sending:
    """Send a text: 201 where it is in the outbox, 202 where it waits for approvals."""
    done = await messages.send(runtime, caller, body.account, body.subject, body.body, body.reason)
    return _told(done, response)


@router.post("/messages/draft", status_code=201, responses={202: {"model": messages.Sending}})
async def send_draft(body: DraftRequest, caller: Caller, runtime: App, response: Response) -> messages.Sending:
    """Send a draft of an answer exactly as it stands there."""
    return _told(await messages.send_draft(runtime, caller, body.turn_id, body.draft, body.reason), response)


@router.post("/messages/template", status_code=201)
async def send_template(body: TemplateRequest, caller: Caller, runtime: App, response: Response) -> messages.Sending:
    """Send an approved template while a SEV1 is open, at once; it is reviewed afterwards."""
    done = await messages.send_template(runtime, caller, body.account, body.template, body.values, body.escalation)
    return _told(done, response)


@router.post("/messages/{message_id}/sent")
async def say_sent(message_id: str, caller: Caller, runtime: App) -> messages.Message:
    """Say that you have sent by hand exactly what stands there."""
    return await messages.say_sent(runtime, caller, message_id)


def _told(done: messages.Sending, response: Response) -> messages.Sending:
    if done.message is None:
        response.status_code = 202
    else:
        response.headers["Location"] = f"/v1/messages/{done.message.id}"
    return done
