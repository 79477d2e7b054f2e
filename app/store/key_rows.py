"""API keys and sign-in codes in the database: hashes only."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Select, insert, select, tuple_, update

from app.domain.command import Role
from app.security.principals import Principal
from app.store.tables import TABLES

KEYS, CODES = TABLES["api_key"], TABLES["sign_in_code"]


class Key(BaseModel):
    """A key as an admin sees it, without its secret. `accounts` None: all accounts."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    role: Role
    accounts: frozenset[str] | None
    groups: frozenset[str]
    created_at: dt.datetime
    created_by: str
    revoked_at: dt.datetime | None = None


def add(conn: Connection, key: Key, key_hash: str) -> None:
    conn.execute(
        insert(KEYS).values(
            id=key.id,
            name=key.name,
            key_hash=key_hash,
            role=key.role,
            account_ids=None if key.accounts is None else sorted(key.accounts),
            groups=sorted(key.groups),
            created_at=key.created_at,
            created_by=key.created_by,
        )
    )


def principal(conn: Connection, key_hash: str) -> Principal | None:
    """Who has this key; None where it is unknown or revoked."""
    c = KEYS.c
    query = select(c.id, c.name, c.role, c.account_ids, c.groups).where(c.key_hash == key_hash, c.revoked_at.is_(None))
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    limited = None if row.account_ids is None else frozenset(row.account_ids)
    return Principal(row.id, row.name, row.role, limited, frozenset(row.groups))


def get(conn: Connection, key_id: str) -> Key | None:
    """The key of that id, also a revoked one."""
    row = conn.execute(_keys().where(KEYS.c.id == key_id)).mappings().one_or_none()
    return None if row is None else Key.model_validate(dict(row))


def list_keys(conn: Connection, limit: int | None, last: Key | None) -> list[Key]:
    """Keys behind `last`, oldest first; `limit` None: all of them."""
    c = KEYS.c
    query = _keys().order_by(c.created_at, c.id).limit(limit)
    if last is not None:
        query = query.where(tuple_(c.created_at, c.id) > (last.created_at, last.id))
    return [Key.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def revoke(conn: Connection, key_id: str, now: dt.datetime) -> bool:
    """Revoke a key; False where there is none of that id."""
    known = conn.execute(select(KEYS.c.id).where(KEYS.c.id == key_id)).one_or_none() is not None
    conn.execute(update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None)).values(revoked_at=now))
    return known


def add_code(conn: Connection, code_hash: str, key_id: str, expires_at: dt.datetime) -> None:
    conn.execute(insert(CODES).values(code_hash=code_hash, key_id=key_id, expires_at=expires_at))


def redeem_code(conn: Connection, code_hash: str, new_key_hash: str, now: dt.datetime) -> Principal | None:
    """Use a code up and give its key a new secret; whose it is, None where the code is unknown, used or expired."""
    c = CODES.c
    claim = (
        update(CODES)
        .where(c.code_hash == code_hash, c.used_at.is_(None), c.expires_at > now)
        .values(used_at=now)
        .returning(c.key_id)
    )
    key_id = conn.execute(claim).scalar_one_or_none()
    if key_id is None:
        return None
    conn.execute(update(KEYS).where(KEYS.c.id == key_id).values(key_hash=new_key_hash))
    return principal(conn, new_key_hash)


def _keys() -> Select[Any]:
    c = KEYS.c
    return select(
        c.id, c.name, c.role, c.account_ids.label("accounts"), c.groups, c.created_at, c.created_by, c.revoked_at
    )
