"""Requests of a log that are worth a look, as exchanges."""

from dataclasses import dataclass, field
from typing import Final

from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import MOST_SAMPLES
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.times import moment

OF_STATUS, WITH_RETRY_AFTER = 3, 5
MOST_IDS = 20


@dataclass(slots=True)
class Samples:
    """The exchanges so far, how many there are of each status, and the ids of requests that failed."""

    exchanges: list[Exchange] = field(default_factory=list)
    of_status: dict[int | None, int] = field(default_factory=dict)
    with_retry_after: int = 0
    request_ids: dict[str, None] = field(default_factory=dict)


def add_sample(samples: Samples, record: Record, line: int) -> None:
    """Keep the request where it failed and is among the first of its status, or the first with Retry-After."""
    if not record.has_failed:
        return
    if len(samples.request_ids) < MOST_IDS:
        samples.request_ids.update((value, None) for kind, value in record.ids if kind == "request_id")
    if not record.is_request or len(samples.exchanges) >= MOST_SAMPLES:
        return
    told = record.retry_after is not None and samples.with_retry_after < WITH_RETRY_AFTER
    if samples.of_status.get(record.status, 0) >= OF_STATUS and not told:
        return
    samples.of_status[record.status] = samples.of_status.get(record.status, 0) + 1
    samples.with_retry_after += record.retry_after is not None
    samples.exchanges.append(_exchange(record, line))


def _exchange(record: Record, line: int) -> Exchange:
    """The words on the failure are its `reason` where there is a status, else its `error`."""
    dated: Final = record.at is not None and record.zone_known and not record.missing
    words = record.details or record.message
    waits = {} if record.retry_after is None else {"retry-after": f"{record.retry_after:g}"}
    return Exchange(
        line=line,
        source="log",
        method=record.method or None,
        url=record.path or None,
        status=record.status,
        reason=words if record.status is not None else "",
        error="" if record.status is not None else words,
        response_headers=waits,
        at=moment(record.at) if dated and record.at is not None else None,
        at_text=record.at_text,
        duration_ms=record.duration_ms,
        request_ids=tuple(value for kind, value in record.ids if kind == "request_id"),
    )
