"""Word rules: what words say so, as data, and the reader that finds them in free text."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_SENTENCE = 300
"""Characters of a sentence that are quoted."""

LONGEST_DENIAL = 6
"""Words between a negation and the status that it denies."""


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Together(_Rule):
    """One of `words` and one of `of` with at most `within` words between, and one of `needs` in the same sentence."""

    words: tuple[str, ...]
    of: tuple[str, ...]
    within: Annotated[int, Field(ge=0, le=20)]
    needs: tuple[str, ...] = ()


class WordRule(_Rule):
    """What words say so: a phrase, or words that stand together; `not_before` must not follow."""

    phrases: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    not_before: tuple[str, ...] = ()


class Unless(_Rule):
    """Words that say something, but where the same sentence holds what `unless` describes."""

    words: WordRule
    unless: WordRule = WordRule()


_TOKEN = re.compile(
    r"""(?P<money>[$€£¥][ ]?\d[\d,.]*+[ ]?(?:bn|[kmb])?\b|\b\d[\d,.]*+[ ]?(?:usd|eur|gbp|dollars|euros|pounds)\b)
      | (?P<percent>\d++(?:[.,]\d++)?[ ]?(?:%|percent\b))
      | (?P<number>\d[\d,]*+(?:\.\d++)?[a-z]*+)
      | (?P<word>[a-z][a-z0-9]*+(?:['-][a-z][a-z0-9]*+)*+)
      | (?P<end>(?:[\n;]|[.!?](?=\s|$))[\s;.!?]*+)""",
    re.VERBOSE | re.IGNORECASE,
)
_APART = re.compile(r"[,:(–—]")
_END = ""  # stands between the words of two sentences


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule was met: the words that met it, and the sentence they stand in, text[start:end]."""

    quote: str
    sentence: str
    start: int
    end: int


class Words:
    """A text as words in lower case, with the class of each (#number, #percent, #money) and where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.classes: dict[int, str] = {}
        for place, token in enumerate(_TOKEN.finditer(text.replace("’", "'"))):
            name = token.lastgroup
            self.words.append(_END if name == "end" else token.group().lower())
            self.spans.append(token.span())
            if name not in ("word", "end"):
                self.classes[place] = f"#{name}"
        self.places = _places(self.words, self.classes)

    def is_any(self, place: int, words: tuple[str, ...]) -> bool:
        """Whether the word at that place is one of `words`, by itself or by its class."""
        return place < len(self.words) and (self.words[place] in words or self.classes.get(place) in words)

    def sentence(self, first: int, last: int) -> tuple[int, int]:
        """The range of words of the sentence around [first, last], looking a bounded way back and on."""
        start, end = first, last
        while start > 0 and self.words[start - 1] != _END and first - start < LONGEST_SENTENCE:
            start -= 1
        while end + 1 < len(self.words) and self.words[end + 1] != _END and end - last < LONGEST_SENTENCE:
            end += 1
        return start, end

    def quote(self, first: int, last: int) -> str:
        """The text from the first to the last word, on one line."""
        return " ".join(self.text[self.spans[first][0] : self.spans[last][1]].split())[:LONGEST_SENTENCE]


@dataclass(frozen=True, slots=True)
class Reader:
    """Finds rules in texts; a match after a negation at most `reach` words back does not count."""

    negations: frozenset[str]
    reach: int
    fillers: frozenset[str]

    def find(self, text: Words, rule: WordRule) -> Match | None:
        """The first match of the rule's phrases, else of its words that stand together."""
        for first, last in self._matches(text, rule):
            if not self._negated(text, first):
                start, end = text.sentence(first, last)
                place = text.spans[start][0], text.spans[end][1]
                return Match(text.quote(first, last), text.quote(start, end), *place)
        return None

    def find_unless(self, text: Words, rule: Unless) -> Match | None:
        """The first match of the rule's words, but where its sentence holds what excuses them."""
        match = self.find(text, rule.words)
        return None if match is None or self.find(Words(match.sentence), rule.unless) else match

    def _matches(self, text: Words, rule: WordRule) -> Iterator[tuple[int, int]]:
        for phrase in rule.phrases:
            for first, last in _phrase(text, phrase):
                if not text.is_any(last + 1, rule.not_before):
                    yield first, last
        for together in rule.together:
            for first, last in _together(text, together):
                if not text.is_any(last + 1, rule.not_before):
                    yield first, last

    def denies(self, text: Words, status: str) -> bool:
        """Whether every mention of a status is denied: "no 503s", "not seeing any 503", with fillers alone between."""
        places = [place for written in (status, f"{status}s", f"{status},") for place in text.places.get(written, ())]
        return bool(places) and all(self._denied(text, place) for place in places)

    def _denied(self, text: Words, place: int) -> bool:
        for before in range(place - 1, max(place - 1 - LONGEST_DENIAL, -1), -1):
            if text.words[before] in self.negations:
                return not _APART.search(text.text, text.spans[before][1], text.spans[place][0])
            if text.words[before] not in self.fillers:
                return False
        return False

    def _negated(self, text: Words, first: int) -> bool:
        for place in range(first - 1, max(first - 1 - self.reach, -1), -1):
            if text.words[place] == _END:
                return False
            if text.words[place] in self.negations:
                return True
        return False


PLAIN = Reader(frozenset(), 0, frozenset())
"""A reader that no negation stops."""


def _places(words: list[str], classes: dict[int, str]) -> dict[str, list[int]]:
    """Where each word, and each class of words, stands."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    for place, class_ in classes.items():
        places.setdefault(class_, []).append(place)
    return places


@functools.cache
def _split(phrase: str) -> tuple[str, ...]:
    return tuple(Words(phrase).words)


def _phrase(text: Words, phrase: str) -> Iterator[tuple[int, int]]:
    """Where the phrase stands; one that is a class of words (#money) stands wherever one of them does."""
    if phrase.startswith("#"):
        yield from ((place, place) for place in text.places.get(phrase, ()))
        return
    words = _split(phrase)
    for first in text.places.get(words[0], ()):
        if tuple(text.words[first : first + len(words)]) == words:
            yield first, first + len(words) - 1


def _together(text: Words, rule: Together) -> Iterator[tuple[int, int]]:
    others = {place for word in rule.of for place in text.places.get(word, ())}
    if not others:
        return
    for word in rule.words:
        for place in text.places.get(word, ()):
            near = range(max(place - rule.within - 1, 0), min(place + rule.within + 2, len(text.words)))
            other = next((o for o in near if o in others and o != place and _same_sentence(text, place, o)), None)
            if other is not None and _has_needed(text, place, rule.needs):
                yield min(place, other), max(place, other)


def _same_sentence(text: Words, one: int, other: int) -> bool:
    return _END not in text.words[min(one, other) : max(one, other)]


def _has_needed(text: Words, place: int, needs: tuple[str, ...]) -> bool:
    if not needs:
        return True
    start, end = text.sentence(place, place)
    return not set(needs).isdisjoint(text.words[start : end + 1])
