"""What holds of every account, tried on many made at random."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import records
from tests.snapshots import account, contact, days_before, goal, portfolio, response, signal, ticket, touchpoint
from tests.tools.health.conftest import PARAMETERS
from tools.health import Scores, assess, score
from tools.health.indicators import LEVELS
from tools.health.scoring import COMPONENTS

TOLERANCE = 1e-9
Facts = dict[str, Any]
AGES = st.integers(0, 200)
TABLES = ("usage", "feature_usage", "tickets", "nps", "touchpoints", "signals")


@st.composite
def accounts(draw: st.DrawFn, account_id: str = "acme") -> records.Account:
    return account(
        account_id,
        usage_model=draw(st.sampled_from(["seats", "api", "hybrid"])),
        lifecycle=draw(st.sampled_from(["onboarding", "established", "renewing", "churned", None])),
        licensed_seats=draw(st.none() | st.integers(0, 60)),
        features_available=draw(st.none() | st.integers(0, 12)),
        arr=draw(st.none() | st.integers(0, 10**9)),
        renewal_date=draw(st.none() | st.integers(-200, 400).map(lambda days: days_before(-days))),
    )


@st.composite
def facts(draw: st.DrawFn, account_id: str = "acme") -> Facts:
    """Facts of one account: few or none in each table."""

    def some(strategy: st.SearchStrategy[Any], most: int = 6) -> list[Any]:
        return draw(st.lists(strategy, max_size=most))

    days = draw(st.lists(AGES, max_size=8, unique=True))
    counts = st.none() | st.integers(0, 2000)
    usage = [
        records.Usage(
            account_id=account_id,
            date=days_before(ago),
            active_users=draw(counts),
            active_users_28d=draw(counts),
            api_calls=draw(counts),
        )
        for ago in days
    ]
    features = [
        records.FeatureUsage(account_id=account_id, date=days_before(ago), feature=f"f{i}", count=1)
        for i, ago in enumerate(some(AGES))
    ]
    severities = st.sampled_from(["SEV1", "SEV2", "SEV3", "SEV4", None])
    hours = st.none() | st.integers(-10, 900)
    tickets = [
        ticket(f"{account_id}t{i}", account_id, ago, severity=severity, hours=h, escalated=escalated)
        for i, (ago, severity, h, escalated) in enumerate(some(st.tuples(AGES, severities, hours, st.booleans()), 12))
    ]
    people = st.sampled_from([None, "jo", "al"])
    responses = [
        response(f"{account_id}n{i}", value, account_id, ago, person)
        for i, (value, ago, person) in enumerate(some(st.tuples(st.integers(0, 10), AGES, people)))
    ]
    kinds = st.sampled_from(["qbr", "webinar", "call", "champion_action", "note"])
    statuses = st.sampled_from(["attended", "no_show", "declined", None])
    touchpoints = [
        touchpoint(f"{account_id}p{i}", kind, status, account_id, ago)
        for i, (kind, status, ago) in enumerate(some(st.tuples(kinds, statuses, AGES), 8))
    ]
    signals = [
        signal(f"{account_id}s{i}", kind, account_id, ago)
        for i, (kind, ago) in enumerate(
            some(st.tuples(st.sampled_from(["budget_cut", "competitor", "advocacy"]), AGES), 3)
        )
    ]
    goals = [
        goal(f"{account_id}g{i}", status, account_id, due=due)
        for i, (status, due) in enumerate(
            some(
                st.tuples(
                    st.sampled_from(["achieved", "on_track", "at_risk", "missed", None]),
                    st.none() | AGES.map(lambda ago: days_before(ago - 100)),
                )
            )
        )
    ]
    contacts = [
        contact(f"{account_id}c{i}", account_id, is_champion=is_champion, left_on=left)
        for i, (is_champion, left) in enumerate(some(st.tuples(st.booleans(), st.none() | AGES.map(days_before)), 3))
    ]
    return {
        "usage": usage,
        "feature_usage": features,
        "tickets": tickets,
        "nps": responses,
        "touchpoints": touchpoints,
        "signals": signals,
        "goals": goals,
        "contacts": contacts,
    }


@st.composite
def known_facts(draw: st.DrawFn) -> Facts:
    """Facts with which every component of a hybrid account is known, and others at random."""
    numbers = st.integers(1, 60)
    ages = (0, 20, 40, 60, 90, 111)
    usage = [
        records.Usage(account_id="acme", date=days_before(ago), active_users=draw(numbers), api_calls=draw(numbers))
        for ago in ages
    ]
    base: Facts = {
        "usage": usage,
        "feature_usage": [records.FeatureUsage(account_id="acme", date=days_before(3), feature="base", count=1)],
        "tickets": [ticket("base", days_ago=40, hours=draw(st.integers(1, 900)))],
        "nps": [response("base", draw(st.integers(0, 10)))],
        "touchpoints": [
            touchpoint("base", "webinar", draw(st.sampled_from(["attended", "no_show"]))),
            touchpoint("base too", "champion_action", None, days_ago=draw(AGES)),
        ],
        "goals": [goal("base", draw(st.sampled_from(["achieved", "missed"])))],
    }
    others = draw(facts())
    added = {table: [*base[table], *others[table]] for table in base if table != "usage"}
    return {"usage": usage, "signals": others["signals"], "contacts": others["contacts"], **added}


hybrids = st.builds(
    account, licensed_seats=st.integers(1, 60), features_available=st.integers(1, 12), usage_model=st.just("hybrid")
)


def scored(one: records.Account, given_facts: Facts) -> Scores:
    return score(portfolio([one], **given_facts), PARAMETERS)


coverages = st.fixed_dictionaries(
    {}, optional={table: st.none() | st.integers(0, 12).map(days_before) for table in TABLES}
)


@given(accounts(), facts(), coverages)
def test_the_score_lies_within_its_band_and_the_band_within_0_and_100(
    one: records.Account, given_facts: Facts, covered: dict[str, dt.date | None]
) -> None:
    found = assess(portfolio([one], covered=covered, **given_facts), PARAMETERS)
    low, high, value = (float(c[0]) for c in (found.scores.low, found.scores.high, found.scores.score))
    assert -TOLERANCE <= low <= high + TOLERANCE <= 100 + 2 * TOLERANCE
    if found.scores.coverage[0] >= 50:
        assert low - TOLERANCE <= value <= high + TOLERANCE
    else:
        assert np.isnan(value)
    for component in found.scores.components.values():
        assert np.isnan(component.points[0]) or 0 <= component.points[0] <= component.max[0]
    lowest, highest = LEVELS.index(found.churn.lowest[0]), LEVELS.index(found.churn.highest[0])
    assert lowest <= highest


def more_users(given_facts: Facts) -> Facts:
    return {"usage": [u.model_copy(update={"active_users": (u.active_users or 0) + 5}) for u in given_facts["usage"]]}


def more_calls(given_facts: Facts) -> Facts:
    """More calls in the last 28 days, on days that had some."""
    return {
        "usage": [
            u.model_copy(update={"api_calls": u.api_calls + 500})
            if u.api_calls is not None and u.date > days_before(28)
            else u
            for u in given_facts["usage"]
        ]
    }


IMPROVEMENTS: dict[str, Callable[[Facts], Facts]] = {
    "dau": more_users,
    "api_calls": more_calls,
    "feature_adoption": lambda f: {
        "feature_usage": [
            *f["feature_usage"],
            records.FeatureUsage(account_id="acme", date=days_before(0), feature="one more", count=1),
        ]
    },
    "nps": lambda f: {"nps": [*f["nps"], response("one more", 10)]},
    "outreach": lambda f: {"touchpoints": [*f["touchpoints"], touchpoint("one more", "webinar", "attended")]},
    "champion": lambda f: {"touchpoints": [*f["touchpoints"], touchpoint("one more", "champion_action", None)]},
    "outcomes": lambda f: {"goals": [*f["goals"], goal("one more", "achieved")]},
}


@pytest.mark.parametrize("key", IMPROVEMENTS)
@settings(max_examples=50)
@given(hybrids, known_facts())
def test_more_of_a_good_signal_never_lowers_the_score(key: str, one: records.Account, given_facts: Facts) -> None:
    before = scored(one, given_facts)
    after = scored(one, given_facts | IMPROVEMENTS[key](given_facts))
    assert {c.state[0] for c in (*before.components.values(), *after.components.values())} == {"known"}
    assert after.score[0] >= before.score[0] - TOLERANCE
    assert after.low[0] >= before.low[0] - TOLERANCE


def _no_status(given_facts: Facts) -> Facts:
    return {"goals": [g.model_copy(update={"status": None}) for g in given_facts["goals"]]}


BLINDINGS: dict[str, Callable[[records.Account, Facts], tuple[records.Account, Facts]]] = {
    "no seats": lambda one, f: (one.model_copy(update={"licensed_seats": None}), f),
    "no features available": lambda one, f: (one.model_copy(update={"features_available": None}), f),
    "no usage": lambda one, f: (one, f | {"usage": []}),
    "no answers": lambda one, f: (one, f | {"nps": []}),
    "no goal status": lambda one, f: (one, f | _no_status(f)),
    "no tickets feed": lambda one, f: (one, f | {"covered": f.get("covered", {}) | {"tickets": None}}),
    "no touchpoints feed": lambda one, f: (
        one,
        f | {"touchpoints": [], "covered": f.get("covered", {}) | {"touchpoints": None}},
    ),
}


@pytest.mark.parametrize("blindings", [[name] for name in BLINDINGS] + [["no answers", "no usage"], list(BLINDINGS)])
@settings(max_examples=40)
@given(hybrids, known_facts())
def test_making_something_unknown_keeps_the_score_within_the_band(
    blindings: list[str], one: records.Account, given_facts: Facts
) -> None:
    """What was the score fits into the band that is left; so does a score that is left."""
    before = scored(one, given_facts)
    fewer = given_facts
    for name in blindings:
        one, fewer = BLINDINGS[name](one, fewer)
    after = scored(one, fewer)
    assert any(after.components[key].state[0] == "unknown" for key in COMPONENTS)
    assert after.low[0] - TOLERANCE <= before.score[0] <= after.high[0] + TOLERANCE
    if after.coverage[0] >= 50:
        assert after.low[0] - TOLERANCE <= after.score[0] <= after.high[0] + TOLERANCE


@settings(max_examples=40)
@given(st.data())
def test_a_portfolio_is_scored_like_its_accounts_one_by_one(data: st.DataObject) -> None:
    names = ("a", "b", "c")
    many = [data.draw(accounts(name)) for name in names]
    each = [data.draw(facts(name)) for name in names]
    together: Facts = {table: [row for f in each for row in f[table]] for table in each[0]}
    found = assess(portfolio(many, **together), PARAMETERS)
    for row, (one, own) in enumerate(zip(many, each, strict=True)):
        alone = assess(portfolio([one], **own), PARAMETERS)
        for column in ("score", "low", "high", "coverage"):
            whole, single = getattr(found.scores, column)[row], getattr(alone.scores, column)[0]
            assert whole == single or (np.isnan(whole) and np.isnan(single))
        assert found.scores.tier[row] == alone.scores.tier[0]
        assert found.scores.decided_by[row] == alone.scores.decided_by[0]
        assert found.churn.level[row] == alone.churn.level[0]
        assert found.churn.highest[row] == alone.churn.highest[0]
