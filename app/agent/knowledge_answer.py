"""Free text without a model: the closest passages, word for word, or what can be asked instead."""

from collections.abc import Mapping
from typing import Any

from app.agent import help_page
from app.agent.markdown_blocks import passage_blocks
from app.domain.blocks import Block, Citations, Heading, Verdict
from app.domain.command import Command
from app.domain.figures import text
from app.retrieval.search import Passage, SearchResult

PASSAGES_SHOWN = 3
LEAST_SHARE_OF_BEST = 0.8
"""A further passage is shown where it scores at least this share of the best."""


def blocks(found: SearchResult, commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to free text, by how sure the search is that the knowledge base covers it."""
    if found.outcome == "handover" or not found.results:
        return help_page.unanswered(commands)
    shown = _shown(found)
    if found.outcome == "answer":
        verdict = Verdict(tone="neutral", headline=text(f"From the knowledge base: {shown[0].title}"))
    else:
        doubt = text("This is the closest I found; it may not answer your question.")
        verdict = Verdict(tone="warning", headline=text(f"Perhaps: {shown[0].title}"), lines=(doubt,))
    return (verdict, *(block for passage in shown for block in _passage(passage)), Citations(items=shown))


def _shown(found: SearchResult) -> tuple[Passage, ...]:
    least = found.results[0].score * LEAST_SHARE_OF_BEST
    return tuple(passage for passage in found.results[:PASSAGES_SHOWN] if passage.score >= least)


def _passage(passage: Passage) -> tuple[Block, ...]:
    name = f"{passage.title}: {passage.heading}" if passage.heading else passage.title
    return (Heading(text=text(name)), *passage_blocks(passage.text))
