"""Blocks as Slack messages (Block Kit), within Slack's limits.

All text is data. It stands in the text elements of `rich_text` blocks, and nowhere else: Slack shows those as they are
and looks for no mrkdwn, mention, link or escape in them, which it does in `section`, `context` and `markdown` blocks.
So they are not escaped. An address that may be a link (see `links`) is a `link` element, any other is text. The only
text that Slack reads is a message's `text`, for notifications and screen readers: there `&`, `<` and `>` are escaped as
Slack wants, without which no mention or link can begin, and addresses are taken apart, which Slack would link as they
stand; send it with `"mrkdwn": false`.

Tables are Slack's `table` blocks, of which a message can hold one: on a phone they scroll, where preformatted text
falls apart. Those of a few rows are lists, so that few answers take a second message. An answer takes at most three,
since a response_url may be used five times. What does not fit, and sections that are folded, are left out, and the
last message says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citations,
    Column,
    Diagnosis,
    Draft,
    Heading,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    Table,
    Timeline,
    Tone,
    Verdict,
)
from app.domain.figures import Figure, Text
from app.render import diagnosis, words
from app.render.characters import one_line, visible
from app.render.links import LinkHosts, defanged, split_at_links
from app.render.text import to_text
from app.render.values import Values, number

MAX_MESSAGES = 3
"""Of the five uses of a response_url; two are left to try again."""

MAX_BLOCKS = 45
"""Slack allows 50; some are left for what ends a message."""

MESSAGE_CHARACTERS = 7_000
"""Slack names no limit for the sum, and refused messages of 11,000 characters (slackapi/bolt-js, issue 2867)."""

TEXT_CHARACTERS = 3_000
"""The most that Slack documents for any text; longer texts go on in a further block."""

NOTIFICATION_CHARACTERS = 2_000
QUESTION_CHARACTERS = 1_000
LISTED_ROWS = 3
"""A table of so few rows is a list."""

TABLE_ROWS = 100  # with the head
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 6_000
CELL_CHARACTERS = 400
HEAD_CHARACTERS = 200
PLAIN_WIDTH = 80

SHORTENED = "Long cells of a table are shortened."
SEE_ALL = "The service's page and “cse ask” on the command line show all of it."

_TONES: dict[Tone, str | None] = {
    "good": "large_green_circle",
    "warning": "large_yellow_circle",
    "bad": "red_circle",
    "neutral": None,
}

Element = dict[str, Any]
"""A part of Block Kit, as JSON."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `text` is escaped; it is what Slack shows where it cannot show blocks."""

    text: str
    blocks: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A block of a message. One that `opens` says nothing without the block after it."""

    block: Element
    opens: bool = False


def to_messages(
    blocks: Iterable[Block], figures: Iterable[Figure], command: str, link_hosts: LinkHosts = ()
) -> tuple[Message, ...]:
    """The answer, the question at its end. `command` is the slash command with which the user answers it.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`, or a row is not as long as its head.
    """
    blocks, figures = tuple(blocks), tuple(figures)
    page = _Page(figures)
    shown, folded = _unfolded(blocks)
    question = next((block for block in reversed(shown) if isinstance(block, Question)), None)
    parts = [part for block in shown if block is not question for part in page.block(block)]
    ending = list(page.question(question, command)) if question else []
    titles = [page.line(heading.text) for heading in folded]
    if titles:
        page.left_out.append(f"Left out here: {', '.join(titles)}.")
    messages = _messages(_notification(blocks, figures), parts, ending, page.left_out)
    return tuple(replace(message, blocks=_with_links(message.blocks, link_hosts)) for message in messages)


def to_plain_messages(blocks: Iterable[Block], figures: Iterable[Figure]) -> tuple[Message, ...]:
    """The answer as preformatted text: for a Slack that refuses what `to_messages` gives.

    Raises:
        ValueError: see `to_messages`.
    """
    blocks, figures = tuple(blocks), tuple(figures)
    text = to_text(blocks, figures, PLAIN_WIDTH).rstrip("\n")
    return _messages(_notification(blocks, figures), list(_rich("rich_text_preformatted", [_text(text)])), [], [])


def sentence(text: str) -> Message:
    """A message of one sentence, such as an error; what is longer than Slack takes is cut, with an ellipsis."""
    short = _shortened(one_line(text), NOTIFICATION_CHARACTERS) or " "
    return Message(_escaped(short), (_section(_text(short)),))


def _unfolded(blocks: Iterable[Block]) -> tuple[list[Block], list[Heading]]:
    """What is shown, and the headings of the sections that are not. What the reader must see is never in those."""
    shown: list[Block] = []
    folded: list[Heading] = []
    in_folded = False
    for block in blocks:
        if isinstance(block, Heading):
            in_folded = block.folded
            if in_folded:
                folded.append(block)
                continue
        if not in_folded or isinstance(block, Verdict | Notice | Question):
            shown.append(block)
    return shown, folded


# ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _messages(text: str, parts: list[_Part], ending: list[_Part], left_out: list[str]) -> tuple[Message, ...]:
    """The parts spread over as few messages as hold them; `ending` and what was left out stand in the last one."""
    packed = _packed(parts)
    if len(packed) > MAX_MESSAGES:
        packed = packed[:MAX_MESSAGES]
        left_out = ["The answer is too long for Slack; its rest is left out.", *left_out]
    if left_out:
        note = _shortened(f"{' '.join(left_out)} {SEE_ALL}", QUESTION_CHARACTERS)
        ending = [*ending, _Part(_section(_text(note, italic=True)))]
    if not packed and not ending:
        return ()
    packed = packed or [[]]
    packed[-1] = [*packed[-1], *ending]
    texts = [_escaped(_shortened(text, NOTIFICATION_CHARACTERS)), *["The answer goes on."] * (len(packed) - 1)]
    return tuple(Message(t, tuple(part.block for part in message)) for t, message in zip(texts, packed, strict=True))


def _packed(parts: Iterable[_Part]) -> list[list[_Part]]:
    """The parts in messages. A heading goes into the next message with what it is the heading of."""
    messages: list[list[_Part]] = [[]]
    for part in parts:
        if not _fits(messages[-1], part):
            messages.append(_taken_headings(messages[-1]))
        if messages[-1] or part.block["type"] != "divider":
            messages[-1].append(part)
    return [message for message in messages if message]


def _taken_headings(message: list[_Part]) -> list[_Part]:
    """Take the headings off the message's end; no divider is needed above the first of a message."""
    taken: list[_Part] = []
    while message and message[-1].opens:
        taken.insert(0, message.pop())
    return [part for part in taken if part.block["type"] != "divider"]


def _fits(message: list[_Part], part: _Part) -> bool:
    if len(message) >= MAX_BLOCKS or _size([*(p.block for p in message), part.block]) > MESSAGE_CHARACTERS:
        return False
    return part.block["type"] != "table" or all(p.block["type"] != "table" for p in message)


def _notification(blocks: tuple[Block, ...], figures: tuple[Figure, ...]) -> str:
    """The verdict, else the first block that says something, as text."""
    verdicts = (block for block in blocks if isinstance(block, Verdict))
    told = (to_text((block,), figures, NOTIFICATION_CHARACTERS).strip() for block in (*verdicts, *blocks))
    return next(filter(None, told), SEE_ALL)


# ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Page:
    """Turns blocks into parts of messages; collects what it had to leave out."""

    def __init__(self, figures: tuple[Figure, ...]) -> None:
        self.figures = figures
        self.values = Values(figures)
        self.left_out: list[str] = []

    def block(self, block: Block) -> Iterator[_Part]:
        match block:
            case Heading():
                yield _Part({"type": "divider"}, opens=True)
                for part in _rich("rich_text_section", [_text(self.line(block.text), bold=True)]):
                    yield _Part(part.block, opens=True)
            case Verdict():
                yield from self._verdict(block)
            case Paragraph():
                yield from _rich("rich_text_section", [_text(self.values.text(block.text).strip("\n"))])
            case Metrics():
                lines = [self._labelled(item.label, self.line(item.value)) for item in block.items]
                yield from _lines(lines)
            case Table():
                yield from self._table(block)
            case ScoreCard():
                yield from self._score_card(block)
            case Checklist():
                yield from self._checklist(block)
            case Timeline():
                yield from self._timeline(block)
            case Chart():
                yield from _rich("rich_text_section", [_text(self.line(block.title), bold=True)])
                yield from self._table(words.chart_table(block))
            case Draft():
                yield from self._draft(block)
            case Diagnosis():
                yield from self._diagnosis(block)
            case Citations():
                yield from self._citations(block)
            case Notice():
                label = _text(f"{words.NOTICE_LABELS[block.tone]}: ", bold=True)
                yield from _rich("rich_text_quote", [label, _text(self.line(block.text))])
            case Question():
                yield from self.question(block, "")
            case _:
                assert_never(block)

    def question(self, block: Question, command: str) -> Iterator[_Part]:
        """The question, its choices, and how to answer. Cut where it is very long: it must be in the last message."""
        yield from _rich(
            "rich_text_section", [_text(_shortened(self.line(block.text), QUESTION_CHARACTERS), bold=True)]
        )
        choices = _shortened("\n".join(map(one_line, block.choices)), QUESTION_CHARACTERS).split("\n")
        yield from _bullets([_text(choice)] for choice in choices)
        if command:
            yield _Part(_section(_text(f"Answer with {one_line(command)} and your answer.", italic=True)))

    def line(self, text: Text) -> str:
        return one_line(self.values.text(text))

    def _verdict(self, block: Verdict) -> Iterator[_Part]:
        emoji = _TONES[block.tone]
        mark: list[Element] = [{"type": "emoji", "name": emoji}, _text(" ")] if emoji else []
        yield from _rich("rich_text_section", [*mark, _text(self.line(block.headline), bold=True)])
        yield from _bullets([_text(self.line(line))] for line in block.lines)

    def _table(self, block: Table) -> Iterator[_Part]:
        if len(block.columns) > TABLE_COLUMNS:
            yield from _rich("rich_text_preformatted", [_text(to_text((block,), self.figures, PLAIN_WIDTH).rstrip())])
            return
        rows = [
            [one_line(self.values.text(cell)) for cell, _ in zip(row, block.columns, strict=True)] for row in block.rows
        ]
        kept = self._kept_rows(block.columns, rows)
        if len(kept) < len(rows):
            self.left_out.append(f"Of {len(rows):,} rows, {len(rows) - len(kept):,} are left out.")
        if len(rows) <= LISTED_ROWS or not block.columns:
            yield from _bullets(self._listed(block.columns, row) for row in kept)
        else:
            yield _Part(_grid(block.columns, kept))
        yield from _rich("rich_text_section", [_text(self.line(block.more))])

    def _kept_rows(self, columns: tuple[Column, ...], rows: list[list[str]]) -> list[list[str]]:
        """The first rows that fit into a table, their cells shortened."""
        kept: list[list[str]] = []
        characters = sum(min(_length(column.label), HEAD_CHARACTERS) for column in columns)
        for row in rows[: TABLE_ROWS - 1]:
            short = [_shortened(cell, CELL_CHARACTERS) for cell in row]
            characters += sum(map(_length, short))
            if characters > TABLE_CHARACTERS:
                break
            kept.append(short)
            if short != row and SHORTENED not in self.left_out:
                self.left_out.append(SHORTENED)
        return kept

    def _listed(self, columns: tuple[Column, ...], row: list[str]) -> list[Element]:
        """A row as an item of a list: its first cell, then the others with their labels."""
        if not row:
            return []
        first, *others = zip(columns, row, strict=True)
        labelled = [f" · {one_line(column.label)}: {cell}" for column, cell in others if cell]
        return [_text(first[1], bold=True), *map(_text, labelled)]

    def _score_card(self, block: ScoreCard) -> Iterator[_Part]:
        headline = words.score_headline(block, self.values)
        band = f": {words.score_band(block, self.values)}"
        yield from _rich("rich_text_section", [_text(headline, bold=True), _text(band)])
        of = words.SCORE_COLUMNS[2].label.lower()
        items: list[list[Element]] = []
        for line in block.lines:
            points = words.points(line, self.values)
            reached = f"{points} {of} {number(line.max, 1)}" if line.points is not None else points
            because = self.line(line.because)
            items.append(
                [_text(one_line(line.label), bold=True), _text(f" {reached}"), _text(f": {because}" if because else "")]
            )
        yield from _bullets(items)

    def _checklist(self, block: Checklist) -> Iterator[_Part]:
        yield from _bullets(
            [
                _text(f"{'☑' if task.done else '☐'} {self.line(task.text)}"),
                _text(f" ({one_line(words.task_note(task))})", italic=True),
            ]
            for task in block.items
        )

    def _timeline(self, block: Timeline) -> Iterator[_Part]:
        yield from _bullets(
            [_text(words.timeline_mark(event), bold=True), _text(f" {self.line(event.text)}")] for event in block.items
        )

    def _draft(self, block: Draft) -> Iterator[_Part]:
        title = [_text(self.line(block.title), bold=True), _text(f" ({words.draft_note(block)})")]
        lines: list[list[Element]] = [title]
        for field in block.fields:
            content = self.values.text(field.text).strip("\n")
            if not field.verbatim:
                lines.append(self._labelled(field.label, content))
                continue
            yield from _lines([*lines, self._labelled(field.label, "")])
            yield from _rich("rich_text_preformatted", [_text(content)])
            lines = []
        yield from _lines(lines)

    def _diagnosis(self, block: Diagnosis) -> Iterator[_Part]:
        yield from _lines([self._labelled(diagnosis.WHERE, diagnosis.side(block))])
        for label, said in diagnosis.lists(block):
            yield from _lines([self._labelled(label, "")])
            yield from _bullets([_text(self.line(each))] for each in said)
        for place, cause in enumerate(block.hypotheses, 1):
            yield from _lines([[_text(f"{place}. {self.line(diagnosis.headline(block, cause))}", bold=True)]])
            yield from _bullets([_text(self.line(each))] for each in diagnosis.reasons(cause))

    def _citations(self, block: Citations) -> Iterator[_Part]:
        sources = [
            [
                _text(f"{place}. "),
                _text(one_line(words.citation_title(citation)), bold=True),
                _text(f" ({one_line(words.citation_place(citation))})"),
            ]
            for place, citation in enumerate(block.items, 1)
        ]
        if sources:
            yield from _lines([[_text(words.SOURCES)], *sources])

    def _labelled(self, label: str, content: str) -> list[Element]:
        return [_text(f"{one_line(label)}:", bold=True), _text(f" {content}" if content else "")]


# ── Block Kit ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _section(*elements: Element) -> Element:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def _rich(container: str, elements: Iterable[Element]) -> Iterator[_Part]:
    """The elements in as many blocks as their length takes; none where they say nothing."""
    for chunk in _chunks(elements):
        yield _Part({"type": "rich_text", "elements": [{"type": container, "elements": chunk}]})


def _lines(lines: Iterable[list[Element]]) -> Iterator[_Part]:
    """Lines of text, one below the other."""
    elements: list[Element] = []
    for line in lines:
        elements += [_text("\n"), *line] if elements else line
    yield from _rich("rich_text_section", elements)


def _bullets(items: Iterable[Iterable[Element]]) -> Iterator[_Part]:
    """A list; a long one goes on in a further block, and so does a long item in a further item."""
    held: list[Element] = []
    for item in (chunk for elements in items for chunk in _chunks(elements)):
        section = {"type": "rich_text_section", "elements": item}
        if held and _size([*held, section]) > TEXT_CHARACTERS:
            yield _bullet_list(held)
            held = []
        held.append(section)
    if held:
        yield _bullet_list(held)


def _bullet_list(items: list[Element]) -> _Part:
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": items}
    return _Part({"type": "rich_text", "elements": [bullets]})


def _grid(columns: tuple[Column, ...], rows: list[list[str]]) -> Element:
    head = [_cell(_shortened(one_line(column.label), HEAD_CHARACTERS), bold=True) for column in columns]
    settings = [
        {"align": "right"} if column.align == "right" else {"align": "left", "is_wrapped": True} for column in columns
    ]
    return {
        "type": "table",
        "column_settings": settings,
        "rows": [head, *([_cell(cell) for cell in row] for row in rows)],
    }


def _cell(text: str, *, bold: bool = False) -> Element:
    return _section(_text(text or " ", bold=bold))  # Slack refuses an empty text


def _with_links(part: Any, link_hosts: LinkHosts) -> Any:
    """Blocks, or what is within them, with the addresses that may be links as such."""
    if isinstance(part, (list, tuple)):
        return type(part)(each for element in part for each in _linked(element, link_hosts))
    if isinstance(part, dict):
        return {key: _with_links(value, link_hosts) for key, value in part.items()}
    return part


def _linked(element: Any, link_hosts: LinkHosts) -> Iterator[Any]:
    if not (isinstance(element, dict) and element.get("type") == "text"):
        yield _with_links(element, link_hosts)
        return
    for text, is_link in split_at_links(element["text"], link_hosts):
        style = {"style": element["style"]} if "style" in element else {}
        yield {"type": "link", "url": text, **style} if is_link else {**element, "text": text}


def _chunks(elements: Iterable[Element]) -> Iterator[list[Element]]:
    """The elements in runs of at most TEXT_CHARACTERS, texts parted where a word ends; nothing is lost.

    Empty texts, which Slack refuses, and runs without a word are left out.
    """
    chunk: list[Element] = []
    for element in elements:
        rest = element.get("text")
        if rest is None:
            chunk.append(element)
            continue
        while rest:
            room = TEXT_CHARACTERS - _size(chunk)
            head, rest = _parted(rest, room) if _length(rest) > room else (rest, "")
            if head:
                chunk.append({**element, "text": head})
            if rest:
                yield from _with_words(chunk)
                chunk = []
    yield from _with_words(chunk)


def _with_words(chunk: list[Element]) -> Iterator[list[Element]]:
    if any(element.get("text", "").strip() for element in chunk):
        yield chunk


def _parted(text: str, room: int) -> tuple[str, str]:
    """The text's beginning of at most `room`, up to the end of a line or word where there is one, and its rest."""
    head = _within(text, room)
    end = max(head.rfind("\n"), head.rfind(" ")) + 1
    cut = end if end > len(head) // 2 else len(head)
    return text[:cut], text[cut:]


def _shortened(text: str, most: int) -> str:
    return text if _length(text) <= most else f"{_within(text, most - 1).rstrip()}…"


def _within(text: str, most: int) -> str:
    head = text[:most]
    while _length(head) > most:
        head = head[: -((_length(head) - most + 1) // 2)]
    return head


def _length(text: str) -> int:
    """Characters as Slack may count them: in UTF-16, where an emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _size(part: Any) -> int:
    """Characters of all texts within."""
    if isinstance(part, dict):
        return sum(_length(value) if key == "text" else _size(value) for key, value in part.items())
    return sum(map(_size, part)) if isinstance(part, list) else 0


def _escaped(text: str) -> str:
    return defanged(visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
