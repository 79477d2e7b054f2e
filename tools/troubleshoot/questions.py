"""The five questions of persona §4.2: what answers each in a case, and which are still to be asked."""

import re
from collections.abc import Callable, Iterator

from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.diagnosis import Diagnosed
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import ClientError, CorsMessage, Exchange, GraphqlError, WebhookDelivery
from tools.troubleshoot.facts.identity import OAuthError, SamlResponse, ScimError, SsoMessage, Token
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import JsonBody, StackTrace, TraceSummary
from tools.troubleshoot.facts.tls import TlsTranscript
from tools.troubleshoot.reading.prose_words import key_tail_in
from tools.troubleshoot.statement import QUESTIONS, QuestionKey

MOST_READ = 8_000
"""Characters of an artifact that are searched for the last characters of a key."""

_ACCESS_LOGS = ("nginx", "envoy")
"""Logs that tell statuses, and never what the answer said."""

_SIGN_IN = re.compile(r"\b(?:SSO|SAML|OIDC|single sign-?on|(?:log|sign) ?in|logins?|sign-?ins?)\b", re.IGNORECASE)
"""People sign in without an API key."""


def answered(case: Case) -> dict[QuestionKey, str]:
    """Which questions are answered, and by what: the person's own words, else where in the artifacts it stands."""
    found: dict[QuestionKey, str] = {}
    for key in QUESTIONS:
        answer = case.statement.quotes.get(key) or _in_artifacts(case, key)
        if answer:
            found[key] = answer
    return found


def missing(case: Case, diagnosed: Diagnosed) -> tuple[QuestionKey, ...]:
    """The questions that are still to be asked: those whose answers would change the next step.

    None where one cause is known or likely: what would prove it is asked for in its own words (`settles`).
    """
    if _leads_on(diagnosed):
        return ()
    known = answered(case)
    return tuple(key for key in QUESTIONS if key not in known and _is_of_use(key, case, diagnosed))


def _leads_on(diagnosed: Diagnosed) -> bool:
    """Whether one cause, or several on one side, are at least likely: the next step is then theirs."""
    if diagnosed.is_known:
        return True
    likely = [each for each in diagnosed.causes if each.finding.certainty == "likely"]
    return len(likely) == 1 or (bool(likely) and diagnosed.side != "undecided")


def _is_of_use(key: QuestionKey, case: Case, diagnosed: Diagnosed) -> bool:
    """Whether the answer would tell more than what is here, for a cause of the family of the first one."""
    if key == "expected" and _shows_behaviour(case):
        return False
    if key == "error" and _is_of_speed(case):
        return False
    if diagnosed.top is None:
        return key != "key" or _SIGN_IN.search(case.statement.text) is None
    if key == "expected":
        return True
    return case.parameters.rules[diagnosed.top.rule.id].family in case.parameters.questions[key].families


def _shows_behaviour(case: Case) -> bool:
    """Whether an artifact shows what happens, or a quoted error does: then nobody need say what they expected."""
    return case.first(Fact) is not None or "error" in case.statement.quotes


def _is_of_speed(case: Case) -> bool:
    """Whether it is about slow calls that a log shows, none of which failed: there is no error to quote."""
    if case.statement.statuses:
        return False
    logs = [log for log, _ in case.facts(LogSummary)]
    slow = any(log.durations and log.durations.max >= case.parameters.latency.slow for log in logs)
    return slow and not any(_has_failures(log) for log in logs)


def _has_failures(log: LogSummary) -> bool:
    return log.errors > 0 or any(status[:1] in ("4", "5") for status in log.statuses)


def _in_artifacts(case: Case, key: QuestionKey) -> str | None:
    tells = _TELLING.get(key)
    if tells is None:
        return None
    found = next((_where(fact, place) for fact, place in _facts(case) if tells(fact)), None)
    return found or (_written_key(case) if key == "key" else None)


def _written_key(case: Case) -> str | None:
    """Where a key stands in an artifact's own words: masked, its last four characters stay."""
    for artifact in case.artifacts:
        if key_tail_in(artifact.text[:MOST_READ]):
            return f"{Place(artifact.name, artifact.first)} ({artifact.kind.replace('_', ' ')})"
    return None


def _facts(case: Case) -> Iterator[tuple[Fact, Place]]:
    for fact, place in case.facts(Fact):
        yield fact, place
        if isinstance(fact, LogSummary):
            yield from ((sample, place) for sample in fact.samples)


def _where(fact: Fact, place: Place) -> str:
    kind = getattr(fact, "kind", "").replace("_", " ")
    return f"{place} ({kind})"


def _tells_error(fact: Fact) -> bool:
    """A bare status is no error message: what the answer says of it is asked for."""
    match fact:
        case Exchange():
            return fact.failed and bool(fact.error or fact.response_body or fact.response_headers)
        case SamlResponse():
            return bool(fact.fault) or fact.status not in ("", "Success")
        case TlsTranscript():
            return bool(fact.verify_code or fact.alert)
        case JsonBody():
            return bool(fact.message or fact.fault)
        case LogSummary():
            return fact.errors > 0 and fact.format not in _ACCESS_LOGS
        case WebhookDelivery():
            return fact.verdict in ("mismatch", "too_old", "missing")
    return isinstance(fact, ClientError | CorsMessage | GraphqlError | OAuthError | SsoMessage | ScimError | StackTrace)


def _tells_request(fact: Fact) -> bool:
    """Of a webhook, the delivery or the code that handles it is the request."""
    match fact:
        case Exchange():
            return bool(fact.method and fact.url)
        case CorsMessage():
            return fact.url is not None
        case LogSummary():
            return fact.breakdown("endpoint") is not None
        case WebhookDelivery():
            return bool(fact.headers) or fact.parsed_first
    return False


def _tells_time(fact: Fact) -> bool:
    match fact:
        case Exchange() | ClientError() | OAuthError() | SsoMessage() | StackTrace():
            return fact.at is not None
        case LogSummary():
            return fact.zone_known and fact.first is not None
        case TraceSummary():
            return fact.started_at is not None
        case SamlResponse():
            return fact.issue_instant is not None
        case WebhookDelivery():
            return fact.received_at is not None
    return False


def _tells_key(fact: Fact) -> bool:
    return isinstance(fact, Token) or (isinstance(fact, Exchange) and fact.key_tail is not None)


_TELLING: dict[QuestionKey, Callable[[Fact], bool]] = {
    "error": _tells_error,
    "request": _tells_request,
    "time": _tells_time,
    "key": _tells_key,
}
