"""Saying by hand which account a source's id stands for: the rows that waited become data, without a new import."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.domain.problems import Conflict, NotFound, Problem
from app.imports.placing import Released, manual_matcher, release
from app.store import external_ids, versions
from app.store.engine import Store
from app.store.external_ids import Link


@dataclass(frozen=True, slots=True)
class Matched:
    """What a match changed; `version` is the data's version after it."""

    version: int
    released: dict[str, Released]


AtEnd = Callable[[Connection, Matched], None]
"""Called in the transaction of what was done: what it writes stands or falls with that."""


def set_match(
    store: Store,
    source: str,
    external_id: str,
    account_id: str,
    *,
    now: dt.datetime,
    today: dt.date,
    actor: str,
    at_end: AtEnd | None = None,
) -> Matched:
    """Say that `external_id` of `source` is the account `account_id`. Blocking: meant for a thread.

    Rows that waited for it become data at once, as one version. A match with another account goes; what came in by it
    stays where it is until it is imported again. `at_end` is called in the transaction that makes the version.

    Raises:
        NotFound: there is no account of this id (`account_not_found`).
        Conflict: an import is running (`import_running`).
    """
    with _write(store, now, actor, f"{source}: {external_id} is {account_id}") as write_id:
        with store.writing() as conn:
            matcher = manual_matcher(conn, source, today)
            known = matcher.account_of(external_id) == account_id
            if not known:
                external_ids.end_link(conn, write_id, source, external_id)
                link = Link(source, "account", external_id, account_id, "set")
                external_ids.put_links(conn, write_id, [link])
                matcher.know(link)
            if matcher.account_of(external_id) != account_id:
                raise NotFound(f"The account {account_id!r} is not there any more.", code="account_not_found")
        released = release(store, write_id, matcher, external_id)
        with store.writing() as conn:
            external_ids.put_links(conn, write_id, matcher.found)
            if known and not released:
                return Matched(versions.current(conn), {})
            done = Matched(versions.place(conn, write_id), released)
            if at_end:
                at_end(conn, done)
            return done


def remove_match(
    store: Store, source: str, external_id: str, *, now: dt.datetime, actor: str, at_end: AtEnd | None = None
) -> Matched:
    """Take a match back. What a match by hand had made of waiting rows waits again, where nothing changed it since.

    `at_end` is called in the transaction that makes the version.

    Raises:
        NotFound: there is no such match (`match_not_found`).
        Conflict: the source brought the account in (`match_is_origin`), or an import is running (`import_running`).
    """
    with _write(store, now, actor, f"{source}: {external_id} is matched no more") as write_id, store.writing() as conn:
        known = {link.external_id: link for link in external_ids.links(conn, "account", source)}
        link = known.get(external_id)
        if link is None:
            raise NotFound(f"{external_id!r} of {source} is not matched.", code="match_not_found")
        if link.how == "created":
            detail = f"{source} brought the account {link.internal_id} in as {external_id!r}; match it with another."
            raise Conflict(detail, code="match_is_origin")
        by_hand = external_ids.end_link(conn, write_id, source, external_id)
        if by_hand:
            external_ids.revert(conn, write_id, by_hand)
        done = Matched(versions.place(conn, write_id), {})
        if at_end:
            at_end(conn, done)
        return done


@contextmanager
def _write(store: Store, now: dt.datetime, actor: str, note: str) -> Iterator[int]:
    """A write of its own under the import lock; what is not placed in it is undone."""
    with versions.import_lock(store):
        with store.writing() as conn:
            versions.undo_unfinished(conn)
            write_id = versions.begin_write(conn, "match", actor, now, note)
        try:
            yield write_id
        finally:
            with suppress(SQLAlchemyError, Problem), store.writing() as conn:
                versions.undo(conn, write_id)
