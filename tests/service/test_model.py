"""The whole service with a model server beside it: one that tells the truth, and one that lies."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.settings import Settings
from tests.fakes.model_server import Raw, lying, model_server, truthful
from tests.service.conftest import bearer, prepare, serve

QUESTION = 'How is "Cobalt Harbor Freight" doing?'
NO_ANSWER = Raw(status=503, body=b"{}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    data = tmp_path_factory.mktemp("model")
    return data, asyncio.run(prepare(Settings(_env_file=None, data_dir=data), filled=True))


@pytest.fixture
def ask(folder: tuple[Path, str]) -> Any:
    """Ask a service that has this mind as its model."""
    data, key = folder

    def asked(mind: Any, message: str = QUESTION, **more: Any) -> dict[str, Any]:
        with model_server(mind) as server:
            settings = Settings(_env_file=None, data_dir=data, llm_base_url=server.url, llm_model="fake")
            for url in serve(settings):
                assert httpx.get(f"{url}/readyz").json()["model"] == "fake"
                response = httpx.post(
                    f"{url}/v1/chat", json={"message": message, **more}, headers=bearer(key), timeout=60
                )
        answer: dict[str, Any] = response.json()
        return answer

    return asked


def test_the_truth_arrives_with_its_evidence(ask: Any) -> None:
    answer = ask(truthful)
    figures = {figure["key"]: figure for figure in answer["figures"]}
    score, arr = figures["health.score"]["shown"], figures["arr"]["shown"]
    assert f"its health score is {score} of 100, with the churn level critical." in answer["text"]
    assert f"ARR: {arr}" in answer["text"]
    assert "left out" not in answer["text"]
    assert (answer["degraded"], answer["account_id"]) == (None, "cobalt-harbor")
    assert figures["health.score"]["evidence"] or figures["health.score"]["formula"]
    assert answer["usage"]["model_calls"] == 2


def test_the_lie_does_not_arrive(ask: Any) -> None:
    answer = ask(lying)
    for lie in ("97.4", "9,999,999", "2031", "ninety", "48 hours"):
        assert lie not in answer["text"]
    assert "The real churn level is critical." in answer["text"]
    assert re.search(r"\d sentences of the model were left out", answer["text"])


def test_a_model_that_is_down_costs_nothing_but_its_words(ask: Any) -> None:
    answer = ask([NO_ANSWER])
    assert answer["command"] == "health"
    assert answer["degraded"] == "Answered without the language model: its server failed (HTTP 503)."
    assert answer["degraded"] in answer["text"]


def test_a_command_in_words(ask: Any) -> None:
    answer = ask([NO_ANSWER], "/health cobalt-harbor", narrate=True)
    assert (answer["command"], answer["error"]) == ("health", None)
    assert "HTTP 503" in answer["degraded"]
