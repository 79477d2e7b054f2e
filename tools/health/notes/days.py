"""Days in a note: "yesterday", "next Tuesday", "by 5 Dec", "within 48 hours", told from the day it was written."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from app.domain.records import EARLIEST_YEAR, LATEST_YEAR
from app.domain.windows import add_working_days

Prefer = Literal["past", "future", "nearest"]
"""Where a day is told without its year or week: the last, the next, or the nearest of that name."""

MOST_DAYS_AHEAD = 300
"""A day without a year that lies farther in the wanted direction is rather one that is over, or has yet to come."""

FRIDAY = 4

MOST_TIME = 30
"""The time before a day is so many characters long."""

_MONTHS = [name.lower() for name in calendar.month_abbr][1:]
_WEEKDAYS = [name.lower() for name in calendar.day_abbr]
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "couple of": 2, "a couple of": 2,
}  # fmt: skip
_NUMBER = rf"(?P<{{}}>\d{{{{1,3}}}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)

_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
MONTH_NAME, WEEKDAY_NAME = rf"(?i:{_MONTH})", rf"(?i:{_WEEKDAY})"
"""A month, or a day of the week, by its name or its short name."""

_DAY = re.compile(
    rf"""(?<![\w/.-])(?:
      (?P<iso>\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}})(?![\w-])
    | (?P<dotted>\d{{1,2}}\.\d{{1,2}}\.\d{{4}})(?!\w)
    | (?P<slashed>\d{{1,2}}/\d{{1,2}}(?:/(?:\d{{4}}|\d{{2}}))?)(?![\w/])
    | (?P<day_month>(?P<dm_day>\d{{1,2}}){_ORDINAL}\s+(?:of\s+)?(?P<dm_month>{_MONTH})(?:,?\s+(?P<dm_year>\d{{4}})\b)?)
    | (?P<end_of_month>(?:the\s+)?end\s+of\s+(?P<em_month>{_MONTH})(?:\s+(?P<em_year>\d{{4}})\b)?)
    | (?P<month_day>(?P<md_month>{_MONTH})\s+(?P<md_day>\d{{1,2}}){_ORDINAL}\b(?:,?\s+(?P<md_year>\d{{4}})\b)?)
    | (?P<plain>day\ before\ yesterday|day\ after\ tomorrow|yesterday|today|tonight|tomm?orr?ow|tmr|tmrw
        |(?:this|late\ this)\ (?:morning|afternoon|evening))\b
    | (?P<ago>{_NUMBER.format("ago_n")}\s+(?P<ago_unit>day|week|month)s?\s+ago)\b
    | (?P<within>(?:within|in)\s+(?:the\s+next\s+)?{_NUMBER.format("in_n")}[\s-]*(?P<in_working>business\s+|working\s+)?
        (?P<in_unit>hours?|hrs?|h|days?|weeks?|months?))\b
    | (?P<end>(?:the\s+)?(?:end\s+of\s+|close\s+of\s+)(?:the\s+|this\s+)?(?P<end_next>next\s+)?
        (?P<end_unit>day|business|week|month|quarter|year)|eod|cob|eow|eom|eoq|eoy)\b
    | (?P<span>(?P<span_which>this|next|last)\s+(?P<span_unit>week|month|quarter|year))\b
    | (?P<weekday>(?:(?P<wd_which>last|next|this|coming|past)\s+)?(?P<wd_name>{_WEEKDAY})(?!\s*['’]s\b))
    | (?P<nth>the\s+(?P<nth_day>\d{{1,2}})(?:st|nd|rd|th))\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_VAGUE = re.compile(
    r"\b(?i:by|in|before|until|till|during|around)\s+(?i:the\s+)?"
    r"(?i:(?:early|mid|late|beginning\s+of|start\s+of|middle\s+of|end\s+of)[\s-]+)?"
    rf"(?:{MONTH_NAME}|(?i:q[1-4]|spring|summer|autumn|winter|new\s+year|christmas|easter|thanksgiving|holidays)\b)"
    r"(?:,?\s+\d{4}\b)?"
)

_SHORT_UNITS = {"eod": "day", "cob": "day", "eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_DAY_FOLLOWS = re.compile(
    r"\b(?:by|on|until|till|before|from|since|of|due|for|dated?|no later than)\s+$", re.IGNORECASE
)
"""What stands before a day without a year, so that "9/10" or "24/7" is none."""

_AMBIGUOUS_WORDS = ("mon", "sat", "sun", "wed", "may", "mar")
"""Short names that are words too: they count with a capital letter, or where a day is expected."""

_TIME = r"(?:\d{1,2}(?::\d\d)?\s?(?:am|pm)|\d{1,2}:\d\d|noon|midday|midnight)"
_TIME_BEFORE = re.compile(
    rf"\b(?:eod|cob|(?:the\s+)?(?:end|close)\s+of\s+(?:day|business)|{_TIME}|first\s+thing)\s+(?:on\s+)?$",
    re.IGNORECASE,
)
_TIME_AFTER = re.compile(
    rf"\s+(?:(?:at\s+|by\s+)?(?:{_TIME}|eod|cob|end\s+of\s+(?:day|business))(?:\s+(?:[A-Z]{{2,4}}T?))?|morning|afternoon|evening"
    r"|latest|at\s+the\s+latest)\b",
    re.IGNORECASE,
)
"""The time of a day, before or after it: it belongs to the day and tells no other."""


@dataclass(frozen=True, slots=True)
class DayMention:
    """A day as it is written, from `start` to `end` of a text. `day` is None where `doubt` says why it is not certain.

    `backward` is what lies before the note's own day by its words: "yesterday", "two weeks ago", "last Friday".
    """

    start: int
    end: int
    words: str
    day: dt.date | None
    doubt: str = ""
    backward: bool = False


def find_days(text: str, today: dt.date, prefer: Prefer) -> tuple[DayMention, ...]:
    """The days that a text names, in its order."""
    found = [mention for match in _DAY.finditer(text) if (mention := _mention(match, text, today, prefer)) is not None]
    whole = [_with_time(mention, text) for mention in _with_their_weekdays(found, text)]
    return tuple(_without_parts(whole))


def vague_time(text: str) -> str:
    """A time in the text that names no day, such as "by early January" or "in Q1"; "" for none."""
    vague = _VAGUE.search(text)
    return vague.group() if vague else ""


def _with_time(mention: DayMention, text: str) -> DayMention:
    """ "COB Thursday" and "Friday at 5pm" are one day."""
    before = _TIME_BEFORE.search(text[max(0, mention.start - MOST_TIME) : mention.start])
    after = _TIME_AFTER.match(text, mention.end)
    start = mention.start - len(before.group()) if before else mention.start
    end = after.end() if after else mention.end
    return replace(mention, start=start, end=end, words=text[start:end])


def _without_parts(found: Sequence[DayMention]) -> Iterator[DayMention]:
    """Each mention that is no part of the one beside it: of "COB Thursday" no "COB"."""
    for before, mention, after in zip((None, *found), found, (*found[1:], None), strict=False):
        if not any(_is_part(mention, beside) for beside in (before, after) if beside is not None):
            yield mention


def _is_part(mention: DayMention, of: DayMention) -> bool:
    return of.start <= mention.start and mention.end <= of.end and len(mention.words) < len(of.words)


def _with_their_weekdays(found: Sequence[DayMention], text: str) -> Iterator[DayMention]:
    """ "Friday, 5 Dec" is one day: that of the date."""
    start: int | None = None
    for mention, following in zip_longest(found, found[1:]):
        is_weekday = mention.words[:3].lower() in _WEEKDAYS and not _has_digit(mention)
        joined = following is not None and text[mention.end : following.start].strip(" ,(") in ("", "the")
        if is_weekday and joined and following is not None and _has_digit(following):
            start = mention.start
            continue
        whole = mention if start is None else replace(mention, start=start, words=text[start : mention.end])
        start = None
        yield whole


def _has_digit(mention: DayMention) -> bool:
    return any(character.isdigit() for character in mention.words)


def _mention(match: re.Match[str], text: str, today: dt.date, prefer: Prefer) -> DayMention | None:
    kind = next(name for name in _READERS if match[name] is not None)
    words = match[kind]
    first = (match["wd_name"] or match["md_month"] or match["dm_month"] or "").rstrip(".")
    is_expected = _DAY_FOLLOWS.search(text[max(0, match.start() - 20) : match.start()]) is not None
    if first.lower() in _AMBIGUOUS_WORDS and not first[0].isupper() and not is_expected:
        return None
    if kind == "slashed" and words.count("/") == 1 and not is_expected:
        return None
    backward = kind == "ago" or "yesterday" in words.lower() or words.lower().startswith(("last ", "past "))
    try:
        day = _READERS[kind](match, today, prefer)
    except _Doubt as doubt:
        return DayMention(match.start(), match.end(), words, None, str(doubt), backward)
    except (ValueError, OverflowError):
        return DayMention(match.start(), match.end(), words, None, f"“{words}” is no date", backward)
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        return DayMention(match.start(), match.end(), words, None, f"“{words}” is no likely date", backward)
    return DayMention(match.start(), match.end(), words, day, backward=backward)


class _Doubt(Exception):
    """Why a day is not certain."""


def _iso(match: re.Match[str], _today: dt.date, _prefer: Prefer) -> dt.date:
    year, month, day = (int(part) for part in re.split(r"[-/]", match["iso"]))
    return dt.date(year, month, day)


def _dotted(match: re.Match[str], _today: dt.date, _prefer: Prefer) -> dt.date:
    day, month, year = (int(part) for part in match["dotted"].split("."))
    return dt.date(year, month, day)


def _slashed(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    """Day and month in either order, where only one of them can be."""
    first, second, *years = (int(part) for part in match["slashed"].split("/"))
    year = (years[0] if years[0] >= 100 else 2000 + years[0]) if years else None
    if first == second or first > 12 or second > 12:
        month, day = (second, first) if first > 12 else (first, second)
        return dt.date(year, month, day) if year else _of_year(today, month, day, prefer)
    either = f"{second} {calendar.month_name[first]} or {first} {calendar.month_name[second]}"
    raise _Doubt(f"“{match['slashed']}” can be {either}; write YYYY-MM-DD")


def _day_month(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    return _named(match["dm_month"], int(match["dm_day"]), match["dm_year"], today, prefer)


def _month_day(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    return _named(match["md_month"], int(match["md_day"]), match["md_year"], today, prefer)


def _end_of_month(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    month, year = _month_number(match["em_month"]), match["em_year"]
    if year:
        return _last_of_month(int(year), month)
    return _last_of_month(_of_year(today, month, 28, prefer).year, month)


def _named(month: str, day: int, year: str | None, today: dt.date, prefer: Prefer) -> dt.date:
    number = _month_number(month)
    return dt.date(int(year), number, day) if year else _of_year(today, number, day, prefer)


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _of_year(today: dt.date, month: int, day: int, prefer: Prefer) -> dt.date:
    """The day of that name in the wanted direction. 29 February takes a leap year."""
    days = []
    for year in range(today.year - 1, today.year + 2):
        try:
            days.append(dt.date(year, month, day))
        except ValueError:
            continue
    if not days:
        raise ValueError("no such day in these years")
    if prefer == "nearest":
        return min(days, key=lambda each: abs((each - today).days))
    wanted = [each for each in days if (each <= today if prefer == "past" else each >= today)]
    if not wanted or abs((min(wanted, key=lambda d: abs((d - today).days)) - today).days) > MOST_DAYS_AHEAD:
        told = "is over this year" if prefer == "future" else "lies ahead"
        raise _Doubt(f"“{day} {calendar.month_name[month]}” {told}; write YYYY-MM-DD")
    return min(wanted, key=lambda each: abs((each - today).days))


def _plain(match: re.Match[str], today: dt.date, _prefer: Prefer) -> dt.date:
    words = match["plain"].lower()
    offsets = {"day before yesterday": -2, "day after tomorrow": 2, "yesterday": -1}
    is_tomorrow = words.startswith(("tom", "tm"))
    return today + dt.timedelta(days=1 if is_tomorrow else offsets.get(words, 0))


def _ago(match: re.Match[str], today: dt.date, _prefer: Prefer) -> dt.date:
    return _shifted(today, -_number(match["ago_n"]), match["ago_unit"])


def _within(match: re.Match[str], today: dt.date, _prefer: Prefer) -> dt.date:
    count, unit = _number(match["in_n"]), match["in_unit"].lower()
    if unit.startswith("h"):
        return today + dt.timedelta(days=-(-count // 24))
    if match["in_working"] and unit.startswith("day"):
        return add_working_days(today, count)
    return _shifted(today, count, unit)


def _end(match: re.Match[str], today: dt.date, _prefer: Prefer) -> dt.date:
    unit = match["end_unit"] or _SHORT_UNITS[match["end"].lower()]
    return _end_of(unit.lower(), today, next_one=bool(match["end_next"]))


def _span(match: re.Match[str], today: dt.date, _prefer: Prefer) -> dt.date:
    """A promise for a week or month is one for its end; what was some time in the last one has no day."""
    which = match["span_which"].lower()
    if which == "last":
        raise _Doubt(f"“{match['span']}” names no day")
    return _end_of(match["span_unit"].lower(), today, next_one=which == "next")


def _end_of(unit: str, today: dt.date, *, next_one: bool) -> dt.date:
    """The last day of the running or the next unit: Friday of a week, the last calendar day of anything longer."""
    if unit in ("day", "business"):
        return today + dt.timedelta(days=1 if next_one else 0)
    if unit == "week":
        monday = today - dt.timedelta(days=today.weekday())
        is_over = today.weekday() > FRIDAY
        return monday + dt.timedelta(days=FRIDAY + 7 * (next_one or is_over))
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    last = (today.month - 1) // months * months + months
    return _last_of_month(today.year, last + months * next_one)


def _last_of_month(year: int, month: int) -> dt.date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _weekday(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    """ "next Tuesday" is that of the next week; "last Friday" the newest before today; else as is preferred."""
    which, wanted = (match["wd_which"] or "").lower(), _WEEKDAYS.index(match["wd_name"][:3].lower())
    monday = today - dt.timedelta(days=today.weekday())
    if which == "next":
        return monday + dt.timedelta(days=7 + wanted)
    ahead = (wanted - today.weekday()) % 7
    if which in ("last", "past"):
        return today - dt.timedelta(days=7 - ahead)
    if which in ("this", "coming") or prefer == "future":
        return today + dt.timedelta(days=ahead)
    return today - dt.timedelta(days=(7 - ahead) % 7)


def _nth(match: re.Match[str], today: dt.date, prefer: Prefer) -> dt.date:
    """The next or the last day of the month with this number."""
    number = int(match["nth_day"])
    if not 1 <= number <= 31:
        raise ValueError("no day of a month")
    step = dt.timedelta(days=1 if prefer == "future" else -1)
    day = today
    for _ in range(62):
        if day.day == number:
            return day
        day += step
    raise ValueError("no such day in these months")


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[words.lower()]


def _shifted(today: dt.date, count: int, unit: str) -> dt.date:
    if unit.lower().startswith("month"):
        month = today.month - 1 + count
        year, month = today.year + month // 12, month % 12 + 1
        return dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    return today + dt.timedelta(days=count * (7 if unit.lower().startswith("week") else 1))


_READERS = {
    "iso": _iso,
    "dotted": _dotted,
    "slashed": _slashed,
    "day_month": _day_month,
    "end_of_month": _end_of_month,
    "month_day": _month_day,
    "plain": _plain,
    "ago": _ago,
    "within": _within,
    "end": _end,
    "span": _span,
    "weekday": _weekday,
    "nth": _nth,
}
