"""What to do next: which plays are called for, whose they are, and by when. AS_OF is a Friday."""

import datetime as dt
import itertools
from typing import Any

import pytest

from app.domain import records
from app.render.markdown import to_markdown
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    contact,
    daily_usage,
    days_before,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, account_report
from tests.tools.health.test_indicators import QUIET, champion, red_and_quiet
from tests.tools.health.test_score import just_meets_every_target

NEXT_MONDAY = AS_OF + dt.timedelta(days=3)


def actions(one: records.Account | None = None, **facts: Any) -> dict[str, tuple[str, dt.date]]:
    """Stakeholder and due day of each action, in the order told."""
    data, _ = account_report(one, **facts)
    return {action.key: (action.stakeholder, action.due) for action in data.actions}


def test_a_healthy_account_is_an_opportunity_and_nothing_else() -> None:
    facts = just_meets_every_target()
    facts["usage"][-1] = facts["usage"][-1].model_copy(update={"active_users_28d": 30})
    facts["touchpoints"].append(touchpoint("q", "qbr", "attended"))
    assert actions(**facts) == {"expansion": ("CSM", dt.date(2026, 7, 10))}


def test_a_red_account_gets_the_interventions_in_the_persona_s_order_without_price() -> None:
    """Elevated only: price is spoken of at high and critical."""
    found = actions(**red_and_quiet())
    interventions = ["executive_escalation", "success_plan", "engineering_support"]
    assert list(found) == ["overdue_tickets", *interventions, "data_gaps"]
    assert found["overdue_tickets"] == ("Support escalation manager", NEXT_MONDAY)
    assert found["executive_escalation"] == ("CSE manager", dt.date(2026, 6, 30))
    assert found["success_plan"] == ("CSM", dt.date(2026, 7, 3))


@pytest.mark.parametrize("level", ["high", "critical"])
def test_price_comes_last_and_only_at_high_and_critical_and_is_sales_decision(level: str) -> None:
    signals = [signal("b", "budget_cut"), signal("c", "competitor")]
    soon = AS_OF + dt.timedelta(days=60) if level == "critical" else AS_OF + dt.timedelta(days=300)
    data, _ = account_report(account(renewal_date=soon), **QUIET | {"signals": signals})
    assert data.churn_level == level
    keys = [action.key for action in data.actions]
    assert keys[-1] == "pricing_discussion"
    assert data.actions[-1].stakeholder == "Sales"
    assert keys.index("executive_escalation") < keys.index("success_plan") < keys.index("pricing_discussion")
    assert data.actions[keys.index("product_gap")].stakeholder == "Product leadership"
    assert data.actions[-1].due == max(action.due for action in data.actions)


def test_no_action_promises_a_price() -> None:
    words = PARAMETERS.playbook["pricing_discussion"].text.lower()
    assert "decide" in words
    assert not any(word in words for word in ("discount", "%", "offer a", "free"))


def test_one_indicator_calls_for_a_success_plan_but_not_for_price() -> None:
    found = actions(**QUIET | {"signals": [signal("b", "budget_cut")]})
    assert {"budget_cuts", "success_plan"} <= set(found)
    assert not {"pricing_discussion", "executive_escalation"} & set(found)


def test_an_open_sev1_goes_first_and_at_once() -> None:
    found = actions(**QUIET | {"tickets": [ticket("t1", severity="SEV1")]})
    assert next(iter(found.items())) == ("open_sev1", ("On-call SRE", AS_OF))
    resolved = [ticket("t1", days_ago=1, severity="SEV1", hours=2)]
    assert "open_sev1" not in actions(**QUIET | {"tickets": resolved})


def test_what_is_due_at_once_is_due_today_on_a_saturday_too() -> None:
    saturday = AS_OF + dt.timedelta(days=1)
    covered = dict.fromkeys(("usage", "tickets", "touchpoints", "signals"), saturday)
    found = actions(as_of=saturday, covered=covered, tickets=[ticket("t1", severity="SEV1")])
    assert found["open_sev1"] == ("On-call SRE", saturday)
    assert found["overdue_tickets"] == ("Support escalation manager", NEXT_MONDAY)


@pytest.mark.parametrize(
    ("facts", "key", "stakeholder"),
    [
        ({"usage": daily_usage(days=28, ends=days_before(28), api_calls=100)}, "usage_decline", "CSE"),
        ({"usage": daily_usage(days=112, active_users=9, api_calls=100, distinct=9)}, "low_adoption", "CSE"),
        ({"contacts": [champion("jo", 9)]}, "champion_departure", "CSM"),
        ({"contacts": [champion("jo", 300)]}, "champion_departure", "CSM"),  # long gone, and still no successor
        ({"signals": [signal("s", "competitor")]}, "product_gap", "Product leadership"),
        ({"tickets": [ticket("t", category="feature_request")]}, "product_gap", "Product leadership"),
        (
            {"tickets": [ticket("t", escalated=True)]},
            "overdue_tickets",
            "Support escalation manager",
        ),
        (
            {"touchpoints": [touchpoint(f"p{i}", "qbr", "no_show") for i in range(2)]},
            "missed_meetings",
            "CSM",
        ),
    ],
)
def test_each_finding_has_its_action(facts: dict[str, Any], key: str, stakeholder: str) -> None:
    assert actions(**QUIET | facts)[key][0] == stakeholder


def test_missing_data_goes_to_cs_operations_the_deciding_field_first() -> None:
    facts = just_meets_every_target() | {"nps": []}
    data, _ = account_report(**facts)
    gap = next(action for action in data.actions if action.key == "data_gaps")
    assert data.decided_by == "nps"
    assert (gap.stakeholder, gap.due) == ("CS operations", dt.date(2026, 7, 3))
    assert "".join(str(span) for span in gap.because).startswith("no NPS response in 180 days")


def test_what_only_time_brings_is_no_task() -> None:
    """Usage since last week: nobody can bring in an earlier history."""
    facts = just_meets_every_target()
    facts["usage"] = daily_usage(days=7, active_users=20, api_calls=9, distinct=40)
    facts["touchpoints"].append(touchpoint("q", "qbr", "attended"))
    data, _ = account_report(**facts)
    assert {c.key for c in data.components if c.state == "unknown"} == {"api_calls"}
    assert "data_gaps" not in [action.key for action in data.actions]


@pytest.mark.parametrize(
    ("day", "phase", "due"),
    [
        (1, "Hold the kickoff", dt.date(2026, 7, 2)),
        (7, "Hold the kickoff", AS_OF),
        (8, "Get the sandbox", dt.date(2026, 7, 16)),
        (90, "Hold the first health check", AS_OF),
        (91, "Hold the first health check", dt.date(2026, 6, 30)),  # late: within two working days
    ],
)
def test_in_the_first_90_days_the_plan_s_milestone_leads(day: int, phase: str, due: dt.date) -> None:
    one = account(lifecycle="onboarding", contract_start=days_before(day - 1))
    data, report = account_report(one)
    first = data.actions[0]
    assert (first.key, first.stakeholder, first.due) == ("onboarding_milestone", "CSE", due)
    assert first.text.startswith(phase)
    assert f"\n- Onboarding, day {day} of 90" in to_markdown(report.blocks[:1], report.figures)
    assert {f.key: f.value for f in report.figures}["action.onboarding_milestone.due"] == due


@pytest.mark.parametrize(("lifecycle", "start"), [("established", 5), ("renewing", 5), ("adopting", 91), (None, -3)])
def test_a_new_term_or_a_later_day_is_no_onboarding(lifecycle: str | None, start: int) -> None:
    one = account(lifecycle=lifecycle, contract_start=days_before(start))
    assert "onboarding_milestone" not in actions(one)


def test_a_churned_account_has_no_actions() -> None:
    assert actions(account(lifecycle="churned"), **red_and_quiet()) == {}


def test_every_action_is_in_the_checklist_with_owner_and_due_day() -> None:
    data, report = account_report(**red_and_quiet())
    checklist = next(block for block in report.blocks if block.type == "checklist")
    assert [(task.owner, task.due) for task in checklist.items] == [(a.stakeholder, a.due) for a in data.actions]


def test_a_departed_champion_of_long_ago_shows_in_the_score() -> None:
    snapshot = account_snapshot(account(), contacts=[contact("jo", is_champion=True, left_on=days_before(300))])
    data, _ = account_report(contacts=list(snapshot.contacts), nps=[response("n", 9)])
    champion_part = next(c for c in data.components if c.key == "champion")
    assert (champion_part.state, champion_part.points) == ("known", 0)


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"renewal_date": days_before(14)}, "the contract lapsed 14 days ago"),
        ({"renewal_date": days_before(1)}, "the contract lapsed 1 day ago"),
        ({"renewal_date": AS_OF + dt.timedelta(days=10)}, "the decision date 2026-06-06 is over"),
        ({"renewal_date": AS_OF + dt.timedelta(days=58)}, "the decision date is in 28 days"),
        ({"renewal_date": AS_OF + dt.timedelta(days=60)}, "the decision date is in 30 days"),
    ],
)
def test_a_renewal_to_settle_comes_first_whatever_the_score(fields: dict[str, Any], because: str) -> None:
    data, report = account_report(account(**fields), **just_meets_every_target())
    first = data.actions[0]
    assert (first.key, first.stakeholder, first.due) == ("renewal", "CSM", AS_OF)
    assert "Sales" in first.text
    shown = to_markdown(report.blocks, report.figures)
    assert f"Because: {because}" in shown
    assert shown.splitlines()[2].startswith("- ARR USD 100,000; ")
    assert "- Next: Settle the renewal." in shown


def test_only_an_open_sev1_goes_before_the_renewal() -> None:
    facts = just_meets_every_target() | {"tickets": [ticket("t1", severity="SEV1")]}
    data, _ = account_report(account(renewal_date=days_before(14)), **facts)
    assert [action.key for action in data.actions[:2]] == ["open_sev1", "renewal"]


@pytest.mark.parametrize(
    "fields", [{"renewal_date": AS_OF + dt.timedelta(days=61)}, {"renewal_date": None}, {"lifecycle": "churned"}]
)
def test_a_renewal_that_is_far_off_is_no_action(fields: dict[str, Any]) -> None:
    assert "renewal" not in actions(account(**fields))


def test_a_contract_that_renews_by_itself_does_not_lapse() -> None:
    data, report = account_report(account(renewal_date=days_before(14), auto_renew=True))
    assert data.lapsed_days is None
    assert "renewal" not in [action.key for action in data.actions]
    shown = to_markdown(report.blocks, report.figures)
    assert "the term on record ended on 2026-06-12, and the contract renews by itself." in shown
    assert "lapsed" not in shown


@pytest.mark.parametrize(
    ("tickets", "because"),
    [
        ([ticket("t", days_ago=9, escalated=True, hours=1)], None),
        ([ticket("t", days_ago=1)], None),
        ([ticket("t", days_ago=1, escalated=True)], "open escalated ticket t"),
        ([ticket("t", days_ago=9)], "late ticket t"),
        ([ticket(f"t{i}", days_ago=100) for i in range(7)], "late tickets t0, t1, t2, t3, t4 and 2 more"),
        ([ticket(f"t{i}", days_ago=1, hours=1) for i in range(3)], "Support spike: 3 tickets opened in 30 days"),
    ],
)
def test_the_queue_and_an_engineer_only_where_support_does_not_keep_up(
    tickets: list[records.Ticket], because: str | None
) -> None:
    signals = [signal("b", "budget_cut"), signal("c", "competitor")]
    _, report = account_report(**QUIET | {"tickets": tickets, "signals": signals})
    shown = to_markdown(report.blocks, report.figures)
    for words in ("Walk through the open queue", "an engineer is assigned"):
        assert (words in shown) is (because is not None)
    assert because is None or f"Because: {because}" in shown


def test_an_open_sev1_is_named_as_a_ticket() -> None:
    _, report = account_report(tickets=[ticket("t15", severity="SEV1")])
    assert "Because: open SEV1 ticket t15 (" in to_markdown(report.blocks, report.figures)


def test_due_days_do_not_go_back() -> None:
    signals = [signal("b", "budget_cut"), signal("c", "competitor")]
    data, _ = account_report(account(renewal_date=days_before(3)), **red_and_quiet() | {"signals": signals})
    due = [action.due for action in data.actions]
    assert len(due) > 5
    assert due == sorted(due)
    assert data.actions[-1].key == "pricing_discussion"
    order = list(PARAMETERS.playbook)
    for one, next_one in itertools.pairwise(data.actions[:-1]):
        assert one.due < next_one.due or order.index(one.key) < order.index(next_one.key)


def test_a_reason_names_its_indicator() -> None:
    _, report = account_report(**QUIET | {"signals": [signal("c", "competitor")]})
    assert "Because: Competitor evaluation: mentioned in 180 days: 1" in to_markdown(report.blocks, report.figures)
