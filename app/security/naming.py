"""By which words a text names a person, and the text without them: for the erasure of a person. Pure but for its file.

A full name and an e-mail address count in every text. A part of a name alone, and a full name that others bear as well,
count only where the text is about the person's own account. Longer words and other people's full names stay. Names are
found whatever the case, with accents or without, in Markdown, in an address of the web and in JSON within a text.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from app.domain.yaml_text import load_yaml

ERASED = "[erased]"

FILE = Path(__file__).with_name("naming.yaml")

NAME_LENGTH, TEXT_LENGTH = 300, 100_000
"""A text that keeps to one of the limits of records keeps to it without the name, too."""

LEAST_PART = 2
"""Shorter parts of a name, such as initials, name nobody alone."""

LEAST_TELLING_ID = 8
"""An id so long, with a digit in it, is nothing else by chance; shorter ones count only where a contact's id stands."""

_SEPARATOR = r"(?:(?:\s|%20|\\[nrt]){1,4}|\\?[_.+\-])"
"""What may stand between the parts of a name: also in `ann.lee`."""

_COMMA = r"\\?,\s{0,4}"
_NO_NAME_BEFORE = r"(?<!\w )"
"""Not in a list of names: `Bo Lee, Ann Wong` is not Ann Lee."""

_MARKS = "\u0300-\u036f"
_BEGIN = rf"(?:(?<![\w{_MARKS}])|(?<=\\[nrt]))"  # after a line end that JSON within a text escapes, too
_END = rf"(?![\w{_MARKS}])"
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
"""Scripts that put no spaces around a name."""

_CONTACT_KINDS = frozenset({"contact", "contacts", "contact_activity"})
_OF_CONTACTS = frozenset({"email", "is_champion", "champion", "stakeholder", "influence"})
"""An object with an id and one of these fields is a contact."""


class Words(BaseModel):
    """Words of the file: parts of names that are none alone, and names that are English words too."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    no_name: frozenset[str]
    also_words: frozenset[str]


def load_words(file: Path = FILE) -> Words:
    """The words of the file."""
    return Words.model_validate(load_yaml(file.read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Person:
    """A person at customers. `pseudonyms` holds what takes the place of each id by which a contact is known.

    `shared_names` are those of `names` that others bear, too; `others` are full names that stay, which have a part in
    common with the person's. `accounts` are ids, `account_names` all that the accounts are called.
    """

    pseudonyms: Mapping[str, str]
    names: tuple[str, ...]
    emails: tuple[str, ...]
    accounts: frozenset[str] = frozenset()
    account_names: tuple[str, ...] = ()
    shared_names: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()


def folded(text: str) -> str:
    """A name or address as it is compared: one form of each character, without case, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def parts_of(name: str) -> tuple[str, ...]:
    """The words of a name."""
    return tuple(part for part in re.split(r"[\s,]+", name.strip()) if part.strip(".'-"))


class Naming:
    """Finds one person in texts and values, and puts `[erased]` or the pseudonym there."""

    def __init__(self, person: Person, words: Words) -> None:
        self.person = person
        self._words = words
        self._common = {folded(part) for name in person.others for part in parts_of(name)}

    def text(self, text: str, *, near: bool) -> str:
        """The text without the person. `near` says that it is about the person's account."""
        plain = text.lower()  # most texts need no closer look
        if any(all(hint in plain for hint in hints) for hints in self._full_hints):
            text = self._in_every_text.sub(self._put, text)
        if any(hint in plain for hint in self._part_hints) and (near or self._mentions(text)):
            text = self._in_near_texts.sub(self._put, text)
        return text

    def limited(self, text: str, *, near: bool) -> str:
        """The same, no longer than records allow."""
        found = self.text(text, near=near)
        limit = next((limit for limit in (NAME_LENGTH, TEXT_LENGTH) if len(text) <= limit), len(found))
        return found[:limit]

    def who(self, text: str, *, near: bool) -> str:
        """A field that says who: the pseudonym where it is this person and nobody else, else as `limited`."""
        whole = folded(text)
        names = {folded(name) for name in self.person.names} - (set() if near else self._shared)
        alone = {folded(part) for name in self.person.names for part in parts_of(name)[:1]} if near else set()
        if text in self.person.pseudonyms or whole in names | {folded(email) for email in self.person.emails}:
            return self.person.pseudonyms.get(text, self._pseudonym)
        if whole in alone:
            return text if whole in self._common else self._pseudonym
        return self.limited(text, near=near)

    def contact_id(self, contact_id: str) -> str:
        """The pseudonym where it is the person's id, else as it is."""
        return self.person.pseudonyms.get(contact_id, contact_id)

    def value(self, value: Any, *, near: bool) -> Any:
        """A JSON value without the person. An object that names its account is about that account."""
        if isinstance(value, str):
            return self.limited(value, near=near)
        if isinstance(value, list):
            return [self.value(item, near=near) for item in value]
        if not isinstance(value, dict):
            return value
        near = self._is_near_object(value, near=near)
        is_contact = value.get("kind") in _CONTACT_KINDS or not _OF_CONTACTS.isdisjoint(value)
        return {
            self.text(key, near=near): self._field(key, item, is_contact=is_contact, near=near)
            for key, item in value.items()
        }

    def is_near(self, account_id: str | None) -> bool:
        """Whether it is an account of the person's."""
        return account_id in self.person.accounts

    def _is_near_object(self, value: Mapping[str, Any], *, near: bool) -> bool:
        told = [value.get("account_id"), *(value.get("account_ids") or ())]
        accounts = [account_id for account_id in told if isinstance(account_id, str)]
        return any(map(self.is_near, accounts)) if accounts else near

    def _field(self, key: str, item: Any, *, is_contact: bool, near: bool) -> Any:
        names_contact = key in ("contact_id", "contact_ids", "contact") or (key == "id" and is_contact)
        if names_contact and isinstance(item, str) and item in self.person.pseudonyms:
            return self.person.pseudonyms[item]
        if names_contact and isinstance(item, list):
            item = [self.contact_id(each) if isinstance(each, str) else each for each in item]
        return self.value(item, near=near)

    def _put(self, match: re.Match[str]) -> str:
        found = match[0]
        if match["kept"] is not None:
            return found
        if match["id"] is not None:
            return self.person.pseudonyms.get(found, found)
        return ERASED

    def _mentions(self, text: str) -> bool:
        """Whether the text is about the person's account all the same, or named the person more fully."""
        return ERASED in text or self._pseudonym in text or bool(self._accounts and self._accounts.search(text))

    @property
    def _pseudonym(self) -> str:
        return next(iter(self.person.pseudonyms.values()), ERASED)

    @cached_property
    def _shared(self) -> set[str]:
        return {folded(name) for name in self.person.shared_names}

    @cached_property
    def _full_hints(self) -> frozenset[tuple[str, ...]]:
        """All of one of these are in every text that holds a full name, an address or an id."""
        names = (tuple(map(_plain_run, parts_of(name))) for name in self.person.names)
        return frozenset((*names, *((_plain_run(word),) for word in (*self.person.emails, *self.person.pseudonyms))))

    @cached_property
    def _part_hints(self) -> frozenset[str]:
        """One of these is in every text that holds a part of a name."""
        return frozenset(_plain_run(part) for name in self.person.names for part in parts_of(name))

    @cached_property
    def _in_every_text(self) -> re.Pattern[str]:
        everywhere = [
            *(_address(email) for email in self.person.emails),
            *(_full_name(n) for n in self.person.names if len(parts_of(n)) > 1 and folded(n) not in self._shared),
        ]
        ids = [re.escape(each) for each in self.person.pseudonyms if _is_telling(each)]
        short = [re.escape(each) for each in self.person.pseudonyms if not _is_telling(each)]
        named = [rf"(?<=contact ){each}" for each in short]
        return _either(everywhere, [_whole(i, i) for i in ids] + [_whole(i, i) for i in named], ())

    @cached_property
    def _in_near_texts(self) -> re.Pattern[str]:
        names = self.person.names
        alone = {part for name in names for part in parts_of(name)}
        near = [
            *(_full_name(name) for name in names if len(parts_of(name)) > 1),
            *(self._alone(part) for part in sorted(alone, key=lambda part: (-len(part), part))),
        ]
        return _either([each for each in near if each], (), [_full_name(name) for name in self.person.others])

    def _alone(self, part: str) -> str | None:
        """The pattern of a part of a name; None where it names nobody by itself."""
        bare = part.strip(".'-")
        if len(bare) < LEAST_PART and not _UNSPACED.match(bare):
            return None
        if folded(bare) in self._words.no_name:
            return None
        if folded(bare) in self._words.also_words:
            return rf"(?-i:{_whole('|'.join({re.escape(bare.title()), re.escape(bare.upper())}), bare)})"
        return _whole(_spelt(bare), bare)

    @cached_property
    def _accounts(self) -> re.Pattern[str] | None:
        named = [_whole(re.escape(name), name) for name in self.person.account_names if name.strip()]
        return re.compile("|".join(named), re.IGNORECASE) if named else None


def _either(erased: Iterable[str], ids: Iterable[str], kept: Iterable[str]) -> re.Pattern[str]:
    """One pattern of three groups; the first that fits at a place counts, what is kept first."""
    groups = {"kept": kept, "id": ids, "erased": erased}
    parts = [f"(?P<{name}>{'|'.join(patterns) or '(?!)'})" for name, patterns in groups.items()]
    return re.compile("|".join(parts), re.IGNORECASE)


def _full_name(name: str) -> str:
    """In the order in which it is written, or the last word first."""
    *first, last = parts_of(name)
    given = _SEPARATOR.join(map(_spelt, first))
    return "|".join(
        (
            _whole(f"{given}{_SEPARATOR}{_spelt(last)}", first[0], last),
            _whole(f"{_spelt(last)}{_SEPARATOR}{given}", last, first[-1]),
            _NO_NAME_BEFORE + _whole(f"{_spelt(last)}{_COMMA}{given}", last, first[-1]),
        )
    )


def _address(email: str) -> str:
    """An e-mail address; not one that ends or begins with it."""
    return rf"(?<![\w.+\-]){_spelt(email)}(?![\w\-])(?!\.\w)"


def _whole(pattern: str, first: str, last: str | None = None) -> str:
    """The pattern as whole words, where its script has any. `first` and `last` are the words at its ends."""
    begin = "" if _UNSPACED.match(first[:1]) else _BEGIN
    end = "" if _UNSPACED.match((last or first)[-1:]) else _END
    return f"{begin}(?:{pattern}){end}"


def _spelt(word: str) -> str:
    """A pattern of all the ways in which a word is written."""
    return "".join(_character(character) for character in unicodedata.normalize("NFC", word))


def _character(character: str) -> str:
    """As it is, taken apart, without its accent, and as Markdown, JSON, HTML or an address of the web write it."""
    if character.isascii() and character.isalnum():
        return character
    if character in "'\u2019":
        return r"(?:\\?['\u2019]|&#39;|&#x27;|%27)"
    apart = unicodedata.normalize("NFD", character)
    forms = {re.escape(form) for form in (apart, character.casefold(), character.upper(), quote(character, safe=""))}
    if not character.isascii():
        bare = re.sub(f"[{_MARKS}]", "", apart)
        forms |= {re.escape(bare)} if bare else set()
        forms |= {"".join(rf"\\u{unit:04x}" for unit in _utf16(each)) for each in (character, character.swapcase())}
        return f"(?:{'|'.join(sorted(forms, key=lambda form: (-len(form), form)))})"
    return rf"(?:\\?{re.escape(character)}|{re.escape(quote(character, safe=''))})"


def _plain_run(word: str) -> str:
    """The longest run of the word's characters that is written in one way only, in small letters."""
    return max(re.findall(r"[a-z0-9]+", word.lower()), key=len, default="")


def _utf16(text: str) -> Iterable[int]:
    units = text.encode("utf-16-be")
    return [int.from_bytes(units[place : place + 2], "big") for place in range(0, len(units), 2)]


def _is_telling(contact_id: str) -> bool:
    return "@" in contact_id or (len(contact_id) >= LEAST_TELLING_ID and any(c.isdigit() for c in contact_id))
