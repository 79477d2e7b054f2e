"""The scripts: a shell, Python and a database take them as what was shown; no secret, no other host."""

import shlex
import sqlite3
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.redact import mask
from tests.tools.troubleshoot.made import at, case_of, case_with
from tools.escalate.curl import find_curl
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.artifact import sealed
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.facts.logs import LogSummary, Repeated
from tools.troubleshoot.facts.programs import ColumnSummary, TableSummary
from tools.troubleshoot.repro import Script, repro

FAKE_KEY = "sk_" + "live_" + "FAKE00000000example4821"
EXCHANGE = Exchange(
    source="curl",
    method="POST",
    url="https://api.example.com/v1/orders?limit=5&q=a b",
    request_headers={"authorization": f"Bearer {FAKE_KEY}", "content-type": "application/json", "content-length": "9"},
    request_body='{"note": "it\'s $HOME & `id`", "password": "Wicker58FAKE"}',
    status=422,
    auth="bearer",
)


def scripts(*facts: Fact, name: str = "") -> dict[str, Script]:
    """The scripts of a case of these facts, in one artifact of that name, by language."""
    case = case_with()
    artifact = sealed("log", "", facts, name=name)
    case = Case(case.now, case.as_of, (artifact,), case.statement, case.parameters, mark="t")
    return {script.language: script for script in repro(case)}


def sent(curl: str, environment: dict[str, str]) -> list[str]:
    """The arguments that curl gets from a shell."""
    script = f'curl() {{ printf "%s\\0" "$@"; }}\n{curl}\n'
    done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, check=True, timeout=10)
    return done.stdout.decode().split("\0")[:-1]


def test_curl_sends_what_was_shown_with_secrets_from_the_environment() -> None:
    curl = scripts(EXCHANGE)["curl"]
    arguments = sent(curl.text, {"API_KEY": "the key", "PASSWORD": "the password"})
    assert arguments == [
        *("--globoff", "-sS", "-i", "-X", "POST", "--url", "https://api.example.com/v1/orders?limit=5&q=ab"),
        *("-H", "authorization: Bearer the key", "-H", "content-type: application/json"),
        *("--data-raw", '{"note": "it\'s $HOME & `id`", "password": "the password"}'),
    ]
    assert curl.note == "It writes: send it in a sandbox first."
    (found,) = find_curl(curl.text)
    assert (found.method, found.path, found.text) == ("POST", "/v1/orders", curl.text)


def test_no_secret_and_no_placeholder_is_in_them() -> None:
    for script in scripts(EXCHANGE).values():
        assert FAKE_KEY not in script.text
        assert "Wicker58FAKE" not in script.text
        assert "…" not in script.text
        assert mask(script.text).kinds in ((), ("password",))
    assert mask(scripts(EXCHANGE)["curl"].text).text == scripts(EXCHANGE)["curl"].text


def test_python_is_code_that_sends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = scripts(EXCHANGE)["python"].text
    monkeypatch.setenv("API_KEY", "the key")
    monkeypatch.setenv("PASSWORD", "the password")
    calls: list[tuple[tuple[object, ...], dict[str, object]]] = []
    _run(text, calls)
    ((arguments, named),) = calls
    assert arguments == ("POST", "https://api.example.com/v1/orders?limit=5&q=ab")
    assert named["headers"] == [("authorization", "Bearer the key"), ("content-type", "application/json")]
    assert named["content"] == '{"note": "it\'s $HOME & `id`", "password": "the password"}'
    assert named["follow_redirects"] is False


def _run(text: str, calls: list[tuple[tuple[object, ...], dict[str, object]]]) -> None:
    """Run the script with a client that only notes what it is asked."""

    class Response:
        status_code, reason_phrase, headers, text = 200, "OK", "", ""

    class Client:
        @staticmethod
        def request(*arguments: object, **named: object) -> Response:
            calls.append((arguments, named))
            return Response()

    without_import = text.replace("import httpx\n", "")
    exec(compile(without_import, "script", "exec"), {"httpx": Client, "print": lambda *_: None})  # noqa: S102


def test_the_same_secret_has_the_same_name_and_another_its_own() -> None:
    headers = {"authorization": f"Bearer {FAKE_KEY}", "x-api-key": "FAKEother0000key99zz", "x-copy": FAKE_KEY}
    text = scripts(Exchange(source="http", url="https://api.example.com/", request_headers=headers, status=401))[
        "curl"
    ].text
    assert text.count("${API_KEY}") == 2
    assert text.count("${API_KEY_2}") == 1


def test_a_header_that_was_not_shown_but_told_is_there() -> None:
    text = scripts(Exchange(source="code", url="https://api.example.com/", auth="bearer", status=401))["curl"].text
    assert '-H "authorization: Bearer ${API_KEY}"' in text


@pytest.mark.parametrize(
    ("url", "headers", "address"),
    [
        ("/v1/orders", {"host": "api.example.com"}, "--url https://api.example.com/v1/orders"),
        ("/v1/orders", {}, '--url "${BASE_URL}/v1/orders"'),
        ("/v1/orders", {"host": "a b; rm -rf /"}, '--url "${BASE_URL}/v1/orders"'),
    ],
)
def test_no_host_is_invented(url: str, headers: dict[str, str], address: str) -> None:
    script = scripts(Exchange(source="log", url=url, request_headers=headers, status=500))["curl"]
    assert address in script.text
    assert ("The host was not shown" in script.note) is ("BASE_URL" in address)
    (found,) = find_curl(script.text)
    assert found.path == "/v1/orders" or "BASE_URL" in found.text


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(source="http", status=500),
        Exchange(source="http", url="file:///etc/passwd", status=500),
        Exchange(source="http", url="gopher://example.com/", status=500),
        Exchange(source="http", url="//evil.example/x", status=500),
        Exchange(source="http", url="-o/tmp/x", status=500),
        Exchange(source="http", url="http://[::1", status=500),
        Exchange(source="http", method="GET; id", url="https://api.example.com/", status=500),
    ],
)
def test_what_cannot_be_sent_is_not_written(exchange: Exchange) -> None:
    assert scripts(exchange) == {}


def test_the_request_that_failed_comes_before_one_that_did_not() -> None:
    well = Exchange(source="har", method="GET", url="https://api.example.com/well", status=200)
    bad = Exchange(source="har", method="GET", url="https://api.example.com/bad", status=500)
    assert "/bad" in scripts(well, bad)["curl"].text
    assert "/well" in scripts(well)["curl"].text
    assert scripts() == {}


def test_multipart_and_cut_bodies_say_so() -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    upload = Exchange(
        source="http", method="POST", url="https://a.example.com/", request_headers=headers, request_body="x"
    )
    assert "multipart body is left out" in scripts(upload)["curl"].note
    assert "--data-raw" not in scripts(upload)["curl"].text
    long = Exchange(source="http", method="POST", url="https://a.example.com/", request_body="x" * 5_000)
    assert "Its body was cut" in scripts(long)["curl"].note


hostile = st.text(
    st.one_of(st.sampled_from("'\"$`\\!;&|<>(){}[]*?~#@%=\n\r\t\x00\x1b -…é\u2028\u202e\ud800"), st.characters()),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(hostile, hostile, hostile, st.booleans())
def test_hostile_input_stays_one_argument(path: str, value: str, body: str, secret: bool) -> None:
    exchange = Exchange(
        source="http",
        method="POST",
        url=f"https://api.example.com/{path}",
        request_headers={"x-note": value} | ({"authorization": f"Bearer {FAKE_KEY}"} if secret else {}),
        request_body=body + (f"[api-key…4821]{body}" if secret else ""),
        status=500,
    )
    found = scripts(exchange)
    if not found:  # no address that can be read
        return
    compile(found["python"].text, "script", "exec")
    arguments = sent(found["curl"].text, {"API_KEY": "K", "PATH": ""})
    assert arguments[:7] == ["--globoff", "-sS", "-i", "-X", "POST", "--url", arguments[6]]
    assert arguments[6].startswith("https://api.example.com/")
    options = [each for place, each in enumerate(arguments[7:]) if place % 2 == 0]
    assert set(options) <= {"-H", "--data-raw"}
    assert shlex.split(found["curl"].text)[0] == "curl"


TABLE = TableSummary(
    rows=9,
    columns=(
        ColumnSummary(name="order_id", kind="id", filled=9, distinct=8),
        ColumnSummary(name="amount; DROP TABLE x", kind="number", filled=9, distinct=9),
        ColumnSummary(name="order", kind="number", filled=9, distinct=9),
    ),
    duplicate_rows=1,
    id_column="order_id",
    repeated_ids=1,
    duplicate_ids=(("o-2", 2),),
)


def check(sql: str, table: str, columns: str) -> None:
    """The database takes it as one statement that only reads."""
    statements = [line for line in sql.split("\n") if not line.startswith("--")]
    assert statements[0].startswith("SELECT ")
    assert sql.count(";") == 1
    assert sql.endswith(";")
    assert "LIMIT 50" in sql
    assert sql.startswith("-- Reads only.")
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE {table} ({columns})")
        database.execute("PRAGMA query_only = 1")
        database.execute(f"EXPLAIN {sql}").fetchall()
        assert database.execute(sql).fetchall() == []


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orders.csv", "orders"),
        ("exports/orders.2026.csv", "orders"),
        ("", "imported_rows"),
        ("select.csv", "imported_rows"),
        ("a; DROP TABLE b.csv", "imported_rows"),
        ("sqlite_master", "imported_rows"),
        ("1.csv", "imported_rows"),
    ],
)
def test_repeated_ids_are_looked_up_in_the_table_of_the_file(name: str, table: str) -> None:
    check(scripts(TABLE, name=name)["sql"].text, table, "order_id TEXT")


@pytest.mark.parametrize("column", ["id; DELETE FROM x", "from", "id -- x", "", "Order Id"])
def test_strange_columns_are_not_written(column: str) -> None:
    table = TABLE.model_copy(update={"id_column": column})
    check(scripts(table)["sql"].text, "imported_rows", "id TEXT")


def test_equal_rows_are_looked_up_by_their_plain_columns() -> None:
    table = TABLE.model_copy(update={"id_column": "", "repeated_ids": 0, "duplicate_ids": ()})
    check(scripts(table)["sql"].text, "imported_rows", "order_id TEXT")


def log(*repeated: Repeated, samples: tuple[Exchange, ...] = ()) -> LogSummary:
    return LogSummary(
        format="json", lines=9, parsed=9, records=9, errors=0, zone_known=True, repeated=repeated, samples=samples
    )


@pytest.mark.parametrize(
    ("what", "table", "column"),
    [
        ("event_id", "webhook_events", "event_id"),
        ("delivery_id", "webhook_deliveries", "delivery_id"),
        ("idempotency_key", "requests", "idempotency_key"),
        ("record_id", "records", "id"),
    ],
)
def test_what_a_log_repeats_is_looked_up(what: str, table: str, column: str) -> None:
    values = ("evt_1", "x' OR '1'='1", "o-2")
    repeated = [Repeated.model_validate({"what": what, "value": value, "count": 2, "line": 1}) for value in values]
    text = scripts(log(*repeated))["sql"].text
    check(text, table, f"{column} TEXT")
    assert "IN ('evt_1', 'o-2')" in text


def test_what_is_there_once_is_not_looked_up() -> None:
    assert scripts(log(Repeated(what="event_id", value="evt_1", count=1, line=1))) == {}
    assert scripts(log(Repeated(what="request_id", value="r-1", count=5, line=1))) == {}
    assert scripts(WebhookDelivery(event_id="evt_1"), WebhookDelivery(event_id="evt_2")) == {}


def test_an_event_that_was_delivered_twice() -> None:
    text = scripts(WebhookDelivery(event_id="evt_1"), WebhookDelivery(event_id="evt_1"))["sql"].text
    check(text, "webhook_events", "event_id TEXT")


def test_records_that_changed_while_pages_were_read() -> None:
    calls = [
        Exchange(source="http", url=f"https://api.example.com/v1/orders?offset={n}00", status=200, at=at(f"10:0{n}"))
        for n in range(3)
    ]
    text = scripts(*calls)["sql"].text
    check(text, "records", "id TEXT, created_at TEXT, updated_at TEXT")
    assert "BETWEEN '2026-06-26 10:00:00' AND '2026-06-26 10:02:00'" in text
    assert "sql" not in scripts(calls[0])


def test_what_a_shell_was_to_fill_in_stays_a_variable() -> None:
    shown = case_of("curl https://api.example.com/orders -H 'Authorization: Bearer $API_TOKEN' gives 401")
    curl, python = (script.text for script in repro(shown)[:2])
    assert '"authorization: Bearer ${API_TOKEN}"' in curl
    assert 'os.environ["API_TOKEN"]' in python
