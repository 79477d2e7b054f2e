"""Syslog (RFC 5424, RFC 3164), and CloudWatch's exports with the lines of Lambda."""

import re

from tools.troubleshoot.reading.logs.levels import level_of_priority
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.times import read_stamp
from tools.troubleshoot.reading.logs.values import milliseconds

_PRIORITY = re.compile(r"<(\d{1,3})>")
_RFC_5424 = re.compile(
    r"1 (\S{1,40}+) (\S{1,255}+) (\S{1,48}+) (\S{1,128}+) (\S{1,32}+) "
    r'(-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*+")*+\])++)(?: |$)'
)
_HOST_AND_TAG = re.compile(r" ([\w.:-]{1,255}+) ([\w./@-]{1,60}+)(?:\[(\d{1,10})\])?: ?")
_LAMBDA = re.compile(r"(START|END|REPORT) RequestId: ([0-9a-f-]{36})(?![\w-])")
_LAMBDA_DURATION = re.compile(r"(?<!Billed )(?<!Init )\bDuration: (\d{1,9}(?:\.\d{1,6})?) ms")
_TIMED_OUT = re.compile(r"Status: (timeout|error)\b")


def read_syslog(text: str) -> Record | None:
    """The record of a syslog line, whose message is what the program wrote; None where the text is none."""
    priority = _PRIORITY.match(text)
    if priority is None:
        return _read_3164(text, "", needs_process=True)
    if int(priority[1]) > 191:
        return None
    level, rest = level_of_priority(int(priority[1])), text[priority.end() :]
    return _read_5424(rest, level) or _read_3164(rest, level, needs_process=False)


def _read_5424(text: str, level: str) -> Record | None:
    match = _RFC_5424.match(text)
    if match is None:
        return None
    written, host = match[1], match[2]
    stamp = read_stamp(written)
    if stamp is None and written != "-":
        return None
    record = Record("syslog", text[match.end() :].lstrip("\ufeff"), level=level, host="" if host == "-" else host)
    if stamp is not None:
        record.at, record.at_text, record.zone_known = stamp.seconds, written, stamp.zone_known
    return record


def _read_3164(text: str, level: str, *, needs_process: bool) -> Record | None:
    """`Jun 26 14:03:11 host program[123]: message`; the time may be ISO, as rsyslog writes it."""
    stamp = read_stamp(text)
    if stamp is None:
        return None
    tag = _HOST_AND_TAG.match(text, stamp.end)
    if tag is None or (needs_process and tag[3] is None and stamp.missing != "year"):
        return None
    record = Record("syslog", text[tag.end() :], level=level, host=tag[1])
    record.at, record.at_text = stamp.seconds, text[: stamp.end]
    record.zone_known, record.missing = stamp.zone_known, stamp.missing
    return record


def read_lambda(text: str) -> Record | None:
    """The record of a line that Lambda itself writes: START, END or REPORT with its request's id."""
    match = _LAMBDA.match(text)
    if match is None:
        return None
    record = Record("cloudwatch", text, level="info", ids=(("request_id", match[2]),))
    if match[1] != "REPORT":
        return record
    took = _LAMBDA_DURATION.search(text)
    record.duration_ms = milliseconds(took[1], 1.0) if took else None
    record.level = "error" if _TIMED_OUT.search(text) else "info"
    return record
