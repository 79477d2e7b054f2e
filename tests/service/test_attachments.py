"""Files over HTTP: attached, named in messages and calls, and where they are not taken."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.resources import attachments
from tests.fakes.reading_command import put_in_place
from tests.service.conftest import Service, prepare, serve, settings_in

ACCOUNTS = {"files": ("accounts.csv", b"id,name\nacme,Acme\nglobex,Globex\n")}
SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose /inspect reads files, with two accounts."""
    settings = settings_in(tmp_path_factory.mktemp("attachments"))
    with pytest.MonkeyPatch.context() as patch:
        put_in_place(patch)
        key = asyncio.run(prepare(settings, filled=False))
        for url in serve(settings):
            made = Service(url, settings, key)
            with made.client("admin") as admin:
                admin.post("/v1/imports", files=ACCOUNTS).raise_for_status()
            yield made


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with service.client() as client:
        yield client


def attach(client: httpx.Client, *files: tuple[str, bytes]) -> list[str]:
    made = client.post("/v1/attachments", files=[("files", file) for file in files])
    assert made.status_code == 201, made.text
    return [item["id"] for item in made.json()["items"]]


def chat(client: httpx.Client, message: str, ids: list[str], **more: Any) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": message, "attachments": ids, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_file_is_told_as_it_was_read(client: httpx.Client) -> None:
    made = client.post("/v1/attachments", files={"files": ("app.log", b"POST /v1/orders 401\nGET / 200\n")})
    assert made.status_code == 201
    (item,) = made.json()["items"]
    assert {name: item[name] for name in ("name", "bytes", "lines", "read")} == {
        "name": "app.log",
        "bytes": 30,
        "lines": 2,
        "read": "log",
    }
    assert set(item) == {"id", "name", "bytes", "lines", "read", "sha256"}


def test_a_command_gets_the_files_of_its_message(client: httpx.Client) -> None:
    ids = attach(client, ("app.log", b"first of the log\n"), ("other.har", b"first of the HAR\n"))
    answer = chat(client, "/inspect acme it fails", ids)
    assert answer["account_id"] == "acme"
    assert [file["line"] for file in answer["data"]["files"]] == ["first of the log", "first of the HAR"]
    turn = client.get(f"/v1/turns/{answer['turn_id']}").json()
    assert [file["name"] for file in turn["attachments"]] == ["app.log", "other.har"]


def test_a_call_without_a_chat_gets_them_too(client: httpx.Client) -> None:
    body = {"account": "acme", "text": "fails", "attachments": attach(client, ("app.log", b"x"))}
    assert client.post("/v1/commands/inspect", json=body).json()["data"]["files"][0]["name"] == "app.log"
    refused = client.post("/v1/commands/health", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_files_taken")


def test_free_text_with_files_is_for_the_command_that_reads_them(client: httpx.Client) -> None:
    answer = chat(client, "Since noon the calls of Globex fail", attach(client, ("app.log", b"x")))
    assert (answer["command"], answer["account_id"]) == ("inspect", "globex")
    assert answer["data"]["text"] == "Since noon the calls of Globex fail"
    assert "I took the files for /inspect about Globex (globex)." in answer["text"]
    goes_on = chat(client, "and now this", attach(client, ("b.log", b"y")), thread_id=answer["thread_id"])
    assert goes_on["account_id"] == "globex"  # the account in talk


def test_files_alone_are_a_message_and_stay_with_its_question(client: httpx.Client) -> None:
    asked = chat(client, "", attach(client, ("app.log", b"x")))
    assert asked["question"]["fields"] == ["text"]
    thread = client.get(f"/v1/threads/{asked['thread_id']}").json()
    assert (thread["title"], thread["turns"][0]["message"]) == ("app.log", "")
    more = chat(client, "the orders fail", attach(client, ("b.log", b"y")), thread_id=asked["thread_id"])
    assert more["question"] is None
    assert more["data"]["text"] == "the orders fail"
    assert [file["name"] for file in more["data"]["files"]] == ["app.log", "b.log"]
    assert client.post("/v1/chat", json={"message": " "}).json()["code"] == "message_empty"


def test_an_account_that_has_to_be_asked_for_keeps_the_files(client: httpx.Client) -> None:
    ids = attach(client, ("app.log", b"x"))
    asked = chat(client, "/inspect account=Acmee it fails", ids)
    assert asked["question"]["fields"] == ["account"]
    answer = client.post("/v1/chat", json={"message": "acme", "thread_id": asked["thread_id"]}).json()
    assert answer["account_id"] == "acme"
    assert [file["name"] for file in answer["data"]["files"]] == ["app.log"]


@pytest.mark.parametrize("message", ["/health acme", "/help", "undo", "/health acme log called"])
def test_other_commands_take_no_files(client: httpx.Client, message: str) -> None:
    answer = chat(client, message, attach(client, ("app.log", b"x")))
    assert answer["error"]["code"] == "no_files_taken"
    assert "/inspect does." in answer["error"]["detail"]


def test_another_s_file_is_not_there(service: Service, client: httpx.Client) -> None:
    ids = attach(client, ("app.log", b"x"))
    with service.client("admin") as other:
        for name in (ids[0], "att_none"):
            for response in (
                other.post("/v1/chat", json={"message": "/inspect it fails", "attachments": [name]}),
                other.post("/v1/commands/inspect", json={"text": "fails", "attachments": [name]}),
            ):
                assert (response.status_code, response.json()["code"]) == (404, "attachment_not_found")


def test_what_cannot_be_attached_says_why(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    many = client.post("/v1/attachments", files=[("files", (f"{n}.log", b"x")) for n in range(11)])
    assert (many.status_code, many.json()["code"]) == (413, "too_many_files")
    monkeypatch.setattr(attachments, "MOST_BYTES", 1024 * 1024)
    large = client.post("/v1/attachments", files={"files": ("big.log", b"x" * (1024 * 1024 + 1))})
    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
    assert "1 MB" in large.json()["detail"]
    none = client.post("/v1/attachments", files={"other": ("a.log", b"x")})
    assert none.status_code == 422
    eleven = client.post("/v1/chat", json={"message": "/inspect", "attachments": ["a"] * 11})
    assert eleven.status_code == 422
    huge = client.post("/v1/chat", json={"message": "x" * 300_000})
    assert huge.json()["code"] == "message_too_large"
    assert "POST /v1/attachments" in huge.json()["detail"]


def test_the_same_upload_sent_again_is_read_once(client: httpx.Client) -> None:
    def send() -> httpx.Response:
        key = {"Idempotency-Key": "upload-1"}
        return client.post("/v1/attachments", files={"files": ("app.log", b"x\n")}, headers=key)

    first, again = send(), send()
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_customer_is_told_no_line_of_it(client: httpx.Client) -> None:
    ids = attach(client, ("app.log", f"key {SECRET}".encode()))
    answer = chat(client, "/inspect acme it fails", ids, audience="customer")
    assert answer["data"] is None
    assert SECRET not in str(answer)
