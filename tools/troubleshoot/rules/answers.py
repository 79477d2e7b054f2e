"""What servers answered, wherever an artifact tells of it: exchanges, a log's samples and counts, bodies, prose."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import LogSummary, Marker, Repeated, Template
from tools.troubleshoot.facts.programs import JsonBody, StackTrace, TraceSummary

Source = Literal["answer", "client", "log", "person", "endpoint"]
"""Who tells: the API's own answer, the client that made the call, a log, a person in prose, or the customer's endpoint
in its answer to a webhook delivery."""

_STATUS_WORDS = re.compile(
    r"\b(?:status(?:[ _]?code)?|HTTP(?:/\d(?:\.\d)?)?|code)[ :=]{1,3}([45]\d\d)\b|\b([45]\d\d) (?:Client|Server) Error",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"\b(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<url>https?://[^\s\"'<>\\]{4,500})")
_PAGE_FILE = re.compile(r"\.(?:m?js|css|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|map|html?)$", re.IGNORECASE)
_STATUS_NAMES = ("status", "statusCode", "status_code", "code", "httpStatus")


@dataclass(frozen=True, slots=True)
class Answer:
    """A request, its response, or both, and where it stands. `in_log`: it is one line of a log."""

    exchange: Exchange
    place: Place
    in_log: bool = False

    @property
    def status(self) -> int | None:
        """The status, or the error that the body of an answer with 200 tells of."""
        return told_status(self.exchange)


@dataclass(frozen=True, slots=True)
class Seen:
    """That a status was answered. `exchange` is None where only the number is told."""

    status: int
    place: Place
    source: Source
    exchange: Exchange | None = None


def answers(case: Case) -> Iterator[Answer]:
    """All exchanges but what a page is made of, then the samples of all logs."""
    for exchange, place in case.facts(Exchange):
        if not _is_of_page(exchange):
            yield Answer(exchange, place)
    for log, place in case.facts(LogSummary):
        for sample in (_with_request(log, each) for each in log.samples):
            yield Answer(sample, line_of(log, place, sample), in_log=True)


def seen(case: Case, *statuses: int) -> tuple[Seen, ...]:
    """Where one of the statuses was answered: what servers answered first, then clients, logs, and people's words."""
    found = (*_of_answers(case), *_of_clients(case), *_of_logs(case), *_of_prose(case))
    return tuple(each for each in found if each.status in statuses)


def told_status(exchange: Exchange) -> int | None:
    """The status; where that is none or a success, the failure that a JSON body tells of in its own status field."""
    if exchange.status is not None and not 200 <= exchange.status < 300:
        return exchange.status
    return status_in(json_object(exchange.response_body)) or exchange.status


def status_in(body: dict[str, Any]) -> int | None:
    """The HTTP error that a JSON body names, at its top or within `error`."""
    inner = body.get("error")
    for level in (body, inner if isinstance(inner, dict) else {}):
        for name in _STATUS_NAMES:
            number = str(level.get(name))
            if re.fullmatch(r"[45]\d\d", number):
                return int(number)
    return None


def json_object(body: str | None) -> dict[str, Any]:
    """The JSON object in a body; an empty one where it holds none, or something that cannot be read."""
    if not body or not body.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def is_page(exchange: Exchange) -> bool:
    """Whether the answer is an HTML page."""
    kind = exchange.response_headers.get("content-type", "")
    body = (exchange.response_body or "").lstrip()[:200].lower()
    return "html" in kind.lower() or body.startswith(("<!doctype html", "<html", "<head"))


def _is_of_page(exchange: Exchange) -> bool:
    """Whether a browser fetched it to show a page: a picture that is missing says nothing of the API."""
    if exchange.source != "har" or exchange.method not in (None, "GET"):
        return False
    return _PAGE_FILE.search(exchange.path or "") is not None


def _of_answers(case: Case) -> Iterator[Seen]:
    for answer in answers(case):
        if answer.status is not None and not answer.in_log:
            yield Seen(answer.status, answer.place, "answer", exchange=answer.exchange)
    for body, place in case.facts(JsonBody):
        if body.status is not None:
            yield Seen(body.status, place, "answer")


def _of_clients(case: Case) -> Iterator[Seen]:
    for trace, place in case.facts(StackTrace):
        match = _STATUS_WORDS.search(f"{trace.exception} {trace.message}")
        if match:
            yield Seen(int(match[1] or match[2]), place, "client")


def _of_logs(case: Case) -> Iterator[Seen]:
    for log, place in case.facts(LogSummary):
        for status, count in log.statuses.items():
            if status.isdecimal() and count > 0:
                sample = _sample(log, status)
                yield Seen(int(status[:4]), line_of(log, place, sample) if sample else place, "log", sample)
    for spans, place in case.facts(TraceSummary):
        for span in spans.failed:
            if span.http_status is not None:
                yield Seen(span.http_status, place, "log")


def line_of(log: LogSummary, place: Place, part: Exchange | Template | Marker | Repeated) -> Place:
    """Where a part of a log stands, which itself stands at `place`."""
    return Place(place.name, place.line - log.line + part.line)


def _sample(log: LogSummary, status: str) -> Exchange | None:
    found = next((each for each in log.samples if str(each.status) == status), None)
    return _with_request(log, found) if found is not None else None


def _with_request(log: LogSummary, sample: Exchange) -> Exchange:
    """A log's sample with the request that its line tells in words."""
    if sample.url is not None:
        return sample
    line = next((each.sample for each in log.templates if each.line == sample.line), "")
    match = _REQUEST.search(line)
    return sample.model_copy(update={"method": match["method"], "url": match["url"]}) if match else sample


def _of_prose(case: Case) -> Iterator[Seen]:
    for status in case.statement.statuses:
        place = next((line for line, words in case.statement.lines if str(status) in words), 1)
        yield Seen(status, Place("", place), "person")
