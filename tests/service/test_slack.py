"""Slash commands end to end: the real service, and a Slack on loopback that signs requests and takes answers."""

import asyncio
import itertools
import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app import turn
from app.channels import slack as channel
from app.render import slack as render
from app.resources import commands, demo
from app.runtime import open_runtime
from app.settings import Settings
from tests.fakes.slack_server import SlackServer, signed, slack_server, slash_command
from tests.service.conftest import Service, bearer, prepare, serve, settings_in
from tests.service.test_http_errors import assert_problem

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
COUNT = itertools.count()


class Desk:
    """Somebody at a desk in Slack: types slash commands, sees what comes back."""

    def __init__(self, service: Service, slack: SlackServer) -> None:
        self.service = service
        self.slack = slack

    def send(self, text: str, **more: str) -> str:
        """Send a command, which must be acknowledged with nothing said; the name of its response_url."""
        name = f"r{next(COUNT)}"
        response = self.post(slash_command(text, self.slack.response_url(name), **more))
        assert (response.status_code, response.text) == (200, "")
        return name

    def post(self, body: str | bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        headers = signed(SECRET, body) if headers is None else headers
        return httpx.post(f"{self.service.url}/slack/events", content=body, headers=headers, timeout=30)

    def ask(self, text: str, **more: str) -> dict[str, Any]:
        """The first message that answers a command."""
        return self.slack.wait_for(self.send(text, **more))[0]


async def fill(settings: Settings) -> str:
    """The demo portfolio, without the articles, which take long to index; the secret of an admin key."""
    async with open_runtime(settings) as runtime:
        await demo.keep_fresh(runtime)
    return await prepare(settings, filled=False)


def with_secret(folder: Path) -> Settings:
    return settings_in(folder).model_copy(update={"slack_signing_secret": SecretStr(SECRET)})


@pytest.fixture(scope="module", autouse=True)
def no_pauses() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel, "BACK_OFF_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackServer]:
    """A Slack on loopback in the place of hooks.slack.com: no setting can do that."""
    with slack_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel, "RESPONSE_URLS", f"{server.url}/")
        yield server


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, slack: SlackServer) -> Iterator[Desk]:
    settings = with_secret(tmp_path_factory.mktemp("slack"))
    key = asyncio.run(fill(settings))
    for url in serve(settings):
        yield Desk(Service(url, settings, key), slack)


@pytest.fixture
def empty_desk(tmp_path: Path, slack: SlackServer) -> Iterator[Desk]:
    settings = with_secret(tmp_path)
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        yield Desk(Service(url, settings, key), slack)


def texts(message: dict[str, Any]) -> list[str]:
    """All texts in a message's blocks."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            found.extend(value for key, value in part.items() if key == "text" and isinstance(value, str))
            part = list(part.values())
        if isinstance(part, list):
            for each in part:
                walk(each)

    walk(message["blocks"])
    return found


def shown(message: dict[str, Any]) -> str:
    return " ".join(texts(message))


# ── Answers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_command_is_answered_to_the_asker_alone(desk: Desk) -> None:
    message = desk.ask("health cobalt-harbor")
    assert message["response_type"] == "ephemeral"
    assert message["text"].startswith("Cobalt Harbor Freight: Red")
    assert "Churn indicators" in texts(message)


def test_slack_tells_what_the_api_tells(desk: Desk) -> None:
    answer = desk.service.client().post("/v1/commands/health", json={"account": "cobalt-harbor"}).json()
    score = next(figure["shown"] for figure in answer["figures"] if figure["key"] == "health.score")
    assert f"Score {score} of 100 (red)" in texts(desk.ask("/health Cobalt Harbor Freight"))


@pytest.mark.parametrize("typed", ["", "   ", "help", "/help"])
def test_help(desk: Desk, typed: str) -> None:
    message = desk.ask(typed, command="/desk")
    assert message["text"].startswith("Type a command")
    assert {"/health", "/feedback"} <= set(texts(message))
    assert "In Slack, /desk stands before a command" in shown(message)


def test_an_unknown_command_is_told_with_the_closest(desk: Desk) -> None:
    message = desk.ask("/helth acme")
    assert message["response_type"] == "ephemeral"
    assert "There is no command “/helth”. Did you mean /health?" in shown(message)


def test_free_text_is_answered_from_the_knowledge_base(desk: Desk) -> None:
    admin = httpx.Client(base_url=desk.service.url, headers=bearer(desk.service.admin_key), timeout=60)
    article = {"title": "Badgers", "text": "# Diet\n\nBadgers eat worms."}
    assert admin.put("/v1/knowledge/documents/badgers", json=article).status_code == 204
    message = desk.ask("what do badgers eat?", channel_id="C2")
    assert {"Badgers eat worms.", "Sources:"} <= set(texts(message))


def test_a_question_is_answered_by_the_next_command(desk: Desk) -> None:
    question = desk.ask("health alder", channel_id="C3")
    assert "Did you mean Alder & Finch" in shown(question)
    assert "Answer with /cse and your answer." in texts(question)
    answer = desk.ask("alder-finch", channel_id="C3")
    assert answer["text"].startswith("Alder &amp; Finch Logistics: ")


@pytest.mark.parametrize("other", [{"user_id": "U2"}, {"channel_id": "C9"}, {"team_id": "T2"}])
def test_a_question_is_open_to_its_asker_in_its_channel_only(desk: Desk, other: dict[str, str]) -> None:
    here = {"channel_id": "C4"}
    desk.ask("escalate Glasswing Insurance API returns 503", **here)
    assert "Glasswing" not in shown(desk.ask("severity SEV2", **{**here, **other}))
    assert desk.ask("severity SEV2", **here)["text"].startswith("Glasswing Insurance: ")


def test_what_slack_escaped_is_read_as_it_was_typed(desk: Desk) -> None:
    assert desk.ask("health Alder &amp; Finch Customs")["text"].startswith("Alder &amp; Finch Customs: ")


def test_the_word_payload_does_no_harm(desk: Desk) -> None:
    assert "No account is called “payload”." in desk.ask("health payload", channel_id="C8")["text"]


def test_an_escalation_keeps_its_text_and_says_what_is_left_out(desk: Desk) -> None:
    message = desk.ask("escalate Glasswing Insurance naïve 注文 🚚 returns 503 when a &lt; b &amp;&amp; c &gt; d")
    assert any("naïve 注文 🚚 returns 503 when a < b && c > d" in each for each in texts(message))
    assert any(each.startswith("Left out here: How it was judged.") for each in texts(message))


def test_a_text_of_20_kilobytes(desk: Desk) -> None:
    message = desk.ask("escalate Glasswing Insurance API returns 503. " + "long log line 🚚 " * 1_250)
    assert message["text"].startswith("Glasswing Insurance: ")
    assert any("long log line 🚚 long log line" in each for each in texts(message))


def test_a_message_too_large_for_a_turn_is_told(desk: Desk) -> None:
    assert "The message is larger than 262,144 bytes" in shown(desk.ask("/health " + "x" * 300_000))


def test_customer_text_can_neither_mention_nor_link_nor_format(empty_desk: Desk) -> None:
    name = '=HYPERLINK("https://evil.example") <!channel> <@U1> @here *bold* _it_ ~s~ `c` <https://evil.example|x>'
    row = '"{}"'.format(name.replace('"', '""'))
    admin = httpx.Client(base_url=empty_desk.service.url, headers=bearer(empty_desk.service.admin_key))
    started = admin.post("/v1/imports", files={"files": ("accounts.csv", f"id,name\na1,{row}\n", "text/csv")})
    while admin.get(f"/v1/jobs/{started.json()['id']}").json()["status"] in ("queued", "running"):
        time.sleep(0.02)
    message = empty_desk.ask("health a1")
    assert any(name in each for each in texts(message))
    assert "<" not in message["text"]
    assert "&lt;!channel&gt;" in message["text"]
    assert message["mrkdwn"] is False
    assert {block["type"] for block in message["blocks"]} <= {"rich_text", "table", "divider"}


def test_an_error_within_the_service_is_told_without_its_trace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(commands, "execute", broken)
    message = desk.ask("health", channel_id="C5")
    assert "Something went wrong on our side" in message["text"]
    monkeypatch.setattr(turn, "answer", broken)
    later = desk.ask("health", channel_id="C5")
    assert "Something went wrong on our side" in later["text"]
    assert "secret detail" not in json.dumps([message, later])


# ── Who may send ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def refused(desk: Desk) -> Iterator[str]:
    """A command that must not run: neither now nor when the one after it was answered."""
    name = f"refused{next(COUNT)}"
    yield slash_command("help", desk.slack.response_url(name))
    desk.ask("help")
    assert desk.slack.to(name) == []


def test_a_wrong_signature(desk: Desk, refused: str) -> None:
    assert_problem(desk.post(refused, signed("another secret", refused)), 401, "slack_signature")
    assert_problem(desk.post(refused.replace("U1", "U2"), signed(SECRET, refused)), 401, "slack_signature")


@pytest.mark.parametrize("seconds", [-310, 310])
def test_a_request_of_another_time(desk: Desk, refused: str, seconds: int) -> None:
    headers = signed(SECRET, refused, time.time() + seconds)
    assert_problem(desk.post(refused, headers), 401, "slack_signature")


@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_a_missing_header(desk: Desk, refused: str, name: str) -> None:
    headers = signed(SECRET, refused)
    del headers[name]
    assert_problem(desk.post(refused, headers), 401, "slack_signature")


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Slack-Request-Timestamp", "yesterday"), ("X-Slack-Request-Timestamp", "9" * 5000), ("X-Slack-Signature", "ü")],
)
def test_a_header_that_slack_never_sends(desk: Desk, refused: str, name: str, value: str) -> None:
    headers = {**signed(SECRET, refused), name: value}
    encoded = {key.encode(): content.encode("latin-1") for key, content in headers.items()}
    response = httpx.post(f"{desk.service.url}/slack/events", content=refused, headers=encoded)
    assert_problem(response, 401, "slack_signature")


@pytest.mark.parametrize("body", [b"\xff\xfe", "{broken", "[1]", "1", "payload=1", "payload={broken", "payload=[1]"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_that_slack_never_sends(desk: Desk, body: str | bytes, kind: str) -> None:
    response = desk.post(body, {**signed("another secret", body), "Content-Type": kind})
    assert_problem(response, 401, "slack_signature")


def test_a_body_over_the_limit(desk: Desk) -> None:
    assert_problem(desk.post("x" * 3_000_000), 413, "body_too_large")


def test_other_requests_of_slack(desk: Desk) -> None:
    event = json.dumps({"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "text": "hi"}})
    headers = {**signed(SECRET, event), "Content-Type": "application/json"}
    assert_problem(desk.post(event, headers), 404, "slack_not_a_command")
    assert_problem(httpx.get(f"{desk.service.url}/slack/events"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "response_url",
    [
        "",
        "https://elsewhere.example/x",
        "https://hooks.slack.com@elsewhere.example/",
        "ftp://127.0.0.1/x",
        "http://[broken",
    ],
)
def test_an_address_that_cannot_be_answered_safely(desk: Desk, response_url: str) -> None:
    response = desk.post(slash_command("health", response_url))
    assert response.status_code == 200
    assert "came without" in response.text


def test_a_service_without_a_secret(empty_service: Service) -> None:
    body = slash_command("help", "https://hooks.slack.example/x")
    response = httpx.post(f"{empty_service.url}/slack/events", content=body, headers=signed("", body))
    assert_problem(response, 404, "slack_not_configured")
    assert "CSE_SLACK_SIGNING_SECRET" in response.json()["detail"]


# ── Once, in time, and to the end ─────────────────────────────────────────────────────────────────────────────────


def test_the_same_trigger_runs_once(desk: Desk) -> None:
    first = desk.send("help", trigger_id="same")
    again = desk.send("help", trigger_id="same")
    desk.slack.wait_for(first)
    desk.ask("help")
    assert (len(desk.slack.to(first)), desk.slack.to(again)) == (1, [])


def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let commands wait until the event is set."""
    go_on, execute = threading.Event(), commands.execute

    async def waiting(*args: Any, **more: Any) -> Any:
        await asyncio.to_thread(go_on.wait, 60)
        return await execute(*args, **more)

    monkeypatch.setattr(commands, "execute", waiting)
    return go_on


def test_a_slow_command_is_acknowledged_first_and_another_is_told_to_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = slow(monkeypatch)
    name = desk.send("health", channel_id="C6")  # acknowledged, although the command cannot end
    meanwhile = desk.ask("health", channel_id="C6")
    assert "still running" in meanwhile["text"]
    assert desk.slack.to(name) == []
    go_on.set()
    assert "accounts: " in desk.slack.wait_for(name)[0]["text"]


def test_a_running_command_is_waited_for_at_the_end(
    tmp_path: Path, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, close = slow(monkeypatch), channel.SlackChannel.close

    async def closing(self: channel.SlackChannel) -> None:
        go_on.set()  # the command can only end while the channel closes
        await close(self)

    monkeypatch.setattr(channel.SlackChannel, "close", closing)
    settings = with_secret(tmp_path)
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        name = Desk(Service(url, settings, key), slack).send("health")
    assert len(slack.to(name)) == 1


def test_a_command_that_does_not_end_is_stopped_and_told_so(
    tmp_path: Path, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    async def endless(*_: Any, **__: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(commands, "execute", endless)
    monkeypatch.setattr(channel, "SHUTDOWN_SECONDS", 0.5)
    settings = with_secret(tmp_path)
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        name = Desk(Service(url, settings, key), slack).send("health")
        assert begun.wait(60)
    assert [message["text"] for message in slack.to(name)] == ["The turn was stopped."]


def test_a_post_that_fails_is_tried_again(desk: Desk) -> None:
    desk.slack.fail_next(500, 429)
    name = desk.send("help")
    posts = desk.slack.wait_for(name, 3)
    assert posts[0] == posts[1] == posts[2]
    desk.ask("help")
    assert len(desk.slack.to(name)) == 3


def test_an_address_that_is_used_up_is_left_alone(desk: Desk) -> None:
    desk.slack.fail_next(404, body='{"ok": false, "error": "used_url"}')
    name = desk.send("help")
    desk.slack.wait_for(name)
    desk.ask("help")
    assert len(desk.slack.to(name)) == 1


def test_no_address_is_used_more_than_five_times(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MESSAGE_CHARACTERS", 1_000)  # so that the answer takes several messages
    desk.slack.fail_next(503, 503, 200, 503, 503)
    name = desk.send("health cobalt-harbor", channel_id="C7")
    posts = desk.slack.wait_for(name, 5)
    desk.ask("help")
    assert len(desk.slack.to(name)) == 5
    assert posts[2] == posts[0] != posts[3]


@pytest.mark.parametrize(
    ("status", "body"), [(400, "invalid_blocks"), (200, '{"ok": false, "error": "invalid_blocks"}')]
)
def test_a_layout_that_slack_refuses_is_sent_as_plain_text(desk: Desk, status: int, body: str) -> None:
    desk.slack.fail_next(status, body=body)
    refused, plain = desk.slack.wait_for(desk.send("help"), 2)
    assert "table" in {block["type"] for block in refused["blocks"]}
    assert {element["type"] for block in plain["blocks"] for element in block["elements"]} == {"rich_text_preformatted"}
    assert "/health acme" in shown(plain)


def test_nothing_that_was_asked_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = slash_command("health Verysecret Inc", desk.slack.response_url("hushed"))
    desk.post(body, signed("another secret", body))
    desk.slack.fail_next(500, 500, 404)
    assert desk.post(body).status_code == 200
    desk.slack.wait_for("hushed", 3)
    desk.ask("help")
    assert "an answer could not be posted to Slack: 404" in caplog.text
    assert "Verysecret" not in caplog.text
    assert "hushed" not in caplog.text
    assert SECRET not in caplog.text
