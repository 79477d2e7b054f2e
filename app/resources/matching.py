"""Matches: which account of ours a source's id stands for, and the rows that wait for one."""

import asyncio
import base64
import binascii
import json
from functools import partial

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.problems import INVALID_CURSOR, Forbidden, InvalidArguments
from app.imports import matches
from app.imports.matches import Matched
from app.resources import accounts
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import audit_log, external_ids
from app.store.audit_log import Event

MAX_SUGGESTED = 3


class Match(BaseModel):
    """`external_id` of `source` is the account `account_id`.

    `how` says why: created (the source brought it in), crm_id, name, domain, or set (a person said so).
    """

    source: str
    external_id: str
    account_id: str
    how: str


class MatchPage(BaseModel):
    items: list[Match]
    next_cursor: str | None


class Suggestion(BaseModel):
    """An account spelt like what the source calls it."""

    id: str
    name: str


class UnmatchedGroup(BaseModel):
    """Rows that wait for one match, by table. `names` are what the source calls the account."""

    source: str
    external_id: str
    rows: dict[str, int]
    names: list[str]
    suggestions: list[Suggestion]


class UnmatchedPage(BaseModel):
    items: list[UnmatchedGroup]
    next_cursor: str | None


class TableChange(BaseModel):
    created: int
    updated: int
    unchanged: int


class MatchResult(BaseModel):
    """What a match changed: the rows that had waited, by table, and the data's version after it."""

    version: int
    rows: dict[str, TableChange]


async def list_matches(
    runtime: Runtime, principal: Principal, source: str | None, limit: int, cursor: str | None
) -> MatchPage:
    """The matches by source and external id.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        InvalidArguments: the cursor is none of ours.
    """
    _require(principal)
    after = _after(cursor)
    links = await runtime.store.read(external_ids.links, "account", source)
    links.sort(key=lambda link: (link.source, link.external_id))  # a database may order letters otherwise
    found = [link for link in links if after is None or (link.source, link.external_id) > after][: limit + 1]
    items = [
        Match(source=link.source, external_id=link.external_id, account_id=link.internal_id, how=link.how)
        for link in found[:limit]
    ]
    return MatchPage(items=items, next_cursor=_cursor(items[-1]) if len(found) > limit else None)


async def list_unmatched(
    runtime: Runtime, principal: Principal, source: str | None, limit: int, cursor: str | None
) -> UnmatchedPage:
    """What waits for a match, by source and external id, with the accounts that are spelt alike.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        InvalidArguments: the cursor is none of ours.
    """
    _require(principal)
    found = await runtime.store.read(external_ids.waiting_groups, source, _after(cursor), limit + 1)
    directory = await accounts.directory(runtime, principal)

    def suggested(group: external_ids.WaitingGroup) -> list[Suggestion]:
        close = {
            account.id: account.name
            for name in (*group.names, group.external_id)
            for account in (directory.exact(name) or directory.close(name, MAX_SUGGESTED))
        }
        return [Suggestion(id=account_id, name=name) for account_id, name in list(close.items())[:MAX_SUGGESTED]]

    items = [
        UnmatchedGroup(
            source=group.source,
            external_id=group.external_id,
            rows=dict(group.rows),
            names=list(group.names),
            suggestions=suggested(group),
        )
        for group in found[:limit]
    ]
    return UnmatchedPage(items=items, next_cursor=_cursor(items[-1]) if len(found) > limit else None)


async def count_unmatched(runtime: Runtime, principal: Principal) -> dict[str, int]:
    """How many rows wait, by source."""
    _require(principal)
    return await runtime.store.read(external_ids.count_waiting)


async def set_match(runtime: Runtime, principal: Principal, source: str, external_id: str, account: str) -> MatchResult:
    """Say which account (id, name or alias) a source's id stands for; the rows that waited become data at once.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        AccountNotFound: there is no such account, or several.
        InvalidArguments: source or external id is empty.
        Conflict: an import is running (`import_running`).
    """
    _require(principal)
    if not source.strip() or not external_id.strip():
        raise InvalidArguments("Name the source and what it calls the account, as cse match list shows them.")
    account_id = await accounts.resolve(runtime, principal, account)
    done = await asyncio.to_thread(
        partial(
            matches.set_match,
            runtime.store,
            source.strip(),
            external_id.strip(),
            account_id,
            now=runtime.clock(),
            today=runtime.today(),
            actor=principal.name,
            at_end=_recorder(runtime, principal, "match.set", source, external_id, account_id),
        )
    )
    return _result(done)


async def remove_match(runtime: Runtime, principal: Principal, source: str, external_id: str) -> MatchResult:
    """Take a match back; what it had made of waiting rows waits again.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        NotFound: there is no such match.
        Conflict: the source brought the account in, or an import is running.
    """
    _require(principal)
    done = await asyncio.to_thread(
        partial(
            matches.remove_match,
            runtime.store,
            source.strip(),
            external_id.strip(),
            now=runtime.clock(),
            actor=principal.name,
            at_end=_recorder(runtime, principal, "match.removed", source, external_id, None),
        )
    )
    return _result(done)


def _recorder(
    runtime: Runtime, principal: Principal, action: str, source: str, external_id: str, account_id: str | None
) -> matches.AtEnd:
    """What tells the audit log of a match."""

    def at_end(conn: Connection, done: Matched) -> None:
        rows = {table: told.counts.created + told.counts.updated for table, told in done.released.items()}
        external = {"source": source.strip(), "external_id": external_id.strip()}  # may be an address: erasable here
        event = Event(action, account_id=account_id, details={**external, "data_version": done.version, "rows": rows})
        audit_log.record(conn, principal, event, runtime.clock())

    return at_end


def _require(principal: Principal) -> None:
    principal.require("cse", "Matching accounts")
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot match; use one for all accounts.")


def _result(done: Matched) -> MatchResult:
    rows = {
        table: TableChange(created=told.counts.created, updated=told.counts.updated, unchanged=told.counts.unchanged)
        for table, told in done.released.items()
    }
    return MatchResult(version=done.version, rows=rows)


def _cursor(last: Match | UnmatchedGroup) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.source, last.external_id]).encode()).decode()


def _after(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        source, external_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor") from None
    if not isinstance(source, str) or not isinstance(external_id, str):
        raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
    return source, external_id
