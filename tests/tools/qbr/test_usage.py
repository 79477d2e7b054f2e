"""Part 1: the persona's example, running quarters, features, the chart, and questions where nothing is known."""

import datetime as dt

import pytest

from app.domain.blocks import Chart
from tests.snapshots import account
from tests.tools.qbr.conftest import below, data, days_of_use, feature_on, review, rows, shown, told, value

Q4, Q1, Q2 = dt.date(2025, 10, 1), dt.date(2026, 1, 1), dt.date(2026, 4, 1)
PART = "Part 1: usage review"


def test_the_personas_example() -> None:
    """5M to 8M calls are +60 %, 120 to 180 users +50 %, 6 of 10 features 60 % (persona §3.3)."""
    use = [
        *days_of_use(dt.date(2025, 9, 1), Q4 - dt.timedelta(days=1), active_users=120, api_calls=1),
        *days_of_use(Q4, Q1 - dt.timedelta(days=1), active_users=120, api_calls=0),
        *days_of_use(Q1, Q2 - dt.timedelta(days=1), active_users=180, api_calls=0),
    ]
    use = [row.model_copy(update={"api_calls": 5_000_000}) if row.date == Q4 else row for row in use]
    use = [row.model_copy(update={"api_calls": 8_000_000}) if row.date == Q1 else row for row in use]
    features = feature_on(Q1, *"abcdef")
    made = review("2026Q1", use=use, features=features, use_to=dt.date(2026, 6, 25))
    cells = {row[0]: row[1:] for row in rows(made, PART)}
    assert cells["API calls"] == ("5,000,000", "8,000,000", "+60%")
    assert cells["People active on a working day"] == ("120", "180", "+50%")
    assert cells["Share of your plan's features"][1] == "60% of 10"
    assert value(made, "qbr.usage.calls.change.2026Q1") == pytest.approx(60)
    assert value(made, "qbr.features.share.2026Q1") == 60
    assert "API calls 8,000,000 after 5,000,000 (+60%)" in shown(made)


def test_a_running_quarter_is_compared_with_as_many_days_and_says_so() -> None:
    """87 days of 10 calls after 87 of 5: 870 and 435, though the quarter before has 90 days."""
    use = [
        *days_of_use(Q1, Q2 - dt.timedelta(days=1), api_calls=5),
        *days_of_use(Q2, dt.date(2026, 6, 26), api_calls=10),
    ]
    made = review("this", use=use)
    assert rows(made, PART)[0] == ("API calls", "435", "870", "+100%")
    assert "2026Q2 is still running: its first 87 days, to 2026-06-26, beside the first 87 of 2026Q1." in shown(made)
    assert value(made, "usage.api_calls.2026Q2") == 870
    assert data(made).quarter.running


def test_without_the_whole_quarter_before_no_change_is_told() -> None:
    made = review("2026Q1", use=days_of_use(dt.date(2025, 12, 1), dt.date(2026, 6, 26), api_calls=5))
    assert rows(made, PART)[0] == ("API calls", "not known", "450", "–")
    assert data(made).measures[0].change is None


def test_measures_follow_the_usage_model() -> None:
    use = days_of_use(Q4, dt.date(2026, 6, 26), active_users=7, api_calls=5, errors=0)
    labels = {
        model: [row[0] for row in rows(review("2026Q1", one=account(usage_model=model), use=use), PART)]
        for model in ("api", "seats")
    }
    assert labels["api"] == ["API calls", "Share of API calls that failed"]
    assert labels["seats"] == ["People active on a working day", "Most people active on one day"]


def test_features_that_came_and_went() -> None:
    features = [*feature_on(Q4, "old", "kept"), *feature_on(Q1, "kept", "new")]
    made = review("2026Q1", features=features, use_to=dt.date(2026, 6, 25))
    cells = {row[0]: row[2] for row in rows(made, PART)}
    assert (cells["Newly used"], cells["No longer used"]) == ("new", "old")
    assert "features.gone" in {each.key for each in data(made).proposals}


def test_the_chart_holds_whole_months_alone() -> None:
    """From 15 December on: January to May are whole; December and the running June are not."""
    made = review("this", use=days_of_use(dt.date(2025, 12, 15), dt.date(2026, 6, 26), api_calls=2))
    chart = next(block for block in below(made, "Part 1: use by month") if isinstance(block, Chart))
    assert chart.labels == ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05")
    assert value(made, "usage.api_calls.2026-02") == 56
    assert told(made, chart.note) == "Highest: 2026-01, 62."


def test_where_nothing_is_known_the_customer_is_asked() -> None:
    made = review("2026Q1")
    asked = rows(made, PART)
    assert asked
    assert all(row[0].startswith("Please tell us: ") for row in asked)
    assert [p.key for p in data(made).prompts if p.part == "usage"] == ["usage", "features"]
    assert not below(made, "Part 1: use by month")


def test_what_has_moved_since_the_quarter_is_told_beside_the_slides() -> None:
    """100 calls a day to 29 May, then 50: -50 % in the last 28 days."""
    until = dt.date(2026, 5, 29)
    use = [
        *days_of_use(Q4, until, api_calls=100),
        *days_of_use(until + dt.timedelta(days=1), dt.date(2026, 6, 26), api_calls=50),
    ]
    words = "Since then API calls -50% in 28 days"
    made = review("2026Q1", use=use)
    assert value(made, "usage.api_calls.change.28d") == -50
    assert words in shown(made)
    assert words not in "".join(str(row) for row in rows(made, PART))
