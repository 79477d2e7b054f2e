"""Prepares a text for its parsers: one kind of line end, no unseen characters, no marks of Markdown, not too long."""

import re
from dataclasses import dataclass

from tools.escalate.statement import seen

MOST_READ = 4_000_000
"""Characters of a text that are read. Longer logs are read as files, line by line."""

MOST_LINES = 100_000

BOUNDARY = " "
"""Stands for a line that separates: a fence, or one that a parser took. Nothing goes on across it."""

SAMPLE = 4_000
MOST_STRANGE = 0.1
"""Share of a text's first characters that may be none of a text; with more it is binary."""

_STRANGE = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x80-\x9f\ufffd]")
_BLANK = re.compile(r"^[ \t\xa0]+$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]{0,8}(?:`{3,}|~{3,})[\w+#. -]{0,30}$", re.MULTILINE)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*+"
    r"(?:-----END [A-Z0-9 ]{0,50}-----)?"
)
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The lines to read; `cut` says what was left out; `binary`: it is no text at all."""

    lines: tuple[str, ...]
    cut: str = ""
    binary: bool = False


def cleaned(raw: str) -> Cleaned:
    """The text as its parsers see it. Lines keep their numbers."""
    text = seen(raw[:MOST_READ].encode(errors="replace").decode())
    if is_binary(raw):
        return Cleaned(tuple(text.split("\n")), binary=True)
    text = _PRIVATE_KEY.sub(_without_key, text)
    lines = _FENCE.sub(BOUNDARY, _BLANK.sub("", text)).split("\n")
    return Cleaned(tuple(lines[:MOST_LINES]), _cut(raw, len(lines)))


def _cut(raw: str, lines: int) -> str:
    if lines > MOST_LINES:
        return f"after line {MOST_LINES:,} nothing was read: it has {raw.count(chr(10)) + 1:,} lines"
    if len(raw) > MOST_READ:
        return f"{len(raw) - MOST_READ:,} characters after line {lines:,} were not read"
    return ""


def is_binary(raw: str) -> bool:
    """Whether it is no text. NUL alone does not count: text in UTF-16 that was read as UTF-8 holds many."""
    sample = raw[:SAMPLE].replace("\x00", "").replace("\x1b", "")
    return bool(sample) and len(_STRANGE.findall(sample)) > MOST_STRANGE * len(sample)


def has_byte_order_mark(raw: str) -> bool:
    """Whether it begins with a byte order mark, which many parsers of JSON refuse."""
    return raw.startswith(_BYTE_ORDER_MARK)


def _without_key(match: re.Match[str]) -> str:
    """No parser sees a private key: half of one, in an artifact that ends within it, would not be masked any more."""
    return "[private-key]" + "\n" * match.group().count("\n")
