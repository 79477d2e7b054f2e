"""The answer for the portfolio: accounts ranked by urgency, filtered and paged, with totals."""

from collections.abc import Sequence

import numpy as np

from app.domain.blocks import Block, Column, Heading, Notice, Table, Tone, Verdict
from app.domain.command import Report
from app.domain.families import family_of
from app.domain.figures import Figure, Text, text
from app.domain.problems import INVALID_CURSOR, InvalidArguments
from app.domain.snapshot import Flags, Index, PortfolioSnapshot
from tools.health import promises
from tools.health.args import HealthArgs
from tools.health.case import Assessment, assess
from tools.health.data import AccountLine, CurrencyTotal, PortfolioHealth
from tools.health.figures import account_figures
from tools.health.indicators import decides_within
from tools.health.parameters import HealthParameters
from tools.health.parents import COUNTED_ONCE, account_line, counted_arr
from tools.health.promises import MOST_TOLD
from tools.health.scoring import account_words
from tools.health.totals import AT_RISK, TIERS, URGENCY, TotalFigures, totals
from tools.health.wording import FEED_NAMES, WATCH_LABELS, counted, feeds_named, listing

FIRST_NAMED = 3


def report(portfolio: PortfolioSnapshot, parameters: HealthParameters, currency: str, args: HealthArgs) -> Report:
    """The accounts that pass the filters, most urgent first, one page of them, and totals over all of them.

    Raises:
        InvalidArguments: the cursor is none of ours, or lies beyond the last account.
    """
    assessment = assess(portfolio, parameters)
    rows = ranked(assessment, np.flatnonzero(passes(assessment, args)).astype(np.int32))
    cases = [assessment.case(int(row), currency) for row in rows]
    added, known = counted_arr(portfolio, currency), {account.id: account for account in portfolio.accounts}
    lines = [account_line(case, float(added[case.row]), known) for case in cases]
    late = promises.ours_overdue(promises.clocks(portfolio, rows))
    start = offset(args.cursor, len(lines))
    page = slice(start, start + args.limit)
    following = start + args.limit
    data = PortfolioHealth(
        accounts=tuple(lines[page]),
        totals=totals(lines),
        overdue_promises=tuple(clock.data() for clock in late[:MOST_TOLD]),
        next_cursor=str(following) if following < len(lines) else None,
    )
    made = TotalFigures(portfolio.as_of, args.filters(), lines)
    shown = {case.account.id: account_figures(case) for case in cases[page]}
    blocks = _blocks(portfolio, args, data, lines, made, shown, rows)
    if late and lines:
        ranking = Heading(text=text("Accounts by urgency"))
        told = promises.portfolio_block(portfolio, late)
        blocks = (_with_promises(blocks[0], late, made), *told, ranking, *blocks[1:])
    clocks = (figure for clock in late[:MOST_TOLD] for figure in clock.figures)
    figures = (*made.made.values(), *(f for account in shown.values() for f in account.values()), *clocks)
    return Report(data, blocks, figures)


def _with_promises(verdict: Block, late: Sequence[promises.Clock], made: TotalFigures) -> Block:
    """The verdict with our overdue promises as its first line: they head the day."""
    if not isinstance(verdict, Verdict):
        return verdict
    number = promises.number(late, made)
    unsure = [clock for clock in late if clock.promise.side == "unknown"]
    noun = "promise of ours is" if len(late) == 1 else "promises of ours are"
    told = text(number, f" {noun} overdue")
    if unsure:
        count = made.number(
            "promises.overdue.unknown",
            "Overdue promises, unknown whose",
            len(unsure),
            "open promises whose due day is over, and of which no side is known",
            promises.evidence_of(unsure),
        )
        told = text(told, "; unknown whose: ", count)
    return verdict.model_copy(update={"tone": "bad", "lines": (text(told, "."), *verdict.lines)})


def passes(assessment: Assessment, args: HealthArgs) -> Flags:
    """Accounts that pass the filters. Churned ones are left out unless asked for; those not yet customers always."""
    portfolio, churn = assessment.portfolio, assessment.churn
    lifecycle = account_words(portfolio.accounts, "lifecycle")
    passing: Flags = lifecycle == args.lifecycle if args.lifecycle else lifecycle != "churned"
    passing &= ~portfolio.not_yet
    for field, wanted in (("segment", args.segment), ("owner", args.owner)):
        if wanted is not None:
            names = (str(name).casefold() for name in account_words(portfolio.accounts, field))
            passing &= np.array([name == wanted.strip().casefold() for name in names], dtype=np.bool_)
    if args.tier is not None:
        passing &= assessment.scores.tier == args.tier
    if args.level is not None:
        passing &= churn.level == args.level
    if args.renewal is not None:
        passing &= decides_within(portfolio, args.renewal, assessment.parameters.churn.lapsed_days)
    return passing


def ranked(assessment: Assessment, rows: Index) -> Index:
    """Rows by churn level, then (100 − middle of the band) × ARR with unknown ARR last, then id."""
    scores, portfolio = assessment.scores, assessment.portfolio
    urgency = np.array([URGENCY.index(level) for level in assessment.churn.level[rows]], dtype=np.int32)
    at_stake = (100 - (scores.low[rows] + scores.high[rows]) / 2) * portfolio.arr[rows]
    ids = np.array([portfolio.accounts[row].id for row in rows], dtype=str)
    return rows[np.lexsort((ids, -np.where(np.isnan(at_stake), -1.0, at_stake), urgency))]


def offset(cursor: str | None, accounts: int) -> int:
    """Where the page begins.

    Raises:
        InvalidArguments: the cursor is none of ours, or lies beyond the last account.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) < accounts):
        raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
    return int(cursor)


def _blocks(
    portfolio: PortfolioSnapshot,
    args: HealthArgs,
    data: PortfolioHealth,
    lines: Sequence[AccountLine],
    made: TotalFigures,
    shown: dict[str, dict[str, Figure]],
    rows: Index,
) -> tuple[Block, ...]:
    if not lines:
        return (_nothing(portfolio, args),)
    blocks: list[Block] = [_verdict(args, data, lines, made)]
    if data.accounts:
        blocks.append(_table(data, shown))
    blocks += [Heading(text=text("Totals")), _totals_table(data.totals.currencies, lines, made)]
    return (*blocks, *_feed_notices(portfolio, rows, made, lines), *_parent_notices(portfolio, made, lines))


def _nothing(portfolio: PortfolioSnapshot, args: HealthArgs) -> Verdict:
    """No account passes: which values the filters could have."""
    if not portfolio.accounts:
        words = "Load some with `cse import PATH`, or ask for access."
        return Verdict(tone="neutral", headline=text("No accounts to assess."), lines=(text(words),))
    hints = []
    for name, wanted in (("segment", args.segment), ("owner", args.owner)):
        known = sorted({str(word) for word in account_words(portfolio.accounts, name) if word})
        if wanted is not None:
            hints.append(text(f"Known values of {name}: {listing(known) if known else 'none'}."))
    asked = _filters(args)
    headline = text(f"No account matches {asked}." if asked else f"No account is a customer on {portfolio.as_of}.")
    return Verdict(tone="neutral", headline=headline, lines=tuple(hints))


def _filters(args: HealthArgs) -> str:
    """The filters in words: "segment smb and renewal 90"."""
    return listing([f"{name} {value}" for name, value in args.filters().items()])


def _verdict(args: HealthArgs, data: PortfolioHealth, lines: Sequence[AccountLine], made: TotalFigures) -> Verdict:
    count, asked = made.accounts("accounts", "Accounts", lines), _filters(args)
    among = f" with {asked}" if asked else ""
    tiers = [
        text(made.accounts(f"accounts.{tier}", f"Accounts, {tier}", own), f" {tier}")
        for tier in TIERS
        if (own := [line for line in lines if line.tier == tier])
    ]
    levels = [
        text(f"{level} ", made.accounts(f"churn.{level}", f"Accounts, churn level {level}", own))
        for level in URGENCY
        if (own := [line for line in lines if line.churn_level == level])
    ]
    first = [f"{line.name} ({line.churn_level}, {line.tier})" for line in lines[:FIRST_NAMED]]
    at_risk = any(line.churn_level in AT_RISK for line in lines)
    tone: Tone = "bad" if at_risk else "good" if data.totals.tiers["green"] == len(lines) else "warning"
    return Verdict(
        tone=tone,
        headline=text(count, f" account{'' if len(lines) == 1 else 's'}{among}: ", *joined(tiers), "."),
        lines=(
            text("Churn level: ", *joined(levels), "."),
            text("ARR at risk (high and critical): ", *joined(_at_risk(data, lines, made)), "."),
            text(f"Most urgent: {listing(first)}."),
            text(f"Next: /health {lines[0].id}"),
        ),
    )


def _at_risk(data: PortfolioHealth, lines: Sequence[AccountLine], made: TotalFigures) -> list[Text]:
    parts = []
    for total in data.totals.currencies:
        own = [line for line in lines if line.currency == total.currency]
        risky = [line for line in own if line.churn_level in AT_RISK]
        at_risk = made.arr("arr_at_risk", "ARR at risk", total.arr_at_risk, total.currency, risky)
        parts.append(text(at_risk, " of ", made.arr("arr", "ARR", total.arr, total.currency, own)))
    return parts


def _table(data: PortfolioHealth, shown: dict[str, dict[str, Figure]]) -> Table:
    columns = (
        Column(label="Account"),
        Column(label="Health"),
        Column(label="Score", align="right"),
        Column(label="Band", align="right"),
        Column(label="Coverage", align="right"),
        Column(label="Churn"),
        Column(label="ARR", align="right"),
        Column(label="Owner"),
        Column(label="Decision date"),
    )
    more: Text = ()
    if data.next_cursor is not None:
        more = text(f"More accounts: the same command with cursor={data.next_cursor}")
    return Table(columns=columns, rows=tuple(_row(line, shown[line.id]) for line in data.accounts), more=more)


def _row(line: AccountLine, figures: dict[str, Figure]) -> tuple[Text, ...]:
    return (
        text(_name(line)),
        text(f"{line.tier}, provisional" if line.provisional else line.tier),
        text(figures["health.score"]) if line.score is not None else text("–"),
        _band(line, figures),
        text(figures["health.coverage"]),
        text(line.churn_level, *_watch_mark(line)),
        text(figures["arr"]),
        text(line.owner or "–"),
        _decision(line, figures),
    )


def _watch_mark(line: AccountLine) -> Text:
    """Beside the level, since a watch item does not count in it: "low; watch: gone quiet"."""
    return text(f"; watch: {listing([WATCH_LABELS[key].lower() for key in line.watching])}") if line.watching else ()


def _name(line: AccountLine) -> str:
    """The name, with the product line that the account is and the parent that it belongs to."""
    told = [*([line.product] if line.product else []), *([f"part of {line.parent}"] if line.parent else [])]
    return f"{line.name} ({', '.join(told)})" if told else line.name


def _band(line: AccountLine, figures: dict[str, Figure]) -> Text:
    low, high = figures["health.band.low"], figures["health.band.high"]
    return text(low) if line.band[0] == line.band[1] else text(low, "–", high)


def _decision(line: AccountLine, figures: dict[str, Figure]) -> Text:
    if line.decision_date is None:
        return text("–")
    if line.lapsed_days is not None:
        return text("lapsed ", counted(figures["renewal.days_lapsed"], "day", "days"), " ago")
    return text(figures["renewal.decision_date"])


def _totals_table(currencies: Sequence[CurrencyTotal], lines: Sequence[AccountLine], made: TotalFigures) -> Table:
    columns = ("Currency", "Accounts", "ARR", *(tier.capitalize() for tier in TIERS), "At risk")
    rows = []
    for total in currencies:
        own = [line for line in lines if line.currency == total.currency]
        currency = total.currency
        cells = [
            text(currency),
            text(made.accounts(f"accounts.{currency}", f"Accounts in {currency}", own)),
            text(made.arr("arr", "ARR", total.arr, currency, own)),
        ]
        for tier in TIERS:
            of_tier = [line for line in own if line.tier == tier]
            number = made.accounts(f"accounts.{tier}.{currency}", f"Accounts in {currency}, {tier}", of_tier)
            amount = made.arr(f"arr.{tier}", f"ARR, {tier}", total.tiers[tier].arr, currency, of_tier)
            cells.append(text(number, ": ", amount))
        risky = [line for line in own if line.churn_level in AT_RISK]
        cells.append(text(made.arr("arr_at_risk", "ARR at risk", total.arr_at_risk, currency, risky)))
        rows.append(tuple(cells))
    return Table(columns=tuple(Column(label=label) for label in columns), rows=tuple(rows))


def _feed_notices(
    portfolio: PortfolioSnapshot, rows: Index, made: TotalFigures, lines: Sequence[AccountLine]
) -> list[Notice]:
    """How many accounts feeds are late or too old for; one notice for the feeds that are so for the same accounts."""
    behind: dict[tuple[int, ...], list[str]] = {}
    stale: dict[tuple[int, ...], list[str]] = {}
    for table in FEED_NAMES:
        lag, usable = portfolio.feeds.lag(table)[rows], portfolio.feeds.usable(table)[rows]
        for group, late in ((behind, (lag > 0) & usable), (stale, (lag > 0) & ~usable)):
            if late.any():
                group.setdefault(tuple(np.flatnonzero(late)), []).append(table)
    notices = []
    for places, tables in behind.items():
        number = _late(made, "behind", "lags", tables, [lines[place] for place in places])
        ends = "ends" if len(tables) == 1 else "end"
        told = text(f"{feeds_named(tables)} {ends} before {portfolio.as_of} (accounts: ", number)
        notices.append(Notice(tone="neutral", text=text(told, "): windows end with it.")))
    for places, tables in stale.items():
        number = _late(made, "stale", "is too old", tables, [lines[place] for place in places])
        told = text(f"{feeds_named(tables)} {'is' if len(tables) == 1 else 'are'} too old to tell (accounts: ", number)
        notices.append(Notice(tone="warning", text=text(told, "): what depends on it is unknown.")))
    return notices


def _parent_notices(portfolio: PortfolioSnapshot, made: TotalFigures, lines: Sequence[AccountLine]) -> list[Notice]:
    """Where ARR counts once, and which parents cannot be: what goes in a circle, and who is not here."""
    notices = []
    containing = [line for line in lines if line.arr_counted != line.arr]
    if containing:
        number = made.accounts("arr.contained", "Accounts whose ARR contains that of the accounts below", containing)
        told = text("ARR counts once in totals (accounts: ", number, f"): {COUNTED_ONCE}.")
        notices.append(Notice(tone="neutral", text=told))
    circling = family_of({account.id: account.parent_id for account in portfolio.accounts}).circling
    if round_about := [line for line in lines if line.id in circling]:
        number = made.accounts("parents.circling", "Accounts whose parents go in a circle", round_about)
        named = listing([line.name for line in round_about[:FIRST_NAMED]])
        told = text("Parents that go in a circle are taken for none (accounts: ", number, f"): {named}.")
        notices.append(Notice(tone="warning", text=told))
    if missing := [line for line in lines if line.parent_id and line.parent is None and line.id not in circling]:
        number = made.accounts("parents.missing", "Accounts whose parent is not among these accounts", missing)
        told = text("Named a parent that is not among these accounts: ", number, ".")
        notices.append(Notice(tone="neutral", text=told))
    return notices


def _late(made: TotalFigures, how: str, words: str, tables: Sequence[str], lines: Sequence[AccountLine]) -> Figure:
    """The number of accounts, as a figure of each of the feeds; the first of them is told."""
    labels = {table: f"Accounts whose {FEED_NAMES[table]} {words}" for table in tables}
    figures = [made.accounts(f"feeds.{table}.{how}", label, lines) for table, label in labels.items()]
    return figures[0]


def joined(parts: Sequence[Text]) -> Text:
    """The texts with commas between."""
    return text(*(span for i, part in enumerate(parts) for span in ((", ", *part) if i else part)))
