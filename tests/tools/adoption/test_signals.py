"""The five signs of growth: triggered, clear or unknown, with the records that show them."""

from typing import Any

import pytest

from app.domain.records import Signal
from tests.snapshots import account, daily_usage, days_before, signal, touchpoint
from tests.tools.adoption.setting import adoption, item, setting, voice
from tools.adoption.data import SignalData

API = account("acme", api_quota_monthly=100_000)
TALK = [touchpoint("p1", "call")]


def state(key: str, **facts: Any) -> SignalData:
    one = facts.pop("one", API)
    return next(each for each in adoption(setting(one, **facts)).signals if each.key == key)


def spoke(kind: str, days_ago: int = 5) -> list[Signal]:
    return [signal("s1", kind, days_ago=days_ago)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "facts", "expected"),
    [
        ("near_limit", {"usage": daily_usage(api_calls=2_850)}, "clear"),  # 28 × 2,850 is 79,800 of 100,000
        ("near_limit", {"usage": daily_usage(api_calls=2_860)}, "triggered"),
        ("near_limit", {}, "unknown"),
        ("near_limit", {"one": account("acme"), "usage": daily_usage(api_calls=9)}, "not_applicable"),
        ("new_use_case", {"signals": spoke("new_use_case")}, "triggered"),
        ("new_use_case", {"signals": spoke("new_use_case", 181), "touchpoints": TALK}, "clear"),
        ("new_use_case", {"voices": (voice("Can we use this for motor claims?"),)}, "triggered"),
        ("new_use_case", {"voices": (voice("Can we use this for it?", day=days_before(180)),)}, "unknown"),
        ("new_use_case", {}, "unknown"),
        ("team_growth", {"signals": spoke("seat_growth")}, "triggered"),
        ("team_growth", {"usage": daily_usage(active_users=30, distinct=45)}, "triggered"),  # 45 of 50 seats
        ("team_growth", {"usage": daily_usage(active_users=30, distinct=44), "touchpoints": TALK}, "clear"),
        ("replaces_tool", {"items": (item("f1", "Replay", workaround="A script of ours"),)}, "triggered"),
        ("replaces_tool", {"items": (item("f1", "Replay", workaround="A script", category="bug"),)}, "unknown"),
        ("replaces_tool", {"items": (item("f1", "Replay", workaround="A script", status="declined"),)}, "unknown"),
        ("replaces_tool", {"voices": (voice("It could replace our own scheduler."),)}, "triggered"),
        ("advocacy", {"signals": spoke("advocacy")}, "triggered"),
        ("advocacy", {"touchpoints": [touchpoint("p1", "champion_action", days_ago=89)]}, "triggered"),
        ("advocacy", {"touchpoints": [touchpoint("p1", "champion_action", days_ago=91)]}, "unknown"),
    ],
)
def test_each_sign(key: str, facts: dict[str, Any], expected: str) -> None:
    assert state(key, **facts).state == expected


def test_a_sign_names_its_records() -> None:
    found = state("new_use_case", signals=spoke("new_use_case"), voices=(voice("Could we use it for claims?"),))
    assert {(each.kind, each.id) for each in found.evidence} == {("signals", "s1"), ("touchpoints", "v1")}


def test_a_signal_with_words_of_its_own_is_told_once() -> None:
    said = voice("Can we use this for claims?", kind="signals", id="s1", about="new_use_case")
    assert len(state("new_use_case", signals=spoke("new_use_case"), voices=(said,)).evidence) == 1


def test_silence_is_unknown_and_says_so() -> None:
    assert "silence proves nothing" in state("advocacy").missing
