"""The browser: a one-time link, a strict cookie, writes from our own page only; and what needs no key."""

import asyncio

import httpx

from app.resources import keys
from app.runtime import open_runtime
from app.security.principals import LOCAL
from tests.service.conftest import Service


def make_code(service: Service) -> str:
    async def work() -> str:
        async with open_runtime(service.settings) as runtime:
            return await keys.create_link(runtime, LOCAL)

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


def test_writes_with_the_cookie_come_from_our_own_page(service: Service) -> None:
    browser = httpx.Client(base_url=service.url)
    browser.get(f"/sign-in?code={make_code(service)}")
    own, other = {"Origin": service.url}, {"Origin": "https://elsewhere.example"}
    assert browser.post("/v1/chat", json={"message": "/help"}, headers=own).status_code == 200
    for headers in (other, {}):
        response = browser.post("/v1/chat", json={"message": "/help"}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "wrong_origin")


def test_the_plain_page_uses_nothing_from_outside(service: Service) -> None:
    page = httpx.get(service.url)
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for part in ("plain.js", "plain.css"):
        assert httpx.get(f"{service.url}/{part}").status_code == 200
    assert httpx.get(f"{service.url}/plain.html.bak").status_code in (404, 422)


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
