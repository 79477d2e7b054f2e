"""Parameters of /renewal: the playbook with its rules for entering late, blockers, forecast and commercial ideas."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Overridable
from app.domain.records import Severity, SignalKind, Stakeholder, TouchpointKind, UsageModel
from tools.health.data import Level, Tier

Anchor = Literal["decision", "renewal"]
Words = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LateRule(_Part):
    """What becomes of an overdue step while its conditions hold; the first rule that applies decides.

    `before` and `after` are the decision date, the renewal date, or the due day of a later step.
    """

    before: str | None = None
    after: Anchor | None = None
    auto_renew: bool | None = None
    do: Literal["keep", "merge", "drop"]
    into: str | None = None
    reason: str

    @model_validator(mode="after")
    def _merges_into(self) -> Self:
        if (self.do == "merge") != (self.into is not None):
            raise ValueError("a rule that merges, and no other, says into which step")
        return self

    @property
    def always(self) -> bool:
        return self.before is None and self.after is None and self.auto_renew is None


class DoneBy(_Part):
    """What on record shows that a step was done, from so many days before its due day on.

    A touchpoint of these kinds that took place, with one of the `stakeholders` where some are named; a note that begins
    so; a promise with these words that was kept.
    """

    from_days: int = Field(ge=0, le=365)
    kinds: tuple[TouchpointKind, ...] = ()
    stakeholders: tuple[Stakeholder, ...] = ()
    note: str = ""
    promises: Words = ()


class Step(_Part):
    """A step of the playbook, so many `days` before the day that binds. `weekly_until` names the step that ends it."""

    key: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    days: int = Field(ge=0, le=365)
    title: str
    owner: str
    text: str
    before_notice: bool
    at_risk_only: bool = False
    by_tier: Mapping[Tier, str] = Field(default_factory=dict)
    lapsed: str = ""
    weekly_until: str | None = None
    done_by: DoneBy
    late: tuple[LateRule, ...]

    def told(self, tier: Tier, *, lapsed: bool) -> str:
        """What is to be done for an account of that tier, or whose contract lapsed."""
        if lapsed and self.lapsed:
            return self.lapsed
        return self.by_tier.get(tier, self.text)


class AtRisk(_Part):
    tiers: tuple[Tier, ...]
    levels: tuple[Level, ...]

    def holds(self, tier: str, level: str) -> bool:
        return tier in self.tiers or level in self.levels


class RiskOrLapsed(AtRisk):
    lapsed: bool


class Commit(_Part):
    """A usage contract under `below` percent of the commit so far is a risk, from `min_months` of the term on."""

    models: tuple[UsageModel, ...]
    below: float = Field(gt=0, le=100)
    min_months: float = Field(ge=0, le=24)


class BlockerOwners(_Part):
    ticket: str
    escalated: str
    promise: str
    request: str
    signal: str
    integration: str


class BlockerRules(_Part):
    severities: tuple[Severity, ...]
    integration_statuses: Words
    request_words: Words
    request_severities: tuple[Severity, ...]
    request_done: Words
    signals: tuple[SignalKind, ...]
    signal_days: int = Field(ge=1, le=730)
    owners: BlockerOwners


class Lost(_Part):
    notice_days: int = Field(ge=1, le=730)
    notice_words: Words


class Forecast(_Part):
    """Who is lost, who is at risk, and who of those is not in the most likely case. Who is none of it and has a known
    tier is in the commit.
    """

    lost: Lost
    not_words: Words
    at_risk: RiskOrLapsed
    unlikely: RiskOrLapsed


class Offer(_Part):
    """A commercial idea: the kind of approval that it needs (app/security/decision_rights.yaml), and its words."""

    title: str
    kind: str
    words: Words
    example: str


class RenewalParameters(Overridable):
    """Steps come in the order of their days; those that must be done before notice can be given come first."""

    horizon_days: int = Field(ge=1, le=1095)
    soon_days: int = Field(ge=1, le=365)
    late_working_days: int = Field(ge=0, le=30)
    lost_days: int = Field(ge=0, le=730)
    at_risk: AtRisk
    steps: tuple[Step, ...]
    agenda: Mapping[str, str]
    most_questions: int = Field(ge=1, le=20)
    commit: Commit
    blockers: BlockerRules
    forecast: Forecast
    offers: Mapping[str, Offer]

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        order = [(not step.before_notice, -step.days) for step in self.steps]
        if not order or order != sorted(order):
            raise ValueError("steps: those before notice first, and each by its days, the earliest first")
        places = {step.key: place for place, step in enumerate(self.steps)}
        if len(places) != len(self.steps):
            raise ValueError("steps: each key once")
        for place, step in enumerate(self.steps):
            _check_rules(step, {key for key, other in places.items() if other > place}, self.steps)
        return self


def _check_rules(step: Step, later: set[str], steps: tuple[Step, ...]) -> None:
    """Rules name later steps alone, merge into one that every such account has, and the last holds always."""
    if not step.late or not step.late[-1].always:
        raise ValueError(f"steps.{step.key}.late: the last rule has no condition")
    for_all = {other.key for other in steps if not other.at_risk_only}
    for rule in step.late:
        if rule.before not in (None, "decision", "renewal", *later):
            raise ValueError(f"steps.{step.key}.late: {rule.before!r} is no later step")
        if rule.into is not None and rule.into not in later & for_all:
            raise ValueError(f"steps.{step.key}.late: {rule.into!r} is no later step that all accounts have")
    if step.weekly_until is not None and step.weekly_until not in later:
        raise ValueError(f"steps.{step.key}.weekly_until: {step.weekly_until!r} is no later step")
