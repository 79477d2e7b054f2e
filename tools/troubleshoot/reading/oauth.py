"""Finds errors of OAuth 2 and OpenID Connect: JSON, return addresses, WWW-Authenticate headers, providers' words."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

from tools.troubleshoot.facts.base import LONGEST_TEXT, MOST_LISTED
from tools.troubleshoot.facts.identity import OAuthError
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.oauth_words import CODES, ENTRA, FRAGMENTS, TELLING_CODES, provider_in
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines, json_objects, nested

LINES_OF_ONE = 6
"""Lines after an Entra error in which its trace id and its time stand."""

_AADSTS = re.compile(r"AADSTS(\d{5,8})\b")
_RETURN = re.compile(r"[?&#]error=")
_AROUND = re.compile(r"[\s\"'<>`]")
_PARAMETER = re.compile(r"([A-Za-z_]{1,40})=(?:\"([^\"\n]{0,2000})\"|([^\s\",]{1,500}))")
_GOOGLE = re.compile(r"\berror 40[0-9]: ([a-z_]{4,40})\b", re.IGNORECASE)
_WORD = re.compile(r"\b[a-z]{2,20}_[a-z_]{3,40}\b")
_QUOTED_URI = re.compile(r"https?://[^\s'\"<>,)]{1,500}")
_CLIENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TRACE = re.compile(r"trace id: ?([0-9a-f-]{8,40})", re.IGNORECASE)
_TIME = re.compile(r"timestamp: ?([0-9T:. Z+-]{10,35})", re.IGNORECASE)


def find_oauth_errors(text: str) -> tuple[Piece, ...]:
    """The lines in which such an error stands. A mere mention in a sentence stays with the sentence."""
    taken: dict[int, tuple[int, OAuthError]] = {}
    for first, last, error in chain(_in_json(text), _in_lines(text)):
        if not any(start <= last and first <= end for start, (end, _) in taken.items()):
            taken[first] = (last, error)
        if len(taken) >= MOST_LISTED:
            break
    return tuple(Piece("oauth_error", first, last, (error,)) for first, (last, error) in sorted(taken.items()))


def oauth_error_in(text: str) -> OAuthError | None:
    """The error that a text tells of in any form: a body, a line of a log, a sentence; None where there is none."""
    text = text[: 4 * LONGEST_TEXT]
    in_json = next(_in_json(text), None)
    return in_json[2] if in_json else _of_line(text) or _of_words(text) or _of_code(text)


def challenge_error(header: str) -> OAuthError | None:
    """The error of a WWW-Authenticate header (RFC 6750 §3)."""
    parameters = {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(header[:LONGEST_TEXT])}
    if "error" not in parameters:
        return None
    return _error(parameters["error"], parameters, header)


def _in_json(text: str) -> Iterator[tuple[int, int, OAuthError]]:
    lines = Lines(text)
    for span in json_objects(text, ('"error"',)):
        for value in nested(span.value):
            error = _of_object(value)
            if error is not None:
                yield lines.at(span.start), lines.at(span.end - 1), error
                break


def _of_object(value: Mapping[str, Any]) -> OAuthError | None:
    code = value.get("error")
    if not isinstance(code, str) or not (code.lower() in CODES or isinstance(value.get("error_description"), str)):
        return None
    return _error(code, {name: str(each)[:LONGEST_TEXT] for name, each in list(value.items())[:MOST_LISTED]}, "")


def _in_lines(text: str) -> Iterator[tuple[int, int, OAuthError]]:
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if len(line) > 4 * LONGEST_TEXT:
            continue
        error = _of_line(line)
        if error is not None:
            last = _end_of(lines, place) if error.provider == "entra" else place
            if last > place:
                error = _of_line("\n".join(lines[place : last + 1])) or error
            yield place + 1, last + 1, error


def _end_of(lines: list[str], start: int) -> int:
    """The last line that belongs to an Entra error: its ids and its time follow it."""
    last = start
    for place in range(start + 1, min(start + LINES_OF_ONE, len(lines))):
        if re.match(r"\s*(?:trace id|correlation id|timestamp|request id)\b", lines[place], re.IGNORECASE):
            last = place
    return last


def _of_line(line: str) -> OAuthError | None:
    """The error of a line that is an artifact by itself."""
    return_address = _RETURN.search(line)
    if return_address:
        return _of_return(line, return_address.start())
    lowered = line.lower()
    if "error=" in lowered and "bearer" in lowered:
        return challenge_error(line[lowered.index("bearer") :])
    if re.search(r"AADSTS\d{5,8}:", line):
        return _of_entra(line)
    google = _GOOGLE.search(line)
    if google and google[1].lower() in CODES:
        return OAuthError(error=google[1].lower(), description=_cut(line), provider="google", **_addresses(line))
    return _of_fragment(line) if "_" in line or ":" in line else None


def _of_words(text: str) -> OAuthError | None:
    return _of_entra(text) if _AADSTS.search(text) else _of_fragment(text)


def _of_code(text: str) -> OAuthError | None:
    code = next((word.group() for word in _WORD.finditer(text) if word.group() in TELLING_CODES), None)
    return OAuthError(error=code, description=_cut(text), provider=provider_in(text)) if code else None


def _of_fragment(text: str) -> OAuthError | None:
    lowered = text.lower()
    for fragment, error, provider in FRAGMENTS:
        if fragment in lowered:
            named = provider if provider != "unknown" else provider_in(text)
            return OAuthError(error=error, description=_cut(text), provider=named, **_addresses(text))
    return None


def _of_return(line: str, place: int) -> OAuthError | None:
    """The error in an address to which the provider sent the browser back (RFC 6749 §4.1.2.1)."""
    start = max((match.end() for match in _AROUND.finditer(line, max(0, place - 2_000), place)), default=0)
    start = max(start, place - 2_000)
    end = next((match.start() for match in _AROUND.finditer(line, place, place + LONGEST_TEXT)), len(line))
    address, query = line[start:place], line[place + 1 : min(end, place + LONGEST_TEXT)]
    try:
        parameters = dict(parse_qsl(query.partition("#")[0].replace("?", "&"), max_num_fields=MOST_LISTED))
    except ValueError:
        return None
    code = parameters.get("error", "")
    if code.lower() not in CODES and "error_description" not in parameters:
        return None
    base = re.split(r"[?#]", address)[0]
    return _error(code, {"redirect_uri": base, **parameters}, line)


def _error(code: str, values: Mapping[str, str], context: str) -> OAuthError:
    """The error of named values; an Entra code in its description says more than its own."""
    description = values.get("error_description") or values.get("error_message") or ""
    entra = _of_entra(description, code, values)
    if entra:
        return entra
    fragment = _of_fragment(description)
    return OAuthError(
        error=fragment.error if fragment and code.lower() not in TELLING_CODES else code.lower()[:100],
        description=_cut(description),
        provider=fragment.provider if fragment else provider_in(f"{values.get('error_uri', '')} {context}"),
        scope=values.get("scope", "")[:500],
        client_id=values.get("client_id", "")[:100],
        redirect_uri=values.get("redirect_uri") or None,
        expected=values.get("audience", "")[:500],
        at=instant(values.get("timestamp", "")),
        trace_id=(values.get("trace_id") or values.get("correlation_id") or "")[:100],
    )


def _of_entra(text: str, code: str = "", values: Mapping[str, str] | None = None) -> OAuthError | None:
    found = _AADSTS.search(text)
    if found is None:
        return None
    trace, time, client = _TRACE.search(text), _TIME.search(text), _CLIENT.search(text)
    told = values or {}
    return OAuthError(
        error=ENTRA.get(found[1], code or "unknown"),
        description=_cut(text),
        provider="entra",
        provider_code=found.group(),
        client_id=client.group() if client else "",
        at=instant(told.get("timestamp", "") or (time[1] if time else "")),
        trace_id=trace[1] if trace else told.get("trace_id", "")[:100],
        **_addresses(text),
    )


def _addresses(text: str) -> dict[str, Any]:
    """The address that was sent, where the words name one of their own (not that of the provider)."""
    uris = [match.group().rstrip(".") for match in _QUOTED_URI.finditer(text[:LONGEST_TEXT])]
    own = [uri for uri in uris if provider_in(uri) == "unknown" and "aka.ms" not in uri]
    return {"redirect_uri": own[0] if own else None}


def _cut(text: str) -> str:
    return " ".join(text[:LONGEST_TEXT].split())[:1_000]
