"""The model's settings: our own, or those of the shell; a key never goes to another's server."""

import pytest

from app.domain.problems import Problem
from app.settings import OPENAI_URL, Settings, load_settings


def model_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[str, str, str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    return settings.llm_base_url, settings.llm_api_key.get_secret_value(), settings.llm_model


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, ("", "", "")),
        ({"OPENAI_API_KEY": "theirs"}, ("", "", "")),
        ({"OPENAI_BASE_URL": "http://there", "OPENAI_API_KEY": "theirs"}, ("", "", "")),
        ({"OPENAI_API_KEY": "theirs", "OPENAI_MODEL": "m"}, (OPENAI_URL, "theirs", "m")),
        ({"OPENAI_API_KEY": "theirs", "CSE_LLM_MODEL": "own"}, (OPENAI_URL, "theirs", "own")),
        (
            {"OPENAI_BASE_URL": "http://there", "OPENAI_API_KEY": "theirs", "OPENAI_MODEL": "m"},
            ("http://there", "theirs", "m"),
        ),
        ({"CSE_LLM_BASE_URL": "http://here", "CSE_LLM_MODEL": "own"}, ("http://here", "", "own")),
        ({"CSE_LLM_API_KEY": "own", "CSE_LLM_MODEL": "own"}, (OPENAI_URL, "own", "own")),
        (
            {"CSE_LLM_BASE_URL": "http://here", "CSE_LLM_MODEL": "own", "OPENAI_API_KEY": "theirs"},
            ("http://here", "", "own"),
        ),
        (
            {"CSE_LLM_API_KEY": "own", "CSE_LLM_MODEL": "own", "OPENAI_BASE_URL": "http://there"},
            (OPENAI_URL, "own", "own"),
        ),
        ({"OPENAI_MODEL": "m"}, ("", "", "")),
    ],
)
def test_where_the_model_comes_from(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], found: tuple[str, str, str]
) -> None:
    assert model_of(monkeypatch, **environment) == found


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CSE_LLM_BASE_URL": "http://here"}, "CSE_LLM_MODEL"),
        ({"CSE_LLM_API_KEY": "own"}, "CSE_LLM_MODEL"),
        ({"CSE_LLM_MODEL": "own"}, "CSE_LLM_BASE_URL"),
        ({"CSE_LLM_MODEL": "own", "CSE_LLM_BASE_URL": "localhost:11434"}, "CSE_LLM_BASE_URL"),
    ],
)
def test_half_a_model_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=named):
        load_settings()
