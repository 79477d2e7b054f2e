"""Tickets that come again: by category over a period, and solved ones about the same that ask for an article."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.domain.records import Ticket
from app.domain.snapshot import ArticleEntry
from tools.feedback.hearing import Ear
from tools.feedback.likeness import are_alike
from tools.feedback.parameters import Alike, TrendParameters
from tools.feedback.spans import Span

HOUR = dt.timedelta(hours=1)
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Trend:
    """A category's tickets of the period, and of the period before."""

    category: str
    tickets: tuple[Ticket, ...]
    before: tuple[Ticket, ...]

    @property
    def account_ids(self) -> list[str]:
        return list(dict.fromkeys(ticket.account_id for ticket in self.tickets))

    @property
    def solved(self) -> list[Ticket]:
        """Those whose work can be told: solved, and not open again."""
        return [ticket for ticket in self.tickets if hours_of(ticket) is not None]

    @property
    def hours(self) -> float | None:
        """Calendar hours of the solved ones together; None where none is solved."""
        known = [hours for ticket in self.tickets if (hours := hours_of(ticket)) is not None]
        return sum(known) if known else None

    @property
    def ever_solved(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.resolved_at is not None]

    @property
    def reopened(self) -> list[Ticket]:
        return [ticket for ticket in self.ever_solved if ticket.reopened_at is not None]

    @property
    def reopened_share(self) -> float | None:
        """100 × reopened ÷ solved once; None where none was."""
        return 100 * len(self.reopened) / len(self.ever_solved) if self.ever_solved else None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Solved tickets of a category about the same, the oldest first. `exists` is an article that is about it too."""

    category: str
    tickets: tuple[Ticket, ...]
    words: frozenset[str]
    exists: ArticleEntry | None

    @property
    def title(self) -> str:
        """The newest subject."""
        return " ".join((self.tickets[-1].subject or "").split())

    @property
    def document(self) -> str:
        return slug(self.title)[:LONGEST_ID].strip("-")

    @property
    def account_ids(self) -> list[str]:
        return list(dict.fromkeys(ticket.account_id for ticket in self.tickets))


def hours_of(ticket: Ticket) -> float | None:
    """Hours from the first response, or the opening where none is on record, to the solution; None while open.

    A solution before the ticket's own opening tells no hours.
    """
    solved, begun = ticket.resolved_at, ticket.first_response_at or ticket.opened_at
    if solved is None or solved < ticket.opened_at:
        return None
    if ticket.reopened_at is not None and ticket.reopened_at > solved:
        return None
    return max(solved - begun, dt.timedelta()) / HOUR


def trends_of(tickets: Iterable[Ticket], span: Span, zone: ZoneInfo, rules: TrendParameters) -> tuple[Trend, ...]:
    """The categories that came again in the period: the most tickets first, then the most hours."""
    now: defaultdict[str, list[Ticket]] = defaultdict(list)
    before: defaultdict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        day = ticket.opened_at.astimezone(zone).date()
        if day in span.period:
            now[slug(ticket.category or "")].append(ticket)
        elif day in span.before:
            before[slug(ticket.category or "")].append(ticket)
    found = [
        Trend(category, tuple(mine), tuple(before[category]))
        for category, mine in now.items()
        if category and len(mine) >= rules.least
    ]
    return tuple(sorted(found, key=lambda t: (-len(t.tickets), -(t.hours or 0.0), t.category)))


def repeats_of(
    tickets: Iterable[Ticket],
    articles: Sequence[ArticleEntry],
    ear: Ear,
    alike: Alike,
    rules: TrendParameters,
    as_of: dt.date,
) -> tuple[Repeat, ...]:
    """Solved tickets about the same, often enough within the days that count: the most first."""
    first = as_of - dt.timedelta(days=rules.repeat_days)
    solved = [
        t for t in tickets if t.category and hours_of(t) is not None and t.resolved_at and t.resolved_at.date() > first
    ]
    groups: list[tuple[str, frozenset[str], list[Ticket]]] = []
    for ticket in sorted(solved, key=lambda t: (t.resolved_at or t.opened_at, t.id)):
        words, category = ear.telling_words(ticket.subject or ""), slug(ticket.category or "")
        same = next((g for g in groups if g[0] == category and are_alike(words, g[1], "bug", alike)), None)
        if same:
            same[2].append(ticket)
        elif words:
            groups.append((category, words, [ticket]))
    found = [
        Repeat(category, tuple(mine), words, _about(words, articles, ear, rules))
        for category, words, mine in groups
        if len(mine) >= rules.repeats
    ]
    return tuple(sorted(found, key=lambda r: (-len(r.tickets), r.document)))


def articles_of(category: str, articles: Sequence[ArticleEntry], rules: TrendParameters) -> Iterator[ArticleEntry]:
    """The articles that stand for a category: those that the parameters name, and those with its name in the title."""
    named: Mapping[str, tuple[str, ...]] = rules.articles
    for article in articles:
        own = article.id.rpartition(".")[2]  # the id within its collection
        if own in named.get(category, ()) or category in slug(article.title).split("-"):
            yield article


def slug(said: str) -> str:
    """Words as a part of a key or an id: "How to" and "how-to" are one."""
    return re.sub(r"[^a-z0-9]+", "-", said.casefold()).strip("-")


def _about(
    words: frozenset[str], articles: Sequence[ArticleEntry], ear: Ear, rules: TrendParameters
) -> ArticleEntry | None:
    """The article whose title shares the most of the words, where it shares enough."""
    shared = [(len(words & ear.telling_words(article.title)), article) for article in articles]
    enough = [each for each in shared if each[0] >= rules.article_shares]
    return max(enough, key=lambda each: (each[0], each[1].id))[1] if enough else None
