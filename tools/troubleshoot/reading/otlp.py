"""Finds traces in OTLP JSON, in the spelling of the protocol (resourceSpans) and of its schema (resource_spans)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.spans import Span, span_of
from tools.troubleshoot.reading.trace_times import MOST_TRACES, summaries

_WORDS = ('"resourceSpans"', '"resource_spans"')
_MOST_FAILURES = 20
"""JSON that cannot be read is tried so often; each time may cost a pass over the text."""

_MOST_SPANS = 500_000


@dataclass(slots=True)
class _Document:
    """JSON documents on end, lines `first` to `last` from 1: a file of traces has one on each line."""

    first: int
    last: int
    spans: list[Span]
    left_out: int = 0
    broken: bool = False


def find_traces(text: str) -> tuple[Piece, ...]:
    """The traces of the text: one piece for each run of JSON documents, with a fact for each trace in it."""
    if not any(word in text for word in _WORDS):
        return ()
    return tuple(_piece(document) for document in _documents(text))


def _piece(document: _Document) -> Piece:
    if document.broken:
        return Piece(
            "otlp", document.first, document.last, (), ("The traces cannot be read: the JSON is cut or broken.",)
        )
    found, left_out = summaries(document.spans)
    notes = []
    if document.left_out:
        notes.append(f"{document.left_out} spans that say neither when they began nor when they ended are left out.")
    if left_out:
        notes.append(f"Only the {MOST_TRACES} longest traces are told; {left_out} are left out.")
    return Piece("otlp", document.first, document.last, tuple(found), tuple(notes))


def _documents(text: str) -> Iterator[_Document]:
    """The runs of JSON documents that hold spans."""
    open_: _Document | None = None
    failures = 0
    offset, line = 0, 1
    while offset < len(text) and failures < _MOST_FAILURES:
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        read = _document_at(text, offset, line, end)
        if read is None:
            if open_ and text[offset:end].strip():
                yield open_
                open_ = None
            offset, line = end + 1, line + 1
            continue
        document, stop = read
        failures += document.broken
        if open_ and not document.broken and open_.last >= document.first - 1:
            open_.spans += document.spans[: _MOST_SPANS - len(open_.spans)]
            open_.last, open_.left_out = document.last, open_.left_out + document.left_out
        else:
            if open_:
                yield open_
            open_ = document
        after = text.find("\n", stop)
        offset, line = (len(text) if after < 0 else after + 1), document.last + 1
    if open_:
        yield open_


def _document_at(text: str, offset: int, line: int, end: int) -> tuple[_Document, int] | None:
    """The document that begins on this line, and the offset after it; None where none with spans does."""
    start = offset
    while start < end and text[start] in " \t\ufeff":
        start += 1
    if start >= end or text[start] not in "{[" or not _is_near(text, start):
        return None
    try:
        value, stop = json.JSONDecoder().raw_decode(text, start)
    except RecursionError:
        stop = len(text)
    except json.JSONDecodeError as error:
        stop = max(error.pos, start + 1)
    except ValueError:  # an integer of more digits than Python reads
        stop = end
    else:
        spans, left_out = _spans(value)
        read = _Document(line, line + text.count("\n", offset, stop), spans, left_out)
        return (read, stop) if spans or left_out else None
    paragraph = text.find("\n\n", stop)
    stop = len(text) if paragraph < 0 else paragraph
    return _Document(line, line + text.count("\n", offset, stop), [], broken=True), stop


def _is_near(text: str, start: int) -> bool:
    """Whether spans begin within this document, as far as its first lines show: other JSON is others' to read."""
    return any(text.find(word, start, start + 1_000) >= 0 for word in _WORDS)


def _spans(value: Any) -> tuple[list[Span], int]:
    """The spans of a document, and how many of them cannot be placed in time."""
    spans: list[Span] = []
    left_out = 0
    for service, each in _written_spans(value):
        span = span_of(each, service)
        if span is None:
            left_out += 1
        elif len(spans) < _MOST_SPANS:
            spans.append(span)
    return spans, left_out


def _written_spans(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every span as it is written, with the name of its service."""
    for document in value if isinstance(value, list) else [value]:
        for resource in _objects(document, "resourceSpans", "resource_spans"):
            service = _service(resource)
            scopes = _objects(
                resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans"
            )
            for scope in scopes:
                for span in _objects(scope, "spans"):
                    yield service, span


def _service(resource: dict[str, Any]) -> str:
    described = resource.get("resource")
    for attribute in _objects(described, "attributes"):
        value = attribute.get("value")
        if attribute.get("key") == "service.name" and isinstance(value, dict):
            return str(value.get("stringValue", value.get("string_value", "")))[:200]
    return ""


def _objects(value: Any, *names: str) -> Iterator[dict[str, Any]]:
    """The objects in the list that the value has under one of the names."""
    if not isinstance(value, dict):
        return
    for name in names:
        listed = value.get(name)
        if isinstance(listed, list):
            yield from (each for each in listed if isinstance(each, dict))
