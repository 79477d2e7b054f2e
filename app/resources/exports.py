"""A recorded answer as a document to keep or pass on."""

import asyncio
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, assert_never

from app.domain.blocks import Block, Heading, Paragraph
from app.domain.disclosure import DisclosureRules
from app.domain.disclosure_blocks import is_to_colleague
from app.domain.events import Answer
from app.domain.figures import text
from app.domain.problems import AccountNotFound, Conflict
from app.render.cells import figures_of, tables_of
from app.render.characters import one_line
from app.render.csv_file import to_csv
from app.render.document import About
from app.render.links import LinkHosts
from app.render.markdown import to_markdown
from app.render.pdf import to_pdf
from app.render.sections import sections_of
from app.render.slides import to_pptx
from app.render.spreadsheet import to_xlsx
from app.resources import accounts, turns
from app.runtime import Runtime
from app.security.principals import Principal

Format = Literal["md", "csv", "xlsx", "pptx", "pdf"]

_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: dict[Format, str] = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "pdf": "application/pdf",
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

    Of an answer for a customer it is what the customer reads, without what was said to the colleague who asked.

    Raises:
        NotFound: no such turn of this caller.
        Conflict: the turn has no answer, or none for its customer (`no_answer`).
    """
    turn = await turns.get(runtime, principal, turn_id)
    if turn.answer is None:
        raise Conflict("This turn has no answer to export; ask again, or wait until it has ended.", code="no_answer")
    answer = turn.answer.model_copy(update={"blocks": _blocks(turn.answer, runtime.disclosure)})
    if answer.audience == "customer" and not answer.blocks:
        raise Conflict(
            "This answer holds nothing for a customer; export one for colleagues (audience internal).", code="no_answer"
        )
    name = await _name(runtime, principal, answer.account_id)
    command = runtime.commands.get(answer.command or "")
    about = _front(answer, turn.started_at, name, command.document_title if command else "")
    content = await asyncio.to_thread(_content, answer, form, about, runtime.settings.link_hosts)
    return Export(_file_name(answer, form), MEDIA_TYPES[form], content)


def _blocks(answer: Answer, rules: DisclosureRules) -> tuple[Block, ...]:
    """What the answer's reader is to read: of one for a customer nothing that is said to the colleague."""
    if answer.audience != "customer":
        return answer.blocks
    left_out = Heading(text=text(rules.told.left_out))
    end = answer.blocks.index(left_out) if left_out in answer.blocks else len(answer.blocks)
    return tuple(block for block in answer.blocks[:end] if not is_to_colleague(block))


async def _name(runtime: Runtime, principal: Principal, account_id: str | None) -> str | None:
    """What the account is called; its id where it is there no more."""
    if account_id is None:
        return None
    try:
        return (await accounts.get(runtime, principal, account_id)).name
    except AccountNotFound:
        return account_id


def _content(answer: Answer, form: Format, front: About, link_hosts: LinkHosts) -> bytes:
    match form:
        case "md":
            about = Paragraph(text=" · ".join(_about(answer)))
            said = to_markdown((about, *answer.blocks), answer.figures, link_hosts)
            return (said if answer.blocks else f"{said}\n{answer.text}\n").encode()
        case "csv":
            return to_csv(tables_of(answer.blocks, answer.figures) or [figures_of(answer.figures)])
        case "xlsx":
            sheets = (*tables_of(answer.blocks, answer.figures), figures_of(answer.figures))
            return to_xlsx(sheets, front.at)
        case "pptx" | "pdf":
            blocks = answer.blocks or (Paragraph(text=text(answer.text)),)
            sections = sections_of(blocks, answer.figures, internal=answer.audience == "internal")
            made = to_pptx if form == "pptx" else to_pdf
            return made(front, sections)
        case _:
            assert_never(form)


def _about(answer: Answer) -> list[str]:
    """What the answer is about and as of when."""
    command = f"/{answer.command}" if answer.command else "Answer"
    day = f"as of {answer.as_of}" if answer.as_of else None
    asked = command if answer.audience == "internal" else None
    return [part for part in (asked, answer.account_id, day) if part]


def _front(answer: Answer, asked_at: dt.datetime, name: str | None, called: str) -> About:
    """A document's title and feet. A customer's says nothing of how it was asked for."""
    command = f"/{answer.command}" if answer.command else None
    title = one_line(name or called or (answer.command or "answer").capitalize())
    day = f"as of {answer.as_of}" if answer.as_of else None
    lines = [called or None, day and day.capitalize()]
    foot = [title, day]
    if answer.audience == "internal":
        lines = [called or command, *lines[1:], "Internal: not for the customer"]
        foot = [title, command, day, "internal"]
    return About(title, "\n".join(filter(None, lines)), " · ".join(filter(None, foot)), asked_at)


def _file_name(answer: Answer, form: Format) -> str:
    """Such as health-acme-2026-01-31.csv; nothing in it is a path or ends a header."""
    command = (answer.command or "answer") if answer.audience == "internal" else None
    parts = (command, answer.account_id, answer.as_of)
    words = (word.strip(".") for part in parts if part for word in _GAP.split(str(part)))
    name = "-".join(filter(None, words))[:_LONGEST_NAME].strip("-.")
    return f"{name or 'answer'}.{form}"
