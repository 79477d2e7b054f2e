"""What data show of a milestone: each measure with numbers worked by hand, and unknown where nothing tells."""

import datetime as dt
from typing import Any

import pytest

from app.domain.records import Check, FeatureUsage, Goal, Integration, Usage
from tests.snapshots import AS_OF, contact, daily_usage, days_before, touchpoint
from tests.tools.onboard.desk import START, calls, context, first_use, newcomer
from tools.onboard.discovery import number_in
from tools.onboard.material import of_account
from tools.onboard.parameters import measure_of
from tools.onboard.readings import Reading, read


def reading(written: str, **facts: Any) -> Reading:
    measure = measure_of(written)
    assert measure is not None
    return read(of_account(context(**facts)), measure)


def held(written: str, **facts: Any) -> tuple[str, dt.date | None]:
    found = reading(written, **facts)
    return found.holds, found.on


def checks(*items: tuple[str, str, str], day: dt.date = AS_OF) -> list[Check]:
    return [
        Check.model_validate(
            {"account_id": "acme", "checklist": checklist, "item": item, "state": state, "checked_on": day, "note": "n"}
        )
        for checklist, item, state in items
    ]


def test_the_first_thousand_calls() -> None:
    assert held("calls 1000", usage=calls(100, 9)) == ("no", None)
    assert held("calls 1000", usage=calls(100, 12)) == ("yes", days_before(2))  # the tenth of twelve days
    assert held("calls 1000") == ("unknown", None)


def test_calls_without_daily_use_say_the_same_and_no_day() -> None:
    blind = {"daily": None}
    assert held("calls 1000", usage=calls(100, 12), fields=blind) == ("yes", None)
    assert held("calls 1000", usage=calls(100, 9), fields=blind) == ("no", None)
    old = [Usage(account_id="acme", date=days_before(200), api_calls=5_000)]
    assert held("calls 1000", usage=old, fields=blind) == ("unknown", None)
    assert held("calls 1000", usage=old) == ("yes", days_before(200))


@pytest.mark.parametrize(("a_day", "holds"), [(4_999, "no"), (5_000, "yes")])
def test_half_of_the_traffic_is_a_weeks_calls_made_a_months_by_the_quota(a_day: int, holds: str) -> None:
    """7 × 5,000 × 30 ÷ 7 = 150,000 of 300,000."""
    assert reading("traffic 50", usage=calls(a_day, 7)).holds == holds


def test_since_when_half_of_the_traffic_is_moved() -> None:
    usage = [
        Usage(account_id="acme", date=days_before(back), api_calls=1_000 if back > 9 else 6_000) for back in range(20)
    ]
    # 35,000 in seven days are asked for: 6 × 6,000 + 1,000 = 37,000 on the sixth high day; the fifth has 32,000
    assert held("traffic 50", usage=usage) == ("yes", days_before(4))


def test_what_was_reached_and_lost_is_not_held() -> None:
    usage = [
        Usage(account_id="acme", date=days_before(back), api_calls=6_000 if back > 9 else 10) for back in range(20)
    ]
    found = reading("traffic 50", usage=usage)
    assert found.holds == "no"
    assert "it held on" in "".join(str(span) for span in found.seen)


def test_the_planned_volume_comes_before_a_goal_and_the_quota() -> None:
    goal = Goal(id="g", account_id="acme", title="Calls", metric="API calls a day", target=2_000)
    answered = [Check(account_id="acme", checklist="discovery", item="planned_calls", note="120k a month")]
    usage = calls(1_000, 7)  # 30,000 a month
    assert [_share(**facts) for facts in ({}, {"goals": [goal]}, {"goals": [goal], "checks": answered})] == [10, 50, 25]
    bare = newcomer(api_quota_monthly=None)
    assert held("traffic 50", one=bare, usage=usage) == ("unknown", None)


def _share(**facts: Any) -> object:
    (figure,) = reading("traffic 50", usage=calls(1_000, 7), **facts).figures
    return figure.value


@pytest.mark.parametrize(("current", "target", "percent"), [(0.6, 1, 60), (60, 100, 60)])
def test_a_goal_that_is_the_share_itself(current: float, target: float, percent: float) -> None:
    goal = Goal(
        id="g", account_id="acme", title="Move", metric="share of traffic moved", current=current, target=target
    )
    found = reading("traffic 50", goals=[goal])
    assert (found.holds, found.figures[0].value) == ("yes", percent)


def test_weekly_users_are_at_least_those_of_a_mean_working_day() -> None:
    """20 users of 50 seats: 40 %, from the first working day of the 28 on, which begin on a Saturday."""
    assert held("weekly_users 40", usage=daily_usage(days=28, active_users=20)) == ("yes", days_before(25))
    assert reading("weekly_users 40", usage=daily_usage(days=28, active_users=19)).holds == "no"
    assert reading("weekly_users 40").holds == "unknown"
    assert reading("weekly_users 40", one=newcomer(licensed_seats=None)).holds == "unknown"


def test_with_few_seats_distinct_users_count() -> None:
    usage = daily_usage(days=28, active_users=1, distinct=2)
    assert reading("weekly_users 40", one=newcomer(licensed_seats=5), usage=usage).holds == "yes"


def test_features_in_production_and_since_when() -> None:
    used = [
        FeatureUsage(account_id="acme", date=days_before(back), feature=name, environment=environment, count=1)
        for back, name, environment in (
            (9, "alerts", "production"),
            (7, "webhooks", "production"),
            (5, "dashboards", "production"),
            (4, "sso", "sandbox"),
        )
    ]
    assert held("features 3", feature_usage=used) == ("yes", days_before(5))
    assert held("features 4", feature_usage=used) == ("no", None)
    assert held("features 3") == ("unknown", None)


def test_meetings_that_took_place_since_the_start() -> None:
    early = touchpoint("t0", "training", days_ago=40)  # before the contract began
    trainings = [touchpoint(f"t{n}", "training", days_ago=10 - n) for n in range(1, 4)]
    missed = touchpoint("t9", "webinar", "no_show")
    assert held("trainings 3", touchpoints=[early, *trainings, missed]) == ("yes", days_before(7))
    assert held("trainings 3", touchpoints=[early, *trainings[:2], missed]) == ("no", None)
    assert held("kickoff", touchpoints=[touchpoint("k", "call", days_ago=26)]) == ("yes", days_before(26))
    assert held("health_check", covered={"touchpoints": None}) == ("unknown", None)
    assert held("health_check") == ("no", None)


def test_production_is_a_live_integration_else_the_first_production_use() -> None:
    planned = Integration(account_id="acme", kind="shop", status="planned")
    live = Integration(account_id="acme", kind="shop", status="Live")
    sandbox = Integration(account_id="acme", kind="shop", environment="sandbox", status="live")
    used = first_use(calls=days_before(3))
    assert held("production", integrations=[planned, sandbox], used=used)[0] == "no"
    assert held("production", integrations=[live]) == ("yes", None)
    assert held("production", used=used) == ("yes", days_before(3))
    assert held("production") == ("unknown", None)


def test_first_use_in_any_environment() -> None:
    assert held("first_use", used=first_use(calls=days_before(4), users=days_before(6))) == ("yes", days_before(6))
    assert held("first_use", one=newcomer(usage_model="api"), used=first_use(users=days_before(6))) == ("no", None)
    assert held("first_use", covered={"usage": None}) == ("unknown", None)


def test_discovery_is_answered_by_goals_contacts_and_what_was_written_down() -> None:
    goal = Goal(id="g", account_id="acme", title="Faster", metric="seconds", baseline=9, target=3, due=AS_OF)
    people = [contact("c1", is_champion=True)]
    stack = checks(("discovery", "stack", "yes"))
    assert held("discovery", goals=[goal], contacts=people, checks=stack)[0] == "yes"
    assert held("discovery", goals=[goal], contacts=people)[0] == "no"
    assert held("discovery")[0] == "unknown"
    left = [contact("c1", is_champion=True, left_on=days_before(1))]
    assert held("discovery", goals=[goal], contacts=left, checks=stack)[0] == "no"


def test_goals_that_were_due_are_settled() -> None:
    def goal(name: str, status: Any, due: dt.date | None) -> Goal:
        return Goal(id=name, account_id="acme", title=name, status=status, due=due, status_on=days_before(2))

    later = goal("later", "on_track", START + dt.timedelta(days=200))
    assert held("goals", goals=[goal("a", "achieved", AS_OF), goal("b", "missed", AS_OF), later]) == (
        "yes",
        days_before(2),
    )
    assert held("goals", goals=[goal("a", "at_risk", AS_OF)]) == ("no", None)
    assert held("goals", goals=[later]) == ("unknown", None)


def test_a_stale_feed_tells_nothing() -> None:
    old = {"usage": days_before(9)}
    for written in ("traffic 50", "weekly_users 40"):
        assert (
            reading(written, usage=daily_usage(days=40, active_users=40, api_calls=9_000), covered=old).holds
            == "unknown"
        )


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("4,000,000 a month", 4e6),
        ("about 2.5M calls", 2.5e6),
        ("120k", 120e3),
        ("1 million", 1e6),
        ("0", None),
        ("we do not know", None),
    ],
)
def test_a_volume_in_words(said: str, number: float | None) -> None:
    assert number_in(said) == number
