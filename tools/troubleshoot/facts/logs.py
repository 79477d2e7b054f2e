"""What a log says, folded line by line: so much of it, whatever its length."""

from typing import Literal

from pydantic import Field

from tools.troubleshoot.facts.base import Fact, Moment, Part
from tools.troubleshoot.facts.http import Exchange

LogFormat = Literal["plain", "json", "logfmt", "nginx", "envoy", "syslog", "cloudwatch"]
Dimension = Literal["client", "region", "endpoint", "host", "version", "status", "error_code"]
MarkerKind = Literal["deploy", "release", "restart", "configuration", "feature_flag", "certificate", "incident"]
LineFault = Literal["cut", "binary", "repeated", "out_of_order", "clock_set_back", "stray_time", "no_year", "no_day"]
"""Too long and cut; binary; equal to the line before; earlier than a line before by over a second; the same by over a
minute, with the clock going on from there; a time far from all others, which is in no bucket; a time without its year
or day, which is in no bucket."""

MOST_BUCKETS, MOST_TEMPLATES, MOST_VALUES, MOST_SAMPLES = 1_500, 60, 30, 30


class Template(Part):
    """Lines that differ in their variable parts only, which are `<*>`. `line` is the first one's, `sample` its text."""

    text: str
    count: int
    level: str = ""
    is_error: bool = False
    first: Moment | None = None
    last: Moment | None = None
    line: int
    sample: str


class Bucket(Part):
    """A span of time: how many lines, how many of them failures, by status; durations in ms where they are told."""

    start: Moment
    count: int
    errors: int
    statuses: dict[str, int] = Field(default_factory=dict)
    p50_ms: float | None = None
    p95_ms: float | None = None
    timed: int = 0


class Share(Part):
    """One value of a dimension: lines and failures. `first_error` is when it first failed."""

    value: str
    count: int
    errors: int
    first_error: Moment | None = None


class Breakdown(Part):
    """The values of a dimension, the most frequent first; `left_out` further values are not told."""

    dimension: Dimension
    values: tuple[Share, ...]
    left_out: int = 0


class Marker(Part):
    """A line that tells of a change: a deploy, a release, a restart."""

    what: MarkerKind
    at: Moment | None
    line: int
    text: str


class Durations(Part):
    """Durations in ms."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class HourOfDay(Part):
    """An hour of the day (UTC, or the log's own where it names no zone) over all its days."""

    hour: int
    count: int
    errors: int
    p50_ms: float | None = None
    p95_ms: float | None = None


class Repeated(Part):
    """An id that stands in several lines that are each an event of their own: a delivery, an order, a key."""

    what: Literal["event_id", "delivery_id", "idempotency_key", "request_id", "record_id"]
    value: str
    count: int
    first: Moment | None = None
    last: Moment | None = None
    line: int
    statuses: tuple[int, ...] = ()


class Retries(Part):
    """Failed requests that the same client sent again. `gaps` are the first pauses in seconds, in order.

    `repeated` are failures of which the same client's last call of that method and path had failed within a minute
    before, `share` their share of all requests; `backs_off` whether the pauses grow; `honours_retry_after` whether the
    client waited as long as it was told, where it was. Where the log names no clients (`by_client` is False), requests
    of several count as one's. `usual_gap` is the median pause after a call that worked, within an hour: where failed
    ones are repeated no sooner, they are the client's ordinary calls.
    """

    requests: int
    repeated: int
    share: float
    gaps: tuple[float, ...] = ()
    median_gap: float | None = None
    backs_off: bool | None = None
    honours_retry_after: bool | None = None
    by_client: bool = True
    usual_gap: float | None = None


class LogSummary(Fact):
    """A log, folded. Times without a zone are read as UTC and `zone_known` is False.

    `lines` counts all, `parsed` those of a known format, `records` requests or events (continuation lines of a stack
    trace are none). `errors` are records with a status from 500, 429 or 408, or of level error and above.
    `samples` are requests worth a look: the first failures of each status, those with Retry-After.
    `buckets` are those with records only, in order. `faults` counts lines that are odd: see `LineFault`.
    """

    kind: Literal["log"] = "log"
    format: LogFormat
    lines: int
    parsed: int
    records: int
    errors: int
    zone_known: bool
    first: Moment | None = None
    last: Moment | None = None
    levels: dict[str, int] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)
    bucket_seconds: int = 60
    buckets: tuple[Bucket, ...] = ()
    templates: tuple[Template, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    durations: Durations | None = None
    hours: tuple[HourOfDay, ...] = ()
    markers: tuple[Marker, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    retries: Retries | None = None
    samples: tuple[Exchange, ...] = ()
    request_ids: tuple[str, ...] = ()  # of failures
    most_in_a_minute: int = 0  # the highest number of requests within a calendar minute
    truncated: str = ""  # what of it was not read, and why
    faults: dict[LineFault, int] = Field(default_factory=dict)

    def breakdown(self, dimension: Dimension) -> Breakdown | None:
        return next((each for each in self.breakdowns if each.dimension == dimension), None)
