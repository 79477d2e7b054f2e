"""Phrases over words, and where they stand. A phrase is words with spaces between; of them

- `a|b` is either,
- `@group` is any word, or any phrase, of a group,
- `#number` is any number, `#clock` a time such as 14:00,
- `~3` stands for up to three words of any kind.

No text makes the search explode: each step of a phrase looks a bounded number of words ahead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]
"""The first and the last word."""

LONGEST_GAP = 12
"""Words that a gap may stand for."""

FREQUENT = 100
"""What a frequent word weighs against a rare one."""

CLASSES = ("#number", "#clock")


class PatternError(ValueError):
    """A phrase or a group that cannot be read; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of these symbols, after a gap of at most so many words."""

    symbols: frozenset[str]
    gap: int


Pattern = tuple[Step, ...]


@dataclass(slots=True)
class Occurrences:
    """Where each symbol stands in some words: its starts, with the ends that it has from there."""

    places: dict[str, dict[int, tuple[int, ...]]] = field(default_factory=dict)

    def add(self, symbol: str, start: int, end: int) -> None:
        ends = self.places.setdefault(symbol, {})
        if end not in ends.get(start, ()):
            ends[start] = (*ends.get(start, ()), end)

    def spans(self, group: str) -> Iterator[Span]:
        for start, ends in self.places.get(f"@{group}", {}).items():
            yield from ((start, end) for end in ends)

    def any_within(self, group: str, first: int, last: int) -> bool:
        return any(first <= start and end <= last for start, end in self.spans(group))

    def matches(self, pattern: Pattern) -> Iterator[Span]:
        """Where the phrase stands: from each start its nearest end."""
        steps: list[list[dict[int, tuple[int, ...]]]] = []
        for step in pattern:
            placed = [self.places[symbol] for symbol in step.symbols if symbol in self.places]
            if not placed:
                return
            steps.append(placed)
        starts = sorted({start for places in steps[0] for start in places})
        for start in starts:
            ends = {end for places in steps[0] for end in places.get(start, ())}
            for step, placed in zip(pattern[1:], steps[1:], strict=True):
                ahead = {end + 1 + gap for end in ends for gap in range(step.gap + 1)}
                ends = {end for place in ahead for places in placed for end in places.get(place, ())}
                if not ends:
                    break
            if ends:
                yield start, min(ends)


class Index:
    """Phrases by the step of each that is rarest, so that a text is searched for those alone that can stand in it."""

    def __init__(self, phrases: Sequence[Pattern], weights: Mapping[str, int]) -> None:
        self._by_symbol: dict[str, list[int]] = {}
        for number, phrase in enumerate(phrases):
            rarest = min(phrase, key=lambda step: sum(weights.get(symbol, 1) for symbol in step.symbols))
            for symbol in rarest.symbols:
                self._by_symbol.setdefault(symbol, []).append(number)

    def possible(self, found: Occurrences) -> list[int]:
        """The numbers of the phrases that may stand there, in order."""
        known = self._by_symbol.keys() & found.places.keys()
        return sorted({number for symbol in known for number in self._by_symbol[symbol]})


class Patterns:
    """Groups of words and of phrases by name. A group of phrases may refer to groups that stand before it.

    `frequent` are words that stand in any text; they are looked for last.

    Raises:
        PatternError: a name is there twice, or a phrase refers to a group that is not there.
    """

    def __init__(
        self, words: Mapping[str, Sequence[str]], phrases: Mapping[str, Sequence[str]], frequent: Sequence[str]
    ) -> None:
        if twice := sorted(set(words) & set(phrases)):
            raise PatternError(f"{', '.join(twice)} is a group of words and one of phrases; rename one of them")
        self._symbols: dict[str, set[str]] = {}
        self._groups = set(words)
        common = frozenset(frequent)
        self._weights = dict.fromkeys(common, FREQUENT) | {
            f"@{name}": sum(FREQUENT if word in common else 1 for word in members) for name, members in words.items()
        }
        for name, members in words.items():
            for word in members:
                if not word.isascii() or word != word.lower() or " " in word:
                    raise PatternError(f"words.{name}: {word!r} is no word in small letters; make it a phrase")
                self._symbols.setdefault(word, set()).add(f"@{name}")
        self._phrases: list[tuple[str, list[Pattern], Index]] = []
        for name, members in phrases.items():
            compiled = [self.compile(member) for member in members]
            self._phrases.append((f"@{name}", compiled, self.index(compiled)))
            self._groups.add(name)
            self._weights[f"@{name}"] = FREQUENT

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that a group or a phrase holds."""
        return frozenset(self._symbols)

    def compile(self, phrase: str) -> Pattern:
        steps: list[Step] = []
        gap = 0
        for part in phrase.split():
            if part.startswith("~"):
                gap = int(part[1:]) if part[1:].isdigit() else LONGEST_GAP + 1
                if gap > LONGEST_GAP or not steps:
                    raise PatternError(f"{phrase!r}: a gap is ~1 to ~{LONGEST_GAP}, after a word")
                continue
            steps.append(Step(frozenset(self._symbol(each, phrase) for each in part.split("|")), gap))
            gap = 0
        if not steps or gap:
            raise PatternError(f"{phrase!r}: a phrase ends with a word")
        return tuple(steps)

    def index(self, phrases: Sequence[Pattern]) -> Index:
        return Index(phrases, self._weights)

    def occurrences(self, words: Sequence[str]) -> Occurrences:
        """Where every word, group and phrase stands in the words."""
        found = Occurrences()
        for place, word in enumerate(words):
            if word[0].isdigit():
                found.add("#clock" if ":" in word else "#number", place, place)
            for symbol in self._symbols.get(word, ()):
                found.add(symbol, place, place)
        for name, patterns, index in self._phrases:
            for number in index.possible(found):
                for start, end in found.matches(patterns[number]):
                    found.add(name, start, end)
        return found

    def _symbol(self, part: str, phrase: str) -> str:
        if part.startswith("@"):
            if part[1:] not in self._groups:
                raise PatternError(f"{phrase!r}: there is no group {part} above; write it or mend the name")
            return part
        if part in CLASSES:
            return part
        if not part.isascii() or part != part.lower() or "'" in part:
            raise PatternError(f"{phrase!r}: write {part} in small letters, and without an apostrophe")
        self._symbols.setdefault(part, set()).add(part)
        return part
