"""A Slack on loopback: takes what is posted to a response_url, fails on demand, and signs requests as Slack does."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

WAIT_SECONDS = 60
"""A test that waits longer fails."""


class SlackServer:
    """What was posted, in order, refused tries included."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self._failures: list[tuple[int, str]] = []
        self._before: set[str] = set()
        self._changed = threading.Condition()

    def response_url(self, name: str) -> str:
        return f"{self.url}/commands/T1/{name}"

    def fail_next(self, *statuses: int, body: str = "error") -> None:
        """Answer the next posts with these statuses; what still comes to an address of before does not count."""
        with self._changed:
            self._failures += [(status, body) for status in statuses]
            self._before = {path for path, _ in self.posts}

    def take(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        with self._changed:
            self.posts.append((path, body))
            self._changed.notify_all()
            return self._failures.pop(0) if self._failures and path not in self._before else (200, "ok")

    def to(self, name: str) -> list[dict[str, Any]]:
        """The bodies posted to one response_url so far."""
        return [body for path, body in list(self.posts) if path == f"/commands/T1/{name}"]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The same, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.to(name)) >= count, WAIT_SECONDS), "Slack got no answer"
        return self.to(name)


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    """A running fake, closed at the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = slack.take(self.path, json.loads(content))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack = SlackServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()


def signed(secret: str, body: str | bytes, timestamp: float | None = None) -> dict[str, str]:
    """The headers with which Slack sends a form: signature version 0, over the time and the raw body."""
    content = body if isinstance(body, bytes) else body.encode()
    sent_at = str(int(time.time() if timestamp is None else timestamp))
    digest = hmac.new(secret.encode(), b":".join((b"v0", sent_at.encode(), content)), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": sent_at,
        "X-Slack-Signature": f"v0={digest}",
    }


def slash_command(text: str, response_url: str, **more: str) -> str:
    """The form of a slash command, as Slack sends it."""
    fields = {
        "token": "legacy",
        "team_id": "T1",
        "team_domain": "example",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": "U1",
        "user_name": "robin",
        "command": "/cse",
        "text": text,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"trigger of {response_url}",
    }
    return urlencode({**fields, **more})
