"""The typed data of /health, for programs (design, section 3)."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel

from app.domain.contract import lapsed_days
from app.domain.figures import Evidence, Text
from tools.health.case import Case
from tools.health.indicators import IndicatorKey
from tools.health.parameters import ComponentKey, PlayKey

Tier = Literal["green", "yellow", "red", "unknown"]
Level = Literal["low", "elevated", "high", "critical", "unknown"]
KnownLevel = Literal["low", "elevated", "high", "critical"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class InputValue(_Data):
    """A value that points or a state rest on; None where unknown. Its figure has the same key."""

    value: float | int | None
    unit: str


class ComponentData(_Data):
    """A component of the score. `points` is null unless known; `missing` says what an unknown one lacks."""

    key: ComponentKey
    label: str
    state: Literal["known", "unknown", "not_applicable"]
    points: float | None
    max: float
    inputs: dict[str, InputValue]
    missing: str | None


class IndicatorData(_Data):
    """A churn indicator. `missing` says what an unknown one lacks."""

    key: IndicatorKey
    label: str
    state: Literal["triggered", "clear", "unknown", "not_applicable"]
    evidence: tuple[Evidence, ...]
    inputs: dict[str, InputValue]
    missing: str | None


class ActionData(_Data):
    """Something to do. `because` is text with references to figures, as in blocks."""

    key: PlayKey
    text: str
    because: Text
    stakeholder: str
    due: dt.date


class _Health(_Data):
    """What the answers for one account and for the portfolio share of an account. Points and shares are of 100.

    `churn_level` takes unknown indicators as clear; `churn_level_range` runs to all of them triggered. `lapsed_days`
    counts the days since the renewal date of a contract that was neither renewed nor churned, and does not renew by
    itself.
    """

    id: str
    name: str
    score: float | None
    band: tuple[float, float]
    coverage: float
    tier: Tier
    provisional: bool
    churn_level: Level
    churn_level_range: tuple[KnownLevel, KnownLevel]
    arr: float | None
    currency: str
    owner: str | None
    segment: str | None
    lifecycle: str | None
    renewal_date: dt.date | None
    decision_date: dt.date | None
    lapsed_days: int | None


class AccountHealth(_Health):
    """Health of one account. `decided_by` is the unknown component that decides which tier the band ends in.

    `begins` is the day on which it becomes a customer, where that is later than as_of.
    """

    begins: dt.date | None
    decided_by: ComponentKey | None
    components: tuple[ComponentData, ...]
    indicators: tuple[IndicatorData, ...]
    actions: tuple[ActionData, ...]


class AccountLine(_Health):
    """An account in the portfolio."""


class TierTotal(_Data):
    accounts: int
    arr: float


class CurrencyTotal(_Data):
    """Totals of the accounts of one currency. `arr_unknown` counts the accounts whose ARR is not known."""

    currency: str
    accounts: int
    arr: float
    arr_unknown: int
    arr_at_risk: float
    tiers: dict[Tier, TierTotal]


class Totals(_Data):
    """Totals over all accounts that pass the filters, on whatever page."""

    accounts: int
    tiers: dict[Tier, int]
    levels: dict[Level, int]
    currencies: tuple[CurrencyTotal, ...]


class PortfolioHealth(_Data):
    """The portfolio, most urgent first. `next_cursor` leads to the next page; null on the last."""

    accounts: tuple[AccountLine, ...]
    totals: Totals
    next_cursor: str | None


class HealthData(RootModel[AccountHealth | PortfolioHealth]):
    """Data of /health: of one account, or of the portfolio where none is named."""


def account_fields(case: Case) -> dict[str, Any]:
    """The fields that the answers for one account and for the portfolio share."""
    account, scores, churn, row = case.account, case.scores, case.churn, case.row
    return {
        "id": account.id,
        "name": account.name,
        "score": case.known(scores.score),
        "band": (float(scores.low[row]), float(scores.high[row])),
        "coverage": float(scores.coverage[row]),
        "tier": scores.tier[row],
        "provisional": bool(scores.provisional[row]),
        "churn_level": churn.level[row],
        "churn_level_range": (churn.lowest[row], churn.highest[row]),
        "arr": case.known(case.portfolio.arr),
        "currency": case.currency,
        "owner": account.owner,
        "segment": account.segment,
        "lifecycle": account.lifecycle,
        "renewal_date": account.renewal_date,
        "decision_date": account.decision_date,
        "lapsed_days": lapsed_days(account, case.as_of) if account.lifecycle != "churned" else None,
    }
