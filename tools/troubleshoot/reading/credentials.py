"""How a request identifies itself, what is wrong with that as it is written, and what may be told of its key."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from tools.troubleshoot.facts.http import AuthFault

LEAST_KEY = 8
"""Characters from which on the last four may be told."""

_SCHEME = re.compile(
    r"(bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|key|hmac|signature|dpop"
    r"|aws4-hmac-sha256)(?:[ \t:]+(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_KEY_HEADER = re.compile(
    r"(?:x-)?(?:[a-z0-9]+-){0,3}(?:api-?key|auth-token|access-token|private-token|subscription-key|app-key|secret-key)"
    r"|apikey"
)
_KEY_PARAMETER = re.compile(r"api[_-]?key|key|access[_-]?token|auth[_-]?token|token|subscription-key", re.IGNORECASE)
_UNSET = re.compile(r"null|undefined|none|nil|\(null\)|\[object object\]", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\$\{?[A-Za-z_]\w*\}?|\$\([^)]*\)|\{\{[^}]*\}\}|%[A-Z_]+%|<[^<>]*\byour\b[^<>]*>"
    r"|\{(?:your_)?(?:api_?)?(?:key|token)\}"
    r"|(?:your|insert|replace|enter|add)[ _-][\w -]{2,40}|process\.env\.\w+|os\.environ\S*|change_?me"
    r"|(?:api[_-]?key|token)[_-]here|(?:my[_-])?(?:api[_-]?key|access[_-]?token)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"[*x•.…#-]{3,}|<[^<>]*>|\[[^\]]*\]|redacted|removed|hidden|masked|secret", re.IGNORECASE)
"""How people hide a key before they paste: it says nothing of what was sent."""

_TAIL = re.compile(r"([A-Za-z0-9]{4})\]?$")
_ENVIRONMENT = re.compile(r"(?:^|[_.-])(test|sandbox|sbx|live|prod|production)(?=[_.-])", re.IGNORECASE)
_CREDENTIAL = re.compile(r"Credential=([A-Z0-9]{16,40})/")


@dataclass(frozen=True, slots=True)
class Credentials:
    """`scheme` as `Exchange.auth`; all None: the request shows none."""

    scheme: str | None = None
    fault: AuthFault | None = None
    tail: str | None = None
    environment: Literal["test", "live"] | None = None


def credentials_of(headers: Mapping[str, str], url: str | None = None, *, expanded: bool = True) -> Credentials:
    """The credentials of a request. Not `expanded`: a shell has yet to fill `$NAME`, so that it is no fault."""
    if "authorization" in headers:
        return _of_authorization(headers["authorization"], expanded)
    for name, value in headers.items():
        if _KEY_HEADER.fullmatch(name):
            return _of_key(name, value, expanded)
    for name, value in _parameters(url):
        if _KEY_PARAMETER.fullmatch(name):
            return _of_key(name, value, expanded)
    return Credentials("cookie") if "cookie" in headers else Credentials()


def basic_credentials(login: str) -> Credentials:
    """Of `user:password`: where the user is an issued key, as with some APIs, its tail is told."""
    user, _, password = login.partition(":")
    key = user if _looks_issued(user) else ""
    fault: AuthFault | None = "empty" if not user and not password else None
    return Credentials("basic", fault, _tail(key), _environment(key))


def _of_authorization(value: str, expanded: bool) -> Credentials:
    match = _SCHEME.fullmatch(value)
    if match is None:
        found = _of_key("authorization", value, expanded)
        if found.fault is None and value and not _is_hidden(value) and " " not in value and not value.startswith("$"):
            return Credentials("authorization", "no_scheme", found.tail, found.environment)
        return found
    scheme, key = match[1].lower(), (match[2] or "").strip(" \t")
    if scheme == "basic":
        return basic_credentials(_decoded(key)) if key else Credentials("basic", "empty")
    if scheme in ("aws4-hmac-sha256", "digest", "negotiate", "ntlm", "hmac", "signature"):
        named = _CREDENTIAL.search(key)
        return Credentials(scheme, None if key else "empty", _tail(named[1]) if named else None)
    if _SCHEME.match(key) and re.match(r"(?:bearer|basic|token)\s", key, re.IGNORECASE):
        return Credentials(scheme, "doubled_scheme", _tail(key))
    return _of_key(scheme, key, expanded)


def _of_key(scheme: str, key: str, expanded: bool) -> Credentials:
    fault = _fault(key, expanded)
    if fault in ("empty", "placeholder"):
        return Credentials(scheme, fault)
    return Credentials(scheme, fault, _tail(key.strip()), _environment(key))


def _fault(key: str, expanded: bool) -> AuthFault | None:
    bare = key.strip().strip("\"'")
    if not bare or _UNSET.fullmatch(bare):
        return "empty"
    if _is_hidden(bare):
        return None
    if _PLACEHOLDER.fullmatch(bare):
        return "placeholder" if expanded or not bare.startswith(("$", "%")) else None
    return "whitespace" if re.search(r"\s|\\n|%0[AaDd]", key) else None


def _is_hidden(key: str) -> bool:
    """Whether somebody hid the key, so that nothing can be said of it."""
    return _HIDDEN.fullmatch(key) is not None and "your" not in key.lower()


def _tail(key: str) -> str | None:
    """The last four characters of an issued key, of one that was hidden but for them, or of one masked already."""
    hidden = re.search(r"(?:…|\*{3,}|\.{3}|x{4,})([A-Za-z0-9]{4})\]?$", key[-40:])
    if hidden:
        return hidden[1]
    if len(key) < LEAST_KEY or _PLACEHOLDER.fullmatch(key) or _is_hidden(key) or key.startswith("$"):
        return None
    match = _TAIL.search(key[-5:])
    return match[1] if match else None


def _environment(key: str) -> Literal["test", "live"] | None:
    match = _ENVIRONMENT.search(key[:40])
    if match is None:
        return None
    return "live" if match[1].lower() in ("live", "prod", "production") else "test"


def _looks_issued(user: str) -> bool:
    return len(user) >= 16 and any(char.isdigit() for char in user) and "@" not in user


def _decoded(key: str) -> str:
    try:
        return base64.b64decode(key[:2_000], validate=True).decode("utf-8", "replace")
    except ValueError:
        return key


def _parameters(url: str | None) -> list[tuple[str, str]]:
    try:
        query = urlsplit(url or "").query[:4_000]
        return parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []
