"""Messages to customers. Where nothing in one commits us it goes out at once; else it waits for its approvals."""

import datetime as dt
from collections.abc import Callable, Mapping

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Found, Proposal
from app.domain.blocks import Draft
from app.domain.effects import Outgoing, SendMessage
from app.domain.events import Answer
from app.domain.figures import Figure
from app.domain.problems import INVALID_CURSOR, Conflict, InvalidArguments, NotFound
from app.domain.records import Escalation
from app.render.message import clean_message, content_of, message_of, sha256_of, written
from app.resources import accounts, approvals, disclosure, outbox, proposals, turns
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import account_rows, outbox_rows
from app.store.outbox_rows import OutboxStatus as OutboxStatus  # channels take it from here
from app.store.outbox_rows import StoredMessage

LONGEST_SUBJECT, LONGEST_BODY = 300, 20_000
"""Characters."""

REVIEWED_AS = "holding_message"
HOLDING_SEVERITY = "SEV1"
"""While an escalation of this severity is open, a template's message goes out at once."""


class Message(BaseModel):
    """A message in the outbox. by_hand: its requester sends exactly this and then says so."""

    id: str
    status: OutboxStatus
    requester: str
    account_id: str | None
    outgoing: Outgoing
    content_sha256: str
    proposal_id: str | None
    turn_id: str | None
    attempts: int
    created_at: dt.datetime
    finished_at: dt.datetime | None
    last_error: str | None


class MessagePage(BaseModel):
    items: list[Message]
    next_cursor: str | None


class Sending(BaseModel):
    """What became of a message: in the outbox, waiting for approvals, or both where it is reviewed afterwards."""

    message: Message | None
    approvals: tuple[ApprovalLine, ...]


async def send(
    runtime: Runtime, principal: Principal, account: str, subject: str, body: str, reason: str = ""
) -> Sending:
    """Send a text of the caller's. `reason` is for its approvers, where it needs any.

    Raises:
        Forbidden: the role is too low.
        AccountNotFound: no such account among those the caller may see.
        InvalidArguments: the text is empty or too long (`invalid_message`), or a reason is missing
            (`evidence_missing`).
        Conflict: the same text waits already, for other approvals.
    """
    principal.require("cse", "Sending a message to a customer")
    account_id = await accounts.resolve(runtime, principal, account)
    message = checked(clean_message(account_id, subject, body))
    await refuse_leaks(runtime, principal, message)
    return await _write(runtime, lambda conn: _send_or_propose(conn, runtime, principal, message, None, reason=reason))


async def send_draft(runtime: Runtime, principal: Principal, turn_id: str, number: int, reason: str = "") -> Sending:
    """Send a draft for a customer of one of the caller's turns, exactly as it stands there; the first has number 1.

    Sent twice, it is one message.

    Raises:
        NotFound: no such turn of the caller's, or no such draft in it (`draft_not_found`).
        Forbidden, AccountNotFound, InvalidArguments, Conflict: as `send`.
    """
    principal.require("cse", "Sending a message to a customer")

    answer = (await turns.get(runtime, principal, turn_id)).answer
    draft, message = _draft(answer, turn_id, number)
    await refuse_leaks(runtime, principal, message)

    def write(conn: Connection) -> Sending:
        sent = outbox_rows.of_turn(conn, turn_id, sha256_of(content_of(message)))
        if sent is not None:
            return Sending(message=_told(sent), approvals=())
        figures = answer.figures if answer else ()
        why = reason or f"A draft of /{answer.command}" if answer and answer.command else reason
        return _send_or_propose(
            conn, runtime, principal, checked(message), turn_id, reason=why, figures=figures, said=draft.commits
        )

    return await _write(runtime, write)


async def send_template(
    runtime: Runtime, principal: Principal, account: str, template: str, values: Mapping[str, str], escalation: str
) -> Sending:
    """Send an approved template at once, to be reviewed afterwards, while a SEV1 of the account is open.

    Raises:
        Forbidden: the role is too low.
        AccountNotFound, NotFound: no such account, template or escalation of the account's.
        InvalidArguments: a value does not fit (`invalid_value`), or commits us (`commits`).
        Conflict: the escalation is no SEV1, or is closed (`no_open_sev1`).
    """
    principal.require("cse", "Sending a message to a customer")
    account_id = await accounts.resolve(runtime, principal, account)
    subject, body = runtime.templates.render(template, values)
    message = checked(clean_message(account_id, subject, body, template))
    if found := proposals.need_approval(runtime.policy, runtime.commitments.find(written(message))):
        raise InvalidArguments(
            f"What you filled in commits us: {_words(found)}. A template's values may not; send it as a message.",
            code="commits",
        )

    await refuse_leaks(runtime, principal, message)

    def write(conn: Connection) -> Sending:
        now = runtime.clock()
        account_rows.get_account(conn, account_id, principal.accounts, runtime.today())
        _require_open_sev1(conn, runtime, account_id, escalation)
        sender = outbox.Requester(principal.key_id, principal.name)
        stored = outbox.new_message(runtime, sender, message, None, now)
        stored, review = proposals.ask_for_review(conn, runtime, principal, stored, REVIEWED_AS, (escalation,))
        outbox.put_out(conn, principal, stored)
        return Sending(message=_told(stored), approvals=(review,))

    return await _write(runtime, write)


async def list_messages(
    runtime: Runtime, principal: Principal, status: OutboxStatus | None, limit: int, cursor: str | None
) -> MessagePage:
    """The caller's messages, the newest first; for managers everybody's.

    Raises:
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """

    def read(conn: Connection) -> list[StoredMessage]:
        if cursor is not None and _seen(conn, principal, cursor) is None:
            raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
        only_own = not principal.has("manager")
        return outbox_rows.list_messages(
            conn, principal.key_id, principal.accounts, status, limit + 1, cursor, only_own=only_own
        )

    found = await runtime.store.read(read)
    items = [_told(message) for message in found]
    return MessagePage(items=items[:limit], next_cursor=items[limit - 1].id if len(items) > limit else None)


async def get(runtime: Runtime, principal: Principal, message_id: str) -> Message:
    """A message of the caller's; for managers anybody's.

    Raises:
        NotFound: there is none (`message_not_found`).
        Conflict: it was changed in the database since (`content_changed`).
    """
    return _told(await runtime.store.read(_required, principal, message_id))


async def say_sent(runtime: Runtime, principal: Principal, message_id: str) -> Message:
    """The caller has sent by hand exactly what stands there; said twice is once.

    Raises:
        NotFound: no such message for the caller.
        Forbidden: the role is too low.
        Conflict: it is not to be sent by hand (`not_by_hand`), or as `get`.
    """
    principal.require("cse", "Sending a message to a customer")

    def write(conn: Connection) -> Message:
        now = runtime.clock()
        found = _required(conn, principal, message_id)
        if found.status == "sent_by_hand":
            return _told(found)
        if not outbox_rows.mark_sent(conn, message_id, now):
            raise Conflict(
                f"It is {found.status.replace('_', ' ')}: there is nothing to be sent by hand.", code="not_by_hand"
            )
        sent = _required(conn, principal, message_id)
        outbox.record(conn, principal, sent, "outbox.sent_by_hand", now)
        return _told(sent)

    return await runtime.store.write(write)


def _send_or_propose(
    conn: Connection,
    runtime: Runtime,
    principal: Principal,
    message: SendMessage,
    turn_id: str | None,
    *,
    reason: str,
    figures: tuple[Figure, ...] = (),
    said: tuple[Found, ...] = (),
) -> Sending:
    """`said` is what its command says of it, besides what is read in it."""
    now = runtime.clock()
    found = proposals.need_approval(runtime.policy, (*said, *runtime.commitments.find(written(message))))
    if found:
        new = Proposal(content_of(message), found, message, message.account_id, figures, reason=reason)
        lines = proposals.propose(conn, runtime, principal, turn_id, new, now)
        return Sending(message=None, approvals=lines)
    account_rows.get_account(conn, message.account_id, principal.accounts, runtime.today())
    sender = outbox.Requester(principal.key_id, principal.name)
    stored = outbox.new_message(runtime, sender, message, turn_id, now)
    outbox.put_out(conn, principal, stored)
    return Sending(message=_told(stored), approvals=())


async def refuse_leaks(runtime: Runtime, principal: Principal, message: SendMessage) -> None:
    """Let pass only a message that holds nothing which its reader must not read.

    Raises:
        InvalidArguments: it does; the sentence says what (`leak`).
    """
    found = await disclosure.leaks(
        runtime, principal, message.account_id, message.subject, message.body, kind="message"
    )
    if found:
        told = "; ".join(f"“{leak.words}”: {leak.reason}" if leak.words else leak.reason for leak in found)
        detail = f"The customer must not read this: {told}. Take it out and send it again."
        raise InvalidArguments(detail, code="leak", invalid=[leak.reason for leak in found])


def checked(message: SendMessage) -> SendMessage:
    """The message, where it is one.

    Raises:
        InvalidArguments: a part is empty or too long (`invalid_message`).
    """
    for name, told, longest in (
        ("subject", message.subject, LONGEST_SUBJECT),
        ("body", message.body, LONGEST_BODY),
    ):
        if not told.strip():
            raise InvalidArguments(f"The {name} is empty.", code="invalid_message", missing=[name])
        if len(told) > longest:
            detail = f"The {name} has {len(told):,} characters; it may have {longest:,}. Shorten it."
            raise InvalidArguments(detail, code="invalid_message", invalid=[name])
    return message


def _draft(answer: Answer | None, turn_id: str, number: int) -> tuple[Draft, SendMessage]:
    """The turn's draft of that number, and the message that it is.

    Raises:
        NotFound: there is none.
    """
    blocks = answer.blocks if answer else ()
    drafts = [block for block in blocks if isinstance(block, Draft) and block.audience == "customer"]
    if answer is None or not 1 <= number <= len(drafts):
        raise NotFound(
            f"{turn_id} has {len(drafts) or 'no'} drafts for a customer; there is none with the number {number}.",
            code="draft_not_found",
        )
    draft = drafts[number - 1]
    account_id = draft.account_id or answer.account_id
    if account_id is None:
        raise InvalidArguments("The draft names no account; send its text as a message.", code="invalid_message")
    return draft, message_of(draft, account_id, answer.figures)


def _require_open_sev1(conn: Connection, runtime: Runtime, account_id: str, escalation_id: str) -> None:
    """Let pass only an open escalation of the account's with the highest severity.

    Raises:
        NotFound: there is no such escalation of this account (`escalation_not_found`).
        Conflict: it is another severity, or solved (`no_open_sev1`).
    """
    found = account_rows.find_record(conn, "escalations", escalation_id, runtime.today())
    if not isinstance(found, Escalation) or found.account_id != account_id:
        raise NotFound(f"{account_id} has no escalation {escalation_id!r}.", code="escalation_not_found")
    if found.severity != HOLDING_SEVERITY or found.resolved_at or found.closed_at:
        raise Conflict(
            f"A template goes out at once only while a {HOLDING_SEVERITY} is open. Send it as a message instead.",
            code="no_open_sev1",
        )


def _required(conn: Connection, principal: Principal, message_id: str) -> StoredMessage:
    found = _seen(conn, principal, message_id)
    if found is None:
        raise NotFound(f"There is no message {message_id!r} that you may see.", code="message_not_found")
    if found.status == "by_hand" and not outbox.is_whole(conn, found):
        raise Conflict(
            "What is stored is not what was written or approved: do not send it, and tell an admin to run "
            "`cse audit verify`.",
            code="content_changed",
        )
    return found


def _seen(conn: Connection, principal: Principal, message_id: str) -> StoredMessage | None:
    """The message, where the caller may see it: its requester, and managers, within their accounts."""
    found = outbox_rows.get(conn, message_id)
    if found is None:
        return None
    is_own = found.requester_key_id == principal.key_id
    within = approvals.may_see_account(principal, found.account_id, is_own=is_own)
    return found if within and (is_own or principal.has("manager")) else None


def _told(message: StoredMessage) -> Message:
    return Message.model_validate(message.model_dump(include=set(Message.model_fields)))


def _words(found: tuple[Found, ...]) -> str:
    return ", ".join(f"“{each.words}” ({each.kind})" for each in found)


async def _write(runtime: Runtime, write: Callable[[Connection], Sending]) -> Sending:
    """Write it; then whatever delivers looks into the outbox."""
    done = await runtime.store.write(write)
    runtime.outbox_filled.set()
    return done
