"""What a model wrote, held against the figures of the turn: a sentence that states anything else is left out.

The model writes a figure as `[[key]]`, or `[[key@account]]` where several accounts have one, and a passage as
`[[passage.1]]`. A reference becomes the figure itself, filled in by the renderer. A number, date or amount in plain
text passes only where it is a figure of the turn (same value, unit, account, and named so), the period of a figure in
the same clause, part of a name or quotation of the turn, or stands in the passage that the sentence cites. See
docs/decisions/0007-model-text.md.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.agent.claims import claims_a_deed
from app.agent.markdown_blocks import markdown_blocks
from app.agent.material import Material
from app.agent.sentence import FIRST_MARK, LAST_MARK, MARK, SENTENCE_END, NotKnown, Sentence
from app.domain.blocks import Block, Citation
from app.domain.figures import Text, text
from app.render.characters import visible

__all__ = ["Material", "Verified", "trimmed", "verify"]

MOST_CHARACTERS = 20_000
"""A longer text is cut before it is read; an answer is a page, not a book."""

_REFERENCE = re.compile(r"\[\[([^\[\]\n]{1,200})\]\]")
_MOST_REFERENCES = ord(LAST_MARK) - ord(FIRST_MARK) + 1


@dataclass(frozen=True, slots=True)
class Verified:
    """The text as blocks, how many sentences were left out, and the passages that it cites."""

    blocks: tuple[Block, ...]
    dropped: int
    cited: tuple[Citation, ...] = ()


def verify(written: str, material: Material) -> Verified:
    """The part of a model's Markdown that states nothing but what the turn knows."""
    check = _Check(material)
    blocks = markdown_blocks(_plain(written[:MOST_CHARACTERS]), check.say)
    return Verified(blocks, check.dropped, tuple(material.passages[n] for n in check.cited))


@dataclass
class _Check:
    """One text's check. `meant` are the accounts that were named last: a reader takes what follows for theirs."""

    material: Material
    meant: tuple[str, ...] = ()
    dropped: int = 0
    cited: list[int] = field(default_factory=list)

    def say(self, words: str, *, about: str = "", row: str = "") -> Text | None:
        """The sentences that pass; None where none does. `row` are words that may name the account meant."""
        marked, references = _marked(words)
        said: list[Text] = []
        about, row = (MARK.sub(" ", _marked(each)[0]) for each in (about, row))
        for sentence, gap in _sentences(marked):
            named = self.material.mentions(f"{row} {about} {MARK.sub(' ', sentence)}")
            self.meant = tuple(dict.fromkeys(account for *_, account in named)) or self.meant
            if claims_a_deed(sentence):
                self.dropped += 1
                continue
            try:
                read = Sentence(self.material, sentence, about, self.meant, references, self._citation)
                said.append(text(read.checked(), gap))
            except NotKnown:
                self.dropped += 1
        return trimmed(text(*said)) if said or not words.strip() else None

    def _citation(self, passage: int) -> int:
        """The number under which a passage is cited: from 1, in the order in which they come."""
        if passage not in self.cited:
            self.cited.append(passage)
        return self.cited.index(passage) + 1


def _plain(words: str) -> str:
    """A text in one Unicode form, nothing invisible in it, and no private character that could pass for a mark."""
    return MARK.sub("", visible(unicodedata.normalize("NFKC", visible(words))))


def _marked(words: str) -> tuple[str, list[str]]:
    """A text with each reference as a mark, and what they refer to. It is made plain anew: Markdown has entities."""
    references: list[str] = []

    def mark(reference: re.Match[str]) -> str:
        references.append(reference[1].strip())
        return chr(ord(FIRST_MARK) + len(references) - 1) if len(references) <= _MOST_REFERENCES else "?"

    return _REFERENCE.sub(mark, _plain(words)), references


def _sentences(words: str) -> Iterator[tuple[str, str]]:
    """The sentences, each with the white space that parts it from the next."""
    start = 0
    for end in SENTENCE_END.finditer(words):
        gap = end.group().lstrip("\"'”’)]")
        yield words[start : end.end() - len(gap)], gap
        start = end.end()
    if words[start:].strip():
        yield words[start:], ""


def trimmed(said: Text) -> Text:
    """Without white space at the end."""
    if said and isinstance(said[-1], str):
        last = said[-1].rstrip()
        return (*said[:-1], last) if last else trimmed(said[:-1])
    return said
