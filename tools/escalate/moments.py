"""Finds times of day in a text, and whether each says its time zone."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    rf"|{_NTH}\s{_MONTH}(?:,?\s\d{{4}})?|{_MONTH}\s{_NTH}(?:,?\s\d{{4}})?|today|yesterday)"
)
_CLOCK_24 = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
_HALF = r"\s?[ap]\.?m\b\.?"
_TIME = rf"(?:{_CLOCK_24}(?:{_HALF})?|(?:1[0-2]|0?[1-9]){_HALF})"
_NAMED_ZONE = (
    r"(?:(?:UTC|GMT)(?:\s?[+−-]\d{1,2}(?::?\d\d)?)?|Z"
    r"|(?-i:ET|CT|MT|PT|(?:E|C|M|P|AK)[SD]T|HST|BST|WES?T|CES?T|EES?T|MSK|TRT|GST|IST|PKT|ICT|WIB|SGT|HKT|JST|KST|AWST"
    r"|AC[SD]T|AE[SD]T|NZ[SD]T|BRT|ART|CLT|COT|SAST|EAT|WAT|CAT)"
    r"|(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc|US)/[A-Za-z_]{2,20}(?:/[A-Za-z_]{2,20})?)"
)
_OFFSET = rf"[+−-](?:0\d|1[0-4])(?::?[0-5]\d)?(?!:?\d|\s?{_NAMED_ZONE}(?!\w))"
"""Not the end of a range: in 13:30-14:00 UTC, -14:00 is no offset."""

_ZONE = rf"(?:{_NAMED_ZONE}|{_OFFSET})"
_MOMENT = re.compile(
    rf"(?<![\w.:/])(?:(?P<date>{_DATE})(?:T|[,\s]\s{{0,2}}(?:at\s|around\s|@\s?)?))?(?P<time>{_TIME})(?![\d:])"
    rf"(?:\s?h(?:rs|ours)?\b)?(?:\s{{0,2}}\(?(?P<zone>{_ZONE})(?![\w/]))?\)?(?:,?\s(?:on\s)?(?P<later>{_DATE}))?",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_ANY_ZONE = re.compile(rf"(?<![\w/]){_ZONE}(?![\w/])", re.IGNORECASE)
_COMMON_ZONE = re.compile(
    rf"^[ >*•-]{{0,4}}(?:(?:times?|time\s?zone|zone|tz)[ :=]{{1,3}})?(?:(?:are|is|in)[ ])?(?P<zone>{_ZONE})[ .]{{0,2}}$"
    rf"|\ball\stimes?\s(?:are\s)?(?:in\s)?(?P<all>{_ZONE})\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day as the text has it, on one line. `zone` is None where the text names none."""

    text: str
    zone: str | None

    @property
    def day(self) -> dt.date | None:
        """The day, where it is written with its year first."""
        match = _DAY.search(self.text)
        try:
            return dt.date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            return None


def find_moments(text: str) -> Iterator[Moment]:
    """The times of day in the text, in order."""
    for match in _MOMENT.finditer(text):
        words = " ".join(match.group().split())
        yield Moment(words if "(" in words else words.rstrip(")"), match["zone"])


def zone_in(text: str) -> str | None:
    """The first time zone that the text names."""
    match = _ANY_ZONE.search(text)
    return match.group() if match else None


def common_zone(text: str) -> str | None:
    """The zone that the text names for all its times: "all times UTC", or a line with nothing but a zone."""
    match = _COMMON_ZONE.search(text)
    return (match["zone"] or match["all"]) if match else None
