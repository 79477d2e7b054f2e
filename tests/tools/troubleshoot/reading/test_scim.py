"""SCIM errors."""

import json

import pytest

from tools.troubleshoot.facts.identity import ScimError
from tools.troubleshoot.reading.scim import ERROR_SCHEMA, find_scim_errors, scim_error_in


def body(**values: object) -> str:
    return json.dumps({"schemas": [ERROR_SCHEMA], **values})


def only(text: str) -> ScimError:
    (piece,) = find_scim_errors(text)
    assert isinstance(piece.facts[0], ScimError)
    return piece.facts[0]


@pytest.mark.parametrize(
    ("text", "status", "scim_type"),
    [
        (body(status="409", scimType="uniqueness", detail="taken"), 409, "uniqueness"),
        (body(status=400, scimType="invalidFilter"), 400, "invalidFilter"),
        (body(status="nonsense"), None, ""),
        (body(status=True), None, ""),
        (body(status=10**30), None, ""),
        ('{"scimType":"mutability"}', None, "mutability"),
        ('x {"response":' + body(status="401") + "}", 401, ""),
    ],
)
def test_errors(text: str, status: int | None, scim_type: str) -> None:
    found = only(text)
    assert (found.status, found.scim_type) == (status, scim_type)


def test_the_path_stands_before_it() -> None:
    assert only("POST /scim/v2/Users HTTP/1.1\n\n" + body(status="409")).path == "/scim/v2/Users"


@pytest.mark.parametrize(
    "text", ["", '{"status":"409"}', '{"scimType":"other"}', '{"schemas":["urn:x:User"]}', ERROR_SCHEMA]
)
def test_what_is_none(text: str) -> None:
    assert find_scim_errors(text) == ()


def test_words_in_a_log_need_scim() -> None:
    found = scim_error_in("scim provisioning failed: invalidFilter for userName")
    assert found is not None
    assert found.scim_type == "invalidFilter"
    assert scim_error_in("invalidFilter for userName") is None


def test_a_megabyte_is_read_to_its_end() -> None:
    assert isinstance(find_scim_errors('{"scimType":' * 80_000), tuple)
