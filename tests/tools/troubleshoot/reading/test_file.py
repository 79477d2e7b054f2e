"""Attached files: short texts, whole documents, logs of any length, and what is no text."""

import datetime as dt
import gzip
import hashlib
import json
import resource
from collections.abc import Iterator

import pytest

from tools.troubleshoot.facts.http import ClientError
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import StackTrace
from tools.troubleshoot.reading.file import MOST_TEXT, read_file
from tools.troubleshoot.reading.file_kinds import binary_kind, decoded, encoding_of
from tools.troubleshoot.reading.file_lines import lines_of

START = dt.datetime(2026, 6, 26, tzinfo=dt.UTC)
LINES = 3_000
WORDS = " and the books were told of it" * 10


def parted(raw: bytes, size: int = 65_536) -> Iterator[bytes]:
    return (raw[place : place + size] for place in range(0, len(raw), size))


def line(number: int) -> str:
    at = (START + dt.timedelta(seconds=number)).isoformat()
    return f"{at} INFO [worker-{number % 8}] payment {number} captured in {number % 900} ms{WORDS}\n"


def long_log(*odd: str, lines: int = LINES) -> bytes:
    written = [line(number) for number in range(lines)]
    written[lines // 2 : lines // 2] = odd
    return "".join(written).encode()


def summary_in(raw: bytes, name: str = "api.log") -> LogSummary:
    (summary,) = (
        fact
        for artifact in read_file(name, parted(raw)).artifacts
        for fact in artifact.facts
        if isinstance(fact, LogSummary)
    )
    return summary


def test_a_short_text_is_read_as_a_message_is() -> None:
    raw = b"Hello,\n2026-06-26T14:03:11Z ERROR worker failed: connect ECONNREFUSED 203.0.113.5:443\n"
    reading = read_file("note.txt", [raw])
    assert (reading.bytes, reading.lines, reading.sha256) == (len(raw), 2, hashlib.sha256(raw).hexdigest())
    assert {artifact.name for artifact in reading.artifacts} == {"note.txt"}
    assert "prose" in [artifact.kind for artifact in reading.artifacts]


def test_an_empty_file_has_nothing() -> None:
    reading = read_file("empty.log", [])
    assert (reading.artifacts, reading.bytes, reading.lines) == ((), 0, 0)
    assert reading.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("size", [1_000, 65_536, 10_000_000])
def test_a_long_log_is_folded_whatever_its_chunks(size: int) -> None:
    raw = long_log()
    reading = read_file("api.log", parted(raw, size))
    (artifact,) = reading.artifacts
    (summary,) = artifact.facts
    assert isinstance(summary, LogSummary)
    assert (artifact.kind, artifact.first, artifact.last) == ("log", 1, LINES)
    assert (summary.lines, summary.records, summary.errors) == (LINES, LINES, 0)
    assert (reading.lines, reading.bytes, reading.sha256) == (LINES, len(raw), hashlib.sha256(raw).hexdigest())


def test_what_stands_in_the_errors_is_read_too() -> None:
    at = "2026-06-26T02:13:20+00:00"
    refused = [f"{at} ERROR job {n} failed: connect ECONNREFUSED 203.0.113.5:443\n" for n in range(120)]
    trace = (
        f"{at} ERROR unhandled\n",
        "Traceback (most recent call last):\n",
        '  File "/srv/app/pay.py", line 12, in pay\n',
        '    return body["amount"]\n',
        "KeyError: 'amount'\n",
    )
    artifacts = read_file("api.log", parted(long_log(*refused, *trace))).artifacts
    (error,) = [fact for artifact in artifacts for fact in artifact.facts if isinstance(fact, ClientError)]
    (stack,) = [fact for artifact in artifacts for fact in artifact.facts if isinstance(fact, StackTrace)]
    assert (error.reason, error.count, stack.exception) == ("refused", 120, "KeyError")
    places = {artifact.kind: artifact.first for artifact in artifacts}
    assert places["client_error"] == LINES // 2 + 1
    assert LINES // 2 + 121 <= places["stack_trace"] <= LINES // 2 + 122


def test_secrets_in_a_long_log_are_masked() -> None:
    key = "sk_live_" + "0000fake0000key1"
    raw = long_log(f"2026-06-26T02:13:20+00:00 ERROR refused api_key={key} client_id={key}\n")
    reading = read_file("api.log", parted(raw))
    assert key not in reading.model_dump_json()
    assert "api key" in {kind for artifact in reading.artifacts for kind in artifact.masked}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_long_log_in_any_encoding(encoding: str) -> None:
    text = long_log("2026-06-26T02:13:20+00:00 ERROR Zahlung für Müller schlug fehl\n").decode()
    summary = summary_in(text.encode(encoding))
    assert (summary.records, summary.errors) == (LINES + 1, 1)
    assert summary.templates[0].text == "Zahlung für Müller schlug fehl"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_a_text_in_any_encoding(encoding: str) -> None:
    raw = "Grüße aus Köln, der Fehler bleibt bestehen".encode(encoding)
    assert decoded(raw, encoding_of(raw)) == "Grüße aus Köln, der Fehler bleibt bestehen"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04" + b"x" * 50, "zip"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (gzip.compress(b"x" * 50, mtime=0), "gzip"),
        (b"\xd4\xc3\xb2\xa1" + b"\x00" * 50, "pcap"),
        (b"\x0a\x0d\x0d\x0a" + b"\x00" * 50, "pcapng"),
        (b"SQLite format 3\x00", "SQLite"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x00" * 500, "binary"),
        (b"name" + b"\x00" * 253 + b"ustar\x0000", "tar"),
        (b"plain text\n", ""),
        (b"\x00" * 4 + b"2026-06-26T14:03:11Z ERROR x\n" * 20, ""),
        ("é".encode("latin-1") * 100, ""),
        ("text".encode("utf-16-le") * 20, ""),
        (b"\x1b[31mred\x1b[0m\n" * 20, ""),
        (b"", ""),
    ],
)
def test_what_a_file_is(head: bytes, kind: str) -> None:
    assert kind in binary_kind(head)
    assert bool(binary_kind(head)) == bool(kind)


def test_a_binary_file_is_said_to_be_unreadable_and_counted() -> None:
    raw = b"PK\x03\x04" + b"\x01\n" * 2_000_000
    reading = read_file("logs.zip", parted(raw))
    (artifact,) = reading.artifacts
    assert (artifact.kind, artifact.facts) == ("unreadable", ())
    assert artifact.notes == (
        "the file is a zip archive, as Office documents are too, which is not read: attach its text",
    )
    assert (reading.bytes, reading.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())


def test_a_document_is_read_as_a_whole() -> None:
    entry = {
        "startedDateTime": "2026-06-26T14:03:11Z",
        "time": 12,
        "request": {"method": "GET", "url": "https://api.example.com/v1/x", "headers": []},
        "response": {"status": 503, "headers": [], "content": {"text": "x" * 1_000}},
        "timings": {"wait": 10},
    }
    for entries, name in ((1_000, "page"), (3_500, "page.har")):
        raw = json.dumps({"log": {"version": "1.2", "entries": [entry] * entries}}, indent=1).encode()
        assert len(raw) > MOST_TEXT
        assert [artifact.kind for artifact in read_file(name, parted(raw)).artifacts] == ["har"]


def test_a_document_that_is_too_long_is_said_to_be() -> None:
    reading = read_file("page.har", parted(b'{"log": {"entries": [' + b'{"a": 1},\n' * 1_700_000))
    (artifact,) = reading.artifacts
    assert (artifact.kind, artifact.notes) == ("unreadable", ("a document of more than 16 MB is not read as a whole",))


def test_json_lines_are_a_log() -> None:
    lines = [
        json.dumps({"time": START.isoformat(), "level": "info", "msg": f"job {n} done{WORDS}"}) + "\n"
        for n in range(LINES)
    ]
    assert summary_in("".join(lines).encode(), "api.json").format == "json"


def test_a_long_text_that_is_no_log_is_read_from_its_beginning() -> None:
    raw = b"Nothing in here looks like a line of a log." * 20 + b"\n"
    raw *= 1_400
    artifacts = read_file("book.txt", parted(raw)).artifacts
    assert artifacts[-1].kind == "unreadable"
    assert "only the first 1 MB were read" in artifacts[-1].notes[0]
    assert artifacts[0].kind == "prose"


def test_lines_are_parted_wherever_chunks_end() -> None:
    raw = "eins\nzwei für\r\n\ndrei".encode()
    for size in range(1, len(raw) + 1):
        assert list(lines_of(parted(raw, size), "utf-8-sig")) == ["eins", "zwei für\r", "", "drei"]


def test_memory_stays_flat_whatever_the_length_of_log_and_line() -> None:
    head = long_log()
    read_file("a.log", parted(head))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    endless = (b"x" * 1_000_000 for _ in range(100))
    reading = read_file("b.log", (chunk for part in (parted(head), endless) for chunk in part))
    assert reading.bytes == len(head) + 100_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KB
