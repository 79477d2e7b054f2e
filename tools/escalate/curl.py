"""Finds curl commands in a text and reads method, path and headers from them. Nothing is ever run."""

import re
import shlex
from dataclasses import dataclass

MOST_COMMANDS = 20
MOST_TRIED = 60
"""Places where the word stands that are looked at: in most of a long text of curls there is no command."""

LONGEST_COMMAND = 8_000
"""Characters of a command; what is longer, or has quotes that never close, ends with its first line."""

_START = re.compile(r"(?<![\w./-])curl(?:\.exe)?(?=[ \t])")
_URL = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://\S|\$\{?\w|localhost\b|[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}(?:[:/?]|$)", re.IGNORECASE
)
_PROSE = re.compile(
    r"[.;,](?=[ \t])|[ \t]+(?:return(?:s|ed)?|gives?|gave|fail(?:s|ed)?|answer(?:s|ed)?|respond(?:s|ed)?|gets?|got|and"
    r"|which|with|now|->|=>|→)(?=[ \t])|[ \t]+(?:[*•-][ \t]+|\*\*)?[A-Z][A-Za-z ]{2,25}:(?=[ \t*])"
)
"""Outside quotes, the text around a command goes on with this; the last is the next label on the line."""

_PATH = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}://)?[^/?#]*(?P<path>/[^?#]*)?", re.IGNORECASE)
_VALUE_OPTIONS = frozenset("XHduboAeFmTxKwCrQyYzECPUDc")
"""Short options of curl that take a value."""

_FLAGS = frozenset(
    {
        "--basic",
        "--compressed",
        "--digest",
        "--fail",
        "--fail-with-body",
        "--get",
        "--globoff",
        "--head",
        "--http1.1",
        "--http2",
        "--include",
        "--insecure",
        "--ipv4",
        "--ipv6",
        "--location",
        "--no-buffer",
        "--path-as-is",
        "--remote-name",
        "--show-error",
        "--silent",
        "--verbose",
    }
)
"""Long options that take no value; all others are taken to have one."""

_DATA = frozenset(
    {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "-F", "--form"}
)


@dataclass(frozen=True, slots=True)
class Curl:
    """A curl command as it stands in the text, [start, end). `closed`: its quotes are balanced."""

    text: str
    start: int
    end: int
    method: str
    path: str
    closed: bool


def find_curl(text: str) -> tuple[Curl, ...]:
    """The curl commands in the text that name a URL, in order."""
    found: list[Curl] = []
    position = tried = 0
    while len(found) < MOST_COMMANDS and tried < MOST_TRIED and (match := _START.search(text, position)):
        tried += 1
        end, closed = _command_end(text, match.start())
        position = max(end, match.end())
        command = _read(text[match.start() : end].rstrip(), closed)
        if command is not None:
            method, path = command
            found.append(Curl(text[match.start() : end].rstrip(), match.start(), end, method, path, closed))
    return tuple(found)


def _command_end(text: str, start: int) -> tuple[int, bool]:
    """Where the command ends: where its line does, unless continued, or at the backtick or prose around it."""
    inline = start > 0 and text[start - 1] == "`"
    quote = ""
    place = start
    limit = min(start + LONGEST_COMMAND, len(text))
    while place < limit:
        char = text[place]
        if char == "\\" and quote != "'":
            place += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "\n" or (char == "`" and inline) or _PROSE.match(text, place):
            return place, True
        place += 1
    if not quote and limit == len(text):
        return limit, True
    line_end = text.find("\n", start, limit)
    return (line_end if line_end >= 0 else limit), False


def _read(command: str, closed: bool) -> tuple[str, str] | None:
    """Method and path of the command; None where no URL stands in it, as in prose about curl."""
    options, words = _arguments(_split(command) if closed else command.split())
    url = options.get("--url") or next((word for word in words if _URL.match(word)), "")
    if not url:
        return None
    return _method(options), path_of(url)


def _arguments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """The options with their values (the last of each counts), and the other words."""
    options: dict[str, str] = {}
    others: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        option, value = _option(word)
        if not option:
            others.append(word)
        else:
            options[option] = next(rest, "") if value is None and _takes_value(option) else value or ""
    return options, others


def _method(options: dict[str, str]) -> str:
    stated = options.get("-X") or options.get("--request")
    if stated:
        return stated.upper()
    if not options.keys().isdisjoint(("-I", "--head")):
        return "HEAD"
    if not options.keys().isdisjoint(("-T", "--upload-file")):
        return "PUT"
    as_get = not options.keys().isdisjoint(("-G", "--get"))
    return "POST" if not as_get and not options.keys().isdisjoint(_DATA) else "GET"


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _option(word: str) -> tuple[str, str | None]:
    """An option and the value attached to it: `-XPOST`, `-sSX`, `--request=POST`; ("", None) for another word."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    if not word.startswith("-") or len(word) < 2:
        return "", None
    for place, letter in enumerate(word[1:], start=1):
        if letter in _VALUE_OPTIONS:
            return f"-{letter}", word[place + 1 :] or None
    return f"-{word[-1]}", None


def _takes_value(option: str) -> bool:
    return option not in _FLAGS if option.startswith("--") else option[1] in _VALUE_OPTIONS


def path_of(url: str) -> str:
    """The path of a URL or of what is written like one, without query; `/` where it has none."""
    match = _PATH.match(url)
    return (match["path"] if match else None) or "/"
