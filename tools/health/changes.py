"""/health changes: what happened in the portfolio since a day, by owner, worst first: what a Monday starts with."""

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from app.domain.blocks import Block, Column, Heading, Notice, Table, Tone, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Ref, Text, text
from app.domain.problems import InvalidArguments
from app.domain.snapshot import AccountSnapshot
from tools.health.args import HealthArgs
from tools.health.case import assess
from tools.health.comparison import NOTHING, Comparison, compared, in_force, main_cause, signed
from tools.health.comparison_report import day_health
from tools.health.data import AccountChanges, Change, PortfolioChanges, Trend
from tools.health.fields import field_figure, field_words
from tools.health.happenings import Between, Happening, happenings
from tools.health.parameters import HealthParameters
from tools.health.parents import counted_arr
from tools.health.portfolio import joined, offset
from tools.health.totals import URGENCY
from tools.health.wording import FEED_NAMES, counted, feeds_named, listing

WEEK = 7
TODAY = 0
TRENDS: tuple[Trend, ...] = ("worse", "better", "other")
WEIGHTY = ("customer", "level", "tier", "indicator", "arr")
"""Kinds that say how the account fares; the others count where none of these does."""

FIRST_TOLD = 4
TOLD_OF_FIRST = 2
NAMED = 3
NO_OWNER = "no owner"
FILTERS = ("owner", "segment")


def needs(args: HealthArgs) -> Needs:
    """The portfolio on both days, and the escalations on record.

    Raises:
        InvalidArguments: an account is named, or a filter that this answer does not have.
    """
    if args.account is not None:
        raise InvalidArguments(
            f"/health changes is about the portfolio. For one account: /health {args.account} compare DATE."
        )
    others = [name for name in args.filters() if name not in FILTERS]
    if others:
        raise InvalidArguments(f"/health changes takes the filters {listing(FILTERS)}: leave out {listing(others)}.")
    return Needs(portfolio=True, escalations=True, days=(_since(args), TODAY))


def run(ctx: Context, args: HealthArgs) -> Outcome:
    """What happened between the two days.

    Raises:
        InvalidArguments: `since` is not before the answer's day, or the cursor is none of ours.
    """
    then, now = ctx.days[_since(args)], ctx.days[TODAY]
    if then.as_of >= now.as_of:
        raise InvalidArguments(
            f"since={then.as_of} is not before {now.as_of}, the day of the answer: give an earlier day."
        )
    settings = (then.parameters, now.parameters, ctx.parameters)
    old, new, today = (found for found in settings if isinstance(found, HealthParameters))
    old, new = in_force(old, new, today)
    if then.portfolio is None or now.portfolio is None:
        raise ValueError("/health changes needs the portfolio on both days in its context")
    as_set = assess(now.portfolio, old)
    between = Between(
        then=assess(then.portfolio, old),
        now_as_set=as_set,
        now=as_set if new == old else assess(now.portfolio, new),
        escalations=ctx.escalations.escalations if ctx.escalations else (),
    )
    return Outcome(_Changes(between, (old, new, today), ctx.currency, args).report())


def _since(args: HealthArgs) -> dt.date | int:
    return args.since or WEEK


@dataclass(frozen=True, slots=True)
class _Told:
    """An account that something happened to."""

    row: int
    trend: Trend
    happened: tuple[Happening, ...]


class _Changes:
    """Makes the answer from what happened."""

    def __init__(
        self,
        between: Between,
        settings: tuple[HealthParameters, HealthParameters, HealthParameters],
        currency: str,
        args: HealthArgs,
    ) -> None:
        self._between, self._settings, self._currency, self._args = between, settings, currency, args
        self._then, self._now = between.then.portfolio, between.now.portfolio
        self._passing = [int(row) for row in np.flatnonzero(between.considered) if self._passes(int(row))]
        self._arr = counted_arr(self._now, currency)
        self._arr_then = counted_arr(self._then, currency)
        self._told = self._by_owner()
        self._compared: dict[int, Comparison] = {}
        self._accounts: dict[int, AccountChanges] = {}
        self._figures: dict[tuple[str, str | None], Figure] = {}

    def report(self) -> Report:
        start = offset(self._args.cursor, len(self._told))
        end = start + self._args.limit
        page = self._told[start:end]
        data = self._data(page, str(end) if end < len(self._told) else None)
        blocks: list[Block] = [self._verdict(data)]
        shown = dict(zip((told.row for told in page), data.accounts, strict=True))
        for owner, group in groupby(page, key=self._owner):
            rows = tuple(self._row(told, shown[told.row]) for told in group)
            columns = (
                Column(label="Account"),
                Column(label="Score", align="right"),
                Column(label="What happened"),
                Column(label="What moved the score"),
                Column(label="ARR", align="right"),
            )
            blocks += [Heading(text=text(owner), folded=True), Table(columns=columns, rows=rows)]
        if data.next_cursor:
            words = f"More accounts: the same command with cursor={data.next_cursor}"
            blocks.append(Notice(tone="neutral", text=text(words)))
        return Report(data, tuple(blocks), tuple(self._figures.values()))

    # What is told, and in which order.

    def _passes(self, row: int) -> bool:
        """An account that changed hands is told to both of its owners."""
        for name in FILTERS:
            wanted = getattr(self._args, name)
            values = [getattr(p.accounts[row], name) or "" for p in (self._then, self._now)]
            if wanted is not None and wanted.strip().casefold() not in [value.casefold() for value in values]:
                return False
        return True

    def _by_owner(self) -> list[_Told]:
        """Accounts with news: owners by their worst account, and each owner's accounts from the worst on."""
        happened = happenings(self._between)
        told = [
            _Told(row, _trend(happened[row]), happened[row])
            for row in self._passing
            if any(not one.quiet for one in happened.get(row, ()))
        ]
        told.sort(key=self._urgency)
        places: dict[str, int] = {}
        for place, one in enumerate(told):
            places.setdefault(self._owner(one), place)
        return sorted(told, key=lambda one: places[self._owner(one)])

    def _owner(self, told: _Told) -> str:
        return self._now.accounts[told.row].owner or NO_OWNER

    def _urgency(self, told: _Told) -> tuple[int, bool, int, float, str]:
        arr, left = float(self._now.arr[told.row]), not any(one.words == "churned" for one in told.happened)
        level = URGENCY.index(self._between.now.churn.level[told.row])
        at_stake = 0.0 if math.isnan(arr) else -arr
        return TRENDS.index(told.trend), left, level, at_stake, self._now.accounts[told.row].id

    # Data.

    def _data(self, page: Sequence[_Told], next_cursor: str | None) -> PortfolioChanges:
        of = {trend: self._rows(trend) for trend in TRENDS}
        return PortfolioChanges(
            since=self._then.as_of,
            until=self._now.as_of,
            worse=len(of["worse"]),
            better=len(of["better"]),
            other=len(of["other"]),
            quiet=len(self._passing) - len(self._told),
            arr_worse=self._sums(of["worse"]),
            arr=self._sums(self._passing),
            accounts=tuple(self._account(told) for told in page),
            next_cursor=next_cursor,
        )

    def _rows(self, trend: Trend) -> list[int]:
        return [told.row for told in self._told if told.trend == trend]

    def _sums(self, rows: Iterable[int]) -> dict[str, float]:
        """Known ARR by currency, each money once; of an account that churned, what it had before."""
        sums: dict[str, float] = defaultdict(float)
        for row in rows:
            amount = self._amount(row)
            if amount is not None:
                sums[self._currency_of(row)] += amount
        return dict(sorted(sums.items()))

    def _amount(self, row: int) -> float | None:
        churned = self._now.accounts[row].lifecycle == "churned"
        amount = float((self._arr_then if churned else self._arr)[row])
        return None if math.isnan(amount) else amount

    def _currency_of(self, row: int) -> str:
        return self._now.accounts[row].currency or self._currency

    def _account(self, told: _Told) -> AccountChanges:
        if told.row not in self._accounts:
            self._accounts[told.row] = self._told_account(told)
        return self._accounts[told.row]

    def _told_account(self, told: _Told) -> AccountChanges:
        account, comparison = self._now.accounts[told.row], self._comparison(told.row)
        found = AccountChanges(
            id=account.id,
            name=account.name,
            owner=account.owner,
            segment=account.segment,
            trend=told.trend,
            then=day_health(comparison.then),
            now=day_health(comparison.now),
            change=comparison.moved,
            arr=comparison.now.found.case.known(comparison.now.found.case.portfolio.arr),
            currency=self._currency_of(told.row),
            cause=main_cause(comparison),
            changes=tuple(
                Change(kind=one.kind, trend=one.trend, text=self._words(one, comparison)) for one in told.happened
            ),
        )
        self._tell(comparison, [found.cause, *(change.text for change in found.changes)])
        return found

    def _comparison(self, row: int) -> Comparison:
        if row not in self._compared:
            then, now = (AccountSnapshot(columns=p.alone(row)) for p in (self._then, self._now))
            self._compared[row] = compared(then, now, *self._settings, self._currency)
        return self._compared[row]

    def _words(self, happening: Happening, comparison: Comparison) -> Text:
        now, then = comparison.now, comparison.then
        if happening.kind == "arr":
            return text("ARR ", (now.ref("arr"),), ", was ", (then.ref("arr"),))
        if happening.field is None:
            return text(happening.words)
        after, before = (side.text(field_words(side.found.case, happening.field)) for side in (now, then))
        for side in (now, then):
            self._add(side.named(field_figure(side.found.case, happening.field)))
        return text(f"{happening.words.lower()} ", after, ", was ", before)

    def _add(self, figure: Figure) -> None:
        self._figures.setdefault((figure.key, figure.account_id), figure)

    def _tell(self, comparison: Comparison, texts: Iterable[Text]) -> None:
        """Keep the figures that the texts name, and the ledger."""
        named = {span.figure for words in texts for span in words if isinstance(span, Ref)}
        always = {line.figure.key for line in comparison.lines} | {comparison.change.key}
        always |= {
            side.ref(key).figure for side in (comparison.then, comparison.now) for key in ("health.score", "arr")
        }
        for figure in comparison.figures():
            if figure.key in named | always:
                self._add(figure)

    # Blocks.

    def _row(self, told: _Told, account: AccountChanges) -> tuple[Text, ...]:
        comparison = self._comparison(told.row)
        parts = [text(change.text) for change in account.changes]
        happened = text(*(span for i, part in enumerate(parts) for span in (("; ", *part) if i else part)))
        return (
            text(account.name),
            self._score(comparison),
            happened,
            account.cause or text("–"),
            text((comparison.now.ref("arr"),)),
        )

    @staticmethod
    def _score(comparison: Comparison) -> Text:
        now = comparison.now
        if not comparison.has_scores:
            return text("–") if now.score is None else text((now.ref("health.score"),))
        score = text((now.ref("health.score"),))
        return score if abs(comparison.moved) <= NOTHING else text(score, " (", signed(comparison.change), ")")

    def _verdict(self, data: PortfolioChanges) -> Verdict:
        since = data.since
        if not self._passing:
            words = f"No customers to tell of{self._among()}."
            return Verdict(tone="neutral", headline=text(words))
        worse = self._count("worse", "Accounts that got worse", self._rows("worse"))
        better = self._count("better", "Accounts that got better", self._rows("better"))
        other = self._count("other", "Accounts that changed otherwise", self._rows("other"))
        news = {told.row for told in self._told}
        quiet = self._count("quiet", "Accounts with nothing to tell", [row for row in self._passing if row not in news])
        headline = text(f"Since {since}{self._among()}: ", counted(worse, "account", "accounts"), " worse, ", better)
        headline = text(headline, " better, ", other, " changed otherwise, ", quiet, " quiet.")
        tone: Tone = "bad" if data.worse else "good" if data.better else "neutral"
        lines = [
            self._arr_line(data),
            *self._first_lines(),
            self._better_line(),
            *self._feed_lines(),
            self._next_line(),
        ]
        return Verdict(tone=tone, headline=headline, lines=tuple(line for line in lines if line)[:11])

    def _among(self) -> str:
        filters = self._args.filters()
        return f" with {listing([f'{name} {value}' for name, value in filters.items()])}" if filters else ""

    def _arr_line(self, data: PortfolioChanges) -> Text:
        if not data.arr_worse:
            return ()
        parts = [
            text(self._money("worse", amount, currency), " of ", self._money("all", data.arr[currency], currency))
            for currency, amount in data.arr_worse.items()
        ]
        return text("ARR of the accounts that got worse: ", *joined(parts), ".")

    def _first_lines(self) -> list[Text]:
        """The worst accounts of all owners, with what happened and what moved the score."""
        worst = sorted((told for told in self._told if told.trend == "worse"), key=self._urgency)
        return [self._first_line(told) for told in worst[:FIRST_TOLD]]

    def _first_line(self, told: _Told) -> Text:
        account, comparison = self._account(told), self._comparison(told.row)
        weightiest = sorted(account.changes, key=lambda change: TRENDS.index(change.trend))[:TOLD_OF_FIRST]
        happened = [text(change.text) for change in weightiest]
        told_of = text(f"{account.name} (", (comparison.now.ref("arr"),), f", {self._owner(told)}): ")
        told_of = text(told_of, *(span for i, part in enumerate(happened) for span in (("; ", *part) if i else part)))
        if comparison.moved >= -NOTHING or not account.cause:
            return text(told_of, ".")
        return text(told_of, "; score ", signed(comparison.change), ": ", account.cause, ".")

    def _better_line(self) -> Text:
        names = [self._now.accounts[told.row].name for told in self._told if told.trend == "better"]
        if not names:
            return ()
        more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
        return text(f"Better: {listing([*names[:NAMED], *more])}.")

    def _feed_lines(self) -> list[Text]:
        """Feeds that say nothing any more and did on the earlier day: what rests on them is unknown, not worse."""
        stopped: dict[tuple[int, ...], list[str]] = {}
        rows = np.array(self._passing, dtype=np.int32)
        for table in FEED_NAMES:
            usable, was = self._now.feeds.usable(table)[rows], self._then.feeds.usable(table)[rows]
            late = np.flatnonzero(was & ~usable)
            if len(late):
                stopped.setdefault(tuple(late), []).append(table)
        lines = []
        for places, tables in list(stopped.items())[:NAMED]:
            name, label = f"stopped.{tables[0]}", f"Accounts whose {FEED_NAMES[tables[0]]} stopped"
            number = self._count(name, label, [self._passing[place] for place in places])
            told = text(f"{feeds_named(tables)} stopped (accounts: ", number)
            lines.append(text(told, "): what rests on it is unknown now, which is no decline."))
        return lines

    def _next_line(self) -> Text:
        worst = sorted(self._told, key=self._urgency)
        if not worst or worst[0].trend != "worse":
            return ()
        return text(f"Next: /health {self._now.accounts[worst[0].row].id} compare {self._then.as_of}")

    # Figures of the whole.

    def _count(self, name: str, label: str, rows: Sequence[int]) -> Figure:
        return self._whole(name, label, len(rows), "count", "number of accounts", rows)

    def _money(self, name: str, amount: float, currency: str) -> Figure:
        labels = {"worse": "ARR of the accounts that got worse", "all": "ARR"}
        rule = "sum of the accounts' known ARR, each money once; of one that churned, what it had before"
        of = {"worse": self._rows("worse"), "all": self._passing}[name]
        rows = [row for row in of if self._currency_of(row) == currency and self._amount(row) is not None]
        return self._whole(f"arr.{name}.{currency}", labels[name], amount, currency, rule, rows)

    def _evidence(self, rows: Sequence[int]) -> tuple[Evidence, ...]:
        if len(rows) <= MAX_LISTED_EVIDENCE:
            return tuple(Evidence(kind="accounts", id=self._now.accounts[row].id) for row in rows)
        return (Evidence(kind="accounts", count=len(rows)),)

    def _whole(self, name: str, label: str, value: float, unit: str, rule: str, rows: Sequence[int]) -> Figure:
        slugs = [f"{n}_{re.sub(r'[^a-z0-9]+', '-', v.lower())}" for n, v in self._args.filters().items()]
        figure = Figure(
            key=".".join(("portfolio", *slugs, "changes", name, f"since_{self._then.as_of}")),
            label=f"{label}, since {self._then.as_of}{self._among()}",
            value=value,
            unit=unit,
            account_id=None,
            as_of=self._now.as_of,
            formula=rule,
            evidence=self._evidence(rows),
        )
        self._add(figure)
        return figure


def _trend(happened: Sequence[Happening]) -> Trend:
    """Worse where anything weighty got worse, else better where anything did; else by the lesser things."""
    for weighty in (True, False):
        trends = {one.trend for one in happened if (one.kind in WEIGHTY) is weighty}
        found = next((trend for trend in TRENDS[:2] if trend in trends), None)
        if found is not None:
            return found
    return "other"
