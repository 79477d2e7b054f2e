"""What a rule is, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.domain.blocks import Certainty, Side
from app.domain.figures import Figure, Text
from tools.troubleshoot.case import Case, Place

Role = Literal["cause", "context"]
"""A cause explains what failed; a context (since when, whom, after which change) only narrows it down."""


@dataclass(frozen=True, slots=True)
class Clue:
    """A piece of evidence, in a sentence without its full stop. `place`: where it stands; None: it follows."""

    text: Text
    place: Place | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: at least one clue for it, whatever speaks against it, and what would settle it.

    known: the artifacts prove it, no other explanation is left. likely: they point to it, one more look would prove
    it. possible: it fits, and so do others.
    `title` says what is so in this case. `values` fill the places in the rule's own texts (`tools/troubleshoot.yaml`).
    `rank` orders findings of one certainty, the highest first. `rules_out` are causes that it excludes: their findings
    are dropped. `side` overrides the rule's.
    """

    certainty: Certainty
    title: Text
    clues: tuple[Clue, ...]
    against: tuple[Clue, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0
    rules_out: frozenset[str] = frozenset()
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is the key of its texts in the parameters; `side` is where the fault lies where it holds."""

    id: str
    side: Side
    examine: Callable[[Case], Finding | None]
    role: Role = "cause"
