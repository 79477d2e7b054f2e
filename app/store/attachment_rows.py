"""What was read of attached files, in the database. The files themselves are kept nowhere."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select

from app.domain.problems import NotFound
from app.store.tables import TABLES

ATTACHMENTS = TABLES["attachment"]


class Attached(BaseModel):
    """A file that came with a message, by its name when it was sent."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as its command read it: `content` is that command's own, as JSON. `bytes` and `lines` are the file's."""

    id: str
    command: str
    name: str
    sha256: str
    bytes: int
    lines: int
    content: dict[str, Any]


def add(conn: Connection, owner: str, file: StoredFile, now: dt.datetime) -> None:
    conn.execute(
        insert(ATTACHMENTS).values(
            id=file.id,
            owner_key_id=owner,
            command=file.command,
            name=file.name,
            sha256=file.sha256,
            bytes=file.bytes,
            lines=file.lines,
            content=file.content,
            created_at=now,
        )
    )


def attached(conn: Connection, owner: str, ids: Sequence[str]) -> tuple[Attached, ...]:
    """The names of the owner's files, in the order of `ids`.

    Raises:
        NotFound: one of them is not there, or another's (`attachment_not_found`).
    """
    query = select(ATTACHMENTS.c.id, ATTACHMENTS.c.name)
    found = {row.id: row.name for row in conn.execute(query.where(*_of(owner, ids)))}
    return tuple(Attached(id=each, name=_required(found, each)) for each in ids)


def contents(conn: Connection, owner: str, command: str, ids: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """What the command read of the owner's files, in the order of `ids`.

    Raises:
        NotFound: one of them is not there, another's, or was read by another command (`attachment_not_found`).
    """
    query = select(ATTACHMENTS.c.id, ATTACHMENTS.c.content).where(ATTACHMENTS.c.command == command)
    found = {row.id: row.content for row in conn.execute(query.where(*_of(owner, ids)))}
    return tuple(_required(found, each) for each in ids)


def _of(owner: str, ids: Sequence[str]) -> tuple[Any, ...]:
    return ATTACHMENTS.c.owner_key_id == owner, ATTACHMENTS.c.id.in_(set(ids))


def _required(found: dict[str, Any], attachment_id: str) -> Any:
    if attachment_id not in found:
        detail = f"There is no file {attachment_id!r} of yours; attach it again."
        raise NotFound(detail, code="attachment_not_found")
    return found[attachment_id]
