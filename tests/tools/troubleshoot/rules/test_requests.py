"""Rules of what was sent: invalid, too large, of another type, in another encoding; and 500s that follow from it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.asked import JSON, ask, call, evidence, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.identity import OAuthError, ScimError
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules.body_fields import fields_in
from tools.troubleshoot.rules.content import type_fault
from tools.troubleshoot.rules.json_faults import json_fault

FIELDS = '{"title":"Validation failed","errors":[{"field":"amount","message":"must be a number"}]}'
HTML = {"content-type": "text/html"}
SENT = {"method": "POST", "request_headers": JSON}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(422, FIELDS, **SENT)), "known customer"),
        (case_with(call(400, '{"error":"Unexpected token } in JSON at position 12"}', **SENT)), "known customer"),
        (case_with(call(200, '{"error":{"status":422,"message":"amount is required"}}', **SENT)), "known customer"),
        (case_with(call(400, request_body='{"a": 1,}', **SENT)), "likely customer"),
        (case_with(call(422)), "likely customer"),
        (case_with(JsonBody(text='{"a": 1,}', fault="trailing comma"), call(400)), "likely customer"),
        (case_with(JsonBody(text=FIELDS, fields=("quantity",))), "likely customer"),
        (case_with(call(400)), "possible customer"),
        (with_statuses(case_with(said="it says 400"), 400), "possible customer"),
        (case_with(call(400, "<html>400</html>", response_headers=HTML)), None),
        (case_with(call(400, FIELDS), OAuthError(error="invalid_grant")), None),
        (case_with(call(400, FIELDS), ScimError(status=400, scim_type="invalidValue")), None),
        (case_with(call(401, '{"error":"Authentication is required"}')), None),
        (case_with(call(404, '{"error":"is not a valid id"}')), None),
        (case_with(call(200, request_body='{"a": 1,}', **SENT)), None),
        (case_with(call(400, FIELDS, url="https://api.stripe.com/v1/charges")), None),
    ],
)
def test_payload_invalid(case: Case, expected: str | None) -> None:
    assert told("payload_invalid", case) == expected


def test_the_fields_are_named() -> None:
    found = ask("payload_invalid", case_with(call(422, FIELDS, **SENT)))
    assert found is not None
    assert found.finding.values["fields"] == "amount"


def test_a_500_that_follows_from_the_input() -> None:
    case = case_with(call(500, '{"error":"JSONDecodeError"}', request_body="{'a': 1}", **SENT))
    assert told("payload_invalid", case) == "likely customer"
    assert told("server_error", case) == "possible undecided"
    assert "a 400 was due" in evidence("payload_invalid", case)
    assert diagnose(case).side == "customer"


def test_a_500_that_depends_on_a_field_by_what_is_said() -> None:
    case = case_with(call(500), said="it fails only when the field note is empty")
    assert told("payload_invalid", case) == "possible customer"
    assert told("payload_invalid", case_with(call(500), said="it fails only when it rains")) is None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(413)), "known customer"),
        (case_with(call(400, "<h1>Request Header Or Cookie Too Large</h1>")), "known customer"),
        (case_with(JsonBody(text='{"error":"payload too large"}', status=413)), "known customer"),
        (with_statuses(case_with(said="413"), 413), "likely customer"),
        (case_with(call(400, FIELDS)), None),
        (case_with(said="is the file too large for the upload?"), None),
    ],
)
def test_payload_too_large(case: Case, expected: str | None) -> None:
    assert told("payload_too_large", case) == expected


def test_the_size_is_a_figure() -> None:
    case = case_with(call(413, method="POST", request_headers={"content-length": "12582912"}))
    assert "The request's body has 12,582,912 bytes" in evidence("payload_too_large", case)


FORM_HEADER = {"content-type": "application/x-www-form-urlencoded"}
BARE_CURL = {"method": "POST", "source": "curl", "request_body": '{"amount": 100}'}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(415, '{"error":"Unsupported Media Type"}')), "known customer"),
        (case_with(call(415, request_body="a=1&b=2", **SENT)), "known customer"),
        (case_with(call(415)), "likely customer"),
        (case_with(call(400, **BARE_CURL)), "likely customer"),
        (
            case_with(call(422, FIELDS, method="POST", request_headers=FORM_HEADER, request_body='{"a":1}')),
            "likely customer",
        ),
        (with_statuses(case_with(said="415"), 415), "possible customer"),
        (case_with(call(200, **BARE_CURL)), None),
        (case_with(call(401, **BARE_CURL)), None),
        (case_with(call(400, FIELDS, request_body='{"a":1}', **SENT)), None),
        (case_with(call(400, method="POST", request_headers=FORM_HEADER, request_body="a=1")), None),
    ],
)
def test_content_type(case: Case, expected: str | None) -> None:
    assert told("content_type", case) == expected


def test_fields_that_are_missing_since_the_type_is_wrong() -> None:
    diagnosed = diagnose(case_with(call(422, FIELDS, **BARE_CURL)))
    assert [each.rule.id for each in diagnosed.causes] == ["content_type"]


@pytest.mark.parametrize(
    ("kind", "body", "faulty"),
    [
        ("application/json", "a=1&b=2", True),
        ("application/json", '{"a":1}', False),
        ("application/json; charset=utf-8", "grant_type=x", True),
        ("application/x-www-form-urlencoded", '{"a":1}', True),
        ("text/plain;charset=UTF-8", '{"a":1}', True),
        ("multipart/form-data", "--x", True),
        ("multipart/form-data; boundary=x", "--x", False),
        ("application/json", "", False),
        ("application/json", "a" * 3_000, False),
        ("", '{"a":1}', False),
        ("", "a=1", False),
    ],
)
def test_type_fault(kind: str, body: str, faulty: bool) -> None:
    headers = {"content-type": kind} if kind else {}
    assert (type_fault(call(400, request_body=body, request_headers=headers)) is not None) is faulty


def counted(length: str) -> dict[str, object]:
    """A body of 15 characters and 16 bytes, declared as so long."""
    return {"request_body": '{"n": "Müller"}', "request_headers": {**JSON, "content-length": length}}


def test_a_body_that_was_cut_by_its_length_is_not_invalid() -> None:
    answer = call(400, '{"error":"Unexpected end of JSON input"}', method="POST", **counted("15"))
    assert [each.rule.id for each in diagnose(case_with(answer)).causes] == ["encoding"]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(400, '{"error":"Invalid UTF-8 start byte 0xe4"}')), "known customer"),
        (case_with(call(400, **counted("15"))), "known customer"),
        (case_with(call(400, **counted("16"))), None),
        (case_with(call(200, **counted("15"))), None),
        (case_with(call(error="ERR_CONTENT_DECODING_FAILED")), "likely customer"),
        (case_with(call(200, '{"name":"MÃ¼ller"}'), said="umlauts come out wrong"), "likely customer"),
        (case_with(call(400, request_body="\ufeff{}", **SENT)), "likely customer"),
        (case_with(call(200, '{"name":"MÃ¼ller"}')), "possible customer"),
        (case_with(call(200, '{"name":"Müller"}')), None),
        (case_with(call(400, FIELDS)), None),
        (case_with(said="which encoding do you take?"), None),
    ],
)
def test_encoding(case: Case, expected: str | None) -> None:
    assert told("encoding", case) == expected


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('{"a": 1,}', "a comma before the closing bracket"),
        ("{'a': 1}", "single quotes, where JSON has double ones"),
        ('{"a": NaN}', "NaN or Infinity, which JSON does not have"),
        ('{"a": True}', "a word of a programming language (True, None)"),
        ("{a: 1}", "a name without quotes"),
        ("{“a”: 1}", "curly quotes, where JSON has straight ones"),
        ('{"a": 1', "expecting ',' delimiter (line 1, column 8)"),
        ("[" * 3_900, "it is nested too deep"),
        ('{"a": 1}', None),
        ('{"a": "…"}', None),
        ('{"a": {{amount}}}', None),
        ('{"a": ' + "1" * 4_000, None),
        ("a=1", None),
        ("", None),
        (None, None),
    ],
)
def test_json_fault(body: str | None, fault: str | None) -> None:
    assert json_fault(body) == fault


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]",:\\ 1aé\0\ufeff', max_size=200))
def test_any_body_is_read(body: str) -> None:
    fault = json_fault(body)
    assert fault is None or body.strip().startswith(("{", "["))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"errors": [{"field": "a"}, {"param": "b"}, {"field": "a"}]}, ("a", "b")),
        ({"error": {"param": "amount"}}, ("amount",)),
        ({"errors": {"email": ["is required"]}}, ("email",)),
        ({"detail": [{"loc": ["body", "items", 0, "id"]}]}, ("items.0.id",)),
        ({"errors": [{"source": {"pointer": "/data/attributes/name"}}]}, ("data.attributes.name",)),
        ({"invalid-params": [{"name": "age"}]}, ("age",)),
        ({"errors": ["no", 3, None]}, ()),
        ({"error": "no"}, ()),
    ],
)
def test_fields_in(body: dict[str, object], fields: tuple[str, ...]) -> None:
    assert fields_in(body) == fields
