"""The model's settings: our own, or those of the shell; a key never goes to another's server."""

import traceback

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


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:////srv/cse.db", "sqlite:////srv/cse.db"),
        ("postgresql://u:p%40ss@db:5432/cse", "postgresql+psycopg://u:p%40ss@db:5432/cse"),
        ("postgresql+psycopg://u@db/cse?sslmode=require", "postgresql+psycopg://u@db/cse?sslmode=require"),
    ],
)
def test_databases_that_are_supported(monkeypatch: pytest.MonkeyPatch, given: str, taken: str) -> None:
    monkeypatch.setenv("CSE_DATABASE_URL", given)
    settings = load_settings()
    assert settings.store_url == taken
    assert taken not in repr(settings)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("mysql://u:s3cret@db/cse", "sqlite:/// or postgresql://"),
        ("postgres://u:s3cret@db/cse", "sqlite:/// or postgresql://"),
        ("postgresql://u:s3cret@db:port/cse", "is no address"),
        ("postgresql://u:s3cret@db:5432", "names no database"),
        ("s3cret", "sqlite:/// or postgresql://"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, given: str, named: str
) -> None:
    monkeypatch.setenv("CSE_DATABASE_URL", given)
    with pytest.raises(Problem, match="CSE_DATABASE_URL") as caught:
        load_settings()
    assert named in caught.value.detail
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
