"""Parameters of /qbr: the shape of `tools/qbr.yaml`, checked when it is loaded."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Overridable
from app.domain.records import Severity, Stakeholder
from tools.feedback.statuses import LABELS, Answer

PartKey = Literal["usage", "outcomes", "roadmap", "feedback", "goals"]
GoalWord = Literal["achieved", "on_track", "at_risk", "missed", "past_due", "unknown"]
When = Literal["always", "prompts", "incidents", "overdue", "at_risk"]

Rows = Annotated[int, Field(ge=1, le=8)]
Percent = Annotated[float, Field(ge=0, le=100)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Section):
    """A part of the meeting: its minutes, what it settles for the customer, and what the speaker minds."""

    key: PartKey
    title: str
    minutes: int = Field(ge=1, le=90)
    settles: str
    say: str


class Questions(_Section):
    """What is always asked in the part about feedback."""

    working: str
    frustrating: str
    top_three: str


class Asked(_Section):
    """What the customer is asked where the data has a hole; goals fill in `{metric}`, `{title}` and `{since}`."""

    usage: str
    features: str
    no_goals: str
    goal_result: str
    goal_today: str
    goal_measure: str
    worth: str
    no_worth: str
    support: str
    recommend: str
    roadmap: str


class Shown(_Section):
    """Rows of each table at most: one table fits a slide."""

    goals: Rows
    worth: Rows
    incidents: Rows
    roadmap: Rows
    tickets: Rows
    requests: Rows
    proposals: Rows
    prompts: Rows
    names: Rows

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.tickets + self.requests > 8:
            raise ValueError("tickets and requests share a slide: together 8 at most")
        return self


class CaseStudy(_Section):
    """The least health score and NPS with which a customer is asked to tell its story."""

    least_score: Percent
    least_nps: Annotated[float, Field(ge=-100, le=100)]


class Rules(_Section):
    """Thresholds; `moved` and `adopted` in percent."""

    moved: Percent
    adopted: Percent
    chart_months: int = Field(ge=2, le=60)
    chart_least: int = Field(ge=2, le=60)
    nps_least: int = Field(ge=1, le=100)
    incident_severities: tuple[Severity, ...]
    roadmap_audiences: frozenset[str]
    case_study: CaseStudy


class OurRole(_Section):
    """Who of us is there, and what that person does."""

    role: str
    does: str


class Step(_Section):
    """Something to prepare, so many working days before the meeting (negative: after it), where `when` holds."""

    what: str
    owner: str
    days: int = Field(ge=-30, le=60)
    when: When = "always"


class QbrParameters(Overridable):
    """The meeting's parts with their minutes, what is shown and asked, and what is prepared by when."""

    parts: tuple[Part, ...]
    shortest: int = Field(ge=1)
    longest: int = Field(ge=1)
    questions: Questions
    ask: Asked
    ask_first: str
    shown: Shown
    rules: Rules
    goal_words: Mapping[GoalWord, str]
    request_words: Mapping[Answer, str]
    not_shown: frozenset[Answer]
    quarter_words: Mapping[str, str]
    roadmap_note: str
    proposal_note: str
    stakeholders: Mapping[Stakeholder, str]
    introductions: tuple[Stakeholder, ...]
    our_side: tuple[OurRole, ...]
    preparation: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        """Of the whole meeting."""
        return sum(part.minutes for part in self.parts)

    def part(self, key: PartKey) -> Part:
        return next(part for part in self.parts if part.key == key)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sorted(part.key for part in self.parts) != sorted(get_args(PartKey)):
            raise ValueError(f"each part once: {', '.join(get_args(PartKey))}")
        if not self.shortest <= self.minutes <= self.longest:
            raise ValueError(f"the parts take {self.minutes} minutes, not {self.shortest} to {self.longest}")
        if set(self.goal_words) != set(get_args(GoalWord)):
            raise ValueError(f"goal_words says each of {', '.join(get_args(GoalWord))}")
        if set(self.request_words) | self.not_shown != set(LABELS):
            raise ValueError("request_words says how every request stands that is shown")
        return self
