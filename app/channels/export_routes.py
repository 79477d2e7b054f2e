"""HTTP: answers as documents."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from app.channels.callers import App, Caller
from app.resources import exports

router = APIRouter(prefix="/v1")

CONTENT: dict[str, dict[str, str]] = {kind.partition(";")[0]: {} for kind in exports.MEDIA_TYPES.values()}


@router.get("/turns/{turn_id}/export", response_class=Response, responses={200: {"content": CONTENT}})
async def export_turn(
    turn_id: str,
    caller: Caller,
    runtime: App,
    form: Annotated[exports.Format, Query(alias="format", description="The kind of document")],
) -> Response:
    """A turn's answer as a document: Markdown, its tables as CSV, a workbook of tables and figures, slides, or PDF."""
    made = await exports.export(runtime, caller, turn_id, form)
    headers = {"Content-Disposition": attachment(made.file_name), "Cache-Control": "private, no-store"}
    return Response(made.content, media_type=made.media_type, headers=headers)


def attachment(file_name: str) -> str:
    """The header that has a browser keep the file under this name: in ASCII, and as RFC 5987 has it for the rest."""
    plain = "".join(character if character.isascii() else "_" for character in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
