"""Blocks as Markdown: CommonMark with GitHub's tables and task lists.

All text is data. What Markdown would read as markup in it is escaped, and nothing else, so that it stays readable.
Addresses are escaped where a reader of Markdown would make links of them.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from app.domain.blocks import (
    Block,
    Checklist,
    Citations,
    Column,
    Draft,
    DraftField,
    Heading,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    Table,
    Timeline,
    Verdict,
)
from app.domain.figures import Figure, Text
from app.render import words
from app.render.characters import one_line
from app.render.values import Values, number

_MARKUP = r"""
    \\(?=[!-/:-@\[-`{-~]|$)               # a backslash that would escape, or break the line at its end
    | [`\[]                               # code, links, images, footnotes
    | (?<!\s)\* | \*(?!\s)                # emphasis; a star between spaces is a product
    | (?<!\w)_+ | _+(?!\w)                # emphasis; not within a_name
    | (?<=\S)~ | ~(?![^\W_])              # struck out; ~15 is about fifteen
    | <(?![\s\d=]|$)                      # HTML; not "< 5"
    | &(?=\#?\w+;)                        # character references
    | (?<=http):(?=//) | (?<=https):(?=//) | (?<=ftp):(?=//) | (?<=mailto): | (?<=xmpp):
    | (?<=www)\.
    | (?<=[\w.+-])@(?=[\w-])              # mail addresses (GitHub links them even so)
    | (?<=\s)\#+$                         # the end of a heading
    | ^\#(?=\#{0,5}(?:\s|$))              # a heading
    | ^>                                  # a quote
    | ^[-+](?=[\s:|-]|$)                  # a list, a rule, an underlined heading, a row under a table's head
    | ^=(?==*$)                           # an underlined heading
    | ^[|:](?=[\s:|-]*$)                  # a row under a table's head
    | ^\d{1,9}[.)](?=\s|$)                # a numbered list
"""
_IN_LINE = re.compile(_MARKUP, re.VERBOSE | re.IGNORECASE)
_IN_CELL = re.compile(_MARKUP + r"| \|", re.VERBOSE | re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_BACKTICKS = re.compile("`+")


def to_markdown(blocks: Iterable[Block], figures: Iterable[Figure]) -> str:
    """The blocks as Markdown, with a blank line between them.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`.
    """
    values = Values(figures)
    parts = [part for block in blocks if (part := _block(block, values))]
    return "\n\n".join(parts) + "\n" if parts else ""


def _block(block: Block, values: Values) -> str:
    match block:
        case Heading():
            return f"## {_line(block.text, values)}"
        case Verdict():
            return _verdict(block, values)
        case Paragraph():
            return _paragraphs(values.text(block.text))
        case Metrics():
            return " · ".join(f"{_bold(f'{m.label}:')} {_line(m.value, values)}" for m in block.items)
        case Table():
            return _table(block, values)
        case ScoreCard():
            return _score_card(block, values)
        case Checklist():
            return _checklist(block, values)
        case Timeline():
            return _timeline(block, values)
        case Draft():
            return _draft(block, values)
        case Citations():
            return _citations(block)
        case Notice():
            return f"> {_bold(words.NOTICE_LABELS[block.tone] + ':')} {_line(block.text, values)}"
        case Question():
            return _question(block, values)
        case _:
            assert_never(block)


def _verdict(block: Verdict, values: Values) -> str:
    lines = "\n".join(f"- {_line(line, values)}" for line in block.lines)
    return "\n\n".join(filter(None, (_bold(values.text(block.headline)), lines)))


def _table(block: Table, values: Values) -> str:
    rows = [tuple(values.text(cell) for cell in row) for row in block.rows]
    more = _line(block.more, values)
    return "\n\n".join(filter(None, (_grid(block.columns, rows), more)))


def _score_card(block: ScoreCard, values: Values) -> str:
    headline = f"{_bold(words.score_headline(block, values))}: {words.score_band(block, values)}"
    rows = [
        (line.label, words.points(line, values), number(line.max, 1), values.text(line.because)) for line in block.lines
    ]
    return f"{headline}\n\n{_grid(words.SCORE_COLUMNS, rows)}"


def _checklist(block: Checklist, values: Values) -> str:
    return "\n".join(
        f"- [{'x' if task.done else ' '}] {_line(task.text, values)} ({_escape(words.task_note(task))})"
        for task in block.items
    )


def _timeline(block: Timeline, values: Values) -> str:
    return "\n".join(f"- {words.timeline_mark(event)} {_line(event.text, values)}".rstrip() for event in block.items)


def _draft(block: Draft, values: Values) -> str:
    title = f"### {_line(block.title, values)} ({words.draft_note(block)})"
    return "\n\n".join([title, *(_draft_field(field, values) for field in block.fields)])


def _draft_field(field: DraftField, values: Values) -> str:
    label, content = _bold(f"{field.label}:"), values.text(field.text)
    if field.verbatim:
        return f"{label}\n\n{_fenced(content)}"
    between = "\n\n" if "\n" in content.strip() else " "
    return f"{label}{between}{_paragraphs(content)}".rstrip()


def _citations(block: Citations) -> str:
    sources = "\n".join(
        f"{place}. {_bold(words.citation_title(citation))} ({_escape(words.citation_place(citation))})"
        for place, citation in enumerate(block.items, 1)
    )
    return sources and f"{words.SOURCES}\n\n{sources}"


def _question(block: Question, values: Values) -> str:
    choices = "\n".join(f"- {_escape(choice)}" for choice in block.choices)
    return "\n\n".join(filter(None, (f"{_bold('Question:')} {_line(block.text, values)}", choices)))


def _grid(columns: Iterable[Column], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; rows must be as long as the head, since what is longer would not be shown."""
    columns = tuple(columns)
    rule = ("---:" if column.align == "right" else "---" for column in columns)
    lines = [(_cell(column.label) for column in columns), rule]
    lines += [(_cell(text) for text, _ in zip(row, columns, strict=True)) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _paragraphs(text: str) -> str:
    """Plain text of several lines: line breaks and blank lines are kept."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\\\n".join(_escape(line) for line in part.split("\n")) for part in paragraphs)


def _fenced(text: str) -> str:
    """`text` as it stands, in a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip(chr(10))}\n{fence}"


def _line(text: Text, values: Values) -> str:
    return _escape(values.text(text))


def _bold(text: str) -> str:
    escaped = _escape(text)
    return f"**{escaped}**" if escaped else ""


def _escape(text: str) -> str:
    return _IN_LINE.sub(_backslashed, one_line(text))


def _cell(text: str) -> str:
    return _IN_CELL.sub(_backslashed, one_line(text))


def _backslashed(markup: re.Match[str]) -> str:
    return _PUNCTUATION.sub(r"\\\g<0>", markup[0])
