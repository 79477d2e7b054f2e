"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def is_current(conn: Connection) -> bool:
    """Whether the database has the newest schema."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(conn).get_current_revision() == newest


def upgrade(conn: Connection) -> None:
    """Run the missing migrations within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
