"""The comparison ledger: worked by hand, and held to its sum over accounts and settings made at random."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.snapshot import PortfolioSnapshot
from tests.snapshots import (
    AS_OF,
    account,
    contact,
    daily_usage,
    days_before,
    features_used,
    goal,
    portfolio,
    response,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, SHIPPED
from tests.tools.health.test_properties import accounts, facts
from tools.health import HealthParameters, score
from tools.health.ledger import (
    APPEARED,
    CHANGED,
    COVERAGE,
    UNCHANGED,
    WENT_MISSING,
    Ledger,
    comparable,
    ledger,
    shares,
    total,
)
from tools.health.parameters import ComponentKey
from tools.health.scoring import COMPONENTS, KNOWN, UNKNOWN, Component, Scores

TOLERANCE = 1e-9
Known = Mapping[str, tuple[float | None, float]]
"""Points (None: unknown) and the most they can be, by component; others are unknown and weigh nothing."""


def scores(known: Known) -> Scores:
    """One account's scores with these components."""

    def component(key: str) -> Component:
        points, most = known.get(key, (None, 0.0))
        state = UNKNOWN if points is None else KNOWN
        return Component(
            state=np.array([state], dtype=object),
            points=np.array([np.nan if points is None else points]),
            max=np.array([float(most)]),
            measure=np.array([np.nan]),
            missing=np.array([""], dtype=object),
            inputs={},
        )

    nothing, words = np.array([np.nan]), np.array([""], dtype=object)
    return Scores(
        components={key: component(key) for key in COMPONENTS},
        score=nothing,
        low=nothing,
        high=nothing,
        coverage=nothing,
        tier=words,
        provisional=np.array([False]),
        decided_by=words,
    )


def moved(found: Ledger) -> dict[str, float]:
    return {key: float(line[0]) for key, line in found.lines.items() if abs(line[0]) > TOLERANCE}


def groups(found: Ledger) -> dict[str, str]:
    return {key: str(group[0]) for key, group in found.groups.items() if group[0] != UNCHANGED}


def test_three_components_worked_by_hand() -> None:
    """Active users fall from 12 to 6 of 20, NPS (15 of 15) goes missing, tickets stay at 10 of 10.

    M is 45, then 30. Shares were 26.67, 33.33 and 22.22, and are 20, 0 and 33.33. Under new settings active users
    weigh 40: 12 of 40 and 10 of 10 make 44 of 100, where the old settings make 53.33.
    """
    then = scores({"dau": (12, 20), "nps": (15, 15), "ticket_volume": (10, 10)})
    as_set = scores({"dau": (6, 20), "nps": (None, 15), "ticket_volume": (10, 10)})
    now = scores({"dau": (12, 40), "nps": (None, 15), "ticket_volume": (10, 10)})
    found = ledger(then, as_set, now)
    assert moved(found) == pytest.approx({"dau": -20 / 3, "nps": -100 / 3, "ticket_volume": 100 / 9}, abs=TOLERANCE)
    assert groups(found) == {"dau": CHANGED, "nps": WENT_MISSING, "ticket_volume": COVERAGE}
    assert float(found.settings[0]) == pytest.approx(44 - 160 / 3, abs=TOLERANCE)
    assert float(found.change[0]) == pytest.approx(44 - 740 / 9, abs=TOLERANCE)
    assert sum(moved(found).values()) + float(found.settings[0]) == pytest.approx(44 - 740 / 9, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("then", "now", "group"),
    [
        ((4.0, 10), (4.0, 10), UNCHANGED),
        ((4.0, 10), (5.0, 10), CHANGED),
        ((None, 10), (0.0, 10), APPEARED),
        ((0.0, 10), (None, 10), WENT_MISSING),
        ((None, 10), (None, 10), UNCHANGED),
        ((4.0, 10), (4.0, 20), CHANGED),  # the settings of the account's stage
    ],
)
def test_groups(then: tuple[float | None, float], now: tuple[float | None, float], group: str) -> None:
    before, after = scores({"outcomes": then}), scores({"outcomes": now})
    assert ledger(before, after, after).groups["outcomes"][0] == group


def test_points_that_stay_move_with_the_most_that_is_known() -> None:
    before, after = scores({"dau": (20, 20)}), scores({"dau": (20, 20), "nps": (0, 20)})
    found = ledger(before, after, after)
    assert moved(found) == {"dau": -50.0}
    assert groups(found) == {"dau": COVERAGE, "nps": APPEARED}


def test_nothing_known_is_a_share_of_nothing() -> None:
    nothing, all_known = scores({}), scores({"dau": (5, 20)})
    assert float(total(shares(nothing.components))[0]) == 0
    assert moved(ledger(nothing, all_known, all_known)) == {"dau": 25.0}
    assert np.isnan(comparable(nothing, all_known)[0][0])


def test_what_went_missing_moves_nothing_over_what_is_known_on_both_days() -> None:
    before = scores({"dau": (20, 20), "nps": (5, 10)})
    after = scores({"dau": (None, 20), "nps": (5, 10), "outreach": (0, 10)})
    assert [float(share[0]) for share in comparable(before, after)] == [50.0, 50.0]


@st.composite
def parameters(draw: st.DrawFn) -> HealthParameters:
    """The shipped settings, or others: weights that sum to 100, some of them 0, another scale, another override."""
    if draw(st.booleans()):
        return PARAMETERS
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(COMPONENTS) - 1, max_size=len(COMPONENTS) - 1)))
    weights = [upper - lower for lower, upper in zip([0, *cuts], [*cuts, 100], strict=True)]
    changed = SHIPPED | {"weights": dict(zip(COMPONENTS, weights, strict=True))}
    window = draw(st.integers(1, 200))
    changed["components"] = SHIPPED["components"] | {
        "ticket_volume": {
            "zero_at": draw(st.integers(6, 20)),
            "full_at": draw(st.integers(0, 5)),
            "window_days": window,
        }
    }
    if draw(st.booleans()):
        reset = {"weights": {"dau": weights[1], "api_calls": weights[0]}}
        changed["overrides"] = [*SHIPPED["overrides"], {"lifecycle": "onboarding", "set": reset}]
    return HealthParameters.model_validate(changed)


@settings(max_examples=60, deadline=None)
@given(
    one=accounts(),
    later=accounts(),
    known=facts(),
    old=parameters(),
    new=parameters(),
    lag=st.integers(0, 20),
    ago=st.integers(1, 120),
)
def test_the_lines_sum_to_the_change(
    one: Any, later: Any, known: dict[str, Any], old: HealthParameters, new: HealthParameters, lag: int, ago: int
) -> None:
    earlier = days_before(ago)
    covered = {table: AS_OF - dt.timedelta(days=lag) for table in ("tickets", "nps")}
    then = portfolio([one], as_of=earlier, **known)
    now = portfolio([later], covered=covered, **known)
    before, as_set, after = score(then, old), score(now, old), score(now, new)
    found = ledger(before, as_set, after)
    together = sum(float(found.lines[key][0]) for key in COMPONENTS) + float(found.settings[0])
    assert together == pytest.approx(float(found.change[0]), abs=TOLERANCE)
    whole = [float(total(shares(s.components))[0]) for s in (before, after)]
    assert together == pytest.approx(whole[1] - whole[0], abs=TOLERANCE)
    for day, share in zip((before, after), whole, strict=True):
        if not np.isnan(day.score[0]):
            assert share == pytest.approx(float(day.score[0]), abs=TOLERANCE)
    for key in COMPONENTS:
        if found.groups[key][0] == UNCHANGED:
            assert abs(found.lines[key][0]) <= TOLERANCE
        if found.groups[key][0] == COVERAGE:
            assert before.components[key].points[0] == pytest.approx(as_set.components[key].points[0], abs=TOLERANCE)


FEEDS: dict[str, tuple[ComponentKey, ...]] = {
    "usage": ("dau", "api_calls"),
    "feature_usage": ("feature_adoption",),
    "tickets": ("ticket_volume", "resolution_time", "escalations"),
    "nps": ("nps",),
    "touchpoints": ("outreach", "champion"),
    "signals": ("champion",),
}


def stopped(table: str, one: Any, known: dict[str, Any]) -> tuple[PortfolioSnapshot, PortfolioSnapshot]:
    """The same facts with every feed going to the day, and with this one stopped ten days before."""
    return portfolio([one], **known), portfolio([one], covered={table: days_before(10)}, **known)


@pytest.mark.parametrize("table", FEEDS)
@settings(max_examples=25, deadline=None)
@given(one=accounts(), known=facts())
def test_a_feed_that_stopped_for_ten_days_widens_the_band_and_lowers_no_points(
    table: str, one: Any, known: dict[str, Any]
) -> None:
    whole, without = (score(p, PARAMETERS) for p in stopped(table, one, known))
    assert without.low[0] <= whole.low[0] + TOLERANCE
    assert without.high[0] >= whole.high[0] - TOLERANCE
    before, after = comparable(whole, without)
    assert np.array_equal(before, after, equal_nan=True)
    for key in COMPONENTS:
        if without.components[key].state[0] == KNOWN:
            assert without.components[key].points[0] == whole.components[key].points[0]
        if whole.components[key].state[0] == KNOWN and without.components[key].state[0] != KNOWN:
            assert key in FEEDS[table]


def healthy_facts() -> dict[str, Any]:
    """An account at full points in all ten components, on AS_OF as 30 days before it.

    Its champion acts in touchpoints alone.
    """
    return {
        "usage": daily_usage(days=160, active_users=20, api_calls=1000),
        "feature_usage": [row for ago in (0, 14, 35) for row in features_used(day=days_before(ago))],
        "tickets": [ticket("t1", days_ago=40, hours=5)],
        "nps": [response(f"n{i}", 10, days_ago=40) for i in range(3)],
        "touchpoints": [touchpoint("p1", "qbr", days_ago=40), touchpoint("p2", "champion_action", None, days_ago=40)],
        "contacts": [contact("jo", is_champion=True)],
        "goals": [goal("g1", "achieved")],
    }


@pytest.mark.parametrize("table", FEEDS)
def test_a_healthy_account_whose_feed_stops_stays_as_healthy(table: str) -> None:
    """All that is known is at its full points: the score stays, the band is wider by what is unknown now."""
    one, known = account(licensed_seats=50, features_available=10), healthy_facts()
    whole, without = (score(p, PARAMETERS) for p in stopped(table, one, known))
    assert whole.score[0] == pytest.approx(100)
    assert without.score[0] == pytest.approx(100)
    unknown = sum(PARAMETERS.weights[key] for key in FEEDS[table] if without.components[key].state[0] == UNKNOWN)
    assert without.high[0] - without.low[0] == pytest.approx(unknown)
    assert unknown > 0 or table == "signals"
