"""Who calls over HTTP: a bearer key, or the browser's cookie."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import cookie_parser

from app.domain.problems import Forbidden
from app.resources import keys
from app.runtime import Runtime
from app.security.principals import Principal

COOKIE = "cse_session"
SESSION_SECONDS = 90 * 24 * 3600
"""So long a browser keeps the cookie. A session ends for good when its key is revoked."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def secret_of(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, bool]:
    """The key or session that a request carries, good or not, and whether it is the cookie's; "" where there is none.

    A key goes before a session.
    """
    session = ""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, key = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer" and key.strip():
                return key.strip(), False
        elif name == b"cookie":
            session = session or cookie_parser(value.decode("latin-1")).get(COOKIE, "")
    return session, True


async def caller_of(request: Request) -> Principal:
    """The principal of the request's key or cookie.

    Raises:
        Unauthenticated: there is none, or it is unknown or revoked.
        Forbidden: a write with a cookie that does not come from our own page.
    """
    secret, is_session = secret_of(request.scope["headers"])
    if not secret:
        raise keys.Unauthenticated(
            "Send a key as `Authorization: Bearer …`; `cse keys create --role cse --name NAME` makes one."
        )
    own_origin = f"{request.url.scheme}://{request.url.netloc}"
    if is_session and request.method not in SAFE_METHODS and request.headers.get("origin") != own_origin:
        raise Forbidden("A write with a cookie must come from this service's own page.", code="wrong_origin")
    principal = await keys.authenticate(runtime_of(request), secret)
    request.state.visit.authenticated()
    return principal


def open_stream(request: Request, caller: Principal) -> None:
    """Count a stream of the caller's until the request ends; to be called before anything is done for it.

    Raises:
        TooManyStreams: the caller has as many open as one key may.
    """
    request.state.visit.open_stream(caller.key_id)


async def is_signed_in(request: Request) -> bool:
    """Whether the browser has a cookie that still counts."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return False
    try:
        await keys.authenticate(runtime_of(request), cookie)
    except keys.Unauthenticated:
        return False
    return True


App = Annotated[Runtime, Depends(runtime_of)]
Caller = Annotated[Principal, Depends(caller_of)]
