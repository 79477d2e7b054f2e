"""Calls that were refused for their credentials: the token that each sent, and what the answer says of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import OAuthError, Token
from tools.troubleshoot.reading.sso_messages import is_own_words, quoted_in
from tools.troubleshoot.rules.answers import Answer, Source, is_page, seen
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.sayings import Quote, Saying, all_said, line_around

UNAUTHORIZED, FORBIDDEN = 401, 403

_BODY = re.compile(r"\{\s{0,3}\"[\w-]{1,40}\"\s{0,3}:")


@dataclass(frozen=True, slots=True)
class Sent:
    """A token and, where one is seen, the refused call that sent it. `tied`: it is seen that it is this call's."""

    token: Token
    place: Place
    answer: Answer | None = None
    tied: bool = False


def refused(case: Case, *statuses: int) -> Iterator[Answer]:
    """The calls that an API answered with one of the statuses; a page in HTML is not its answer."""
    for answer in calls(case):
        if answer.status in statuses and not is_page(answer.exchange):
            yield answer


def is_refused(case: Case, *statuses: int) -> bool:
    """Whether anything, a person's words among it, tells of one of the statuses."""
    return any(each.exchange is None or not is_page(each.exchange) for each in seen(case, *statuses))


def sent(case: Case, *statuses: int) -> Iterator[Sent]:
    """The tokens of refused calls; a token that no call is seen to have sent comes without one."""
    tokens = [(token, place) for token, place in case.facts(Token) if not token.fault]
    all_refused = list(refused(case, *statuses))
    used: set[int] = set()
    for answer in all_refused:
        found = _token_of(case, answer, tokens)
        if found is not None:
            used.add(id(found.token))
            yield found
    of_others = {each.exchange.key_tail for each in all_refused if each.exchange.key_tail}
    for token, place in tokens:
        if id(token) not in used and not (of_others and token.tail):
            yield Sent(token, place)


def words(case: Case, pattern: re.Pattern[str], but: re.Pattern[str] | None = None) -> Quote | None:
    """Where the pattern is said of a refusal, what weighs most first; lines in which `but` stands are left out."""
    for quote in (*_in_headers(case, pattern), *_in_errors(case, pattern), *all_said(case, pattern)):
        exchange = quote.saying.exchange
        if exchange is not None and is_page(exchange):
            continue
        if but is None or not but.search(quote.line):
            return _as_pasted(quote)
    return None


def _as_pasted(quote: Quote) -> Quote:
    """The quote by who told it to the person: a body is the answer's, what stands in quotation marks a program's."""
    if quote.source != "person":
        return quote
    told: Source = "person"
    if _BODY.search(quote.saying.text):
        told = "answer"
    elif any(quote.words in each for each in quoted_in(quote.saying.text)):
        told = "client"
    return replace(quote, saying=replace(quote.saying, source=told))


def _token_of(case: Case, answer: Answer, tokens: list[tuple[Token, Place]]) -> Sent | None:
    """The token that a call sent: by its last four characters, else by where it stands; else the only one there is."""
    tail = answer.exchange.key_tail
    for token, place in tokens:
        if tail and token.tail == tail:
            return Sent(token, place, answer, tied=True)
    possible = [(token, place) for token, place in tokens if not (tail and token.tail)]
    near = [each for each in possible if _stands_within(case, answer, each[1])]
    if len(near) == 1:
        return Sent(*near[0], answer, tied=not answer.in_log)
    if len(possible) == 1 and answer.exchange.auth in (None, "bearer", "authorization", "token"):
        return Sent(*possible[0], answer)
    return None


def _stands_within(case: Case, answer: Answer, place: Place) -> bool:
    """Whether a place lies in the artifact of the call."""
    return any(
        answer.exchange in artifact.facts
        and artifact.name == place.name
        and artifact.first <= place.line <= artifact.last
        for artifact in case.artifacts
    )


def _in_headers(case: Case, pattern: re.Pattern[str]) -> Iterator[Quote]:
    for answer in calls(case):
        header = answer.exchange.response_headers.get("www-authenticate", "")
        match = pattern.search(header)
        if match:
            source: Source = "log" if answer.in_log else "answer"
            saying = Saying(header, answer.place, source, answer.exchange)
            yield Quote(match.group(), line_around(header, match), saying)


def _in_errors(case: Case, pattern: re.Pattern[str]) -> Iterator[Quote]:
    """What an authorization server's error says, where it does not merely stand in a person's sentence."""
    spoken = {number for number, line in case.statement.lines if is_own_words(line)}
    for error, place in case.facts(OAuthError):
        whole = f"{error.error}: {error.description}"
        match = pattern.search(whole)
        if match and not (place.name == "" and place.line in spoken):
            yield Quote(match.group(), line_around(whole, match), Saying(whole, place, "answer"))
