"""Who used a part of the product within a window: sums in the database, one entry for each account."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, or_, select

from app.domain.snapshot import Exposure, ExposureQuery, Floats, PortfolioSnapshot
from app.store.tables import TABLES
from app.store.versions import Visibility, believed, visibility

PRODUCTION = "production"

MOST_NAMED_ACCOUNTS = 500
"""Portfolios up to this size are looked up by their accounts' ids; of larger ones all accounts are read."""

_USAGE, _FEATURES, _KNOWN = TABLES["usage"], TABLES["feature_usage"], TABLES["account_source"]


def build(conn: Connection, portfolio: PortfolioSnapshot, n: int, query: ExposureQuery) -> Exposure:
    """What each account of the portfolio did from `first` to `last`; days later than its as_of are left out.

    Uses of a feature are those in production; its name is compared in any case. Without a feature, uses are API calls.
    A row of use whose count is not given adds nothing to the sum.
    """
    seen, u, f = visibility(conn, n), _USAGE, _FEATURES
    keys, places = account_keys(conn, portfolio, seen)

    def sums(table: sa.Table, where: tuple[ColumnElement[bool], ...], **what: ColumnElement[Any]) -> dict[str, Floats]:
        days = table.c.day.between(query.first.toordinal(), min(query.last.toordinal(), portfolio.today))
        found = (
            select(table.c.account_key, *what.values())
            .join(keys, and_(table.c.account_key == keys.c.account_key, days))
            .where(believed(table, seen), *where)
            .group_by(table.c.account_key)
        )
        arrays = {name: np.full(len(portfolio), np.nan) for name in what}
        for account_key, *values in conn.execute(found):
            for array, value in zip(arrays.values(), values, strict=True):
                array[places[account_key]] = np.nan if value is None else float(value)
        return arrays

    usage = sums(u, (), calls=func.sum(u.c.api_calls), errors=func.sum(u.c.errors), rows=func.count())
    table, uses, rows, known = "usage", usage["calls"], usage["rows"], True
    if query.feature is not None:
        named = func.lower(f.c.feature) == query.feature.lower()
        used = (named, f.c.environment == PRODUCTION, or_(f.c.count > 0, f.c.count.is_(None)))
        of_feature = sums(f, used, uses=func.sum(f.c.count), rows=func.count())
        table, uses, rows = "feature_usage", of_feature["uses"], of_feature["rows"]
        known = not np.isnan(rows).all() or _is_named(conn, seen, named)
    ends = {each: portfolio.feeds.window_end(each) for each in {"usage", table}}
    return Exposure(
        query=query,
        uses=uses,
        calls=usage["calls"],
        errors=usage["errors"],
        covered=ends[table] >= query.last.toordinal(),
        calls_covered=ends["usage"] >= query.last.toordinal(),
        rows=np.nan_to_num(rows).astype(np.int32),
        call_rows=np.nan_to_num(usage["rows"]).astype(np.int32),
        known=known,
    )


def account_keys(conn: Connection, portfolio: PortfolioSnapshot, seen: Visibility) -> tuple[Subquery, dict[int, int]]:
    """The numbers that stand for the portfolio's accounts, each once, and each one's place in the portfolio."""
    ids = {account.id: place for place, account in enumerate(portfolio.accounts)}
    query = select(_KNOWN.c.account_key, _KNOWN.c.account_id).where(believed(_KNOWN, seen)).distinct()
    if len(ids) <= MOST_NAMED_ACCOUNTS:
        query = query.where(_KNOWN.c.account_id.in_(sorted(ids)))
    known = {row[0]: row[1] for row in conn.execute(query)}
    places = {key: ids[account_id] for key, account_id in known.items() if account_id in ids}
    if len(places) < len(known):
        query = query.where(_KNOWN.c.account_id.in_(sorted(ids)))
    return query.subquery("keys"), places


def _is_named(conn: Connection, seen: Visibility, named: ColumnElement[bool]) -> bool:
    """Whether any row at all is about the feature."""
    query = select(sa.literal(1)).select_from(_FEATURES).where(named, believed(_FEATURES, seen)).limit(1)
    return conn.execute(query).first() is not None
