"""Parents, children, and ARR that counts once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.families import arr_counted_once, family_of
from app.domain.records import Account


def test_who_stands_below() -> None:
    family = family_of({"top": None, "mid": "top", "low": "mid", "other": "top", "alone": None})
    assert family.below("top") == {"mid": 1, "low": 2, "other": 1}
    assert list(family.below("top")) == ["mid", "low", "other"]
    assert (family.below("alone"), family.below("nobody")) == ({}, {})


@pytest.mark.parametrize(
    ("parents", "circling", "below_a"),
    [
        ({"a": "a"}, {"a"}, {}),
        ({"a": "b", "b": "a", "c": "a"}, {"a", "b"}, {"c": 1}),
        ({"a": "b", "b": "c", "c": "b"}, {"b", "c"}, {}),
        ({"a": "nobody", "b": "a"}, set(), {"b": 1}),
    ],
)
def test_parents_that_go_in_a_circle_or_are_not_there(
    parents: dict[str, str | None], circling: set[str], below_a: dict[str, int]
) -> None:
    family = family_of(parents)
    assert family.circling == circling
    assert family.below("a") == below_a


def test_a_chain_of_ten_thousand() -> None:
    parents: dict[str, str | None] = {f"a{i}": f"a{i - 1}" if i else None for i in range(10_000)}
    assert family_of(parents).below("a0")["a9999"] == 9999


Given = dict[str, tuple[float | None, str | None]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"p": (100, None), "a": (60, "p"), "b": (40, "p")}, {"p": 0, "a": 60, "b": 40}),  # the sum of its children
        ({"p": (120, None), "a": (60, "p"), "b": (40, "p")}, {"p": 20, "a": 60, "b": 40}),  # contains it
        ({"p": (50, None), "a": (60, "p"), "b": (40, "p")}, {"p": 50, "a": 60, "b": 40}),  # a contract of its own
        ({"p": (None, None), "a": (60, "p"), "b": (None, "p")}, {"a": 60}),
        ({"p": (100, None), "a": (None, "p")}, {"p": 100}),
        ({"p": (0, None), "a": (0, "p")}, {"p": 0, "a": 0}),
        # three levels that carry one another's sum: the money of the lowest
        ({"t": (100, None), "p": (100, "t"), "a": (60, "p"), "b": (40, "p")}, {"t": 0, "p": 0, "a": 60, "b": 40}),
        # the middle has a contract of its own: 30 and 60 make 90, which the top contains
        ({"t": (100, None), "p": (30, "t"), "a": (60, "p")}, {"t": 10, "p": 30, "a": 60}),
        # the middle's ARR is unknown: what is below it passes up
        ({"t": (60, None), "p": (None, "t"), "a": (60, "p")}, {"t": 0, "a": 60}),
        ({"a": (5, "b"), "b": (7, "a")}, {"a": 5, "b": 7}),
    ],
)
def test_arr_counts_once(given: Given, expected: dict[str, float]) -> None:
    accounts = [Account(id=one, name=one, parent_id=parent) for one, (_, parent) in given.items()]
    arr = {one: amount for one, (amount, _) in given.items() if amount is not None}
    assert arr_counted_once(accounts, arr, dict.fromkeys(given, "USD")) == expected


def test_movements_of_ones_own_are_a_contract_of_ones_own() -> None:
    accounts = [Account(id="p", name="p"), Account(id="a", name="a", parent_id="p")]
    counted = arr_counted_once(accounts, {"p": 100, "a": 60}, {"p": "USD", "a": "USD"}, {"p"})
    assert counted == {"p": 100, "a": 60}


def test_another_currency_is_no_part() -> None:
    accounts = [Account(id="p", name="p"), Account(id="a", name="a", parent_id="p")]
    counted = arr_counted_once(accounts, {"p": 100, "a": 60}, {"p": "USD", "a": "EUR"})
    assert counted == {"p": 100, "a": 60}


@given(
    parents=st.lists(st.none() | st.integers(0, 11), min_size=12, max_size=12),
    amounts=st.lists(st.none() | st.integers(0, 10**6), min_size=12, max_size=12),
)
def test_nothing_counts_more_than_its_own_and_no_money_is_lost(
    parents: list[int | None], amounts: list[int | None]
) -> None:
    """Each account adds at most its own ARR; together they are no less than any one of them."""
    accounts = [Account(id=f"a{i}", name="x", parent_id=None if p is None else f"a{p}") for i, p in enumerate(parents)]
    arr = {f"a{i}": float(amount) for i, amount in enumerate(amounts) if amount is not None}
    counted = arr_counted_once(accounts, arr, {a.id: "USD" for a in accounts})
    assert counted.keys() == arr.keys()
    assert all(0 <= counted[one] <= arr[one] for one in arr)
    assert sum(counted.values()) >= max(arr.values(), default=0) - 0.01
