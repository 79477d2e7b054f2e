"""Alembic's entry: run by `app.store.migrations.upgrade` with a connection, and by the `alembic` command without.

A new migration, from the root of the repository:
    alembic -c app/store/migrations/alembic.ini revision --autogenerate -m "what changes"
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.types import TypeDecorator

from app.store.tables import Row


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our own column types stand in a migration as what they are made of: migrations outlive them."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_item=_render,
        compare_type=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    with create_engine(str(url)).begin() as connection:
        _run(connection)


_main()
