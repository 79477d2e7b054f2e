"""Phrases found in texts. A phrase is words in a row: `a|b` is either word, `a?` may be left out, `*` is up to three
words of any kind. What follows `/` must stand there and is no part of what is found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

LONGEST_GAP = 3
"""Words that `*` stands for, at most."""

_WORD = re.compile(r"[^\W_]+(?:['’/._-][^\W_]+)*")
_PART = re.compile(r"[,;:()]|\s[–—-]\s")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, where it stands in the text, and in which part between commas."""

    word: str
    start: int
    end: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """One place of a phrase: its words, a gap, or the end of what is found."""

    words: frozenset[str]
    optional: bool = False
    gap: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase was found from the token at `start` to the one before `end`."""

    start: int
    end: int


def tokens_of(text: str, joined: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]) -> list[Token]:
    """The words of a text. `joined` gives, by first word, words in a row that are read as one."""
    cuts = [match.start() for match in _PART.finditer(text)]
    found: list[Token] = []
    part = 0
    for match in _WORD.finditer(text):
        while part < len(cuts) and cuts[part] < match.start():
            part += 1
        found.append(Token(match[0].lower().replace("’", "'"), match.start(), match.end(), part))
    return list(_join(found, joined))


def _join(tokens: list[Token], joined: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]) -> Iterator[Token]:
    place = 0
    while place < len(tokens):
        token, length = tokens[place], 1
        for words, one in joined.get(token.word, ()):
            row = tokens[place : place + len(words)]
            if tuple(each.word for each in row) == words:
                token, length = Token(one, row[0].start, row[-1].end, row[0].part), len(words)
                break
        yield token
        place += length


class Phrases:
    """A set of phrases that are looked for together: each text costs a look-up for each of its words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[_Place, ...]]] = {}
        for phrase in phrases:
            places = tuple(_place(written) for written in phrase.split())
            for word in {word for place in _leading(places) for word in place.words}:
                self._by_first.setdefault(word, []).append(places)

    def find(self, tokens: Sequence[Token]) -> Iterator[Found]:
        """Every phrase that is found, from the left."""
        for start, token in enumerate(tokens):
            if token.word in self._by_first:
                yield from self.at(tokens, start)

    def is_in(self, tokens: Sequence[Token]) -> bool:
        return next(self.find(tokens), None) is not None

    def at(self, tokens: Sequence[Token], start: int) -> Iterator[Found]:
        """The phrases that begin with the token at `start`."""
        for places in self._by_first.get(tokens[start].word, ()) if start < len(tokens) else ():
            end = _end(places, tokens, start)
            if end is not None:
                yield Found(start, end)


def _place(written: str) -> _Place:
    if written == "*":
        return _Place(frozenset(), gap=True)
    if written == "/":
        return _Place(frozenset(), ends=True)
    return _Place(frozenset(written.removesuffix("?").split("|")), optional=written.endswith("?"))


def _leading(places: tuple[_Place, ...]) -> Iterator[_Place]:
    """The places with which the phrase may begin."""
    for place in places:
        yield place
        if not place.optional:
            return


def _end(places: tuple[_Place, ...], tokens: Sequence[Token], start: int) -> int | None:
    """Where the phrase ends that begins at `start`; None where it does not stand there."""
    if not places:
        return start
    first, rest = places[0], places[1:]
    if first.ends:
        return start if _end(rest, tokens, start) is not None else None
    if first.gap:
        ends = (_end(rest, tokens, start + skipped) for skipped in range(LONGEST_GAP + 1))
        return next((end for end in ends if end is not None), None)
    if start < len(tokens) and tokens[start].word in first.words:
        end = _end(rest, tokens, start + 1)
        if end is not None:
            return end
    return _end(rest, tokens, start) if first.optional else None
