"""The data of /adoption, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from app.domain.figures import Evidence
from tools.adoption.arguments import Attendees, Change
from tools.adoption.parameters import HoldKey, Impact, SignalKey, Touched
from tools.adoption.quota import State as QuotaState
from tools.adoption.signals import State
from tools.adoption.stages import Stage


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class FeatureData(_Data):
    """A feature at the account: how far it is, what holds it back, what to do; `worth` are the points it ranks by."""

    name: str
    stage: Stage
    weeks: int
    first_production: dt.date | None
    last_production: dt.date | None
    holds: tuple[HoldKey, ...]
    tactic: str | None
    worth: float


class SignalData(_Data):
    """A sign that the customer is ready for more, and the records that show it."""

    key: SignalKey
    state: State
    evidence: tuple[Evidence, ...]
    missing: str


class QuotaData(_Data):
    """The API quota of as_of's month; shares in percent. None: not known."""

    state: QuotaState
    because: str
    monthly: int | None
    used: float | None
    used_share: float | None
    projected_share: float | None
    limit_on: dt.date | None
    right_size: bool


class NextPlanData(_Data):
    """A bigger plan in multiples of the own: its quota, its list price, and quota per price."""

    name: str
    headroom: float
    cost: float | None
    ratio: float | None


class AccountAdoption(_Data):
    """Adoption of one account. `features_known_on` is the day that the stages are of; None: no use is on record.

    `names_known` of the `available` features have a name on record.
    """

    id: str
    name: str
    used: int | None
    available: int | None
    names_known: int
    enough: bool | None
    features_known_on: dt.date | None
    features_current: bool
    features: tuple[FeatureData, ...]
    next_feature: str | None
    signals: tuple[SignalData, ...]
    quota: QuotaData
    next_plan: NextPlanData | None
    hold_off: str | None


class AdoptionLine(_Data):
    """One account of the book. `triggered` are the signs that are triggered; shares in percent."""

    id: str
    name: str
    owner: str | None
    arr: float | None
    currency: str
    used: int | None
    available: int | None
    habit: int | None
    enough: bool | None
    quota_used_share: float | None
    triggered: tuple[SignalKey, ...]


class AdoptionBook(_Data):
    """Adoption of every account, those that need a hand first."""

    accounts: tuple[AdoptionLine, ...]
    enough: int
    not_enough: int
    unknown: int
    next_cursor: str | None = None


class QuestionData(_Data):
    """A question that is asked at a training, its answer where one is on record, and where it comes from."""

    question: str
    answer: str | None
    source: str


class EnablementData(_Data):
    """Material for a training."""

    action: Literal["enablement"] = "enablement"
    topic: str
    account: str | None
    attendees: Attendees
    minutes: int
    recording: str | None
    questions: tuple[QuestionData, ...]


class HeldData(_Data):
    """A training that was held. `recorded` is the touchpoint's id; None where nothing was written."""

    action: Literal["held"] = "held"
    account: str
    topic: str
    on: dt.date
    recorded: str | None


class TouchedData(_Data):
    """An account that a release touches: why, how much, and how often it used the feature."""

    id: str
    name: str
    owner: str | None
    arr: float | None
    currency: str
    because: tuple[Touched, ...]
    impact: Impact
    uses: float | None


class ReleaseData(_Data):
    """Whom a release touches, the hardest hit first; `unknown` are accounts whose use is not on record."""

    action: Literal["release"] = "release"
    feature: str
    change: Change
    on: dt.date | None
    touched: tuple[TouchedData, ...]
    unknown: tuple[str, ...]


class AdoptionData(RootModel[AccountAdoption | AdoptionBook | EnablementData | HeldData | ReleaseData]):
    """Data of /adoption: of one account, of the book where none is named, or of what a subcommand tells."""
