"""A data folder with the demo, filled once; its tests only read customer data."""

from pathlib import Path

import pytest

from tests.demo_folder import fill


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    fill(folder)
    return folder
