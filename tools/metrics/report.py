"""The answer about a period: what is met and missed, the metrics in two tables, and how each is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.blocks import Block, Column, Heading, Notice, Table, Tone, Verdict
from app.domain.command import Report
from app.domain.figures import Figure, Text, joined, text
from app.domain.periods import Period
from tools.metrics.book import Book
from tools.metrics.data import NotMeasuredData, PeriodMetrics, metric_data
from tools.metrics.figures import Figures, name_of
from tools.metrics.lines import Line, Spans, VerdictKind, lines
from tools.metrics.measure import LeftOut, Part
from tools.metrics.parameters import Group, MetricKey
from tools.metrics.revenue import unexplained

MOST_NAMED = 5
"""So many accounts, or metrics, are named in a line; the rest is a number."""

OF_NOW: frozenset[MetricKey] = frozenset({"documentation_hygiene"})
"""Metrics of as_of and of no period."""

TABLES: tuple[tuple[str, tuple[Group, ...]], ...] = (
    ("Customers and revenue", ("customers",)),
    ("Service and practice", ("service", "practice")),
)
VERDICTS: dict[VerdictKind, str] = {
    "met": "met",
    "missed": "missed",
    "cannot_tell": "cannot tell",
    "no_target": "no target",
}
RULES = {"above": "above ", "below": "below ", "at_least": "at least ", "at_most": "at most "}
COLUMNS = ("Metric", "Value", "Target", "Verdict", "Before", "Trend", "n", "Looked at")
MADE_OF = ("Metric", "Formula", "Numerator", "Denominator", "Who counts", "Left out")


def report(book: Book, spans: Spans) -> Report:
    """The metrics of a period."""
    return _Report(book, spans).made()


@dataclass(frozen=True)
class _Report:
    book: Book
    spans: Spans

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return lines(self.book, self.spans)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.book)

    @cached_property
    def unexplained(self) -> tuple[str, ...]:
        return unexplained(self.book, self.spans.now)

    @property
    def period(self) -> Period:
        return self.spans.now.period

    def made(self) -> Report:
        blocks = (self._verdict(), *self._tables(), *self._notices(), *self._folded())
        data = self._data()
        return Report(data, blocks, tuple(self.figures.made.values()))

    # Verdict

    def _verdict(self) -> Verdict:
        missed, met = self._of("missed"), self._of("met")
        unknown = self._of("cannot_tell")
        headline = text(f"{self._title()}: {len(met)} of {len(met) + len(missed)} targets met")
        if unknown:
            headline = text(headline, f", {len(unknown)} more cannot be told")
        told = [*self._revenue(), *self._speed()]
        rest = [line for line in missed if line.key not in ("nrr", "grr", "mttr")]
        if rest:
            told.append(text("Missed: ", joined([self._short(line) for line in rest[:MOST_NAMED]], "; "), _more(rest)))
        if worse := [line.metric.label for line in self.lines if line.direction == "worse"]:
            told.append(text(f"Worse than {self._before_name()}: {_named(worse)}."))
        if unknown:
            told.append(
                text(f"Cannot be told: {_named([line.metric.label for line in unknown])}. See what is missing.")
            )
        if missed:
            told.append(text(f"Next, for {missed[0].metric.label}: {missed[0].metric.next}"))
        tone: Tone = "warning" if missed else "good" if met else "neutral"
        return Verdict(tone=tone, headline=headline, lines=tuple(told[:11]))

    def _title(self) -> str:
        running = self.spans.now.last < self.period.last
        among = "".join(f", {name} {wanted}" for name, wanted in self.book.filters.items())
        return f"{self.period.name}{f' up to {self.spans.now.last}' if running else ''}{among}"

    def _before_name(self) -> str:
        return self.spans.before.period.name if self.spans.before else "the period before"

    def _of(self, verdict: VerdictKind) -> list[Line]:
        return [line for line in self.lines if line.verdict == verdict]

    def _revenue(self) -> Iterator[Text]:
        """A line a currency."""
        of = [line.measure.of for line in self.lines if line.key == "nrr"]
        for currency in of[:MOST_NAMED]:
            mine = [line for line in self.lines if line.key in ("nrr", "grr") and line.measure.of == currency]
            suffix = f" in {currency}" if len(of) > 1 else ""
            yield text(joined([self._judged(line, suffix) for line in mine], "; "), ".")

    def _judged(self, line: Line, suffix: str) -> Text:
        """ "NRR 101.2 %, target above 102.4 %: missed"."""
        name = line.key.upper() + suffix
        if line.measure.value is None:
            return text(f"{name} cannot be told ({line.why})")
        return text(f"{name} ", self._value(line), f" of {line.measure.n} accounts, target ", self._target(line), ": ",
                    VERDICTS[line.verdict])  # fmt: skip

    def _speed(self) -> Iterator[Text]:
        """MTTR, and the repeat-issue rate beside it: speed alone says nothing of quality."""
        by_key = {line.key: line for line in self.lines}
        speed, quality = by_key["mttr"], by_key["repeat_issue_rate"]
        if speed.measure.value is None:
            return
        late = [p.label for p in speed.measure.parts if p.most is not None and p.value is not None and p.value > p.most]
        held = f"over target: {', '.join(late)}" if late else "within the target of every severity"
        repeats: Text = text("unknown, tickets have no category")
        if quality.measure.value is not None:
            repeats = text(self._value(quality), " of tickets came back within ",
                           f"{self.book.parameters.rules.repeat_days} days")  # fmt: skip
        late_now = sum(len(each.ids) for each in speed.measure.left_out)
        still = f", {late_now} still open past it" if late_now else ""
        yield text("MTTR ", self._value(speed), f", {held}{still}; beside it, repeats: ", repeats, ".")

    def _short(self, line: Line) -> Text:
        return text(f"{line.metric.label} ", self._value(line), " (", self._target(line), ")")

    # Tables

    def _tables(self) -> Iterator[Block]:
        for title, groups in TABLES:
            rows = tuple(self._row(line) for line in self.lines if line.metric.group in groups)
            yield Heading(text=text(title))
            yield Table(columns=_columns(COLUMNS, right=("Value", "Before", "n")), rows=rows)

    def _row(self, line: Line) -> tuple[Text, ...]:
        name = text(line.metric.label, f", {line.measure.of}" if line.measure.of else "")
        before = text("–")
        if line.before is not None and line.before.value is not None and self.spans.before:
            before = _with_unit(self.figures.value(line, line.before, self.spans.before.period))
        return (
            name,
            self._value(line) if line.measure.value is not None else text("unknown"),
            self._target(line),
            text(VERDICTS[line.verdict]),
            before,
            text("–" if line.direction == "unknown" else line.direction),
            text(str(line.measure.n)),
            text(line.metric.cadence),
        )

    def _value(self, line: Line) -> Text:
        told = _with_unit(self.figures.value(line, line.measure, self._period_of(line)))
        return text("at least ", told) if line.measure.at_least else told

    def _target(self, line: Line) -> Text:
        target = line.metric.target
        if target is None:
            return text("by severity" if any(p.most is not None for p in line.measure.parts) else "–")
        words = RULES.get(target.rule, "")
        if target.rule in ("improve_on_before", "improve_on_year_before"):
            ago = "a year before" if target.rule == "improve_on_year_before" else "before"
            words = f"{target.value:g} % better than {ago}" if target.value else f"no worse than {ago}"
            return text(words)
        return text(words, _with_unit(self.figures.goal(line, self.spans.now, self._period_of(line))))

    def _period_of(self, line: Line) -> Period | None:
        return None if line.key in OF_NOW else self.period

    # What stands below

    def _notices(self) -> Iterator[Block]:
        if self.unexplained:
            names = _named([self.book.name(one) for one in self.unexplained])
            said = f"ARR that the movements do not explain: {names}. Add the movement that is missing, or mend the ARR."
            yield Notice(tone="warning", text=text(said))
        if self.book.filters:
            narrowed, day = " and ".join(self.book.filters), self.book.ctx.as_of
            said = f"The accounts are those of this {narrowed} on {day}, in all periods."
            yield Notice(tone="neutral", text=text(said))

    def _folded(self) -> Iterator[Block]:
        if unknown := self._of("cannot_tell"):
            yield Heading(text=text("What is missing"), folded=True)
            rows = tuple((text(_called(line)), text(line.why)) for line in unknown)
            yield Table(columns=_columns(("Metric", "Why it cannot be told")), rows=rows)
        yield Heading(text=text("Speed beside quality, and other parts"), folded=True)
        yield self._parts()
        yield Heading(text=text("How each metric is made"), folded=True)
        yield Table(columns=_columns(MADE_OF), rows=tuple(self._made_of(line) for line in self.lines))
        yield Heading(text=text("What no data here can give"), folded=True)
        needed = tuple(
            (text(each.label), text(each.target), text(each.cadence), text(each.needs))
            for each in self.book.parameters.not_measured.values()
        )
        yield Table(columns=_columns(("Metric", "Target", "Looked at", "Needs")), rows=needed)

    def _parts(self) -> Table:
        rows = [self._part(line, part) for line in self.lines for part in line.measure.parts if part.n]
        return Table(
            columns=_columns(("Part", "Value", "Target", "n", "Repeats"), right=("Value", "n")), rows=tuple(rows)
        )

    def _part(self, line: Line, part: Part) -> tuple[Text, ...]:
        figure, period = self.figures.part(line, part, self._period_of(line)), self._period_of(line)
        most = text("–") if part.most is None else text(self._limit(line, part, period))
        beside = text("–")
        if part.beside is not None:
            name = name_of(line.measure, period, f"{part.key}.repeats")
            label, rule = f"Repeat-issue rate, {part.label}", "100 × repeats ÷ tickets opened of this severity"
            beside = text(self.figures.make(name, label, part.beside, "%", rule))
        return text(f"{line.metric.label}: {part.label}"), _with_unit(figure), most, text(str(part.n)), beside

    def _limit(self, line: Line, part: Part, period: Period | None) -> Text:
        name = name_of(line.measure, period, f"{part.key}.target")
        made = self.figures.make(name, f"Target of {part.label}", part.most, part.unit, "the target of /health")
        return text("at most ", _with_unit(made))

    def _made_of(self, line: Line) -> tuple[Text, ...]:
        measure, period = line.measure, self._period_of(line)
        top, below = text("–"), text("–")
        if measure.numerator is not None and measure.denominator is not None:
            top = text(f"{measure.parted[0]}: ", self.figures.numerator(line, period))
            below = text(f"{measure.parted[1]}: ", self.figures.denominator(line, period))
        left = "; ".join(self._left(each, measure.noun) for each in measure.left_out) or "–"
        return text(_called(line)), text(measure.formula), top, below, text(f"{measure.n}: {measure.who}"), text(left)

    def _left(self, left: LeftOut, noun: str) -> str:
        names = [self.book.name(one) for one in left.ids]
        return f"{left.reason}: {_named(names)}" if noun == "accounts" else f"{left.reason}: {len(names)}"

    # Data

    def _data(self) -> PeriodMetrics:
        now = self.spans.now
        return PeriodMetrics(
            period=self.period.name,
            first=self.period.first,
            last=now.last,
            running=now.last < self.period.last,
            filters=dict(self.book.filters),
            accounts=len(self.book.accounts),
            metrics=tuple(
                metric_data(line, self.figures.key(name_of(line.measure, self._period_of(line)))) for line in self.lines
            ),
            not_measured=tuple(
                NotMeasuredData(key=key, label=each.label, target=each.target, cadence=each.cadence, needs=each.needs)
                for key, each in self.book.parameters.not_measured.items()
            ),
            arr_unexplained=self.unexplained,
        )


def _columns(labels: Sequence[str], right: Sequence[str] = ()) -> tuple[Column, ...]:
    return tuple(Column(label=label, align="right" if label in right else "left") for label in labels)


def _called(line: Line) -> str:
    return line.metric.label + (f", {line.measure.of}" if line.measure.of else "")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + _more(names)


def _with_unit(figure: Figure) -> Text:
    """What is counted in time says so; the renderer writes other units itself."""
    return text(figure, f" {figure.unit}") if figure.unit in ("days", "hours") else text(figure)


def _more(names: Sequence[object]) -> str:
    return f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
