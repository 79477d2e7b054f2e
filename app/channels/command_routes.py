"""`/v1/commands`: one endpoint for each command, made from what the command says of itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from app.channels.callers import App, Caller
from app.domain.command import Command
from app.resources import commands as resource
from app.runtime import Commands


def add(router: APIRouter, commands: Commands) -> None:
    """Add the list of commands and the endpoints; a name that is none is told with the closest ones."""

    @router.get("/commands")
    async def list_commands(caller: Caller, runtime: App) -> resource.CommandPage:
        """The commands, with the JSON schema of their arguments."""
        return resource.list_commands(runtime)

    for command in commands.values():
        _add_endpoint(router, command)

    @router.post("/commands/{name}", include_in_schema=False)
    async def unknown_command(name: str, caller: Caller, runtime: App) -> None:
        resource.find_command(runtime, name)


def _add_endpoint(router: APIRouter, command: Command[Any]) -> None:
    async def call(caller: Caller, runtime: App, body: Annotated[dict[str, Any], Body()]) -> Any:
        return await resource.call(runtime, caller, command.name, body)

    router.add_api_route(
        f"/commands/{command.name}",
        call,
        methods=["POST"],
        response_model=resource.CommandAnswer[type(command).data],  # type: ignore[misc]
        operation_id=f"command_{command.name}",
        summary=command.summary,
        # The command's own validation answers wrong bodies, in the words of the chat; the schema is told here.
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": resource.request_schema(command)}}}},
    )
