"""The progress bar of an import, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from app.render.characters import one_line
from app.resources.imports import OnProgress


@contextmanager
def import_progress(quiet: bool) -> Iterator[OnProgress | None]:
    """One bar for the whole import; none where only JSON is wanted."""
    if quiet:
        yield None
        return
    rows = TextColumn("{task.fields[rows]:,} rows")
    columns = (TextColumn("{task.description}"), BarColumn(), rows, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("reading", total=None, rows=0, visible=False)

        def update(file: str, rows_done: int, bytes_done: int, bytes_total: int) -> None:
            name = escape(one_line(file))  # Rich reads markup in a description
            progress.update(
                bar, description=name, completed=bytes_done, total=bytes_total, rows=rows_done, visible=True
            )

        yield update
