"""Time to value."""

import datetime as dt

import numpy as np
import pytest

from app.domain.first_value import first_value_figures
from app.domain.snapshot import FirstUse
from tests import snapshots
from tests.snapshots import AS_OF, days_before


def ordinal(back: int | None) -> np.ndarray:
    return np.array([0 if back is None else days_before(back).toordinal()], dtype=np.int32)


@pytest.mark.parametrize(
    ("model", "features", "production", "calls", "users", "first", "days"),
    [
        ("hybrid", True, 70, 95, 99, 70, 30),  # features decide: earlier calls may be a sandbox's
        ("hybrid", True, None, 95, 99, None, None),
        ("hybrid", False, None, 95, 90, 95, 5),
        ("seats", False, None, 95, 90, 90, 10),
        ("api", False, None, 95, 99, 95, 5),
        ("api", False, None, None, 99, None, None),
        ("api", False, None, 120, None, 120, 0),  # before the contract began
    ],
)
def test_time_to_value(
    model: str, features: bool, production: int | None, calls: int | None, users: int | None, first: int | None,
    days: int | None,
) -> None:  # fmt: skip
    account = snapshots.account(usage_model=model, contract_start=days_before(100))
    used = snapshots.features_used() if features else []
    portfolio = snapshots.portfolio([account], feature_usage=used)
    figures = first_value_figures(portfolio, FirstUse(ordinal(calls), ordinal(users), ordinal(production)), 0)
    assert figures["ttv.days"].value == days
    assert figures["ttv.first_use_on"].value == (None if first is None else days_before(first))


def test_without_a_start_the_time_is_unknown() -> None:
    portfolio = snapshots.portfolio([snapshots.account(contract_start=None)])
    figures = first_value_figures(portfolio, FirstUse(ordinal(9), ordinal(9), ordinal(None)), 0)
    assert figures["ttv.days"].value is None
    assert figures["ttv.first_use_on"].value == AS_OF - dt.timedelta(days=9)
