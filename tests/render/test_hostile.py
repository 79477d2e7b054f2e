"""Every rendering of every hostile string: links to listed hosts alone, no image, formula or markup, nothing hidden."""

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.agent.markdown_blocks import passage_blocks
from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citation,
    Citations,
    Column,
    Draft,
    DraftField,
    Heading,
    Metric,
    Metrics,
    Notice,
    Paragraph,
    Question,
    Series,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.figures import Evidence, Figure, Ref, text
from app.domain.redact import mask_secrets
from app.render.cells import figures_of, tables_of
from app.render.characters import visible
from app.render.csv_file import to_csv
from app.render.markdown import to_markdown
from app.render.slack import Message, sentence, to_messages, to_plain_messages
from app.render.spreadsheet import to_xlsx
from app.render.text import to_text
from tests.hostile.strings import PLACES, STRINGS, Hostile
from tests.render.every_block import diagnosis
from tests.render.test_cells import XML, book, parsed
from tests.render.test_markdown import LINKED_BY_SOME_READER, READERS, Seen

AS_OF = dt.date(2026, 1, 31)
HOSTS = ("docs.cse.example",)
MARKUP_OF_OURS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "br", "blockquote", "pre", "code"} | {
    "table", "thead", "tbody", "tr", "th", "td"
}  # fmt: skip
AUTOLINKED = re.compile(r"https?://\w|\bwww\.\w", re.IGNORECASE)

every_string = pytest.mark.parametrize("hostile", STRINGS, ids=lambda hostile: hostile.id)


def answer(words: str) -> tuple[tuple[Block, ...], tuple[Figure, ...]]:
    """An answer with the words at every place that a text can stand at, as a figure and as an article too."""
    figure = Figure(
        key=f"feedback.{words}.rice",
        label=words,
        value=words,
        unit="text",
        account_id=words,
        as_of=AS_OF,
        formula=words,
        evidence=(Evidence(kind="tickets", id=words),),
    )
    table = Table(
        columns=(Column(label=words), Column(label="B", align="right")),
        rows=((text(words), text(figure)), (text("x ", words), text(words))),
        more=text(words),
    )
    series = Series(label=words, points=(Ref(figure=figure.key, account_id=words),))
    fields = (DraftField(label=words, text=text(words)), DraftField(label="Log", text=text(words), verbatim=True))
    blocks: tuple[Block, ...] = (
        Verdict(tone="bad", headline=text(words), lines=(text(words),)),
        Heading(text=text(words)),
        Paragraph(text=text(words, figure)),
        Metrics(items=(Metric(label=words, value=text(figure)),)),
        table,
        Checklist(items=(Task(text=text(words), owner=words, due=AS_OF),)),
        Timeline(items=(TimelineEvent(on=AS_OF, text=text(words)),)),
        Chart(title=text(words), form="bar", labels=(words,), series=(series,), note=text(words)),
        Draft(title=text(words), audience="customer", fields=fields),
        Citations(items=(Citation(document=words, title=words, heading=words, lines=(1, 2), text=words),)),
        diagnosis(words),
        Notice(tone="warning", text=text(words)),
        Question(text=text(words), fields=(), choices=(words,)),
        *passage_blocks(words),
    )
    return blocks, (figure,)


def test_the_strings_are_many_and_each_says_what_must_not_come_of_it() -> None:
    assert len(STRINGS) >= 100
    assert len({hostile.id for hostile in STRINGS}) == len(STRINGS)
    assert {place for hostile in STRINGS for place in hostile.where} == set(PLACES)
    assert all(hostile.text and hostile.where and hostile.must_not for hostile in STRINGS)


@every_string
def test_markdown(hostile: Hostile) -> None:
    blocks, figures = answer(hostile.text)
    markdown = to_markdown(blocks, figures, HOSTS)
    assert visible(markdown) == markdown
    seen = Seen(READERS.render(markdown))
    assert seen.elements <= MARKUP_OF_OURS
    assert not LINKED_BY_SOME_READER.search("".join(seen.words))


@every_string
def test_text_for_a_terminal(hostile: Hostile) -> None:
    blocks, figures = answer(hostile.text)
    shown = to_text(blocks, figures)
    assert visible(shown) == shown
    assert "\x1b" not in shown
    assert "\x9b" not in shown


@every_string
def test_slack(hostile: Hostile) -> None:
    blocks, figures = answer(hostile.text)
    sent = (*to_messages(blocks, figures, "/cse", HOSTS), *to_plain_messages(blocks, figures), sentence(hostile.text))
    for message in sent:
        assert "<" not in message.text  # with which every mention and link begins
        assert ">" not in message.text
        assert not AUTOLINKED.search(html.unescape(message.text))
        assert {element["type"] for element in elements(message)} <= {
            "rich_text", "rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list",
            "table", "text", "emoji", "divider",
        }  # fmt: skip
        assert all(visible(words) == words for words in texts(message))
    assert {element.get("name") for message in sent for element in elements(message) if element["type"] == "emoji"} <= {
        "red_circle"
    }


def elements(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, Message):
        yield from elements(list(part.blocks))
    elif isinstance(part, list):
        for each in part:
            yield from elements(each)
    elif isinstance(part, dict):
        if "type" in part:
            yield part
        for value in part.values():
            yield from elements(value)


def texts(message: Message) -> list[str]:
    return [message.text, *(element["text"] for element in elements(message) if element["type"] == "text")]


@every_string
def test_csv(hostile: Hostile) -> None:
    blocks, figures = answer(hostile.text)
    rows = parsed(to_csv([*tables_of(blocks, figures), figures_of(figures)]))
    for cell in (cell for row in rows for cell in row):
        assert visible(cell) == cell
        assert not re.match(r"[\s\u2800]*[=+\-@|＝＋－＠]", cell) or re.fullmatch(r"[+-]?[\d,.]+%?", cell)


@every_string
def test_a_workbook(hostile: Hostile) -> None:
    blocks, figures = answer(hostile.text)
    parts = book(to_xlsx([*tables_of(blocks, figures), figures_of(figures)], dt.datetime(2026, 1, 31, tzinfo=dt.UTC)))
    for name, part in parts.items():
        assert [each for tag in ("f", "hyperlink", "r") for each in part.iter(f"{XML}{tag}")] == [], name
        assert not [each.get("TargetMode") for each in part.iter() if each.get("TargetMode")], name
    words = "".join(parts["xl/sharedStrings.xml"].itertext())
    assert visible(words) == words


@pytest.mark.parametrize("hostile", [h for h in STRINGS if h.canary], ids=lambda hostile: hostile.id)
def test_what_opens_a_door_is_masked_at_every_egress(hostile: Hostile) -> None:
    assert hostile.canary is not None
    assert hostile.canary in hostile.text
    assert hostile.canary not in mask_secrets(hostile.text)


def test_a_listed_host_s_links_live_in_markdown_and_slack() -> None:
    words = "See https://docs.cse.example/a and https://evil.example/b."
    block = Paragraph(text=text(words))
    assert to_markdown([block], [], HOSTS) == "See <https://docs.cse.example/a> and `https://evil.example/b`.\n"
    assert to_markdown([block], []) == "See `https://docs.cse.example/a` and `https://evil.example/b`.\n"
    (message,) = to_messages([block], [], "/cse", HOSTS)
    assert message.blocks[0]["elements"][0]["elements"] == [
        {"type": "text", "text": "See "},
        {"type": "link", "url": "https://docs.cse.example/a"},
        {"type": "text", "text": " and https://evil.example/b."},
    ]
