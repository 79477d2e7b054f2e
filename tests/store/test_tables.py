"""The tables against the records they hold and against the migrations that make them."""

import datetime as dt
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from app.domain.problems import InvalidArguments
from app.domain.records import RECORD_TYPES, Account
from app.store.column_types import Instant
from app.store.record_rows import COMPACT_TABLES, VERSIONED, is_state, key_columns
from app.store.tables import TABLES, Row
from tests.databases import new_store
from tests.store.conftest import World

BOOKKEEPING = {"since", "until", "origin", "row_id", "effective_on"}


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_a_record_table_has_the_records_fields(name: str) -> None:
    fields = set(RECORD_TYPES[name].model_fields)
    if name in COMPACT_TABLES:
        fields = fields - {"account_id", "date"} | {"account_key", "day"}
    assert set(TABLES[name].columns.keys()) - BOOKKEEPING == fields


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_optional_fields_and_only_they_can_be_null(name: str) -> None:
    record_type = RECORD_TYPES[name]
    for field, info in record_type.model_fields.items():
        column = TABLES[name].columns.get(field)
        if column is not None:
            assert column.nullable == (not info.is_required() and info.default is None), field


def test_every_versioned_table_has_its_key_columns() -> None:
    for table in VERSIONED:
        assert set(key_columns(table.name)) <= set(table.columns.keys()), table.name


def test_state_is_what_has_no_date() -> None:
    state = {name for name in RECORD_TYPES if is_state(TABLES[name])}
    assert state == {
        "accounts", "contacts", "goals", "feedback", "plans", "roadmap", "integrations",
        "milestones", "checks", "ramp_signoffs",
    }  # fmt: skip


def test_migrations_make_exactly_these_tables(world: World) -> None:
    with world.store.reading() as conn:
        assert compare_metadata(MigrationContext.configure(conn), Row.metadata) == []


def test_text_sorts_by_its_bytes(world: World) -> None:
    """As Python sorts it, whatever the database's locale."""
    ids = ["b", "B", "a-1", "a1", "ä", "Z", "_"]
    world.write({"accounts": [Account(id=account_id, name="A") for account_id in ids]})
    accounts = TABLES["accounts"]
    with world.store.reading() as conn:
        assert list(conn.execute(select(accounts.c.id).order_by(accounts.c.id)).scalars()) == sorted(ids)


def test_usage_is_clustered_by_its_key_in_sqlite(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as store, store.reading() as conn:
        for name in COMPACT_TABLES:
            made = conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar_one()
            assert "WITHOUT ROWID" in made


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        Instant().process_bind_param(dt.datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001


def test_an_instant_comes_back_in_utc() -> None:
    stored = Instant().process_bind_param(
        dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), sqlite.dialect()
    )
    assert stored == dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
    read = Instant().process_result_value(dt.datetime(2025, 12, 31, 23), sqlite.dialect())  # noqa: DTZ001
    assert read == stored


def test_text_with_a_nul_is_refused_by_either_database(world: World) -> None:
    with pytest.raises(InvalidArguments, match="NUL") as caught:
        world.write({"accounts": [Account(id="a", name="A\0B")]})
    assert caught.value.code == "invalid_text"
    assert world.current() == 0
