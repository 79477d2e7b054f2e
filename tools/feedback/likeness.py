"""Whether two texts are about the same, told from the words that they share."""

from collections.abc import Iterable, Mapping

from app.domain.records import FeedbackCategory
from tools.feedback.parameters import Alike

SHORTEST_STEM = 3

DIGITS_OF_A_CODE = 4
"""A number with fewer digits is a count, not the name of anything."""


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice the shared words ÷ the words of both: 0 for none, 1 for the same words."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def are_alike(one: frozenset[str], other: frozenset[str], category: FeedbackCategory, alike: Alike) -> bool:
    """Whether two texts share words enough: see `is_enough`."""
    return is_enough(len(one & other), len(one), len(other), category, alike)


def is_enough(shared: int, one: int, other: int, category: FeedbackCategory, alike: Alike) -> bool:
    """Whether texts of `one` and `other` words that share so many are alike.

    They are by all words, for that category; or where most of the shorter text's words stand in the longer one.
    """
    if shared == 0:
        return False
    least = alike.requests if category == "feature_request" else alike.complaints
    if 2 * shared >= least * (one + other):
        return True
    return shared >= alike.contained_words and shared >= alike.contained * min(one, other)


def telling(words: Iterable[str], fillers: frozenset[str], same: Mapping[str, str]) -> frozenset[str]:
    """The words that say what a text is about, as stems; words that mean the same are one. Small numbers say little."""
    said = (word for word in words if word not in fillers and not (word.isdigit() and len(word) < DIGITS_OF_A_CODE))
    return frozenset(stem(same.get(word, word)) for word in said if len(word) > 1)


def stem(word: str) -> str:
    """A word without its plural, -ing or -ed, roughly: webhooks and webhook, filtering and filter are one.

    Words with digits are names or codes and stay as they are.
    """
    word = word.removesuffix("'s").strip("'")
    if any(letter.isdigit() for letter in word):
        return word
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM and not word.endswith(("ss", "us", "is")):
            return _undoubled(word.removesuffix(ending) + instead)
    return word.removesuffix("e") if len(word) > SHORTEST_STEM + 1 else word


def _undoubled(word: str) -> str:
    """`filterr` of "filterring" or `stopp` of "stopped" without the second letter; a final e goes too."""
    if len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST_STEM + 1 else word
