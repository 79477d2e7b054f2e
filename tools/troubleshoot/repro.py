"""Scripts that reproduce a case or check its data: masked, never run here, and nothing in them that was not shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.repro_queries import queries
from tools.troubleshoot.repro_requests import Request, as_curl, as_python, request_of

Language = Literal["curl", "python", "sql"]


@dataclass(frozen=True, slots=True)
class Script:
    """A script; `note` says what to know before it is run. Secrets are environment variables."""

    language: Language
    title: str
    text: str
    note: str = ""


def repro(case: Case) -> tuple[Script, ...]:
    """The failing request as curl and Python, and queries that only read; nothing of what the case does not show."""
    request = _request(case)
    scripts = []
    if request is not None:
        note = request.note
        scripts.append(Script("curl", "The request as curl", as_curl(request), note))
        scripts.append(Script("python", "The request in Python", as_python(request), note))
    scripts += [Script("sql", query.title, query.text, query.note) for query in queries(case)]
    return tuple(scripts)


def _request(case: Case) -> Request | None:
    """The first request that failed and can be written; else the first that can."""
    shown = [*_exchanges(case)]
    ordered = [*(each for each in shown if each.failed), *(each for each in shown if not each.failed)]
    return next((request for each in ordered if (request := request_of(_whole(each, shown))) is not None), None)


def _whole(found: Exchange, shown: Sequence[Exchange]) -> Exchange:
    """The same call as it is shown with its host, where it is: a log has neither host nor body."""
    if found.host:
        return found
    same = (each for each in shown if each.host and (each.method, each.path) == (found.method, found.path))
    return next(same, found)


def _exchanges(case: Case) -> Iterator[Exchange]:
    """The exchanges of the case, then the samples of its logs that have failed."""
    for exchange, _ in case.facts(Exchange):
        yield exchange
    for log, _ in case.facts(LogSummary):
        yield from (sample for sample in log.samples if sample.failed)
