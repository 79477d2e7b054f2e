"""What a customer must not read: names, ids, amounts and words, looked for in any text by rules that are data.

A text for a customer is read in two ways: an `answer` is made by the service and holds nothing that a person would have
to decide on, so it is read strictly; a `message` is a person's, who may write of a renewal or of an error report.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from app.domain.characters import visible
from app.domain.directory import AccountDirectory, AccountName
from app.domain.word_rules import PLAIN, Unless, Words

Kind = Literal["answer", "message"]

SHORTEST_NAME = 3
"""Letters of a part of a person's name that is looked for by itself."""

NOTE_WORDS = 6
"""So many words in a row that stand in an internal note too are a quote of it."""

SHORT_NOTE_WORDS = 4
"""A shorter note is told by all its words where they are at least so many, or where one mixes letters and digits."""

LEAST_JOINED = 10
"""Letters of a name that is also looked for without what parts its words."""

_PIECE, _PIECE_OVERLAP = 3_000, 300
_LONGEST_QUOTE = 80

_SENTENCE = re.compile(r"[^\n.!?]*+(?:[.!?](?!\s|$)[^\n.!?]*+)*+[.!?]*+")
_BULLET = re.compile(r"^[\s>*•–-]+")
_LABEL = re.compile(r"(?P<label>[a-z][a-z -]{0,30}?)\s*[:–—-]\s", re.IGNORECASE)
_INTERNAL_ID = re.compile(r"(?<![\w/])#[a-z][\w-]+|\besc-[\w-]+", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|\bwww\.|(?<![\w/])@[a-z][\w-]+|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w", re.IGNORECASE)
_KEY = re.compile(r"\b(?P<project>[A-Z][A-Z0-9]{1,9})-\d+\b")
_NAME_PART = re.compile(r"[^\W\d_][\w'-]*")
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_JOINING = re.compile(r"[&+/-]")
_MARKS = re.compile(r"[*_`~\\]+")
_LINK_MARKS = re.compile(r"\]\([^)\s]*\)|[\[\]]")
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
_CURRENCY = r"(?:[$€£¥]|(?-i:\b[A-Z]{3}\b)|\b(?:dollars|euros|pounds)\b)"
_AMOUNTS = tuple(
    re.compile(
        rf"(?:(?P<before>{_CURRENCY})[ ]?)?(?<![\d.,])"
        rf"(?P<number>\d{{1,3}}(?:{between}\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
        r"(?:[ ]?(?P<scale>bn|billion|thousand|million|mio|[kmb])(?![^\W_]))?"
        rf"(?:[ ]?(?P<after>{_CURRENCY}))?",
        re.IGNORECASE,
    )
    for between in ("[.,'’]", "[ ]")
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}

_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХабвеѕіјкмнорстухһӏԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
    "ABESIJKMHOPCTYXabbesijkmhopctyxhldqwABEZHIKMNOPTYXaiknoptux",
)
"""Cyrillic and Greek letters that look like Latin ones."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Withheld(Unless):
    """Words that are not for the customer, and why; `answers_only` lets a person's message have them."""

    reason: str
    answers_only: bool = False


class Reasons(_Part):
    """Why something is withheld, as it is told to a colleague."""

    person: str
    other_customer: str
    link: str
    internal_line: str
    note: str
    amount: str
    figure: str
    section: str
    verdict: str
    column: str
    draft: str
    broken: str
    no_account: str


class Told(_Part):
    """What the service says by itself; `kinds` are what is withheld, as it is counted."""

    headline: str
    numbers: str
    number_columns: tuple[str, str]
    which_account: str
    unclear: str
    not_for_customer: str
    left_out: str
    left_out_columns: tuple[str, str, str]
    nothing_left: str
    nothing_about: str
    error: str
    account_not_found: str
    leak: str
    kinds: Mapping[str, str]


class DisclosureRules(_Part):
    """What may be told, and what must not.

    `figures` are the keys of figures that a customer may read, `*` standing for any part of a key, each with what it is
    called to the customer; "" where it is told within other text alone. `sections` and `columns` are the headings and
    the columns of answers that are made for customers too; `blocks` the kinds of block that never are, and why.
    `evidence` are the tables whose records the customer knows. Names in `no_names` name nobody; those in
    `names_and_words` are ordinary words too, and count with a capital alone, but not before one of `not_names_before`.
    """

    figures: Mapping[str, str]
    sections: frozenset[str]
    columns: Mapping[str, str]
    blocks: Mapping[str, str]
    evidence: frozenset[str]
    internal_lines: frozenset[str]
    no_names: frozenset[str]
    names_and_words: frozenset[str]
    not_names_before: frozenset[str]
    link_exceptions: frozenset[str]
    internal_links: tuple[str, ...]
    words: tuple[Withheld, ...]
    reasons: Reasons
    told: Told

    @field_validator("internal_links")
    @classmethod
    def _patterns(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in given:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern: {error}") from error
        return given

    @cached_property
    def internal_link(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.internal_links) or r"(?!)", re.IGNORECASE)

    def may_tell(self, key: str) -> str | None:
        """What a figure of that key is called to the customer; None where it must not be told."""
        return next((label for pattern, label in self.figures.items() if _matches(key, pattern)), None)


@dataclass(frozen=True, slots=True)
class Leak:
    """Words that the customer must not read, and why. Another customer's name is never among them."""

    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Names that are not told: colleagues', other customers' (`directory` holds all accounts), internal ids, notes.

    `account_id` is the account of the customer who reads, `name` what it is called; None where it is not known: then
    every account is another's.
    `own_ids` are ids that it knows; ids are in lower case. `amounts` are its contract's. `notes` are runs of words that
    stand in internal notes alone. `names` are all names of the other accounts, without what parts their words.
    """

    people: frozenset[str]
    directory: AccountDirectory
    account_id: str | None
    internal_ids: frozenset[str] = frozenset()
    own_ids: frozenset[str] = frozenset()
    amounts: frozenset[float] = frozenset()
    notes: frozenset[tuple[str, ...]] = frozenset()
    names: frozenset[str] = frozenset()
    name: str = ""


def leaks(said: str, unsaid: Unsaid, rules: DisclosureRules, kind: Kind = "answer") -> tuple[Leak, ...]:
    """What in a text its reader must not read: each reason once, in the order in which they are looked for."""
    found: dict[str, Leak] = {}
    for read in _readings(said):
        for leak in _leaks(read, unsaid, rules, kind):
            found.setdefault(leak.reason, leak)
    return tuple(found.values())


def reason_of(sentence: str, unsaid: Unsaid, rules: DisclosureRules, kind: Kind = "answer") -> str | None:
    """Why a sentence is not for the customer; None where nothing says so. A negation excuses nothing here."""
    first = next(iter(leaks(sentence, unsaid, rules, kind)), None)
    return first.reason if first else None


def sentences(said: str) -> Iterator[str]:
    """Each sentence, on one line."""
    for match in _SENTENCE.finditer(said):
        if sentence := " ".join(match.group().split()):
            yield sentence


def lines_of(said: str, rules: DisclosureRules) -> Iterator[tuple[str, bool]]:
    """Each sentence without its bullet, and whether its line is marked as internal."""
    for line in said.split("\n"):
        bare = _BULLET.sub("", line)
        is_internal = marked_internal(bare, rules)
        yield from ((sentence, is_internal) for sentence in sentences(bare))


def marked_internal(line: str, rules: DisclosureRules) -> bool:
    """Whether a line begins with a label such as “Internal:”."""
    label = _LABEL.match(_BULLET.sub("", line))
    return label is not None and label["label"].strip().lower() in rules.internal_lines


def name_parts(names: Iterable[str | None]) -> frozenset[str]:
    """The parts of people's names that are written as names, in lower case; a key called "line" is no person."""
    parts = (part for name in names for part in _NAME_PART.findall(plain(name or "")))
    return frozenset(part.casefold() for part in parts if len(part) >= SHORTEST_NAME and part[0].isupper())


def person_of(key_name: str) -> str | None:
    """The name of a key where it is written as a person's: two words or more, each with a capital."""
    words = key_name.split()
    return key_name if len(words) > 1 and all(word[0].isupper() for word in words) else None


def directory_of(accounts: Iterable[AccountName]) -> AccountDirectory:
    """A directory of names as texts are read here."""
    return AccountDirectory(AccountName(a.id, plain(a.name), tuple(_also_called(a))) for a in accounts)


def _also_called(account: AccountName) -> Iterator[str]:
    """The aliases, and each name without what joins its words: “Alder Finch” for “Alder & Finch”."""
    yield from map(plain, account.aliases)
    for name in (account.name, *account.aliases):
        parted = " ".join(word for word in _JOINING.sub(" ", plain(name)).split() if word.casefold() != "and")
        if parted and parted != plain(name):
            yield parted


def joined_names(accounts: Iterable[AccountName]) -> frozenset[str]:
    """The long names of accounts, without what parts their words."""
    names = (_joined(name) for a in accounts for name in (a.name, *a.aliases) if len(name.split()) > 1)
    return frozenset(name for name in names if len(name) >= LEAST_JOINED)


def runs_of(notes: Iterable[str | None]) -> frozenset[tuple[str, ...]]:
    """The runs of words by which a quote of a note is known."""
    return frozenset(run for note in notes if note for run in _runs(_words(plain(note))))


def plain(said: str) -> str:
    """A text as it is read here: nothing invisible, one form of each character, no accents, no letters that pose."""
    composed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", visible(said)))
    bare = "".join(character for character in composed if not unicodedata.combining(character))
    return visible(bare).translate(_LOOK_ALIKES)


def _readings(said: str) -> Iterator[str]:
    """The text without marks, with spaces in their place, and as it stands: marks may part a name, or words."""
    read = plain(said)
    unlinked = _TAG.sub("", _LINK_MARKS.sub("", read))
    yield from dict.fromkeys((_MARKS.sub("", unlinked), _MARKS.sub(" ", unlinked), read))


def _leaks(said: str, unsaid: Unsaid, rules: DisclosureRules, kind: Kind) -> Iterator[Leak]:
    reasons = rules.reasons
    if colleague := _colleague(said, unsaid, rules):
        yield Leak(colleague, reasons.person)
    if _names_another(said, unsaid, rules):
        yield Leak("", reasons.other_customer)
    if link := _link(said, unsaid, rules, kind):
        yield Leak(link, reasons.link)
    if amount := _amount(said, unsaid, kind):
        yield Leak(amount, reasons.amount)
    if kind == "answer" and (note := _note(said, unsaid)):
        yield Leak(note, reasons.note)
    own = without_own_name(said, unsaid)
    words = Words(own)
    for rule in rules.words:
        if rule.answers_only and kind == "message":
            continue
        match = PLAIN.find(words, rule.words)
        if match and not PLAIN.find(Words(match.sentence), rule.unless):
            yield Leak(match.quote[:_LONGEST_QUOTE], rule.reason)


def _colleague(said: str, unsaid: Unsaid, rules: DisclosureRules) -> str | None:
    """Names count in any case, those that are ordinary words too with a capital alone."""
    names = unsaid.people - rules.no_names
    if not names:
        return None
    text = _POSSESSIVE.sub("", said)
    for word in _NAME_PART.finditer(text):
        for part in {word[0], *word[0].replace("_", "-").split("-")}:
            if part.casefold() in names and _is_name(part, text, word.end(), rules):
                return part
    return None


def _is_name(word: str, text: str, end: int, rules: DisclosureRules) -> bool:
    """Whether a word that is a name is meant as one, where it is an ordinary word too."""
    if word.casefold() not in rules.names_and_words:
        return True
    following = _WORD.search(text, end)
    is_followed = following is not None and not text[end : following.start()].strip()
    before_a_name = is_followed and following is not None and following[0].casefold() in rules.not_names_before
    return word[:1].isupper() and not before_a_name


def _names_another(said: str, unsaid: Unsaid, rules: DisclosureRules) -> bool:
    for piece in _pieces(" ".join(said.split())):
        for mention in unsaid.directory.mentions(piece):
            if any(account.id == unsaid.account_id for account in mention.accounts):
                continue
            if _is_meant(piece, mention.start, mention.end, unsaid, rules):
                return True
    if not unsaid.names:
        return False
    joined = _joined(without_own_name(said, unsaid))
    return any(name in joined for name in unsaid.names)


def _is_meant(piece: str, start: int, end: int, unsaid: Unsaid, rules: DisclosureRules) -> bool:
    """Whether a mention names the account: an ordinary word does so with a capital, and as its whole name alone."""
    named = piece[start:end].strip(" .,:;!?()[]\"'")
    words = named.casefold().split()
    ordinary = rules.names_and_words | rules.no_names | rules.not_names_before
    is_whole = bool(unsaid.directory.exact(named))
    if len(words) > 1:
        return is_whole or not set(words) <= ordinary
    if named.casefold() not in ordinary:
        return True
    return is_whole and _is_name(named, piece, end, rules)


def without_own_name(said: str, unsaid: Unsaid) -> str:
    """The text without the customer's own name, whose words are none of ours."""
    if unsaid.account_id is None:
        return said
    told: list[str] = []
    for line in said.split("\n"):
        for mention in reversed(unsaid.directory.mentions(line)):
            if any(account.id == unsaid.account_id for account in mention.accounts):
                line = f"{line[: mention.start]}…{line[mention.end :]}"
        told.append(line)
    return "\n".join(told)


def _link(said: str, unsaid: Unsaid, rules: DisclosureRules, kind: Kind) -> str | None:
    if found := _INTERNAL_ID.search(said) or rules.internal_link.search(said):
        return found[0][:_LONGEST_QUOTE]
    if kind == "answer" and (found := _ADDRESS.search(said)):
        return found[0][:_LONGEST_QUOTE]
    words = frozenset(word.casefold() for word in re.findall(r"\w[\w-]*", said))
    if known := sorted(unsaid.internal_ids & words):
        return known[0]
    keys = (match for match in _KEY.finditer(said) if match["project"] not in rules.link_exceptions)
    return next((match[0] for match in keys if match[0].casefold() not in unsaid.own_ids), None)


def _amount(said: str, unsaid: Unsaid, kind: Kind) -> str | None:
    """A number that is an amount of the contract: exactly, or, where it is written as money, rounded.

    In a message a number alone may be one of calls.
    """
    if not unsaid.amounts:
        return None
    for found in (match for pattern in _AMOUNTS for match in pattern.finditer(said)):
        is_priced = bool(found["before"] or found["after"])
        if kind == "message" and not is_priced:
            continue
        is_money = is_priced or bool(found["scale"])
        for value in _values(found["number"], found["scale"]):
            if any(_is_amount(value, amount, is_money) for amount in unsaid.amounts):
                return found[0].strip()
    return None


def _is_amount(value: float, amount: float, is_money: bool) -> bool:
    tolerance = 0.02 * amount if is_money else 0.5
    return amount >= 1 and abs(value - amount) <= tolerance


def _values(number: str, scale: str | None) -> Iterator[float]:
    """What a number may mean: separators of thousands and decimals differ from place to place."""
    factor = _SCALES.get((scale or "").casefold(), 1.0)
    digits = re.sub(r"[\s'’]", "", number)
    for written in {digits.replace(",", ""), digits.replace(".", "").replace(",", "."), re.sub(r"[.,]", "", digits)}:
        if written and written.count(".") <= 1:
            yield float(written) * factor


def _note(said: str, unsaid: Unsaid) -> str | None:
    """Words in a row that an internal note holds too."""
    if not unsaid.notes:
        return None
    words = _words(said)
    for length in range(1, NOTE_WORDS + 1):
        for start in range(len(words) - length + 1):
            if tuple(words[start : start + length]) in unsaid.notes:
                return " ".join(words[start : start + length])[:_LONGEST_QUOTE]
    return None


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    if len(words) >= NOTE_WORDS:
        yield from (tuple(words[start : start + NOTE_WORDS]) for start in range(len(words) - NOTE_WORDS + 1))
    elif len(words) >= SHORT_NOTE_WORDS or any(re.search(r"[^\W\d_]", w) and re.search(r"\d", w) for w in words):
        yield tuple(words)


def _words(said: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[^\W_]+", said)]


def _joined(said: str) -> str:
    return "".join(_words(plain(said)))


def _pieces(said: str) -> Iterator[str]:
    """The text in overlapping pieces that a directory reads whole."""
    for start in range(0, max(len(said), 1), _PIECE - _PIECE_OVERLAP):
        yield said[start : start + _PIECE]


def _matches(key: str, pattern: str) -> bool:
    parts, wanted = key.split("."), pattern.split(".")
    if wanted[-1] == "**":
        return parts[: len(wanted) - 1] == wanted[:-1] and len(parts) >= len(wanted)
    return len(parts) == len(wanted) and all(w in ("*", p) for p, w in zip(parts, wanted, strict=True))
