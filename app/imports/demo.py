"""The demo portfolio: invented customers with dates relative to today, put into the store like an import.

What there is stands in demo.yaml; daily use is made from its levels by arithmetic alone, so a day always gives the
same rows.
"""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.domain.records import RECORD_TYPES, Record
from app.domain.windows import add_working_days, is_working_day
from app.domain.yaml_text import load_yaml
from app.imports.feeds import FACT_DAYS, Coverage
from app.imports.profile import plain_types
from app.imports.report import ImportReport, TableCounts
from app.imports.rules import Rules
from app.imports.run import AtEnd
from app.store import versions
from app.store.engine import Store
from app.store.tables import TABLES

SOURCE = "demo"
KIND = "demo"
"""Kind of the writes that load and remove the demo, which tells them from all others."""

FIRST_DAY = -400
"""Undated state holds from so many days before today, so that it is known on each day of the demo."""

USE_FROM, FEATURES_FROM, ACTIVITY_FROM = -300, -120, -60
FEATURE_EVERY = 3
"""Use of a feature is told every third day."""

WEEKEND = 0.15
"""A day of the weekend sees so much of a working day's use."""

RIPPLE = 0.06
"""A day differs from its level by up to so much."""

SPARE_QUOTA = 0.17
"""Where a share of the month's quota is to be used, it grows by so much over the month."""

NUMBERED = {
    "tickets": "t",
    "nps": "n",
    "touchpoints": "p",
    "goals": "g",
    "signals": "s",
    "arr_movements": "m",
    "commitments": "c",
    "escalations": "e",
    "escalation_updates": "u",
    "milestones": "o",
    "milestone_slips": "w",
}
"""Tables of which an account's block lists records without ids, and the letter that an id is made with."""

LISTED = (*NUMBERED, "contacts", "integrations", "checks")
PORTFOLIO_WIDE = ("plans", "roadmap", "feedback", "ramp_signoffs")

Block = Mapping[str, Any]
Filed = tuple[str, str, Record]
"""A record with its source and table."""


def load_demo(
    store: Store, today: dt.date, now: dt.datetime, zone: ZoneInfo, at_end: AtEnd | None = None
) -> ImportReport:
    """Put the demo portfolio into the store with dates relative to `today`, in place of an earlier one.

    Loading it again on the same day, where nothing else was written since, changes nothing. `at_end` is called in the
    transaction that does it, if one does.

    Raises:
        Conflict: an import is running.
    """
    filed: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for source, table, record in demo_records(today, zone):
        filed[source, table].append(record)
    note = f"load {today}"
    report = ImportReport(tables={table: TableCounts() for table in RECORD_TYPES})
    with versions.import_lock(store), store.writing() as conn:
        versions.undo_unfinished(conn)
        if _notes_of_untouched(conn)[-1:] == [note]:
            for (_, table), records in filed.items():
                _count(report.tables[table], len(records), versions.Counts(unchanged=len(records)))
        else:
            write_id = versions.begin_write(conn, KIND, SOURCE, now, note)
            for source in {source for source, _ in filed}:
                versions.retract_source(conn, write_id, source)
            effective = today + dt.timedelta(days=FIRST_DAY)
            for (source, table), records in filed.items():
                done = versions.put(conn, write_id, table, records, source, effective)
                _count(report.tables[table], len(records), done)
            _cover(conn, write_id, filed, today, zone)
            versions.place(conn, write_id)
            report.placed = True
        report.version = versions.current(conn)
        if at_end and report.placed:
            at_end(conn, report)
    return report


def remove_demo(store: Store, now: dt.datetime, at_end: Callable[[Connection, int], None] | None = None) -> int:
    """Take the demo portfolio out again, for every day; the number of rows that were ended.

    `at_end` is called with it in the transaction that ended them, if there were any.

    Raises:
        Conflict: an import is running.
    """
    with versions.import_lock(store), store.writing() as conn:
        versions.undo_unfinished(conn)
        write_id = versions.begin_write(conn, KIND, SOURCE, now, "remove")
        ended = sum(versions.retract_source(conn, write_id, source) for source in _sources(_portfolio()))
        if ended:
            versions.place(conn, write_id)
            if at_end:
                at_end(conn, ended)
        else:
            versions.undo(conn, write_id)
        return ended


def demo_is_untouched(store: Store) -> bool:
    """Whether the demo portfolio is in the store and nothing else was ever written: then its dates may be moved."""
    with store.reading() as conn:
        return bool(_notes_of_untouched(conn))


def _notes_of_untouched(conn: Connection) -> list[str]:
    """The notes of all writes, where all of them loaded the demo; else none."""
    write = TABLES["write"]
    rows = conn.execute(select(write.c.kind, write.c.note).where(write.c.place.is_not(None)).order_by(write.c.place))
    writes = [(row.kind, row.note) for row in rows]
    return [note for _, note in writes] if all(k == KIND and n != "remove" for k, n in writes) else []


def _count(counts: TableCounts, read: int, done: versions.Counts) -> None:
    counts.read += read
    counts.add(done.created, done.updated, done.unchanged)


def _cover(
    conn: Connection, write_id: int, filed: Mapping[tuple[str, str], list[Record]], today: dt.date, zone: ZoneInfo
) -> None:
    """Say how far each source covers each table, those without a row too: nothing happened there."""
    for source in sorted({source for source, _ in filed}):
        for table in FACT_DAYS:
            coverage = Coverage(table, today, today, zone)
            coverage.observe(filed.get((source, table), []))
            if covered := coverage.covered_through():
                versions.set_feed(conn, write_id, source, table, covered, coverage.newest)


# From the file to records


def demo_records(today: dt.date, zone: ZoneInfo) -> Iterator[Filed]:
    """Every record of the demo, checked like an imported row.

    Raises:
        ValueError: demo.yaml says something that an import would reject.
    """
    portfolio = _portfolio()
    rules = Rules(today, zone, accounts=(), contacts=())
    days = _Days(today, zone)
    blocks = [{**portfolio["every_account"], **block} for block in portfolio["accounts"]]
    for source, table, values in _all_values(portfolio, blocks, days):
        record = RECORD_TYPES[table].model_validate(days.placed(table, values))
        if fault := rules.fault(table, record):
            raise ValueError(f"demo.yaml, {table} {values}: {fault[0]}: {fault[1]}")
        rules.accept(record)
        yield source, table, record


def _portfolio() -> dict[str, Any]:
    text = (resources.files("app.imports") / "demo.yaml").read_text(encoding="utf-8")
    portfolio: dict[str, Any] = load_yaml(text)
    return portfolio


def _sources(portfolio: Block) -> set[str]:
    return {block.get("source", SOURCE) for block in portfolio["accounts"]}


def _all_values(portfolio: Block, blocks: Sequence[Block], days: "_Days") -> Iterator[tuple[str, str, Block]]:
    """Source, table and values of each record, in the order of an import: accounts before what refers to them."""
    for block in blocks:
        fields = {name: value for name, value in block.items() if name in RECORD_TYPES["accounts"].model_fields}
        yield block.get("source", SOURCE), "accounts", fields
    for block in blocks:
        source = block.get("source", SOURCE)
        for table in LISTED:
            for values in _listed(block, table):
                yield source, table, values
        for table, values in _daily(block, days):
            yield source, table, values
    for table in PORTFOLIO_WIDE:
        for values in portfolio[table]:
            yield SOURCE, table, values


def _listed(block: Block, table: str) -> Iterator[Block]:
    for number, values in enumerate(block.get(table, ()), start=1):
        own_id = {"id": f"{block['id']}-{NUMBERED[table]}{number}"} if table in NUMBERED else {}
        yield {**own_id, "account_id": block["id"], **values}


@dataclass(frozen=True, slots=True)
class _Days:
    """Days counted from today, and the calendar behind them."""

    today: dt.date
    zone: ZoneInfo

    def day(self, offset: int) -> dt.date:
        return self.today + dt.timedelta(days=offset)

    def placed(self, table: str, values: Block) -> dict[str, Any]:
        """The values with their offsets turned into days and instants; a plan's days are working days."""
        return {name: self._placed(table, name, value) for name, value in values.items()}

    def _placed(self, table: str, name: str, value: Any) -> Any:
        types = plain_types(RECORD_TYPES[table], name)
        if dt.datetime in types:
            offset, clock = value.split()
            return dt.datetime.combine(self.day(int(offset)), dt.time.fromisoformat(clock), self.zone)
        if not (dt.date in types and isinstance(value, int)):
            return value
        day = self.day(value)
        return day if table != "milestones" or is_working_day(day) else add_working_days(day, 1)


def _daily(block: Block, days: _Days) -> Iterator[tuple[str, Block]]:
    account = {"account_id": block["id"]}
    last = block.get("usage_ends", -1)
    if use := block.get("usage"):
        for offset in range(use.get("from", USE_FROM), last + 1):
            yield "usage", account | _usage_on(offset, use, block, days)
    for place, (feature, spec) in enumerate(block.get("features", {}).items()):
        form = spec if isinstance(spec, dict) else {"level": spec}
        extra = {name: form[name] for name in ("environment",) if name in form}
        for offset in range(form.get("from", FEATURES_FROM), last + 1):
            count = round(level_on(form["level"], offset) * _ripple(days.day(offset)))
            if (days.day(offset).toordinal() + place) % FEATURE_EVERY == 0 and count:
                yield "feature_usage", {**account, "date": offset, "feature": feature, "count": count, **extra}
    for person in block.get("activity", ()):
        for offset in range(ACTIVITY_FROM, last + 1):
            logins = level_on(person["logins"], offset)
            if is_working_day(days.day(offset)) and logins:
                yield "contact_activity", {**person, "date": offset, "logins": round(logins)}


def _usage_on(offset: int, use: Block, block: Block, days: _Days) -> dict[str, Any]:
    day = days.day(offset)
    factor = _ripple(day) * (1 + use.get("growth", 0) * offset)
    busy = 1 if is_working_day(day) else WEEKEND
    row: dict[str, Any] = {"date": offset}
    if "users" in use:
        row["active_users"] = round(level_on(use["users"], offset) * busy * min(factor, 1))
    if "distinct" in use:
        row["active_users_28d"] = round(level_on(use["distinct"], offset))
    if "calls" in use:
        calls = round(level_on(use["calls"], offset) * factor * max(busy, 0.4))
        if "quota_share" in use and (day.year, day.month) == (days.today.year, days.today.month):
            calls = _share_of_quota(use["quota_share"], block["api_quota_monthly"], days.today)
        row |= {"api_calls": calls, "errors": round(calls * level_on(use.get("errors", 0.001), offset))}
        row["p95_ms"] = round(level_on(use.get("p95", 180), offset) * factor, 1)
    return row


def _share_of_quota(share: float, quota: int, today: dt.date) -> int:
    """Calls a day of this month, so that by the end of yesterday `share` of the quota and a little more is used."""
    gone = today.day - 1
    return round(quota * (share + SPARE_QUOTA * gone / calendar.monthrange(today.year, today.month)[1]) / gone)


def level_on(level: float | Iterable[tuple[int, float]], offset: int) -> float:
    """A level on a day: a number, or steps of (day from which it holds, level); 0 before the first."""
    if isinstance(level, (int, float)):
        return level
    return next((value for start, value in reversed(list(level)) if start <= offset), 0)


def _ripple(day: dt.date) -> float:
    return 1 + RIPPLE * ((day.toordinal() * 37) % 11 - 5) / 5
