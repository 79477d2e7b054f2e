"""The figures that an answer states, each key once."""

import datetime as dt
from collections.abc import Iterable

from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure
from tools.health.case import Case, figure


class Stated:
    """Collects the figures of one account's answer. The first figure of a key stands: a key means one thing."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._made: dict[str, Figure] = {}

    def add(self, figures: Iterable[Figure]) -> None:
        for made in figures:
            self._made.setdefault(made.key, made)

    def number(
        self,
        key: str,
        label: str,
        value: float | str | dt.date | None,
        unit: str,
        formula: str,
        records: tuple[Evidence, ...] = (),
    ) -> Figure:
        """A figure of the account, stated from now on."""
        return self._made.setdefault(key, figure(self._case, key, label, value, unit, formula, records))

    def count(self, key: str, label: str, records: tuple[Evidence, ...], formula: str, unit: str = "count") -> Figure:
        """How many records these are."""
        return self.number(key, label, len(records), unit, formula, _in_one(records))

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(self._made.values())


def _in_one(records: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The records, or one range of them where they are many."""
    if len(records) <= MAX_LISTED_EVIDENCE:
        return records
    days = [record.date for record in records if record.date is not None]
    first, last = min(days, default=None), max(days, default=None)
    return (Evidence(kind=records[0].kind, first=first, last=last, count=len(records)),)
