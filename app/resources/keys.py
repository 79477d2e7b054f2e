"""API keys and sign-in links: created once, shown once, stored as hashes."""

import datetime as dt
import secrets
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.command import Role
from app.domain.problems import INVALID_CURSOR, Forbidden, InvalidArguments, NotFound, Problem
from app.runtime import Runtime
from app.security.keys import key_hash, new_key
from app.security.policy import require_groups
from app.security.principals import ROLES, Principal
from app.store import audit_log, key_rows, snapshots, versions
from app.store.audit_log import Event
from app.store.key_rows import Key

LINK_LIFETIME = dt.timedelta(minutes=15)


class Unauthenticated(Problem):
    """No key, or one that is unknown or revoked."""

    code = "unauthenticated"
    status = 401


class NewKey(Key):
    """A key with its secret, told once."""

    key: str


class KeyPage(BaseModel):
    items: list[Key]
    next_cursor: str | None = None


def known_role(name: str) -> Role:
    """The role of that name.

    Raises:
        InvalidArguments: there is none.
    """
    for role in ROLES:
        if role == name:
            return role
    raise InvalidArguments(f"There is no role {name!r}; roles are {', '.join(ROLES)}.", code="unknown_role")


async def authenticate(runtime: Runtime, key: str) -> Principal:
    """The principal of a key.

    Raises:
        Unauthenticated: the key is unknown or revoked; which of the two is not told.
    """
    principal = await runtime.store.read(key_rows.principal, key_hash(key))
    if principal is None:
        raise Unauthenticated("This key is unknown or revoked; ask an admin for another.")
    return principal


async def create(
    runtime: Runtime,
    principal: Principal,
    *,
    name: str,
    role: Role,
    accounts: frozenset[str] | None = None,
    groups: frozenset[str] = frozenset(),
) -> NewKey:
    """Create a key and return it with its secret, which is told this once. Names may repeat.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
        InvalidArguments: the key would be limited to accounts that are not there, or join a group that is none.
    """
    _require_keeper(principal, "Creating a key")
    require_groups(groups)
    key = Key(
        id=f"key_{uuid4().hex[:16]}",
        name=name,
        role=role,
        accounts=accounts,
        groups=groups,
        created_at=runtime.clock(),
        created_by=principal.key_id,
    )
    secret = new_key()

    def write(conn: Connection) -> None:
        known = {a[0] for a in snapshots.account_names(conn, versions.current(conn), principal.accounts)}
        unknown = sorted((accounts or frozenset()) - known)
        if unknown:
            raise InvalidArguments(
                f"A key cannot be limited to accounts that are not there: {', '.join(unknown)}. Give their ids: "
                "GET /v1/accounts has them, and /health NAME shows one.",
                code="account_not_found",
                invalid=unknown,
            )
        key_rows.add(conn, key, key_hash(secret))
        limits = {"accounts": None if accounts is None else sorted(accounts), "groups": sorted(groups)}
        event = Event("key.created", subject=key.id, details={"role": role, **limits})
        audit_log.record(conn, principal, event, key.created_at)

    await runtime.store.write(write)
    return NewKey(**key.model_dump(), key=secret)


async def list_keys(runtime: Runtime, principal: Principal) -> list[Key]:
    """All keys, without secrets.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
    """
    _require_keeper(principal, "Listing keys")
    return await runtime.store.read(key_rows.list_keys, None, None)


async def page_of_keys(runtime: Runtime, principal: Principal, limit: int, cursor: str | None) -> KeyPage:
    """A page of all keys, without secrets, oldest first.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """
    _require_keeper(principal, "Listing keys")

    def read(conn: Connection) -> list[Key]:
        last = None if cursor is None else key_rows.get(conn, cursor)
        if cursor is not None and last is None:
            raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
        return key_rows.list_keys(conn, limit + 1, last)

    items = await runtime.store.read(read)
    return KeyPage(items=items[:limit], next_cursor=items[limit - 1].id if len(items) > limit else None)


async def revoke(runtime: Runtime, principal: Principal, key_id: str) -> None:
    """Make a key unusable at once; revoking twice is once.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
        NotFound: no such key.
    """
    _require_keeper(principal, "Revoking a key")

    def write(conn: Connection) -> None:
        now = runtime.clock()
        if not key_rows.revoke(conn, key_id, now):
            raise NotFound(f"There is no key {key_id!r}.", code="key_not_found")
        audit_log.record(conn, principal, Event("key.revoked", subject=key_id), now)

    await runtime.store.write(write)


async def create_link(
    runtime: Runtime,
    principal: Principal,
    *,
    name: str = "browser",
    role: Role = "admin",
    accounts: frozenset[str] | None = None,
    groups: frozenset[str] = frozenset(),
) -> str:
    """A one-time code, for 15 minutes, that signs a browser in with a key of its own.

    Raises:
        Forbidden, InvalidArguments: as `create`.
    """
    key = await create(runtime, principal, name=name, role=role, accounts=accounts, groups=groups)
    code = secrets.token_urlsafe(32)

    def write(conn: Connection) -> None:
        now = runtime.clock()
        key_rows.add_code(conn, key_hash(code), key.id, now + LINK_LIFETIME)
        audit_log.record(conn, principal, Event("link.created", subject=key.id), now)

    await runtime.store.write(write)
    return code


async def redeem_link(runtime: Runtime, code: str) -> str:
    """The secret of a browser session for a one-time code.

    Raises:
        Unauthenticated: the code is unknown, used or expired.
    """
    secret = new_key()

    def write(conn: Connection) -> None:
        now = runtime.clock()
        signed_in = key_rows.redeem_code(conn, key_hash(code), key_hash(secret), now)
        if signed_in is None:
            raise Unauthenticated("This link was used already or is older than 15 minutes; `cse link` prints another.")
        audit_log.record(conn, signed_in, Event("link.redeemed", subject=signed_in.key_id), now)

    await runtime.store.write(write)
    return secret


def _require_keeper(principal: Principal, what: str) -> None:
    """Keys are everybody's: a limited one could otherwise make itself one for all accounts, and read whose others are.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
    """
    principal.require("admin", what)
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot manage keys; use one for all accounts.")
