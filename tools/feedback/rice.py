"""RICE = reach × impact × confidence ÷ effort, and whether an item's inputs allow it."""

from dataclasses import dataclass

from app.domain.records import FeedbackItem
from tools.feedback.parameters import Range, Ranges


@dataclass(frozen=True, slots=True)
class Inputs:
    """Checked inputs: customers reached, impact, confidence as a fraction, effort in weeks.

    `notes` tell what was not taken as it stands.
    """

    reach: float
    impact: float
    confidence: float
    effort: float
    notes: tuple[str, ...] = ()

    @property
    def rice(self) -> float:
        return rice(self.reach, self.impact, self.confidence, self.effort)

    @property
    def formula(self) -> str:
        return f"{self.reach:g} × {self.impact:g} × {self.confidence:g} ÷ {self.effort:g}"


def rice(reach: float, impact: float, confidence: float, effort: float) -> float:
    """The score: customers reached × impact (1–10) × confidence (0–1) ÷ effort (weeks, above 0)."""
    return reach * impact * confidence / effort


def read_inputs(item: FeedbackItem, ranges: Ranges) -> Inputs | tuple[str, ...]:
    """The item's inputs, or what is wrong with them, a sentence for each. No reach given: the linked accounts count."""
    linked = len(item.account_ids)
    reach, notes = item.reach, []
    if reach is None and linked:
        reach = float(linked)
        notes.append("reach is the number of linked accounts")
    if item.effort_weeks is not None and 0 < item.effort_weeks < ranges.effort.least:
        notes.append(f"effort {item.effort_weeks:g} counts as {ranges.effort.least:g}")
    wrong = (*_wrong_reach(reach, ranges.reach), *wrong_inputs(item, ranges, missing=True))
    if wrong or reach is None or item.impact is None or item.confidence is None or item.effort_weeks is None:
        return wrong
    effort = max(item.effort_weeks, ranges.effort.least)
    return Inputs(reach, item.impact, fraction(item.confidence), effort, tuple(notes))


def usable_reach(item: FeedbackItem, ranges: Ranges) -> float | None:
    """Customers affected: the item's reach, else its linked accounts; None where neither is known and in range."""
    reach = float(len(item.account_ids)) if item.reach is None else item.reach
    return None if _wrong_reach(reach, ranges.reach) else reach


def wrong_inputs(item: FeedbackItem, ranges: Ranges, *, missing: bool) -> tuple[str, ...]:
    """What is wrong with impact, confidence and effort, and with a given reach; `missing`: their absence too."""
    found = [] if missing or item.reach is None else list(_wrong_reach(item.reach, ranges.reach))
    for name, value in (("impact", item.impact), ("confidence", item.confidence), ("effort", item.effort_weeks)):
        allowed: Range = getattr(ranges, name)
        if value is None:
            found += [f"{name} is not known"] if missing else []
        elif not allowed.least <= _counted(name, value, allowed) <= allowed.most:
            found.append(f"{name} {value:g} is outside {allowed}")
    return tuple(found)


def _counted(name: str, value: float, allowed: Range) -> float:
    """The value that is compared with the range: confidence in percent; some effort under the least as the least."""
    if name == "confidence":
        return 100 * fraction(value)
    return allowed.least if name == "effort" and 0 < value < allowed.least else value


def fraction(confidence: float) -> float:
    """Up to 1 a confidence is a fraction, above 1 a percentage."""
    return confidence / 100 if confidence > 1 else confidence


def _wrong_reach(reach: float | None, allowed: Range) -> tuple[str, ...]:
    if reach is None:
        return ("reach is not known: none is given and no account is linked",)
    return () if allowed.least <= reach <= allowed.most else (f"reach {reach:g} is outside {allowed}",)
