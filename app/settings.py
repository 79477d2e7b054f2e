"""Settings: every choice a deployment makes, read from the environment (prefix CSE_) or a `.env` file."""

import base64
import binascii
import os
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.destinations import destination, is_host
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

LEAST_AUDIT_KEY = 32
LEAST_DELIVERY_SECRET, MOST_DELIVERY_SECRET = 24, 64
"""Bytes; what the Standard Webhooks ask for."""

OUTBOUND = ("llm_base_url", "embedding_base_url", "delivery_url")
"""What customer data is sent to. A Chroma server and the database hold it, and are no way out of the house."""


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


def _audit_key(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < LEAST_AUDIT_KEY:
        raise ValueError(f"must have {LEAST_AUDIT_KEY} characters or more, such as `openssl rand -hex 32` prints")
    return secret


def _delivery_secret(secret: SecretStr) -> SecretStr:
    """A key as the Standard Webhooks write it, with its prefix or without."""
    text = secret.get_secret_value()
    if not text:
        return secret
    try:
        size = len(base64.b64decode(text.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not LEAST_DELIVERY_SECRET <= size <= MOST_DELIVERY_SECRET:
        raise ValueError(
            f"must be whsec_ and {LEAST_DELIVERY_SECRET} to {MOST_DELIVERY_SECRET} random bytes in base64, such as "
            "`echo whsec_$(openssl rand -base64 32)` prints"
        )
    return secret


def _split(value: object) -> object:
    """A comma-separated list, as the environment has it."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip().lower() for part in value.split(",") if part.strip())


def _host(name: str) -> str:
    if not is_host(name):
        raise ValueError("must be hosts separated by commas, without https:// and port, such as a.example.com,10.0.0.5")
    return name


Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, BeforeValidator(_split)]


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
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    embedding_base_url: str = ""
    embedding_api_key: SecretStr = SecretStr("")
    embedding_model: str = ""
    slack_signing_secret: SecretStr = SecretStr("")
    audit_key: Annotated[SecretStr, AfterValidator(_audit_key)] = SecretStr("")
    audit_anchor: Path | None = None
    delivery_url: str = ""
    delivery_secret: Annotated[SecretStr, AfterValidator(_delivery_secret)] = SecretStr("")
    private_hosts: Hosts = ()
    link_hosts: Hosts = ()
    requests_per_minute: Annotated[int, Field(ge=1)] = 30_000
    streams_per_key: Annotated[int, Field(ge=1)] = 1_500
    keep_transcripts_days: Annotated[int, Field(ge=1)] | None = None
    keep_audit_days: Annotated[int, Field(ge=1)] | None = None

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

    @model_validator(mode="after")
    def _ways_out(self) -> Self:
        """What leaves the house goes to a server that may be named, and a delivery is signed."""
        for name in OUTBOUND:
            try:
                if url := getattr(self, name):
                    destination(url, self.private_hosts)
            except ValueError as error:
                raise ValueError(f"CSE_{name.upper()}: {error}") from None
        if bool(self.delivery_url) != bool(self.delivery_secret.get_secret_value()):
            raise ValueError("CSE_DELIVERY_URL and CSE_DELIVERY_SECRET go together: set both, or neither")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def store_url(self) -> str:
        """Where the database is. It may hold a password: never to be shown."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir.resolve() / 'cse.db'}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must show nowhere: the secret settings, and the password within the database's address."""
        values = [getattr(self, name) for name in type(self).model_fields]
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return tuple(secret for secret in (*secrets, make_url(self.store_url).password) if secret)


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
            "".join(f"CSE_{str(part).upper()}: " for part in e["loc"][:1]) + e["msg"].removeprefix("Value error, ")
            for e in error.errors()
        )
        raise Problem(f"A setting is wrong: {wrong}. Mend it in the environment or in .env.", code="settings") from None
