"""A small world for /metrics: records in, the command's answer out, with no database.

The answer is as of AS_OF, 2026-06-26; the last quarter is 2026Q1.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.domain import records
from app.domain.command import Context, Listing, OnDay, OnPeriod, Outcome
from app.domain.parameters import Parameters, merge
from app.domain.periods import period_of
from app.domain.snapshot import ArticleEntry, FeedbackBook, FirstUse, PortfolioSnapshot
from app.domain.yaml_text import load_yaml
from tests.snapshots import AS_OF, context, portfolio
from tools.adoption.parameters import AdoptionParameters
from tools.feedback.parameters import FeedbackParameters
from tools.health import HealthParameters
from tools.metrics import COMMAND
from tools.metrics.arguments import MetricsArgs
from tools.metrics.data import MetricData, PeriodMetrics
from tools.metrics.parameters import MetricsParameters

TOOLS = Path(__file__).resolve().parents[3] / "tools"
FIRST_DAY = dt.date(2020, 1, 1)
"""Before it there is no data."""


def shipped(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_yaml((TOOLS / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


PARAMETERS = MetricsParameters.model_validate(shipped("metrics"))
OTHERS: Mapping[str, Parameters] = {
    "health": HealthParameters.model_validate(shipped("health")),
    "feedback": FeedbackParameters.model_validate(shipped("feedback")),
    "adoption": AdoptionParameters.model_validate(shipped("adoption")),
}
EVENTS: Mapping[str, type[records.Record]] = {
    "tickets": records.Ticket,
    "touchpoints": records.Touchpoint,
    "signals": records.Signal,
    "arr_movements": records.ArrMovement,
}
ROWS: Mapping[str, type[records.Record]] = {
    "milestones": records.Milestone,
    "escalations": records.Escalation,
    "integrations": records.Integration,
    "checks": records.Check,
    "ramp_signoffs": records.RampSignoff,
}


def parameters(**changes: Any) -> MetricsParameters:
    """The shipped ones, with something laid over them."""
    return MetricsParameters.model_validate(merge(shipped("metrics"), changes))


def metrics_context(
    accounts: Sequence[records.Account],
    args: MetricsArgs,
    *,
    settings: MetricsParameters = PARAMETERS,
    items: Sequence[records.FeedbackItem] = (),
    articles: Sequence[ArticleEntry] = (),
    first_day: dt.date = FIRST_DAY,
    as_of: dt.date = AS_OF,
    actor: str = "Helen",
    typed: bool = True,
    **facts: Any,
) -> Context:
    """All that the command would get of these records."""
    rows = {record_type: tuple(facts.pop(name, ())) for name, record_type in ROWS.items()}
    rows |= {record_type: tuple(facts.get(name, ())) for name, record_type in EVENTS.items()}

    def on(day: dt.date) -> OnDay:
        return OnDay(day, settings, portfolio=portfolio(accounts, as_of=day, **facts), others=OTHERS)

    periods = {}
    needs = COMMAND.needs(args)
    for query in needs.periods:
        period = period_of(query, as_of, 1)
        before, last = period.first - dt.timedelta(days=1), min(period.last, as_of)
        if last >= first_day:
            periods[query] = OnPeriod(period, on(before) if before >= first_day else None, on(last))
    whole = portfolio(accounts, as_of=as_of, **facts)
    return context(
        settings,
        as_of=as_of,
        actor=actor,
        typed=typed,
        portfolio=whole,
        first_use=_first_use(whole, facts),
        feedback=FeedbackBook(items=tuple(items), account_names={}, account_arr={}, account_currency={}),
        listings={t: Listing(found, (FIRST_DAY,) * len(found)) for t, found in rows.items()},
        periods=periods,
        articles=tuple(articles),
        others=OTHERS,
    )


def ask(accounts: Sequence[records.Account], asked: str = "", **given: Any) -> Outcome:
    """The command's outcome; arguments of the command come in `args`, all else as for `metrics_context`."""
    args = MetricsArgs(**({"asked": asked} if asked else {}) | given.pop("args", {}))
    return COMMAND.run(metrics_context(accounts, args, **given), args)


def of_period(accounts: Sequence[records.Account], asked: str = "", **given: Any) -> PeriodMetrics:
    """The data of a period's answer."""
    data = ask(accounts, asked, **given).report.data
    assert isinstance(data, PeriodMetrics)
    return data


def metric(data: PeriodMetrics, key: str, of: str | None = None) -> MetricData:
    """One metric; of a currency, where several have it."""
    (found,) = [m for m in data.metrics if m.key == key and (of is None or m.of == of)]
    return found


def _first_use(whole: PortfolioSnapshot, facts: Mapping[str, Any]) -> FirstUse:
    """The first days of use, as the records tell them."""

    def first(rows: Sequence[Any], account_id: str) -> int:
        return min((row.date.toordinal() for row in rows if row.account_id == account_id), default=0)

    usage, features = facts.get("usage", ()), facts.get("feature_usage", ())
    groups = (
        [row for row in usage if row.api_calls],
        [row for row in usage if row.active_users],
        [row for row in features if row.count and row.environment == "production"],
    )
    return FirstUse(*(np.array([first(g, a.id) for a in whole.accounts], dtype=np.int32) for g in groups))
