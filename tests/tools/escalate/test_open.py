"""Opening an escalation: written once, by those who may, and completed rather than opened twice."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.effects import AddEscalationUpdate, SetEscalation
from app.domain.problems import InvalidArguments
from app.domain.records import Escalation, EscalationUpdate
from tests.snapshots import ticket
from tests.tools.escalate.conftest import EXAMPLE, NOW, PARAMETERS, REST, Desk, abc_corp, told
from tools.escalate import COMMAND
from tools.escalate.arguments import EscalateArgs
from tools.escalate.data import EscalateData
from tools.escalate.opening import record_id
from tools.escalate.statement import understand

INCOMPLETE_BUG = "500 Internal Server Error on GET /v1/orders, SEV3"


def data(outcome: Outcome) -> EscalateData:
    found = outcome.report.data
    assert isinstance(found, EscalateData)
    return found


def test_a_package_that_may_go_is_recorded_with_its_text() -> None:
    outcome = Desk().ask(account="abc", issue=EXAMPLE)
    escalation, opened = (effect.item for effect in outcome.effects)
    assert isinstance(escalation, Escalation)
    assert isinstance(opened, EscalationUpdate)
    assert (escalation.account_id, escalation.opened_at, escalation.owner) == ("abc", NOW, "Sofia Lindqvist")
    assert (escalation.kind, escalation.severity, escalation.endpoint) == ("outage", "SEV1", "POST /api/v2/payments")
    assert escalation.quality == 4.0
    assert escalation.title == "API returning 503 errors since 2024-01-15 14:30 UTC"
    assert opened.kind == "opened"
    assert opened.text == escalation.package
    assert f"Opened as {escalation.id}, owner Sofia Lindqvist. Type undo to take it back." in told(outcome)
    assert "by 2026-06-26 15:00 UTC" in told(outcome)  # SEV1: 30 minutes after 14:30
    assert data(outcome).opened is not None


def test_the_package_on_record_reads_as_the_same_issue() -> None:
    escalation = Desk().ask(account="abc", issue=f"{EXAMPLE}\n{REST}").effects[0].item
    assert isinstance(escalation, Escalation)
    again = understand(EscalateArgs(account="abc", issue=escalation.package), PARAMETERS)
    before = understand(EscalateArgs(account="abc", issue=f"{EXAMPLE}\n{REST}"), PARAMETERS)
    assert (again.kind, again.severity, again.endpoint) == (before.kind, before.severity, before.endpoint)
    assert again.request_ids == before.request_ids
    assert again.texts["error"] == before.texts["error"]


def test_what_is_not_ready_is_not_written() -> None:
    outcome = Desk().ask(account="abc", issue=INCOMPLETE_BUG)
    assert outcome.effects == ()
    assert outcome.question is not None
    assert data(outcome).opened is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"typed": False}, "type /escalate with the account and this issue to open it"),
        ({"may_write": False}, "your key may only read"),
    ],
)
def test_a_model_or_a_reader_gets_the_same_package_and_nothing_is_written(options: dict[str, Any], said: str) -> None:
    desk = Desk()
    outcome, written = desk.ask(account="abc", issue=EXAMPLE, **options), Desk().ask(account="abc", issue=EXAMPLE)
    assert outcome.effects == ()
    assert said in told(outcome)
    assert data(outcome).package == data(written).package


def test_the_same_trouble_is_not_opened_twice() -> None:
    desk = Desk()
    first = desk.open()
    desk.wait(hours=3)
    again = desk.ask(by="Marcus Bell", account="abc", issue="POST /api/v2/payments answers 503, SEV1")
    assert again.effects == ()
    assert (
        f"Already open as {first} (owner Sofia Lindqvist, since 2026-06-26 14:30 UTC): not opened a second time."
        in told(again)
    )
    assert f"/escalate update {first}" in told(again)
    found = data(again)
    assert found.sendable
    assert found.already_open is not None
    assert found.already_open.id == first


@pytest.mark.parametrize(
    ("issue", "hours", "account"),
    [
        ("GET /v1/reports answers 503 since 09:00 UTC", 1, "abc"),  # another endpoint
        ("POST /api/v2/payments loses data: records are missing. data corruption", 1, "abc"),  # another kind
        ("POST /api/v2/payments answers 503", 25, "abc"),  # a day later
        ("POST /api/v2/payments answers 503", 1, "beta"),  # another customer
    ],
)
def test_other_trouble_is_opened(issue: str, hours: float, account: str) -> None:
    desk = Desk()
    desk.open()
    desk.wait(hours=hours)
    desk.ask(account=account, issue=issue)
    assert len(desk.escalations) == 2


def test_the_same_ticket_is_the_same_trouble_however_old() -> None:
    desk = Desk(tickets=[ticket("T-7", "abc")])
    first = desk.open(ticket="t-7")
    assert desk.escalations[first].ticket_id == "T-7"
    desk.wait(days=9)
    again = desk.ask(account="abc", issue="Ticket T-7: DELETE /v1/x answers 503 again")
    assert again.effects == ()
    assert first in told(again)


def test_after_the_close_the_same_trouble_is_a_new_case() -> None:
    desk = Desk()
    first = desk.open()
    desk.ask(action="resolve", text=f"{first} pool enlarged")
    desk.ask(action="close", text=f"{first} verified: their request answers 200")
    desk.wait(minutes=5)
    desk.open()
    assert len(desk.escalations) == 2


def test_an_answer_completes_the_package_on_record() -> None:
    desk = Desk()
    first = desk.open()
    desk.wait(minutes=10)
    outcome = desk.ask(account="abc", issue=f"{EXAMPLE}\n{REST}")
    (effect,) = outcome.effects
    assert isinstance(effect, SetEscalation)
    assert (effect.item.id, effect.item.quality, effect.item.opened_at) == (first, 5.0, NOW)
    assert "req_8f2" in (effect.item.package or "")
    assert data(outcome).completed is not None
    assert desk.ask(account="abc", issue=f"{EXAMPLE}\n{REST}").effects == ()  # said again, it adds nothing


def test_nothing_is_opened_on_a_day_that_is_over() -> None:
    desk = Desk()
    args = COMMAND.args(account="abc", issue=EXAMPLE)
    ctx = desk.context(args)
    past = dataclasses.replace(ctx, escalations=desk.book(ctx.as_of - timedelta(days=3)))
    outcome = COMMAND.run(past, args)
    assert outcome.effects == ()
    assert "Leave as_of out to open it" in told(outcome)


def test_account_and_issue_are_asked_for_together() -> None:
    for given, missing in (({}, ["account", "issue"]), ({"account": "abc"}, ["issue"]), ({"issue": "x"}, ["account"])):
        with pytest.raises(InvalidArguments) as caught:
            COMMAND.needs(COMMAND.args(**given))
        assert caught.value.extra["missing"] == missing


def test_ids_are_short_the_same_for_a_turn_and_without_letters_that_are_mistaken() -> None:
    found = {record_id("esc-", f"turn_{i}", 8) for i in range(2_000)}
    assert len(found) == 2_000
    assert record_id("esc-", "turn_1", 8) == record_id("esc-", "turn_1", 8)
    for name in found:
        assert len(name) == len("esc-7k2m-9qxd")
        assert not set(name.removeprefix("esc-")) & set("ilou")


def test_secrets_are_masked_in_what_is_kept() -> None:
    desk = Desk()
    desk.ask(
        account="abc",
        issue=f"{EXAMPLE}\nwe call it with the header Authorization: Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    )
    kept = str([*desk.escalations.values(), *desk.updates.values()])
    assert "4eC39HqLyjWDarjtT1zdp7dc" not in kept


def test_similar_open_escalations_are_shown_when_one_is_opened() -> None:
    desk = Desk()
    desk.open(account="beta", issue="POST /api/v2/payments answers 503, SEV1")
    desk.wait(minutes=1)
    outcome = desk.ask(account="abc", issue=EXAMPLE)
    (alike,) = data(outcome).similar_escalations
    assert (alike.account_id, alike.because) == ("beta", "same endpoint POST /api/v2/payments; same status 503")
    assert "Similar open escalations of other accounts" in told(outcome)
    assert any(isinstance(effect, AddEscalationUpdate) for effect in outcome.effects)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("all payments fail with 500", "outage"),
        ("All payments are failing since 14:30 UTC", "outage"),
        ("100% of calls fail with 500", "outage"),
        ("No payments go through", "outage"),
        ("nobody can pay", "outage"),
        ("not all payments fail", None),
        ("all requests fail with 401", "bug"),  # the request is at fault
        ("all payments over 10,000 fail", "bug"),  # a part
        ("all requests to /v1/x fail", "bug"),  # one endpoint
        ("Every request fails in the sandbox", "bug"),
        ("all calls fail for one user", "bug"),
        ("we checked all requests and one failed", "bug"),
        ("all my tests fail", "bug"),
    ],
)
def test_that_everything_fails_is_an_outage(said: str, kind: str | None) -> None:
    assert understand(EscalateArgs(account="abc", issue=said), PARAMETERS).kind == kind


def test_two_who_open_the_same_at_once_write_one_record() -> None:
    first, second, other = Desk(), Desk(), Desk()
    first.turns, second.turns = 10, 20  # two turns, neither of which sees the other's record
    name = first.open(by="Sofia Lindqvist")
    assert second.open(by="Marcus Bell") == name
    assert first.updates[name][0].id == second.updates[name][0].id
    assert other.open("GET /v1/orders answers 503, SEV1") != name


def test_the_same_trouble_later_is_another_record() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} fixed")
    desk.ask(action="close", text=f"{name} verified")
    again = desk.open()
    assert again != name
    del desk.escalations[name]
    assert desk.open("GET /v1/orders answers 503, SEV1") not in (name, again)


def test_another_ticket_is_other_trouble() -> None:
    desk = Desk(tickets=[ticket("SUP-7", "abc"), ticket("SUP-8", "abc")])
    name = desk.open("Logins are down, SEV1", ticket="SUP-7")
    assert desk.open("Webhooks are down, SEV1", ticket="SUP-8") != name
    assert desk.ask(account="abc", issue="It is down, SEV1").effects == ()


def test_an_account_that_left_is_told() -> None:
    desk = Desk(abc_corp(lifecycle="churned"))
    assert "on record as churned" in told(desk.ask(account="abc", issue=EXAMPLE))
