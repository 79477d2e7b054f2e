"""Chunks: a Markdown document cut into passages of about 1,000 characters, along its headings and blocks. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

TARGET_CHARACTERS = 1_000
MAX_CHARACTERS = 4_000
"""A fence, table or list up to this long stays whole; a longer one is cut between lines."""

HEADING_SEPARATOR = " > "
FRONT_MATTER = re.compile(r"---\n([A-Za-z_][\w-]*:.*\n(?:.*\n)*?)---[ \t]*(?:\n|\Z)")
KEPT_WHOLE = frozenset({"fence", "code_block", "table_open", "bullet_list_open", "ordered_list_open"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `text` is exactly the source's lines `first_line` to `last_line` (from 1, inclusive).

    `heading` is the path of the headings above it, outermost first; empty before the first heading.
    """

    heading: str
    first_line: int
    last_line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Span:
    """Lines [start, end), from 0, that are cut only where they are longer than `limit` characters."""

    start: int
    end: int
    limit: int = TARGET_CHARACTERS


@dataclass(frozen=True, slots=True)
class _Block:
    """A top-level block; `level` is that of a heading, 0 for all else."""

    level: int
    title: str
    span: _Span


@dataclass(slots=True)
class _Section:
    heading: str
    spans: list[_Span]
    bare: bool = False  # headings only, so far


def chunk(text: str) -> tuple[Chunk, ...]:
    """Cut a Markdown document. Each line that is not blank, front matter aside, is in exactly one chunk.

    A heading stands in the chunk that it begins; one with nothing under it goes with the section that follows.
    """
    text = normalized(text)
    lines = text.split("\n")
    return tuple(
        Chunk(section.heading, span.start + 1, span.end, "\n".join(lines[span.start : span.end]))
        for section in _sections(text, lines)
        for span in _packed(lines, section.spans)
    )


def normalized(text: str) -> str:
    """`text` with every line ending as a line feed, so that lines are counted in one way everywhere."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sections(text: str, lines: list[str]) -> Iterator[_Section]:
    """The spans under each heading, in order; a heading is part of the first span under it."""
    section = _Section("", [])
    path: list[tuple[int, str]] = []
    for block in _blocks(text, lines):
        if block.level:
            path = [*((level, title) for level, title in path if level < block.level), (block.level, block.title)]
            if section.spans and not section.bare:
                yield section
                section = _Section("", [])
            section.heading = HEADING_SEPARATOR.join(title for _, title in path if title)
        if section.bare:
            section.spans = [_Span(section.spans[0].start, block.span.end, block.span.limit)]
        else:
            section.spans.append(block.span)
        section.bare = block.level > 0
    if section.spans:
        yield section


def _blocks(text: str, lines: list[str]) -> Iterator[_Block]:
    """The top-level blocks. What is none, such as a link definition, belongs to the block before it."""
    matter = FRONT_MATTER.match(text)
    start = matter[0].count("\n") if matter else 0
    tokens = MarkdownIt("commonmark").enable("table").disable("inline").parse("\n".join(lines[start:]))
    tops = [(i, token, start + token.map[0]) for i, token in enumerate(tokens) if token.level == 0 and token.map]
    if not tops:
        yield _Block(0, "", _trimmed(lines, start, len(lines)))
    for place, (i, token, begin) in enumerate(tops):
        end = tops[place + 1][2] if place + 1 < len(tops) else len(lines)
        limit = MAX_CHARACTERS if token.type in KEPT_WHOLE else TARGET_CHARACTERS
        span = _trimmed(lines, begin if place else start, end, limit)
        if token.type == "heading_open":
            yield _Block(int(token.tag[1:]), _plain(tokens[i + 1].content), span)
        else:
            yield _Block(0, "", span)


def _plain(heading: str) -> str:
    """A heading's words without emphasis and code marks, on one line."""
    return " ".join(re.sub(r"[*`]", "", heading).split())


def _trimmed(lines: list[str], start: int, end: int, limit: int = TARGET_CHARACTERS) -> _Span:
    """The span without blank lines at its ends; empty where there are no others."""
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return _Span(start, end, limit)


def _packed(lines: list[str], spans: list[_Span]) -> Iterator[_Span]:
    """Spans cut to size, then joined with the next ones up to TARGET_CHARACTERS."""
    current: _Span | None = None
    for piece in (piece for span in spans for piece in _cut(lines, span)):
        if current and _length(lines, current.start, piece.end) <= TARGET_CHARACTERS:
            current = _Span(current.start, piece.end)
            continue
        if current:
            yield current
        current = piece
    if current:
        yield current


def _cut(lines: list[str], span: _Span) -> Iterator[_Span]:
    """The span whole, or cut between lines into pieces of up to TARGET_CHARACTERS; nothing where it is empty."""
    if span.start == span.end:
        return
    if _length(lines, span.start, span.end) <= span.limit:
        yield span
        return
    start, length = span.start, 0
    for line in range(span.start, span.end):
        if length and length + len(lines[line]) > TARGET_CHARACTERS:
            yield _trimmed(lines, start, line)
            start, length = line, 0
        length += len(lines[line]) + 1 if length or lines[line].strip() else 0
    yield _trimmed(lines, start, span.end)


def _length(lines: list[str], start: int, end: int) -> int:
    return sum(len(line) + 1 for line in lines[start:end])
