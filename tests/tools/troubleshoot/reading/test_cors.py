"""Console messages of Chrome, Firefox and Safari about CORS."""

import pytest

from tools.troubleshoot.reading.cors import cors_message, find_cors

API, APP = "https://api.example.com/v1/x", "https://app.example.com"
CHROME = f"Access to fetch at '{API}' from origin '{APP}' has been blocked by CORS policy: "
PREFLIGHT = f"{CHROME}Response to preflight request doesn't pass access control check: "
FIREFOX = f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {API}. "


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (
            f"{CHROME}No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            "no_allow_origin",
            "",
        ),
        (f"{PREFLIGHT}No 'Access-Control-Allow-Origin' header is present.", "no_allow_origin", ""),
        (f"{PREFLIGHT}It does not have HTTP ok status.", "preflight_status", ""),
        (f"{PREFLIGHT}Redirect is not allowed for a preflight request.", "preflight_redirect", ""),
        (
            f"{CHROME}The 'Access-Control-Allow-Origin' header has a value 'https://x' that is not equal to the"
            " supplied origin.",
            "origin_not_allowed",
            "",
        ),
        (
            f"{CHROME}The 'Access-Control-Allow-Origin' header contains multiple values '*, *'.",
            "several_origins",
            "*, *",
        ),
        (
            f"{CHROME}The value must not be the wildcard '*' when credentials mode is 'include'.",
            "credentials_wildcard",
            "",
        ),
        (
            f"{CHROME}The value of the 'Access-Control-Allow-Credentials' header in the response is ''.",
            "credentials_not_allowed",
            "",
        ),
        (
            f"{CHROME}Request header field x-api-key is not allowed by Access-Control-Allow-Headers.",
            "header_not_allowed",
            "x-api-key",
        ),
        (f"{CHROME}Method PUT is not allowed by Access-Control-Allow-Methods.", "method_not_allowed", "PUT"),
        (f"{CHROME}Something new.", "other", ""),
        (
            f"{FIREFOX}(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.",
            "no_allow_origin",
            "",
        ),
        (f"{FIREFOX}(Reason: CORS header ‘Access-Control-Allow-Origin’ does not match ‘x’).", "origin_not_allowed", ""),
        (f"{FIREFOX}(Reason: CORS preflight response did not succeed). Status code: 401.", "preflight_status", ""),
        (
            f"{FIREFOX}(Reason: header ‘x-trace’ is not allowed according to header ‘Access-Control-Allow-Headers’).",
            "header_not_allowed",
            "x-trace",
        ),
        (f"Origin {APP} is not allowed by Access-Control-Allow-Origin. Status code: 200", "origin_not_allowed", ""),
        ("Preflight response is not successful. Status code: 404", "preflight_status", ""),
        (f"Fetch API cannot load {API} due to access control checks.", "other", ""),
    ],
)
def test_reason_and_detail(line: str, reason: str, detail: str) -> None:
    found = cors_message(line)
    assert found is not None
    assert (found.reason, found.detail) == (reason, detail)


def test_origin_url_and_status() -> None:
    chrome = cors_message(f"{CHROME}No 'Access-Control-Allow-Origin' header is present")
    firefox = cors_message(f"{FIREFOX}(Reason: CORS preflight response did not succeed). Status code: 401.")
    assert chrome is not None
    assert firefox is not None
    assert (chrome.origin, chrome.url, chrome.status) == (APP, API, None)
    assert (firefox.origin, firefox.url, firefox.status) == (None, API, 401)


def test_equal_messages_are_told_once() -> None:
    assert [piece.first for piece in find_cors(f"{CHROME}x\n{CHROME}x\n{CHROME}y")] == [1, 3]


@pytest.mark.parametrize(
    "line",
    [
        "We think it is a CORS problem.",
        "Access-Control-Allow-Origin: *",
        "Our CORS policy allows all.",
        "access control checks",
    ],
)
def test_talk_of_cors_is_no_message(line: str) -> None:
    assert find_cors(line) == ()
