"""Finds logs in a text: runs of their lines with the lines that go on from them."""

import datetime as dt
import re
from collections.abc import Sequence

from tools.troubleshoot.reading.cleaning import BOUNDARY
from tools.troubleshoot.reading.logs.calendar import Calendar
from tools.troubleshoot.reading.logs.fold import LONGEST_LINE, Fold, count_line, folded
from tools.troubleshoot.reading.logs.lines import read_line
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.parser import Piece

MOST_BETWEEN, MOST_BLANK = 100, 2
"""Lines between two records that may go on from the first; of these, empty ones in a row."""

LEAST_RECORDS, LEAST_WITH_LEVEL_ONLY = 2, 3
"""Records that make a log, unless one of them cannot be anything else. People write ERROR before a sentence, too."""

_UNMISTAKABLE = ("nginx", "envoy", "syslog", "cloudwatch")
_GOES_ON = re.compile(
    r"[ \t]{1,40}\S|Traceback \(most recent|Caused by:|at [\w$.<]|goroutine \d|panic: |\.{3} \d{1,4} more|[})\]]|"
    r"(?:[\w$]{1,60}\.){0,12}[\w$]{1,80}(?:Error|Exception|Warning)\b"
)
_SENTENCE = re.compile(r"[A-Z][a-z' ,-]{0,40} [^\n]{10,2000}[.:?!]$|[A-Z][a-z]{1,20},$")
_YEAR = re.compile(r"(?<![\d-])(20[1-9]\d)-[01]\d-[0-3]\d(?!\d)")


def find_logs(text: str, today: dt.date | None = None) -> tuple[Piece, ...]:
    """The logs in a text: at least two lines of one, or one that is nothing else.

    Times without a year are given the one that the text names elsewhere, else that of `today`.
    """
    lines = text.split("\n")
    records = [read_line(line[:LONGEST_LINE]) if line else None for line in lines]
    year = _YEAR.search(text)
    pieces: list[Piece] = []
    place = 0
    while place < len(lines):
        if records[place] is None:
            place += 1
            continue
        end = _end_of_run(lines, records, place)
        if _is_log(records[place:end]):
            calendar = Calendar(today, int(year[1]) if year else None)
            pieces.append(_piece(lines, records, place, end, calendar))
        place = end
    return tuple(pieces)


def _end_of_run(lines: Sequence[str], records: Sequence[Record | None], start: int) -> int:
    """The place after the last line of the run that begins with the record at `start`."""
    end = start + 1
    place = end
    while place < len(lines) and place - end <= MOST_BETWEEN:
        if records[place] is not None:
            end = place + 1
        elif lines[place] != BOUNDARY and _GOES_ON.match(lines[place]):
            end = place + 1 if place == end else end
        elif _parts(lines, place, end):
            break
        place += 1
    return end


def _parts(lines: Sequence[str], place: int, end: int) -> bool:
    """Whether a line that is no record ends the run: a boundary, a sentence, too many empty lines."""
    line = lines[place]
    if not line:
        return place - end >= MOST_BLANK and not any(lines[place - MOST_BLANK : place])
    return line == BOUNDARY or _SENTENCE.match(line[:2_100]) is not None


def _is_log(records: Sequence[Record | None]) -> bool:
    found = [record for record in records if record is not None]
    telling = [record for record in found if record.at_text or record.format != "plain" or record.is_request]
    return (
        len(telling) >= LEAST_RECORDS
        or len(found) >= LEAST_WITH_LEVEL_ONLY
        or any(_is_unmistakable(record) for record in telling)
    )


def _is_unmistakable(record: Record) -> bool:
    """A line that nothing but a log has: of a server, or with a time and a level."""
    if record.format in ("json", "logfmt"):
        return False
    if record.format in _UNMISTAKABLE:
        return bool(record.at_text) or record.format == "cloudwatch"
    return bool(record.at_text and record.level)


def _piece(lines: Sequence[str], records: Sequence[Record | None], start: int, end: int, calendar: Calendar) -> Piece:
    state = Fold(calendar)
    for place in range(start, end):
        line = lines[place]
        if len(line) > LONGEST_LINE:
            calendar.faults["cut"] += 1
        count_line(state, line[:LONGEST_LINE], records[place])
    summary = folded(state).summary
    return Piece("log", start + 1, end, (summary,), (summary.truncated,) if summary.truncated else ())
