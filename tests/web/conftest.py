"""The web page in a real browser, over the service of `tests/service`."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.channels import page
from tests.service.conftest import service as service
from tests.service.conftest import sqlite_service as sqlite_service

expect.set_options(timeout=30_000)  # ms; the first answer of a service imports what it needs, beside all other tests

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A browser that calls nobody by itself; without a sandbox, since CI runs as root.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: as long as it is open, its event loop keeps others from running in this thread."""
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    if not (page.BUILT / "index.html").is_file():
        pytest.skip("needs the built web page: make web")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
