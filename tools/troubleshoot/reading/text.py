"""Reads a text: finds the artifacts in it, one parser after the other; what nobody takes is prose."""

import hashlib
from collections.abc import Iterator, Sequence

from tools.troubleshoot.facts.artifact import Artifact, ArtifactKind, Reading, sealed
from tools.troubleshoot.facts.base import LONGEST_TEXT
from tools.troubleshoot.reading.cleaning import BOUNDARY, Cleaned, cleaned, has_byte_order_mark
from tools.troubleshoot.reading.parser import Parser, Piece
from tools.troubleshoot.reading.recognition import FIRST, LAST, LOOKING

MOST_ARTIFACTS = 400
MOST_PROSE = 200
"""Of a text; the rest of them is left out, and that is said."""

_EXCHANGES: tuple[ArtifactKind, ...] = ("http", "curl", "har", "webhook")


def read_text(text: str, name: str = "") -> Reading:
    """The artifacts of a text, in the order in which they stand."""
    clean = cleaned(text)
    notes = ("it begins with a byte order mark (U+FEFF)",) if has_byte_order_mark(text) else ()
    artifacts = [_sealed(piece, clean.lines, name, notes if piece.first == 1 else ()) for piece in pieces_of(clean)]
    raw = text.encode(errors="replace")
    return Reading(
        artifacts=tuple(sorted(artifacts, key=lambda each: each.first)),
        bytes=len(raw),
        lines=text.count("\n") + 1,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def pieces_of(clean: Cleaned) -> list[Piece]:
    """All pieces of a text, prose and what could not be read among them."""
    if clean.binary:
        return [Piece("unreadable", 1, len(clean.lines), (), ("it is no text",))]
    left = list(clean.lines)
    pieces = _taken(left, FIRST)
    whole = "\n".join(clean.lines)
    for look in LOOKING:
        pieces += _seen(left, [piece for piece in look(whole) if not _is_told(piece, pieces)])
    pieces += _taken(left, LAST)
    prose = list(_prose(left))
    cut = [clean.cut] if clean.cut else []
    if left_out := max(len(pieces) - MOST_ARTIFACTS, 0) + max(len(prose) - MOST_PROSE, 0):
        cut.append(f"{left_out:,} of {len(pieces) + len(prose):,} parts are left out")
    notes = [Piece("unreadable", len(left), len(left), (), tuple(cut))] if cut else []
    return [*pieces[:MOST_ARTIFACTS], *prose[:MOST_PROSE], *notes]


def _seen(left: list[str], pieces: list[Piece]) -> list[Piece]:
    """What a parser that only looks has found. Lines that hold nothing else are not prose, too; a thread is prose."""
    for piece in pieces:
        if piece.kind != "thread" and _is_all_there_is(left[piece.first - 1 : piece.last]):
            _take(left, piece)
    return pieces


def _is_told(piece: Piece, others: Sequence[Piece]) -> bool:
    """Whether an exchange that was seen within these lines is one that was read as a whole."""
    return piece.kind in _EXCHANGES and any(
        each.kind in _EXCHANGES and each.first <= piece.first and piece.last <= each.last for each in others
    )


def _taken(left: list[str], parsers: Sequence[Parser]) -> list[Piece]:
    """What the parsers find, one after the other: lines that one has taken are boundaries to those after it."""
    found: list[Piece] = []
    for parser in parsers:
        for piece in parser("\n".join(left)):
            found.append(piece)
            _take(left, piece)
    return found


def _take(left: list[str], piece: Piece) -> None:
    left[piece.first - 1 : piece.last] = [BOUNDARY] * (piece.last - piece.first + 1)


def _is_all_there_is(lines: Sequence[str]) -> bool:
    """Whether what was seen in these lines is all that they hold, so that they are not prose as well."""
    if any(line == BOUNDARY for line in lines):
        return False
    text = " ".join(lines).strip()
    return len(lines) > 1 or " " not in text or text[0] in "{[<"


def _prose(left: Sequence[str]) -> Iterator[Piece]:
    """The passages that nobody took, from boundary to boundary; a long one is parted at its empty lines."""
    first, size = 0, 0
    for place in range(len(left) + 1):
        if place < len(left) and left[place] != BOUNDARY:
            size += len(left[place]) + 1
            if left[place].strip() or size < LONGEST_TEXT // 2:
                continue
        written = [number for number in range(first, place) if left[number].strip()]
        first, size = place + 1, 0
        if written:
            yield Piece("prose", written[0] + 1, written[-1] + 1, ())


def _sealed(piece: Piece, lines: Sequence[str], name: str, notes: tuple[str, ...]) -> Artifact:
    """The artifact of a piece. Its text is cut before it is masked, too: of a long log only the beginning is kept."""
    text = "\n".join(lines[piece.first - 1 : piece.last])[: 2 * LONGEST_TEXT]
    return sealed(
        piece.kind, text, piece.facts, name=name, first=piece.first, last=piece.last, notes=(*piece.notes, *notes)
    )
