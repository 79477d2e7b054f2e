"""Approvals: who sees, decides and amends them, and that what was approved is what goes into the outbox."""

import asyncio
from typing import Any

import pytest

from app.domain.authority import Found, Proposal
from app.domain.blocks import Verdict
from app.domain.effects import SendMessage
from app.domain.figures import Figure, text
from app.domain.problems import Problem
from app.domain.reply import Reply
from app.render.message import content_of, sha256_of
from app.resources import approvals, asking, decisions, messages, turns
from app.security.principals import LOCAL, Principal
from tests.resources.conftest import NOW, Desk, Office

DISCOUNT = Found(kind="discount", words="20 % off", rule="test")
SECURITY = Found(kind="security_statement", words="SOC 2", rule="test")


async def propose(
    desk: Desk,
    by: Principal,
    *found: Found,
    body: str = "We give you 20 % off.",
    account: str = "acme",
) -> list[str]:
    """Propose a message; the ids of its approvals."""
    message = SendMessage(account_id=account, subject="Your offer", body=body)
    proposal = Proposal(content_of(message), found or (DISCOUNT,), message, account, reason="asked for")

    def write(conn: Any) -> list[str]:
        lines = approvals.propose(conn, desk.runtime, by, None, proposal, desk.clock())
        return [line.id for line in lines]

    return await desk.runtime.store.write(write)


async def approve(desk: Desk, by: Principal, approval_id: str, sha: str | None = None) -> approvals.ApprovalDetail:
    """Read it and approve what was read."""
    read = await approvals.get(desk.runtime, by, approval_id)
    return await decisions.approve(desk.runtime, by, approval_id, sha or read.content_sha256)


async def refused(work: Any) -> str:
    """The code of the problem that it ends with."""
    with pytest.raises(Problem) as caught:
        await work
    return caught.value.code


@pytest.mark.parametrize(
    "body",
    ["We give you 20 % off.", "Grüße, 你好 — Ω≈ 🙂 \n\n  indented\ttab", "a\n" * 5_000],
    ids=["plain", "unicode", "long"],
)
def test_what_was_approved_is_in_the_outbox_byte_for_byte(office: Office, body: str) -> None:
    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        (approval,) = await propose(desk, requester, body=body)
        assert await desk.rows("outbox", "id") == []
        done = await approve(desk, approver, approval)
        assert (done.status, done.proposal_status, done.decided_by) == ("approved", "approved", approver.name)
        assert done.message is not None
        assert done.message.status == "by_hand"
        (message,) = (await messages.list_messages(desk.runtime, requester, None, 10, None)).items
        assert isinstance(message.outgoing, SendMessage)
        assert message.outgoing.body == body
        assert content_of(message.outgoing) == done.content
        assert sha256_of(done.content) == message.content_sha256 == done.content_sha256
        assert await messages.say_sent(desk.runtime, requester, message.id)
        assert (await messages.say_sent(desk.runtime, requester, message.id)).status == "sent_by_hand"
        assert await desk.actions() == [
            "approval.proposed", "approval.approved", "outbox.added", "outbox.sent_by_hand"
        ]  # fmt: skip

    office.run(work)


def test_every_group_must_approve_and_one_person_may_be_of_both(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, both = await desk.key(), await desk.key("cse", "commercial", "security")
        first, second = await propose(desk, requester, DISCOUNT, SECURITY)
        assert (await approve(desk, both, first)).proposal_status == "pending"
        assert await desk.rows("outbox", "id") == []
        assert (await approve(desk, both, second)).proposal_status == "approved"
        assert len(await desk.rows("outbox", "id")) == 1

    office.run(work)


def test_nobody_approves_what_they_requested(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key("admin", "commercial", "executive")
        (approval,) = await propose(desk, requester)
        assert not (await approvals.get(desk.runtime, requester, approval)).may_decide
        with pytest.raises(Problem) as caught:
            await approve(desk, requester, approval)
        assert caught.value.code == "own_proposal"
        assert "cse keys create --role cse --name NAME --group commercial" in caught.value.detail
        assert await refused(decisions.reject(desk.runtime, requester, approval, "no")) == "own_proposal"
        (own,) = await asking.ask(
            desk.runtime, LOCAL, kind="policy_exception", content="Logs for 2 years", reason="audit", account="acme"
        )
        assert await refused(approve(desk, LOCAL, own.id)) == "own_proposal"

    sqlite_office.run(work)


@pytest.mark.parametrize(
    ("role", "groups", "accounts", "code"),
    [
        ("cse", ["commercial"], None, None),
        ("cse", ["executive"], None, None),  # the deputy
        ("cse", ["commercial"], ["acme"], None),
        ("cse", [], None, "approval_not_found"),
        ("cse", ["security"], None, "approval_not_found"),
        ("cse", ["commercial"], ["globex"], "approval_not_found"),
        ("admin", ["commercial"], ["globex"], "approval_not_found"),
        ("manager", [], None, "not_in_group"),
        ("admin", [], None, "not_in_group"),
        ("viewer", ["commercial"], None, "not_in_group"),
    ],
)
def test_who_may_approve(
    sqlite_office: Office, role: Any, groups: list[str], accounts: list[str] | None, code: str | None
) -> None:
    async def work(desk: Desk) -> None:
        (approval,) = await propose(desk, await desk.key())
        limited = None if accounts is None else frozenset(accounts)
        caller = await desk.key(role, *groups, accounts=limited)
        listed = await approvals.list_approvals(desk.runtime, caller, None, None, mine=False, limit=10, cursor=None)
        everything = await approvals.list_approvals(
            desk.runtime, caller, "any", None, mine=False, limit=10, cursor=None
        )
        if code is None:
            assert [item.id for item in listed.items if item.may_decide] == [approval]
            assert (await approve(desk, caller, approval)).status == "approved"
            return
        assert not [item for item in listed.items if item.may_decide]
        assert len(everything.items) == (code != "approval_not_found")
        assert await refused(approve(desk, caller, approval)) == code
        assert (await desk.rows("approval", "status")) == [("pending",)]

    sqlite_office.run(work)


def test_a_decision_is_made_once(office: Office) -> None:
    async def work(desk: Desk) -> None:
        one, other = await desk.key("cse", "commercial"), await desk.key("cse", "commercial")
        (approval,) = await propose(desk, await desk.key())
        digest = (await approvals.get(desk.runtime, one, approval)).content_sha256
        results = await asyncio.gather(
            decisions.approve(desk.runtime, one, approval, digest),
            decisions.reject(desk.runtime, other, approval, "too much"),
            decisions.approve(desk.runtime, other, approval, digest),
            return_exceptions=True,
        )
        lost = [result for result in results if isinstance(result, Problem)]
        assert [problem.code for problem in lost] == ["already_decided"] * 2
        assert lost[0].extra["decided_by"] in (one.name, other.name)
        assert "2026-03-10 12:00 UTC" in lost[0].detail
        (status,) = await desk.rows("proposal", "status")
        assert len(await desk.rows("outbox", "id")) == (status == ("approved",))

    office.run(work)


def test_what_was_not_read_is_not_approved(office: Office) -> None:
    async def work(desk: Desk) -> None:
        (approval,) = await propose(desk, await desk.key())
        approver = await desk.key("cse", "commercial")
        for wrong in ("", "0" * 64, "é"):
            assert await refused(decisions.approve(desk.runtime, approver, approval, wrong)) == "content_changed"
        assert await desk.rows("outbox", "id") == []

    office.run(work)


def test_the_same_text_is_proposed_once(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        first = await propose(desk, requester)
        assert await propose(desk, requester) == first
        assert await refused(propose(desk, requester, DISCOUNT, SECURITY)) == "already_proposed"
        assert await propose(desk, await desk.key()) != first
        assert len(await desk.rows("proposal", "id")) == 2

    office.run(work)


def test_a_rejection_says_why_and_ends_the_others(office: Office) -> None:
    async def work(desk: Desk) -> None:
        approver = await desk.key("cse", "commercial")
        first, second = await propose(desk, await desk.key(), DISCOUNT, SECURITY)
        assert await refused(decisions.reject(desk.runtime, approver, first, " ")) == "reason_missing"
        done = await decisions.reject(desk.runtime, approver, first, "Sales owns pricing")
        assert (done.status, done.decision_reason, done.proposal_status) == (
            "rejected",
            "Sales owns pricing",
            "rejected",
        )
        assert sorted(line.status for line in done.approvals) == ["closed", "rejected"]
        security = await desk.key("cse", "security")
        assert await refused(approve(desk, security, second)) == "already_decided"
        assert await desk.rows("outbox", "id") == []

    office.run(work)


def test_only_the_requester_withdraws(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        (approval,) = await propose(desk, requester)
        assert await refused(decisions.withdraw(desk.runtime, approver, approval)) == "not_yours"
        assert (await decisions.withdraw(desk.runtime, requester, approval)).proposal_status == "withdrawn"
        assert await refused(approve(desk, approver, approval)) == "already_decided"
        assert await refused(decisions.withdraw(desk.runtime, requester, approval)) == "already_decided"
        assert len(await propose(desk, requester)) == 1

    office.run(work)


def test_what_nobody_decides_expires(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        (approval,) = await propose(desk, requester)
        desk.clock.move(hours=71)
        assert (await approvals.get(desk.runtime, approver, approval)).status == "pending"
        digest = (await approvals.get(desk.runtime, approver, approval)).content_sha256
        desk.clock.move(hours=1)
        with pytest.raises(Problem, match="It expired at 2026-03-13 12:00 UTC"):
            await decisions.approve(desk.runtime, approver, approval, digest)
        found = await approvals.get(desk.runtime, approver, approval)
        assert (found.status, found.proposal_status, found.may_decide) == ("expired", "expired", False)
        assert (await desk.actions())[-1] == "approval.expired"
        assert await desk.rows("outbox", "id") == []

    office.run(work)


def test_an_amendment_is_read_anew_and_voids_what_was_approved(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        (stated,) = await asking.ask(
            desk.runtime, requester, kind="discount", content="10 % for Acme", reason="renewal", account="acme"
        )
        amended = await decisions.amend(desk.runtime, approver, stated.id, "5 % for Acme")
        (line,) = amended.approvals
        assert line.kind == "discount"
        assert line.id != stated.id
        found = await approvals.get(desk.runtime, approver, line.id)
        assert (found.content, found.requester, found.reason) == ("5 % for Acme", approver.name, "renewal")
        assert (await approvals.get(desk.runtime, requester, stated.id)).proposal_status == "amended"
        assert await refused(approve(desk, approver, line.id)) == "own_proposal"
        stranger = await desk.key()
        assert await refused(decisions.amend(desk.runtime, stranger, line.id, "50 %")) == "approval_not_found"
        viewer = await desk.key("viewer", "commercial")
        assert await refused(decisions.amend(desk.runtime, viewer, line.id, "50 %")) == "not_in_group"
        second = await desk.key("cse", "commercial")
        assert (await approve(desk, second, line.id)).proposal_status == "approved"
        assert await refused(decisions.amend(desk.runtime, approver, line.id, "1 %")) == "already_decided"
        assert await desk.rows("outbox", "id") == []

    office.run(work)


def test_what_a_command_knows_to_commit_us_stays_while_its_words_do(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        known = Found(kind="engineering_timeline", words="the usual day", rule="escalate")
        (approval,) = await propose(desk, requester, known, body="It comes on the usual day.")
        amended = await decisions.amend(desk.runtime, requester, approval, "Hello! It comes on the usual day.")
        (line,) = amended.approvals
        assert (line.kind, line.words) == ("engineering_timeline", "the usual day")
        assert (await decisions.amend(desk.runtime, requester, line.id, "We have your report.")).approvals == ()

    sqlite_office.run(work)


@pytest.mark.parametrize(
    ("content", "code"),
    [(" \u200b", "content_missing"), ("x" * 20_001, "invalid_message"), ("As for Globex: 10 % off", "leak")],
)
def test_an_amendment_must_be_a_message(sqlite_office: Office, content: str, code: str) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        (approval,) = await propose(desk, requester)
        assert await refused(decisions.amend(desk.runtime, requester, approval, content)) == code
        assert await desk.rows("proposal", "status") == [("pending",)]

    sqlite_office.run(work)


def test_an_approval_of_what_was_amended_counts_no_more(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, both = await desk.key(), await desk.key("cse", "commercial", "security")
        first, _ = await propose(desk, requester, DISCOUNT, SECURITY)
        await approve(desk, both, first)
        amended = await decisions.amend(desk.runtime, requester, first, "Your offer is ready.", "Hello")
        assert sorted(await desk.rows("approval", "status")) == [("closed",), ("void",)]
        assert amended.approvals == ()  # nothing in it commits us any more
        assert amended.message is not None
        (message,) = (await messages.list_messages(desk.runtime, requester, None, 10, None)).items
        assert message.outgoing == SendMessage(account_id="acme", subject="Hello", body="Your offer is ready.")

    office.run(work)


@pytest.mark.parametrize("gone", ["key", "account"])
def test_nothing_goes_out_for_a_requester_who_may_no_longer(office: Office, gone: str) -> None:
    from app.resources import keys

    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        (approval,) = await propose(desk, requester)
        if gone == "key":
            await keys.revoke(desk.runtime, LOCAL, requester.key_id)
        else:
            await desk.remove_account("acme")
        assert await refused(approve(desk, approver, approval)) == "cannot_be_done"
        assert (await desk.rows("approval", "status"), await desk.rows("outbox", "id")) == ([("pending",)], [])
        assert (await decisions.reject(desk.runtime, approver, approval, "gone")).proposal_status == "rejected"

    office.run(work)


@pytest.mark.parametrize(
    ("role", "given", "code"),
    [
        ("viewer", {}, "forbidden"),
        ("cse", {"kind": "gift"}, "unknown_kind"),
        ("cse", {"kind": "diagnostics"}, "needs_no_approval"),
        ("cse", {"kind": "holding_message"}, "needs_no_approval"),
        ("cse", {"content": " \u200b\n"}, "content_missing"),
        ("cse", {"reason": " "}, "evidence_missing"),
        ("cse", {"account": None}, "evidence_missing"),
        ("cse", {"account": "nobody"}, "account_not_found"),
        ("cse", {"turn_id": "turn_of_another"}, "turn_not_found"),
        ("cse", {"content": "x" * 50_001}, "text_too_long"),
    ],
)
def test_what_cannot_be_asked_for(sqlite_office: Office, role: Any, given: dict[str, Any], code: str) -> None:
    asked = {"kind": "discount", "content": "10 % off", "reason": "renewal", "account": "acme"} | given

    async def work(desk: Desk) -> None:
        assert await refused(asking.ask(desk.runtime, await desk.key(role), **asked)) == code
        assert await desk.rows("proposal", "id") == []

    sqlite_office.run(work)


def test_pages_and_filters(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester, approver = await desk.key(), await desk.key("cse", "commercial")
        made = []
        for number in range(5):
            made += await propose(desk, requester, body=f"Offer {number}")
            desk.clock.move(seconds=number % 2)
        listed: list[str] = []
        cursor = None
        while True:
            page = await approvals.list_approvals(
                desk.runtime, approver, None, "commercial", mine=False, limit=2, cursor=cursor
            )
            listed += [item.id for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(listed) == sorted(made)
        assert len(set(listed)) == 5
        mine = await approvals.list_approvals(desk.runtime, approver, None, None, mine=True, limit=10, cursor=None)
        assert mine.items == []
        stranger = await desk.key()
        work = approvals.list_approvals(desk.runtime, stranger, None, None, mine=False, limit=1, cursor=made[0])
        assert await refused(work) == "invalid_cursor"

    office.run(work)


def test_an_approver_reads_no_figure_of_an_account_outside_the_key(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        figures = tuple(
            Figure(
                key="arr",
                label="ARR",
                value=7,
                unit="USD",
                account_id=account,
                as_of=NOW.date(),
                formula="ARR",
                evidence=(),
            )
            for account in ("acme", "globex", None)
        )
        told = Verdict(tone="good", headline=text(*figures))
        reply = Reply(blocks=(told,), figures=figures, command="health")
        await turns.record_call(desk.runtime, requester, "turn_1", "/health", reply)
        (line,) = await asking.ask(
            desk.runtime, requester, kind="discount", content="10 %", reason="r", account="acme", turn_id="turn_1"
        )
        for accounts, seen in ((None, ["acme", "globex", None]), (frozenset({"acme"}), ["acme"])):
            approver = await desk.key("cse", "commercial", accounts=accounts)
            found = await approvals.get(desk.runtime, approver, line.id)
            assert [figure.account_id for figure in found.figures] == seen
        assert len((await approvals.get(desk.runtime, requester, line.id)).figures) == 3

    office.run(work)


def test_what_has_expired_is_proposed_anew(office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        (first,) = await propose(desk, requester)
        desk.clock.move(hours=72)
        (second,) = await propose(desk, requester)
        assert second != first
        assert (await approvals.get(desk.runtime, requester, first)).status == "expired"
        assert (await approvals.get(desk.runtime, requester, second)).status == "pending"

    office.run(work)


def test_a_decision_with_a_message_s_words_does_not_stand_for_the_message(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        message = SendMessage(account_id="acme", subject="Your offer", body="We give you 20 % off.")
        (asked,) = await asking.ask(
            desk.runtime, requester, kind="discount", content=content_of(message), reason="r", account="acme"
        )
        (sent,) = await propose(desk, requester)
        assert sent != asked.id
        assert await propose(desk, requester) == [sent]
        assert (await approve(desk, await desk.key("cse", "commercial"), sent)).message is not None

    sqlite_office.run(work)


def test_an_amendment_to_an_account_that_is_gone_is_not_sent(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        (approval,) = await propose(desk, requester)
        await desk.remove_account("acme")
        assert (
            await refused(decisions.amend(desk.runtime, requester, approval, "We look at it.")) == "account_not_found"
        )
        assert await desk.rows("outbox", "id") == []

    sqlite_office.run(work)


def test_a_long_sentence_that_a_command_knows_to_commit_us_stays(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        requester = await desk.key()
        known = Found(kind="engineering_timeline", words="It comes on the usual…", rule="escalate")
        (approval,) = await propose(desk, requester, known, body="It comes on the usual day.")
        amended = await decisions.amend(desk.runtime, requester, approval, "Hello! It comes on the usual day.")
        assert [line.kind for line in amended.approvals] == ["engineering_timeline"]

    sqlite_office.run(work)
