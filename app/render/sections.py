"""An answer as the sections of a document. One for colleagues ends with where its figures come from."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from app.domain.blocks import Block, Draft, Heading, Notice
from app.domain.disclosure_blocks import refs_of
from app.domain.figures import Evidence, Figure
from app.render import words
from app.render.characters import one_line
from app.render.document import Part, Prose, Section
from app.render.parts import Parts, cut, grid_of
from app.render.values import show

MOST_OF_ALL = 400_000
"""Characters, of a document."""

MOST_FIGURES = 12
"""With formula and evidence, in an answer for colleagues."""

SUMMARY, NOTES = "Summary", "Notes"
ORIGINS = "Where the figures come from"
_LONGEST_FORMULA = 240
_LONGEST_ID = 24


def sections_of(blocks: Sequence[Block], figures: Iterable[Figure], *, internal: bool) -> tuple[Section, ...]:
    """The answer's sections. One for colleagues ends with where its figures come from.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`.
    """
    figures = tuple(figures)
    pages = _Sections(figures, internal=internal)
    for block in blocks:
        pages.add(block)
    found = pages.sections()
    return _bounded((*found, *_origins(blocks, figures)) if internal else found)


class _Sections:
    """Sorts parts into sections. A heading begins one, and so does a draft, which ends with itself."""

    def __init__(self, figures: tuple[Figure, ...], *, internal: bool) -> None:
        self._parts = Parts(figures)
        self._internal = internal
        self._title = ""
        self._found: list[tuple[str, list[Part]]] = []
        self._is_open = False

    def add(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._title, self._is_open = self._parts.line(block.text), False
        elif isinstance(block, Draft):
            self._begin(self._draft_title(block))
            self._put(self._parts.of(block))
            self._is_open = False
        else:
            if not self._is_open:
                self._begin(self._title or (NOTES if isinstance(block, Notice) else SUMMARY))
            self._put(self._parts.of(block))

    def sections(self) -> tuple[Section, ...]:
        return tuple(Section(title, tuple(parts)) for title, parts in self._found if parts)

    def _begin(self, title: str) -> None:
        self._found.append((title, []))
        self._is_open = True

    def _put(self, parts: Iterable[Part]) -> None:
        self._found[-1][1].extend(parts)

    def _draft_title(self, draft: Draft) -> str:
        title = self._parts.line(draft.title)
        return f"{title} ({words.draft_note(draft)})" if self._internal else title


def _origins(blocks: Sequence[Block], figures: tuple[Figure, ...]) -> Iterator[Section]:
    """The figures that the blocks state, in that order, with formula and evidence."""
    by_ref = {(figure.key, figure.account_id): figure for figure in reversed(figures)}
    refs = dict.fromkeys((ref.figure, ref.account_id) for block in blocks for ref in refs_of(block))
    stated = [by_ref[ref] for ref in refs if ref in by_ref]
    several = len({figure.account_id for figure in stated}) > 1
    head = ["Figure", *(["Account"] if several else []), "Value", "Formula", "From"]
    rows = [_origin(figure, several=several) for figure in stated[:MOST_FIGURES]]
    rest = len(stated) - MOST_FIGURES
    note = f"{rest:,} further figures are left out; the export to Excel has them." if rest > 0 else ""
    right = [label == "Value" for label in head]
    if parts := tuple(grid_of(head, right, rows, note)):
        yield Section(ORIGINS, parts)


def _origin(figure: Figure, *, several: bool) -> tuple[str, ...]:
    whose = (one_line(figure.account_id or ""),) if several else ()
    formula = cut(one_line(figure.formula), _LONGEST_FORMULA)
    return one_line(figure.label), *whose, one_line(show(figure)), formula, _evidence(figure.evidence)


def _evidence(evidence: Sequence[Evidence]) -> str:
    """How many records of which kind, or which one."""
    told = []
    for kind, group in itertools.groupby(evidence, key=lambda each: each.kind):
        found = list(group)
        count = sum(1 if each.count is None else each.count for each in found)
        row_id = found[0].id or ""
        is_told = count == 1 and 0 < len(row_id) <= _LONGEST_ID
        told.append(f"{kind} {row_id}" if is_told else f"{count:,} × {kind}")
    return one_line(", ".join(told))


def _bounded(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """As many sections as fit; the last one says what is left out."""
    total = 0
    for place, section in enumerate(sections):
        total += len(repr(section))
        if total > MOST_OF_ALL and place:
            rest = f"{len(sections) - place:,} further sections are left out; the export as Markdown has all of them."
            return (*sections[:place], Section("What is left out", (Prose(rest),)))
    return sections
