"""Finds curl commands with what they printed, and what `curl -v` writes by itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tools.escalate.curl import Curl, find_curl
from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.reading.credentials import Credentials, credentials_of
from tools.troubleshoot.reading.curl_options import INNER_QUOTE, CurlRequest, read_curl
from tools.troubleshoot.reading.curl_output import Output, begins_transcript, durations, read_output
from tools.troubleshoot.reading.exchanges import Message, exchange_of
from tools.troubleshoot.reading.http_messages import joined
from tools.troubleshoot.reading.json_bodies import facts_of_bodies
from tools.troubleshoot.reading.openssl import transcript_in
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines
from tools.troubleshoot.reading.webhooks import delivery_of

MOST_TRANSCRIPTS = 20

_CONTINUED = re.compile(r"(?<=[ \t])[\^`](?=\n[ \t]*-)")
_ANSI_C = re.compile(r"\$'(?:[^'\\]|\\[\s\S]){0,8000}+'")
_CARET = re.compile(r"\^(.)")
_BEFORE = re.compile(r"[ \t]*(?:[$#>%`*•-]+[ \t]*|PS [^>\n]{0,80}>[ \t]*|[\w ]{1,30}:[ \t]*|[\w@:~-]{1,40}[$#][ \t]*)*")
"""What may stand before a command that has its line to itself: a prompt, a label, a bullet."""


def find_curl_calls(text: str) -> tuple[Piece, ...]:
    """Commands that have their lines to themselves, with their output; and transcripts of `-v` with no command."""
    lines = text.split("\n")
    taken: list[Piece] = [_call(curl, text, lines) for curl in _commands(text) if _has_its_lines(curl, text)]
    pieces = [piece for piece in taken if piece.facts]
    return (*pieces, *_transcripts(lines, pieces))


def find_curl_mentions(text: str) -> tuple[Piece, ...]:
    """Commands within a sentence: what they send, without the line."""
    found = []
    at = Lines(text)
    for curl in _commands(text):
        if not _has_its_lines(curl, text) and (request := read_curl(_shell(curl.text))):
            line = at.at(curl.start)
            found.append(Piece("curl", line, line, (_exchange(request, None, None),)))
    return tuple(found)


def _commands(text: str) -> tuple[Curl, ...]:
    """The commands of a text. What is replaced in it is as long as it was, so that places hold."""
    if "curl" not in text:
        return ()
    text = _ANSI_C.sub(lambda quoted: quoted.group().replace("\\'", INNER_QUOTE), text)
    return find_curl(_CONTINUED.sub(lambda _: "\\", text))


def _shell(command: str) -> str:
    """The command as a POSIX shell has it: Windows writes ^ for \\ and before quotes."""
    return _CARET.sub(r"\1", command) if any(mark in command for mark in ('^"', '^\\"', "^{")) else command


def _has_its_lines(curl: Curl, text: str) -> bool:
    line_start = text.rfind("\n", 0, curl.start) + 1
    line_end = text.find("\n", curl.end)
    after = text[curl.end : line_end if line_end >= 0 else len(text)]
    return _BEFORE.fullmatch(text[line_start : curl.start][-200:]) is not None and after.strip(" \t`\\.;") == ""


def _call(curl: Curl, text: str, lines: Sequence[str]) -> Piece:
    at = Lines(text)
    first, last = at.at(curl.start), at.at(max(curl.end - 1, curl.start))
    request = read_curl(_shell(curl.text))
    if request is None:
        return Piece("curl", first, last, ())
    output = read_output(lines, last, after_command=True)
    notes = () if curl.closed else ("its quotes do not close",)
    output.end = max(output.end, last)
    return _piece(request, output, lines, first - 1, notes)


def _transcripts(lines: Sequence[str], taken: Sequence[Piece]) -> Iterator[Piece]:
    """`-v` output with no command before it: it is known by its first line."""
    free = {number for piece in taken for number in range(piece.first - 1, piece.last)}
    place, count = 0, 0
    while place < len(lines) and count < MOST_TRANSCRIPTS:
        if place in free or not begins_transcript(lines[place]):
            place += 1
            continue
        output = read_output(lines, place, after_command=False)
        count += 1
        if output.messages or output.error:
            yield _piece(None, output, lines, place, ())
        place = max(output.end, place + 1)


def _piece(
    command: CurlRequest | None, output: Output, lines: Sequence[str], first: int, notes: tuple[str, ...]
) -> Piece:
    pairs = list(joined(output.messages)) or [(None, None)]
    exchanges = [
        _exchange(command if place == 0 else None, request, response, first)
        for place, (request, response) in enumerate(pairs)
    ]
    exchanges[-1] = _ended(exchanges[-1], output)
    bodies = [replace(each, body_line=each.body_line - first) for each in output.messages]
    if command is not None and command.body is not None and not notes:
        bodies.insert(0, Message(True, 0, 0, headers=command.headers, body=command.body))
    delivery = delivery_of(exchanges[0])
    tls = transcript_in("\n".join(lines[first : output.end]))
    others = [fact for fact in (delivery, tls) if fact is not None]
    kind: ArtifactKind = "webhook" if delivery else "curl"
    return Piece(kind, first + 1, output.end, (*others, *exchanges, *facts_of_bodies(bodies)), notes)


def _exchange(
    command: CurlRequest | None, request: Message | None, response: Message | None, first: int = 0
) -> Exchange:
    """What was sent by the transcript where it shows it, else by the command."""
    line = max((request or response or Message(True, first, 0)).first - first, 0) + 1
    if command is None:
        return exchange_of(request, response, "curl", line=line)
    sent = Message(True, 0, 0, command.method, command.url, headers=command.headers, body=command.body)
    if request is not None:
        sent = replace(request, url=command.url, body=command.body)
    exchange = exchange_of(
        sent,
        response,
        "curl",
        credentials=command.credentials or _left_out(command, request),
        expanded=request is not None or command.expanded,
    )
    return exchange.model_copy(
        update={"timeout_seconds": command.max_seconds, "proxy": command.proxy, "insecure": command.insecure}
    )


def _left_out(command: CurlRequest, request: Message | None) -> Credentials | None:
    """The key of the command, where the pasted transcript leaves its header out; an unset variable sends none."""
    if request is None or credentials_of(request.headers, command.url).scheme is not None:
        return None
    written = credentials_of(command.headers, command.url, expanded=command.expanded)
    return written if written.tail else None


def _ended(exchange: Exchange, output: Output) -> Exchange:
    """The last exchange with what curl says of its end: its error and its times."""
    total = output.timings.get("total")
    return exchange.model_copy(
        update={
            "error": output.error[:1_000],
            "timings": durations(output.timings),
            "duration_ms": total if total is not None else exchange.duration_ms,
        }
    )
