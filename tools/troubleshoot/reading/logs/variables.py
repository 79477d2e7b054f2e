"""The variable parts of a message, which a template leaves out."""

import re
from functools import lru_cache

from tools.troubleshoot.reading.logs.paths import endpoint_of

PLACE = "<*>"
LONGEST_MESSAGE, MOST_WORDS = 400, 40
"""Characters and words of a message that count for its template."""

_QUOTED = re.compile(r"\"[^\"\n]{0,200}+\"|(?<!\w)'[^'\n]{0,200}+'(?!\w)")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w.-]{3,100}+")
_WITH_DIGITS = re.compile(r"(?<![\w.-])[^\W\d]*+(?:[.-][^\W\d]*+)*+\d[\w.:/%+-]*+")
"""Numbers with their units, ids, hex, addresses, times."""

_PATH = re.compile(
    r"([\"'(\[]?(?:[a-z][a-z0-9+]{1,11}://[^/?#\s]{1,253}+)?)(/[^\s?#\"'()\[\],;]{0,300}+)(.*)", re.DOTALL
)
_DIGIT = re.compile(r"\d")


def pattern_of(message: str) -> str:
    """The message with its numbers, ids, addresses and quotations as `<*>`, ids in paths as `{id}`, and cut."""
    text = message[:LONGEST_MESSAGE]
    if '"' in text or "'" in text:
        text = _QUOTED.sub(PLACE, text)
    words = text.split(None, MOST_WORDS)[:MOST_WORDS]
    return " ".join([word if word.isalpha() else _word(word) for word in words])


@lru_cache(8_192)
def _word(word: str) -> str:
    path = _PATH.match(word) if "/" in word else None
    if path is not None:
        query = PLACE if path[3][:1] in ("?", "#") else path[3]
        return path[1] + endpoint_of(path[2]) + query
    if "@" in word:
        word = _ADDRESS.sub(PLACE, word)
    return _WITH_DIGITS.sub(PLACE, word) if _DIGIT.search(word) else word
