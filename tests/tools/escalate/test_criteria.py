"""Which issues are for engineering, what goes at once, and what is told where one is not."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.tools.escalate.conftest import PARAMETERS, SHIPPED, abc_corp, data, escalate, field, peer, told
from tools.escalate.data import EscalateData
from tools.escalate.parameters import EscalateParameters

COMPLETE = """\
Severity: SEV3
Endpoint: GET /v1/reports
Request: curl https://api.x.io/v1/reports
Timestamps: 2026-06-26 14:00 UTC
Request ids: req_1
Environment: production
Logs: attached (a.log)
Impact: 40% of their calls
Business impact: blocks their launch
Customer expectation: a fix by noon
"""
ERROR = "Error: 500 Internal Server Error\n"
SLOW = "Issue: reports take 5 s instead of 300 ms\nReproduction: open a report\n"


def criteria(found: EscalateData) -> dict[str, Any]:
    return {criterion.key: criterion.met for criterion in found.criteria}


@pytest.mark.parametrize(
    ("said", "peers", "latency", "several", "qualifies", "missing"),
    [
        ("5 s instead of 300 ms for several customers", 0, True, True, True, ()),
        ("5 s instead of 300 ms for 3 other customers", 0, True, True, True, ()),
        ("5 s instead of 300 ms", 1, True, True, True, ()),
        ("5 s instead of 300 ms", 0, True, "unknown", False, ("customers_affected",)),
        ("5 s instead of 300 ms, only this customer", 0, True, False, False, ()),
        ("1.5 s instead of 300 ms for several customers", 0, False, True, False, ()),
        ("1.501 s instead of 300 ms for several customers", 0, True, True, True, ()),
        ("10x slower for several customers", 0, True, True, True, ()),
        ("slow for several customers", 0, "unknown", True, False, ("latency_ms", "normal_latency_ms")),
        ("slow, latency is 5 s", 0, "unknown", "unknown", False, ("normal_latency_ms", "customers_affected")),
    ],
)
def test_a_performance_issue_needs_five_times_the_latency_and_several_customers(
    said: str, peers: int, latency: object, several: object, qualifies: bool, missing: tuple[str, ...]
) -> None:
    others = tuple(peer(f"t{n}", "Reports slow since today", f"peer{n}") for n in range(peers))
    found = data(f"{COMPLETE}Issue: reports: {said}\nReproduction: open a report\n", peers=others)
    assert (found.kind, found.quality) == ("performance", 5.0)
    assert (criteria(found)["latency"], criteria(found)["several_customers"]) == (latency, several)
    assert (found.qualifies, found.sendable, found.missing) == (qualifies, qualifies, missing)


def test_what_does_not_qualify_is_told_with_what_to_do_instead() -> None:
    outcome = escalate(f"{COMPLETE}{SLOW}")
    assert outcome.question is not None
    assert outcome.question.fields == ("customers_affected",)
    shown = told(outcome)
    assert "does not qualify for engineering as it stands" in shown
    assert "latency is above 5 times normal" in shown
    assert "16.67 times" in shown
    assert "none stated, and no similar ticket of another account" in shown
    assert "Keep it in tier 2" in shown


def test_latency_given_by_itself_counts() -> None:
    found = data(f"{COMPLETE}Issue: slow", latency_ms="5 s", normal_latency_ms=300, customers_affected=4)
    assert found.latency_ratio == pytest.approx(5000 / 300, abs=1e-9)
    assert found.qualifies


@pytest.mark.parametrize(
    ("issue", "fields", "met"),
    [
        (f"{COMPLETE}{ERROR}", {}, True),
        (f"{COMPLETE}Issue: an error", {}, "unknown"),
        (f"{COMPLETE}Issue: an error\nError: 429 Too Many Requests", {}, "unknown"),
        (f"{COMPLETE}Issue: an error\nError: 429 Too Many Requests", {"kind": "bug"}, True),
        (f"{COMPLETE}Kind: bug\nError: 429 Too Many Requests", {}, True),
    ],
)
def test_a_bug_is_an_error_in_our_code_that_can_be_reproduced(issue: str, fields: dict[str, Any], met: object) -> None:
    found = data(issue, **fields)
    assert found.kind == "bug"
    assert criteria(found)["bug"] == met
    assert found.qualifies is (met is True)


@pytest.mark.parametrize(
    ("issue", "kind"),
    [
        ("API returns 503, SEV3", "outage"),
        ("records are missing, SEV4", "data_corruption"),
        ("credentials leaked", "security"),
        ("503 errors and data loss", None),
        ("it is slow, SEV1", "performance"),
        ("SEV1, please call", None),
    ],
)
def test_sev1_outage_corruption_and_security_go_at_once(issue: str, kind: str | None) -> None:
    found = data(issue)
    assert (found.kind, found.sendable, found.incomplete) == (kind, True, True)
    assert found.package is not None
    assert [follow.field for follow in found.package.follows] == list(found.missing)


@pytest.mark.parametrize("issue", ["it is slow, SEV2", "exports crash", "hello"])
def test_anything_else_waits(issue: str) -> None:
    found = data(issue)
    assert (found.sendable, found.package) == (False, None)


def test_an_undecided_kind_is_asked_for() -> None:
    complete = f"{COMPLETE}{ERROR}".replace("500 Internal Server Error", "pool gone").replace("Error:", "Message:")
    outcome = escalate(complete.replace("Severity: SEV3", "Severity: SEV3\nReproduction: open it"))
    assert outcome.question is not None
    assert outcome.question.fields == ("kind",)
    assert outcome.question.choices == ("outage", "data_corruption", "security", "performance", "bug")


def test_two_kinds_are_asked_between() -> None:
    found = escalate(f"{COMPLETE}Issue: 503 errors and data loss\nReproduction: open it\n{ERROR}")
    assert found.question is not None
    assert (found.question.fields, found.question.choices) == (("kind",), ("outage", "data_corruption"))
    assert "outage or data corruption" in told(found)


def test_an_unstated_severity_is_asked_for_with_its_definitions() -> None:
    outcome = escalate(f"{COMPLETE}{ERROR}".replace("Severity: SEV3\n", ""))
    assert outcome.question is not None
    assert (outcome.question.fields, outcome.question.choices) == (("severity",), ("SEV1", "SEV2", "SEV3", "SEV4"))
    shown = told(outcome)
    assert all(level.definition in shown for level in PARAMETERS.severities.values())
    assert "production down, or" not in str(outcome.question.text)
    assert isinstance(outcome.report.data, EscalateData)
    assert not outcome.report.data.sendable


def test_kind_and_severity_are_not_guessed_from_other_tickets() -> None:
    peers = (peer("t1", "API down, 503 on /v1/reports, SEV1"),)
    found = data("GET /v1/reports does something odd", peers=peers)
    assert (found.kind, found.severity) == (None, None)
    assert [similar.ticket_id for similar in found.similar] == ["t1"]


@pytest.mark.parametrize(
    ("subject", "because"),
    [
        ("POST /v1/payments/ fails", "same endpoint POST /v1/payments"),
        ("Getting 502 errors on refunds", "same status 502"),
        ("Connection pool exhausted?", "same words: connection, exhausted, pool"),
        ("Gateway outage for us", "same kind of issue, same word: gateway"),
        ("POST /v1/payments/refunds fails", None),
        ("Password reset for 502 users", None),
        ("Acme cannot log in", None),
    ],
)
def test_a_similar_ticket_says_why(subject: str, because: str | None) -> None:
    issue = "POST /v1/payments: 502 Bad Gateway (connection pool exhausted) at Acme"
    found = data(issue, peers=(peer("t1", subject, "acme"),)).similar
    assert [similar.because for similar in found] == ([because] if because else [])


def test_a_customer_is_not_told_of_other_customers() -> None:
    peers = (peer("t1", "502 errors"),)
    outcome = escalate("API returns 502", peers=peers, audience="customer")
    assert isinstance(outcome.report.data, EscalateData)
    assert outcome.report.data.similar == ()
    assert "Beta" not in told(outcome)
    assert "Beta (beta)" in told(escalate("API returns 502", peers=peers))


@pytest.mark.parametrize(
    ("kind", "error", "quality"),
    [("bug", False, 4.5), ("bug", True, 5.0), ("performance", False, 5.0), ("data_corruption", False, 5.0)],
)
def test_each_item_is_worth_five_by_the_number_that_apply(kind: str, error: bool, quality: float) -> None:
    found = data(f"{COMPLETE}Reproduction: open it\n{ERROR if error else ''}", kind=kind)
    assert found.quality == pytest.approx(quality, abs=1e-9)


def test_an_item_that_does_not_apply_leaves_the_count() -> None:
    issue = f"{COMPLETE}{ERROR}".replace("Request ids: req_1", "Request ids: n/a, nothing reached us")
    found = data(issue.replace("Environment: production\n", ""))
    assert found.quality == pytest.approx(5 * 8 / 9, abs=1e-9)
    assert found.missing == ("environment",)
    assert {item.key: item.because for item in found.items}["request_ids"] == "nothing reached us"
    by_field = data(COMPLETE + ERROR, not_applicable={"logs": "nothing is logged"})
    assert by_field.quality == 5.0


def test_not_applicable_without_a_reason_stays_missing_and_is_told() -> None:
    outcome = escalate(f"{COMPLETE}{ERROR}".replace("req_1", "n/a"))
    assert isinstance(outcome.report.data, EscalateData)
    assert outcome.report.data.missing == ("request_ids",)
    assert "write why" in told(outcome)
    assert outcome.question is not None
    assert "without a reason" in str(outcome.question.text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"not_applicable": ["weather=sunny"]}, "weather is no rubric item"),
        ({"not_applicable": "logs"}, "logs is not applicable for which reason"),
        ({"not_applicable": {"logs": " "}}, "logs is not applicable for which reason"),
        ({"kind": "earthquake"}, "outage"),
        ({"severity": "SEV9"}, "SEV1"),
        ({"latency_ms": 0}, "greater than 0"),
        ({"customers_affected": 0}, "greater than or equal to 1"),
        ({"issue": "  \n "}, "at least 1 character"),
    ],
)
def test_arguments_that_make_no_sense_are_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        escalate(**({"issue": "it fails"} | given))


@pytest.mark.parametrize(
    ("field_name", "value", "read"),
    [
        ("severity", "sev 2, for now", "SEV2"),
        ("kind", "a bug, I think", "bug"),
        ("kind", "data corruption", "data_corruption"),
    ],
)
def test_an_answer_is_read_leniently(field_name: str, value: str, read: str) -> None:
    assert getattr(data("it fails", **{field_name: value}), field_name) == read


@pytest.mark.parametrize("issue", ["severity=SEV5 it fails", "Severity: SEV5, it fails", "it fails, SEV5"])
def test_a_severity_that_is_none_is_told(issue: str) -> None:
    shown = told(escalate(issue))
    assert "“SEV5” is no severity: the levels are SEV1 to SEV4" in shown
    assert "No severity is stated" not in shown


def test_what_was_only_read_settles_no_other_criterion() -> None:
    read, stated = data("exports crash"), data("exports crash", kind="bug")
    assert criteria(read)["outage"] == "unknown"
    assert criteria(stated)["outage"] is False
    assert {c.because for c in read.criteria if c.kind != "bug"} == {"read as product bug"}
    assert {c.because for c in stated.criteria if c.kind != "bug"} == {"the issue is stated as product bug"}
    assert field(escalate("exports crash"), "Kind") == "product bug (read from the text)"


def test_trouble_that_is_over_is_asked_about_not_sent() -> None:
    outcome = escalate("It was down yesterday but works again now. Not urgent.")
    assert isinstance(outcome.report.data, EscalateData)
    assert (outcome.report.data.kind, outcome.report.data.sendable) == (None, False)
    assert outcome.question is not None
    assert outcome.question.fields[0] == "kind"
    assert "The text says “works again”: what is still wrong?" in told(outcome)


@pytest.mark.parametrize(
    ("issue", "message"),
    [
        ("API returns 503 since 2025-06-25 10:00 UTC", "The failure is dated 2025-06-25, long before 2026-06-26"),
        ("API returns 503 since 2025-06-26 10:00 UTC", None),
        (
            "Impact: 100 % of API calls failing",
            "1.2% of API calls failed in the 7 days to 2026-06-26. The two disagree",
        ),
        ("Impact: 5% of calls fail", None),
    ],
)
def test_what_the_day_and_the_data_make_doubtful_is_told(issue: str, message: str | None) -> None:
    shown = told(escalate(issue))
    assert message in shown if message else "confirm" not in shown


def test_a_latency_may_be_answered_with_its_name() -> None:
    found = data("slow", normal_latency_ms="normal latency: 300 ms", latency_ms="5 s")
    assert found.latency_ratio == pytest.approx(5000 / 300, abs=1e-9)


def test_a_missing_zone_is_told() -> None:
    issue = f"{COMPLETE}{ERROR}".replace("14:00 UTC", "14:00")
    outcome = escalate(issue)
    assert outcome.question is not None
    assert outcome.question.fields == ("timestamps",)
    assert "the time zone is missing: “2026-06-26 14:00”" in str(outcome.question.text)
    assert field(outcome, "Timestamps") == "2026-06-26 14:00 (the time zone is missing)"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Customer: Other Inc ($500K ARR)", "The text names the customer Other Inc; this escalation is for ABC Corp"),
        ("Customer: ABC Corporation ($400K ARR)", "The text states $400K ARR; the ARR on record is USD 500,000"),
        ("Customer: ABC (EUR 500,000 ARR)", "The text states EUR 500,000 ARR; the ARR on record is USD 500,000"),
        ("renewal in 6 months", "The text says “renewal in 6 months”; the renewal date on record is 2026-08-25"),
        ("renews on 2026-08-26", "The text says “renews on 2026-08-26”; the renewal date on record is 2026-08-25"),
        ("Customer: ABC Corp ($500K ARR, renewal in 2 months)", None),
        ("renews on 2026-08-25, ARR: USD 0.5M", None),
    ],
)
def test_what_contradicts_the_account_s_data_is_told(line: str, message: str | None) -> None:
    shown = told(escalate(f"{line}\nIt fails"))
    if message is None:
        assert "on record" not in shown
        assert "this escalation is for" not in shown
    else:
        assert message in shown


def test_what_is_not_known_of_the_account_is_unknown() -> None:
    outcome = escalate(
        "it fails",
        one=abc_corp(arr=None, renewal_date=None, plan=None),
        facts={"usage": [], "tickets": [], "covered": {"tickets": None}},
    )
    assert field(outcome, "Failed calls (from usage data)") == "unknown"
    shown = told(outcome)
    assert "ARR unknown, renewal date unknown" in shown
    assert "open tickets: unknown" in shown


def test_usage_that_ends_long_before_is_no_share_of_today() -> None:
    ended = {"usage": dt.date(2026, 6, 10)}
    assert field(escalate("it fails", facts={"covered": ended}), "Failed calls (from usage data)") == "unknown"


GOOD = COMPLETE.splitlines() + ERROR.splitlines()


@given(st.sets(st.sampled_from(GOOD)), st.sampled_from(GOOD))
def test_one_more_item_never_lowers_the_quality(lines: set[str], one_more: str) -> None:
    less = data("\n".join(["kind: bug", *sorted(lines)]))
    more = data("\n".join(["kind: bug", *sorted(lines | {one_more})]))
    assert less.quality is not None
    assert more.quality is not None
    assert 0 <= less.quality <= more.quality <= 5
    assert set(more.missing) <= set(less.missing)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 6},
        {"severities": {}},
        {"kinds": {}},
        {"latency_factor": 1},
        {"unknown_setting": 1},
    ],
)
def test_wrong_parameters_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EscalateParameters.model_validate(SHIPPED | change)
