"""The data of /escalate, for programs."""

import datetime as dt

from pydantic import BaseModel, ConfigDict

from app.domain.records import Severity
from app.domain.redact import SecretKind
from tools.escalate.criteria import CriterionKey, Met
from tools.escalate.parameters import ItemName, Kind
from tools.escalate.rubric import ItemState


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class CriterionData(_Data):
    """A criterion for engineering; `kind` is the kind of issue that it belongs to."""

    key: CriterionKey
    kind: Kind
    met: Met
    because: str


class ItemData(_Data):
    """An item of the rubric."""

    key: ItemName
    state: ItemState
    because: str


class FollowData(_Data):
    """What follows a package that goes incomplete, from whom and by when."""

    field: str
    owner: str
    due: dt.datetime


class SimilarData(_Data):
    """An open ticket of another account that tells of something similar."""

    account_id: str
    account_name: str
    ticket_id: str
    opened_at: dt.datetime
    severity: str | None
    subject: str
    because: str


class PackageData(_Data):
    """The package for engineering. None: not given, or not known; all text is masked.

    `arr` is money a year in `currency`; `error_share_7d` is the share of API calls that failed in the last 7 days of
    usage data, in percent, whatever the customer says of the impact.
    """

    account_id: str
    customer: str
    arr: float | None
    currency: str
    plan: str | None
    lifecycle: str | None
    renewal_date: dt.date | None
    decision_date: dt.date | None
    open_tickets: int | None
    severity: Severity | None
    kind: Kind | None
    route: str
    issue: str
    impact: str | None
    error_share_7d: float | None
    customers_affected: int | None
    latency_ms: float | None
    normal_latency_ms: float | None
    business_impact: str | None
    reproduction: str | None
    endpoint: str | None
    request: str | None
    error: str | None
    timestamps: tuple[str, ...]
    request_ids: tuple[str, ...]
    environment: str | None
    customer_expectation: str | None
    logs: str | None
    incomplete: bool
    follows: tuple[FollowData, ...]


class EscalateData(_Data):
    """Whether an issue qualifies for engineering and its package may go.

    `quality` is 0 to 5 (None where no item applies), `threshold` what a package needs; `missing` are the fields to
    give, by the names of the arguments; `package` is None where it may not go yet. `latency_ratio` is the latency now
    ÷ the normal one; `accounts_affected` counts this account and those with a similar ticket.
    """

    account_id: str
    kind: Kind | None
    severity: Severity | None
    qualifies: bool
    criteria: tuple[CriterionData, ...]
    quality: float | None
    threshold: float
    items: tuple[ItemData, ...]
    missing: tuple[str, ...]
    sendable: bool
    incomplete: bool
    package: PackageData | None
    similar: tuple[SimilarData, ...]
    accounts_affected: int
    latency_ratio: float | None
    disagreements: tuple[str, ...]
    masked: tuple[SecretKind, ...]
