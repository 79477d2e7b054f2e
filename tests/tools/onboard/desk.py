"""What the tests of /onboard share: the shipped parameters, and an account in its first weeks from a few facts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from app.domain.command import Context, Outcome
from app.domain.records import Account, Milestone, Usage
from app.domain.snapshot import FirstUse
from app.render.text import to_text
from tests import snapshots
from tests.snapshots import AS_OF, account_snapshot, daily_columns, days_before, feature_day_columns
from tests.tools.health.conftest import PARAMETERS as HEALTH
from tools.onboard import COMMAND, OnboardArgs, OnboardParameters
from tools.onboard.arguments import Action
from tools.onboard.data import PlanData, WriteData

SHIPPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[3] / "tools" / "onboard.yaml").read_text(encoding="utf-8")
)
PARAMETERS = OnboardParameters.model_validate(SHIPPED)

START = dt.date(2026, 6, 1)
"""A Monday: AS_OF, a Friday, is day 26 and working day 20."""


def newcomer(**fields: Any) -> Account:
    """A customer whose contract started on START."""
    given: dict[str, Any] = {"lifecycle": "onboarding", "contract_start": START, "api_quota_monthly": 300_000}
    return snapshots.account(**given | fields)


def first_use(
    *, calls: dt.date | None = None, users: dt.date | None = None, production: dt.date | None = None
) -> FirstUse:
    def column(day: dt.date | None) -> np.ndarray:
        return np.array([day.toordinal() if day else 0], dtype=np.int32)

    return FirstUse(column(calls), column(users), column(production))


def context(
    one: Account | None = None,
    *,
    used: FirstUse | None = None,
    as_of: dt.date = AS_OF,
    fields: dict[str, Any] | None = None,
    **facts: Any,
) -> Context:
    """The context of a command about one account."""
    snapshot = account_snapshot(one or newcomer(), as_of=as_of, **facts)
    given = {
        "as_of": as_of,
        "account": snapshot,
        "first_use": used or first_use(),
        "others": {"health": HEALTH},
        "daily": daily_columns(facts.get("usage", ()), as_of),
        "feature_days": feature_day_columns(facts.get("feature_usage", ()), as_of),
        "sees_people": True,
    }
    changed = dict(fields or {})
    return snapshots.context(changed.pop("parameters", PARAMETERS), **given | changed)


def ask(ctx: Context, action: Action | None = None, text: str | None = None) -> Outcome:
    account_id = ctx.account.account.id if ctx.account else None
    args = OnboardArgs(action=action, account=account_id, text=text)
    COMMAND.needs(args)
    return COMMAND.run(ctx, args)


def told(outcome: Outcome) -> str:
    return " ".join(to_text(outcome.report.blocks, outcome.report.figures).split())


def headline(outcome: Outcome) -> str:
    return to_text(outcome.report.blocks[:1], outcome.report.figures).splitlines()[0]


def plan(outcome: Outcome) -> PlanData:
    data = outcome.report.data
    assert isinstance(data, PlanData)
    return data


def written(outcome: Outcome) -> WriteData:
    data = outcome.report.data
    assert isinstance(data, WriteData)
    return data


def calls(a_day: int, days: int, ends: dt.date = AS_OF) -> list[Usage]:
    return [Usage(account_id="acme", date=days_before(back, ends), api_calls=a_day) for back in range(days)]


def milestone(code: str, due: dt.date, **fields: Any) -> Milestone:
    """A kept milestone of nobody's template."""
    given: dict[str, Any] = {
        "id": f"acme.{code}",
        "title": f"Step {code}",
        "phase": 2,
        "planned": due,
        "owner": "IT admin",
    }
    return Milestone(account_id="acme", code=code, due=due, **given | fields)


def codes(milestones: Sequence[Milestone]) -> dict[str, dt.date]:
    return {each.code: each.due for each in milestones}
