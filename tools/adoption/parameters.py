"""Parameters of /adoption: the shape of `tools/adoption.yaml`, checked when it is loaded."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.domain.parameters import Overridable
from app.domain.records import FeedbackCategory, SignalKind, TouchpointKind
from tools.adoption.arguments import Attendees, Change
from tools.adoption.stages import HABIT_OF_WEEKS, STAGES, Stage

SAID_DAYS = 180
"""What was said is read of so many days."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Phrases = tuple[Words, ...]
Share = Annotated[float, Field(gt=0, le=1)]
WorkingDays = Annotated[int, Field(ge=0, le=60)]

HoldKey = Literal[
    "open_ticket",
    "asked_for_more",
    "not_in_plan",
    "few_people",
    "never_told",
    "told_not_tried",
    "sandbox_only",
    "started_lately",
    "irregular",
    "dormant",
    "stopped",
]
"""What holds a feature back, what leads first."""

HOLDS: tuple[HoldKey, ...] = get_args(HoldKey)

SignalKey = Literal["near_limit", "new_use_case", "team_growth", "replaces_tool", "advocacy"]
"""The five signs of persona §5.2 that a customer is ready for more."""

SIGNALS: tuple[SignalKey, ...] = get_args(SignalKey)

WorthKey = Literal["goal", "asked", "stopped", "sandbox", "started", "peers"]
Impact = Literal["high", "medium", "low"]
Touched = Literal["uses", "tries", "asked", "beta"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageWords(_Part):
    """What a stage is called to colleagues and to the customer, and what its goal is (persona §5.1)."""

    label: Words
    customer: Words
    goal: Words


class Play(_Part):
    """What to do, whose it is, and within so many working days."""

    tactic: Words
    owner: Words
    working_days: WorkingDays


class Hold(Play):
    """What holds a feature back, with `{figures}`, the tactic against it, and the step as a customer reads it."""

    says: Words
    customer: Words


class Sign(Play):
    """A sign that a customer is ready for more: what shows it on record within so many `days`, and what to do."""

    label: Words
    short: Words
    days: int = Field(SAID_DAYS, ge=1, le=SAID_DAYS)
    signal_kinds: tuple[SignalKind, ...] = ()
    touchpoint_kinds: tuple[TouchpointKind, ...] = ()
    phrases: Phrases = ()
    feedback: tuple[FeedbackCategory, ...] = ()
    request_phrases: Phrases = ()  # of requests alone


class QuotaRules(_Part):
    """Shares of the quota, 0 to 1: from `near_share` on it is nearly used, under `right_size_share` it is too large.

    The latter is not said of a contract younger than `right_size_after_days`. A smaller plan must hold `spare_share`
    more than the busiest month.
    """

    near_share: Share
    right_size_share: Share
    right_size_after_days: int = Field(ge=0, le=730)
    spare_share: float = Field(ge=0, le=5)
    months_shown: int = Field(ge=2, le=24)
    growth_told: float = Field(ge=0)  # percent a month from which on a mail tells it


class Drafted(_Part):
    """A mail: its paragraphs, with `{figures}` and `{names}` filled in; one whose figure is not known is left out."""

    subject: Words
    paragraphs: Phrases


class AgendaPart(_Part):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    minutes: int = Field(ge=1, le=240)
    part: Words
    for_: tuple[Attendees, ...] = Field((), alias="for")
    outcome: Words


class LabStep(_Part):
    """A step of an exercise, and what is to be seen when it worked."""

    do: Words
    see: Words


class Topic(_Part):
    """What a training can be about: its words in questions, what it is for, the steps of its exercise."""

    title: Words
    words: Phrases = ()
    purpose: Words
    needs: Phrases = ()
    lab: tuple[LabStep, ...] = Field(min_length=2)


class Enablement(_Part):
    """Trainings. `any_topic` is taken where no other topic fits; `{topic}` in it is what was asked for."""

    attendees: Mapping[Attendees, Words]
    agenda: tuple[AgendaPart, ...] = Field(min_length=2)
    topics: Mapping[str, Topic]
    any_topic: Topic
    ticket_categories: tuple[Words, ...]
    questions_shown: int = Field(ge=1, le=20)
    after: tuple[Play, ...]


class ReleaseRules(_Part):
    """What a change means to whom, and what is written to them; `asked` to those who asked for it."""

    impact: Mapping[Change, Mapping[Touched, Impact]]
    what_to_do: Mapping[Impact, Play]
    mails: Mapping[Change, Drafted]
    changes: Mapping[Change, Words]
    because: Mapping[Touched, Words]
    asked: Words
    not_told: Phrases
    shown: int = Field(ge=1, le=50)


class AdoptionParameters(Overridable):
    """`enough_share` is of the features available, `habit_weeks` of the last four, `few_people_share` of those active.

    `feature_words` are other words that a feature goes by, `plan_features` what each plan holds where that is known.
    `worth` are points for what makes a feature worth most next; `peers` counts times the share of other customers.
    Under `least_worth` none is a next step.
    """

    enough_share: Share
    habit_weeks: int = Field(ge=1, le=HABIT_OF_WEEKS)
    few_people_share: Share
    least_peers: int = Field(ge=1)
    features_shown: int = Field(ge=1, le=100)
    steps_shown: int = Field(ge=1, le=10)
    seats_share: Share
    new_people_days: int = Field(ge=1, le=365)
    feature_words: Mapping[str, Phrases]
    plan_features: Mapping[str, tuple[str, ...]]
    stages: Mapping[Stage, StageWords]
    holds: Mapping[HoldKey, Hold]
    worth: Mapping[WorthKey, Annotated[float, Field(ge=0)]]
    least_worth: float = Field(ge=0)
    signals: Mapping[SignalKey, Sign]
    quota: QuotaRules
    quota_plays: Mapping[Literal["near", "right_size"], Play]
    mails: Mapping[Literal["near", "right_size"], Drafted]
    enablement: Enablement
    release: ReleaseRules

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name, keys, given in (
            ("stages", STAGES, self.stages),
            ("holds", HOLDS, self.holds),
            ("signals", SIGNALS, self.signals),
            ("worth", get_args(WorthKey), self.worth),
            ("release.impact", get_args(Change), self.release.impact),
        ):
            if missing := set(keys) - set(given):
                raise ValueError(f"{name}: {', '.join(sorted(missing))} missing")
        return self
