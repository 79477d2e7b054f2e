"""What the artifacts show of the failure itself: the error, the endpoint, the times, the ids, the lines that matter."""

import datetime as dt
from collections.abc import Iterator

from tools.escalate.endpoints import Endpoint
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.artifact import AnyFact
from tools.troubleshoot.facts.http import ClientError, CorsMessage, Exchange, GraphqlError, WebhookDelivery
from tools.troubleshoot.facts.identity import OAuthError, SamlResponse, ScimError, SsoMessage
from tools.troubleshoot.facts.logs import LogSummary, Template
from tools.troubleshoot.facts.programs import JsonBody, StackTrace
from tools.troubleshoot.facts.tls import TlsTranscript
from tools.troubleshoot.wording import one_line

LONGEST_ERROR = 300
MOST_MOMENTS = 6
MOST_IDS = 20


def exchanges(case: Case) -> Iterator[Exchange]:
    """The requests, those within logs too."""
    for fact, _ in case.facts(Exchange):
        yield fact
    for log, _ in case.facts(LogSummary):
        yield from log.samples


def failed_exchange(case: Case) -> Exchange | None:
    """The first request that failed; else the first one."""
    found = list(exchanges(case))
    return next((each for each in found if each.failed), found[0] if found else None)


def endpoint(case: Case) -> Endpoint | None:
    """The endpoint that failed: as stated, else that of the first request that failed."""
    if case.statement.endpoint is not None:
        return case.statement.endpoint
    exchange = failed_exchange(case)
    if exchange is None or exchange.path is None:
        return None
    return Endpoint(exchange.path, exchange.method)


def error(case: Case) -> str | None:
    """The first error on one line: as the artifacts have it, else as it is quoted in the prose."""
    for artifact in case.artifacts:
        for fact in artifact.facts:
            if said := _error_in(fact):
                return one_line(said, LONGEST_ERROR)
    quoted = case.statement.quotes.get("error")
    return one_line(quoted, LONGEST_ERROR) if quoted else None


def moments(case: Case) -> tuple[str, ...]:
    """When it failed, each with its zone: from artifacts, else as stated."""
    told = sorted({at for at in _moments(case) if at is not None})
    if told:
        shown = told if len(told) <= MOST_MOMENTS else [*told[: MOST_MOMENTS - 1], told[-1]]
        return tuple(f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC" for at in shown)
    return tuple(moment.text for moment in case.statement.moments[:MOST_MOMENTS])


def request_ids(case: Case) -> tuple[str, ...]:
    """Ids of failed requests, each once."""
    found = [name for each in exchanges(case) if each.failed for name in each.request_ids]
    found += [name for log, _ in case.facts(LogSummary) for name in log.request_ids]
    found += [name for body, _ in case.facts(JsonBody) for name in body.request_ids]
    return tuple(dict.fromkeys((*found, *case.statement.request_ids)))[:MOST_IDS]


def telling_lines(log: LogSummary, most: int) -> tuple[Template, ...]:
    """The templates of errors, the most frequent first; of a log without errors the rarest."""
    failing = [each for each in log.templates if each.is_error]
    if failing:
        return tuple(sorted(failing, key=lambda each: (-each.count, each.line))[:most])
    return tuple(sorted(log.templates, key=lambda each: (each.count, each.line))[:most])


def logs(case: Case) -> Iterator[tuple[LogSummary, Place]]:
    """The logs, the longest first."""
    yield from sorted(case.facts(LogSummary), key=lambda each: -each[0].lines)


def _error_in(fact: AnyFact) -> str:
    """What a fact says went wrong; "" where it says nothing."""
    match fact:
        case Exchange():
            return _error_of(fact)
        case ClientError() | CorsMessage() | SsoMessage():
            return fact.text
        case GraphqlError():
            return fact.message
        case OAuthError():
            return f"{fact.error}: {fact.description}" if fact.description else fact.error
        case ScimError():
            return f"{fact.status or ''} {fact.scim_type} {fact.detail}".strip()
        case SamlResponse():
            failed = fact.status if fact.status not in ("", "Success") else ""
            return f"{failed} {fact.sub_status} {fact.status_message}".strip() if failed else ""
        case WebhookDelivery():
            return fact.verdict_text
        case TlsTranscript():
            return f"verify error {fact.verify_code}: {fact.verify_text}" if fact.verify_code else fact.alert
        case StackTrace():
            return f"{fact.exception}: {fact.message}" if fact.message else fact.exception
        case JsonBody():
            return fact.message
        case LogSummary():
            return next((each.sample for each in fact.templates if each.is_error), "")
        case _:
            return ""


def _error_of(exchange: Exchange) -> str:
    if not exchange.failed:
        return ""
    if exchange.error:
        return exchange.error
    head = f"{exchange.status} {exchange.reason}".strip()
    body = one_line(exchange.response_body or "", LONGEST_ERROR)
    return f"{head} {body}".strip()


def _moments(case: Case) -> Iterator[dt.datetime | None]:
    for fact, _ in case.facts(Exchange):
        if fact.failed:
            yield fact.at
    for error_fact, _ in case.facts(ClientError):
        yield error_fact.at
    for message, _ in case.facts(SsoMessage):
        yield message.at
    for oauth, _ in case.facts(OAuthError):
        yield oauth.at
    for log, _ in case.facts(LogSummary):
        if log.zone_known:
            failing = [each for each in log.templates if each.is_error]
            yield from (each.first for each in failing[:MOST_MOMENTS])
            yield from (each.last for each in failing[:1])
