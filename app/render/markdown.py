"""Blocks as Markdown: CommonMark with GitHub's tables and task lists.

All text is data. What Markdown would read as markup in it is escaped, and nothing else, so that it stays readable.
There are no images. An address is a link where `links` lets it be one. Any other that a reader of Markdown would make a
link of is written as code: some readers undo escapes before they look for addresses, and none looks into code.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citations,
    Column,
    Diagnosis,
    Draft,
    DraftField,
    Heading,
    Hypothesis,
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
from app.render import diagnosis, words
from app.render.characters import one_line
from app.render.links import ADDRESS, LinkHosts, is_live
from app.render.values import Values, number

_SIGNS = r"""
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
_MARKUP = rf"(?P<address>{ADDRESS}) | \\(?={ADDRESS}) | {_SIGNS}"  # an address begins with a sign when it is written
_IN_LINE = re.compile(_MARKUP, re.VERBOSE | re.IGNORECASE)
_IN_CELL = re.compile(_MARKUP + r"| \|", re.VERBOSE | re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_BACKTICKS = re.compile("`+")


class _Page:
    """What every block is written with: the figures' values, and escapes that let links to `hosts` live."""

    def __init__(self, values: Values, hosts: LinkHosts) -> None:
        self.values = values
        self._hosts = hosts

    def text(self, text: Text) -> str:
        return self.values.text(text)

    def line(self, text: Text) -> str:
        return self.escape(self.values.text(text))

    def bold(self, text: str) -> str:
        escaped = self.escape(text)
        return f"**{escaped}**" if escaped else ""

    def escape(self, text: str) -> str:
        return _IN_LINE.sub(self._as_text, one_line(text))

    def cell(self, text: str) -> str:
        return _IN_CELL.sub(self._as_text, one_line(text))

    def _as_text(self, found: re.Match[str]) -> str:
        address = found["address"]
        if address is None:
            return _PUNCTUATION.sub(r"\\\g<0>", found[0])
        return f"<{address}>" if is_live(address, self._hosts) else f"`{address}`"


def to_markdown(blocks: Iterable[Block], figures: Iterable[Figure], hosts: LinkHosts = ()) -> str:
    """The blocks as Markdown, with a blank line between them. Addresses at `hosts` are links.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`.
    """
    page = _Page(Values(figures), hosts)
    parts = [part for block in blocks if (part := _block(block, page))]
    return "\n\n".join(parts) + "\n" if parts else ""


def _block(block: Block, page: _Page) -> str:
    match block:
        case Heading():
            return f"## {page.line(block.text)}"
        case Verdict():
            return _verdict(block, page)
        case Paragraph():
            return _paragraphs(page.text(block.text), page)
        case Metrics():
            return " · ".join(f"{page.bold(f'{m.label}:')} {page.line(m.value)}" for m in block.items)
        case Table():
            return _table(block, page)
        case ScoreCard():
            return _score_card(block, page)
        case Checklist():
            return _checklist(block, page)
        case Timeline():
            return _timeline(block, page)
        case Chart():
            return f"{page.bold(page.text(block.title))}\n\n{_table(words.chart_table(block), page)}"
        case Draft():
            return _draft(block, page)
        case Diagnosis():
            return _diagnosis(block, page)
        case Citations():
            return _citations(block, page)
        case Notice():
            return f"> {page.bold(words.NOTICE_LABELS[block.tone] + ':')} {page.line(block.text)}"
        case Question():
            return _question(block, page)
        case _:
            assert_never(block)


def _verdict(block: Verdict, page: _Page) -> str:
    return "\n\n".join(filter(None, (page.bold(page.text(block.headline)), _bullets(block.lines, page))))


def _table(block: Table, page: _Page) -> str:
    rows = [tuple(page.text(cell) for cell in row) for row in block.rows]
    more = page.line(block.more)
    return "\n\n".join(filter(None, (_grid(block.columns, rows, page), more)))


def _score_card(block: ScoreCard, page: _Page) -> str:
    headline = f"{page.bold(words.score_headline(block, page.values))}: {words.score_band(block, page.values)}"
    rows = [
        (line.label, words.points(line, page.values), number(line.max, 1), page.text(line.because))
        for line in block.lines
    ]
    return f"{headline}\n\n{_grid(words.SCORE_COLUMNS, rows, page)}"


def _checklist(block: Checklist, page: _Page) -> str:
    return "\n".join(
        f"- [{'x' if task.done else ' '}] {page.line(task.text)} ({page.escape(words.task_note(task))})"
        for task in block.items
    )


def _timeline(block: Timeline, page: _Page) -> str:
    return "\n".join(f"- {words.timeline_mark(event)} {page.line(event.text)}".rstrip() for event in block.items)


def _draft(block: Draft, page: _Page) -> str:
    title = f"### {page.line(block.title)} ({words.draft_note(block)})"
    return "\n\n".join([title, *(_draft_field(field, page) for field in block.fields)])


def _draft_field(field: DraftField, page: _Page) -> str:
    label, content = page.bold(f"{field.label}:"), page.text(field.text)
    if field.verbatim:
        return f"{label}\n\n{_fenced(content)}"
    between = "\n\n" if "\n" in content.strip() else " "
    return f"{label}{between}{_paragraphs(content, page)}".rstrip()


def _diagnosis(block: Diagnosis, page: _Page) -> str:
    side = f"{page.bold(diagnosis.WHERE + ':')} {page.escape(diagnosis.side(block))}"
    lists = (f"{page.bold(label + ':')}\n\n{_bullets(said, page)}" for label, said in diagnosis.lists(block))
    causes = (_cause(f"{place}. ", block, cause, page) for place, cause in enumerate(block.hypotheses, 1))
    return "\n\n".join(filter(None, (side, *lists, "\n".join(causes))))


def _cause(marker: str, block: Diagnosis, cause: Hypothesis, page: _Page) -> str:
    head = f"{marker}{page.bold(page.text(diagnosis.headline(block, cause)))}"
    return "\n".join((head, *(f"{' ' * len(marker)}- {page.line(each)}" for each in diagnosis.reasons(cause))))


def _bullets(lines: Iterable[Text], page: _Page) -> str:
    return "\n".join(f"- {page.line(line)}" for line in lines)


def _citations(block: Citations, page: _Page) -> str:
    sources = "\n".join(
        f"{place}. {page.bold(words.citation_title(citation))} ({page.escape(words.citation_place(citation))})"
        for place, citation in enumerate(block.items, 1)
    )
    return sources and f"{words.SOURCES}\n\n{sources}"


def _question(block: Question, page: _Page) -> str:
    choices = "\n".join(f"- {page.escape(choice)}" for choice in block.choices)
    return "\n\n".join(filter(None, (f"{page.bold('Question:')} {page.line(block.text)}", choices)))


def _grid(columns: Iterable[Column], rows: Iterable[tuple[str, ...]], page: _Page) -> str:
    """A table; rows must be as long as the head, since what is longer would not be shown."""
    columns = tuple(columns)
    rule = ("---:" if column.align == "right" else "---" for column in columns)
    lines = [(page.cell(column.label) for column in columns), rule]
    lines += [(page.cell(text) for text, _ in zip(row, columns, strict=True)) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _paragraphs(text: str, page: _Page) -> str:
    """Plain text of several lines: line breaks and blank lines are kept."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\\\n".join(page.escape(line) for line in part.split("\n")) for part in paragraphs)


def _fenced(text: str) -> str:
    """`text` as it stands, in a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip(chr(10))}\n{fence}"
