"""What a customer must not read, in texts and in answers; what cannot be checked is left out."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citation,
    Citations,
    Clue,
    Column,
    Diagnosis,
    Draft,
    DraftField,
    Heading,
    Hypothesis,
    Metric,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    Series,
    Side,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.directory import AccountName
from app.domain.disclosure import (
    DisclosureRules,
    Unsaid,
    directory_of,
    joined_names,
    leaks,
    name_parts,
    person_of,
    runs_of,
)
from app.domain.disclosure_blocks import Disclosed, for_customer, left_out, sieved
from app.domain.figures import Evidence, Figure, Ref, text
from app.domain.problems import Problem
from app.render.text import to_text
from app.security.disclosure import FILE, load_disclosure

RULES = load_disclosure()
OWN = AccountName("abc", "ABC Corp")
OTHERS = [
    AccountName("kestrel", "Kestrel Learning", ("KLearn",)),
    AccountName("afl", "Alder & Finch Logistics"),
    AccountName("summit", "Summit"),
    AccountName("ds", "Data Systems"),
    AccountName("cafe", "Café Zürich Group"),
]
UNSAID = Unsaid(
    people=name_parts(["Sofia Lindqvist", "Will Smith", "Jürgen Öztürk"]),
    directory=directory_of([OWN, *OTHERS]),
    account_id="abc",
    internal_ids=frozenset({"eng9"}),
    own_ids=frozenset({"sup-7"}),
    amounts=frozenset({487_300.0}),
    notes=runs_of(["They said the budget of next year is gone", "CANARY-9f8a"]),
    names=joined_names(OTHERS),
    name="ABC Corp",
)
NOBODY = Unsaid(UNSAID.people, UNSAID.directory, None, names=joined_names([OWN, *OTHERS]))
PERSON, OTHER, LINK = RULES.reasons.person, RULES.reasons.other_customer, RULES.reasons.link


def reasons(said: str, kind: Any = "answer") -> set[str]:
    return {leak.reason for leak in leaks(said, UNSAID, RULES, kind)}


@pytest.mark.parametrize(
    "said",
    [
        "Kestrel Learning sees it too",
        "KESTREL LEARNING sees it too",
        "kestrel learning’s calls",
        "the same as at Kestrel",
        "Kes\u200btrel\u2060 Learning",
        "Kes**trel** _Learn_ing",
        "K\u00adestrel",
        "\u039aestrel \u0405ees it",  # a Greek kappa
        "Ｋｅｓｔｒｅｌ Learning",
        "[Kest](https://docs.example.com)rel",
        "Kest<b></b>rel",
        "KestrelLearning and you",
        "K e s t r e l  L e a r n i n g",
        "Kestrel\nLearning",
        "kestrel-learning",
        "alder finch logistics",
        "Alder and Finch Logistics",
        "Ask at KLearn",
        "Summit has it",
        "cafe zurich group",
        "Cafe\u0301 Zu\u0308rich",
    ],
)
def test_another_customer_is_found_however_it_is_written(said: str) -> None:
    for kind in ("answer", "message"):
        assert OTHER in reasons(said, kind)
        assert all(not leak.words for leak in leaks(said, UNSAID, RULES) if leak.reason == OTHER)


@pytest.mark.parametrize(
    "said",
    [
        "ABC Corp sends 4 calls a second.",
        "At the summit of the load you sent 4,000 calls.",
        "Data is not lost.",
        "Will you try it again?",
        "We will look into it, and you may see it.",
        "The NPS score of 9 that you gave",
        "Your ticket SUP-7 is solved.",
        "UTF-8, SHA-256 and CVE-2026 are no keys of ours.",
        "# Heading",
        "",
        "…",
    ],
)
def test_what_is_no_leak(said: str) -> None:
    assert reasons(said) == set()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Sofia is on it", PERSON),
        ("SOFIA's fix", PERSON),
        ("so\u200bfia", PERSON),
        ("sofia_lindqvist", PERSON),
        ("So**fi**a", PERSON),
        ("Jurgen did it", PERSON),
        ("Will looks into it", PERSON),
        ("write to sofia.lindqvist@example.com", PERSON),
        ("see esc-7k2m", LINK),
        ("ENG9 has it", LINK),
        ("OPS-4711", LINK),
        ("#inc-payments", LINK),
        ("/v1/accounts/abc/usage", LINK),
        ("http://wiki.acme.internal/x", LINK),
        ("http\\://10.0.0.7/x", LINK),
        ("acme.slack.com/archives/1", LINK),
        ("USD 487,300", RULES.reasons.amount),
        ("487.3k USD", RULES.reasons.amount),
        ("$0.49M a year", RULES.reasons.amount),
        ("€ 487.300,00", RULES.reasons.amount),
    ],
)
def test_leaks_of_answers_and_messages(said: str, reason: str) -> None:
    assert reason in reasons(said)
    assert reason in reasons(said, "message")


@pytest.mark.parametrize("said", ["487300", "487 300", "487.300", "487k"])
def test_a_number_alone_may_be_one_of_calls_in_a_message(said: str) -> None:
    assert RULES.reasons.amount in reasons(said)
    assert RULES.reasons.amount not in reasons(said, "message")


@pytest.mark.parametrize(
    ("said", "in_a_message"),
    [
        ("Your churn risk", True),
        ("a health score of 28.2", True),
        ("you are a red account with a score of 28", True),
        ("our ARR", True),
        ("Do not tell them", True),
        ("the renewal is near", False),
        ("500 Internal Server Error", False),
        ("a credit of $50", False),
        ("See https://docs.example.com", False),
        ("they said the budget of next year is gone", False),
        ("canary-9f8a", False),
    ],
)
def test_a_person_may_write_what_the_service_may_not(said: str, in_a_message: bool) -> None:
    assert reasons(said)
    assert bool(reasons(said, "message")) is in_a_message


def test_a_key_is_a_person_where_it_is_called_like_one() -> None:
    names = ["Sofia Lindqvist", "Dashboard", "nightly import", "Production key"]
    assert [person_of(name) for name in names] == ["Sofia Lindqvist", None, None, None]


def test_long_texts_are_read_to_their_end() -> None:
    assert OTHER in reasons("word " * 20_000 + "Kestrel Learning")
    assert PERSON in reasons("word " * 20_000 + "Sofia")


@pytest.mark.parametrize(
    "said", ["a" * 50_000, "=" * 20_000, "*_" * 10_000, "<a" * 5_000, "1," * 10_000, "\u200b" * 9_000]
)
def test_odd_texts_are_read_in_time(said: str) -> None:
    leaks(said, UNSAID, RULES)


# ── Answers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def figure(key: str, value: Any = 1.0, unit: str = "count", account: str | None = "abc") -> Figure:
    evidence = (
        Evidence(kind="usage", count=30, href="/v1/accounts/abc/usage"),
        Evidence(kind="escalations", id="esc-1"),
        Evidence(kind="tickets", id="sup-7"),
    )
    return Figure(
        key=key, label=key, value=value, unit=unit, account_id=account, as_of=dt.date(2026, 1, 31), formula="the churn",
        evidence=evidence, shown=f"{value}",
    )  # fmt: skip


CALLS = figure("usage.api_calls.28d", 1234.0)
SCORE = figure("health.score", 28.25, "points")
ARR = figure("arr", 487_300.0, "USD")
OTHERS_CALLS = figure("usage.api_calls.28d", 999.0, account="kestrel")
FIGURES = (CALLS, SCORE, ARR, OTHERS_CALLS)
CARD = ScoreCard(
    score=Ref(figure="health.score", account_id="abc"), low=Ref(figure="health.score", account_id="abc"),
    high=Ref(figure="health.score", account_id="abc"), coverage=Ref(figure="health.score", account_id="abc"),
    tier="red", provisional=False, lines=(),
)  # fmt: skip


def draft(*fields: DraftField, audience: Any = "customer", account_id: str | None = None) -> Draft:
    return Draft(title=text("To you"), audience=audience, fields=fields, account_id=account_id)


def chart(*stated: Figure, title: str = "Calls", labels: tuple[str, ...] = ("Q1",), note: str = "") -> Chart:
    series = tuple(Series(label="Series", points=(Ref(figure=f.key, account_id=f.account_id),)) for f in stated)
    return Chart(title=text(title), form="bar", labels=labels, series=series, note=text(note) if note else ())


def told(*blocks: Block, unsaid: Unsaid = UNSAID) -> Disclosed:
    return for_customer(blocks, FIGURES, RULES, unsaid)


def shown(disclosed: Disclosed) -> str:
    return to_text(disclosed.blocks, disclosed.figures, 500)


def test_a_report_becomes_a_neutral_summary_with_the_customer_s_own_numbers() -> None:
    verdict = Verdict(tone="bad", headline=text("Red, ", SCORE), lines=(text("ARR ", ARR), text("Calls: ", CALLS)))
    found = told(verdict, CARD, Heading(text=text("Churn indicators")), Paragraph(text=text("all of them")))
    assert found.blocks[0] == Verdict(
        tone="neutral", headline=text("Summary for ABC Corp"), lines=(text("Calls: ", CALLS),)
    )
    assert len(found.blocks) == 1
    assert [(f.key, f.formula, f.label) for f in found.figures] == [
        ("usage.api_calls.28d", "", "API calls in the last 28 days")
    ]
    assert [(e.kind, e.id, e.href) for e in found.figures[0].evidence] == [
        ("usage", None, None),
        ("tickets", "sup-7", None),
    ]
    assert "API calls in the last 28 days" in shown(told(CARD))


@pytest.mark.parametrize(
    "block",
    [
        CARD,
        Checklist(items=(Task(text=text("Call them"), owner="CSM"),)),
        Timeline(items=(TimelineEvent(on=dt.date(2026, 1, 1), text=text("Calls: ", CALLS)),)),
        Notice(tone="neutral", text=text("Calls: ", CALLS)),
        Paragraph(text=text("Somebody wrote something.")),
        Paragraph(text=text("Unknown: ", Ref(figure="usage.api_calls.nope", account_id="abc"))),
        Paragraph(text=text("Theirs: ", OTHERS_CALLS)),
        Paragraph(text=text("Score: ", SCORE)),
        Metrics(items=(Metric(label="ARR", value=text(ARR)),)),
        draft(DraftField(label="Text", text=text("Hello")), audience="internal"),
        draft(DraftField(label="Text", text=text("Hello")), account_id="kestrel"),
        draft(DraftField(label="Text", text=text("Hello Kestrel"))),
        draft(DraftField(label="Log", text=text("GET /v1/x\nSofia was here"), verbatim=True)),
        Table(columns=(Column(label="Owner"), Column(label="Ticket")), rows=((text("x"), text("y")),)),
        Table(columns=(Column(label="Ticket"), Column(label="Owner")), rows=((text("x"), text("y")),)),
        Table(columns=(Column(label="Ticket"), Column(label="Age")), rows=((text("Kestrel"), text("2")),)),
        Citations(items=(Citation(document="a.md", title="T", heading="", lines=(1, 2), text="Kestrel Learning"),)),
        chart(SCORE),
        chart(OTHERS_CALLS),
        "no block at all",
    ],
)
def test_what_is_withheld_is_counted_with_a_reason(block: Any) -> None:
    found = for_customer((block,), (SCORE, ARR, OTHERS_CALLS), RULES, UNSAID)
    assert found.blocks == ()
    assert found.figures == ()
    assert found.withheld
    assert all(left.reason in set(RULES.reasons.model_dump().values()) | set(RULES.blocks.values()) |
               {rule.reason for rule in RULES.words} for left in found.withheld)  # fmt: skip


def test_only_the_columns_that_customers_read_are_kept_and_only_the_rows_that_are_fit() -> None:
    columns = tuple(Column(label=label) for label in ("Ticket", "Severity", "Owner", "Age", "Subject"))
    rows = (
        (text("sup-7"), text("SEV2"), text("Sofia"), text(CALLS), text("Export fails")),
        (text("sup-8"), text("SEV2"), text("Sofia"), text(CALLS), text("As at Kestrel")),
        (text("sup-9"), text("SEV2"), text("Sofia"), text(SCORE), text("Late")),
    )
    found = told(Heading(text=text("Open issues")), Table(columns=columns, rows=rows, more=text("ask Sofia")))
    heading, table = found.blocks
    assert isinstance(heading, Heading)
    assert isinstance(table, Table)
    assert [column.label for column in table.columns] == ["Ticket", "Severity", "Open for", "Subject"]
    assert [row[0] for row in table.rows] == [text("sup-7")]
    assert table.more == ()


def test_of_a_chart_the_series_and_the_note_that_are_fit_are_kept() -> None:
    heading = Heading(text=text("Your numbers"))
    (_, kept) = told(heading, chart(CALLS, SCORE, note="Sofia has seen it.")).blocks
    assert kept == chart(CALLS)
    (_, whole) = told(heading, chart(CALLS, note="They rise.")).blocks
    assert whole == chart(CALLS, note="They rise.")
    assert told(heading, chart(CALLS, title="Calls beside Kestrel")).blocks == told(CARD).blocks
    assert told(heading, chart(CALLS, labels=("Kestrel",))).blocks == told(CARD).blocks
    assert told(Heading(text=text("Churn indicators")), chart(CALLS)).blocks == told(CARD).blocks


def test_a_draft_to_the_customer_loses_the_sentences_that_it_must_not_read() -> None:
    body = (
        "Hello Gwen,\n\nThe pool was full. Sofia is on it. We added connections.\nInternal: do not say why.\n\nRegards"
    )
    found = told(Verdict(tone="bad", headline=text("Open")), draft(DraftField(label="Text", text=text(body))))
    (kept,) = found.blocks
    assert isinstance(kept, Draft)
    assert kept.fields[0].text == ("Hello Gwen,\n\nThe pool was full. We added connections.\n\nRegards",)
    assert {left.reason for left in found.withheld} >= {PERSON, RULES.reasons.internal_line}


def test_a_question_is_marked_and_offers_no_accounts() -> None:
    asked = Question(text=text("Did you mean Kestrel Learning (kestrel)?"), fields=("account",), choices=("kestrel",))
    (question,) = sieved((asked,), (), RULES, NOBODY).blocks
    assert isinstance(question, Question)
    assert question.choices == ()
    assert "Kestrel" not in str(question)
    assert str(question.text[0]).startswith(RULES.told.not_for_customer)


def test_words_of_a_model_are_kept_sentence_by_sentence() -> None:
    said = text("You made ", CALLS, " calls. Your score is ", SCORE, ". Kestrel made fewer. All is well.")
    (kept,) = sieved((Paragraph(text=said),), FIGURES, RULES, UNSAID).blocks
    assert kept == Paragraph(text=text("You made ", CALLS, " calls. All is well."))


def test_without_an_account_nothing_of_a_report_is_told() -> None:
    found = told(Verdict(tone="good", headline=text("Calls: ", CALLS)), draft(), unsaid=NOBODY)
    assert (found.blocks, found.figures) == ((), ())
    assert {left.reason for left in found.withheld} == {RULES.reasons.no_account}


def test_what_was_left_out_is_told_in_counts_and_reasons_alone() -> None:
    found = told(Paragraph(text=text("Sofia and the churn of Kestrel, ", SCORE)))
    told_of = to_text(left_out(found.withheld, RULES), ())
    assert "1" in told_of
    assert not any(word in told_of for word in ("Sofia", "Kestrel", "churn", "score", "28.25"))


def test_no_reason_and_no_label_says_what_is_withheld() -> None:
    said = [*RULES.reasons.model_dump().values(), *RULES.blocks.values(), *RULES.figures.values()]
    said += [*RULES.columns.values(), *RULES.told.kinds.values(), RULES.told.headline, RULES.told.numbers]
    said += [rule.reason for rule in RULES.words]
    for each in said:
        assert {leak.reason for leak in leaks(each, NOBODY, RULES, "message")} <= {"is about other customers"}, each


SAYINGS = (
    "The pool is full.",
    "Sofia is on it.",
    "Kestrel has it too.",
    "Internal: no.",
    "ARR",
    "Fine",
    "https://x.y/z",
)
SPANS = st.one_of(st.sampled_from(SAYINGS), st.sampled_from(FIGURES), st.text(max_size=12))
TEXTS = st.lists(SPANS, min_size=1, max_size=5).map(lambda spans: text(*spans))
LABELS = ("Ticket", "Age", "Owner", "Subject", "ARR", "What", "Now")
BLOCKS = st.one_of(
    st.builds(Verdict, tone=st.just("bad"), headline=TEXTS, lines=st.lists(TEXTS, max_size=3).map(tuple)),
    st.builds(Heading, text=st.one_of(TEXTS, st.just(text("Open issues")))),
    st.builds(Paragraph, text=TEXTS),
    st.builds(Notice, tone=st.just("bad"), text=TEXTS),
    st.builds(lambda said: Metrics(items=(Metric(label="x", value=said),)), TEXTS),
    st.builds(lambda said: draft(DraftField(label="Text", text=said)), TEXTS),
    st.builds(
        lambda labels, cells: Table(
            columns=tuple(Column(label=label) for label in labels), rows=(tuple(cells[: len(labels)]),)
        ),
        st.lists(st.sampled_from(LABELS), min_size=2, max_size=4, unique=True),
        st.lists(TEXTS, min_size=4, max_size=4),
    ),
    st.builds(Question, text=TEXTS, fields=st.just(("issue",))),
    st.builds(
        lambda stated, title, note: chart(*stated).model_copy(update={"title": title, "note": note}),
        st.lists(st.sampled_from(FIGURES), min_size=1, max_size=3, unique=True),
        TEXTS,
        TEXTS,
    ),
    st.just(CARD),
)


@given(st.lists(BLOCKS, max_size=6))
def test_it_is_idempotent_and_tells_no_withheld_figure(blocks: list[Block]) -> None:
    for filtered in (for_customer, sieved):
        once = filtered(tuple(blocks), FIGURES, RULES, UNSAID)
        again = filtered(once.blocks, once.figures, RULES, UNSAID)
        assert again.blocks == once.blocks
        said = shown(once)
        assert "28.25" not in said
        assert "999" not in said.replace("9999", "")
        assert {figure.key for figure in once.figures} <= {CALLS.key}
        assert not leaks(said, UNSAID, RULES, "message")


@pytest.mark.parametrize(
    ("broken", "told_of"),
    [
        ("", "must be keys"),
        ("figures: [", "cannot be read"),
        ("figures: {}\nfigures: {}", "twice"),
        ("nonsense: 1", "nonsense"),
        ("internal_links: ['(']", "no pattern"),
        ("no_names: [yes]", "no_names"),
    ],
)
def test_rules_that_are_wrong_stop_the_start(tmp_path: Path, broken: str, told_of: str) -> None:
    file = tmp_path / "disclosure.yaml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load_disclosure(file)
    assert caught.value.code == "disclosure"
    assert told_of in caught.value.detail


def test_every_part_of_the_rules_is_needed() -> None:
    whole = RULES.model_dump()
    for name in whole:
        with pytest.raises(ValidationError):
            DisclosureRules.model_validate({key: value for key, value in whole.items() if key != name})
    assert FILE.name == "disclosure.yaml"


def test_of_a_diagnosis_a_customer_reads_what_is_known_and_what_lies_with_it() -> None:
    def cause(title: str, side: Side) -> Hypothesis:
        clues = (Clue(text=text("seen in their log"), where="line 12"),)
        return Hypothesis(
            rule="r", title=text(title), certainty="likely", side=side, evidence=clues, settles=(text("Look"),)
        )

    block = Diagnosis(
        side="customer",
        known=(text("All calls got 401"), text("Kestrel Learning sees the same"), text("Calls: ", CALLS)),
        assumed=(text("The times are UTC"),),
        hypotheses=(
            cause("The token had expired", "customer"),
            cause("Our gateway is slow", "product"),
            cause("Sofia rotated the key", "customer"),
        ),
    )
    told = for_customer((block,), FIGURES, RULES, UNSAID)
    assert told.blocks[0] == Diagnosis(
        audience="customer",
        side="customer",
        known=(text("All calls got 401"), text("Calls: ", CALLS)),
        hypotheses=(
            Hypothesis(rule="r", title=text("The token had expired"), certainty="likely", side="customer", evidence=()),
        ),
    )
    assert sum(left.count for left in told.withheld if left.kind == "diagnosis") == 4
    assert for_customer(told.blocks, told.figures, RULES, UNSAID).blocks == told.blocks
    nothing = for_customer((Diagnosis(side="undecided", assumed=(text("x"),)),), FIGURES, RULES, UNSAID)
    assert not any(isinstance(each, Diagnosis) for each in nothing.blocks)


def test_a_figure_of_what_the_customer_sent_may_be_told() -> None:
    mine = (Evidence(kind="artifact", id="app.log:12"), Evidence(kind="signals", id="sg1"))
    counted = figure("case.m.calls_per_minute", 1200).model_copy(update={"evidence": mine})
    block = Diagnosis(side="customer", known=(text("Calls a minute: ", counted),))
    told = for_customer((block,), (counted,), RULES, UNSAID)
    assert told.blocks == (block.model_copy(update={"audience": "customer"}),)
    assert told.figures[0].evidence == (Evidence(kind="artifact", id="app.log:12"),)
