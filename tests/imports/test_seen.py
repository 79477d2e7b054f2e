"""Keys seen before in a file, across batches."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import Usage
from app.imports.seen import SeenKeys

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), max_size=80)


@given(ROWS, st.integers(1, 9))
def test_agrees_with_a_dictionary(rows: list[tuple[int, int]], size: int) -> None:
    numbered = [
        (line, Usage(account_id="a", date=dt.date(2026, 1, 1 + key), api_calls=calls))
        for line, (key, calls) in enumerate(rows, start=2)
    ]
    first: dict[dt.date, tuple[int, Usage]] = {}
    expected: list[tuple[int, bool] | None] = []
    for line, record in numbered:
        earlier = first.setdefault(record.date, (line, record))
        expected.append(None if earlier[0] == line else (earlier[0], earlier[1] == record))
    seen = SeenKeys()
    found = [
        result for start in range(0, len(numbered), size) for result in seen.first_seen(numbered[start : start + size])
    ]
    assert found == expected
