"""API keys and sign-in links: created once, shown once, stored as hashes."""

import datetime as dt
import secrets
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.command import Role
from app.domain.problems import InvalidArguments, NotFound, Problem
from app.runtime import Runtime
from app.security.keys import key_hash, new_key
from app.security.principals import ROLES, Principal
from app.store import key_rows, snapshots, versions
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
        Forbidden: the caller is no admin.
        InvalidArguments: the key would be limited to accounts that are not there.
    """
    principal.require("admin", "Creating a key")
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
                f"A key cannot be limited to accounts that are not there: {', '.join(unknown)}.",
                code="account_not_found",
                invalid=unknown,
            )
        key_rows.add(conn, key, key_hash(secret))

    await runtime.store.write(write)
    return NewKey(**key.model_dump(), key=secret)


async def list_keys(runtime: Runtime, principal: Principal) -> list[Key]:
    """All keys, without secrets.

    Raises:
        Forbidden: the caller is no admin.
    """
    principal.require("admin", "Listing keys")
    return await runtime.store.read(key_rows.list_all)


async def revoke(runtime: Runtime, principal: Principal, key_id: str) -> None:
    """Make a key unusable at once; revoking twice is once.

    Raises:
        Forbidden: the caller is no admin.
        NotFound: no such key.
    """
    principal.require("admin", "Revoking a key")
    if not await runtime.store.write(key_rows.revoke, key_id, runtime.clock()):
        raise NotFound(f"There is no key {key_id!r}.", code="key_not_found")


async def create_link(runtime: Runtime, principal: Principal) -> str:
    """A one-time code that signs a browser in as an admin, for 15 minutes.

    Raises:
        Forbidden: the caller is no admin.
    """
    key = await create(runtime, principal, name="browser", role="admin")
    code = secrets.token_urlsafe(32)
    await runtime.store.write(key_rows.add_code, key_hash(code), key.id, runtime.clock() + LINK_LIFETIME)
    return code


async def redeem_link(runtime: Runtime, code: str) -> str:
    """The secret of a browser session for a one-time code.

    Raises:
        Unauthenticated: the code is unknown, used or expired.
    """
    secret = new_key()
    if not await runtime.store.write(key_rows.redeem_code, key_hash(code), key_hash(secret), runtime.clock()):
        raise Unauthenticated("This link was used already or is older than 15 minutes; `cse link` prints another.")
    return secret
