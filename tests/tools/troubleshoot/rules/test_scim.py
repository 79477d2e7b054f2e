"""Provisioning by SCIM."""

import json

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import told
from tests.tools.troubleshoot.signed import call
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.reading.scim import ERROR_SCHEMA


def body(**values: object) -> str:
    return json.dumps({"schemas": [ERROR_SCHEMA], **values})


def scim(status: str, told_body: str) -> str:
    return call("Bearer FAKEFAKE00001234", status, told_body).replace("/v1/orders", "/scim/v2/Users")


@pytest.mark.parametrize(
    ("rule", "message", "certainty"),
    [
        ("scim_conflict", scim("409 Conflict", body(status="409", scimType="uniqueness")), "known customer"),
        ("scim_conflict", body(status="409", detail="User already exists"), "known customer"),
        ("scim_conflict", body(status="400", scimType="invalidValue"), None),
        ("scim_conflict", call("Bearer FAKEFAKE00001234", "409 Conflict", '{"error":"conflict"}'), None),
        ("scim_auth", scim("401 Unauthorized", body(status="401", detail="Token expired")), "known customer"),
        ("scim_auth", scim("401 Unauthorized", "{}"), "likely customer"),
        ("scim_auth", "ERROR scim provisioning failed: 401 from the application", "possible customer"),
        ("scim_auth", call("Bearer FAKEFAKE00001234"), None),
        ("scim_auth", scim("200 OK", "{}"), None),
        ("scim_request", scim("400 Bad Request", body(status="400", scimType="invalidFilter")), "known customer"),
        ("scim_request", body(status="400", scimType="mutability", detail="id is read-only"), "known customer"),
        ("scim_request", body(status="400", detail="bad"), "likely customer"),
        ("scim_request", body(status="409", scimType="uniqueness"), None),
        ("scim_request", body(status="500", detail="bad"), None),
    ],
)
def test_rules(rule: str, message: str, certainty: str | None) -> None:
    assert told(rule, case_of(message)) == certainty


def test_a_refused_provisioning_is_no_wrong_key() -> None:
    case = case_of(scim("401 Unauthorized", body(status="401", detail="Invalid token expired")))
    causes = [found.rule.id for found in diagnose(case).causes]
    assert causes[0] == "scim_auth"
    assert "key_invalid" not in causes
