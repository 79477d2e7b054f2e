"""The typed data of /qbr, for programs. None: not known."""

import datetime as dt

from pydantic import BaseModel, ConfigDict

from app.domain.records import Severity, Stakeholder
from tools.feedback.statuses import Answer
from tools.health.data import Level, Tier
from tools.qbr.parameters import GoalWord, PartKey


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class QuarterData(_Data):
    """The quarter reviewed and the one before; `running`: it has not ended, and is compared with as many days."""

    name: str
    first: dt.date
    last: dt.date
    before: str
    running: bool


class MeasureData(_Data):
    """A measure of use in the quarter and before; `change` in percent, of features in features."""

    key: str
    before: float | None
    now: float | None
    change: float | None


class GoalData(_Data):
    """A goal against its result. `progress` is the share of the way, `change` that of the baseline, both in percent."""

    id: str
    title: str
    metric: str | None
    baseline: float | None
    target: float | None
    current: float | None
    progress: float | None
    change: float | None
    stands: GoalWord
    due: dt.date | None


class ValueData(_Data):
    """Worth of the goals achieved and on track a year, in `currency`; `roi` is delivered ÷ ARR."""

    delivered: float | None
    in_reach: float | None
    roi: float | None
    currency: str


class SupportData(_Data):
    """Tickets of the quarter; `median_hours` from opening to resolution. `nps` of the answers of the quarter."""

    opened: int | None
    resolved: int | None
    median_hours: float | None
    sev1: int | None
    sev2: int | None
    nps: float | None
    nps_answers: int


class IncidentData(_Data):
    """A severe ticket from the quarter's first day on. `hours` from opening to resolution; None: still open."""

    ticket: str
    severity: Severity
    opened_on: dt.date
    hours: float | None
    subject: str | None


class RoadmapData(_Data):
    """What a customer may see of the roadmap. `request` is the id of its own request that it answers."""

    feature: str
    quarter: str | None
    beta_open: bool
    request: str | None


class RequestData(_Data):
    id: str
    title: str
    stands: Answer
    since: dt.date | None
    shipped_on: dt.date | None


class ProposalData(_Data):
    """A goal to propose for the next quarter. `key` says what it rests on."""

    key: str
    what: str


class PromptData(_Data):
    """A question to the customer where the data has a hole."""

    part: PartKey
    key: str
    ask: str


class AskData(_Data):
    """What we ask of the customer: an introduction, a case study, a beta."""

    key: str
    ask: str


class AttendeeData(_Data):
    """Who should be there; `names` is empty where nobody is on record."""

    stakeholder: Stakeholder
    names: tuple[str, ...]


class PartData(_Data):
    """A part of the meeting, and when it begins where that is known."""

    key: PartKey
    title: str
    minutes: int
    start: dt.time | None


class StepData(_Data):
    """Something to prepare; `due` where the day of the meeting is known."""

    what: str
    owner: str
    due: dt.date | None


class HealthData(_Data):
    """The score at the end of the quarter reviewed and of the one before; the churn level and tier of today."""

    tier: Tier
    level: Level
    score: float | None
    end_of_quarter: float | None
    end_of_quarter_before: float | None
    change: float | None


class QbrData(_Data):
    """The review of an account. Where it was no customer yet on the day asked about, all but its name is empty."""

    id: str
    name: str
    quarter: QuarterData
    on: dt.date | None = None
    agenda: tuple[PartData, ...] = ()
    measures: tuple[MeasureData, ...] = ()
    features: tuple[str, ...] = ()
    goals: tuple[GoalData, ...] = ()
    value: ValueData | None = None
    support: SupportData | None = None
    incidents: tuple[IncidentData, ...] = ()
    roadmap: tuple[RoadmapData, ...] = ()
    requests: tuple[RequestData, ...] = ()
    proposals: tuple[ProposalData, ...] = ()
    prompts: tuple[PromptData, ...] = ()
    asks: tuple[AskData, ...] = ()
    attendees: tuple[AttendeeData, ...] = ()
    preparation: tuple[StepData, ...] = ()
    health: HealthData | None = None
