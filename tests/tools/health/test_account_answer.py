"""The answer for one account: data, figures with their evidence, verdict, notices."""

import datetime as dt
from typing import Any

import pytest

from app.domain import records
from app.domain.blocks import Block, ScoreCard, Table, Verdict
from app.domain.command import Report
from app.domain.figures import Figure, Ref
from app.domain.problems import InvalidArguments
from app.render.markdown import to_markdown
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    daily_usage,
    days_before,
    features_used,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import account_report, context
from tests.tools.health.test_score import full_facts, just_meets_every_target
from tools.health import COMMAND, HealthArgs, HealthData
from tools.health.parameters import ComponentKey
from tools.health.scoring import COMPONENTS


def figures(report: Report) -> dict[str, Figure]:
    return {figure.key: figure for figure in report.figures}


def shown(report: Report) -> str:
    return to_markdown(report.blocks, report.figures)


def notices(report: Report) -> str:
    kept: list[Block] = [block for block in report.blocks if block.type == "notice"]
    return to_markdown(kept, report.figures)


def test_needs_of_an_account_and_of_the_portfolio() -> None:
    assert COMMAND.needs(HealthArgs(account="acme")).account == "acme"
    assert not COMMAND.needs(HealthArgs(account="acme")).portfolio
    assert COMMAND.needs(HealthArgs()).portfolio


def test_filters_do_not_go_with_an_account() -> None:
    with pytest.raises(InvalidArguments, match="tier, renewal"):
        COMMAND.run(context(one=account_snapshot(account())), HealthArgs(account="acme", tier="red", renewal=9))


def test_verdict_says_what_is_so_why_and_what_to_do() -> None:
    _, report = account_report(**full_facts())
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11
    first, *lines = to_markdown([verdict], report.figures).splitlines()
    assert first == "**Acme: Yellow, 71.8 of 100, coverage 100%**"
    told = "\n".join(lines)
    assert "Churn level unknown" not in told
    assert "Costs most: Daily active users 12.0 of 20, Feature adoption 5.0 of 10, NPS 11.4 of 15." in told
    assert "ARR USD 100,000; decision date 2027-04-22 (in 300 days), renewal 2027-05-22." in told
    assert "- Next: " in told


def test_the_missing_field_that_decides_is_named() -> None:
    _, report = account_report(**full_facts() | {"nps": []})
    told = "The band lies between red and yellow; NPS (15 points) decides: no NPS response in 180 days."
    assert told in shown(report)


def test_a_score_that_coverage_does_not_carry_is_not_given() -> None:
    data, report = account_report()
    assert (data.score, data.tier) == (None, "unknown")
    card = next(block for block in report.blocks if isinstance(block, ScoreCard))
    assert card.score is None
    assert "Acme: Unknown, coverage 15% is too little for a score (band 15.0–100.0)" in shown(report)


def test_a_provisional_green_says_so() -> None:
    facts = just_meets_every_target() | {"nps": [], "goals": []}
    data, report = account_report(**facts)
    assert (data.tier, data.provisional) == ("green", True)
    assert "Acme: Green, provisional, 100.0 of 100" in shown(report)


def test_every_reference_of_a_block_is_a_figure_and_every_figure_says_where_it_comes_from() -> None:
    _, report = account_report(**full_facts())
    shown(report)  # the renderer refuses a reference without figure
    assert len({(f.key, f.account_id, f.as_of) for f in report.figures}) == len(report.figures)
    for figure in report.figures:
        assert figure.formula
        assert (figure.account_id, figure.as_of) == ("acme", AS_OF)
        if figure.key.startswith(("usage.", "tickets.", "nps.", "outreach.", "features.", "goals.", "arr", "renewal.")):
            assert figure.evidence, figure.key


WORKED: dict[str, tuple[Any, str]] = {
    "usage.active_users.working_day_mean.28d": (12, "users"),
    "seats.licensed": (50, "seats"),
    "usage.api_calls.28d": (22_400, "calls"),
    "usage.api_calls.prior_84d": (84_000, "calls"),
    "usage.api_calls.prior_28d": (28_000, "calls"),
    "features.used.28d": (3, "features"),
    "features.available": (10, "features"),
    "nps.score.180d": (25, "points"),
    "nps.responses.180d": (4, "count"),
    "outreach.invited.180d": (5, "count"),
    "outreach.attended.180d": (3, "count"),
    "champion.actions.90d": (1, "count"),
    "tickets.opened.30d": (8, "tickets"),
    "tickets.resolution_ratio.90d": (1, "ratio"),
    "tickets.escalated.90d": (2, "tickets"),
    "goals.achieved_or_on_track": (2, "count"),
    "arr": (100_000, "USD"),
    "renewal.date": (dt.date(2027, 5, 22), "date"),
    "renewal.decision_date": (dt.date(2027, 4, 22), "date"),
    "health.coverage": (100, "%"),
    "health.dau.points": (12, "points"),
}


@pytest.mark.parametrize("key", WORKED)
def test_figures(key: str) -> None:
    _, report = account_report(**full_facts())
    figure = figures(report)[key]
    value, unit = WORKED[key]
    assert figure.value == (pytest.approx(value) if isinstance(value, int) else value)
    assert figure.unit == unit


def test_evidence_is_the_records_counted_and_a_range_beyond_twenty() -> None:
    _, report = account_report(**full_facts())
    found = figures(report)
    assert {e.id for e in found["tickets.escalated.90d"].evidence} == {"t3", "t4"}
    assert [e.date for e in found["champion.actions.90d"].evidence] == [days_before(40)]
    (usage,) = found["usage.api_calls.28d"].evidence
    assert (usage.first, usage.last, usage.count) == (days_before(27), AS_OF, 28)
    assert usage.href == "/v1/accounts/acme/usage?from=2026-05-30&to=2026-06-26"
    _, busy = account_report(tickets=[ticket(f"t{i}", days_ago=i % 9) for i in range(21)])
    (tickets,) = figures(busy)["tickets.opened.30d"].evidence
    assert (tickets.count, tickets.id) == (21, None)
    assert tickets.href == "/v1/accounts/acme/tickets?from=2026-05-28&to=2026-06-26"


def test_a_known_zero_is_evident_from_the_window_that_was_searched() -> None:
    _, report = account_report()
    opened = figures(report)["tickets.opened.30d"]
    assert opened.value == 0
    assert [(e.count, e.first, e.last) for e in opened.evidence] == [(0, dt.date(2026, 5, 28), AS_OF)]


def test_a_count_over_a_feed_that_says_nothing_is_unknown_not_zero() -> None:
    _, report = account_report(tickets=[ticket("t")], covered={"tickets": None})
    assert figures(report)["tickets.opened.30d"].value is None
    assert "no ticket data is connected" in shown(report)


def test_an_id_that_needs_it_is_quoted_in_addresses() -> None:
    one = account("a/b c", name="Odd")
    _, report = account_report(one, tickets=[ticket(f"t{i}", "a/b c") for i in range(21)])
    (tickets,) = figures(report)["tickets.opened.30d"].evidence
    assert tickets.href is not None
    assert tickets.href.startswith("/v1/accounts/a%2Fb%20c/tickets?")


def test_a_shifted_window_is_seen_in_the_label_and_told() -> None:
    last = days_before(5)
    _, report = account_report(usage=daily_usage(days=120, ends=last, api_calls=9), covered={"usage": last})
    calls = figures(report)["usage.api_calls.28d"]
    assert calls.label == "API calls, 28 days to 2026-06-21"
    assert calls.value == 28 * 9
    assert "Usage data ends 2026-06-21 (5 days before 2026-06-26): its windows end on that day." in notices(report)


def test_a_feed_too_old_is_told_and_counts_as_unknown() -> None:
    _, report = account_report(nps=[response("n", 9, days_ago=30)], covered={"nps": days_before(8)})
    assert "NPS data ends 2026-06-18 (8 days before 2026-06-26): too old to tell" in notices(report)


def test_a_lapsed_contract_is_lapsed_by_so_many_days() -> None:
    data, report = account_report(account(renewal_date=days_before(12)))
    assert data.lapsed_days == 12
    assert "the contract lapsed 12 days ago, on 2026-06-14" in shown(report)
    assert "The contract lapsed 12 days ago, and" in notices(report)
    assert figures(report)["renewal.days_lapsed"].value == 12
    assert "renewal.days_to_decision" not in figures(report)


def test_the_last_day_of_a_contract_is_not_lapsed() -> None:
    data, _ = account_report(account(renewal_date=AS_OF))
    assert data.lapsed_days is None


def test_a_decision_date_that_is_over_is_told_as_such() -> None:
    _, report = account_report(account(renewal_date=AS_OF + dt.timedelta(days=10), notice_days=30))
    assert "the decision date 2026-06-06 is over, renewal 2026-07-06." in shown(report)


def test_a_missing_notice_period_is_told() -> None:
    _, report = account_report(account(notice_days=None))
    assert "No notice period is on record" in notices(report)


def test_more_than_all_is_told_as_a_fault_of_the_data() -> None:
    data, report = account_report(feature_usage=features_used(number=90), usage=daily_usage(active_users=80))
    assert [c.points for c in data.components if c.key in ("dau", "feature_adoption")] == [20, 10]
    assert "90 of 10 features used in 28 days: more features used than available" in notices(report)
    assert "more active users than licensed seats" in notices(report)


def test_tickets_resolved_before_they_were_opened_are_named() -> None:
    _, report = account_report(tickets=[ticket("T-9", days_ago=5, hours=-4)])
    assert "left out of resolution times: T-9" in notices(report)


def test_assumed_fields_and_an_arr_that_does_not_fit_its_movements_are_told() -> None:
    movement = records.ArrMovement(id="m", account_id="acme", date=days_before(300), kind="new", amount=90_000)
    _, report = account_report(arr_movements=[movement], assumed_since={"acme": AS_OF + dt.timedelta(days=3)})
    assert "differs from the sum of its movements by USD 10,000." in notices(report)
    assert "seats, stage, dates and ARR are assumed" in notices(report)
    arr = figures(report)["arr"]
    assert (arr.value, [e.id for e in arr.evidence]) == (90_000, ["m"])


def test_a_quiet_account_with_fresh_data_has_no_notices() -> None:
    _, report = account_report(**full_facts())
    assert notices(report) == ""


def test_triggered_indicators_come_first_in_the_table_and_carry_their_evidence() -> None:
    data, report = account_report(**full_facts() | {"signals": [signal("s1", "competitor")]})
    table = next(block for block in report.blocks if isinstance(block, Table))
    states = [row[1] for row in table.rows]
    assert states == [("triggered",)] * 2 + [state for state in states if state != ("triggered",)]
    competitor = next(i for i in data.indicators if i.key == "competitor")
    assert competitor.state == "triggered"
    assert "s1" in {e.id for e in competitor.evidence}


def test_a_customer_s_name_stays_text() -> None:
    _, report = account_report(account(name="[[arr]] {mean} **x**"))
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert verdict.headline[0] == "[[arr]] {mean} **x**"
    assert all(span.figure in figures(report) for span in verdict.headline if isinstance(span, Ref))


def test_data_has_every_key_of_the_contract() -> None:
    data, _ = account_report(**full_facts() | {"touchpoints": [touchpoint("q", "qbr")]})
    document = data.model_dump(mode="json")
    wanted = {"score", "band", "coverage", "tier", "provisional", "decided_by", "components", "indicators"}
    assert wanted | {"churn_level", "actions"} <= set(document)
    assert [c["key"] for c in document["components"]] == list(COMPONENTS)
    assert {"key", "state", "points", "max", "inputs"} <= set(document["components"][0])
    assert {"key", "state", "evidence"} <= set(document["indicators"][0])
    assert isinstance(document["band"], list)
    assert HealthData.model_validate(document).model_dump(mode="json") == document


@pytest.mark.parametrize("key", COMPONENTS)
def test_each_component_s_inputs_have_value_and_unit_and_are_figures(key: ComponentKey) -> None:
    data, report = account_report(**full_facts())
    inputs = next(c.inputs for c in data.components if c.key == key)
    assert inputs
    found = figures(report)
    assert {name: (i.value, i.unit) for name, i in inputs.items()} == {
        name: (found[name].value, found[name].unit) for name in inputs
    }


@pytest.mark.parametrize(
    ("key", "formula"),
    [
        ("ticket_volume", "10 × (8 − 15) ÷ (5 − 15), limited to 0–10; 8 is tickets opened"),
        ("dau", "20 × (0.24) ÷ (0.4), limited to 0–20; 0.24 is active users per licensed seat"),
        ("nps", "15 × (14.2857 + 100) ÷ (50 + 100), limited to 0–15; 14.2857 is NPS drawn towards 0"),
    ],
)
def test_the_formula_of_points_can_be_worked_by_hand(key: str, formula: str) -> None:
    _, report = account_report(**full_facts())
    assert figures(report)[f"health.{key}.points"].formula.startswith(formula)


@pytest.mark.parametrize(
    ("tickets", "noshows", "told"),
    [
        (1, 1, ("1 ticket opened in 30 days", "1 no-show of 1 meeting in 90 days", "1 escalated ticket among")),
        (2, 2, ("2 tickets opened in 30 days", "2 no-shows of 2 meetings in 90 days", "2 escalated tickets among")),
    ],
)
def test_a_number_and_its_noun_agree(tickets: int, noshows: int, told: tuple[str, ...]) -> None:
    _, report = account_report(
        tickets=[ticket(f"t{i}", escalated=True) for i in range(tickets)],
        touchpoints=[touchpoint(f"q{i}", "qbr", "no_show") for i in range(noshows)],
    )
    for words in told:
        assert words in shown(report)


def test_feeds_that_end_on_the_same_day_share_a_notice() -> None:
    covered = {"usage": days_before(1), "feature_usage": days_before(1), "nps": days_before(3)}
    _, report = account_report(covered=covered)
    told = notices(report)
    assert (
        "Usage and feature usage data end 2026-06-25 (1 day before 2026-06-26): their windows end on that day." in told
    )
    assert "NPS data ends 2026-06-23 (3 days before 2026-06-26): its windows end on that day." in told
    assert told.count("Note:") == 2


def test_an_account_that_is_no_customer_yet_is_told_as_such() -> None:
    start = AS_OF + dt.timedelta(days=5)
    data, report = account_report(account(lifecycle=None, contract_start=start, renewal_date=AS_OF))
    assert (data.begins, data.actions) == (start, ())
    assert shown(report).startswith("**Acme: not a customer yet on 2026-06-26 (contract starts 2026-07-01)**")
    assert figures(report)["contract.begins"].evidence
