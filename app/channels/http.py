"""The HTTP API: parses requests, calls `turn` or a resource, encodes what comes back. No logic."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, File, Form, Header, Query, Request, Response, UploadFile
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app import turn
from app.channels import (
    approval_routes,
    audit_routes,
    command_routes,
    data_routes,
    docs_page,
    export_routes,
    idempotency,
    openai_compat,
    page,
    record_routes,
    sse,
)
from app.channels.arguments import Day
from app.channels.body_limit import ATTACHMENT_LIMITS, FORM_LIMITS
from app.channels.callers import App, Caller, open_stream
from app.domain.command import Audience, Role
from app.domain.events import Answer, ErrorEvent
from app.domain.problems import Problem
from app.domain.records import Account
from app.resources import accounts, attachments, imports, keys, knowledge, turns, undo
from app.runtime import Commands, Runtime

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]

router = APIRouter(prefix="/v1")
open_router = APIRouter(include_in_schema=False)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChatRequest(Body):
    message: str = Field(description="A question, or a command such as /health acme; with attachments it may be empty")
    thread_id: str | None = None
    as_of: Day | None = None
    audience: Audience = "internal"
    narrate: bool = Field(default=False, description="Ask the model, where one is set, to put the answer into words")
    attachments: list[str] = Field(
        default=[], max_length=attachments.MOST_FILES, description="Ids of files from POST /v1/attachments"
    )


class KeyRequest(Body):
    name: str = Field(min_length=1, max_length=200)
    role: Role = "cse"
    accounts: list[str] | None = Field(default=None, min_length=1, description="Limit the key to these account ids")
    groups: list[str] = Field(default=[], description="Approver groups")


class DocumentRequest(Body):
    title: str = Field(min_length=1, max_length=300)
    text: str
    audience: Audience = "internal"


# ── Conversations ─────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/chat", response_model=Answer, responses={200: {"content": {"text/event-stream": {}}}})
async def chat(body: ChatRequest, request: Request, caller: Caller, runtime: App) -> Any:
    """One turn: JSON, or server-sent events with `Accept: text/event-stream`."""
    asked = turn.Turn(
        caller,
        body.message,
        body.thread_id,
        as_of=body.as_of,
        audience=body.audience,
        narrate=body.narrate,
        attachments=tuple(body.attachments),
    )
    if "text/event-stream" in request.headers.get("accept", ""):
        open_stream(request, caller)
        run = await turn.start(runtime, asked)
        return await sse.respond(run.follow(), location=f"/v1/turns/{run.turn_id}/events")
    last = await turn.answer(runtime, asked)
    if isinstance(last, ErrorEvent):
        raise Problem(last.error.detail, code=last.error.code, status=500, **last.error.extra)
    return last.answer


@router.post("/attachments", status_code=201, form_limits=ATTACHMENT_LIMITS)
async def attach(
    caller: Caller,
    runtime: App,
    files: Annotated[list[UploadFile], File(description="Logs, HAR files and the like, of up to 100 MB each")],
) -> attachments.AttachedFiles:
    """Read files for messages that name their ids. What was read is kept, its secrets masked; the files are not."""
    return await attachments.add(runtime, caller, [attachments.File(f.filename or "", f.file) for f in files])


@router.get("/turns/{turn_id}")
async def get_turn(turn_id: str, caller: Caller, runtime: App) -> turns.StoredTurn:
    """A turn as it was recorded."""
    return await turns.get(runtime, caller, turn_id)


@router.get("/turns/{turn_id}/events", responses={200: {"content": {"text/event-stream": {}}}})
async def turn_events(
    turn_id: str, request: Request, caller: Caller, runtime: App, last_event_id: Annotated[int, Header(ge=0)] = 0
) -> Response:
    """A turn's events after `Last-Event-ID`: live while it runs, else from its row."""
    open_stream(request, caller)
    return await sse.respond(turn.follow(runtime, caller, turn_id), last_event_id)


@router.post("/turns/{turn_id}/stop", status_code=204)
async def stop_turn(turn_id: str, caller: Caller, runtime: App) -> None:
    """Stop a running turn."""
    await turn.stop(runtime, caller, turn_id)


@router.post("/turns/{turn_id}/undo")
async def undo_turn(turn_id: str, caller: Caller, runtime: App) -> undo.Undone:
    """Take back what a turn of the caller's wrote."""
    return await undo.undo(runtime, caller, turn_id)


@router.get("/threads")
async def list_threads(caller: Caller, runtime: App, limit: Limit = 50, cursor: Cursor = None) -> turns.ThreadPage:
    """The caller's threads, the last used first."""
    return await turns.list_threads(runtime, caller, limit, cursor)


@router.get("/threads/{thread_id}")
async def get_thread(thread_id: str, caller: Caller, runtime: App) -> turns.ThreadWithTurns:
    """A thread with its turns, oldest first."""
    return await turns.thread(runtime, caller, thread_id)


# ── Customer data ─────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/accounts")
async def list_accounts(
    caller: Caller,
    runtime: App,
    q: Annotated[str | None, Query(description="Part of the name or id", max_length=300)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> accounts.AccountPage:
    """The accounts that the caller may see, by id."""
    return await accounts.list_accounts(runtime, caller, q, limit, cursor)


@router.get("/accounts/{account_id}")
async def get_account(account_id: str, caller: Caller, runtime: App) -> Account:
    """One account as it is now."""
    return await accounts.get(runtime, caller, account_id)


@router.get("/accounts/{account_id}/{table}")
async def account_records(
    account_id: str,
    table: accounts.RecordTable,
    caller: Caller,
    runtime: App,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> accounts.RecordPage:
    """The records that figures cite as evidence, oldest first."""
    return await accounts.list_records(runtime, caller, account_id, table, first, last, limit, cursor)


@router.post("/imports", status_code=202, form_limits=FORM_LIMITS)
async def start_import(
    caller: Caller,
    runtime: App,
    response: Response,
    files: Annotated[list[UploadFile], File(description="CSV files named after their tables")],
    profile: Annotated[str | None, Form()] = None,
    dry_run: Annotated[bool, Form()] = False,
    through: Annotated[Day | None, Form(description="The day up to which event files are complete")] = None,
    effective: Annotated[Day | None, Form(description="The day from which undated fields hold")] = None,
) -> imports.Job:
    """Load files; the answer is a job to be looked at under /v1/jobs/{id}."""
    options = imports.Options(profile=profile, dry_run=dry_run, through=through, effective=effective)
    uploads = [imports.Upload(file.filename or "", file.file) for file in files]
    job = await imports.start(runtime, caller, uploads, options)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@router.get("/jobs")
async def list_jobs(caller: Caller, runtime: App, limit: Limit = 50, cursor: Cursor = None) -> imports.JobPage:
    """The caller's jobs, the newest first."""
    return await imports.list_jobs(runtime, caller, limit, cursor)


@router.post("/jobs/{job_id}/cancel", status_code=202)
async def cancel_job(job_id: str, caller: Caller, runtime: App) -> imports.Job:
    """End a job at its next step, with nothing taken; one that has ended stays as it is."""
    return await imports.cancel(runtime, caller, job_id)


@router.get("/jobs/{job_id}")
async def get_job(job_id: str, caller: Caller, runtime: App) -> imports.Job:
    """A job's progress, and its report when it has ended."""
    return await imports.get(runtime, caller, job_id)


# ── Knowledge ─────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/knowledge/search")
async def search_knowledge(
    caller: Caller,
    runtime: App,
    q: Annotated[str, Query(max_length=2000)],
    k: Annotated[int, Query(ge=1, le=50)] = 5,
    audience: Audience = "internal",
) -> knowledge.SearchResult:
    """The closest passages, and whether they answer the question."""
    return await knowledge.search(runtime, caller, q, k, audience)


@router.put(
    "/knowledge/documents/{document_id}",
    status_code=204,
    response_model=None,
    responses={202: {"model": approval_routes.Asked}},
)
async def put_document(document_id: str, body: DocumentRequest, caller: Caller, runtime: App) -> Any:
    """Write an article; searches see it when this returns. One for customers that commits us waits for approval."""
    waits = await knowledge.put(runtime, caller, document_id, body.title, body.text, body.audience)
    return JSONResponse(jsonable_encoder(approval_routes.Asked(approvals=waits)), 202) if waits else None


@router.delete("/knowledge/documents/{document_id}", status_code=204)
async def delete_document(document_id: str, caller: Caller, runtime: App) -> None:
    """Remove an article; searches no longer see it when this returns."""
    await knowledge.delete(runtime, caller, document_id)


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/keys", status_code=201)
async def create_key(body: KeyRequest, caller: Caller, runtime: App, response: Response) -> keys.NewKey:
    """Create a key. Its secret is told this once."""
    limited = None if body.accounts is None else frozenset(body.accounts)
    made = await keys.create(
        runtime, caller, name=body.name, role=body.role, accounts=limited, groups=frozenset(body.groups)
    )
    response.headers.update({"Location": f"/v1/keys/{made.id}", "Cache-Control": "no-store"})
    return made


@router.get("/keys")
async def list_keys(caller: Caller, runtime: App, limit: Limit = 50, cursor: Cursor = None) -> keys.KeyPage:
    """All keys, without their secrets, oldest first."""
    return await keys.page_of_keys(runtime, caller, limit, cursor)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, caller: Caller, runtime: App) -> None:
    """Make a key unusable at once."""
    await keys.revoke(runtime, caller, key_id)


# ── Outside the API ───────────────────────────────────────────────────────────────────────────────────────────────


@open_router.get("/livez")
async def livez() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@open_router.get("/readyz")
async def readyz(request: Request) -> dict[str, Any]:
    """The database answers. How retrieval works and which model is set are told, and never make it unready."""
    runtime: Runtime = request.app.state.runtime
    return {
        "status": "ok",
        "data_version": await turns.data_version(runtime),
        "retrieval": runtime.knowledge.mode,
        "model": runtime.llm.model if runtime.llm else None,
    }


def install(app: FastAPI, commands: Commands) -> None:
    """Add all routes; the commands' own are made from what each command says of itself."""
    idempotency.install(app)
    router_with_commands = APIRouter(prefix="/v1")
    command_routes.add(router_with_commands, commands)
    record_routes.add(router_with_commands)
    app.include_router(router_with_commands)
    app.include_router(router)
    app.include_router(data_routes.router)
    app.include_router(export_routes.router)
    app.include_router(approval_routes.router)
    app.include_router(audit_routes.router)
    app.include_router(openai_compat.router)
    app.include_router(open_router)
    app.include_router(page.router)
    app.include_router(docs_page.router)
