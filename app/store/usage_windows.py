"""Sums of daily usage over windows, computed in the database: a portfolio has millions of rows, its sums a few."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ColumnElement, ScalarSelect, Subquery, and_, case, func, or_, select

from app.domain.snapshot import FeatureColumns, Flags, Floats, UsageWindows
from app.domain.windows import Days
from app.store.tables import TABLES
from app.store.versions import believed
from app.store.view import View

WEEK, MONTH = 7, 28
"""Lengths of the windows in days."""

_USAGE, _FEATURES = TABLES["usage"], TABLES["feature_usage"]


def usage_windows(view: View, index: Mapping[int, int], size: int) -> UsageWindows:
    """Usage of each of `size` accounts; `index` gives an account's place by its account key."""
    ends, u = window_ends(view, "usage"), _USAGE
    working = (u.c.day + 6) % 7 < 5  # ordinal 1 was a Monday

    def sums(newest: int, days: int, **what: ColumnElement[Any]) -> dict[str, Floats]:
        """Aggregates over a window of `days` that ends `newest` days before the account's last covered day."""
        columns = (value.label(name) for name, value in what.items())
        query = select(u.c.account_key, *columns).join(ends, _in_window(u, ends, newest, days))
        return _by_account(view, query.where(believed(u, view.seen)).group_by(u.c.account_key), index, size)

    users, calls = func.sum(u.c.active_users), func.sum(u.c.api_calls)
    at_work, peak = func.sum(case((working, u.c.active_users))), func.max(u.c.active_users)
    errors, rows = func.sum(u.c.errors), func.count()
    # A query for each window reads some days twice, and takes half the time of one pass with a CASE for each sum.
    week = sums(0, WEEK, users=users, calls=calls, errors=errors, rows=rows)
    fortnight_ago = sums(2 * WEEK, WEEK, users=users, calls=calls)
    before_week = sums(WEEK, MONTH, calls=calls, errors=errors, rows=rows)
    month = sums(0, MONTH, users=users, at_work=at_work, peak=peak, calls=calls, rows=rows)
    second, third, fourth = (sums(back * MONTH, MONTH, users=users, calls=calls, rows=rows) for back in (1, 2, 3))
    quarter_before = {
        name: np.nan_to_num(second[name]) + np.nan_to_num(third[name]) + np.nan_to_num(fourth[name])
        for name in ("calls", "rows")
    }
    ever = _by_account(view, _single_days(view, ends), index, size)
    had_users, had_calls, had_errors = (
        ~np.isnan(ever[name]) for name in ("users_first", "calls_first", "errors_first")
    )
    return UsageWindows(
        users_first=_whole(ever["users_first"]),
        users_working_28=_zero_where(had_users, month["at_work"]),
        users_28=_zero_where(had_users, month["users"]),
        users_prior_28=_zero_where(had_users, second["users"]),
        users_28_before_56=_zero_where(had_users, third["users"]),
        users_28_before_84=_zero_where(had_users, fourth["users"]),
        users_peak_28=_zero_where(had_users, month["peak"]),
        users_distinct_28=ever["distinct_users"],
        users_7=_zero_where(had_users, week["users"]),
        users_7_before_14=_zero_where(had_users, fortnight_ago["users"]),
        calls_first=_whole(ever["calls_first"]),
        calls_28=_zero_where(had_calls, month["calls"]),
        calls_prior_28=_zero_where(had_calls, second["calls"]),
        calls_28_before_56=_zero_where(had_calls, third["calls"]),
        calls_28_before_84=_zero_where(had_calls, fourth["calls"]),
        calls_prior_84=_zero_where(had_calls, quarter_before["calls"]),
        calls_7=_zero_where(had_calls, week["calls"]),
        calls_7_before_14=_zero_where(had_calls, fortnight_ago["calls"]),
        calls_28_before_7=_zero_where(had_calls, before_week["calls"]),
        errors_first=_whole(ever["errors_first"]),
        errors_7=_zero_where(had_errors, week["errors"]),
        errors_28_before_7=_zero_where(had_errors, before_week["errors"]),
        rows_7=_whole(week["rows"]),
        rows_28_before_7=_whole(before_week["rows"]),
        rows_28=_whole(month["rows"]),
        rows_prior_28=_whole(second["rows"]),
        rows_28_before_56=_whole(third["rows"]),
        rows_28_before_84=_whole(fourth["rows"]),
        rows_prior_84=_whole(quarter_before["rows"]),
    )


def feature_columns(view: View, index: Mapping[int, int]) -> FeatureColumns:
    """Features used in the last 28 covered days."""
    ends, f = window_ends(view, "feature_usage"), _FEATURES
    used = or_(f.c.count > 0, f.c.count.is_(None))
    key = (f.c.account_key, f.c.feature, f.c.environment)
    weeks = func.count(((ends.c.last - f.c.day) // WEEK).distinct())
    query = (
        select(*key, func.min(f.c.day), func.max(f.c.day), func.sum(f.c.count), weeks)
        .join(ends, _in_window(f, ends, 0, MONTH))
        .where(believed(f, view.seen), used)
        .group_by(*key)
        .order_by(*key)
    )
    rows = [row for row in view.conn.execute(query) if row[0] in index]
    return FeatureColumns(
        account=np.array([index[row[0]] for row in rows], dtype=np.int32),
        feature=np.array([row[1] for row in rows], dtype=object),
        environment=np.array([row[2] for row in rows], dtype=object),
        first_day=np.array([row[3] for row in rows], dtype=np.int32),
        last_day=np.array([row[4] for row in rows], dtype=np.int32),
        count=np.array([row[5] for row in rows], dtype=np.float64),
        weeks=np.array([row[6] for row in rows], dtype=np.int32),
    )


def feature_rows(view: View, index: Mapping[int, int], size: int) -> tuple[Days, Days]:
    """The day of each account's first row of feature usage (0: none), and its rows in the last 28 covered days."""
    ends, f = window_ends(view, "feature_usage"), _FEATURES
    mine = (f.c.account_key == ends.c.account_key, f.c.day <= ends.c.last, believed(f, view.seen))
    first = select(f.c.day).where(*mine).order_by(f.c.day).limit(1).correlate(ends).scalar_subquery()
    rows = (
        select(func.count())
        .select_from(f)
        .where(*mine, f.c.day > ends.c.last - MONTH)
        .correlate(ends)
        .scalar_subquery()
    )
    query = select(ends.c.account_key, first.label("first"), rows.label("rows"))
    found = _by_account(view, query, index, size)
    return _whole(found["first"]), _whole(found["rows"])


def window_ends(view: View, table_name: str) -> Subquery:
    """Where each account's windows end: the day its sources cover the table to, as_of at the latest."""
    known, feed = TABLES["account_source"], TABLES["feed"]
    covered = func.max(feed.c.covered_through)
    today = view.as_of.toordinal()
    return (
        select(known.c.account_key, case((covered > today, today), else_=covered).label("last"))
        .join(feed, and_(feed.c.source == known.c.source, feed.c.table_name == table_name))
        .where(believed(known, view.seen), believed(feed, view.seen), view.among(known.c.account_id))
        .group_by(known.c.account_key)
        .subquery("ends")
    )


def _in_window(table: sa.Table, ends: Subquery, newest: int, days: int) -> ColumnElement[bool]:
    return and_(
        table.c.account_key == ends.c.account_key,
        table.c.day > ends.c.last - newest - days,
        table.c.day <= ends.c.last - newest,
    )


def _single_days(view: View, ends: Subquery) -> sa.Select[Any]:
    """What one row says: found account by account, in the primary key's order, without reading the others."""
    u = _USAGE

    def one(value: ColumnElement[Any], order: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
        mine = select(value).where(u.c.account_key == ends.c.account_key, u.c.day <= ends.c.last, *where)
        return mine.where(believed(u, view.seen)).order_by(order).limit(1).correlate(ends).scalar_subquery()

    distinct = u.c.active_users_28d
    return select(
        ends.c.account_key,
        one(u.c.day, u.c.day, u.c.active_users.is_not(None)).label("users_first"),
        one(u.c.day, u.c.day, u.c.api_calls.is_not(None)).label("calls_first"),
        one(u.c.day, u.c.day, u.c.errors.is_not(None)).label("errors_first"),
        one(distinct, u.c.day.desc(), u.c.day > ends.c.last - WEEK, distinct.is_not(None)).label("distinct_users"),
    )


def _by_account(view: View, query: sa.Select[Any], index: Mapping[int, int], size: int) -> dict[str, Floats]:
    """A query's columns as arrays with one entry for each account; NaN where it has no row or NULL."""
    result = view.conn.execute(query)
    names = list(result.keys())[1:]
    rows = [row for row in result if row[0] in index]
    places = [index[row[0]] for row in rows]
    arrays = {name: np.full(size, np.nan) for name in names}
    for column, name in enumerate(names, start=1):
        arrays[name][places] = [np.nan if row[column] is None else float(row[column]) for row in rows]
    return arrays


def _zero_where(known: Flags, sums: Floats) -> Floats:
    """Days without a row are 0 from the account's first row on; an account without any is unknown."""
    return np.where(known, np.nan_to_num(sums), np.nan)


def _whole(values: Floats) -> Days:
    return np.nan_to_num(values).astype(np.int32)
