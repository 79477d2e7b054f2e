"""Whose a source's rows are: its ids of accounts and contacts, joined with ours.

An account is found by the source's id that was matched before; else by an id that another source or we have for it;
else by its name or alias, or the domain of an e-mail address, as they stand and of one account only. Close spelling is
never enough. What is found is remembered as a link and told.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.directory import AccountDirectory, AccountName
from app.domain.records import Account, Contact, FeedbackItem, Record
from app.imports.derivations import domain_of, salesforce_id
from app.store.external_ids import How, Link

Clue = Mapping[str, str]
"""What a row tells of whose it is: crm_id, name, email, domain."""

NO_CLUES: Clue = {}

ADDED_UP: Mapping[str, tuple[str, ...]] = {
    "usage": ("active_users", "active_users_28d", "api_calls", "errors"),
    "feature_usage": ("count", "users"),
}
"""Daily tables: where one account has several ids in a source, what they did in a day is added up in these fields."""

LARGEST: Mapping[str, tuple[str, ...]] = {"usage": ("p95_ms",), "feature_usage": ()}
"""In these fields the largest counts."""


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact as matching needs it; `origin` is the source that last wrote it."""

    id: str
    account_id: str
    email: str | None
    origin: str


@dataclass(slots=True)
class _Contacts:
    """Contacts by e-mail address, and accounts by the domains of their contacts' addresses."""

    account_of: dict[str, str] = field(default_factory=dict)
    by_email: defaultdict[str, list[KnownContact]] = field(default_factory=lambda: defaultdict(list))
    by_domain: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, contact: KnownContact) -> None:
        if contact.id in self.account_of:
            return
        self.account_of[contact.id] = contact.account_id
        if contact.email:
            self.by_email[contact.email.casefold()].append(contact)
            if domain := domain_of(contact.email):
                self.by_domain[domain].add(contact.account_id)


class Matcher:
    """Matches the rows of one source. `found` are the links that it made; whoever asked it writes them."""

    def __init__(
        self,
        source: str,
        may_create: bool,
        accounts: Iterable[AccountName],
        links: Iterable[Link],
        contacts: Iterable[KnownContact],
    ) -> None:
        self.source = source
        self.found: list[Link] = []
        self._may_create = may_create
        self._accounts = {account.id: account for account in accounts}
        self._names: AccountDirectory | None = None
        self._links: dict[str, str] = {}
        self._created: set[str] = set()  # by this source, or by nobody else that we know of
        self._mine: defaultdict[str, set[str]] = defaultdict(set)  # account that the source has links to → its ids
        self._linked_contacts: dict[str, str] = {}
        self._joined_contacts: set[str] = set()  # contacts that the source has a link to
        self._elsewhere: defaultdict[str, set[str]] = defaultdict(set)
        self._seen_by: dict[str, str] = {}  # external id of a row that names no account → the account found for it
        self._contacts = _Contacts()
        self._first: dict[tuple[str, str], str] = {}  # (table, internal id) → the external id that came first
        for link in links:
            self._take(link)
        for contact in contacts:
            self._contacts.add(contact)

    def _take(self, link: Link) -> None:
        if link.subject == "contact":
            if link.source == self.source:
                self._linked_contacts[link.external_id] = link.internal_id
                self._joined_contacts.add(link.internal_id)
        elif link.source != self.source:
            self._elsewhere[link.external_id].add(link.internal_id)
        elif link.internal_id in self._accounts:
            self._links[link.external_id] = link.internal_id
            self._mine[link.internal_id].add(link.external_id)
            if link.how == "created":
                self._created.add(link.internal_id)

    def know(self, link: Link) -> None:
        """Heed a link that somebody set."""
        self._take(link)

    # Rows of accounts

    def place_account(self, record: Account, clues: Clue) -> tuple[Account | None, How | None]:
        """The account with our id, and how it was found; None where nobody knows it and it may not be created."""
        external_id = record.id
        internal_id, how = self._links.get(external_id), None
        if internal_id is None:
            internal_id, how = self._find(dict(clues) | {"name": record.name}, self._unlinked)
            if internal_id is None and self._may_create:
                internal_id, how = self._new_id(external_id), "created"
            if internal_id is None or how is None:
                return None, None
            self._remember(external_id, internal_id, how)
        parent_id = record.parent_id and self._links.get(record.parent_id, record.parent_id)
        placed = record.model_copy(update={"id": internal_id, "parent_id": parent_id})
        if how == "created":
            self._created.add(internal_id)
            self._accounts[internal_id] = AccountName(internal_id, placed.name, placed.aliases)
            self._names = None
        return placed, how

    def _new_id(self, external_id: str) -> str:
        """The source's id where no account has it, else one that tells the source."""
        internal_id = external_id
        while internal_id in self._accounts:
            internal_id = f"{self.source}-{internal_id}"
        return internal_id

    def _unlinked(self, account_id: str) -> bool:
        """Whether a row of accounts may be the account: two rows of a source that creates accounts are two accounts."""
        return not self._may_create or account_id not in self._mine

    # Rows of other tables

    def external_id(self, account: str, clues: Clue, contact_id: str | None, own_id: str | None) -> str:
        """What the source calls the account of a row; "" where the row tells nothing at all.

        A row that names no account is called by the account's name, the address's domain, the person, or itself.
        """
        if account:
            if account not in self._links:
                internal_id, how = self._find(clues)
                if internal_id is not None and how is not None:
                    self._remember(account, internal_id, how)
            return account
        external_id = clues.get("name") or clues.get("domain") or contact_id or own_id or ""
        if external_id in self._links or external_id in self._seen_by:
            return external_id
        by_person = self._account_of_person(contact_id, clues.get("email"))
        internal_id, how = self._find({k: v for k, v in clues.items() if k in ("crm_id", "name")})
        if internal_id is None and by_person is not None:
            self._seen_by[external_id] = by_person
            return external_id
        if internal_id is None:
            internal_id, how = self._find(clues)
        if internal_id is not None and how is not None and external_id:
            self._remember(external_id, internal_id, how)
        return external_id

    def account_of(self, external_id: str) -> str | None:
        """Our id of what the source calls so; None where it is not matched."""
        return self._links.get(external_id) or self._seen_by.get(external_id)

    def ids_of(self, account_id: str) -> frozenset[str]:
        """What the source calls an account of ours."""
        return frozenset(self._mine.get(account_id, ()))

    def translate(self, record: Record) -> Record | None:
        """The record with our ids in place of the source's; None where it has to wait for a match."""
        changed: dict[str, Any] = {}
        if isinstance(record, FeedbackItem):
            found = [self.account_of(each) for each in record.account_ids]
            if None in found:
                return None
            changed["account_ids"] = tuple(dict.fromkeys(found))
        elif "account_id" in type(record).model_fields:
            account_id = self.account_of(getattr(record, "account_id"))  # noqa: B009 - a field of some records
            if account_id is None:
                return None
            changed["account_id"] = account_id
        if isinstance(record, Contact):
            changed |= self._joined(record, changed["account_id"])
        elif contact_id := getattr(record, "contact_id", None):
            changed["contact_id"] = self._linked_contacts.get(contact_id, contact_id)
        return record.model_copy(update=changed)

    def waits_for(self, record: Record) -> str:
        """The external id for whose match the record waits."""
        if isinstance(record, FeedbackItem):
            return next(each for each in record.account_ids if self.account_of(each) is None)
        external_id: str = getattr(record, "account_id")  # noqa: B009
        return external_id

    def _joined(self, contact: Contact, account_id: str) -> dict[str, Any]:
        """The contact's id: that of a contact which another source brought, where the address says it is the same."""
        known = self._linked_contacts.get(contact.id)
        if known is None and contact.email and contact.id not in self._contacts.account_of:
            same = [
                each
                for each in self._contacts.by_email.get(contact.email.casefold(), ())
                if each.account_id == account_id and each.origin != self.source and each.id not in self._joined_contacts
            ]
            if len(same) == 1:
                known = same[0].id
                self._linked_contacts[contact.id] = known
                self._joined_contacts.add(known)
                self.found.append(Link(self.source, "contact", contact.id, known, "email"))
        if known is None:
            self._contacts.add(KnownContact(contact.id, account_id, contact.email, self.source))
            return {}
        return {"id": known}

    def is_joined(self, table: str, internal_id: str) -> bool:
        """Whether another source brought the account or contact: then this one only adds to what is known of it."""
        if table == "accounts":
            return internal_id not in self._created
        return table == "contacts" and internal_id in self._joined_contacts

    def came_before(self, table: str, internal_id: str, external_id: str) -> bool:
        """Whether another row, with another external id, is the same account or contact."""
        return self._first.setdefault((table, internal_id), external_id) != external_id

    def _remember(self, external_id: str, internal_id: str, how: How) -> None:
        self._links[external_id] = internal_id
        self._mine[internal_id].add(external_id)
        self.found.append(Link(self.source, "account", external_id, internal_id, how))

    def _find(self, clues: Clue, may_be: Any = None) -> tuple[str | None, How | None]:
        """The one account that the clues point to, the surest clue first."""
        for how, found in self._candidates(clues):
            possible = {account_id for account_id in found if may_be is None or may_be(account_id)}
            if len(possible) == 1:
                return possible.pop(), how
        return None, None

    def _candidates(self, clues: Clue) -> Iterator[tuple[How, set[str]]]:
        if crm_id := clues.get("crm_id"):
            forms = {crm_id, salesforce_id(crm_id)}
            known = forms.union(*(self._elsewhere.get(form, set()) for form in forms))
            yield "crm_id", known & self._accounts.keys()
        if name := clues.get("name"):
            yield "name", {account.id for account in self.directory.exact(name)}
        if domain := clues.get("domain"):
            yield (
                "domain",
                {account.id for account in self.directory.exact(domain)}
                | (self._contacts.by_domain.get(domain, set()) & self._accounts.keys()),
            )

    @property
    def directory(self) -> AccountDirectory:
        """The accounts by name, those that this import created among them."""
        if self._names is None:
            self._names = AccountDirectory(self._accounts.values())
        return self._names

    def _account_of_person(self, contact_id: str | None, email: str | None) -> str | None:
        known = self._contacts.account_of.get(self._linked_contacts.get(contact_id or "", contact_id or ""))
        if known is not None or not email:
            return known
        accounts = {each.account_id for each in self._contacts.by_email.get(email.casefold(), ())}
        return accounts.pop() if len(accounts) == 1 else None


def key_of(record: Record) -> str:
    """A record's key as text."""
    return json.dumps([str(getattr(record, name)) for name in record.key], ensure_ascii=False)
