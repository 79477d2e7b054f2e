"""What a request's body may be, decided before anything reads it: so large, and not compressed."""

from typing import Final, TypedDict

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.channels import http_problems
from app.resources.attachments import MOST_BYTES, MOST_FILES
from app.resources.imports import MAX_FILES

TEXT_BYTES = 2 * 1024 * 1024
"""Room for a message of 256 kB, every character of it escaped."""

UPLOAD_BYTES = 2 * 1024 * 1024 * 1024


ATTACHMENTS_PATH = "/v1/attachments"
ATTACHMENTS_BYTES = MOST_FILES * MOST_BYTES + 1024 * 1024
"""All files as large as one may be, and what stands between them."""


class FormLimits(TypedDict, total=False):
    max_files: int
    max_fields: int
    max_part_size: int


FORM_LIMITS: Final = FormLimits(max_files=MAX_FILES + 1, max_fields=10, max_part_size=64 * 1024)
"""Of an upload, for FastAPI; its fields are a profile's name, days and the like. One file too many is told by name."""


ATTACHMENT_LIMITS: Final = FormLimits(max_files=MOST_FILES + 1, max_fields=0, max_part_size=64 * 1024)
"""Of files for a message."""


class BodyLimit:
    """Refuses larger bodies with 413, whether or not their length was declared. Uploads may be larger than the rest.

    A compressed body is refused with 415: what it unpacks to could not be known before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            detail = "Send the body as it is, without Content-Encoding: compressed bodies are not read."
            code = "unsupported_content_encoding"
            await http_problems.problem_response(415, code, detail, path=scope["path"])(scope, receive, send)
            return
        is_upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit, way_out = _limit(scope["path"]) if is_upload else (TEXT_BYTES, "Shorten it, or attach it as a file.")
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


def _limit(path: str) -> tuple[int, str]:
    """How large an upload may be, and what to do with a larger one."""
    if path == ATTACHMENTS_PATH:
        return ATTACHMENTS_BYTES, "Attach fewer files, or the part around the failure."
    return UPLOAD_BYTES, "Send the files in several imports, or use `cse import`."
