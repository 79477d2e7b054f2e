"""Defects reproduced in other scoring tools: each must not be here."""

import datetime as dt
from typing import Any

import pytest

from app.domain import records
from app.render.markdown import to_markdown
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    daily_usage,
    days_before,
    features_used,
    portfolio,
    response,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import account_report, assessed, context, portfolio_report
from tests.tools.health.test_indicators import red_and_quiet
from tests.tools.health.test_score import full_facts, of_weight
from tools.health import COMMAND, HealthArgs, HealthParameters


def test_an_account_with_no_data_is_not_healthy() -> None:
    data, report = account_report(records.Account(id="empty", name="Empty"))
    assert (data.tier, data.score, data.churn_level) == ("unknown", None, "unknown")
    assert "expansion" not in [action.key for action in data.actions]
    assert "healthy" not in to_markdown(report.blocks, report.figures).lower()


ABSURD: dict[str, Any] = {
    "licensed_seats": 10**12,
    "features_available": 1,
    "arr": 1e12,
    "renewal_date": dt.date(1970, 1, 1),
    "notice_days": 730,
    "contract_start": dt.date(2100, 12, 31),
}


def test_one_absurd_account_does_not_kill_the_batch_nor_move_the_others() -> None:
    good, bad = account("acme"), account("bad", **ABSURD)
    facts = full_facts()
    nonsense: dict[str, list[Any]] = {
        "usage": daily_usage("bad", days=3, active_users=10**12, api_calls=10**12, distinct=0),
        "tickets": [ticket(f"bad{i}", "bad", days_ago=9, hours=-999) for i in range(9)],
        "feature_usage": features_used("bad", 50),
        "nps": [response(f"bad{i}", 0, "bad", days_ago=1) for i in range(3)],
    }
    both: dict[str, Any] = {table: [*rows, *nonsense.get(table, [])] for table, rows in facts.items()}
    data, report = portfolio_report(portfolio([bad, good], **both))
    assert {line.id for line in data.accounts} == {"acme", "bad"}
    acme = next(line for line in data.accounts if line.id == "acme")
    assert acme.score == assessed(**facts).scores.score[0]
    bad_line = next(line for line in data.accounts if line.id == "bad")
    assert 0 <= bad_line.band[0] <= bad_line.band[1] <= 100
    assert to_markdown(report.blocks, report.figures)


def test_900_percent_adoption_earns_no_more_than_all_points_and_is_named() -> None:
    data, report = account_report(feature_usage=features_used(number=90))
    part = next(c for c in data.components if c.key == "feature_adoption")
    assert part.points == part.max == 10
    assert "Check the account's data" in to_markdown(report.blocks, report.figures)


def test_numbers_below_zero_do_not_come_in() -> None:
    """A negative count is refused where a record is made."""
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        records.Usage(account_id="acme", date=AS_OF, api_calls=-3)
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        account(licensed_seats=-3)


@pytest.mark.parametrize("days", [1, 12, 90])
def test_a_lapsed_contract_is_never_zero_days(days: int) -> None:
    data, report = account_report(account(renewal_date=days_before(days)))
    assert data.lapsed_days == days
    told = to_markdown(report.blocks, report.figures)
    assert f"the contract lapsed {days} day{'' if days == 1 else 's'} ago, on " in told
    assert "in 0 days" not in told


def test_health_and_churn_agree_on_a_red_account() -> None:
    data, _ = account_report(**red_and_quiet())
    assert data.tier == "red"
    assert data.churn_level in ("elevated", "high", "critical")


def test_critical_churn_is_never_told_in_a_calm_tone() -> None:
    """Whatever the score, four triggered indicators make the verdict a bad one."""
    facts = full_facts() | {
        "signals": [
            records.Signal(id="b", account_id="acme", date=AS_OF, kind="budget_cut"),
            records.Signal(id="c", account_id="acme", date=AS_OF, kind="competitor"),
        ],
        "contacts": [records.Contact(id="jo", account_id="acme", is_champion=True, left_on=days_before(3))],
    }
    facts["touchpoints"] = [*facts["touchpoints"], *(touchpoint(f"x{i}", "call", "no_show") for i in range(2))]
    data, report = account_report(**facts)
    assert data.churn_level == "critical"
    assert report.blocks[0].model_dump()["tone"] == "bad"


def test_a_score_just_under_a_tier_is_not_shown_as_if_it_had_reached_it() -> None:
    """69.96 is red, and the reader does not see 70."""
    shipped = of_weight(100).model_dump(mode="json")
    shipped["components"]["ticket_volume"] |= {"zero_at": 0, "full_at": 2500}
    snapshot = account_snapshot(account(), tickets=[ticket(f"t{i}") for i in range(1749)])
    ctx = context(one=snapshot, parameters=HealthParameters.model_validate(shipped))
    report = COMMAND.run(ctx, HealthArgs(account="acme")).report
    assert to_markdown(report.blocks, report.figures).startswith("**Acme: Red, 69.96 of 100, ")
