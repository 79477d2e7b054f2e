"""The typed data of /renewal, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from app.domain.figures import Evidence, Text
from tools.health.data import Level, Tier
from tools.renewal.blockers import BlockerKind
from tools.renewal.parameters import Anchor
from tools.renewal.steps import State

Bucket = Literal["commit", "at_risk", "unknown", "lost"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class StepData(_Data):
    """A step with its due day from the renewal date and from the decision date; `binding` names the one that counts.

    `do_by` is the day for a kept step; `into` the step that a merged one goes into; `done_on` the day of the record
    that shows it done.
    """

    key: str
    title: str
    days: int
    owner: str
    text: str
    due_by_renewal: dt.date
    due_by_decision: dt.date
    due: dt.date
    binding: Anchor
    state: State
    overdue: bool
    do_by: dt.date | None
    into: str | None
    reason: str
    done_on: dt.date | None
    evidence: Evidence | None


class BlockerData(_Data):
    kind: BlockerKind
    id: str
    what: Text
    since: dt.date | None
    owner: str


class GoalValue(_Data):
    """A goal and what it is worth a year, as the customer put it; None where nobody knows."""

    id: str
    title: str
    status: str | None
    value: float | None
    progress: float | None


class CommitData(_Data):
    """Calls used from `first` to `last` against the commit for those days; `missing` says why a number is not known."""

    first: dt.date | None
    last: dt.date | None
    used: float | None
    months: float | None
    committed: float | None
    share: float | None
    is_risk: bool
    missing: str


class QuestionLine(_Data):
    ask: str
    because: Text


class AnniversaryData(_Data):
    on: dt.date
    is_over: bool


class AccountRenewal(_Data):
    """One account's renewal. Dates are of the term that runs; `rolled` says that it began by itself.

    `missing` is what one would have to know, in words.
    """

    id: str
    name: str
    state: Literal["open", "lapsed", "churned", "not_yet", "no_date"]
    tier: Tier
    churn_level: Level
    at_risk: bool
    arr: float | None
    currency: str
    owner: str | None
    renewal_date: dt.date | None
    decision_date: dt.date | None
    lapsed_days: int | None
    auto_renew: bool | None
    rolled: bool
    notice_days: int | None
    steps: tuple[StepData, ...]
    next_step: str | None
    blockers: tuple[BlockerData, ...]
    agenda: tuple[QuestionLine, ...]
    goals: tuple[GoalValue, ...]
    value_delivered: float | None
    value_in_reach: float | None
    roi: float | None
    commit: CommitData | None
    champions: tuple[str, ...]
    decision_makers: tuple[str, ...]
    anniversaries: tuple[AnniversaryData, ...]
    missing: tuple[str, ...]


class RenewalLine(_Data):
    """An account in the calendar; `arr_counted` is what its ARR adds to the forecast."""

    id: str
    name: str
    owner: str | None
    segment: str | None
    tier: Tier
    churn_level: Level
    arr: float | None
    arr_counted: float | None
    currency: str
    renewal_date: dt.date
    decision_date: dt.date
    lapsed_days: int | None
    rolled: bool
    auto_renew: bool | None
    days_to_decision: int | None
    bucket: Bucket
    likely: bool
    because: str
    quarter: str
    next_step: str | None
    next_step_by: dt.date | None


class ForecastRow(_Data):
    """Sums of a quarter's renewals in one currency. `best` is commit and at risk, `likely` leaves the unlikely out."""

    quarter: str
    currency: str
    accounts: int
    arr_unknown: int
    commit: float
    at_risk: float
    unknown: float
    lost: float
    likely: float
    best: float


class RenewalCalendar(_Data):
    """Renewals by decision date, those that lapsed first. `undated` are customers without a date to plan for."""

    first: dt.date
    last: dt.date
    accounts: tuple[RenewalLine, ...]
    total: int
    lapsed: int
    forecast: tuple[ForecastRow, ...]
    totals: tuple[ForecastRow, ...]
    undated: tuple[str, ...]
    next_cursor: str | None


class RenewalProposal(_Data):
    """A commercial idea that was put up for approval; `offers` are the kinds that were read in it."""

    account_id: str
    idea: str
    offers: tuple[str, ...]
    proposed: bool


class RenewalData(RootModel[AccountRenewal | RenewalCalendar | RenewalProposal]):
    """Data of /renewal: of one account, of the calendar where none is named, or of a proposal."""
