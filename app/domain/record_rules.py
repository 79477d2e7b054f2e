"""What a record cannot know of itself: whether what it says to have happened lies ahead, or ends before it began."""

import datetime as dt

from app.domain.records import Record, Ticket, Touchpoint

PAST_ONLY: dict[str, tuple[str, ...]] = {
    "usage": ("date",),
    "feature_usage": ("date",),
    "contact_activity": ("date",),
    "tickets": ("opened_at", "first_response_at", "resolved_at", "reopened_at", "escalated_at"),
    "nps": ("responded_at",),
    "goals": ("status_on",),
    "signals": ("date",),
    "feedback": ("created_on", "shipped_on"),
    "commitments": ("made_on", "done_on"),
    "escalations": ("opened_at", "resolved_at", "closed_at"),
    "escalation_updates": ("at",),
    "milestones": ("done_on",),
    "milestone_slips": ("date",),
    "checks": ("checked_on",),
    "ramp_signoffs": ("signed_on",),
}
"""Fields that tell what has happened. Agreed ARR movements, meetings, departures, renewals and dues may lie ahead."""

Fault = tuple[str, str]
"""The field at fault and the reason."""


def time_fault(
    table: str, record: Record, today: dt.date, end_of_today: dt.datetime, called: str = "today"
) -> Fault | None:
    """A fault where the record tells of what has not happened by the end of `today`, or of an end before its beginning.

    `end_of_today` is the first instant after it; `called` is what the reason calls the day.
    """

    def is_ahead(value: dt.date) -> bool:
        return value >= end_of_today if isinstance(value, dt.datetime) else value > today

    for name in PAST_ONLY.get(table, ()):
        value = getattr(record, name)
        if value is not None and is_ahead(value):
            return name, f"{value:%Y-%m-%d} is later than {called}"
    if isinstance(record, Touchpoint) and record.status in ("attended", "no_show") and is_ahead(record.date):
        return "date", f"{record.date} is later than {called}, so it cannot have been {record.status}"
    if isinstance(record, Ticket):
        for name in ("first_response_at", "resolved_at"):
            value = getattr(record, name)
            if value is not None and value < record.opened_at:
                return name, f"{name} is before opened_at"
    return None
