"""The four traits, worked by hand. AS_OF is 2026-06-26; the 28 days to it hold 20 working days."""

from typing import Any

import pytest

from app.domain.records import FeedbackItem, Signal
from tests.snapshots import AS_OF, contact, days_before, response
from tests.tools.champion.acme import PARAMETERS, acme, did, logins
from tools.champion.cover import told_of
from tools.champion.parameters import TraitKey
from tools.champion.traits import Trait, influence

JANE = contact("jane", name="Jane Doe", is_champion=True)
SAM = contact("sam", name="Sam Poe")


def trait(key: TraitKey, who: str = "jane", **facts: Any) -> Trait:
    told = told_of(acme(contacts=(JANE, SAM), **facts))
    return next(person.traits[key] for person in told.people if person.contact.id == who)


@pytest.mark.parametrize(
    ("count", "features", "state", "a_week"),
    [
        (1, 5, "yes", 5.0),  # 20 logins in 4 weeks, half of the 10 features
        (1, 4, "no", 5.0),
        (2, None, "unknown", 10.0),
        (0, 9, "no", 0.0),
    ],
)
def test_power_user(count: int, features: int | None, state: str, a_week: float) -> None:
    found = trait("power_user", activity=logins("jane", count, features))
    assert found.state == state
    assert found.figures[0].value == a_week


def test_the_window_is_as_long_as_the_feed_covers_it() -> None:
    """From the Monday 2026-06-08 on: 15 logins in 19 days are 15 × 7 ÷ 19 = 5.526… a week."""
    found = trait("power_user", activity=logins("jane", 1, 8, days=19))
    assert found.state == "yes"
    assert found.figures[0].value == pytest.approx(105 / 19)
    (evidence,) = found.figures[0].evidence
    assert (evidence.first, evidence.last, evidence.count) == (days_before(18), AS_OF, 15)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "no row of anybody"),
        ({"covered": {"contact_activity": None}}, "no feed of logins is connected"),
        ({"covered": {"contact_activity": days_before(8)}, "activity": logins("jane", 3, 9)}, "8 days ago"),
        ({"activity": logins("jane", 3, 9, days=12)}, "begins only on"),
        ({"activity": logins("jane", 3, 9), "fields": {"features_available": None}}, "unknown"),
    ],
)
def test_without_a_feed_a_power_user_is_unknown_and_not_a_no(facts: dict[str, Any], told: str) -> None:
    found = trait("power_user", **facts)
    assert found.state == "unknown"
    assert told in "".join(part for part in found.told if isinstance(part, str))
    assert found.missing


def test_whoever_is_not_in_a_feed_that_others_are_in_does_not_log_in() -> None:
    assert trait("power_user", who="sam", activity=logins("jane", 3, 9)).state == "no"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"touchpoints": (did("jane", "champion_action"),)}, "yes"),
        ({"touchpoints": (did("jane", "champion_action", status=None),)}, "yes"),
        ({"touchpoints": (did("jane", "champion_action", status="scheduled"),)}, "no"),
        ({"touchpoints": (did("jane", "champion_action", 179),)}, "yes"),
        ({"touchpoints": (did("jane", "champion_action", 180),)}, "no"),  # 180 days end the day before
        ({"touchpoints": (did("sam", "champion_action"),)}, "no"),
        ({"touchpoints": (did(None, "champion_action"),)}, "unknown"),  # somebody did
        ({"touchpoints": (did("jane", "qbr"),)}, "no"),
        ({"covered": {"touchpoints": None}}, "unknown"),
        ({"fields": {"contract_start": days_before(12)}}, "unknown"),  # nothing on record proves nothing yet
    ],
)
def test_speaks_for_us(facts: dict[str, Any], state: str) -> None:
    assert trait("advocate", **facts).state == state


@pytest.mark.parametrize(
    ("words", "jane", "sam"),
    [
        ("Jane spoke at a conference.", "yes", "no"),
        ("Poe's talk named us.", "no", "yes"),
        ("They spoke at a conference.", "unknown", "unknown"),
    ],
)
def test_a_signal_counts_for_whom_its_text_names(words: str, jane: str, sam: str) -> None:
    signals = (Signal(id="s1", account_id="acme", date=days_before(5), kind="advocacy", text=words),)
    assert (trait("advocate", signals=signals).state, trait("advocate", "sam", signals=signals).state) == (jane, sam)


@pytest.mark.parametrize(
    ("facts", "state", "count"),
    [
        ({"nps": (response("n1", 3, contact_id="jane"),)}, "yes", 1),
        ({"touchpoints": (did("jane", "beta"), did("jane", "qbr"))}, "yes", 2),
        ({"items": (FeedbackItem(id="f", title="F", category="ux", contact_id="jane"),)}, "yes", 1),
        ({"nps": (response("n1", 3, contact_id="jane", days_ago=181),)}, "no", 0),
        ({"touchpoints": (did("jane", "qbr", status="no_show"),)}, "no", 0),
        ({"touchpoints": (did("jane", "webinar"),)}, "no", 0),
    ],
)
def test_gives_feedback(facts: dict[str, Any], state: str, count: int) -> None:
    found = trait("feedback", **facts)
    assert (found.state, found.figures[0].value) == (state, count)


@pytest.mark.parametrize(
    "facts",
    [{"touchpoints": (did(None, "qbr"),)}, {"covered": {"touchpoints": None, "nps": None}}],
)
def test_feedback_that_cannot_be_told_is_unknown(facts: dict[str, Any]) -> None:
    assert trait("feedback", **facts).state == "unknown"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"influence": "High"}, "yes"),
        ({"influence": "low", "stakeholder": "business_owner"}, "no"),
        ({"influence": "medium", "stakeholder": "business_owner"}, "yes"),
        ({"influence": "medium", "stakeholder": "developer"}, "no"),
        ({"stakeholder": "exec_sponsor"}, "yes"),
        ({"role": "VP Platform"}, "yes"),
        ({"role": "Developer", "stakeholder": "developer"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_say_in_the_renewal(fields: dict[str, Any], state: str) -> None:
    assert influence(contact("x", **fields), PARAMETERS.traits.influence).state == state
