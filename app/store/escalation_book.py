"""Escalations within a scope, with their updates and accounts."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select

from app.domain.records import Escalation, EscalationUpdate
from app.domain.snapshot import EscalationBook
from app.store.account_records import as_seen
from app.store.account_state import accounts_in_force, accounts_on_day
from app.store.tables import TABLES
from app.store.versions import believed, visibility
from app.store.view import open_view

Scope = frozenset[str] | None


def build(conn: Connection, scope: Scope, as_of: dt.date, n: int, zone: ZoneInfo) -> EscalationBook:
    """What was opened and said by the end of a day, at version `n`, of the accounts in scope."""
    view = open_view(conn, n, as_of, zone, scope, None)
    escalations = [as_seen(record, as_of, view.end) for record in view.records(Escalation, "escalations")]
    owners = tuple(sorted({escalation.account_id for escalation in escalations}))
    of_these = replace(view, ids=owners)
    accounts = accounts_on_day(of_these, accounts_in_force(of_these))
    known = {row.account.id: row.account for row in accounts}
    updates: dict[str, list[EscalationUpdate]] = defaultdict(list)
    for update in of_these.records(EscalationUpdate, "escalation_updates"):
        updates[update.escalation_id].append(update)
    mine = sorted((e for e in escalations if e.account_id in known), key=lambda e: (e.opened_at, e.id), reverse=True)
    return EscalationBook(
        as_of=as_of,
        escalations=tuple(mine),
        updates={e.id: tuple(u for u in updates[e.id] if u.account_id == e.account_id) for e in mine},
        accounts=known,
        arr={row.account.id: row.arr.amount for row in accounts if row.arr.amount is not None},
    )


def account_of(conn: Connection, record_id: str, scope: Scope, n: int) -> str | None:
    """The account of the escalation, or else of the ticket, that has this id; of escalations also a ticket's id counts.

    None where there is none in scope. Ids are taken as they stand and in either case.
    """
    seen = visibility(conn, n)
    spellings = {record_id, record_id.lower(), record_id.upper()}
    escalations, tickets = TABLES["escalations"], TABLES["tickets"]
    named = or_(escalations.c.id.in_(spellings), escalations.c.ticket_id.in_(spellings))
    for table, is_named in ((escalations, named), (tickets, tickets.c.id.in_(spellings))):
        query = select(table.c.account_id).where(believed(table, seen), is_named)
        if scope is not None:
            query = query.where(table.c.account_id.in_(sorted(scope)))
        if found := conn.execute(query.order_by(table.c.id).limit(1)).scalar():
            return str(found)
    return None
