"""Plain lines: a time, a level and words, as the logging of most languages writes them."""

import re

from tools.troubleshoot.reading.logs.levels import level_of
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.times import MONTH_NAMES, Stamp, read_stamp

_UPPER = (
    "TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|CRITICAL|CRIT|ALERT|EMERG|FATAL|SEVERE|PANIC|CONFIG|FINE(?:R|ST)?"
)
_LOWER = "trace|debug|info|notice|warn(?:ing)?|error|err|critical|crit|alert|emerg|fatal|panic"
_LEVEL = re.compile(
    rf"(?<![\w./=\"'-])(?:[\[(<]?(?:[\w-]{{1,30}}+[.:])?({_UPPER})[\])>]?(?=[\s:|,/\]-]|$)"
    rf"|\[(?:[\w-]{{1,30}}+:)?((?i:{_UPPER}))\]|({_LOWER})(?=: ))"
)
"""In capitals as a word, or in any case in brackets or before a colon: "an error" in a sentence is none."""

_LEVEL_HEAD = re.compile(rf"\[?({_UPPER})\]?(?:[ \t]{{0,8}}[:|-]|[ \t])[ \t]*+|\[((?i:{_UPPER}))\]:?[ \t]++")
_RUBY = re.compile(r"[DIWEFA], \[")
_KLOG = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) +\d{1,8} ([\w./-]{1,80}:\d{1,6})\] ")
_APACHE_CLIENT = re.compile(r"\[client ([\d.]{7,15}|[0-9a-f:]{3,39}?)(?::\d{1,5})?\]")
_LAMBDA_ID = re.compile(r"\t([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\t")
_LOGGER = re.compile(r"[ \t:|\]>-]++")
_REACH = 110
"""Characters after the time within which a level counts as the line's own."""


def read_plain(text: str, stamp: Stamp | None = None) -> Record | None:
    """The record of a plain line; None where it begins with neither a time nor a level.

    `stamp` is the time at its start where it was read already.
    """
    if stamp is not None:
        return _read_stamped(text, stamp, stamp.end)
    if text[0] in "DIWEFA":
        if _RUBY.match(text):
            text = text[3:]
        elif klog := _read_klog(text):
            return klog
    stamp, start = _stamp_at(text)
    return _read_stamped(text, stamp, start) if stamp else _read_level_first(text)


def _read_stamped(text: str, stamp: Stamp, start: int) -> Record | None:
    if text[start : start + 1] in (",", ";", '"'):  # a row of a table
        return None
    record = _stamped(text, stamp, start)
    rest = text[start:]
    record.level, words = _level_in(rest)
    record.message = rest[words:].strip()
    if record.format == "cloudwatch" and (request := _LAMBDA_ID.match(rest)):
        record.ids = (("request_id", request[1]),)
    if text[0] == "[" and "[client " in rest:
        client = _APACHE_CLIENT.search(rest)
        record.client = client[1] if client else ""
    return record


def _stamp_at(text: str) -> tuple[Stamp | None, int]:
    """The time at the start, also in brackets, and where the rest begins."""
    opening = 1 if text[0] in "[(" else 0
    stamp = read_stamp(text[opening : opening + 60])
    if stamp is None:
        return None, 0
    end = stamp.end + opening
    if opening and text[end : end + 1] in ("]", ")"):
        end += 1
    return stamp, end


def _stamped(text: str, stamp: Stamp, start: int) -> Record:
    kind = "cloudwatch" if text[start : start + 1] == "\t" and stamp.zone_known and not stamp.missing else "plain"
    record = Record("cloudwatch" if kind == "cloudwatch" else "plain")
    record.at, record.at_text = stamp.seconds, text[:start].strip("[]()")
    record.zone_known, record.missing = stamp.zone_known, stamp.missing
    return record


def _level_in(rest: str) -> tuple[str, int]:
    """The level that the rest of a line names near its start, and where its words begin."""
    match = _LEVEL.search(rest, 0, _REACH)
    if match is None:
        separator = _LOGGER.match(rest)
        return "", separator.end() if separator else 0
    separator = _LOGGER.match(rest, match.end())
    return level_of(match[1] or match[2] or match[3]), separator.end() if separator else match.end()


def _read_level_first(text: str) -> Record | None:
    """`ERROR 2026-06-26 14:03:11,123 …`, `[ERROR] …`, `ERROR:root:…`."""
    match = _LEVEL_HEAD.match(text)
    if match is None:
        return None
    level = level_of(match[1] or match[2])
    stamp, end = _stamp_at(text[match.end() :]) if match.end() < len(text) else (None, 0)
    start = match.end() + end
    record = _stamped(text, stamp, start) if stamp else Record("plain")
    if stamp:
        record.at_text = text[match.end() : start].strip("[]()")
    record.level, record.message = level, text[start:].strip()
    return record


def _read_klog(text: str) -> Record | None:
    """`E0626 14:03:11.123456 1 server.go:42] message`, as Go's glog and Kubernetes write."""
    match = _KLOG.match(text)
    if match is None or not 1 <= int(match[2]) <= 12:
        return None
    stamp = read_stamp(f"{MONTH_NAMES[int(match[2]) - 1]} {match[3]} {match[4]}")
    if stamp is None:
        return None
    record = Record("plain", text[match.end() :], level=level_of(match[1]), zone_known=False, missing="year")
    record.at, record.at_text = stamp.seconds, text[: match.end(4)]
    return record
