"""Columns by name, whatever the spelling: "Deal Name", "deal_name" and "DealName" are one column.

A nested value of JSON is a column too, by its path: `fields.status.name`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_PATH_DOT = re.compile(r"\.(?=\S)")


def fold(name: str) -> str:
    """A column's name in the form in which it is compared: letters and digits alone, and the dots of a path."""
    return ".".join(_fold_part(part) for part in _PATH_DOT.split(name.strip()))


def _fold_part(part: str) -> str:
    folded = unicodedata.normalize("NFKC", part).casefold()
    return "".join(filter(str.isalnum, folded)) or folded.strip()


class Header:
    """The columns of a file. A column that begins with one of `prefixes` is also found without it."""

    def __init__(self, names: Sequence[str], prefixes: Iterable[str] = ()) -> None:
        self.names = tuple(names)
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            if name.strip():
                self._places.setdefault(fold(name), []).append(place)
        short: dict[str, list[int]] = {}
        for prefix in prefixes:
            for place, name in enumerate(names):
                if name.lower().startswith(prefix.lower()) and len(name) > len(prefix):
                    short.setdefault(fold(name[len(prefix) :]), []).append(place)
        for name, places in short.items():
            self._places.setdefault(name, places)

    def find(self, column: str) -> list[int]:
        """The places of a column; several where it is repeated, none where the file lacks it."""
        return self._places.get(fold(column), [])

    def repeated(self) -> list[str]:
        """The names of columns that are there more than once."""
        return [self.names[places[0]] for places in self._places.values() if len(places) > 1]
