"""Promises: whose they are, and what the clock says of them. One rule for every command that tells of them."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.records import Account
from app.domain.snapshot import PortfolioSnapshot
from app.domain.windows import working_days_between

Side = Literal["us", "customer", "unknown"]

US, CUSTOMER = "us", "customer"
"""How `by` is written where it is one of the two sides and no person."""

_OURS = frozenset(
    {US, "we", "me", "i", "our team", "ourselves", "cse", "csm", "tam", "support", "engineering", "product", "sales"}
)
_THEIRS = frozenset({CUSTOMER, "they", "them", "the customer", "client", "the client", "their team"})


@dataclass(frozen=True, slots=True)
class Promise:
    """An open promise on a day. `days_left` are calendar days to the due day, negative once it is over.

    `working_days` are the Mondays to Fridays of these days: after the day up to the due day, or after the due day up to
    the day. Both are None without a due day.
    """

    id: str
    account_id: str
    by: str
    side: Side
    what: str
    due: dt.date | None
    days_left: int | None
    working_days: int | None

    @property
    def overdue(self) -> bool:
        """The due day is over."""
        return self.days_left is not None and self.days_left < 0


def side_of(by: str, account: Account, contacts: Collection[str]) -> Side:
    """Whose promise it is, from who gave it: a side, the account's owner, one of its `contacts` by name or id.

    A first name alone stands for a contact or the owner, where it is not both.
    """
    who = " ".join(by.split()).casefold()
    if not who:
        return "unknown"
    if who in _OURS:
        return "us"
    if who in _THEIRS or who in {name.casefold() for name in (account.id, account.name, *account.aliases)}:
        return "customer"
    owner = (account.owner or "").casefold()
    people = {name.casefold() for name in contacts if name}
    if who in people:
        return "customer"
    if who == owner:
        return "us"
    is_contact = who in {name.split()[0] for name in people if name.split()}
    is_owner = bool(owner) and who == owner.split()[0]
    if is_contact == is_owner:
        return "unknown"
    return "customer" if is_contact else "us"


def open_promises(portfolio: PortfolioSnapshot, rows: Iterable[int] | None = None) -> tuple[Promise, ...]:
    """The open promises of the accounts in these rows (all: None): the longest overdue first, then by due day.

    Those without a due day come last.
    """
    columns = portfolio.commitments
    wanted = range(len(portfolio)) if rows is None else {int(row) for row in rows}
    people = _people(portfolio, {int(row) for row in columns.account})
    found = []
    for place, row in enumerate(columns.account):
        if int(row) not in wanted:
            continue
        account, by, due = portfolio.accounts[row], str(columns.by[place]), int(columns.due_day[place])
        found.append(
            Promise(
                id=str(columns.id[place]),
                account_id=account.id,
                by=by,
                side=side_of(by, account, people[int(row)]),
                what=str(columns.what[place]),
                due=dt.date.fromordinal(due) if due else None,
                days_left=due - portfolio.today if due else None,
                working_days=_working_days(portfolio.today, due) if due else None,
            )
        )
    return tuple(sorted(found, key=lambda p: (p.due is None, p.due or dt.date.min, p.account_id, p.id)))


def _people(portfolio: PortfolioSnapshot, rows: Collection[int]) -> dict[int, set[str]]:
    """Names and ids of the contacts of these accounts."""
    people: dict[int, set[str]] = {row: set() for row in rows}
    contacts = portfolio.contacts
    for row, name, contact_id in zip(contacts.account, contacts.name, contacts.id, strict=True):
        if int(row) in people:
            people[int(row)] |= {str(name), str(contact_id)}
    return people


def _working_days(today: int, due: int) -> int:
    first, last = min(today, due) + 1, max(today, due)
    return int(working_days_between(np.array([first], dtype=np.int32), np.array([last], dtype=np.int32))[0])
