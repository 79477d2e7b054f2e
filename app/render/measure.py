"""How much room text takes: an estimate on the safe side, since the reader's fonts are not known. All in points."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

Face = Literal["plain", "bold", "mono"]

LINE = 1.25
"""Height of a line, as a multiple of the size."""

_NARROW = dict.fromkeys("iljtI.,:;'|!()[]{}` ", 0.3) | dict.fromkeys('fr-/\\"*', 0.4)
_WIDE = dict.fromkeys("mwMWOQ@%—…", 0.95)
_BOLD = 1.08
_MONO = 0.62
_BREAK = "\u200b"
_WORD = re.compile(r"[^ ]* ?")
_MOST_OF_A_COLUMN = 0.55
"""Of the whole width: what a column takes before others have to wrap."""

_UNBROKEN = 110.0
"""A word as wide as this may be broken within a table."""


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    if (known := _NARROW.get(character) or _WIDE.get(character)) is not None:
        return known
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.1
    if character.isupper() or character in "&+=<>~#$€":
        return 0.74
    return 0.58 if character < "\u0250" else 0.68


def width(text: str, size: float, face: Face = "plain") -> float:
    """Of one line of text."""
    if face == "mono":
        return sum(max(_MONO, _em(character)) if _em(character) else 0.0 for character in text) * size
    return sum(map(_em, text)) * size * (_BOLD if face == "bold" else 1.0)


def wrapped(text: str, most: float, size: float, face: Face = "plain") -> list[str]:
    """One line of text in lines not wider than `most`, one at least; a word that is wider is broken.

    A space at the end of a line stays there, so that the lines together are the text.
    """
    lines, line, used = [], "", 0.0
    for word in _WORD.findall(text):
        if used + width(word.rstrip(" "), size, face) > most:
            if line:
                lines.append(line)
            *whole, word = _broken(word, most, size, face)
            lines += whole
            line, used = "", 0.0
        line += word
        used += width(word, size, face)
    return [*lines, line]


def breakable(text: str, most: float, size: float, face: Face = "plain") -> str:
    """The text with a place to break, of no width, within each word that is wider than `most`."""
    return " ".join(_BREAK.join(_broken(word, most, size, face)) for word in text.split(" "))


def _broken(word: str, most: float, size: float, face: Face) -> list[str]:
    pieces, start, used = [], 0, 0.0
    for place, character in enumerate(word):
        step = width(character, size, face)
        if used + step > most and place > start and character != " ":
            pieces.append(word[start:place])
            start, used = place, 0.0
        used += step
    return [*pieces, word[start:]]


def is_right_to_left(text: str) -> bool:
    """Whether the first letter of the text belongs to a script that is written from the right."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((each in ("R", "AL") for each in directions if each in ("L", "R", "AL")), False)


def column_widths(
    columns: Sequence[Iterable[str]], right: Sequence[bool], available: float, size: float, padding: float
) -> list[float]:
    """Widths for columns of these texts that fill the room: a word is broken only where nothing else helps.

    Columns that are aligned `right` hold numbers, which stay on one line.
    """
    texts = [list(column) for column in columns]
    widest = [max((width(line, size, "bold") for line in column), default=0.0) + padding for column in texts]
    least = [
        min(_UNBROKEN, full if is_number else max((_word(line, size) for line in column), default=0.0) + padding)
        for column, full, is_number in zip(texts, widest, right, strict=True)
    ]
    wanted = [max(low, min(full, available * _MOST_OF_A_COLUMN)) for low, full in zip(least, widest, strict=True)]
    if sum(wanted) <= available:
        return _stretched(wanted, available)
    if sum(least) >= available:
        return [each * available / sum(least) for each in least]
    share = (available - sum(least)) / (sum(wanted) - sum(least))
    return [low + (want - low) * share for low, want in zip(least, wanted, strict=True)]


def _word(line: str, size: float) -> float:
    return max((width(word, size, "bold") for word in line.split(" ")), default=0.0)


def _stretched(wanted: list[float], available: float) -> list[float]:
    """Room that is left goes to the columns as they are wide, so that narrow ones stay narrow."""
    squares = [each * each for each in wanted]
    return [
        each + (available - sum(wanted)) * square / sum(squares) for each, square in zip(wanted, squares, strict=True)
    ]
