"""What collect proposes: sentences about the same become one proposal, which is new or goes to a known item."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import FeedbackCategory, FeedbackItem
from app.domain.snapshot import Voice
from tools.feedback.hearing import Ear, Heard
from tools.feedback.likeness import are_alike, dice, is_enough
from tools.feedback.parameters import Alike, Hearing
from tools.feedback.quotes import Quote, own_words, quotes_of

ID_LENGTH = 10
"""Hexadecimal digits of a proposal's id: 2^40 of them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An item to add, or customers and their words to add to `item`. `near` is an item that may be the same.

    `heard` is newest first, and holds a record once. The id comes from the oldest sentence, so it stays the same when
    others say the same later.
    """

    id: str
    title: str
    category: FeedbackCategory
    heard: tuple[Heard, ...]
    item: FeedbackItem | None = None
    near: FeedbackItem | None = None

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(heard.quote for heard in self.heard)

    @property
    def account_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(heard.voice.account_id for heard in reversed(self.heard)))

    @property
    def item_id(self) -> str:
        """The id of the item that the proposal becomes."""
        return self.item.id if self.item else f"fb-{self.id.removeprefix('p-')}"


@dataclass(frozen=True, slots=True)
class Collected:
    """All proposals; how many sentences an item already holds; how many texts ask without saying for what."""

    proposals: tuple[Proposal, ...]
    recorded: int
    vague: int


def collect(voices: Iterable[Voice], items: Sequence[FeedbackItem], hearing: Hearing) -> Collected:
    """What the voices ask for and complain about that no item holds yet, grouped, in the order of the first mention."""
    ear = Ear(hearing)
    known = _Items(items, ear, hearing)
    themes = _Themes(hearing)
    recorded = vague = 0
    for voice in sorted(voices, key=lambda v: (v.day, v.kind, v.id)):
        heard, is_vague = ear.listen(voice)
        vague += is_vague
        for found in heard:
            if known.hold(found):
                recorded += 1
            else:
                themes.add(found)
    return Collected(tuple(_proposal(theme, known) for theme in themes.all), recorded, vague)


class _Themes:
    """Sentences as they are grouped: each goes to the theme whose first sentence is most like it, else begins one."""

    def __init__(self, hearing: Hearing) -> None:
        self.all: list[list[Heard]] = []
        self._hearing = hearing
        self._by_word: defaultdict[tuple[FeedbackCategory, str], list[int]] = defaultdict(list)
        self._records: set[tuple[int, str]] = set()

    def add(self, heard: Heard) -> None:
        """A record speaks once in a theme."""
        place = self._most_alike(heard)
        if place is None:
            place = len(self.all)
            self.all.append([])
            for word in heard.words:
                self._by_word[heard.category, word].append(place)
        if (place, heard.quote.source) not in self._records:
            self._records.add((place, heard.quote.source))
            self.all[place].append(heard)

    def _are_alike(self, heard: Heard, place: int) -> bool:
        return are_alike(heard.words, self.all[place][0].words, heard.category, self._hearing.alike)

    def _most_alike(self, heard: Heard) -> int | None:
        near = {place for word in heard.words for place in self._by_word.get((heard.category, word), ())}
        alike = [place for place in near if self._are_alike(heard, place)]
        return min(alike, key=lambda place: (-dice(heard.words, self.all[place][0].words), place), default=None)


@dataclass(frozen=True, slots=True)
class _Known:
    """An item, the words of its title and of each of its quotations, and the (record, words) of these."""

    item: FeedbackItem
    words: tuple[frozenset[str], ...]
    said: frozenset[tuple[str, str]]

    def likeness(self, heard: Heard) -> float:
        return max((max(dice(heard.words, w), dice(heard.all_words, w)) for w in self.words), default=0.0)


class _Items:
    """The items that are there. Each title and quotation is a text; `_texts_with` gives those that hold a word."""

    def __init__(self, items: Sequence[FeedbackItem], ear: Ear, hearing: Hearing) -> None:
        self._hearing = hearing
        known = [_known(item, ear) for item in items]
        self._said = {said for each in known for said in each.said}
        self._texts = [(each, words) for each in known for words in each.words]
        self._texts_with: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, words) in enumerate(self._texts):
            for word in words:
                self._texts_with[word].append(place)

    def hold(self, heard: Heard) -> bool:
        """Whether an item holds this very sentence, or one like it of the same customer."""
        if (heard.quote.source, heard.quote.words) in self._said:
            return True
        return any(heard.voice.account_id in known.item.account_ids for known in self._alike(heard))

    def same(self, heard: Heard) -> FeedbackItem | None:
        """The item that is about the same."""
        return _best(self._alike(heard), heard)

    def near(self, heard: Heard) -> FeedbackItem | None:
        """The item that may be about the same."""
        near = [known for known, shared, all_of in self._sharing(heard) if 2 * shared >= self._hearing.near * all_of]
        return _best(near, heard)

    def _alike(self, heard: Heard) -> list[_Known]:
        return [known for known, _, _ in self._sharing(heard, self._hearing.alike)]

    def _sharing(self, heard: Heard, alike: Alike | None = None) -> Iterator[tuple[_Known, int, int]]:
        """Items, the words that they share with what was heard, and the words of both; `alike`: only alike ones."""
        for mine in {heard.words, heard.all_words}:
            counts = Counter(place for word in mine for place in self._texts_with.get(word, ()))
            for place, shared in counts.items():
                known, theirs = self._texts[place]
                if alike is None or is_enough(shared, len(mine), len(theirs), heard.category, alike):
                    yield known, shared, len(mine) + len(theirs)


def _known(item: FeedbackItem, ear: Ear) -> _Known:
    quotes = quotes_of(item)
    texts = [item.title, *(quote.words for quote in quotes), *filter(None, [own_words(item)])]
    words = (ear.telling_words(text) for text in texts)
    return _Known(item, tuple(filter(None, words)), frozenset((quote.source, quote.words) for quote in quotes))


def _proposal(theme: Sequence[Heard], known: _Items) -> Proposal:
    first = theme[0]
    item = known.same(first)
    return Proposal(
        id=_id(first),
        title=first.title,
        category=first.category,
        heard=tuple(reversed(theme)),
        item=item,
        near=None if item else known.near(first),
    )


def _best(known: Sequence[_Known], heard: Heard) -> FeedbackItem | None:
    """The most alike item; of equals one of the same category, then the one whose id comes first."""

    def order(each: _Known) -> tuple[float, bool, str]:
        return -each.likeness(heard), each.item.category != heard.category, each.item.id

    return min(known, key=order).item if known else None


def _id(first: Heard) -> str:
    """The same for the same sentence of the same record."""
    written = "\x1f".join((first.voice.kind, first.voice.id, first.category, first.quote.words))
    return f"p-{hashlib.sha256(written.encode()).hexdigest()[:ID_LENGTH]}"
