"""Whose program wrote an artifact: one that calls the API, which is the customer's, or the service that answers."""

import ipaddress
import re
from collections.abc import Iterator

from app.domain.blocks import Side
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.artifact import Artifact
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import TraceSummary
from tools.troubleshoot.rules.answers import answers
from tools.troubleshoot.rules.receivers import is_api_host, is_private, receiver_of

MOST_READ = 24_000
"""Characters of an artifact that are searched for the addresses that its program calls."""

_URL_HOST = re.compile(r"\bhttps?://(?P<host>[\w.-]{3,253})", re.IGNORECASE)
_TARGET = re.compile(r"\b(?:host|lookup|to|connecting to)[ :=]{1,2}[\"']?(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")
_THEIRS = re.compile(
    r"\b(?:our|my|us|we)\b[^.\n]{0,40}\b(?:side-?car|egress|ingress|gateway|proxy|envoy|mesh|worker|receiver|consumer"
    r"|application|app|pods?|lambda|function|server|nginx|load[ -]?balancer)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)[ \"]+(?:https?://[\w.:-]{1,253})?(?P<path>/[^\s?\"#]{1,500})")


def written_by(case: Case, place: Place) -> Side | None:
    """Whose program wrote the artifact at a place; None where nobody can tell."""
    artifact = _artifact_at(case, place)
    if artifact is None:
        return None
    if any(_calls_an_api(artifact)) or any(_THEIRS.search(line) for _, line in case.statement.lines):
        return "customer"
    for fact in artifact.facts:
        if isinstance(fact, LogSummary) and serves_tenants(case, fact):
            return "product"
        if isinstance(fact, TraceSummary):
            return traced_by(case, fact)
    return None


def serves_tenants(case: Case, log: LogSummary) -> bool:
    """Whether a log tells of several named clients: only the service that they all call writes such a log."""
    clients = log.breakdown("client")
    named = [share for share in clients.values if not _is_address(share.value)] if clients else []
    return len(named) >= case.parameters.extent.clients


def traced_by(case: Case, trace: TraceSummary) -> Side | None:
    """Whose service a trace begins in: one that calls the API is the customer's, one that is called by it is ours."""
    spans = (*trace.slowest, *trace.failed)
    if any(span.peer and is_api_host(span.peer.lower()) for span in spans if span.span_kind == "client"):
        return "customer"
    if any(is_own_path(case, span.name) for span in spans if span.span_kind == "server"):
        return "product"
    return None


def is_own_path(case: Case, words: str) -> bool:
    """Whether the words name a request by a path that is seen, or said, to be one of the API's."""
    match = _REQUEST.search(words)
    if match is None:
        return False
    asked = {
        each.exchange.path
        for each in answers(case)
        if not each.in_log and each.exchange.host and receiver_of(case, each.exchange) == "ours"
    }
    said = case.statement.endpoint
    paths = asked | ({said.path.partition("?")[0]} if said and said.path else set())
    return any(path is not None and path.endswith(match["path"]) for path in paths)


def _calls_an_api(artifact: Artifact) -> Iterator[bool]:
    """Whether each host that is called in its words is an API's; a service names the requests it gets by their path."""
    for pattern in (_URL_HOST, _TARGET):
        for match in pattern.finditer(artifact.text[:MOST_READ]):
            host = match["host"].lower().rstrip(".")
            yield is_api_host(host) and not is_private(host)


def _artifact_at(case: Case, place: Place) -> Artifact | None:
    found = (each for each in case.artifacts if each.name == place.name and each.first <= place.line <= each.last)
    return next((each for each in found if each.kind != "prose"), None)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value.split(":")[0] if value.count(":") == 1 else value)
    except ValueError:
        return False
    return True
