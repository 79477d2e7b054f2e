"""The demo portfolio: loaded for newcomers, kept at today's date until anything else is written, removed for good."""

import asyncio

from sqlalchemy import Connection

from app.imports.demo import demo_is_untouched, load_demo, remove_demo
from app.imports.report import ImportReport
from app.runtime import Runtime
from app.security.principals import LOCAL
from app.store import audit_log, versions
from app.store.audit_log import Event


async def keep_fresh(runtime: Runtime) -> str:
    """Load the demo where nothing was ever written; move its dates to today while nothing else was."""
    is_new = await runtime.store.read(versions.current) == 0
    if is_new or await asyncio.to_thread(demo_is_untouched, runtime.store):
        return await load(runtime)
    return "Customer data is loaded; the demo portfolio is left as it is."


async def load(runtime: Runtime) -> str:
    """Load the demo portfolio with dates relative to today.

    Raises:
        Conflict: an import is running (`import_running`).
    """

    def record(conn: Connection, report: ImportReport) -> None:
        event = Event("demo.loaded", details={"data_version": report.version})
        audit_log.record(conn, LOCAL, event, runtime.clock())

    zone = runtime.settings.zone
    await asyncio.to_thread(load_demo, runtime.store, runtime.today(), runtime.clock(), zone, record)
    return "The demo portfolio is loaded, with dates relative to today. `cse demo remove` removes it."


async def remove(runtime: Runtime) -> str:
    """Remove the demo portfolio; everything else stays.

    Raises:
        Conflict: an import is running (`import_running`).
    """

    def record(conn: Connection, ended: int) -> None:
        event = Event("demo.removed", details={"rows": ended, "data_version": versions.current(conn)})
        audit_log.record(conn, LOCAL, event, runtime.clock())

    await asyncio.to_thread(remove_demo, runtime.store, runtime.clock(), record)
    return "The demo portfolio is removed."
