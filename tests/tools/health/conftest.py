"""What the tests of /health share: the shipped parameters, and one account scored from a few facts."""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml

from app.domain.command import Context, Report
from app.domain.records import Account
from app.domain.snapshot import AccountSnapshot, PortfolioSnapshot
from tests.snapshots import AS_OF, UTC, account, account_snapshot, noon, portfolio
from tools.health import COMMAND, Assessment, HealthArgs, HealthParameters, assess
from tools.health.data import AccountHealth, PortfolioHealth

SHIPPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[3] / "tools" / "health.yaml").read_text(encoding="utf-8")
)
PARAMETERS = HealthParameters.model_validate(SHIPPED)


def assessed(one: Account | None = None, **facts: Any) -> Assessment:
    """One account (the factory's own unless given) assessed with the shipped parameters."""
    return assess(portfolio([one or account()], **facts), PARAMETERS)


def component(key: str, one: Account | None = None, **facts: Any) -> tuple[str, float | None]:
    """State and points of one component."""
    found = {str(name): c for name, c in assessed(one, **facts).scores.components.items()}[key]
    state = str(found.state[0])
    return state, float(found.points[0]) if state == "known" else None


def indicator(key: str, one: Account | None = None, **facts: Any) -> str:
    """State of one indicator."""
    found = {str(name): i for name, i in assessed(one, **facts).churn.indicators.items()}[key]
    return str(found.state[0])


def context(
    one: AccountSnapshot | None = None,
    many: PortfolioSnapshot | None = None,
    as_of: dt.date = AS_OF,
    parameters: HealthParameters = PARAMETERS,
) -> Context:
    return Context(
        turn_id="turn_1",
        now=noon(AS_OF),
        as_of=as_of,
        version=1,
        timezone=UTC,
        currency="USD",
        audience="internal",
        parameters=parameters,
        account=one,
        portfolio=many,
    )


def account_report(one: Account | None = None, **facts: Any) -> tuple[AccountHealth, Report]:
    """The answer of `/health <account>`."""
    snapshot = account_snapshot(one or account(), **facts)
    report = COMMAND.run(context(one=snapshot, as_of=snapshot.as_of), HealthArgs(account=snapshot.account.id)).report
    assert isinstance(report.data, AccountHealth)
    return report.data, report


def portfolio_report(many: PortfolioSnapshot, **arguments: Any) -> tuple[PortfolioHealth, Report]:
    """The answer of `/health` with filters."""
    report = COMMAND.run(context(many=many, as_of=many.as_of), HealthArgs(**arguments)).report
    assert isinstance(report.data, PortfolioHealth)
    return report.data, report
