"""HTTP: a look at files before their import, profiles, and whose the rows of other systems are."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.channels.body_limit import FORM_LIMITS
from app.channels.callers import App, Caller
from app.resources import imports, matching, profiles

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]
Source = Annotated[str | None, Query(description="Only this source, such as zendesk", max_length=200)]

router = APIRouter(prefix="/v1")


class MatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=200, description="The source, such as zendesk")
    external_id: str = Field(min_length=1, max_length=1000, description="What the source calls the account")
    account_id: str = Field(min_length=1, max_length=300, description="The account: its id, name or alias")


class ProfilePage(BaseModel):
    items: list[profiles.ProfileLine]
    next_cursor: None = None


@router.post("/imports/preview", form_limits=FORM_LIMITS)
async def preview_import(
    caller: Caller,
    runtime: App,
    files: Annotated[list[UploadFile], File(description="Files as for POST /v1/imports")],
    profile: Annotated[str | None, Form()] = None,
) -> imports.Preview:
    """What an import would make of the first rows of each file. Nothing is written."""
    uploads = [imports.Upload(file.filename or "", file.file) for file in files]
    return await imports.preview_uploads(runtime, caller, uploads, profile)


@router.get("/profiles")
async def list_profiles(caller: Caller, runtime: App) -> ProfilePage:
    """The profiles there are, and what they read."""
    return ProfilePage(items=profiles.list_profiles(runtime))


@router.get("/matches")
async def list_matches(
    caller: Caller, runtime: App, source: Source = None, limit: Limit = 50, cursor: Cursor = None
) -> matching.MatchPage:
    """Which accounts the ids of other systems stand for."""
    return await matching.list_matches(runtime, caller, source, limit, cursor)


@router.get("/matches/unmatched")
async def list_unmatched(
    caller: Caller, runtime: App, source: Source = None, limit: Limit = 50, cursor: Cursor = None
) -> matching.UnmatchedPage:
    """Rows whose account nobody knows yet, by what their source calls it."""
    return await matching.list_unmatched(runtime, caller, source, limit, cursor)


@router.post("/matches")
async def set_match(body: MatchRequest, caller: Caller, runtime: App) -> matching.MatchResult:
    """Say which account a source's id stands for; the rows that waited for it become data at once."""
    return await matching.set_match(runtime, caller, body.source, body.external_id, body.account_id)


@router.delete("/matches")
async def remove_match(
    caller: Caller,
    runtime: App,
    source: Annotated[str, Query(min_length=1, max_length=200)],
    external_id: Annotated[str, Query(min_length=1, max_length=1000)],
) -> matching.MatchResult:
    """Take a match back; what it had made of waiting rows waits again."""
    return await matching.remove_match(runtime, caller, source, external_id)
