"""The answer of the calendar: its blocks and figures. Sums have the filters in their keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Chart, Heading, Notice, Series, Tone, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Figure, Ref, Text, text
from tools.health.case import Case
from tools.health.data import AccountLine
from tools.health.figures import account_figures
from tools.health.parents import COUNTED_ONCE
from tools.health.portfolio import joined
from tools.health.totals import TotalFigures
from tools.health.wording import counted, listing
from tools.renewal.arguments import RenewalArgs
from tools.renewal.case import date_figures, step_figures
from tools.renewal.data import Bucket, ForecastRow, RenewalCalendar, RenewalData, RenewalLine
from tools.renewal.forecast import BEFORE, currencies
from tools.renewal.parameters import RenewalParameters
from tools.renewal.sections import table
from tools.renewal.steps import PlannedStep
from tools.renewal.terms import Term

NAMED = 3
MOST_CHARTS = 3
BUCKETS: Mapping[Bucket, str] = {"commit": "Commit", "at_risk": "At risk", "unknown": "Unknown", "lost": "Lost"}
CASES = {"likely": "Most likely", "best": "Best case"}
LABELS: Mapping[str, str] = {**{str(key): label for key, label in BUCKETS.items()}, **CASES}


@dataclass(frozen=True, slots=True)
class Entry:
    """A renewal of the calendar: its line, and the figures that its row shows."""

    line: RenewalLine
    account: AccountLine
    case: Case
    term: Term
    step: PlannedStep | None


class CalendarAnswer:
    """Blocks and figures of the calendar. Sums have the filters in their keys."""

    def __init__(
        self,
        ctx: Context,
        args: RenewalArgs,
        parameters: RenewalParameters,
        data: RenewalCalendar,
        entries: Sequence[Entry],
    ) -> None:
        self._ctx, self._args, self._parameters, self._data, self._entries = ctx, args, parameters, data, entries
        self._accounts = {entry.line.id: entry.account for entry in entries}
        self._made = TotalFigures(ctx.as_of, args.filters(), tuple(self._accounts.values()))
        self._shown: dict[tuple[str, str | None], Figure] = {}

    def report(self, page: Sequence[Entry]) -> Report:
        blocks: list[Block] = [self._verdict()]
        if page:
            blocks += [Heading(text=text("Renewals")), self._table(page)]
        if self._entries:
            blocks += self._forecast()
        blocks += self._notices()
        figures = (*self._made.made.values(), *self._shown.values())
        return Report(RenewalData(self._data), tuple(blocks), figures)

    def _accounts_of(self, lines: Iterable[RenewalLine]) -> list[AccountLine]:
        return [self._accounts[line.id] for line in lines]

    def _count(self, name: str, label: str, lines: Sequence[RenewalLine]) -> Figure:
        return self._made.accounts(f"renewal.{name}", label, self._accounts_of(lines))

    def _sum(self, name: str, label: str, amount: float, currency: str, lines: Sequence[RenewalLine]) -> Figure:
        return self._made.arr(f"renewal.{name}", label, amount, currency, self._accounts_of(lines))

    def _verdict(self) -> Verdict:
        lines, asked = [entry.line for entry in self._entries], self._asked()
        if not lines:
            words = "Accounts need a renewal date (accounts.csv) to be here." if self._data.undated else ""
            headline = text(f"No renewal {self._span()}{asked}.")
            return Verdict(tone="neutral", headline=headline, lines=(text(words),) if words else ())
        running = [line for line in lines if line.bucket != "lost"]
        lapsed = [line for line in running if line.lapsed_days is not None]
        soon_days = self._parameters.soon_days
        soon = [line for line in running if _ahead(line) and (line.days_to_decision or 0) <= soon_days]
        over = [line for line in running if line.lapsed_days is None and not _ahead(line)]
        count = self._count("accounts", "Renewals", running)
        near = text(
            self._count("soon", f"Decisions within {soon_days} days", soon), f" to be decided within {soon_days} days"
        )
        parts = [near]
        if lapsed:
            parts.insert(0, text(self._count("lapsed", "Lapsed contracts", lapsed), " lapsed"))
        if over:
            parts.append(text(self._count("decided", "Day for notice over", over), " past the day for notice"))
        headline = text(counted(count, "renewal", "renewals"), f" {self._span()}{asked}: ", joined(parts), ".")
        told = (*(self._case_line(total) for total in self._data.totals), self._first(running), self._next(running))
        tone: Tone = "bad" if lapsed else "warning" if any(line.bucket == "at_risk" for line in running) else "good"
        return Verdict(tone=tone, headline=headline, lines=tuple(line for line in told if line)[:11])

    def _span(self) -> str:
        return f"until {self._data.last}"

    def _asked(self) -> str:
        filters = {name: value for name, value in self._args.filters().items() if name != "days"}
        return f" with {listing([f'{name} {value}' for name, value in filters.items()])}" if filters else ""

    def _case_line(self, row: ForecastRow) -> Text:
        figures = self._row_figures(row)
        parts = [text("commit ", figures["commit"]), text("at risk ", figures["at_risk"])]
        if row.unknown:
            parts.append(text("unknown ", figures["unknown"]))
        if row.lost:
            parts.append(text("lost ", figures["lost"]))
        likely = text("most likely ", figures["likely"], ", best case ", figures["best"])
        return text(f"Forecast {row.currency}: ", joined(parts), "; ", likely, ".")

    def _first(self, running: Sequence[RenewalLine]) -> Text:
        told = [f"{line.name} ({self._when(line)}, {line.tier})" for line in running[:NAMED]]
        return text(f"First: {listing(told)}.") if told else ()

    @staticmethod
    def _when(line: RenewalLine) -> str:
        if line.lapsed_days is not None:
            return f"lapsed by {line.lapsed_days} day{'' if line.lapsed_days == 1 else 's'}"
        return f"decides by {line.decision_date}"

    @staticmethod
    def _next(running: Sequence[RenewalLine]) -> Text:
        return text(f"Next: /renewal {running[0].id}") if running else ()

    def _table(self, page: Sequence[Entry]) -> Block:
        labels = ("Account", "Decision", "Days", "Renewal", "ARR", "Health", "Churn", "Forecast", "Next step", "Owner")
        more: Text = ()
        if self._data.next_cursor is not None:
            more = text(f"More renewals: the same command with cursor={self._data.next_cursor}")
        return table(labels, [self._row(entry) for entry in page], more)

    def _row(self, entry: Entry) -> tuple[Text, ...]:
        line, dates = entry.line, date_figures(entry.case, entry.term)
        own = account_figures(entry.case)
        for figure in (*dates.values(), *own.values()):
            self._shown[figure.key, figure.account_id] = figure
        if line.lapsed_days is not None and "lapsed" in dates:
            days = text("lapsed by ", dates["lapsed"])
        elif "to_decision" in dates:
            days = text(dates["to_decision"])
        else:
            days = text("over")
        renewal = text(dates["renewal"], " by itself") if line.auto_renew else text(dates["renewal"])
        return (
            text(line.name),
            text(dates["decision"]),
            days,
            renewal,
            text(own["arr"]),
            text(line.tier),
            text(line.churn_level),
            text(BUCKETS[line.bucket].lower(), "" if line.bucket == "commit" else f": {line.because}"),
            self._step(entry),
            text(line.owner or "–"),
        )

    def _step(self, entry: Entry) -> Text:
        if entry.step is None:
            return text("–")
        day = step_figures(entry.case, entry.step)["do_by"]
        self._shown[day.key, day.account_id] = day
        return text(f"{entry.step.step.title}, by ", day)

    def _forecast(self) -> list[Block]:
        labels = ("Quarter", "Renewals", *BUCKETS.values(), *CASES.values())
        rows = [self._forecast_row(row) for row in (*self._data.forecast, *self._data.totals)]
        blocks: list[Block] = [Heading(text=text("Forecast by quarter of the renewal")), table(labels, rows)]
        blocks += [self._chart(currency) for currency in currencies(e.line for e in self._entries)[:MOST_CHARTS]]
        return [*blocks, Notice(tone="neutral", text=text(self._rule()))]

    def _forecast_row(self, row: ForecastRow) -> tuple[Text, ...]:
        figures = self._row_figures(row)
        label, name = f"Renewals of {row.quarter}, {row.currency}", row.quarter
        counts = self._count(f"accounts.{row.quarter}.{row.currency}", label, self._lines_of(row))
        if len(self._data.totals) > 1:
            name = f"{name}, {row.currency}"
        return (text(name), text(counts), *(text(figures[each]) for each in (*BUCKETS, *CASES)))

    def _lines_of(self, row: ForecastRow) -> list[RenewalLine]:
        mine = (entry.line for entry in self._entries if entry.line.currency == row.currency)
        return [line for line in mine if row.quarter in ("total", line.quarter)]

    def _row_figures(self, row: ForecastRow) -> dict[str, Figure]:
        """The sums of a row, by the fields of its data."""
        lines = self._lines_of(row)
        of = {bucket: [line for line in lines if line.bucket == bucket] for bucket in BUCKETS}
        parts: dict[str, list[RenewalLine]] = {
            **{str(bucket): own for bucket, own in of.items()},
            "likely": [line for line in lines if line.likely],
            "best": [*of["commit"], *of["at_risk"]],
        }
        return {
            name: self._sum(
                f"forecast.{name}.{row.quarter}",
                f"{LABELS[name]}, renewals of {row.quarter}",
                getattr(row, name),
                row.currency,
                own,
            )
            for name, own in parts.items()
        }

    def _chart(self, currency: str) -> Chart:
        rows = [row for row in self._data.forecast if row.currency == currency]
        figures = [self._row_figures(row) for row in rows]
        series = tuple(
            Series(label=label, points=tuple(Ref(figure=each[bucket].key) for each in figures))
            for bucket, label in BUCKETS.items()
        )
        return Chart(
            title=text(f"ARR of the renewals by quarter, {currency}"),
            form="bar",
            labels=tuple(row.quarter for row in rows),
            series=series,
        )

    def _rule(self) -> str:
        rules = self._parameters.forecast
        at_risk = f"churn level {listing(rules.at_risk.levels)}, health {listing(rules.at_risk.tiers)}"
        lapsed = ", or lapsed and not renewed" if rules.at_risk.lapsed else ""
        unlikely = [
            *(f"churn level {level}" for level in rules.unlikely.levels),
            *(f"health {t}" for t in rules.unlikely.tiers),
        ]
        unlikely += ["lapsed"] if rules.unlikely.lapsed else []
        return (
            f"The rule: lost where churned or notice was given; at risk with {at_risk}{lapsed}; unknown without a "
            f"tier, never in the commit; else commit. Most likely leaves out of those at risk: {listing(unlikely)}. "
            "Best case is commit and at risk. A quarter is that of the renewal date."
        )

    def _notices(self) -> list[Block]:
        told: list[tuple[Tone, str]] = []
        if undated := self._data.undated:
            named = listing([*undated[:NAMED], *([f"{len(undated) - NAMED} more"] if len(undated) > NAMED else [])])
            told.append(("warning", f"No date to plan for (renewal date, or length of a term that renewed): {named}."))
        if any(row.arr_unknown for row in self._data.totals):
            number = sum(row.arr_unknown for row in self._data.totals)
            told.append(("warning", f"ARR is not known of {number} of these; they are in no sum."))
        if any(entry.line.arr != entry.line.arr_counted and entry.line.bucket != "lost" for entry in self._entries):
            told.append(("neutral", f"ARR counts once: {COUNTED_ONCE}."))
        if any(row.quarter == BEFORE for row in self._data.forecast):
            told.append(("neutral", f"“{BEFORE}” are renewals of quarters that are over: lapsed or lost."))
        return [Notice(tone=tone, text=text(words)) for tone, words in told]


def _ahead(line: RenewalLine) -> bool:
    """Whether notice can still be given."""
    return line.days_to_decision is not None and line.days_to_decision >= 0
