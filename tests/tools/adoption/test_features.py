"""What holds a feature back, what to do about it, and which one is worth most next."""

from typing import Any

import pytest

from app.domain.command import Context
from app.render.markdown import to_markdown
from tests.snapshots import account, daily_usage, days_before, features_used, goal, ticket, touchpoint
from tests.tools.adoption.setting import PARAMETERS, adoption, item, run, setting, used
from tools.adoption.data import FeatureData

HABIT = (0, 7, 14, 21)


def features(ctx: Context) -> dict[str, FeatureData]:
    return {each.name: each for each in adoption(ctx).features}


def others(number: int, feature: str = "audit_log") -> dict[str, Any]:
    """So many other customers who all use a feature."""
    ids = [f"other{n}" for n in range(number)]
    rows = [row for each in ids for row in used(feature, *HABIT, account_id=each)]
    return {"others": [account(each) for each in ids], "feature_usage": [*rows, *used("dashboards", *HABIT)]}


@pytest.mark.parametrize(
    ("facts", "feature", "hold"),
    [
        ({"feature_usage": used("webhooks", *HABIT)}, "webhooks", None),
        ({"feature_usage": used("webhooks", 40, 30, environment="sandbox")}, "webhooks", "sandbox_only"),
        ({"feature_usage": used("webhooks", 90, 1)}, "webhooks", "irregular"),
        ({"feature_usage": used("webhooks", 200)}, "webhooks", "dormant"),
        ({"feature_usage": used("webhooks", 10, 1)}, "webhooks", "started_lately"),
        ({"feature_usage": used("webhooks", 60, 67, 74)}, "webhooks", "stopped"),
        (others(5), "audit_log", "never_told"),
        (
            others(5) | {"touchpoints": [touchpoint("p1", "qbr").model_copy(update={"text": "Showed the audit log."})]},
            "audit_log",
            "told_not_tried",
        ),
        (
            {"feature_usage": used("webhooks", *HABIT), "tickets": [ticket("t1", subject="Webhook stops", days_ago=2)]},
            "webhooks",
            "open_ticket",
        ),
        (
            {"feature_usage": used("webhooks", 90, 1), "items": (item("f1", "Webhooks for refunds"),)},
            "webhooks",
            "asked_for_more",
        ),
        (
            {
                "feature_usage": used("webhooks", *HABIT, users=2),
                "usage": daily_usage(active_users=20, api_calls=1, distinct=30),
            },
            "webhooks",
            "few_people",  # 2 of 30 are under a fifth
        ),
    ],
)
def test_what_holds_a_feature_back(facts: dict[str, Any], feature: str, hold: str | None) -> None:
    found = features(setting(**facts))[feature]
    assert (found.holds[0] if found.holds else None) == hold
    assert (found.tactic is None) is (hold is None)


def test_a_settled_ticket_and_an_item_that_shipped_hold_nothing_back() -> None:
    ctx = setting(
        feature_usage=used("webhooks", *HABIT),
        tickets=[ticket("t1", subject="Webhook stops", days_ago=20, hours=5)],
        items=(item("f1", "Webhooks for refunds", status="shipped", shipped_on=days_before(3)),),
    )
    assert features(ctx)["webhooks"].holds == ()


def test_a_plan_that_does_not_hold_a_feature_is_told_where_that_is_known() -> None:
    parameters = PARAMETERS.model_copy(update={"plan_features": {"Pro": ("dashboards",)}})
    ctx = setting(account("acme", plan="Pro"), parameters=parameters, **others(5))
    assert features(ctx)["audit_log"].holds == ("not_in_plan", "never_told")


def test_the_points_of_worth_and_their_order() -> None:
    """audit_log: 3 × 5 of 5 others; webhooks: goal 4 + sandbox 2; alerts: stopped 3; exports: started 2."""
    facts = others(5)
    facts["feature_usage"] += [
        *used("webhooks", 3, environment="sandbox"),
        *used("alerts", 60, 67, 74),
        *used("exports", 90, 1),
        *used("search", 200),
    ]
    ctx = setting(goals=[goal("g1", "on_track", metric="webhooks received")], **facts)
    found = adoption(ctx)
    assert [(each.name, each.worth) for each in found.features] == [
        ("webhooks", 6),
        ("alerts", 3),
        ("audit_log", 3),
        ("exports", 2),
        ("search", 0),
        ("dashboards", 0),
    ]
    assert found.next_feature == "webhooks"


def test_few_others_say_nothing_and_what_few_use_is_no_next_step() -> None:
    assert adoption(setting(**others(4))).next_feature is None  # fewer than five tell their use
    facts = others(9, "dashboards")
    facts["feature_usage"] += used("mobile_sdk", *HABIT, account_id="other1")
    assert adoption(setting(**facts)).next_feature is None  # 1 of 9 is 0.33 points, under 1


def test_customers_who_are_billed_otherwise_say_nothing() -> None:
    facts = others(5)
    assert adoption(setting(account("acme", usage_model="seats"), **facts)).next_feature is None
    assert adoption(setting(account("acme"), **facts)).next_feature == "audit_log"


def test_only_names_on_record_are_told() -> None:
    report = run(setting(**others(5))).report
    assert "Names are known for 2 of the 10 features" in to_markdown(report.blocks, report.figures)


def test_enough_is_six_of_ten() -> None:
    six, five = (features_used(number=number) for number in (6, 5))
    assert adoption(setting(feature_usage=six)).enough is True
    assert adoption(setting(feature_usage=five)).enough is False
    assert adoption(setting(account("acme", features_available=None), feature_usage=six)).enough is None


def test_a_feed_that_is_too_old_tells_of_its_last_day_alone() -> None:
    ctx = setting(feature_usage=used("webhooks", 20, 27, 34), covered=days_before(20))
    found = adoption(ctx)
    assert (found.features_current, found.features_known_on) == (False, days_before(20))
    assert (found.enough, found.next_feature) == (None, None)
    report = run(ctx).report
    text = to_markdown(report.blocks, report.figures)
    assert "is unknown since 2026-06-06" in text
    assert {figure.key: figure.value for figure in report.figures}.get("adoption.habit") is None


def test_no_use_on_record_is_not_no_use() -> None:
    found = adoption(setting())
    assert (found.features, found.features_known_on, found.enough) == ((), None, None)
