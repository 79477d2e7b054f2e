"""How errors speak: short pieces of the user's own text, the closest names, and what is wrong with which field."""

from collections.abc import Iterable, Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from app.domain.problems import InvalidArguments
from app.domain.redact import mask_credentials

SUGGESTED_LIKENESS = 0.75
"""Least Jaro-Winkler likeness at which a command, option or subcommand is suggested for a mistyped one."""

SUGGESTIONS = 3

SHOWN_CHARACTERS = 60
"""So much of the user's own text is repeated in an error."""

READ_CHARACTERS = 4_000
"""So much of it is looked through for credentials before it is cut: half a key is still a part of one."""


def human(field: str) -> str:
    """A field's name as people write it."""
    return field.replace("_", " ")


def plain(text: str) -> str:
    """The user's own text as it may stand in an error: one short line, nothing invisible, no credentials."""
    masked = mask_credentials(text[:READ_CHARACTERS])
    line = " ".join("".join(c if c.isprintable() else " " for c in masked[: 2 * SHOWN_CHARACTERS]).split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def shown(text: str) -> str:
    """The same in quotes."""
    return f"“{plain(text)}”"


def closest_names(name: str, names: Iterable[str]) -> list[str]:
    """The names most like a mistyped one, best first."""
    found = process.extract(
        plain(name), list(names), scorer=JaroWinkler.similarity, score_cutoff=SUGGESTED_LIKENESS, limit=SUGGESTIONS
    )
    return [close for close, _, _ in found]


def suggestion(names: Sequence[str]) -> str:
    """A sentence that suggests the names, with the space before it; "" for none."""
    return f" Did you mean {' or '.join(names)}?" if names else ""


def wrong(detail: str, field: str, reason: str, **extra: Any) -> InvalidArguments:
    """The error that one field cannot be used."""
    return InvalidArguments(detail, missing=[], invalid=[{"field": field, "reason": reason}], **extra)
