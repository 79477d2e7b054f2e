"""The filled-in template of the role's description: worked by hand, from chat and from programs."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Checklist, Notice, Verdict
from app.domain.command import Outcome
from tests.tools.escalate.conftest import EXAMPLE, REST, context, data, draft_of, escalate, field, shipped, told
from tools.health import COMMAND as HEALTH
from tools.health import HealthArgs, HealthParameters

LABELS = [
    "Customer",
    "Severity",
    "Kind",
    "Issue",
    "Impact",
    "Failed calls (from usage data)",
    "Customers affected",
    "Business impact",
    "Reproduction",
    "Endpoint",
    "Request",
    "Error",
    "Timestamps",
    "Request IDs",
    "Environment",
    "Customer expectation",
    "Logs",
]


def notices(outcome: Outcome) -> str:
    blocks = (block for block in outcome.report.blocks if isinstance(block, Notice))
    return "\n".join("".join(s if isinstance(s, str) else "…" for s in block.text) for block in blocks)


def test_it_scores_eight_of_ten_and_asks_for_exactly_what_is_missing() -> None:
    outcome = escalate(EXAMPLE)
    found = data(EXAMPLE)
    assert found.quality == pytest.approx(5 * 8 / 10, abs=1e-9)
    assert found.missing == ("request_ids", "environment")
    assert outcome.question is not None
    assert outcome.question.fields == ("request_ids", "environment")
    assert (found.kind, found.severity, found.qualifies) == ("outage", "SEV1", True)


def test_a_sev1_goes_at_once_marked_incomplete() -> None:
    found = data(EXAMPLE)
    assert (found.sendable, found.incomplete) == (True, True)
    assert found.package is not None
    assert [(f.field, f.owner) for f in found.package.follows] == [
        ("request_ids", "customer developer"),
        ("environment", "customer developer"),
    ]
    assert {f.due for f in found.package.follows} == {dt.datetime(2026, 6, 26, 15, 30, tzinfo=dt.UTC)}
    assert "marked incomplete" in told(escalate(EXAMPLE))


def test_the_due_time_is_told_in_the_deployment_s_zone() -> None:
    assert "2026-06-26 17:30 CEST" in told(escalate(EXAMPLE, zone="Europe/Berlin"))


def test_endpoint_and_curl_disagree() -> None:
    found = data(EXAMPLE)
    assert found.disagreements == (
        "The endpoint (POST /api/v2/payments) and the curl command (POST /payments) disagree. "
        "Say which one fails by endpoint: …",
    )
    assert found.disagreements[0] in notices(escalate(EXAMPLE))


@pytest.mark.parametrize(
    "complete",
    [
        {"issue": f"{EXAMPLE}\n{REST}"},
        {"issue": EXAMPLE, "request_ids": ["req_8f2", "req_9a1"], "environment": "production eu-west-1"},
        {"issue": EXAMPLE, "request_ids": "req_8f2, req_9a1", "environment": "production eu-west-1"},
    ],
)
def test_with_both_added_it_scores_five_and_shows_every_field(complete: dict[str, Any]) -> None:
    outcome, found = escalate(**complete), data(**complete)
    assert found.quality == pytest.approx(5.0, abs=1e-9)
    assert (found.missing, found.sendable, found.incomplete, outcome.question) == ((), True, False, None)
    assert [f.label for f in draft_of(outcome).fields] == LABELS
    assert field(outcome, "Request IDs") == "req_8f2, req_9a1"
    assert field(outcome, "Environment") == "production eu-west-1"
    assert field(outcome, "Request") == "curl -X POST https://api.example.com/payments -d '{\"amount\": 100}'"
    assert field(outcome, "Error") == "503 Service Unavailable (database connection pool exhausted)"
    assert field(outcome, "Customer expectation") == "Fix within 1 hour or they switch to competitor"
    given = [f.label for f in draft_of(outcome).fields if "not given" not in field(outcome, f.label)]
    assert given == [label for label in LABELS if label != "Customers affected"]


@pytest.mark.parametrize(
    "answer",
    [
        "req_8f2, req_9a1, production eu-west-1",
        "req_8f2\nproduction",
        "The request id is 8f2a9b1c, and it is in production",
        "request_ids=req_8f2 environment=production",
        "- Request IDs: req_8f2\n- Environment: production",
    ],
)
@pytest.mark.parametrize("issue", [EXAMPLE, EXAMPLE + "Impact: and more\n"])
def test_an_answer_added_below_completes_it(issue: str, answer: str) -> None:
    assert data(f"{issue}{answer}").quality == 5.0


def test_what_is_missing_is_marked_in_the_draft_and_told_whose_it_is() -> None:
    outcome = escalate(EXAMPLE)
    assert field(outcome, "Request IDs") == field(outcome, "Environment") == "not given"
    tasks = next(block for block in outcome.report.blocks if isinstance(block, Checklist)).items
    assert [(task.owner, task.due) for task in tasks] == [("customer developer", dt.date(2026, 6, 26))] * 2


@pytest.mark.parametrize(
    "issue",
    [
        EXAMPLE.replace("\n", "\r\n"),
        EXAMPLE.replace("\n", "\n\n"),
        EXAMPLE.replace("\n", "\n> "),
        EXAMPLE.replace("\n", " "),
        EXAMPLE.replace("*", ""),
        EXAMPLE.replace("*", "").replace("\n", " "),
        EXAMPLE.replace("**", "__"),
        f"```\n{EXAMPLE}```",
        f"please escalate this:\n```\n{EXAMPLE}```",
        EXAMPLE.replace("SEV1", "sev 1").replace("Endpoint:", "API endpoint:"),
        f"\ufeff{EXAMPLE}\x00\x07",
    ],
)
def test_it_is_read_however_it_was_pasted(issue: str) -> None:
    found = data(issue)
    assert found.quality == pytest.approx(4.0, abs=1e-9)
    assert found.missing == ("request_ids", "environment")
    assert found.severity == "SEV1"


def test_as_a_bug_below_sev1_it_waits_for_the_rest() -> None:
    issue = EXAMPLE.replace("SEV1", "SEV2")
    found = data(issue, kind="bug")
    assert (found.quality, found.sendable, found.package) == (4.0, False, None)
    assert "not ready for engineering" in told(escalate(issue, kind="bug"))
    complete = data(f"{issue}\n{REST}", kind="bug")
    assert (complete.quality, complete.sendable, complete.incomplete) == (5.0, True, False)


def test_nine_of_ten_items_are_enough() -> None:
    issue = EXAMPLE.replace("SEV1", "SEV2")
    found = data(f"{issue}\nenvironment: production", kind="bug")
    assert found.quality == pytest.approx(4.5, abs=1e-9)
    assert (found.sendable, found.incomplete, found.missing) == (True, True, ("request_ids",))


def test_the_account_s_data_are_filled_in() -> None:
    outcome = escalate(EXAMPLE)
    figures = {figure.key: figure for figure in outcome.report.figures}
    assert figures["arr"].value == 500_000
    assert figures["renewal.days_to_renewal"].value == 60
    assert figures["renewal.decision_date"].value == dt.date(2026, 7, 26)
    assert figures["usage.error_share.7d"].value == pytest.approx(100 * 84 / 7000, abs=1e-9)
    assert figures["tickets.open"].value == 1
    assert all(figure.evidence for figure in figures.values())
    shown = told(outcome)
    assert (
        "ABC Corp (ARR USD 500,000, renewal in 60 days on 2026-08-25, decision by 2026-07-26, plan Enterprise" in shown
    )
    assert "1.2% of API calls: 84 of 7,000 in the 7 days to 2026-06-26" in shown


def test_the_answer_starts_with_a_verdict_of_twelve_lines_at_most() -> None:
    first = escalate(EXAMPLE).report.blocks[0]
    assert isinstance(first, Verdict)
    assert len(first.lines) <= 11


def test_what_health_also_states_is_the_same_figure() -> None:
    ctx = context(parameters=HealthParameters.model_validate(shipped("health")))
    mine = {figure.key: figure for figure in escalate(EXAMPLE).report.figures}
    theirs = {figure.key: figure for figure in HEALTH.run(ctx, HealthArgs(account="abc")).report.figures}
    shared = mine.keys() & theirs.keys()
    assert {"arr", "renewal.date", "renewal.decision_date"} <= shared
    assert {key: mine[key] for key in shared} == {key: theirs[key] for key in shared}
