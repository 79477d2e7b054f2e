"""The rule of errors in the customer's own code: a stack trace that ends there, and no failed call that explains it."""

import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, CorsMessage, GraphqlError
from tools.troubleshoot.facts.identity import OAuthError, SamlResponse, ScimError, SsoMessage
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import Frame, JsonBody, StackTrace
from tools.troubleshoot.rules.answers import answers, told_status
from tools.troubleshoot.rules.rule import Clue, Finding

_PROGRAMMING = frozenset(
    {
        *("TypeError", "KeyError", "AttributeError", "NameError", "UnboundLocalError", "IndexError", "ValueError"),
        *("ZeroDivisionError", "AssertionError", "NotImplementedError", "RecursionError", "ImportError", "LookupError"),
        *("ModuleNotFoundError", "SyntaxError", "IndentationError", "UnicodeDecodeError", "UnicodeEncodeError"),
        *("ReferenceError", "RangeError", "NullPointerException", "ClassCastException", "IndexOutOfBoundsException"),
        *("ArrayIndexOutOfBoundsException", "StringIndexOutOfBoundsException", "NumberFormatException"),
        *("IllegalArgumentException", "IllegalStateException", "NoSuchElementException", "ArithmeticException"),
        *(
            "ConcurrentModificationException",
            "UnsupportedOperationException",
            "StackOverflowError",
            "NoSuchMethodError",
        ),
        *("ClassNotFoundException", "NoClassDefFoundError", "NegativeArraySizeException", "DateTimeParseException"),
        *("UninitializedPropertyAccessException", "InvalidOperation", "decimal.InvalidOperation"),
    }
)
"""What programs raise where their own code is wrong, or does not expect what it got, in four languages."""

_GO_PROGRAMMING = re.compile(
    r"nil pointer dereference|index out of range|slice bounds out of range|nil map|interface conversion"
    r"|divide by zero|concurrent map|close of (?:closed|nil) channel|send on closed channel|all goroutines are asleep"
)
_CALL_TYPE = re.compile(
    r"http|connect|time.?out|socket|ssl|tls|certificate|request|response|axios|fetch|grpc|url|jwt|token|oauth|auth"
    r"|signature|json|network|dns|proxy|io(?:exception|error)$|oserror|out.?of.?memory|memoryerror",
    re.IGNORECASE,
)
"""A type that tells of a call which failed, of what came back, or of the machine: others' rules."""

_CALL_MESSAGE = re.compile(
    r"fetch failed|network ?error|\bE(?:CONN|NOTFOUND|TIMEDOUT|AI_AGAIN|PIPE|MFILE|NOSPC)|status(?: code)? ?[45]\d\d"
    r"|HTTP[ /]?\d|\b[45]\d\d (?:Client|Server) Error|timed? ?out|connection (?:refused|reset|closed)|certificate"
    r"|JSON|out of memory|too many open files",
    re.IGNORECASE,
)
_TYPE = re.compile(r"[\w.$]{1,200}")
_RESPONSE_LIKE = frozenset(
    {
        *("KeyError", "TypeError", "AttributeError", "ValueError", "IndexError", "LookupError", "ReferenceError"),
        *("NullPointerException", "NumberFormatException", "DateTimeParseException", "UnicodeDecodeError"),
        *("ClassCastException", "NoSuchElementException"),
    }
)
_GO_RESPONSE_LIKE = re.compile(r"nil pointer|interface conversion|nil map")
"""Errors that a field makes too which an answer lacks, or holds in another form than before."""


def code_error(case: Case) -> Finding | None:
    """A stack trace ends in the customer's own code, and nothing else in the case has failed."""
    if any(_failed_calls(case)):
        return None
    for trace, place in case.facts(StackTrace):
        frame = trace.own_frame
        if frame is not None and _is_programming(trace):
            return _finding(case, trace, frame, place)
    return None


def _failed_calls(case: Case) -> Iterator[bool]:
    """Whether something failed that explains the trace."""
    yield any(each.exchange.error or (told_status(each.exchange) or 0) >= 400 for each in answers(case))
    for kind in (ClientError, CorsMessage, GraphqlError, OAuthError, ScimError, SsoMessage):
        yield case.first(kind) is not None
    yield any(saml.status not in ("", "Success") for saml, _ in case.facts(SamlResponse))
    yield any((body.status or 0) >= 400 for body, _ in case.facts(JsonBody))
    yield any(status[:1] in ("4", "5") for log, _ in case.facts(LogSummary) for status in log.statuses)


def _is_programming(trace: StackTrace) -> bool:
    types = [_type_of(words) for words in (trace.exception, *trace.causes)]
    if any(_CALL_TYPE.search(each) for each in types):
        return False
    if any(_CALL_MESSAGE.search(words) for words in (trace.message, *trace.causes)):
        return False
    if trace.language == "go":
        return bool(_GO_PROGRAMMING.search(trace.message))
    return any(each in _PROGRAMMING for each in types)


def _type_of(words: str) -> str:
    """The last part of an exception's name."""
    match = _TYPE.match(words)
    return match.group().rpartition(".")[2].rpartition("$")[2] if match else ""


def _finding(case: Case, trace: StackTrace, frame: Frame, place: Place) -> Finding:
    where = f"{frame.file}, line {frame.row}" if frame.row else frame.file
    times = f", {trace.count:,} times" if trace.count > 1 else ""
    name = _type_of(trace.exception) or trace.exception
    clues = (
        Clue(text(f'The trace says: "{_one_line(trace)}"{times}'), place),
        Clue(text(f"Its innermost frame in code that is no library is {frame.function or 'at'} in {where}"), place),
    )
    innermost = not trace.frames[-1].library
    against = _against(case, trace, innermost)
    return Finding(
        _certainty(case, innermost, bool(against)),
        text(f"The customer's own code fails: {name} in {where}"),
        clues,
        against,
        {"exception": name, "where": where, "function": frame.function or where},
    )


def _certainty(case: Case, innermost: bool, doubted: bool) -> Certainty:
    """Known where nothing else is left: it was raised in the code itself, and no answer of ours can be behind it."""
    if not innermost or case.statement.statuses:
        return "possible"
    return "likely" if doubted else "known"


def _against(case: Case, trace: StackTrace, innermost: bool) -> tuple[Clue, ...]:
    clues = []
    if not innermost:
        clues.append(Clue(text("It was raised within a library: what the code handed to it is not told")))
    if case.statement.statuses:
        clues.append(Clue(text("The message names an HTTP error too: the code may only stumble over that answer")))
    if _may_be_of_an_answer(trace) and not _went_well(case):
        clues.append(Clue(text("A field that our answer did not hold would look the same: the raw answer is not here")))
    return tuple(clues)


def _may_be_of_an_answer(trace: StackTrace) -> bool:
    if trace.language == "go":
        return _GO_RESPONSE_LIKE.search(trace.message) is not None
    return any(_type_of(words) in _RESPONSE_LIKE for words in (trace.exception, *trace.causes))


def _went_well(case: Case) -> bool:
    """Whether a call is shown that was answered well: then nothing that failed is behind it."""
    return any(200 <= (each.status or 0) < 300 for each in answers(case))


def _one_line(trace: StackTrace) -> str:
    words = f"{trace.exception}: {trace.message}" if trace.message else trace.exception
    return " ".join(words.split())[:160]
