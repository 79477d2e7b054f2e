"""Words by which answers and people tell limits apart: speed, volume, and calls at the same time."""

import re

from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.sayings import Quote, all_said, first_said

_SPEED = re.compile(r"rate[ _-]?limit|rate exceeded|throttl|(?:requests?|calls?|queries) per (?:second|minute)", re.I)
_VOLUME = re.compile(
    r"quota|monthly (?:\w{1,12} )?(?:limit|allowance|cap)\b|(?:usage|plan|credit)[ _-]?limit|out of credits"
    r"|(?:limit|allowance|calls?|requests?) (?:for|of|this) (?:(?:the|this) )?(?:month|billing)",
    re.I,
)
_USED_UP = re.compile(r"exceed|exhaust|reached|used up|insufficient|depleted|over (?:your|the|quota)|out of", re.I)
_OF_SPEED = re.compile(r"per[ _-]?(?:second|minute)|a minute|/(?:s|min)\b", re.I)
_PARALLEL = re.compile(
    r"(?:concurren\w{1,4}|parallel|simultaneous|in[- ]flight)[ _-]{1,2}(?:api[ _-])?"
    r"(?:request|call|connection|job|session|stream|limit|quer)|too many open (?:connection|stream)s",
    re.I,
)
_AT_ONCE = re.compile(
    r"\b(?:retry|retries|retrying|resend|resends)\b.{0,40}\b(?:immediately|at once|right away|instantly"
    r"|in a (?:tight )?loop|without (?:any )?(?:delay|pause|wait|back-?off|sleep)|no (?:delay|pause|back-?off|sleep))",
    re.I,
)
_BELOW = re.compile(
    r"\b(?:below|under|within|nowhere near|far from|(?:not|n't|never) (?:\w{1,12} ){0,3}(?:near|close|over|used|reached"
    r"|exceed\w{0,4}|hit\w{0,4}))\b.{0,30}\b(?:limits?|quota)\b|(?:can'?t|cannot) be (?:the |a |our )?rate limit",
    re.I,
)


def speed_told(case: Case) -> Quote | None:
    """The words that too many calls came in too short a time."""
    return next((each for each in all_said(case, _SPEED) if not _is_of_volume(each)), None)


def volume_told(case: Case) -> Quote | None:
    """The words that a month's volume is used up; a quota of calls a minute is a speed."""
    return next((each for each in all_said(case, _VOLUME) if _is_of_volume(each)), None)


def parallel_told(case: Case) -> Quote | None:
    """The words that too many calls ran at the same time."""
    return first_said(case, _PARALLEL)


def below_told(case: Case) -> Quote | None:
    """That a person says they are below the limit."""
    return first_said(case, _BELOW, "person")


def repeats_told(case: Case) -> Quote | None:
    """That a person says that failed calls are repeated at once."""
    return first_said(case, _AT_ONCE, "person")


def _is_of_volume(quote: Quote) -> bool:
    words = quote.saying.text
    if _OF_SPEED.search(words) or _BELOW.search(words):
        return False
    return bool(_VOLUME.search(words) and _USED_UP.search(words))
