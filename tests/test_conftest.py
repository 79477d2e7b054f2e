"""In CI a skip of what CI can have is a failure; elsewhere it is reported as a skip."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CASES = """
import pytest
pytest.importorskip("os")

@pytest.mark.skipif(True, reason="needs a database")
def test_marked(): ...

def test_called():
    pytest.skip("needs weights")

def test_other_reason():
    pytest.skip("only on Windows")

def test_runs(): ...
"""
WHOLE_MODULE = """
import pytest
pytest.skip("needs a package", allow_module_level=True)
"""


@pytest.mark.parametrize(
    ("in_ci", "outcomes"),
    [("1", {"passed": 1, "skipped": 1, "failed": 1, "errors": 2}), ("0", {"passed": 1, "skipped": 4})],
)
def test_skips_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, in_ci: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("CSE_CI", in_ci)
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(test_cases=CASES, test_whole_module=WHOLE_MODULE)
    result = pytester.runpytest_subprocess("--continue-on-collection-errors", "-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
