"""Markdown: hostile text stays text in every block, harmless text stays as it is."""

import datetime as dt
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.domain.blocks import (
    Block,
    Checklist,
    Citation,
    Citations,
    Column,
    Diagnosis,
    Draft,
    DraftField,
    Heading,
    Metric,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    ScoreLine,
    Side,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.figures import Figure, Ref, text
from app.render.characters import visible
from app.render.markdown import to_markdown
from tests.render.every_block import diagnosis

AS_OF = dt.date(2026, 1, 31)

HOSTILE = [
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "<someone@evil.example>",
    "<!-- hidden -->",
    "</td></table><h1>",
    "https://evil.example/a_b_c",
    "www.evil.example",
    "HTTP://EVIL.example",
    "mailto:a@evil.example",
    "a.b+c@evil.example",
    "javascript:alert(1)",
    "# heading",
    "## heading ##",
    "C #",
    "===",
    "---",
    "***",
    "_ _ _",
    "- - -",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "2) item",
    "> quote",
    "> [!WARNING]",
    "[x] done",
    "[note]: https://evil.example",
    "[^1]",
    "```",
    "~~~",
    "`code`",
    "``",
    "**bold**",
    "__bold__",
    "*a*b*",
    "~~gone~~",
    "~gone~",
    "a | b",
    "| --- | :-: |",
    ":-:",
    "\\|",
    "\\",
    "\\\\*",
    "&lt;b&gt;",
    "&#60;",
    "&copy",
    "    indented",
    "\ttab",
    "\n",
    "\n\n",
    "\r\n",
    "\u202e\u200b",
    "{{7*7}} [[arr]] ${x}",
    "  ",
]

hostile_text = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=6).map("".join)

READERS = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LINKED_BY_SOME_READER = re.compile(
    r"(?:https?|ftp)://\w|(?<!\w)www\.\w|(?:mailto|xmpp):\w|[\w.+-]@[\w-]+\.[a-z]", re.IGNORECASE
)
"""In what is left when escapes are undone; no reader looks into code."""


class Seen(HTMLParser):
    """What a reader of the HTML sees: its elements, its text, and `words`, the text without what is code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.parts: list[str] = []
        self.words: list[str] = []
        self.in_code = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.in_code = tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self.in_code = False

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
        self.words.append(" " if self.in_code else data)

    def handle_comment(self, data: str) -> None:
        self.elements.add("!--")

    @property
    def letters(self) -> str:
        return letters("".join(self.parts))


def letters(words: str) -> str:
    """Text without its whitespace, which HTML and table cells may fold."""
    return "".join(words.split())


def seen(markdown: str) -> Seen:
    return Seen(READERS.render(markdown))


def _table(words: str) -> Block:
    return Table(columns=(Column(label=words), Column(label="B")), rows=((text("c"), text(words)),), more=text(words))


def _score_card(words: str) -> Block:
    ref = Ref(figure="n", account_id=None)
    line = ScoreLine(label=words, state="unknown", points=None, max=10, because=text(words))
    return ScoreCard(score=None, low=ref, high=ref, coverage=ref, tier="unknown", provisional=False, lines=(line,))


def _draft(words: str) -> Block:
    fields = (DraftField(label=words, text=text(words)),)
    return Draft(title=text(words), audience="internal", fields=fields)


BLOCKS: list[tuple[Callable[[str], Block], str, set[str]]] = [
    (lambda w: Heading(text=text(w)), "{}", {"h2"}),
    (lambda w: Verdict(tone="bad", headline=text(w), lines=(text(w),)), "{} {}", {"p", "strong", "ul", "li"}),
    (lambda w: Paragraph(text=text(w)), "{}", {"p", "br"}),
    (lambda w: Metrics(items=(Metric(label=w, value=text(w)),)), "{}: {}", {"p", "strong"}),
    (_table, "{} B c {} {}", {"table", "thead", "tbody", "tr", "th", "td", "p"}),
    (
        _score_card,
        "Score unknown: coverage 1 Component Points Of Because {} unknown 10 {}",
        {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"},
    ),
    (
        lambda w: Checklist(items=(Task(text=text(w), owner=w, due=AS_OF),)),
        "[ ] {} ({}, due 2026-01-31)",
        {"ul", "li"},
    ),
    (lambda w: Timeline(items=(TimelineEvent(on=AS_OF, text=text(w), tone="bad"),)), "2026-01-31 ✗ {}", {"ul", "li"}),
    (_draft, "{} (draft, internal) {}: {}", {"h3", "p", "strong", "br"}),
    (
        lambda w: Citations(items=(Citation(document=w, title=w, heading="", lines=(3, 3), text=w),)),
        "Sources: {} ({}, line 3)",
        {"p", "ol", "li", "strong"},
    ),
    (
        diagnosis,
        "Where the fault lies: with the customer Known: {} Assumed, not proven: {} Likely: {} (outside (a third party"
        " or the network)) For it: {} ({}, line 2) Against it: {} To settle it: {}",
        {"p", "strong", "ul", "ol", "li"},
    ),
    (lambda w: Notice(tone="warning", text=text(w)), "Warning: {}", {"blockquote", "p", "strong"}),
    (lambda w: Question(text=text(w), fields=(), choices=(w,)), "Question: {} {}", {"p", "strong", "ul", "li"}),
]
NUMBER = Figure(key="n", label="n", value=1, unit="count", account_id=None, as_of=AS_OF, formula="given")


@pytest.mark.parametrize(("make", "frame", "elements"), BLOCKS)
@given(words=hostile_text)
def test_text_is_seen_as_it_was_written_and_makes_no_markup(
    make: Callable[[str], Block], frame: str, elements: set[str], words: str
) -> None:
    markdown = to_markdown([make(words)], [NUMBER])
    page = seen(markdown)
    assert page.letters == letters(visible(frame.replace("{}", words)))
    assert page.elements <= elements | {"code"}
    assert not LINKED_BY_SOME_READER.search("".join(page.words))
    assert visible(markdown) == markdown


@given(words=hostile_text)
def test_verbatim_text_is_seen_to_the_letter(words: str) -> None:
    block = Draft(
        title=text("T"), audience="customer", fields=(DraftField(label="Log", text=text(words), verbatim=True),)
    )
    html = READERS.render(to_markdown([block, Paragraph(text=text("after"))], []))
    code = html.split("<pre><code>")[1].split("</code></pre>")[0]
    assert Seen(code).parts in ([visible(words).rstrip("\n") + "\n"], ["\n"], [])
    assert html.endswith("</code></pre>\n<p>after</p>\n")


@pytest.mark.parametrize(
    "words",
    [
        "Acme Corp (EMEA) - 5 of 10 seats, 64% < 70%, +12 since 2025-11-03",
        "snake_case and some__name, C:\\temp, 2 * 3, ~15 minutes, a | b, R&D, AT&T, #42, @here",
        "Don't panic! It's \"fine\": 1.5 > 1 = true; x == y, 50/50 {ok}",
        "POST /api/v2/payments?limit=5 returned 503",
    ],
)
def test_what_needs_no_escaping_has_none(words: str) -> None:
    assert to_markdown([Paragraph(text=text(words))], []) == words + "\n"


def test_lines_and_paragraphs_of_a_text_are_kept() -> None:
    block = Paragraph(text=text("first\r\nsecond\n\n   third"))
    assert to_markdown([block], []) == "first\\\nsecond\n\nthird\n"


def test_a_fence_is_longer_than_the_backticks_within() -> None:
    field = DraftField(label="Request", text=text("a ```` b\n"), verbatim=True)
    markdown = to_markdown([Draft(title=text("T"), audience="internal", fields=(field,))], [])
    assert markdown.endswith("**Request:**\n\n`````\na ```` b\n`````\n")


def test_a_score_card_shows_what_is_known_and_what_is_not() -> None:
    def figure(key: str, value: float, unit: str) -> Figure:
        return Figure(key=key, label=key, value=value, unit=unit, account_id="a", as_of=AS_OF, formula="given")

    score, low, high = figure("s", 89.96, "points"), figure("l", 70, "points"), figure("h", 95, "points")
    coverage, dau = figure("c", 87, "%"), figure("d", 15.25, "points")
    card = ScoreCard(
        score=Ref(figure="s", account_id="a"),
        low=Ref(figure="l", account_id="a"),
        high=Ref(figure="h", account_id="a"),
        coverage=Ref(figure="c", account_id="a"),
        tier="yellow",
        provisional=True,
        lines=(
            ScoreLine(
                label="Users", state="known", points=Ref(figure="d", account_id="a"), max=20, because=text("used")
            ),
            ScoreLine(label="NPS", state="unknown", points=None, max=15, because=text("no answers")),
            ScoreLine(label="Calls", state="not_applicable", points=None, max=10, because=text("seats")),
        ),
    )
    assert to_markdown([card], [score, low, high, coverage, dau]).splitlines() == [
        "**Score 89.96 of 100 (yellow, provisional)**: band 70.0 to 95.0, coverage 87%",
        "",
        "| Component | Points | Of | Because |",
        "| --- | ---: | ---: | --- |",
        "| Users | 15.2 | 20 | used |",
        "| NPS | unknown | 15 | no answers |",
        "| Calls | not applicable | 10 | seats |",
    ]


def test_a_diagnosis_says_how_sure_each_cause_is_and_where_it_lies() -> None:
    assert to_markdown([diagnosis("it fails")], []) == (
        "**Where the fault lies:** with the customer\n\n**Known:**\n\n- it fails\n\n"
        "**Assumed, not proven:**\n\n- it fails\n\n"
        "1. **Likely: it fails (outside (a third party or the network))**\n   - For it: it fails (it fails, line 2)\n"
        "   - Against it: it fails\n   - To settle it: it fails\n"
    )


@pytest.mark.parametrize(("side", "told"), [("customer", "in your setup"), ("product", "on our side")])
def test_a_customer_is_told_in_other_words_where_a_fault_lies(side: Side, told: str) -> None:
    block = Diagnosis(audience="customer", side=side)
    assert to_markdown([block], []) == f"**Where the fault lies:** {told}\n"
    assert told not in to_markdown([block.model_copy(update={"audience": "internal"})], [])


def test_blocks_are_parted_by_a_blank_line_and_empty_ones_leave_nothing() -> None:
    blocks = (Heading(text=text("A")), Checklist(items=()), Paragraph(text=()), Paragraph(text=text("b")))
    assert to_markdown(blocks, []) == "## A\n\nb\n"
    assert to_markdown([], []) == ""


def test_a_row_of_another_length_than_the_head_is_an_error() -> None:
    table = Table(columns=(Column(label="A"),), rows=((text("1"), text("2")),))
    with pytest.raises(ValueError, match="shorter"):
        to_markdown([table], [])


def test_a_reference_to_no_figure_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no figure 'arr'"):
        to_markdown([Paragraph(text=(Ref(figure="arr"),))], [NUMBER])
