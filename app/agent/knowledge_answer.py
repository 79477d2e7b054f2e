"""Free text without a model: the closest passages, word for word, or what can be asked instead."""

from collections.abc import Mapping
from typing import Any

from app.agent import help_page
from app.domain.blocks import Block, Citations, Paragraph, Verdict
from app.domain.command import Command
from app.domain.figures import text
from app.retrieval.search import SearchResult

PASSAGES_SHOWN = 3


def blocks(found: SearchResult, commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to free text, by how sure the search is that the knowledge base covers it."""
    citations = found.results[:PASSAGES_SHOWN]
    if found.outcome == "handover" or not citations:
        return (
            Verdict(
                tone="warning",
                headline=text("The knowledge base has no answer to that."),
                lines=(text("No language model is set, so I answer commands and look up articles. What I can do:"),),
            ),
            *help_page.overview(commands)[1:],
        )
    best = citations[0]
    sure = found.outcome == "answer"
    headline = f"From the article “{best.title}”, {best.heading}:" if best.heading else f"From “{best.title}”:"
    return (
        Verdict(
            tone="neutral" if sure else "warning",
            headline=text(headline),
            lines=() if sure else (text("This is the closest I found; it may not answer your question."),),
        ),
        Paragraph(text=text(best.text)),
        Citations(items=citations),
    )
