"""/escalate postmortem and similar: from the record alone; what is not on record is asked, never made up."""

import datetime as dt

import pytest
import yaml

from app.domain.command import Outcome
from app.domain.problems import NotFound
from app.domain.records import Commitment
from tests.snapshots import AS_OF, noon, ticket
from tests.tools.escalate.conftest import EXAMPLE, NOW, PARAMETERS, TOOLS, Desk, told
from tools.escalate.data import ListData, PostmortemData, SimilarCasesData


def drafted(outcome: Outcome) -> PostmortemData:
    assert isinstance(outcome.report.data, PostmortemData)
    return outcome.report.data


def whole_case(**facts: object) -> tuple[Desk, str]:
    """Ticket at 13:30, first response 13:50, escalated 14:30, fixed 16:30, closed 17:00."""
    reported = ticket(
        "SUP-7", "abc", opened_at=NOW - dt.timedelta(hours=1), first_response_at=NOW - dt.timedelta(minutes=40)
    )
    promise = Commitment(
        id="c1",
        account_id="abc",
        made_on=AS_OF,
        by="Tilda Roe",
        what="Send a summary",
        due=AS_OF + dt.timedelta(days=3),
    )
    desk = Desk(tickets=[reported], commitments=[promise])
    name = desk.open(ticket="SUP-7")
    desk.wait(hours=1)
    desk.ask(by="Marcus Bell", action="update", text=f"{name} Root cause: the pool of connections was exhausted.")
    desk.wait(hours=1)
    desk.ask(action="resolve", text=f"{name} Pool enlarged")
    desk.wait(minutes=30)
    desk.ask(action="close", text=f"{name} Verified: 200 again")
    return desk, name


def test_the_draft_is_made_of_the_record() -> None:
    desk, name = whole_case()
    outcome = desk.ask(action="postmortem", escalation=name)
    found = drafted(outcome)
    assert (found.escalation_id, found.ticket_id, found.severity) == (name, "SUP-7", "SEV1")
    assert found.response_hours == pytest.approx(1 / 3)
    assert found.response_met is True
    assert found.resolution_hours == 3  # from the ticket, not from the escalation
    assert found.resolution_met is True
    kinds = [event.kind for event in found.timeline]
    assert kinds == ["ticket", "ticket", "opened", "update", "resolved", "check", "closed"]
    assert [event.at for event in found.timeline] == sorted(event.at for event in found.timeline)
    assert found.causes == ("“Root cause: the pool of connections was exhausted.” (Marcus Bell, 2026-06-26 15:30 UTC)",)
    shown = told(outcome)
    for said in ("What went well: …", "100% of their API calls failing", "USD 500,000", "Send a summary", "Tilda Roe"):
        assert said in shown


def test_the_ticket_names_the_same_case() -> None:
    desk, name = whole_case()
    assert drafted(desk.ask(action="postmortem", escalation="sup-7")).escalation_id == name
    assert drafted(desk.ask(action="postmortem", account="abc")).escalation_id == name


def test_what_is_not_on_record_is_asked() -> None:
    desk = Desk()
    name = desk.open()
    found = drafted(desk.ask(action="postmortem", escalation=name))
    assert (found.causes, found.response_hours, found.resolution_hours, found.resolved_at) == ((), None, None, None)
    assert (found.response_met, found.resolution_met) == (None, None)
    asked = " ".join(found.open_questions)
    for word in ("cause", "no ticket", "fixed"):
        assert word in asked
    assert "not recorded" in told(desk.ask(action="postmortem", escalation=name))


def test_a_denied_cause_is_none() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="update", text=f"{name} We have no root cause yet.")
    assert drafted(desk.ask(action="postmortem", escalation=name)).causes == ()


def test_a_case_that_runs_past_its_target_is_told() -> None:
    desk = Desk()
    name = desk.open()
    desk.wait(hours=8, minutes=1)
    assert drafted(desk.ask(action="postmortem", escalation=name)).resolution_met is False


@pytest.mark.parametrize(
    ("severity", "response", "resolved", "met"),
    [
        ("SEV1", 0.5, 7, (True, True)),
        ("SEV1", 2, 9, (False, False)),
        ("SEV2", 3, 72, (True, True)),
        ("SEV2", 5, 73, (None, False)),  # five hours may be less in business hours: not decided
        (None, 3, 168, (True, True)),  # counts as SEV3
    ],
)
def test_a_ticket_without_an_escalation(
    severity: str | None, response: float, resolved: float, met: tuple[bool | None, bool | None]
) -> None:
    opened = noon(AS_OF - dt.timedelta(days=9))
    one = ticket(
        "SUP-9",
        "abc",
        opened_at=opened,
        first_response_at=opened + dt.timedelta(hours=response),
        hours=resolved,
        severity=severity,
        subject="Webhooks arrive late",
    )
    desk = Desk(tickets=[one])
    outcome = desk.ask(action="postmortem", escalation="sup-9")
    found = drafted(outcome)
    assert (found.escalation_id, found.ticket_id) == (None, "SUP-9")
    assert (found.response_met, found.resolution_met) == met
    assert (found.response_hours, found.resolution_hours) == (response, resolved)
    assert "Webhooks arrive late" in told(outcome)


def test_nothing_is_written_and_what_is_not_there_is_not_found() -> None:
    desk, name = whole_case()
    assert desk.ask(action="postmortem", escalation=name).effects == ()
    with pytest.raises(NotFound):
        desk.ask(action="postmortem", escalation="SUP-404")
    assert isinstance(desk.ask(action="postmortem").report.data, ListData)


def test_the_targets_are_those_of_the_health_score() -> None:
    """One rule, told in two files: each command reads its own parameters."""
    health = yaml.safe_load((TOOLS / "health.yaml").read_text(encoding="utf-8"))
    targets = health["components"]["resolution_time"]["target_hours"]
    assert {name: target.resolution_hours for name, target in PARAMETERS.targets.items()} == targets


def test_similar_cases_of_other_accounts() -> None:
    desk = Desk()
    mine = desk.open(EXAMPLE)
    other = desk.open("POST /api/v2/payments answers 503, SEV2", account="beta")
    outcome = desk.ask(action="similar", escalation=mine)
    found = outcome.report.data
    assert isinstance(found, SimilarCasesData)
    assert [case.escalation_id for case in found.escalations] == [other]
    desk.ask(action="resolve", text=f"{other} fixed")
    desk.ask(action="close", text=f"{other} verified")
    assert "no other account" in told(desk.ask(action="similar", escalation=mine))


def test_a_promise_of_another_ticket_is_none_of_this_one() -> None:
    opened = noon(AS_OF - dt.timedelta(days=9))
    promises = [
        Commitment(id="c1", account_id="abc", made_on=AS_OF - dt.timedelta(days=60), what=what, source=source)
        for what, source in (("Ours", "ticket SUP-1, call"), ("Theirs", "SUP-15"))
    ]
    desk = Desk(tickets=[ticket("SUP-1", "abc", opened_at=opened, hours=3)], commitments=promises)
    found = drafted(desk.ask(action="postmortem", escalation="SUP-1"))
    assert [action.what for action in found.actions] == ["Ours"]


@pytest.mark.parametrize("said", ["We are looking for the root cause.", "It was probably caused by the release."])
def test_a_guess_is_no_cause(said: str) -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="update", text=f"{name} {said}")
    assert drafted(desk.ask(action="postmortem", escalation=name)).causes == ()


def test_what_was_opened_after_the_fix_is_no_part_of_the_impact() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} fixed")
    desk.wait(hours=1)
    desk.open("POST /api/v2/payments answers 503, SEV2", account="beta")
    assert "alike" not in told(desk.ask(action="postmortem", escalation=name))


def test_a_late_check_says_when_it_was_made() -> None:
    desk, name = whole_case()
    desk.wait(days=40)
    desk.ask(action="check", text=f"{name} error rate 0.1 %")
    week = next(a for a in drafted(desk.ask(action="postmortem", escalation=name)).actions if "one week" in a.what)
    assert week.done
    assert "(made 2026-08-05 17:00 UTC)" in week.what
