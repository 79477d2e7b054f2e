"""Proposals: what waits for approval is written here, and what was approved goes from here to the outbox."""

import datetime as dt
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Found, Proposal
from app.domain.effects import PublishArticle
from app.domain.problems import Conflict, Forbidden, InvalidArguments
from app.render.message import content_of, sha256_of
from app.resources import outbox
from app.retrieval import documents
from app.runtime import Runtime
from app.security.policy import Policy
from app.security.principals import Principal
from app.store import account_rows, approval_rows, audit_log
from app.store.approval_rows import BY_PERSON, StoredApproval, StoredProposal
from app.store.audit_log import Event
from app.store.outbox_rows import StoredMessage

LONGEST_CONTENT = 50_000
LONGEST_WORDS = 500
"""Characters."""

BETWEEN = " · "
"""Stands between several words of one kind."""


def need_approval(policy: Policy, found: Sequence[Found]) -> tuple[Found, ...]:
    """Those that a CSE does not do alone.

    Raises:
        InvalidArguments: the policy knows no such kind (`unknown_kind`).
    """
    return tuple(each for each in found if policy.kind(each.kind).approves is not None)


def words_of(found: Sequence[Found], kind: str) -> tuple[str, ...]:
    """The words of a kind, each once; those that are part of longer ones say nothing more."""
    words = tuple(dict.fromkeys(each.words for each in found if each.kind == kind and each.words))
    return tuple(each for each in words if not any(each in other for other in words if other != each))


def missing_evidence(policy: Policy, proposal: Proposal) -> tuple[str, ...]:
    """What the policy wants to know of these kinds and the proposal does not tell: account, reason, figures.

    An article is about no account.
    """
    missing = {name for found in proposal.found for name in policy.kind(found.kind).missing_evidence(proposal)}
    if isinstance(proposal.outgoing, PublishArticle):
        missing.discard("account")
    return tuple(sorted(missing))


def propose(
    conn: Connection,
    runtime: Runtime,
    principal: Principal,
    turn_id: str | None,
    proposal: Proposal,
    now: dt.datetime,
    *,
    amends: str | None = None,
) -> tuple[ApprovalLine, ...]:
    """Write what waits for approval, within a write transaction: one approval a kind.

    What the caller has proposed already, word for word, and waits, is told again and not written twice.

    Raises:
        Forbidden: the caller's role may not propose that.
        AccountNotFound: the account is not there, or outside the caller's scope.
        InvalidArguments: nothing in it needs an approval (`needs_no_approval`), the policy does not know the kind
            (`unknown_kind`), it wants more evidence (`evidence_missing`), or the text is too long (`text_too_long`).
        Conflict: the same text waits already, for other approvals (`already_proposed`).
    """
    found = need_approval(runtime.policy, proposal.found)
    check(conn, runtime, principal, proposal, found)
    content = proposal.content if proposal.outgoing is None else content_of(proposal.outgoing)
    digest = sha256_of(content)
    stored = StoredProposal(
        id=f"proposal_{uuid4().hex[:16]}",
        turn_id=turn_id,
        requester_key_id=principal.key_id,
        requester=principal.name,
        account_id=proposal.account_id,
        outgoing=proposal.outgoing,
        content=content,
        content_sha256=digest,
        figures=proposal.figures,
        evidence=proposal.evidence,
        reason=proposal.reason.strip(),
        status="pending",
        amends=amends,
        created_at=now,
    )
    waiting = approval_rows.pending_like(conn, stored, now)
    if waiting is not None:
        return _told_again(conn, waiting, found)
    approval_rows.add_proposal(conn, stored)
    lines = tuple(approval.line() for approval in _add_approvals(conn, runtime.policy, stored, found, now))
    _record(conn, principal, stored, "approval.proposed", now, kinds=[line.kind for line in lines])
    return lines


def check(
    conn: Connection, runtime: Runtime, principal: Principal, proposal: Proposal, found: tuple[Found, ...]
) -> None:
    """Let pass only what this caller may propose; see `propose`."""
    policy = runtime.policy
    length = len(proposal.content if proposal.outgoing is None else content_of(proposal.outgoing))
    if length > LONGEST_CONTENT:
        detail = f"The text has {length:,} characters; {LONGEST_CONTENT:,} can be approved at once. Shorten it."
        raise InvalidArguments(detail, code="text_too_long")
    if not found:
        raise InvalidArguments(
            "Nothing in it needs an approval: a CSE does it alone. Name the kind of action where you want one.",
            code="needs_no_approval",
        )
    for each in found:
        principal.require(policy.kind(each.kind).proposes, f"Proposing “{policy.kind(each.kind).title}”")
    if proposal.account_id is not None:
        account_rows.get_account(conn, proposal.account_id, principal.accounts, runtime.today())
    elif principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts proposes about one of them; name the account.")
    if missing := missing_evidence(policy, proposal):
        titles = " and ".join(sorted({f"“{policy.kind(each.kind).title}”" for each in found}))
        detail = f"Whoever approves {titles} needs to know more; give {wanted(missing)}."
        raise InvalidArguments(detail, code="evidence_missing", missing=list(missing))


def wanted(missing: tuple[str, ...]) -> str:
    """What of the evidence is to be given, in words."""
    return " and ".join(_WANTED[each] for each in missing)


_WANTED = {"account": "the account", "reason": "a reason", "figures": "the figures"}


def _told_again(conn: Connection, waiting: StoredProposal, found: tuple[Found, ...]) -> tuple[ApprovalLine, ...]:
    """The approvals that it waits for already.

    Raises:
        Conflict: they do not cover all that was found.
    """
    approvals = approval_rows.of_proposal(conn, waiting.id)
    if not {each.kind for each in found} <= {approval.kind for approval in approvals}:
        raise Conflict(
            f"You have proposed the same text already, and it waits as {approvals[0].id}; withdraw that one first.",
            code="already_proposed",
            approval=approvals[0].id,
        )
    return tuple(approval.line() for approval in approvals)


def _add_approvals(
    conn: Connection, policy: Policy, stored: StoredProposal, found: tuple[Found, ...], now: dt.datetime
) -> list[StoredApproval]:
    """One for each kind, with all the words that were found of it."""
    made = []
    for name, group in policy.approvals_needed(found):
        kind = policy.kind(name)
        words = BETWEEN.join(words_of(found, name))
        rules = {each.rule for each in found if each.kind == name}
        approval = StoredApproval(
            id=f"approval_{uuid4().hex[:16]}",
            proposal_id=stored.id,
            kind=name,
            approver_group=group,
            words=words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…",
            rule=BY_PERSON if BY_PERSON in rules else min(rules),
            status="pending",
            is_review=kind.is_review,
            created_at=now,
            expires_at=now + kind.lives,
        )
        approval_rows.add_approval(conn, approval)
        made.append(approval)
    return made


def ask_for_review(
    conn: Connection,
    runtime: Runtime,
    principal: Principal,
    message: StoredMessage,
    kind: str,
    evidence: tuple[str, ...],
) -> tuple[StoredMessage, ApprovalLine]:
    """Have somebody read what goes out at once: the message, now of a proposal that was let pass, and the review."""
    stored = StoredProposal(
        id=f"proposal_{uuid4().hex[:16]}",
        turn_id=message.turn_id,
        requester_key_id=principal.key_id,
        requester=principal.name,
        account_id=message.account_id,
        outgoing=message.outgoing,
        content=content_of(message.outgoing),
        content_sha256=message.content_sha256,
        figures=(),
        evidence=evidence,
        reason="Sent at once from an approved template; to be read afterwards.",
        status="approved",
        amends=None,
        created_at=message.created_at,
        ended_at=message.created_at,
    )
    approval_rows.add_proposal(conn, stored)
    found = (Found(kind=kind, words="", rule="template"),)
    (approval,) = _add_approvals(conn, runtime.policy, stored, found, message.created_at)
    _record(conn, principal, stored, "approval.review_asked", message.created_at, kinds=[kind])
    return message.model_copy(update={"proposal_id": stored.id}), approval.line()


def settle(
    conn: Connection, runtime: Runtime, principal: Principal, proposal: StoredProposal, now: dt.datetime
) -> None:
    """End a proposal that everybody asked has approved: what it wants to be done goes into the outbox.

    Raises:
        Conflict: it can no longer be done (`cannot_be_done`); the decision is not recorded then.
    """
    approval_rows.end_proposal(conn, proposal.id, "approved", now)
    if proposal.outgoing is None:
        return
    reason = outbox.obstacle(conn, runtime, proposal.requester_key_id, proposal.account_id)
    if reason := reason or _changed_since(conn, proposal):
        raise Conflict(f"It can no longer be done: {reason}. Reject it.", code="cannot_be_done")
    if sha256_of(content_of(proposal.outgoing)) != proposal.content_sha256:
        raise Conflict("What is stored is not what was proposed; reject it.", code="content_changed")
    requester = outbox.Requester(proposal.requester_key_id, proposal.requester)
    message = outbox.new_message(runtime, requester, proposal.outgoing, proposal.turn_id, now, proposal.id)
    outbox.put_out(conn, principal, message)


def withdraw_of_turn(conn: Connection, principal: Principal, turn_id: str, now: dt.datetime) -> None:
    """Withdraw what the caller has proposed in a turn that is undone, and nobody has decided yet."""
    for proposal in approval_rows.waiting_of_turn(conn, turn_id, principal.key_id):
        approval_rows.end_proposal(conn, proposal.id, "withdrawn", now)
        kinds = [approval.kind for approval in approval_rows.of_proposal(conn, proposal.id)]
        _record(conn, principal, proposal, "approval.withdrawn", now, kinds=kinds)


def _changed_since(conn: Connection, proposal: StoredProposal) -> str | None:
    """Why an article must not be written over; None where nobody has touched it since it was proposed."""
    if not isinstance(proposal.outgoing, PublishArticle):
        return None
    changed = documents.changed_at(conn, proposal.outgoing.document)
    if changed is None or changed <= proposal.created_at:
        return None
    return f"the article {proposal.outgoing.document} was changed or deleted since"


def _record(
    conn: Connection, principal: Principal, proposal: StoredProposal, action: str, now: dt.datetime, *, kinds: list[str]
) -> None:
    event = Event(
        action=action,
        account_id=proposal.account_id,
        subject=proposal.id,
        turn_id=proposal.turn_id,
        details={"kinds": kinds, "content_sha256": proposal.content_sha256, "amends": proposal.amends},
    )
    audit_log.record(conn, principal, event, now)
