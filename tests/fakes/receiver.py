"""A server on loopback that takes deliveries, and knows one that it has had by its `Idempotency-Key`."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0" * 6


@dataclass
class Receiver:
    """What came. `answers` are the statuses of the next answers; after them each is 200. `posts` counts all requests,
    `messages` holds what was taken, each once."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    posts: int = 0
    keys: list[str] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: set[bytes] = field(default_factory=set)

    def take(self, headers: Any, body: bytes) -> int:
        self.posts += 1
        key = headers["Idempotency-Key"]
        self.keys.append(key)
        self.bodies.add(body)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200 and key not in self.messages:
            self.messages[key] = json.loads(body)
        return status


@dataclass
class VerifyingReceiver(Receiver):
    """Takes only what is signed with the secret at this moment."""

    def take(self, headers: Any, body: bytes) -> int:
        Webhook(SECRET).verify(body, dict(headers))
        return super().take(headers, body)


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """Run the receiver; its `url` is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(self.headers, body)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{receiver.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
