"""Times of day as logs write them."""

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal, NamedTuple

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""A time outside of them is a broken clock's, and is not told."""

MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: place for place, name in enumerate(MONTH_NAMES, 1)}
_LEAP_YEAR: Final = 1972

_NAMED_ZONES: Final = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "EST": -300,
    "EDT": -240,
    "CST": -360,
    "CDT": -300,
    "MST": -420,
    "MDT": -360,
    "PST": -480,
    "PDT": -420,
    "WET": 0,
    "WEST": 60,
    "CET": 60,
    "CEST": 120,
    "EET": 120,
    "EEST": 180,
}
"""Minutes ahead of UTC: the zones of RFC 822 §5.1, and Europe's."""

_ZONE = rf"(?:{'|'.join(sorted(_NAMED_ZONES, key=len, reverse=True))}|[+-]\d\d:?\d\d|[+-]\d\d)(?![\w:])"
_CLOCK = r"(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?"
_MONTH = rf"({'|'.join(MONTH_NAMES)})"
_END = r"(?![\w:])"

_ISO = re.compile(rf"(\d{{4}}[-/]\d\d[-/]\d\d)[T _](\d\d:\d\d):(\d\d)(?:[.,:](\d{{1,9}}))?(?: ?({_ZONE}))?{_END}")
_ISO_BASIC = re.compile(rf"(\d{{8}})T(\d\d)(\d\d)(\d\d)(?:[.,](\d{{1,9}}))?({_ZONE})?{_END}")
_COMMON = re.compile(rf"(\d{{1,2}})/{_MONTH}/(\d{{4}}):(\d\d):(\d\d):(\d\d)(?:\.(\d{{1,9}}))?(?: ({_ZONE}))?{_END}")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[ /-]{_MONTH}[ /-](\d{{4}})[ :]{_CLOCK}(?: ({_ZONE}))?{_END}")
_AMERICAN = re.compile(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}),? (\d{{1,2}}):(\d\d):(\d\d) ?([AP]M){_END}")
_JAVA = re.compile(rf"{_MONTH} (\d{{1,2}}), (\d{{4}}),? (\d{{1,2}}):(\d\d):(\d\d) ([AP]M)(?: ({_ZONE}))?{_END}")
_C = re.compile(rf"(?:[A-Z][a-z]{{2}} )?{_MONTH} {{1,2}}(\d{{1,2}}) {_CLOCK}(?: ({_ZONE}))? (\d{{4}}){_END}")
_MAIL = re.compile(rf"[A-Z][a-z]{{2}}, (\d{{1,2}}) {_MONTH} (\d{{4}}) {_CLOCK}(?: ({_ZONE}))?{_END}")
_SYSLOG = re.compile(rf"{_MONTH} {{1,2}}(\d{{1,2}}) {_CLOCK}{_END}")
_EPOCH = re.compile(r"(1\d{9})(?:\.(\d{1,9}))?(?![\w.:])|(1\d{12})(?![\w.:])")
_CLOCK_ONLY = re.compile(rf"{_CLOCK}(?: ?({_ZONE}))?{_END}")

Missing = Literal["", "year", "day"]


class Stamp(NamedTuple):
    """A time at the start of a text: seconds since 1970 (None: no such time), and where it ends.

    `missing` as in `Record`. A time without a zone is read as UTC.
    """

    seconds: float | None
    end: int
    zone_known: bool
    missing: Missing = ""


def read_stamp(text: str) -> Stamp | None:
    """The time that the text begins with; None where it begins with none."""
    match = _ISO.match(text)
    if match is not None:
        day, minute, second, fraction, zone = match.groups()
        return Stamp(_seconds(_minute(day, minute), second, fraction, zone), match.end(), zone is not None)
    for pattern, read in _READERS.get(_kind(text), ()):
        match = pattern.match(text)
        if match is not None:
            return read(match)
    return None


def _kind(text: str) -> str:
    first = text[:1]
    if first.isdigit():
        return "digit"
    return "letter" if first.isalpha() else ""


@lru_cache(4_096)
def _minute(day: str, minute: str) -> float | None:
    """The start of a minute written as 2026-06-26 and 14:03."""
    return _start_of_minute(int(day[:4]), int(day[5:7]), int(day[8:10]), int(minute[:2]), int(minute[3:5]))


@lru_cache(4_096)
def _start_of_minute(year: int, month: int, day: int, hour: int, minute: int) -> float | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR or year == _LEAP_YEAR):
        return None
    try:
        return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC).timestamp()
    except ValueError:
        return None


def _seconds(minute: float | None, second: str, fraction: str | None, zone: str | None) -> float | None:
    if minute is None or second > "60":  # 60 is a leap second
        return None
    whole = minute + int(second)
    if fraction:
        whole += int(fraction) / 10 ** len(fraction)
    return whole if zone is None else whole - _offset(zone)


@lru_cache(256)
def _offset(zone: str) -> float:
    """How many seconds a zone is ahead of UTC."""
    if zone in _NAMED_ZONES:
        return 60.0 * _NAMED_ZONES[zone]
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = 3600.0 * int(digits[:2]) + 60.0 * int(digits[2:])
    return -seconds if zone[0] == "-" else seconds


def _stamp(
    match: re.Match[str],
    date: tuple[int, int, int],
    clock: tuple[int, int],
    second: str,
    fraction: str | None,
    zone: str | None,
) -> Stamp:
    return Stamp(_seconds(_start_of_minute(*date, *clock), second, fraction, zone), match.end(), zone is not None)


def _iso_basic(match: re.Match[str]) -> Stamp:
    day, hour, minute, second, fraction, zone = match.groups()
    date = int(day[:4]), int(day[4:6]), int(day[6:])
    return _stamp(match, date, (int(hour), int(minute)), second, fraction, zone)


def _day_month_year(match: re.Match[str]) -> Stamp:
    day, month, year, hour, minute, second, fraction, zone = match.groups()
    date = int(year), _MONTHS[month], int(day)
    return _stamp(match, date, (int(hour), int(minute)), second, fraction, zone)


def _american(match: re.Match[str]) -> Stamp:
    month, day, year, hour, minute, second, half = match.groups()
    return _stamp(match, (int(year), int(month), int(day)), (_hour(hour, half), int(minute)), second, None, None)


def _java(match: re.Match[str]) -> Stamp:
    month, day, year, hour, minute, second, half, zone = match.groups()
    date = int(year), _MONTHS[month], int(day)
    return _stamp(match, date, (_hour(hour, half), int(minute)), second, None, zone)


def _hour(hour: str, half: str) -> int:
    """The hour of 24; what no clock shows stays as it is and makes no time."""
    number = int(hour)
    return number % 12 + (12 if half == "PM" else 0) if 1 <= number <= 12 else 99


def _c(match: re.Match[str]) -> Stamp:
    month, day, hour, minute, second, fraction, zone, year = match.groups()
    date = int(year), _MONTHS[month], int(day)
    return _stamp(match, date, (int(hour), int(minute)), second, fraction, zone)


def _without_year(match: re.Match[str]) -> Stamp:
    month, day, hour, minute, second, fraction = match.groups()
    date = _LEAP_YEAR, _MONTHS[month], int(day)
    return _stamp(match, date, (int(hour), int(minute)), second, fraction, None)._replace(missing="year")


def _epoch(match: re.Match[str]) -> Stamp:
    return Stamp(epoch_seconds(float(match.group())), match.end(), zone_known=True)


def _clock_only(match: re.Match[str]) -> Stamp:
    hour, minute, second, fraction, zone = match.groups()
    if hour > "23" or minute > "59":
        return Stamp(None, match.end(), zone is not None, "day")
    seconds = _seconds(3600.0 * int(hour) + 60.0 * int(minute), second, fraction, zone)
    return Stamp(seconds, match.end(), zone is not None, "day")


_READERS: Final[dict[str, tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Stamp]], ...]]] = {
    "digit": (
        (_COMMON, _day_month_year),
        (_CLOCK_ONLY, _clock_only),
        (_DAY_FIRST, _day_month_year),
        (_ISO_BASIC, _iso_basic),
        (_AMERICAN, _american),
        (_EPOCH, _epoch),
    ),
    "letter": ((_C, _c), (_SYSLOG, _without_year), (_JAVA, _java), (_MAIL, _day_month_year)),
}


def epoch_seconds(number: float) -> float | None:
    """A number of seconds, milliseconds, microseconds or nanoseconds since 1970, as seconds; None: it is none."""
    for unit in (1.0, 1e3, 1e6, 1e9):
        seconds = number / unit
        if _EPOCH_FIRST <= seconds <= _EPOCH_LAST:
            return seconds
    return None


_EPOCH_FIRST: Final = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC).timestamp()
_EPOCH_LAST: Final = dt.datetime(LAST_YEAR, 12, 31, tzinfo=dt.UTC).timestamp()


def moment(seconds: float) -> dt.datetime:
    """The moment so many seconds after 1970, to the microsecond."""
    return _START + dt.timedelta(seconds=round(seconds, 6))


_START: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
