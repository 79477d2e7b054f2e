"""Parameter sets in the database: every version that ever was in force, so that turns can be replayed."""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, insert, select

from app.store.tables import TABLES

SETS = TABLES["parameter_set"]


def is_kept(conn: Connection, version: str) -> bool:
    return conn.execute(select(SETS.c.version).where(SETS.c.version == version)).one_or_none() is not None


def keep(conn: Connection, version: str, content: dict[str, Any], now: dt.datetime) -> None:
    """Store a set, unless it is there."""
    if not is_kept(conn, version):
        conn.execute(insert(SETS).values(version=version, content=content, created_at=now))
