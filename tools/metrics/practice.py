"""Articles, enablement sessions, feedback taken up by product, and how well accounts are documented."""

import datetime as dt
from collections.abc import Iterator

from app.domain.figures import listed
from app.domain.records import Check, Integration, Signal, Touchpoint
from tools.feedback.answers import acceptance_rate
from tools.feedback.months import month_of
from tools.health.parents import is_customer
from tools.metrics.book import HELD, Book, Span, feedback_of
from tools.metrics.measure import Leaving, LeftOut, Measure, Part, account_evidence, percent

QUARTER_MONTHS = 3
ANSWERED = ("attended", "no_show", "declined")
"""A session with one of these statuses was offered and answered, by word or by absence."""


def articles(book: Book, span: Span) -> Measure:
    """Articles whose last change falls into the period, a quarter; the library keeps no earlier changes."""
    library_began = min((a.updated_on for a in book.ctx.articles), default=None)
    changed = [a for a in book.ctx.articles if span.has(a.updated_on) and a.updated_on != library_began]
    first = tuple(a.id for a in book.ctx.articles if a.updated_on == library_began)
    rule = "articles whose last change fell into the period × 3 ÷ months; one that changed again later is not in it"
    who, missing = "articles of the knowledge base", ""
    if not book.is_whole:
        missing = "who wrote each article: the knowledge base keeps no author"
    elif not book.ctx.articles:
        missing = "articles: the knowledge base is empty"
    if missing:
        return Measure("kb_contribution", None, rule, 0, "articles", who, missing=missing)
    return Measure(
        "kb_contribution",
        QUARTER_MONTHS * len(changed) / span.months,
        rule,
        len(book.ctx.articles),
        "articles",
        who,
        len(changed),
        span.months / QUARTER_MONTHS,
        ("articles new or changed", "quarters"),
        left_out=(LeftOut("unchanged since the library was first filled", first),) if first else (),
        evidence=listed("documents", [(a.id, a.updated_on) for a in changed], None) if changed else (),
    )


def enablement(book: Book, span: Span) -> Measure:
    """Sessions held a month: a webinar or office hours of one day count once, a training once an account."""
    kinds = book.parameters.rules.session_kinds
    mine = [t for t in book.touchpoints if t.kind in kinds and span.has(t.date)]
    attended = [t for t in mine if t.status == "attended"]
    sessions = {session_of(t) for t in attended}
    offered = [t for t in mine if t.status in ANSWERED]
    told = bool(book.touchpoints) or bool(book.portfolio.feeds.connected("touchpoints").any())
    shown = percent(len(attended), len(offered))
    return Measure(
        "enablement",
        len(sessions) / span.months if told else None,
        f"sessions held ({', '.join(k.replace('_', ' ') for k in kinds)}) ÷ months",
        len(sessions),
        "sessions",
        "sessions that somebody attended; a webinar or office hours of one day count once",
        len(sessions) if told else None,
        span.months if told else None,
        ("sessions held", "months"),
        parts=(Part("attendance", "invitations that were attended", shown, "%", len(offered)),),
        evidence=listed("touchpoints", [(t.id, t.date) for t in attended], None) if attended else (),
        missing="" if told else "touchpoints: sessions, and who came",
    )


def session_of(touchpoint: Touchpoint) -> tuple[str, dt.date, str]:
    """What makes touchpoints one session."""
    return touchpoint.kind, touchpoint.date, touchpoint.account_id if touchpoint.kind == "training" else ""


def feedback_acceptance(book: Book, span: Span) -> Measure:
    """The acceptance rate of /feedback over the period's months."""
    items = [i for i in book.feedback.items if book.is_whole or set(i.account_ids) & set(book.accounts)]
    first, last = month_of(span.period.first), month_of(span.last)
    rate = acceptance_rate(items, first, last, book.ctx.as_of, feedback_of(book.ctx.others))
    counted, adopted = int(str(rate.counted.value)), int(str(rate.adopted.value))
    return Measure(
        "feedback_acceptance",
        percent(adopted, counted),
        "100 × items adopted (accepted, planned, in progress or shipped by now) ÷ items submitted in the period",
        counted,
        "items",
        "feedback submitted in the period, less duplicates and closed items",
        adopted if counted else None,
        counted or None,
        ("adopted", "submitted"),
        left_out=(LeftOut("their status is not known", tuple(i.id for i in rate.unknown)),) if rate.unknown else (),
        evidence=rate.adopted.evidence,
        missing="" if counted else "feedback submitted in the period whose status is known",
    )


class Documentation:
    """What each account's records lack on as_of: an architecture note, integrations' status, a look at its risks."""

    def __init__(self, book: Book) -> None:
        self._book = book
        rules = book.parameters.rules
        self._since = book.ctx.as_of - dt.timedelta(days=rules.risk_days)
        integrations, checks = book.records(Integration), book.records(Check)
        self._noted = {i.account_id for i in integrations if i.note}
        self._noted |= {c.account_id for c in checks if c.checklist == "readiness" and c.state is not None}
        self._connected = {i.account_id for i in integrations}
        self._unset = {i.account_id for i in integrations if not i.status}
        self.has_any = bool(integrations or checks)
        self._looked = set(self._recent())

    def lacks(self, account_id: str) -> tuple[str, ...]:
        """In words; nothing where the account is up to date."""
        days = self._book.parameters.rules.risk_days
        checks = (
            (account_id in self._noted, "an architecture note"),
            (account_id in self._connected - self._unset, "the status of each integration"),
            (account_id in self._looked, f"a look at its risks within {days} days"),
        )
        return tuple(words for there, words in checks if not there)

    def _recent(self) -> Iterator[str]:
        """The accounts whose risks somebody looked at lately: in a talk, by a signal, or going through a list."""
        book, kinds = self._book, self._book.parameters.rules.risk_kinds
        for touchpoint in book.touchpoints:
            if touchpoint.date > self._since and touchpoint.kind in kinds and touchpoint.status in HELD:
                yield touchpoint.account_id
        yield from (s.account_id for s in book.records(Signal) if s.date > self._since)
        listing = book.ctx.listing(Check)
        for check, recorded in zip(listing.records, listing.effective_on, strict=True):
            if (check.checked_on or recorded) > self._since:
                yield check.account_id


def documentation_hygiene(book: Book) -> Measure:
    """Share of the customers whose records are up to date, as of as_of: what is undated has no earlier day."""
    documentation, complete, left = Documentation(book), [], Leaving()
    customers = [book.portfolio.accounts[row].id for row in book.rows if is_customer(book.portfolio, row)]
    for account_id in customers:
        lacks = documentation.lacks(account_id)
        if not lacks:
            complete.append(account_id)
        for lacking in lacks:
            left.out(lacking, account_id)
    n = len(customers) if documentation.has_any else 0
    missing = "a customer" if documentation.has_any else "integrations with their status and note, or readiness checks"
    parts = tuple(
        Part(f"lacks{place}", f"lack {each.reason}", percent(len(each.ids), n), "%", len(each.ids))
        for place, each in enumerate(left.found(), start=1)
        if n
    )
    return Measure(
        "documentation_hygiene",
        percent(len(complete), n),
        "100 × customers with an architecture note, a status of each integration and a look at their risks within "
        f"{book.parameters.rules.risk_days} days ÷ customers",
        n,
        "accounts",
        f"customers on {book.ctx.as_of}",
        len(complete) if n else None,
        n or None,
        ("up to date", "customers"),
        parts=parts,
        evidence=account_evidence(complete),
        missing="" if n else missing,
    )
