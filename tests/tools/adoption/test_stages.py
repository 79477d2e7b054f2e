"""The funnel of a feature: weeks, habit, and a habit that lapsed."""

import pytest

from app.domain.records import FeatureUsage
from tests.snapshots import AS_OF, account, days_before, feature_day_columns, portfolio
from tests.tools.adoption.setting import used
from tools.adoption.stages import FeatureUse, feature_uses, habits


def told(rows: list[FeatureUsage], others: tuple[str, ...] = ()) -> dict[str, FeatureUse]:
    return {use.name: use for use in feature_uses(feature_day_columns(rows), others, 3)}


@pytest.mark.parametrize(
    ("days_ago", "stage", "weeks"),
    [
        ((0, 7, 14), "habit", 3),
        ((0, 7), "activation", 2),
        ((0, 1, 2, 3), "activation", 1),  # often, but in one week alone
        ((6, 13, 27), "habit", 3),  # the last days of three of the four weeks
        ((7, 14, 21), "habit", 3),  # the newest week is not needed
        ((14, 21, 28), "lapsed", 2),  # week 4 is the fifth
        ((60, 67, 74), "lapsed", 0),
        ((200,), "activation", 0),
    ],
)
def test_a_habit_takes_three_of_the_last_four_weeks(days_ago: tuple[int, ...], stage: str, weeks: int) -> None:
    use = told(used("webhooks", *days_ago))["webhooks"]
    assert (use.stage, use.weeks) == (stage, weeks)


def test_a_lapsed_habit_says_until_when_it_was_one() -> None:
    use = told(used("webhooks", 1, 41, 48, 55))["webhooks"]
    assert use.stage == "lapsed"
    assert use.regular_until == days_before(41)
    assert (use.first_production, use.last_production) == (days_before(55), days_before(1))


def test_the_sandbox_is_a_trial_and_nothing_more() -> None:
    rows = [*used("alerts", 0, 7, 14, environment="sandbox"), *used("sso", 3, environment="sandbox"), *used("sso", 1)]
    found = told(rows, others=("reports", "sso"))
    assert (found["alerts"].stage, found["alerts"].first_sandbox) == ("trial", days_before(14))
    assert found["sso"].stage == "activation"
    assert found["reports"] == FeatureUse("reports", "awareness")


def test_no_use_is_no_use_and_an_unknown_count_is_one() -> None:
    found = told([*used("alerts", 0, 7, 14, count=0), *used("sso", 2, count=None)])
    assert list(found) == ["sso"]


def test_the_portfolio_counts_the_same_habits() -> None:
    rows = [
        *used("webhooks", 0, 7, 14),
        *used("alerts", 7, 14, 21),
        *used("sso", 14, 21, 28),
        *used("api", 0, 7, 14, 21, environment="sandbox"),
        *used("webhooks", 0, 7, account_id="beta"),
    ]
    counted = habits(portfolio([account("acme"), account("beta")], feature_usage=rows), 3)
    own = told([row for row in rows if row.account_id == "acme"])
    assert list(counted) == [2, 0]
    assert sum(use.stage == "habit" for use in own.values()) == 2
    assert AS_OF.weekday() == 4
