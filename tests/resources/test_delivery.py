"""Delivery: once under its id, exactly what was approved, signed, tried again for a while, and then told as failed."""

import datetime as dt
import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import NoResultFound

from app.resources import keys, messages
from app.resources.delivery import MOST_TRIES, open_deliverer, pause_after
from app.security.principals import LOCAL
from app.store import leases
from app.store.tables import TABLES
from tests.fakes.receiver import SECRET, Receiver, VerifyingReceiver, receiving
from tests.resources.conftest import Desk, Office
from tests.resources.test_approvals import approve, propose

OUTBOX = TABLES["outbox"]
BODY = 'Grüße 你好 🙂 \n\n "quoted"\t\\ end'


@pytest.fixture
def receiver(office: Office) -> Iterator[Receiver]:
    with receiving(Receiver()) as made:
        connect(office, made.url)
        yield made


def connect(office: Office, url: str) -> None:
    office.settings = office.settings.model_copy(update={"delivery_url": url, "delivery_secret": SecretStr(SECRET)})


async def deliver(desk: Desk) -> None:
    async with open_deliverer(desk.runtime) as deliverer:
        await deliverer.deliver_due()


async def approved(desk: Desk, body: str = BODY) -> str:
    """A message that was approved and waits to be delivered; its id."""
    (approval,) = await propose(desk, await desk.key(), body=body)
    done = await approve(desk, await desk.key("cse", "commercial"), approval)
    assert done.message is not None
    assert done.message.status == "waiting"
    return done.message.id


async def change(desk: Desk, **values: object) -> None:
    def write(conn: Connection) -> None:
        conn.execute(update(OUTBOX).values(**values))

    await desk.runtime.store.write(write)


def test_what_was_approved_is_delivered_byte_for_byte(office: Office, receiver: Receiver) -> None:
    async def work(desk: Desk) -> None:
        message = await approved(desk)
        await deliver(desk)
        await deliver(desk)
        assert receiver.posts == 1
        told = receiver.messages[message]
        assert (told["kind"], told["account_id"], told["subject"], told["body"]) == (
            "send_message", "acme", "Your offer", BODY,
        )  # fmt: skip
        assert await desk.rows("outbox", "status", "attempts", "runner") == [("delivered", 1, None)]
        assert (await desk.actions())[-1] == "outbox.delivered"

    office.run(work)


def test_it_is_signed(sqlite_office: Office) -> None:
    with receiving(VerifyingReceiver()) as receiver:
        connect(sqlite_office, receiver.url)
        sqlite_office.clock.now = dt.datetime.now(dt.timezone(dt.timedelta(hours=5)))

        async def work(desk: Desk) -> None:
            await approved(desk)
            await deliver(desk)

        sqlite_office.run(work)
        assert len(receiver.messages) == 1


def test_it_is_tried_again_with_the_same_bytes_until_it_is_taken(office: Office, receiver: Receiver) -> None:
    receiver.answers = [500, 503, 429, 408, 425]

    async def work(desk: Desk) -> None:
        message = await approved(desk)
        for tries in range(1, 7):
            await deliver(desk)
            await deliver(desk)  # nothing before the pause is over
            assert receiver.posts == tries
            desk.clock.now += pause_after(tries)
        assert (len(receiver.bodies), set(receiver.keys)) == (1, {message})
        assert list(receiver.messages) == [message]
        assert await desk.rows("outbox", "status", "attempts") == [("delivered", 6)]

    office.run(work)


@pytest.mark.parametrize(
    ("answer", "tries", "error"),
    [
        (500, MOST_TRIES, "the receiver answered 500, 8 times"),
        (400, 1, "the receiver answered 400"),
        (404, 1, "the receiver answered 404"),
        (302, 1, "the receiver answered 302"),
    ],
)
def test_what_is_not_taken_is_told_as_failed(
    office: Office, receiver: Receiver, answer: int, tries: int, error: str
) -> None:
    receiver.answers = [answer] * 20

    async def work(desk: Desk) -> None:
        await approved(desk)
        for count in range(1, tries + 2):
            await deliver(desk)
            desk.clock.now += pause_after(count)
        assert receiver.posts == tries
        assert await desk.rows("outbox", "status", "last_error") == [("failed", error)]
        assert (await desk.actions())[-1] == "outbox.failed"

    office.run(work)


def test_a_receiver_that_is_not_there(sqlite_office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving(Receiver()) as gone:
        connect(sqlite_office, f"{gone.url}hook?token=s3cret")

    async def work(desk: Desk) -> None:
        await approved(desk)
        await deliver(desk)
        ((status, error),) = await desk.rows("outbox", "status", "last_error")
        assert (status, error) == ("waiting", "the receiver cannot be reached (ConnectError)")

    sqlite_office.run(work)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("field", ["body", "account_id", "subject", "content_sha256"])
def test_what_was_changed_after_its_approval_is_never_sent(office: Office, receiver: Receiver, field: str) -> None:
    async def work(desk: Desk) -> None:
        await approved(desk)
        sent = {
            "kind": "send_message",
            "account_id": "acme",
            "subject": "Your offer",
            "body": BODY,
            "template": None,
        }
        if field == "content_sha256":
            await change(desk, content_sha256="0" * 64)
        else:
            await change(desk, outgoing=sent | {field: "globex"})
        await deliver(desk)
        assert receiver.posts == 0
        assert await desk.rows("outbox", "status", "last_error") == [("failed", "it is not what was approved")]
        assert (await desk.actions())[-1] == "outbox.tampered"

    office.run(work)


def test_both_changed_alike_are_found_by_the_proposal(office: Office, receiver: Receiver) -> None:
    from app.domain.effects import SendMessage
    from app.render.message import content_of, sha256_of

    async def work(desk: Desk) -> None:
        await approved(desk)
        other = SendMessage(account_id="acme", subject="Your offer", body="Another")
        await change(desk, outgoing=other.model_dump(mode="json"), content_sha256=sha256_of(content_of(other)))
        await deliver(desk)
        assert receiver.posts == 0
        assert await desk.rows("outbox", "status") == [("failed",)]

    office.run(work)


@pytest.mark.parametrize("gone", ["key", "account"])
def test_nothing_is_sent_for_who_may_no_longer(office: Office, receiver: Receiver, gone: str) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        await messages.send(desk.runtime, sender, "acme", "Hi", "We have your report.")
        if gone == "key":
            await keys.revoke(desk.runtime, LOCAL, sender.key_id)
        else:
            await desk.remove_account("acme")
        await deliver(desk)
        assert receiver.posts == 0
        ((status, error),) = await desk.rows("outbox", "status", "last_error")
        assert status == "failed"
        assert ("revoked" if gone == "key" else "no account") in error

    office.run(work)


def test_what_another_process_delivers_is_left_to_it_until_it_is_gone(office: Office, receiver: Receiver) -> None:
    async def work(desk: Desk) -> None:
        await approved(desk)
        other = leases.Lease(desk.runtime.store)
        await desk.runtime.store.write(lambda conn: other.take(conn, desk.clock()))
        await change(desk, runner=other.runner, attempts=1)
        await deliver(desk)
        assert receiver.posts == 0
        other.release()
        desk.clock.now += leases.LEASE
        await deliver(desk)
        assert await desk.rows("outbox", "status", "attempts") == [("delivered", 2)]

    office.run(work)


def test_many_are_delivered_each_once(office: Office, receiver: Receiver) -> None:
    async def work(desk: Desk) -> None:
        sender = await desk.key()
        for number in range(25):
            await messages.send(desk.runtime, sender, "acme", f"Hi {number}", "We have your report.")
        await deliver(desk)
        assert (receiver.posts, len(receiver.messages)) == (25, 25)

    office.run(work)


def test_one_that_cannot_be_read_does_not_break_off_the_others(office: Office, receiver: Receiver) -> None:
    async def work(desk: Desk) -> None:
        gone = await approved(desk)
        await messages.send(desk.runtime, await desk.key(), "acme", "Hi", "We have your report.")

        def forget(conn: Connection) -> None:
            conn.execute(delete(TABLES["proposal"]))

        await desk.runtime.store.write(forget)
        with pytest.raises(NoResultFound):
            await deliver(desk)
        assert (gone, "waiting") in await desk.rows("outbox", "id", "status")
        assert sorted(await desk.rows("outbox", "status")) == [("delivered",), ("waiting",)]

    office.run(work)
