"""Blocks: the closed set of parts an answer is made of. Tools and the model return blocks, never markup."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.authority import Found
from app.domain.figures import Ref, Text

Tone = Literal["good", "warning", "bad", "neutral"]
Side = Literal["customer", "product", "external", "undecided"]
"""Where a fault lies (persona §4.2): with the customer, in our product, with a third party; or nobody can tell yet."""

Certainty = Literal["known", "likely", "possible"]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True)


class Heading(_Block):
    """Begins a section; a folded one is closed until the reader opens it, where the channel can fold."""

    type: Literal["heading"] = "heading"
    text: Text
    folded: bool = False


class Verdict(_Block):
    """What is so, why, and what to do next: the first thing the reader sees, 12 lines at most."""

    type: Literal["verdict"] = "verdict"
    tone: Tone
    headline: Text
    lines: tuple[Text, ...] = Field(default=(), max_length=11)


class Paragraph(_Block):
    type: Literal["paragraph"] = "paragraph"
    text: Text


class Metric(BaseModel):
    model_config = ConfigDict(frozen=True)
    label: str
    value: Text


class Metrics(_Block):
    """A few values side by side."""

    type: Literal["metrics"] = "metrics"
    items: tuple[Metric, ...]


class Column(BaseModel):
    model_config = ConfigDict(frozen=True)
    label: str
    align: Literal["left", "right"] = "left"


class Table(_Block):
    """Rows of texts. `more` says how to see the rows that are not on this page."""

    type: Literal["table"] = "table"
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    more: Text = ()


class ScoreLine(BaseModel):
    """One component of a score. `points` is None unless it is known."""

    model_config = ConfigDict(frozen=True)
    label: str
    state: Literal["known", "unknown", "not_applicable"]
    points: Ref | None
    max: float
    because: Text


class ScoreCard(_Block):
    """A score with its band, coverage and components."""

    type: Literal["score_card"] = "score_card"
    score: Ref | None
    low: Ref
    high: Ref
    coverage: Ref
    tier: Literal["green", "yellow", "red", "unknown"]
    provisional: bool
    lines: tuple[ScoreLine, ...]


class Task(BaseModel):
    """Something to do, whose it is, and by when."""

    model_config = ConfigDict(frozen=True)
    text: Text
    owner: str
    due: dt.date | None = None
    done: bool = False


class Checklist(_Block):
    type: Literal["checklist"] = "checklist"
    items: tuple[Task, ...]


class TimelineEvent(BaseModel):
    """What happened on a day."""

    model_config = ConfigDict(frozen=True)
    on: dt.date
    text: Text
    tone: Tone = "neutral"


class Timeline(_Block):
    """What happened, in the order in which `items` tells it."""

    type: Literal["timeline"] = "timeline"
    items: tuple[TimelineEvent, ...]


class Series(BaseModel):
    """A line or a group of bars: a point for each label of the chart, None where there is no value."""

    model_config = ConfigDict(frozen=True)
    label: str
    points: tuple[Ref | None, ...]


class Chart(_Block):
    """Values over `labels`, from left to right. Every point is a figure, all of one unit; `note` says what to see."""

    type: Literal["chart"] = "chart"
    title: Text
    form: Literal["line", "bar"]
    labels: tuple[str, ...] = Field(min_length=1, max_length=60)
    series: tuple[Series, ...] = Field(min_length=1, max_length=6)
    note: Text = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(len(each.points) != len(self.labels) for each in self.series):
            raise ValueError("a series has a point for each label")
        return self


class Clue(BaseModel):
    """A piece of evidence, and where it stands ("" where it follows from others)."""

    model_config = ConfigDict(frozen=True)
    text: Text
    where: str = ""


class Hypothesis(BaseModel):
    """A possible cause: what speaks for it and against it, and what would settle it. Only a known one is a fact."""

    model_config = ConfigDict(frozen=True)
    rule: str
    title: Text
    certainty: Certainty
    side: Side
    evidence: tuple[Clue, ...]
    against: tuple[Clue, ...] = ()
    settles: tuple[Text, ...] = ()


class Diagnosis(_Block):
    """Where a fault lies and why, most certain first. `known` is proven, `assumed` is not and says so.

    `audience` says who reads it: where it lies is told to the customer in other words.
    """

    type: Literal["diagnosis"] = "diagnosis"
    audience: Literal["internal", "customer"] = "internal"
    side: Side
    known: tuple[Text, ...] = ()
    assumed: tuple[Text, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()


class DraftField(BaseModel):
    """A labelled part of a draft. `verbatim` text is shown as it is, in a code block."""

    model_config = ConfigDict(frozen=True)
    label: str
    text: Text
    verbatim: bool = False


class Draft(_Block):
    """Text made to be sent or filed by a person.

    `account_id` says which customer it is to where the answer is about several; `commits` what of it commits us, as far
    as its command knows.
    """

    type: Literal["draft"] = "draft"
    title: Text
    audience: Literal["internal", "customer"]
    fields: tuple[DraftField, ...]
    account_id: str | None = None
    commits: tuple[Found, ...] = ()


class Citation(BaseModel):
    """A passage of the knowledge base: `lines` is the first and last line in the document."""

    model_config = ConfigDict(frozen=True)
    document: str
    title: str
    heading: str
    lines: tuple[int, int]
    text: str


class Citations(_Block):
    type: Literal["citations"] = "citations"
    items: tuple[Citation, ...]


class Notice(_Block):
    """Something the reader must know about the answer: assumptions, lags, mismatches."""

    type: Literal["notice"] = "notice"
    tone: Tone
    text: Text


class Question(_Block):
    """One question to the user, naming the fields that the next message can fill."""

    type: Literal["question"] = "question"
    text: Text
    fields: tuple[str, ...]
    choices: tuple[str, ...] = ()


Block = Annotated[
    Heading
    | Verdict
    | Paragraph
    | Metrics
    | Table
    | ScoreCard
    | Checklist
    | Timeline
    | Chart
    | Draft
    | Diagnosis
    | Citations
    | Notice
    | Question,
    Field(discriminator="type"),
]
