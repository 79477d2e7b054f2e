"""Who is spoken of in a note: contacts of the account, and people who are none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import Contact

CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’-]*"
NAME = rf"{CAPITAL}(?:[ ]{CAPITAL}){{0,2}}"
"""One to three words with capitals."""

_WORDS_TOO = frozenset(
    {"will", "may", "june", "april", "august", "hope", "grant", "mark", "bill", "art", "rich", "chase", "see"}
)
"""First names that are words as well: alone at the start of a sentence they name nobody."""

_SMALL_WORDS = _WORDS_TOO | frozenset(
    re.findall(
        r"\S+",
        """rose dean page drew sky summer faith joy dawn penny miles chance max pat rob sue don ray jack frank guy price
        angel autumn basil carol chip ernest gene glen heath iris ivy jay josh lance major nick norm pearl peg robin
        ruby sandy skip stew sunny victor wade ward""",
    )
)
"""First names that without their capital letter are words: so they name nobody."""

LEAST_SMALL = 3
"""A first name without its capital letter counts from so many letters on."""

_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        """i we they he she it this that these those there the a an our their his her its your my all both everyone
        nobody someone everything customer client team support engineering product sales marketing procurement legal
        security renewal usage migration rollout project pilot contract budget meeting launch training onboarding
        version release feature status action next follow todo note notes call email qbr ebr zoom teams slack meet
        webex google met called spoke emailed with introduced intro welcome phoned promised agreed committed will
        sending great good quick had also monday tuesday wednesday thursday friday saturday sunday january february
        march april may june july august september october november december today tomorrow yesterday and but if
        when while after before then still please thanks hi hello hey dear api sso sla roi poc ai us eu uk emea q1
        q2 q3 q4 no yes not new last first reminded asked told nudged chased pinged invited urged waiting heard""",
    )
)
"""Words that begin sentences with a capital, and name nobody."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where people are named; several are called so where the name is not certain."""

    start: int
    end: int
    words: str
    contacts: tuple[Contact, ...]


class People:
    """The contacts of an account by what they may be called in a note."""

    def __init__(self, contacts: Sequence[Contact], owner: str = "") -> None:
        self._small = _without_capitals([*(contact.name or "" for contact in contacts), owner])
        self._called: dict[str, list[Contact]] = {}
        for contact in contacts:
            for name in _names(contact):
                self._called.setdefault(name, []).append(contact)
        names = sorted(self._called, key=len, reverse=True)
        joined = "|".join(re.escape(name).replace(r"\ ", r"[ ]+") for name in names)
        self._pattern = re.compile(rf"(?<![\w@.-])(?:{joined})(?![\w@-])", re.IGNORECASE) if names else None

    def mentions(self, sentence: str) -> Iterator[Mention]:
        """The contacts that a sentence names. A name has its capital letter, a mail address need not."""
        for match in self._pattern.finditer(sentence) if self._pattern else ():
            words = match.group()
            if "@" not in words and not words[0].isupper():
                continue
            if words.lower() in _WORDS_TOO and not sentence[: match.start()].strip(' -*•"“('):
                continue
            yield Mention(match.start(), match.end(), words, self.called(words))

    def with_capitals(self, sentence: str) -> str:
        """The sentence with the capital letters of full and first names that were typed without; its length stays."""
        return self._small.sub(lambda match: match.group().title(), sentence) if self._small else sentence

    def called(self, words: str) -> tuple[Contact, ...]:
        """The contacts called so: by full name or address, else by a first or last name."""
        return tuple(self._called.get(" ".join(words.split()).lower(), ()))


def _names(contact: Contact) -> set[str]:
    whole = " ".join((contact.name or "").split()).lower()
    parts = whole.split()
    found = {whole, parts[0] if parts else "", (contact.email or "").strip().lower()}
    if len(parts) > 1:
        found.add(parts[-1])
    return {name for name in found if len(name) > 1}


def _without_capitals(names: Sequence[str]) -> re.Pattern[str] | None:
    """Full and first names in small letters. Those that are words as well are left out."""
    wholes = {" ".join(name.split()).lower() for name in names}
    firsts = {whole.partition(" ")[0] for whole in wholes}
    small = [
        name for name in wholes | firsts if len(name) >= LEAST_SMALL and name not in _SMALL_WORDS and name.isascii()
    ]
    joined = "|".join(re.escape(name) for name in sorted(small, key=len, reverse=True))
    return re.compile(rf"(?<![\w@./-])(?:{joined})(?![\w@/-]|\.\w|['’]t)") if small else None


def is_name(words: str) -> bool:
    """Whether words with capitals can name a person or company: none of them is a common word."""
    return all(word.lower().rstrip("'’s.") not in _NO_NAMES and word.lower() not in _NO_NAMES for word in words.split())


def address_in(words: str) -> str | None:
    """The mail address in a header or sentence."""
    match = _EMAIL.search(words)
    return match.group().strip(".") if match else None
