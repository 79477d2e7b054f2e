"""ARR, renewal and decision date as figures."""

import datetime as dt
from typing import Any

import pytest

from app.domain.contract import contract_figures
from app.domain.records import ArrMovement
from tests.snapshots import AS_OF, account, portfolio


def values(movements: tuple[ArrMovement, ...] = (), **fields: Any) -> dict[str, object]:
    snapshot = portfolio([account("acme", **fields)], arr_movements=movements)
    return {key: figure.value for key, figure in contract_figures(snapshot, 0, "EUR").items()}


def test_a_contract_that_runs() -> None:
    assert values(arr=500_000, renewal_date=AS_OF + dt.timedelta(days=60), notice_days=90) == {
        "arr": 500_000,
        "renewal.date": dt.date(2026, 8, 25),
        "renewal.decision_date": dt.date(2026, 5, 27),
        "renewal.days_to_renewal": 60,
        "renewal.days_to_decision": -30,
    }


@pytest.mark.parametrize(("days", "key", "value"), [(0, "days_to_renewal", 0), (-1, "days_lapsed", 1)])
def test_a_contract_lapses_the_day_after_its_renewal_date(days: int, key: str, value: int) -> None:
    found = values(renewal_date=AS_OF + dt.timedelta(days=days))
    assert found[f"renewal.{key}"] == value
    assert ("renewal.days_lapsed" in found) is (days < 0)


def test_what_is_not_known_is_not_told() -> None:
    assert values(arr=None, renewal_date=None) == {"arr": None}


def test_the_currency_is_the_account_s_own_else_the_deployment_s() -> None:
    for own, shown in (("USD", "USD"), (None, "EUR")):
        snapshot = portfolio([account("acme", currency=own)])
        assert contract_figures(snapshot, 0, "EUR")["arr"].unit == shown


def test_arr_from_movements_has_these_as_evidence() -> None:
    new = ArrMovement(id="m1", account_id="acme", date=AS_OF, kind="new", amount=12.5)
    snapshot = portfolio([account("acme")], arr_movements=(new,))
    figure = contract_figures(snapshot, 0, "EUR")["arr"]
    assert figure.value == 12.5
    assert [(e.kind, e.id) for e in figure.evidence] == [("arr_movements", "m1")]


def test_a_contract_that_renews_by_itself_does_not_lapse() -> None:
    found = values(renewal_date=AS_OF - dt.timedelta(days=1), auto_renew=True)
    assert set(found) == {"arr", "renewal.date", "renewal.decision_date"}


def test_a_contract_that_has_not_begun() -> None:
    start = AS_OF + dt.timedelta(days=9)
    assert values(lifecycle=None, contract_start=start)["contract.begins"] == start
    assert "contract.begins" not in values(contract_start=AS_OF)
