"""A CSE's first year: what the data shows, what a person says, and signing it off."""

import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.effects import SignOffRamp
from app.domain.problems import InvalidArguments
from app.domain.records import Escalation, RampSignoff, Ticket, Touchpoint
from tests.snapshots import AS_OF, account, days_before
from tests.tools.metrics.world import ask
from tools.metrics.data import GoalData, RampMetrics, SignedOff

SINCE = days_before(59)
"""AS_OF is day 60."""


def ramp(**given: Any) -> RampMetrics:
    args = {"action": "ramp", "owner": "sam", "since": SINCE} | given.pop("args", {})
    data = ask([account(), account("other", owner="Kim")], args=args, **given).report.data
    assert isinstance(data, RampMetrics)
    return data


def goal(data: RampMetrics, key: str) -> GoalData:
    return next(each for each in data.goals if each.key == key)


def solved(ticket_id: str, account_id: str = "acme", **fields: Any) -> Ticket:
    at = dt.datetime.combine(days_before(10), dt.time(10), dt.UTC)
    return Ticket(id=ticket_id, account_id=account_id, opened_at=at, resolved_at=at + dt.timedelta(hours=3), **fields)


def test_goals_are_due_by_day_and_shown_by_the_owners_own_accounts() -> None:
    tickets = [*(solved(f"t{i}") for i in range(5)), solved("theirs", "other"), solved("up", escalated=True)]
    data = ramp(tickets=tickets)
    assert (data.owner, data.day, data.assumed) == ("Sam", 60, False)
    found = goal(data, "d60.resolves")
    assert (found.value, found.state, found.due) == (5, "shown", AS_OF)
    assert goal(data, "d90.complex").due > AS_OF
    assert goal(ramp(tickets=tickets[1:]), "d60.resolves").state == "not_yet"


def test_sessions_escalations_and_what_only_a_person_can_say() -> None:
    training = Touchpoint(id="t", account_id="acme", date=days_before(5), kind="training", status="attended")
    at = dt.datetime.combine(days_before(5), dt.time(10), dt.UTC)
    escalations = [
        Escalation(id=f"e{who}", account_id="acme", opened_at=at, title="Down", owner=who, quality=quality)
        for who, quality in (("Sam", 4.6), ("Kim", 1.0))
    ]
    data = ramp(touchpoints=[training], escalations=escalations)
    assert goal(data, "d60.enablement").state == "shown"
    assert (goal(data, "d60.escalations").value, goal(data, "d60.escalations").state) == (4.6, "shown")
    assert goal(data, "d60.articles").state == "needs_sign_off"
    assert goal(ramp(), "d60.escalations").state == "needs_sign_off"  # no escalation of theirs


def test_a_sign_off_counts_whatever_the_data_shows() -> None:
    signed = RampSignoff(owner="Sam", goal="d60.resolves", signed_on=AS_OF, signed_by="Helen", note="Saw it")
    found = goal(ramp(ramp_signoffs=[signed]), "d60.resolves")
    assert (found.state, found.signed_by, found.note, found.value) == ("signed_off", "Helen", "Saw it", 0)


def test_the_first_day_is_assumed_where_nobody_names_it() -> None:
    data = ramp(args={"since": None})
    assert (data.since, data.assumed) == (days_before(400), True)


def test_nobody_is_called_so() -> None:
    with pytest.raises(InvalidArguments, match="Known: Kim, Sam"):
        ramp(args={"owner": "Pat"})


def sign(**given: Any) -> Outcome:
    args = {"action": "sign-off", "owner": "sam", "goal": "D60.articles", "note": "Two on webhooks"}
    return ask([account()], args=args | given.pop("args", {}), **given)


def test_a_typed_sign_off_is_written_in_the_managers_name() -> None:
    outcome = sign()
    assert outcome.effects == (
        SignOffRamp(
            item=RampSignoff(
                owner="Sam", goal="d60.articles", signed_on=AS_OF, signed_by="Helen", note="Two on webhooks"
            )
        ),
    )


def test_nothing_is_written_untyped_or_twice() -> None:
    assert sign(typed=False).effects == ()
    there = RampSignoff(owner="Sam", goal="d60.articles", signed_on=AS_OF, signed_by="Helen")
    again = sign(ramp_signoffs=[there])
    assert again.effects == ()
    assert isinstance(again.report.data, SignedOff)
    assert not again.report.data.written


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"actor": "Sam"}, "own goal"),
        ({"args": {"goal": "d60.magic"}}, "no goal"),
        ({"args": {"goal": None}}, "Which goal"),
        ({"args": {"owner": None}}, "Whose ramp"),
    ],
)
def test_what_cannot_be_signed_off(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArguments, match=words):
        sign(**given)
