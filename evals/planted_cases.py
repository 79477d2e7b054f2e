"""The texts with planted wrong numbers, and how an answer is held against what is expected of it."""

import html
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic_evals import Dataset

from evals.worlds import World

FILE = Path(__file__).parent / "datasets" / "planted_numbers.yaml"

_MARKUP = re.compile(r"[*_~`\\]")
_SAME_CHARACTERS = str.maketrans(
    {**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys("‘’", "'"), **dict.fromkeys("“”", '"'), "⁄": "/"}
)


class Written(BaseModel):
    """A text as a model wrote it after the tool calls whose result is the world of that name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    world: str
    text: str

    def __str__(self) -> str:
        return self.text


class Expected(BaseModel):
    """Pieces of the written text: those that must reach the reader, and those that must not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arrives: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{len(self.arrives)} true, {len(self.stopped)} false"


class Shown(BaseModel):
    """What reaches the reader, as plain text, and how many sentences were left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown: str
    dropped: int

    def __str__(self) -> str:
        return f"{self.shown}({self.dropped} left out)"


PlantedNumbers = Dataset[Written, Expected | Shown, None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The lies that reached the reader, and the true pieces that did not."""

    lies: tuple[str, ...]
    missing: tuple[str, ...]


def load_planted_numbers() -> PlantedNumbers:
    """The dataset, without evaluators."""
    return PlantedNumbers.from_file(FILE)


def judge(world: World, expected: Expected, shown: str) -> Judgement:
    """Hold what the reader sees against what is expected. A lie counts in every spelling that reads the same."""
    text = as_read(shown)
    return Judgement(
        lies=tuple(piece for piece in expected.stopped if _stands_in(as_read(world.filled(piece)), text)),
        missing=tuple(piece for piece in expected.arrives if as_read(world.filled(piece)) not in text),
    )


def as_read(text: str) -> str:
    """`text` as a reader takes it in: no markup, entities or invisible characters, plain digits, one space a gap."""
    plain = unicodedata.normalize("NFKC", html.unescape(text)).translate(_SAME_CHARACTERS)
    digits = (str(unicodedata.digit(each)) if each.isdigit() else each for each in plain if not _is_invisible(each))
    return " ".join(_MARKUP.sub("", "".join(digits)).casefold().split())


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _stands_in(piece: str, text: str) -> bool:
    """Whether the text has the piece as words of its own: "8" does not stand in "28"."""
    return re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text) is not None
