"""What all tests share: a clean environment, hypothesis profiles, and no skips in CI of what CI can have."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Generator

import pytest
from hypothesis import settings

from app.settings import Settings
from app.store import engine
from tests import made_once
from tests.demo_folder import SHARED

IN_CI = os.environ.get("CSE_CI") == "1"
SETTING_PREFIXES = ("CSE_", "OPENAI_")

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "local")


def pytest_configure() -> None:
    """Tests must not depend on the settings of the shell they are started from, nor on a `.env` file."""
    for name in [name for name in os.environ if name.startswith(SETTING_PREFIXES)]:
        del os.environ[name]
    Settings.model_config["env_file"] = None
    engine.SQLITE_SYNCHRONOUS = "OFF"  # no test cuts the power: what a killed process committed is there all the same
    made_once.install()
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="cse-tests-")
        atexit.register(shutil.rmtree, os.environ[SHARED], ignore_errors=True)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _forbidden_in_ci(reason: str) -> bool:
    """A test skipped for want of something says "needs …"; CI installs what tests need."""
    return IN_CI and reason.removeprefix("Skipped: ").startswith("needs ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, pytest.skip.Exception):
        reason = str(call.excinfo.value.msg)
        if _forbidden_in_ci(reason):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped in CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple) and _forbidden_in_ci(report.longrepr[2]):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in CI: {report.longrepr[2]}"
    return report
