"""Whether customers were told what became of what they asked for: looked for in our notes of talks with them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.records import FeedbackItem
from app.domain.snapshot import Voice
from tools.feedback.answers import Answered
from tools.feedback.hearing import Ear
from tools.feedback.parameters import Alike

LEAST_SHARED = 2


@dataclass(frozen=True, slots=True)
class Closed:
    """An item that changed: who was told, and on which day; and who, as far as our notes go, was not."""

    answered: Answered
    told: Mapping[str, dt.date]
    untold: tuple[str, ...]

    @property
    def item(self) -> FeedbackItem:
        return self.answered.item


def closed_loops(changed: Iterable[Answered], voices: Sequence[Voice], ear: Ear, alike: Alike) -> tuple[Closed, ...]:
    """For each item: the customers with whom a talk since then names it, and the others."""
    talks = [(voice, ear.telling_words(voice.text)) for voice in voices if voice.kind == "touchpoints"]
    return tuple(_closed(each, talks, ear.telling_words(each.item.title), alike) for each in changed)


def _closed(
    answered: Answered, talks: Sequence[tuple[Voice, frozenset[str]]], title: frozenset[str], alike: Alike
) -> Closed:
    since = answered.since or answered.item.shipped_on
    told: dict[str, dt.date] = {}
    for voice, words in sorted(talks, key=lambda each: (each[0].day, each[0].id)):
        asked = voice.account_id in answered.item.account_ids
        if asked and since is not None and voice.day >= since and _names(words, title, alike):
            told.setdefault(voice.account_id, voice.day)
    return Closed(answered, told, tuple(a for a in answered.item.account_ids if a not in told))


def _names(words: frozenset[str], title: frozenset[str], alike: Alike) -> bool:
    shared = len(words & title)
    return shared >= min(LEAST_SHARED, len(title)) and shared >= alike.contained * len(title)
