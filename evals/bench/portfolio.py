"""Made-up portfolios of any size: the same for the same size, dated back from a day."""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from app.domain.records import Account, NpsResponse, Record, Ticket, Touchpoint
from app.store import versions
from app.store.engine import Store
from app.store.tables import TABLES

SOURCE = "bench"
WINDOW_DAYS = 120
"""All windows of the health score lie within them."""

BATCH = 5_000


def account_name(number: int) -> str:
    return f"a{number:05}"


def write_files(folder: Path, accounts: int, days: int, last: dt.date) -> int:
    """`accounts.csv`, and `usage.csv` with a row for each account and day up to `last`; the number of usage rows."""
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "arr", "currency", "licensed_seats"])
        rows.writerows([account_name(n), f"Account {n}", 1_000 + n, "USD", 10 + n % 90] for n in range(accounts))
    with (folder / "usage.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["account_id", "date", "active_users", "api_calls", "errors"])
        for back in range(days - 1, -1, -1):
            day = last - dt.timedelta(days=back)
            rows.writerows([account_name(n), day, *_usage(n, back)] for n in range(accounts))
    return accounts * days


def fill(store: Store, accounts: int, today: dt.date) -> None:
    """An account has a row of usage a day, two tickets, two NPS answers and three meetings."""
    now = dt.datetime.combine(today, dt.time(12), dt.UTC)
    with store.writing() as conn:
        write_id = versions.begin_write(conn, "import", SOURCE, now, SOURCE)
        for records in _batches(_accounts(accounts)):
            versions.put(conn, write_id, "accounts", records, SOURCE, today)
        for name, made in (("tickets", _tickets), ("nps", _nps), ("touchpoints", _touchpoints)):
            for records in _batches(made(accounts, now)):
                versions.put(conn, write_id, name, records, SOURCE, today)
        _insert_usage(conn, write_id, today)
        for name in ("usage", "tickets", "nps", "touchpoints"):
            versions.set_feed(conn, write_id, SOURCE, name, today, today)
        versions.place(conn, write_id)


def _insert_usage(conn: Connection, write_id: int, today: dt.date) -> None:
    """Past `put`, which would be most of the time that a benchmark of snapshots takes."""
    known, usage = TABLES["account_source"], TABLES["usage"]
    keys = conn.execute(select(known.c.account_key).order_by(known.c.account_key)).scalars().all()
    rows: list[dict[str, Any]] = []
    for key in keys:
        for back in range(WINDOW_DAYS):
            users, calls, errors = _usage(key, back)
            cells = {"active_users": users, "api_calls": calls, "errors": errors}
            place = {"account_key": key, "day": today.toordinal() - back, "since": write_id, "origin": SOURCE}
            rows.append(place | cells)
        if len(rows) >= BATCH:
            conn.execute(usage.insert(), rows)
            rows = []
    if rows:
        conn.execute(usage.insert(), rows)


def _usage(account: int, back: int) -> tuple[int, int, int]:
    """Active users, calls and errors; a third of the accounts calls less and less."""
    trend = back if account % 3 == 0 else 0
    return 5 + (account + back) % 40, 100 + account % 50 + trend, (account + back) % 4


def _accounts(count: int) -> Iterator[Account]:
    for n in range(count):
        yield Account(
            id=account_name(n), name=f"Account {n}", arr=1_000.0 + n, currency="USD", licensed_seats=10 + n % 90
        )


def _tickets(accounts: int, now: dt.datetime) -> Iterator[Ticket]:
    for n in range(accounts):
        for k, days in enumerate((3, 40)):
            opened = now - dt.timedelta(days=days + n % 20)
            closed = opened + dt.timedelta(hours=5 + n % 60)
            yield Ticket(
                id=f"t{n}-{k}",
                account_id=account_name(n),
                opened_at=opened,
                resolved_at=closed if closed < now else None,
                severity="SEV2" if n % 4 else "SEV1",
                subject="Calls fail",
            )


def _nps(accounts: int, now: dt.datetime) -> Iterator[NpsResponse]:
    for n in range(accounts):
        for k in range(2):
            said = now - dt.timedelta(days=10 + 20 * k)
            yield NpsResponse(id=f"n{n}-{k}", account_id=account_name(n), responded_at=said, score=(n + k) % 11)


def _touchpoints(accounts: int, now: dt.datetime) -> Iterator[Touchpoint]:
    for n in range(accounts):
        for k in range(3):
            yield Touchpoint(
                id=f"m{n}-{k}",
                account_id=account_name(n),
                date=now.date() - dt.timedelta(days=5 + 30 * k),
                kind="qbr",
                status="attended" if (n + k) % 3 else "no_show",
            )


def _batches(records: Iterator[Record]) -> Iterator[Sequence[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
