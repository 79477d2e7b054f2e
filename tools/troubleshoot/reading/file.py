"""Reads an attached file: a short text as a message is read, a log of any length line by line."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

from tools.troubleshoot.facts.artifact import Artifact, Reading, sealed
from tools.troubleshoot.facts.base import LONGEST_TEXT, Fact
from tools.troubleshoot.facts.http import ClientError
from tools.troubleshoot.facts.programs import StackTrace
from tools.troubleshoot.reading.cleaning import MOST_READ
from tools.troubleshoot.reading.csv_tables import find_tables
from tools.troubleshoot.reading.file_kinds import binary_kind, decoded, encoding_of
from tools.troubleshoot.reading.file_lines import Tally, counted, lines_of
from tools.troubleshoot.reading.har import find_har
from tools.troubleshoot.reading.logs.excerpts import Excerpt
from tools.troubleshoot.reading.logs.fold import Folded, fold
from tools.troubleshoot.reading.logs.lines import read_line
from tools.troubleshoot.reading.otlp import find_traces
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.recognition import LOOKING
from tools.troubleshoot.reading.text import read_text

MOST_TEXT = 1_000_000
"""Bytes of a file that is read as a message is; what is longer is read line by line, unless it is one document."""

MOST_DOCUMENT = 16_000_000
"""Bytes of a document (JSON, HAR, OTLP, CSV), which is read as a whole."""

MOST_FOUND = 40
"""Artifacts that are told of what stands within a log's errors."""

_DOCUMENTS = (find_har, find_traces, find_tables)
_DOCUMENT_NAMES = (".har", ".csv", ".tsv", ".xml")
_FIRST_LINES = 20


def read_file(name: str, chunks: Iterable[bytes], today: dt.date | None = None) -> Reading:
    """What a file says. `chunks` are its bytes in order, of any sizes; all of them are taken and counted.

    `today` gives their year to a log's times that have none.
    """
    tally = Tally()
    stream = counted(chunks, tally)
    head = _take(stream, MOST_TEXT)
    kind = binary_kind(head)
    if kind:
        artifacts: tuple[Artifact, ...] = (
            _unreadable(name, f"the file is {kind}, which is not read: attach its text"),
        )
    elif len(head) <= MOST_TEXT:
        artifacts = read_text(decoded(head, encoding_of(head)), name).artifacts
    elif _is_document(name, decoded(head[:MOST_TEXT], encoding_of(head))):
        artifacts = _read_document(name, head + _take(stream, MOST_DOCUMENT - len(head)))
    else:
        artifacts = _read_log(name, head, stream, today)
    for _ in stream:
        pass
    return Reading(artifacts=artifacts, bytes=tally.bytes, lines=tally.lines, sha256=tally.digest.hexdigest())


def _take(stream: Iterator[bytes], most: int) -> bytes:
    """The next bytes of the stream: all there are, or a chunk more than `most`."""
    taken: list[bytes] = []
    size = 0
    while size <= most:
        chunk = next(stream, None)
        if chunk is None:
            break
        taken.append(chunk)
        size += len(chunk)
    return b"".join(taken)


def _is_document(name: str, head: str) -> bool:
    """Whether a file is to be read as a whole: by its name, or JSON that is not one object a line."""
    if name.lower().endswith(_DOCUMENT_NAMES):
        return True
    begin = head.lstrip("\ufeff \t\r\n")
    if begin[:1] not in ("{", "[", "<"):
        return False
    lines = begin[:200_000].split("\n")[:_FIRST_LINES]
    return not any(read_line(line) for line in lines[:-1] or lines)


def _read_document(name: str, raw: bytes) -> tuple[Artifact, ...]:
    if len(raw) > MOST_DOCUMENT:
        return (_unreadable(name, f"a document of more than {MOST_DOCUMENT // 1_000_000} MB is not read as a whole"),)
    text = decoded(raw, encoding_of(raw))
    if len(text) <= MOST_READ:
        return read_text(text, name).artifacts
    for find in _DOCUMENTS:
        pieces = find(text)
        if pieces:
            return tuple(_artifact(piece, text.split("\n"), name) for piece in pieces)
    return read_text(text, name).artifacts


def _read_log(name: str, head: bytes, stream: Iterator[bytes], today: dt.date | None) -> tuple[Artifact, ...]:
    """The log's summary and what its errors tell; where it is no log, the beginning, read as a message is."""
    found = fold(lines_of(itertools.chain((head,), stream), encoding_of(head)), today)
    if not found.summary.parsed:
        begin = decoded(head, encoding_of(head))[:MOST_TEXT]
        note = f"only the first {MOST_TEXT // 1_000_000} MB were read: no line looks like one of a log"
        return (*read_text(begin, name).artifacts, _unreadable(name, note))
    summary = found.summary
    text = "\n".join(excerpt.text for excerpt in found.excerpts)[: 2 * LONGEST_TEXT]
    notes = (summary.truncated,) if summary.truncated else ()
    log = sealed("log", text, (summary,), name=name, last=max(1, summary.lines), notes=notes)
    return (log, *itertools.islice(_in_errors(name, found), MOST_FOUND))


def _in_errors(name: str, found: Folded) -> Iterator[Artifact]:
    """Stack traces, clients' errors and the like within the first lines of each kind of error."""
    seen: set[str] = set()
    for excerpt in found.excerpts:
        for look in LOOKING:
            for piece in look(excerpt.text):
                facts = tuple(_counted(fact, excerpt) for fact in piece.facts)
                artifact = _found(name, piece, excerpt, facts)
                told = str([fact.model_dump(exclude={"line", "count", "at", "text"}) for fact in artifact.facts])
                if told not in seen:
                    seen.add(told)
                    yield artifact


def _counted(fact: Fact, excerpt: Excerpt) -> Fact:
    """The fact as often as the log says the same."""
    if isinstance(fact, ClientError | StackTrace):
        return fact.model_copy(update={"count": max(fact.count, excerpt.count)})
    return fact


def _found(name: str, piece: Piece, excerpt: Excerpt, facts: tuple[Fact, ...]) -> Artifact:
    text = "\n".join(excerpt.text.split("\n")[piece.first - 1 : piece.last])
    first, last = excerpt.line + piece.first - 1, excerpt.line + piece.last - 1
    return sealed(piece.kind, text, facts, name=name, first=first, last=last, notes=piece.notes)


def _artifact(piece: Piece, lines: list[str], name: str) -> Artifact:
    text = "\n".join(lines[piece.first - 1 : piece.last])[: 2 * LONGEST_TEXT]
    return sealed(piece.kind, text, piece.facts, name=name, first=piece.first, last=piece.last, notes=piece.notes)


def _unreadable(name: str, note: str) -> Artifact:
    return sealed("unreadable", "", name=name, notes=(note,))
