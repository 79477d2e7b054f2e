"""What a record cannot know of itself: what day it is, and whether what it refers to is there."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.domain.records import Account, Contact, ContactActivity, FeedbackItem, Record, Ticket, Touchpoint
from app.domain.windows import end_of_day

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
}
"""Fields that tell what has happened. Agreed ARR movements, meetings, renewals and due dates may lie ahead."""

Fault = tuple[str, str]
"""The field at fault and the reason."""


class Rules:
    """Checks records against the day of the import and the accounts and contacts known by then."""

    def __init__(self, today: dt.date, zone: ZoneInfo, accounts: Iterable[str], contacts: Iterable[str]) -> None:
        self._today = today
        self._end_of_today = end_of_day(today, zone)
        self._accounts = set(accounts)
        self._contacts = set(contacts)
        self._parents: set[str] = set()

    def accept(self, record: Record) -> None:
        """Let later records refer to this one."""
        if isinstance(record, Account):
            self._accounts.add(record.id)
            if record.parent_id is not None:
                self._parents.add(record.parent_id)
        elif isinstance(record, Contact):
            self._contacts.add(record.id)

    def unknown_parents(self) -> list[str]:
        """Ids that accepted accounts give as their parent's, and that no account has."""
        return sorted(self._parents - self._accounts)

    def fault(self, table: str, record: Record) -> Fault | None:
        """Why the record cannot be taken, or None."""
        return self._unknown_reference(record) or self._too_early(table, record)

    def _unknown_reference(self, record: Record) -> Fault | None:
        account_id = getattr(record, "account_id", None)
        if account_id is not None and account_id not in self._accounts:
            return "account_id", f"unknown account {account_id!r}"
        if isinstance(record, ContactActivity) and record.contact_id not in self._contacts:
            return "contact_id", f"unknown contact {record.contact_id!r}"
        if isinstance(record, FeedbackItem):
            for linked in record.account_ids:
                if linked not in self._accounts:
                    return "account_ids", f"unknown account {linked!r}"
        return None

    def _too_early(self, table: str, record: Record) -> Fault | None:
        """A fault where the record tells of what has not happened yet, or of an end before its beginning."""
        for name in PAST_ONLY.get(table, ()):
            value = getattr(record, name)
            if value is not None and self._is_ahead(value):
                return name, f"{value:%Y-%m-%d} is later than the day of the import"
        if isinstance(record, Touchpoint) and record.status in ("attended", "no_show") and self._is_ahead(record.date):
            return "date", f"{record.date} is later than the day of the import, so it cannot have been {record.status}"
        if isinstance(record, Ticket):
            for name in ("first_response_at", "resolved_at"):
                value = getattr(record, name)
                if value is not None and value < record.opened_at:
                    return name, f"{name} is before opened_at"
        return None

    def _is_ahead(self, value: dt.date) -> bool:
        if isinstance(value, dt.datetime):
            return value >= self._end_of_today
        return value > self._today
