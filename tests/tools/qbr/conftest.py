"""What the tests of /qbr share: the shipped parameters, and a review of an account made from a few facts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from app.domain.blocks import Block, Heading, Table
from app.domain.command import Context, Listing, OnDay, OnPeriod, Report
from app.domain.figures import Text
from app.domain.periods import PeriodQuery, period_of
from app.domain.records import Account, FeatureUsage, FeedbackItem, RoadmapItem, Usage
from app.domain.snapshot import FeedbackBook
from app.render.text import to_text
from app.render.values import Values
from tests.snapshots import AS_OF, account, account_snapshot, context, daily_columns, feature_day_columns
from tools.feedback.parameters import FeedbackParameters
from tools.health import HealthParameters
from tools.qbr import COMMAND
from tools.qbr.arguments import QbrArgs
from tools.qbr.data import QbrData
from tools.qbr.parameters import QbrParameters

TOOLS = Path(__file__).resolve().parents[3] / "tools"


def shipped(name: str) -> dict[str, Any]:
    """The shipped settings of a command."""
    read: dict[str, Any] = yaml.safe_load((TOOLS / f"{name}.yaml").read_text(encoding="utf-8"))
    return read


PARAMETERS = QbrParameters.model_validate(shipped("qbr"))
HEALTH = HealthParameters.model_validate(shipped("health"))
FEEDBACK = FeedbackParameters.model_validate(shipped("feedback"))
OTHERS = {"health": HEALTH, "feedback": FEEDBACK}


def days_of_use(first: dt.date, last: dt.date, **values: Any) -> list[Usage]:
    """The same use on each day from `first` to `last`."""
    days = (first + dt.timedelta(days=i) for i in range((last - first).days + 1))
    return [Usage(account_id="acme", date=day, **values) for day in days]


def feature_on(day: dt.date, *names: str) -> list[FeatureUsage]:
    return [FeatureUsage(account_id="acme", date=day, feature=name, count=1) for name in names]


def qbr_context(
    quarter: str | None = None,
    *,
    one: Account | None = None,
    as_of: dt.date = AS_OF,
    fiscal_start: int = 1,
    use: Sequence[Usage] = (),
    features: Sequence[FeatureUsage] = (),
    use_to: dt.date | None = None,
    roadmap: Sequence[RoadmapItem] = (),
    feedback: Sequence[FeedbackItem] = (),
    **facts: Any,
) -> Context:
    """A context of the account (the factory's own unless given); `use_to` is the day to which use is covered."""
    the_account, last = one or account(), use_to or as_of
    query = PeriodQuery(quarter)
    period = period_of(query, as_of, fiscal_start)

    def on(day: dt.date) -> OnDay:
        snapshot = account_snapshot(the_account, as_of=day, usage=use, feature_usage=features, **facts)
        return OnDay(day, PARAMETERS, snapshot, None, OTHERS)

    before = period.first - dt.timedelta(days=1)
    return context(
        PARAMETERS,
        as_of=as_of,
        account=account_snapshot(the_account, as_of=as_of, usage=use, feature_usage=features, **facts),
        daily=daily_columns(use, last),
        feature_days=feature_day_columns(features, last),
        feedback=FeedbackBook(tuple(feedback), {the_account.id: the_account.name}, {}, {}),
        listings={RoadmapItem: Listing(tuple(roadmap))},
        periods={query: OnPeriod(period, on(before), on(min(period.last, as_of)))},
        others=OTHERS,
        fiscal_start=fiscal_start,
    )


def review(quarter: str | None = None, args: dict[str, Any] | None = None, **given: Any) -> Report:
    """The command's answer."""
    arguments = QbrArgs(account="acme", quarter=quarter, **(args or {}))
    return COMMAND.run(qbr_context(quarter, **given), arguments).report


def data(report: Report) -> QbrData:
    assert isinstance(report.data, QbrData)
    return report.data


def value(report: Report, key: str) -> Any:
    """A figure's value; None where no such figure is stated."""
    return next((figure.value for figure in report.figures if figure.key == key), None)


def told(report: Report, said: Text) -> str:
    return Values(report.figures).text(said)


def shown(report: Report) -> str:
    return to_text(report.blocks, report.figures, 200)


def below(report: Report, heading: str) -> list[Block]:
    """The blocks of a section."""
    blocks = list(report.blocks)
    starts = [i for i, b in enumerate(blocks) if isinstance(b, Heading) and told(report, b.text) == heading]
    if not starts:
        return []
    rest = blocks[starts[0] + 1 :]
    ends = next((i for i, b in enumerate(rest) if isinstance(b, Heading)), len(rest))
    return rest[:ends]


def rows(report: Report, heading: str) -> list[tuple[str, ...]]:
    """The cells of a section's tables."""
    tables = [block for block in below(report, heading) if isinstance(block, Table)]
    return [tuple(told(report, cell) for cell in row) for each in tables for row in each.rows]
