"""What a record cannot know of itself: what day it is, and whether what it refers to is there."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.domain.record_rules import Fault, time_fault
from app.domain.records import Account, Contact, ContactActivity, FeedbackItem, Record
from app.domain.windows import end_of_day


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

    def fault(self, table: str, record: Record, *, matched: bool = True) -> Fault | None:
        """Why the record cannot be taken, or None. What refers to accounts by other ids is `matched` later."""
        return (self._unknown_reference(record) if matched else None) or time_fault(
            table, record, self._today, self._end_of_today, "the day of the import"
        )

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
