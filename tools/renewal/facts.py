"""What on record shows that a step of the playbook was done."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.figures import Evidence
from app.domain.records import Commitment, Contact, Stakeholder, Touchpoint
from tools.health.people import held
from tools.renewal.parameters import DoneBy, Step

RECORDS_DAYS = 850
"""The longest notice (730 days), and the time before it in which a step counts as done."""


@dataclass(frozen=True, slots=True)
class Done:
    """A record that shows it, and its day."""

    on: dt.date
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Facts:
    """One account's touchpoints and promises, and the part that each of its people plays."""

    touchpoints: tuple[Touchpoint, ...] = ()
    promises: tuple[Commitment, ...] = ()
    parts: Mapping[str, Stakeholder] | None = None

    def done(self, step: Step, due: dt.date, as_of: dt.date) -> Done | None:
        """The newest record that shows the step done, from the days before its due day on; None where there is none."""
        first = due - dt.timedelta(days=step.done_by.from_days)
        shown = (each for each in self._showing(step.done_by) if first <= each.on <= as_of)
        return max(shown, key=lambda each: (each.on, each.evidence.id or ""), default=None)

    def _showing(self, by: DoneBy) -> Iterator[Done]:
        for point in self.touchpoints:
            if held(point) and (self._is_such(point, by) or _is_note(point, by)):
                yield Done(point.date, Evidence(kind="touchpoints", id=point.id, date=point.date))
        for promise in self.promises:
            if promise.done_on is not None and _holds(promise.what, by.promises):
                yield Done(promise.done_on, Evidence(kind="commitments", id=promise.id, date=promise.done_on))

    def _is_such(self, point: Touchpoint, by: DoneBy) -> bool:
        if point.kind not in by.kinds:
            return False
        return not by.stakeholders or (self.parts or {}).get(point.contact_id or "") in by.stakeholders


def facts(touchpoints: Iterable[Touchpoint], promises: Iterable[Commitment], contacts: Iterable[Contact]) -> Facts:
    """The facts of one account."""
    parts = {contact.id: contact.stakeholder for contact in contacts if contact.stakeholder is not None}
    return Facts(tuple(touchpoints), tuple(promises), parts)


def _is_note(point: Touchpoint, by: DoneBy) -> bool:
    return bool(by.note) and point.kind == "note" and (point.text or "").startswith(by.note)


def _holds(what: str, words: Iterable[str]) -> bool:
    said = " ".join(what.split()).casefold()
    return any(each.casefold() in said for each in words)
