"""Records check themselves: columns, dates, instants, lists and ranges."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.records import (
    RECORD_TYPES,
    Account,
    Commitment,
    FeedbackItem,
    Goal,
    NpsResponse,
    Record,
    Ticket,
    Usage,
)

COLUMNS = {
    "accounts": "id* name* aliases parent_id product segment lifecycle arr currency plan usage_model licensed_seats "
    "api_quota_monthly features_available contract_start renewal_date notice_days term_months auto_renew owner "
    "industry region",
    "contacts": "id* account_id* name email role stakeholder is_champion influence left_on",
    "usage": "account_id* date* active_users active_users_28d api_calls errors p95_ms",
    "feature_usage": "account_id* date* feature* environment count users",
    "contact_activity": "contact_id* date* logins features",
    "tickets": "id* account_id* contact_id opened_at* first_response_at resolved_at reopened_at escalated_at severity "
    "category escalated csat replies engineering_key subject body",
    "nps": "id* account_id* contact_id responded_at* score* comment",
    "touchpoints": "id* account_id* contact_id date* kind* status text",
    "goals": "id* account_id* title* metric baseline target current value_amount due status status_on",
    "signals": "id* account_id* date* kind* text",
    "feedback": "id* title* category* reach impact confidence effort_weeks account_ids contact_id source quote "
    "workaround severity created_on status shipped_on",
    "arr_movements": "id* account_id* date* kind* amount*",
    "commitments": "id* account_id* made_on by what* due done_on source",
    "escalations": "id* account_id* opened_at* title* kind severity owner ticket_id endpoint feature quality package "
    "resolved_at verified closed_at",
    "escalation_updates": "id* account_id* escalation_id* at* kind* text customer_text author",
    "milestones": "id* account_id* code* title* phase* owner planned* due* acceptance measures after done_on signed_by",
    "milestone_slips": "id* account_id* milestone_id* date* working_days* whose reason",
    "checks": "account_id* checklist* item* state note checked_on checked_by",
    "ramp_signoffs": "owner* goal* signed_on* signed_by* note",
    "plans": "name* price_monthly quota_monthly rate_limit sla",
    "roadmap": "feature* quarter beta_open audience",
    "integrations": "account_id* kind* auth environment status note",
}
"""The design's table of the CSV set, escalations and plans of onboarding; * required."""


def account(**fields: Any) -> Account:
    return Account.model_validate({"id": "a", "name": "Acme", **fields})


def ticket(opened_at: Any) -> Ticket:
    return Ticket.model_validate({"id": "t", "account_id": "a", "opened_at": opened_at})


@pytest.mark.parametrize("table", COLUMNS)
def test_the_fields_of_each_record_are_the_columns_of_its_file(table: str) -> None:
    record_type = RECORD_TYPES[table]
    written = [f"{name}*" if field.is_required() else name for name, field in record_type.model_fields.items()]
    assert written == COLUMNS[table].split()


@pytest.mark.parametrize("record_type", RECORD_TYPES.values())
def test_a_key_is_made_of_fields_that_are_never_unknown(record_type: type[Record]) -> None:
    for name in record_type.key:
        field = record_type.model_fields[name]
        assert field.is_required() or field.default is not None


def test_there_is_a_record_type_for_each_file_accounts_first() -> None:
    assert list(RECORD_TYPES) == list(COLUMNS)


@pytest.mark.parametrize("text", ["2024-01-15", "1970-01-01", "2100-12-31", "2024-02-29"])
def test_a_day(text: str) -> None:
    assert account(contract_start=text).contract_start == dt.date.fromisoformat(text)


NO_DAYS: list[Any] = [
    "",
    "20240115",
    "2024-W03-1",
    "2024-1-15",
    "15/01/2024",
    " 2024-01-15",
    "2023-02-29",
    "2024-13-01",
    "0000-00-00",
    "1969-12-31",
    "2101-01-01",
    "2024-01-15T00:00:00Z",
    "２０２４-01-15",
    19_737,
    1.5,
    True,
    dt.datetime(2024, 1, 15, tzinfo=dt.UTC),
    ["2024-01-15"],
]


@pytest.mark.parametrize("value", NO_DAYS, ids=repr)
def test_what_is_no_day_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        account(contract_start=value)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-15T14:30:00Z", "2024-01-15T14:30:00+00:00"),
        ("2024-01-15T14:30:00+02:00", "2024-01-15T12:30:00+00:00"),
        ("2024-01-15T00:30:00-05:00", "2024-01-15T05:30:00+00:00"),
        ("2024-01-15 14:30Z", "2024-01-15T14:30:00+00:00"),
        ("2024-01-15T14:30:00.123456Z", "2024-01-15T14:30:00.123456+00:00"),
    ],
)
def test_an_instant_is_kept_in_utc(text: str, utc: str) -> None:
    assert ticket(text).opened_at.isoformat() == utc


NO_INSTANTS: list[Any] = [
    "",
    "2024-01-15",
    "2024-01-15T14:30:00",
    "2024-01-15T25:00:00Z",
    "14:30Z",
    "yesterday",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+14:00",
    1_705_329_000,
    dt.datetime(2024, 1, 15, 14, 30),  # noqa: DTZ001
    dt.date(2024, 1, 15),
    None,
]


@pytest.mark.parametrize("value", NO_INSTANTS, ids=repr)
def test_what_is_no_instant_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        ticket(value)


def test_a_naive_time_is_told_that_it_lacks_its_zone() -> None:
    with pytest.raises(ValidationError, match="needs its zone"):
        ticket("2024-01-15T14:30:00")


@given(st.text() | st.datetimes().map(str) | st.dates().map(str))
def test_no_text_breaks_a_date_or_a_time(text: str) -> None:
    for field, build in (("contract_start", lambda: account(contract_start=text)), ("opened_at", lambda: ticket(text))):
        try:
            record: Record = build()
        except ValidationError:
            continue
        assert getattr(record, field) is not None


@pytest.mark.parametrize(
    ("value", "listed"),
    [
        ("a; b ;a;;", ("a", "b")),
        ("", ()),
        (" ; ", ()),
        ("one", ("one",)),
        ([" a ", "", "b", "a"], ("a", "b")),
        (("a, b",), ("a, b",)),
        ((), ()),
    ],
)
def test_a_list_in_a_cell(value: Any, listed: tuple[str, ...]) -> None:
    assert account(aliases=value).aliases == listed


@pytest.mark.parametrize("value", [5, None, {"a": 1}, [{}], ["a", 3], [["a"]]], ids=repr)
def test_what_is_no_list_of_texts_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        account(aliases=value)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("arr", [0, "1.5", 1e12], [-1, "nan", "inf", 1e13, "ten", "1,000"]),
        ("licensed_seats", [0, "3"], [-1, "2.5", 10**13]),
        ("notice_days", [0, 730], [-1, 731]),
        ("term_months", [1, 240], [0, 241]),
        ("currency", ["EUR", "usd", " gbp "], ["EU", "EURO", "€", "éur", ""]),
        ("lifecycle", ["churned"], ["Churned", "gone", ""]),
        ("auto_renew", ["yes", "false", "1"], ["perhaps", ""]),
        ("name", ["  A  ", "x" * 300], ["", "   ", "x" * 301]),
    ],
)
def test_the_ranges_of_an_account(field: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert getattr(account(**{field: value}), field) is not None
    for value in bad:
        with pytest.raises(ValidationError):
            account(**{field: value})


@pytest.mark.parametrize("score", [-1, 11, "9.5", "", None])
def test_an_nps_score_is_a_whole_number_from_0_to_10(score: Any) -> None:
    fields = {"id": "n", "account_id": "a", "responded_at": "2024-01-15T14:30:00Z"}
    assert NpsResponse.model_validate({**fields, "score": "10"}).score == 10
    with pytest.raises(ValidationError):
        NpsResponse.model_validate({**fields, "score": score})


def test_names_and_currency_are_tidied() -> None:
    tidy = account(name="  Acme  ", currency=" usd ")
    assert (tidy.name, tidy.currency) == ("Acme", "USD")


def test_what_is_not_given_is_unknown() -> None:
    usage = Usage.model_validate({"account_id": "a", "date": "2024-01-15"})
    assert usage.api_calls is usage.active_users is None
    goal = Goal.model_validate({"id": "g", "account_id": "a", "title": "Faster checkout"})
    assert goal.status is None
    assert account().usage_model == "hybrid"


@pytest.mark.parametrize("field", ["id", "arr"])
def test_a_record_is_frozen(field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(account(), field, None)


def test_a_record_is_closed_and_whole() -> None:
    with pytest.raises(ValidationError, match="colour"):
        account(colour="red")
    with pytest.raises(ValidationError):
        Commitment.model_validate({"id": "c", "account_id": "a"})


def test_feedback_keeps_any_finite_rice_input() -> None:
    item = FeedbackItem.model_validate({"id": "f", "title": "t", "category": "bug", "reach": "-5", "effort_weeks": 0})
    assert (item.reach, item.effort_weeks) == (-5, 0)
    with pytest.raises(ValidationError):
        FeedbackItem.model_validate({"id": "f", "title": "t", "category": "bug", "reach": "nan"})


@pytest.mark.parametrize(
    ("renewal", "notice", "decision"),
    [
        (None, 30, None),
        ("2024-03-31", None, dt.date(2024, 3, 31)),
        ("2024-03-31", 0, dt.date(2024, 3, 31)),
        ("2024-03-31", 90, dt.date(2024, 1, 1)),
        ("1970-01-01", 730, dt.date(1968, 1, 2)),
    ],
)
def test_the_decision_date_is_the_renewal_less_the_notice(
    renewal: str | None, notice: int | None, decision: dt.date | None
) -> None:
    assert account(renewal_date=renewal, notice_days=notice).decision_date == decision
