"""The summary of a log: how much of it failed, since when and how fast, its templates, and a chart of the failures."""

import datetime as dt
from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Chart, Column, Heading, Paragraph, Series, Table
from app.domain.figures import Figure, Ref, Text, text
from tools.troubleshoot import seen
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.logs import Bucket, LogSummary, Template
from tools.troubleshoot.wording import one_line

LONGEST_LINE = 200
SECONDS_A_MINUTE = 60


class LogSections:
    """The sections of the logs of a case that are too long to be read as they stand, and the figures they state."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.figures: list[Figure] = []
        self.blocks: list[Block] = []
        long = [each for each in seen.logs(case) if each[0].lines >= case.parameters.shown.log_lines]
        for number, (log, place) in enumerate(long, 1):
            self.blocks += self._section(number, log, place)

    def _figure(
        self, name: str, label: str, value: float | str | dt.date | None, unit: str, formula: str, *places: Place
    ) -> Figure:
        made = self._case.figure(name, label, value, unit, formula, *places)
        self.figures.append(made)
        return made

    def _section(self, number: int, log: LogSummary, place: Place) -> Iterator[Block]:
        name = place.name or f"pasted from {place}"
        yield Heading(text=text(f"Log summary: {name}"), folded=True)
        yield Paragraph(text=self._head(number, log, place))
        if log.truncated:
            yield Paragraph(text=text(f"Not all of it was read: {log.truncated}."))
        yield from self._templates(number, log, place)
        yield from self._lines(log, place)
        yield from self._chart(number, log, place)

    def _head(self, number: int, log: LogSummary, place: Place) -> Text:
        """Lines, records, failures, span and rate."""
        lines = self._figure(f"log{number}.lines", "Lines of the log", log.lines, "count", "lines counted", place)
        records = self._figure(f"log{number}.records", "Records", log.records, "count", "events of the log", place)
        errors = self._figure(
            f"log{number}.errors", "Failed records", log.errors, "count", "status 408, 429, 5xx, or level error", place
        )
        told = text(lines, " lines, ", records, " records, ", errors, " of them failed")
        if log.records:
            percent = 100 * log.errors / log.records
            rule = f"100 × {log.errors} ÷ {log.records}"
            share = self._figure(f"log{number}.error_share", "Failed share of the log", percent, "%", rule, place)
            told = text(told, " (", share, ")")
        return text(told, *self._span(number, log, place), ".")

    def _span(self, number: int, log: LogSummary, place: Place) -> Text:
        if log.first is None or log.last is None:
            return text("; it names no times")
        zone = "UTC" if log.zone_known else "no zone is named, read as UTC"
        told = text(f"; from {_clock(log.first)} to {_clock(log.last)} ({zone})")
        minutes = (log.last - log.first).total_seconds() / SECONDS_A_MINUTE
        if minutes < 1:
            return told
        rate = self._figure(
            f"log{number}.rate", "Records a minute", log.records / minutes, "ratio", "records ÷ minutes spanned", place
        )
        return text(told, ", ", rate, " a minute on average")

    def _templates(self, number: int, log: LogSummary, place: Place) -> Iterator[Block]:
        """What the lines are made of: errors first, then what is most frequent."""
        most = self._case.parameters.shown.templates
        ordered = sorted(log.templates, key=lambda each: (not each.is_error, -each.count, each.line))
        if not ordered:
            return
        rows = tuple(self._row(number, rank, each, place) for rank, each in enumerate(ordered[:most], 1))
        left = len(ordered) - most
        labels = ("Count", "Level", "First", "Last", "Lines like")
        columns = tuple(Column(label=each, align="right" if each == "Count" else "left") for each in labels)
        yield Table(columns=columns, rows=rows, more=text(f"{left} more kinds of line") if left > 0 else ())

    def _row(self, number: int, rank: int, template: Template, place: Place) -> tuple[Text, ...]:
        at = Place(place.name, place.line + template.line - 1)
        label = f"Lines like line {at.line}"
        count = self._figure(f"log{number}.template{rank}", label, template.count, "count", "lines counted", at)
        first, last = (_clock(each) if each else "" for each in (template.first, template.last))
        level = template.level or ("error" if template.is_error else "")
        return text(count), text(level), text(first), text(last), text(one_line(template.text, LONGEST_LINE))

    def _lines(self, log: LogSummary, place: Place) -> Iterator[Block]:
        """The lines that matter, with where they stand."""
        telling = seen.telling_lines(log, self._case.parameters.shown.lines)
        rows = tuple(
            (text(str(place.line + each.line - 1)), text(one_line(each.sample, LONGEST_LINE)))
            for each in sorted(telling, key=lambda each: each.line)
        )
        if rows:
            yield Table(columns=(Column(label="Line", align="right"), Column(label="Lines that matter")), rows=rows)

    def _chart(self, number: int, log: LogSummary, place: Place) -> Iterator[Block]:
        """Failures over time, where there are enough spans of time and any failure."""
        shown = self._case.parameters.shown
        if len(log.buckets) < shown.chart_points or not log.errors:
            return
        groups = _grouped(log.buckets, shown.chart_most)
        points = [self._point(number, rank, group, place) for rank, group in enumerate(groups, 1)]
        yield Chart(
            title=text("Failed records over time"),
            form="bar",
            labels=tuple(_label(group[0].start, log) for group in groups),
            series=(Series(label="Failed", points=tuple(points)),),
        )

    def _point(self, number: int, rank: int, group: Sequence[Bucket], place: Place) -> Ref:
        errors = sum(each.errors for each in group)
        label = f"Failed records from {_clock(group[0].start)}"
        figure = self._figure(f"log{number}.failed{rank}", label, errors, "count", "failed records counted", place)
        return Ref(figure=figure.key, account_id=figure.account_id)


def _grouped(buckets: Sequence[Bucket], most: int) -> list[Sequence[Bucket]]:
    """Neighbouring buckets put together, so that there are at most so many groups."""
    size = -(-len(buckets) // most)
    return [buckets[start : start + size] for start in range(0, len(buckets), size)]


def _label(start: dt.datetime, log: LogSummary) -> str:
    """The time of day; with the day where the log spans several."""
    several = log.first is not None and log.last is not None and log.first.date() != log.last.date()
    return f"{start.astimezone(dt.UTC):{'%m-%d %H:%M' if several else '%H:%M:%S'}}"


def _clock(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
