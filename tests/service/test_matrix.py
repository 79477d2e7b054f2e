"""Who may do what: every operation of the OpenAPI document × role × scope, against the table in matrix.yaml."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route, Router

from app.main import create_app
from tests.service.conftest import Service, prepare, serve, settings_in
from tests.service.matrix import CALLERS, ROLES, SCOPES, SECRET, Case, World, outcome_of, table

CASES = [
    pytest.param(operation, case, id=f"{operation} {case.case}".strip())
    for operation, cases in table().operations.items()
    for case in cases
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("matrix"))
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        yield World(Service(url, settings, key))


def test_the_table_names_every_operation_and_no_other(tmp_path: Path) -> None:
    document = create_app(settings_in(tmp_path)).openapi()
    operations = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert set(table().operations) == operations


def test_the_routes_outside_the_document_are_known(tmp_path: Path) -> None:
    routes = _routes(create_app(settings_in(tmp_path)).router)
    assert {route.path for route in routes if not route.include_in_schema} == set(table().outside)


def _routes(router: Router) -> Iterator[Route]:
    """All routes, also those of routers within."""
    for route in router.routes:
        if isinstance(route, Route):
            yield route
        else:
            yield from _routes(route.original_router)  # type: ignore[attr-defined]


def test_each_case_of_an_operation_has_a_name_of_its_own() -> None:
    for operation, cases in table().operations.items():
        assert len({case.case for case in cases}) == len(cases), operation


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_every_cell(world: World, operation: str, case: Case) -> None:
    found, expected = {}, {}
    for caller in CALLERS:
        for scope in SCOPES:
            cell = world.cell(caller, scope)
            response = world.send(operation, case, cell)
            world.wait_for_jobs(response, cell)
            found[caller, scope] = outcome_of(response)
            expected[caller, scope] = case.outcome(caller, scope)
            if scope != "all" or caller not in ROLES:
                assert SECRET not in response.text, (caller, scope)
    assert found == expected
