"""A passage of the knowledge base as blocks: its Markdown is read, not passed on, so a document cannot bring markup."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from app.domain.blocks import Block, Column, Draft, DraftField, Paragraph, Table
from app.domain.figures import text

INLINE = ("inline", "strong", "em", "link", "image", "s")


def passage_blocks(markdown: str) -> tuple[Block, ...]:
    """Paragraphs, lists as lines, tables and code; headings are left out, since the citation names them."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    return tuple(block for node in tree.children for block in _blocks(node))


def _blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    match node.type:
        case "heading" | "hr":
            return
        case "table":
            yield _table(node)
        case "fence" | "code_block":
            code = DraftField(label="Code", text=text(node.content.rstrip("\n")), verbatim=True)
            yield Draft(title=text("Example"), audience="internal", fields=(code,))
        case "bullet_list" | "ordered_list":
            yield Paragraph(text=text("\n".join(_items(node))))
        case _:
            if words := _words(node):
                yield Paragraph(text=text(words))


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    for number, item in enumerate(node.children, start=1):
        marker = f"{number}." if node.type == "ordered_list" else "–"
        yield f"{marker} {_words(item)}"


def _table(node: SyntaxTreeNode) -> Table:
    rows = [[_words(cell) for cell in row.children] for part in node.children for row in part.children]
    head, body = rows[0], rows[1:]
    return Table(
        columns=tuple(Column(label=label) for label in head),
        rows=tuple(tuple(text(cell) for cell in row) for row in body),
    )


def _words(node: SyntaxTreeNode) -> str:
    """The text of a node without its markup; parts of a block are separated by spaces."""
    if node.type in ("text", "code_inline", "fence", "code_block", "html_block", "html_inline"):
        return node.content.strip("\n")
    if node.type in ("softbreak", "hardbreak"):
        return " "
    separator = "" if node.type in INLINE else " "
    return separator.join(_words(child) for child in node.children)
