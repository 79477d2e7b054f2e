"""When failures began, and what changed shortly before."""

import dataclasses
import datetime as dt

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.made_log import finding, log_of, marker, plain, rule_of
from tools.troubleshoot.facts.logs import MarkerKind
from tools.troubleshoot.rules.rates import RULES

STEP, DEPLOY = rule_of(RULES, "error_rate_step"), rule_of(RULES, "deploy_near_start")
RISING = [1, 2] * 15 + [30, 34] * 15  # from 09:30 on


def test_a_step_tells_its_start_and_both_rates() -> None:
    found = finding(STEP, log_of(RISING))
    assert found is not None
    assert found.certainty == "likely"
    assert found.values == {"start": "2026-06-26 09:30 UTC", "span": "a minute"}
    assert plain(found).startswith("The failures began at 2026-06-26 09:30 UTC: from [case.t.error_rate.before] to ")
    before, after = found.clues[0].figures
    assert (before.value, before.unit) == (1.5, "%")
    assert (after.value, after.unit) == (32, "%")


def test_a_step_that_ended() -> None:
    found = finding(STEP, log_of([0, 1] * 15 + [60] * 10 + [1, 0] * 15))
    assert found is not None
    assert found.values == {"start": "2026-06-26 09:30 UTC", "end": "2026-06-26 09:40 UTC", "span": "a minute"}


def test_failures_that_began_before_the_log() -> None:
    found = finding(STEP, log_of([60] * 10 + [1, 0] * 15))
    assert found is not None
    assert "start" not in found.values
    assert found.values["end"] == "2026-06-26 09:10 UTC"
    assert plain(found).startswith("The failures had begun before the log does")


def test_a_log_without_a_zone_says_so() -> None:
    found = finding(STEP, log_of(RISING, zone_known=False))
    assert found is not None
    assert "names no time zone" in "".join(str(span) for span in found.clues[0].text)


@pytest.mark.parametrize(
    "failures",
    [[], [3, 2, 4, 1, 3] * 12, list(range(60)), [1] * 59 + [90], [0] * 60],
    ids=["nothing", "noise", "drift", "one peak", "no failures"],
)
def test_what_is_no_step(failures: list[int]) -> None:
    assert finding(STEP, log_of(failures)) is None


@pytest.mark.parametrize(
    ("clock", "title"),
    [
        ("09:26", "A deploy came 4 minutes before the failures began"),
        ("09:15", "A deploy came 15 minutes before the failures began"),
        ("09:29:40", "A deploy came less than a minute before the failures began"),
        ("09:30:20", "A deploy fell into the minute in which the failures began"),
    ],
)
def test_a_deploy_near_the_start_is_told_as_a_coincidence(clock: str, title: str) -> None:
    found = finding(DEPLOY, log_of(RISING, markers=[marker(clock)]))
    assert found is not None
    assert (found.certainty, plain(found), found.side) == ("possible", title, None)
    assert found.clues[0].place is not None
    assert found.clues[0].place.line == 7
    assert found.against


@pytest.mark.parametrize("clock", ["09:14:59", "09:31", "10:10", "08:00"])
def test_a_deploy_long_before_or_after_is_none(clock: str) -> None:
    assert finding(DEPLOY, log_of(RISING, markers=[marker(clock)])) is None


@pytest.mark.parametrize("what", ["configuration", "feature_flag", "certificate", "release", "restart"])
def test_other_changes_count_too(what: MarkerKind) -> None:
    found = finding(DEPLOY, log_of(RISING, markers=[marker("09:28", what)]))
    assert found is not None
    assert found.values["what"] == what.replace("_", " ")


def test_an_incident_is_no_change() -> None:
    assert finding(DEPLOY, log_of(RISING, markers=[marker("09:28", "incident")])) is None


def test_a_deploy_without_a_step_is_none() -> None:
    assert finding(DEPLOY, log_of([2] * 60, markers=[marker("09:28")])) is None


def test_the_last_change_before_the_start_is_told() -> None:
    markers = [marker("09:20", line=3), marker("09:27", line=5), marker("09:30:30", line=9)]
    found = finding(DEPLOY, log_of(RISING, markers=markers))
    assert found is not None
    assert found.values["at"] == "2026-06-26 09:27 UTC"


def test_the_change_may_stand_in_another_log() -> None:
    found = finding(DEPLOY, log_of(RISING), log_of([0], markers=[marker("09:27")]))
    assert found is not None
    assert found.values["when"] == "3 minutes before"


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("after we deployed version 2.4", "customer"),
        ("since your last release", "product"),
        ("since the upgrade", "undecided"),
        ("after we moved to your new version", "undecided"),
    ],
)
def test_a_change_that_the_customer_names(words: str, side: str) -> None:
    case = case_with(said=f"It fails {words}.")
    case = dataclasses.replace(case, statement=dataclasses.replace(case.statement, changed=(words,)))
    found = DEPLOY.examine(case)
    assert found is not None
    assert (found.certainty, found.side) == ("possible", side)
    assert found.clues[0].place is not None


def test_other_changes_by_words_are_none() -> None:
    case = case_with(said="It fails after lunch.")
    case = dataclasses.replace(case, statement=dataclasses.replace(case.statement, changed=("after lunch",)))
    assert DEPLOY.examine(case) is None


def test_both_are_contexts() -> None:
    assert {rule.role for rule in RULES} == {"context"}
    assert log_of([1]).buckets[0].start.tzinfo is dt.UTC
