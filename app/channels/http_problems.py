"""Every error as `application/problem+json` (RFC 9457) with a stable code; no traceback reaches a user."""

import errno
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.domain.problems import Problem
from app.render.characters import visible

log = logging.getLogger(__name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

CODES = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
DETAILS = {
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address does not take that method.",
    413: "The request's body is too large.",
}


OPENAI_PATHS = ("/v1/chat/completions", "/v1/models")
"""What is asked by OpenAI's clients, which read problems in a shape of their own."""


def problem_response(
    status: int,
    code: str,
    detail: str,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    path: str = "",
) -> JSONResponse:
    """A problem, in the shape that whoever asks at `path` reads."""
    if path.startswith(OPENAI_PATHS):
        return JSONResponse(openai_error(detail, code, status), status, headers)
    body = {**(extra or {}), "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(
        jsonable_encoder({**body, "code": code, "detail": visible(detail)}),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def openai_error(message: str, code: str, status: int, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's API tells it."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": visible(message), "type": kind, "param": param, "code": code}}


def install(app: FastAPI) -> None:
    """Answer every exception with a problem."""
    # Starlette types every handler as taking Exception; each is called with the class it is added for.
    add: Callable[[type[Exception], Any], None] = app.add_exception_handler
    add(Problem, _problem)
    add(RequestValidationError, _invalid)
    add(HTTPException, _http)
    add(UnicodeEncodeError, _half_characters)
    add(Exception, _unexpected)


async def _problem(request: Request, error: Problem) -> JSONResponse:
    return told(error, request.url.path)


def told(error: Problem, path: str) -> JSONResponse:
    """The answer that tells whoever asks at `path` of a problem."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return problem_response(error.status, error.code, error.detail, error.extra, headers, path)


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """Broken JSON is 400, a body of another type 415, wrong values 422 naming each field."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in ("POST", "PUT", "PATCH") and kind not in ("application/json", "multipart/form-data"):
        return problem_response(415, CODES[415], "Send the body as application/json.")
    errors = error.errors()
    if any(e["loc"][0] == "path" for e in errors):
        return problem_response(404, CODES[404], DETAILS[404])
    if any(e["type"] == "json_invalid" for e in errors):
        return problem_response(400, "invalid_json", "The body is not valid JSON.")
    invalid = [{"field": ".".join(map(str, e["loc"][1:])), "reason": e["msg"]} for e in errors]
    missing = [".".join(map(str, e["loc"][1:])) for e in errors if e["type"] == "missing"]
    sentence = "; ".join(f"{i['field'] or 'body'}: {i['reason']}" for i in invalid)
    return problem_response(422, "invalid_arguments", sentence, {"invalid": invalid, "missing": missing})


async def _half_characters(request: Request, error: UnicodeEncodeError) -> JSONResponse:
    return problem_response(
        422, "invalid_text", "A text holds half characters; send it as UTF-8.", path=request.url.path
    )


FORM_REFUSED = {
    "Too many files": ("too_many_files", "These are too many files for one upload; send them in several."),
    "Too many fields": ("body_too_large", "The form has too many fields; send those that the API lists."),
    "Part exceeded": ("body_too_large", "A field of the form is too long; files need a file name."),
}
"""What the reader of forms says, by its first words, and what we say."""


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = "The server's disk is full: the files could not be taken in. Make room and send them again."
        return problem_response(507, "disk_full", detail)
    for words, (code, detail) in FORM_REFUSED.items():
        if error.status_code == 400 and str(error.detail).startswith(words):
            return problem_response(413, code, detail)
    code = CODES.get(error.status_code, "http_error")
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = DETAILS.get(error.status_code, error.detail) if plain else str(error.detail)
    headers = {**(error.headers or {}), **({"Allow": _allowed(request)} if error.status_code == 405 else {})}
    return problem_response(error.status_code, code, detail, headers=headers, path=request.url.path)


def _allowed(request: Request) -> str:
    """The methods that the address takes: of all its routes, not of the first alone."""
    taken = (
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    )
    return ", ".join(taken)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %r failed", request.method, request.url.path, exc_info=error)
    detail = "Something went wrong on our side; the log says what."
    return problem_response(500, "internal_error", detail, path=request.url.path)
