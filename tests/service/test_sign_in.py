"""The browser: a one-time link, a strict cookie, writes from our own page only; and what needs no key."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.channels import page
from app.resources import keys
from app.runtime import open_runtime
from app.security.principals import LOCAL
from tests.service.conftest import Service, bearer


def make_code(service: Service, **whose: Any) -> str:
    async def work() -> str:
        async with open_runtime(service.settings) as runtime:
            return await keys.create_link(runtime, LOCAL, **whose)

    return asyncio.run(work())


def test_a_link_signs_in_once(service: Service) -> None:
    code = make_code(service)
    browser = httpx.Client(base_url=service.url)
    response = browser.get(f"/sign-in?code={code}")
    assert response.status_code == 303
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.get("/v1/accounts").status_code == 200
    assert httpx.get(f"{service.url}/sign-in?code={code}").status_code == 401
    assert httpx.get(f"{service.url}/sign-in?code=guess").status_code == 401


def test_a_link_may_be_somebody_s_own(service: Service) -> None:
    dana = httpx.Client(base_url=service.url)
    whose = {"name": "Dana", "role": "cse", "groups": frozenset({"commercial"}), "accounts": frozenset({"kestrel"})}
    dana.get(f"/sign-in?code={make_code(service, **whose)}")
    assert [each["id"] for each in dana.get("/v1/accounts").json()["items"]] == ["kestrel"]
    assert dana.get("/v1/keys").status_code == 403
    listed = httpx.get(f"{service.url}/v1/keys", headers=bearer(service.admin_key)).json()["items"]
    (key,) = (key for key in listed if key["name"] == "Dana")
    assert (key["role"], key["groups"]) == ("cse", ["commercial"])


def test_another_link_keeps_who_is_signed_in(service: Service) -> None:
    browser = httpx.Client(base_url=service.url)
    first = browser.get(f"/sign-in?code={make_code(service)}").headers["set-cookie"]
    assert "Max-Age" in first
    own = {"Origin": service.url}
    thread = browser.post("/v1/chat", json={"message": "/help"}, headers=own).json()["thread_id"]
    code = make_code(service)
    assert "set-cookie" not in browser.get(f"/sign-in?code={code}").headers
    assert [each["id"] for each in browser.get("/v1/threads").json()["items"]] == [thread]
    assert httpx.get(f"{service.url}/sign-in?code={code}").status_code == 401
    stale = httpx.Client(base_url=service.url, cookies={"cse_session": "cse_revoked"})
    assert "set-cookie" in stale.get(f"/sign-in?code={make_code(service)}").headers


def test_writes_with_the_cookie_come_from_our_own_page(service: Service) -> None:
    browser = httpx.Client(base_url=service.url)
    browser.get(f"/sign-in?code={make_code(service)}")
    own, other = {"Origin": service.url}, {"Origin": "https://elsewhere.example"}
    assert browser.post("/v1/chat", json={"message": "/help"}, headers=own).status_code == 200
    for headers in (other, {}):
        response = browser.post("/v1/chat", json={"message": "/help"}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "wrong_origin")


def test_a_link_that_does_not_sign_in_says_so_to_a_browser(service: Service) -> None:
    answer = httpx.get(f"{service.url}/sign-in?code=guess")
    assert answer.headers["content-type"] == "application/problem+json"
    shown = httpx.get(f"{service.url}/sign-in?code=guess", headers={"Accept": "text/html,*/*;q=0.8"})
    assert shown.status_code == 401
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.json()["detail"].replace("`cse link`", "<code>cse link</code>") in shown.text


def test_the_plain_page_stands_in_and_uses_nothing_from_outside(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "BUILT", tmp_path / "not built")
    shown = httpx.get(service.url)
    assert shown.status_code == 200
    assert "make web" in shown.text
    assert "http://" not in shown.text
    assert "https://" not in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    for part in ("plain.js", "plain.css"):
        assert httpx.get(f"{service.url}/{part}").status_code == 200
    assert httpx.get(f"{service.url}/plain.html.bak").status_code in (404, 422)
    assert httpx.get(f"{service.url}/assets/index.js").status_code == 404


def test_the_built_page_is_served_and_nothing_beside_it(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("built")
    (tmp_path / "assets" / "index-1.js").write_text("script")
    (tmp_path / "secret").write_text("secret")
    monkeypatch.setattr(page, "BUILT", tmp_path)
    shown = httpx.get(service.url)
    assert (shown.text, shown.headers["cache-control"]) == ("built", "no-cache")
    asset = httpx.get(f"{service.url}/assets/index-1.js")
    assert asset.text == "script"
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["x-content-type-options"] == "nosniff"
    for other in ("..%2fsecret", "%2e%2e/secret", "..", ".", "index-1.js.map"):
        assert "secret" not in httpx.get(f"{service.url}/assets/{other}").text


def test_probes(service: Service) -> None:
    assert httpx.get(f"{service.url}/livez").json() == {"status": "ok"}
    ready = httpx.get(f"{service.url}/readyz").json()
    assert ready["status"] == "ok"
    assert ready["data_version"] >= 1


def test_openapi_names_every_command_with_its_arguments(service: Service) -> None:
    document = httpx.get(f"{service.url}/openapi.json").json()
    for name in ("health", "feedback", "escalate"):
        operation = document["paths"][f"/v1/commands/{name}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert "as_of" in schema["properties"]
        assert operation["responses"]["200"]["content"]["application/json"]["schema"]
