"""The typed data of /health, for programs (design, section 3)."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.domain.contract import lapsed_days
from app.domain.figures import Evidence, Text
from app.domain.promises import Side
from tools.health.case import Case
from tools.health.indicators import IndicatorKey
from tools.health.parameters import ComponentKey, PlayKey
from tools.health.watch import WatchKey

Tier = Literal["green", "yellow", "red", "unknown"]
Level = Literal["low", "elevated", "high", "critical", "unknown"]
KnownLevel = Literal["low", "elevated", "high", "critical"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class InputValue(_Data):
    """A value that points or a state rest on; None where unknown. Its figure has the same key."""

    value: float | int | dt.date | None
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


class WatchData(_Data):
    """A watch item: it counts neither in the score nor in the churn level. `missing` says what an unknown one lacks."""

    key: WatchKey
    label: str
    state: Literal["triggered", "clear", "unknown", "not_applicable"]
    evidence: tuple[Evidence, ...]
    inputs: dict[str, InputValue]
    missing: str | None


class PromiseData(_Data):
    """An open promise. `days_left` is negative once the due day is over; `working_days` counts those of them that are
    Mondays to Fridays.
    """

    id: str
    account_id: str
    what: str
    by: str | None
    side: Side
    due: dt.date | None
    overdue: bool
    days_left: int | None
    working_days: int | None


class ActionData(_Data):
    """Something to do. `because` is text with references to figures, as in blocks."""

    key: PlayKey
    text: str
    because: Text
    stakeholder: str
    due: dt.date


class _Health(_Data):
    """What the answers for one account and for the portfolio share of an account. Points and shares are of 100.

    `churn_level` takes unknown indicators as clear; `churn_level_range` runs to all of them triggered. `watching`
    are the triggered watch items, which do not count in it. `lapsed_days`
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
    watching: tuple[WatchKey, ...]
    arr: float | None
    currency: str
    owner: str | None
    segment: str | None
    parent_id: str | None
    product: str | None
    lifecycle: str | None
    renewal_date: dt.date | None
    decision_date: dt.date | None
    lapsed_days: int | None


class AccountHealth(_Health):
    """Health of one account. `decided_by` is the unknown component that decides which tier the band ends in.

    `begins` is the day on which it becomes a customer, where that is later than as_of; `group` tells of the accounts
    below it, where it is a parent.
    """

    begins: dt.date | None
    group: "GroupHealth | None"
    decided_by: ComponentKey | None
    components: tuple[ComponentData, ...]
    indicators: tuple[IndicatorData, ...]
    watch: tuple[WatchData, ...]
    actions: tuple[ActionData, ...]
    promises: tuple[PromiseData, ...]


class AccountLine(_Health):
    """An account in the portfolio. `parent` is the name of the account above it, where that is in the portfolio too.

    `arr_counted` is what its ARR adds to totals: that of a parent is without the part that its children's makes up.
    """

    parent: str | None
    arr_counted: float | None


class GroupCurrency(_Data):
    """A parent and the customers below it, of one currency: ARR counts once, `arr_unknown` are accounts without.

    `mean` is the score below by ARR, over the `scored` accounts whose score and ARR are known: `arr_scored` of
    `arr_below`. It is null where there are none.
    """

    currency: str
    arr: float
    arr_below: float
    arr_scored: float
    arr_unknown: int
    scored: int
    mean: float | None


class GroupHealth(_Data):
    """The accounts below a parent: how many are customers, the worst of them, and the first of them in order."""

    accounts: int
    currencies: tuple[GroupCurrency, ...]
    worst: str | None
    below: tuple[AccountLine, ...]


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
    """The portfolio, most urgent first. `overdue_promises` are ours, the longest overdue first.

    `next_cursor` leads to the next page; null on the last.
    """

    accounts: tuple[AccountLine, ...]
    totals: Totals
    overdue_promises: tuple[PromiseData, ...]
    next_cursor: str | None


LedgerGroup = Literal["changed", "appeared", "went_missing", "coverage", "unchanged", "settings"]


class DayHealth(_Data):
    """An account on one of two days that are compared. `share` is the points of the most that is known, of 100: it is
    the score wherever there is one.
    """

    on: dt.date
    score: float | None
    share: float
    band: tuple[float, float]
    coverage: float
    tier: Tier
    provisional: bool
    churn_level: Level
    arr: float | None


class LedgerSide(_Data):
    """A component on one of the two days, under the settings of the earlier one."""

    state: Literal["known", "unknown", "not_applicable"]
    points: float | None
    max: float
    inputs: dict[str, InputValue]
    missing: str | None


class LedgerLine(_Data):
    """What one component, or the settings, moved the score, and why: `changed` means that its data did, `coverage`
    that only the sum of what is known did. `then` and `now` are null for the settings.
    """

    key: ComponentKey | Literal["settings"]
    label: str
    group: LedgerGroup
    moved: float
    because: Text
    then: LedgerSide | None
    now: LedgerSide | None


class IndicatorChange(_Data):
    key: IndicatorKey
    label: str
    then: Literal["triggered", "clear", "unknown", "not_applicable"]
    now: Literal["triggered", "clear", "unknown", "not_applicable"]
    because: Text


class FieldChange(_Data):
    """A field of the account's record that is not the same on both days."""

    field: str
    label: str
    then: str | float | int | bool | dt.date | None
    now: str | float | int | bool | dt.date | None


class SettingChange(_Data):
    setting: str
    then: str
    now: str


class HealthComparison(_Data):
    """An account on two days. The lines sum to `change`, which is the later `share` less the earlier."""

    id: str
    name: str
    then: DayHealth
    now: DayHealth
    change: float
    lines: tuple[LedgerLine, ...]
    indicators: tuple[IndicatorChange, ...]
    fields: tuple[FieldChange, ...]
    settings: tuple[SettingChange, ...]
    actions: tuple[ActionData, ...]


ChangeKind = Literal[
    "customer", "level", "tier", "indicator", "arr", "ticket", "escalation", "contact", "promise", "contract"
]
Trend = Literal["worse", "better", "other"]


class Change(_Data):
    """Something that happened to an account. Data that came or went missing is neither better nor worse."""

    kind: ChangeKind
    trend: Trend
    text: Text


class AccountChanges(_Data):
    """What happened to an account, weightiest first. `change` is of the share of points, as in the comparison of the
    account; `cause` says what moved it most.
    """

    id: str
    name: str
    owner: str | None
    segment: str | None
    trend: Trend
    then: DayHealth
    now: DayHealth
    change: float
    arr: float | None
    currency: str
    cause: Text
    changes: tuple[Change, ...]


class PortfolioChanges(_Data):
    """What happened in the portfolio, by owner, worst first. The numbers are of all accounts that pass the filters."""

    since: dt.date
    until: dt.date
    worse: int
    better: int
    other: int
    quiet: int
    arr_worse: dict[str, float]
    arr: dict[str, float]
    accounts: tuple[AccountChanges, ...]
    next_cursor: str | None


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
        "watching": case.watching,
        "arr": case.known(case.portfolio.arr),
        "currency": case.currency,
        "owner": account.owner,
        "segment": account.segment,
        "parent_id": account.parent_id,
        "product": account.product,
        "lifecycle": account.lifecycle,
        "renewal_date": account.renewal_date,
        "decision_date": account.decision_date,
        "lapsed_days": lapsed_days(account, case.as_of) if account.lifecycle != "churned" else None,
    }
