"""Settings: every choice a deployment makes, read from the environment (prefix CSE_) or a `.env` file."""

import os
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.problems import Problem

TELEMETRY_OFF = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "ANONYMIZED_TELEMETRY": "false",
    "OTEL_SDK_DISABLED": "true",
}
"""What frameworks below us send home, forced off whatever the shell says."""

OPENAI_URL = "https://api.openai.com/v1"
"""Where a model is asked for when only a key is set."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone; use a name such as UTC or Europe/Berlin")
    return name


def _web_address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return url


def _database_url(secret: SecretStr) -> SecretStr:
    """The URL with the driver that we use. What is wrong is told without the URL, which may hold a password."""
    url = secret.get_secret_value()
    if not url or url.startswith("sqlite:///"):
        return secret
    if not url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("is no address such as postgresql://user:password@host:5432/name") from None
    if not parsed.database:
        raise ValueError("names no database; write postgresql://user:password@host:5432/name")
    return SecretStr(parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))


class Settings(BaseSettings):
    """One deployment's settings. Empty means not set; no model set is a normal state."""

    model_config = SettingsConfigDict(
        env_prefix="CSE_", env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("")
    chroma_url: Annotated[str, AfterValidator(_web_address)] = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    llm_base_url: Annotated[str, AfterValidator(_web_address)] = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    embedding_base_url: Annotated[str, AfterValidator(_web_address)] = ""
    embedding_api_key: SecretStr = SecretStr("")
    embedding_model: str = ""
    slack_signing_secret: SecretStr = SecretStr("")
    audit_key: SecretStr = SecretStr("")
    audit_anchor: Path | None = None
    delivery_url: str = ""
    delivery_secret: SecretStr = SecretStr("")
    private_hosts: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1)] = 30_000
    streams_per_key: Annotated[int, Field(ge=1)] = 1_500

    @model_validator(mode="before")
    @classmethod
    def _model_of_the_shell(cls, values: dict[str, Any]) -> dict[str, Any]:
        """What is not set here is taken from OPENAI_*. Address and key go together: no key goes to another's server."""
        own = {name: values[name] for name in ("llm_base_url", "llm_api_key") if values.get(name)}
        server = own or {
            "llm_base_url": os.environ.get("OPENAI_BASE_URL", ""),
            "llm_api_key": os.environ.get("OPENAI_API_KEY", ""),
        }
        model = values.get("llm_model") or os.environ.get("OPENAI_MODEL")
        if own and not model:
            raise ValueError("CSE_LLM_BASE_URL and CSE_LLM_API_KEY need CSE_LLM_MODEL, the model's name")
        if values.get("llm_model") and not any(server.values()):
            raise ValueError(
                "CSE_LLM_MODEL needs its server's address in CSE_LLM_BASE_URL, or a key in CSE_LLM_API_KEY"
            )
        if not model or not any(server.values()):
            return values
        return {**values, "llm_base_url": OPENAI_URL, **{k: v for k, v in server.items() if v}, "llm_model": model}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def store_url(self) -> str:
        """Where the database is. It may hold a password: never to be shown."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir.resolve() / 'cse.db'}"


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        Problem: a setting is wrong; the sentence names the variable and the mend.
    """
    os.environ.update(TELEMETRY_OFF)
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            "".join(f"CSE_{str(part).upper()}: " for part in e["loc"]) + e["msg"].removeprefix("Value error, ")
            for e in error.errors()
        )
        raise Problem(f"A setting is wrong: {wrong}. Mend it in the environment or in .env.", code="settings") from None
