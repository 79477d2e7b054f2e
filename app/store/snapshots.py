"""Builds snapshots: everything known of some accounts as of a day, read in a constant number of set-based queries.

Scope is applied here: `scope` is the set of account ids that the caller may see, None for all. Called within one read
transaction, so that all parts of a snapshot fit together.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection, Row, and_, func, or_, select

from app.domain.families import family_of
from app.domain.problems import AccountNotFound
from app.domain.records import (
    RECORD_TYPES,
    ArrMovement,
    Check,
    Commitment,
    Contact,
    Escalation,
    FeedbackItem,
    Goal,
    Integration,
    Milestone,
    MilestoneSlip,
    NpsResponse,
    Plan,
    Record,
    Signal,
    Ticket,
    Touchpoint,
)
from app.domain.snapshot import AccountSnapshot, FeedbackBook, Feeds, PeerTicket, PortfolioSnapshot, StatusOn
from app.domain.windows import STALE_AFTER_DAYS, Days, end_of_day
from app.store import event_columns
from app.store.account_records import as_seen, columns_of
from app.store.account_state import AccountInForce, accounts_in_force, accounts_on_day
from app.store.column_types import Instant
from app.store.tables import TABLES
from app.store.usage_windows import feature_columns, feature_rows, usage_windows
from app.store.versions import Visibility, believed, in_force, visibility
from app.store.view import DATED_BY, ColumnsOf, View, construct, open_view

Scope = frozenset[str] | None
R = TypeVar("R", bound=Record)

_UTC = ZoneInfo("UTC")

DESK = "cse"
"""The source of what is written by hand (`app.effects`)."""

BY_HAND = ("touchpoints", "signals", "commitments", "escalations")
"""Tables of dated facts that are written by hand too."""

STATE_BY_HAND = ("milestones", "checks")
"""Tables of state that is written by hand: what was signed today is in the next answer, as a note is."""


def build_portfolio(
    conn: Connection,
    scope: Scope,
    as_of: dt.date,
    n: int,
    zone: ZoneInfo,
    account_ids: frozenset[str] | None = None,
) -> PortfolioSnapshot:
    """All accounts in scope, by id, as of a day at version `n`; `account_ids` narrows them further."""
    view = open_view(conn, n, as_of, zone, scope, account_ids)
    return _portfolio(view, n, zone, accounts_in_force(view), view.columns)


def build_account(
    conn: Connection, account_id: str, scope: Scope, as_of: dt.date, n: int, zone: ZoneInfo
) -> AccountSnapshot:
    """One account as of a day at version `n`; its dated records are newest first.

    Raises:
        AccountNotFound: there is no such account at that version, or it is outside the scope.
    """
    view = open_view(conn, n, as_of, zone, scope, frozenset((account_id,)))
    accounts = accounts_in_force(view)
    if not accounts:
        raise AccountNotFound(f"There is no account {account_id!r} among those you may see.")
    contacts = _as_seen(view, Contact, "contacts")
    tickets = _as_seen(view, Ticket, "tickets")
    nps = _as_seen(view, NpsResponse, "nps")
    touchpoints = _as_seen(view, Touchpoint, "touchpoints")
    goals = _as_seen(view, Goal, "goals")
    signals = _as_seen(view, Signal, "signals")
    commitments = _as_seen(view, Commitment, "commitments")
    records: dict[str, Sequence[Record]] = {
        "contacts": contacts,
        "tickets": tickets,
        "nps": nps,
        "touchpoints": touchpoints,
        "goals": goals,
        "signals": signals,
        "commitments": commitments,
    }
    return AccountSnapshot(
        columns=_portfolio(view, n, zone, accounts, columns_of(records)),
        contacts=tuple(contacts),
        tickets=tuple(reversed(tickets)),
        nps=tuple(reversed(nps)),
        touchpoints=tuple(reversed(touchpoints)),
        goals=tuple(goals),
        signals=tuple(reversed(signals)),
        integrations=tuple(view.records(Integration, "integrations")),
        commitments=tuple(reversed(commitments)),
        escalations=tuple(reversed(_as_seen(view, Escalation, "escalations"))),
        arr_movements=tuple(reversed(view.records(ArrMovement, "arr_movements"))),
        milestones=tuple(_as_seen(view, Milestone, "milestones")),
        milestone_slips=tuple(view.records(MilestoneSlip, "milestone_slips")),
        checks=tuple(_as_seen(view, Check, "checks")),
        plans=tuple(view.records(Plan, "plans")),
    )


def build_family(
    conn: Connection, account_id: str, scope: Scope, as_of: dt.date, n: int, zone: ZoneInfo
) -> PortfolioSnapshot | None:
    """The accounts in scope below an account, as of a day at version `n`; None where nothing stands below it."""
    view, accounts = open_view(conn, n, as_of, zone, scope, None), TABLES["accounts"]
    named = select(accounts.c.id).where(
        believed(accounts, view.seen), accounts.c.parent_id == account_id, view.among(accounts.c.id)
    )
    if conn.execute(named.limit(1)).first() is None:
        return None
    rows = view.in_force(accounts).subquery()
    parents = {row[0]: row[1] for row in conn.execute(select(rows.c.id, rows.c.parent_id))}
    below = family_of(parents).below(account_id)
    return build_portfolio(conn, scope, as_of, n, zone, frozenset(below)) if below else None


def build_peers(
    conn: Connection, account_id: str | None, scope: Scope, as_of: dt.date, n: int, zone: ZoneInfo
) -> tuple[PeerTicket, ...]:
    """Tickets of the accounts in scope other than `account_id` that were open on a day, newest first."""
    view = open_view(conn, n, as_of, zone, scope, None)
    tickets = [row for row in _open_tickets(view) if row.account_id != account_id]
    of_these = replace(view, ids=tuple(sorted({row.account_id for row in tickets})))
    names = {row.account.id: row.account.name for row in accounts_in_force(of_these)}
    return tuple(
        PeerTicket(
            account_id=row.account_id,
            account_name=names[row.account_id],
            id=row.id,
            opened_at=row.opened_at,
            severity=row.severity,
            escalated=row.escalated is True if row.escalated_at is None else row.escalated_at < view.end,
            subject=row.subject or "",
        )
        for row in tickets
        if row.account_id in names
    )


def build_contacts(
    conn: Connection, scope: Scope, account_ids: frozenset[str], as_of: dt.date, n: int, zone: ZoneInfo
) -> tuple[Contact, ...]:
    """The people at these accounts, as far as they are in scope, as of a day at version `n`, by id."""
    return tuple(_as_seen(open_view(conn, n, as_of, zone, scope, account_ids), Contact, "contacts"))


def build_feedback(conn: Connection, scope: Scope, as_of: dt.date, n: int) -> FeedbackBook:
    """The feedback of the accounts in scope, and what belongs to none, as of a day at version `n`, by id.

    An item that several accounts share is shown without those outside the scope, and then without what may be a
    customer's own words or name.
    """
    view = open_view(conn, n, as_of, _UTC, scope, None)
    versions_of = _feedback_versions(view)
    rows = [(seen, since) for item, since in _feedback(view, versions_of) if (seen := _within(item, scope)) is not None]
    newest = {item_id: found[-1][1] for item_id, found in versions_of.items()}
    recorded = {item_id: seen for item_id, item in newest.items() if (seen := _within(item, scope)) is not None}
    told = (*recorded.values(), *(item for item, _ in rows))
    linked = sorted({account_id for item in told for account_id in item.account_ids})
    of_linked = replace(view, ids=tuple(linked))
    accounts = accounts_on_day(of_linked, accounts_in_force(of_linked))
    return FeedbackBook(
        items=tuple(item for item, _ in rows),
        account_names={row.account.id: row.account.name for row in accounts},
        account_arr={row.account.id: row.arr.amount for row in accounts if row.arr.amount is not None},
        account_currency={row.account.id: row.account.currency for row in accounts if row.account.currency},
        assumed=frozenset(item.id for item, since in rows if since > as_of),
        history={item.id: _history(view, versions_of[item.id]) for item, _ in rows},
        newest=tuple(recorded.values()),
        partial=frozenset(item_id for item_id, seen in recorded.items() if seen is not newest[item_id]),
    )


def account_names(conn: Connection, n: int, scope: Scope) -> list[tuple[str, str, tuple[str, ...]]]:
    """Id, name and aliases of the accounts in scope, by id, as they are called in their newest state."""
    accounts = TABLES["accounts"]
    where = [believed(accounts, visibility(conn, n))]
    if scope is not None:
        where.append(accounts.c.id.in_(sorted(scope)))
    rows = in_force(accounts, dt.date.max, *where).subquery()
    return sorted((row[0], row[1], row[2]) for row in conn.execute(select(rows.c.id, rows.c.name, rows.c.aliases)))


def default_as_of(conn: Connection, n: int, today: dt.date) -> dt.date:
    """The earlier of today and the day of the newest dated fact in any feed; today where there is none.

    A fact that was written by hand while the feeds are not too old for its day counts too: what was just logged is in
    the next answer, and a note on an old extract does not make all its feeds stale.
    """
    feed, seen = TABLES["feed"], visibility(conn, n)
    newest = conn.execute(select(func.max(feed.c.newest_on)).where(believed(feed, seen))).scalar()
    if newest is None:
        return today
    fed = min(today, dt.date.fromordinal(newest))
    last = min(today, fed + dt.timedelta(days=STALE_AFTER_DAYS))
    return max([fed, *_desk_days(conn, seen, fed, last)]) if fed < last else fed


def first_day(conn: Connection, n: int, scope: Scope = None) -> dt.date | None:
    """The day of the oldest dated fact (instants in UTC) of the accounts in scope; None where there is none."""
    seen = visibility(conn, n)
    used = [_first_usage_day(conn, seen, name, scope) for name in ("usage", "feature_usage")]
    dated = (TABLES[name].c[column] for name, column in (*DATED_BY.items(), ("contact_activity", "date")))
    oldest = [
        select(func.min(column))
        .where(believed(column.table, seen), _of_accounts(column.table, scope))
        .scalar_subquery()
        for column in dated
    ]
    return min(_days_in_utc([*used, *conn.execute(select(*oldest)).one()]), default=None)


def _portfolio(
    view: View, n: int, zone: ZoneInfo, found: Sequence[AccountInForce], columns_of: ColumnsOf
) -> PortfolioSnapshot:
    accounts = accounts_on_day(view, found)
    places = {row.account.id: place for place, row in enumerate(accounts)}
    sources = _sources(view, places)
    index = {account_key: places[account_id] for account_id, account_key, _ in sources}
    today = view.as_of.toordinal()
    features_first, features_rows = feature_rows(view, index, len(accounts))
    first_days = np.array([row.effective_on.toordinal() for row in accounts], dtype=np.int32)
    return PortfolioSnapshot(
        as_of=view.as_of,
        version=n,
        timezone=zone,
        accounts=tuple(row.account for row in accounts),
        assumed_since=np.where(first_days > today, first_days, 0).astype(np.int32),
        begins=np.array([row.begins.toordinal() if row.begins else 0 for row in accounts], dtype=np.int32),
        arr=np.array([row.arr.amount for row in accounts], dtype=np.float64),
        arr_mismatch=np.array([row.arr.mismatch for row in accounts], dtype=np.float64),
        arr_evidence=tuple(tuple((m.id, m.date) for m in row.arr.movements) for row in accounts),
        feeds=Feeds(view.as_of, _covered(view, sources, places)),
        usage=usage_windows(view, index, len(accounts)),
        features=feature_columns(view, index),
        features_first=features_first,
        features_rows_28=features_rows,
        tickets=event_columns.ticket_columns(columns_of, places, view.end),
        nps=event_columns.nps_columns(columns_of, places),
        touchpoints=event_columns.touchpoint_columns(columns_of, places),
        signals=event_columns.signal_columns(columns_of, places),
        contacts=event_columns.contact_columns(columns_of, places, view.as_of),
        goals=event_columns.goal_columns(columns_of, places, view.as_of),
        commitments=event_columns.commitment_columns(columns_of, places, view.as_of),
    )


def _sources(view: View, places: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """(account id, account key, source) for each source that knows an account of the snapshot."""
    known = TABLES["account_source"]
    query = select(known.c.account_id, known.c.account_key, known.c.source).where(
        believed(known, view.seen), view.among(known.c.account_id)
    )
    return [(row[0], row[1], row[2]) for row in view.conn.execute(query) if row[0] in places]


def _covered(view: View, sources: Sequence[tuple[str, int, str]], places: Mapping[str, int]) -> dict[str, Days]:
    """How far each table covers each account: as far as the furthest of the account's imported sources."""
    feed = TABLES["feed"]
    covered = {name: np.zeros(len(places), dtype=np.int32) for name in RECORD_TYPES}
    of_source: dict[str, list[int]] = {}
    for account_id, _, source in sources:
        of_source.setdefault(source, []).append(places[account_id])
    query = select(feed.c.source, feed.c.table_name, feed.c.covered_through).where(believed(feed, view.seen))
    for source, table_name, day in view.conn.execute(query):
        mine = of_source.get(source, [])
        covered[table_name][mine] = np.maximum(covered[table_name][mine], day)
    _cover_by_hand(view, sources, places, covered)
    return covered


def _cover_by_hand(
    view: View, sources: Sequence[tuple[str, int, str]], places: Mapping[str, int], covered: Mapping[str, Days]
) -> None:
    """Where no imported source covers a table for an account, the desk does, to as_of, once it has a record there."""
    known = {account_id for account_id, _, source in sources if source == DESK}
    for table_name in BY_HAND:
        table = TABLES[table_name]
        open_to = sorted(account_id for account_id in known if not covered[table_name][places[account_id]])
        if not open_to:
            continue
        dated = table.c[DATED_BY[table_name]]
        by_then = dated < view.end if isinstance(dated.type, Instant) else dated <= view.as_of
        query = select(table.c.account_id).where(
            table.c.account_id.in_(open_to), table.c.origin == DESK, believed(table, view.seen), by_then
        )
        recorded = [places[account_id] for account_id in view.conn.execute(query.distinct()).scalars()]
        covered[table_name][recorded] = view.as_of.toordinal()


def _desk_days(conn: Connection, seen: Visibility, after: dt.date, last: dt.date) -> list[dt.date]:
    """The newest day after one and up to another of what the desk wrote, of each table that has any."""
    known = TABLES["account_source"]
    of_desk = select(known.c.account_id).where(known.c.source == DESK, believed(known, seen))
    newest = []
    facts = [TABLES[name].c[DATED_BY[name]] for name in BY_HAND]
    for dated in (*facts, *(TABLES[name].c.effective_on for name in STATE_BY_HAND)):
        table = dated.table
        if isinstance(dated.type, Instant):
            within = (dated >= end_of_day(after, _UTC)) & (dated < end_of_day(last, _UTC))
        else:
            within = (dated > after) & (dated <= last)
        mine = table.c.account_id.in_(of_desk) & (table.c.origin == DESK) & believed(table, seen)
        newest.append(select(func.max(dated)).where(mine, within).scalar_subquery())
    return _days_in_utc(conn.execute(select(*newest)).one())


def _days_in_utc(found: Sequence[dt.date | dt.datetime | None]) -> list[dt.date]:
    """The days and those of the instants, of what is known."""
    days = (each.date() if isinstance(each, dt.datetime) else each for each in found)
    return [day for day in days if day is not None]


def _as_seen(view: View, record_type: type[R], table_name: str) -> list[R]:
    return [as_seen(record, view.as_of, view.end) for record in view.records(record_type, table_name)]


def _open_tickets(view: View) -> Sequence[Row[Any]]:
    """Tickets that were open at the end of the view's day, newest first."""
    table = TABLES["tickets"]
    columns = ("account_id", "id", "opened_at", "severity", "escalated", "escalated_at", "subject")
    reopened = and_(table.c.reopened_at > table.c.resolved_at, table.c.reopened_at < view.end)
    query = (
        select(*(table.c[name] for name in columns))
        .where(believed(table, view.seen), view.among(table.c.account_id), table.c.opened_at < view.end)
        .where(or_(table.c.resolved_at.is_(None), table.c.resolved_at >= view.end, reopened))
        .order_by(table.c.opened_at.desc(), table.c.id.desc())
    )
    return view.conn.execute(query).all()


_FeedbackVersions = Mapping[str, Sequence[tuple[dt.date, FeedbackItem]]]
"""By item id: each version and the day from which it holds, oldest first."""


def _feedback_versions(view: View) -> _FeedbackVersions:
    """All that is recorded of feedback items, later versions too, by id."""
    table, fields = TABLES["feedback"], tuple(FeedbackItem.model_fields)
    query = (
        select(*(table.c[name] for name in fields), table.c.effective_on)
        .where(believed(table, view.seen))
        .order_by(table.c.id, table.c.effective_on, table.c.since)
    )
    found: dict[str, dict[dt.date, FeedbackItem]] = {}
    for *values, day in view.conn.execute(query):
        item = construct(FeedbackItem, fields, values)
        found.setdefault(item.id, {})[day] = item
    return {item_id: list(by_day.items()) for item_id, by_day in found.items()}


def _feedback(view: View, versions_of: _FeedbackVersions) -> list[tuple[FeedbackItem, dt.date]]:
    """Feedback items as of the view's day, each with the day from which it is known to hold.

    That is the last version up to the day; where there is none, the first, which reaches back.
    """
    found = []
    for versions_found in versions_of.values():
        past = [version for version in versions_found if version[0] <= view.as_of]
        since, item = past[-1] if past else versions_found[0]
        if item.created_on is None or item.created_on <= view.as_of:
            found.append((as_seen(item, view.as_of, view.end), since))
    return found


def _history(view: View, versions_found: Sequence[tuple[dt.date, FeedbackItem]]) -> tuple[StatusOn, ...]:
    """The item's status up to the view's day, as often as it was recorded."""
    seen = ((day, as_seen(item, view.as_of, view.end)) for day, item in versions_found if day <= view.as_of)
    return tuple(StatusOn(day, item.status) for day, item in seen)


def _within(item: FeedbackItem, scope: Scope) -> FeedbackItem | None:
    """The item as a caller with this scope may see it; None where it is of other accounts only."""
    if scope is None or not (item.account_ids or item.contact_id):
        return item
    mine = tuple(account_id for account_id in item.account_ids if account_id in scope)
    if not mine:
        return None
    if len(mine) == len(item.account_ids):
        return item
    return item.model_copy(update={"account_ids": mine, "contact_id": None, "quote": None, "workaround": None})


def _of_accounts(table: sa.FromClause, scope: Scope) -> sa.ColumnElement[bool]:
    """The rows of the accounts in scope; of people's activity those of people who were ever at one of them."""
    if scope is None:
        return sa.true()
    if "account_id" in table.c:
        return table.c.account_id.in_(sorted(scope))
    contacts = TABLES["contacts"]
    return table.c.contact_id.in_(select(contacts.c.id).where(contacts.c.account_id.in_(sorted(scope))))


def _first_usage_day(conn: Connection, seen: Visibility, table_name: str, scope: Scope) -> dt.date | None:
    """Looked up account by account, in the primary key's order: the whole table would take a second to read."""
    known, table = TABLES["account_source"], TABLES[table_name]
    first = (
        select(table.c.day)
        .where(table.c.account_key == known.c.account_key, believed(table, seen))
        .order_by(table.c.day)
        .limit(1)
        .correlate(known)
        .scalar_subquery()
    )
    each = select(first.label("day")).where(_of_accounts(known, scope)).subquery()
    day = conn.execute(select(func.min(each.c.day))).scalar()
    return None if day is None else dt.date.fromordinal(day)
