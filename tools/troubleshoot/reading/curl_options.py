"""Reads a curl command into the request that it sends. Nothing is ever run."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from tools.troubleshoot.reading.credentials import Credentials, basic_credentials
from tools.troubleshoot.reading.headers import LONGEST_VALUE

_VALUED = frozenset("XHduboAeFmTxKwCrQyYzECPUDc")
"""Short options of curl that take a value."""

_LONG_VALUED = frozenset(
    (
        *("request", "header", "data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json", "form"),
        *("form-string", "user", "url", "url-query", "upload-file", "output", "write-out", "dump-header", "config"),
        *("max-time", "connect-timeout", "retry", "retry-delay", "retry-max-time", "max-redirs", "limit-rate", "range"),
        *("proxy", "proxy-user", "noproxy", "resolve", "connect-to", "interface", "cookie", "cookie-jar", "user-agent"),
        *("referer", "cert", "key", "cacert", "capath", "tls-max", "ciphers", "oauth2-bearer", "aws-sigv4"),
    )
)
"""Long options that take a value."""

_ALIASES = {
    "X": "request",
    "H": "header",
    "d": "data",
    "u": "user",
    "F": "form",
    "G": "get",
    "m": "max-time",
    "k": "insecure",
    "x": "proxy",
    "b": "cookie",
    "A": "user-agent",
    "e": "referer",
    "I": "head",
    "T": "upload-file",
    "L": "location",
    "o": "output",
    "w": "write-out",
}
_DATA = ("data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json")
_URL = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://\S|\$\{?\w|localhost\b|[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}(?:[:/?]|$)", re.IGNORECASE
)
INNER_QUOTE = "\ue000\ue001"
"""Stands for \\' within $'…', so that it is not taken for the end of a quotation."""

_ANSI_C = re.compile(r"\$'([^']{0,100000})'")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\s\S]))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_OPTION_WITHIN = re.compile(r"'[^']*(\$\{?[A-Za-z_]\w*\}?|%[A-Z_]+%)[^']*'")


@dataclass(frozen=True, slots=True)
class CurlRequest:
    """What a command sends. `expanded`: `$NAME` in it would be sent as it stands, for it is in single quotes.

    `max_seconds` is how long it waits at most; `insecure`: it does not check certificates.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    credentials: Credentials | None
    expanded: bool
    max_seconds: float | None = None
    proxy: str = ""
    insecure: bool = False


@dataclass(slots=True)
class _Options:
    """Options by their long names, each with its values in order; and the words that are none."""

    named: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return any(name in self.named for name in names)

    def last(self, name: str) -> str | None:
        values = self.named.get(name)
        return values[-1] if values else None


def read_curl(command: str) -> CurlRequest | None:
    """The request of a command; None where it names no URL."""
    options = _options(_split(command))
    url = options.last("url") or next((word for word in options.words if _URL.match(word)), "")
    if not url:
        return None
    body = _body(options)
    if body is not None and options.has("get"):
        url, body = f"{url}{'&' if '?' in url else '?'}{body}", None
    return CurlRequest(
        method=_method(options),
        url=url[:4_000],
        headers=_headers(options, body),
        body=body,
        credentials=_credentials(options),
        expanded=_OPTION_WITHIN.search(command) is not None,
        max_seconds=_seconds(options.last("max-time")),
        proxy=(options.last("proxy") or "")[:200],
        insecure=options.has("insecure"),
    )


def _split(command: str) -> list[str]:
    command = _ANSI_C.sub(lambda quoted: shlex.quote(_unescaped(quoted.group(1))), command)
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _unescaped(text: str) -> str:
    """What stands within $'…' of a shell."""

    def character(escape: re.Match[str]) -> str:
        code = escape.group(1) or escape.group(2)
        return chr(int(code, 16)) if code else _ESCAPED.get(escape.group(3), escape.group(3))

    return _ESCAPE.sub(character, text.replace(INNER_QUOTE, "'"))


def _options(words: list[str]) -> _Options:
    options = _Options()
    rest = iter(words[1:])
    for word in rest:
        for name, value in _of_word(word, rest):
            options.named.setdefault(name, []).append(value)
        if not word.startswith("-") or word == "-":
            options.words.append(word)
    return options


def _of_word(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The options in a word: `--data=x`, `-sS`, `-XPOST`. A value that does not stand in it is the next word."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        yield name, value if equals else (next(rest, "") if name in _LONG_VALUED else "")
        return
    if not word.startswith("-"):
        return
    for place, letter in enumerate(word[1:], start=2):
        if letter in _VALUED:
            yield _ALIASES.get(letter, letter), word[place:] or next(rest, "")
            return
        yield _ALIASES.get(letter, letter), ""


def _method(options: _Options) -> str:
    stated = options.last("request")
    if stated:
        return stated.upper()[:20]
    if options.has("head"):
        return "HEAD"
    if options.has("upload-file"):
        return "PUT"
    return "POST" if options.has(*_DATA, "form") and not options.has("get") else "GET"


def _headers(options: _Options, body: str | None) -> dict[str, str]:
    """The headers that it names, and the Content-Type that curl adds to data by itself."""
    headers: dict[str, str] = {}
    for written in options.named.get("header", []):
        name, _, value = written.partition(":")
        headers[name.strip().lower()[:100]] = value.strip(" \t")[:LONGEST_VALUE]
    for name in ("user-agent", "referer", "cookie"):
        if said := options.last(name):
            headers.setdefault(name, said[:LONGEST_VALUE])
    if options.has("form"):
        headers.setdefault("content-type", "multipart/form-data")
    elif body is not None:
        headers.setdefault(
            "content-type", "application/json" if options.has("json") else "application/x-www-form-urlencoded"
        )
    return headers


def _body(options: _Options) -> str | None:
    """The data, joined with `&` as curl does; of a form its fields."""
    parts = [value for name in _DATA for value in options.named.get(name, []) if name != "data-urlencode"]
    for written in options.named.get("data-urlencode", []):
        name, equals, value = written.partition("=")
        parts.append(f"{name}={quote(value)}" if equals else quote(written))
    parts += options.named.get("form", [])
    return ("" if options.has("json") else "&").join(parts) if parts else None


def _credentials(options: _Options) -> Credentials | None:
    """Of -u; None where headers or the URL may tell more."""
    login = options.last("user")
    return basic_credentials(login) if login is not None else None


def _seconds(written: str | None) -> float | None:
    return float(written) if written and re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", written) else None
