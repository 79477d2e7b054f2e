"""Engineering: offered by the criteria of /escalate alone, with a message that /escalate reads without loss."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.command import Invocation, Outcome
from app.domain.directory import AccountDirectory, AccountName
from app.domain.records import Escalation
from app.domain.snapshot import EscalationBook
from app.domain.syntax import parse
from tests.snapshots import AS_OF, ticket
from tests.tools.escalate.conftest import EXAMPLE
from tests.tools.escalate.conftest import PARAMETERS as ESCALATE
from tests.tools.troubleshoot.asked import (
    a_file,
    acme,
    ask,
    context,
    data,
    diagnosed_as,
    drafts,
    field_of,
    found,
    peer,
    told,
)
from tests.tools.troubleshoot.made import NOW, at
from tools import escalate
from tools.escalate.arguments import EscalateArgs
from tools.escalate.data import EscalateData
from tools.escalate.statement import Statement, understand
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import LogSummary, Template
from tools.troubleshoot.reading.text import read_text

DOWN = Exchange(
    line=1,
    source="http",
    method="POST",
    url="https://api.example.com/v1/payments",
    status=503,
    reason="Service Unavailable",
    response_body='{"message": "database connection pool exhausted; retry: later"}',
    at=at("11:30:00"),
    request_ids=("req_81f2", "req_9a11"),
)
LINE = '203.0.113.5 - - [26/Jun/2026:11:30:00 +0000] "POST /v1/payments HTTP/1.1" 503 41'
LOG = LogSummary(
    line=4,
    format="nginx",
    lines=400,
    parsed=400,
    records=400,
    errors=120,
    zone_known=True,
    first=at("11:00:00"),
    last=at("11:30:00"),
    templates=(
        Template(text="POST /v1/payments 503", count=120, is_error=True, first=at("11:00:00"), line=1, sample=LINE),
    ),
)
SAID = (
    "SEV1: our checkout is down since 11:00 UTC, all users are hit.\nWe lose $50K an hour.\n"
    "It runs in production, eu-west-1. error: see below; kind=other"
)
OURS = found("service_unavailable", "product", "likely", "Our service answered 503 on every call")


def message_of(outcome: Outcome) -> str:
    found_data = data(outcome).escalation
    assert found_data is not None
    assert found_data.message is not None
    return found_data.message


def read_again(outcome: Outcome) -> tuple[Invocation, Statement]:
    """The message as it is read when a person sends it."""
    directory = AccountDirectory([AccountName("acme", "Acme", ())])
    invocation = parse(message_of(outcome), {"escalate": escalate.COMMAND}, directory)
    assert isinstance(invocation, Invocation)
    return invocation, understand(EscalateArgs(account="acme", issue=invocation.arguments["issue"]), ESCALATE)


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, OURS)


@pytest.mark.usefixtures("down")
def test_the_message_is_read_without_loss() -> None:
    invocation, stated = read_again(ask(files=(a_file(DOWN, LOG, said=SAID),)))
    assert invocation.account == "acme"
    assert (stated.severity, stated.kind, str(stated.endpoint)) == ("SEV1", "outage", "POST /v1/payments")
    assert stated.texts["error"] == f"503 Service Unavailable {DOWN.response_body}"
    assert stated.request_ids == ("req_81f2", "req_9a11")
    assert stated.texts["logs"] == LINE
    assert stated.texts["impact"].startswith("30% of requests failed (120 of 400 in the log)")
    assert stated.texts["environment"] == "production, eu-west-1"
    assert [moment.text for moment in stated.moments] == ["2026-06-26 11:00:00 UTC", "2026-06-26 11:30:00 UTC"]
    assert stated.summary.startswith("SEV1: our checkout is down since 11:00 UTC, all users are hit.")
    assert stated.disagreements == ()


@pytest.mark.usefixtures("down")
def test_it_is_the_same_case_to_escalate_as_to_troubleshoot() -> None:
    outcome = ask(files=(a_file(DOWN, LOG, said=SAID),))
    invocation, _ = read_again(outcome)
    ctx = replace(context(), parameters=ESCALATE)
    again = escalate.COMMAND.run(ctx, EscalateArgs(account="acme", issue=invocation.arguments["issue"])).report.data
    assert isinstance(again, EscalateData)
    ours = data(outcome).escalation
    assert ours is not None
    assert (again.qualifies, again.kind, again.severity, again.missing) == (
        ours.qualifies,
        ours.kind,
        ours.severity,
        ours.missing,
    )


def test_the_example_of_the_role_s_description_goes_to_engineering_with_all_that_it_states() -> None:
    outcome = ask(EXAMPLE)
    assert (data(outcome).side, data(outcome).support.tier) == ("product", 3)
    _, stated = read_again(outcome)
    assert (stated.severity, stated.kind) == ("SEV1", "outage")
    assert stated.summary == "API returning 503 errors since 2024-01-15 14:30 UTC"
    assert stated.texts["impact"] == "100% of their API calls failing (10K req/min)"
    assert stated.texts["business_impact"] == "Their checkout is down, $50K/hour revenue loss"
    assert stated.texts["customer_expectation"] == "Fix within 1 hour or they switch to competitor"
    assert "database connection pool exhausted" in stated.texts["error"]


@pytest.mark.usefixtures("down")
def test_nothing_is_escalated_by_itself() -> None:
    outcome = ask(files=(a_file(DOWN, said=SAID),), typed=True, may_write=True)
    assert {effect.kind for effect in outcome.effects} == {"record_commitment"}
    assert "Nothing is escalated until a person sends it." in told(outcome)
    assert field_of(drafts(outcome, "internal")[0], "Message") == message_of(outcome)


@pytest.mark.parametrize(
    ("side", "certainty", "said", "offered"),
    [
        ("product", "likely", "it fails", True),
        ("product", "possible", "it fails", False),
        ("customer", "likely", "all our calls fail, the API is down", False),
        ("customer", "known", "the API is down", False),
        ("undecided", "possible", "it fails now and then", False),
        ("undecided", "possible", "your API is down", True),
        ("customer", "known", "somebody else logged in to our account without our knowledge", True),
    ],
)
def test_what_is_offered_to_engineering(
    monkeypatch: pytest.MonkeyPatch, side: Any, certainty: Any, said: str, offered: bool
) -> None:
    diagnosed_as(monkeypatch, found("token_expired", side, certainty, "Something"))
    outcome = ask(said)
    escalation = data(outcome).escalation
    assert escalation is not None
    assert escalation.offered is offered
    assert ("/escalate acme" in told(outcome)) is offered


def test_what_is_ours_and_not_shown_yet_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("server_error", "product", "likely", "An error in our service"))
    outcome = ask("Sometimes it does not work")
    escalation = data(outcome).escalation
    assert escalation is not None
    assert escalation.kind == "bug"
    assert not escalation.qualifies
    assert "Not yet for engineering: bug: not shown to be reproducible" in told(outcome)
    assert data(outcome).support.tier == 2


METERS = (
    "POST /v1/events answers 503 Service Unavailable since 2026-06-26 11:39 UTC in production, about 80 % of the calls,"
    " meter readings of 40,000 homes do not arrive. SEV1. They expect a fix within the hour."
    " curl -X POST https://api.example.com/v1/events -d '{\"kwh\":1.2}' should answer 202."
)
EVENTS = "\n".join(
    f"2026-06-26T11:{minute}:0{call}Z INFO events-api [req_7f0{minute}{call}] POST /v1/events 202 38ms"
    if minute < 39
    else f"2026-06-26T11:{minute}:0{call}Z ERROR events-api [req_7f0{minute}{call}] POST /v1/events 503 1003ms "
    "HikariPool-1 - Connection is not available, request timed out after 1000ms"
    for minute in range(30, 45)
    for call in range(5)
)


def test_an_outage_of_ours_comes_with_a_package_that_is_sent_as_it_stands() -> None:
    outcome = ask(METERS, files=(read_text(EVENTS, "events-api.log"),))
    found_data = data(outcome).escalation
    assert found_data is not None
    assert (data(outcome).side, found_data.severity, found_data.qualifies, found_data.missing) == (
        "product",
        "SEV1",
        True,
        (),
    )
    _, stated = read_again(outcome)
    assert stated.texts["impact"] == "100% of requests failed since 2026-06-26 11:39 UTC (30 of 30 in the log)"
    assert stated.texts["business_impact"] == "meter readings of 40,000 homes do not arrive"
    assert "https://api.example.com/v1/events" in stated.texts["request"]
    assert stated.texts["customer_expectation"] == "They expect a fix within the hour"
    assert "Do now: Read the package for engineering below, and send it as SEV1. (us)" in told(outcome)


def test_the_same_words_alone_are_not_the_same_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    others = (peer("T-8", "Export of all events before a move"), peer("T-9", "Ingest answers 503 for every manifest"))
    outcome = ask("Export of all events answers 503 Service Unavailable", peers=others)
    assert [each.id for each in data(outcome).elsewhere] == ["T-9"]


def test_severity_is_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, OURS)
    escalation = data(ask(files=(a_file(DOWN, said="checkout is down"),))).escalation
    assert escalation is not None
    assert escalation.severity is None
    assert "Severity" not in (escalation.message or "")


@pytest.mark.usefixtures("down")
def test_without_an_account_the_message_leaves_its_place() -> None:
    outcome = ask(files=(a_file(DOWN, said=SAID),), alone=True, peers=(peer("T-9", "503 on POST /v1/payments"),))
    assert message_of(outcome).startswith("/escalate ACCOUNT\n")
    assert [each.id for each in data(outcome).elsewhere] == ["T-9"]
    assert data(outcome).support.tier == 3


@pytest.mark.usefixtures("down")
def test_the_same_at_other_accounts_and_in_the_past_is_told() -> None:
    other = Escalation(
        id="esc-1", account_id="beta", opened_at=NOW, title="Payments", kind="outage", endpoint="POST /v1/payments"
    )
    beta = acme(name="Beta").model_copy(update={"id": "beta"})
    book = EscalationBook(AS_OF, (other,), {}, {"beta": beta}, {})
    facts = {"tickets": (ticket("T-3", subject="503 on POST /v1/payments", hours=4, days_ago=40),)}
    outcome = ask(
        files=(a_file(DOWN, said=SAID),), book=book, peers=(peer("T-9", "503 on POST /v1/payments"),), facts=facts
    )
    assert [(each.kind, each.id) for each in data(outcome).elsewhere] == [("ticket", "T-9"), ("escalation", "esc-1")]
    assert [each.id for each in data(outcome).past] == ["T-3"]
    assert "1 other account reports something similar" in told(outcome)
    assert "| T-3 | 2026-05-17 | 503 on POST /v1/payments | resolved | same endpoint POST /v1/payments" in told(outcome)


def test_the_ticket_that_is_asked_about_is_none_of_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, OURS)
    same = ticket("T-3", subject="503 on POST /v1/payments", body="POST /v1/payments answers 503 Service Unavailable")
    assert data(ask(ticket="t-3", facts={"tickets": (same,)})).past == ()
