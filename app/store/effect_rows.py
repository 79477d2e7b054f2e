"""Effects that were carried out: a row for each, so that none is carried out twice."""

import datetime as dt

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select

from app.domain.effects import Effect
from app.store.tables import TABLES

EFFECTS, TURNS = TABLES["effect"], TABLES["turn"]

_EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)


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


def of_turn(conn: Connection, turn_id: str) -> list[tuple[Effect, int]]:
    """What a turn wrote, in order, each with the write that did it."""
    query = select(EFFECTS.c.content, EFFECTS.c.write_id).where(EFFECTS.c.turn_id == turn_id).order_by(EFFECTS.c.index)
    return [(_EFFECT.validate_python(content), write_id) for content, write_id in conn.execute(query)]


def last_turns(conn: Connection, thread_id: str, limit: int) -> list[str]:
    """The thread's last turns that wrote something, the newest first."""
    wrote = select(EFFECTS.c.turn_id).where(EFFECTS.c.turn_id == TURNS.c.id).exists()
    query = select(TURNS.c.id).where(TURNS.c.thread_id == thread_id, wrote).order_by(TURNS.c.number.desc())
    return list(conn.execute(query.limit(limit)).scalars())
