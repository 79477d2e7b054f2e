"""The plan of a renewal: both due days of each step, and what becomes of those that are overdue."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.records import Commitment, Contact, Touchpoint
from tests.snapshots import AS_OF
from tests.tools.renewal.conftest import PARAMETERS, SHIPPED, ahead, contract, planned
from tools.renewal import RenewalParameters
from tools.renewal.facts import Facts, facts
from tools.renewal.steps import check_ins, next_step

day = dt.date.fromisoformat


def test_every_step_has_both_due_days_and_the_decision_binds() -> None:
    """Renewal on Thursday 2026-12-31, 45 days of notice: the decision is on Monday 2026-11-16."""
    steps = planned(contract(day("2026-12-31"), 45))
    assert {
        key: (str(step.by_decision), str(step.by_renewal), str(step.due), step.binding) for key, step in steps.items()
    } == {
        "health_check": ("2026-08-18", "2026-10-02", "2026-08-18", "decision"),
        "value_review": ("2026-09-17", "2026-10-30", "2026-09-17", "decision"),  # 2026-11-01 is a Sunday
        "negotiation": ("2026-10-16", "2026-12-01", "2026-10-16", "decision"),  # 2026-10-17 is a Saturday
        "signed": ("2026-11-16", "2026-12-31", "2026-12-31", "renewal"),
    }
    assert {step.state for step in steps.values()} == {"kept"}
    assert all(step.do_by == step.due and not step.overdue for step in steps.values())


def test_at_risk_adds_the_playbook() -> None:
    steps = planned(contract(300), at_risk=True)
    assert [(step.step.key, step.step.days) for step in steps.values()] == [
        ("health_check", 90), ("emergency_call", 90), ("commercial_idea", 75), ("value_review", 60),
        ("check_ins", 60), ("negotiation", 30), ("outcome", 30), ("signed", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "states"),
    [
        # days to the decision: (health check, value review, negotiation)
        (91, ("kept", "kept", "kept")),
        (75, ("kept", "kept", "kept")),  # T-90 is over, T-60 not reached: the health check is held now
        (45, ("merged:value_review", "kept", "kept")),
        (20, ("merged:negotiation", "merged:negotiation", "kept")),  # value is shown in the negotiation
        (0, ("merged:negotiation", "merged:negotiation", "kept")),
    ],
)
def test_entering_late(left: int, states: tuple[str, ...]) -> None:
    steps = planned(contract(left + 30, 30))
    found = tuple(
        step.state + (f":{step.into}" if step.into else "")
        for key, step in steps.items()
        if key in ("health_check", "value_review", "negotiation")
    )
    assert found == states
    assert all(step.reason for step in steps.values() if step.overdue)


def test_after_the_day_for_notice_the_renewal_binds_where_it_does_not_renew_by_itself() -> None:
    steps = planned(contract(70, 80, auto=False))  # decision 10 days ago
    assert {step.binding for step in steps.values()} == {"renewal"}
    assert steps["value_review"].due == day("2026-07-06")  # T-60 of Friday 2026-09-04
    assert not steps["value_review"].overdue


def test_after_the_day_for_notice_a_contract_that_renews_by_itself_is_not_negotiated() -> None:
    steps = planned(contract(20, 30, auto=True), at_risk=True)  # decision 10 days ago
    assert {key: step.state for key, step in steps.items()} == {
        "health_check": "merged",
        "emergency_call": "kept",
        "commercial_idea": "dropped",
        "value_review": "merged",
        "check_ins": "kept",
        "negotiation": "dropped",
        "outcome": "kept",
        "signed": "kept",
    }
    assert steps["value_review"].into == "signed"


def test_a_lapsed_contract_is_settled_first() -> None:
    steps = planned(contract(-14), at_risk=True)
    assert steps["health_check"].state == "dropped"
    assert {key for key, step in steps.items() if step.state == "kept"} == {"signed"}
    assert {step.into for step in steps.values() if step.state == "merged"} == {"signed"}
    assert steps["signed"].do_by == day("2026-07-03")  # five working days from Friday 2026-06-26


def test_overdue_steps_are_done_before_the_next_one_is_due() -> None:
    steps = planned(contract(61, 0))  # health check overdue, value review due tomorrow, a Saturday: on Friday, today
    assert steps["value_review"].due == AS_OF
    assert steps["health_check"].overdue
    steps = planned(contract(64, 0))  # the value review is due on Tuesday
    assert (steps["health_check"].do_by, steps["value_review"].do_by) == (day("2026-06-30"), day("2026-06-30"))
    first = next_step(tuple(steps.values()))
    assert first is not None
    assert first.step.key == "health_check"


@pytest.mark.parametrize(("left", "calls"), [(90, 5), (64, 5), (40, 1)])
def test_weekly_check_ins_are_counted_to_the_outcome(left: int, calls: int) -> None:
    """Left 90: from T-60 to T-30 there are 30 days, with a call on each of 5 Fridays; late ones begin at once."""
    steps = planned(contract(left, 0), at_risk=True)
    found = check_ins(steps["check_ins"], tuple(steps.values()))
    assert found == calls
    assert check_ins(steps["signed"], tuple(steps.values())) is None


def held(touchpoint_id: str, kind: Any, on: dt.date, contact_id: str | None = None, **fields: Any) -> Touchpoint:
    return Touchpoint(id=touchpoint_id, account_id="acme", date=on, kind=kind, contact_id=contact_id, **fields)


WHO = (Contact(id="boss", account_id="acme", stakeholder="exec_sponsor"), Contact(id="dev", account_id="acme"))


@pytest.mark.parametrize(
    ("point", "done"),
    [
        (held("t", "health_check", ahead(-37), status="attended"), {"health_check"}),  # T-90 was on Friday, 7 days ago
        (held("t", "health_check", ahead(-38), status="attended"), set()),
        (held("t", "health_check", ahead(-3), status="no_show"), set()),
        (held("t", "health_check", ahead(-3), status="scheduled"), set()),
        (held("t", "qbr", ahead(0)), {"health_check"}),  # too early for the value review, T-60 in 25 days
        (held("t", "qbr", ahead(0), "boss"), {"health_check", "emergency_call"}),
        (held("t", "call", ahead(-3), "boss"), {"emergency_call"}),
        (held("t", "call", ahead(-3), "dev"), set()),
        (held("t", "note", ahead(-3), text="Commercial idea proposed for approval: x"), {"commercial_idea"}),
        (held("t", "call", ahead(-3), text="Commercial idea proposed for approval: x"), set()),
    ],
)
def test_what_shows_a_step_done(point: Touchpoint, done: set[str]) -> None:
    known = facts([point], [], WHO)
    steps = planned(contract(85, 0), known, at_risk=True)
    shown = {key for key, step in steps.items() if step.state == "done"}
    assert shown == done


def test_a_kept_promise_shows_a_step_done() -> None:
    what = "Hold the renewal meeting with Finance"
    kept = Commitment(id="p", account_id="acme", what=what, done_on=ahead(-2))
    late = contract(20, 0)
    assert planned(late, Facts(promises=(kept,)))["negotiation"].state == "done"
    still_open = kept.model_copy(update={"done_on": None})
    assert planned(late, Facts(promises=(still_open,)))["negotiation"].state == "kept"


def test_what_would_have_gone_into_a_meeting_that_took_place_is_dropped() -> None:
    kept = Commitment(id="p", account_id="acme", what="Negotiation", done_on=ahead(-2))
    steps = planned(contract(20, 0), Facts(promises=(kept,)))
    assert steps["value_review"].state == "dropped"
    assert "taken place" in steps["value_review"].reason


@settings(max_examples=150)
@given(
    renewal=st.dates(dt.date(2023, 1, 1), dt.date(2032, 12, 31)),
    as_of=st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31)),
    notice=st.sampled_from([None, 0, 1, 29, 30, 90, 365, 730]),
    auto=st.sampled_from([True, False, None]),
    months=st.sampled_from([1, 12, 24, 36]),
    met=st.sets(st.sampled_from(["qbr", "health_check", "call"])),
    at_risk=st.booleans(),
)
def test_each_step_is_exactly_one_of_four(
    renewal: dt.date, as_of: dt.date, notice: int | None, auto: bool | None, months: int, met: set[str], at_risk: bool
) -> None:
    one = contract(renewal, notice, auto, term_months=months)
    known = facts([held(kind, kind, as_of - dt.timedelta(days=3), "boss") for kind in sorted(met)], [], WHO)
    steps = tuple(planned(one, known, as_of, at_risk=at_risk).values())
    by_key = {step.step.key: step for step in steps}
    for step in steps:
        assert step.state in ("kept", "merged", "dropped", "done")
        assert (step.do_by is not None) == (step.state == "kept")
        assert (step.into is not None) == (step.state == "merged")
        assert (step.done is not None) == (step.state == "done")
        assert step.into is None or by_key[step.into].state == "kept"
        assert step.by_decision <= step.by_renewal
        assert step.due in (step.by_decision, step.by_renewal)
        assert step.due.weekday() < 5
        assert step.overdue == (step.state != "done" and step.due < as_of)
        assert step.overdue or step.state in ("kept", "done")
        assert step.do_by is None or step.do_by >= as_of
    for one_before, following in pairwise(steps):
        assert one_before.due <= following.due
        assert one_before.by_renewal <= following.by_renewal
    kept = [step.do_by for step in steps if step.do_by is not None]
    assert kept == sorted(kept)


def changed(key: str, **fields: Any) -> dict[str, Any]:
    steps = [step | fields if step["key"] == key else step for step in SHIPPED["steps"]]
    return SHIPPED | {"steps": steps}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (changed("negotiation", late=[{"before": "decision", "do": "keep", "reason": "x"}]), "no condition"),
        (changed("negotiation", late=[{"do": "merge", "into": "value_review", "reason": "x"}]), "no later step"),
        (changed("health_check", late=[{"do": "merge", "into": "outcome", "reason": "x"}]), "that all accounts have"),
        (changed("health_check", late=[{"do": "merge", "reason": "x"}]), "says into which"),
        (changed("value_review", days=120), "each by its days"),
        (
            changed("signed", late=[{"before": "nothing", "do": "keep", "reason": "x"}, {"do": "keep", "reason": "x"}]),
            "no later",
        ),
        (changed("check_ins", weekly_until="health_check"), "weekly_until"),
    ],
)
def test_steps_that_do_not_fit_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RenewalParameters.model_validate(wrong)


def test_steps_differ_by_segment() -> None:
    smb = SHIPPED | {"overrides": [{"segment": "SMB", "set": {"late_working_days": 2}}]}
    parameters = RenewalParameters.model_validate(smb)
    assert parameters.for_account("SMB", None).late_working_days == 2
    assert PARAMETERS.for_account("SMB", None).late_working_days == 5
