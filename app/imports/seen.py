"""Which keys of a file were seen already, in 24 bytes a row, however long the file is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.records import Record

Run = NDArray[np.int64]
"""Columns key, content and line; sorted by key."""


class SeenKeys:
    """Remembers the 64-bit digests of each row's key and content, and the row's line.

    Entries are kept in sorted runs, each more than twice as long as the next: a lookup is a few binary searches.
    That any two of a million keys share a digest has a chance of one in 37 million.
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []

    def first_seen(self, rows: Sequence[tuple[int, Record]]) -> list[tuple[int, bool] | None]:
        """For each (line, record) None where its key is new, else the first line with it and whether both say the same.

        New keys are remembered.
        """
        keys = [hash(tuple([getattr(record, name) for name in record.key])) for _, record in rows]
        contents = [hash(tuple(record.__dict__.values())) for _, record in rows]
        earlier = self._look_up(np.array(keys, dtype=np.int64))
        fresh: dict[int, tuple[int, int]] = {}
        found: list[tuple[int, bool] | None] = []
        for index, key in enumerate(keys):
            first = earlier.get(index) or fresh.get(key)
            if first is None:
                fresh[key] = (contents[index], rows[index][0])
                found.append(None)
            else:
                content, line = first
                found.append((line, content == contents[index]))
        self._remember(fresh)
        return found

    def _look_up(self, keys: Run) -> dict[int, tuple[int, int]]:
        """(content, line) of those keys that an earlier batch had, by position."""
        found: dict[int, tuple[int, int]] = {}
        for run in self._runs:
            places = np.minimum(np.searchsorted(run[0], keys), len(run[0]) - 1)
            for index in np.flatnonzero(run[0][places] == keys):
                place = places[index]
                found[int(index)] = (int(run[1][place]), int(run[2][place]))
        return found

    def _remember(self, fresh: dict[int, tuple[int, int]]) -> None:
        if not fresh:
            return
        run = np.array([[key, content, line] for key, (content, line) in fresh.items()], dtype=np.int64).T
        while self._runs and self._runs[-1].shape[1] <= 2 * run.shape[1]:
            run = np.concatenate((self._runs.pop(), run), axis=1)
        self._runs.append(run[:, np.argsort(run[0], kind="stable")])
