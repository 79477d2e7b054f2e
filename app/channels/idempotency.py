"""`Idempotency-Key` on every POST of the API: sent twice, a request is carried out once and answered twice alike.

It follows the IETF's draft (draft-ietf-httpapi-idempotency-key-header). It stands before all routes, so a new one needs
no line of its own. An answer that says `Cache-Control: no-store` holds a secret and is not kept; one that names a
`Content-Location` is read there again.
"""

import hashlib
import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.channels import http_problems
from app.channels.callers import caller_of, runtime_of
from app.domain.problems import Conflict, InvalidArguments, Problem
from app.resources import idempotency
from app.resources.idempotency import Answered
from app.runtime import Runtime
from app.security.principals import Principal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
API = "/v1/"
MAX_KEY_LENGTH = 255

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""A larger answer is not kept."""

END_OF_STREAM = b"data: [DONE]\n\n"

KEPT_HEADERS = ("content-type", "location", "content-location")
NOT_RESENT = frozenset({b"content-length", b"content-type", b"transfer-encoding", HEADER.lower().encode()})
"""Headers of a request that do not go along when its answer is read elsewhere."""

DESCRIPTION = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
    "description": "A value of the client's choice, new for each request. The same request sent again with the same "
    "key within 24 hours is not carried out again; it gets the first one's answer, with `Idempotency-Replayed: true`.",
}

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Put it before the routes, and tell of it in the OpenAPI document."""
    app.add_middleware(Idempotency)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        for path, methods in document["paths"].items():
            if "post" in methods and path.startswith(API):
                parameters = methods["post"].setdefault("parameters", [])
                parameters.extend(() if DESCRIPTION in parameters else (DESCRIPTION,))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


class Idempotency:
    """The middleware. Whoever sends no key, or is nobody, passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        concerned = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(API)
        keys = Headers(scope=scope).getlist(HEADER) if concerned else []
        if not keys:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await caller_of(request)
        except Problem:
            await self._app(scope, receive, send)  # where it is told
            return
        try:
            key = _checked(keys)
            answered = await idempotency.claim(runtime_of(request), caller, key)
            if answered is None:
                await _First(self._app, scope, receive, send, runtime_of(request), caller, key).run()
            else:
                await self._again(scope, receive, send, answered)
        except Problem as problem:
            await http_problems.told(problem, scope["path"])(scope, receive, send)

    async def _again(self, scope: Scope, receive: Receive, send: Send, answered: Answered) -> None:
        """Give the first answer once more.

        Raises:
            Problem: the request is another one, or its answer was not kept.
        """
        body = _Body(scope, receive)
        try:
            await body.read_rest()
        except HTTPException as error:
            raise Problem(str(error.detail), code="body_too_large", status=error.status_code) from None
        except ClientDisconnect:
            return
        if body.fingerprint() != answered.fingerprint:
            raise InvalidArguments(
                f"This {HEADER} came with another request before; use a new one for each request.",
                code="idempotency_key_reused",
            )
        if location := answered.headers.get("content-location"):
            await self._app(_get(scope, location), receive, _marked(send))
            return
        if answered.body is None:
            raise _not_kept(answered)
        response = Response(answered.body, answered.status, {**answered.headers, REPLAYED: "true"})
        await response(scope, receive, send)


class _First:
    """The first request with its key. It runs as always; its answer is kept, or the key is free again, before it is
    told: who has the answer may send the next request at once."""

    def __init__(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, runtime: Runtime, caller: Principal, key: str
    ) -> None:
        self._app = app
        self._scope = scope
        self._send = send
        self._body = _Body(scope, receive)
        self._claim = (runtime, caller, key)
        self._held: list[Message] = []
        self._passing = False
        self._is_settled = False  # the answer is kept, or the key given back

    async def run(self) -> None:
        try:
            await self._app(self._scope, self._body.receive, self._take)
        finally:
            await self._give_back()

    async def _take(self, message: Message) -> None:
        """Hold the answer's parts until it is whole; one that is read elsewhere again passes at once."""
        if self._passing:
            await self._send(message)
            return
        self._held.append(message)
        is_whole = message["type"] == "http.response.body" and not message.get("more_body", False)
        if is_whole or "content-location" in Headers(raw=self._held[0]["headers"]):
            await self._keep()
            if is_whole:
                await self._give_back()
            self._passing = True
            for held in self._held:
                await self._send(held)

    async def _keep(self) -> None:
        """Only what was done is kept: a request that was refused, or failed, changed nothing and may come again."""
        start = self._held[0]
        if not 200 <= start["status"] < 300 or self._is_failed_stream():
            return
        try:
            await self._body.read_rest()
            await idempotency.keep(*self._claim, self._answered(start))
        except (HTTPException, ClientDisconnect):
            return
        except Problem:
            log.warning("the answer to a request with an %s could not be kept", HEADER, exc_info=True)
            return
        self._is_settled = True

    def _is_failed_stream(self) -> bool:
        """Whether a stream of the OpenAI protocol ends with an error, though it began with 200."""
        headers = Headers(raw=self._held[0]["headers"])
        is_stream = headers.get("content-type", "").startswith("text/event-stream")
        end = b"".join(message.get("body", b"") for message in self._held[-2:])
        return is_stream and "content-location" not in headers and not end.endswith(END_OF_STREAM)

    def _answered(self, start: Message) -> Answered:
        headers = Headers(raw=start["headers"])
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        body: bytes | None = b"".join(message.get("body", b"") for message in self._held[1:])
        if "no-store" in headers.get("cache-control", "") or len(body or b"") > MAX_KEPT_BYTES:
            body = None
        return Answered(self._body.fingerprint(), start["status"], kept, body)

    async def _give_back(self) -> None:
        """Free the key, where its answer is not kept."""
        if self._is_settled:
            return
        self._is_settled = True
        try:
            await idempotency.release(*self._claim)
        except Problem:
            log.warning("an %s could not be given back; it is free when this process ends", HEADER, exc_info=True)


class _Body:
    """A request's body on its way to whoever reads it, and what it is known by.

    The fingerprint is that of path, query and content. Of a form it is that of the parts: their boundary, which clients
    choose anew each time, does not count.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        headers = Headers(scope=scope)
        self._is_whole = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        self._hash = hashlib.sha256(scope["path"].encode() + b"?" + scope["query_string"] + b"\n")
        kind, options = parse_options_header(headers.get("content-type"))
        boundary = options.get(b"boundary") if kind == b"multipart/form-data" else None
        self._form = MultipartParser(boundary, self._callbacks()) if boundary else None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._feed(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
        return message

    async def read_rest(self) -> None:
        """
        Raises:
            ClientDisconnect: the client left before its end.
            HTTPException: it is too large.
        """
        while not self._is_whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect

    def fingerprint(self) -> str:
        return self._hash.hexdigest()

    def _feed(self, chunk: bytes) -> None:
        if self._form is None:
            self._hash.update(chunk)
            return
        try:
            self._form.write(chunk)
        except FormParserError:  # no form: whoever reads it will refuse it
            self._form = None
            self._hash.update(chunk)

    def _callbacks(self) -> Any:
        """Each part counts as its headers, each with its length, and the hash of its content."""
        header = bytearray()
        content = hashlib.sha256()

        def on_part_begin() -> None:
            nonlocal content
            content = hashlib.sha256()

        def on_header(data: bytes, start: int, end: int) -> None:
            header.extend(data[start:end])

        def on_header_end() -> None:
            self._hash.update(b"%d:%s" % (len(header), header))
            header.clear()

        def on_part_data(data: bytes, start: int, end: int) -> None:
            content.update(data[start:end])

        def on_part_end() -> None:
            self._hash.update(content.digest())

        return {
            "on_part_begin": on_part_begin,
            "on_header_field": on_header,
            "on_header_value": on_header,
            "on_header_end": on_header_end,
            "on_part_data": on_part_data,
            "on_part_end": on_part_end,
        }


def _checked(keys: list[str]) -> str:
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise Problem(
            f"Send one {HEADER} of 1 to {MAX_KEY_LENGTH} printable ASCII characters, such as a UUID.",
            code="invalid_idempotency_key",
        )
    return key


def _not_kept(answered: Answered) -> Conflict:
    where = answered.headers.get("location")
    there = f" What it made is {where}." if where else ""
    return Conflict(
        f"The first request with this {HEADER} was carried out. Its answer is not kept: it holds a secret that is told "
        f"once, or is too large.{there} To do it again, use a new key.",
        code="idempotency_answer_not_kept",
        first_status=answered.status,
        location=where,
    )


def _get(scope: Scope, path: str) -> Scope:
    """The request that reads, as the same caller, what is at that path."""
    headers = [(name, value) for name, value in scope["headers"] if name not in NOT_RESENT]
    target = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    return {**scope, **target}


def _marked(send: Send) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message["headers"])[REPLAYED] = "true"
        await send(message)

    return marked
