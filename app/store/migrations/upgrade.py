"""Brings a database to a schema, the newest as a rule."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_TEXT_BY_LOCALE = text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attcollation = (SELECT oid FROM pg_collation WHERE collname = 'default')
""")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def revisions() -> tuple[str, ...]:
    """All schemas that this version knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def revision(conn: Connection) -> str | None:
    """The database's schema; None where it has no tables yet."""
    return MigrationContext.configure(conn).get_current_revision()


def is_current(conn: Connection) -> bool:
    """Whether the database has the newest schema."""
    return revision(conn) == revisions()[0]


def upgrade(conn: Connection, to: str = "head") -> None:
    """Run the missing migrations within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, to)
    if conn.dialect.name == "postgresql":
        _sort_by_bytes(conn)


def _sort_by_bytes(conn: Connection) -> None:
    """Text sorts by its bytes, as in SQLite and in Python, and not by the locale that the database was made with."""
    quote = conn.dialect.identifier_preparer.quote
    for table, column, kind in conn.execute(_TEXT_BY_LOCALE).all():
        name = quote(column)
        conn.exec_driver_sql(f'ALTER TABLE {quote(table)} ALTER COLUMN {name} TYPE {kind} COLLATE "C"')
