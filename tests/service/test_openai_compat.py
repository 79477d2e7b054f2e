"""The service as a model: OpenAI's own client talks to it, whole and streamed."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from tests.service.conftest import Service, bearer

ACCOUNT = "cobalt-harbor"
URL = "/v1/chat/completions"


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    with service.client() as client:
        return client.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module")
def sdk(service: Service, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=key, max_retries=0) as client:
        yield client


def user(text: Any) -> Any:
    return {"role": "user", "content": text}


def ask(sdk: openai.OpenAI, *messages: Any) -> str:
    answer = sdk.chat.completions.create(model="cse-agent", messages=list(messages))
    assert answer.choices[0].finish_reason == "stop"
    return answer.choices[0].message.content or ""


def test_the_agent_is_the_one_model(sdk: openai.OpenAI) -> None:
    assert [model.id for model in sdk.models.list()] == ["cse-agent"]
    assert sdk.models.retrieve("cse-agent").id == "cse-agent"
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("gpt-4")


def test_a_command(service: Service, sdk: openai.OpenAI) -> None:
    with service.client() as client:
        chat = client.post("/v1/chat", json={"message": f"/health {ACCOUNT}"}).json()["text"]
    assert ask(sdk, user(f"/health {ACCOUNT}")) == chat


def test_a_stream_tells_the_same(sdk: openai.OpenAI) -> None:
    whole = ask(sdk, user(f"/health {ACCOUNT}"))
    stream = sdk.chat.completions.create(
        model="cse-agent",
        messages=[user(f"/health {ACCOUNT}")],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.strip() == whole.strip()
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert len(chunks) > 5
    assert chunks[-1].usage is not None
    assert {chunk.id for chunk in chunks} == {chunks[0].id}


def test_a_stream_on_the_wire(service: Service, key: str) -> None:
    body = {"model": "cse-agent", "messages": [user("/help")], "stream": True}
    response = httpx.post(f"{service.url}{URL}", json=body, headers=bearer(key))
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = response.text.strip().split("\n\n")
    assert lines[-1] == "data: [DONE]"
    first = json.loads(lines[0].removeprefix("data: "))
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert "/health" in response.text


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_is_answered_by_the_next_message(sdk: openai.OpenAI, stream: bool) -> None:
    asked: list[Any] = [{"role": "system", "content": "You are a pirate."}, user("/escalate")]
    if stream:
        chunks = sdk.chat.completions.create(model="cse-agent", messages=asked, stream=True)
        question = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    else:
        question = ask(sdk, *asked)
    assert "account" in question.lower()
    answer = "account: Kestrel Learning\nissue: the export is slow for two courses"
    answered = ask(sdk, *asked, {"role": "assistant", "content": question}, user(answer))
    assert "Kestrel Learning: does not qualify for engineering" in answered


def test_the_account_in_talk_goes_on(sdk: openai.OpenAI) -> None:
    asked = [user(f"/health {ACCOUNT}")]
    first = ask(sdk, *asked)
    more = ask(sdk, *asked, {"role": "assistant", "content": first}, user("and how likely are they to churn?"))
    assert more.startswith("**Cobalt Harbor Freight")


def test_what_was_never_said_begins_a_new_conversation(sdk: openai.OpenAI) -> None:
    made_up = [user("/escalate"), {"role": "assistant", "content": "Which account?"}, user("/health kestrel")]
    assert ask(sdk, *made_up).startswith("**Kestrel")


def test_parts_of_text(sdk: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "/health"}, {"type": "text", "text": ACCOUNT}]
    assert ask(sdk, user(parts)).startswith("**Cobalt Harbor Freight")


def test_titles_and_tags_of_a_chat_cost_nothing(service: Service, sdk: openai.OpenAI) -> None:
    with service.client("viewer") as client:
        key = client.headers["authorization"].removeprefix("Bearer ")
        with openai.OpenAI(base_url=f"{service.url}/v1", api_key=key) as other:
            assert (
                json.loads(ask(other, user("### Task:\nGenerate a title\n<chat_history>\nUSER: hi\n</chat_history>")))[
                    "follow_ups"
                ]
                == []
            )
        assert client.get("/v1/threads").json()["items"] == []


def test_an_unknown_command_is_an_answer(sdk: openai.OpenAI) -> None:
    assert "There is no command" in ask(sdk, user("/nonsense"))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "gpt-4", "messages": [user("hi")]}, 404, "model_not_found"),
        ({"model": "cse-agent", "messages": []}, 400, "invalid_arguments"),
        ({"model": "cse-agent"}, 400, "invalid_arguments"),
        ({"model": "cse-agent", "messages": [{"role": "assistant", "content": "x"}]}, 400, "invalid_arguments"),
        ({"model": "cse-agent", "messages": [{"role": "system", "content": "x"}]}, 400, "invalid_arguments"),
        ({"model": "cse-agent", "messages": [{"role": "king", "content": "x"}]}, 400, "invalid_arguments"),
        ({"model": "cse-agent", "messages": [user("hi")], "n": 2}, 400, "invalid_arguments"),
        ({"model": "cse-agent", "messages": [user(" ")]}, 422, "message_empty"),
        (
            {"model": "cse-agent", "messages": [user([{"type": "image_url", "image_url": {"url": "x"}}])]},
            400,
            "invalid_arguments",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_the_shape_that_clients_read(
    service: Service, key: str, body: dict[str, Any], status: int, code: str, stream: bool
) -> None:
    response = httpx.post(f"{service.url}{URL}", json={**body, "stream": stream}, headers=bearer(key))
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["code"], error["type"]) == (code, "invalid_request_error")
    assert error["message"]


def test_without_a_key(service: Service) -> None:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            client.models.list()
        assert caught.value.code == "unauthenticated"
        with pytest.raises(openai.AuthenticationError):
            ask(client, user("/health"))
