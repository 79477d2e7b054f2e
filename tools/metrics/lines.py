"""Every metric of a period with its target, its verdict and its trend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tools.metrics import customers, onboarding, practice, service
from tools.metrics.book import Book, Span
from tools.metrics.first_use import FirstUses
from tools.metrics.measure import Measure, improves
from tools.metrics.parameters import METRICS, Metric, MetricKey, Target
from tools.metrics.revenue import revenue_measures

VerdictKind = Literal["met", "missed", "cannot_tell", "no_target"]
Direction = Literal["better", "worse", "same", "unknown"]

YEAR_MONTHS = 12
SAME = 1e-9
"""Values that differ by less are the same."""

AT_END: Mapping[MetricKey, Callable[[Book, Span], Measure]] = {
    "health_score": customers.health_score,
    "nps": customers.nps,
    "ticket_volume": customers.ticket_volume,
    "feature_adoption": customers.feature_adoption,
    "feature_adoption_depth": customers.adoption_depth,
}
"""Metrics that need the data at the end of their period."""

WITHIN: Mapping[MetricKey, Callable[[Book, Span], Measure]] = {
    "onboarding_cycle_time": onboarding.cycle_time,
    "mttr": service.mttr,
    "repeat_issue_rate": service.repeat_issue_rate,
    "sla_adherence": service.sla_adherence,
    "fcr": service.first_contact,
    "escalation_rate": service.escalation_rate,
    "escalation_quality": service.escalation_quality,
    "csat": service.csat,
    "kb_contribution": practice.articles,
    "enablement": practice.enablement,
    "feedback_acceptance": practice.feedback_acceptance,
}
"""Metrics of dated facts alone."""

FIRST_USE: Mapping[MetricKey, Callable[[Book, Span, FirstUses], Measure]] = {
    "ttv": onboarding.time_to_value,
    "ttfv": onboarding.time_to_first_value,
    "activation_rate": onboarding.activation_rate,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A metric as it is told. `goal` is the value that it is held against in this period, None where there is none."""

    metric: Metric
    measure: Measure
    before: Measure | None
    goal: float | None
    verdict: VerdictKind
    why: str

    @property
    def key(self) -> MetricKey:
        return self.measure.key

    @property
    def change(self) -> float | None:
        """The value less that of the period before."""
        value, before = self.measure.value, self.before.value if self.before else None
        return None if value is None or before is None else value - before

    @property
    def direction(self) -> Direction:
        if self.change is None:
            return "unknown"
        if abs(self.change) < SAME:
            return "same"
        return "better" if (self.change > 0) == (self.metric.better == "higher") else "worse"


@dataclass(frozen=True, slots=True)
class Spans:
    """The period that is asked about, the one before, and the one a year before; None where no data reaches."""

    now: Span
    before: Span | None
    year_before: Span


def lines(book: Book, spans: Spans) -> tuple[Line, ...]:
    """All metrics in their order; a revenue metric once a currency."""
    uses = FirstUses(book)
    now = _measures(book, spans.now, uses)
    before = _measures(book, spans.before, uses) if spans.before else {}
    a_year_ago = {("onboarding_cycle_time", ""): onboarding.cycle_time(book, spans.year_before)}
    hygiene = practice.documentation_hygiene(book)
    now[hygiene.key, ""] = hygiene
    ordered = sorted(now.values(), key=lambda m: (METRICS.index(m.key), m.of))
    return tuple(
        _line(book, spans, measure, before.get((measure.key, measure.of)), a_year_ago.get((measure.key, measure.of)))
        for measure in ordered
    )


def _measures(book: Book, span: Span, uses: FirstUses) -> dict[tuple[str, str], Measure]:
    made = revenue_measures(book, span)
    made += [formula(book, span) for formula in AT_END.values()]
    made += [formula(book, span) for formula in WITHIN.values()]
    made += [formula(book, span, uses) for formula in FIRST_USE.values()]
    return {(measure.key, measure.of): measure for measure in made}


def _line(book: Book, spans: Spans, measure: Measure, before: Measure | None, year_before: Measure | None) -> Line:
    metric = book.parameters.metrics[measure.key]
    if metric.target and metric.target.annual and spans.now.last < spans.now.period.last:
        before = None  # what adds up over a period is not compared with one that is over
    against = year_before if metric.target and metric.target.rule == "improve_on_year_before" else before
    goal = _goal(metric, spans.now, against)
    verdict, why = judged(measure, metric, goal)
    return Line(metric, measure, before, goal, verdict, why)


def _goal(metric: Metric, span: Span, against: Measure | None) -> float | None:
    target = metric.target
    if target is None:
        return None
    if target.rule in ("improve_on_before", "improve_on_year_before"):
        if against is None or against.value is None:
            return None
        sign = -1 if metric.better == "lower" else 1
        return against.value * (1 + sign * target.value / 100)
    return part_of_year(target, span.months)


def part_of_year(target: Target, months: float) -> float:
    """The target's value; of an annual rate, what compounds to it over a year of such periods."""
    if not target.annual or target.value <= 0:
        return target.value
    return float(100 * (target.value / 100) ** (months / YEAR_MONTHS))


def judged(measure: Measure, metric: Metric, goal: float | None) -> tuple[VerdictKind, str]:
    """The verdict, and why where none can be given."""
    if measure.value is None:
        return "cannot_tell", f"missing: {measure.missing}"
    limited = [part for part in measure.parts if part.most is not None and part.value is not None]
    if limited:
        return ("missed" if any((p.value or 0.0) > (p.most or 0.0) for p in limited) else "met"), ""
    if metric.target is None:
        return "no_target", ""
    if goal is None:
        earlier = "a year before" if metric.target.rule == "improve_on_year_before" else "in the period before"
        return "cannot_tell", f"there is no value {earlier} to compare with"
    met = _meets(measure.value, metric, goal)
    if measure.at_least and met:
        return "cannot_tell", "the waits that are not over decide it"
    return ("met" if met else "missed"), ""


def _meets(value: float, metric: Metric, goal: float) -> bool:
    match metric.target.rule if metric.target else None:
        case "above":
            return value > goal
        case "below":
            return value < goal
        case "at_least":
            return value >= goal - SAME
        case "at_most":
            return value <= goal + SAME
    return improves(value, goal, 0, metric.better)
