"""Reads what people write beside the artifacts: which of the five questions it answers, whom it hits, since when."""

import re
from collections.abc import Callable, Sequence
from itertools import islice

from tools.escalate.endpoints import Endpoint, find_code_request, find_endpoints
from tools.escalate.errors import find_error, find_statuses
from tools.escalate.moments import Moment, common_zone, find_moments
from tools.escalate.request_ids import find_request_ids
from tools.troubleshoot.facts.artifact import Artifact
from tools.troubleshoot.reading.prose_words import (
    bare_statuses_in,
    changes_in,
    expected_in,
    extent_in,
    impact_in,
    key_tail_in,
    quoted_error_in,
    since_in,
)
from tools.troubleshoot.statement import QuestionKey, Statement

MOST_READ = 40_000
"""Characters of prose that are read."""

MOST_MOMENTS = 50

_LETTERHEAD = re.compile(
    r"^\W{0,3}(?:date|sent|received):.*$|^\W{0,3}on .{5,80} wrote:.*$", re.IGNORECASE | re.MULTILINE
)
"""When a mail was written is not when something failed."""


def read_statement(artifacts: Sequence[Artifact]) -> Statement:
    """What the prose among the artifacts says."""
    lines = [
        (each.first + place, line)
        for each in artifacts
        if each.kind == "prose"
        for place, line in enumerate(each.text.split("\n"))
        if line.strip()
    ]
    text = "\n".join(line for _, line in lines)[:MOST_READ]
    moments = tuple(islice(find_moments(_LETTERHEAD.sub("", text)), MOST_MOMENTS))
    return Statement(
        text,
        quotes=_quotes(text, moments),
        statuses=tuple(dict.fromkeys((*find_statuses(text), *bare_statuses_in(text)))),
        endpoint=_endpoint(text),
        moments=moments,
        request_ids=find_request_ids(text),
        extent=extent_in(text),
        changed=changes_in(text),
        since=since_in(text),
        impact=impact_in(text),
        lines=tuple(lines),
    )


def _quotes(text: str, moments: Sequence[Moment]) -> dict[QuestionKey, str]:
    readers: dict[QuestionKey, Callable[[], str | None]] = {
        "error": lambda: find_error(text) or quoted_error_in(text),
        "request": lambda: _request(text),
        "time": lambda: _time(text, moments),
        "key": lambda: key_tail_in(text),
        "expected": lambda: expected_in(text),
    }
    said = ((key, read()) for key, read in readers.items())
    return {key: " ".join(words.split())[:300] for key, words in said if words}


def _endpoint(text: str) -> Endpoint | None:
    """The first endpoint with a method, else the first path."""
    found = list(islice(find_endpoints(text), MOST_MOMENTS))
    return next((each for each in found if each.method), found[0] if found else None)


def _request(text: str) -> str | None:
    """A request is told by a method with a path, or by a line of code; a path alone leaves it open."""
    endpoint = _endpoint(text)
    return str(endpoint) if endpoint and endpoint.method else find_code_request(text)


def _time(text: str, moments: Sequence[Moment]) -> str | None:
    """A time counts with its zone, or with one that the text names for all."""
    told = next((moment.text for moment in moments if moment.zone), None)
    zone = common_zone(text)
    return told or (f"{moments[0].text} {zone}" if moments and zone else None)
