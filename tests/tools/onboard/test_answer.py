"""/onboard ACCOUNT: where the plan stands, whose turn it is, risks, and what the customer may read."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Verdict
from app.domain.records import Check, Goal, Integration, Milestone, MilestoneSlip, Ticket
from tests.snapshots import AS_OF, contact, days_before, noon, signal, touchpoint
from tests.tools.onboard.desk import START, ask, context, first_use, headline, milestone, newcomer, plan, told
from tools.onboard.words import days

KEPT = (
    milestone("M1", days_before(20), done_on=days_before(20), owner="Success engineer"),
    milestone("M2", days_before(4), after=("M1",)),  # a Monday: 4 working days
    milestone("M3", AS_OF + dt.timedelta(days=3), after=("M2",), owner="Success engineer", phase=3),
)
PEOPLE = [
    contact("c1", name="Ada", stakeholder="developer", is_champion=True),
    contact("c2", name="Ben", stakeholder="business_owner"),
    contact("c3", name="Cleo", stakeholder="exec_sponsor", is_champion=True),
]


def slip(whose: Any = "customer", number: int = 3, target: str = "acme.M2") -> MilestoneSlip:
    return MilestoneSlip(
        id=f"s-{whose}-{number}",
        account_id="acme",
        milestone_id=target,
        date=days_before(2),
        working_days=number,
        whose=whose,
    )


def verdict_of(ctx: Any) -> Verdict:
    block = ask(ctx).report.blocks[0]
    assert isinstance(block, Verdict)
    return block


def test_an_overdue_milestone_whose_turn_and_the_next_step() -> None:
    outcome = ask(context(milestones=KEPT))
    assert headline(outcome) == (
        "Acme: onboarding day 26 of 90, M2 “Step M2” overdue by 4 working days, turn: the customer"
    )
    words = told(outcome)
    assert "Next: M3 “Step M3”, due 2026-06-29, owner Success engineer, turn: the customer, for M2." in words
    assert "Next step: settle M2 with the customer; then done M2, or slip M2 +Nd whose=… and why." in words
    states = {step.code: (step.state, step.late, step.left, step.whose, step.waits_for) for step in plan(outcome).steps}
    assert states == {
        "M1": ("done", 0, 0, None, None),
        "M2": ("overdue", 4, 0, "customer", None),
        "M3": ("due", 0, 1, "customer", "M2"),
    }


def test_the_newest_slip_says_whose_turn_it_is() -> None:
    outcome = ask(context(milestones=KEPT, milestone_slips=[slip("vendor")]))
    assert headline(outcome).endswith("turn: a third party")
    assert plan(outcome).waited == {"vendor": 3}


def test_waits_by_party_are_added_and_what_was_won_back_is_taken_off() -> None:
    slips = [slip("customer", 5), slip("customer", -2), slip("us", 4), slip(None, 1)]
    outcome = ask(context(milestones=KEPT, milestone_slips=slips))
    assert plan(outcome).waited == {"customer": 3, "us": 4, "unnamed": 1}
    assert "Moved so far, in working days: 3 for the customer, 4 for us, 1 for nobody named." in told(outcome)


def test_data_show_a_milestone_done_and_a_signature_comes_first() -> None:
    row = milestone("M1", days_before(4), measures=("kickoff",))
    meeting = [touchpoint("k", "call", days_ago=10)]
    (step,) = plan(ask(context(milestones=[row], touchpoints=meeting))).steps
    assert (step.state, step.done_by, step.done_on) == ("done", "data", days_before(10))
    signed = row.model_copy(update={"done_on": days_before(2)})
    (step,) = plan(ask(context(milestones=[signed], touchpoints=meeting))).steps
    assert (step.done_by, step.done_on) == ("signed", days_before(2))


def test_all_measures_must_hold_and_a_measure_nobody_knows_holds_never() -> None:
    meeting = [touchpoint("k", "call", days_ago=10)]
    both = milestone("M1", AS_OF, measures=("kickoff", "health_check"))
    unheard = milestone("M2", AS_OF, measures=("kickoff", "of another release"))
    steps = plan(ask(context(milestones=[both, unheard], touchpoints=meeting))).steps
    assert [step.state for step in steps] == ["due", "due"]


def test_without_a_kept_plan_only_data_can_say_that_something_is_late() -> None:
    blind: dict[str, Any] = {"covered": {"touchpoints": None, "usage": None, "feature_usage": None}}
    outcome = ask(context(**blind))
    assert "no plan is kept: of 6 milestones past the day nothing on record tells" in headline(outcome)
    assert {step.state for step in plan(outcome).steps} == {"unknown", "due", "ahead"}
    known = ask(context(used=first_use()))  # the feeds are connected, and no call, no meeting is in them
    assert "M1 “Kick-off held” overdue by 17 working days" in headline(known)


def test_a_plan_from_the_template_is_dated_from_the_contracts_start_by_usage_model() -> None:
    steps = {step.code: step for step in plan(ask(context())).steps}
    assert (len(steps), steps["M1"].due, steps["M7"].due) == (14, dt.date(2026, 6, 3), dt.date(2026, 6, 26))
    assert steps["M7"].acceptance == "The integration is live in production, and 1,000 API calls were made."
    seats = plan(ask(context(newcomer(usage_model="seats")))).steps
    assert [step.title for step in seats if "traffic" in step.title] == []
    assert len(seats) == 12


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"lifecycle": "churned"}, "is no customer any more"),
        ({"contract_start": None}, "the contract's start is not on record"),
        ({"contract_start": AS_OF + dt.timedelta(days=9)}, "is not a customer yet: the contract starts 2026-07-05"),
        (
            {"lifecycle": "established", "contract_start": days_before(400)},
            "is past its first 90 days, which ended on 2025-08-19; no plan was kept",
        ),
        ({"contract_start": days_before(100)}, "onboarding day 101"),  # its lifecycle says that it still goes on
    ],
)
def test_before_after_and_without_a_start(fields: dict[str, Any], expected: str) -> None:
    outcome = ask(context(newcomer(**fields)))
    assert expected in headline(outcome)
    assert "None" not in told(outcome)


def test_past_onboarding_a_kept_plan_says_what_was_never_closed() -> None:
    old = newcomer(lifecycle="established", contract_start=days_before(200))
    outcome = ask(context(old, milestones=KEPT))
    assert "is past its first 90 days, never closed: M2 and M3" in headline(outcome)
    assert not [figure for figure in outcome.report.figures if figure.key.endswith(".overdue")]


def risks_of(**facts: Any) -> set[str]:
    return {risk.key for risk in plan(ask(context(**facts))).risks}


def test_risks_found_in_the_data() -> None:
    goal = Goal(
        id="g", account_id="acme", title="Launch", due=AS_OF + dt.timedelta(days=1), baseline=0, target=1, metric="n"
    )
    late = Goal(id="h", account_id="acme", title="Later", due=START + dt.timedelta(days=300))
    severe = Ticket(id="t", account_id="acme", opened_at=noon(days_before(1)), severity="SEV2")
    planned = Integration(account_id="acme", kind="shop", status="planned")
    calm = risks_of(contacts=PEOPLE, goals=[late], integrations=[planned.model_copy(update={"status": "live"})])
    assert not calm & {"deadline", "severe_tickets", "competitor", "not_in_production", "no_champion", "no_sponsor"}
    assert {"small_team", "no_measure"} <= calm
    seen = risks_of(
        goals=[goal], tickets=[severe], signals=[signal("s", "competitor")], integrations=[planned], milestones=KEPT,
        milestone_slips=[slip("customer", 12)],
    )  # fmt: skip
    people = {"no_champion", "no_business_owner", "no_sponsor", "no_developers"}
    assert seen >= people | {"deadline", "severe_tickets", "competitor", "not_in_production"}
    assert seen >= {"overdue", "slipped", "no_use"}
    assert "no_measure" not in seen


def test_names_are_for_those_who_work_with_people() -> None:
    facts: dict[str, Any] = {"contacts": PEOPLE, "milestones": KEPT}
    assert "Ada" in told(ask(context(**facts)))
    hidden = ask(context(fields={"sees_people": False}, **facts))
    assert "Ada" not in told(hidden)
    assert all(not part.people for part in plan(hidden).parts)


def test_the_customers_form_holds_no_risk_and_no_turn() -> None:
    facts: dict[str, Any] = {"milestones": KEPT, "signals": [signal("s", "competitor")], "milestone_slips": [slip()]}
    words = told(ask(context(fields={"audience": "customer"}, **facts)))
    assert "M2" in words
    assert "late" in words
    assert "Who is your security contact?" in words
    for unfit in ("competitor", "turn", "customer", "Risk", "wait", "signed"):
        assert unfit not in words, unfit


def test_discovery_answers_and_what_is_still_to_ask() -> None:
    said = Check(account_id="acme", checklist="discovery", item="stack", state="yes", note="Go", checked_on=AS_OF)
    outcome = ask(context(checks=[said], milestones=KEPT))
    assert {q.key: q.answer for q in plan(outcome).questions if q.answer} == {"stack": "Go"}
    assert "Still to ask: outcome, timeline, success and champions (of 5 questions of discovery)." in told(outcome)


def test_the_verdict_stays_within_twelve_lines() -> None:
    rows: list[Milestone] = [milestone(f"M{n}", days_before(8)) for n in range(1, 9)]
    goal = Goal(id="g", account_id="acme", title="Launch", metric="n", baseline=0, target=1, due=AS_OF)
    assert len(verdict_of(context(milestones=[*rows, KEPT[2].model_copy(update={"code": "M9"})], goals=[goal],
                                  milestone_slips=[slip(target="acme.M1")])).lines) <= 11  # fmt: skip


@pytest.mark.parametrize(("number", "words"), [(1, "1 working day"), (2, "2 working days")])
def test_one_day_is_a_day(number: int, words: str) -> None:
    assert days(number) == words
