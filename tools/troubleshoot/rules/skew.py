"""The rule of clocks that are wrong: measured against the server's, or by what the answer says."""

import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.instants import call_time, server_time, span, told
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, Sent, sent, words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote
from tools.troubleshoot.rules.token_times import EARLY, begins

_SKEWED = re.compile(
    r"RequestTimeTooSkewed|request time (?:is )?too skewed|clock[ _-]?skew(?! ?(?:of|tolerance|allowed|leeway))"
    r"|request (?:timestamp|time)[^.\n]{0,40}(?:too (?:old|far|skewed)|outside|out of (?:range|bounds)|in the future)"
    r"|timestamp[^.\n]{0,40}(?:outside (?:of )?(?:the )?(?:allowed|recv)|too far (?:in|from)|ahead of (?:the )?server)"
    r"|(?:clock|time) (?:is )?(?:out of sync|not synchroni[sz]ed|wrong|ahead|behind)"
    r"|signature not yet current|signature expired: ?\d{8}T\d{6}Z is now earlier",
    re.I,
)
_NOT_OF_CALLS = re.compile(r"webhook|saml|assertion|notbefore", re.I)
_HALF_HOUR = 1_800
_REFUSING = (UNAUTHORIZED, FORBIDDEN, 400)


def clock_skew(case: Case) -> Finding | None:
    """The caller's clock is wrong, and the call was refused for its times."""
    said = words(case, _SKEWED, _NOT_OF_CALLS)
    early = words(case, EARLY)
    measured = next(_measured(case), None)
    ahead = next(_ahead(case), None)
    quote = said or early
    clues = tuple(filter(None, (measured, ahead, quote.clue if quote else None)))
    certainty = _certainty(said, early, measured=measured is not None, ahead=ahead is not None)
    if certainty is None:
        return None
    return Finding(
        certainty,
        text("A clock is wrong: the caller's and the server's differ"),
        clues,
        rank=6,
        rules_out=frozenset({"token_not_yet_valid", "key_invalid", *({"token_expired"} if measured else ())}),
    )


def _certainty(said: Quote | None, early: Quote | None, *, measured: bool, ahead: bool) -> Certainty | None:
    """Known where the answer says so, or where both clocks are seen and the answer speaks of its times."""
    if said is not None:
        return "known" if said.source == "answer" else "possible" if said.source == "person" else "likely"
    if measured and (early is not None or ahead):
        return "known"
    return "likely" if measured or ahead else None


def _measured(case: Case) -> Iterator[Clue]:
    """Refused calls whose time, by the caller's clock, is not that of the server's Date header."""
    for answer in calls(case):
        exchange, at_server = answer.exchange, server_time(answer.exchange)
        if answer.status not in _REFUSING or exchange.at is None or at_server is None:
            continue
        took = (exchange.duration_ms or 0) / 1_000
        apart = (exchange.at - at_server).total_seconds()
        if abs(apart) <= case.parameters.clocks.skew + took or _is_zone(apart, case.parameters.clocks.skew):
            continue
        yield _apart(case, answer, apart)


def _apart(case: Case, answer: Answer, apart: float) -> Clue:
    figure = case.figure(
        "clocks_apart", "Difference of the clocks", span(apart), "text", "caller − server", answer.place
    )
    exchange, at_server = answer.exchange, server_time(answer.exchange)
    whose = "The log's" if exchange.source == "log" else "The caller's"
    written = (
        f"{told(exchange.at)}; the server's Date header says {told(at_server)}: " if exchange.at and at_server else ""
    )
    side = "ahead" if apart > 0 else "behind"
    return Clue(text(f"{whose} clock says {written}", figure, f" {side}"), answer.place, (figure,))


def _is_zone(apart: float, skew: float) -> bool:
    """Whether the difference is one of time zones: half hours to the minute are a zone that was left out."""
    rest = abs(apart) % _HALF_HOUR
    return abs(apart) >= _HALF_HOUR - skew and min(rest, _HALF_HOUR - rest) <= skew


def _ahead(case: Case) -> Iterator[Clue]:
    """Tokens that a refused call sent a little before they were issued, as if by a clock that is ahead."""
    for each in sent(case, UNAUTHORIZED):
        start, at = begins(each.token), call_time(each.answer.exchange) if each.answer else None
        if start is None or at is None:
            continue
        ahead = (start[1] - at.moment).total_seconds()
        if 0 < ahead <= case.parameters.clocks.drift and _counts(case, each, ahead):
            figure = case.figure(
                "issued_ahead", f"{start[0]} ahead of the call", span(ahead), "text", f"{start[0]} − call", each.place
            )
            words_ = f"The token's {start[0]} is {told(start[1])}, the call came at {at}: "
            yield Clue(text(words_, figure, " ahead"), each.place, (figure,))


def _counts(case: Case, each: Sent, ahead: float) -> bool:
    """A few seconds count where the answer speaks of them, and only from the leeway on where it does not."""
    return ahead > case.parameters.clocks.skew or words(case, EARLY) is not None
