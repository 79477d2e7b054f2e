"""Messages: at once where nothing commits us, else for approval; templates only while a SEV1 is open."""

from typing import Any

import pytest
from sqlalchemy import Connection, update

from app.domain.blocks import Block, Draft, DraftField, Verdict
from app.domain.effects import SendMessage
from app.domain.figures import text
from app.domain.reply import Reply
from app.resources import approvals, decisions, knowledge, messages, turns
from app.security.templates import load_templates
from app.store.tables import TABLES
from tests.resources.conftest import Desk, Office
from tests.resources.test_approvals import approve, refused

PLAIN = "We have seen your report and are looking into it."
OFFER = "We give you 20 % off."
VALUES = {"part": "orders API", "since": "14:10 UTC", "next_update": "15:00 UTC"}


def test_what_commits_nobody_goes_out_at_once(office: Office) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        done = await messages.send(desk.runtime, sender, "Acme", "Your report", PLAIN)
        assert done.approvals == ()
        assert done.message is not None
        assert done.message.outgoing == SendMessage(account_id="acme", subject="Your report", body=PLAIN)
        assert done.message.status == "by_hand"
        assert await desk.actions() == ["outbox.added"]
        assert await refused(messages.get(desk.runtime, await desk.key(), done.message.id)) == "message_not_found"
        assert (await messages.get(desk.runtime, await desk.key("manager"), done.message.id)).status == "by_hand"
        limited = await desk.key("manager", accounts=frozenset({"globex"}))
        assert await refused(messages.get(desk.runtime, limited, done.message.id)) == "message_not_found"
        assert (await messages.list_messages(desk.runtime, limited, None, 10, None)).items == []

    office.run(work)


def test_what_commits_us_waits(office: Office) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        assert await refused(messages.send(desk.runtime, sender, "acme", "Offer", OFFER)) == "evidence_missing"
        done = await messages.send(desk.runtime, sender, "acme", "Offer", OFFER, "renewal")
        assert done.message is None
        assert [(line.kind, line.group) for line in done.approvals] == [("discount", "commercial")]
        assert "20 %" in done.approvals[0].words
        assert await desk.rows("outbox", "id") == []
        again = await messages.send(desk.runtime, sender, "acme", "Offer", OFFER, "renewal")
        assert again.approvals == done.approvals

    office.run(work)


def test_an_invisible_character_hides_nothing(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        hidden = "We give you 20\u200b % dis\u00adcount.\x00"
        done = await messages.send(desk.runtime, await desk.key(), "acme", "Of\u202efer", hidden, "renewal")
        found = await approvals.get(desk.runtime, await desk.key("cse", "commercial"), done.approvals[0].id)
        assert found.content == "To the account: acme\nSubject: Offer\n\nWe give you 20 % discount."

    sqlite_office.run(work)


@pytest.mark.parametrize(
    ("role", "given", "code"),
    [
        ("viewer", {}, "forbidden"),
        ("cse", {"account": "nobody"}, "account_not_found"),
        ("cse", {"subject": " \u200b"}, "invalid_message"),
        ("cse", {"body": "\n"}, "invalid_message"),
        ("cse", {"body": "x" * 20_001}, "invalid_message"),
        ("cse", {"subject": "x" * 301}, "invalid_message"),
        ("cse", {"body": "Globex has the same trouble."}, "leak"),
    ],
)
def test_what_is_not_sent(sqlite_office: Office, role: Any, given: dict[str, str], code: str) -> None:
    message = {"account": "acme", "subject": "Your report", "body": PLAIN} | given

    async def work(desk: Desk) -> None:
        assert await refused(messages.send(desk.runtime, await desk.key(role), **message)) == code
        assert (await desk.rows("outbox", "id"), await desk.rows("proposal", "id")) == ([], [])

    sqlite_office.run(work)


def test_a_key_sends_within_its_accounts(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        limited = await desk.key(accounts=frozenset({"globex"}))
        for body in (PLAIN, OFFER):
            assert await refused(messages.send(desk.runtime, limited, "acme", "Hi", body, "why")) == "account_not_found"

    sqlite_office.run(work)


async def with_drafts(desk: Desk, sender: Any, *drafts: Draft) -> str:
    """A turn whose answer has these drafts."""
    blocks: tuple[Block, ...] = (Verdict(tone="good", headline=text("Done")), *drafts)
    await turns.record_call(desk.runtime, sender, "turn_1", "/escalate", Reply(blocks=blocks, command="escalate"))
    return "turn_1"


def draft(body: str, account: str | None = "acme", audience: Any = "customer") -> Draft:
    fields = (DraftField(label="Subject", text=text("Update")), DraftField(label="Message", text=text(body)))
    return Draft(title=text("To the customer"), audience=audience, fields=fields, account_id=account)


def test_a_draft_is_sent_once_as_it_stands(office: Office) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        turn = await with_drafts(desk, sender, draft("ours", audience="internal"), draft(PLAIN), draft(OFFER, "globex"))
        first = await messages.send_draft(desk.runtime, sender, turn, 1)
        assert first.message is not None
        assert first.message.outgoing == SendMessage(account_id="acme", subject="Update", body=PLAIN)
        assert await messages.send_draft(desk.runtime, sender, turn, 1) == first
        second = await messages.send_draft(desk.runtime, sender, turn, 2)
        assert (second.message, [line.kind for line in second.approvals]) == (None, ["discount"])
        assert await refused(messages.send_draft(desk.runtime, sender, turn, 3)) == "draft_not_found"
        assert await refused(messages.send_draft(desk.runtime, await desk.key(), turn, 1)) == "turn_not_found"
        assert len(await desk.rows("outbox", "id")) == 1

    office.run(work)


def test_a_template_goes_out_at_once_and_is_reviewed(office: Office) -> None:
    async def work(desk: Desk) -> None:
        sender, lead = await desk.key(), await desk.key("cse", "support_lead")
        escalation = await desk.open_escalation()
        done = await messages.send_template(desk.runtime, sender, "acme", "sev1_first", VALUES, escalation)
        assert done.message is not None
        (review,) = done.approvals
        assert (review.kind, review.group, review.status) == ("holding_message", "support_lead", "pending")
        assert len(await desk.rows("outbox", "id")) == 1
        digest = (await approvals.get(desk.runtime, lead, review.id)).content_sha256
        assert await refused(decisions.approve(desk.runtime, sender, review.id, digest)) == "own_proposal"
        desk.clock.move(hours=25)
        found = await approvals.get(desk.runtime, lead, review.id)
        assert (found.status, found.overdue, found.is_review, found.may_decide) == ("pending", True, True, True)
        late = await approvals.list_approvals(desk.runtime, lead, "overdue", None, mine=False, limit=10, cursor=None)
        assert [item.id for item in late.items] == [review.id]
        assert await refused(decisions.withdraw(desk.runtime, sender, review.id)) == "already_decided"
        assert await refused(decisions.amend(desk.runtime, sender, review.id, "x")) == "already_decided"
        bad = await decisions.reject(desk.runtime, lead, review.id, "Wrong part named")
        assert (bad.status, bad.proposal_status) == ("rejected", "approved")
        assert "reads your reason here" in str(bad.next_step)
        own = await approvals.get(desk.runtime, sender, review.id)
        assert "Do not send it if you have not yet; else send the customer a correction" in str(own.next_step)
        assert await desk.actions() == ["approval.review_asked", "outbox.added", "review.rejected"]

    office.run(work)


@pytest.mark.parametrize(
    ("escalation", "given", "code"),
    [
        ({"severity": "SEV2"}, {}, "no_open_sev1"),
        ({"resolved": True}, {}, "no_open_sev1"),
        ({"account": "globex"}, {}, "escalation_not_found"),
        ({}, {"escalation": "esc-9"}, "escalation_not_found"),
        ({}, {"account": "nobody"}, "account_not_found"),
        ({}, {"template": "gift"}, "template_not_found"),
        ({}, {"values": {}}, "invalid_value"),
        ({}, {"values": VALUES | {"more": "x"}}, "invalid_value"),
        ({}, {"values": VALUES | {"part": "{{7*7}}"}}, "invalid_value"),
        ({}, {"values": VALUES | {"part": "orders API\nWe refund all"}}, "invalid_value"),
        ({}, {"values": VALUES | {"part": "x" * 61}}, "invalid_value"),
        ({}, {"values": VALUES | {"part": "https://evil.example"}}, "invalid_value"),
        ({}, {"values": VALUES | {"since": "never"}}, "invalid_value"),
        ({}, {"values": VALUES | {"part": "we guarantee a refund"}}, "commits"),
        ({}, {"values": VALUES | {"part": "Globex"}}, "leak"),
    ],
)
def test_a_template_that_does_not_go_out(
    sqlite_office: Office, escalation: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    asked = {"account": "acme", "template": "sev1_first", "values": VALUES, "escalation": "esc-1"} | given

    async def work(desk: Desk) -> None:
        resolved = {"resolved_at": desk.clock()} if escalation.get("resolved") else {}
        await desk.open_escalation(escalation.get("severity", "SEV1"), escalation.get("account", "acme"), **resolved)
        assert await refused(messages.send_template(desk.runtime, await desk.key(), **asked)) == code
        assert (await desk.rows("outbox", "id"), await desk.rows("approval", "id")) == ([], [])

    sqlite_office.run(work)


def test_the_shipped_templates_commit_nobody_by_themselves(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        known = load_templates()
        for name, template in known.templates.items():
            subject, body = known.render(name, known.example(template))
            assert desk.runtime.commitments.find(f"{subject}\n\n{body}") == (), name

    sqlite_office.run(work)


def test_an_article_that_commits_us_is_written_when_it_is_approved(office: Office) -> None:
    promise = "We are SOC 2 certified."

    async def work(desk: Desk) -> None:
        from app.resources.delivery import open_deliverer

        writer = await desk.key()
        assert await knowledge.put(desk.runtime, writer, "how-to", "How to", "Click the button.", "customer") == ()
        assert await knowledge.put(desk.runtime, writer, "inside", "Inside", promise, "internal") == ()
        waits = await knowledge.put(desk.runtime, writer, "trust", "Trust", promise, "customer")
        assert sorted((line.kind, line.group) for line in waits) == [
            ("external_guidance", "peer"), ("security_statement", "security")
        ]  # fmt: skip
        assert "trust" not in [row[0] for row in await desk.rows("document", "id")]
        both = await desk.key("cse", "peer", "security")
        for line in waits:
            await approve(desk, both, line.id)
        async with open_deliverer(desk.runtime) as deliverer:
            await deliverer.deliver_due()
        assert ("trust", promise, "customer") in await desk.rows("document", "id", "text", "audience")
        assert await desk.rows("outbox", "status") == [("delivered",)]

    office.run(work)


@pytest.mark.parametrize("title", ["", " \u200b", "x" * 301])
def test_an_article_that_cannot_be_written_is_not_proposed(sqlite_office: Office, title: str) -> None:
    promise = "We are SOC 2 certified."

    async def work(desk: Desk) -> None:
        writer = await desk.key()
        put = knowledge.put(desk.runtime, writer, "trust", title, promise, "customer")
        assert await refused(put) == "invalid_document"
        waits = await knowledge.put(desk.runtime, writer, "trust", "Trust", promise, "customer")
        amended = decisions.amend(desk.runtime, writer, waits[0].id, promise, title)
        assert await refused(amended) == "invalid_document"
        assert await desk.rows("proposal", "status") == [("pending",)]

    sqlite_office.run(work)


@pytest.mark.parametrize("since", ["written", "deleted"])
def test_an_article_that_changed_since_is_not_written_over(office: Office, since: str) -> None:
    async def work(desk: Desk) -> None:
        writer, both = await desk.key(), await desk.key("cse", "peer", "security")
        await knowledge.put(desk.runtime, writer, "trust", "Trust", "How we work.", "customer")
        desk.clock.move(minutes=1)
        first, last = await knowledge.put(desk.runtime, writer, "trust", "Trust", "We are SOC 2 certified.", "customer")
        await approve(desk, both, first.id)
        desk.clock.move(minutes=1)
        if since == "written":
            await knowledge.put(desk.runtime, writer, "trust", "Trust", "How we really work.", "customer")
        else:
            await knowledge.delete(desk.runtime, writer, "trust")
        assert await refused(approve(desk, both, last.id)) == "cannot_be_done"
        assert await desk.rows("outbox", "id") == []

    office.run(work)


def test_what_was_changed_in_the_outbox_is_not_told_to_be_sent_by_hand(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        done = await messages.send(desk.runtime, sender, "acme", "Your report", PLAIN)
        assert done.message is not None
        outgoing = done.message.outgoing.model_copy(update={"body": "All is free from now on."}).model_dump()

        def change(conn: Connection) -> None:
            conn.execute(update(TABLES["outbox"]).values(outgoing=outgoing))

        await desk.runtime.store.write(change)
        for ask in (messages.get, messages.say_sent):
            assert await refused(ask(desk.runtime, sender, done.message.id)) == "content_changed"
        assert await desk.rows("outbox", "status") == [("by_hand",)]

    sqlite_office.run(work)
