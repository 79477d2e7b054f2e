"""Time to value, time to first value, onboarding cycle time and activation rate."""

import datetime as dt
from collections.abc import Iterable, Mapping

from app.domain.figures import listed
from app.domain.first_value import RULE
from app.domain.records import Milestone
from tools.health.parents import is_customer
from tools.metrics.book import HELD, Book, Span
from tools.metrics.first_use import NO_START, FirstUses
from tools.metrics.measure import Leaving, Measure, Waits, account_evidence, percent
from tools.metrics.parameters import Metric, MetricKey

NO_KICKOFF = "no kickoff on record"
NOBODY_BEGAN = "a customer whose first production use fell into the period"


def time_to_value(book: Book, span: Span, uses: FirstUses) -> Measure:
    """Median days from the contract's start to the first production use (persona §8.1)."""
    starts = {row: day for row in book.rows if (day := book.portfolio.accounts[row].contract_start)}
    formula = f"median of days from the contract's start to the {RULE}"
    return _to_first_use(book, span, uses, "ttv", starts, formula)


def time_to_first_value(book: Book, span: Span, uses: FirstUses) -> Measure:
    """Median days from the kickoff to the first production use (blueprint §7)."""
    kickoffs = _kickoffs(book)
    starts = {row: day for row in book.rows if (day := kickoffs.get(book.portfolio.accounts[row].id))}
    formula = f"median of days from the kickoff to the {RULE}"
    return _to_first_use(book, span, uses, "ttfv", starts, formula)


def activation_rate(book: Book, span: Span, uses: FirstUses) -> Measure:
    """Share of customers that used the product in production by their deadline, of those whose deadline fell due."""
    days = book.parameters.rules.activation_days
    due, activated, left = [], [], Leaving()
    for row in book.rows:
        account = book.portfolio.accounts[row]
        if account.contract_start is None:
            left.out(NO_START, account.id)
            continue
        deadline = account.contract_start + dt.timedelta(days=days)
        if not span.has(deadline):
            continue
        if reason := uses.unknown(row):
            left.out(reason, account.id)
            continue
        due.append(account.id)
        first = uses.day(row)
        if first is not None and first <= deadline:
            activated.append(account.id)
    return Measure(
        "activation_rate",
        percent(len(activated), len(due)),
        f"100 × customers with production use by day {days} ÷ customers whose day {days} fell into the period",
        len(due),
        "accounts",
        f"customers whose day {days} after the contract's start fell into the period",
        len(activated),
        len(due),
        ("activated by then", f"reached day {days}"),
        left_out=left.found(),
        evidence=account_evidence(due),
        missing="" if due else f"a customer whose day {days} fell into the period",
    )


def cycle_time(book: Book, span: Span) -> Measure:
    """Median days from the contract's start to the go-live milestone, of those that went live in the period."""
    accounts, left = book.accounts, Leaving()
    days, done = [], []
    for account_id, milestone in go_lives(book).items():
        account = accounts.get(account_id)
        if account is None or milestone.done_on is None or not span.has(milestone.done_on):
            continue
        if account.contract_start is None:
            left.out(NO_START, account.id)
            continue
        days.append(max((milestone.done_on - account.contract_start).days, 0))
        done.append((milestone.id, milestone.done_on))
    value, _ = Waits(tuple(days), ()).median()
    return Measure(
        "onboarding_cycle_time",
        value,
        "median of days from the contract's start to the go-live milestone's completion",
        len(days),
        "accounts",
        "customers whose go-live milestone was completed in the period",
        left_out=left.found(),
        evidence=listed("milestones", done, None) if done else (),
        missing="" if days else "a go-live milestone completed in the period: /onboard keeps the plan, `done` marks it",
    )


def go_lives(book: Book) -> Mapping[str, Milestone]:
    """The go-live milestone of each account's plan: the one whose title holds the earliest of the words that say so."""
    found: dict[str, tuple[int, dt.date, Milestone]] = {}
    for milestone in book.milestones:
        title = milestone.title.casefold()
        places = (place for place, word in enumerate(book.parameters.rules.go_live_words) if word in title)
        place = next(places, None)
        if place is None:
            continue
        rank = (place, milestone.due, milestone)
        if milestone.account_id not in found or rank[:2] < found[milestone.account_id][:2]:
            found[milestone.account_id] = rank
    return {account_id: rank[2] for account_id, rank in found.items()}


def _kickoffs(book: Book) -> Mapping[str, dt.date]:
    """The day of each account's kickoff: of its milestone, else the first meeting whose notes speak of one."""
    words = book.parameters.rules.kickoff_words
    days: dict[str, dt.date] = {}
    for touchpoint in book.touchpoints:
        if touchpoint.status in HELD and touchpoint.kind != "note" and _names(touchpoint.text, words):
            days[touchpoint.account_id] = min(touchpoint.date, days.get(touchpoint.account_id, touchpoint.date))
    return days | {m.account_id: m.done_on for m in book.milestones if m.done_on and _names(m.title, words)}


def _names(said: str | None, words: Iterable[str]) -> bool:
    return bool(said) and any(word in (said or "").casefold() for word in words)


def _to_first_use(
    book: Book, span: Span, uses: FirstUses, key: MetricKey, starts: Mapping[int, dt.date], formula: str
) -> Measure:
    """The median over who began in the period and who still waits past the target, at the age of the wait so far."""
    over, still, ids, left = [], [], [], Leaving()
    patience = _patience(book.parameters.metrics[key])
    for row in book.rows:
        account, first = book.portfolio.accounts[row], uses.day(row)
        began = span.has(first)
        waits = first is None or first > span.last
        if not began and not (waits and is_customer(book.portfolio, row)):
            continue
        start = starts.get(row)
        if reason := uses.unknown(row) or ("" if start else NO_KICKOFF):
            if began or reason != NO_KICKOFF:
                left.out(reason, account.id)
        elif began and first is not None and start is not None:
            over.append(max((first - start).days, 0))
            ids.append(account.id)
        elif start is not None and (span.last - start).days > patience:
            still.append((span.last - start).days)
            ids.append(account.id)
    waits_of = Waits(tuple(over), tuple(still))
    value, at_least = waits_of.median()
    waiting = f", {len(still)} of them still waiting, at their wait so far" if still else ""
    return Measure(
        key,
        value,
        formula,
        waits_of.n,
        "accounts",
        f"customers who began in the period, and those who wait for longer than {patience:g} days{waiting}",
        left_out=left.found(),
        evidence=account_evidence(ids),
        missing="" if waits_of.n else NOBODY_BEGAN,
        at_least=at_least,
    )


def _patience(metric: Metric) -> float:
    """Days that a wait may take before it counts, though it is not over: the target's."""
    return metric.target.value if metric.target else 0.0
