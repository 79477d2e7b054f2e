"""An answer with every kind of block, for the documents made of answers."""

import datetime as dt

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
    ScoreLine,
    Series,
    Table,
    Task,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.figures import Evidence, Figure, Ref, text
from app.render.document import About

AS_OF = dt.date(2026, 1, 31)
AT = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
ABOUT = About("Łódź Freight", "/health\nAs of 2026-01-31", "Łódź Freight · as of 2026-01-31", AT)
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")


def figure(key: str, value: float | str | None, unit: str = "calls") -> Figure:
    evidence = (Evidence(kind="tickets", id="t1"),)
    return Figure(
        key=key,
        label=key.title(),
        value=value,
        unit=unit,
        account_id="a",
        as_of=AS_OF,
        formula="sum",
        evidence=evidence,
    )


def ref(key: str) -> Ref:
    return Ref(figure=key, account_id="a")


FIGURES = (
    *(figure(f"calls.{n}", value) for n, value in enumerate((1200, 1900, None, 2500))),
    *(figure(f"goal.{n}", value) for n, value in enumerate((1500, 1600, 2000, 2200))),
    figure("score", 78.44, "points"),
    figure("arr", -1234.5, "USD"),
    figure("red", "red", "text"),
)


def chart(title: str = "Calls a quarter", labels: tuple[str, ...] = QUARTERS, *, series: str = "Calls") -> Chart:
    """The third quarter has no calls, and the fourth no goal."""
    calls = Series(label=series, points=tuple(ref(f"calls.{n}") for n in range(4)))
    goal = Series(label="Goal", points=(*(ref(f"goal.{n}") for n in range(3)), None))
    return Chart(title=text(title), form="bar", labels=labels, series=(calls, goal), note=text("They rise."))


def diagnosis(words: str) -> Diagnosis:
    """The words at every place of a diagnosis; the cause lies outside."""
    cause = Hypothesis(
        rule="dns_failure",
        title=text(words),
        certainty="likely",
        side="external",
        evidence=(Clue(text=text(words), where=f"{words}, line 2"),),
        against=(Clue(text=text(words)),),
        settles=(text(words),),
    )
    return Diagnosis(side="customer", known=(text(words),), assumed=(text(words),), hypotheses=(cause,))


def blocks(words: str = "some words") -> tuple[Block, ...]:
    """The words at every place that a text can stand at."""
    known = ScoreLine(label=words, state="known", points=ref("score"), max=20, because=text(words))
    unknown = ScoreLine(label="NPS", state="unknown", points=None, max=15, because=text("no answers"))
    fields = (
        DraftField(label="Subject", text=text(words)),
        DraftField(label="Text", text=text(f"Dear Ann,\n\n{words}\nRegards")),
        DraftField(label="Log", text=text(f"GET /\n  {words}"), verbatim=True),
    )
    return (
        Verdict(tone="bad", headline=text(words, ref("arr")), lines=(text(words), text("Next: ", ref("score")))),
        ScoreCard(
            score=ref("score"), low=ref("score"), high=ref("goal.0"), coverage=ref("score"), tier="red",
            provisional=True, lines=(known, unknown),
        ),
        Heading(text=text(words)),
        Paragraph(text=text(f"{words}\n\n", ref("arr"))),
        Metrics(items=tuple(Metric(label=f"{n} {words}", value=text(ref("arr"))) for n in range(5))),
        Heading(text=text("Trends")),
        chart(words, (words, *QUARTERS[1:]), series=words),
        Heading(text=text("Rows")),
        Table(
            columns=(Column(label=words), Column(label="ARR", align="right")),
            rows=tuple((text(f"{n} {words}"), text(ref("arr"))) for n in range(40)),
            more=text("More of it."),
        ),
        Checklist(items=(Task(text=text(words), owner=words, due=AS_OF), Task(text=text("b"), owner="CSM", done=True))),
        Timeline(items=(TimelineEvent(on=AS_OF, text=text(words), tone="good"),)),
        diagnosis(words),
        Heading(text=text("Nothing below")),
        Draft(title=text(words), audience="customer", fields=fields),
        Citations(items=(Citation(document="errors.md", title=words, heading="429", lines=(1, 2), text=words),)),
        Notice(tone="warning", text=text(words)),
        Question(text=text(words), fields=(), choices=(words, "two")),
    )  # fmt: skip
