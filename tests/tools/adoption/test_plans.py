"""The next plan, and a smaller one that would do."""

import pytest

from app.domain.records import Plan
from tests.snapshots import account
from tests.tools.adoption.setting import ENTERPRISE, PRO, STARTER
from tools.adoption.plans import next_plan, smaller_plan

PLANS = (ENTERPRISE, STARTER, PRO)


@pytest.mark.parametrize(
    ("plan", "quota", "expected"),
    [
        ("Pro", 10_000_000, ("Enterprise", 10, 2.5, 4)),
        ("pro", 20_000_000, ("Enterprise", 5, 2.5, 2)),  # the contract holds more than the list
        ("Starter", 500_000, ("Pro", 20, 12.5, 1.6)),
        ("Enterprise", 15_000_000, None),  # Enterprise itself is no next plan
        ("Enterprise", 100_000_000, None),
        ("Bespoke", 10_000_000, ("Enterprise", 10, None, None)),  # its price is not on record
        ("Pro", None, None),
    ],
)
def test_the_next_plan(plan: str, quota: int | None, expected: tuple[object, ...] | None) -> None:
    found = next_plan(account("acme", plan=plan, api_quota_monthly=quota), PLANS)
    assert (None if found is None else (found.plan.name, found.headroom, found.cost, found.ratio)) == expected


def test_a_cheaper_plan_is_no_upgrade() -> None:
    odd = Plan(name="Odd", price_monthly=5_000, quota_monthly=50_000_000)
    found = next_plan(account("acme", plan="Pro", api_quota_monthly=10_000_000), (*PLANS, odd))
    assert found is not None
    assert found.plan is ENTERPRISE


def test_a_smaller_plan_holds_what_is_needed() -> None:
    one = account("acme", plan="Enterprise", api_quota_monthly=100_000_000)
    assert smaller_plan(one, PLANS, 400_000) is STARTER
    assert smaller_plan(one, PLANS, 600_000) is PRO
    assert smaller_plan(one, PLANS, 11_000_000) is None
