"""What every parser offers, so that `recognise` can try one after the other."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.facts.base import Fact


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that a parser takes as its own: lines `first` to `last` (from 1, both included), and its facts.

    `fact.line` counts from the piece's first line. `notes` say what of it could not be read, and why.
    """

    kind: ArtifactKind
    first: int
    last: int
    facts: tuple[Fact, ...]
    notes: tuple[str, ...] = ()


Parser = Callable[[str], tuple[Piece, ...]]
"""Finds what is its own in a text; nothing where there is none. Never raises, takes time linear in the text."""
