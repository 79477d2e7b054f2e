"""From a case to its diagnosis: every rule is asked, what is excluded is dropped, the rest is ranked; then the side."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.blocks import Certainty, Side
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.catalogue import RULES
from tools.troubleshoot.rules.rule import Finding, Rule

CERTAINTIES: tuple[Certainty, ...] = ("known", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Found:
    """A rule and what it found."""

    rule: Rule
    finding: Finding

    @property
    def side(self) -> Side:
        return self.finding.side or self.rule.side


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """`causes` and `contexts`, each the most certain first; `side` is where the fault lies."""

    side: Side
    causes: tuple[Found, ...]
    contexts: tuple[Found, ...]

    @property
    def top(self) -> Found | None:
        return self.causes[0] if self.causes else None

    @property
    def is_known(self) -> bool:
        return self.top is not None and self.top.finding.certainty == "known"


def diagnose(case: Case, rules: Sequence[Rule] = RULES) -> Diagnosed:
    """The diagnosis of a case."""
    found = [Found(rule, finding) for rule in rules if (finding := rule.examine(case)) is not None]
    found = _without_excluded(found)
    ranked = sorted(found, key=lambda each: (CERTAINTIES.index(each.finding.certainty), -each.finding.rank))
    causes = tuple(each for each in ranked if each.rule.role == "cause")
    return Diagnosed(side_of(causes), causes, tuple(each for each in ranked if each.rule.role == "context"))


def side_of(causes: Sequence[Found]) -> Side:
    """The side on which all causes of the highest certainty agree; what is only possible decides nothing."""
    for certainty in ("known", "likely"):
        sides = {each.side for each in causes if each.finding.certainty == certainty}
        if sides:
            return sides.pop() if len(sides) == 1 else "undecided"
    return "undecided"


def _without_excluded(found: Sequence[Found]) -> list[Found]:
    """The findings that none of at least the same certainty excludes."""
    kept = []
    for each in found:
        weight = CERTAINTIES.index(each.finding.certainty)
        excluded = any(
            each.rule.id in other.finding.rules_out and CERTAINTIES.index(other.finding.certainty) <= weight
            for other in found
        )
        if not excluded:
            kept.append(each)
    return kept
