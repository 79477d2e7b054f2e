"""Plain text for terminals: what it looks like, and that no line is wider than the page."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.domain.blocks import (
    Block,
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
    ScoreCard,
    ScoreLine,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.figures import Figure, Ref, text
from app.render.characters import visible
from app.render.text import to_text
from tests.render.every_block import diagnosis

AS_OF = dt.date(2026, 1, 31)


def figure(key: str, value: float | dt.date | None, unit: str) -> Figure:
    return Figure(key=key, label=key, value=value, unit=unit, account_id="a", as_of=AS_OF, formula="given")


def ref(key: str) -> Ref:
    return Ref(figure=key, account_id="a")


FIGURES = [
    figure("score", 89.96, "points"),
    figure("low", 70, "points"),
    figure("high", 95, "points"),
    figure("coverage", 87, "%"),
    figure("dau", 15.25, "points"),
    figure("arr", 500000, "USD"),
    figure("renewal", dt.date(2026, 3, 1), "date"),
]
SCORE_CARD = ScoreCard(
    score=ref("score"),
    low=ref("low"),
    high=ref("high"),
    coverage=ref("coverage"),
    tier="yellow",
    provisional=False,
    lines=(
        ScoreLine(label="Daily users", state="known", points=ref("dau"), max=20, because=text("used " * 8)),
        ScoreLine(label="NPS", state="unknown", points=None, max=15, because=text("no answers")),
    ),
)


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        (Heading(text=text("日本 Corp")), ["日本 Corp", "---------"]),
        (
            Verdict(tone="bad", headline=text("Acme is red."), lines=(text("Calls fell by half since the summer."),)),
            ["Acme is red.", "- Calls fell by half since the summer."],
        ),
        (Paragraph(text=text("one\n  two\n\nthree")), ["one", "  two", "", "three"]),
        (
            Metrics(
                items=(Metric(label="ARR", value=text(ref("arr"))), Metric(label="Renewal", value=text(ref("renewal"))))
            ),
            ["ARR       USD 500,000", "Renewal   2026-03-01"],
        ),
        (
            Table(
                columns=(Column(label="Account"), Column(label="ARR", align="right")),
                rows=((text("日本 [b]x[/b]"), text("5")), (text("line\nbreak"), text("12"))),
                more=text("2 more"),
            ),
            ["Account         ARR", "─" * 19, "日本 [b]x[/b]     5", "line break       12", "", "2 more"],
        ),
        (
            SCORE_CARD,
            [
                "Score 89.96 of 100 (yellow): band 70.0 to",
                "95.0, coverage 87%",
                "",
                "Component      Points   Of   Because",
                "─" * 44,
                "Daily users      15.2   20   used used used",
                "                             used used used",
                "                             used used",
                "NPS           unknown   15   no answers",
            ],
        ),
        (
            Checklist(
                items=(
                    Task(text=text("Call the champion about the fall"), owner="CSM", due=AS_OF),
                    Task(text=text("Mail"), owner="CSE", done=True),
                )
            ),
            ["[ ] Call the champion about the fall (CSM,", "    due 2026-01-31)", "[x] Mail (CSE)"],
        ),
        (
            Timeline(
                items=(
                    TimelineEvent(on=AS_OF, text=text("Champion Jane left, no successor")),
                    TimelineEvent(on=AS_OF, text=text("Goal achieved"), tone="good"),
                    TimelineEvent(on=AS_OF, text=()),
                )
            ),
            [
                "2026-01-31 · Champion Jane left, no",
                "             successor",
                "2026-01-31 ✓ Goal achieved",
                "2026-01-31 ·",
            ],
        ),
        (
            Draft(
                title=text("Outage"),
                audience="internal",
                fields=(
                    DraftField(label="Issue", text=text("503 since noon")),
                    DraftField(label="Impact", text=text("all calls\ncheckout down")),
                    DraftField(label="Request", text=text("curl " + "x" * 50 + "\n  -d 1\n"), verbatim=True),
                ),
            ),
            [
                "Outage (draft, internal)",
                "------------------------",
                "Issue: 503 since noon",
                "Impact:",
                "  all calls",
                "  checkout down",
                "",
                "Request:",
                "",
                "    curl " + "x" * 50,
                "      -d 1",
            ],
        ),
        (
            Citations(
                items=(Citation(document="errors.md", title="HTTP errors", heading="429", lines=(3, 9), text="x"),)
            ),
            ["Sources:", "1. HTTP errors › 429 (errors.md, lines 3–9)"],
        ),
        (
            diagnosis("all calls fail"),
            [
                "Where the fault lies: with the customer",
                "",
                "Known:",
                "- all calls fail",
                "",
                "Assumed, not proven:",
                "- all calls fail",
                "",
                "1. Likely: all calls fail (outside (a third",
                "   party or the network))",
                "   - For it: all calls fail (all calls fail,",
                "     line 2)",
                "   - Against it: all calls fail",
                "   - To settle it: all calls fail",
            ],
        ),
        (
            Notice(tone="warning", text=text("usage ends three days before the day asked for")),
            ["Warning: usage ends three days before the", "  day asked for"],
        ),
        (
            Question(text=text("Which one?"), fields=("account",), choices=("Acme", "Acme EU")),
            ["Which one?", "- Acme", "- Acme EU"],
        ),
    ],
    ids=lambda value: value.type if hasattr(value, "type") else "",
)
def test_block_as_text(block: Block, lines: list[str]) -> None:
    assert to_text([block], FIGURES, width=44) == "\n".join(lines) + "\n"


def test_blocks_are_parted_by_a_blank_line_and_empty_ones_leave_nothing() -> None:
    empty = (Metrics(items=()), Citations(items=()), Paragraph(text=()))
    blocks = (Heading(text=text("A")), *empty, Notice(tone="good", text=text("b")))
    assert to_text(blocks, []) == "A\n-\n\nGood: b\n"
    assert to_text([], []) == ""


any_text = st.text(max_size=60) | st.text("日本a b\n\t\u202e\u200b\x1b", max_size=60)


@given(any_text, any_text, st.integers(28, 120))  # narrower, a long word goes over the edge of a table
def test_no_line_is_wider_than_the_page_and_no_letter_is_lost(first: str, second: str, width: int) -> None:
    blocks: list[Block] = [
        Verdict(tone="neutral", headline=text(first), lines=(text(second),)),
        Paragraph(text=text(first)),
        Table(columns=(Column(label="A"), Column(label="B")), rows=((text(first), text("x")),), more=text(second)),
        Checklist(items=(Task(text=text(first), owner=second),)),
        Timeline(items=(TimelineEvent(on=AS_OF, text=text(first)),)),
        Notice(tone="neutral", text=text(second)),
        diagnosis(first),
        Draft(title=text(first), audience="internal", fields=(DraftField(label="L", text=text(second)),)),
    ]
    shown = to_text(blocks, [], width)
    assert max(map(cell_len, shown.split("\n"))) <= width
    assert visible(shown) == shown
    single = to_text([Paragraph(text=text(first))], [], width)
    assert "".join(single.split()) == "".join(visible(first).split())


def test_a_table_with_more_columns_than_fit_is_wider_than_the_page_and_whole() -> None:
    columns = tuple(Column(label=f"c{i}") for i in range(10))
    shown = to_text([Table(columns=columns, rows=(tuple(text(f"v{i}") for i in range(10)),))], [], width=20)
    assert [f"v{i}" for i in range(10)] == shown.splitlines()[-1].split()


def test_a_reference_to_no_figure_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no figure 'arr'"):
        to_text([Paragraph(text=(Ref(figure="arr"),))], [])
