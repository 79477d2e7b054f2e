"""How long the client waited after it was told to wait: Retry-After against the next call."""

import itertools
from collections.abc import Iterator

from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.limit_headers import retry_after
from tools.troubleshoot.rules.receivers import calls, host_of
from tools.troubleshoot.rules.rule import Clue

_RETRIED = (429, 503)


def impatience(case: Case) -> Clue | None:
    """That the client did not wait as long as Retry-After said; None where it did, or nobody can tell."""
    for told, answer, then in _waits(case):
        if then < told:
            return _waited_clue(case, told, then, answer.place)
    for log, place in case.facts(LogSummary):
        if log.retries and log.retries.honours_retry_after is False:
            return Clue(text("The client came back before the time that Retry-After named was over"), place)
    return None


def patience(case: Case) -> Clue | None:
    """That the client waited as long as Retry-After said, and was refused again all the same."""
    for told, answer, then in _waits(case, refused_again=True):
        if then >= told:
            return _waited_clue(case, told, then, answer.place)
    return None


def _waited_clue(case: Case, told: float, waited: float, place: Place) -> Clue:
    rule = "Retry-After of the refused call, in seconds (RFC 9110 §10.2.3)"
    asked = case.figure("retry_after.told", "Seconds to wait by Retry-After", told, "count", rule, place)
    rule = "from the refused call to the next one"
    did = case.figure("retry_after.waited", "Seconds that the client waited", waited, "count", rule, place)
    return Clue(text("Retry-After said to wait ", asked, " s; the client waited ", did, " s"), place, (asked, did))


def _waits(case: Case, refused_again: bool = False) -> Iterator[tuple[float, Answer, float]]:
    """Of each refused call with a Retry-After: seconds told, the call, and seconds until the next to the same host."""
    called = (each for each in calls(case) if not each.in_log)  # samples leave out the calls between
    timed = sorted(((at, each) for each in called if (at := each.exchange.at)), key=lambda pair: pair[0])
    for (at, answer), (later, following) in itertools.pairwise(timed):
        told = retry_after(answer.exchange) if answer.exchange.status in _RETRIED else None
        if told is None or host_of(answer.exchange) != host_of(following.exchange):
            continue
        if not refused_again or following.exchange.status in _RETRIED:
            yield told, answer, (later - at).total_seconds()
