"""`POST /v1/accounts/{id}/touchpoints` and the like: one endpoint for each table that is written by hand."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from app.channels.callers import App, Caller
from app.resources import records


def add(router: APIRouter) -> None:
    """Add the endpoints."""
    for table in records.TABLES:
        _add_endpoint(router, table)


def _add_endpoint(router: APIRouter, table: records.Table) -> None:
    async def write(account_id: str, caller: Caller, runtime: App, body: Annotated[dict[str, Any], Body()]) -> Any:
        return await records.write(runtime, caller, account_id, table, body)

    schema = records.request_schema(table)
    router.add_api_route(
        f"/accounts/{{account_id}}/{table}",
        write,
        methods=["POST"],
        status_code=201,
        response_model=records.Written,
        operation_id=f"write_{table}",
        summary=f"Write a {records.KINDS[table].called} by hand",
        # The record's own rules answer wrong bodies; the schema is told here.
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": schema}}}},
    )
