"""Rules of what a body is declared to be: its content type, its characters, its compression and length."""

import re
from itertools import islice

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.rules.answers import Seen, seen
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, first_said

_UNSUPPORTED = 415
TOLD_HEADERS = 3
"""From so many on the headers of a request that was written down are taken to be all."""

_REFUSED = (400, 422, 500)

_FORM = re.compile(r"[\w.\[\]%-]{1,100}=[^\s{}&]*+(?:&[\w.\[\]%-]{1,100}=[^\s{}&]*+){0,200}")
_TYPE_WORDS = re.compile(
    r"unsupported media type|content[- ]type|media type|must be (?:sent as )?application/json", re.I
)
_ENCODING_WORDS = re.compile(
    r"(?:invalid|malformed|not valid) utf-?8|utf-?8'? codec can't decode|invalid (?:start|continuation) byte"
    r"|byte order mark|\bBOM\b|U\+FEFF|incorrect header check|not (?:in )?gzip|(?:unknown"
    r"|unsupported) content[- ]encoding"
    r"|ERR_CONTENT_DECODING_FAILED|ERR_CONTENT_LENGTH_MISMATCH|(?:invalid|wrong|mismatch\w{0,3}) content[- ]length"
    r"|content[- ]length (?:mismatch|does not match)|invalid (?:character )?encoding|(?:charset|encoding) mismatch",
    re.I,
)
_GARBLED = re.compile(r"Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ]|â€[™œ\u009d“”¦]|ï»¿|\ufffd|\ufeff")
_GARBLED_WORDS = re.compile(
    r"garbled|mojibake|umlauts?|(?:special|strange|weird|accented|wrong) characters|question marks instead", re.I
)


def content_type(case: Case) -> Finding | None:
    """The body is not what the Content-Type says, or that type is not taken. What such a call lacks follows from it."""
    unsupported = seen(case, _UNSUPPORTED)
    fault = type_fault_in(case)
    said = first_said(case, _TYPE_WORDS, "answer")
    if not unsupported and fault is None:
        return None
    clues = tuple(Clue(text(f"The status is {each.status}"), each.place) for each in unsupported[:1])
    return Finding(
        _type_certainty(unsupported, fault, said),
        text("The body is not what its Content-Type says, or that type is not taken"),
        tuple(filter(None, (*clues, fault, said.clue if said else None))),
        rules_out=frozenset({"payload_invalid"}),
    )


def _type_certainty(unsupported: tuple[Seen, ...], fault: Clue | None, said: Quote | None) -> Certainty:
    shown = any(each.source != "person" for each in unsupported)
    if (shown and (fault or said)) or (fault and said):
        return "known"
    return "likely" if shown or fault else "possible"


def type_fault_in(case: Case) -> Clue | None:
    """What is wrong with the content type of the first refused call for which something is."""
    for answer in calls(case):
        fault = type_fault(answer.exchange) if answer.status in (_UNSUPPORTED, *_REFUSED) else None
        if fault:
            return Clue(text(fault), answer.place)
    return None


def type_fault(exchange: Exchange) -> str | None:
    """What is wrong with a request's Content-Type, in a sentence; None where nothing is seen to be."""
    body = (exchange.request_body or "").strip()
    kind = exchange.request_headers.get("content-type", "").lower()
    looks_json = body.startswith(("{", "["))
    if kind.startswith("multipart/") and "boundary=" not in kind:
        return "The header says multipart and names no boundary"
    if "json" in kind and body and _FORM.fullmatch(body):
        return "The header says JSON, and the body is a form"
    if ("form-urlencoded" in kind or kind.startswith("text/plain")) and looks_json:
        return f"The header says {kind.partition(';')[0]}, and the body is JSON"
    if kind or not looks_json:
        return None
    if exchange.source == "curl":
        return "The body is JSON, and curl sends it as a form where no Content-Type is given"
    whole = exchange.source == "har" or len(exchange.request_headers) >= TOLD_HEADERS
    return "The body is JSON, and the request names no Content-Type" if whole else None


def encoding(case: Case) -> Finding | None:
    """Characters, compression or length of a body are not what is declared."""
    counted = _counted_characters(case)
    if counted is not None:
        title = text("Content-Length counts characters, and not bytes")
        return Finding("known", title, (counted,), rules_out=frozenset({"payload_invalid"}), rank=2)
    said = first_said(case, _ENCODING_WORDS)
    garbled = _garbled_body(case)
    complaint = first_said(case, _GARBLED_WORDS, "person")
    shown = _garbled_words(case) if said is None and garbled is None else None
    if shown is not None:
        return Finding("likely", text("Characters are read in another encoding than they were written in"), (shown,))
    if said is None and garbled is None:
        return None
    clues = tuple(filter(None, (said.clue if said else None, garbled, complaint.clue if complaint else None)))
    title = text("The body's encoding is not what is declared")
    if said is not None:
        return Finding(said.certainty, title, clues, rules_out=frozenset({"payload_invalid"}), rank=2)
    refused = any(answer.status in _REFUSED for answer in calls(case))
    return Finding("likely" if complaint or refused else "possible", title, clues)


def _garbled_words(case: Case) -> Clue | None:
    """Several words as they look where UTF-8 was read as Windows-1252: the person shows what came out."""
    for line, words in case.statement.lines:
        found = [match.group() for match in islice(_GARBLED.finditer(words), 3)]
        if len(found) > 1:
            return Clue(text(f'Words hold "{_written(found[0])}" and "{_written(found[1])}"'), Place("", line))
    return None


def _counted_characters(case: Case) -> Clue | None:
    """A refused request whose length was counted in characters: beyond ASCII that is less than its bytes (RFC 9110
    §8.6), and the end of the body is cut off."""
    for answer in calls(case):
        body, length = answer.exchange.request_body or "", answer.exchange.request_headers.get("content-length", "")
        if answer.status in _REFUSED and length == str(len(body)) and not body.isascii():
            said = f"Content-Length is {length}, the characters of the body, which has more bytes"
            return Clue(text(said), answer.place)
    return None


def _garbled_body(case: Case) -> Clue | None:
    """A body whose characters were read in the wrong encoding, or that begins with a byte order mark."""
    for answer in calls(case):
        for which, body in (("request", answer.exchange.request_body), ("answer", answer.exchange.response_body)):
            match = _GARBLED.search(body or "")
            if match:
                return Clue(text(f'The body of the {which} holds "{_written(match.group())}"'), answer.place)
    return None


def _written(characters: str) -> str:
    """The characters, those that cannot be seen by their code."""
    return "".join(each if each.isprintable() else f"U+{ord(each):04X}" for each in characters)
