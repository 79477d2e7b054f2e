"""The rule of third parties: one on which ours or the customer's service rests has failed."""

import re
from functools import cache

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.programs import TraceSummary
from tools.troubleshoot.rules.answers import Source, answers, told_status
from tools.troubleshoot.rules.receivers import host_of, is_elsewhere, third_party_at
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, all_said

_TOO_MANY = 429
_FAILED_DEPENDENCY = 424  # RFC 4918 §11.4
_DOWN = (
    r"(?:time[sd]?[ -]?out|unavailable|unreachable|outage|is down|5\d\d|(?:did|does|is) not (?:answer\w{0,3}"
    r"|respond\w{0,3})|SlowDown|throttl\w{2,6}|ServiceUnavailable)"
)
_SOMEBODY = re.compile(
    r"\b(?:upstream|third[- ]party|external|payment|identity|e-?mail|sms) (?:provider|service|processor|vendor|api)\b"
    rf".{{0,60}}(?:\b{_DOWN}|\b(?:failed|failure|error)\b)|dependency[ _]failed|failed[ _]dependency"
    r"|provider[ _](?:error|unavailable|timeout)",
    re.I,
)
_WEIGHT: dict[Source, Certainty] = {"answer": "likely", "log": "likely", "client": "likely", "person": "possible"}


def dependency_failed(case: Case) -> Finding | None:
    """A third party failed: by its own answer, by a span that called it, or by words that name it."""
    found = _by_answer(case) or _by_span(case) or _by_words(case)
    if found is None:
        return None
    certainty, name, clue = found
    return Finding(
        certainty,
        text(f"{name} has failed" if name else "A third party behind the service has failed"),
        (clue,),
        values={"party": name or "the third party"},
        rank=4,
        rules_out=frozenset({"server_error", "gateway_error"}),
    )


def _by_answer(case: Case) -> tuple[Certainty, str, Clue] | None:
    """A failure of the server (5xx), its limit (429), or no answer, at the host of a third party. Other 4xx are the
    caller's."""
    for answer in answers(case):
        exchange = answer.exchange
        name = _party_at(case, host_of(exchange) or "")
        failed = (exchange.status or 0) >= 500 or exchange.status == _TOO_MANY
        if name and (failed or (exchange.status is None and exchange.error)):
            how = f"answers {exchange.status}" if exchange.status else "gives no answer"
            return "likely", name, Clue(text(f"{name} {how}"), answer.place)
    return None


def _party_at(case: Case, host: str) -> str:
    party = third_party_at(case, host)
    if party is not None:
        return party.name
    return host if is_elsewhere(case, host) else ""


def _by_span(case: Case) -> tuple[Certainty, str, Clue] | None:
    for trace, place in case.facts(TraceSummary):
        for span in trace.failed:
            party = third_party_at(case, span.peer)
            if party is not None:
                return "likely", party.name, Clue(text(f"The call of {span.service} to {party.name} failed"), place)
    return None


def _by_words(case: Case) -> tuple[Certainty, str, Clue] | None:
    parties = case.parameters.third_parties
    said = _first(case, _named(tuple(word for party in parties for word in party.words)))
    if said is not None:
        words = said.words.lower()
        name = next((party.name for party in parties if any(word.lower() in words for word in party.words)), "")
        return _WEIGHT[said.source], name, said.clue
    said = _first(case, _SOMEBODY)
    return (_WEIGHT[said.source], "", said.clue) if said else None


def _first(case: Case, pattern: re.Pattern[str]) -> Quote | None:
    """The first words that are of no refusal of the caller: what a 4xx says of a provider is the caller's to mend."""
    for quote in all_said(case, pattern):
        status = told_status(quote.saying.exchange) if quote.saying.exchange else None
        if status is None or status >= 500 or status == _FAILED_DEPENDENCY:
            return quote
    return None


@cache
def _named(words: tuple[str, ...]) -> re.Pattern[str]:
    """Words by which one of the names is said to be down: the name before or after them."""
    name = "|".join(map(re.escape, words))
    return re.compile(
        rf"\b(?:{name})\b.{{0,60}}\b{_DOWN}|\b(?:reach|timeout (?:from|calling|contacting)|outage (?:at|of)"
        rf"|response from) (?:the )?(?:{name})\b",
        re.I,
    )
