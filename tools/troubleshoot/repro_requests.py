"""Writes a request that was shown as a curl command and as Python. Masked secrets become environment variables."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.troubleshoot.facts.base import LONGEST_TEXT
from tools.troubleshoot.facts.http import Exchange

BASE_URL = "BASE_URL"
"""The variable for the address where only a path was shown."""

_PLACEHOLDER = re.compile(
    r"\[(api-key|token|basic-credentials|password|cookie|jwt|private-key|card-number|email)(?:…[\w@.-]{1,255})?\]"
)
_VARIABLES = {
    "api-key": "API_KEY",
    "token": "API_KEY",
    "jwt": "ACCESS_TOKEN",
    "basic-credentials": "BASIC_CREDENTIALS",
    "password": "PASSWORD",
    "cookie": "COOKIE",
    "private-key": "PRIVATE_KEY",
    "card-number": "CARD_NUMBER",
    "email": "EMAIL",
}
_SHELL_VARIABLE = re.compile(r"\$\{?([A-Z_][A-Z0-9_]{0,60})\}?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""A header's name or a method (RFC 9110 §5.6.2)."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SHELL_SIGNS = re.compile(r'[\\"$`]')
"""Within double quotes a shell reads these, unless a backslash stands before them."""

_LEFT_OUT = frozenset({"content-length", "connection", "transfer-encoding", "host", "accept-encoding", "expect", "te"})
"""Headers that a client sets by itself."""

_WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands for a masked secret: the environment variable that holds it."""

    variable: str


Words = tuple["str | Secret", ...]
"""A text in parts: what was shown, and secrets that were not."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to write. `note` says what to know before it is sent."""

    method: str
    url: Words
    headers: tuple[tuple[str, Words], ...]
    body: Words | None
    note: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it needs, in order."""
        parts = [*self.url, *(part for _, words in self.headers for part in words), *(self.body or ())]
        return tuple(dict.fromkeys(part.variable for part in parts if isinstance(part, Secret)))


class _Names:
    """Names for the masked secrets of one request: the same placeholder has the same name."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def words(self, text: str) -> Words:
        """The text with its placeholders as secrets."""
        parts: list[str | Secret] = []
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            if match.start() > end:
                parts.append(text[end : match.start()])
            parts.append(Secret(self._name(match)))
            end = match.end()
        if end < len(text):
            parts.append(text[end:])
        return tuple(parts)

    def header(self, value: str) -> Words:
        """The same of a header's value; what a shell was to fill in (`$API_KEY`) stays a variable."""
        parts: list[str | Secret] = []
        end = 0
        for match in _SHELL_VARIABLE.finditer(value):
            parts += (*self.words(value[end : match.start()]), Secret(match[1]))
            end = match.end()
        return (*parts, *self.words(value[end:]))

    def _name(self, match: re.Match[str]) -> str:
        known = self._of.get(match[0])
        if known is None:
            base = _VARIABLES[match[1]]
            taken = sum(name == base or name.startswith(f"{base}_") for name in self._of.values())
            known = self._of[match[0]] = f"{base}_{taken + 1}" if taken else base
        return known


def request_of(exchange: Exchange) -> Request | None:
    """The request as far as it was shown; None where no address or only a strange one was."""
    url = _url(exchange)
    method = (exchange.method or "GET").upper()
    if url is None or not _TOKEN.fullmatch(method):
        return None
    names = _Names()
    base: Words = () if "://" in url else (Secret(BASE_URL),)
    headers = tuple((name, names.header(value)) for name, value in _headers(exchange))
    body, body_note = _body(exchange)
    words = names.words(body) if body is not None else None
    return Request(method, base + names.words(url), headers, words, _note(method, bool(base), body_note, exchange))


def as_curl(request: Request) -> str:
    """A curl command for a POSIX shell. curl takes nothing in it for a file name, a range or a set."""
    parts = ["curl --globoff -sS -i", f"-X {request.method}", f"--url {_shell(request.url)}"]
    if request.method == "HEAD":
        parts[1] = "--head"
    parts += [f"-H {_shell((f'{name}: ', *words))}" for name, words in request.headers]
    if request.body is not None:
        parts.append(f"--data-raw {_shell(request.body)}")
    return " \\\n  ".join(parts)


def as_python(request: Request) -> str:
    """A script for httpx."""
    headers = [f"        ({name!a}, {_python(words)})," for name, words in request.headers]
    lines = [
        *(["import os"] if request.variables else []),
        "import httpx",
        "",
        "response = httpx.request(",
        f"    {request.method!a},",
        f"    {_python(request.url)},",
        *(["    headers=[", *headers, "    ],"] if headers else []),
        *([f"    content={_python(request.body)},"] if request.body is not None else []),
        "    timeout=30,",
        "    follow_redirects=False,",
        ")",
        "print(response.status_code, response.reason_phrase)",
        "print(response.headers)",
        "print(response.text)",
    ]
    return "\n".join(lines)


def _url(exchange: Exchange) -> str | None:
    """The URL, or a path where no more was shown; None where it is neither, or of another scheme."""
    url = _SPACES.sub("", exchange.url or "")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() in ("http", "https") and parts.netloc:
        return url
    host = exchange.request_headers.get("host", "")
    if url.startswith("/") and not url.startswith("//"):
        return f"https://{host}{url}" if re.fullmatch(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?", host) else url
    return None


def _headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for name, value in exchange.request_headers.items():
        if _TOKEN.fullmatch(name) and name.lower() not in _LEFT_OUT:
            yield name, _SPACES.sub(" ", value).strip()
    if exchange.auth in ("bearer", "basic") and "authorization" not in {
        name.lower() for name in exchange.request_headers
    }:
        kind = "token" if exchange.auth == "bearer" else "basic-credentials"
        yield "authorization", f"{exchange.auth.capitalize()} [{kind}]"


def _body(exchange: Exchange) -> tuple[str | None, str]:
    """The body that can be written, and what is said of it."""
    body = exchange.request_body
    if not body:
        return None, ""
    if "multipart/" in exchange.request_headers.get("content-type", "").lower():
        return None, "Its multipart body is left out: send the files with -F."
    clean = _CONTROL.sub("", body)
    if len(body) >= LONGEST_TEXT:
        return clean, "Its body was cut where it was read: put the whole one in."
    return clean, "Control characters in its body are left out." if clean != body else ""


def _note(method: str, without_host: bool, body_note: str, exchange: Exchange) -> str:
    notes = []
    if without_host:
        notes.append(f"The host was not shown: set {BASE_URL}.")
    if method in _WRITES:
        keyed = "idempotency-key" in {name.lower() for name in exchange.request_headers}
        notes.append("It writes" + (" with the key that was shown" if keyed else "") + ": send it in a sandbox first.")
    return " ".join([*notes, body_note]).strip()


def _shell(words: Words) -> str:
    """The words as one argument of a POSIX shell; variables stand within double quotes, so that they are not split."""
    if not any(isinstance(part, Secret) for part in words):
        return shlex.quote("".join(part for part in words if isinstance(part, str)))
    if any(isinstance(part, str) and "!" in part for part in words):  # within double quotes bash may read it as history
        return "".join(f'"{_variable(part)}"' if isinstance(part, Secret) else shlex.quote(part) for part in words)
    inner = (_variable(part) if isinstance(part, Secret) else _SHELL_SIGNS.sub(r"\\\g<0>", part) for part in words)
    return f'"{"".join(inner)}"'


def _variable(secret: Secret) -> str:
    return f"${{{secret.variable}}}"


def _python(words: Words) -> str:
    """The words as an expression, all of it in ASCII."""
    parts = [f'os.environ["{part.variable}"]' if isinstance(part, Secret) else ascii(part) for part in words]
    return " + ".join(parts) or '""'
