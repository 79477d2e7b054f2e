"""What customers said in two periods, grouped by what it is about: recorded as an item or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.records import FeedbackCategory, FeedbackItem
from app.domain.snapshot import Voice
from tools.feedback.hearing import Heard
from tools.feedback.parameters import Hearing
from tools.feedback.proposals import collect
from tools.feedback.quotes import own_words
from tools.feedback.spans import Span


@dataclass(frozen=True, slots=True)
class Theme:
    """What customers said about one thing: in the period (newest first), and in the one before.

    `key` is the item's id, else a proposal's. An item that was written down in the period is a theme even where nobody
    is heard: its customers said it then.
    """

    key: str
    title: str
    category: FeedbackCategory
    heard: tuple[Heard, ...]
    before: tuple[Heard, ...]
    item: FeedbackItem | None
    written: bool

    @property
    def account_ids(self) -> tuple[str, ...]:
        """The customers of the period, each once."""
        said = (heard.voice.account_id for heard in self.heard)
        written = self.item.account_ids if self.item and self.written else ()
        return tuple(dict.fromkeys((*said, *written)))

    @property
    def is_new(self) -> bool:
        """Nobody said it in the period before, and no older item holds it."""
        return not self.before and (self.item is None or self.written)


def themes_of(
    voices: Iterable[Voice], items: Sequence[FeedbackItem], span: Span, hearing: Hearing
) -> tuple[Theme, ...]:
    """The themes of the period and of the one before, in no order."""
    bare = [item.model_copy(update={"account_ids": (), "quote": own_words(item)}) for item in items]
    read = [voice for voice in voices if voice.day in span.period or voice.day in span.before]
    known = {item.id: item for item in items}
    grouped: dict[str, tuple[str, FeedbackCategory, list[Heard]]] = {}
    for found in collect(read, bare, hearing).proposals:  # bare items hold nobody's words, so nothing is left out
        item = known[found.item.id] if found.item else None
        key, title, category = (item.id, item.title, item.category) if item else (found.id, found.title, found.category)
        grouped.setdefault(key, (title, category, []))[2].extend(found.heard)
    for item in items:
        if span.holds(item.created_on):
            grouped.setdefault(item.id, (item.title, item.category, []))
    return tuple(
        Theme(
            key=key,
            title=title,
            category=category,
            heard=tuple(h for h in _newest(heard) if h.voice.day in span.period),
            before=tuple(h for h in _newest(heard) if h.voice.day in span.before),
            item=known.get(key),
            written=key in known and span.holds(known[key].created_on),
        )
        for key, (title, category, heard) in grouped.items()
    )


def _newest(heard: Sequence[Heard]) -> list[Heard]:
    """The newest first; a record speaks once."""
    ordered = sorted(heard, key=lambda h: (-h.voice.day.toordinal(), h.voice.id))
    return list({h.quote.source: h for h in reversed(ordered)}.values())[::-1]
