"""curl commands with what they print, and transcripts of `curl -v`."""

import pytest

from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.facts.tls import TlsTranscript
from tools.troubleshoot.reading.curl import find_curl_calls, find_curl_mentions
from tools.troubleshoot.reading.curl_options import CurlRequest, read_curl
from tools.troubleshoot.reading.curl_output import durations
from tools.troubleshoot.reading.parser import Piece

URL = "https://api.example.com/v1/x"
VERBOSE = f"""$ curl -v -X POST {URL} \\
  -H "Authorization: Bearer $API_KEY" \\
  -d '{{"amount": 1,}}' -H 'Content-Type: application/json'
*   Trying 203.0.113.5:443...
* Connected to api.example.com (203.0.113.5) port 443
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
> POST /v1/x HTTP/2
> Host: api.example.com
> Authorization: Bearer sk_live_fakefake1234
>
}} [15 bytes data]
< HTTP/2 401
< date: Fri, 26 Jun 2026 10:00:00 GMT
<
{{ [20 bytes data]
{{"error":"invalid_token"}}* Connection #0 to host api.example.com left intact

It began today."""


def exchanges(piece: Piece) -> list[Exchange]:
    return [fact for fact in piece.facts if isinstance(fact, Exchange)]


def request(command: str) -> CurlRequest:
    found = read_curl(command)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("options", "method", "body", "content_type"),
    [
        ("", "GET", None, None),
        ("-I", "HEAD", None, None),
        ("-XDELETE", "DELETE", None, None),
        ("-d a=1 -d b=2", "POST", "a=1&b=2", "application/x-www-form-urlencoded"),
        ("--data-raw '{}' -H 'Content-Type: application/json'", "POST", "{}", "application/json"),
        ("--json '{\"a\":1}'", "POST", '{"a":1}', "application/json"),
        ("-F file=@x.csv", "POST", "file=@x.csv", "multipart/form-data"),
        ("--data-urlencode 'q=a b'", "POST", "q=a%20b", "application/x-www-form-urlencoded"),
        ("-T file", "PUT", None, None),
        ("-sSX PATCH -d {}", "PATCH", "{}", "application/x-www-form-urlencoded"),
    ],
)
def test_what_a_command_sends(options: str, method: str, body: str | None, content_type: str | None) -> None:
    found = request(f"curl {options} {URL}")
    assert (found.method, found.url, found.body, found.headers.get("content-type")) == (method, URL, body, content_type)


def test_data_of_a_get_goes_to_the_url() -> None:
    assert request(f"curl -G {URL} -d page=2").url == f"{URL}?page=2"
    assert request(f"curl -G '{URL}?a=1' -d page=2").url == f"{URL}?a=1&page=2"


def test_timeouts_proxy_and_the_like() -> None:
    found = request(f"curl -k -L -m 10 --connect-timeout 2.5 -x http://proxy.example.com:3128 {URL}")
    assert (found.max_seconds, found.proxy, found.insecure) == (10, "http://proxy.example.com:3128", True)
    assert request(f"curl -m ten {URL}").max_seconds is None


def test_single_quotes_keep_a_variable_as_it_stands() -> None:
    assert request(f"curl -H 'Authorization: Bearer $API_KEY' {URL}").expanded
    assert not request(f'curl -H "Authorization: Bearer $API_KEY" {URL}').expanded


def test_prose_about_curl_is_no_command() -> None:
    assert read_curl("curl up on the sofa") is None
    assert find_curl_calls("We curl up on the sofa.") == ()
    assert find_curl_mentions("We curl up on the sofa.") == ()


def test_the_transcript_tells_what_was_sent() -> None:
    (piece,) = find_curl_calls(VERBOSE)
    (found,) = exchanges(piece)
    assert (piece.kind, piece.first, piece.last) == ("curl", 1, 16)
    assert (found.method, found.url, found.http_version, found.status) == ("POST", URL, "2", 401)
    assert (found.auth, found.auth_fault, found.key_tail) == ("bearer", None, "1234")
    assert found.response_body == '{"error":"invalid_token"}'
    assert any(isinstance(fact, TlsTranscript) for fact in piece.facts)


def test_broken_json_in_the_data_is_told() -> None:
    (piece,) = find_curl_calls(VERBOSE)
    faults = [fact.fault for fact in piece.facts if isinstance(fact, JsonBody) and fact.fault]
    assert faults == ["line 1, column 14: a comma before the closing bracket"]


def test_each_request_of_a_redirect_is_an_exchange() -> None:
    text = (
        "> POST /v1 HTTP/1.1\n> Host: api.example.com\n> Authorization: Bearer fakefake1234\n>\n"
        "< HTTP/1.1 307 Temporary Redirect\n< Location: https://www.example.com/v1\n<\n"
        "> POST /v1 HTTP/1.1\n> Host: www.example.com\n>\n< HTTP/1.1 401 Unauthorized\n<\n"
    )
    (piece,) = find_curl_calls(text)
    first, second = exchanges(piece)
    assert (first.url, first.status, first.auth) == ("https://api.example.com/v1", 307, "bearer")
    assert (second.url, second.status, second.auth) == ("https://www.example.com/v1", 401, None)


def test_headers_and_body_of_dash_i() -> None:
    text = f'curl -i {URL}\n\nHTTP/1.1 403 Forbidden\nServer: x\n\n{{"message":"no"}}\n\nPlease help'
    (piece,) = find_curl_calls(text)
    (found,) = exchanges(piece)
    assert (found.status, found.response_body, piece.last) == (403, '{"message":"no"}', 6)


def test_a_body_alone_and_an_error() -> None:
    (piece,) = find_curl_calls(f'curl {URL}\n{{"message":"no"}}')
    assert exchanges(piece)[0].response_body == '{"message":"no"}'
    (piece,) = find_curl_calls(f"curl -m 5 {URL}\ncurl: (28) Operation timed out after 5000 milliseconds")
    assert exchanges(piece)[0].error.startswith("curl: (28)")
    assert exchanges(piece)[0].timeout_seconds == 5


def test_times_of_dash_w() -> None:
    told = "time_namelookup: 0.004\ntime_connect: 0.020\ntime_appconnect: 0.080\ntime_pretransfer: 0.081\n"
    text = f"curl -w @f {URL}\n{told}time_starttransfer: 2.1\ntime_total: 2.2\nhttp_code: 200\n"
    (found,) = exchanges(find_curl_calls(text)[0])
    assert found.timings == {"dns": 4, "connect": 16, "ssl": 60, "wait": 2019, "receive": 100}
    assert (found.duration_ms, found.status) == (2200, 200)


def test_times_that_make_no_sense_are_left_out() -> None:
    assert durations({"connect": 5, "namelookup": 9}) == {"dns": 9}
    assert durations({}) == {}
    assert durations({"namelookup": 1, "connect": 2, "appconnect": 0})["connect"] == 1


def test_quotes_as_browsers_copy_them() -> None:
    body = """{"a":"it\\'s","b":"\\u0041\\n"}""".replace("\\n", "\\\\n")
    (piece,) = find_curl_calls(
        f"curl '{URL}' \\\n  -H 'Content-Type: application/json' \\\n  --data-raw $'{body}'\n\nPlease help"
    )
    assert exchanges(piece)[0].request_body == """{"a":"it's","b":"A\\n"}"""
    assert (piece.last, len(piece.facts)) == (3, 1)


def test_windows_quotes() -> None:
    text = f'curl "{URL}" ^\n  -H "x-api-key: fakefake1234" ^\n  --data-raw "^{{^\\"a^\\":1^}}"\n'
    (found,) = exchanges(find_curl_calls(text)[0])
    assert (found.method, found.auth, found.request_body) == ("POST", "x-api-key", '{"a":1}')


def test_a_command_within_a_sentence_leaves_the_line() -> None:
    text = f"When we run curl {URL} we get 401 since today."
    assert find_curl_calls(text) == ()
    (piece,) = find_curl_mentions(text)
    assert exchanges(piece)[0].url == URL


@pytest.mark.parametrize(
    "text",
    [
        "> We get 401",
        "* a bullet\n* another",
        "< less",
        "* SSL is what we use",
        "> HTTP is hard\n> really",
        "curl: a tool",
    ],
)
def test_quotes_and_bullets_are_no_transcripts(text: str) -> None:
    assert find_curl_calls(text) == ()


def test_bullets_and_quotes_after_a_command_are_no_output() -> None:
    for rest in ("* We see 401\n* It began today", "> We see 401", "\n* Connected systems fail", "- 401 for all"):
        (piece,) = find_curl_calls(f"curl {URL}\n{rest}")
        assert (piece.last, exchanges(piece)[0].status) == (1, None)


def test_open_quotes_are_noted() -> None:
    (piece,) = find_curl_calls(f'curl {URL} -d \'{{"a": 1')
    assert piece.notes == ("its quotes do not close",)


TRANSCRIPT = "> GET /v1/items HTTP/1.1\n> Host: api.example.com\n< HTTP/1.1 429 Too Many Requests\n"


@pytest.mark.parametrize(
    ("header", "tail"),
    [
        ("X-API-Key: sk_live_FAKE00000000example4821", "4821"),
        ("X-API-Key: $API_KEY", None),  # an unset variable sends no header at all
        ("Accept: application/json", None),
    ],
)
def test_a_transcript_without_its_key_is_completed_by_the_command(header: str, tail: str | None) -> None:
    (piece,) = find_curl_calls(f'curl -v https://api.example.com/v1/items -H "{header}"\n{TRANSCRIPT}')
    assert exchanges(piece)[0].key_tail == tail


def test_times_on_one_line_are_read_and_the_first_run_counts() -> None:
    line = "dns={} connect=5.034 tls=5.081 ttfb=5.131 total=5.132"
    (piece,) = find_curl_calls(f"curl -o /dev/null {URL}\n{line.format('5.013')}\n{line.format('0.001')}")
    assert exchanges(piece)[0].timings["dns"] == 5_013
    assert exchanges(piece)[0].duration_ms == 5_132


@pytest.mark.parametrize("line", ["dns=5 connect=5 total=5", "total=5.1 of dns=2.0", "the total is 5.132"])
def test_words_with_numbers_are_no_times(line: str) -> None:
    (piece,) = find_curl_calls(f"curl {URL}\n{line}")
    assert exchanges(piece)[0].timings == {}
