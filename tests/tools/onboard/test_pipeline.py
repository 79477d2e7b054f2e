"""/onboard: every account in onboarding, and that its row says what the account's own answer says."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from app.domain.command import Context, Listing, Outcome
from app.domain.records import Account, Milestone, Record
from app.domain.snapshot import FirstUse
from tests import snapshots
from tests.snapshots import AS_OF, days_before
from tests.tools.health.conftest import PARAMETERS as HEALTH
from tests.tools.onboard.desk import PARAMETERS, ask, calls, context, headline, milestone, newcomer, plan, told
from tools.onboard import COMMAND, OnboardArgs
from tools.onboard.data import PipelineData
from tools.onboard.material import LISTED


def pipeline(accounts: Sequence[Account], args: dict[str, Any] | None = None, **facts: Any) -> Outcome:
    listings: dict[type[Record], Listing[Any]] = {each: Listing() for each in LISTED}
    for record_type in LISTED:
        rows = facts.pop(f"{record_type.__name__}s", ())
        listings[record_type] = Listing(tuple(rows), tuple(AS_OF for _ in rows))
    nothing = np.zeros(len(accounts), dtype=np.int32)
    ctx: Context = snapshots.context(
        PARAMETERS,
        portfolio=snapshots.portfolio(accounts, **facts),
        listings=listings,
        first_use=FirstUse(nothing, nothing, nothing),
        others={"health": HEALTH},
    )
    return COMMAND.run(ctx, OnboardArgs(**args or {}))


def rows(outcome: Outcome) -> PipelineData:
    data = outcome.report.data
    assert isinstance(data, PipelineData)
    return data


def of(account: str, code: str, due: dt.date, **fields: Any) -> Milestone:
    return milestone(code, due, **fields).model_copy(update={"id": f"{account}.{code}", "account_id": account})


LATE = newcomer()
CALM = snapshots.account("bolt", lifecycle="onboarding", contract_start=days_before(5), owner="Priya", segment="SMB")
AHEAD = snapshots.account("coral", lifecycle=None, contract_start=AS_OF + dt.timedelta(days=4))
UNDATED = snapshots.account("dune", lifecycle="onboarding", contract_start=None)
OLD = snapshots.account("ember")
GONE = snapshots.account("fern", lifecycle="churned", contract_start=days_before(5))
KEPT = [of("acme", "M1", days_before(4)), of("bolt", "M1", AS_OF + dt.timedelta(days=5))]


def test_the_longest_overdue_first_then_those_without_a_start_and_those_ahead() -> None:
    outcome = pipeline([OLD, AHEAD, UNDATED, CALM, LATE, GONE], Milestones=KEPT)
    assert [row.account_id for row in rows(outcome).accounts] == ["acme", "bolt", "dune", "coral"]
    assert headline(outcome) == "2 accounts are in onboarding, 1 with an overdue milestone"
    words = told(outcome)
    assert "Acme: M1 “Step M1” by 4 working days, turn: the customer." in words
    assert "Without a contract start, so without days: Dune." in words
    assert "About to begin: Coral." in words
    assert "None" not in words


def test_a_row_says_what_the_account_says() -> None:
    usage = calls(6_000, 20)
    (row,) = rows(pipeline([LATE], Milestones=KEPT, usage=usage)).accounts
    account = plan(ask(context(milestones=KEPT[:1], usage=usage)))
    assert (row.day, row.phase, row.next, row.overdue) == (account.day, account.phase, "M1", ("M1",))
    assert row.done == sum(step.state == "done" for step in account.steps)
    from_template = rows(pipeline([LATE], usage=usage)).accounts[0]
    account = plan(ask(context(usage=usage)))
    assert from_template.done == sum(step.state == "done" for step in account.steps)
    assert from_template.overdue == tuple(
        step.code for step in sorted(account.steps, key=lambda step: step.due) if step.state == "overdue"
    )


@pytest.mark.parametrize(
    ("args", "ids"), [({"owner": "priya"}, ["bolt"]), ({"segment": "SMB"}, ["bolt"]), ({}, ["acme", "bolt"])]
)
def test_filters(args: dict[str, Any], ids: list[str]) -> None:
    assert [row.account_id for row in rows(pipeline([LATE, CALM], args, Milestones=KEPT)).accounts] == ids


def test_nobody_in_onboarding() -> None:
    assert headline(pipeline([OLD])) == "No account is in onboarding"


def test_where_nothing_tells_none_is_called_late() -> None:
    outcome = pipeline([LATE], covered={"touchpoints": None, "usage": None, "feature_usage": None})
    assert headline(outcome) == "1 account is in onboarding, none known to be late"
    assert "nothing on record tells" in told(outcome)
