"""Parameters of /metrics: the shape of `tools/metrics.yaml`, checked when it is loaded."""

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.business_hours import BusinessHours
from app.domain.parameters import Overridable
from app.domain.records import Severity, TouchpointKind

MetricKey = Literal[
    "nrr",
    "grr",
    "ttv",
    "ttfv",
    "onboarding_cycle_time",
    "activation_rate",
    "health_score",
    "nps",
    "ticket_volume",
    "feature_adoption",
    "feature_adoption_depth",
    "mttr",
    "repeat_issue_rate",
    "sla_adherence",
    "fcr",
    "escalation_rate",
    "escalation_quality",
    "csat",
    "kb_contribution",
    "enablement",
    "feedback_acceptance",
    "documentation_hygiene",
]
METRICS: tuple[MetricKey, ...] = get_args(MetricKey)

Group = Literal["customers", "service", "practice"]
TargetRule = Literal["above", "below", "at_least", "at_most", "improve_on_before", "improve_on_year_before"]
Better = Literal["higher", "lower"]
Cadence = Literal["weekly", "monthly", "quarterly"]
EvidenceKind = Literal[
    "milestones_done",
    "documentation",
    "onboardings",
    "tickets_alone",
    "sessions",
    "escalation_quality",
    "go_lives",
    "risks_recorded",
    "feedback_adopted",
    "repeats_down",
    "csat",
]

Words = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=3650)]

STEP_DAYS = 30
"""The backtest looks at the portfolio every so many days."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Response(_Section):
    """A support tier: by when the first response must come. `always` counts nights and weekends too."""

    label: Words
    severities: Annotated[tuple[Severity, ...], Field(min_length=1)]
    hours: Annotated[float, Field(gt=0, le=1000)]
    clock: Literal["always", "business"]


class Rules(_Section):
    """What counts as what; see the comments in the file."""

    repeat_days: Days
    first_contact_replies: Annotated[int, Field(ge=1, le=100)]
    activation_days: Days
    kickoff_words: Annotated[tuple[Words, ...], Field(min_length=1)]
    go_live_words: Annotated[tuple[Words, ...], Field(min_length=1)]
    session_kinds: Annotated[tuple[TouchpointKind, ...], Field(min_length=1)]
    top_features: Annotated[int, Field(ge=1, le=20)]
    risk_days: Days
    risk_kinds: Annotated[tuple[TouchpointKind, ...], Field(min_length=1)]
    feed_start_days: Days
    feed_start_contract_days: Days


class Target(_Section):
    """What a metric's value is held against; `annual`: a rate of a year, of which a shorter period owes its part."""

    rule: TargetRule = Field(alias="is")
    value: Annotated[float, Field(ge=-1000, le=1e9, allow_inf_nan=False)]
    annual: bool = False

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Metric(_Section):
    """A metric's name and target. Without a target it is shown and not judged."""

    label: Words
    group: Group
    source: Words
    unit: Words
    better: Better
    cadence: Cadence
    target: Target | None = None
    next: Words


class NotMeasured(_Section):
    """A metric that the data cannot give, and the data that would."""

    label: Words
    cadence: Cadence
    target: Words
    needs: Words


class RampGoal(_Section):
    text: Words
    evidence: EvidenceKind | None = None
    least: Annotated[float, Field(ge=0, le=1000)] = 1


class RampStage(_Section):
    """Goals that are due by the end of day `through_day`; the first day of work is day 1."""

    key: Words
    label: Words
    through_day: Days
    goals: Annotated[dict[str, RampGoal], Field(min_length=1)]


class Backtest(_Section):
    horizon_days: Annotated[int, Field(ge=STEP_DAYS, le=360, multiple_of=STEP_DAYS)]
    min_events: Annotated[int, Field(ge=1, le=1000)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]


class MetricsParameters(Overridable):
    """All that the metrics, the ramp and the backtest depend on."""

    business_hours: BusinessHours
    response: Annotated[dict[str, Response], Field(min_length=1)]
    rules: Rules
    metrics: dict[MetricKey, Metric]
    not_measured: dict[str, NotMeasured]
    ramp: Annotated[tuple[RampStage, ...], Field(min_length=1)]
    backtest: Backtest

    @model_validator(mode="after")
    def _check(self) -> Self:
        if missing := set(METRICS) - set(self.metrics):
            raise ValueError(f"metrics needs {', '.join(sorted(missing))}")
        claimed = [severity for tier in self.response.values() for severity in tier.severities]
        if sorted(claimed) != sorted(get_args(Severity)):
            raise ValueError("response needs each severity in exactly one tier")
        days = [stage.through_day for stage in self.ramp]
        if days != sorted(set(days)):
            raise ValueError("the stages of the ramp must follow each other")
        keys = [key for stage in self.ramp for key in stage.goals]
        if len(keys) != len(set(keys)):
            raise ValueError("a goal of the ramp stands in one stage")
        return self
