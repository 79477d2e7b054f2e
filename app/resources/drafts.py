"""Drafts in a command's answer that commit us: that is told beside each, and proposed.

A draft to a customer is proposed as the message that goes out once it is approved. One for colleagues that says what of
it commits us is a decision: its approval is all that is asked for, and nothing goes out.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from app.domain.authority import Found, Proposal
from app.domain.blocks import Block, Draft, Notice
from app.domain.command import Report
from app.domain.disclosure import leaks
from app.domain.effects import SendMessage
from app.domain.figures import text
from app.render.message import content_of, message_of, written
from app.resources import disclosure, proposals
from app.runtime import Runtime
from app.security.policy import Policy
from app.security.principals import Principal

ASKED = "They are asked now: do not send it before they have approved it. cse approvals list --mine shows what waits."
DECISION_ASKED = "They are asked now: offer nothing before they approve. cse approvals list --mine shows what waits."
NOT_ASKED = "Nobody was asked: type the command yourself, with a key that may write, and they are."
LEAKS = "Nobody was asked, because of what the customer must not read: {reasons}."
INCOMPLETE = "Nobody was asked, because they need to know more: send it with cse messages send, and give {missing}."


def with_approvals(
    conn: Connection,
    runtime: Runtime,
    principal: Principal,
    report: Report,
    *,
    command: str,
    account_id: str | None,
    turn_id: str,
    by_hand: bool,
) -> tuple[Report, tuple[Proposal, ...]]:
    """The report with a notice right after each draft that commits us, and what is proposed of them.

    Drafts to customers are read for words that commit us; of one for colleagues the words that it names are.
    `account_id` is whom the command is about, for drafts that name no account of their own. Where a person has not
    typed the command (`by_hand`), or may not write, nothing is proposed.
    """
    blocks: list[Block] = []
    raised: list[Proposal] = []
    for block in report.blocks:
        if not isinstance(block, Draft) or not (block.audience == "customer" or block.commits):
            blocks.append(block)
            continue
        draft = block.model_copy(update={"account_id": block.account_id or account_id})
        blocks.append(draft)
        to_customer = draft.audience == "customer"
        message = message_of(draft, draft.account_id or "", report.figures)
        read = runtime.commitments.find(written(message)) if to_customer else _beside(runtime, draft)
        found = proposals.need_approval(runtime.policy, (*draft.commits, *read))
        if not found:
            continue
        proposal = Proposal(
            content=content_of(message) if to_customer else written(message),
            found=found,
            outgoing=message if to_customer else None,
            account_id=draft.account_id,
            figures=report.figures,
            evidence=(turn_id,),
            reason=f"A draft of /{command}",
        )
        missing = proposals.missing_evidence(runtime.policy, proposal)
        told = _why_not(runtime.policy, principal, proposal, missing, by_hand=by_hand)
        if to_customer:
            told = told or _leaks(conn, runtime, message)
        if told is None:
            raised.append(proposal)
        needed = (
            f"Needs approval before it is {'sent' if to_customer else 'offered'}: {_needed(runtime.policy, found)}."
        )
        asked = ASKED if to_customer else DECISION_ASKED
        blocks.append(Notice(tone="warning", text=text(f"{needed} {told or asked}")))
    return replace(report, blocks=tuple(blocks)), tuple(raised)


def _beside(runtime: Runtime, draft: Draft) -> tuple[Found, ...]:
    """What else stands in the words of a decision, for groups that are not asked for it anyway."""
    kind = runtime.policy.kind
    asked = {kind(each.kind).approves for each in draft.commits}
    read = (found for each in draft.commits for found in runtime.commitments.find(each.words))
    return tuple(each for each in read if kind(each.kind).approves not in asked)


def _why_not(
    policy: Policy, principal: Principal, proposal: Proposal, missing: tuple[str, ...], *, by_hand: bool
) -> str | None:
    """Why it is not proposed; None where it is."""
    may_propose = all(principal.has(policy.kind(each.kind).proposes) for each in proposal.found)
    if not by_hand or not may_propose:
        return NOT_ASKED
    return INCOMPLETE.format(missing=proposals.wanted(missing)) if missing else None


def _leaks(conn: Connection, runtime: Runtime, message: SendMessage) -> str | None:
    """What in it the customer must not read: that is not even proposed."""
    unsaid = disclosure.read_unsaid(conn, runtime, message.account_id)
    found = leaks(written(message), unsaid, runtime.disclosure, "message")
    return LEAKS.format(reasons="; ".join(leak.reason for leak in found)) if found else None


def _needed(policy: Policy, found: tuple[Found, ...]) -> str:
    return "; ".join(_each(policy, found))


def _each(policy: Policy, found: tuple[Found, ...]) -> Iterator[str]:
    """The words, what they are, and who approves them."""
    for kind, group in policy.approvals_needed(found):
        words = (f"“{each}”" for each in proposals.words_of(found, kind))
        title = policy.kind(kind).title
        yield f"{', '.join(words)} is for {policy.groups[group].title} to approve ({title[:1].lower()}{title[1:]})"
