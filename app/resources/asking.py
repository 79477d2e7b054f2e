"""Asking for a decision: what a person proposes in their own words, of a kind that they name."""

from functools import partial

from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Found, Proposal
from app.domain.figures import Figure
from app.domain.problems import InvalidArguments
from app.render.characters import visible
from app.resources import accounts, proposals, turns
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import turn_rows
from app.store.approval_rows import BY_PERSON

LONGEST_SHOWN = 80
"""Characters of the content that stand for it in a list."""


async def ask(
    runtime: Runtime,
    principal: Principal,
    *,
    kind: str,
    content: str,
    reason: str,
    account: str | None = None,
    evidence: tuple[str, ...] = (),
    turn_id: str | None = None,
) -> tuple[ApprovalLine, ...]:
    """Ask for the decision. `turn_id` is a turn of the caller's, whose figures the approver is shown.

    Raises:
        InvalidArguments: the content is empty (`content_missing`), the kind unknown (`unknown_kind`), a review that
            nobody asks for or nothing that needs an approval (`needs_no_approval`), or evidence is missing.
        AccountNotFound, NotFound: no such account or turn of the caller's.
        Forbidden: the role may not propose that.
    """
    text = visible(content).strip()
    if not text:
        raise InvalidArguments("Say what is to be decided.", code="content_missing", missing=["content"])
    if runtime.policy.kind(kind).is_review:
        detail = "A holding message goes out from its template at once, and its review is asked for by itself."
        raise InvalidArguments(detail, code="needs_no_approval")
    about = await accounts.resolve(runtime, principal, account) if account is not None else None
    line = " ".join(text.split())
    words = line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"
    found = (Found(kind=kind, words=words, rule=BY_PERSON),)
    return await runtime.store.write(
        partial(_write, runtime=runtime, principal=principal, turn_id=turn_id),
        Proposal(content=text, found=found, account_id=about, evidence=evidence, reason=reason),
    )


def _write(
    conn: Connection, proposal: Proposal, *, runtime: Runtime, principal: Principal, turn_id: str | None
) -> tuple[ApprovalLine, ...]:
    if turn_id is not None:
        figures = figures_of_turn(conn, principal, turn_id)
        proposal = Proposal(
            content=proposal.content,
            found=proposal.found,
            account_id=proposal.account_id,
            figures=figures,
            evidence=(*proposal.evidence, turn_id),
            reason=proposal.reason,
        )
    return proposals.propose(conn, runtime, principal, turn_id, proposal, runtime.clock())


def figures_of_turn(conn: Connection, principal: Principal, turn_id: str) -> tuple[Figure, ...]:
    """The figures that a turn of the caller's stated.

    Raises:
        NotFound: no such turn of this caller.
    """
    turns.require_own_turn(conn, principal, turn_id)
    answer = turn_rows.get_turn(conn, turn_id).answer
    return answer.figures if answer else ()
