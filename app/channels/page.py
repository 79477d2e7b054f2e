"""The web page: the built one where there is one, else a plain one that says how to get it; and signing in to it."""

import html
import re
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from app.channels.callers import COOKIE, SESSION_SECONDS, App, is_signed_in
from app.channels.security_headers import PAGE_POLICY
from app.resources import keys

WEB = Path(__file__).parent / "web"
BUILT = WEB / "dist"
"""Made from the sources beside it by `make web`."""

HEADERS = {"Content-Security-Policy": PAGE_POLICY}
FRESH = {**HEADERS, "Cache-Control": "no-cache"}
FOR_EVER = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
"""An asset's name changes with what is in it."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> Response:
    """The page."""
    built = BUILT / "index.html"
    return FileResponse(built if built.is_file() else WEB / "plain.html", headers=FRESH)


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """A part of the built page."""
    folder = BUILT / "assets"
    if not folder.is_dir() or name not in {path.name for path in folder.iterdir()}:
        raise HTTPException(404)
    return FileResponse(folder / name, headers=FOR_EVER)


@router.get("/plain.css")
async def plain_style() -> Response:
    """The plain page's style."""
    return FileResponse(WEB / "plain.css", headers=FRESH)


@router.get("/plain.js")
async def plain_script() -> Response:
    """The plain page's script."""
    return FileResponse(WEB / "plain.js", headers=FRESH)


@router.get("/sign-in")
async def sign_in(code: str, request: Request, runtime: App) -> Response:
    """Exchange the code of a printed link for a cookie. Who is signed in already keeps that session and its threads."""
    try:
        secret = await keys.redeem_link(runtime, code)
    except keys.Unauthenticated as refusal:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _refused(refusal)
    response = RedirectResponse("/", status_code=303)
    if not await is_signed_in(request):
        is_https = request.url.scheme == "https"
        response.set_cookie(COOKIE, secret, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=is_https)
    return response


def _refused(refusal: keys.Unauthenticated) -> Response:
    """The refusal as a page: a browser asked."""
    template = (WEB / "refused.html").read_text(encoding="utf-8")
    detail = re.sub("`(.+?)`", r"<code>\1</code>", html.escape(refusal.detail))
    text = template.replace("{detail}", detail)
    return HTMLResponse(text, status_code=refusal.status, headers=FRESH)
