"""Evidence: a link leads to exactly the records that were counted, and every score leads down to its inputs."""

from typing import Any

import pytest

from app.domain import records
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure
from tests.snapshots import (
    AS_OF,
    account,
    contact,
    days_before,
    goal,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import account_report, portfolio_report
from tests.tools.health.test_indicators import QUIET
from tests.tools.health.test_portfolio_answer import book
from tests.tools.health.test_score import full_facts, just_meets_every_target


def evidence(key: str, **facts: Any) -> list[tuple[str, str | None, int | None, str | None]]:
    """Kind, id, count and link of a figure's evidence."""
    _, report = account_report(**facts)
    figure = next(f for f in report.figures if f.key == key)
    return [(e.kind, e.id, e.count, e.href) for e in figure.evidence]


def used(feature: str, days_ago: int, count: int = 1) -> records.FeatureUsage:
    return records.FeatureUsage(account_id="acme", date=days_before(days_ago), feature=feature, count=count)


def test_features_used_count_the_rows_behind_their_link() -> None:
    rows = [used("a", 0), used("a", 1), used("b", 1), used("c", 2, count=0), used("a", 28)]
    link = "/v1/accounts/acme/feature_usage?from=2026-05-30&to=2026-06-26"
    assert evidence("features.used.28d", feature_usage=rows) == [("feature_usage", None, 4, link)]


TICKETS = "/v1/accounts/acme/tickets?from=2026-03-29&to=2026-06-26"


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ([], ("tickets", None, 0, TICKETS)),
        ([ticket("old", days_ago=90)], ("tickets", None, 0, TICKETS)),
        ([ticket("calm")], ("tickets", None, 0, None)),  # the link would show the ticket that is not escalated
        ([ticket("hot", escalated=True), ticket("calm")], ("tickets", "hot", None, None)),
        ([ticket(f"t{i}", escalated=True) for i in range(21)], ("tickets", None, 21, TICKETS)),
        ([ticket(f"t{i}", escalated=i > 0) for i in range(22)], ("tickets", None, 21, None)),
    ],
)
def test_a_link_shows_exactly_what_was_counted(tickets: list[records.Ticket], expected: object) -> None:
    assert evidence("tickets.escalated.90d", tickets=tickets) == [expected]


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("tickets.open_past_target", {"tickets": [ticket("t")]}),
        ("tickets.resolved.90d", {"tickets": [ticket("t")]}),
        ("champion.actions.90d", {"touchpoints": [touchpoint("q", "qbr")], "signals": [signal("s", "incident")]}),
        ("meetings.missed.90d", {"touchpoints": [touchpoint("q", "qbr")]}),
        ("signals.competitor.180d", {"signals": [signal("s", "incident")]}),
        ("goals.achieved_or_on_track", {"goals": [goal("g", "missed")]}),
        ("contacts.champions", {"contacts": [contact("c")]}),
        ("nps.promoters.180d", {"nps": [response("n", 7)]}),
    ],
)
def test_a_zero_does_not_link_to_other_records(key: str, facts: dict[str, Any]) -> None:
    found = evidence(key, **facts)
    assert found
    assert all((record, count, href) == (None, 0, None) for _, record, count, href in found)


def test_promoters_and_detractors_have_their_own_responses_and_the_score_has_all() -> None:
    facts = {"nps": [response("p", 9), response("n", 7), response("d", 3)]}
    named = {
        key: [record for _, record, _, _ in evidence(f"nps.{key}.180d", **facts)] for key in ("promoters", "score")
    }
    assert named == {"promoters": ["p"], "score": ["p", "n", "d"]}
    assert evidence("nps.detractors.180d", **facts) == [("nps", "d", None, None)]


def test_many_goals_are_a_number_with_a_link_to_all() -> None:
    goals = [goal(f"g{i}", "achieved") for i in range(21)]
    assert evidence("goals.with_status", goals=goals) == [("goals", None, 21, "/v1/accounts/acme/goals")]
    some = [*goals, goal("unset", None)]
    assert evidence("goals.with_status", goals=some) == [("goals", None, 21, None)]


def test_many_champion_actions_are_a_range_of_each_table() -> None:
    acted = [touchpoint(f"t{i}", "champion_action", days_ago=i + 1) for i in range(15)]
    heard = [signal(f"s{i}", "advocacy") for i in range(15)]
    found = evidence("champion.actions.90d", touchpoints=acted, signals=heard)
    assert found == [("touchpoints", None, 15, None), ("signals", None, 15, None)]


def test_a_reader_can_walk_down_from_the_score_to_records() -> None:
    data, report = account_report(**full_facts())
    found = {figure.key: figure for figure in report.figures}

    def below(figure: Figure) -> list[Figure]:
        return [found[e.id] for e in figure.evidence if e.kind == "figures" and e.id]

    points = below(found["health.score"])
    assert {f.key for f in points} == {f"health.{c.key}.points" for c in data.components if c.state == "known"}
    for figure in points:
        inputs = below(figure)
        assert {f.key for f in inputs} == set(next(c.inputs for c in data.components if f".{c.key}." in figure.key))
        assert all(e.kind != "figures" for f in inputs for e in f.evidence)
    level = {f.key for f in below(found["churn.level"])}
    assert level >= {key for i in data.indicators for key in i.inputs}
    triggered = {key for i in data.indicators if i.state == "triggered" for key in i.inputs}
    assert {f.key for f in below(found["churn.indicators.triggered"])} == triggered


@pytest.mark.parametrize("facts", [full_facts(), just_meets_every_target(), QUIET, {}])
def test_no_evidence_is_longer_than_twenty(facts: dict[str, Any]) -> None:
    data, report = account_report(account(renewal_date=AS_OF), **facts)
    lists: list[tuple[Evidence, ...]] = [f.evidence for f in report.figures] + [i.evidence for i in data.indicators]
    assert max(map(len, lists)) <= MAX_LISTED_EVIDENCE


def test_totals_do_not_link_to_accounts_that_they_do_not_count() -> None:
    _, report = portfolio_report(book([account(f"a{i}") for i in range(21)]))
    (accounts,) = next(f for f in report.figures if f.key == "portfolio.accounts").evidence
    assert (accounts.count, accounts.href) == (21, None)
