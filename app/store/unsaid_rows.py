"""What a customer must not read, as far as it is on record: names of accounts and colleagues, ids, amounts, notes.

It is read without regard to anybody's scope, to be looked for and never to be told.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, select

from app.domain.directory import AccountName
from app.store.tables import TABLES, ApiKey
from app.store.versions import Visibility, believed, visibility

KEYS = sa.inspect(ApiKey).local_table
_COLLEAGUES = (
    ("accounts", "owner"), ("escalations", "owner"), ("escalation_updates", "author"),
    ("ramp_signoffs", "owner"), ("ramp_signoffs", "signed_by"),
)  # fmt: skip
_NOTES = (
    ("touchpoints", "text"), ("signals", "text"), ("nps", "comment"), ("contacts", "influence"),
    ("escalations", "title"), ("escalations", "package"), ("escalations", "verified"), ("escalation_updates", "text"),
    ("milestone_slips", "reason"), ("checks", "note"),
)  # fmt: skip
_OWN_WORDS = (("tickets", "subject"), ("tickets", "body"), ("goals", "title"), ("escalation_updates", "customer_text"))
_SIGNS = {"new": 1, "expansion": 1, "reactivation": 1, "downgrade": -1, "churn": -1}


@dataclass(frozen=True, slots=True)
class Everybody:
    """What all accounts are or were called, and names of colleagues; `keys` are what keys are called."""

    accounts: tuple[AccountName, ...]
    colleagues: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is on record of one account: its people, ids, amounts, our notes, and what it knows word for word."""

    people: tuple[str, ...]
    internal_ids: tuple[str, ...]
    own_ids: tuple[str, ...]
    amounts: tuple[float, ...]
    notes: tuple[str, ...]
    own_words: tuple[str, ...]


def everybody(conn: Connection, n: int) -> Everybody:
    """The names that are on record at version `n`, of whatever day."""
    accounts, seen = TABLES["accounts"], visibility(conn, n)
    rows = conn.execute(select(accounts.c.id, accounts.c.name, accounts.c.aliases).where(believed(accounts, seen)))
    names: dict[str, dict[str, None]] = {}
    for account_id, name, aliases in rows:
        names.setdefault(account_id, {}).update(dict.fromkeys((name, *aliases)))
    colleagues = {name for table, column in _COLLEAGUES for name in _cells(conn, seen, table, column)}
    promised = set(_cells(conn, seen, "commitments", "by")) - set(_cells(conn, seen, "contacts", "name"))
    return Everybody(
        accounts=tuple(AccountName(each, *_first_and_rest(tuple(called))) for each, called in sorted(names.items())),
        colleagues=tuple(sorted(colleagues | promised)),
        keys=tuple(conn.execute(select(KEYS.c.name)).scalars()),
    )


def on_record(conn: Connection, n: int, account_id: str) -> OnRecord:
    """What is on record of an account at version `n`, of whatever day."""
    told = _Reader(conn, n, account_id)
    return OnRecord(
        people=tuple(told.column("contacts", "name")),
        internal_ids=(*told.column("tickets", "engineering_key"), *told.column("escalations", "id")),
        own_ids=tuple(told.column("tickets", "id")),
        amounts=tuple(told.amounts()),
        notes=(*(cell for table, column in _NOTES for cell in told.column(table, column)), *told.shared_feedback()),
        own_words=tuple(cell for table, column in _OWN_WORDS for cell in told.column(table, column)),
    )


class _Reader:
    """Reads the records of one account."""

    def __init__(self, conn: Connection, n: int, account_id: str) -> None:
        self._conn, self._account_id = conn, account_id
        self._seen = visibility(conn, n)

    def column(self, table: str, column: str) -> Iterator[str]:
        cell = TABLES[table].c[column]
        where = believed(TABLES[table], self._seen), TABLES[table].c.account_id == self._account_id, cell.is_not(None)
        yield from self._conn.execute(select(cell).where(*where).distinct()).scalars()

    def amounts(self) -> Iterator[float]:
        """ARR as it is stated, its movements, and what these add up to."""
        accounts, movements = TABLES["accounts"], TABLES["arr_movements"]
        stated = select(accounts.c.arr).where(believed(accounts, self._seen), accounts.c.id == self._account_id)
        yield from (amount for amount in self._conn.execute(stated).scalars() if amount)
        query = select(movements.c.kind, movements.c.amount).where(
            believed(movements, self._seen), movements.c.account_id == self._account_id
        )
        total = 0.0
        for kind, amount in self._conn.execute(query.order_by(movements.c.date, movements.c.id)):
            total += _SIGNS[kind] * amount
            yield from (amount, total)

    def shared_feedback(self) -> Iterator[str]:
        """What was written of feedback that other customers gave too: whose words they are is not on record."""
        feedback = TABLES["feedback"]
        own = set(self.column("contacts", "id"))
        query = select(feedback.c.account_ids, feedback.c.contact_id, feedback.c.quote, feedback.c.workaround)
        for account_ids, contact_id, *told in self._conn.execute(query.where(believed(feedback, self._seen))):
            if self._account_id in account_ids and len(account_ids) > 1 and contact_id not in own:
                yield from filter(None, told)


def _cells(conn: Connection, seen: Visibility, table: str, column: str) -> Iterator[str]:
    cell = TABLES[table].c[column]
    yield from conn.execute(select(cell).where(believed(TABLES[table], seen), cell.is_not(None)).distinct()).scalars()


def _first_and_rest(called: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return called[0], called[1:]
