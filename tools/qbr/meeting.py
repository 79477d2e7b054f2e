"""The meeting itself: the hours of its parts, and what is prepared by when."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.domain.blocks import Checklist, Table, Task
from app.domain.figures import text
from app.domain.problems import InvalidArguments
from app.domain.windows import add_working_days
from tools.qbr.data import PartData, StepData
from tools.qbr.parameters import Part, QbrParameters, Step, When
from tools.qbr.review import table

AGENDA_HEADING = "Agenda"
PREPARE_HEADING = "Prepare"


@dataclass(frozen=True, slots=True)
class Slot:
    """A part, and when it begins where the meeting's hour is known."""

    part: Part
    start: dt.time | None

    def data(self) -> PartData:
        return PartData(key=self.part.key, title=self.part.title, minutes=self.part.minutes, start=self.start)


def slots(parameters: QbrParameters, at: dt.time | None) -> tuple[Slot, ...]:
    """The parts one after the other.

    Raises:
        InvalidArguments: the meeting would end after midnight.
    """
    if at is None:
        return tuple(Slot(part, None) for part in parameters.parts)
    minute = at.hour * 60 + at.minute
    if minute + parameters.minutes > 24 * 60:
        raise InvalidArguments(f"at={at:%H:%M} leaves less than {parameters.minutes} minutes before midnight.")
    found = []
    for part in parameters.parts:
        found.append(Slot(part, dt.time(*divmod(minute, 60))))
        minute += part.minutes
    return tuple(found)


def agenda(planned: Sequence[Slot]) -> Table:
    """The parts with their minutes, and their hours where these are known."""
    timed = any(slot.start for slot in planned)
    rows = [
        (
            text(f"{place}. {slot.part.title}"),
            *([text(f"{slot.start:%H:%M}")] if timed and slot.start else []),
            text(str(slot.part.minutes)),
            text(slot.part.settles),
        )
        for place, slot in enumerate(planned, start=1)
    ]
    labels = ("Part of the meeting", *(("Begins",) if timed else ()), "Minutes", "What we settle")
    return table(labels, rows, right=("Minutes",))


def check_day(on: dt.date | None, as_of: dt.date) -> None:
    """The meeting lies ahead.

    Raises:
        InvalidArguments: it lies before the day of the answer.
    """
    if on is not None and on < as_of:
        raise InvalidArguments(
            f"on={on} lies before {as_of}, the day of the answer. Give the day of a meeting to come."
        )


def steps(parameters: QbrParameters, holding: Collection[When], on: dt.date | None) -> tuple[StepData, ...]:
    """What is to be prepared, with its day counted back from the meeting in working days."""
    return tuple(
        StepData(what=step.what, owner=step.owner, due=_due(step, on))
        for step in parameters.preparation
        if step.when in holding
    )


def _due(step: Step, on: dt.date | None) -> dt.date | None:
    return None if on is None else add_working_days(on, -step.days)


def checklist(parameters: QbrParameters, holding: Collection[When], on: dt.date | None, as_of: dt.date) -> Checklist:
    """The steps as tasks; where the day of one is over, it is due at once."""
    tasks = []
    for step in (step for step in parameters.preparation if step.when in holding):
        due = _due(step, on)
        if due is None:
            side = "before" if step.days >= 0 else "after"
            days = f"{abs(step.days)} working day{'s' if abs(step.days) != 1 else ''} {side} the meeting"
            tasks.append(Task(text=text(f"{step.what}, {days}"), owner=step.owner))
        elif due < as_of:
            tasks.append(Task(text=text(f"{step.what} (was due {due})"), owner=step.owner, due=as_of))
        else:
            tasks.append(Task(text=text(step.what), owner=step.owner, due=due))
    return Checklist(items=tuple(tasks))
