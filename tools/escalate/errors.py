"""Finds HTTP error statuses and exact error messages in a text."""

import re
from http import HTTPStatus
from itertools import islice

MOST_FOUND = 200
"""Matches of a pattern that are looked at in a text."""

_PHRASES = "|".join(
    sorted((re.escape(s.phrase).replace(r"\ ", "[ -]?") for s in HTTPStatus if s >= 400), key=len, reverse=True)
)
_NOT_MONEY = r"(?<![\w$€£.,/-])"
_HTTP = r"HTTP(?:/\d(?:\.\d)?)?"
_MESSAGE = r"[^\"'“”\n\\]{3,300}"

_WITH_PHRASE = re.compile(
    rf"{_NOT_MONEY}(?:{_HTTP}[ ])?(?P<status>[45]\d\d)[ :–(-]{{1,3}}(?:{_PHRASES})\b\)?"
    r"(?:[ ]?\([^()\n]{1,300}\)|:[ ][^\n.]{1,300})?",
    re.IGNORECASE,
)
_AFTER_WORD = re.compile(
    rf"""\b(?:{_HTTP}|status(?:[ _]?code)?|code|errors?|return(?:s|ed|ing)?|answer(?:s|ed|ing)?
      |respon(?:ds?|ded|ding|ses?)|got|gets?|getting|gives?|gave|giving|throws?|throwing|with|an?|of|intermittent)
    [\s:="'(]{{1,4}}(?P<status>[45]\d\d)(?![\w%]|[.,]\d)
    (?!\s?(?:ms|s|sec|lines?|users?|customers?|calls|requests|req|rows|records|times|minutes|seconds|hours|days)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE_WORD = re.compile(
    rf"{_NOT_MONEY}(?P<status>[45]\d\d)(?:['’]?s\b|[ ](?:errors?|responses?|status)\b)", re.IGNORECASE
)
_EXCEPTION = re.compile(r"(?<![\w.])(?:[A-Za-z_][\w.]{0,120})?(?:Error|Exception|Fault)(?::[ ]|\()[^\n]{1,300}")
_NAMED_MESSAGE = re.compile(
    r"\b(?:error(?: message)?|message|error_description|detail)\\?[\"']?[ ]{0,3}[:=][ ]{0,3}\\?[\"'“]?"
    rf"(?P<message>{_MESSAGE})",
    re.IGNORECASE,
)
_QUOTED_MESSAGE = re.compile(
    rf"\b(?:errors?|message|says?|saying|with|reads?|gives?|shows?|see)[ :]{{1,3}}[\"“](?P<message>{_MESSAGE})[\"”]",
    re.IGNORECASE,
)


def find_statuses(text: str) -> tuple[int, ...]:
    """HTTP error statuses that the text names, each once."""
    found: dict[int, None] = {}
    for pattern in (_WITH_PHRASE, _AFTER_WORD, _BEFORE_WORD):
        for match in islice(pattern.finditer(text), MOST_FOUND):
            found[int(match["status"])] = None
    return tuple(found)


def find_error(text: str) -> str | None:
    """The first exact error message: a status with its phrase, an exception, or a quoted message."""
    if match := _WITH_PHRASE.search(text) or _EXCEPTION.search(text):
        return match.group().strip()
    match = _NAMED_MESSAGE.search(text) or _QUOTED_MESSAGE.search(text)
    return match["message"].strip() if match else None
