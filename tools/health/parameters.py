"""Parameters of /health: the shape of `tools/health.yaml`, checked as a whole when it is loaded."""

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Overridable
from app.domain.records import Severity, SignalKind, TouchpointKind, TouchpointStatus

ComponentKey = Literal[
    "dau",
    "api_calls",
    "feature_adoption",
    "nps",
    "outreach",
    "champion",
    "ticket_volume",
    "resolution_time",
    "escalations",
    "outcomes",
]
PlayKey = Literal[
    "overdue_promise",
    "renewal",
    "onboarding_milestone",
    "open_sev1",
    "overdue_tickets",
    "usage_decline",
    "executive_escalation",
    "missed_meetings",
    "success_plan",
    "engineering_support",
    "champion_departure",
    "low_adoption",
    "budget_cuts",
    "error_spike",
    "three_declines",
    "gone_quiet",
    "onboarding_stalled",
    "product_gap",
    "data_gaps",
    "expansion",
    "pricing_discussion",
]
HandoverKey = Literal[
    "read_up",
    "old_owner",
    "promises",
    "open_issues",
    "introduction",
    "champion",
    "renewal",
    "integrations",
    "goals",
    "missing_data",
    "health_check",
]
WindowDays = Annotated[int, Field(ge=1, le=1095)]
Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=100)]


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(Settings):
    """A measure earns no points at `zero_at`, all of them at `full_at`, and a straight line between."""

    zero_at: float
    full_at: float

    @model_validator(mode="after")
    def _has_extent(self) -> Self:
        if self.zero_at == self.full_at:
            raise ValueError("zero_at and full_at must differ")
        return self


class Dau(Scale):
    distinct_up_to_seats: Annotated[int, Field(ge=0)]


class ApiCalls(Scale):
    min_span_days: Annotated[int, Field(ge=1, le=84)]


class Nps(Scale):
    window_days: WindowDays
    neutral_added: Annotated[float, Field(ge=0)]


class Outreach(Scale):
    window_days: WindowDays
    kinds: tuple[TouchpointKind, ...]


class Champion(Settings):
    window_days: WindowDays
    touchpoint_kinds: tuple[TouchpointKind, ...]
    signal_kinds: tuple[SignalKind, ...]


class WindowScale(Scale):
    window_days: WindowDays


class ResolutionTime(WindowScale):
    target_hours: dict[Severity, Annotated[float, Field(gt=0)]]

    @model_validator(mode="after")
    def _every_severity(self) -> Self:
        if len(self.target_hours) != 4:
            raise ValueError("target_hours needs SEV1, SEV2, SEV3 and SEV4")
        return self


class Components(Settings):
    dau: Dau
    api_calls: ApiCalls
    feature_adoption: Scale
    nps: Nps
    outreach: Outreach
    champion: Champion
    ticket_volume: WindowScale
    resolution_time: ResolutionTime
    escalations: WindowScale
    outcomes: Scale


class Tiers(Settings):
    """Scores from which a tier begins, and what a score and a firm green need (all of 100)."""

    green: Points
    yellow: Points
    min_coverage: Points
    firm_green_coverage: Points
    firm_green_floor: Points

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow must begin below green")
        return self


class UsageDecline(Settings):
    at_most: Share
    min_calls: Annotated[float, Field(gt=0)]
    min_daily_users: Annotated[float, Field(gt=0)]


class LowAdoption(Settings):
    below: Share


class SupportSpike(Settings):
    window_days: WindowDays
    base_days: WindowDays
    factor: Annotated[float, Field(gt=0)]
    min_tickets: Annotated[int, Field(ge=1)]


class ChampionDeparture(Settings):
    window_days: WindowDays


class Mention(Settings):
    """A signal that was heard; not hearing it counts only where somebody talked with the customer."""

    signal: SignalKind
    window_days: WindowDays
    conversation_days: WindowDays
    conversation_kinds: tuple[TouchpointKind, ...]


class MissedMeetings(Settings):
    window_days: WindowDays
    no_shows: Annotated[int, Field(ge=1)]
    kinds: tuple[TouchpointKind, ...]


class Indicators(Settings):
    usage_decline: UsageDecline
    low_adoption: LowAdoption
    support_spike: SupportSpike
    champion_departure: ChampionDeparture
    budget_cuts: Mention
    competitor: Mention
    missed_meetings: MissedMeetings


class ErrorSpike(Settings):
    """Errors per call of a week: at least `at_least`, and `factor` times those of the 28 days before."""

    factor: Annotated[float, Field(gt=0)]
    at_least: Share
    min_calls: Annotated[float, Field(gt=0)]


class UsageBase(Settings):
    """What a window must hold for the next one's decline to tell something."""

    at_most: Share
    min_calls: Annotated[float, Field(gt=0)]
    min_daily_users: Annotated[float, Field(gt=0)]


class GoneQuiet(UsageBase):
    """`months` are windows of `window_days` before the last such window."""

    window_days: Annotated[int, Field(ge=1, le=90)]
    months: Annotated[int, Field(ge=1, le=24)]


class OnboardingStalled(Settings):
    idle_days: Annotated[int, Field(ge=1, le=365)]
    rising_at_least: Annotated[float, Field(gt=1)]
    kinds: tuple[TouchpointKind, ...]


class Watch(Settings):
    """Watch items: they count neither in the score nor in the churn level."""

    error_spike: ErrorSpike
    three_declines: UsageBase
    gone_quiet: GoneQuiet
    onboarding_stalled: OnboardingStalled


class ChurnLevels(Settings):
    """Numbers of triggered indicators from which a level begins, and what lifts a level one step."""

    elevated_at: Annotated[int, Field(ge=1, le=7)]
    high_at: Annotated[int, Field(ge=1, le=7)]
    critical_at: Annotated[int, Field(ge=1, le=7)]
    min_known: Annotated[int, Field(ge=0, le=7)]
    red_lifts_below: Annotated[int, Field(ge=0, le=8)]
    decision_days: WindowDays
    lapsed_days: Annotated[int, Field(ge=0, le=1095)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.elevated_at <= self.high_at <= self.critical_at:
            raise ValueError("elevated_at, high_at and critical_at must rise")
        return self


class Phase(Settings):
    """A part of the onboarding plan, through a day counted from the contract's start (day 1)."""

    through_day: Annotated[int, Field(ge=1, le=365)]
    name: str
    milestone: str


class Onboarding(Settings):
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]

    @property
    def days(self) -> int:
        return self.phases[-1].through_day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ends = [phase.through_day for phase in self.phases]
        if sorted(set(ends)) != ends:
            raise ValueError("phases must end one after the other")
        return self


class Play(Settings):
    """Something to do: whose it is, and within how many working days."""

    stakeholder: str
    due_working_days: Annotated[int, Field(ge=0, le=260)]
    text: str


class Notes(Settings):
    """What /health log reads in a note. In a phrase `~` stands for up to four words, `a|b` for either word.

    `competitors` are names of which any mention counts; `promise_verbs` and `roles` are single words or phrases.
    A brief reads the texts of the last `heard_days` for promises that are not on record, `most_heard` of them at most.
    Words of `unless` take a signal away. A name after `evaluating` is a competitor's, one after `looking` may be.
    """

    competitors: tuple[str, ...]
    kinds: dict[TouchpointKind, tuple[str, ...]]
    statuses: dict[TouchpointStatus, tuple[str, ...]]
    signals: dict[SignalKind, tuple[str, ...]]
    unless: dict[SignalKind, tuple[str, ...]]
    looking: tuple[str, ...]
    evaluating: tuple[str, ...]
    promise_verbs: tuple[str, ...]
    roles: tuple[str, ...]
    most_records: Annotated[int, Field(ge=1, le=100)]
    heard_days: WindowDays
    most_heard: Annotated[int, Field(ge=1, le=100)]


class HandoverStep(Settings):
    """Something a new owner does, within how many working days of the handover."""

    due_working_days: Annotated[int, Field(ge=0, le=260)]
    text: str


class Handover(Settings):
    """The first days of a new owner. An escalation is quiet after `quiet_days` without an update."""

    quiet_days: Annotated[int, Field(ge=0, le=365)]
    steps: dict[HandoverKey, HandoverStep]

    @model_validator(mode="after")
    def _every_step(self) -> Self:
        if set(self.steps) != set(get_args(HandoverKey)):
            raise ValueError("handover needs every step")
        return self


class HealthParameters(Overridable):
    """All that the score, the indicators and the actions depend on. Weights must sum to 100."""

    weights: dict[ComponentKey, Points]
    components: Components
    tiers: Tiers
    indicators: Indicators
    watch: Watch
    churn: ChurnLevels
    onboarding: Onboarding
    renewal_first_days: Annotated[int, Field(ge=0, le=365)]
    product_gap_categories: tuple[str, ...]
    notes: Notes
    playbook: dict[PlayKey, Play]
    handover: Handover

    @model_validator(mode="after")
    def _check(self) -> Self:
        if set(self.weights) != set(Components.model_fields):
            raise ValueError("weights needs every component")
        if abs(sum(self.weights.values()) - 100) > 1e-9:
            raise ValueError(f"weights must sum to 100, not {sum(self.weights.values()):g}")
        if set(self.playbook) != set(get_args(PlayKey)):
            raise ValueError("playbook needs every play")
        if list(self.playbook)[-1] != "pricing_discussion":
            raise ValueError("pricing_discussion is the last resort: it comes last in the playbook")
        self._check_overrides()
        return self

    def _check_overrides(self) -> None:
        """A wrong override is found when the parameters are loaded, not when it first applies to an account."""
        segments = {override.segment for override in self.overrides} | {None}
        lifecycles = {override.lifecycle for override in self.overrides} | {None}
        for segment in segments:
            for lifecycle in lifecycles:
                self.for_account(segment, lifecycle)
