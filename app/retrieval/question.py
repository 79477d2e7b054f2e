"""A question's words, as the lexical index looks for them. Pure."""

import itertools
import re
import unicodedata
from dataclasses import dataclass

MAX_WORDS = 64
"""A question's later words are not looked for: each costs a query."""

_STOP_WORDS = """
a about an and any are as at be been being but by can could did do does doing for from had has have he her his how i if
in into is it its just me my of on or our she should so some than that the their them then there these they this those
to us was we were what when where which while who whom why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """Distinct words in order, and the pairs of them that stand side by side. Words are letters and digits only."""

    words: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def read_question(text: str) -> Question:
    """The words of `text` without stop words; with them where there are no others."""
    words = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    if all(word in STOP_WORDS for word in words):
        return Question(tuple(dict.fromkeys(words))[:MAX_WORDS], ())
    telling = tuple(dict.fromkeys(word for word in words if word not in STOP_WORDS))[:MAX_WORDS]
    kept = set(telling)
    pairs = dict.fromkeys(pair for pair in itertools.pairwise(words) if kept.issuperset(pair) and pair[0] != pair[1])
    return Question(telling, tuple(pairs)[:MAX_WORDS])


def phrase(*words: str) -> str:
    """An FTS5 expression for these words side by side. In quotes nothing is an operator; words hold no quotes."""
    return f'"{" ".join(words)}"'
