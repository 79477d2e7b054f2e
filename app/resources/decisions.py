"""Decisions on approvals: approve, reject, amend, withdraw. Nobody decides what they requested.

Each is one write transaction with its line in the audit log; what the last approval permits is in the outbox with it.
"""

import datetime as dt
from collections.abc import Callable
from typing import Literal, TypeVar, assert_never

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Found, Proposal
from app.domain.effects import Outgoing, PublishArticle, SendMessage
from app.domain.problems import Conflict, Forbidden, InvalidArguments
from app.render.characters import visible
from app.render.message import clean_article, clean_message, content_of, sha256_of, written
from app.resources import approvals, knowledge, messages, outbox, proposals
from app.resources.approvals import ApprovalDetail, MessageLine
from app.resources.proposals import BETWEEN
from app.runtime import Runtime
from app.security.principals import SERVICE, Principal
from app.store import account_rows, approval_rows, audit_log, key_rows
from app.store.approval_rows import BY_PERSON, StoredApproval, StoredProposal
from app.store.audit_log import Event

T = TypeVar("T")


class Amended(BaseModel):
    """What the new text waits for. Where it needs no approval any more, it is in the outbox."""

    approvals: tuple[ApprovalLine, ...]
    message: MessageLine | None


async def approve(
    runtime: Runtime, principal: Principal, approval_id: str, content_sha256: str, reason: str = ""
) -> ApprovalDetail:
    """Approve exactly the content that has this digest. With the last approval of a proposal it goes into the outbox.

    Raises:
        NotFound: no such approval for the caller.
        Forbidden: the caller requested it (`own_proposal`), or is not of its group (`not_in_group`).
        Conflict: `already_decided`, `content_changed`, `cannot_be_done`.
    """

    def write(conn: Connection) -> ApprovalDetail:
        now = runtime.clock()
        approval, proposal = _decidable(conn, runtime, principal, approval_id, now)
        _require_read(proposal, content_sha256)
        _decide(conn, principal, approval, proposal, "approved", reason, now)
        rest = approval_rows.of_proposal(conn, proposal.id)
        if not approval.is_review and all(each.status == "approved" for each in rest):
            proposals.settle(conn, runtime, principal, proposal, now)
        return approvals.detail(conn, runtime, principal, approval_id)

    return await _write(runtime, write)


async def reject(runtime: Runtime, principal: Principal, approval_id: str, reason: str) -> ApprovalDetail:
    """Reject a proposal, which ends it. What a review rejects has gone out already: its reason says what to do.

    Raises:
        NotFound, Forbidden, Conflict: as `approve`.
        InvalidArguments: there is no reason (`reason_missing`).
    """
    if not reason.strip():
        raise InvalidArguments("Say why: the requester reads it.", code="reason_missing", missing=["reason"])

    def write(conn: Connection) -> ApprovalDetail:
        now = runtime.clock()
        approval, proposal = _decidable(conn, runtime, principal, approval_id, now)
        _decide(conn, principal, approval, proposal, "rejected", reason, now)
        if not approval.is_review:
            approval_rows.end_proposal(conn, proposal.id, "rejected", now)
        return approvals.detail(conn, runtime, principal, approval_id)

    return await _write(runtime, write)


async def withdraw(runtime: Runtime, principal: Principal, approval_id: str) -> ApprovalDetail:
    """Take a proposal back, with all its approvals.

    Raises:
        NotFound: no such approval for the caller.
        Forbidden: somebody else requested it (`not_yours`).
        Conflict: `already_decided`.
    """

    def write(conn: Connection) -> ApprovalDetail:
        now = runtime.clock()
        approval, proposal = approvals.seen(conn, runtime, principal, approval_id)
        if proposal.requester_key_id != principal.key_id:
            raise Forbidden(
                f"{proposal.requester} requested it and alone may withdraw it; reject it instead.", code="not_yours"
            )
        _require_waiting(approval, proposal, now)
        approval_rows.end_proposal(conn, proposal.id, "withdrawn", now)
        _record(conn, principal, approval, proposal, "approval.withdrawn", now)
        return approvals.detail(conn, runtime, principal, approval_id)

    return await _write(runtime, write)


async def amend(
    runtime: Runtime, principal: Principal, approval_id: str, content: str, subject: str | None = None
) -> Amended:
    """Propose another text in the place of what waits; approvals that the old one had are void.

    Whoever amends it has requested it from then on, and somebody else must approve. The text is read anew for what
    commits us, so that other groups may have to. `content` is a message's body, an article's text, or the decision.

    Raises:
        NotFound: no such approval for the caller.
        Forbidden: the caller neither requested it nor is of the group (`not_in_group`).
        Conflict: `already_decided`.
        AccountNotFound: the account is not there any more.
        InvalidArguments: the text is empty (`content_missing`), no message (`invalid_message`), holds what the
            customer must not read (`leak`), or as `proposals.propose`.
        Problem: it is no article (`invalid_document`, `document_too_large`).
    """

    before = await approvals.get(runtime, principal, approval_id)
    if not visible(content).strip():
        raise InvalidArguments("Say what it is to be instead.", code="content_missing", missing=["content"])
    outgoing = _with_text(before.outgoing, content, subject)
    if isinstance(outgoing, SendMessage):
        await messages.refuse_leaks(runtime, principal, messages.checked(outgoing))
    if isinstance(outgoing, PublishArticle):
        knowledge.check(outgoing)

    def write(conn: Connection) -> Amended:
        now = runtime.clock()
        approval, proposal = approvals.seen(conn, runtime, principal, approval_id)
        if proposal.requester_key_id != principal.key_id:
            _require_member(runtime, principal, approval)
        _require_waiting(approval, proposal, now)
        kinds = _kept_kinds(conn, proposal, content if outgoing is None else written(outgoing))
        approval_rows.end_proposal(conn, proposal.id, "amended", now)
        _record(conn, principal, approval, proposal, "approval.amended", now)
        new = _anew(runtime, proposal, kinds, outgoing, content)
        return _propose_or_send(conn, runtime, principal, proposal, new, now)

    return await _write(runtime, write)


def _anew(
    runtime: Runtime, old: StoredProposal, kinds: tuple[Found, ...], outgoing: Outgoing | None, content: str
) -> Proposal:
    """The same proposal with another text, and with what is found in that."""
    found = runtime.commitments.find(written(outgoing)) if outgoing is not None else ()
    return Proposal(
        content=visible(content).strip() if outgoing is None else content_of(outgoing),
        found=(*kinds, *found),
        outgoing=outgoing,
        account_id=old.account_id,
        figures=old.figures,
        evidence=old.evidence,
        reason=old.reason,
    )


def _propose_or_send(
    conn: Connection, runtime: Runtime, principal: Principal, old: StoredProposal, new: Proposal, now: dt.datetime
) -> Amended:
    if new.outgoing is not None and not proposals.need_approval(runtime.policy, new.found):
        if new.account_id is not None:
            account_rows.get_account(conn, new.account_id, principal.accounts, runtime.today())
        requester = outbox.Requester(principal.key_id, principal.name)
        message = outbox.new_message(runtime, requester, new.outgoing, old.turn_id, now)
        outbox.put_out(conn, principal, message)
        return Amended(approvals=(), message=MessageLine(id=message.id, status=message.status))
    lines = proposals.propose(conn, runtime, principal, old.turn_id, new, now, amends=old.id)
    return Amended(approvals=lines, message=None)


def _with_text(outgoing: Outgoing | None, content: str, subject: str | None) -> Outgoing | None:
    """The same to the same, with another text; what is not given stays."""
    match outgoing:
        case SendMessage():
            return clean_message(outgoing.account_id, outgoing.subject if subject is None else subject, content)
        case PublishArticle():
            return clean_article(outgoing.document, outgoing.title if subject is None else subject, content)
        case None:
            return None
        case _:
            assert_never(outgoing)


def _kept_kinds(conn: Connection, proposal: StoredProposal, text: str) -> tuple[Found, ...]:
    """The kinds that a person named, whatever the new text is, and those whose words still stand in it."""
    return tuple(
        Found(kind=approval.kind, words=approval.words, rule=approval.rule)
        for approval in approval_rows.of_proposal(conn, proposal.id)
        if approval.rule == BY_PERSON
        or any(words.rstrip("…") in text for words in approval.words.split(BETWEEN) if words)
    )


def _decidable(
    conn: Connection, runtime: Runtime, principal: Principal, approval_id: str, now: dt.datetime
) -> tuple[StoredApproval, StoredProposal]:
    """The approval, where this caller may decide it now.

    Raises:
        NotFound, Forbidden, Conflict: as `approve`.
    """
    approval, proposal = approvals.seen(conn, runtime, principal, approval_id)
    _require_open(approval, proposal, now)
    if principal.key_id == proposal.requester_key_id:
        raise Forbidden(_own_proposal(approval), code="own_proposal")
    _require_member(runtime, principal, approval)
    return approval, proposal


def _own_proposal(approval: StoredApproval) -> str:
    return (
        "You requested this yourself; somebody else must decide it. Whoever works alone reads it again with a second "
        f"key: `cse keys create --role cse --name NAME --group {approval.approver_group}` makes one, and "
        f"`CSE_KEY=KEY cse approvals show {approval.id}` uses it."
    )


def _require_member(runtime: Runtime, principal: Principal, approval: StoredApproval) -> None:
    """Let pass only whoever is of the group, or of its deputy, and may write at all.

    Raises:
        Forbidden: the caller is not (`not_in_group`).
    """
    group = approval.approver_group
    if principal.has("cse") and principal != SERVICE and runtime.policy.may_decide(principal, group):
        return
    deputy = runtime.policy.groups[group].deputy
    raise Forbidden(
        f"It is for the group {group} to decide, or for its deputy {deputy}, with the role cse or higher; this key has "
        f"the role {principal.role} and the groups {', '.join(sorted(principal.groups)) or 'none'}.",
        code="not_in_group",
    )


def _require_open(approval: StoredApproval, proposal: StoredProposal, now: dt.datetime) -> None:
    """Let pass only what waits for a decision.

    Raises:
        Conflict: it does not any more; the sentence says what became of it, by whom and when (`already_decided`).
    """
    if approval.status == "pending" and (approval.is_review or approval.expires_at > now):
        return
    raise already_decided(approval, proposal)


def _require_waiting(approval: StoredApproval, proposal: StoredProposal, now: dt.datetime) -> None:
    """Let pass only a proposal that waits, whatever was decided of it already.

    Raises:
        Conflict: it has ended, or has gone out and is reviewed (`already_decided`).
    """
    if approval.is_review:
        raise Conflict("It has gone out already: send another message instead.", code="already_decided")
    if proposal.status != "pending" or (approval.status == "pending" and approval.expires_at <= now):
        raise already_decided(approval, proposal)


def already_decided(approval: StoredApproval, proposal: StoredProposal) -> Conflict:
    """Says what became of an approval."""
    if approval.decided_at is not None and approval.status != "void":
        told = f"It was {approval.status} by {approval.decided_by} at {approval.decided_at:%Y-%m-%d %H:%M} UTC."
    elif proposal.status in ("pending", "expired"):
        told = f"It expired at {approval.expires_at:%Y-%m-%d %H:%M} UTC; propose it again."
    else:
        told = f"The proposal was {proposal.status}."
    return Conflict(
        told,
        code="already_decided",
        decision=approval.status,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        proposal_status=proposal.status,
    )


def _require_read(proposal: StoredProposal, content_sha256: str) -> None:
    """Let pass only who has read what is stored, byte for byte.

    Raises:
        Conflict: it is another text (`content_changed`).
    """
    read = content_sha256.strip().lower()
    if read != proposal.content_sha256 or read != sha256_of(proposal.content):
        raise Conflict(
            "This is not the text that you have read; read it again and approve that one.", code="content_changed"
        )


def _decide(
    conn: Connection,
    principal: Principal,
    approval: StoredApproval,
    proposal: StoredProposal,
    status: Literal["approved", "rejected"],
    reason: str,
    now: dt.datetime,
) -> None:
    """Record the decision. Of several at once the first counts.

    Raises:
        Conflict: another was faster (`already_decided`).
    """
    if not approval_rows.decide(conn, approval.id, status, principal, reason.strip() or None, now):
        found = approval_rows.get_approval(conn, approval.id)
        raise already_decided(*(found or (approval, proposal)))
    action = f"{'review' if approval.is_review else 'approval'}.{status}"
    _record(conn, principal, approval, proposal, action, now)


def _record(
    conn: Connection,
    principal: Principal,
    approval: StoredApproval,
    proposal: StoredProposal,
    action: str,
    now: dt.datetime,
) -> None:
    """Tell the audit log, and whether the requester has made the very key that decides: one person may have both."""
    key = key_rows.get(conn, principal.key_id)
    event = Event(
        action=action,
        account_id=proposal.account_id,
        subject=approval.id,
        turn_id=proposal.turn_id,
        details={
            "proposal": proposal.id,
            "kind": approval.kind,
            "group": approval.approver_group,
            "requester": proposal.requester_key_id,
            "content_sha256": proposal.content_sha256,
            "key_made_by_requester": key is not None and key.created_by == proposal.requester_key_id,
        },
    )
    audit_log.record(conn, principal, event, now)


async def _write(runtime: Runtime, write: Callable[[Connection], T]) -> T:
    """Decide on what has not expired; then whatever delivers looks into the outbox."""
    await approvals.expire(runtime)
    done = await runtime.store.write(write)
    runtime.outbox_filled.set()
    return done
