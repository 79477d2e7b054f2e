"""Writes SQL that checks what a case shows of data: one SELECT each, which reads only and is limited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, urlsplit

from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.facts.logs import LogSummary, Repeated
from tools.troubleshoot.facts.programs import TableSummary

LIMIT = 50
READS_ONLY = "-- Reads only. Put the names of your own table and columns in."

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_RESERVED = frozenset(
    {
        *("all", "alter", "and", "any", "as", "asc", "between", "by", "case", "check", "column", "create", "cross"),
        *("current_date", "current_time", "current_timestamp", "default", "delete", "desc", "distinct", "drop"),
        *("else", "end", "except", "exists", "false", "for", "foreign", "from", "full", "grant", "group", "having"),
        *("in", "index", "inner", "insert", "intersect", "into", "is", "join", "key", "left", "like", "limit"),
        *("natural", "not", "null", "offset", "on", "or", "order", "outer", "primary", "references", "right"),
        *("rows", "select", "set", "table", "then", "to", "transaction", "trigger", "true", "union", "unique"),
        *("update", "user", "using", "values", "view", "when", "where", "window", "with"),
    }
)
_PAGING = ("offset", "page", "skip", "start", "cursor", "after")
_STORED = {
    "event_id": ("webhook_events", "event_id", "received_at"),
    "delivery_id": ("webhook_deliveries", "delivery_id", "received_at"),
    "idempotency_key": ("requests", "idempotency_key", "created_at"),
    "record_id": ("records", "id", "created_at"),
}
"""For what is repeated: a general name for its table, its column, and the time in it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query; `note` says what its result means."""

    title: str
    text: str
    note: str


def queries(case: Case) -> tuple[Query, ...]:
    """The queries that the case gives cause for, each once."""
    found = [*_of_tables(case), *_of_logs(case), *_of_deliveries(case), *_of_paging(case)]
    return tuple({query.text: query for query in found}.values())


def repeated_values(table: str, column: str, values: tuple[str, ...] = ()) -> str:
    """A query for values of a column that stand in several rows; only some of the values where they are given."""
    chosen = f"\nWHERE {column} IN ({', '.join(_literal(value) for value in values)})" if values else ""
    return (
        f"{READS_ONLY}\nSELECT {column}, COUNT(*) AS times\nFROM {table}{chosen}\n"
        f"GROUP BY {column}\nHAVING COUNT(*) > 1\nORDER BY times DESC\nLIMIT {LIMIT};"
    )


def _of_tables(case: Case) -> Iterator[Query]:
    for table, place in case.facts(TableSummary):
        if table.repeated_ids:
            column = _name(table.id_column, "id")
            text = repeated_values(_table_name(place.name), column)
            yield Query(
                f"Values of {column} in several rows", text, "No row: they are there once, and were read twice."
            )
        elif table.duplicate_rows:
            yield _equal_rows(table, _table_name(place.name))


def _equal_rows(table: TableSummary, name: str) -> Query:
    """The rows that are equal in all columns whose names are plain."""
    columns = list(dict.fromkeys(column.name for column in table.columns if _is_plain(column.name)))[:20] or ["id"]
    listed = ", ".join(columns)
    text = (
        f"{READS_ONLY}\nSELECT {listed}, COUNT(*) AS times\nFROM {name}\nGROUP BY {listed}\n"
        f"HAVING COUNT(*) > 1\nORDER BY times DESC\nLIMIT {LIMIT};"
    )
    return Query("Rows that are there twice", text, "No row: they are there once, and were exported twice.")


def _of_logs(case: Case) -> Iterator[Query]:
    for log, _ in case.facts(LogSummary):
        kinds: dict[str, list[Repeated]] = {}
        for each in log.repeated:
            kinds.setdefault(each.what, []).append(each)
        for what, found in kinds.items():
            if what in _STORED and any(each.count > 1 for each in found):
                yield _stored(what, tuple(each.value for each in found if each.count > 1))


def _of_deliveries(case: Case) -> Iterator[Query]:
    """The events that stand in several deliveries."""
    ids = [delivery.event_id for delivery, _ in case.facts(WebhookDelivery) if delivery.event_id]
    repeated = tuple(dict.fromkeys(each for each in ids if ids.count(each) > 1))
    if repeated:
        yield _stored("event_id", repeated)


def _stored(what: str, values: tuple[str, ...]) -> Query:
    table, column, _ = _STORED[what]
    plain = tuple(value for value in values if _VALUE.fullmatch(value))[:10]
    noun = column.replace("_", " ")
    text = repeated_values(table, column, plain)
    return Query(f"What was written twice for one {noun}", text, "No row: it was sent several times and handled once.")


def _of_paging(case: Case) -> Iterator[Query]:
    """Records that were made or changed while somebody paged through them."""
    calls = [exchange for exchange, _ in case.facts(Exchange) if _pages(exchange)]
    for log, _ in case.facts(LogSummary):
        calls += [sample for sample in log.samples if _pages(sample)]
    times = [call.at for call in calls if call.at is not None]
    if len(calls) < 2 or not times:
        return
    first, last = (f"'{each:%Y-%m-%d %H:%M:%S}'" for each in (min(times), max(times)))
    text = (
        f"{READS_ONLY} Times are in UTC.\nSELECT id, created_at, updated_at\nFROM records\n"
        f"WHERE updated_at BETWEEN {first} AND {last}\nORDER BY updated_at\nLIMIT {LIMIT};"
    )
    yield Query(
        "Records that changed while the pages were read", text, "Any row: with offsets, pages overlap or leave gaps."
    )


def _pages(exchange: Exchange) -> bool:
    try:
        names = {name.lower() for name, _ in parse_qsl(urlsplit(exchange.url or "").query, max_num_fields=100)}
    except ValueError:
        return False
    return not names.isdisjoint(_PAGING)


def _table_name(file: str) -> str:
    """The name of the file without its ending, where that is a plain name."""
    return _name(PurePosixPath(file.replace("\\", "/")).name.partition(".")[0], "imported_rows")


def _name(name: str, otherwise: str) -> str:
    return name if _is_plain(name) else otherwise


def _is_plain(name: str) -> bool:
    """Whether SQL takes it for a name as it stands."""
    return bool(_NAME.fullmatch(name)) and name.lower() not in _RESERVED and not name.lower().startswith("sqlite_")


def _literal(value: str) -> str:
    return f"'{value}'"
