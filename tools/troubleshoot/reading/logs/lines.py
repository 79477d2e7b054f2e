"""Reads one line of a log, whatever its format, also where one format stands within another."""

import re
from typing import Final

from tools.troubleshoot.reading.logs.access import read_combined, read_envoy
from tools.troubleshoot.reading.logs.plain import read_plain
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.structured import read_json, read_logfmt
from tools.troubleshoot.reading.logs.syslog import read_lambda, read_syslog
from tools.troubleshoot.reading.logs.times import Stamp, read_stamp
from tools.troubleshoot.reading.logs.wording import read_words

_COLOUR = re.compile(r"\x1b\[[\d;]{0,20}[A-Za-z]")
_COMPOSE = re.compile(r"[\w.-]{1,60}+ {1,30}\| ")  # docker compose logs
_POD = re.compile(r"\[pod/[\w./-]{1,250}+\] ")  # kubectl logs --prefix
_STREAM = re.compile(r" ?(?:stdout|stderr) [FP] ")  # a container's log, as Kubernetes stores it
_DEEPEST: Final = 3
_IN_LINES: Final = ("plain", "syslog", "cloudwatch")


def read_line(text: str, depth: int = 0) -> Record | None:
    """The record of a line; None where it begins none: the rest of a stack trace, a sentence, nothing at all."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    text = text.rstrip() if depth == 0 else text.strip()
    if not text or text[0] in " \t":
        return None
    prefix = _POD.match(text) if text[0] == "[" else _COMPOSE.match(text) if text[0].isalpha() else None
    if prefix and depth < _DEEPEST:
        return read_line(text[prefix.end() :], depth + 1)
    record = _of_format(text)
    if record is None:
        return None
    if record.format == "json":
        return _with_inner_json(record, depth)
    return _with_inner(record, depth) if record.format in _IN_LINES else record


def _of_format(text: str) -> Record | None:
    """The record of the line as a whole."""
    first = text[0]
    if first == "{":
        return read_json(text)
    if first == "<":
        return read_syslog(text)
    if first == "[":
        return read_envoy(text) or read_plain(text)
    if first.isdigit() or first == ":":
        return _of_digits(text)
    if not first.isalpha() and first not in "@_(":
        return None
    return (
        (read_logfmt(text) if "=" in text[:82] else None)
        or read_lambda(text)
        or read_syslog(text)
        or read_plain(text)
        or read_combined(text)
    )


def _of_digits(text: str) -> Record | None:
    """A line that begins with a time or with an address."""
    stamp = read_stamp(text[:60])
    if stamp is None:
        return read_combined(text)
    stream = _STREAM.match(text, stamp.end)
    if stream:
        return _enveloped(stamp, text[: stamp.end], text[stream.end() :])
    may_name_process = text[stamp.end : stamp.end + 1] == " " and "]: " in text[:200]
    return (read_syslog(text) if may_name_process else None) or read_plain(text, stamp)


def _enveloped(stamp: Stamp, written: str, message: str) -> Record:
    return Record("plain", message, stamp.seconds, written, stamp.zone_known, stamp.missing)


def _with_inner(record: Record, depth: int) -> Record:
    """A record whose message may be a line of another format: what that says goes before what is around it."""
    message = record.message
    if message and depth < _DEEPEST and _may_be_line(message):
        inner = read_line(message, depth + 1)
        if inner is not None and (inner.format not in _IN_LINES or inner.at_text or inner.level):
            return _merged(record, inner)
    read_words(record)
    return record


def _with_inner_json(record: Record, depth: int) -> Record:
    """Docker keeps each line as the field `log` of an object."""
    message = record.message
    if record.status is None and not record.level and depth < _DEEPEST and message:
        inner = read_line(message, depth + 1)
        if inner is not None:
            return _merged(record, inner)
    if record.status is None and message and not (record.method and record.path):
        read_words(record)
    return record


def _may_be_line(message: str) -> bool:
    first, second = message[0], message[1:2]
    if first in "{<" or first.isdigit() or (first == "[" and second.isdigit()) or message[:5].isupper():
        return True
    return 0 < message.find("=", 0, 60) < (message.find(" ") if " " in message else 60)


def _merged(outer: Record, inner: Record) -> Record:
    """The inner record with what it lacks from the one around it. A time with a zone goes before one without."""
    if inner.at is None or (inner.missing, not inner.zone_known) > (outer.missing, not outer.zone_known):
        inner.at, inner.at_text = outer.at, outer.at_text
        inner.zone_known, inner.missing = outer.zone_known, outer.missing
    inner.level = inner.level or outer.level
    inner.host = inner.host or outer.host
    if outer.format in ("syslog", "cloudwatch") and inner.format == "plain":
        inner.format = outer.format
    return inner
