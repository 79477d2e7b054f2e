"""The edge of the service: headers of every answer, limits, what is refused before it is read, the documentation."""

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from app.resources import accounts
from tests.service.conftest import Service, bearer, serve
from tests.service.test_http_errors import assert_problem

STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with service.client() as one:
        yield one


# ── Headers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def assert_safe(response: httpx.Response, policy: str | None = STRICT) -> None:
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert len(headers.get_list("content-security-policy")) == 1
    assert policy is None or headers["content-security-policy"] == policy
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/accounts", 200),
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/chat", 405),
        ("POST", "/v1/chat", 415),
        ("GET", "/openapi.json", 200),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("OPTIONS", "/v1/accounts", 405),
    ],
)
def test_every_answer_is_safe(client: httpx.Client, method: str, path: str, status: int) -> None:
    response = client.request(method, path, headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == status
    assert_safe(response)
    assert ("no-store" in response.headers.get("cache-control", "")) is path.startswith("/v1/")
    assert ("ratelimit" in response.headers) is (path not in ("/livez", "/readyz"))
    assert "strict-transport-security" not in response.headers


def test_pages_say_what_they_run(client: httpx.Client) -> None:
    for path in ("/", "/plain.js", "/docs", "/docs.css"):
        response = client.get(path)
        assert response.status_code == 200
        assert_safe(response, None)
        assert "'unsafe" not in response.headers["content-security-policy"]
    assert "script-src 'self'" in client.get("/").headers["content-security-policy"]
    assert "script" not in client.get("/docs").headers["content-security-policy"]


def test_streams_are_not_kept_either(client: httpx.Client) -> None:
    response = client.post("/v1/chat", json={"message": "/help"}, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers.get_list("cache-control") == ["no-store"]
    assert_safe(response)


def test_an_error_on_our_side_is_safe_too(
    service: Service, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the connection after it: this one is not used again."""

    async def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(accounts, "list_accounts", broken)
    response = httpx.get(f"{service.url}/v1/accounts", headers=client.headers)
    assert_problem(response, 500, "internal_error")
    assert_safe(response)
    assert "ratelimit" in response.headers
    assert "boom" not in response.text


def test_https_is_remembered(client: httpx.Client) -> None:
    """The proxy on this machine is believed."""
    response = client.get("/v1/accounts", headers={"X-Forwarded-Proto": "https"})
    assert response.headers["strict-transport-security"] == "max-age=31536000"


# ── Limits ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_than_the_limit_is_refused_until_the_window_ends(empty_service: Service) -> None:
    few = empty_service.settings.model_copy(update={"requests_per_minute": 3, "streams_per_key": 1})
    for url in serve(few):
        with httpx.Client(base_url=url, headers=bearer(empty_service.admin_key), timeout=60) as client:
            left = [client.get("/v1/accounts").headers["ratelimit"].partition(";t")[0] for _ in range(4)]
            assert left == [f'"default";r={n}' for n in (2, 2, 1, 0)]  # the first is counted by its address
            refused = client.get("/v1/accounts")
            assert_problem(refused, 429, "rate_limited")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.headers["ratelimit-policy"] == '"default";q=3;w=60'
            openai = client.post("/v1/chat/completions", json={})
            assert (openai.status_code, openai.json()["error"]["code"]) == (429, "rate_limited")
            assert client.get("/livez").status_code == 200


def test_streams_at_a_time(empty_service: Service) -> None:
    one = empty_service.settings.model_copy(update={"streams_per_key": 1})
    ask = {"message": "/help"}
    for url in serve(one):
        with httpx.Client(base_url=url, headers=bearer(empty_service.admin_key), timeout=60) as client:
            wants_stream = {"Accept": "text/event-stream"}
            for _ in range(3):  # one after the other
                assert client.post("/v1/chat", json=ask, headers=wants_stream).status_code == 200
            none = one.model_copy(update={"streams_per_key": 0})
    for url in serve(none):
        with httpx.Client(base_url=url, headers=bearer(empty_service.admin_key), timeout=60) as client:
            refused = client.post("/v1/chat", json=ask, headers=wants_stream)
            assert_problem(refused, 429, "too_many_streams")
            assert len(client.get("/v1/threads").json()["items"]) == 3  # the refused one left nothing
            body = {"model": "cse-agent", "messages": [{"role": "user", "content": "/help"}], "stream": True}
            openai = client.post("/v1/chat/completions", json=body)
            assert (openai.status_code, openai.json()["error"]["code"]) == (429, "too_many_streams")
            assert client.post("/v1/chat", json=ask).status_code == 200


def test_keys_come_in_pages(empty_service: Service) -> None:
    with httpx.Client(base_url=empty_service.url, headers=bearer(empty_service.admin_key), timeout=60) as client:
        made = [client.post("/v1/keys", json={"name": f"k{n}"}).json()["id"] for n in range(4)]
        first = client.get("/v1/keys?limit=3").json()
        second = client.get("/v1/keys", params={"limit": 3, "cursor": first["next_cursor"]}).json()
        assert [key["id"] for key in [*first["items"], *second["items"]]][1:] == made
        assert second["next_cursor"] is None
        assert_problem(client.get("/v1/keys?cursor=none"), 422, "invalid_cursor")


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/threads", "/v1/jobs", "/v1/keys", "/v1/matches"])
def test_no_page_is_longer_than_200(client: httpx.Client, path: str) -> None:
    assert_problem(client.get(path, params={"limit": 201}), 422, "invalid_arguments")


# ── Bodies and uploads ────────────────────────────────────────────────────────────────────────────────────────────


def upload(client: httpx.Client, *files: tuple[str, bytes], **data: str) -> httpx.Response:
    return client.post("/v1/imports/preview", files=[("files", (name, content)) for name, content in files], data=data)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_a_compressed_body_is_refused(client: httpx.Client, encoding: str) -> None:
    body = gzip.compress(json.dumps({"message": "/help"}).encode())
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    assert_problem(client.post("/v1/chat", content=body, headers=headers), 415, "unsupported_content_encoding")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"id,name\n", mtime=0),
        b"PK\x03\x04",
        b"BZh91AY",
        b"\xfd7zXZ\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
    ],
)
def test_an_archive_is_no_table(client: httpx.Client, content: bytes) -> None:
    response = upload(client, ("accounts.csv", content + bytes(100)))
    assert "export it as CSV" in response.text


def test_too_many_parts(client: httpx.Client) -> None:
    many = [(f"{n}.csv", b"") for n in range(101)]
    assert_problem(upload(client, *many), 413, "too_many_files")
    assert_problem(upload(client, *many, ("one more.csv", b"")), 413, "too_many_files")
    fields = {f"f{n}": "x" for n in range(11)}
    assert_problem(upload(client, ("accounts.csv", b"id\n"), **fields), 413, "body_too_large")
    assert_problem(upload(client, ("accounts.csv", b"id\n"), profile="x" * 70_000), 413, "body_too_large")


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", ".csv", "..", "a\x00.csv", ""])
def test_file_names_that_cannot_be_kept(client: httpx.Client, name: str) -> None:
    assert upload(client, (name, b"id\n")).status_code == 422


def test_too_many_columns(client: httpx.Client) -> None:
    response = upload(client, ("accounts.csv", b",".join(b"c%d" % n for n in range(5001)) + b"\n"))
    assert "5,001 columns" in response.text


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b'{"message":' + b"[" * 900 + b"]" * 900 + b"}"])
@pytest.mark.parametrize("path", ["/v1/chat", "/v1/commands/health", "/v1/chat/completions"])
def test_json_without_a_bottom(client: httpx.Client, path: str, body: bytes) -> None:
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert "Traceback" not in response.text


# ── Documentation ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_documentation_loads_nothing_from_outside(client: httpx.Client) -> None:
    html = client.get("/docs").text
    assert "<script" not in html
    assert "//" not in html.replace("http://", "").replace("https://", "")
    assert 'href="/docs.css"' in html
    document = client.get("/openapi.json").json()
    for path in document["paths"]:
        assert f"<code>{path}</code>" in html
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in html


def test_every_operation_tells_its_problems(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert "HTTPValidationError" not in json.dumps(document)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            kind = "application/json" if path.startswith(("/v1/chat/c", "/v1/models")) else "application/problem+json"
            for status in ("401", "403", "404", "409", "413", "422", "429", "503"):
                assert kind in operation["responses"][status]["content"]


# ── Idempotency of the OpenAI-compatible routes ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_sent_twice_is_carried_out_once(empty_service: Service, stream: bool) -> None:
    with httpx.Client(base_url=empty_service.url, headers=bearer(empty_service.admin_key), timeout=60) as client:
        body = {"model": "cse-agent", "messages": [{"role": "user", "content": "/help"}], "stream": stream}
        key = {"Idempotency-Key": f"once-{stream}"}
        first = client.post("/v1/chat/completions", json=body, headers=key)
        again = client.post("/v1/chat/completions", json=body, headers=key)
        assert first.status_code == again.status_code == 200
        assert again.content == first.content
        assert again.headers["content-type"] == first.headers["content-type"]
        assert again.headers["idempotency-replayed"] == "true"
        assert len(client.get("/v1/threads").json()["items"]) == 1
        other = {**body, "messages": [{"role": "user", "content": "/health"}]}
        refused = client.post("/v1/chat/completions", json=other, headers=key)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
