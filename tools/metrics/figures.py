"""The figures of /metrics: of the whole portfolio, or of a segment or owner, which then stands in their keys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.figures import Evidence, Figure
from app.domain.periods import Period
from tools.metrics.book import Book, Span
from tools.metrics.lines import Line
from tools.metrics.measure import Measure, Part


@dataclass
class Figures:
    """Makes figures and keeps them; each key means one thing, whoever is asked about."""

    book: Book
    made: dict[str, Figure] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return ".".join(("metrics", *slugs(self.book.filters), name))

    def make(
        self, name: str, label: str, value: float | None, unit: str, formula: str, evidence: tuple[Evidence, ...] = ()
    ) -> Figure:
        """A figure whose name says which period it is of."""
        if isinstance(value, float) and value.is_integer() and unit not in ("points", "%", "ratio"):
            value = int(value)
        made = Figure(
            key=self.key(name),
            label=f"{label}{''.join(f', {field} {wanted}' for field, wanted in self.book.filters.items())}",
            value=value,
            unit=unit,
            account_id=None,
            as_of=self.book.ctx.as_of,
            formula=formula,
            evidence=evidence,
        )
        self.made[made.key] = made
        return made

    def value(self, line: Line, measure: Measure, period: Period | None) -> Figure:
        """The metric itself, of the period or of the one before; of no period where it is of as_of."""
        named = f", {period.name}" if period else ""
        label = f"{line.metric.label}{f' in {measure.of}' if measure.of else ''}{named}"
        name = name_of(measure, period)
        return self.make(name, label, measure.value, line.metric.unit, measure.formula, measure.evidence)

    def goal(self, line: Line, span: Span, period: Period | None) -> Figure:
        """What the value is held against."""
        target = line.metric.target
        if target is None:
            raise ValueError(f"{line.key} has no target")
        rule = {
            "improve_on_before": f"the value of the period before, {target.value:g} % better",
            "improve_on_year_before": f"the value of a year before, {target.value:g} % better",
        }.get(target.rule, f"target {target.rule.replace('_', ' ')} {target.value:g}")
        if target.annual:
            rule += f" a year: what compounds to it, for {span.months:.3g} months"
        name = name_of(line.measure, period, "target")
        return self.make(name, f"Target of {line.metric.label}", line.goal, line.metric.unit, rule)

    def part(self, line: Line, part: Part, period: Period | None) -> Figure:
        label = f"{line.metric.label}, {part.label}"
        return self.make(name_of(line.measure, period, part.key), label, part.value, part.unit, f"of {part.n} counted")

    def numerator(self, line: Line, period: Period | None) -> Figure:
        measure = line.measure
        label, name = f"{line.metric.label}: {measure.parted[0]}", name_of(measure, period, "numerator")
        return self.make(name, label, measure.numerator, measure.unit or "count", measure.parted[0], measure.evidence)

    def denominator(self, line: Line, period: Period | None) -> Figure:
        measure = line.measure
        label, name = f"{line.metric.label}: {measure.parted[1]}", name_of(measure, period, "denominator")
        return self.make(name, label, measure.denominator, measure.unit or "count", measure.parted[1])


def name_of(measure: Measure, period: Period | None, part: str = "") -> str:
    """`nrr.USD.2026Q2`, `mttr.SEV1.2026Q2`, `nrr.USD.target.2026Q2`."""
    return ".".join(each for each in (measure.key, measure.of, part, period.name if period else "") if each)


def slugs(filters: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}_{re.sub(r'[^a-z0-9]+', '-', value.lower())}" for name, value in filters.items())
