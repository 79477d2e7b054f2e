"""What /onboard answers with, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, RootModel

from app.domain.figures import Text
from app.domain.records import Check, CheckState, Milestone, MilestoneSlip, Party, Stakeholder
from tools.onboard.parameters import MeasureKind, RiskKey
from tools.onboard.plan import State
from tools.onboard.readings import Holds
from tools.onboard.standing import Standing


class ReadingData(BaseModel):
    measure: MeasureKind
    least: float | None
    holds: Holds
    on: dt.date | None
    seen: Text


class StepData(BaseModel):
    """`late` and `left` are working days; `whose` is None where nobody is named."""

    code: str
    title: str
    phase: int
    owner: str | None
    planned: dt.date
    due: dt.date
    acceptance: str | None
    state: State
    done_on: dt.date | None
    done_by: Literal["signed", "data"] | None
    late: int
    left: int
    whose: Party | None
    waits_for: str | None
    readings: tuple[ReadingData, ...]


class RiskData(BaseModel):
    key: RiskKey
    label: str
    seen: Text
    do: str


class QuestionData(BaseModel):
    key: str
    ask: str
    answer: str | None


class GoalData(BaseModel):
    id: str
    title: str
    metric: str | None
    baseline: float | None
    target: float | None
    current: float | None
    due: dt.date | None


class PartData(BaseModel):
    """A part of the customer's people; their names for those whose role works with them."""

    stakeholder: Stakeholder
    people: tuple[str, ...]
    missing: bool


class PlanData(BaseModel):
    """`waited` are working days by party, "nobody named" among them; `kept` says that the plan is on record."""

    account_id: str
    standing: Standing
    day: int | None
    phase: int | None
    kept: bool
    steps: tuple[StepData, ...]
    waited: dict[str, int]
    risks: tuple[RiskData, ...]
    questions: tuple[QuestionData, ...]
    goals: tuple[GoalData, ...]
    parts: tuple[PartData, ...]
    ttv_days: int | None
    missing: tuple[str, ...]


class PipelineRow(BaseModel):
    account_id: str
    name: str
    owner: str | None
    standing: Standing
    day: int | None
    phase: int | None
    next: str | None
    next_due: dt.date | None
    overdue: tuple[str, ...]
    whose: Party | None
    done: int
    total: int
    ttv_days: int | None
    waiting_days: int | None


class PipelineData(BaseModel):
    accounts: tuple[PipelineRow, ...]
    not_shown: int


class WriteData(BaseModel):
    """What was written; `written` is False where nobody typed it, it was on record already, or it was refused.

    `open_items` are the required items for which a sign-off was refused.
    """

    account_id: str
    written: bool
    milestones: tuple[Milestone, ...] = ()
    slip: MilestoneSlip | None = None
    checks: tuple[Check, ...] = ()
    plan_kept_now: bool = False
    open_items: tuple[str, ...] = ()


class ItemData(BaseModel):
    key: str
    area: str
    ask: str
    owner: str
    required: bool
    state: CheckState | None
    source: Literal["said", "data"] | None
    seen: str
    on: dt.date | None


class SignatureData(BaseModel):
    role: str
    title: str
    on: dt.date | None


class ListData(BaseModel):
    """A list: `ready` where every required item is in place; `signed`, of go-live alone, where all roles signed."""

    account_id: str
    checklist: Literal["readiness", "go_live"]
    ready: bool
    signed: bool | None
    items: tuple[ItemData, ...]
    missing: tuple[str, ...]
    signatures: tuple[SignatureData, ...] = ()


class MappingData(BaseModel):
    integration: str
    environment: str
    direction: str
    carries: str
    auth: str | None
    status: str | None


class DesignData(BaseModel):
    account_id: str
    architecture: str
    pattern: Literal["steady", "uneven", "bursty"] | None
    peak_calls: int | None
    mappings: tuple[MappingData, ...]
    diagram: str
    missing: tuple[str, ...]


class SampleData(BaseModel):
    language: Literal["python", "node", "java"]
    file: str
    source: str


class SamplesData(BaseModel):
    samples: tuple[SampleData, ...]


class OnboardData(RootModel[PlanData | PipelineData | WriteData | ListData | DesignData | SamplesData]):
    """Data of /onboard: a plan, the pipeline, what was written, a list, a design note, or code samples."""
