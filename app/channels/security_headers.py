"""What every answer tells a browser: nothing of it is run, framed, sniffed or kept; pages say what they may run."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/v1/"

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
DOCS_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Documents alone: no script at all."""

NOTHING_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
POLICY = (b"content-security-policy", NOTHING_POLICY.encode())
NOT_KEPT = (b"cache-control", b"no-store")
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Puts the headers on each answer. A content policy that one has stays; answers of the API are never cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(scope, message["headers"])
            await send(message)

        await self._app(scope, receive, send_safe)


def _with_headers(scope: Scope, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    is_api = scope["path"].startswith(API)
    headers = [pair for pair in given if pair[0] != b"cache-control"] if is_api else list(given)
    headers += ALWAYS
    if not any(name == b"content-security-policy" for name, _ in headers):
        headers.append(POLICY)
    if is_api:
        headers.append(NOT_KEPT)
    if scope["scheme"] == "https":
        headers.append(HTTPS_ONLY)
    return headers
