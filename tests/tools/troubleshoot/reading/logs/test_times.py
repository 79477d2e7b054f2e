"""Times as logs write them."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.reading.logs.lines import read_line
from tools.troubleshoot.reading.logs.times import epoch_seconds, moment, read_stamp

AT = dt.datetime(2026, 6, 26, 14, 3, 11, tzinfo=dt.UTC)
NAIVE_MIN, NAIVE_MAX = (dt.datetime.combine(dt.date(year, 1, 2), dt.time()) for year in (1990, 2100))


@pytest.mark.parametrize(
    ("text", "zone_known"),
    [
        ("2026-06-26T14:03:11Z", True),
        ("2026-06-26T14:03:11.000Z x", True),
        ("2026-06-26 14:03:11,000 x", False),
        ("2026-06-26T16:03:11+02:00", True),
        ("2026-06-26T10:03:11-0400", True),
        ("2026-06-26 16:03:11 CEST", True),
        ("2026-06-26 14:03:11 UTC", True),
        ("2026/06/26 14:03:11 x", False),
        ("20260626T140311Z", True),
        ("26/Jun/2026:16:03:11 +0200", True),
        ("26/Jun/2026 14:03:11", False),
        ("26-Jun-2026 14:03:11.000", False),
        ("26 Jun 2026 14:03:11 GMT", True),
        ("06/26/2026, 2:03:11 PM", False),
        ("Jun 26, 2026 2:03:11 PM", False),
        ("Fri Jun 26 14:03:11 2026", False),
        ("Fri Jun 26 14:03:11.000000 2026", False),
        ("Fri Jun 26 10:03:11 EDT 2026", True),
        ("Fri, 26 Jun 2026 14:03:11 +0000", True),
        ("1782482591", True),
        ("1782482591000", True),
        ("1782482591.000", True),
    ],
)
def test_a_time_is_read(text: str, zone_known: bool) -> None:
    stamp = read_stamp(text)
    assert stamp is not None
    assert stamp.seconds is not None
    assert (moment(stamp.seconds), stamp.zone_known, stamp.missing) == (AT, zone_known, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-06-26",
        "2026-06-26 14:03",
        "14:03",
        "Jun 26",
        "12345",
        "2026-06-26T14:03:112",
        "2026-06-26T14:03:11:12:13",
        "178248259100000",
        "1.2.3.4",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert read_stamp(text) is None


@pytest.mark.parametrize(
    "text", ["9999-06-26T14:03:11Z", "2026-13-26T14:03:11Z", "2026-02-30 14:03:11", "25:61:00", "2026-06-26 14:03:99"]
)
def test_a_time_that_cannot_be_is_none(text: str) -> None:
    stamp = read_stamp(text)
    assert stamp is not None
    assert stamp.seconds is None


@given(st.datetimes(NAIVE_MIN, NAIVE_MAX), st.integers(-14 * 60, 14 * 60))
@settings(max_examples=100, deadline=None)
def test_every_time_of_iso_8601_is_read(naive: dt.datetime, minutes: int) -> None:
    written = naive.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    for separator in ("T", " "):
        stamp = read_stamp(written.isoformat(separator) + " x")
        assert stamp is not None
        assert stamp.seconds is not None
        assert abs((moment(stamp.seconds) - written).total_seconds()) < 1e-3


def test_numbers_of_any_unit_since_1970() -> None:
    for unit in (1, 1e3, 1e6, 1e9):
        assert epoch_seconds(1782482591 * unit) == 1782482591
    assert epoch_seconds(12) is None
    assert epoch_seconds(-1) is None
    assert epoch_seconds(1e30) is None


TIMES = ("2026-06-26T14:03:11Z", "26/Jun/2026:14:03:11 +0200", "Jun 26 14:03:11", "14:03:11", "9999-99-99 99:99:99")
SERVERS = ("203.0.113.5 - - ", "stdout F ", "api-1  | ", "<134>", "1 ", "START RequestId: ", '"GET /v1/x?a=b HTTP/1.1"')
FIELDS = ("ERROR", "[error]", "status=", "level=error", '{"time":', '"level":', "null", "NaN", "1e999", "9" * 30)
WORDS = ("retry after 5", "evt_123456", "request id: ab12", "took 3 s", " 503 ", "E0626 ")
SIGNS = (" ", "\t", '"', "'", "{", "}", "[", "]", "=", "-", ":", ",", "|", "\x1b[31m", "\x00", "\ud800", "\u202e")
LETTERS = ("٣", "²", "ß")
PARTS = st.sampled_from((*TIMES, *SERVERS, *FIELDS, *WORDS, *SIGNS, *LETTERS))


@given(st.lists(st.one_of(PARTS, st.text(max_size=8)), max_size=14).map("".join))
@settings(max_examples=100, deadline=None)
def test_no_line_raises(line: str) -> None:
    record = read_line(line)
    if record is not None and record.at is not None:
        assert isinstance(moment(record.at), dt.datetime)
        assert record.duration_ms is None or record.duration_ms >= 0
        assert record.status is None or 100 <= record.status <= 599
