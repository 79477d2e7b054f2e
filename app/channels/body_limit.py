"""The size of a request's body is limited before anything reads it."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEXT_BYTES = 2 * 1024 * 1024
"""Room for a message of 256 kB, every character of it escaped."""

UPLOAD_BYTES = 2 * 1024 * 1024 * 1024


class BodyLimit:
    """Refuses larger bodies with 413, whether or not their length was declared. Uploads may be larger than the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit = UPLOAD_BYTES if is_upload else TEXT_BYTES
        way_out = "Send the files in several imports, or use `cse import`." if is_upload else "Shorten it."
        too_large = HTTPException(413, f"The body is larger than the {limit / 1024**2:,.0f} MB it may have. {way_out}")
        declared = headers.get("content-length", "")
        size = int(declared) if declared.isdecimal() else 0
        received = 0

        async def limited() -> Message:
            nonlocal received
            if size > limit:
                raise too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise too_large
            return message

        await self.app(scope, limited, send)
