"""Finding accounts by what people call them: id, name or alias, in any case, with or without the legal form."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

CLOSE_ENOUGH = 0.75
"""Least likeness of a close spelling: 1 − (letters wrong, missing, added or swapped) ÷ (letters of the longer one)."""

CLOSE_START_WORDS = 4
"""How many words at the start of a text may be a misspelt account."""

MENTION_CHARACTERS = 4_000
"""So much of a text is searched for the names of accounts."""

DISTINCTIVE_LETTERS = 4
"""A word with fewer letters, such as "the" or "API", does not point to an account by itself."""

LEGAL_FORMS = {
    "inc": "inc",
    "incorporated": "inc",
    "corp": "corp",
    "corporation": "corp",
    "co": "co",
    "company": "co",
    "ltd": "ltd",
    "limited": "ltd",
    "llc": "llc",
    "llp": "llp",
    "lp": "lp",
    "plc": "plc",
    "pty": "pty",
    "pte": "pte",
    "pvt": "pvt",
    "gmbh": "gmbh",
    "mbh": "gmbh",
    "ag": "ag",
    "kg": "kg",
    "kgaa": "kgaa",
    "ug": "ug",
    "sa": "sa",
    "sas": "sas",
    "sarl": "sarl",
    "srl": "srl",
    "spa": "spa",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab",
    "a/s": "as",
    "a.s": "as",
    "aps": "aps",
    "oy": "oy",
    "oyj": "oyj",
    "se": "se",
    "kk": "kk",
}
"""Legal forms that may be left out of a name, and what each is short for."""

UNMISTAKABLE_FORMS = frozenset(
    {
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "ltd",
        "llc",
        "llp",
        "pty",
        "pte",
        "pvt",
        "gmbh",
        "kgaa",
        "sarl",
        "bv",
    }
)
"""Legal forms that nobody writes as a word of a sentence, as "limited", "SPA" or "AB" may be."""

_LONGEST_FORM = 4  # words: "GmbH & Co. KG"
_JOINING = ("&", "and")
_PUNCTUATION = ".,:;!?"
_SAME_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼ`´", "'"),
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),  # characters that nobody sees
    }
)
_OPENING = "(\"“”„'‘[*_"
_JOINERS = re.compile(r"[/&–—()\[\]\"“”„‘’«»-]")
_POSSESSIVE = re.compile(r"[’']s?(?=\s|[.,:;!?)]|\Z)", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_QUOTED = re.compile(
    r"""\s*(?:["“”„](?P<double>[^"“”„]+)["“”]|['‘](?P<single>.+?)['’])(?=[.,:;!?]*(?:\s|\Z))[.,:;!?]*""", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class AccountName:
    """What an account is called."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The accounts that the start of a text names; `text[end:]` is the rest, as it stands."""

    accounts: tuple[AccountName, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """The accounts that `text[start:end]` names; several where several are called so."""

    accounts: tuple[AccountName, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Guess:
    """The start of a text that names no account as it stands, and the accounts that it may mean.

    `text[end:]` is the rest, where `typed` is the beginning of a name; else `end` is 0: it may be text like the rest.
    """

    typed: str = ""
    accounts: tuple[AccountName, ...] = ()
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A name as it is compared: normalised words, and its legal form apart ("" where it has none)."""

    base: str
    form: str


@dataclass(frozen=True, slots=True)
class _Spellings:
    """Spellings to compare a misspelt one with, and whose they are."""

    texts: list[str] = field(default_factory=list)
    owners: list[AccountName] = field(default_factory=list)

    def add(self, text: str, owner: AccountName) -> None:
        self.texts.append(text)
        self.owners.append(owner)

    def ranked(self, text: str) -> list[tuple[float, AccountName]]:
        """The accounts spelt close to `text`, each once, best first, with their likeness."""
        found = process.extract(
            text, self.texts, scorer=OSA.normalized_similarity, score_cutoff=CLOSE_ENOUGH, limit=None
        )
        best: dict[str, tuple[float, AccountName]] = {}
        for _, likeness, index in found:
            owner = self.owners[index]
            best.setdefault(owner.id, (likeness, owner))
        return sorted(best.values(), key=lambda item: (-item[0], item[1].name, item[1].id))


class AccountDirectory:
    """The accounts a caller may see, by name. Built once for a data version and scope; lookups are dictionary reads.

    An account is found by its id as it is written; else by id, name or alias in any case, spacing and Unicode form;
    else by a name that differs only in that one of the two has no legal form ("Acme" for "Acme, Inc.").
    """

    def __init__(self, entries: Iterable[AccountName]) -> None:
        as_written: dict[_Spelling, dict[str, AccountName]] = {}
        by_base: dict[str, dict[str, AccountName]] = {}
        without_form: dict[str, dict[str, AccountName]] = {}
        self._by_id: dict[str, AccountName] = {}
        self._whole, self._leading = _Spellings(), _Spellings()
        by_start: dict[str, dict[str, AccountName]] = {}
        for entry in entries:
            self._by_id[entry.id] = entry
            as_written.setdefault(_spelling(entry.id), {})[entry.id] = entry
            for spelling in map(_spelling, (entry.name, *entry.aliases)):
                as_written.setdefault(spelling, {})[entry.id] = entry
                by_base.setdefault(spelling.base, {})[entry.id] = entry
                if not spelling.form:
                    without_form.setdefault(spelling.base, {})[entry.id] = entry
                self._whole.add(spelling.base, entry)
                for start in _starts(spelling.base):
                    self._leading.add(start, entry)
                    by_start.setdefault(start, {})[entry.id] = entry
        self._as_written_by = {spelling: tuple(found.values()) for spelling, found in as_written.items()}
        self._by_base = _listed(by_base)
        self._without_form = _listed(without_form)
        self._by_start = _listed(by_start)
        self._first_words = frozenset(
            spelling.base.partition(" ")[0] for spelling in (*as_written, *map(_spelling, self._by_id))
        )
        longest = max((len(spelling.base.split(" ")) for spelling in as_written), default=0)
        self._most_words = longest + _LONGEST_FORM
        self._most_letters = max(map(len, self._whole.texts), default=0)

    def exact(self, text: str) -> tuple[AccountName, ...]:
        """The account with this id, name or alias; several where several are called so; none."""
        return self._as_written(text) or self._but_for_form(text)

    def longest(self, text: str) -> Match | None:
        """The longest start of `text`, in whole words, that names an account exactly. Quotes around it are dropped.

        A legal form that the name lacks is taken for a part of it only where it cannot be a word of the rest; and a
        name that goes on with another such form is another company: "Acme GmbH" does not name "Acme Inc".
        """
        quoted = _QUOTED.match(text)
        if quoted and (accounts := self.exact(_inside(quoted))):
            return Match(accounts, quoted.end())
        words = [word for word in islice(_WORD.finditer(text), self._most_words + 1) if _normal(word[0])]
        for count in range(min(len(words), self._most_words), 0, -1):
            end = words[count - 1].end()
            following = words[count][0] if count < len(words) else ""
            if accounts := self._named_by(text[words[0].start() : end], following):
                return Match(accounts, end)
        return None

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Where a text names accounts: in full, by alias or id, or by how a name begins; also in brackets and in "A/B".

        A single word that only begins a name counts where it is written as a name, and a number alone never does.
        """
        sentence = _POSSESSIVE.sub(lambda match: " " * len(match[0]), text[:MENTION_CHARACTERS])
        found = {*self._mentions(sentence), *self._mentions(_JOINERS.sub(" ", sentence))}
        longest: list[Mention] = []
        for mention in sorted(found, key=lambda each: (each.start, -each.end)):
            if not longest or mention.end > longest[-1].end:
                longest.append(mention)
        return tuple(longest)

    def _mentions(self, sentence: str) -> Iterator[Mention]:
        end = 0
        for word in _WORD.finditer(sentence):
            if word.start() < end or _normal(word[0].lstrip(_OPENING)) not in self._first_words:
                continue
            start = word.end() - len(word[0].lstrip(_OPENING))
            accounts, length = self._mention(sentence[start:])
            if accounts:
                end = start + length
                yield Mention(accounts, start, end)

    def _mention(self, text: str) -> tuple[tuple[AccountName, ...], int]:
        """The accounts that the start of `text` names, and how much of it does."""
        if match := self.longest(text):
            if not _normal(text[: match.end]).isdigit():
                return match.accounts, match.end
            return (), 0
        begun = self._begun(text)
        if len(begun.typed.split()) > 1 or begun.typed[:1].isupper():
            return begun.accounts, begun.end
        return (), 0

    def known(self, account_ids: Iterable[str]) -> tuple[AccountName, ...]:
        """The accounts with these ids, as they are written; others are left out."""
        return tuple(self._by_id[account_id] for account_id in account_ids if account_id in self._by_id)

    def close(self, text: str, limit: int = 5) -> tuple[AccountName, ...]:
        """Accounts whose name or alias, or its first words, are spelt like `text`, best first; else those that hold it.

        Ids are left out: an id that differs in one character is another account, not a slip.
        """
        return self._closest([text])[1][:limit] or self._holding(text)[:limit]

    def close_start(self, text: str, limit: int = 5) -> Guess:
        """The first words of `text` that begin a name, or that (four at most) are spelt most like one."""
        begun = self._begun(text)
        quoted = _QUOTED.match(text)
        if quoted:
            typed, accounts = self._closest([_inside(quoted)])
        else:
            words = list(islice(_WORD.finditer(text), CLOSE_START_WORDS))
            typed, accounts = self._closest([text[words[0].start() : word.end()] for word in words])
        found = begun if begun.accounts and len(begun.typed) >= len(typed) else Guess(typed, accounts)
        return replace(found, accounts=found.accounts[:limit])

    def _named_by(self, start: str, following: str) -> tuple[AccountName, ...]:
        """The accounts that `start` names in a text that goes on with the word `following`."""
        if accounts := self._as_written(start):
            return accounts
        if _is_unmistakable(following) or (_spelling(start).form and not _is_unmistakable(start.split()[-1])):
            return ()
        return self._but_for_form(start)

    def _as_written(self, text: str) -> tuple[AccountName, ...]:
        if by_id := self._by_id.get(text.strip()):
            return (by_id,)
        spelling = _spelling(text)
        return self._as_written_by.get(spelling, ()) if spelling.base else ()

    def _but_for_form(self, text: str) -> tuple[AccountName, ...]:
        spelling = _spelling(text)
        if not spelling.base:
            return ()
        return (self._without_form if spelling.form else self._by_base).get(spelling.base, ())

    def _begun(self, text: str) -> Guess:
        """The most words at the start of `text` that names begin with; one alone where it points to a single name."""
        quoted = _QUOTED.match(text)
        words = [word for word in islice(_WORD.finditer(text), self._most_words) if _normal(word[0])]
        starts = [(text[words[0].start() : word.end()], word.end()) for word in reversed(words)]
        for typed, end in [(_inside(quoted), quoted.end())] if quoted else starts:
            start = " ".join(_normal_words(typed))
            accounts = self._by_start.get(start, ())
            if accounts and (" " in start or (len(accounts) == 1 and len(start) >= DISTINCTIVE_LETTERS)):
                return Guess(typed, accounts, end)
        return Guess()

    def _closest(self, texts: Sequence[str]) -> tuple[str, tuple[AccountName, ...]]:
        """Of `texts` the one spelt most like an account, and those accounts.

        Whole names go before first words, but where those are spelt more like a text that is no shorter.
        """
        bases = {
            text: base for text in texts if 0 < len(base := _spelling(text).base) <= self._most_letters / CLOSE_ENOUGH
        }
        likeness, text, accounts = _likest(self._whole, bases)
        part_likeness, part, part_accounts = _likest(self._leading, bases)
        if part_likeness > likeness and len(part) >= len(text):
            return part, part_accounts
        return text, accounts

    def _holding(self, text: str) -> tuple[AccountName, ...]:
        """The accounts with a name or alias in which the words of `text` stand, one behind the other."""
        base = _spelling(text).base
        if not any(map(str.isalnum, base)):
            return ()
        named = zip(self._whole.texts, self._whole.owners, strict=True)
        held = {owner.id: owner for whole, owner in named if f" {base} " in f" {whole} "}
        return tuple(sorted(held.values(), key=lambda owner: (owner.name, owner.id)))


def singled_out(text: str, accounts: Sequence[AccountName]) -> AccountName | None:
    """The one of these accounts with a word in its names that stands in `text` and in none of the others' names."""
    said = {word for word in _normal_words(text) if len(word) >= DISTINCTIVE_LETTERS}
    words = [{word for name in (each.name, *each.aliases) for word in _normal_words(name)} for each in accounts]
    owners = Counter(word for own in words for word in own)
    meant = [each for each, own in zip(accounts, words, strict=True) if any(owners[word] == 1 for word in said & own)]
    return meant[0] if len(meant) == 1 else None


def _likest(spellings: _Spellings, bases: Mapping[str, str]) -> tuple[float, str, tuple[AccountName, ...]]:
    """The greatest likeness, the text that has it (the longest such), and the accounts; else 0, "", ()."""
    found = [
        (ranked[0][0], len(text), text, ranked) for text, base in bases.items() if (ranked := spellings.ranked(base))
    ]
    if not found:
        return 0, "", ()
    likeness, _, text, ranked = max(found, key=lambda item: item[:2])
    return likeness, text, tuple(owner for _, owner in ranked)


def _listed(found: Mapping[str, Mapping[str, AccountName]]) -> dict[str, tuple[AccountName, ...]]:
    return {text: tuple(accounts.values()) for text, accounts in found.items()}


def _starts(base: str) -> list[str]:
    """The first words of a name, without the last one."""
    words = base.split(" ")
    return [" ".join(words[:count]) for count in range(1, len(words))]


def _inside(quoted: re.Match[str]) -> str:
    return quoted["double"] or quoted["single"]


def _normal_words(text: str) -> list[str]:
    return [normal for word in text.split() if (normal := _normal(word))]


def _normal(word: str) -> str:
    """A word in the form in which it is compared. Punctuation at its end is dropped, unless it is all there is."""
    folded = unicodedata.normalize("NFKC", word.translate(_SAME_CHARACTERS)).casefold()
    normal = "".join(unicodedata.normalize("NFKC", folded).split())
    return normal.rstrip(_PUNCTUATION) or normal


def _legal_form(word: str) -> str | None:
    return LEGAL_FORMS.get(word) or LEGAL_FORMS.get(word.replace(".", ""))


def _is_unmistakable(word: str) -> bool:
    return _normal(word).replace(".", "") in UNMISTAKABLE_FORMS


def _spelling(text: str) -> _Spelling:
    """Take a name apart: "A&B, Inc." is "a&b" with the form "inc". A name is never its form alone."""
    words = _normal_words(text)
    forms: list[str] = []
    while len(words) > 1:
        form = _legal_form(words[-1])
        if not form and not (forms and words[-1] in _JOINING):
            break
        words.pop()
        if form:
            forms.append(form)
    return _Spelling(" ".join(words), " ".join(reversed(forms)))
