"""Records as they stood on a day, for the words of an answer."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from app.domain.records import Check, Commitment, Contact, Escalation, FeedbackItem, Goal, Milestone, Record, Ticket
from app.store.view import ColumnsOf

R = TypeVar("R", bound=Record)

TICKET_EVENTS = ("first_response_at", "resolved_at", "reopened_at", "escalated_at")
ESCALATION_EVENTS = ("resolved_at", "closed_at")


def as_seen(record: R, as_of: dt.date, end: dt.datetime) -> R:
    """The record without what happened to it after `as_of`, whose last instant is just before `end`."""
    later = _later(record, as_of, end)
    return record.model_copy(update=later) if later else record


def _later(record: Record, as_of: dt.date, end: dt.datetime) -> dict[str, Any]:
    """The fields that tell of something later, with the values that do not."""
    match record:
        case Ticket():
            return _later_in_ticket(record, end)
        case Escalation():
            return _later_in_escalation(record, end)
        case Contact(left_on=dt.date() as day) if day > as_of:
            return {"left_on": None}
        case Goal(status_on=dt.date() as day) if day > as_of:
            return {"status": None, "status_on": None}
        case Commitment(done_on=dt.date() as day) if day > as_of:
            return {"done_on": None}
        case Milestone(done_on=dt.date() as day) if day > as_of:
            return {"done_on": None, "signed_by": None}
        case Check(checked_on=dt.date() as day) if day > as_of:
            return {"state": None, "note": None, "checked_on": None, "checked_by": None}
        case FeedbackItem(shipped_on=dt.date() as day) if day > as_of:
            return {"status": None, "shipped_on": None}
        case _:
            return {}


def _later_in_ticket(ticket: Ticket, end: dt.datetime) -> dict[str, Any]:
    """The escalation flag goes with its escalation, the satisfaction score with the resolution it is about."""
    later: dict[str, Any] = {}
    for name in TICKET_EVENTS:
        at = getattr(ticket, name)
        if at is not None and at >= end:
            later[name] = None
    if "escalated_at" in later:
        later["escalated"] = False
    if "resolved_at" in later:
        later["csat"] = None
    return later


def _later_in_escalation(escalation: Escalation, end: dt.datetime) -> dict[str, Any]:
    """The verification goes with the close that it allows."""
    later: dict[str, Any] = {
        name: None for name in ESCALATION_EVENTS if (at := getattr(escalation, name)) is not None and at >= end
    }
    if "closed_at" in later:
        later["verified"] = None
    return later


def columns_of(records: Mapping[str, Sequence[Record]]) -> ColumnsOf:
    """Gives records' fields the way the database gives a table's."""
    return lambda table_name, fields: [[getattr(r, field) for r in records[table_name]] for field in fields]
