"""Column types: what SQLite cannot keep by itself, and what PostgreSQL cannot keep at all."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

from app.domain.problems import InvalidArguments

Json = JSON(none_as_null=True)
"""JSON in which None is SQL's NULL."""

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A primary key that counts up; SQLite does so only for INTEGER."""


class Text(TypeDecorator[str]):
    """Text of any length. PostgreSQL keeps no NUL characters, so they are refused whichever database there is."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and "\0" in value:
            raise InvalidArguments("A text holds a NUL character (U+0000); remove it.", code="invalid_text")
        return value


class Instant(TypeDecorator[dt.datetime]):
    """An instant, stored in UTC and read back aware. A naive value has no instant and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"an instant needs its zone: {value!r}")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class TextList(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings, stored as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> Any:
        return list(value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:
        return tuple(value or ())
