"""Settings: every choice a deployment makes, read from the environment (prefix CSE_) or a `.env` file."""

import os
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.problems import Problem

TELEMETRY_OFF = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "ANONYMIZED_TELEMETRY": "false",
    "OTEL_SDK_DISABLED": "true",
}
"""What frameworks below us send home, forced off whatever the shell says."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone; use a name such as UTC or Europe/Berlin")
    return name


def _sqlite_url(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        raise ValueError("must begin with sqlite:///, the one database that is supported so far")
    return url


class Settings(BaseSettings):
    """One deployment's settings. Empty means not set; no model set is a normal state."""

    model_config = SettingsConfigDict(
        env_prefix="CSE_", env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    database_url: Annotated[str, AfterValidator(_sqlite_url)] = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    embedding_base_url: str = ""
    embedding_api_key: SecretStr = SecretStr("")
    embedding_model: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'cse.db'}"


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
            f"CSE_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        raise Problem(f"A setting is wrong: {wrong}. Mend it in the environment or in .env.", code="settings") from None
