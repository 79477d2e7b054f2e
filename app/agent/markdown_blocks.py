"""Somebody's Markdown as blocks: it is read, not passed on, so neither a document nor a model can bring markup."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from app.domain.blocks import Block, Column, Draft, DraftField, Heading, Paragraph, Table
from app.domain.figures import Text, text

INLINE = ("inline", "strong", "em", "link", "image", "s")


class Say(Protocol):
    """Says a plain text, as blocks hold it; None leaves it out.

    `about` are words that it is to be read with, `row` all the words of its table's row.
    """

    def __call__(self, words: str, *, about: str = "", row: str = "") -> Text | None: ...


def passage_blocks(markdown: str) -> tuple[Block, ...]:
    """A passage word for word; headings are left out, since the citation names them."""
    return tuple(block for block in markdown_blocks(markdown, _as_it_is) if block.type != "heading")


def _as_it_is(words: str, *, about: str = "", row: str = "") -> Text:
    return text(words)


def markdown_blocks(markdown: str, say: Say) -> tuple[Block, ...]:
    """Headings, paragraphs, lists as lines, tables and code, each text as `say` says it."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    return tuple(block for node in tree.children for block in _blocks(node, say))


def _blocks(node: SyntaxTreeNode, say: Say) -> Iterator[Block]:
    match node.type:
        case "hr":
            return
        case "table":
            yield from _table(node, say)
        case "fence" | "code_block":
            if said := say(node.content.rstrip("\n")):
                code = DraftField(label="Code", text=said, verbatim=True)
                yield Draft(title=text("Example"), audience="internal", fields=(code,))
        case "bullet_list" | "ordered_list":
            if items := _items(node, say):
                yield Paragraph(text=_lines(items))
        case "heading":
            if said := say(_words(node)):
                yield Heading(text=said)
        case _:
            if (words := _words(node)) and (said := say(words)):
                yield Paragraph(text=said)


def _items(node: SyntaxTreeNode, say: Say) -> list[Text]:
    said = [item for child in node.children if (item := say(_words(child)))]
    numbered = node.type == "ordered_list"
    return [text(f"{number}. " if numbered else "– ", item) for number, item in enumerate(said, start=1)]


def _lines(items: Sequence[Text]) -> Text:
    return text(*(part for item in items for part in ("\n", item)))[1:]


def _table(node: SyntaxTreeNode, say: Say) -> Iterator[Table]:
    """A row with a cell that is not said is left out; cells are read with their row's and column's names."""
    rows = [[_words(cell) for cell in row.children] for part in node.children for row in part.children]
    head = [_label(say(label)) for label in rows[0]]
    body = [
        tuple(
            say(cell, about=f"{row[0]} {label}" if place else label, row=" ".join(row))
            for place, (label, cell) in enumerate(cells)
        )
        for row in rows[1:]
        for cells in [list(zip(rows[0], row, strict=True))]
    ]
    said = tuple(tuple(cell for cell in row if cell is not None) for row in body if None not in row)
    labels = [label for label in head if label is not None]
    if said and len(labels) == len(head):
        yield Table(columns=tuple(Column(label=label) for label in labels), rows=said)


def _label(said: Text | None) -> str | None:
    """A text as a column's label, which holds no figures."""
    words = [span for span in said or () if isinstance(span, str)]
    return "".join(words) if said is not None and len(words) == len(said) else None


def _words(node: SyntaxTreeNode) -> str:
    """The text of a node without its markup; parts of a block are separated by spaces."""
    if node.type in ("text", "code_inline", "fence", "code_block", "html_block", "html_inline"):
        return node.content.strip("\n")
    if node.type in ("softbreak", "hardbreak"):
        return " "
    separator = "" if node.type in INLINE else " "
    return separator.join(_words(child) for child in node.children)
