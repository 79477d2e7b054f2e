"""Who calls over HTTP: a bearer key, or the browser's cookie."""

from typing import Annotated

from fastapi import Depends, Request

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


async def caller_of(request: Request) -> Principal:
    """The principal of the request's key or cookie.

    Raises:
        Unauthenticated: there is none, or it is unknown or revoked.
        Forbidden: a write with a cookie that does not come from our own page.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return await keys.authenticate(runtime_of(request), key.strip())
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise keys.Unauthenticated(
            "Send a key as `Authorization: Bearer …`; `cse keys create --role cse --name NAME` makes one."
        )
    own_origin = f"{request.url.scheme}://{request.url.netloc}"
    if request.method not in SAFE_METHODS and request.headers.get("origin") != own_origin:
        raise Forbidden("A write with a cookie must come from this service's own page.", code="wrong_origin")
    return await keys.authenticate(runtime_of(request), cookie)


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
