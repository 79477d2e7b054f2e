"""The score of an account: worked by hand in full, then band, coverage, tiers and what decides."""

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from app.domain import records
from tests.snapshots import (
    account,
    contact,
    daily_usage,
    days_before,
    features_used,
    goal,
    portfolio,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, SHIPPED, account_report, assessed
from tools.health import HealthParameters, Scores, score
from tools.health.data import AccountHealth
from tools.health.scoring import COMPONENTS


def full_facts() -> dict[str, Any]:
    """An account with all ten components known."""
    usage = daily_usage(days=84, ends=days_before(28), active_users=12, api_calls=1000)
    usage += daily_usage(days=28, active_users=12, api_calls=800)
    tickets = [
        ticket("t1", days_ago=5, severity="SEV2", hours=36),
        ticket("t2", days_ago=20, severity="SEV3", hours=420),
        ticket("t3", days_ago=25, severity="SEV1", hours=12, escalated=True),
        ticket("t4", days_ago=80, severity="SEV4", hours=168, escalated=True),
    ]
    tickets += [ticket(f"o{i}", days_ago=1, severity="SEV4") for i in range(5)]
    touchpoints = [
        touchpoint("p1", "qbr", "attended", days_ago=20),
        touchpoint("p2", "webinar", "attended", days_ago=60),
        touchpoint("p3", "training", "attended", days_ago=100),
        touchpoint("p4", "health_check", "declined", days_ago=120),
        touchpoint("p5", "office_hours", "no_show", days_ago=170),
        touchpoint("p6", "champion_action", None, days_ago=40),
    ]
    return {
        "usage": usage,
        "feature_usage": features_used(number=3),
        "tickets": tickets,
        "nps": [response(f"n{i}", value, days_ago=30) for i, value in enumerate((9, 10, 7, 3))],
        "touchpoints": touchpoints,
        "contacts": [contact("jo", is_champion=True)],
        "goals": [goal("g1", "achieved"), goal("g2", "on_track"), goal("g3", "at_risk")],
    }


BY_HAND = {
    # 12 users on each of 20 working days, 50 seats: 0.24 of 0.40
    "dau": Fraction(20) * Fraction(24, 40),  # 12
    # 800 × 28 = 22,400 calls; before 84,000 ÷ 84 × 28 = 28,000; (0.8 − 0.5) ÷ 0.4
    "api_calls": Fraction(10) * Fraction(3, 4),  # 7.5
    # 3 of 10 features: 0.3 of 0.6
    "feature_adoption": Fraction(10) * Fraction(1, 2),  # 5
    # 2 promoters, 1 detractor, 4 answers: 100 × 1 ÷ 7; (100/7 + 100) ÷ 150 = 16/21
    "nps": Fraction(15) * Fraction(16, 21),  # 11.428571…
    # 3 attended of 5 invited: 0.6 of 0.8
    "outreach": Fraction(10) * Fraction(3, 4),  # 7.5
    # an action 40 days ago
    "champion": Fraction(5),
    # t1, t2, t3 and five open ones in 30 days: (15 − 8) ÷ 10
    "ticket_volume": Fraction(10) * Fraction(7, 10),  # 7
    # 36 ÷ 72 = 0.5; 420 ÷ 168 = 2.5; 12 ÷ 8 = 1.5; 168 ÷ 336 = 0.5; the median is 1: none lost
    "resolution_time": Fraction(5),
    # t3 and t4: (5 − 2) ÷ 5
    "escalations": Fraction(5) * Fraction(3, 5),  # 3
    # 2 of 3 goals: 2/3 of 0.8
    "outcomes": Fraction(10) * Fraction(2, 3) / Fraction(4, 5),  # 8.333…
}


def test_a_full_score_worked_by_hand() -> None:
    found = assessed(**full_facts()).scores
    points = {key: float(found.components[key].points[0]) for key in COMPONENTS}
    assert points == pytest.approx({key: float(value) for key, value in BY_HAND.items()}, abs=1e-9)
    # 12 + 7.5 + 5 + 240/21 + 7.5 + 5 + 7 + 5 + 3 + 25/3 = 71.761904…
    assert found.score[0] == pytest.approx(float(sum(BY_HAND.values())), abs=1e-9)
    assert found.score[0] == pytest.approx(71.76190476190476, abs=1e-9)
    assert (found.low[0], found.high[0]) == (found.score[0], found.score[0])
    assert (found.coverage[0], found.tier[0], found.provisional[0], found.decided_by[0]) == (100, "yellow", False, "")


def test_an_unknown_component_leaves_the_score_and_widens_the_band() -> None:
    facts = full_facts() | {"nps": []}
    found = assessed(**facts).scores
    points = float(sum(value for key, value in BY_HAND.items() if key != "nps"))  # 60.333…
    assert found.score[0] == pytest.approx(100 * points / 85, abs=1e-9)
    assert found.low[0] == pytest.approx(points, abs=1e-9)
    assert found.high[0] == pytest.approx(points + 15, abs=1e-9)
    assert found.coverage[0] == pytest.approx(85, abs=1e-9)
    assert (found.tier[0], found.decided_by[0]) == ("yellow", "nps")


def test_what_does_not_apply_leaves_everything() -> None:
    """Billed by seats: API calls count neither as points nor as unknown."""
    found = assessed(account(usage_model="seats"), **full_facts()).scores
    points = float(sum(value for key, value in BY_HAND.items() if key != "api_calls"))
    assert found.components["api_calls"].state[0] == "not_applicable"
    assert found.score[0] == pytest.approx(100 * points / 90, abs=1e-9)
    assert (found.coverage[0], found.low[0]) == (100, found.score[0])


def just_meets_every_target() -> dict[str, Any]:
    """The persona's targets, each just met: 40 % active, flat calls, 60 % of features, NPS 50, under 5 tickets…"""
    promoters = [response(f"p{i}", 9, days_ago=9) for i in range(6)]
    others = [response(f"o{i}", 8, days_ago=9) for i in range(3)] + [response("d", 6, days_ago=9)]
    return {
        "usage": daily_usage(days=112, active_users=20, api_calls=100),
        "feature_usage": features_used(number=6),
        "nps": promoters + others,  # 100 × (6 − 1) ÷ 10 = 50
        "touchpoints": [touchpoint(f"w{i}", "webinar", "attended" if i else "no_show", days_ago=9) for i in range(5)],
        "signals": [signal("s", "advocacy")],
        "tickets": [ticket(f"t{i}", days_ago=9 + 30 * (i // 4), severity="SEV2", hours=72) for i in range(16)],
        "goals": [goal(f"g{i}", "on_track" if i else "missed") for i in range(5)],
        "contacts": [contact("jo", is_champion=True)],
    }


def test_an_account_that_just_meets_every_target_is_green() -> None:
    found = assessed(**just_meets_every_target())
    plain = found.scores.components["nps"].inputs["score"][0]
    assert plain == 50
    # NPS of 10 answers: 500 ÷ 13 = 38.46; (138.46 ÷ 150) × 15 = 13.846; all others are full
    assert found.scores.score[0] == pytest.approx(85 + 15 * (500 / 13 + 100) / 150, abs=1e-9)
    assert (found.scores.tier[0], found.scores.provisional[0]) == ("green", False)
    assert found.churn.level[0] == "low"


def of_weight(known: float) -> HealthParameters:
    """Weights that put `known` points on ticket volume and the rest on NPS."""
    weights = dict.fromkeys(COMPONENTS, 0.0) | {"ticket_volume": known, "nps": 100 - known}
    return HealthParameters.model_validate(SHIPPED | {"weights": weights})


def scored_by_tickets(share: Fraction, known: float = 100) -> Scores:
    """An account whose ticket volume earns that share of its points: a scale from 0 tickets to a whole number."""
    shipped = of_weight(known).model_dump(mode="json")
    shipped["components"]["ticket_volume"] |= {"zero_at": 0, "full_at": share.denominator}
    tickets = [ticket(f"t{i}", days_ago=1) for i in range(share.numerator)]
    return score(portfolio([account()], tickets=tickets), HealthParameters.model_validate(shipped))


@pytest.mark.parametrize(
    ("share", "tier"),
    [
        (Fraction(0), "red"),
        (Fraction(398, 1000), "red"),
        (Fraction(598, 1000), "red"),
        (Fraction(699, 1000), "red"),
        (Fraction(7, 10), "yellow"),
        (Fraction(701, 1000), "yellow"),
        (Fraction(797, 1000), "yellow"),
        (Fraction(896, 1000), "yellow"),
        (Fraction(899, 1000), "yellow"),
        (Fraction(9, 10), "green"),
        (Fraction(1), "green"),
    ],
)
def test_every_score_has_a_tier_also_between_whole_numbers(share: Fraction, tier: str) -> None:
    found = scored_by_tickets(share)
    assert found.score[0] == pytest.approx(float(100 * share), abs=1e-9)
    assert found.tier[0] == tier


@pytest.mark.parametrize(("known", "tier"), [(49.9, "unknown"), (50, "green"), (79.9, "green"), (80, "green")])
def test_coverage_under_half_gives_no_score(known: float, tier: str) -> None:
    found = scored_by_tickets(Fraction(1), known)
    assert found.coverage[0] == pytest.approx(known, abs=1e-9)
    assert found.tier[0] == tier
    assert np.isnan(found.score[0]) == (tier == "unknown")
    assert (found.low[0], found.high[0]) == (pytest.approx(known, abs=1e-9), 100)
    assert found.provisional[0] == (50 <= known < 80)
    assert found.decided_by[0] == "nps"


def test_a_green_whose_band_begins_under_the_floor_is_provisional() -> None:
    """Coverage 80 %, 72 of 80 points: score 90, lowest possible 72: firm. A floor of 73 makes it provisional."""
    shipped = of_weight(80).model_dump(mode="json")
    shipped["components"]["ticket_volume"] |= {"zero_at": 0, "full_at": 10}
    snapshot = portfolio([account()], tickets=[ticket(f"t{i}", days_ago=1) for i in range(9)])
    firm = score(snapshot, HealthParameters.model_validate(shipped))
    assert (firm.tier[0], firm.low[0], firm.provisional[0]) == ("green", pytest.approx(72), False)
    shipped["tiers"]["firm_green_floor"] = 73
    assert score(snapshot, HealthParameters.model_validate(shipped)).provisional[0]


def test_the_larger_unknown_component_decides_and_the_first_of_equal_ones() -> None:
    facts = full_facts()
    assert assessed(**facts | {"nps": [], "goals": []}).scores.decided_by[0] == "nps"
    none_of_ten = assessed(**facts | {"feature_usage": [], "goals": []}).scores
    assert none_of_ten.decided_by[0] == "feature_adoption"


def test_nothing_decides_where_the_band_stays_in_one_tier() -> None:
    """Red whatever champion activity gives: 5 points do not reach another tier."""
    poor = full_facts() | {
        "usage": daily_usage(active_users=1, api_calls=9),
        "signals": [],
        "goals": [goal("g", "missed")],
    }
    poor["touchpoints"] = [t for t in poor["touchpoints"] if t.kind != "champion_action"]
    found = assessed(**poor).scores
    assert found.components["champion"].state[0] == "unknown"
    assert (found.tier[0], found.decided_by[0]) == ("red", "")


def test_an_account_without_any_data_is_unknown_not_healthy() -> None:
    bare = records.Account(id="bare", name="Bare")
    found = assessed(
        bare, covered=dict.fromkeys(("usage", "feature_usage", "tickets", "nps", "touchpoints", "signals"))
    )
    assert np.isnan(found.scores.score[0])
    assert (found.scores.low[0], found.scores.high[0], found.scores.coverage[0]) == (0, 100, 0)
    assert found.scores.tier[0] == "unknown"
    assert found.churn.level[0] == "unknown"
    assert (found.churn.lowest[0], found.churn.highest[0]) == ("low", "critical")


def test_overrides_hold_for_their_segment_and_for_it_alone() -> None:
    """Small accounts may open twice as many tickets; the other rows keep the shipped parameters."""
    override = {"segment": "smb", "set": {"components": {"ticket_volume": {"zero_at": 30, "full_at": 10}}}}
    parameters = HealthParameters.model_validate(SHIPPED | {"overrides": [*SHIPPED["overrides"], override]})
    accounts = [account("a"), account("b", segment="smb"), account("c", lifecycle="onboarding")]
    tickets = [ticket(f"{a.id}{i}", a.id, days_ago=1) for a in accounts for i in range(10)]
    found = score(portfolio(accounts, tickets=tickets), parameters)
    assert found.components["ticket_volume"].points.tolist() == [5, 10, 5]


def test_the_same_day_gives_the_same_score_whatever_the_clock_says() -> None:
    """as_of alone counts: facts after it are not there, and a later day sees them."""
    facts = full_facts()
    earlier = assessed(as_of=days_before(60), **facts)
    assert earlier.portfolio.as_of == days_before(60)
    assert earlier.scores.score[0] != assessed(**facts).scores.score[0]
    kept = [t for t in facts["tickets"] if t.opened_at.date() <= days_before(60)]
    assert assessed(as_of=days_before(60), **facts | {"tickets": kept}).scores.score[0] == earlier.scores.score[0]


def test_no_account_at_all() -> None:
    assert score(portfolio(), PARAMETERS).score.shape == (0,)


def test_data_of_the_answer_is_what_was_scored() -> None:
    data, _ = account_report(**full_facts())
    assert isinstance(data, AccountHealth)
    assert {c.key: c.points for c in data.components} == pytest.approx({k: float(v) for k, v in BY_HAND.items()})
    assert all(c.inputs for c in data.components)
    assert data.renewal_date is not None
    assert data.decision_date == data.renewal_date - dt.timedelta(days=30)
