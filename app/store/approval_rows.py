"""Proposals and approvals in the database. Who may see and decide them is checked in `app.resources`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Select, false, insert, or_, select, update

from app.domain.authority import ApprovalLine, Group
from app.domain.effects import Outgoing
from app.domain.figures import Figure
from app.security.principals import Principal
from app.store.tables import TABLES

PROPOSALS, APPROVALS = TABLES["proposal"], TABLES["approval"]

ApprovalStatus = Literal["pending", "approved", "rejected", "expired", "closed", "void"]
ProposalStatus = Literal["pending", "approved", "rejected", "withdrawn", "expired", "amended"]

BY_PERSON = "a person"
"""The rule of a kind that a person named, not the detector."""


class StoredProposal(BaseModel):
    """A proposal as it was written: see `app.domain.authority.Proposal`."""

    model_config = ConfigDict(frozen=True)
    id: str
    turn_id: str | None
    requester_key_id: str
    requester: str
    account_id: str | None
    outgoing: Outgoing | None
    content: str
    content_sha256: str
    figures: tuple[Figure, ...]
    evidence: tuple[str, ...]
    reason: str
    status: ProposalStatus
    amends: str | None
    created_at: dt.datetime
    ended_at: dt.datetime | None = None


class StoredApproval(BaseModel):
    """One group's decision on a proposal."""

    model_config = ConfigDict(frozen=True)
    id: str
    proposal_id: str
    kind: str
    approver_group: Group
    words: str
    rule: str
    status: ApprovalStatus
    is_review: bool
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_at: dt.datetime | None = None
    decided_by_key_id: str | None = None
    decided_by: str | None = None
    reason: str | None = None

    def line(self) -> ApprovalLine:
        """As an answer tells it."""
        return ApprovalLine(
            id=self.id,
            kind=self.kind,
            group=self.approver_group,
            words=self.words,
            status=self.status,
            expires_at=self.expires_at,
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """Which approvals a caller sees: its own, and those of its groups (None: of every group) within its accounts."""

    key_id: str
    groups: frozenset[str] | None
    accounts: frozenset[str] | None

    def sees(self, proposal: StoredProposal, group: str) -> bool:
        """What is about no account may be about any: a key that is limited to some sees only its own of these."""
        is_own = proposal.requester_key_id == self.key_id
        if self.accounts is not None and proposal.account_id is None:
            return is_own
        if self.accounts is not None and proposal.account_id not in self.accounts:
            return False
        return is_own or self.groups is None or group in self.groups


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the approvals that are seen are listed; None: any."""

    statuses: frozenset[str] | None = None
    group: str | None = None
    decidable: frozenset[str] | None = None
    """Only what the caller requested, and what these groups decide."""
    is_own: bool = False
    overdue_at: dt.datetime | None = None
    """Only reviews that were due by then."""


def add_proposal(conn: Connection, proposal: StoredProposal) -> None:
    conn.execute(insert(PROPOSALS).values(proposal.model_dump(mode="json") | _instants(proposal)))


def add_approval(conn: Connection, approval: StoredApproval) -> None:
    conn.execute(insert(APPROVALS).values(approval.model_dump()))


def _instants(proposal: StoredProposal) -> dict[str, Any]:
    """Only what is JSON is written as JSON."""
    return {"created_at": proposal.created_at, "ended_at": proposal.ended_at}


def get_approval(conn: Connection, approval_id: str) -> tuple[StoredApproval, StoredProposal] | None:
    """An approval with its proposal."""
    row = conn.execute(select(APPROVALS).where(APPROVALS.c.id == approval_id)).mappings().one_or_none()
    if row is None:
        return None
    approval = StoredApproval.model_validate(dict(row))
    return approval, get_proposal(conn, approval.proposal_id)


def get_proposal(conn: Connection, proposal_id: str) -> StoredProposal:
    """A proposal that is known to be there."""
    row = conn.execute(select(PROPOSALS).where(PROPOSALS.c.id == proposal_id)).mappings().one()
    return StoredProposal.model_validate(dict(row))


def successor(conn: Connection, proposal_id: str) -> StoredProposal | None:
    """The proposal that was put in the place of this one; None where there is none."""
    row = conn.execute(select(PROPOSALS).where(PROPOSALS.c.amends == proposal_id)).mappings().one_or_none()
    return None if row is None else StoredProposal.model_validate(dict(row))


def of_proposal(conn: Connection, proposal_id: str) -> list[StoredApproval]:
    """A proposal's approvals, by the kind."""
    query = select(APPROVALS).where(APPROVALS.c.proposal_id == proposal_id).order_by(APPROVALS.c.kind, APPROVALS.c.id)
    return [StoredApproval.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def pending_like(conn: Connection, proposal: StoredProposal, now: dt.datetime) -> StoredProposal | None:
    """What the same requester has proposed already, of the same content to the same end, and still waits."""
    c = PROPOSALS.c
    query = select(PROPOSALS).where(
        c.requester_key_id == proposal.requester_key_id,
        c.content_sha256 == proposal.content_sha256,
        c.account_id.is_not_distinct_from(proposal.account_id),
        c.status == "pending",
        c.id.not_in(_late(now)),
    )
    rows = conn.execute(query.order_by(c.created_at)).mappings()
    waiting = (StoredProposal.model_validate(dict(row)) for row in rows)
    return next((each for each in waiting if each.outgoing == proposal.outgoing), None)


def waiting_of_turn(conn: Connection, turn_id: str, requester_key_id: str) -> list[StoredProposal]:
    """What the requester has proposed in that turn, and still waits."""
    c = PROPOSALS.c
    query = select(PROPOSALS).where(c.turn_id == turn_id, c.requester_key_id == requester_key_id, c.status == "pending")
    return [StoredProposal.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def list_approvals(
    conn: Connection, sight: Sight, wanted: Wanted, limit: int, cursor: str | None
) -> list[tuple[StoredApproval, StoredProposal]]:
    """Approvals that the caller sees, the newest first, behind the one whose id is the cursor."""
    query = _joined().where(*_seen(sight), *_wanted(wanted, sight.key_id))
    if cursor is not None:
        last = select(APPROVALS.c.created_at).where(APPROVALS.c.id == cursor).scalar_subquery()
        query = query.where(
            or_(APPROVALS.c.created_at < last, (APPROVALS.c.created_at == last) & (APPROVALS.c.id < cursor))
        )
    query = query.order_by(APPROVALS.c.created_at.desc(), APPROVALS.c.id.desc()).limit(limit)
    approvals = [StoredApproval.model_validate(dict(row)) for row in conn.execute(query).mappings()]
    ids = {approval.proposal_id for approval in approvals}
    rows = conn.execute(select(PROPOSALS).where(PROPOSALS.c.id.in_(ids))).mappings()
    proposals = {row["id"]: StoredProposal.model_validate(dict(row)) for row in rows}
    return [(approval, proposals[approval.proposal_id]) for approval in approvals]


def decide(
    conn: Connection,
    approval_id: str,
    status: ApprovalStatus,
    principal: Principal,
    reason: str | None,
    now: dt.datetime,
) -> bool:
    """Decide an approval that is pending; False where another was faster."""
    decided = conn.execute(
        update(APPROVALS)
        .where(APPROVALS.c.id == approval_id, APPROVALS.c.status == "pending")
        .values(
            status=status,
            decided_at=now,
            decided_by_key_id=principal.key_id,
            decided_by=principal.name,
            reason=reason,
        )
    )
    return decided.rowcount == 1


def end_proposal(conn: Connection, proposal_id: str, status: ProposalStatus, now: dt.datetime) -> bool:
    """End a proposal that is pending, with what still waits of it; False where it has ended before."""
    ended = conn.execute(
        update(PROPOSALS)
        .where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.status == "pending")
        .values(status=status, ended_at=now)
    )
    if ended.rowcount != 1:
        return False
    of_it = APPROVALS.c.proposal_id == proposal_id
    if status == "amended":
        conn.execute(update(APPROVALS).where(of_it, APPROVALS.c.status == "approved").values(status="void"))
    left: ApprovalStatus = "expired" if status == "expired" else "closed"
    conn.execute(update(APPROVALS).where(of_it, APPROVALS.c.status == "pending").values(status=left))
    return True


def due(conn: Connection, now: dt.datetime) -> list[StoredProposal]:
    """Proposals that wait for an approval for longer than it lives. Reviews do not expire."""
    query = select(PROPOSALS).where(PROPOSALS.c.status == "pending", PROPOSALS.c.id.in_(_late(now)))
    return [StoredProposal.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def _late(now: dt.datetime) -> Select[Any]:
    """Ids of proposals that have an approval which was not given in time."""
    return select(APPROVALS.c.proposal_id).where(
        APPROVALS.c.status == "pending", APPROVALS.c.is_review.is_(False), APPROVALS.c.expires_at <= now
    )


def _joined() -> Select[Any]:
    return select(APPROVALS).join(PROPOSALS, PROPOSALS.c.id == APPROVALS.c.proposal_id)


def _seen(sight: Sight) -> Sequence[ColumnElement[bool]]:
    """As `Sight.sees`."""
    is_own = PROPOSALS.c.requester_key_id == sight.key_id
    where: list[ColumnElement[bool]] = []
    if sight.groups is not None:
        where.append(or_(is_own, APPROVALS.c.approver_group.in_(sorted(sight.groups))))
    if sight.accounts is not None:
        within = PROPOSALS.c.account_id.in_(sorted(sight.accounts)) if sight.accounts else false()
        where.append(or_(within, is_own & PROPOSALS.c.account_id.is_(None)))
    return where


def _wanted(wanted: Wanted, key_id: str) -> Sequence[ColumnElement[bool]]:
    is_own = PROPOSALS.c.requester_key_id == key_id
    where: list[ColumnElement[bool]] = []
    if wanted.statuses is not None:
        where.append(APPROVALS.c.status.in_(sorted(wanted.statuses)))
    if wanted.group is not None:
        where.append(APPROVALS.c.approver_group == wanted.group)
    if wanted.decidable is not None:
        where.append(or_(is_own, APPROVALS.c.approver_group.in_(sorted(wanted.decidable))))
    if wanted.is_own:
        where.append(is_own)
    if wanted.overdue_at is not None:
        where += [APPROVALS.c.is_review, APPROVALS.c.expires_at <= wanted.overdue_at]
    return where
