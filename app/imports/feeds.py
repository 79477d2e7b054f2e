"""How far an import covers each table it read (design, section 2: every feed knows how far it covers)."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.domain.records import Record

DAILY_TABLES = ("usage", "feature_usage", "contact_activity")
"""Sums of a day: covered to the newest day that had ended."""

FACT_DAYS: dict[str, str] = {
    "usage": "date",
    "feature_usage": "date",
    "contact_activity": "date",
    "tickets": "opened_at",
    "nps": "responded_at",
    "touchpoints": "date",
    "signals": "date",
    "arr_movements": "date",
    "commitments": "made_on",
    "escalations": "opened_at",
    "escalation_updates": "at",
    "milestone_slips": "date",
}
"""The field that dates a fact, for each table that has a feed. All but the daily ones are event tables."""


EVENT_TABLES = tuple(table for table in FACT_DAYS if table not in DAILY_TABLES)
"""Tables of dated facts with an id each."""


class Coverage:
    """Watches the facts of one table go by and says how far they reach.

    `through` is the day to which an event table is complete. Facts dated after `today` (an agreed ARR movement, a
    meeting to come) do not count as newest.
    """

    def __init__(self, table: str, today: dt.date, through: dt.date, zone: ZoneInfo) -> None:
        self._table = table
        self._today = today
        self._through = through
        self._zone = zone
        self.newest: dt.date | None = None

    def observe(self, records: Sequence[Record]) -> None:
        days = [day for record in records if (day := self._day(record)) is not None and day <= self._today]
        if days:
            self.newest = max(days) if self.newest is None else max(self.newest, *days)

    def covered_through(self) -> dt.date | None:
        """The last day that is covered; None where nothing is, which is so of daily tables without a row only."""
        if self._table not in DAILY_TABLES:
            return self._through
        if self.newest is None:
            return None
        return min(self.newest, self._today - dt.timedelta(days=1))

    def _day(self, record: Record) -> dt.date | None:
        value: dt.date | None = getattr(record, FACT_DAYS[self._table])
        return value.astimezone(self._zone).date() if isinstance(value, dt.datetime) else value
