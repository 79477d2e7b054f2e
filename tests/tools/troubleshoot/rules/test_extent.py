"""Whom failures hit: shares of failures against shares of traffic."""

import pytest

from tests.tools.troubleshoot.rules.made_log import finding, log_of, plain, rule_of
from tools.troubleshoot.facts.logs import Dimension
from tools.troubleshoot.rules.extent import RULES

Shares = dict[str, tuple[int, int]]


def rule_for(dimension: Dimension) -> str:
    return {"region": "one_region", "endpoint": "one_endpoint"}.get(dimension, "one_client")


@pytest.mark.parametrize("dimension", ["client", "host", "version", "region", "endpoint"])
@pytest.mark.parametrize(
    "shares",
    [
        {"a": (1_000, 5), "b": (300, 150), "c": (900, 4)},
        {"a": (60, 0), "b": (25, 25)},
    ],
)
def test_one_that_fails_alone(dimension: Dimension, shares: Shares) -> None:
    found = finding(rule_of(RULES, rule_for(dimension)), log_of(shares={dimension: shares}))
    assert found is not None
    assert (found.certainty, found.values) == ("likely", {"name": dimension, "value": "b"})
    assert plain(found) == f"Failures come from one {dimension}: b"
    assert found.side == ("customer" if dimension == "client" else "undecided")
    of_failures, of_traffic = found.clues[0].figures
    assert of_failures.value is not None
    assert of_traffic.value is not None
    assert float(str(of_failures.value)) > 90
    assert float(str(of_traffic.value)) < 50


@pytest.mark.parametrize("dimension", ["client", "region", "endpoint"])
@pytest.mark.parametrize(
    "shares",
    [
        {"a": (950, 60), "b": (50, 0)},  # most of the traffic has most of the failures anyway
        {"a": (1_000, 0), "b": (300, 9)},  # few failures
        {"a": (10, 0), "b": (300, 200)},  # hardly any others
        {"a": (300, 90), "b": (300, 95)},
        {"a": (1_000, 200), "b": (900, 900)},  # the others are not well
        {"b": (300, 150)},
        {},
    ],
)
def test_what_proves_nothing(dimension: Dimension, shares: Shares) -> None:
    assert finding(rule_of(RULES, rule_for(dimension)), log_of(shares={dimension: shares})) is None


def test_a_log_without_clients_says_nothing() -> None:
    assert all(finding(rule, log_of([1] * 20)) is None for rule in RULES)


@pytest.mark.parametrize(
    "shares",
    [
        {"a": (500, 60), "b": (300, 33), "c": (200, 24)},
        {"a": (500, 500), "b": (300, 300), "c": (200, 200), "d": (2, 0)},
    ],
)
def test_all_clients_fail_alike(shares: Shares) -> None:
    found = finding(rule_of(RULES, "all_clients"), log_of(shares={"client": shares}))
    assert found is not None
    assert (found.certainty, found.side, found.values) == ("likely", None, {"clients": "3"})


@pytest.mark.parametrize(
    "shares",
    [
        {"a": (500, 60), "b": (300, 2), "c": (200, 24)},  # one is well
        {"a": (500, 60), "b": (300, 33)},  # two clients
        {"a": (9_500, 950), "b": (200, 20), "c": (200, 20), "d": (100, 10)},  # one client is nearly all
        {"a": (500, 4), "b": (300, 3), "c": (200, 2)},  # few failures
        {"a": (50_000, 30), "b": (30_000, 20), "c": (20_000, 14)},  # a rate that nobody sees
        {"a": (500, 500), "b": (300, 30), "c": (200, 20)},
        {},
    ],
)
def test_not_all_clients_alike(shares: Shares) -> None:
    assert finding(rule_of(RULES, "all_clients"), log_of(shares={"client": shares})) is None


def test_one_and_all_never_hold_together() -> None:
    one = log_of(shares={"client": {"a": (1_000, 5), "b": (300, 150), "c": (900, 4)}})
    all_ = log_of(shares={"client": {"a": (500, 60), "b": (300, 33), "c": (200, 24)}})
    for log in (one, all_):
        held = [rule.id for rule in RULES if finding(rule, log) is not None]
        assert len(held) == 1
