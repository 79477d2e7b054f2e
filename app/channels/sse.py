"""Server-sent events: encodes a turn's events. Told parts are numbered, so that a reader can resume; status is not."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from app.domain.events import ApprovalEvent, BlockEvent, DoneEvent, ErrorEvent, Event, StatusEvent, TextEvent

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def respond(events: AsyncIterator[Event], after: int = 0, location: str | None = None) -> StreamingResponse:
    """A stream of the events numbered above `after`. A problem before the first event is raised, not streamed.

    `location` is where the same events can be read again.
    """
    content = encode(await begun(events), after)
    headers = HEADERS if location is None else {**HEADERS, "Content-Location": location}
    return StreamingResponse(content, media_type="text/event-stream", headers=headers)


async def begun(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, once there is a first: what is wrong before it is raised here."""
    first = await anext(events)

    async def whole() -> AsyncIterator[Event]:
        yield first
        async for event in events:
            yield event

    return whole()


async def encode(events: AsyncIterator[Event], after: int = 0) -> AsyncIterator[bytes]:
    """The events numbered above `after`, in the wire format."""
    number = 0
    async for event in events:
        if not isinstance(event, StatusEvent):
            number += 1
        if isinstance(event, StatusEvent):
            yield format_sse_event(event="status", data_str=event.model_dump_json(exclude={"event"}))
        elif number > after:
            yield format_sse_event(event=event.event, id=str(number), data_str=_payload(event))


def _payload(event: TextEvent | BlockEvent | ApprovalEvent | ErrorEvent | DoneEvent) -> str:
    match event:
        case TextEvent():
            return event.model_dump_json(include={"delta"})
        case BlockEvent():
            return event.block.model_dump_json()
        case ApprovalEvent():
            return event.approval.model_dump_json()
        case ErrorEvent():
            return event.error.model_dump_json()
        case DoneEvent():
            return event.answer.model_dump_json()
