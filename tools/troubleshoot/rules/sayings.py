"""What is said of a failure, in words: by the server's answer, by the client, in a log, by a person."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, Exchange, GraphqlError
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import JsonBody, StackTrace
from tools.troubleshoot.rules.answers import Source, answers, line_of
from tools.troubleshoot.rules.receivers import calls, deliveries
from tools.troubleshoot.rules.rule import Clue

OF_CALLS: tuple[Source, ...] = ("answer", "client", "log", "person")
"""Who tells of the customer's calls, what weighs most first."""

MOST_READ = 24_000
"""Characters of a source that are searched for words: what fails first tells why, and a rule stays quick."""

LONGEST_QUOTE = 160
"""Characters of a quotation within a clue."""

SAYS: dict[Source, str] = {
    "answer": "The answer says",
    "client": "The client says",
    "log": "The log says",
    "person": "The message says",
    "endpoint": "The endpoint says",
}
CERTAINTY_OF: dict[Source, Certainty] = {
    "answer": "known",
    "client": "likely",
    "log": "likely",
    "person": "possible",
    "endpoint": "likely",
}
"""How far words decide a cause that they name: the server knows why it refused, the others report it."""

_BEGINS_WITH_ERROR = re.compile(r'\s{0,40}\{\s{0,40}"errors?"\s{0,9}:\s{0,9}(?!null|false|\[\s{0,9}\]|\{\s{0,9}\}|"")')


@dataclass(frozen=True, slots=True)
class Saying:
    """A text and who says it; `exchange` where it is the body of an answer."""

    text: str
    place: Place
    source: Source
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The words that were looked for, in the line that holds them."""

    words: str
    line: str
    saying: Saying

    @property
    def source(self) -> Source:
        return self.saying.source

    @property
    def certainty(self) -> Certainty:
        """An answer that did not fail by its status proves nothing by its words."""
        exchange = self.saying.exchange
        if self.source == "answer" and exchange is not None and not exchange.failed:
            return "likely"
        return CERTAINTY_OF[self.saying.source]

    @property
    def clue(self) -> Clue:
        return Clue(text(f'{SAYS[self.saying.source]}: "{self.line}"'), self.saying.place)


def first_said(case: Case, pattern: re.Pattern[str], *sources: Source) -> Quote | None:
    """The first place where the words stand, what weighs most first; of calls where no source is named."""
    return next(all_said(case, pattern, *sources), None)


def all_said(case: Case, pattern: re.Pattern[str], *sources: Source) -> Iterator[Quote]:
    """Every text that holds the words, what weighs most first."""
    for saying in _sayings(case, sources or OF_CALLS):
        match = pattern.search(saying.text)
        if match:
            yield Quote(match.group(), line_around(saying.text, match), saying)


def line_around(whole: str, match: re.Match[str]) -> str:
    """The line in which the match stands, cut around it where it is long."""
    start = whole.rfind("\n", 0, match.start()) + 1
    end = whole.find("\n", match.end())
    end = end if end >= 0 else len(whole)
    if end - start > LONGEST_QUOTE:
        start = max(start, match.start() - LONGEST_QUOTE // 2)
        end = min(end, start + LONGEST_QUOTE)
    return shortened(whole[start:end])


def shortened(words: str) -> str:
    """The words on one line, cut where they are long."""
    return " ".join(words.split())[:LONGEST_QUOTE]


def _sayings(case: Case, sources: tuple[Source, ...]) -> Iterator[Saying]:
    """Every text of the sources once, each source up to what is read of it."""
    for source in sources:
        left, told = MOST_READ, set[str]()
        for saying in _OF[source](case):
            if saying.text in told or not saying.text:
                continue
            told.add(saying.text)
            left -= len(saying.text)
            yield saying
            if left <= 0:
                break


def _of_answers(case: Case) -> Iterator[Saying]:
    """What the API's answers say, first those that failed."""
    told = [answer for answer in calls(case) if not answer.in_log and _may_fail(answer.exchange)]
    for answer in sorted(told, key=lambda each: not each.exchange.failed):
        yield Saying(answer.exchange.response_body or "", answer.place, "answer", answer.exchange)
    for body, place in case.facts(JsonBody):
        if _tells_error(body):
            yield Saying(body.text[: body.text.rfind("}") + 1] or body.text, place, "answer")
    for error, place in case.facts(GraphqlError):
        yield Saying(f"{error.code} {error.message}".strip(), place, "answer")


def _tells_error(body: JsonBody) -> bool:
    """Whether JSON that stands by itself is an answer that failed, and not a file that holds such words."""
    if body.status is not None:
        return body.status >= 400
    return bool(body.code or body.message or body.fields)


def _may_fail(exchange: Exchange) -> bool:
    """Whether the body may tell of a failure: that of an answer that failed, or one that begins with its error."""
    if exchange.failed or exchange.status is None:
        return True
    return _BEGINS_WITH_ERROR.match(exchange.response_body or "") is not None


def _of_endpoints(case: Case) -> Iterator[Saying]:
    for answer in deliveries(case):
        yield Saying(answer.exchange.response_body or "", answer.place, "endpoint", answer.exchange)


def _of_clients(case: Case) -> Iterator[Saying]:
    for error, place in case.facts(ClientError):
        yield Saying(error.text, place, "client")
    for exchange, place in case.facts(Exchange):
        if exchange.error:
            yield Saying(exchange.error, place, "client", exchange)
    for trace, place in case.facts(StackTrace):
        yield Saying("\n".join((f"{trace.exception}: {trace.message}", *trace.causes)), place, "client")


def _of_logs(case: Case) -> Iterator[Saying]:
    for log, place in case.facts(LogSummary):
        for template in log.templates:
            yield Saying(template.sample, line_of(log, place, template), "log")
    for answer in answers(case):
        if answer.in_log and answer.exchange.failed:
            words = "\n".join(filter(None, (answer.exchange.response_body, answer.exchange.error)))
            yield Saying(words, answer.place, "log", answer.exchange)


def _of_people(case: Case) -> Iterator[Saying]:
    """Prose by its lines; a line that quotes an error's body weighs as a client's report of it."""
    for line, words in case.statement.lines:
        quoted = '{"' in words and "error" in words.lower()
        yield Saying(words, Place("", line), "client" if quoted else "person")


_OF: dict[Source, Callable[[Case], Iterator[Saying]]] = {
    "answer": _of_answers,
    "client": _of_clients,
    "log": _of_logs,
    "person": _of_people,
    "endpoint": _of_endpoints,
}
