"""Parameters of /feedback: the shape of `tools/feedback.yaml`, checked when it is loaded."""

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Parameters
from app.domain.records import FeedbackCategory, SignalKind, TouchpointKind
from app.domain.snapshot import VoiceKind

StatusClass = Literal["waiting", "accepted", "planned", "in_progress", "shipped", "declined", "duplicate", "closed"]
"""What a status means; `waiting`: product has not answered yet."""

Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Phrase = Annotated[str, Field(pattern=r"^[^\s*?]+\??(\s(\*|[^\s*?]+\??))*$")]
Words = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Section):
    """The least and the most that an input may be, and what it counts."""

    least: Annotated[float, Field(ge=0)]
    most: float
    unit: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.most:
            raise ValueError("least must lie below most")
        return self

    def __str__(self) -> str:
        return f"{self.least:g}–{self.most:,g} {self.unit}"


class Ranges(_Section):
    """The range of each RICE input; confidence in percent, effort in weeks."""

    reach: Range
    impact: Range
    confidence: Range
    effort: Range


class Actions(_Section):
    """What to do about an item that a customer at risk asked for, by what became of it."""

    waiting: str
    accepted: str
    planned: str
    in_progress: str
    unknown: str


class ReportParameters(_Section):
    """What the monthly report shows, and what makes a customer one at risk; lengths in days or months."""

    top_requests: Positive
    top_bugs: Positive
    churn_risks: Positive
    answers_shown: Positive
    quarter_months: Annotated[int, Field(ge=2, le=12)]
    decision_days: Positive
    nps_days: Positive
    detractor: Annotated[int, Field(ge=0, le=10)]
    signal_days: Positive
    signals: tuple[SignalKind, ...]
    actions: Actions
    churned_action: str


class BriefParameters(_Section):
    """How much of each part the voice-of-customer brief shows."""

    pains: Positive
    requests: Positive
    gaps: Positive
    asks: Positive
    risks: Positive
    quotes: Positive
    told: Positive


class Remedy(_Section):
    """What would deflect tickets of a category, and whose it is to make."""

    kind: Literal["article", "automation", "sop"]
    does: Words
    owner: Words


class TrendParameters(_Section):
    """What makes a category of tickets a repeat, when tickets propose an article, and what would deflect each."""

    least: Annotated[int, Field(ge=2)]
    categories: Positive
    repeats: Annotated[int, Field(ge=2)]
    repeat_days: Annotated[int, Field(ge=30, le=400)]
    drafts: Positive
    longest_line: Annotated[int, Field(ge=80, le=1_000)]
    skipped: tuple[Words, ...]
    article_shares: Positive
    articles: dict[str, tuple[Words, ...]]
    remedies: dict[str, Remedy]
    other: Remedy


class DraftParameters(_Section):
    """Replies to customers when an item shipped."""

    shown: Positive


class Alike(_Section):
    """When two texts are about the same: see `likeness.are_alike`."""

    requests: Share
    complaints: Share
    contained: Share
    contained_words: Positive


class Rule(_Section):
    """A category, and the phrases that tell of it.

    `together` asks for a phrase of each list in one part of a sentence. `second_hand` holds for notes only.
    """

    category: FeedbackCategory
    second_hand: bool = False
    phrases: tuple[Phrase, ...] = ()
    together: tuple[tuple[tuple[Phrase, ...], tuple[Phrase, ...]], ...] = ()


class Hearing(_Section):
    """How requests and complaints are found in what customers say."""

    least_words: Positive
    longest_quote: Annotated[int, Field(ge=40, le=2_000)]
    longest_title: Annotated[int, Field(ge=20, le=300)]
    quotes_shown: Positive
    alike: Alike
    near: Share
    second_hand: tuple[VoiceKind, ...]
    first_hand_kinds: tuple[TouchpointKind, ...]
    ticket_categories: dict[FeedbackCategory, tuple[str, ...]]
    question_categories: tuple[str, ...]
    skipped_categories: tuple[str, ...]
    questions: tuple[Phrase, ...]
    auto_replies: tuple[Phrase, ...]
    our_labels: tuple[str, ...]
    our_words: tuple[Phrase, ...]
    over: tuple[Phrase, ...]
    not_wanted: tuple[Phrase, ...]
    skipped: frozenset[str]
    fillers: tuple[Words, ...]
    same_words: tuple[tuple[str, ...], ...]
    joined_words: tuple[tuple[Words, str], ...]
    rules: tuple[Rule, ...]


class FeedbackParameters(Parameters):
    """Ranges of the RICE inputs, what statuses mean, how much is shown, and how feedback is found in texts."""

    ranges: Ranges
    shown: Positive
    most_shown: Positive
    top: Annotated[int, Field(ge=1, le=5)]
    statuses: dict[StatusClass, tuple[str, ...]]
    adopted: frozenset[StatusClass]
    not_counted: frozenset[StatusClass]
    left_ranking: frozenset[StatusClass]
    report: ReportParameters
    drafts: DraftParameters
    brief: BriefParameters
    trends: TrendParameters
    hearing: Hearing

    @model_validator(mode="after")
    def _statuses_are_told_apart(self) -> Self:
        twice = [word for word, n in Counter(w for words in self.statuses.values() for w in words).items() if n > 1]
        if twice:
            raise ValueError(f"a status means one thing: {', '.join(twice)}")
        if self.adopted & self.not_counted:
            raise ValueError("what is adopted is counted")
        return self
