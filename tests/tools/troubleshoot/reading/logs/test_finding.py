"""Logs within what people write, and what is none."""

import datetime as dt

import pytest

from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.reading.cleaning import BOUNDARY
from tools.troubleshoot.reading.logs.finding import find_logs

LINE = "2026-06-26T14:03:11Z ERROR worker failed"
NGINX = '203.0.113.5 - - [26/Jun/2026:14:03:11 +0000] "GET /v1/x HTTP/1.1" 503 9 "-" "x/1"'
OBJECT = '{"time": "2026-06-26T14:03:11Z", "level": "error", "message": "it broke"}'


def found(text: str) -> list[tuple[int, int]]:
    return [(piece.first, piece.last) for piece in find_logs(text)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (LINE, [(1, 1)]),
        (NGINX, [(1, 1)]),
        (f"{OBJECT}\n{OBJECT}", [(1, 2)]),
        (f"Hi,\n\nwe see this:\n{LINE}\n{LINE}\n\nThanks,\nJane", [(4, 5)]),
        (f"{LINE}\nTraceback (most recent call last):\n  File \"a.py\", line 3\nKeyError: 'x'\n{LINE}", [(1, 5)]),
        (f"{LINE}\njava.lang.IllegalStateException: no\n\tat com.example.A.b(A.java:1)\n\nThanks", [(1, 3)]),
        (f"{LINE}\n\n{LINE}", [(1, 3)]),
        (f"{LINE}\nThen we restarted it and saw this instead.\n{NGINX}", [(1, 1), (3, 3)]),
        (f"{LINE}\n{BOUNDARY}\n{LINE}", [(1, 1), (3, 3)]),
        ("time=2026-06-26T14:03:11Z level=info msg=a\ntime=2026-06-26T14:03:12Z level=info msg=b", [(1, 2)]),
        ("2026-06-26T14:03:11Z worker began\n2026-06-26T14:03:12Z worker ended", [(1, 2)]),
        ("ERROR one went wrong\nWARN two is slow\nINFO three is well", [(1, 3)]),
    ],
)
def test_runs_of_lines_are_found(text: str, places: list[tuple[int, int]]) -> None:
    assert found(text) == places


@pytest.mark.parametrize(
    "text",
    [
        "",
        OBJECT,
        f"The body was\n{OBJECT}\nand nothing else.",
        "Hi team,\nsince 14:03 UTC we see errors.\nIt began on 2026-06-26.\n",
        "- 2026-06-26 14:03:11 deploy\n- 2026-06-26 14:10:00 first error\n",
        "1. restart\n2. 503 again\n3. ERROR\n",
        "2026-06-26 14:03 UTC first error\n2026-06-26 14:10 UTC second error",
        "ERROR: please help. We are lost.\nWARNING: it is urgent.",
        "time,status,took\n2026-06-26T14:03:11Z,503,12\n2026-06-26T14:03:12Z,200,9",
        "2026-06-26T14:03:11Z the only line with a time",
        '{\n  "time": "2026-06-26T14:03:11Z",\n  "level": "error",\n  "message": "x"\n}',
        "From: jane@example.com\nDate: Fri, 26 Jun 2026 14:03:11 +0000\nSubject: it broke",
        "API_URL=https://api.example.com\nLEVEL=debug\nTIME=10",
        "HTTP/1.1 503 Service Unavailable\nDate: Fri, 26 Jun 2026 14:03:11 GMT\nRetry-After: 30",
        "| time | level |\n|---|---|\n| 2026-06-26T14:03:11Z | ERROR |",
    ],
)
def test_what_is_no_log(text: str) -> None:
    assert found(text) == []


def test_the_summary_counts_from_the_first_line_of_the_log() -> None:
    (piece,) = find_logs(f"Hello,\n\n{LINE}\n{NGINX}\n")
    (summary,) = piece.facts
    assert isinstance(summary, LogSummary)
    assert (piece.kind, summary.lines, summary.errors, summary.samples[0].line) == ("log", 2, 2, 2)


def test_a_year_that_the_text_names_is_that_of_the_lines() -> None:
    lines = "Jun 26 14:03:11 web1 api[9]: it broke\n"
    (piece,) = find_logs(f"It began on 2026-06-26.\n\n{lines}")
    (told,) = piece.facts
    (other,) = find_logs(lines, dt.date(2025, 8, 1))[0].facts
    (unknown,) = find_logs(lines)[0].facts
    assert isinstance(told, LogSummary)
    assert isinstance(other, LogSummary)
    assert isinstance(unknown, LogSummary)
    assert told.first == dt.datetime(2026, 6, 26, 14, 3, 11, tzinfo=dt.UTC)
    assert (other.first and other.first.year, unknown.first) == (2025, None)
    assert "tell no year" in find_logs(lines)[0].notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "1" * 1_000_000,
        "[" * 1_000_000,
        "{" * 1_000_000,
        '{"a":' * 5_000,
        f"{LINE} " + "=" * 1_000_000,
        f"{LINE} " + "a=" * 500_000,
        f"{LINE} " + '"' * 1_000_000,
        f"{LINE} " + "/a" * 500_000,
        "2026-06-26 14:03:11 ERROR " + "1.2.3." * 100_000,
        '203.0.113.5 - - [26/Jun/2026:14:03:11 +0000] "' + "\\" * 1_000_000,
        "<134>1 2026-06-26T14:03:11Z a b c d [" + '"\\"' * 300_000,
        "\x00" * 1_000_000,
        "\ufeff\u200b\u202e" * 300_000,
        ("E" * 60 + "\n") * 16_000,
        ('time=1 level="\n' * 60_000),
        ("2026-06-26T14:03:11Z " + "x-" * 20 + "\n") * 16_000,
        "\n" * 1_000_000,
        '{"time": 1e999, "level": "error", "message": "x", "duration": ' + "9" * 5_000 + "}\n" * 2,
        '{"time":"2026-06-26T14:03:11Z","level":"error","message":"x","a":'
        + '{"b":' * 900
        + "1"
        + "}" * 901
        + "\n" * 2,
    ],
    ids=range(20),
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_logs(text), tuple)
