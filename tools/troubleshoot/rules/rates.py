"""Rules of when it began: a step in the share of failures, and the change that came shortly before it."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.logs import Bucket, LogSummary, Marker
from tools.troubleshoot.rules.answers import line_of
from tools.troubleshoot.rules.change_points import Rise, rate_rise
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.times import minute, zone_note

_CHANGES = ("deploy", "release", "restart", "configuration", "feature_flag", "certificate")
_CHANGE_WORDS = re.compile(
    r"\b(?:deploy|release|roll(?:ed)?[ -]?out|upgrad|updat|migrat|config|version|patch|merged|feature flag|went live)",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE)
_YOURS = re.compile(r"\b(?:you|your)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RateStep:
    """A step in a log's failures; `started` and `ended` are the beginnings of spans of time, None: outside the log."""

    rise: Rise
    log: LogSummary
    place: Place
    started: dt.datetime | None
    ended: dt.datetime | None


@dataclass(frozen=True, slots=True)
class _Near:
    """A change near the start, its time, and where the log tells of it."""

    marker: Marker
    at: dt.datetime
    place: Place


def rate_step(case: Case) -> RateStep | None:
    """The first log in whose failures there is a step."""
    for log, place in case.facts(LogSummary):
        buckets = sorted(log.buckets, key=lambda each: each.start)
        failures = np.array([min(each.errors, each.count) for each in buckets], dtype=float)
        counts = np.array([each.count for each in buckets], dtype=float)
        rise = rate_rise(failures, counts, case.parameters.change) if buckets else None
        if rise is not None:
            return RateStep(rise, log, place, _start(buckets, rise.start), _start(buckets, rise.end))
    return None


def error_rate_step(case: Case) -> Finding | None:
    """The share of failures rose in a step, or was high when the log began and then fell."""
    step = rate_step(case)
    if step is None:
        return None
    before = case.figure(
        "error_rate.before",
        "Share of failures outside the step",
        100 * step.rise.before,
        "%",
        "failures ÷ records of the log before the step, or after it where the log begins within it",
        step.place,
    )
    after = case.figure(
        "error_rate.after",
        "Share of failures within the step",
        100 * step.rise.after,
        "%",
        "failures ÷ records of the log within the step",
        step.place,
    )
    note = zone_note(step.log)
    span = "a minute" if step.log.bucket_seconds == 60 else f"{step.log.bucket_seconds:,} seconds"
    values = {"span": span} | {
        name: minute(at) for name, at in (("start", step.started), ("end", step.ended)) if at is not None
    }
    clues = [
        Clue(text("Failures rose from ", before, " to ", after, f" of the records{note}"), step.place, (before, after))
    ]
    if step.ended is not None:
        clues.append(Clue(text(f"They fell back at {minute(step.ended)}"), step.place))
    title = (
        text(f"The failures began at {minute(step.started)}: from ", before, " to ", after, " of the calls")
        if step.started
        else text(
            "The failures had begun before the log does: ", after, f" until {values.get('end', '')}, then ", before
        )
    )
    return Finding("likely", title, tuple(clues), values=values)


def deploy_near_start(case: Case) -> Finding | None:
    """A change came shortly before the failures began: by the log's markers, or by what the customer says.

    It is told as a coincidence in time; which of them caused anything the times cannot show.
    """
    step = rate_step(case)
    near = _marker(case, step) if step else None
    if step is None or step.started is None or near is None:
        return _said(case)
    what = near.marker.what.replace("_", " ")
    clue = Clue(text(f'The log has a {what} at {minute(near.at)}: "{_quote(near.marker.text)}"'), near.place)
    minutes = (step.started - near.at).total_seconds() / 60
    if minutes < 0:
        against = Clue(
            text(f"Both fall into the span that begins at {minute(step.started)}; which was first is not told")
        )
        title = text(f"A {what} fell into the minute in which the failures began")
        when = "in the same minute as"
    else:
        against = Clue(text("That one came before the other does not show that it caused it"))
        title = text(f"A {what} came {_minutes(minutes)} before the failures began")
        when = f"{_minutes(minutes)} before"
    return Finding("possible", title, (clue,), (against,), {"what": what, "when": when, "at": minute(near.at)})


def _marker(case: Case, step: RateStep) -> _Near | None:
    """The last change before the start, within the lead; else one within the span of time in which it began."""
    if step.started is None:
        return None
    earliest = step.started - dt.timedelta(minutes=case.parameters.change.lead_minutes)
    latest = step.started + dt.timedelta(seconds=step.log.bucket_seconds)
    near = [each for each in _changes(case) if earliest <= each.at < latest]
    before = [each for each in near if each.at <= step.started]
    return max(before or near, key=lambda each: each.at, default=None)


def _changes(case: Case) -> Iterator[_Near]:
    """The changes that logs tell of, with their times."""
    for log, place in case.facts(LogSummary):
        for marker in log.markers:
            if marker.what in _CHANGES and marker.at is not None:
                yield _Near(marker, marker.at, line_of(log, place, marker))


def _said(case: Case) -> Finding | None:
    """What the customer says changed before."""
    words = next((each for each in case.statement.changed if _CHANGE_WORDS.search(each)), None)
    if words is None:
        return None
    place = next((Place("", line) for line, each in case.statement.lines if words in each), None)
    clue = Clue(text(f'The message says: "{_quote(words)}"'), place)
    against = Clue(text("When exactly the change was made, and when the first call failed, is not told"))
    side: Side = "undecided"
    if _OWN.search(words) and not _YOURS.search(words):
        side = "customer"
    elif _YOURS.search(words) and not _OWN.search(words):
        side = "product"
    values = {"what": "change", "when": "shortly before", "at": "the time of the change"}
    return Finding(
        "possible",
        text("A change came before the failures, by the customer's words"),
        (clue,),
        (against,),
        values,
        side=side,
    )


def _start(buckets: list[Bucket], place: int | None) -> dt.datetime | None:
    return None if place is None or place >= len(buckets) else buckets[place].start


def _minutes(minutes: float) -> str:
    whole = round(minutes)
    if whole < 1:
        return "less than a minute"
    return "1 minute" if whole == 1 else f"{whole} minutes"


def _quote(words: str) -> str:
    return " ".join(words.split())[:160]


RULES: tuple[Rule, ...] = (
    Rule("error_rate_step", "undecided", error_rate_step, "context"),
    Rule("deploy_near_start", "undecided", deploy_near_start, "context"),
)
