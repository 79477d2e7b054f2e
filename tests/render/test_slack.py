"""Slack messages: within Slack's limits, nothing lost unsaid, and customer text that does nothing but be read."""

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from app.render.characters import one_line, visible
from app.render.links import defanged
from app.render.slack import MAX_MESSAGES, SEE_ALL, Message, sentence, to_messages, to_plain_messages
from tests.render.every_block import diagnosis
from tests.render.test_markdown import AS_OF, HOSTILE, NUMBER, letters

HOSTILE_IN_SLACK = [
    "<!channel>",
    "<!here>",
    "<!subteam^S1|team>",
    "<!date^1392734382^{date}^https://evil.example|x>",
    "<@U1>",
    "<#C1|general>",
    "<https://evil.example|click>",
    "<mailto:a@evil.example|mail>",
    "@here",
    "@channel",
    "#general",
    "&lt;!channel&gt;",
    "&amp;lt;",
    "*bold*",
    "_italic_",
    "~gone~",
    "`code`",
    "```",
    "> quote",
    ":smile:",
    "=1+1",
    "🚚👩‍💻",
]
hostile_text = st.lists(st.sampled_from(HOSTILE + HOSTILE_IN_SLACK) | st.text(max_size=6), max_size=6).map("".join)


# ── What a message may be ─────────────────────────────────────────────────────────────────────────────────────────


def utf16(words: str) -> int:
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def leaf(part: dict[str, Any]) -> str:
    """The text of an element that holds text as it is, or ours."""
    if part["type"] == "emoji":
        assert set(part) == {"type", "name"}
        assert part["name"] in {"large_green_circle", "large_yellow_circle", "red_circle"}
        return ""
    assert part["type"] == "text"
    assert set(part) <= {"type", "text", "style"}
    assert set(part.get("style", {})) <= {"bold", "italic"}
    assert 1 <= utf16(part["text"]) <= 3_000
    return str(part["text"])


def rich_text(block: dict[str, Any]) -> list[str]:
    """The texts of a rich_text block, one a line, item or cell."""
    assert set(block) == {"type", "elements"}
    assert block["type"] == "rich_text"
    found = []
    for container in block["elements"]:
        kind, elements = container["type"], container["elements"]
        assert elements
        if kind == "rich_text_list":
            assert {element["type"] for element in elements} == {"rich_text_section"}
            found += ["".join(map(leaf, element["elements"])) for element in elements]
        else:
            assert kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
            found.append("".join(map(leaf, elements)))
    return found


def table(block: dict[str, Any]) -> list[list[str]]:
    rows = [["".join(rich_text(cell)) for cell in row] for row in block["rows"]]
    assert 1 <= len(rows) <= 100
    assert {len(row) for row in rows} == {len(block["column_settings"])}
    assert 1 <= len(rows[0]) <= 20
    assert sum(utf16(cell) for row in rows for cell in row) <= 10_000
    return rows


def lines(message: Message) -> list[str]:
    """What a reader sees; a message that Slack would refuse, or read anything in, fails here."""
    assert 1 <= len(message.blocks) <= 50
    assert [block["type"] for block in message.blocks].count("table") <= 1
    found: list[str] = []
    for block in message.blocks:
        if block["type"] == "divider":
            assert set(block) == {"type"}
        elif block["type"] == "table":
            found += [" | ".join(row) for row in table(block)]
        else:
            found += rich_text(block)
    assert sum(map(utf16, found)) <= 11_000
    assert 1 <= len(message.text) <= 40_000
    assert not set("<>") & set(message.text)
    assert html.escape(html.unescape(message.text), quote=False) == message.text
    return found


def shown(*blocks: Block, figures: tuple[Figure, ...] = (NUMBER,)) -> list[str]:
    """The lines of an answer that takes one message."""
    (message,) = to_messages(blocks, figures, "/cse")
    return lines(message)


# ── Customer text ─────────────────────────────────────────────────────────────────────────────────────────────────


def _score_card(words: str) -> Block:
    ref = Ref(figure="n", account_id=None)
    line = ScoreLine(label=words, state="unknown", points=None, max=10, because=text(words))
    return ScoreCard(score=None, low=ref, high=ref, coverage=ref, tier="unknown", provisional=False, lines=(line,))


def _table(rows: int) -> Callable[[str], Block]:
    def make(words: str) -> Block:
        columns = (Column(label="A"), Column(label=words if rows == 1 else "B", align="right"))
        return Table(columns=columns, rows=((text("c"), text(words)),) * rows, more=text(words))

    return make


def _draft(words: str) -> Block:
    fields = (DraftField(label=words, text=text(words)), DraftField(label="V", text=text(words), verbatim=True))
    return Draft(title=text(words), audience="internal", fields=fields)


BLOCKS: list[tuple[Callable[[str], Block], str]] = [
    (lambda w: Heading(text=text(w)), "{}"),
    (lambda w: Verdict(tone="bad", headline=text(w), lines=(text(w),)), "{}{}"),
    (lambda w: Paragraph(text=text(w)), "{}"),
    (lambda w: Metrics(items=(Metric(label=w, value=text(w)),)), "{}:{}"),
    (_table(1), "c·{}:{}{}"),
    (_table(4), "A|Bc|{}c|{}c|{}c|{}{}"),
    (_score_card, "Scoreunknown:coverage1{}unknown:{}"),
    (lambda w: Checklist(items=(Task(text=text(w), owner=w, due=AS_OF),)), "☐{}({},due2026-01-31)"),
    (lambda w: Timeline(items=(TimelineEvent(on=AS_OF, text=text(w)),)), "2026-01-31·{}"),
    (_draft, "{}(draft,internal){}:{}V:{}"),
    (
        lambda w: Citations(items=(Citation(document=w, title=w, heading="", lines=(3, 3), text=w),)),
        "Sources:1.{}({},line3)",
    ),
    (
        diagnosis,
        "Wherethefaultlies:withthecustomerKnown:{}Assumed,notproven:{}1.Likely:{}(outside(athirdpartyorthenetwork))"
        "Forit:{}({},line2)Againstit:{}Tosettleit:{}",
    ),
    (lambda w: Notice(tone="warning", text=text(w)), "Warning:{}"),
    (lambda w: Question(text=text(w), fields=(), choices=(w,)), "{}{}Answerwith/cseandyouranswer."),
]


@pytest.mark.parametrize(("make", "frame"), BLOCKS)
@given(words=hostile_text)
def test_text_is_seen_as_it_was_written_and_nothing_is_made_of_it(
    make: Callable[[str], Block], frame: str, words: str
) -> None:
    seen = letters("".join("".join(lines(message)) for message in to_messages([make(words)], [NUMBER], "/cse")))
    if letters(visible(words)):  # else labels may be left out
        assert seen == letters(visible(frame.replace("{}", words)))
    for message in to_plain_messages([make(words)], [NUMBER]):
        lines(message)


@given(words=hostile_text)
def test_a_sentence_is_told_as_it_is(words: str) -> None:
    message = sentence(words)
    assert letters("".join(lines(message))) == letters(visible(words))
    assert letters(html.unescape(message.text)) == letters(defanged(one_line(words)))


def test_mentions_and_links_are_escaped_where_slack_reads_them() -> None:
    (message,) = to_messages([Verdict(tone="neutral", headline=text("<!channel> & <https://x|y>"))], [], "/cse")
    assert message.text == "&lt;!channel&gt; &amp; &lt;https[:]//x|y&gt;"
    assert lines(message) == ["<!channel> & <https://x|y>"]


@pytest.mark.parametrize("words", HOSTILE + HOSTILE_IN_SLACK)
def test_the_head_of_a_table_is_text_too(words: str) -> None:
    head = shown(Table(columns=(Column(label="A"), Column(label=words)), rows=((text("c"), text("d")),) * 4))[0]
    assert letters(head) == f"A|{letters(visible(words))}"


def test_verbatim_text_is_kept_to_the_letter() -> None:
    request = "curl -H 'A: b' \\\n  https://api.example/v1?a=1&b=<2>\n\n    `x`"
    field = DraftField(label="Request", text=text(request), verbatim=True)
    (message,) = to_messages([Draft(title=text("T"), audience="customer", fields=(field,))], [], "/cse")
    assert lines(message) == ["T (draft for the customer)\nRequest:", request]
    assert message.blocks[1]["elements"][0]["type"] == "rich_text_preformatted"


# ── What a reader sees ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_verdict_comes_with_its_tone() -> None:
    def marks(tone: Any) -> list[str]:
        (message,) = to_messages([Verdict(tone=tone, headline=text("H"), lines=(text("l"),))], [], "/cse")
        assert lines(message)[-2:] in (["H", "l"], [" H", "l"])
        assert message.text == "H\n- l"
        return [e["name"] for e in message.blocks[0]["elements"][0]["elements"] if e["type"] == "emoji"]

    tones = ("good", "warning", "bad", "neutral")
    assert [marks(tone) for tone in tones] == [["large_green_circle"], ["large_yellow_circle"], ["red_circle"], []]


def test_a_score_card_shows_what_is_known_and_what_is_not() -> None:
    def figure(key: str, value: float, unit: str) -> Figure:
        return Figure(key=key, label=key, value=value, unit=unit, account_id="a", as_of=AS_OF, formula="given")

    def ref(key: str) -> Ref:
        return Ref(figure=key, account_id="a")

    known = ScoreLine(label="Users", state="known", points=ref("d"), max=20, because=text("used"))
    unknown = ScoreLine(label="NPS", state="unknown", points=None, max=15, because=text("no answers"))
    card = ScoreCard(
        score=ref("s"), low=ref("l"), high=ref("h"), coverage=ref("c"), tier="yellow", provisional=True,
        lines=(known, unknown),
    )  # fmt: skip
    figures = (
        figure("s", 89.96, "points"), figure("l", 70, "points"), figure("h", 95, "points"), figure("c", 87, "%"),
        figure("d", 15.25, "points"),
    )  # fmt: skip
    assert shown(card, figures=figures) == [
        "Score 89.96 of 100 (yellow, provisional): band 70.0 to 95.0, coverage 87%",
        "Users 15.2 of 20: used",
        "NPS unknown: no answers",
    ]


def test_a_checklist_says_what_is_done() -> None:
    tasks = (Task(text=text("a"), owner="CSM", done=True), Task(text=text("b"), owner="CSE", due=dt.date(2026, 3, 1)))
    assert shown(Checklist(items=tasks)) == ["☑ a (CSM)", "☐ b (CSE, due 2026-03-01)"]


def test_a_timeline_says_how_each_event_went() -> None:
    events = (
        TimelineEvent(on=dt.date(2026, 1, 5), text=text("Contract began")),
        TimelineEvent(on=dt.date(2026, 2, 1), text=text("Goal achieved"), tone="good"),
    )
    assert shown(Timeline(items=events)) == ["2026-01-05 · Contract began", "2026-02-01 ✓ Goal achieved"]


def test_a_table_is_slacks_own() -> None:
    columns = (Column(label="Account"), Column(label="ARR", align="right"))
    rows = tuple((text(name), text("") if name == "d" else text("1")) for name in "abcd")
    (message,) = to_messages([Table(columns=columns, rows=rows, more=text("Page 1 of 2"))], [], "/cse")
    assert table(message.blocks[0]) == [["Account", "ARR"], ["a", "1"], ["b", "1"], ["c", "1"], ["d", " "]]
    assert [setting["align"] for setting in message.blocks[0]["column_settings"]] == ["left", "right"]
    assert lines(message)[-1] == "Page 1 of 2"


def test_a_table_of_a_few_rows_is_a_list() -> None:
    columns = (Column(label="Currency"), Column(label="ARR"), Column(label="Owner"))
    assert shown(Table(columns=columns, rows=((text("USD"), text("5"), text("")),))) == ["USD · ARR: 5"]


def test_a_second_table_goes_into_a_second_message_with_its_heading() -> None:
    def rows(name: str) -> Block:
        return Table(columns=(Column(label=name),), rows=((text("x"),),) * 4)

    heading = Heading(text=text("More"))
    first, second = to_messages([rows("A"), heading, rows("B"), Notice(tone="neutral", text=text("n"))], [], "/cse")
    assert lines(first) == ["A", "x", "x", "x", "x"]
    assert lines(second) == ["More", "B", "x", "x", "x", "x", "Note: n"]
    assert [block["type"] for block in second.blocks] == ["rich_text", "table", "rich_text"]


def test_folded_sections_are_left_out_by_name_and_what_must_be_read_is_not() -> None:
    blocks = (
        Verdict(tone="neutral", headline=text("V")),
        Heading(text=text("How it was judged"), folded=True),
        Paragraph(text=text("hidden")),
        Notice(tone="warning", text=text("old data")),
        Question(text=text("Which?"), fields=("account",)),
        Heading(text=text("Open")),
        Paragraph(text=text("p")),
    )
    assert shown(*blocks) == [
        "V", "Warning: old data", "Open", "p", "Which?", "Answer with /cse and your answer.",
        f"Left out here: How it was judged. {SEE_ALL}",
    ]  # fmt: skip


def test_blocks_that_say_nothing_leave_nothing() -> None:
    assert shown(Paragraph(text=()), Checklist(items=()), Citations(items=()), Paragraph(text=text("b"))) == ["b"]
    assert to_messages([], [], "/cse") == ()
    assert to_plain_messages([], []) == ()


def test_a_row_of_another_length_than_the_head_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        shown(Table(columns=(Column(label="A"),), rows=((text("1"), text("2")),)))


def test_a_reference_to_no_figure_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no figure 'arr'"):
        shown(Paragraph(text=(Ref(figure="arr"))))


# ── Much to say ───────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = " ".join(f"word{place}" for place in range(1_700))
"""15,000 characters, no word twice."""


def joined(messages: tuple[Message, ...]) -> str:
    return " ".join(" ".join(lines(message)) for message in messages)


LONG: list[Callable[[str], Block]] = [
    lambda w: Paragraph(text=text(w)),
    lambda w: Notice(tone="bad", text=text(w)),
    lambda w: Metrics(items=(Metric(label="L", value=text(w)),)),
    lambda w: Verdict(tone="good", headline=text(w), lines=()),
    lambda w: Checklist(items=(Task(text=text(w), owner="CSM"),)),
    lambda w: Timeline(items=(TimelineEvent(on=AS_OF, text=text(w)),)),
    lambda w: Draft(title=text("T"), audience="internal", fields=(DraftField(label="L", text=text(w)),)),
    lambda w: Draft(title=text("T"), audience="internal", fields=(DraftField(label="L", text=text(w), verbatim=True),)),
    _score_card,
]


@pytest.mark.parametrize("make", LONG[:-1])
def test_what_fits_into_three_messages_is_shown_whole(make: Callable[[str], Block]) -> None:
    messages = to_messages([make(WORDS)], [NUMBER], "/cse")
    assert [word for word in joined(messages).split() if word.startswith("word")] == WORDS.split()
    assert 1 < len(messages) <= MAX_MESSAGES
    assert SEE_ALL not in joined(messages)


@pytest.mark.parametrize("make", LONG)
@pytest.mark.parametrize("words", [WORDS * 20, "x" * 100_000, "🚚" * 30_000, "a\n" * 30_000, "<&>" * 20_000])
def test_what_does_not_fit_is_left_out_and_the_last_message_says_so(make: Callable[[str], Block], words: str) -> None:
    question = Question(text=text("Which?"), fields=("account",), choices=("a1",))
    messages = to_messages([make(words), question], [NUMBER], "/cse")
    assert len(messages) <= MAX_MESSAGES
    for message in messages:
        lines(message)
    *_, asked, choice, how, note = lines(messages[-1])
    assert (asked, choice, how) == ("Which?", "a1", "Answer with /cse and your answer.")
    assert note == f"The answer is too long for Slack; its rest is left out. {SEE_ALL}"


def test_many_blocks_and_items_stay_within_the_limits() -> None:
    paragraphs = [Paragraph(text=text(f"p{place}")) for place in range(130)]
    messages = to_messages(paragraphs, [], "/cse")
    assert [line for message in messages for line in lines(message)] == [f"p{place}" for place in range(130)]
    tasks = tuple(Task(text=text(f"t{place}"), owner="CSM") for place in range(600))
    assert joined(to_messages([Checklist(items=tasks)], [], "/cse")).count("(CSM)") == 600


def test_a_table_shows_the_rows_that_fit_and_counts_the_others() -> None:
    def grid(count: int, words: str) -> list[str]:
        columns = (Column(label="A"), Column(label="B"))
        return shown(Table(columns=columns, rows=tuple((text(f"r{i}"), text(words)) for i in range(count))))

    found = grid(250, "x")
    assert found[99] == "r98 | x"
    assert found[-1] == f"Of 250 rows, 151 are left out. {SEE_ALL}"
    found = grid(50, "y" * 300)
    assert f"Of 50 rows, {50 - (len(found) - 2)} are left out." in found[-1]
    assert len(found) > 15
    found = grid(4, "z" * 5_000)
    assert found[1].endswith("z…")
    assert found[-1] == f"Long cells of a table are shortened. {SEE_ALL}"


def test_a_table_of_more_columns_than_slack_takes_is_text() -> None:
    columns = tuple(Column(label=f"c{place}") for place in range(21))
    rows = (tuple(text(f"v{place}") for place in range(21)),) * 4
    (message,) = to_messages([Table(columns=columns, rows=rows)], [], "/cse")
    assert message.blocks[0]["elements"][0]["type"] == "rich_text_preformatted"
    assert "v20" in joined((message,))


def test_a_very_long_question_is_cut_and_stays_in_the_last_message() -> None:
    question = Question(text=text("q" * 20_000), fields=(), choices=("c" * 20_000,) * 3)
    messages = to_messages([Paragraph(text=text(WORDS * 5)), question], [], "/cse")
    assert len(messages) == MAX_MESSAGES
    assert any(line.startswith("qqq") and line.endswith("q…") for line in lines(messages[-1]))


def test_plain_messages_hold_all_that_is_folded_too() -> None:
    blocks = (
        Verdict(tone="bad", headline=text("V")),
        Heading(text=text("F"), folded=True),
        Table(columns=(Column(label="A"),), rows=((text("hidden"),),)),
    )
    (message,) = to_plain_messages(blocks, [])
    assert message.text == "V"
    assert [line.strip() for line in "\n".join(lines(message)).split("\n") if line.strip("─- ")] == [
        "V", "F", "A", "hidden",
    ]  # fmt: skip
    assert {element["type"] for block in message.blocks for element in block["elements"]} == {"rich_text_preformatted"}
    cut = to_plain_messages([Paragraph(text=text(WORDS * 20))], [])
    assert len(cut) == MAX_MESSAGES
    assert SEE_ALL in lines(cut[-1])[-1]


def test_a_long_sentence_is_cut_with_an_ellipsis() -> None:
    (line,) = lines(sentence("s" * 20_000))
    assert line.endswith("s…")
    assert lines(sentence("")) == [" "]
