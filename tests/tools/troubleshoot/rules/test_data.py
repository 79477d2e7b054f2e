"""Rules of data: lists that drift, writes that were made twice, keys and versions that collide."""

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.asked import API, ask, call, error, evidence, log, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.facts.identity import ScimError
from tools.troubleshoot.facts.logs import Repeated
from tools.troubleshoot.facts.programs import TableSummary

PAGE = f"{API}?limit=100&offset=200"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(400, '{"error":"The cursor has expired"}')), "known customer"),
        (case_with(said="it says: invalid page token"), "possible customer"),
        (case_with(call(200, url=PAGE), said="some orders are missing in our copy"), "likely customer"),
        (case_with(call(200, url=PAGE), TableSummary(rows=9, duplicate_ids=(("o1", 2),))), "likely customer"),
        (case_with(said="when we read page by page some come twice"), "possible customer"),
        (case_with(said=f"we read GET {PAGE} and some orders are missing"), "likely customer"),
        (case_with(call(200, url=PAGE)), None),
        (case_with(call(200, url=f"{API}?cursor=abc"), said="it is slow"), None),
        (case_with(said="orders are created twice"), None),
        (case_with(call(404, '{"error":"page not found"}')), None),
    ],
)
def test_pagination_drift(case: Case, expected: str | None) -> None:
    assert told("pagination_drift", case) == expected


def pay(status: int | None, body: str | None = None, key: str | None = None, **more: object) -> Exchange:
    headers = {"idempotency-key": key} if key else {}
    return call(status, body, **{"method": "POST", "request_body": '{"amount":1}', "request_headers": headers, **more})


RETRIED = {"requests": 90, "repeated": 20, "share": 0.2}
MADE_1, MADE_2 = pay(201, '{"id":"o1"}'), pay(201, '{"id":"o2"}')


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(MADE_1, MADE_2, said="it was charged twice"), "known customer"),
        (case_with(MADE_1, MADE_2), "likely customer"),
        (case_with(pay(None, error="timed out"), MADE_2, said="we have two orders"), "likely customer"),
        (case_with(pay(201, "{1}", key="a"), pay(201, "{2}", key="b")), "likely customer"),
        (
            case_with(error("read_timeout", "timed out"), said="after the retry the order is there twice"),
            "likely customer",
        ),
        (case_with(pay(201), said="we retry and then it is there twice"), "likely customer"),
        (case_with(log(retries=RETRIED), said="some orders are there twice"), "likely customer"),
        (case_with(said="we retry and then it is there twice"), "possible customer"),
        (case_with(said="a retry, no Idempotency-Key header, and each is there 2-3 times"), "likely customer"),
        (case_with(log(), said="some orders are there twice"), None),
        (case_with(pay(201, "{1}", key="a"), pay(201, "{1}", key="a")), None),
        (case_with(pay(None, error="timed out"), MADE_2), None),
        (case_with(MADE_1, pay(201, '{"id":"o2"}', request_body='{"amount":2}')), None),
        (case_with(said="customers appear twice in the list"), None),
        (case_with(said="the webhook comes twice, although we never retry"), None),
        (case_with(MADE_1, MADE_2, WebhookDelivery(event_id="evt_1")), None),
    ],
)
def test_duplicate_records(case: Case, expected: str | None) -> None:
    assert told("duplicate_records", case) == expected


def test_duplicates_that_come_from_our_delivery_are_not_theirs() -> None:
    event = Repeated(what="event_id", value="evt_1", count=2, line=1, statuses=(200, 200))
    case = case_with(log(repeated=(event,)), said="each order is there twice, and there was a timeout")
    assert told("duplicate_records", case) is None


def test_the_repeat_without_a_key_is_told() -> None:
    shown = evidence("duplicate_records", case_with(MADE_1, MADE_2))
    assert "POST /v1/orders ends 201" in shown
    assert "without an idempotency key" in shown


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(422, '{"error":"Idempotency-Key was used with different parameters"}')), "known customer"),
        (case_with(call(409, '{"error":"a request with this idempotency key is in progress"}')), "known customer"),
        (case_with(pay(200, key="k1"), pay(409, key="k1", request_body='{"amount":2}')), "likely customer"),
        (case_with(call(400, '{"error":"Idempotency-Key is required"}')), None),
        (case_with(call(409, '{"error":"version conflict"}')), None),
        (case_with(pay(200, key="k1"), pay(200, key="k1", request_body='{"amount":2}')), None),
        (case_with(said="should we use idempotency keys with different bodies?"), None),
    ],
)
def test_idempotency_conflict(case: Case, expected: str | None) -> None:
    assert told("idempotency_conflict", case) == expected


def test_a_key_that_is_busy_needs_patience_and_no_new_key() -> None:
    busy = ask("idempotency_conflict", case_with(call(409, '{"error":"idempotency key in progress"}')))
    reused = ask("idempotency_conflict", case_with(call(409, '{"error":"idempotency key reused"}')))
    assert busy is not None
    assert reused is not None
    assert busy.finding.values["instead"] == "to wait for the first attempt"
    assert reused.finding.values["instead"] == "a new key for each new request"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(412, method="PUT", request_headers={"if-match": '"3"'})), "known customer"),
        (
            case_with(call(409, '{"error":"version conflict: the record was changed by another user"}')),
            "known customer",
        ),
        (case_with(call(428, '{"error":"If-Match is missing: precondition required"}')), "known customer"),
        (case_with(call(409, '{"error":"the contract was modified by m.lopez at 06:49"}')), "known customer"),
        (case_with(call(409)), "possible customer"),
        (with_statuses(case_with(said="409"), 409), "possible customer"),
        (case_with(call(409, '{"error":"e-mail already exists"}')), None),
        (case_with(call(409), ScimError(status=409, scim_type="uniqueness")), None),
        (case_with(call(409, '{"error":"too many concurrent requests"}')), None),
        (case_with(call(400, '{"error":"stale version"}')), None),
    ],
)
def test_conflicting_update(case: Case, expected: str | None) -> None:
    assert told("conflicting_update", case) == expected


def test_a_conflict_of_keys_excludes_that_of_versions() -> None:
    diagnosed = diagnose(case_with(call(409, '{"error":"idempotency key in progress"}')))
    assert [each.rule.id for each in diagnosed.causes] == ["idempotency_conflict"]
