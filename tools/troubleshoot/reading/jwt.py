"""Finds JSON Web Tokens (RFC 7519) in a text, and claims that were decoded already. Nothing is verified or trusted."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jwt

from tools.troubleshoot.facts.identity import Token
from tools.troubleshoot.reading.claims import token_of
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines, Span, json_objects

MOST_TOKENS = 50
LONGEST_TOKEN = 64_000
"""Characters; headers of servers end at 8 to 64 KiB."""

TIME_CLAIMS = ("exp", "iat", "nbf")
OTHER_CLAIMS = ("iss", "aud", "sub", "scope", "scp", "azp", "client_id")

_TOKEN = re.compile(
    r"(?:(?<![A-Za-z0-9_-])|(?<=%3D)|(?<=%20)|(?<=%22)|(?<=%3A))"
    r"e[yw][A-Za-z0-9_-]{10,}+(?:(?:\.|%2E)[A-Za-z0-9_-]*+){0,4}+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    token: Token
    last: int


def find_tokens(text: str) -> tuple[Piece, ...]:
    """The lines that hold tokens, and the objects that hold the claims of one."""
    by_lines: dict[tuple[int, int], list[Token]] = {}
    for found in _all(text):
        by_lines.setdefault((found.token.line, found.last), []).append(found.token)
    return tuple(
        Piece("jwt", first, last, tuple(token.model_copy(update={"line": 1}) for token in tokens), _notes(tokens))
        for (first, last), tokens in sorted(by_lines.items())
    )


def tokens_in(text: str) -> tuple[Token, ...]:
    """The tokens of a text that belongs to another artifact, such as a curl command; `line` counts within it."""
    return tuple(found.token for found in _all(text))


def _all(text: str) -> Iterator[_Found]:
    lines = Lines(text)
    yield from islice(_encoded(text, lines), MOST_TOKENS)
    if '"exp"' in text or '"iat"' in text:
        yield from islice(_decoded(text, lines), MOST_TOKENS)


def _encoded(text: str, lines: Lines) -> Iterator[_Found]:
    seen: set[str] = set()
    for match in _TOKEN.finditer(text):
        written = match.group().replace("%2E", ".").replace("%2e", ".")
        if written in seen or not _meant_as_token(written):
            continue
        seen.add(written)
        line = lines.at(match.start())
        yield _Found(_read(written).model_copy(update={"line": line}), line)


def _meant_as_token(written: str) -> bool:
    """Whether its first part decodes to a header: other base64, such as a cursor, begins alike."""
    first = written.partition(".")[0][:2_000]
    try:
        return b'"alg"' in base64.urlsafe_b64decode(first[: len(first) // 4 * 4])
    except ValueError:
        return False


def _read(written: str) -> Token:
    tail = written.rstrip(".")[-4:]
    if len(written) > LONGEST_TOKEN:
        return Token(tail=tail, fault=f"it is too long to be a token: {len(written)} characters")
    parts = written.split(".")
    if len(parts) == 5 and parts[3]:
        return Token(tail=tail, fault="it is encrypted (JWE): what it says cannot be read without the key")
    if len(parts) < 2 or not parts[1]:
        return Token(tail=tail, fault="it is cut: its second part, the claims, is missing")
    try:
        header, claims = _decode(parts)
    except (jwt.InvalidTokenError, ValueError, RecursionError, TypeError, AttributeError) as fault:
        return Token(tail=tail, fault=_words(fault))
    return token_of(header, claims, tail=tail)


def _decode(parts: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims. The signature is left out: it is not verified, and may be missing or cut."""
    decoded = jwt.decode_complete(f"{parts[0]}.{parts[1]}.", options={"verify_signature": False})
    return decoded["header"], decoded["payload"]


def _words(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "it is nested too deeply to be a token"
    return f"it cannot be decoded: {str(fault)[:200] or type(fault).__name__}"


def _decoded(text: str, lines: Lines) -> Iterator[_Found]:
    """Claims as people paste them once decoded; the header's object, where it stands right before, belongs to them."""
    header: Span | None = None
    for span in json_objects(text, ('"exp"', '"iat"', '"alg"')):
        if "alg" in span.value and "typ" in span.value:
            header = span
        elif _are_claims(span.value):
            start = header if header and not text[header.end : span.start].strip(" \t\r\n.,") else span
            token = token_of(header.value if header and start is header else {}, span.value)
            yield _Found(token.model_copy(update={"line": lines.at(start.start)}), lines.at(span.end - 1))
            header = None


def _are_claims(value: dict[str, Any]) -> bool:
    """Whether it is a token's claims: a time and at least one other registered claim."""
    return any(name in value for name in TIME_CLAIMS) and any(name in value for name in OTHER_CLAIMS)


def _notes(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(f"a token could not be read: {token.fault}" for token in tokens if token.fault)
