"""What happened in a portfolio between two days, over arrays: only accounts with something to tell are looked at.

Two snapshots of one version hold the same accounts in the same rows. `then` and `now_as_set` are scored with the
settings of the earlier day, `now` with those of the later one. What comes of data that arrived or went missing, or of
new settings, is neither better nor worse.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.records import Escalation
from app.domain.snapshot import Flags, Floats
from app.domain.windows import end_of_day, instant
from tools.health.case import Assessment
from tools.health.data import ChangeKind, Trend
from tools.health.fields import AccountField, changed_fields
from tools.health.indicators import CLEAR, INDICATORS, LEVELS, TRIGGERED
from tools.health.ledger import comparable
from tools.health.scoring import GREEN, RED, UNKNOWN, YELLOW, account_words
from tools.health.wording import INDICATOR_LABELS, listing

TIER_ORDER = (GREEN, YELLOW, RED)
URGENT = 2
"""SEV1 and SEV2."""

MOST_NAMED = 3
LONGEST_TEXT = 80
NOTHING = 1e-9
BY_SETTINGS = "by new settings"
BY_KNOWLEDGE = "what is known changed"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to the account in a row.

    `field` names the field whose values the words need; `quiet` is no news by itself.
    """

    row: int
    kind: ChangeKind
    trend: Trend
    words: str
    field: AccountField | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Between:
    """A portfolio on two days."""

    then: Assessment
    now_as_set: Assessment
    now: Assessment
    escalations: Sequence[Escalation] = ()

    @cached_property
    def alike(self) -> tuple[Floats, Floats]:
        """The share of points on each day over what is known on both."""
        return comparable(self.then.scores, self.now_as_set.scores)

    @cached_property
    def got_worse(self) -> Flags:
        """Accounts that lost points over what is known on both days."""
        return np.asarray(self.alike[1] < self.alike[0] - NOTHING, dtype=np.bool_)

    @cached_property
    def got_better(self) -> Flags:
        return np.asarray(self.alike[1] > self.alike[0] + NOTHING, dtype=np.bool_)

    @cached_property
    def considered(self) -> Flags:
        """Customers on the later day, and those who left between the two."""
        gone = account_words(self.now.portfolio.accounts, "lifecycle") == "churned"
        were = account_words(self.then.portfolio.accounts, "lifecycle") == "churned"
        flags: Flags = ~self.now.portfolio.not_yet & ~(gone & were)
        return flags

    @property
    def first_instant(self) -> np.datetime64:
        """The first instant after the earlier day."""
        portfolio = self.then.portfolio
        return instant(end_of_day(portfolio.as_of, portfolio.timezone))


def happenings(between: Between) -> Mapping[int, tuple[Happening, ...]]:
    """What happened to each considered account, in the order in which it is told."""
    found: dict[int, list[Happening]] = defaultdict(list)
    for tell in (
        _customers,
        _levels,
        _tiers,
        _indicators,
        _arr,
        _tickets,
        _escalations,
        _contacts,
        _promises,
        _fields,
    ):
        for happening in tell(between):
            if between.considered[happening.row]:
                found[happening.row].append(happening)
    return {row: tuple(told) for row, told in found.items()}


def _customers(between: Between) -> Iterator[Happening]:
    then, now = between.then.portfolio, between.now.portfolio
    were, are = (account_words(p.accounts, "lifecycle") == "churned" for p in (then, now))
    for row in np.flatnonzero(are & ~were):
        yield Happening(int(row), "customer", "worse", "churned")
    for row in np.flatnonzero(were & ~are):
        yield Happening(int(row), "customer", "better", "came back")
    for row in np.flatnonzero(then.not_yet & ~now.not_yet & ~are):
        yield Happening(int(row), "customer", "better", "new customer")


def _levels(between: Between) -> Iterator[Happening]:
    levels = [a.churn.level for a in (between.then, between.now_as_set, between.now)]
    then, as_set, now = levels
    triggered, cleared = _turned(between, TRIGGERED), _cleared(between)
    dated = [a.churn.lifted_by_date for a in (between.then, between.now_as_set)]
    worse = triggered | (dated[1] & ~dated[0]) | between.got_worse
    better = cleared | (dated[0] & ~dated[1]) | between.got_better
    for row in np.flatnonzero(then != now):
        words = f"churn level {now[row]}, was {then[row]}"
        yield _moved(int(row), "level", LEVELS, then[row], as_set[row], now[row], worse[row], better[row], words)


def _tiers(between: Between) -> Iterator[Happening]:
    then, as_set, now = (a.scores.tier for a in (between.then, between.now_as_set, between.now))
    worse, better = between.got_worse, between.got_better
    for row in np.flatnonzero(then != now):
        words = f"{now[row]}, was {then[row]}"
        words = f"tier {words}" if UNKNOWN in (then[row], now[row]) else words
        yield _moved(int(row), "tier", TIER_ORDER, then[row], as_set[row], now[row], worse[row], better[row], words)


def _moved(
    row: int,
    kind: ChangeKind,
    order: Sequence[str],
    then: str,
    as_set: str,
    now: str,
    got_worse: bool,
    got_better: bool,
    words: str,
) -> Happening:
    """A step in an order from best to worst. It is told as worse or better only where something known became so."""
    if as_set == then:
        return Happening(row, kind, "other", f"{words} ({BY_SETTINGS})")
    if then not in order or now not in order:
        return Happening(row, kind, "other", words)
    down = order.index(now) > order.index(then)
    if down and got_worse:
        return Happening(row, kind, "worse", words)
    if not down and got_better:
        return Happening(row, kind, "better", words)
    return Happening(row, kind, "other", f"{words} ({BY_KNOWLEDGE})")


def _indicators(between: Between) -> Iterator[Happening]:
    for key in INDICATORS:
        then, as_set, now = (a.churn.indicators[key].state for a in (between.then, between.now_as_set, between.now))
        label = INDICATOR_LABELS[key].lower()
        for row in np.flatnonzero(then != now):
            before, after = then[row], now[row]
            by_settings = f" ({BY_SETTINGS})" if as_set[row] == before else ""
            if after == TRIGGERED:
                was = " (was unknown)" if before == UNKNOWN else ""
                trend: Trend = "other" if by_settings else "worse"
                yield Happening(int(row), "indicator", trend, f"{label} triggered{was}{by_settings}")
            elif before == TRIGGERED and after == CLEAR:
                trend = "other" if by_settings else "better"
                yield Happening(int(row), "indicator", trend, f"{label} cleared{by_settings}")
            elif after == UNKNOWN:
                missing = between.now.case(int(row), "").indicator_missing(key)
                quiet = before != TRIGGERED
                yield Happening(int(row), "indicator", "other", f"{label} unknown now: {missing}", quiet=quiet)


def _turned(between: Between, state: str) -> Flags:
    """Accounts with an indicator that came into this state."""
    pairs = ((between.then.churn.indicators[key], between.now_as_set.churn.indicators[key]) for key in INDICATORS)
    turned: Flags = np.any([(then.state != state) & (now.state == state) for then, now in pairs], axis=0)
    return turned


def _cleared(between: Between) -> Flags:
    pairs = ((between.then.churn.indicators[key], between.now_as_set.churn.indicators[key]) for key in INDICATORS)
    cleared: Flags = np.any([(then.state == TRIGGERED) & (now.state == CLEAR) for then, now in pairs], axis=0)
    return cleared


def _arr(between: Between) -> Iterator[Happening]:
    then, now = between.then.portfolio, between.now.portfolio
    differ = (then.arr != now.arr) & ~(np.isnan(then.arr) & np.isnan(now.arr))
    for row in np.flatnonzero(differ & ~then.not_yet):
        known = not (np.isnan(then.arr[row]) or np.isnan(now.arr[row]))
        trend: Trend = "other" if not known else "worse" if now.arr[row] < then.arr[row] else "better"
        yield Happening(int(row), "arr", trend, "ARR")


def _tickets(between: Between) -> Iterator[Happening]:
    then, now, start = between.then.portfolio.tickets, between.now.portfolio.tickets, between.first_instant
    urgent = now.severity <= URGENT
    fresh, resolved = now.opened_at >= start, ~np.isnat(now.resolved_at)
    was_resolved = set(then.id[~np.isnat(then.resolved_at)])
    was_escalated = set(then.id[then.escalated])
    of_old = set(then.id)
    reopened = _among(now.id, ~resolved & ~fresh, was_resolved)
    escalated = now.escalated & ~_among(now.id, now.escalated, was_escalated)
    escalated &= fresh | _among(now.id, escalated, of_old)
    closed = resolved & (urgent | now.escalated) & (now.resolved_at >= start)
    for severity in (1, 2):
        opened = fresh & (now.severity == severity)
        yield from _of_records(now.account, now.id, opened, "ticket", "worse", f"SEV{severity} opened: ")
    yield from _of_records(now.account, now.id, escalated, "ticket", "worse", "ticket escalated: ")
    yield from _of_records(now.account, now.id, reopened & urgent, "ticket", "worse", "ticket reopened: ")
    yield from _of_records(now.account, now.id, closed, "ticket", "better", "resolved: ")


def _escalations(between: Between) -> Iterator[Happening]:
    """By our own record of escalations to engineering; nothing of them is fed."""
    rows = {account.id: row for row, account in enumerate(between.now.portfolio.accounts)}
    first, last = (
        between.first_instant,
        instant(end_of_day(between.now.portfolio.as_of, between.now.portfolio.timezone)),
    )
    for escalation in between.escalations:
        row = rows.get(escalation.account_id)
        if row is None:
            continue
        moments = (
            ("opened", escalation.opened_at),
            ("resolved", escalation.resolved_at),
            ("closed", escalation.closed_at),
        )
        happened = [what for what, at in moments if at is not None and first <= instant(at) < last]
        if happened:
            trend: Trend = "worse" if happened == ["opened"] else "better"
            words = f"escalation {listing(happened)}: {_cut(escalation.title)}"
            yield Happening(row, "escalation", trend, words)


def _contacts(between: Between) -> Iterator[Happening]:
    then, now = between.then.portfolio, between.now.portfolio
    left = (now.contacts.left_day > then.today) & (now.contacts.left_day <= now.today)
    present = now.contacts.is_champion & (now.contacts.left_day == 0)
    were = then.contacts.is_champion & (then.contacts.left_day == 0)
    champions = set(then.contacts.id[were])
    came = present & ~_among(now.contacts.id, present, champions)
    unmarked = _among(now.contacts.id, ~now.contacts.is_champion & ~left, champions)
    names = np.where(now.contacts.name == "", now.contacts.id, now.contacts.name)
    account, champion = now.contacts.account, now.contacts.is_champion
    yield from _of_records(account, names, left & champion, "contact", "worse", "champion left: ")
    yield from _of_records(account, names, unmarked, "contact", "worse", "no longer marked as champion: ")
    yield from _of_records(account, names, came, "contact", "better", "new champion: ")
    yield from _of_records(account, names, left & ~champion, "contact", "other", "contact left: ")


def _promises(between: Between) -> Iterator[Happening]:
    """Promises that are open and fell due since the earlier day; one due on the later day is not late yet."""
    then, now = between.then.portfolio, between.now.portfolio
    promises = now.commitments
    due = (promises.due_day > then.today) & (promises.due_day <= now.today)
    late = due & (promises.due_day < now.today)
    what = np.array([_cut(str(words)) for words in promises.what], dtype=object)
    yield from _of_records(promises.account, what, late, "promise", "worse", "promise overdue: ")
    yield from _of_records(promises.account, what, due & ~late, "promise", "other", "promise due today: ")


def _fields(between: Between) -> Iterator[Happening]:
    accounts = zip(between.then.portfolio.accounts, between.now.portfolio.accounts, strict=True)
    for row, (then, now) in enumerate(accounts):
        if then == now:
            continue
        for field in changed_fields(then, now):
            before, after = getattr(then, field.name), getattr(now, field.name)
            trend: Trend = "other"
            if field.name == "licensed_seats" and before is not None and after is not None:
                trend = "worse" if after < before else "better"
            if not (field.name == "lifecycle" and "churned" in (before, after)):
                yield Happening(row, "contract", trend, field.label, field)


def _of_records(
    account: Floats | np.ndarray[tuple[int], np.dtype[np.int32]],
    names: Iterable[object],
    selected: Flags,
    kind: ChangeKind,
    trend: Trend,
    words: str,
) -> Iterator[Happening]:
    """One happening for all selected records of an account, which it names."""
    of_account: dict[int, list[str]] = defaultdict(list)
    named = np.asarray(names, dtype=object)
    for place in np.flatnonzero(selected):
        of_account[int(account[place])].append(str(named[place]))
    for row, own in of_account.items():
        more = [f"{len(own) - MOST_NAMED} more"] if len(own) > MOST_NAMED else []
        yield Happening(row, kind, trend, f"{words}{listing([*own[:MOST_NAMED], *more])}")


def _among(ids: Iterable[object], candidates: Flags, wanted: set[object]) -> Flags:
    """The candidates whose id is among the wanted ones."""
    named, flags = np.asarray(ids, dtype=object), np.zeros(len(candidates), dtype=np.bool_)
    for place in np.flatnonzero(candidates):
        flags[place] = named[place] in wanted
    return flags


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_TEXT else f"{words[: LONGEST_TEXT - 1]}…"
