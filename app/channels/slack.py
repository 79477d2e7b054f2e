"""Slack: `/cse <command> …` at /slack/events. Acknowledged at once, answered to the asker alone by `response_url`.

Bolt checks the signature and refuses requests older than five minutes. Who may ask: everybody in the workspace in which
the app is installed, with the role cse and over all accounts. Signed requests prove that workspace; whom it lets in is
for now the only authority. Nothing is logged of what was asked or answered, nor any `response_url`, which is a secret.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.background import BackgroundTask

from app import turn
from app.channels.http_problems import problem_response
from app.channels.slack_manifest import EVENTS_PATH
from app.domain.blocks import Notice
from app.domain.events import Answer, ErrorEvent
from app.domain.figures import text
from app.domain.problems import NotFound, Problem
from app.render import slack as render
from app.runtime import Runtime
from app.security.principals import Principal

if TYPE_CHECKING:  # imported late, since only a deployment with Slack needs it
    from aiohttp import ClientSession
    from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

HELP = "help"

RESPONSE_URLS = "https://hooks.slack.com/"
"""Where answers are posted, whatever a request names."""

RESPONSE_URL_USES = 5
"""Slack's limit, within 30 minutes; a try that failed is counted as a use."""

TRIES = 3
"""Of one message."""

BACK_OFF_SECONDS = 1.0
"""Before a message's second try; doubled before the third."""

REFUSED = 400
"""What Slack answers to blocks that it does not take."""

LONGEST_WAIT_SECONDS = 30.0
POST_SECONDS = 10.0
SHUTDOWN_SECONDS = 10.0
REMEMBERED_IDS = 10_000

log = logging.getLogger(__name__)
bolt_log = logging.getLogger(f"{__name__}.bolt")
bolt_log.setLevel(logging.ERROR)  # below, Bolt logs whole requests

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A signed slash command. `command` is its name in Slack, `text` what the user typed after it."""

    team: str
    channel: str
    user: str
    user_name: str
    command: str
    text: str
    response_url: str
    trigger_id: str

    @property
    def principal(self) -> Principal:
        return Principal(key_id=f"slack:{self.team}:{self.user}", name=self.user_name, role="cse")

    @property
    def conversation(self) -> str:
        return f"slack:{self.team}:{self.channel}"


class RecentIds:
    """The last ids that were seen, in memory: a restart and other replicas know nothing of them.

    Slack sends a command again when the acknowledgement comes late. A durable inbox is to replace this.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ids: dict[str, None] = {}

    def is_new(self, identifier: str) -> bool:
        """Whether the id was not seen before; it is from now on."""
        if identifier in self._ids:
            return False
        self._ids[identifier] = None
        if len(self._ids) > self._most:
            del self._ids[next(iter(self._ids))]
        return True


class SlackChannel:
    """Takes signed requests, runs their turns beside the requests, posts the answers."""

    def __init__(self, runtime: Runtime, session: "ClientSession", signing_secret: str) -> None:
        self._runtime = runtime
        self._session = session
        self._seen = RecentIds(REMEMBERED_IDS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._app = _bolt_app(signing_secret)
        self._app.command(re.compile(".*"))(self._on_command)

    async def receive(self, request: Request) -> Response:
        """Bolt's answer to the request: 200 at once for a signed slash command, else a problem."""
        from slack_bolt.adapter.starlette.async_handler import to_starlette_response

        taken: list[SlashCommand] = []
        asked = await _bolt_request(request, taken)
        answered = asked and await self._app.async_dispatch(asked)
        if not answered or answered.status == 401:
            detail = "The request is not signed with this app's signing secret, or is older than five minutes."
            return problem_response(401, "slack_signature", detail)
        if answered.status == 404:
            detail = "Slash commands are answered here, and no other events of Slack."
            return problem_response(404, "slack_not_a_command", detail)
        response = to_starlette_response(answered)
        response.background = BackgroundTask(self._start, taken)  # begins when the acknowledgement is out
        return response

    async def close(self) -> None:
        """Let the running turns answer for a while, then stop them and let them tell that."""
        await self._wait()
        if self._tasks:
            await self._runtime.turns.stop_all()
            await self._wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SHUTDOWN_SECONDS)

    async def _on_command(self, ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
        """Take a command and acknowledge it: Bolt calls this with the form of a signed slash command."""
        command = _slash_command(body)
        if not (command.team and command.user and command.response_url.startswith(RESPONSE_URLS)):
            await ack("This command came without a workspace, a user or an address that can be answered.")
            return
        context["taken"].append(command)
        await ack()

    async def _start(self, taken: list[SlashCommand]) -> None:
        for command in taken:
            if command.trigger_id and not self._seen.is_new(command.trigger_id):
                log.info("a slash command was delivered again and not run twice")
                continue
            task = asyncio.create_task(self._answer(command))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, command: SlashCommand) -> None:
        try:
            messages, plain = await self._run(command)
        except Exception:
            log.exception("a slash command could not be answered")
            messages, plain = (render.sentence("Something went wrong on our side; the log says what."),), ()
        await self._post_all(command.response_url, messages, plain, RESPONSE_URL_USES)

    async def _run(self, command: SlashCommand) -> "tuple[Messages, Messages]":
        """The answer's messages, and the same as preformatted text."""
        message = message_of(command.text, self._runtime.commands)
        asked = turn.Turn(command.principal, message, conversation=command.conversation, channel="http")
        try:
            last = await turn.answer(self._runtime, asked)
        except Problem as problem:
            return (render.sentence(problem.detail),), ()
        if isinstance(last, ErrorEvent):
            return (render.sentence(last.error.detail),), ()
        return self._messages(last.answer, command.command)

    def _messages(self, answer: Answer, command: str) -> "tuple[Messages, Messages]":
        blocks = answer.blocks
        if answer.command == HELP:
            example = min((example for c in self._runtime.commands.values() for example in c.examples), key=len)
            hint = f"In Slack, {command} stands before a command: {command} {example.removeprefix('/')}"
            blocks = (*blocks, Notice(tone="neutral", text=text(hint)))
        told = (render.sentence(answer.error.detail),) if answer.error else ()
        return (
            (*render.to_messages(blocks, answer.figures, command, self._runtime.settings.link_hosts), *told),
            (*render.to_plain_messages(blocks, answer.figures), *told),
        )

    async def _post_all(self, url: str, messages: "Messages", plain: "Messages", uses: int) -> None:
        """Post the messages one after the other; where Slack refuses their layout, as plain text instead."""
        for place, message in enumerate(messages):
            status, used = await self._post(url, message, min(TRIES, uses))
            uses -= used
            if status == REFUSED and plain and place == 0:
                log.warning("Slack refused the layout of an answer; it is sent as plain text")
                await self._post_all(url, plain, (), uses)
                return
            if status != 200:
                log.warning("an answer could not be posted to Slack: %s", status or "no connection, or no use left")
                return

    async def _post(self, url: str, message: render.Message, tries: int) -> tuple[int | None, int]:
        """Post one message; the last status (None: no connection), and how many uses that took."""
        status: int | None = None
        for used in range(1, tries + 1):
            status, wait = await self._post_once(url, message)
            if status is not None and status != 429 and status < 500:
                return status, used
            if used < tries:
                await asyncio.sleep(min(wait or BACK_OFF_SECONDS * 2 ** (used - 1), LONGEST_WAIT_SECONDS))
        return status, tries

    async def _post_once(self, url: str, message: render.Message) -> tuple[int | None, float]:
        """The status, and the seconds after which Slack wants to be asked again."""
        from aiohttp import ClientError

        body = {
            "response_type": "ephemeral",
            "text": message.text,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "blocks": list(message.blocks),
        }
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as response:
                wait = response.headers.get("Retry-After", "")
                refused = b'"ok":false' in (await response.content.read(1000)).replace(b" ", b"")
                status = REFUSED if refused and response.status == 200 else response.status
                return status, float(wait) if wait.isdecimal() else 0.0
        except (ClientError, TimeoutError):
            return None, 0.0


Messages = tuple[render.Message, ...]


def message_of(typed: str, commands: Collection[str]) -> str:
    """What was typed after the slash command, as a message to the agent.

    A known command needs no slash of its own; nothing at all asks for help; anything else is free text.
    """
    words = _unescaped(typed).strip()
    if not words:
        return f"/{HELP}"
    name = words.split(maxsplit=1)[0].lower()
    return f"/{words}" if name == HELP or name in commands else words


def _unescaped(typed: str) -> str:
    """Slack escapes three characters in what users type."""
    return typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _slash_command(body: Mapping[str, Any]) -> SlashCommand:
    return SlashCommand(
        team=body.get("team_id", ""),
        channel=body.get("channel_id", ""),
        user=body.get("user_id", ""),
        user_name=body.get("user_name", ""),
        command=body.get("command", ""),
        text=body.get("text", ""),
        response_url=body.get("response_url", ""),
        trigger_id=body.get("trigger_id", ""),
    )


def _bolt_app(signing_secret: str) -> "AsyncApp":
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    async def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        """Let pass what is signed. Bolt's own way would ask Slack, with a token that slash commands do not need."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)

    return AsyncApp(signing_secret=signing_secret, authorize=authorize, process_before_response=False, logger=bolt_log)


async def _bolt_request(request: Request, taken: list[SlashCommand]) -> "AsyncBoltRequest | None":
    """The request as Bolt reads it; None for headers and bodies on which Bolt fails, and which Slack never sends."""
    from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request

    content = await request.body()
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    if not (timestamp.isdecimal() and len(timestamp) <= 20 and request.headers.get("x-slack-signature", "").isascii()):
        return None
    try:
        asked = to_async_bolt_request(request, content, {"taken": taken})
    except (ValueError, TypeError, AttributeError):
        return None
    # Bolt 1.30 takes a form in which the word "payload" occurs, anywhere, for one with such a field, and drops it.
    asked.body = asked.body or dict(parse_qsl(asked.raw_body, keep_blank_values=True))
    return asked


@router.post(EVENTS_PATH)
async def events(request: Request) -> Response:
    """Slack's requests."""
    channel: SlackChannel | None = request.app.state.slack
    if channel is None:
        raise NotFound(
            "Slack is not set up: set CSE_SLACK_SIGNING_SECRET to the signing secret of your Slack app and restart.",
            code="slack_not_configured",
        )
    return await channel.receive(request)


@asynccontextmanager
async def open_channel(runtime: Runtime) -> AsyncIterator[SlackChannel | None]:
    """The channel, where a signing secret is set; what still runs at the end is waited for, with a limit."""
    signing_secret = runtime.settings.slack_signing_secret.get_secret_value().strip()
    if not signing_secret:
        yield None
        return
    from aiohttp import ClientSession, ClientTimeout

    from app.agent import graph

    graph.build_graph()  # takes seconds the first time, and Slack waits three for an acknowledgement
    async with ClientSession(timeout=ClientTimeout(total=POST_SECONDS), trust_env=True) as session:
        channel = SlackChannel(runtime, session, signing_secret)
        try:
            yield channel
        finally:
            await channel.close()


def install(app: FastAPI) -> None:
    """Add the address that Slack sends to."""
    app.include_router(router)
