"""The demo portfolio: loaded for newcomers, kept at today's date until anything else is written, removed for good."""

import asyncio

from app.imports.demo import demo_is_untouched, load_demo, remove_demo
from app.runtime import Runtime
from app.store import versions


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
    await asyncio.to_thread(load_demo, runtime.store, runtime.today(), runtime.clock(), runtime.settings.zone)
    return "The demo portfolio is loaded, with dates relative to today. `cse demo remove` removes it."


async def remove(runtime: Runtime) -> str:
    """Remove the demo portfolio; everything else stays.

    Raises:
        Conflict: an import is running (`import_running`).
    """
    await asyncio.to_thread(remove_demo, runtime.store, runtime.clock())
    return "The demo portfolio is removed."
