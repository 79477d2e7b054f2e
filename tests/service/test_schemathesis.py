"""Every operation of the OpenAPI document, with made-up requests: no error on our side, no answer it does not name, and
nothing taken that it forbids. `make fuzz` sends more of them, other ones each time.
"""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from app.main import create_app
from app.settings import Settings
from tests.service.conftest import Service, bearer, prepare, serve, settings_in

FUZZ = os.environ.get("FUZZ_EXAMPLES")

CHECKED = {
    "generation": {
        "with-security-parameters": False,  # each request has the same key
        "allow-extra-parameters": False,  # unknown ones of a query are passed over
    },
    "checks": {
        # A cursor, a day or two fields beside each other can be wrong in ways that no schema says.
        "positive_data_acceptance": {"enabled": False},
        # /v1/messages/draft is an address of /v1/messages/{message_id} too, and `Allow` tells what it takes.
        "allow_header_conformance": {"enabled": False},
    },
}

document = create_app(Settings(_env_file=None)).openapi()
schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CHECKED))


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own: the requests change what they can."""
    own = settings_in(tmp_path_factory.mktemp("data"))
    key = asyncio.run(prepare(own, filled=True))
    for url in serve(own):
        yield Service(url, own, key)


@schema.parametrize()
@settings(
    max_examples=int(FUZZ or 2),
    derandomize=FUZZ is None,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_operation(case: Case[Any], target: Service) -> None:
    case.call_and_validate(base_url=target.url, headers=bearer(target.admin_key), timeout=30)
