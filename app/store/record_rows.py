"""How records become rows: which columns of a table are its key, and what stands for a record's fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from app.domain.records import RECORD_TYPES, Record
from app.store.tables import TABLES

Cells = tuple[Any, ...]

COMPACT_TABLES = ("usage", "feature_usage")
"""Tables keyed by `account_key` and ordinal `day` where the record has `account_id` and `date`."""

_COMPACT_NAMES = {"account_id": "account_key", "date": "day"}
_SERVICE_KEYS = {
    "account_source": ("account_id", "source"),
    "feed": ("source", "table_name"),
    "external_id": ("source", "subject", "external_id"),
    "waiting_row": ("source", "table_name", "record_key"),
}

VERSIONED: tuple[sa.Table, ...] = tuple(table for table in TABLES.values() if "until" in table.c)
"""All tables of customer data."""


@cache
def key_columns(table_name: str) -> tuple[str, ...]:
    """The columns that identify a record in a versioned table, whatever its version."""
    if table_name in _SERVICE_KEYS:
        return _SERVICE_KEYS[table_name]
    return _columns_of(table_name, RECORD_TYPES[table_name].key)


def is_state(table: sa.Table) -> bool:
    """Whether the table holds undated state, whose rows carry the day from which they hold."""
    return "effective_on" in table.c


@dataclass(frozen=True, slots=True)
class Shape:
    """A record type's table, with its key columns and the columns of the record's other fields."""

    table: sa.Table
    key: tuple[str, ...]
    values: tuple[str, ...]
    key_of: Callable[[Record], Cells]
    values_of: Callable[[Record], Cells]

    def cells(self, records: Sequence[Record], account_keys: Mapping[str, int]) -> dict[Cells, Cells]:
        """Key and other cells of each record. Of records with the same key the last one counts."""
        if self.table.name not in COMPACT_TABLES:
            return {self.key_of(r): self.values_of(r) for r in records}
        keyed = ((self.key_of(r), self.values_of(r)) for r in records)
        return {(account_keys[key[0]], key[1].toordinal(), *key[2:]): values for key, values in keyed}


@cache
def shape(table_name: str) -> Shape:
    """The shape of a record type's table."""
    record_type = RECORD_TYPES[table_name]
    fields = tuple(name for name in record_type.model_fields if name not in record_type.key)
    return Shape(
        table=TABLES[table_name],
        key=key_columns(table_name),
        values=_columns_of(table_name, fields),
        key_of=_getter(record_type.key),
        values_of=_getter(fields),
    )


def account_id_of(table_name: str) -> Callable[[Record], str] | None:
    """What reads a record's account; None for records that belong to no single account."""
    if table_name == "accounts":
        return attrgetter("id")
    return attrgetter("account_id") if "account_id" in RECORD_TYPES[table_name].model_fields else None


def _columns_of(table_name: str, fields: Sequence[str]) -> tuple[str, ...]:
    names = _COMPACT_NAMES if table_name in COMPACT_TABLES else {}
    return tuple(names.get(field, field) for field in fields)


def _getter(fields: Sequence[str]) -> Callable[[Any], Cells]:
    """Like `attrgetter`, and a tuple for one field too."""
    if len(fields) > 1:
        return attrgetter(*fields)
    (field,) = fields
    return lambda record: (getattr(record, field),)
