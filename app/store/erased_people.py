"""Whom an erasure removed, known only by keyed digests of ids and e-mail addresses, so that no import brings them back.

The digests need the key of the audit log: with another key nobody is recognised any more.
"""

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from app.domain.records import Contact, Record
from app.security.naming import ERASED as NAME
from app.security.naming import folded
from app.security.seal import Seal
from app.store.tables import TABLES

ERASED = TABLES["erased"]

Kind = Literal["id", "email", "name"]

PSEUDONYM = "erased-"
PSEUDONYM_DIGITS = 12
"""Hexadecimal digits of the digest: 2^48 people."""

ANY_ACCOUNT = ""
"""In place of an account: for texts of which the account is not known yet."""

MAX_NAME = 300
"""Characters of a name; more words apart are none."""

_ADDRESS = re.compile(r"[\w.+'\-]+@[\w\-]+(?:\.[\w\-]+)+")
_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Erased:
    """What a person is known by, as its digest, and the pseudonym that stands for the person.

    A name has so many `words`, and counts in the texts of one account (or ANY_ACCOUNT).
    """

    digest: str
    kind: Kind
    contact_id: str
    erased_at: dt.datetime
    reindexed: bool
    account_id: str | None = None
    words: int | None = None


_FIELDS = tuple(field.name for field in fields(Erased))


def digest_of(seal: Seal, kind: Kind, value: str, account_id: str = ANY_ACCOUNT) -> str:
    """The keyed digest of an id, an address or a name. No event of the audit log has such a content."""
    plain = value.strip() if kind == "id" else folded(value)
    if kind == "name":
        plain = "".join(each for each in unicodedata.normalize("NFD", plain) if not unicodedata.combining(each))
    return seal.digest(f"erased {kind}\n{account_id}\n{plain}".encode())


def pseudonym_of(digest: str) -> str:
    """What stands for a person: the same whenever the person is erased again."""
    return f"{PSEUDONYM}{digest[:PSEUDONYM_DIGITS]}"


def names_of(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of a full name in the orders in which texts have them; none for a name of one word."""
    words = tuple(match[0] for match in _WORD.finditer(name))
    return tuple(dict.fromkeys((words, (words[-1], *words[:-1])))) if len(words) > 1 else ()


def all_erased(conn: Connection) -> list[Erased]:
    """Every digest."""
    query = select(*(ERASED.c[name] for name in _FIELDS)).order_by(ERASED.c.digest)
    return [Erased(*row) for row in conn.execute(query)]


def put(conn: Connection, rows: Iterable[Erased]) -> None:
    """Write digests; one that is there already is written anew."""
    for row in rows:
        conn.execute(delete(ERASED).where(ERASED.c.digest == row.digest))
        conn.execute(insert(ERASED).values(asdict(row)))


def index_mark(conn: Connection) -> str:
    """Differs once an erasure wants the indexes built anew."""
    query = select(ERASED.c.erased_at).where(ERASED.c.reindexed).order_by(ERASED.c.erased_at.desc()).limit(1)
    newest: dt.datetime | None = conn.execute(query).scalar()
    return "" if newest is None else newest.isoformat()


class ErasedPeople:
    """Tells records of people who were erased. Costs nothing where there are none."""

    def __init__(self, seal: Seal | None, erased: Iterable[Erased]) -> None:
        self._seal = seal
        self._pseudonyms: Mapping[str, str] = {row.digest: row.contact_id for row in erased}
        self._known: dict[str, str] = {}  # contact id → the id that stands for it
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # of names, by account
        for row in erased:
            if row.account_id is not None and row.words is not None:
                self._lengths[row.account_id].add(row.words)

    @property
    def is_empty(self) -> bool:
        return not self._pseudonyms

    def is_erased(self, record: Record) -> bool:
        """Whether the record is a contact of somebody who was erased."""
        if self.is_empty or not isinstance(record, Contact):
            return False
        named: tuple[tuple[Kind, str | None], ...] = (("id", record.id), ("email", record.email))
        return any(self._pseudonym(kind, value) is not None for kind, value in named if value)

    def repointed(self, record: Record) -> Record:
        """The record, with the pseudonym in place of the id of somebody who was erased."""
        contact_id = None if self.is_empty else getattr(record, "contact_id", None)
        if contact_id is None:
            return record
        if contact_id not in self._known:
            self._known[contact_id] = self._pseudonym("id", contact_id) or contact_id
        known = self._known[contact_id]
        return record if known == contact_id else record.model_copy(update={"contact_id": known})

    def without(self, text: str, accounts: Collection[str]) -> str:
        """A text of these accounts without the addresses and full names of people who were erased.

        No accounts: they are not known yet. A first name alone is not recognised.
        """
        if "@" in text:
            text = _ADDRESS.sub(lambda found: NAME if self._pseudonym("email", found[0]) else found[0], text)
        for account_id in accounts or (ANY_ACCOUNT,):
            for length in self._lengths.get(account_id, ()):
                text = self._without_names(text, account_id, length)
        return text

    def _without_names(self, text: str, account_id: str, length: int) -> str:
        words = list(_WORD.finditer(text))
        parts: list[str] = []
        end = 0
        for first, last in zip(words, words[length - 1 :], strict=False):
            name = text[first.start() : last.end()]
            is_new = first.start() >= end and len(name) <= MAX_NAME
            if is_new and self._pseudonym("name", " ".join(_WORD.findall(name)), account_id):
                parts += [text[end : first.start()], NAME]
                end = last.end()
        return "".join(parts) + text[end:]

    def _pseudonym(self, kind: Kind, value: str, account_id: str = ANY_ACCOUNT) -> str | None:
        return self._pseudonyms.get(digest_of(self._seal, kind, value, account_id)) if self._seal else None


NOBODY = ErasedPeople(None, ())
