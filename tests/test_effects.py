"""Who may cause which effect."""

import datetime as dt

import pytest

from app import effects
from app.domain.effects import SignOffRamp
from app.domain.problems import Forbidden
from app.domain.records import RampSignoff
from app.security.principals import Principal

SIGNED = SignOffRamp(item=RampSignoff(owner="Sam", goal="d30.product", signed_on=dt.date(2026, 6, 26), signed_by="Kim"))


@pytest.mark.parametrize(
    ("role", "accounts", "passes"),
    [("manager", None, True), ("cse", None, False), ("manager", frozenset({"acme"}), False)],
)
def test_managers_of_all_accounts_sign_off_a_ramp(role: str, accounts: frozenset[str] | None, passes: bool) -> None:
    principal = Principal("k", "Kim", role, accounts=accounts)  # type: ignore[arg-type]
    if passes:
        effects.check(principal, [SIGNED])
        return
    with pytest.raises(Forbidden):
        effects.check(principal, [SIGNED])


@pytest.mark.parametrize(("role", "writes"), [("viewer", False), ("cse", True), ("manager", True)])
def test_from_the_role_cse_on_there_is_something_to_write(role: str, writes: bool) -> None:
    assert effects.may_write(Principal("k", "Kim", role)) is writes  # type: ignore[arg-type]
