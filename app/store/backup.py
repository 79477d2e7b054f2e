"""Backups: the whole database in one file that either database can be restored from.

The file is a ZIP archive: a member for each table, one JSON array a line and a line a row, in the order of the primary
key, and at last `manifest.json`. Both directions stream: memory does not grow with the tables.
"""

import base64
import datetime as dt
import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection

from app.domain.problems import Conflict, Problem
from app.security.seal import NO_EVENTS, Head
from app.store import erased_people
from app.store.anchoring import newest
from app.store.column_types import Instant, Json, Text
from app.store.engine import Store
from app.store.migrations.upgrade import revision, revisions, upgrade
from app.store.tables import TABLES

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000

MAX_LINE_BYTES = 64 * 1024**2
"""Of a row. The largest, a kept answer of 16 MB in base64, is a third of that."""

MAX_RATIO, FREE_BYTES = 200, 100 * 1024**2
"""What the members unpack to may be so many times the file's size, and so much in any case. Usage comes to 12, rows
that differ in nothing but their number to 80."""

BATCH_ROWS = 2_000
COMPRESSION_LEVEL = 3
"""Three times as fast as the default of 6, and a tenth larger."""

REVISION_TABLE = "alembic_version"
FILLED_BY_A_START = frozenset({"audit_event", "counter", "parameter_set", "parameters_in_force", "runner"})
"""Tables that have rows as soon as a service has started: they alone are no data to be lost."""

AtEnd = Callable[[Connection, "Manifest", Head], None]
"""Called with what was restored, and with the end of the audit log that was there before."""

Kind = Literal["integer", "number", "boolean", "text", "date", "instant", "json", "bytes"]

_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (sa.JSON, "json"),
    (sa.Boolean, "boolean"),
    (sa.DateTime, "instant"),
    (sa.Date, "date"),
    (sa.Integer, "integer"),
    (sa.Float, "number"),
    (sa.LargeBinary, "bytes"),
    (sa.String, "text"),
)
_TYPES: dict[Kind, Any] = {
    "integer": sa.BigInteger(),
    "number": sa.Float(),
    "boolean": sa.Boolean(),
    "text": Text(),
    "date": sa.Date(),
    "instant": Instant(),
    "json": Json,
    "bytes": sa.LargeBinary(),
}
_READERS: dict[Kind, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat,
    "instant": dt.datetime.fromisoformat,
    "bytes": base64.b64decode,
}
"""What a cell is made of again; those of the other kinds stand in JSON as they are."""


class TableManifest(BaseModel):
    """A table: its columns in the order of the cells, its rows and the SHA-256 of its lines.

    `last_id` is the last number that the table's own counter gave, None where it has no counter.
    """

    model_config = ConfigDict(frozen=True)
    columns: dict[str, Kind]
    rows: int
    sha256: str
    last_id: int | None


class Manifest(BaseModel):
    """What a backup holds. `schema_revision` is that of its tables, `version_n` the newest version of its data."""

    model_config = ConfigDict(frozen=True)
    format: int
    app: str
    created_at: dt.datetime
    schema_revision: str
    version_n: int
    tables: dict[str, TableManifest]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


class DamagedBackup(Problem):
    """The file is no backup, or not as it was written."""

    code = "backup_damaged"
    status = 422


def write_backup(store: Store, file: IO[bytes], now: dt.datetime) -> Manifest:
    """Write the state of the database at one moment; others go on reading and writing.

    Raises:
        Problem: the database has no tables yet (`nothing_to_back_up`).
    """
    with store.reading() as conn, _new_archive(file) as archive:
        schema = revision(conn)
        if schema is None:
            raise Problem("The database has no tables yet: there is nothing to back up.", code="nothing_to_back_up")
        tables = {table.name: _write_table(conn, table, archive) for table in _reflected(conn)}
        manifest = Manifest(
            format=FORMAT,
            app=version("cse-agent"),
            created_at=now,
            schema_revision=schema,
            version_n=int(conn.execute(sa.select(TABLES["counter"].c.n)).scalar_one()),
            tables=tables,
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
    return manifest


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """What the backup says of itself.

    Raises:
        DamagedBackup: it says nothing that can be read.
        Conflict: a newer version made it (`backup_newer`).
    """
    try:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
            raise _damaged("its manifest is too long")
        said = json.loads(archive.read(MANIFEST))
        if said.get("format") != FORMAT or said.get("schema_revision") not in revisions():
            raise Conflict(
                f"A newer version made this backup (cse-agent {said.get('app')}, schema {said.get('schema_revision')});"
                " update this one first.",
                code="backup_newer",
            )
        return Manifest.model_validate(said)
    except (KeyError, ValueError, AttributeError, ValidationError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged("it has no manifest that can be read") from error


def restore(store: Store, path: Path, *, force: bool, at_end: AtEnd | None = None) -> Manifest:
    """Put a backup in the place of all that the database holds, in one transaction, and bring it to the newest schema.

    Who was erased is not forgotten. `at_end` is called at the end of that transaction.

    Raises:
        Problem: the file cannot be read (`file_unreadable`).
        DamagedBackup: the file is no backup, or not whole. The database is as it was.
        Conflict: a newer version made it (`backup_newer`), the database holds data and `force` is not given
            (`database_not_empty`), or another process has the database open (`database_in_use`).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _require_sound(archive, path)
            manifest = read_manifest(archive)
            _verify(archive, manifest)
            with store.exclusive() as conn:
                if not force:
                    _require_empty(conn)
                before, erased = _audit_head(conn), _erased(conn)
                _drop_tables(conn)
                upgrade(conn, manifest.schema_revision)
                _read_tables(conn, manifest, archive)
                upgrade(conn)
                erased_people.put(conn, erased)
                _forget_indexes(conn)
                if at_end:
                    at_end(conn, manifest, before)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.", code="file_unreadable", status=422) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged("it is no whole ZIP archive") from error
    return manifest


def _audit_head(conn: Connection) -> Head:
    """The audit log's end before the restore; an older schema has none."""
    return newest(conn) if sa.inspect(conn).has_table("audit_event") else NO_EVENTS


def _erased(conn: Connection) -> list[erased_people.Erased]:
    """Who was erased before the restore: the backup may be older than that."""
    return erased_people.all_erased(conn) if sa.inspect(conn).has_table("erased") else []


def _damaged(why: str) -> DamagedBackup:
    return DamagedBackup(f"The file is no whole backup: {why}. Nothing was restored.")


# Writing


def _new_archive(file: IO[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)


def _reflected(conn: Connection) -> list[sa.Table]:
    """Our tables as they are in the database, whatever its schema; by name."""
    names = sorted(set(sa.inspect(conn).get_table_names()) & TABLES.keys())
    metadata = sa.MetaData()
    return [sa.Table(name, metadata, autoload_with=conn) for name in names]


def _write_table(conn: Connection, table: sa.Table, archive: zipfile.ZipFile) -> TableManifest:
    kinds = {column.name: _kind(column) for column in table.columns}
    typed = [sa.type_coerce(table.c[name], _TYPES[kind]).label(name) for name, kind in kinds.items()]
    query = sa.select(*typed).select_from(table).order_by(*table.primary_key.columns)
    digest, rows = hashlib.sha256(), 0
    with archive.open(_member(table.name), "w", force_zip64=True) as member:
        for batch in conn.execution_options(yield_per=BATCH_ROWS).execute(query).partitions():
            lines = "".join(json.dumps(list(row), default=_plain, ensure_ascii=False) + "\n" for row in batch).encode()
            digest.update(lines)
            rows += len(batch)
            member.write(lines)
    return TableManifest(columns=kinds, rows=rows, sha256=digest.hexdigest(), last_id=_last_id(conn, table))


def _member(table_name: str) -> str:
    return f"{table_name}.jsonl"


def _kind(column: sa.Column[Any]) -> Kind:
    return next(kind for of_type, kind in _KINDS if isinstance(column.type, of_type))


def _plain(value: Any) -> str:
    if isinstance(value, dt.date):  # a datetime, too
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"no cell of a backup: {type(value)}")


def _counted_by(table: sa.Table) -> str | None:
    """The column that counts up by itself."""
    columns = list(table.primary_key.columns)
    return columns[0].name if len(columns) == 1 and isinstance(columns[0].type, sa.Integer) else None


def _last_id(conn: Connection, table: sa.Table) -> int | None:
    """The last number given. It may be of a row that is gone; in SQLite only `sqlite_autoincrement` remembers that."""
    column = _counted_by(table)
    if column is None:
        return None
    newest = conn.execute(sa.select(sa.func.max(table.c[column]))).scalar() or 0
    return max(newest, _counter(conn, table.name, column))


def _counter(conn: Connection, table_name: str, column: str) -> int:
    if conn.dialect.name == "postgresql":
        name = _sequence(conn, table_name, column)
        if name is None:
            return 0
        query = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}"  # noqa: S608 — quoted by PostgreSQL
        return int(conn.exec_driver_sql(query).scalar_one())
    found = conn.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table_name}).scalar()
    return int(found or 0)


def _sequence(conn: Connection, table_name: str, column: str) -> str | None:
    return conn.execute(sa.select(sa.func.pg_get_serial_sequence(table_name, column))).scalar()


# Restoring


def _require_sound(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what no backup looks like before any of it is unpacked. A member never gives more than it declares."""
    members = archive.infolist()
    if len(members) > len(TABLES) + 1 or len({member.filename for member in members}) < len(members):
        raise _damaged("it holds other files than a backup")
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(FREE_BYTES, MAX_RATIO * path.stat().st_size):
        raise _damaged(f"it would unpack to {unpacked / 1024**3:,.1f} GiB, which no backup of its size does")


def _lines(member: IO[bytes]) -> Iterator[bytes]:
    while line := member.readline(MAX_LINE_BYTES):
        if len(line) >= MAX_LINE_BYTES:  # it may give a little more than it was asked for
            raise _damaged(f"a row is longer than {MAX_LINE_BYTES:,} bytes")
        yield line


def _verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read all of it once before anything is touched."""
    for name, said in manifest.tables.items():
        digest, rows = hashlib.sha256(), 0
        try:
            with archive.open(_member(name)) as member:
                for line in _lines(member):
                    digest.update(line)
                    rows += 1
        except KeyError as error:
            raise _damaged(f"the rows of {name} are missing") from error
        if (rows, digest.hexdigest()) != (said.rows, said.sha256):
            raise _damaged(f"the rows of {name} are not those that were written")


def _require_empty(conn: Connection) -> None:
    for table in _reflected(conn):
        if table.name in FILLED_BY_A_START:
            continue
        if conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise Conflict(
                "The database holds data. Restoring puts the backup in its place: back it up, then give --force.",
                code="database_not_empty",
            )


def _drop_tables(conn: Connection) -> None:
    for table in _reflected(conn):
        table.drop(conn)
    sa.Table(REVISION_TABLE, sa.MetaData()).drop(conn, checkfirst=True)


def _read_tables(conn: Connection, manifest: Manifest, archive: zipfile.ZipFile) -> None:
    made = {table.name: table for table in _reflected(conn)}
    if made.keys() != manifest.tables.keys():
        raise _damaged("its tables are not those of its schema")
    for name, table in made.items():
        said = manifest.tables[name]
        if {column.name: _kind(column) for column in table.columns} != said.columns:
            raise _damaged(f"the columns of {name} are not those of its schema")
        conn.execute(table.delete())  # what a migration puts into a new database
        _read_table(conn, table, said, archive)


def _read_table(conn: Connection, table: sa.Table, said: TableManifest, archive: zipfile.ZipFile) -> None:
    into = sa.table(table.name, *(sa.column(name, _TYPES[kind]) for name, kind in said.columns.items())).insert()
    readers = [(place, _READERS[kind]) for place, kind in enumerate(said.columns.values()) if kind in _READERS]
    with archive.open(_member(table.name)) as member:
        rows = _lines(member)
        while lines := list(islice(rows, BATCH_ROWS)):
            try:
                batch = [_row(line, said.columns, readers) for line in lines]
            except (ValueError, TypeError, IndexError) as error:
                raise _damaged(f"the rows of {table.name} cannot be read") from error
            conn.execute(into, batch)
    if said.last_id is not None:
        _count_on(conn, table, said.last_id)


def _row(line: bytes, columns: dict[str, Kind], readers: Sequence[tuple[int, Callable[[str], Any]]]) -> dict[str, Any]:
    cells = json.loads(line)
    for place, read in readers:
        if cells[place] is not None:
            cells[place] = read(cells[place])
    return dict(zip(columns, cells, strict=True))


def _count_on(conn: Connection, table: sa.Table, last_id: int) -> None:
    """Let the table's own counter go on after `last_id`."""
    column = _counted_by(table)
    if column is None or last_id <= 0:
        return
    if conn.dialect.name == "postgresql":
        if name := _sequence(conn, table.name, column):
            conn.execute(sa.select(sa.func.setval(name, last_id)))
        return
    given = {"name": table.name, "last": last_id}
    conn.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
    if "AUTOINCREMENT" in _sqlite_definition(conn, table.name):
        conn.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


def _sqlite_definition(conn: Connection, table_name: str) -> str:
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    return str(conn.execute(query, {"name": table_name}).scalar_one()).upper()


def _forget_indexes(conn: Connection) -> None:
    """The indexes beside this database hold nothing of the restored documents until they were brought in line."""
    conn.execute(TABLES["document"].update().values(indexed_digest=None))
