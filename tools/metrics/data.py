"""What /metrics gives to programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, RootModel

from tools.metrics.lines import Direction, Line, VerdictKind
from tools.metrics.parameters import Cadence, EvidenceKind, Group, TargetRule

MOST_IDS = 50
"""So many ids of what is left out are listed; `n` counts all."""


class LeftOutData(BaseModel):
    reason: str
    n: int
    ids: tuple[str, ...]


class CohortData(BaseModel):
    """Who is counted: how many, of what, in words; and who is not."""

    n: int
    of: str
    who: str
    left_out: tuple[LeftOutData, ...]


class TargetData(BaseModel):
    """`value` as it is set; `goal` what it comes to in this period, None where it has nothing to compare with."""

    rule: TargetRule
    value: float
    annual: bool
    goal: float | None


class TrendData(BaseModel):
    """The same metric in the period before."""

    before: float | None
    change: float | None
    direction: Direction


class PartData(BaseModel):
    key: str
    label: str
    value: float | None
    unit: str
    n: int
    at_most: float | None
    repeat_issue_rate: float | None


class MetricData(BaseModel):
    """`at_least`: the value is a lower bound. `figure` is the key of its figure, `of` the currency of its money."""

    key: str
    label: str
    group: Group
    source: str
    value: float | None
    unit: str
    at_least: bool
    of: str | None
    numerator: float | None
    numerator_is: str
    denominator: float | None
    denominator_is: str
    formula: str
    cohort: CohortData
    target: TargetData | None
    verdict: VerdictKind
    why: str
    trend: TrendData
    cadence: Cadence
    parts: tuple[PartData, ...]
    figure: str


class NotMeasuredData(BaseModel):
    key: str
    label: str
    target: str
    cadence: Cadence
    needs: str


class PeriodMetrics(BaseModel):
    """`last` is the last day that counts: as_of, where the period still runs."""

    period: str
    first: dt.date
    last: dt.date
    running: bool
    filters: dict[str, str]
    accounts: int
    metrics: tuple[MetricData, ...]
    not_measured: tuple[NotMeasuredData, ...]
    arr_unexplained: tuple[str, ...]


GoalState = Literal["signed_off", "shown", "not_yet", "needs_sign_off"]


class GoalData(BaseModel):
    """A goal of the first year: `shown` by the data, signed off by a person, neither yet, or for a person to say."""

    key: str
    text: str
    stage: str
    due: dt.date
    state: GoalState
    evidence: EvidenceKind | None
    value: float | None
    least: float | None
    why: str
    signed_by: str | None
    signed_on: dt.date | None
    note: str | None


class RampMetrics(BaseModel):
    owner: str
    since: dt.date
    assumed: bool
    day: int
    goals: tuple[GoalData, ...]


class SignedOff(BaseModel):
    owner: str
    goal: str
    written: bool


Skill = Literal["skill", "no_skill", "cannot_tell"]


class WarningData(BaseModel):
    """One warning against what followed. Rates are percent; the interval is corrected for the number of warnings."""

    key: str
    label: str
    flagged: int
    hits: int
    events: int
    windows: int
    precision: float | None
    interval: tuple[float, float] | None
    recall: float | None
    recall_interval: tuple[float, float] | None
    base_rate: float | None
    lead_days: float | None
    leads: int
    renewals_flagged: int
    renewals_flagged_kept: int
    verdict: Skill
    why: str


class BacktestMetrics(BaseModel):
    first: dt.date
    last: dt.date
    horizon_days: int
    windows: int
    events: int
    undated: tuple[str, ...]
    renewals: int
    renewals_kept: int
    warnings: tuple[WarningData, ...]
    loss_events: int = 0
    loss_warnings: tuple[WarningData, ...] = ()


class MetricsAnswer(RootModel[PeriodMetrics | RampMetrics | SignedOff | BacktestMetrics]):
    """Data of /metrics: of a period, of a CSE's first year, of a sign-off, or of the backtest."""


def metric_data(line: Line, figure: str) -> MetricData:
    """A metric, for programs; `figure` is the key of its value."""
    measure, target = line.measure, line.metric.target
    left = tuple(LeftOutData(reason=e.reason, n=len(e.ids), ids=e.ids[:MOST_IDS]) for e in measure.left_out)
    return MetricData(
        key=line.key,
        label=line.metric.label,
        group=line.metric.group,
        source=line.metric.source,
        value=measure.value,
        unit=line.metric.unit,
        at_least=measure.at_least,
        of=measure.of or None,
        numerator=measure.numerator,
        numerator_is=measure.parted[0],
        denominator=measure.denominator,
        denominator_is=measure.parted[1],
        formula=measure.formula,
        cohort=CohortData(n=measure.n, of=measure.noun, who=measure.who, left_out=left),
        target=TargetData(rule=target.rule, value=target.value, annual=target.annual, goal=line.goal)
        if target
        else None,
        verdict=line.verdict,
        why=line.why,
        trend=TrendData(
            before=line.before.value if line.before else None, change=line.change, direction=line.direction
        ),
        cadence=line.metric.cadence,
        parts=tuple(
            PartData(
                key=part.key,
                label=part.label,
                value=part.value,
                unit=part.unit,
                n=part.n,
                at_most=part.most,
                repeat_issue_rate=part.beside,
            )
            for part in measure.parts
        ),
        figure=figure,
    )
