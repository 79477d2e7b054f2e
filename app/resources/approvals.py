"""Approvals as callers see them: what waits, for whom, and what exactly is to be approved.

An approval is seen by who requested it, by its group and the group's deputy, and by managers, each within the accounts
of its key. For everybody else there is none.
"""

import datetime as dt
from functools import partial
from typing import Literal, get_args

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Group
from app.domain.effects import Outgoing
from app.domain.figures import Figure
from app.domain.problems import INVALID_CURSOR, InvalidArguments, NotFound
from app.render.values import with_shown
from app.resources.proposals import propose as propose  # whoever records a turn takes it from here
from app.runtime import Runtime
from app.security.principals import SERVICE, Principal
from app.store import approval_rows, audit_log, outbox_rows
from app.store.approval_rows import ApprovalStatus, ProposalStatus, Sight, StoredApproval, StoredProposal, Wanted
from app.store.audit_log import Event
from app.store.outbox_rows import OutboxStatus, StoredMessage

Filter = Literal["pending", "approved", "rejected", "expired", "closed", "void", "overdue", "any"]
"""A status; overdue: reviews that should have been made by now; any: all of them."""


class ApprovalSummary(BaseModel):
    """An approval in a list. `group` decides, or its deputy; `may_decide` says whether the caller may.

    A review is about what went out already; it is overdue after `expires_at`, where other approvals expire.
    """

    id: str
    proposal_id: str
    kind: str
    title: str
    group: Group
    deputy: Group
    words: str
    status: ApprovalStatus
    is_review: bool
    overdue: bool
    may_decide: bool
    requester: str
    account_id: str | None
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str | None
    decision_reason: str | None


class ApprovalDetail(ApprovalSummary):
    """An approval with all that its approver reads: `content` is exactly what is sent, `content_sha256` its digest.

    `approvals` are all that the proposal waits for, `message` is what became of it in the outbox, `next_step` what
    is to be done next, and by whom.
    """

    content: str
    content_sha256: str
    outgoing: Outgoing | None
    figures: tuple[Figure, ...]
    evidence: tuple[str, ...]
    reason: str
    turn_id: str | None
    amends: str | None
    proposal_status: ProposalStatus
    approvals: tuple[ApprovalLine, ...]
    message: "MessageLine | None"
    next_step: str | None


class MessageLine(BaseModel):
    """What is in the outbox of it. by_hand: its requester sends it and says so."""

    id: str
    status: OutboxStatus


class ApprovalPage(BaseModel):
    items: list[ApprovalSummary]
    next_cursor: str | None


async def list_approvals(
    runtime: Runtime,
    principal: Principal,
    status: Filter | None,
    group: Group | None,
    *,
    mine: bool,
    limit: int,
    cursor: str | None,
) -> ApprovalPage:
    """Approvals that the caller sees, the newest first. Without a status: what waits, and the caller may decide or has
    requested.

    Raises:
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """
    await expire(runtime)
    now, sight = runtime.clock(), sight_of(runtime, principal)
    wanted = Wanted(
        statuses=_statuses(status),
        group=group,
        decidable=_decidable(runtime, principal) if status is None else None,
        is_own=mine,
        overdue_at=now if status == "overdue" else None,
    )

    def read(conn: Connection) -> list[tuple[StoredApproval, StoredProposal]]:
        if cursor is not None and not _is_seen(conn, sight, cursor):
            raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
        return approval_rows.list_approvals(conn, sight, wanted, limit + 1, cursor)

    found = await runtime.store.read(read)
    items = [summary(runtime, principal, approval, proposal, now) for approval, proposal in found]
    return ApprovalPage(items=items[:limit], next_cursor=items[limit - 1].id if len(items) > limit else None)


async def get(runtime: Runtime, principal: Principal, approval_id: str) -> ApprovalDetail:
    """An approval with all that its approver reads.

    Raises:
        NotFound: there is none of that id that the caller may see (`approval_not_found`).
    """
    await expire(runtime)
    return await runtime.store.read(detail, runtime, principal, approval_id)


def detail(conn: Connection, runtime: Runtime, principal: Principal, approval_id: str) -> ApprovalDetail:
    """As `get`, within the caller's transaction."""
    approval, proposal = seen(conn, runtime, principal, approval_id)
    message = outbox_rows.of_proposal(conn, proposal.id)
    successor = approval_rows.successor(conn, proposal.id) if proposal.status == "amended" else None
    return ApprovalDetail(
        **summary(runtime, principal, approval, proposal, runtime.clock()).model_dump(),
        content=proposal.content,
        content_sha256=proposal.content_sha256,
        outgoing=proposal.outgoing,
        figures=with_shown(_figures_for(principal, proposal)),
        evidence=proposal.evidence,
        reason=proposal.reason,
        turn_id=proposal.turn_id,
        amends=proposal.amends,
        proposal_status=proposal.status,
        approvals=tuple(each.line() for each in approval_rows.of_proposal(conn, proposal.id)),
        message=None if message is None else MessageLine(id=message.id, status=message.status),
        next_step=_next_step(proposal, approval, message, successor, principal.key_id),
    )


def _figures_for(principal: Principal, proposal: StoredProposal) -> tuple[Figure, ...]:
    """Those of its figures that the caller may see: an answer about several accounts may have stated them."""
    is_own = proposal.requester_key_id == principal.key_id
    return tuple(figure for figure in proposal.figures if may_see_account(principal, figure.account_id, is_own=is_own))


def _next_step(
    proposal: StoredProposal,
    approval: StoredApproval,
    message: StoredMessage | None,
    successor: StoredProposal | None,
    caller: str,
) -> str | None:
    """What the caller is to do, or waits for: whoever requested it sends it, and nobody else."""
    is_own = caller == proposal.requester_key_id
    is_unsent = message is not None and message.status == "by_hand"
    if approval.is_review and approval.status == "rejected":
        if not is_own:
            return f"{proposal.requester} reads your reason here and corrects it with the customer: tell them."
        undone = "Do not send it if you have not yet; else send" if is_unsent else "It has gone out already: send"
        return f"{undone} the customer a correction, and tell the reviewer that you did."
    if successor is not None:
        return f"{successor.requester} put another text in its place and sees it through: do not send this one."
    if message is not None and is_unsent:
        if not is_own:
            return f"{proposal.requester} sends exactly this text by hand, and says so."
        return f"Send exactly this text yourself, then say so: cse messages sent {message.id}"
    if message is not None and message.status == "failed":
        return f"It was not delivered: {message.last_error}. Propose it again when that is mended."
    return None


def seen(
    conn: Connection, runtime: Runtime, principal: Principal, approval_id: str
) -> tuple[StoredApproval, StoredProposal]:
    """The approval of that id with its proposal.

    Raises:
        NotFound: there is none that the caller may see.
    """
    found = approval_rows.get_approval(conn, approval_id)
    if found is None or not sight_of(runtime, principal).sees(found[1], found[0].approver_group):
        raise NotFound(f"There is no approval {approval_id!r} that you may see.", code="approval_not_found")
    return found


def summary(
    runtime: Runtime, principal: Principal, approval: StoredApproval, proposal: StoredProposal, now: dt.datetime
) -> ApprovalSummary:
    kind = runtime.policy.kinds.get(approval.kind)
    is_open = approval.status == "pending"
    return ApprovalSummary(
        id=approval.id,
        proposal_id=proposal.id,
        kind=approval.kind,
        title=kind.title if kind else approval.kind,
        group=approval.approver_group,
        deputy=runtime.policy.groups[approval.approver_group].deputy,
        words=approval.words,
        status=approval.status,
        is_review=approval.is_review,
        overdue=is_open and approval.is_review and approval.expires_at <= now,
        may_decide=is_open and may_decide(runtime, principal, approval, proposal),
        requester=proposal.requester,
        account_id=proposal.account_id,
        created_at=approval.created_at,
        expires_at=approval.expires_at,
        decided_at=approval.decided_at,
        decided_by=approval.decided_by,
        decision_reason=approval.reason,
    )


def may_decide(runtime: Runtime, principal: Principal, approval: StoredApproval, proposal: StoredProposal) -> bool:
    """Whether the caller is of the group that decides, and somebody else than who asked."""
    return (
        principal.has("cse")
        and principal.key_id not in (proposal.requester_key_id, SERVICE.key_id)
        and runtime.policy.may_decide(principal, approval.approver_group)
    )


def sight_of(runtime: Runtime, principal: Principal) -> Sight:
    groups = None if principal.has("manager") else _decidable(runtime, principal)
    return Sight(principal.key_id, groups, principal.accounts)


async def expire(runtime: Runtime) -> None:
    """End what waited for longer than it lives: before each look and decision, and with each beat of the service."""
    if await runtime.store.read(approval_rows.due, runtime.clock()):
        await runtime.store.write(partial(_expire, runtime=runtime))


def _expire(conn: Connection, runtime: Runtime) -> None:
    now = runtime.clock()
    for proposal in approval_rows.due(conn, now):
        if approval_rows.end_proposal(conn, proposal.id, "expired", now):
            event = Event(
                action="approval.expired",
                account_id=proposal.account_id,
                subject=proposal.id,
                details={"requester": proposal.requester_key_id, "content_sha256": proposal.content_sha256},
            )
            audit_log.record(conn, SERVICE, event, now)


def _decidable(runtime: Runtime, principal: Principal) -> frozenset[str]:
    """The groups for which the caller decides."""
    return frozenset(group for group in get_args(Group) if runtime.policy.may_decide(principal, group))


def _statuses(status: Filter | None) -> frozenset[str] | None:
    if status == "any":
        return None
    return frozenset({"pending" if status is None or status == "overdue" else status})


def may_see_account(principal: Principal, account_id: str | None, *, is_own: bool) -> bool:
    """Whether what is about this account may be seen: a key limited to some accounts sees of what is about none its
    own alone."""
    if principal.accounts is None:
        return True
    return is_own if account_id is None else account_id in principal.accounts


def _is_seen(conn: Connection, sight: Sight, approval_id: str) -> bool:
    found = approval_rows.get_approval(conn, approval_id)
    return found is not None and sight.sees(found[1], found[0].approver_group)
