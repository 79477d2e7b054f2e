"""Delivery: what stands in the outbox leaves the house, once under its id, exactly as it was approved.

A message is claimed by this process's lease, posted, and marked. Where the process dies between the two, another claims
it and posts it again under the same `Idempotency-Key`, by which the receiver knows it.
"""

import asyncio
import datetime as dt
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from sqlalchemy import Connection
from standardwebhooks import Webhook

from app.domain.effects import PublishArticle
from app.domain.problems import Problem
from app.resources import outbox
from app.runtime import Runtime
from app.security.outbound import async_client
from app.security.principals import SERVICE
from app.store import leases, outbox_rows
from app.store.outbox_rows import OutboxStatus, StoredMessage

MOST_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
"""Each pause is twice the one before: the last try is an hour after the first."""

POST_SECONDS = 10.0
"""So long a delivery may take, from the connection to the answer's first line."""

AT_ONCE = 10
TRY_AGAIN = frozenset({408, 425, 429})
"""What of 4xx says that the same request may be taken another time."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. `waiting`: it is tried again."""

    status: OutboxStatus
    error: str | None = None
    action: str = ""


DELIVERED = Outcome("delivered", action="outbox.delivered")


class Deliverer:
    """Delivers what is in the outbox, one batch after the other."""

    def __init__(self, runtime: Runtime, client: httpx2.AsyncClient | None) -> None:
        self._runtime = runtime
        self._client = client

    async def keep_delivering(self, stop: asyncio.Event) -> None:
        """Deliver what is due, with each beat and whenever something was put out. What was begun is ended."""
        runtime = self._runtime
        while not stop.is_set():
            runtime.outbox_filled.clear()
            try:
                await self.deliver_due()
            except Problem as problem:
                log.warning("the outbox was not delivered: %s", problem.detail)
            except Exception:
                log.exception("the outbox was not delivered")
            await _first_of(runtime.outbox_filled, stop)

    async def deliver_due(self) -> None:
        """Deliver all that is due now."""
        while batch := await self._claim():
            done = await asyncio.gather(*(self._deliver(message) for message in batch), return_exceptions=True)
            for failure in filter(None, done):
                raise failure

    async def _claim(self) -> list[StoredMessage]:
        runtime = self._runtime
        now, sends = runtime.clock(), self._client is not None
        if not await runtime.store.read(outbox_rows.is_due, now, sends=sends):
            return []

        def write(conn: Connection) -> list[StoredMessage]:
            runtime.lease.remove_lost(conn, now)
            runner = runtime.lease.take(conn, now)
            return outbox_rows.claim(conn, runner, now, AT_ONCE, sends=sends)

        return await runtime.store.write(write)

    async def _deliver(self, message: StoredMessage) -> None:
        outcome = await self._runtime.store.read(self._refusal, message)
        if outcome is None:
            outcome = await self._send(message)
        await self._runtime.store.write(self._mark, message, outcome)

    def _refusal(self, conn: Connection, message: StoredMessage) -> Outcome | None:
        """Why it must not go out; None where it may: it is what was approved, and its requester may still send it."""
        if not outbox.is_whole(conn, message):
            return Outcome("failed", "it is not what was approved", "outbox.tampered")
        reason = outbox.obstacle(conn, self._runtime, message.requester_key_id, message.account_id)
        return Outcome("failed", reason, "outbox.failed") if reason else None

    async def _send(self, message: StoredMessage) -> Outcome:
        if isinstance(message.outgoing, PublishArticle):
            return await self._publish(message, message.outgoing)
        return await self._post(message)

    async def _publish(self, message: StoredMessage, article: PublishArticle) -> Outcome:
        try:
            await self._runtime.knowledge.put(article.document, article.title, article.text, "customer")
        except Problem as problem:
            retry = problem.status >= 500
            return _again(message, problem.detail) if retry else Outcome("failed", problem.detail, "outbox.failed")
        return DELIVERED

    async def _post(self, message: StoredMessage) -> Outcome:
        if self._client is None:
            raise RuntimeError("a message was claimed with nothing to post it to")
        settings, body = self._runtime.settings, payload(message)
        headers = signed(message.id, body, settings.delivery_secret.get_secret_value(), self._runtime.clock())
        try:
            async with (
                asyncio.timeout(POST_SECONDS),
                self._client.stream("POST", settings.delivery_url, content=body, headers=headers) as response,
            ):
                return _answered(message, response.status_code)
        except TimeoutError:
            return _again(message, f"the receiver took longer than {POST_SECONDS:.0f} s")
        except httpx2.TransportError as error:
            return _again(message, f"the receiver cannot be reached ({type(error).__name__})")

    def _mark(self, conn: Connection, message: StoredMessage, outcome: Outcome) -> None:
        """Write down what came of a try, unless another process has taken the message over meanwhile."""
        runtime = self._runtime
        now, runner = runtime.clock(), runtime.lease.runner
        if outcome.status == "waiting":
            outbox_rows.put_off(conn, message.id, runner, outcome.error or "", now + pause_after(message.attempts))
            return
        if outbox_rows.finish(conn, message.id, runner, outcome.status, outcome.error, now):
            ended = message.model_copy(update={"status": outcome.status})
            outbox.record(conn, SERVICE, ended, outcome.action, now, outcome.error)


@asynccontextmanager
async def open_deliverer(runtime: Runtime) -> AsyncIterator[Deliverer]:
    """A deliverer with one client for all that it posts; without an address it posts nothing."""
    settings = runtime.settings
    if not settings.delivery_url:
        yield Deliverer(runtime, None)
        return
    async with async_client(settings.delivery_url, settings.private_hosts, POST_SECONDS) as client:
        yield Deliverer(runtime, client)


@asynccontextmanager
async def delivering(runtime: Runtime) -> AsyncIterator[None]:
    """Deliver beside what else is done, until the end of the block."""
    stop = asyncio.Event()
    async with open_deliverer(runtime) as deliverer:
        task = asyncio.create_task(deliverer.keep_delivering(stop))
        try:
            yield
        finally:
            stop.set()
            await task


def payload(message: StoredMessage) -> bytes:
    """What is posted: the same bytes with each try."""
    told = {
        "id": message.id,
        "created_at": message.created_at.astimezone(dt.UTC).isoformat(),
        "requester": message.requester,
        "proposal_id": message.proposal_id,
        "content_sha256": message.content_sha256,
        **message.outgoing.model_dump(mode="json"),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def signed(message_id: str, body: bytes, secret: str, now: dt.datetime) -> dict[str, str]:
    """Headers by which the receiver knows the sender and the message (standardwebhooks.com)."""
    at = now.astimezone(dt.UTC)
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def pause_after(tries: int) -> dt.timedelta:
    """How long nothing is tried after so many tries."""
    doublings: int = 2 ** (tries - 1)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def _answered(message: StoredMessage, status: int) -> Outcome:
    if 200 <= status < 300:
        return DELIVERED
    told = f"the receiver answered {status}"
    if status >= 500 or status in TRY_AGAIN:
        return _again(message, told)
    return Outcome("failed", told, "outbox.failed")


def _again(message: StoredMessage, error: str) -> Outcome:
    """Another try, as long as there were few."""
    if message.attempts < MOST_TRIES:
        return Outcome("waiting", error)
    return Outcome("failed", f"{error}, {MOST_TRIES} times", "outbox.failed")


async def _first_of(*events: asyncio.Event) -> None:
    """Wait for one of the events, at most for a beat."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=leases.BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
