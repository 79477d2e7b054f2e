"""Effects that were carried out: a row for each, so that none is carried out twice."""

import datetime as dt

from sqlalchemy import Connection, insert, select

from app.domain.effects import Effect
from app.store.tables import TABLES

EFFECTS = TABLES["effect"]


def is_done(conn: Connection, turn_id: str, index: int) -> bool:
    query = select(EFFECTS.c.index).where(EFFECTS.c.turn_id == turn_id, EFFECTS.c.index == index)
    return conn.execute(query).one_or_none() is not None


def add(conn: Connection, turn_id: str, index: int, effect: Effect, write_id: int, now: dt.datetime) -> None:
    conn.execute(
        insert(EFFECTS).values(
            turn_id=turn_id,
            index=index,
            kind=effect.kind,
            content=effect.model_dump(mode="json"),
            write_id=write_id,
            created_at=now,
        )
    )
