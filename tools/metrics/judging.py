"""Each warning of a replay, judged: precision with its interval beside the base rate, recall, lead."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from app.domain.blocks import Block, Column, Paragraph, Table
from app.domain.figures import Figure, Text, text
from tools.health.wording import INDICATOR_LABELS
from tools.metrics.data import Skill, WarningData
from tools.metrics.intervals import exact_interval
from tools.metrics.measure import percent
from tools.metrics.parameters import Backtest
from tools.metrics.replay import SAFE, WARNINGS, Replay, Tally

Event = Literal["churn", "loss"]
NO_SKILL, CANNOT_TELL = "no better than chance", "cannot tell"
COLUMNS = ("Warning", "Up", "Hit", "Precision", "Interval", "Base rate", "Recall", "Lead, days", "Verdict")


class Judged:
    """The warnings of a replay against one kind of event; `of` is its name in the figures' keys."""

    def __init__(self, as_of: dt.date, settings: Backtest, found: Replay, of: Event) -> None:
        self._as_of, self.settings, self.found, self._of = as_of, settings, found, of
        self.figures: dict[str, Figure] = {}
        self._confidence = 1 - (1 - settings.confidence) / len(WARNINGS)

    def blocks(self, wanted: Sequence[str]) -> list[Block]:
        """A row for each warning that was ever known, and the names of the others."""
        known = [warning for warning in wanted if self._tally(warning).windows]
        made: list[Block] = []
        if known:
            columns = tuple(Column(label=name) for name in COLUMNS)
            made.append(Table(columns=columns, rows=tuple(self.row(warning) for warning in known)))
        if unknown := [label_of(warning) for warning in wanted if warning not in known]:
            made.append(Paragraph(text=text(f"Never known on the days looked at: {', '.join(unknown)}.")))
        return made

    def row(self, warning: str) -> tuple[Text, ...]:
        tally, (verdict, why) = self._tally(warning), self.judged(warning)
        name, label = f"{warning}.", label_of(warning)
        up = self.figure(f"{name}flagged", f"{label}: windows with it up", tally.flagged, "count", "windows")
        hits = self.figure(
            f"{name}hits",
            f"{label}: of these, ended in {self._of}",
            tally.hits,
            "count",
            f"windows that ended in {self._of}",
        )
        base = self._base(warning)
        words = {"skill": "better than chance", "no_skill": NO_SKILL, "cannot_tell": f"{CANNOT_TELL}: {why}"}
        if not tally.flagged:
            return (text(label), text(up), text(hits), *(text("–"),) * 2, text(base), *(text("–"),) * 2,
                    text(words[verdict]))  # fmt: skip
        rule = f"100 × windows with it up that ended in {self._of} ÷ windows with it up"
        precision = self.figure(f"{name}precision", f"{label}: precision", self._precision(tally), "%", rule)
        rule = f"100 × windows that ended in {self._of} with it up ÷ all that did"
        recall = self.figure(f"{name}recall", f"{label}: recall", self._recall(tally), "%", rule)
        lead = self.figure(f"{name}lead", f"{label}: median lead", tally.lead, "days", "from the first look at which "
                            "it was up, without a gap, to the churn")  # fmt: skip
        return (
            text(label),
            text(up),
            text(hits),
            text(precision),
            self._interval_text(warning, tally),
            text(base),
            text(recall) if recall.value is not None else text("–"),
            text(lead, f" (n={len(tally.leads)})") if tally.leads else text("–"),
            text(words[verdict]),
        )

    def renewals(self, wanted: Sequence[str]) -> Table:
        """How renewals went, of all and of those with a warning up."""
        rows = [self._renewal_row("all", "All", self.found.renewals, self.found.renewals_kept)]
        for warning in wanted:
            tally = self._tally(warning)
            rows.append(
                self._renewal_row(warning, label_of(warning), tally.renewals_flagged, tally.renewals_flagged_kept)
            )
        columns = ("Warning up before", "Renewals due", "Customer stayed")
        return Table(columns=tuple(Column(label=label) for label in columns), rows=tuple(rows))

    def data(self, warning: str) -> WarningData:
        tally, (verdict, why) = self._tally(warning), self.judged(warning)
        return WarningData(
            key=warning,
            label=label_of(warning),
            flagged=tally.flagged,
            hits=tally.hits,
            events=self._compared(tally)[1],
            windows=self._compared(tally)[0],
            precision=self._precision(tally),
            interval=self._interval(tally.hits, tally.flagged),
            recall=self._recall(tally),
            recall_interval=self._interval(tally.hits, self._compared(tally)[1]),
            base_rate=self._base_rate(tally),
            lead_days=tally.lead,
            leads=len(tally.leads),
            renewals_flagged=tally.renewals_flagged,
            renewals_flagged_kept=tally.renewals_flagged_kept,
            verdict=verdict,
            why=why,
        )

    def _tally(self, warning: str) -> Tally:
        return self.found.tallies[warning]

    def judged(self, warning: str) -> tuple[Skill, str]:
        """Skill, where the interval of the precision lies past the base rate: above it, or below for a safe tier."""
        tally, least = self._tally(warning), self.settings.min_events
        windows, events = self._compared(tally)
        if not tally.windows:
            return "cannot_tell", "never known"
        if events < least:
            return "cannot_tell", f"{events} of {least} needed"
        interval = self._interval(tally.hits, tally.flagged)
        if interval is None:
            return "cannot_tell", "never up"
        base = 100 * events / windows
        past = interval[1] < base if warning == f"tier_{SAFE}" else interval[0] > base
        return ("skill" if past else "no_skill"), ""

    def _compared(self, tally: Tally) -> tuple[int, int]:
        """The windows and events that a warning is compared with: those in which it was known.

        A warning that is known only where it is up would be compared with itself: it is compared with all windows.
        """
        if tally.windows == tally.flagged:
            return self.found.windows, self.found.events
        return tally.windows, tally.events

    def _interval(self, hits: int, of: int) -> tuple[float, float] | None:
        if not of:
            return None
        low, high = exact_interval(hits, of, self._confidence)
        return 100 * low, 100 * high

    def _precision(self, tally: Tally) -> float | None:
        return percent(tally.hits, tally.flagged)

    def _recall(self, tally: Tally) -> float | None:
        return percent(tally.hits, self._compared(tally)[1])

    def _base_rate(self, tally: Tally) -> float | None:
        windows, events = self._compared(tally)
        return percent(events, windows)

    def _interval_text(self, warning: str, tally: Tally) -> Text:
        interval = self._interval(tally.hits, tally.flagged)
        if interval is None:
            return text("–")
        rule = f"exact interval, {100 * self.settings.confidence:g} % over all {len(WARNINGS)} warnings together"
        low, high = (
            self.figure(f"{warning}.precision.{end}", f"{label_of(warning)}: precision, {end}", value, "%", rule)
            for end, value in zip(("low", "high"), interval, strict=True)
        )
        return text(low, " to ", high)

    def _base(self, warning: str) -> Figure:
        tally = self._tally(warning)
        rule = "100 × events ÷ windows in which the warning was known; all windows, where it was known only when up"
        return self.figure(f"{warning}.base_rate", f"{label_of(warning)}: base rate", self._base_rate(tally), "%", rule)

    def _renewal_row(self, key: str, label: str, due: int, kept: int) -> tuple[Text, ...]:
        rule = "renewal dates within the windows"
        all_due = self.figure(f"{key}.renewals", f"{label}: renewals due", due, "count", rule)
        stayed = self.figure(f"{key}.renewals.kept", f"{label}: stayed", kept, "count", f"{rule}, with no churn in it")
        return text(label), text(all_due), text(stayed)

    def figure(self, name: str, label: str, value: float | None, unit: str, formula: str) -> Figure:
        key = f"metrics.backtest.{self.settings.horizon_days}d.{self._of}.{name}"
        made = Figure(key=key, label=label, value=value, unit=unit, account_id=None, as_of=self._as_of, formula=formula)
        self.figures[key] = made
        return made


def label_of(warning: str) -> str:
    if warning.startswith("tier_"):
        return f"Health tier {warning.removeprefix('tier_')}"
    return next(label for key, label in INDICATOR_LABELS.items() if key == warning)
