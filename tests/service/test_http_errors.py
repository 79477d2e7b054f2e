"""Bad requests: a clear problem with a stable code, and nothing lost."""

import httpx
import pytest

from tests.service.conftest import Service, bearer

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM), response.text
    body = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["detail"]
    assert "Traceback" not in response.text


def test_no_key(service: Service) -> None:
    response = httpx.get(f"{service.url}/v1/accounts")
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


def test_unknown_key(service: Service) -> None:
    assert_problem(httpx.get(f"{service.url}/v1/accounts", headers=bearer("cse_wrong")), 401, "unauthenticated")


def test_revoked_key_stops_at_once(service: Service) -> None:
    admin = httpx.Client(base_url=service.url, headers=bearer(service.admin_key))
    made = admin.post("/v1/keys", json={"name": "short-lived", "role": "viewer"}).json()
    assert httpx.get(f"{service.url}/v1/accounts", headers=bearer(made["key"])).status_code == 200
    assert admin.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert_problem(httpx.get(f"{service.url}/v1/accounts", headers=bearer(made["key"])), 401, "unauthenticated")


def test_broken_json(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert_problem(client.post("/v1/chat", content=b'{"message": ', headers=headers), 400, "invalid_json")


def test_wrong_content_type(client: httpx.Client) -> None:
    response = client.post("/v1/chat", content=b"hello", headers={"Content-Type": "text/plain"})
    assert_problem(response, 415, "unsupported_media_type")


def test_body_that_is_no_object(client: httpx.Client) -> None:
    assert_problem(client.post("/v1/chat", json=["/health"]), 422, "invalid_arguments")
    assert_problem(client.post("/v1/commands/health", json=["account"]), 422, "invalid_arguments")


@pytest.mark.parametrize("message", ["", "   ", "\n\t"])
def test_empty_message(client: httpx.Client, message: str) -> None:
    assert_problem(client.post("/v1/chat", json={"message": message}), 422, "message_empty")


def test_message_over_256_kilobytes(client: httpx.Client) -> None:
    assert_problem(client.post("/v1/chat", json={"message": "x" * (256 * 1024 + 1)}), 413, "message_too_large")
    assert client.post("/v1/chat", json={"message": "/health " + "x " * 1000}).status_code == 200


def test_half_characters(client: httpx.Client) -> None:
    body, headers = b'{"message": "\\ud800"}', {"Content-Type": "application/json"}
    assert_problem(client.post("/v1/chat", content=body, headers=headers), 422, "invalid_text")
    document = b'{"title": "\\ud800", "text": "x"}'
    assert client.put("/v1/knowledge/documents/x", content=document, headers=headers).status_code == 422


def test_body_over_the_limit(client: httpx.Client) -> None:
    assert_problem(client.post("/v1/chat", json={"message": "x" * 3_000_000}), 413, "body_too_large")


def test_unknown_address_and_method(client: httpx.Client) -> None:
    assert_problem(client.get("/v1/nothing"), 404, "not_found")
    assert_problem(client.get("/nothing"), 404, "not_found")
    assert_problem(client.put("/v1/chat", json={}), 405, "method_not_allowed")
    refused = client.post("/v1/knowledge/documents/a", json={})
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "PUT, DELETE"  # two routes have the address


def test_unknown_command_names_the_closest(client: httpx.Client) -> None:
    response = client.post("/v1/commands/helth", json={})
    assert_problem(response, 404, "unknown_command")
    assert "health" in response.json()["closest"]


def test_unknown_account(client: httpx.Client) -> None:
    assert_problem(client.post("/v1/commands/health", json={"account": "no such"}), 404, "account_not_found")
    assert_problem(client.get("/v1/accounts/none"), 404, "account_not_found")


def test_missing_argument_is_named(client: httpx.Client) -> None:
    account = client.get("/v1/accounts?limit=1").json()["items"][0]["id"]
    response = client.post("/v1/commands/escalate", json={"account": account})
    assert_problem(response, 422, "invalid_arguments")
    assert response.json()["missing"] == ["issue"]


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2024-02-30", "invalid_date"),
        ("yesterday", "invalid_date"),
        ("9999-01-01", "as_of_in_future"),
        ("1971-01-01", "as_of_before_data"),
        ("0001-01-01", "as_of_before_data"),
    ],
)
def test_as_of_out_of_range(client: httpx.Client, as_of: str, code: str) -> None:
    assert_problem(client.post("/v1/commands/health", json={"as_of": as_of}), 422, code)
    if code == "invalid_date":
        assert_problem(client.post("/v1/chat", json={"message": "/health", "as_of": as_of}), 422, code)
    told = client.post("/v1/chat", json={"message": f"/health as_of={as_of}"})
    assert told.status_code == 200
    assert told.json()["error"]["code"] == code


def test_cursor_that_is_none_of_ours(client: httpx.Client) -> None:
    account = client.get("/v1/accounts?limit=1").json()["items"][0]["id"]
    assert_problem(client.get(f"/v1/accounts/{account}/tickets?cursor=x"), 422, "invalid_cursor")
    assert_problem(client.get("/v1/threads?cursor=zzz"), 422, "invalid_cursor")
    assert_problem(client.get(f"/v1/accounts/{account}/nothing"), 404, "not_found")


@pytest.mark.parametrize("path", ["/v1/threads/none", "/v1/turns/none", "/v1/turns/none/events", "/v1/jobs/none"])
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["code"].endswith("_not_found")


def test_roles(service: Service) -> None:
    viewer = service.client("viewer")
    assert_problem(viewer.get("/v1/keys"), 403, "forbidden")
    assert_problem(viewer.post("/v1/keys", json={"name": "x"}), 403, "forbidden")
    assert_problem(viewer.put("/v1/knowledge/documents/x", json={"title": "t", "text": "t"}), 403, "forbidden")
    response = viewer.post("/v1/imports", files={"files": ("accounts.csv", b"id,name\n")})
    assert_problem(response, 403, "forbidden")
