"""Parameter sets in the database: every version that ever was in force, so that turns can be replayed."""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, insert, select

from app.store.tables import TABLES

SETS, IN_FORCE = TABLES["parameter_set"], TABLES["parameters_in_force"]


def newest(conn: Connection) -> str | None:
    """The version that came into force last."""
    query = select(IN_FORCE.c.version).order_by(IN_FORCE.c.since.desc(), IN_FORCE.c.row_id.desc()).limit(1)
    return conn.execute(query).scalar()


def put_in_force(conn: Connection, version: str, content: dict[str, Any], now: dt.datetime) -> bool:
    """From now on the set counts; False where it does already."""
    if newest(conn) == version:
        return False
    if conn.execute(select(SETS.c.version).where(SETS.c.version == version)).one_or_none() is None:
        conn.execute(insert(SETS).values(version=version, content=content, created_at=now))
    conn.execute(insert(IN_FORCE).values(version=version, since=now))
    return True


def in_force_before(conn: Connection, end: dt.datetime) -> tuple[str, dict[str, Any]] | None:
    """Version and content of the set that was in force just before `end`; the first one reaches back."""
    rows = select(SETS.c.version, SETS.c.content).join(IN_FORCE, IN_FORCE.c.version == SETS.c.version)
    past = rows.where(IN_FORCE.c.since < end).order_by(IN_FORCE.c.since.desc(), IN_FORCE.c.row_id.desc())
    found = conn.execute(past.limit(1)).first() or conn.execute(rows.order_by(IN_FORCE.c.row_id).limit(1)).first()
    return None if found is None else (found[0], found[1])
