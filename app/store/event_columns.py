"""Rows of facts and state as columns: what happened after as_of is left out, so that nothing later shines through."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np

from app.domain.snapshot import (
    CommitmentColumns,
    ContactColumns,
    GoalColumns,
    NpsColumns,
    SignalColumns,
    Strings,
    TicketColumns,
    TouchpointColumns,
)
from app.domain.windows import Days, instant, instants
from app.store.view import ColumnsOf

Places = Mapping[str, int]
"""An account's place in the snapshot by its id."""

NO_SEVERITY = 3
"""A ticket without severity counts as SEV3 (design, section 4)."""


def ticket_columns(columns_of: ColumnsOf, places: Places, end: dt.datetime) -> TicketColumns:
    """Tickets; a resolution, reopening or escalation at `end` or later has not happened yet."""
    account, ids, opened, resolved, reopened, escalated_at, escalated, severity = _columns(
        columns_of,
        places,
        "tickets",
        "id",
        "opened_at",
        "resolved_at",
        "reopened_at",
        "escalated_at",
        "escalated",
        "severity",
    )
    last, resolved_at, reopened_at, escalations = instant(end), *map(instants, (resolved, reopened, escalated_at))
    open_again = (reopened_at > resolved_at) & (reopened_at < last)
    flagged = np.array([flag is True for flag in escalated], dtype=np.bool_)
    return TicketColumns(
        account=account,
        id=_strings(ids),
        opened_at=instants(opened),
        resolved_at=np.where((resolved_at < last) & ~open_again, resolved_at, np.datetime64("NaT")),
        escalated=(escalations < last) | (flagged & np.isnat(escalations)),
        severity=np.array([int(s[-1]) if s else NO_SEVERITY for s in severity], dtype=np.int8),
    )


def nps_columns(columns_of: ColumnsOf, places: Places) -> NpsColumns:
    account, ids, contact, responded_at, score = _columns(
        columns_of, places, "nps", "id", "contact_id", "responded_at", "score"
    )
    return NpsColumns(
        account=account,
        id=_strings(ids),
        contact=_strings(contact),
        responded_at=instants(responded_at),
        score=np.array(score, dtype=np.int8),
    )


def touchpoint_columns(columns_of: ColumnsOf, places: Places) -> TouchpointColumns:
    account, ids, day, kind, status = _columns(columns_of, places, "touchpoints", "id", "date", "kind", "status")
    return TouchpointColumns(
        account=account, id=_strings(ids), day=_days(day), kind=_strings(kind), status=_strings(status)
    )


def signal_columns(columns_of: ColumnsOf, places: Places) -> SignalColumns:
    account, ids, day, kind = _columns(columns_of, places, "signals", "id", "date", "kind")
    return SignalColumns(account=account, id=_strings(ids), day=_days(day), kind=_strings(kind))


def contact_columns(columns_of: ColumnsOf, places: Places, as_of: dt.date) -> ContactColumns:
    """Contacts; one who leaves after `as_of` has not left yet."""
    account, ids, name, is_champion, left_on = _columns(
        columns_of, places, "contacts", "id", "name", "is_champion", "left_on"
    )
    left_day = _days(left_on)
    return ContactColumns(
        account=account,
        id=_strings(ids),
        name=_strings(name),
        is_champion=np.array([flag is True for flag in is_champion], dtype=np.bool_),
        left_day=np.where(left_day <= as_of.toordinal(), left_day, 0).astype(np.int32),
    )


def goal_columns(columns_of: ColumnsOf, places: Places, as_of: dt.date) -> GoalColumns:
    """Goals; a status set after `as_of` is unknown on `as_of`."""
    account, ids, status, status_on, due = _columns(columns_of, places, "goals", "id", "status", "status_on", "due")
    status_day = _days(status_on)
    known = status_day <= as_of.toordinal()
    return GoalColumns(
        account=account,
        id=_strings(ids),
        status=np.where(known, _strings(status), "").astype(object),
        status_day=np.where(known, status_day, 0).astype(np.int32),
        due_day=_days(due),
    )


def commitment_columns(columns_of: ColumnsOf, places: Places, as_of: dt.date) -> CommitmentColumns:
    """Promises that were not kept by `as_of`."""
    account, ids, by, what, due, done_on = _columns(
        columns_of, places, "commitments", "id", "by", "what", "due", "done_on"
    )
    done_day = _days(done_on)
    still = (done_day == 0) | (done_day > as_of.toordinal())
    return CommitmentColumns(
        account=account[still],
        id=_strings(ids)[still],
        by=_strings(by)[still],
        what=_strings(what)[still],
        due_day=_days(due)[still],
    )


def _columns(columns_of: ColumnsOf, places: Places, table_name: str, *fields: str) -> tuple[Any, ...]:
    """The account's place, then each field, of the rows whose account is in the snapshot."""
    account_ids, *columns = columns_of(table_name, ("account_id", *fields))
    account = np.array([places.get(account_id, -1) for account_id in account_ids], dtype=np.int32)
    known = account >= 0
    if known.all():
        return (account, *columns)
    return (account[known], *(list(compress(column, known)) for column in columns))


def _strings(values: Sequence[str | None]) -> Strings:
    return np.array([value or "" for value in values], dtype=object)


def _days(values: Sequence[dt.date | None]) -> Days:
    return np.array([value.toordinal() if value else 0 for value in values], dtype=np.int32)
