"""Rules of speed: calls that come too fast, and what clients make of a refusal."""

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.answers import Seen, is_page
from tools.troubleshoot.rules.limit_headers import limit_of, retry_after
from tools.troubleshoot.rules.limit_words import below_told, repeats_told, speed_told
from tools.troubleshoot.rules.pace import Ceiling, Pace, ceiling, pace, pace_clue, quota_clue, used_share
from tools.troubleshoot.rules.quotas import concurrency_limited, quota_exhausted
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refusals import TOO_MANY, refusals, status_clues
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import Quote
from tools.troubleshoot.rules.storms import weighed
from tools.troubleshoot.rules.waits import impatience, patience

_UNAVAILABLE = 503
_HOUR = 3_600
_STORM = text("Failed calls are sent again at once, without growing pauses")


def rate_limited(case: Case) -> Finding | None:
    """429 for speed. Where the client's own repeats explain the refusals it is no more than likely."""
    refused, said = refusals(case, TOO_MANY), speed_told(case)
    if not refused and (said is None or said.source != "answer"):
        return None
    limit = ceiling(case)
    measured = pace(case, limit)
    share = used_share(case.known)
    quota = quota_clue(case) if share is not None and share < 1 else None
    clues = (*status_clues(refused), said.clue if said else None, *_arithmetic(case, measured, limit), quota)
    return Finding(
        _certainty(case, refused, said, measured),
        text("Calls come faster than the rate limit allows"),
        tuple(filter(None, (*clues, impatience(case)))),
        _against(case, measured, limit),
        values={"limit": limit.words if limit else "your rate limit"},
    )


def retry_after_missing(case: Case) -> Finding | None:
    """The refusals carry no Retry-After, so that no client can know how long to wait."""
    refused = [each for each in calls(case) if each.exchange.status == TOO_MANY and not is_page(each.exchange)]
    told = [each for each in refused if each.exchange.response_headers]
    if not told or any("retry-after" in each.exchange.response_headers for each in told):
        return None
    first, limit = told[0], limit_of(told[0].exchange)
    against: tuple[Clue, ...] = ()
    if limit and limit.reset_after is not None:
        against = (Clue(text(f"Other headers tell when the limit begins anew (beside {limit.header})"), first.place),)
    return Finding(
        "known" if not first.in_log and len(first.exchange.response_headers) > 1 else "likely",
        text("The refusals carry no Retry-After header"),
        (Clue(text("The answer with 429 has headers, and no Retry-After among them"), first.place),),
        against,
    )


def retry_storm(case: Case) -> Finding | None:
    """Most of the traffic repeats failed calls at once; refusals for speed follow from it."""
    refused, found = refusals(case, TOO_MANY), weighed(case)
    if found is None:
        return _storm_by_words(case, refused)
    if not refused and not refusals(case, _UNAVAILABLE):
        return None
    clues = tuple(filter(None, (*found.clues, *status_clues(refused), impatience(case))))
    return Finding(found.certainty if refused else "possible", _STORM, clues, found.against, rank=10)


def _storm_by_words(case: Case, refused: tuple[Seen, ...]) -> Finding | None:
    said = repeats_told(case)
    if said is None or not refused:
        return None
    return Finding(
        "likely", _STORM, tuple(filter(None, (said.clue, *status_clues(refused), impatience(case)))), rank=10
    )


def _certainty(case: Case, refused: tuple[Seen, ...], said: Quote | None, measured: Pace | None) -> Certainty:
    told = said is not None and said.source == "answer" and not _is_of_page(said)
    shown = told or any(each.source != "person" for each in refused)
    over, below = _compared(measured)
    if not told and (below or below_told(case) or _only_pages(refused)):
        return "possible"
    if (told or (over and shown)) and not below and not _repeats_explain(case):
        return "known"
    return "likely" if said or over or _names_a_limit(refused) or _comes_and_goes(case) else "possible"


def _comes_and_goes(case: Case) -> bool:
    """Whether a log holds successes beside refusals: a quota that is used up lets nothing through."""
    return any(
        log.statuses.get(str(TOO_MANY))
        and any(status.startswith("2") and count for status, count in log.statuses.items())
        for log, _ in case.facts(LogSummary)
    )


def _names_a_limit(refused: tuple[Seen, ...]) -> bool:
    """Whether a refusal has headers of a limit, or asks for a short pause: a bare 429 may be any limit."""
    for exchange in (each.exchange for each in refused if each.exchange is not None):
        wait = retry_after(exchange)
        if limit_of(exchange) is not None or (wait is not None and wait < _HOUR):
            return True
    return False


def _compared(measured: Pace | None) -> tuple[bool, bool]:
    """Whether the busiest minute is over the limit, and whether it surely is not; both False where nobody can tell."""
    if measured is None or measured.excess is None:
        return False, False
    return measured.excess > 1, measured.excess <= 1 and measured.whole


def _repeats_explain(case: Case) -> bool:
    """Whether a storm is at least likely to be why, or the person says that failed calls are sent again at once."""
    found = weighed(case)
    return repeats_told(case) is not None or (found is not None and found.certainty != "possible")


def _against(case: Case, measured: Pace | None, limit: Ceiling | None) -> tuple[Clue, ...]:
    denied, found, below = below_told(case), weighed(case), None
    if measured and limit and _compared(measured)[1]:
        said = text(
            "The busiest minute that is seen holds ", measured.figure, " calls, and the limit is ", limit.figure
        )
        below = Clue(said, measured.place, (measured.figure, limit.figure))
    repeats = found.clues[0] if found and found.certainty != "possible" else None
    return tuple(filter(None, (patience(case), denied.clue if denied else None, below, repeats)))


def _arithmetic(case: Case, measured: Pace | None, limit: Ceiling | None) -> tuple[Clue, ...]:
    if limit is None:
        return ()
    if measured is None or not _compared(measured)[0]:
        return (limit.clue,)
    return limit.clue, pace_clue(case, measured, limit)


def _is_of_page(said: Quote) -> bool:
    """Whether the words stand on an HTML page, which a firewall in between may have made."""
    return said.saying.exchange is not None and is_page(said.saying.exchange)


def _only_pages(refused: tuple[Seen, ...]) -> bool:
    """Whether each refusal that can be looked at is an HTML page: a firewall in between may have made it."""
    looked = [each.exchange for each in refused if each.exchange is not None]
    return bool(looked) and all(is_page(each) for each in looked)


RULES: tuple[Rule, ...] = (
    Rule("retry_storm", "customer", retry_storm),
    Rule("quota_exhausted", "customer", quota_exhausted),
    Rule("concurrency_limited", "customer", concurrency_limited),
    Rule("rate_limited", "customer", rate_limited),
    Rule("retry_after_missing", "product", retry_after_missing, role="context"),
)
