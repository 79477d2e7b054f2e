"""Errors of the customer's code, resources that ran out, tables: when they hold, when something else explains it."""

from typing import Any

import pytest

from app.domain.blocks import Certainty, Side
from tests.tools.troubleshoot.made import case_of, case_with
from tests.tools.troubleshoot.rules.made_log import log_of, rule_of
from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.facts.identity import OAuthError
from tools.troubleshoot.facts.logs import Template
from tools.troubleshoot.facts.programs import (
    ColumnSummary,
    Frame,
    JsonBody,
    Language,
    MetricsSummary,
    Sample,
    StackTrace,
    TableSummary,
)
from tools.troubleshoot.reading.csv_tables import MISREAD, NOT_UTF8, UNCLOSED, WITH_BOM
from tools.troubleshoot.rules.programs import RULES
from tools.troubleshoot.rules.rule import Finding

CODE, RESOURCES = rule_of(RULES, "code_error"), rule_of(RULES, "resources_exhausted")
DUPLICATE, MALFORMED = rule_of(RULES, "duplicate_rows"), rule_of(RULES, "table_malformed")
OWN = Frame(function="total", file="/srv/shop/orders.py", row=41)
LIBRARY = Frame(function="loads", file="/usr/lib/python3.11/decimal.py", row=7, library=True)


def trace(exception: str, message: str = "", language: Language = "python", **more: Any) -> StackTrace:
    return StackTrace.model_validate(
        {"language": language, "exception": exception, "message": message, "frames": (OWN,), **more}
    )


@pytest.mark.parametrize(
    ("one", "certainty"),
    [
        (trace("KeyError", "'amount'"), "likely"),
        (trace("java.lang.NullPointerException", 'because "name" is null', "java"), "likely"),
        (trace("TypeError", "Cannot read properties of undefined (reading 'token')", "node"), "likely"),
        (trace("panic", "runtime error: invalid memory address or nil pointer dereference", "go"), "likely"),
        (trace("shop.ImportFailed", "row 7", causes=("ValueError: not a number",)), "likely"),
        (trace("NameError", "name 'fallbak' is not defined"), "known"),
        (trace("panic", "runtime error: index out of range [5] with length 3", "go"), "known"),
    ],
)
def test_an_error_of_the_customer_s_own_code(one: StackTrace, certainty: Certainty) -> None:
    found = CODE.examine(case_with(one, kind="stack_trace"))
    assert found is not None
    assert (found.certainty, found.side) == (certainty, None)
    assert bool(found.against) is (certainty == "likely")
    assert found.values["where"] == "/srv/shop/orders.py, line 41"
    assert CODE.side == "customer"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (trace("ValueError", "bad", frames=(OWN, LIBRARY)), ""),
        (trace("KeyError", "'amount'"), "We get 500 since noon"),
    ],
)
def test_an_error_that_something_else_may_explain_is_possible_only(one: StackTrace, said: str) -> None:
    found = CODE.examine(case_with(one, kind="stack_trace", said=said))
    assert found is not None
    assert found.certainty == "possible"
    assert found.against


@pytest.mark.parametrize(
    "one",
    [
        trace("requests.exceptions.ConnectionError", "no answer"),
        trace("requests.exceptions.HTTPError", "401 Client Error: Unauthorized"),
        trace("AxiosError", "Request failed with status code 429", "node"),
        trace("TypeError", "fetch failed", "node"),
        trace("Error", "connect ECONNREFUSED 203.0.113.7:443", "node"),
        trace("json.decoder.JSONDecodeError", "Expecting value"),
        trace("SyntaxError", "Unexpected token '<', \"<html>\" is not valid JSON", "node"),
        trace("jwt.exceptions.ExpiredSignatureError", "Signature has expired"),
        trace("java.lang.RuntimeException", "x", "java", causes=("javax.net.ssl.SSLHandshakeException: x",)),
        trace("java.lang.OutOfMemoryError", "Java heap space", "java"),
        trace("panic", "dial tcp: connection refused", "go"),
        trace("ValueError", "bad", frames=(LIBRARY,)),
        trace(""),
        trace("KeyError", frames=()),
    ],
)
def test_a_trace_of_a_failed_call_is_no_error_of_the_code(one: StackTrace) -> None:
    assert CODE.examine(case_with(one, kind="stack_trace")) is None


@pytest.mark.parametrize(
    "other",
    [
        Exchange(source="http", status=500),
        Exchange(source="http", error="timed out"),
        ClientError(reason="refused", text="connection refused"),
        OAuthError(error="invalid_grant"),
        JsonBody(text='{"status": 500}', status=500),
        log_of([1] * 3).model_copy(update={"statuses": {"200": 5, "503": 9}}),
    ],
)
def test_a_failed_call_explains_the_trace(other: Fact) -> None:
    assert CODE.examine(case_with(trace("KeyError"), other)) is None


def test_calls_that_went_well_leave_the_code_alone() -> None:
    found = CODE.examine(case_with(trace("KeyError"), Exchange(source="http", status=200)))
    assert found is not None
    assert found.certainty == "known"


def test_a_trace_as_it_is_pasted() -> None:
    text = (
        'Our job stops:\n\nTraceback (most recent call last):\n  File "/srv/shop/sync.py", line 4, in run\n'
        "    a[\"b\"]\nKeyError: 'b'\n"
    )
    found = CODE.examine(case_of(text))
    assert found is not None
    assert found.clues[0].place is not None
    assert found.clues[0].place.line == 3


def failed(body: str, url: str = "https://api.example.com/v1/x") -> Exchange:
    return Exchange(source="http", method="GET", url=url, status=500, response_body=body)


def template(text: str) -> Fact:
    line = Template(text=text, count=3, is_error=True, line=4, sample=text)
    return log_of([1]).model_copy(update={"templates": (line,)})


@pytest.mark.parametrize(
    ("fact", "what", "certainty", "side"),
    [
        (trace("java.lang.OutOfMemoryError", "Java heap space", "java"), "memory", "known", "customer"),
        (trace("MemoryError"), "memory", "known", "customer"),
        (trace("OSError", "[Errno 24] Too many open files: 'a'"), "open files", "known", "customer"),
        (trace("Error", "ENOSPC: no space left on device, write", "node"), "disk space", "known", "customer"),
        (trace("OutOfMemoryError", "unable to create native thread", "java"), "threads", "known", "customer"),
        (failed('{"error": "no space left on device"}'), "disk space", "likely", "product"),
        (failed('{"error": "too many open files"}', "http://localhost:8080/x"), "open files", "likely", "customer"),
        (template("worker-1 OOMKilled, restarting"), "memory", "likely", "undecided"),
        (
            MetricsSummary(
                families=2,
                samples=(Sample(name="process_open_fds", value=1_020), Sample(name="process_max_fds", value=1_024)),
            ),
            "open files",
            "likely",
            "undecided",
        ),
    ],
)
def test_a_resource_has_run_out(fact: Fact, what: str, certainty: Certainty, side: Side) -> None:
    found = RESOURCES.examine(case_with(fact))
    assert found is not None
    assert (found.certainty, found.side, found.values["what"]) == (certainty, side, what)


def test_metrics_beat_words() -> None:
    samples = (Sample(name="process_open_fds", value=1_024), Sample(name="process_max_fds", value=1_024))
    found = RESOURCES.examine(case_with(MetricsSummary(families=2, samples=samples), said="too many open files?"))
    assert found is not None
    assert found.certainty == "likely"


@pytest.mark.parametrize(
    "said",
    [
        "OSError: [Errno 24] Too many open files: 'ca.crt'",
        "FATAL ERROR: Reached heap limit - JavaScript heap out of memory",
    ],
)
def test_what_a_program_printed_counts_for_more_than_words(said: str) -> None:
    found = RESOURCES.examine(case_with(said=said))
    assert found is not None
    assert (found.certainty, found.side) == ("likely", "customer")


def test_a_person_who_says_it_is_believed_half() -> None:
    found = RESOURCES.examine(case_with(said="Our pod was OOMKilled twice this morning"))
    assert found is not None
    assert (found.certainty, found.side) == ("possible", "undecided")


@pytest.mark.parametrize(
    "fact",
    [
        trace("KeyError", "'memory'"),
        template("memory usage is 40 %"),
        template("disk check ok"),
        template("opened 12 files"),
        template("worker exited with code 1"),
        Exchange(
            source="http", url="https://api.example.com/", status=200, response_body="memory: out of 8 GB 2 are used"
        ),
        MetricsSummary(
            families=2, samples=(Sample(name="process_open_fds", value=50), Sample(name="process_max_fds", value=1_024))
        ),
        MetricsSummary(families=1, samples=(Sample(name="process_open_fds", value=50),)),
        MetricsSummary(
            families=2, samples=(Sample(name="process_open_fds", value=0), Sample(name="process_max_fds", value=0))
        ),
    ],
)
def test_no_resource_has_run_out(fact: Fact) -> None:
    assert RESOURCES.examine(case_with(fact)) is None


def column(name: str, kind: str = "text") -> ColumnSummary:
    return ColumnSummary.model_validate({"name": name, "kind": kind, "filled": 100, "distinct": 90})


COLUMNS = (column("order_id", "id"), column("created_at", "time"), column("amount", "number"))


def table(**more: Any) -> TableSummary:
    return TableSummary.model_validate({"rows": 100, "columns": COLUMNS, **more})


def examined(rule: Any, fact: Fact, said: str = "") -> Finding | None:
    found: Finding | None = rule.examine(case_with(fact, kind="csv", said=said))
    return found


@pytest.mark.parametrize(
    ("one", "values"),
    [
        (
            table(id_column="order_id", repeated_ids=3, duplicate_ids=(("o-2", 2), ("o-5", 4)), duplicate_rows=1),
            {"column": "order_id", "count": "3"},
        ),
        (
            table(id_column="order_id", repeated_ids=3, duplicate_ids=(("o-2", 2),)),
            {"column": "order_id", "count": "3"},
        ),
        (table(duplicate_rows=4), {"count": "4"}),
    ],
)
def test_rows_that_are_there_twice(one: TableSummary, values: dict[str, str]) -> None:
    found = examined(DUPLICATE, one)
    assert found is not None
    assert (found.certainty, found.values) == ("likely", values)
    assert DUPLICATE.role == "context"


@pytest.mark.parametrize(
    "one",
    [
        table(id_column="order_id"),
        table(columns=(column("status", "category"), column("count", "number"), column("x")), duplicate_rows=40),
        table(columns=(column("day", "time"), column("count", "number")), duplicate_rows=4),
    ],
)
def test_rows_that_may_well_repeat(one: TableSummary) -> None:
    assert examined(DUPLICATE, one) is None


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (table(ragged=3, ragged_row=17), "rows of different lengths"),
        (table(fault=UNCLOSED), UNCLOSED),
        (table(encoding=MISREAD), "a wrong encoding"),
        (table(encoding=NOT_UTF8), "a wrong encoding"),
        (table(spoiled_ids=9), "ids that a spreadsheet has changed"),
        (table(fault=UNCLOSED, ragged=3), UNCLOSED),
    ],
)
def test_a_table_that_cannot_be_read(one: TableSummary, fault: str) -> None:
    found = examined(MALFORMED, one)
    assert found is not None
    assert (found.certainty, found.side, found.values) == ("likely", None, {"fault": fault})


def test_the_first_ragged_row_is_pointed_at() -> None:
    found = examined(MALFORMED, table(ragged=3, ragged_row=17))
    assert found is not None
    assert found.clues[0].place is not None
    assert found.clues[0].place.line == 17


@pytest.mark.parametrize(
    ("one", "fault"),
    [(table(encoding=WITH_BOM), "a byte order mark"), (table(delimiter=";"), "semicolons in place of commas")],
)
def test_what_only_some_programs_stumble_over(one: TableSummary, fault: str) -> None:
    found = examined(MALFORMED, one, "The import says that the column id is missing")
    assert found is not None
    assert (found.certainty, found.values["fault"]) == ("possible", fault)
    assert examined(MALFORMED, one, "Why is the sum wrong?") is None


def test_a_file_of_ours_is_not_the_customer_s_fault() -> None:
    found = examined(MALFORMED, table(ragged=3), "This is your export of yesterday")
    assert found is not None
    assert found.side == "undecided"


def test_a_table_that_is_well() -> None:
    assert examined(MALFORMED, table(), "The import fails") is None
    assert examined(MALFORMED, table(delimiter="\t")) is None


@pytest.mark.parametrize("kind", ["prose", "log"])
def test_nothing_holds_for_nothing(kind: ArtifactKind) -> None:
    assert all(rule.examine(case_with(kind=kind)) is None for rule in RULES)
