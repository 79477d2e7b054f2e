"""A recorded answer as a document to keep or pass on."""

import asyncio
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, assert_never

from app.domain.blocks import Paragraph
from app.domain.events import Answer
from app.domain.problems import Conflict
from app.render.cells import figures_of, tables_of
from app.render.csv_file import to_csv
from app.render.links import LinkHosts
from app.render.markdown import to_markdown
from app.render.spreadsheet import to_xlsx
from app.resources import turns
from app.runtime import Runtime
from app.security.principals import Principal

Format = Literal["md", "csv", "xlsx"]

MEDIA_TYPES: dict[Format, str] = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_GAP = re.compile(r"[^\w.]+|\.{2,}")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Export:
    """`file_name` is letters, digits, dots, hyphens and underscores, of any script."""

    file_name: str
    media_type: str
    content: bytes


async def export(runtime: Runtime, principal: Principal, turn_id: str, form: Format) -> Export:
    """The answer of a turn of the caller's. It holds what the answer holds, and was written for the same readers.

    Raises:
        NotFound: no such turn of this caller.
        Conflict: the turn has no answer (`no_answer`).
    """
    turn = await turns.get(runtime, principal, turn_id)
    if turn.answer is None:
        raise Conflict("This turn has no answer to export; ask again, or wait until it has ended.", code="no_answer")
    content = await asyncio.to_thread(_content, turn.answer, form, turn.started_at, runtime.settings.link_hosts)
    return Export(_file_name(turn.answer, form), MEDIA_TYPES[form], content)


def _content(answer: Answer, form: Format, asked_at: dt.datetime, link_hosts: LinkHosts) -> bytes:
    match form:
        case "md":
            about = Paragraph(text=" · ".join(_about(answer)))
            text = to_markdown((about, *answer.blocks), answer.figures, link_hosts)
            return (text if answer.blocks else f"{text}\n{answer.text}\n").encode()
        case "csv":
            return to_csv(tables_of(answer.blocks, answer.figures) or [figures_of(answer.figures)])
        case "xlsx":
            sheets = (*tables_of(answer.blocks, answer.figures), figures_of(answer.figures))
            return to_xlsx(sheets, asked_at)
        case _:
            assert_never(form)


def _about(answer: Answer) -> list[str]:
    """What the answer is about and as of when."""
    command = f"/{answer.command}" if answer.command else "Answer"
    day = f"as of {answer.as_of}" if answer.as_of else None
    return [part for part in (command, answer.account_id, day) if part]


def _file_name(answer: Answer, form: Format) -> str:
    """Such as health-acme-2026-01-31.csv; nothing in it is a path or ends a header."""
    parts = (answer.command or "answer", answer.account_id, answer.as_of)
    words = (word.strip(".") for part in parts if part for word in _GAP.split(str(part)))
    name = "-".join(filter(None, words))[:_LONGEST_NAME].strip("-.")
    return f"{name}.{form}"
