"""/escalate resolve, check, close: nothing is closed that was not fixed and verified."""

import datetime as dt

import pytest

from app.domain.blocks import Draft
from app.domain.command import Outcome
from app.domain.problems import Conflict
from tests.snapshots import ticket
from tests.tools.escalate.conftest import NOW, Desk, text_of, told
from tools.escalate.data import UpdateData


def closed(outcome: Outcome) -> bool:
    assert isinstance(outcome.report.data, UpdateData)
    return outcome.report.data.escalation.state == "closed"


def resolved_desk() -> tuple[Desk, str]:
    desk = Desk()
    name = desk.open()
    desk.wait(hours=2)
    desk.ask(action="resolve", text=f"{name} The pool was enlarged.")
    return desk, name


def test_the_fix_starts_the_checks() -> None:
    desk = Desk()
    name = desk.open()
    desk.wait(hours=2)
    outcome = desk.ask(action="resolve", text=f"{name} The pool was enlarged.")
    assert desk.escalations[name].resolved_at == desk.now
    shown = told(outcome)
    assert "now (2026-06-26 16:30 UTC); 24 hours (2026-06-27 16:30 UTC); one week (2026-07-03 16:30 UTC)" in shown
    body = text_of(outcome)
    assert "A fix is in place.\nThe pool was enlarged." in body
    assert "tell us what you see" in body
    with pytest.raises(Conflict, match="resolved since"):
        desk.ask(action="resolve", text=f"{name} again")


@pytest.mark.parametrize("action", ["close", "check"])
def test_before_the_fix_there_is_nothing_to_check_or_to_close(action: str) -> None:
    desk = Desk()
    name = desk.open()
    with pytest.raises(Conflict) as caught:
        desk.ask(action=action, text=f"{name} verified: 200 again")
    assert caught.value.code == "escalation_not_resolved"
    assert f"/escalate resolve {name}" in caught.value.detail


@pytest.mark.parametrize(
    "said", ["", "done", "ok close it", "the customer is happy", "ticket is old", "not verified yet"]
)
def test_without_a_verification_it_is_asked_for_once(said: str) -> None:
    desk, name = resolved_desk()
    outcome = desk.ask(action="close", text=f"{name} {said}")
    assert outcome.effects == ()
    assert outcome.question is not None
    assert outcome.question.fields == ("text",)


@pytest.mark.parametrize("said", ["Verified, but it still fails for webhooks", "We checked: does not work yet"])
def test_what_says_that_it_still_fails_is_no_verification(said: str) -> None:
    desk, name = resolved_desk()
    desk.ask(action="check", text=f"{name} their request answers 200")
    outcome = desk.ask(action="close", text=f"{name} {said}")
    assert outcome.effects == ()
    assert outcome.question is not None
    assert f"/escalate reopen {name}" in str(outcome.question.text)


def test_a_text_that_says_what_was_checked_is_the_verification() -> None:
    desk, name = resolved_desk()
    outcome = desk.ask(by="Marcus Bell", action="close", text=f"{name} Verified: their own request answers 200 again.")
    assert closed(outcome)
    record = desk.escalations[name].verified
    assert record == "Verified: their own request answers 200 again. (checked by Marcus Bell, 2026-06-26 16:30 UTC)"
    assert record in told(outcome)


def test_a_recorded_check_is_the_verification_with_who_and_when() -> None:
    desk, name = resolved_desk()
    desk.wait(minutes=30)
    checked = desk.ask(
        by="Marcus Bell", action="check", text=f"{name} Their request answers 200, no errors for 20 minutes"
    )
    assert "Done with it: the check now after the fix." in told(checked)
    desk.wait(hours=2)
    outcome = desk.ask(action="close", text=name)
    assert closed(outcome)
    assert desk.escalations[name].verified == (
        "Their request answers 200, no errors for 20 minutes (checked by Marcus Bell, 2026-06-26 17:00 UTC)"
    )


def test_a_check_before_the_fix_that_failed_again_does_not_count() -> None:
    desk, name = resolved_desk()
    desk.ask(action="check", text=f"{name} answers 200")
    desk.wait(hours=1)
    desk.ask(action="reopen", text=f"{name} fails again")
    desk.wait(hours=1)
    desk.ask(action="resolve", text=f"{name} second fix")
    outcome = desk.ask(action="close", text=name)
    assert outcome.effects == ()
    assert outcome.question is not None


def test_the_notice_to_the_customer_and_the_internal_summary() -> None:
    desk, name = resolved_desk()
    outcome = desk.ask(
        action="close", text=f"{name} Confirmed by your test: 200 again. Sofia says the renewal is safe."
    )
    body = text_of(outcome)
    assert "Solved: outage, POST /api/v2/payments" in body
    assert "With our engineers since 2026-06-26 14:30 UTC, solved 2026-06-26 16:30 UTC." in body
    assert "Confirmed by your test: 200 again." in body
    assert "Sofia" not in body
    assert "renewal" not in body
    inside = next(b for b in outcome.report.blocks if isinstance(b, Draft) and b.audience == "internal")
    assert {"Verified", "Fix in", "Owner"} <= {field.label for field in inside.fields}
    assert "Checks left: 24 hours" in told(outcome)


def test_closed_is_closed_and_later_checks_are_still_recorded() -> None:
    desk, name = resolved_desk()
    desk.ask(action="close", text=f"{name} verified: 200 again")
    for action in ("close", "resolve", "update"):
        with pytest.raises(Conflict) as caught:
            desk.ask(action=action, text=f"{name} verified again")
        assert caught.value.code == "escalation_closed"
    desk.wait(hours=24)
    checked = desk.ask(action="check", text=f"{name} error rate 0.1 %")
    assert "Done with it: the check 24 hours after the fix." in told(checked)


def test_a_check_that_fails_says_how_to_go_on() -> None:
    desk, name = resolved_desk()
    assert f"/escalate reopen {name}" in told(desk.ask(action="check", text=f"{name} it still fails for webhooks"))


def test_two_people_work_on_one() -> None:
    desk = Desk()
    name = desk.open(by="Sofia Lindqvist")
    desk.ask(by="Marcus Bell", action="update", text=f"{name} pool exhausted")
    desk.ask(by="Sofia Lindqvist", action="resolve", text=f"{name} pool enlarged")
    assert desk.escalations[name].owner == "Sofia Lindqvist"
    assert [update.author for update in desk.updates[name]] == ["Sofia Lindqvist", "Marcus Bell", "Sofia Lindqvist"]
    assert len({update.id for update in desk.updates[name]}) == 3


@pytest.mark.parametrize(
    "said", ["to be verified", "will verify tomorrow", "cannot be confirmed", "asked them to confirm", "no answer yet"]
)
def test_what_nobody_looked_at_is_no_check_and_no_verification(said: str) -> None:
    desk, name = resolved_desk()
    for action in ("check", "close"):
        outcome = desk.ask(action=action, text=f"{name} {said}")
        assert outcome.effects == ()
        assert outcome.question is not None


def test_the_customer_reads_when_the_ticket_was_reported() -> None:
    reported = ticket("SUP-7", "abc", opened_at=NOW - dt.timedelta(hours=3))
    desk = Desk(tickets=[reported])
    name = desk.open(ticket="SUP-7")
    desk.ask(action="resolve", text=f"{name} pool enlarged")
    assert "Reported 2026-06-26 11:30 UTC, solved" in text_of(desk.ask(action="close", text=f"{name} verified"))
