"""Parts a stream of bytes into lines of text, whatever their length, in bounded memory."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tools.troubleshoot.reading.file_kinds import decoded
from tools.troubleshoot.reading.logs.fold import LONGEST_LINE

LONGEST_KEPT = 4 * LONGEST_LINE
"""Bytes of a line that are kept. More than the fold reads, so that it sees and counts that the line was longer."""


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class Tally:
    """What a stream came to so far: bytes, line breaks, the digest of all; `open`: it does not end in a line break."""

    bytes: int = 0
    breaks: int = 0
    open: bool = False
    digest: Digest = field(default_factory=hashlib.sha256)

    @property
    def lines(self) -> int:
        return self.breaks + self.open


def counted(chunks: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
    """The chunks, counted on their way."""
    for chunk in chunks:
        if not chunk:
            continue
        tally.bytes += len(chunk)
        tally.breaks += chunk.count(b"\n")
        tally.open = not chunk.endswith((b"\n", b"\n\x00"))
        tally.digest.update(chunk)
        yield chunk


def lines_of(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The lines without their breaks, each in UTF-8 or Latin-1 by itself; the last one even where it is half."""
    if encoding.startswith("utf-16"):
        yield from _lines_of_utf_16(chunks, encoding)
        return
    first = True
    for raw in _parted(chunks):
        yield decoded(raw, "utf-8-sig" if first else "utf-8")
        first = False


def _parted(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest += first[: max(0, LONGEST_KEPT - len(rest))]
        if others:
            yield rest
            yield from others[:-1]
            rest = others[-1][:LONGEST_KEPT]
    if rest:
        yield rest


def _lines_of_utf_16(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Recoded as UTF-8 first, in which a line break is one byte."""
    coder = codecs.getincrementaldecoder(encoding)(errors="replace")
    recoded = (coder.decode(chunk).encode(errors="replace") for chunk in chunks)
    for raw in _parted(recoded):
        yield decoded(raw, "utf-8-sig")
