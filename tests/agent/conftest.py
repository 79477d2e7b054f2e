"""A desk over the demo, opened once; its tests only read customer data."""

from collections.abc import Iterator

import pytest

from tests.agent.scripted import OpenDesk
from tests.demo_folder import fill


@pytest.fixture(scope="session")
def at_the_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    folder = tmp_path_factory.mktemp("demo")
    fill(folder)
    desk = OpenDesk(folder)
    yield desk
    desk.close()
