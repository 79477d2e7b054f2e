"""Finding a feedback item by what a person calls it."""

from collections.abc import Iterable, Sequence

from app.domain.records import FeedbackItem


def items_called(items: Iterable[FeedbackItem], words: str) -> tuple[FeedbackItem, ...]:
    """The item with this id; else those with this title; else those whose title holds all the words, in any case."""
    known, called = tuple(items), " ".join(words.split()).casefold()
    if not called:
        return ()
    wanted = called.split()
    return (
        tuple(item for item in known if item.id == words.strip())
        or tuple(item for item in known if called in (item.id.casefold(), _title(item)))
        or tuple(item for item in known if _holds(_title(item), wanted))
    )


def _title(item: FeedbackItem) -> str:
    return " ".join(item.title.split()).casefold()


def _holds(title: str, words: Sequence[str]) -> bool:
    return all(word in title for word in words)
