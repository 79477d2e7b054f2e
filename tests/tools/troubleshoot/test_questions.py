"""The five questions: what answers each, and which are still asked."""

import pytest

from app.domain.blocks import Certainty
from tests.tools.troubleshoot.made import at, case_with, parameters
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import Diagnosed, Found
from tools.troubleshoot.facts.artifact import Artifact, sealed
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import ClientError, CorsMessage, Exchange, WebhookDelivery
from tools.troubleshoot.facts.identity import OAuthError, SamlResponse, Token
from tools.troubleshoot.facts.logs import Durations, LogSummary
from tools.troubleshoot.facts.tls import TlsTranscript
from tools.troubleshoot.questions import answered, missing
from tools.troubleshoot.rules.rule import Finding, Rule
from tools.troubleshoot.statement import QUESTIONS, QuestionKey

FAILED = Exchange(source="http", method="POST", url="https://api.example.com/v1/x", status=401)
LOG = LogSummary(
    format="plain", lines=2, parsed=2, records=2, errors=1, zone_known=True, first=at("10:00:00"), samples=(FAILED,)
)


def diagnosed(certainty: Certainty, rule: str = "token_expired") -> Diagnosed:
    found = Found(Rule(rule, "customer", lambda case: None), Finding(certainty, ("so",), ()))
    return Diagnosed("customer", (found,), ())


NOTHING = Diagnosed("undecided", (), ())


@pytest.mark.parametrize(
    ("fact", "keys"),
    [
        (FAILED, {"request"}),
        (FAILED.model_copy(update={"response_body": '{"error":"x"}'}), {"error", "request"}),
        (FAILED.model_copy(update={"response_headers": {"content-length": "0"}}), {"error", "request"}),
        (Exchange(source="http", method="GET", url="https://api.example.com/", status=200), {"request"}),
        (Exchange(source="http", status=429, at=at("10:00:00"), key_tail="9f3Q"), {"time", "key"}),
        (ClientError(reason="refused", text="x", at=at("10:00:00")), {"error", "time"}),
        (Token(), {"key"}),
        (OAuthError(error="invalid_grant"), {"error"}),
        (SamlResponse(status="Success", issue_instant=at("10:00:00")), {"time"}),
        (SamlResponse(status="Responder"), {"error"}),
        (TlsTranscript(verify_code=0), set()),
        (TlsTranscript(verify_code=20), {"error"}),
        (LOG, {"error", "request", "time"}),
        (WebhookDelivery(parsed_first=True), {"request"}),
        (CorsMessage(reason="other", text="x", url="https://api.example.com/"), {"error", "request"}),
        (WebhookDelivery(headers={"x": "y"}, verdict="mismatch"), {"error", "request"}),
    ],
)
def test_what_answers(fact: Fact, keys: set[QuestionKey]) -> None:
    assert set(answered(case_with(fact))) == keys


def test_the_own_words_come_first_and_else_the_place() -> None:
    assert answered(case_with(FAILED, said="We call POST /v1/x"))["request"] == "POST /v1/x"
    assert answered(case_with(FAILED))["request"] == "line 1 (exchange)"


@pytest.mark.parametrize("certainty", ["known", "likely"])
def test_nothing_is_asked_where_one_cause_leads_on(certainty: Certainty) -> None:
    """What would prove a likely cause is asked for in its own words."""
    assert missing(case_with(), diagnosed(certainty)) == ()


def test_several_likely_causes_that_disagree_on_the_side_are_asked_about() -> None:
    one, other = diagnosed("likely").causes[0], diagnosed("likely").causes[0]
    assert missing(case_with(), Diagnosed("undecided", (one, other), ())) == (
        "error",
        "request",
        "time",
        "key",
        "expected",
    )
    assert missing(case_with(), Diagnosed("customer", (one, other), ())) == ()


def test_with_no_cause_in_sight_each_open_question_is_asked() -> None:
    assert missing(case_with(), NOTHING) == QUESTIONS
    assert missing(case_with(FAILED, said="It failed at 10:00 UTC."), NOTHING) == ("error", "key")


def test_who_signs_in_is_not_asked_for_a_key() -> None:
    assert "key" not in missing(case_with(said="SAML login fails for all of us"), NOTHING)
    assert "key" in missing(case_with(said="The calls fail for all of us"), NOTHING)


def test_slow_calls_that_a_log_shows_have_no_error_to_quote() -> None:
    slow = LOG.model_copy(update={"errors": 0, "samples": (), "statuses": {"200": 9}, "durations": durations(3_000)})
    assert "error" not in missing(case_with(slow), NOTHING)
    assert "error" in missing(case_with(slow, said="They answer 401"), NOTHING)
    assert "error" in missing(case_with(slow.model_copy(update={"statuses": {"200": 8, "404": 1}})), NOTHING)
    assert "error" in missing(case_with(slow.model_copy(update={"durations": durations(90)})), NOTHING)


def test_an_access_log_tells_statuses_and_no_error() -> None:
    assert "error" not in answered(case_with(LOG.model_copy(update={"format": "nginx"})))
    assert "error" in answered(case_with(LOG))


@pytest.mark.parametrize(
    ("written", "told"),
    [("GET /v1/x key=..9d9d 401", True), ("X-Api-Key: [api-key…9f3Q]", True), ("the key is wrong", False)],
)
def test_the_tail_of_a_key_is_found_in_an_artifacts_own_words(written: str, told: bool) -> None:
    case = case_of_artifact(sealed("log", written))
    assert ("key" in answered(case)) is told


@pytest.mark.parametrize(
    ("family", "asked"),
    [
        ("key", ("error", "request", "time", "key")),
        ("sso", ("error", "time")),
        ("tls", ("error", "time")),
        ("network", ("error", "request", "time")),
        ("data", ("error", "request", "expected")),
    ],
)
def test_a_possible_cause_asks_what_its_family_needs(family: str, asked: tuple[QuestionKey, ...]) -> None:
    open_ones = missing(_of_family(case_with(), family), diagnosed("possible"))
    assert tuple(key for key in open_ones if key != "expected" or family == "data") == asked


def test_what_was_expected_is_asked_where_no_failure_is_shown() -> None:
    case = _of_family(case_with(), "tls")
    assert "expected" in missing(case, diagnosed("possible"))
    assert "expected" not in missing(_of_family(case_with(FAILED), "tls"), diagnosed("possible"))


def test_each_question_is_one_polite_sentence() -> None:
    for texts in parameters().questions.values():
        assert "?" in texts.ask
        assert texts.ask[0].isupper()


def durations(longest: float) -> Durations:
    return Durations(count=9, p50=40, p95=longest, p99=longest, max=longest)


def case_of_artifact(artifact: Artifact) -> Case:
    bare = case_with()
    return Case(bare.now, bare.as_of, (artifact,), bare.statement, bare.parameters)


def _of_family(case: Case, family: str) -> Case:
    rules = {"token_expired": parameters().rules["token_expired"].model_copy(update={"family": family})}
    changed = parameters().model_copy(update={"rules": rules})
    return Case(case.now, case.as_of, case.artifacts, case.statement, changed, case.known, case.mark)
