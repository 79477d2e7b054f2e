"""The answer for all accounts: adoption, quota and signs of growth of each, those that need a hand first."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Block, Column, Notice, Table, Tone, Verdict
from app.domain.command import Context, Needs, Report
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Text, text
from app.domain.records import FeedbackItem
from app.domain.snapshot import MOST_VOICES, Exposure, PortfolioSnapshot, Voice
from tools.adoption.arguments import AdoptionArgs
from tools.adoption.data import AdoptionBook, AdoptionLine
from tools.adoption.depth import uses_enough
from tools.adoption.features import habit_figure
from tools.adoption.parameters import SAID_DAYS, AdoptionParameters
from tools.adoption.quota import quota_applies, used_figures
from tools.adoption.signals import Heard, SignalReader, open_items
from tools.adoption.stages import habits
from tools.feedback.parameters import FeedbackParameters
from tools.health.args import HealthArgs
from tools.health.case import assess
from tools.health.figures import account_figures
from tools.health.inputs import component_inputs
from tools.health.parameters import HealthParameters
from tools.health.portfolio import offset, passes
from tools.health.scoring import account_words
from tools.health.wording import counted, listing

PAGE = 20
COLUMNS = ("Account", "Features used", "In habit", "Calls of the month", "Ready for more", "ARR", "Owner")
NUMBERS = frozenset({"Features used", "In habit", "Calls of the month", "ARR"})
FIRST_NAMED = 3


def needs() -> Needs:
    return Needs(
        portfolio=True,
        feedback=True,
        month_to_date=True,
        voices_since=SAID_DAYS - 1,
        parameters_of=("health", "feedback"),
    )


def report(ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> Report:
    """The accounts that pass the filters, one page of them.

    Raises:
        InvalidArguments: the cursor is none of ours, or lies beyond the last account.
    """
    return _Book(ctx, args, parameters).report()


@dataclass(frozen=True, slots=True)
class _Line:
    """One account: its row in the portfolio, its line in the data, and its figures by key."""

    row: int
    data: AdoptionLine
    figures: Mapping[str, Figure]


class _Book:
    def __init__(self, ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> None:
        health, feedback = ctx.others["health"], ctx.others["feedback"]
        if ctx.portfolio is None or ctx.feedback is None or ctx.month_to_date is None:
            raise ValueError("/adoption needs the portfolio, its calls of the month and the feedback")
        if not isinstance(health, HealthParameters) or not isinstance(feedback, FeedbackParameters):
            raise TypeError("/adoption needs the parameters of /health and /feedback")
        self._ctx, self._args, self._parameters = ctx, args, parameters
        self._portfolio, self._month, self._asked, self._read = ctx.portfolio, ctx.month_to_date, ctx.feedback, feedback
        self._assessment = assess(ctx.portfolio, health)
        self._reader = SignalReader(ctx.portfolio, parameters, health)
        self._habits = habits(ctx.portfolio, parameters.habit_weeks)
        self._voices: defaultdict[str, list[Voice]] = defaultdict(list)
        for voice in ctx.voices:
            self._voices[voice.account_id].append(voice)
        self._totals: dict[str, Figure] = {}

    def report(self) -> Report:
        rows = np.flatnonzero(passes(self._assessment, self._filters()))
        lines = sorted((self._line(int(row)) for row in rows), key=self._order)
        start, size = offset(self._args.cursor, len(lines)), self._args.limit or PAGE
        page = lines[start : start + size]
        following = start + size
        data = AdoptionBook(
            accounts=tuple(line.data for line in page),
            enough=sum(line.data.enough is True for line in lines),
            not_enough=sum(line.data.enough is False for line in lines),
            unknown=sum(line.data.enough is None for line in lines),
            next_cursor=str(following) if following < len(lines) else None,
        )
        blocks = tuple(self._blocks(lines, page, data))
        figures = (*self._totals.values(), *(figure for line in page for figure in line.figures.values()))
        return Report(data, blocks, figures)

    def _filters(self) -> HealthArgs:
        return HealthArgs.model_validate(self._args.filters())

    def _line(self, row: int) -> _Line:
        ctx, portfolio, assessment = self._ctx, self._portfolio, self._assessment
        account = portfolio.accounts[row]
        case = assessment.case(row, ctx.currency)
        depth = component_inputs(case)["feature_adoption"]
        usable = bool(portfolio.feeds.usable("feature_usage")[row]) and bool(portfolio.features_first[row])
        used = month_calls(portfolio, self._month, row)
        rows = int(self._month.call_rows[row])
        monthly, share = used_figures(account.id, ctx.as_of, used, rows, _quota(portfolio, row))
        habit = habit_figure(
            account.id, ctx.as_of, int(self._habits[row]) if usable else None, self._parameters.habit_weeks
        )
        heard = Heard(row, math.nan if used is None else used, tuple(self._voices[account.id]), self._items(account.id))
        signals = self._reader.signals(heard)
        contract = account_figures(case)
        kept = (depth["used"], depth["available"], habit, contract["arr"], *((monthly, share) if share.value else ()))
        return _Line(
            row,
            AdoptionLine(
                id=account.id,
                name=account.name,
                owner=account.owner,
                arr=_number(contract["arr"]),
                currency=account.currency or ctx.currency,
                used=_whole(depth["used"]),
                available=_whole(depth["available"]),
                habit=_whole(habit),
                enough=_enough(depth, usable, self._parameters.enough_share),
                quota_used_share=_number(share),
                triggered=tuple(each.key for each in signals if each.state == "triggered"),
            ),
            {figure.key: figure for figure in kept},
        )

    def _items(self, account_id: str) -> tuple[FeedbackItem, ...]:
        return open_items(self._asked, account_id, self._ctx.as_of, self._read)

    def _order(self, line: _Line) -> tuple[bool, int, float, str]:
        """Those near their limit, the fullest first; then by ARR those that use too little, unknown ones, the rest."""
        near, arr = "near_limit" in line.data.triggered, line.data.arr or 0.0
        depth = {False: 0, None: 1, True: 2}[line.data.enough]
        return not near, 0 if near else depth, -(line.data.quota_used_share or 0.0) if near else -arr, line.data.id

    # ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _blocks(self, lines: Sequence[_Line], page: Sequence[_Line], data: AdoptionBook) -> Iterator[Block]:
        if not lines:
            yield self._nothing()
            return
        yield self._verdict(lines)
        columns = tuple(Column(label=label, align="right" if label in NUMBERS else "left") for label in COLUMNS)
        more = text(f"More accounts: the same command with cursor={data.next_cursor}") if data.next_cursor else ()
        yield Table(columns=columns, rows=tuple(self._row(line) for line in page), more=more)
        if len(self._ctx.voices) >= MOST_VOICES:
            told = "So much was said that older texts were not read: the answer about one account reads all of them."
            yield Notice(tone="neutral", text=text(told))

    def _nothing(self) -> Verdict:
        portfolio = self._portfolio
        hints = [
            text(f"Known values of {name}: {listing(known) if known else 'none'}.")
            for name in ("segment", "owner")
            if getattr(self._args, name) is not None
            for known in [sorted({str(word) for word in account_words(portfolio.accounts, name) if word})]
        ]
        asked = self._words()
        headline = text(f"No account matches {asked}." if asked else f"No account is a customer on {portfolio.as_of}.")
        return Verdict(tone="neutral", headline=headline, lines=tuple(hints))

    def _words(self) -> str:
        return listing([f"{name} {value}" for name, value in self._args.filters().items()])

    def _verdict(self, lines: Sequence[_Line]) -> Verdict:
        enough = [line for line in lines if line.data.enough]
        known = [line for line in lines if line.data.enough is not None]
        near = [line for line in lines if "near_limit" in line.data.triggered]
        little = [line for line in lines if line.data.enough is False]
        unknown = [line for line in lines if line.data.enough is None]
        told = [
            *self._told("near_limit", "Near the limit of their quota", near),
            *self._told("not_enough", "Use too little, the largest first", little),
            *self._told("unknown", "Not known", unknown, _lacking(unknown)),
            text(f"Next: /adoption {lines[0].data.id}"),
        ]
        tone: Tone = "bad" if near else "warning" if little else "good" if enough else "neutral"
        return Verdict(tone=tone, headline=self._headline(lines, enough, known), lines=tuple(told))

    def _headline(self, lines: Sequence[_Line], enough: Sequence[_Line], known: Sequence[_Line]) -> Text:
        asked = f" with {self._words()}" if self._words() else ""
        if not known:
            count = self._count("accounts", "Accounts", lines)
            return text("Whether they use enough is known of none of ", counted(count, "account", "accounts"), asked)
        whole = counted(self._count("known", "Accounts whose use of features is known", known), "account", "accounts")
        rule = f"{asked} use {100 * self._parameters.enough_share:g}% of the features or more"
        return text(self._count("enough", "Accounts that use enough", enough), " of ", whole, rule)

    def _told(self, name: str, label: str, lines: Sequence[_Line], what: str = "") -> Iterator[Text]:
        """How many these are, and the first of them; nothing of none."""
        if lines:
            count = self._count(name, f"Accounts: {label.lower()}", lines)
            yield text(f"{label}: ", count, f", {_names(lines)}{what}.")

    def _row(self, line: _Line) -> tuple[Text, ...]:
        figures, data = line.figures, line.data
        used, available, habit = figures["features.used.28d"], figures["features.available"], figures["adoption.habit"]
        share = figures.get("quota.used_share.month_to_date")
        known = line.data.used is not None and habit.value is not None
        depth = text(used, " of ", available) if available.value is not None else text(used)
        no_quota = "–" if quota_applies(self._portfolio.accounts[line.row]) else "unknown"
        signs = [self._parameters.signals[key].short for key in data.triggered]
        return (
            text(data.name),
            depth if known else text("unknown"),
            text(habit) if known else text("unknown"),
            text(share) if share else text(no_quota),
            text(", ".join(signs) or "–"),
            text(figures["arr"]),
            text(data.owner or "–"),
        )

    def _count(self, name: str, label: str, lines: Sequence[_Line]) -> Figure:
        slugs = (f"{key}_{re.sub(r'[^a-z0-9]+', '-', value.lower())}" for key, value in self._args.filters().items())
        evidence = tuple(Evidence(kind="accounts", id=line.data.id) for line in lines[:MAX_LISTED_EVIDENCE])
        if len(lines) > MAX_LISTED_EVIDENCE:
            evidence = (Evidence(kind="accounts", count=len(lines)),)
        key = ".".join(("adoption", *slugs, f"accounts.{name}"))
        figure = Figure(
            key=key,
            label=label,
            value=len(lines),
            unit="count",
            account_id=None,
            as_of=self._ctx.as_of,
            formula=f"customers whose features used are {self._parameters.enough_share:g} of those available or more"
            if name == "enough"
            else "number of customers",
            evidence=evidence,
        )
        return self._totals.setdefault(key, figure)


def month_calls(portfolio: PortfolioSnapshot, month: Exposure, row: int) -> float | None:
    """Calls of as_of's month to the day that the feed covers; None where no day of it is covered, or none is told."""
    covered, first = int(portfolio.feeds.window_end("usage")[row]), month.query.first.toordinal()
    if not portfolio.feeds.usable("usage")[row] or covered < first or not portfolio.usage.calls_first[row]:
        return None
    calls = float(month.uses[row])
    return 0.0 if math.isnan(calls) else calls


def _quota(portfolio: PortfolioSnapshot, row: int) -> int | None:
    account = portfolio.accounts[row]
    return None if quota_applies(account) else account.api_quota_monthly


def _enough(depth: Mapping[str, Figure], usable: bool, share: float) -> bool | None:
    return uses_enough(_number(depth["used"]), _number(depth["available"]), share) if usable else None


def _number(figure: Figure) -> float | None:
    return float(figure.value) if isinstance(figure.value, int | float) else None


def _whole(figure: Figure) -> int | None:
    return figure.value if isinstance(figure.value, int) else None


def _lacking(lines: Sequence[_Line]) -> str:
    """What their use cannot be told for want of."""
    parts = []
    if any(line.data.habit is None for line in lines):
        parts.append("import their feature_usage.csv")
    if any(line.data.available is None for line in lines):
        parts.append("put features_available on record")
    return f"; {' and '.join(parts)}" if parts else ""


def _names(lines: Sequence[_Line]) -> str:
    named = [line.data.name for line in lines[:FIRST_NAMED]]
    more = len(lines) - len(named)
    return f"{', '.join(named)} and {more} more" if more else listing(named)
