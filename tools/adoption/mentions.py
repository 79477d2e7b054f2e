"""Whether a text speaks of a feature: `batch_export` is also "batch exports", and a feature may go by other words."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_PARTS = re.compile(r"[^\W_]+")


def is_named_in(words: str, feature: str, other_words: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a text names the feature, in the singular or the plural, or one of its other words."""
    return bool(_pattern((feature, *other_words.get(feature, ()))).search(words))


def has_phrase(words: str, phrases: Iterable[str]) -> bool:
    """Whether a text holds one of these phrases, as whole words."""
    return bool(_pattern(tuple(phrases)).search(words))


def slug(feature: str) -> str:
    """A feature's name as it stands in a figure's key."""
    return "-".join(_PARTS.findall(feature.casefold()))


@lru_cache(maxsize=2_000)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    spelled = [spelling for name in names if (spelling := _spelling(name))]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)" if spelled else r"(?!)", re.IGNORECASE)


def _spelling(name: str) -> str:
    """The name's words with anything but letters between them; the last one in either number."""
    words = _PARTS.findall(name.casefold())
    if not words:
        return ""
    *first, last = words
    stem = last[:-1] if last.endswith("s") and len(last) > len("sso") else last
    return r"[\W_]+".join((*map(re.escape, first), rf"{re.escape(stem)}s?"))
