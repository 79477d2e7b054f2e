"""What a case says of a sign-in that failed: errors and messages, from artifacts, answers, logs and sentences alike."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import OAuthError, SsoMessage, SsoReason
from tools.troubleshoot.reading.oauth import challenge_error, oauth_error_in
from tools.troubleshoot.reading.sso_messages import is_own_words, quoted_in, sso_message_in
from tools.troubleshoot.rules.answers import Source, answers
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.rules.sayings import LONGEST_QUOTE, SAYS, Saying, all_said

_ANY = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class HeardError:
    """An OAuth error, and who tells of it; `saying` where it was read out of other words."""

    error: OAuthError
    place: Place
    source: Source

    @property
    def clue(self) -> Clue:
        return _quoted(self.source, self.error.description or self.error.error, self.place)


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """An SSO message, and who tells of it."""

    message: SsoMessage
    place: Place
    source: Source

    @property
    def clue(self) -> Clue:
        return _quoted(self.source, self.message.text, self.place)

    @property
    def certainty(self) -> Certainty:
        """What a log or a page says of itself is likely; what a person says of it is possible."""
        return "possible" if self.source == "person" else "likely"


def errors(case: Case) -> Iterator[HeardError]:
    """The OAuth errors, those that artifacts state first."""
    spoken = _spoken(case)
    for error, place in case.facts(OAuthError):
        yield HeardError(error, place, "person" if (place.name, place.line) in spoken else "answer")
    for answer in answers(case):
        read = challenge_error(answer.exchange.response_headers.get("www-authenticate", ""))
        if read is not None:
            yield HeardError(read, answer.place, "log" if answer.in_log else "answer")
        body = oauth_error_in(answer.exchange.response_body or "") if answer.exchange.failed else None
        if body is not None:
            yield HeardError(body, answer.place, "log" if answer.in_log else "answer")
    for saying in _all(case):
        read = oauth_error_in(saying.text)
        if read is not None:
            yield HeardError(read, saying.place, _source(saying, spoken, oauth_error_in))


def messages(case: Case, *reasons: SsoReason) -> Iterator[HeardMessage]:
    """The SSO messages of these reasons, those that artifacts state first."""
    spoken = _spoken(case)
    for message, place in case.facts(SsoMessage):
        if message.reason in reasons:
            yield HeardMessage(message, place, "log")
    for saying in _all(case):
        for line in saying.text.split("\n")[:50]:
            read = sso_message_in(line)
            if read is not None and read.reason in reasons:
                yield HeardMessage(read, saying.place, _source(saying, spoken, sso_message_in))


def message(case: Case, *reasons: SsoReason) -> HeardMessage | None:
    """The first SSO message of these reasons."""
    return next(messages(case, *reasons), None)


def error(case: Case, *codes: str) -> HeardError | None:
    """The first OAuth error with one of these codes, its own or its provider's."""
    return next((each for each in errors(case) if each.error.error in codes or each.error.provider_code in codes), None)


def _all(case: Case) -> Iterator[Saying]:
    return (quote.saying for quote in all_said(case, _ANY))


def _source(saying: Saying, spoken: frozenset[tuple[str, int]], read: Callable[[str], object | None]) -> Source:
    """Who tells: what a person pasted, or quotes word for word, is what a program told them."""
    if saying.source != "person":
        return saying.source
    if (saying.place.name, saying.place.line) not in spoken:
        return "client"
    return "client" if any(read(quote) for quote in quoted_in(saying.text)) else "person"


def _spoken(case: Case) -> frozenset[tuple[str, int]]:
    """The lines that are people's own sentences, and not pasted by them."""
    return frozenset(("", number) for number, line in case.statement.lines if is_own_words(line))


def _quoted(source: Source, words: str, place: Place) -> Clue:
    whole = " ".join(words.split())
    cut = whole if len(whole) <= LONGEST_QUOTE else f"{whole[:LONGEST_QUOTE]}…"
    return Clue(text(f'{SAYS[source]}: "{cut}"'), place)
