"""All records of a type in a view, every day of an account's use, first days of use, and what the library holds."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, or_, select

from app.domain.command import Listing
from app.domain.records import (
    RECORD_TYPES,
    Account,
    ContactActivity,
    FeatureUsage,
    FeedbackItem,
    RampSignoff,
    Record,
    Ticket,
    Usage,
)
from app.domain.snapshot import ArticleEntry, DailyUsage, FeatureDays, FirstUse, Floats, PortfolioSnapshot
from app.domain.windows import Days
from app.store.account_records import as_seen
from app.store.exposure import PRODUCTION, account_keys
from app.store.record_rows import is_state, key_columns
from app.store.tables import TABLES
from app.store.usage_windows import window_ends
from app.store.versions import believed
from app.store.view import View, construct

R = TypeVar("R", bound=Record)

ELSEWHERE = (Account, Usage, FeatureUsage, FeedbackItem)
"""Types that a snapshot, `daily` or the feedback book gives."""

UNREAD: Mapping[type[Record], tuple[str, ...]] = {Ticket: ("body",)}
"""Long texts that a listing goes without."""

_NAMES: Mapping[type[Record], str] = {record_type: name for name, record_type in RECORD_TYPES.items()}
_USAGE, _FEATURES, _CONTACTS = TABLES["usage"], TABLES["feature_usage"], TABLES["contacts"]


def listing(view: View, record_type: type[R], since: dt.date | None) -> Listing[R]:
    """The records as of the view's day; dated facts from `since` on only."""
    if record_type in ELSEWHERE:
        raise ValueError(f"{record_type.__name__} is not listed")
    if record_type is RampSignoff and view.ids is not None:
        return Listing()
    if record_type is ContactActivity:
        return Listing(tuple(_activity(view, record_type, since)))
    name, fields = _NAMES[record_type], _fields(record_type)
    table = TABLES[name]
    if is_state(table):
        return _state(view, record_type, table, fields)
    rows = view.rows(name, fields, since)
    return Listing(tuple(as_seen(construct(record_type, fields, row), view.as_of, view.end) for row in rows))


def daily_usage(view: View) -> DailyUsage:
    """Every day of the one account's use."""
    names = ("active_users", "active_users_28d", "api_calls", "errors", "p95_ms")
    last, rows = _days(view, _USAGE, tuple(_USAGE.c[name] for name in names))
    day, *columns = _columns(rows, 1 + len(names))
    return DailyUsage(last, _whole(day), *(_floats(column) for column in columns))


def feature_days(view: View) -> FeatureDays:
    """Every day of the one account's use of features."""
    f = _FEATURES
    last, rows = _days(view, f, (f.c.feature, f.c.environment, f.c.count, f.c.users))
    day, feature, environment, count, users = _columns(rows, 5)
    return FeatureDays(
        last,
        _whole(day),
        np.array(feature, dtype=object),
        np.array(environment, dtype=object),
        _floats(count),
        _floats(users),
    )


def first_use(view: View, portfolio: PortfolioSnapshot) -> FirstUse:
    """The first days on which each account of the portfolio used the product."""
    u, f = _USAGE, _FEATURES
    used = or_(f.c.count > 0, f.c.count.is_(None))
    return FirstUse(
        calls_on=_first(view, portfolio, u, u.c.api_calls > 0),
        users_on=_first(view, portfolio, u, u.c.active_users > 0),
        production_on=_first(view, portfolio, f, sa.and_(f.c.environment == PRODUCTION, used)),
    )


def articles(view: View) -> tuple[ArticleEntry, ...]:
    """The documents of the knowledge base that were last changed by the view's day, by id."""
    d = TABLES["document"]
    query = select(d.c.id, d.c.title, d.c.audience, d.c.updated_at).where(
        d.c.deleted_at.is_(None), d.c.updated_at < view.end
    )
    found = view.conn.execute(query.order_by(d.c.id))
    return tuple(ArticleEntry(row[0], row[1], row[2], row[3].date()) for row in found)


def _fields(record_type: type[Record]) -> tuple[str, ...]:
    unread = UNREAD.get(record_type, ())
    return tuple(name for name in record_type.model_fields if name not in unread)


def _state(view: View, record_type: type[R], table: sa.Table, fields: tuple[str, ...]) -> Listing[R]:
    rows = view.in_force(table).subquery()
    query = select(*(rows.c[name] for name in fields), rows.c.effective_on)
    if "account_id" in rows.c:
        query = query.where(view.among(rows.c.account_id))
    found = view.conn.execute(query.order_by(*(rows.c[name] for name in key_columns(table.name)))).all()
    records = tuple(as_seen(construct(record_type, fields, row[:-1]), view.as_of, view.end) for row in found)
    return Listing(records, tuple(row[-1] for row in found))


def _activity(view: View, record_type: type[R], since: dt.date | None) -> list[R]:
    """What people did, by person and day; whose they are, their contact says."""
    table, fields = TABLES["contact_activity"], tuple(record_type.model_fields)
    query = select(*(table.c[name] for name in fields)).where(believed(table, view.seen), table.c.date <= view.as_of)
    if since is not None:
        query = query.where(table.c.date >= since)
    if view.ids is not None:
        people = select(_CONTACTS.c.id).where(believed(_CONTACTS, view.seen), view.among(_CONTACTS.c.account_id))
        query = query.where(table.c.contact_id.in_(people))
    found = view.conn.execute(query.order_by(table.c.contact_id, table.c.date))
    return [construct(record_type, fields, row) for row in found]


def _days(view: View, table: sa.Table, values: tuple[ColumnElement[Any], ...]) -> tuple[int, list[Any]]:
    """The last covered day of the view's account, and its rows up to it."""
    ends = window_ends(view, table.name)
    last = view.conn.execute(select(func.max(ends.c.last))).scalar()
    query = (
        select(table.c.day, *values)
        .join(ends, sa.and_(table.c.account_key == ends.c.account_key, table.c.day <= ends.c.last))
        .where(believed(table, view.seen))
        .order_by(table.c.day, *values[:2] if table is _FEATURES else ())
    )
    return last or 0, list(view.conn.execute(query))


def _first(view: View, portfolio: PortfolioSnapshot, table: sa.Table, where: ColumnElement[bool]) -> Days:
    """The first day with such a row, found account by account in the primary key's order."""
    keys, places = account_keys(view.conn, portfolio, view.seen)
    mine = (table.c.account_key == keys.c.account_key, table.c.day <= portfolio.today, believed(table, view.seen))
    first = select(table.c.day).where(*mine, where).order_by(table.c.day).limit(1).correlate(keys).scalar_subquery()
    days = np.zeros(len(portfolio), dtype=np.int32)
    for account_key, day in view.conn.execute(select(keys.c.account_key, first)):
        days[places[account_key]] = day or 0
    return days


def _columns(rows: list[Any], number: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(number)]


def _whole(values: list[int]) -> Days:
    return np.array(values, dtype=np.int32)


def _floats(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
