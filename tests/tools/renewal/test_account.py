"""The answer on one renewal."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app.domain.blocks import Draft, Table, Verdict
from app.domain.command import Report
from app.domain.records import Commitment, FeedbackItem, Goal, Integration, Signal
from app.render.markdown import to_markdown
from app.render.text import to_text
from tests.snapshots import (
    AS_OF,
    account,
    contact,
    daily_columns,
    daily_usage,
    features_used,
    goal,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.renewal.conftest import ahead, answer, book, contract, read

BOSS = contact("boss", name="Ines Duarte", stakeholder="exec_sponsor", is_champion=True)


def verdict(report: Report) -> Verdict:
    first = report.blocks[0]
    assert isinstance(first, Verdict)
    return first


def head(report: Report) -> str:
    return to_text((verdict(report),), report.figures)


def healthy() -> dict[str, Any]:
    """Facts that make a green account with a low churn level."""
    return {
        "usage": daily_usage(days=200, active_users=30, api_calls=1000),
        "feature_usage": features_used(),
        "nps": [response("n1", 10), response("n2", 10), response("n3", 10)],
        "touchpoints": [touchpoint("t1", "qbr", days_ago=100), touchpoint("t2", "champion_action", days_ago=9)],
        "goals": [goal("g1", "achieved", value_amount=500_000, baseline=1, target=3, current=3)],
        "contacts": [BOSS],
        "tickets": [ticket("k", days_ago=20, hours=1)],
    }


def forsaken() -> dict[str, Any]:
    """Facts that make a red account."""
    return healthy() | {
        "usage": daily_usage(days=200, active_users=1, api_calls=10),
        "nps": [response("n", 0)],
        "goals": [goal("g", "missed")],
        "touchpoints": [touchpoint("t", "qbr", "no_show", days_ago=100)],
    }


def red() -> list[Signal]:
    return [signal("s1", "budget_cut"), signal("s2", "competitor")]


def test_the_decision_date_heads_the_answer() -> None:
    data, report = answer(contract(100, 30), **healthy())
    assert (data.state, data.tier, data.at_risk, data.next_step) == ("open", "green", False, "health_check")
    assert data.decision_date == ahead(70)
    told = head(report)
    assert f"they decide by {ahead(70)} (in 70 days); renewal {ahead(100)}" in told
    assert "does not renew by itself: unsigned, it ends; notice 30 days" in told
    assert "Green. Confirm what they got out of it" in told
    assert "Decides: Ines Duarte; champion: Ines Duarte" in told


@pytest.mark.parametrize(
    ("auto", "notice", "told"),
    [
        (True, 30, "renews by itself for 12 months unless notice is given; notice 30 days"),
        (False, None, "unsigned, it ends; the notice period is not on record"),
        (None, 0, "whether it renews by itself is not on record: read the contract; notice 0 days"),
    ],
)
def test_renewal_and_notice_are_told_plainly(auto: bool | None, notice: int | None, told: str) -> None:
    assert told in head(answer(contract(100, notice, auto))[1]).replace("\n  ", " ")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (healthy(), "Green. Confirm"),
        (healthy() | {"goals": [], "touchpoints": [touchpoint("t", "qbr", "no_show", days_ago=100)]}, "Yellow. Agree"),
        ({}, "The tier is unknown. Get the missing data first"),
        (forsaken(), "Red. Bring their VP or CTO"),
    ],
)  # fmt: skip
def test_the_health_check_branches_on_the_tier(facts: dict[str, Any], says: str) -> None:
    data, _ = answer(contract(200), **facts)
    assert says in data.steps[0].text


def test_an_unknown_tier_asks_for_data_first() -> None:
    data, report = answer(contract(200))
    assert data.tier == "unknown"
    assert "Data first: without a tier nobody knows which track to run (" in head(report)
    assert "the health tier" in data.missing


def test_at_risk_runs_the_playbook_with_an_agenda_from_the_evidence() -> None:
    facts = healthy() | {"signals": red(), "goals": [goal("g", "missed")], "tickets": [ticket("T-9", severity="SEV1")]}
    data, report = answer(contract(60, 30), **facts)
    assert data.churn_level == "critical"  # two mentions, and a decision within 90 days
    assert data.at_risk
    assert "emergency_call" in [step.key for step in data.steps]
    asked = {line.ask: line.because for line in data.agenda}
    assert next(iter(asked)).startswith("Which numbers will the budget be judged by")
    assert any("T-9" in str(because) for because in asked.values())
    assert [*asked][-1].startswith("What would you have to see")
    assert verdict(report).tone == "bad"
    assert "/renewal acme propose 50% off for 6 months" in read(report)


def test_blockers_have_an_owner() -> None:
    late = Commitment(id="p1", account_id="acme", by="Sam", what="Order form", due=ahead(-3), made_on=ahead(-9))
    broken = Integration(account_id="acme", kind="warehouse", status="Failing")
    live = Integration(account_id="acme", kind="identity", status="live")
    asked = FeedbackItem(id="f1", title="Roles", category="feature_request", account_ids=("acme",), severity="SEV2")
    words = asked.model_copy(update={"id": "f2", "severity": None, "quote": "This is a deal breaker for us."})
    others = [
        asked.model_copy(update={"id": "f3", "account_ids": ("else",)}),
        asked.model_copy(update={"id": "f4", "status": "shipped"}),
        asked.model_copy(update={"id": "f5", "severity": "SEV3"}),
    ]
    data, report = answer(
        contract(200),
        tickets=[
            ticket("T-1", severity="SEV2"),
            ticket("T-2", severity="SEV3"),
            ticket("T-3", severity="SEV1", escalated=True),
        ],
        commitments=[late],
        integrations=[broken, live],
        feedback=book(asked, words, *others),
        signals=[
            signal("s1", "competitor", days_ago=10),
            signal("s2", "competitor", days_ago=181),
            signal("s3", "advocacy"),
        ],
    )  # fmt: skip
    assert [(each.kind, each.id, each.owner) for each in data.blockers] == [
        ("ticket", "T-3", "Engineering, through the escalation manager"),
        ("ticket", "T-1", "Support lead"),
        ("promise", "p1", "Sam"),
        ("integration", "acme/warehouse/production", "CSE, with their engineers"),
        ("request", "f1", "Product manager"),
        ("request", "f2", "Product manager"),
        ("signal", "s1", "CSM, with Sales"),
    ]
    assert "In the way: 7 blockers; first SEV1 T-3" in head(report)


def test_value_with_its_arithmetic() -> None:
    data, report = answer(contract(200), **healthy())
    assert (data.value_delivered, data.roi) == (500_000, 5)
    assert "Value against ARR: USD 500,000 delivered ÷ USD 100,000 = 5" in head(report)
    assert "USD 500,000 delivered ÷ USD 100,000 paid a year = 5" in read(report)


@pytest.mark.parametrize(
    ("goals", "told"),
    [
        ([], "no goal has a worth on record"),
        ([goal("g", "missed", value_amount=10)], "no goal with a worth is reached or on track"),
        ([goal("g", "on_track", value_amount=10)], "none proven yet; in reach USD 10"),
    ],
)
def test_value_that_is_not_proven(goals: list[Goal], told: str) -> None:
    assert told in head(answer(contract(200), goals=goals)[1])


def test_lapsed() -> None:
    data, report = answer(contract(-14), **healthy())
    assert (data.state, data.lapsed_days, data.next_step) == ("lapsed", 14, "signed")
    assert f"lapsed by 14 days: the contract ended on {ahead(-14)} and is not renewed" in head(report)
    assert "Ask whoever decides whether they stay" in head(report)


def test_a_term_that_renewed_by_itself() -> None:
    data, report = answer(contract(-14, 30, auto=True))
    assert (data.state, data.rolled) == ("open", True)
    assert data.renewal_date == dt.date(2027, 6, 12)
    assert "these are the dates of the one that runs" in head(report)
    keys = {figure.key: figure.value for figure in report.figures}
    assert keys["renewal.date"] == ahead(-14)
    assert keys["renewal.next_date"] == data.renewal_date


def test_notice_that_can_no_longer_be_given() -> None:
    data, report = answer(contract(10, 30, auto=True))
    assert f"the last day for notice, {ahead(-20)}, is over; renews by itself on {ahead(10)} (in 10 days)" in head(
        report
    )
    assert data.next_step == "signed"


@pytest.mark.parametrize(
    ("fields", "state", "told"),
    [
        ({"renewal_date": None}, "no_date", "no renewal date is on record"),
        ({"renewal_date": ahead(-9), "auto_renew": True}, "no_date", "its length is not on record"),
        ({"lifecycle": "churned", "renewal_date": ahead(-9)}, "churned", "has churned"),
        ({"lifecycle": "churned", "renewal_date": None}, "churned", "has churned"),
        ({"contract_start": ahead(9), "lifecycle": None}, "not_yet", "is not a customer yet"),
        ({"contract_start": ahead(9), "lifecycle": None, "renewal_date": None}, "not_yet", "is not a customer yet"),
        ({"contract_start": None, "notice_days": None, "segment": None, "owner": None, "arr": None}, "open", "decide"),
    ],
)  # fmt: skip
def test_any_state_of_the_record_gives_an_answer(fields: dict[str, Any], state: str, told: str) -> None:
    data, report = answer(account(**fields))
    assert data.state == state
    assert told in head(report)
    assert "None" not in read(report)


def test_usage_under_the_commit_is_a_risk() -> None:
    rows = daily_usage(days=300, api_calls=100)
    one = contract(200, api_quota_monthly=10_000, usage_model="api", contract_start=None)
    data, report = answer(one, usage=rows, daily=daily_columns(rows))
    assert data.commit is not None
    assert data.commit.is_risk
    assert "30.2% of the calls committed to so far are used: a risk, under 70 %" in head(report)


def test_checkpoints_of_a_term_of_several_years() -> None:
    data, report = answer(contract(100, term_months=36, contract_start=None))
    assert [each.is_over for each in data.anniversaries] == [True, True]
    assert "Value checkpoints within the term" in read(report)


def test_every_number_that_is_told_is_a_figure_of_the_answer() -> None:
    """The renderer refuses what has no figure; here only that it is whole at all times."""
    for left in (-40, -1, 0, 1, 29, 31, 59, 61, 89, 91, 400):
        for notice in (0, 30, 365):
            _, report = answer(contract(left, notice), **healthy())
            assert read(report)
            assert len(verdict(report).lines) <= 11


def drafts(report: Report) -> list[Draft]:
    return [block for block in report.blocks if isinstance(block, Draft)]


def test_the_mail_is_the_customers_form_alone() -> None:
    facts = healthy() | {"signals": red()}
    assert drafts(answer(contract(60), **facts)[1]) == []
    _, report = answer(contract(60), audience="customer", **facts)
    (mail,) = drafts(report)
    said = to_text((mail,), report.figures).casefold()
    assert mail.audience == "customer"
    assert "hello ines," in said
    assert "goal g1: reached" in said
    for word in ("renew", "churn", "arr ", "risk", "discount", "usd", "health", "decision", "budget", "competitor"):
        assert word not in said, word


def test_a_role_that_sees_no_people_reads_their_parts() -> None:
    data, report = answer(contract(60), sees_people=False, **healthy())
    assert data.decision_makers == ("champion, executive sponsor",)
    assert "Ines" not in read(report)


def test_shipped_texts_promise_nothing() -> None:
    """Words that would commit us stand only where they are ruled out."""
    text = Path(__file__).resolve().parents[3].joinpath("tools", "renewal.yaml").read_text(encoding="utf-8").casefold()
    playbook = text[text.index("steps:") : text.index("\nagenda:")]
    for word in ("we will", "guarantee", "promise you", "free", "discount", "% off"):
        assert word not in playbook, word


def test_tables_hold_every_step_and_its_reason() -> None:
    data, report = answer(contract(45, 30), **healthy())
    plan = next(block for block in report.blocks if isinstance(block, Table))
    assert len(plan.rows) == len(data.steps) == 4
    told = to_markdown((plan,), report.figures)
    assert "merged into" in told
    assert "No time for two meetings; the value opens the negotiation" in told
    assert data.steps[0].state == "done"  # the review 100 days ago
    assert AS_OF not in [step.due for step in data.steps]
