"""Settings: where the model's come from, what is refused and how that is told."""

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
        ({"OPENAI_BASE_URL": "https://there.example", "OPENAI_API_KEY": "theirs"}, ("", "", "")),
        ({"OPENAI_API_KEY": "theirs", "OPENAI_MODEL": "m"}, (OPENAI_URL, "theirs", "m")),
        ({"OPENAI_API_KEY": "theirs", "CSE_LLM_MODEL": "own"}, (OPENAI_URL, "theirs", "own")),
        (
            {"OPENAI_BASE_URL": "https://there.example", "OPENAI_API_KEY": "theirs", "OPENAI_MODEL": "m"},
            ("https://there.example", "theirs", "m"),
        ),
        ({"CSE_LLM_BASE_URL": "https://here.example", "CSE_LLM_MODEL": "own"}, ("https://here.example", "", "own")),
        ({"CSE_LLM_API_KEY": "own", "CSE_LLM_MODEL": "own"}, (OPENAI_URL, "own", "own")),
        (
            {"CSE_LLM_BASE_URL": "https://here.example", "CSE_LLM_MODEL": "own", "OPENAI_API_KEY": "theirs"},
            ("https://here.example", "", "own"),
        ),
        (
            {"CSE_LLM_API_KEY": "own", "CSE_LLM_MODEL": "own", "OPENAI_BASE_URL": "https://there.example"},
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
        ({"CSE_LLM_BASE_URL": "https://here.example"}, "CSE_LLM_MODEL"),
        ({"CSE_LLM_API_KEY": "own"}, "CSE_LLM_MODEL"),
        ({"CSE_LLM_MODEL": "own"}, "CSE_LLM_BASE_URL"),
        ({"CSE_LLM_MODEL": "own", "CSE_LLM_BASE_URL": "localhost:11434"}, "CSE_LLM_BASE_URL: must begin with https"),
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


SECRET = f"whsec_{'c2VjcmV0' * 4}"  # 24 bytes


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"CSE_AUDIT_KEY": "k" * 31}, "CSE_AUDIT_KEY: must have 32 characters or more"),
        ({"CSE_DELIVERY_URL": "https://crm.example/in"}, "CSE_DELIVERY_URL and CSE_DELIVERY_SECRET go together"),
        ({"CSE_DELIVERY_SECRET": SECRET}, "CSE_DELIVERY_URL and CSE_DELIVERY_SECRET go together"),
        (
            {"CSE_DELIVERY_URL": "https://crm.example/in", "CSE_DELIVERY_SECRET": "whsec_short"},
            "CSE_DELIVERY_SECRET: must be whsec_ and 24 to 64 random bytes",
        ),
        (
            {"CSE_DELIVERY_URL": "http://crm.example/in", "CSE_DELIVERY_SECRET": SECRET},
            "CSE_DELIVERY_URL: must begin with https://",
        ),
        ({"CSE_EMBEDDING_BASE_URL": "http://10.0.0.5/v1"}, "CSE_EMBEDDING_BASE_URL: must begin with https://"),
        ({"CSE_EMBEDDING_BASE_URL": "https://u:t0psecret@a.example"}, "CSE_EMBEDDING_BASE_URL: must hold no user"),
        ({"CSE_PRIVATE_HOSTS": "https://a.example"}, "CSE_PRIVATE_HOSTS: must be hosts separated by commas"),
        ({"CSE_LINK_HOSTS": "a.example, b_!.example"}, "CSE_LINK_HOSTS: must be hosts separated by commas"),
        ({"CSE_REQUESTS_PER_MINUTE": "0"}, "CSE_REQUESTS_PER_MINUTE: Input should be greater than"),
        ({"CSE_STREAMS_PER_KEY": "many"}, "CSE_STREAMS_PER_KEY: Input should be a valid integer"),
    ],
)
def test_what_is_refused_names_the_variable_and_the_mend(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as caught:
        load_settings()
    assert told in caught.value.detail
    for secret in ("k" * 31, SECRET, "whsec_short", "t0psecret"):
        assert secret not in "".join(traceback.format_exception(caught.value))


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSE_PRIVATE_HOSTS", " Ollama, 10.0.0.5 ,,fd00::1")
    monkeypatch.setenv("CSE_LLM_BASE_URL", "http://ollama:11434/v1")
    monkeypatch.setenv("CSE_LLM_MODEL", "qwen3")
    monkeypatch.setenv("CSE_DELIVERY_URL", "https://crm.example/in")
    monkeypatch.setenv("CSE_DELIVERY_SECRET", SECRET)
    settings = load_settings()
    assert settings.private_hosts == ("ollama", "10.0.0.5", "fd00::1")
    assert settings.link_hosts == ()


def test_no_secret_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "CSE_DATABASE_URL": "postgresql://u:canary-0@db/cse",
        "CSE_LLM_API_KEY": "canary-1",
        "CSE_LLM_MODEL": "m",
        "CSE_EMBEDDING_API_KEY": "canary-2",
        "CSE_SLACK_SIGNING_SECRET": "canary-3",
        "CSE_AUDIT_KEY": "canary-4" * 4,
        "CSE_DELIVERY_URL": "https://crm.example/in",
        "CSE_DELIVERY_SECRET": SECRET,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    shown = f"{load_settings()!r} {load_settings()} {load_settings().model_dump()} {load_settings().model_dump_json()}"
    assert "canary" not in shown
    assert SECRET not in shown
