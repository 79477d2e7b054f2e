"""Finds HTTP requests and responses as they stand in a text, and joins each request with its response."""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.reading.bodies import body_end
from tools.troubleshoot.reading.cleaning import BOUNDARY
from tools.troubleshoot.reading.exchanges import Message, exchange_of, redirected
from tools.troubleshoot.reading.headers import field_of, read_headers, side_of_headers
from tools.troubleshoot.reading.http_starts import Start, loose_start, strict_start
from tools.troubleshoot.reading.json_bodies import facts_of_bodies
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.webhooks import delivery_of

MOST_EXCHANGES = 60
MOST_BETWEEN = 3
"""Empty lines and labels between a request and its response."""

LEAST_HEADERS_ALONE = 2
SHORTEST_START = len("< 401")

_LABEL = re.compile(
    r"\W{0,4}(?:(?:and|then|it|we|which|the|our|full|raw|sample) ){0,3}(?:http )?"
    r"(?:request|response|reply|answer|returns?|returned|headers?|body|payload|output|result|data|send|sent|get|gets|got)"
    r"(?: (?:headers?|body|payload|was|is|data|json))?[ :=*_-]{0,4}",
    re.IGNORECASE,
)
_PREFIXED_BODY = re.compile(
    r"(?:(?:request|response|error) )?(?:body|payload|data|response|error|output)[ ]{0,2}[:=][ ]{0,2}(?=[\[{])",
    re.IGNORECASE,
)
_BODILESS = ("GET", "HEAD", "OPTIONS")
_STANDS_ALONE = re.compile(
    r"retry-after|www-authenticate|stripe-signature|x-hub-signature(?:-256)?|x-slack-signature|(?:webhook|svix)-signature"
    r"|x-shopify-hmac-sha256|(?:x-)?ratelimit-[a-z-]+|x-rate-limit-[a-z-]+|authorization"
    r"|access-control-allow-[a-z-]+"
)

Starts = Callable[[str], Start | None]


def find_http(text: str) -> tuple[Piece, ...]:
    """Requests and responses that begin as the protocol has it; what follows them may be looser."""
    return tuple(_pieces(text.split("\n"), strict_start))


def find_loose_http(text: str) -> tuple[Piece, ...]:
    """Requests, responses and header fields as tools and people write them."""
    return tuple(_pieces(text.split("\n"), loose_start))


def messages_in(lines: Sequence[str], starts: Starts, first: int = 0) -> tuple[Message, ...]:
    """The messages that follow each other from line `first` on: a request, its response, those after redirects."""
    found: list[Message] = []
    place: int | None = first
    while place is not None and len(found) < MOST_EXCHANGES:
        message = _message(lines, place, starts)
        if message is None or (found and message[0].asks):
            break
        found += message
        place = _next_start(lines, found[-1].end)
        starts = loose_start
    return tuple(found)


def joined(messages: Sequence[Message]) -> Iterator[tuple[Message | None, Message | None]]:
    """Requests with their responses, in order. A response after a redirect came from where that led."""
    request: Message | None = None
    lead: str | None = None
    for message in messages:
        if message.asks:
            if request is not None:
                yield request, None
            request, lead = message, None
        elif message.status is None or message.status >= 200:
            yield request, replace(message, url=lead) if lead else message
            lead = redirected(request.url if request else lead, message)
            request = None
    if request is not None:
        yield request, None


def is_label(line: str) -> bool:
    """Whether the line only names what follows: "Response:"."""
    return _LABEL.fullmatch(line.strip()) is not None


def _pieces(lines: Sequence[str], starts: Starts) -> Iterator[Piece]:
    place, count = 0, 0
    while place < len(lines) and count < MOST_EXCHANGES:
        if len(lines[place]) < SHORTEST_START:
            place += 1
            continue
        messages = messages_in(lines, starts, place)
        pairs = list(joined(messages))
        for request, response in pairs:
            yield _piece(request, response)
        count += len(pairs)
        place = messages[-1].end if messages else place + 1


def _piece(request: Message | None, response: Message | None) -> Piece:
    """The piece of an exchange, with what its bodies say, and the webhook where it is one."""
    parts = [part for part in (request, response) if part is not None]
    first = min(part.first for part in parts)
    exchange = exchange_of(request, response, "http")
    bodies = [replace(part, body_line=part.body_line - first) for part in parts]
    delivery = delivery_of(exchange)
    facts: tuple[Fact, ...] = (*((delivery,) if delivery else ()), exchange, *facts_of_bodies(bodies))
    kind: ArtifactKind = "webhook" if delivery else "http"
    return Piece(kind, first + 1, max(part.end for part in parts), facts)


def _message(lines: Sequence[str], place: int, starts: Starts) -> tuple[Message, ...] | None:
    """The message that begins at the line: two where one line holds request and response."""
    start = starts(lines[place])
    if start is None:
        return _headers_alone(lines, place) if starts is loose_start else None
    if start.is_request and start.status is not None:
        request = Message(True, place, place + 1, start.method, start.url, start.version)
        return request, _with_rest(lines, replace(_begun(start, place), asks=False, method=None, url=None), start)
    return (_with_rest(lines, _begun(start, place), start),)


def _begun(start: Start, place: int) -> Message:
    return Message(
        start.is_request,
        place,
        place + 1,
        start.method,
        start.url,
        start.version,
        start.status,
        start.reason,
        took_ms=start.took_ms,
    )


def _with_rest(lines: Sequence[str], message: Message, start: Start) -> Message:
    """The message with the headers and the body that follow its first line."""
    headers, end = read_headers(lines, message.end)
    message = replace(message, headers=headers, end=end)
    if start.body:
        return _with_body_from(lines, message, message.first, start.body)
    return _with_body(lines, message)


def _with_body(lines: Sequence[str], message: Message) -> Message:
    place = message.end
    if message.method in _BODILESS and "content-length" not in message.headers:
        return message
    for _ in range(MOST_BETWEEN):
        if place >= len(lines) or lines[place] == BOUNDARY:
            return message
        prefix = _PREFIXED_BODY.match(lines[place].strip())
        if prefix:
            return _with_body_from(lines, message, place, lines[place].strip()[prefix.end() :])
        if lines[place].strip() and not is_label(lines[place]):
            break
        if _names_other_side(lines[place], message):
            return message
        place += 1
    if place >= len(lines) or lines[place] == BOUNDARY or strict_start(lines[place]):
        return message
    end = body_end(lines, place, message.headers)
    return message if end is None else _ending(message, "\n".join(lines[place:end]), place, end)


def _with_body_from(lines: Sequence[str], message: Message, place: int, begun: str) -> Message:
    """The message whose body begins in the midst of a line, and goes on in the next ones where it is not closed."""
    rest = [begun, *lines[place + 1 : place + 1 + 2_000]]
    end = body_end(rest, 0, {}) or 1
    return _ending(message, "\n".join(rest[:end]), place, max(place + end, message.end))


def _ending(message: Message, body: str, place: int, end: int) -> Message:
    body = re.sub(r"\* (?:Connection|Closing) #?\d.*$", "", body)  # curl -v writes on where the body ended
    return replace(message, body=textwrap.dedent(body), body_line=place, end=end)


def _names_other_side(line: str, message: Message) -> bool:
    """Whether a label begins what is not this message's: "Response:" after a request."""
    other = r"respon|reply|answer|return|output|result|g[eo]t" if message.asks else r"request|sen[dt]|payload"
    return re.search(other, line, re.IGNORECASE) is not None


def _next_start(lines: Sequence[str], place: int) -> int | None:
    """Where the next message may begin: over empty lines, a fence and a label. Headers alone need a label."""
    labelled = False
    for step in range(place, min(place + MOST_BETWEEN + 1, len(lines))):
        line = lines[step].strip()
        if line and (loose_start(line) is not None or (labelled and field_of(line) is not None)):
            return step
        if line and not is_label(line):
            return None
        labelled = labelled or bool(line)
    return None


def _headers_alone(lines: Sequence[str], place: int) -> tuple[Message, ...] | None:
    """Header fields without a start line: several, or one that nothing else is written like. They begin together."""
    if field_of(lines[place]) is None or (place > 0 and field_of(lines[place - 1]) is not None):
        return None
    headers, end = read_headers(lines, place)
    side = side_of_headers(headers)
    if side is None or (len(headers) < LEAST_HEADERS_ALONE and not _STANDS_ALONE.fullmatch(next(iter(headers)))):
        return None
    method, url = headers.pop("request method", None), headers.pop("request url", None)
    status = re.match(r"[1-5]\d\d", headers.pop("status code", "") or headers.get(":status", ""))
    answered = Message(False, place, end, status=int(status[0]) if status else None, headers=headers)
    if not url and side == "response":
        return (_with_body(lines, answered),)
    asked = Message(True, place, end, method or headers.get(":method"), url, headers=headers)
    if status is None:
        return (_with_body(lines, asked),)
    return replace(asked, headers={}), _with_body(lines, answered)
