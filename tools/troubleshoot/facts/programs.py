"""Facts from programs: stack traces, spans, metrics, tables."""

from typing import Literal

from pydantic import Field

from tools.troubleshoot.facts.base import Fact, Moment, Part

Language = Literal["python", "java", "node", "go"]


class Frame(Part):
    """A place in code. `library`: it lies in an installed package or in the runtime, not in the program's own code."""

    function: str = ""
    file: str = ""
    row: int | None = None
    library: bool = False


class StackTrace(Fact):
    """An exception and where it was raised, the innermost frame last. `causes` are what led to it, innermost last.

    `frames` go down to where the direct cause was raised, where it is told; at most the innermost 50. `exception` is
    empty where the trace is cut before it. `count` is how often it is there.
    """

    kind: Literal["stack_trace"] = "stack_trace"
    language: Language
    exception: str
    message: str = ""
    frames: tuple[Frame, ...] = ()
    causes: tuple[str, ...] = ()
    at: Moment | None = None
    count: int = 1

    @property
    def own_frame(self) -> Frame | None:
        """The innermost frame in the program's own code."""
        return next((frame for frame in reversed(self.frames) if not frame.library), None)


class SpanLine(Part):
    """Spans of a trace that do the same: their service, name, kind and peer are equal. `count` of them.

    `duration_ms` and `self_ms` are their sums; `self_ms` is their time less that of their children, never more than
    the time in which at least one of them ran. `status` is the worst, `message` and `http_status` the first told.
    """

    service: str
    name: str
    span_kind: str = ""
    count: int = 1
    duration_ms: float
    self_ms: float
    status: Literal["ok", "error", "unset"] = "unset"
    message: str = ""
    http_status: int | None = None
    peer: str = ""


class TraceSummary(Fact):
    """A trace from OTLP JSON: its spans with the most time of their own, the longest first.

    `duration_ms` is that of its root span, or from the first start to the last end where it has no single root;
    `root_service` is the root's service, empty where there is none.
    """

    kind: Literal["trace"] = "trace"
    trace_id: str
    started_at: Moment | None = None
    duration_ms: float
    spans: int
    root_service: str = ""
    services: tuple[str, ...] = ()
    slowest: tuple[SpanLine, ...] = ()
    failed: tuple[SpanLine, ...] = ()


class Sample(Part):
    """A value of a metric; `labels` without the metric's name."""

    name: str
    labels: dict[str, str] = Field(default_factory=dict)
    value: float


class MetricsSummary(Fact):
    """Prometheus text: counters and gauges as they stand, the telling ones first, histograms as their percentiles.

    `quantiles`: of metrics that measure time, with their labels, p50, p95, p99 in seconds. Those of a histogram are
    interpolated within its buckets, and never exceed the bound of the last finite one. `counts` is of how many.
    """

    kind: Literal["metrics"] = "metrics"
    families: int
    samples: tuple[Sample, ...] = ()
    quantiles: dict[str, dict[str, float]] = Field(default_factory=dict)
    counts: dict[str, float] = Field(default_factory=dict)
    fault: str = ""


class ColumnSummary(Part):
    name: str
    kind: Literal["id", "time", "number", "category", "text", "empty"]
    filled: int
    distinct: int
    repeated: int = 0  # values that stand in several rows
    least: str = ""
    most: str = ""
    top: tuple[tuple[str, int], ...] = ()


class TableSummary(Fact):
    """A CSV file: its columns, and what its rows repeat.

    `ragged` rows have another number of cells than the header, `ragged_row` is the first of them (its line in the
    artifact). `duplicate_rows` stand after an equal row. `id_column` is the one whose values should differ,
    `repeated_ids` how many of its values stand in several rows; `duplicate_ids` are the most frequent of those, and how
    often each stands there. `spoiled_ids` of its values a spreadsheet has turned into numbers such as 1.23E+15.
    """

    kind: Literal["table"] = "table"
    rows: int
    columns: tuple[ColumnSummary, ...] = ()
    delimiter: str = ","
    ragged: int = 0
    ragged_row: int | None = None
    duplicate_rows: int = 0
    id_column: str = ""
    repeated_ids: int = 0
    duplicate_ids: tuple[tuple[str, int], ...] = ()
    spoiled_ids: int = 0
    encoding: str = "utf-8"
    fault: str = ""


class JsonBody(Fact):
    """JSON that stands by itself: a request's or response's body, or an error. `fault` says why it cannot be read.

    Of an exchange, too: a request's body that cannot be read, and a response's that tells of an error.
    """

    kind: Literal["json_body"] = "json_body"
    text: str
    status: int | None = None  # where the body itself names one
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()  # fields that it calls wrong
    fault: str = ""
    request_ids: tuple[str, ...] = ()
