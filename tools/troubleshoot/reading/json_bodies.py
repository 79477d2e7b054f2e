"""Finds JSON that stands by itself, readable or not, and reads what the bodies of requests and responses say."""

import re
from collections.abc import Iterator, Sequence

from tools.escalate.request_ids import find_request_ids
from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.facts.base import LONGEST_TEXT, Fact
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.reading.bodies import begins_json, json_end, paragraph_end
from tools.troubleshoot.reading.exchanges import Message
from tools.troubleshoot.reading.graphql import graphql_errors
from tools.troubleshoot.reading.json_errors import read_json
from tools.troubleshoot.reading.json_fields import code_in, fields_in, is_error, message_in, status_in
from tools.troubleshoot.reading.parser import Piece

MOST_BODIES = 60

_LABELLED = re.compile(r"[ \t>*•-]{0,8}[A-Za-z][\w /().-]{0,60}(?::|=|->|→)[ \t]{0,3}(?=[\[{])")
_STATUS_BEHIND = re.compile(r"\}[ \t,(-]{1,4}(?:HTTP |status )?([45]\d\d)(?![\w.-])[^}\n]{0,500}$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[(?:\d|\]|true|false|null)")
_AS_PYTHON = re.compile(r"['\"](?:error|errors|message|detail|code|status|type)['\"]\s*:")
_PYTHON_VALUE = re.compile(r"['\"](?P<name>message|detail|code|type|error)['\"]\s*:\s*['\"](?P<value>[^'\"\n]{1,500})")


def find_json(text: str) -> tuple[Piece, ...]:
    """The JSON texts that begin a line, or follow a label on it."""
    return tuple(_pieces(text.split("\n")))


def json_body(text: str, line: int = 1) -> JsonBody:
    """What a JSON text says. Where it cannot be read, `fault` says why, but of an object as Python prints it."""
    read = read_json(text)
    if read.fault and _is_printed_by_python(text):
        said = {match["name"]: match["value"] for match in _PYTHON_VALUE.finditer(text[:LONGEST_TEXT])}
        message = said.get("message") or said.get("detail") or said.get("error", "")
        return JsonBody(
            line=line, text=text[:LONGEST_TEXT], message=message, code=said.get("code") or said.get("type", "")
        )
    fails = not read.fault and is_error(read.value)
    return JsonBody(
        line=line,
        text=text[: 2 * LONGEST_TEXT],
        status=status_in(read.value) if fails else None,
        code=code_in(read.value) if fails else "",
        message=message_in(read.value) if fails else "",
        fields=fields_in(read.value) if fails else (),
        fault=read.fault or _twice(read.repeated),
        request_ids=find_request_ids(text[: 2 * LONGEST_TEXT])[:10],
    )


def facts_of_bodies(messages: Sequence[Message]) -> tuple[Fact, ...]:
    """What the bodies of an exchange say: a request's JSON that cannot be read, and what a response says is wrong.

    `body_line` of each message counts from the artifact's first line, from 0.
    """
    facts: list[Fact] = []
    for message in messages:
        body = (message.body or "").strip()
        if begins_json(body):
            facts += _of_request(body, message) if message.asks else _of_response(body, message.body_line + 1)
    return tuple(facts)


def _of_request(body: str, message: Message) -> list[Fact]:
    found = json_body(body, message.body_line + 1)
    declared = message.headers.get("content-type", "json")
    return [found] if found.fault and "json" in declared else []


def _of_response(body: str, line: int) -> list[Fact]:
    errors = graphql_errors(read_json(body).value, line)
    if errors:
        return list(errors)
    found = json_body(body, line)
    return [found.model_copy(update={"fault": ""})] if found.message or found.code else []


def _pieces(lines: Sequence[str]) -> Iterator[Piece]:
    place, count = 0, 0
    while place < len(lines) and count < MOST_BODIES:
        begun = _begun(lines[place])
        if begun is None:
            place += 1
            continue
        block = [lines[place][begun:], *lines[place + 1 :]] if begun else lines
        first = 0 if begun else place
        end = json_end(block, first) or paragraph_end(block, first)
        count += 1
        yield _piece("\n".join(block[first:end]).strip(), place, place + end - first)
        place += end - first


def _begun(line: str) -> int | None:
    """Where JSON begins in the line; None where none does."""
    if begins_json(line) and not _FOOTNOTE.match(line.lstrip()[:20]):
        return 0
    match = _LABELLED.match(line)
    return match.end() if match and begins_json(line[match.end() :]) else None


def _piece(text: str, first: int, end: int) -> Piece:
    errors = graphql_errors(read_json(text).value)
    kind: ArtifactKind = "graphql" if errors else "json"
    return Piece(kind, first + 1, end, errors or (_with_status(json_body(text)),))


def _with_status(body: JsonBody) -> JsonBody:
    """The body with the status that is written behind it on its line."""
    match = _STATUS_BEHIND.search(body.text) if body.status is None else None
    return body.model_copy(update={"status": int(match[1])}) if match else body


def _is_printed_by_python(text: str) -> bool:
    """Whether it is an error as a Python program prints the dictionary: no request was ever sent like that."""
    return text.lstrip()[:2] in ("{'", "[{") and _AS_PYTHON.search(text[:LONGEST_TEXT]) is not None


def _twice(names: Sequence[str]) -> str:
    return f"the same name twice in one object: {', '.join(names)}"[:300] if names else ""
