"""The erasure of a person: which columns hold customers' people, and the rows without the person.

Rows of customer data are changed in every version, in place (docs/decisions/0016-erasure.md): a pseudonym takes the
place of the contact's id, so that whatever counts people counts as before. Nothing else of the service changes rows
that a snapshot has seen.
"""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, and_, select

from app.domain.problems import Conflict, NotFound
from app.security.naming import ERASED, Naming, Person, folded, parts_of
from app.security.seal import Seal
from app.store.audit_log import EVENTS
from app.store.erased_people import (
    ANY_ACCOUNT,
    PSEUDONYM,
    Erased,
    Kind,
    all_erased,
    digest_of,
    names_of,
    pseudonym_of,
)
from app.store.retention import UNSENT
from app.store.tables import TABLES

CONTACTS, EXTERNAL_ID, WAITING_ROW = (TABLES[name] for name in ("contacts", "external_id", "waiting_row"))
ACCOUNTS, API_KEY, DOCUMENT = (TABLES[name] for name in ("accounts", "api_key", "document"))

BATCH_ROWS = 2_000

KEYED_BY_CONTACT = frozenset({"contacts", "contact_activity"})
"""Tables of which a record's key begins with the contact's id."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that may hold customers' people, by what is done with them.

    `texts` and `values` (JSON) lose the name; `who` names somebody, `contact` is a contact's id: both become the
    pseudonym. `emptied` is dropped where it names the person. `account` says whose texts they are.
    """

    texts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    account: ColumnElement[Any] | None = None

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.texts, *self.values, *self.who, *self.contact, *self.emptied)


def _columns(table_name: str, **columns: tuple[str, ...]) -> Columns:
    """Columns of a table whose rows say whose they are."""
    table = TABLES[table_name]
    return Columns(**columns, account=table.c.account_id)


def _of(table_name: str, key: str, row: ColumnElement[Any]) -> ColumnElement[Any]:
    """The account of the row of another table that this one belongs to."""
    table = TABLES[table_name]
    return select(table.c.account_id).where(table.c[key] == row).scalar_subquery()


PLAN: Mapping[str, Columns] = {
    "contacts": _columns("contacts", texts=("name", "role", "influence"), who=("email",), contact=("id",)),
    "contact_activity": Columns(contact=("contact_id",)),
    "tickets": _columns("tickets", texts=("category", "engineering_key", "subject", "body"), contact=("contact_id",)),
    "nps": _columns("nps", texts=("comment",), contact=("contact_id",)),
    "touchpoints": _columns("touchpoints", texts=("text",), contact=("contact_id",)),
    "goals": _columns("goals", texts=("title", "metric")),
    "signals": _columns("signals", texts=("text",)),
    "feedback": Columns(
        texts=("title", "source", "quote", "workaround", "status"),
        contact=("contact_id",),
        account=TABLES["feedback"].c.account_ids,
    ),
    "commitments": _columns("commitments", texts=("what", "source"), who=("by",)),
    "escalations": _columns(
        "escalations", texts=("title", "endpoint", "feature", "package", "verified"), who=("owner",)
    ),
    "escalation_updates": _columns("escalation_updates", texts=("text", "customer_text"), who=("author",)),
    "integrations": _columns("integrations", texts=("auth", "status", "note")),
    "milestones": _columns("milestones", texts=("title", "owner", "acceptance"), who=("signed_by",)),
    "milestone_slips": _columns("milestone_slips", texts=("reason",)),
    "checks": _columns("checks", texts=("note",), who=("checked_by",)),
    "ramp_signoffs": Columns(texts=("note",)),
    "external_id": Columns(who=("external_id",), contact=("internal_id",)),
    "waiting_row": Columns(texts=("name",), values=("record",), who=("external_id", "record_key")),
    "write": Columns(texts=("note",)),
    "thread": _columns("thread", texts=("title",), values=("pending",)),
    "turn": _columns("turn", texts=("message",), values=("attachments", "answer", "problem")),
    "attachment": Columns(texts=("name",), values=("content",)),
    "effect": Columns(values=("content",), account=_of("turn", "id", TABLES["effect"].c.turn_id)),
    "job": Columns(values=("progress", "result")),
    "idempotency": Columns(values=("headers",), emptied=("body",)),
    "document": Columns(texts=("title", "text")),
    "proposal": _columns("proposal", texts=("content", "reason"), values=("outgoing", "figures", "evidence")),
    "approval": Columns(
        texts=("words", "reason"), account=_of("proposal", "id", TABLES["approval"].c.proposal_id)
    ),
    "outbox": _columns("outbox", texts=("last_error",), values=("outgoing",)),
}  # fmt: skip
"""What is read for an erasure, table by table. The audit log empties its details itself."""

_RECORD_ID = "an id of a record that is no person"
_ACCOUNT = "an account's id"
_SOURCE = "the name of a source"
_FIXED = "one of the service's own words"
_OWN = "an id that the service gave"
_DIGEST = "a digest"
_EMPLOYEE = "an employee: out of the scope of an erasure"
_COMPANY = "about a company"
_PRODUCT = "about the own product"
_CHAINED = "part of the audit log's chain; holds ids and the service's own words"

FREE: Mapping[str, str] = {
    **{f"{name}.id": _RECORD_ID for name in ("tickets", "nps", "touchpoints", "goals", "signals", "feedback")},
    **{f"{name}.id": _RECORD_ID for name in ("arr_movements", "commitments", "escalations", "escalation_updates")},
    **{f"{name}.account_id": _ACCOUNT for name, table in TABLES.items() if "account_id" in table.c},
    **{f"{name}.origin": _SOURCE for name, table in TABLES.items() if "origin" in table.c},
    **{f"{name}.source": _SOURCE for name in ("account_source", "feed", "external_id", "waiting_row")},
    **{f"{name}.table_name": _FIXED for name in ("feed", "waiting_row")},
    **{f"{name}.severity": _FIXED for name in ("tickets", "feedback", "escalations")},
    **{f"{name}.kind": _FIXED for name in ("touchpoints", "signals", "arr_movements", "escalations")},
    **{f"{name}.kind": _FIXED for name in ("escalation_updates", "write", "job", "effect", "approval", "erased")},
    **{f"{name}.status": _FIXED for name in ("touchpoints", "goals", "turn", "job", "proposal", "approval", "outbox")},
    **{f"{name}.turn_id": _OWN for name, table in TABLES.items() if "turn_id" in table.c},
    **{f"{name}.owner_key_id": _OWN for name, table in TABLES.items() if "owner_key_id" in table.c},
    **{f"{name}.requester_key_id": _OWN for name in ("proposal", "outbox")},
    **{f"{name}.requester": _EMPLOYEE for name in ("proposal", "outbox")},
    **{f"{name}.runner": _OWN for name in ("turn", "job", "idempotency", "outbox")},
    **{f"{name}.id": _OWN for name in ("api_key", "thread", "turn", "runner", "job", "proposal", "approval", "outbox")},
    "attachment.id": _OWN,
    "attachment.command": _FIXED,
    "attachment.sha256": _DIGEST,
    **{f"{name}.content_sha256": _DIGEST for name in ("proposal", "outbox")},
    **{f"plans.{name}": _PRODUCT for name in ("name", "sla")},
    **{f"roadmap.{name}": _PRODUCT for name in ("feature", "quarter", "audience")},
    **{f"feature_usage.{name}": _PRODUCT for name in ("feature", "environment")},
    **{f"accounts.{name}": _COMPANY for name in ("name", "aliases", "product", "segment", "currency", "plan")},
    **{f"accounts.{name}": _COMPANY for name in ("industry", "region")},
    **{f"accounts.{name}": _ACCOUNT for name in ("id", "parent_id")},
    **{f"accounts.{name}": _FIXED for name in ("lifecycle", "usage_model")},
    "accounts.owner": _EMPLOYEE,
    "contacts.stakeholder": _FIXED,
    "feedback.category": _FIXED,
    "feedback.account_ids": _ACCOUNT,
    "escalations.ticket_id": _RECORD_ID,
    "escalation_updates.escalation_id": _RECORD_ID,
    **{f"integrations.{name}": _PRODUCT for name in ("kind", "environment")},
    **{f"{name}.id": _RECORD_ID for name in ("milestones", "milestone_slips")},
    **{f"milestones.{name}": _FIXED for name in ("code", "measures", "after")},
    "milestone_slips.milestone_id": _RECORD_ID,
    "milestone_slips.whose": _FIXED,
    **{f"checks.{name}": _FIXED for name in ("checklist", "item", "state")},
    **{f"ramp_signoffs.{name}": _EMPLOYEE for name in ("owner", "signed_by")},
    "ramp_signoffs.goal": _FIXED,
    "write.actor": _EMPLOYEE,
    **{f"api_key.{name}": _EMPLOYEE for name in ("name", "created_by")},
    "api_key.key_hash": _DIGEST,
    "api_key.role": _FIXED,
    "api_key.account_ids": _ACCOUNT,
    "api_key.groups": _FIXED,
    "sign_in_code.code_hash": _DIGEST,
    "sign_in_code.key_id": _OWN,
    "thread.conversation": "a digest, or an id of Slack",
    "turn.channel": _FIXED,
    "turn.thread_id": _OWN,
    "turn.command": _FIXED,
    "turn.parameters_version": _DIGEST,
    "idempotency.key": "a value of the client's choice, kept for a day",
    "idempotency.fingerprint": _DIGEST,
    "document.id": "an article's id",
    "document.audience": _FIXED,
    "document.digest": "a digest, made anew with the text",
    "document.indexed_digest": _DIGEST,
    "parameter_set.version": _DIGEST,
    "parameter_set.content": "thresholds",
    "parameters_in_force.version": _DIGEST,
    "external_id.subject": _FIXED,
    "external_id.how": _FIXED,
    "waiting_row.given": "names of fields",
    "proposal.amends": _OWN,
    "approval.proposal_id": _OWN,
    "approval.approver_group": _FIXED,
    "approval.rule": "the name of a rule",
    **{f"approval.{name}": _EMPLOYEE for name in ("decided_by_key_id", "decided_by")},
    "outbox.proposal_id": _OWN,
    **{f"audit_event.{name}": _EMPLOYEE for name in ("actor_key_id", "actor")},
    **{f"audit_event.{name}": _CHAINED for name in ("action", "subject", "prompt_version", "model")},
    **{f"audit_event.{name}": _DIGEST for name in ("details_digest", "previous", "digest")},
    "audit_event.details": "emptied by the audit log, where it tells of the person",
    "erased.digest": _DIGEST,
    "erased.contact_id": "a pseudonym",
}
"""Columns that hold no customer's person, and why."""


# Who is meant


class NobodyFound(NotFound):
    """Nobody is known by that id, address or name."""

    code = "person_not_found"


class AmbiguousPerson(Conflict):
    """Several people are meant."""

    code = "person_ambiguous"


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact as some version of its row, or a waiting row, tells it."""

    id: str
    account_id: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A person, the addresses that others have as well and that so stay, and the digests by which it is known again."""

    person: Person
    kept_emails: tuple[str, ...]
    pseudonym: str
    known_by: Mapping[tuple[Kind, str], str]
    """Ids and addresses by which the person is told in an import, each with its pseudonym."""

    def digests(self, seal: Seal, now: dt.datetime, *, reindexed: bool) -> Iterator[Erased]:
        """What is kept of the person."""
        for (kind, value), pseudonym in self.known_by.items():
            yield Erased(digest_of(seal, kind, value), kind, pseudonym, now, reindexed)
        for name in self.person.names:
            for words in names_of(name):
                shared = name in self.person.shared_names
                for account_id in self.person.accounts if shared else (*self.person.accounts, ANY_ACCOUNT):
                    digest = digest_of(seal, "name", " ".join(words), account_id)
                    yield Erased(digest, "name", self.pseudonym, now, reindexed, account_id, len(words))


def find(conn: Connection, seal: Seal, wanted: str, account_id: str | None) -> Found:
    """The person of this contact id, e-mail address or name; `account_id` tells people of one name apart.

    A person with several contacts is one where their addresses and their names are the same. An address that nobody
    among the contacts has is a person of whom nothing else is known.

    Raises:
        NobodyFound: there is nobody.
        AmbiguousPerson: it may be one of several; they are listed by their ids.
    """
    known = _known_contacts(conn)
    people = _people_meant(known, wanted.strip(), account_id)
    if not people and "@" in wanted:
        address = wanted.strip()
        pseudonym = pseudonym_of(digest_of(seal, "email", address))
        return Found(Person({}, (), (address,)), (), pseudonym, {("email", address): pseudonym})
    if not people:
        where = f" at {account_id}" if account_id else ""
        raise NobodyFound(f"Nobody is known as {wanted!r}{where}. {_erased_before(conn, seal, wanted)}".strip())
    if len(people) > 1:
        listed = "; ".join(sorted(", ".join(sorted({f"{c.id} at {c.account_id}" for c in one})) for one in people))
        raise AmbiguousPerson(f"{wanted!r} may be {len(people)} people: {listed}. Give the contact's id.")
    return _found(conn, seal, known, people[0])


def found_again(conn: Connection, seal: Seal, erased: Iterable[str]) -> Iterator[Found]:
    """The people of these digests who are there again, as after the restore of an old backup."""
    digests = set(erased)
    known = _known_contacts(conn)
    done: set[str] = set()
    for contact in known:
        named = {digest_of(seal, "id", contact.id)}
        named |= {digest_of(seal, "email", contact.email)} if contact.email else set()
        if contact.id in done or named.isdisjoint(digests):
            continue
        (person,) = _people_meant(known, contact.id, None)
        done |= {each.id for each in person}
        yield _found(conn, seal, known, person)


def _known_contacts(conn: Connection) -> list[KnownContact]:
    """Contacts of every version, and those that wait for their account; not those that were erased."""
    c = CONTACTS.c
    rows = conn.execute(select(c.id, c.account_id, c.name, c.email).distinct().order_by(c.id))
    known = [KnownContact(*row) for row in rows if not row.id.startswith(PSEUDONYM)]
    waiting = select(WAITING_ROW.c.record).where(WAITING_ROW.c.table_name == CONTACTS.name)
    for record in conn.execute(waiting).scalars():
        known.append(KnownContact(str(record["id"]), None, record.get("name"), record.get("email")))
    return known


def _people_meant(known: Sequence[KnownContact], wanted: str, account_id: str | None) -> list[list[KnownContact]]:
    """Contacts that `wanted` may mean, those of one person together. An id counts before an address, that before a
    name."""
    within = [contact for contact in known if account_id in (None, contact.account_id)]
    tests: tuple[Callable[[KnownContact], bool], ...] = (
        lambda contact: contact.id == wanted,
        lambda contact: folded(contact.email or "") == folded(wanted),
        lambda contact: folded(contact.name or "") == folded(wanted),
    )
    for test in tests if wanted else ():
        if meant := {contact.id for contact in within if test(contact)}:
            return _by_person(known, meant)
    return []


def _by_person(known: Sequence[KnownContact], meant: set[str]) -> list[list[KnownContact]]:
    """These contacts, with those of the same address and name, one list a person."""
    versions: defaultdict[str, list[KnownContact]] = defaultdict(list)
    by_email: defaultdict[str, set[str]] = defaultdict(set)
    for contact in known:
        versions[contact.id].append(contact)
        if "@" in (contact.email or ""):
            by_email[folded(contact.email or "")].add(contact.id)
    people: list[list[KnownContact]] = []
    left = sorted(meant)
    while left:
        person, new = {left[0]}, {left[0]}
        while new:
            near = {other for i in new for c in versions[i] for other in by_email.get(folded(c.email or ""), ())}
            mine = [contact for i in person for contact in versions[i]]
            new = {other for other in near - person if _same_name(mine, versions[other])}
            person |= new
        people.append([contact for i in sorted(person) for contact in versions[i]])
        left = [i for i in left if i not in person]
    return people


def _same_name(some: Iterable[KnownContact], others: Iterable[KnownContact]) -> bool:
    """Whether they have a name in common, or one of the two has none."""
    a, b = ({folded(contact.name) for contact in each if contact.name} for each in (some, others))
    return not a or not b or not a.isdisjoint(b)


def _found(conn: Connection, seal: Seal, known: Sequence[KnownContact], mine: Sequence[KnownContact]) -> Found:
    ids = {contact.id for contact in mine}
    others = [contact for contact in known if contact.id not in ids]
    taken = {folded(contact.email) for contact in others if contact.email}
    emails = _distinct(text for contact in mine for text in (contact.email, contact.name) if text and "@" in text)
    own = tuple(email for email in emails if folded(email) not in taken)
    names = _distinct(contact.name for contact in mine)
    external = _external_ids(conn, ids)
    pseudonyms = {each: pseudonym_of(digest_of(seal, "id", each)) for each in sorted(ids)}
    pseudonyms |= {each: pseudonyms[internal] for each, internal in external.items() if each not in pseudonyms}
    accounts = frozenset(contact.account_id for contact in mine if contact.account_id)
    known_by: dict[tuple[Kind, str], str] = {("id", each): pseudonym for each, pseudonym in pseudonyms.items()}
    pseudonym = next(iter(pseudonyms.values()))
    known_by |= {("email", email): pseudonym for email in own}
    person = Person(
        pseudonyms=pseudonyms,
        names=names,
        emails=own,
        accounts=accounts,
        account_names=_names_of(conn, accounts),
        shared_names=frozenset(n for n in names if folded(n) in {folded(c.name) for c in others if c.name}),
        others=_who_stays(conn, names, accounts, others),
    )
    return Found(person, tuple(email for email in emails if email not in own), pseudonym, known_by)


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """Without repetitions, whatever the case; the first counts. A name that was erased is none."""
    return tuple({folded(value): value for value in values if value and value.strip() and value != ERASED}.values())


def _external_ids(conn: Connection, ids: set[str]) -> dict[str, str]:
    """What sources call these contacts."""
    t = EXTERNAL_ID
    query = select(t.c.external_id, t.c.internal_id).where(t.c.subject == "contact", t.c.internal_id.in_(sorted(ids)))
    return {row[0]: row[1] for row in conn.execute(query.distinct())}


def _names_of(conn: Connection, accounts: Iterable[str]) -> tuple[str, ...]:
    query = select(ACCOUNTS.c.id, ACCOUNTS.c.name, ACCOUNTS.c.aliases).where(ACCOUNTS.c.id.in_(sorted(accounts)))
    return tuple(sorted({name for row in conn.execute(query) for name in (row[0], row[1], *row[2])}))


def _who_stays(
    conn: Connection, names: Sequence[str], accounts: frozenset[str], others: Iterable[KnownContact]
) -> tuple[str, ...]:
    """Full names that have a part in common with these: of other contacts of the accounts, and of our own people."""
    mine = {folded(part) for name in names for part in parts_of(name)}
    here = {contact.name for contact in others if contact.name and contact.account_id in accounts}
    ours = set(conn.execute(select(ACCOUNTS.c.owner).distinct()).scalars())
    ours |= set(conn.execute(select(API_KEY.c.name)).scalars())
    full = {name for name in here | ours if name and len(parts_of(name)) > 1}
    same = {folded(name) for name in names}
    stays = {name for name in full if folded(name) not in same and not mine.isdisjoint(map(folded, parts_of(name)))}
    return tuple(sorted(stays))


def _erased_before(conn: Connection, seal: Seal, wanted: str) -> str:
    kinds = {digest_of(seal, "id", wanted), digest_of(seal, "email", wanted)}
    when = next((row.erased_at for row in all_erased(conn) if row.digest in kinds), None)
    return f"This person was erased on {when:%Y-%m-%d}." if when else "Give a contact's id, or --account with a name."


# Rows without the person


@dataclass(frozen=True, slots=True)
class Change:
    """New cells of one row; None deletes it."""

    table: sa.Table
    key: tuple[Any, ...]
    cells: Mapping[str, Any] | None


@dataclass(slots=True)
class Changed:
    """What an erasure changes: rows by table, ids of articles and of what was to be decided or sent."""

    rows: Counter[str] = field(default_factory=Counter)
    documents: list[str] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def note(self, conn: Connection, change: Change) -> None:
        """Count a change that is about to be made."""
        name, key = change.table.name, change.key[0]
        self.rows[name] += 1
        if name == "document":
            self.documents.append(key)
        elif name == "proposal" and _status(conn, change) == "pending":
            self.proposals.append(key)
        elif name == "outbox" and _status(conn, change) in UNSENT:
            self.messages.append(key)


def _status(conn: Connection, change: Change) -> str:
    table = change.table
    return str(conn.execute(select(table.c.status).where(table.c.id == change.key[0])).scalar_one())


def changes(conn: Connection, naming: Naming) -> Iterator[Change]:
    """The changes of every table, one table after the other: a table may be written once all of its are there."""
    for name in PLAN:
        yield from list(_changes_of(conn, TABLES[name], PLAN[name], naming))


def apply(conn: Connection, change: Change) -> None:
    """Make a change."""
    names = change.table.primary_key.columns
    is_row = and_(*(column == cell for column, cell in zip(names, change.key, strict=True)))
    if change.cells is None:
        conn.execute(change.table.delete().where(is_row))
    else:
        conn.execute(change.table.update().where(is_row).values(dict(change.cells)))


def audit_seqs(conn: Connection, naming: Naming) -> list[int]:
    """Events that tell of the person: their details name it, or they are about its contact."""
    c = EVENTS.c
    query = select(c.seq, c.account_id, c.subject, c.details).where(c.details.is_not(None)).order_by(c.seq)
    found: list[int] = []
    for seq, account_id, subject, details in conn.execute(query, execution_options={"yield_per": BATCH_ROWS}):
        near = naming.is_near(account_id)
        about = subject in naming.person.pseudonyms and (near or account_id is None)
        if about or naming.value(details, near=near) != details:
            found.append(seq)
    return found


def _changes_of(conn: Connection, table: sa.Table, columns: Columns, naming: Naming) -> Iterator[Change]:
    key = list(table.primary_key.columns)
    account = sa.null() if columns.account is None else columns.account
    kind = table.c.table_name if table is WAITING_ROW else table.c.subject if table is EXTERNAL_ID else sa.null()
    query = select(*key, *(table.c[name] for name in columns.all), account.label("of"), kind.label("what"))
    for row in conn.execute(query, execution_options={"yield_per": BATCH_ROWS}):
        before = dict(zip(columns.all, row[len(key) : -2], strict=True))
        accounts = (row[-2],) if isinstance(row[-2], str) else tuple(row[-2] or ())
        near = any(map(naming.is_near, accounts))
        after = _cells(table, columns, before, naming, near=near, what=row[-1])
        if after is None or after != before:
            new = None if after is None else {name: cell for name, cell in after.items() if cell != before[name]}
            yield Change(table, tuple(row[: len(key)]), new)


def _cells(
    table: sa.Table, columns: Columns, before: Mapping[str, Any], naming: Naming, *, near: bool, what: str | None
) -> dict[str, Any] | None:
    """The row's cells without the person; None where nothing of the row is to stay."""
    if table is CONTACTS:
        return _contact(before, naming, near=near)
    if table is EXTERNAL_ID and what == "contact":
        return None if before["internal_id"] in naming.person.pseudonyms else dict(before)
    after = dict(before)
    for name, cell in before.items():
        if cell is None:
            continue
        if name == "record_key":
            after[name] = _record_key(cell, what, naming)
        elif name in columns.contact:
            after[name] = cell if table is EXTERNAL_ID else naming.contact_id(cell)
        elif name in columns.who:
            after[name] = naming.who(cell, near=near)
        elif name in columns.emptied:
            text = cell.decode("utf-8", "replace")
            after[name] = cell if naming.text(text, near=near) == text else None
        elif name in columns.values:
            after[name] = naming.value(cell, near=near)
        else:
            after[name] = naming.limited(cell, near=near)
    if table is WAITING_ROW and what == CONTACTS.name:
        after["record"] = _waiting_contact(before["record"], after["record"], naming)
    return after


def _contact(before: Mapping[str, Any], naming: Naming, *, near: bool) -> dict[str, Any]:
    """The person's own row keeps account, role and dates; in rows of others only texts change."""
    texts = {name: before[name] and naming.limited(before[name], near=near) for name in ("role", "influence")}
    if before["id"] not in naming.person.pseudonyms:
        return {**before, **texts}
    return {**before, **texts, "id": naming.contact_id(before["id"]), "name": None, "email": None}


def _waiting_contact(before: Mapping[str, Any], after: dict[str, Any], naming: Naming) -> dict[str, Any]:
    """As `_contact`, of a row that waits for its account."""
    contact_id = str(before["id"])
    if contact_id not in naming.person.pseudonyms:
        return {**after, "id": before["id"], "name": before.get("name"), "email": before.get("email")}
    return {**after, "id": naming.contact_id(contact_id), "name": None, "email": None}


def _record_key(key: str, table_name: str | None, naming: Naming) -> str:
    cells = json.loads(key)
    if table_name in KEYED_BY_CONTACT:
        cells[0] = naming.contact_id(cells[0])
    return json.dumps(cells, ensure_ascii=False)
