"""Reads what curl prints after a command: `-v` lines, headers of `-i`, the body, `-w` timings and its own errors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tools.troubleshoot.reading.bodies import begins_json, body_end
from tools.troubleshoot.reading.exchanges import Message
from tools.troubleshoot.reading.headers import MOST_HEADERS, field_of
from tools.troubleshoot.reading.http_messages import is_label, messages_in
from tools.troubleshoot.reading.http_starts import loose_start, strict_start

MOST_LINES = 5_000
MOST_MESSAGES = 40
MOST_APART = 3
"""Empty lines, fences and labels within the output."""

VERBOSE = re.compile(r"(?P<mark>[*<>])(?: (?P<text>.*)|)|[{}] \[\d{1,12} bytes data\]")
_CONNECTION = re.compile(
    r"\* {1,4}(?:Trying |Connected to |Could not resolve |Host \S+ was resolved|connect to \S+ port"
    r"|SSL (?:connection|certificate)|SSL: |TLSv|Failed to connect|Immediate connect fail|ALPN|Closing connection"
    r"|Connection (?:#\d|timed out)|Resolving timed out|Operation timed out|OpenSSL |schannel|NSS error"
    r"|Server certificate|Recv failure|Send failure|Empty reply)"
)
_PROGRESS = re.compile(r"[ \t]*(?:% Total|Dload|\d{1,3} +\d\S* +\d{1,3} .*[\d-]{1,3}:[\d-]{2}:[\d-]{2}).*")
_ERROR = re.compile(r"curl: \(\d{1,3}\) .{1,1000}")
_TIMING = re.compile(
    r"[ \t]*\"?(?:time_)?(?P<name>namelookup|connect|appconnect|pretransfer|redirect|starttransfer|total|dns"
    r"|tls|ttfb)\"?"
    r"[ \t]*[:=][ \t]*\"?(?P<value>\d{1,6}(?:[.,]\d{1,9})?) ?(?P<unit>ms|s)?\"?,?[ \t]*",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?:time_)?(namelookup|connect|appconnect|pretransfer|redirect|starttransfer|total|dns|tls|ttfb)"
    r"[=:] ?(\d{1,6}[.,]\d{1,9}) ?(ms|s)?\b",
    re.IGNORECASE,
)
LEAST_TIMES = 3
"""So many of curl's times on one line are what `-w` printed there."""

_CODE = re.compile(r"[ \t]*(?:\"?(?:http_|response_)code\"?[ \t]*[:=][ \t]*)\"?(?P<status>[0-5]\d\d)\"?,?[ \t]*")
_HTML = re.compile(r"[ \t]*<(?:!doctype|html|\?xml|[A-Z][A-Za-z]{2,20}>)", re.IGNORECASE)
_SAME = {"dns": "namelookup", "tls": "appconnect", "ttfb": "starttransfer"}


@dataclass(slots=True)
class Output:
    """What was printed in lines [first, end), from 0. `timings` are curl's own, cumulative, in ms."""

    end: int
    messages: list[Message] = field(default_factory=list)
    error: str = ""
    timings: dict[str, float] = field(default_factory=dict)


def read_output(lines: Sequence[str], first: int, *, after_command: bool) -> Output:
    """The output that begins at `first`; its end is `first` where there is none."""
    output = Output(first)
    place, apart = first, 0
    until = min(len(lines), first + MOST_LINES)
    while place < until and apart <= MOST_APART and len(output.messages) < MOST_MESSAGES:
        if not lines[place].strip() or is_label(lines[place]):
            apart, place = apart + 1, place + 1
            continue
        goes_on = apart == 0 and place > first and VERBOSE.fullmatch(lines[place - 1]) is not None
        end = _read_line(lines, place, output, after_command, goes_on)
        if end == place:
            break
        apart, place, output.end = 0, end, end
    return output


def begins_transcript(line: str) -> bool:
    """Whether the line can only be one of `curl -v`: others begin with a mark, too, such as quotes and bullets."""
    verbose = VERBOSE.fullmatch(line)
    if verbose is None or verbose["mark"] is None:
        return verbose is not None
    return _CONNECTION.match(line) is not None or strict_start(verbose["text"] or "") is not None


def durations(timings: dict[str, float]) -> dict[str, float]:
    """curl's times, each since the start, as the durations of a HAR: dns, connect (without ssl), ssl, wait, receive."""
    looked_up, connected = timings.get("namelookup"), timings.get("connect")
    secured, first_byte = timings.get("appconnect") or None, timings.get("starttransfer")
    steps = (
        ("dns", 0.0, looked_up),
        ("connect", looked_up, connected),
        ("ssl", connected, secured),
        ("wait", timings.get("pretransfer") or secured or connected, first_byte),
        ("receive", first_byte, timings.get("total")),
    )
    return {
        name: round(until - since, 3)
        for name, since, until in steps
        if since is not None and until is not None and until >= since
    }


def _read_line(lines: Sequence[str], place: int, output: Output, after_command: bool, goes_on: bool) -> int:
    """Reads what stands at the line; the line after it, or the same where it is not curl's."""
    line = lines[place]
    verbose = VERBOSE.fullmatch(line) if goes_on or begins_transcript(line) else None
    if verbose:
        return _read_verbose(verbose["mark"], verbose["text"] or "", place, output)
    if _ERROR.fullmatch(line.strip()):
        output.error = line.strip()
        return place + 1
    if _PROGRESS.fullmatch(line):
        return place + 1
    if timing := _TIMING.fullmatch(line):
        _set_timing(output, timing["name"], timing["value"], timing["unit"])
        return place + 1
    if len(several := _TIMES.findall(line)) >= LEAST_TIMES:
        for name, value, unit in several:
            _set_timing(output, name, value, unit)
        return place + 1
    if code := _CODE.fullmatch(line):
        _set_status(output, int(code["status"]), place)
        return place + 1
    return _read_response(lines, place, output, after_command)


def _read_verbose(mark: str | None, text: str, place: int, output: Output) -> int:
    """A line of `-v`: the request after `>`, the response after `<`; the others tell of the connection."""
    if mark not in (">", "<"):
        return place + 1
    start = strict_start(text)
    if start is not None and start.is_request == (mark == ">"):
        message = Message(
            start.is_request, place, place + 1, start.method, start.url, start.version, start.status, start.reason
        )
        output.messages.append(message)
        return place + 1
    found = field_of(text)
    if found and output.messages and len(output.messages[-1].headers) < MOST_HEADERS:
        last = output.messages[-1]
        output.messages[-1] = replace(last, headers={**last.headers, found[0]: found[1]}, end=place + 1)
    return place + 1


def _read_response(lines: Sequence[str], place: int, output: Output, after_command: bool) -> int:
    """The response as it came: with its headers (`-i`), or the body alone."""
    last = output.messages[-1] if output.messages else None
    start = strict_start(lines[place]) or (loose_start(lines[place]) if after_command and last is None else None)
    if start is not None and not start.is_request:
        found = messages_in(lines, loose_start, place)
        output.messages += found
        return found[-1].end if found else place
    if last is None and not after_command:
        return place
    if last is not None and (last.asks or last.body is not None):
        return place
    if not (begins_json(lines[place]) or _HTML.match(lines[place])):
        return place
    end = body_end(lines, place, {})
    if end is None:
        return place
    body = re.sub(r"\* (?:Connection|Closing) .*$", "", "\n".join(lines[place:end]))  # -v goes on where the body ended
    response = last or Message(False, place, end)
    output.messages[-1:] = [replace(response, body=body, body_line=place, end=end)]
    return end


def _set_timing(output: Output, name: str, value: str, unit: str | None) -> None:
    """One of curl's times; of several runs the first one's."""
    factor = 1 if unit == "ms" else 1_000
    output.timings.setdefault(_SAME.get(name.lower(), name.lower()), round(float(value.replace(",", ".")) * factor, 3))


def _set_status(output: Output, status: int, place: int) -> None:
    """The status that `-w` printed, for a response whose headers are not shown. 000: there was none."""
    if not status:
        return
    if output.messages and not output.messages[-1].asks:
        last = output.messages[-1]
        output.messages[-1] = replace(last, status=last.status or status)
    else:
        output.messages.append(Message(False, place, place + 1, status=status))
