"""What a line of a log says, whatever its format."""

from dataclasses import dataclass
from typing import Final, Literal

from tools.troubleshoot.facts.logs import LogFormat

IdKind = Literal["event_id", "delivery_id", "idempotency_key", "request_id", "record_id"]

FAILURE_STATUSES: Final = frozenset({408, 429})
SEVERE: Final = frozenset({"error", "fatal"})


@dataclass(slots=True)
class Record:
    """A line of a log; empty and None: not told.

    `at` is in seconds since 1970 (UTC). `missing` says what the time does not tell: with "year" it lies in 1972, with
    "day" on the first of January 1970. `at_text` is the time as written. `level` is one of trace, debug, info, warn,
    error, fatal. `path` has no query. `duration_ms` and `retry_after` (seconds) are never negative. `details` are
    words on the failure beside the message.
    """

    format: LogFormat
    message: str = ""
    at: float | None = None
    at_text: str = ""
    zone_known: bool = True
    missing: Literal["", "year", "day"] = ""
    level: str = ""
    status: int | None = None
    method: str = ""
    path: str = ""
    duration_ms: float | None = None
    client: str = ""
    region: str = ""
    host: str = ""
    version: str = ""
    error_code: str = ""
    ids: tuple[tuple[IdKind, str], ...] = ()
    retry_after: float | None = None
    details: str = ""

    @property
    def is_request(self) -> bool:
        return self.status is not None or bool(self.method and self.path)

    @property
    def is_error(self) -> bool:
        """Whether it counts as an error: a status from 500, 429 or 408, or level error and above."""
        if self.level in SEVERE:
            return True
        return self.status is not None and (self.status >= 500 or self.status in FAILURE_STATUSES)

    @property
    def has_failed(self) -> bool:
        """Whether what was asked for was not done: an error, or any status from 400."""
        return self.is_error or (self.status is not None and self.status >= 400)


def id_of(record: Record, kind: IdKind) -> str:
    """The record's first id of a kind; empty where it has none."""
    return next((value for each, value in record.ids if each == kind), "")
