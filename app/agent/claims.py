"""Finds what a sentence claims in numbers: numbers in digits and words, dates, amounts of money, names with digits.

Nothing is judged here. What is found too much costs a sentence; what is missed lets a wrong number through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["date", "time", "money", "percent", "number", "words", "ordinal", "name", "multiple"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at [start, end) of the sentence.

    `value` is the number that is claimed, `dates` the days that a date may mean (year, month, day; None: not said).
    `unit` is %, a currency code, or what is written right behind the number, in lower case.
    """

    start: int
    end: int
    kind: Kind
    value: float | None = None
    dates: tuple[tuple[int | None, int, int], ...] = ()
    unit: str = ""


MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1
    )
    for name in names.split()
}  # fmt: skip

CURRENCY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
CURRENCY_WORDS = {"dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "pounds": "GBP", "yen": "JPY"}
CURRENCY_CODES = (
    "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "NZD", "INR", "BRL", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK",
    "ZAR", "SGD", "HKD", "MXN", "ILS",
)  # fmt: skip

SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip

SMALL_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
NUMBER_WORDS = {word: number for number, word in enumerate(SMALL_NUMBERS)} | {
    "nil": 0, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000, "million": 10**6, "millions": 10**6,
    "billion": 10**9, "billions": 10**9, "dozen": 12, "dozens": 12,
}  # fmt: skip


def _any_of(words: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """A pattern of any of these words, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_MONTH = _any_of(list(MONTHS))
_FULL_MONTH = _any_of([name for name in MONTHS if len(name) > 4 and name != "march"])
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_NUMBER = r"(?:(?<![\w.,])[+\-−–])?(?:\d{1,3}(?:[,  ]\d{3})+|\d+)(?:\.\d+)?"
_SCALE = r"(?:thousand|million|billion|mio|mn|bn|[kmb])"
_NUMBER_WORD = _any_of(list(NUMBER_WORDS))
_TENS = _any_of([word for word, value in NUMBER_WORDS.items() if 20 <= value <= 90])
_ORDINAL = (
    rf"(?:{_TENS}[\s-]?(?:first|second))|(?:{_TENS}[\s-]?)?(?:third|fourth|fifth|sixth|seventh|eighth|ninth"
    r"|(?:ten|eleven|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|hundred|thousand|million)th|twelfth"
    r"|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ieth)s?"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tue|tues|wed|thu|thur|thurs|fri)(?=\.|\s*$)"
_SPAN = r"(?:hour|day|week|weekend|month|quarter|year|decade|season|spring|term)"

_CLAIM = re.compile(
    rf"""
      (?P<script>(?<!\w)\w{{0,80}}?[^\W\x00-\u024f\u1e00-\u1eff]\w*)
    | (?P<iso>(?<!\d)\d{{4}}-\d{{1,2}}-\d{{1,2}}(?![\d-])(?:T[\d:.]+Z?)?)
    | (?P<numeric>(?<![\w.])\d{{1,4}}[./]\d{{1,2}}[./]\d{{2,4}}(?![\d/]))
    | (?P<dmy>\b{_DAY}\s+(?:of\s+)?{_MONTH}\b\.?(?:,?\s+\d{{4}})?)
    | (?P<mdy>\b{_MONTH}\.?\s+{_DAY}\b(?!\s*%)(?:,?\s+\d{{4}})?)
    | (?P<month>\b{_MONTH}\.?,?\s+\d{{4}}\b | \b{_FULL_MONTH}\b | \b{_MONTH}\s+(?:the\s+)?(?:{_ORDINAL}|first|second)\b
        | (?<=\bin\s){_MONTH}\b | (?<=\bby\s){_MONTH}\b | (?<=\bof\s){_MONTH}\b
        | (?<=\bsince\s){_MONTH}\b | (?<=\buntil\s){_MONTH}\b | (?<=\blast\s){_MONTH}\b
        | (?<=\bnext\s){_MONTH}\b | (?<=\bfrom\s){_MONTH}\b | (?<=\bbefore\s){_MONTH}\b
        | (?<=\bafter\s){_MONTH}\b | (?<=\bearly\s){_MONTH}\b | (?<=\blate\s){_MONTH}\b
        | (?<=\bthis\s){_MONTH}\b | (?<=\bmid-){_MONTH}\b)
    | (?P<day>\b(?:{_WEEKDAY})\b|\b(?:tomorrow|yesterday|tonight|fortnight|weekend|midnight|noon|christmas|easter)s?\b
        |\bnew\s+year(?:['’]s)?\b|\b(?:summer|autumn|winter)\b|\beo[dwmqy]\b|o['’]clock\b)
    | (?P<relative>\b(?:next|last|this|past|coming|previous|following|current)\s+{_SPAN}s?\b
        |\b(?:in|within|after|for|over)\s+(?:(?:about|around|roughly)\s+)?an?\s+{_SPAN}\b
        |\b(?:in|within|over|during|by)\s+the\s+(?:hour|week|month|quarter|year)\b
        |\ban?\s+{_SPAN}\s+(?:ago|away|from|later|earlier|before|old|out|left)\b
        |\b(?:end|start|beginning|middle)[\s-]of[\s-](?:(?:the|this|next|last)[\s-])?(?:\w+[\s-])?{_SPAN}\b
        |\b(?:month|quarter|year|week)[\s-]end\b|\b(?:in|by|until|since)\s+(?:the\s+)?spring\b)
    | (?P<quarter>\bQ[1-4](?:[\s/'’-]*(?:FY)?\d{{2,4}})?\b|\b(?:first|second|third|fourth|last)[\s-](?:quarter|half)\b
        |\bFY\s?\d{{2,4}}\b|\bH[12](?:\s+\d{{4}})?\b)
    | (?P<time>(?<![\d.])\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?(?:am|pm|UTC|GMT|Z))?\b)
    | (?P<money>(?:(?:\b(?:US)?(?:{"|".join(CURRENCY_CODES)})|[$€£¥])\s?{_NUMBER}(?:\s?{_SCALE}\b)?)
        | (?:{_NUMBER}(?:\s?{_SCALE})?\s?(?:(?:{"|".join([*CURRENCY_CODES, *CURRENCY_WORDS])})\b|[$€£¥])))
    | (?P<percent>{_NUMBER}\s?(?:%|‰|percent\b|per\s?cent\b|pct\b|pp\b|percentage\s+points?\b))
    | (?P<name>(?<![\w])(?=[\w./-]{{0,80}}\d)[^\W\d_][\w]*(?:[-./][\w]+)*)
    | (?P<number>{_NUMBER}(?P<scale>\s?(?:thousand|million|billion)\b|[^\W\d_]+)?)
    | (?P<multiple>\b(?:half|halve[sd]?|doubl(?:e|es|ed|ing)|(?:tri|quadru|quintu|sextu)pl(?:e|es|ed|ing)|twice|thrice
        |(?:a|one|two|three)[\s-](?:thirds?|quarters?\s+of|fifths?|tenths?)|{_NUMBER_WORD}fold|umpteen
        |every\s+(?:other|second|{_ORDINAL})|orders?\s+of\s+magnitude|(?:couple|pair|handful)s?\s+of|scores\s+of)\b)
    | (?P<ordinal>\b(?:{_ORDINAL})\b)
    | (?P<words>\b(?:a\s+(?=dozen|hundred|thousand|million|billion))?
        {_NUMBER_WORD}(?:(?:[\s-]+(?:and[\s-]+)?|(?:and)?){_NUMBER_WORD})*\b)
    | (?P<spelt>\b[a-z](?:[\s-][a-z]\b){{2,}})
    | (?P<roman>\b(?=[IVXLCDM]{{2,}}\b)M{{0,3}}(?:C[MD]|D?C{{0,3}})(?:X[CL]|L?X{{0,3}})(?:I[XV]|V?I{{0,3}})(?<=\w)\b)
    | (?P<other>(?<!\w)\w*\d\w*|[½⅓⅔¼¾⅕⅛])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_VERB = re.compile(r"may|march|mar", re.IGNORECASE)
_WORD_OF_NUMBER = re.compile(_NUMBER_WORD)
_DIGITS = re.compile(r"\d+")


def find_claims(sentence: str) -> Iterator[Claim]:
    """The claims of a sentence, from left to right. The sentence is in Unicode's form NFKC."""
    for match in _CLAIM.finditer(sentence):
        name = match.lastgroup or ""
        if name == "month" and _VERB.fullmatch(match[0]) and not match[0][0].isupper():
            continue  # the verb may, to march
        if name == "roman" and not match[0].isupper():
            continue
        yield _claim(match, name)


def _claim(match: re.Match[str], name: str) -> Claim:
    text, start, end = match[0], match.start(), match.end()
    match name:
        case "iso" | "numeric" | "dmy" | "mdy":
            return Claim(start, end, "date", dates=_dates(text, name))
        case "month" | "day" | "relative" | "quarter":
            return Claim(start, end, "date")
        case "time":
            return Claim(start, end, "time")
        case "money":
            return Claim(start, end, "money", _number(text), unit=_currency(text))
        case "percent":
            return Claim(start, end, "percent", _number(text), unit="%" if "%" in text or "cent" in text else "")
        case "name" | "script":
            return Claim(start, end, "name")
        case "number":
            suffix = (match["scale"] or "").strip().lower()
            scaled = suffix in SCALES
            return Claim(start, end, "number", _number(text if scaled else text[: end - start - len(suffix)]),
                         unit="" if scaled else suffix)  # fmt: skip
        case "words":
            return Claim(start, end, "words", _spelled(text))
        case "roman":
            return Claim(start, end, "words")
        case "ordinal":
            return Claim(start, end, "ordinal")
        case _:
            return Claim(start, end, "multiple")


def _number(text: str) -> float | None:
    """The number in `text`, with its sign and scale."""
    found = re.search(r"([+\-−–]?)\s?((?:\d{1,3}(?:[,  ]\d{3})+|\d+)(?:\.\d+)?)\s?([^\W\d_]*)", text)
    if found is None:
        return None
    value = float(re.sub(r"[,  ]", "", found[2])) * SCALES.get(found[3].lower(), 1)
    return -value if found[1] in ("-", "−", "–") else value


def _currency(text: str) -> str:
    sign = next((code for sign, code in CURRENCY_SIGNS.items() if sign in text), None)
    if sign:
        return sign
    words = re.findall(r"[^\W\d_]+", text)
    codes = [word.upper().removeprefix("US") if len(word) > 3 else word.upper() for word in words]
    found = [code for code in codes if code in CURRENCY_CODES]
    return found[0] if found else next((CURRENCY_WORDS[w.lower()] for w in words if w.lower() in CURRENCY_WORDS), "")


def _spelled(text: str) -> float:
    """The value of a number in words: "twenty-one", "two hundred and fifty thousand"."""
    total, part = 0.0, 0.0
    for word in _WORD_OF_NUMBER.findall(text.lower()):
        value = NUMBER_WORDS[word]
        if value == 100:
            part = max(part, 1) * 100
        elif value >= 1000 or word.startswith("dozen"):
            total += max(part, 1) * value
            part = 0
        else:
            part += value
    return total + part


def _dates(text: str, name: str) -> tuple[tuple[int | None, int, int], ...]:
    numbers = [int(digits) for digits in _DIGITS.findall(text)]
    if name == "iso":
        return ((numbers[0], numbers[1], numbers[2]),)
    if name == "numeric":
        first, second, third = numbers
        if first > 31:
            return ((first, second, third),)
        year = third if third > 99 else 2000 + third
        return ((year, first, second), (year, second, first))
    month = MONTHS[next(word for word in re.findall(r"[a-z]+", text.lower()) if word in MONTHS)]
    return ((numbers[1] if len(numbers) > 1 else None, month, numbers[0]),)


_DEEDS = (
    "approved", "sent", "emailed", "mailed", "messaged", "told", "informed", "notified", "closed", "opened", "created",
    "deleted", "removed", "changed", "updated", "written", "wrote", "logged", "recorded", "added", "set", "published",
    "saved", "promised", "granted", "applied", "escalated", "resolved", "cancelled", "scheduled", "booked", "refunded",
    "credited", "undone", "marked", "assigned", "forwarded", "submitted",
)  # fmt: skip
_DEED = re.compile(
    rf"\bI(?:['’]ve| have| did)?(?: \w+ly| now| just| already| also| successfully)*"
    rf" (?:approve|send|close|delete|{'|'.join(_DEEDS)})\b",
    re.IGNORECASE,
)


def claims_a_deed(sentence: str) -> bool:
    """Whether the speaker says to have done what only a person does: a model reads, so it is not so."""
    return _DEED.search(sentence) is not None
