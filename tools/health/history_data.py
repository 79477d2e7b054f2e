"""The typed data of /health brief and /health handover, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.domain.figures import Text
from app.domain.records import GoalStatus, Severity, Stakeholder, TouchpointKind
from tools.health.data import ActionData, DayHealth, IndicatorChange, PromiseData, WatchData
from tools.health.history import EventKind


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class PersonData(_Data):
    """`heard_on` is the day of the newest record in which the person took part, `heard_in` what it was."""

    id: str
    name: str | None
    role: str | None
    stakeholder: Stakeholder | None
    champion: bool
    left_on: dt.date | None
    heard_on: dt.date | None
    heard_in: str | None


class OpenTicketData(_Data):
    """`late`: older than the target of its severity. A ticket without severity counts as SEV3."""

    id: str
    severity: Severity
    opened_on: dt.date
    age_days: int
    late: bool
    escalated: bool
    subject: str | None


class OpenEscalationData(_Data):
    id: str
    severity: Severity | None
    title: str
    owner: str | None
    opened_on: dt.date
    state: Literal["open", "fix in, not yet verified"]
    told_on: dt.date | None


class GoalData(_Data):
    """`progress` in percent of the way from the baseline to the target; null where a number is missing."""

    id: str
    title: str
    status: GoalStatus | None
    progress: float | None
    value_amount: float | None
    due: dt.date | None
    past_due: bool


class EventData(_Data):
    on: dt.date
    kind: EventKind
    what: Text


class QuestionData(_Data):
    """A question to the customer, and the reason for it."""

    key: str
    ask: str
    because: Text


class ContactData(_Data):
    """The last conversation that took place before the day of the answer."""

    on: dt.date
    kind: TouchpointKind
    contact_id: str | None


class Relationship(_Data):
    """What the brief and the handover share of an account. `promises` are open, `goals` not only open ones."""

    id: str
    name: str
    last_contact: ContactData | None
    now: DayHealth
    people: tuple[PersonData, ...]
    promises: tuple[PromiseData, ...]
    tickets: tuple[OpenTicketData, ...]
    escalations: tuple[OpenEscalationData, ...]
    goals: tuple[GoalData, ...]
    events: tuple[EventData, ...]


class HeardData(_Data):
    """A promise that a touchpoint's text tells of and that is not on record. `record_with` is the line that records it,
    "" where nobody is said to have given it."""

    touchpoint_id: str
    date: dt.date
    by: str | None
    what: str
    due: dt.date | None
    record_with: str


class HealthBrief(Relationship):
    """One page before a call. `then` is the day of the last contact, or 30 days before where there was none; null where
    there is no such day on record. `events` are those since then.
    """

    settle: str
    settle_because: Text
    questions: tuple[QuestionData, ...]
    then: DayHealth | None
    change: float | None
    indicators: tuple[IndicatorChange, ...]
    watch: tuple[WatchData, ...]
    heard: tuple[HeardData, ...]


class IntegrationData(_Data):
    kind: str
    auth: str | None
    environment: str
    status: str | None
    note: str | None


class HandoverTask(_Data):
    """Something the new owner does in the first 30 days."""

    key: str
    text: str
    because: Text
    due: dt.date


class HealthHandover(Relationship):
    """What a new owner needs to know of an account. `missing` is what nobody knows."""

    owner: str | None
    risks: tuple[Text, ...]
    single_champion: bool
    integrations: tuple[IntegrationData, ...]
    missing: tuple[str, ...]
    actions: tuple[ActionData, ...]
    first_days: tuple[HandoverTask, ...]
    ask_old_owner: tuple[QuestionData, ...]
