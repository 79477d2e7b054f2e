"""The summary of a thread of messages by its own sentences, folded."""

import re
from collections.abc import Iterator

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.reading.threads import summarise_thread

NOT_TOLD = "not told"

_ADDRESS = re.compile(r"<[^<>]*>")


def threads_section(case: Case, *, sees_people: bool) -> Iterator[Block]:
    """The sentences of each thread that tell most, with who wrote them where the caller may see that."""
    for artifact in case.artifacts:
        told = summarise_thread(artifact.text, case.parameters.shown.sentences) if artifact.kind == "thread" else ()
        if not told:
            continue
        name = artifact.name or f"pasted from line {artifact.first}"
        yield Heading(text=text(f"Thread summary: {name}"), folded=True)
        rows = tuple((text(_name(who, sees_people=sees_people)), text(sentence)) for who, sentence in told)
        yield Table(columns=(Column(label="Who"), Column(label="In their words")), rows=rows)


def _name(who: str, *, sees_people: bool) -> str:
    """The writer without the mail address."""
    return _ADDRESS.sub("", who).strip() if sees_people and who else NOT_TOLD
