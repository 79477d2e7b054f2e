"""What single pasted lines prove, and what lines that look like them do not."""

import pytest

from tests.tools.troubleshoot.made import case_of, case_with
from tests.tools.troubleshoot.rules.asked import call, told

NET = """dbug: HttpClient Received HTTP response headers after 31ms - 307 Location: https://api.example.com/v1/jobs
dbug: HttpClient Sending HTTP request POST https://api.example.com/v1/jobs{sent}
fail: HttpClient Received HTTP response headers after 44ms - {status}"""


@pytest.mark.parametrize(
    ("sent", "status", "expected"),
    [
        (" (Authorization: <none>)", 401, "likely customer"),
        ("", 401, "possible customer"),
        (" (Authorization: <none>)", 200, None),
    ],
)
def test_a_redirect_that_a_clients_log_tells(sent: str, status: int, expected: str | None) -> None:
    case = case_of(NET.format(sent=sent, status=status))
    assert told("redirect_dropped_auth", case) == expected


def test_a_401_long_after_a_redirect_is_another_matter() -> None:
    between = "\nand then a while of other things" * 6
    first, _, last = NET.format(sent="", status=401).split("\n")
    assert told("redirect_dropped_auth", case_of(f"{first}{between}\n{last}")) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("authorization: Bearer undefined", "likely customer"),
        ("authorization: Bearer sk_live_FAKE00000000abcd1234", None),
        ("authorization: Bearer undefinedness", None),
    ],
)
def test_a_header_in_a_log_whose_variable_was_not_set(header: str, expected: str | None) -> None:
    lines = (
        f"2026-06-26T06:40:00Z INFO POST https://api.example.com/v1/events {header}",
        "2026-06-26T06:40:01Z ERROR POST https://api.example.com/v1/events 401",
    )
    assert told("key_missing", case_of("\n".join(lines))) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Names look like MÃ¼ller and LÃ¶w in your UI, no error at all", "likely customer"),
        ("One name looks like MÃ¼ller", None),
        ("Müller and García are right", None),
    ],
)
def test_words_that_were_read_in_another_encoding(message: str, expected: str | None) -> None:
    assert told("encoding", case_of(message)) == expected


WRITES = """2026-06-25T20:14:00.000Z INFO POST https://api.example.com/v1/orders body={}
2026-06-25T20:14:10.002Z WARN {again}
2026-06-25T20:14:13.870Z INFO 201"""


@pytest.mark.parametrize(
    ("said", "again", "expected"),
    [
        ("We have doubled orders", "timeout after 10000ms, retry 1/3", "likely customer"),
        ("We have doubled orders", "slow", None),
        ("We have orders", "timeout after 10000ms, retry 1/3", None),
    ],
)
def test_a_write_that_a_log_says_was_sent_again(said: str, again: str, expected: str | None) -> None:
    log = WRITES.replace("{again}", again)
    assert told("duplicate_records", case_of(f"{said}\n\n{log}")) == expected


PAGES = """2026-06-26T00:00:01Z INFO GET /v1/events?limit=100&{by}=0 200
2026-06-26T00:00:02Z INFO GET /v1/events?limit=100&{by}=100 200"""


@pytest.mark.parametrize(("by", "expected"), [("offset", "likely customer"), ("after", None)])
def test_a_log_that_reads_a_list_by_offset(by: str, expected: str | None) -> None:
    assert told("pagination_drift", case_of(f"Records come twice\n\n{PAGES.format(by=by)}")) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("The cursor has expired", "known customer"), ("invalid cursor", "likely customer")],
)
def test_only_an_old_cursor_is_proven(words: str, expected: str) -> None:
    exchange = call(400, f'{{"error":"{words}"}}')
    assert told("pagination_drift", case_with(exchange)) == expected


EVENT = '{"at":"2026-06-25T11:30:02Z","event":"evt_%s","action":"credited","status":200}'


@pytest.mark.parametrize(("ids", "expected"), [("aa", "likely customer"), ("ab", None)])
def test_records_that_tell_of_one_event_twice(ids: str, expected: str | None) -> None:
    body = "\n".join(EVENT % f"FAKE7{each}" for each in ids)
    assert told("webhook_duplicate", case_of(f"4 users got double credit\n\n{body}")) == expected


def test_attempts_that_all_fail_are_no_duplicates() -> None:
    lines = "\n".join(f"2026-06-26T02:1{minute}:00Z wh ERROR 500 evt_FAKE_3" for minute in range(3))
    assert told("webhook_duplicate", case_of(f"Our webhook receiver:\n\n{lines}")) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("our log: 10:14:02 webhook rejected: timestamp 2026-06-26T10:09:58 too old", "possible customer"),
        ("our log: 10:14:02Z webhook rejected: timestamp 2026-06-26T10:09:58Z too old", "likely customer"),
    ],
)
def test_clocks_of_no_zone_prove_no_age(message: str, expected: str) -> None:
    assert told("webhook_replay_window", case_of(message)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("The import says 'missing column email'", "likely customer"),
        ("The import fails", "possible customer"),
        ("Our customers", None),
    ],
)
def test_semicolons_where_a_program_misses_a_column(said: str, expected: str | None) -> None:
    table = "id;email;sum\n1;a@example.com;12\n2;b@example.com;9\n3;c@example.com;100"
    assert told("table_malformed", case_of(f"{said}\n\n{table}")) == expected


FIELDS = '{"error":"validation failed","fields":["email"]}'


@pytest.mark.parametrize(
    ("body", "expected"),
    [('{"name":"Müller"}', "known customer"), ('{"name":"MÃ¼ller"}', "likely customer")],
)
def test_a_refused_field_is_not_proven_where_the_encoding_may_be_why(body: str, expected: str) -> None:
    refused = call(422, FIELDS, method="POST", request_body=body)
    assert told("payload_invalid", case_with(refused)) == expected


def test_a_key_that_a_redirect_dropped_was_not_forgotten() -> None:
    bare = call(401, '{"error":"missing api key"}', request_headers={"accept": "*/*"})
    moved = call(
        301, url="http://api.example.com/v1/orders", auth="bearer", response_headers={"location": bare.url or ""}
    )
    assert told("key_missing", case_with(bare)) == "known customer"
    assert told("key_missing", case_with(moved, bare)) == "likely customer"


def test_repeats_at_once_may_be_why_a_limit_is_met() -> None:
    refused = call(429, '{"error":"Rate limit exceeded"}')
    assert told("rate_limited", case_with(refused)) == "known customer"
    assert told("rate_limited", case_with(refused, said="We retry immediately without any delay")) == "likely customer"


def test_a_page_that_speaks_of_a_limit_proves_none() -> None:
    page = "<html><title>You are being rate limited</title></html>"
    assert told("rate_limited", case_with(call(429, page))) == "possible customer"
