"""Webhooks: verify the signature of each delivery on the raw body, as Standard Webhooks says, then answer at once.

EVENTS_WEBHOOK_SECRET=whsec_… HOST=… PORT=8080 python webhook.py    (Python 3.9 or newer, nothing to install)
"""

import base64
import binascii
import hashlib
import hmac
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_SECONDS = 300
LARGEST_BODY = 1_000_000


def is_genuine(secret: str, message_id: str, sent_at: str, signatures: str, body: bytes) -> bool:
    """`signatures` is the header as it came: one or more of `v1,BASE64`, with spaces between them."""
    if not message_id or not sent_at.isascii() or not sent_at.isdigit():
        return False
    if abs(time.time() - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    return any(hmac.compare_digest(expected, given) for given in _decoded(signatures))


def _decoded(signatures: str) -> "list[bytes]":
    found = []
    for each in signatures.split():
        version, _, value = each.partition(",")
        try:
            found.append(base64.b64decode(value, validate=True) if version == "v1" else b"")
        except binascii.Error:
            continue
    return found


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(length)  # the bytes as they came: parse them only after they were verified
        message_id, sent_at = self.headers.get("webhook-id") or "", self.headers.get("webhook-timestamp") or ""
        signatures = self.headers.get("webhook-signature") or ""
        genuine = is_genuine(os.environ["EVENTS_WEBHOOK_SECRET"], message_id, sent_at, signatures, body)
        if genuine:
            print("taken", message_id, flush=True)  # store it under this id once; do the work later, from a queue
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet: a request's line may hold what does not belong in a log."""


if __name__ == "__main__":
    server = HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Receiver)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
