"""Finds numbers that an issue states: latency now and normally, customers affected, ARR, days to renewal."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

REACH = 40
"""Characters before and after a number in which the words about it stand."""

PAIR_REACH = 120
"""Characters between the latency now and the normal one, where they belong together."""

MOST_NUMBERS = 200
"""Numbers of one kind that are looked at in a text."""

_DAYS_OF = {"day": 1.0, "week": 7.0, "month": 30.4}
_CURRENCIES = {"$": ("USD", "AUD", "CAD", "HKD", "NZD", "SGD"), "€": ("EUR",), "£": ("GBP",)}
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mm": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9}

_AMOUNT = r"\d{1,9}(?:,\d{3}){0,3}(?:\.\d{1,3})?"
_DURATION = re.compile(
    rf"(?<![\w.,])(?P<amount>{_AMOUNT})[ -]?(?P<unit>ms|msecs?|milliseconds?|s|secs?|seconds?|mins?|minutes?)\b",
    re.IGNORECASE,
)
_NORMAL_BEFORE = re.compile(
    r"\b(?:normal(?:ly)?|usual(?:ly)?|typical(?:ly)?|baseline|instead of|rather than|vs\.?|versus|compared (?:to|with)"
    r"|up from|from|used to (?:be|take))[\s:=(~]{0,3}"
    r"(?:(?:it|p\d\d|latency|response time|time|is|of|was|takes?|at|about|around|under|below|the)[\s:=~]{1,3}){0,4}$",
    re.IGNORECASE,
)
_NORMAL_AFTER = re.compile(
    r"^[ ]?(?:-{1,2}>|=>|→)[ ]?\d"
    r"|^[ ]?(?:is |was )?(?:the )?(?:normally|usually|typically|normal|usual|baseline|before)\b"
    r"(?![\s:~(]{0,3}(?:about |around |at |is )?\d)",
    re.IGNORECASE,
)
_LATENCY_WORD = re.compile(
    r"\b(?:latenc|slow|tak(?:es?|ing)\b|took\b|respon|p\d\d\b|load|wait|time(?:s|d)?[ -]?out|timing out)", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"\n|[.;!?]\s")
_FACTOR = re.compile(
    rf"(?<![\w.,])(?P<factor>{_AMOUNT})[ ]?(?:x|×|times)[ ]+(?:slower|higher|longer|worse|as (?:slow|long|high)\b"
    r"|(?:the |its |their |our )?(?:normal|usual))",
    re.IGNORECASE,
)
_CUSTOMER = r"(?:customers|accounts|tenants|clients|organi[sz]ations|companies)\b"
_CUSTOMERS = re.compile(
    rf"(?<![\w.,$€£])(?P<count>\d{{1,6}})[ ]+(?P<others>(?:other|more|further)[ ]+)?(?:[a-z]{{2,20}}[ ]+)?{_CUSTOMER}",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    rf"\b(?:several|multiple|many|various|all|most|other)[ ]+(?:(?:of )?(?:our|other|the)[ ]+)?{_CUSTOMER}",
    re.IGNORECASE,
)
_ONLY_ONE = re.compile(
    r"\b(?:(?:only|just) (?:this|one|a single|that)|no other) (?:customer|account|tenant)s?\b",
    re.IGNORECASE,
)
_AFFECTED = re.compile(
    r"\b(?:affect|report|see|hit\b|experienc|impact|same|suffer|complain|fail|slow|confirm)", re.IGNORECASE
)
_FAILING_SHARE = re.compile(
    r"(?<![\w.,])(?P<percent>\d{1,3}(?:\.\d{1,3})?)[ ]?(?:%|percent)"
    r"(?:[ ]of)?(?:[ ](?:all|the|our|their|api))*(?:[ ](?:calls|requests|traffic))?[ ](?:are[ ]|is[ ])?"
    r"(?:fail\w*|lost\b|errors?\b|down\b|broken\b|affected\b)",
    re.IGNORECASE,
)
_MONEY = (
    r"(?:(?P<sign>[$€£])|(?P<code>USD|EUR|GBP)[ ]?)(?P<amount>\d[\d,]{0,15}(?:\.\d{1,3})?)"
    r"[ ]?(?P<scale>k|mm?|bn?|thousand|million)?\b"
)
_ARR = re.compile(rf"(?:{_MONEY}[ ]?(?:/[ ]?(?:yr|year)|a year|per year)?[ ]?(?:in |of )?ARR\b)", re.IGNORECASE)
_ARR_FIRST = re.compile(rf"\bARR[ :=]{{1,3}}(?:of |is )?{_MONEY}", re.IGNORECASE)
_RENEWS = r"\brenew(?:al|s|ing)?(?: date)?(?: is)?(?: due)?"
_RENEWAL_IN = re.compile(rf"{_RENEWS} in (?P<count>\d{{1,3}}) (?P<unit>day|week|month)s?\b", re.IGNORECASE)
_RENEWAL_ON = re.compile(rf"{_RENEWS}(?: on)?[ :=]{{1,3}}(?P<day>\d{{4}}-\d\d-\d\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency in milliseconds, or only how many times the normal one it is. None: not stated.

    `quote` is where the text compares both.
    """

    now_ms: float | None = None
    normal_ms: float | None = None
    factor: float | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Customers:
    """How many customers are affected, this one included. `several`: only that they are several, not how many."""

    count: int | None = None
    several: bool = False
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of calls that fail, in percent."""

    percent: float
    quote: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; `currencies` are those that its sign may stand for."""

    amount: float
    currencies: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal as stated: in so many days, or on a day."""

    days: float | None
    day: dt.date | None
    quote: str


@dataclass(frozen=True, slots=True)
class _Duration:
    ms: float
    start: int
    end: int
    normal: bool
    near_latency: bool

    def gap(self, other: "_Duration") -> int:
        return max(self.start - other.end, other.start - self.end)


def milliseconds(text: str) -> float | None:
    """The duration that the text begins with, such as `5 s`; a bare number is milliseconds."""
    match = _DURATION.match(text)
    if match:
        return _milliseconds(match)
    bare = re.match(rf"{_AMOUNT}(?=\s|$)", text)
    return _number(bare.group()) if bare else None


def find_latency(text: str) -> Latency:
    """The latency now and normally, from durations that stand together; else how many times the normal one it is."""
    durations = list(islice(_durations(text), MOST_NUMBERS))
    normal = next((d for d in durations if d.normal), None)
    others = [d for d in durations if not d.normal]
    near = [d for d in others if normal and d.gap(normal) <= PAIR_REACH] or [d for d in others if d.near_latency]
    now = min(near, key=lambda d: d.gap(normal) if normal else d.start, default=None)
    factor = _FACTOR.search(text)
    if now and normal:
        quote = _quote_of(text, *sorted((now, normal), key=lambda d: d.start))
    else:
        quote = factor.group() if factor else ""
    return Latency(
        now.ms if now else None,
        normal.ms if normal else None,
        _number(factor["factor"]) if factor else None,
        " ".join(quote.split()),
    )


def _quote_of(text: str, first: _Duration, last: _Duration) -> str:
    """Both durations with the words between them; where these run over sentences or lines, the durations alone."""
    if _SENTENCE_END.search(text, first.end, last.start):
        return f"{text[first.start : first.end]} … {text[last.start : last.end]}"
    return text[first.start : last.end][:PAIR_REACH]


def find_customers(text: str) -> Customers:
    """How many customers the text says are affected."""
    for match in islice(_CUSTOMERS.finditer(text), MOST_NUMBERS):
        if match["others"] or _AFFECTED.search(_around(text, match)):
            return Customers(int(match["count"]) + (1 if match["others"] else 0), quote=match.group())
    if only := _ONLY_ONE.search(text):
        return Customers(1, quote=only.group())
    for match in islice(_SEVERAL.finditer(text), MOST_NUMBERS):
        if _AFFECTED.search(_around(text, match)):
            return Customers(several=True, quote=match.group())
    return Customers()


def find_failing_share(text: str) -> Share | None:
    """The share of calls that the text says fail."""
    match = _FAILING_SHARE.search(text)
    return Share(float(match["percent"]), " ".join(match.group().split())) if match else None


def find_arr(text: str) -> Money | None:
    """The ARR that the text states."""
    match = _ARR.search(text) or _ARR_FIRST.search(text)
    if match is None:
        return None
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
    currencies = (match["code"].upper(),) if match["code"] else _CURRENCIES[match["sign"]]
    return Money(_number(match["amount"]) * scale, currencies, match.group())


def find_renewal(text: str) -> Renewal | None:
    """When the text says that the contract renews."""
    if match := _RENEWAL_IN.search(text):
        return Renewal(int(match["count"]) * _DAYS_OF[match["unit"].lower()], None, match.group())
    dated = _RENEWAL_ON.search(text)
    day = _day(dated["day"]) if dated else None
    return Renewal(None, day, dated.group()) if dated and day else None


def _durations(text: str) -> Iterator[_Duration]:
    for match in _DURATION.finditer(text):
        before = text[max(match.start() - REACH, 0) : match.start()]
        after = text[match.end() : match.end() + REACH]
        normal = bool(_NORMAL_BEFORE.search(before) or _NORMAL_AFTER.match(after))
        yield _Duration(
            _milliseconds(match), match.start(), match.end(), normal, _LATENCY_WORD.search(before + after) is not None
        )


def _milliseconds(match: re.Match[str]) -> float:
    unit = match["unit"].lower()
    factor = 1.0 if unit.startswith(("ms", "mil")) else 60_000.0 if unit.startswith("min") else 1000.0
    return _number(match["amount"]) * factor


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(match.start() - REACH, 0) : match.end() + REACH]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
