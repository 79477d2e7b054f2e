"""What HTTP libraries say of a status that came back."""

import pytest

from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.reading.status_messages import find_status_messages

URL = "https://api.example.com/v1/x"


@pytest.mark.parametrize(
    ("line", "status", "url"),
    [
        (f"requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: {URL}", 401, URL),
        (f"httpx.HTTPStatusError: Client error '429 Too Many Requests' for url '{URL}'", 429, URL),
        ("AxiosError: Request failed with status code 503", 503, None),
        ("Response status code does not indicate success: 403 (Forbidden).", 403, None),
        ("urllib.error.HTTPError: HTTP Error 404: Not Found", 404, None),
        ('HttpClientErrorException$Unauthorized: 401 Unauthorized: "no"', 401, None),
        (f"Server returned HTTP response code: 500 for URL: {URL}", 500, URL),
        (f"POST {URL} 401 (Unauthorized)", 401, URL),
        (f"feign.FeignException$NotFound: [404 Not Found] during [GET] to [{URL}]", 404, URL),
        ("Failed to load resource: the server responded with a status of 401 ()", 401, None),
        ("unexpected status code: 502", 502, None),
    ],
)
def test_status_and_address(line: str, status: int, url: str | None) -> None:
    (piece,) = find_status_messages(f"{line}\n{line}")
    found = piece.facts[0]
    assert isinstance(found, Exchange)
    assert (found.status, found.url, found.source) == (status, url, "code")


def test_the_body_as_python_prints_it() -> None:
    (piece,) = find_status_messages("Error code: 429 - {'error': {'message': 'Slow down', 'code': 'rate_limited'}}")
    body = piece.facts[1]
    assert isinstance(body, JsonBody)
    assert (body.message, body.code) == ("Slow down", "rate_limited")


@pytest.mark.parametrize(
    "line", ["We get HTTP Error pages", f"see {URL} 404 times", "status code 200", "Error code: none"]
)
def test_other_lines(line: str) -> None:
    assert find_status_messages(line) == ()
