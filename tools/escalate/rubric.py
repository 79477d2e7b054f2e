"""The quality rubric: which items are there, what the package is worth, what is missing, and whether it may go."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.domain.records import Severity
from tools.escalate.criteria import Criterion, has, qualifies
from tools.escalate.parameters import EscalateParameters, ItemName
from tools.escalate.statement import Statement

ItemState = Literal["met", "missing", "not_applicable"]
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ItemMark:
    """An item of the rubric. `missing` are its fields that are not stated."""

    name: ItemName
    state: ItemState
    because: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the rubric and the criteria come to. `quality` is None where no item applies.

    `at_once`: severity or kind lets the package go at any quality. `missing` are the fields to ask for, in order.
    """

    marks: tuple[ItemMark, ...]
    met: int
    applicable: int
    quality: float | None
    qualifies: bool
    at_once: bool
    sendable: bool
    missing: tuple[str, ...]

    @property
    def incomplete(self) -> bool:
        return bool(self.missing)


@dataclass(frozen=True, slots=True)
class Follow:
    """A missing field, who supplies it, and by when."""

    field: str
    owner: str
    due: dt.datetime


def decide(stated: Statement, criteria: tuple[Criterion, ...], parameters: EscalateParameters) -> Gate:
    """Mark each item and decide: quality at the threshold or above on a qualifying issue, or at once."""
    marks = tuple(_mark(name, stated, parameters) for name in parameters.items)
    met = sum(mark.state == "met" for mark in marks)
    applicable = sum(mark.state != "not_applicable" for mark in marks)
    quality = parameters.full_marks * met / applicable if applicable else None
    at_once = _goes_at_once(stated, parameters)
    shown = qualifies(criteria, stated.kind)
    good = quality is not None and quality >= parameters.threshold - _ROUNDING
    return Gate(
        marks=marks,
        met=met,
        applicable=applicable,
        quality=quality,
        qualifies=shown,
        at_once=at_once,
        sendable=at_once or (good and shown and stated.severity is not None),
        missing=_missing(stated, marks, criteria),
    )


def follows(
    gate: Gate, severity: Severity | None, now: dt.datetime, parameters: EscalateParameters
) -> tuple[Follow, ...]:
    """What follows a package that goes incomplete: each missing field, whose it is, and when it is due."""
    if not gate.sendable:
        return ()
    level = parameters.severities[severity] if severity else None
    hours = level.follow_up_hours if level else parameters.unstated_follow_up_hours
    due = (now + dt.timedelta(hours=hours)).replace(second=0, microsecond=0)
    return tuple(Follow(name, parameters.owner(name), due) for name in gate.missing)


def _goes_at_once(stated: Statement, parameters: EscalateParameters) -> bool:
    """Every kind that the issue may be goes at once, or its severity does."""
    by_kind = bool(stated.kinds) and all(kind in parameters.at_once.kinds for kind in stated.kinds)
    return by_kind or stated.severity in parameters.at_once.severities


def _mark(name: ItemName, stated: Statement, parameters: EscalateParameters) -> ItemMark:
    fields = ("endpoint", "request") if name == "endpoint" else (name,)
    missing = tuple(field for field in fields if not has(stated, field))
    if stated.kind and name in parameters.kinds[stated.kind].not_applicable:
        return ItemMark(name, "not_applicable", f"not asked of a {parameters.kinds[stated.kind].label}")
    if not missing:
        return ItemMark(name, "met", "stated")
    if name in stated.not_applicable:
        return ItemMark(name, "not_applicable", stated.not_applicable[name])
    return ItemMark(name, "missing", _why_missing(name, missing, stated), missing)


def _why_missing(name: ItemName, missing: tuple[str, ...], stated: Statement) -> str:
    if name in stated.unreasoned:
        return "called not applicable, without a reason"
    if name == "timestamps" and stated.moments:
        return f"the time zone is missing: “{stated.moments[0].text}”"
    if name == "error" and stated.statuses:
        return f"the status {stated.statuses[0]} is stated, its message is not"
    if name == "endpoint" and len(missing) == 1:
        return f"the {missing[0]} is missing"
    return "not given"


def _missing(stated: Statement, marks: tuple[ItemMark, ...], criteria: tuple[Criterion, ...]) -> tuple[str, ...]:
    """Kind and severity, then what the rubric misses, then what the criteria of this kind still need."""
    needed = [name for name, value in (("kind", stated.kind), ("severity", stated.severity)) if value is None]
    needed += [field for mark in marks for field in mark.missing]
    needed += [field for criterion in criteria if criterion.kind == stated.kind for field in criterion.asks]
    return tuple(dict.fromkeys(needed))
