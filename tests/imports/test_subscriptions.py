"""Subscriptions → ARR movements and terms, by hand; and the movements always add up to what is subscribed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.revenue import arr_at
from app.imports.subscriptions import Subscription, SubscriptionBook, Terms, add_months, movements, next_renewal, terms


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def sub(number: int, start: str, end: str | None, arr: float, **more: object) -> Subscription:
    return Subscription.model_validate(
        {"id": f"s{number}", "account_id": "a", "start": start, "end": end, "arr": arr, **more}
    )


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ([], []),
        ([sub(1, "2024-01-10", None, 0)], []),
        ([sub(1, "2024-01-10", "2024-01-10", 500)], []),
        ([sub(1, "2024-01-10", None, 500)], [("2024-01-10", "new", 500)]),
        (
            [sub(1, "2024-01-10", "2024-03-01", 500), sub(2, "2024-02-01", None, 200)],
            [("2024-01-10", "new", 500), ("2024-02-01", "expansion", 200), ("2024-03-01", "downgrade", 500)],
        ),
        (
            [sub(1, "2024-01-10", "2024-03-01", 500), sub(2, "2024-05-01", None, 200)],
            [("2024-01-10", "new", 500), ("2024-03-01", "churn", 500), ("2024-05-01", "reactivation", 200)],
        ),
        (
            [sub(1, "2024-01-10", "2024-03-01", 500), sub(2, "2024-03-01", None, 800)],
            [("2024-01-10", "new", 500), ("2024-03-01", "expansion", 300)],
        ),
        (
            [sub(1, "2024-01-10", "2024-03-01", 500), sub(2, "2024-03-01", None, 500)],
            [("2024-01-10", "new", 500)],
        ),
    ],
)
def test_movements(subscriptions: list[Subscription], expected: list[tuple[str, str, float]]) -> None:
    found = movements(subscriptions)
    assert [(m.date.isoformat(), m.kind, m.amount) for m in found] == expected
    assert [m.id for m in found] == [f"a:{date}" for date, _, _ in expected]


DAYS = st.dates(day("2024-01-01"), day("2024-03-01"))


@given(st.lists(st.tuples(DAYS, st.none() | DAYS, st.integers(0, 5)), max_size=12), DAYS)
def test_movements_add_up_to_what_runs(drawn: list[tuple[dt.date, dt.date | None, int]], on: dt.date) -> None:
    subscriptions = [
        Subscription(id=str(n), account_id="a", start=start, end=end and max(start, end), arr=arr * 100)
        for n, (start, end, arr) in enumerate(drawn)
    ]
    running = sum(s.arr for s in subscriptions if s.runs_on(on))
    amount = arr_at(None, movements(subscriptions), on).amount
    assert (amount or 0) == pytest.approx(running)
    assert terms(subscriptions, on).arr == pytest.approx(running)


def test_terms_are_sums_but_for_those_of_the_main_subscription() -> None:
    subscriptions = [
        sub(1, "2024-02-10", None, 900, seats=10, plan="Basic", term_months=1, auto_renew=False),
        sub(2, "2023-05-31", None, 300, seats=5, plan="Pro", term_months=12, auto_renew=True),
        sub(3, "2023-06-30", None, 400, seats=7, plan="Max", term_months=12, auto_renew=True),
        sub(4, "2023-01-01", "2024-01-01", 700, seats=50, plan="Old", term_months=12),
        sub(5, "2024-01-01", None, 0, seats=99, plan="Trial", term_months=12),
    ]
    assert terms(subscriptions, day("2024-03-15")) == Terms(1600, None, 22, "Max", 12, day("2024-06-30"), True)
    book = SubscriptionBook(subscriptions)
    assert book.terms("a", day("2024-03-15")) == terms(subscriptions, day("2024-03-15"))
    assert book.terms("b", day("2024-03-15")) is None


def test_who_paid_and_does_not_any_more_has_churned() -> None:
    ended = [sub(1, "2023-01-01", "2024-01-01", 700)]
    assert terms(ended, day("2023-12-31")).lifecycle is None
    assert terms(ended, day("2024-01-01")).lifecycle == "churned"
    assert terms([sub(1, "2023-01-01", None, 0)], day("2024-01-01")).lifecycle is None


@pytest.mark.parametrize(
    ("start", "months", "on", "expected"),
    [
        ("2024-01-31", 1, "2024-02-01", "2024-02-29"),
        ("2024-01-31", 1, "2024-02-29", "2024-03-31"),
        ("2023-05-31", 12, "2024-05-30", "2024-05-31"),
        ("2023-05-31", 12, "2024-05-31", "2025-05-31"),
        ("2024-12-31", 12, "2024-12-31", "2025-12-31"),
        ("2022-11-15", 36, "2024-12-31", "2025-11-15"),
        ("2024-01-01", None, "2024-12-31", None),
    ],
)
def test_next_renewal(start: str, months: int | None, on: str, expected: str | None) -> None:
    assert next_renewal(day(start), months, day(on)) == (expected and day(expected))


def test_add_months() -> None:
    assert add_months(day("2024-11-30"), 3) == day("2025-02-28")
    assert add_months(day("2024-12-31"), 12) == day("2025-12-31")
