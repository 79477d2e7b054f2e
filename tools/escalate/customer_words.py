"""What of our own words may go to the customer: sentence by sentence, by rules that are data."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.directory import AccountDirectory
from tools.escalate.parameters import EscalateParameters, ToCustomer
from tools.escalate.words import Reader, Words, reader_of

SHORTEST_NAME = 3
"""Letters of a part of a person's name that is looked for by itself."""

_SENTENCE = re.compile(r"[^\n.!?]*+(?:[.!?](?!\s|$)[^\n.!?]*+)*+[.!?]*+")
_BULLET = re.compile(r"^[\s>*•–-]+")
_LABEL = re.compile(r"(?P<label>[a-z][a-z -]{0,30}?)\s*[:–—-]\s", re.IGNORECASE)
_LINK = re.compile(r"https?://|\bwww\.|(?<![\w/])[#@][a-z][\w-]+|[\w.+-]+@[\w-]+\.\w|\besc-[\w-]+", re.IGNORECASE)
_KEY = re.compile(r"\b(?P<project>[A-Z][A-Z0-9]{1,9})-\d+\b")


@dataclass(frozen=True, slots=True)
class Left:
    """A sentence that is left out, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """The sentences for the customer, in order; what is left out; and those kept that need an approval first."""

    kept: tuple[str, ...]
    withheld: tuple[Left, ...]
    needs_approval: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Names that are not told: colleagues', other customers' (`directory` holds all accounts), internal ids.

    `account_id` is the customer's own account, `own_ids` are ids that it knows; ids are in lower case.
    """

    people: frozenset[str]
    directory: AccountDirectory
    account_id: str
    internal_ids: frozenset[str] = frozenset()
    own_ids: frozenset[str] = frozenset()


def sift(said: str, unsaid: Unsaid, parameters: EscalateParameters) -> Sifted:
    """Keep what is fit for the customer. A time for the fix is kept only where engineering gave it."""
    rules = parameters.to_customer
    kept: list[str] = []
    withheld: list[Left] = []
    approval: list[str] = []
    for sentence, is_internal in _sentences(said, rules):
        reason = "is marked as internal" if is_internal else _reason(sentence, unsaid, rules)
        if reason:
            withheld.append(Left(sentence, reason))
            continue
        promise = _promise(sentence, rules, parameters)
        if promise == "withheld":
            withheld.append(Left(sentence, rules.promise.reason))
            continue
        kept.append(sentence)
        approval += [sentence] if promise == "committed" else []
    return Sifted(tuple(kept), tuple(withheld), tuple(approval))


def name_parts(names: Iterable[str | None]) -> frozenset[str]:
    """The parts of people's names that are written as names, in lower case; a key called "line" is no person."""
    parts = (part for name in names for part in re.findall(r"[^\W\d_][\w'-]*", name or ""))
    return frozenset(part.casefold() for part in parts if len(part) >= SHORTEST_NAME and part[0].isupper())


def sentences(said: str) -> Iterator[str]:
    """Each sentence, on one line."""
    for match in _SENTENCE.finditer(said):
        if sentence := " ".join(match.group().split()):
            yield sentence


def _sentences(said: str, rules: ToCustomer) -> Iterator[tuple[str, bool]]:
    """Each sentence, and whether its line is marked as internal."""
    for line in said.split("\n"):
        bare = _BULLET.sub("", line)
        label = _LABEL.match(bare)
        is_internal = label is not None and label["label"].strip().lower() in rules.internal_lines
        yield from ((sentence, is_internal) for sentence in sentences(bare))


def _reason(sentence: str, unsaid: Unsaid, rules: ToCustomer) -> str | None:
    """Why the sentence is not for the customer; None where nothing says so. A negation excuses nothing here."""
    if _names_a_colleague(sentence, unsaid, rules):
        return rules.person
    if _names_another(sentence, unsaid):
        return rules.other_customer
    if _holds_link(sentence, unsaid, rules):
        return rules.link
    words, plain = Words(_without_own_name(sentence, unsaid)), _plain()
    for rule in rules.withheld:
        if plain.find(words, rule.words) and not plain.find(words, rule.unless):
            return rule.reason
    return None


def _names_a_colleague(sentence: str, unsaid: Unsaid, rules: ToCustomer) -> bool:
    """Names count in any case, those that are ordinary words too with a capital alone."""
    written = re.findall(r"[^\W\d_][\w'-]*", sentence.replace("’s", "").replace("'s", ""))
    names = unsaid.people - rules.no_names
    return any(
        part.casefold() in names and (part[0].isupper() or part.casefold() not in rules.names_and_words)
        for part in written
    )


def _without_own_name(sentence: str, unsaid: Unsaid) -> str:
    """The sentence without the customer's own name, whose words are none of ours."""
    for mention in reversed(unsaid.directory.mentions(sentence)):
        sentence = f"{sentence[: mention.start]}…{sentence[mention.end :]}"
    return sentence


def _names_another(sentence: str, unsaid: Unsaid) -> bool:
    mentions = unsaid.directory.mentions(sentence)
    return any(all(account.id != unsaid.account_id for account in mention.accounts) for mention in mentions)


def _holds_link(sentence: str, unsaid: Unsaid, rules: ToCustomer) -> bool:
    words = frozenset(word.casefold() for word in re.findall(r"\w[\w-]*", sentence))
    if _LINK.search(sentence) or unsaid.internal_ids & words:
        return True
    keys = (match for match in _KEY.finditer(sentence) if match["project"] not in rules.link_exceptions)
    return any(match.group().casefold() not in unsaid.own_ids for match in keys)


def _promise(sentence: str, rules: ToCustomer, parameters: EscalateParameters) -> str | None:
    """ "withheld" where a time for the fix is promised, "committed" where engineering gave it, else None."""
    words, plain, rule = Words(sentence), _plain(), rules.promise
    if plain.find(words, rule.words) is None:
        return None
    if plain.find(words, rule.unless) and not plain.find(words, rule.ahead):
        return None
    return "committed" if reader_of(parameters).find(words, rule.committed) else "withheld"


def _plain() -> Reader:
    """A reader that no negation stops."""
    return Reader(frozenset(), 0, frozenset())
