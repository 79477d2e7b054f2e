"""Health score, NPS, ticket volume and the two adoption metrics, over the customers at the end of a period."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.domain.command import OnDay
from app.domain.figures import listed
from app.domain.snapshot import Flags
from tools.adoption.depth import uses_enough
from tools.adoption.parameters import AdoptionParameters
from tools.health import selections
from tools.metrics.book import Book, Span, health_of, nan_to_none, portfolio_of
from tools.metrics.measure import Leaving, Measure, Part, account_evidence, mean, percent
from tools.metrics.service import ticket_evidence

NO_CUSTOMERS = "a customer at the end of the period"
AT_END = "customers at the end of the period"


def health_score(book: Book, span: Span) -> Measure:
    """Mean of the known health scores; an unknown score is no 0."""
    scores, known, left = [], [], Leaving()
    for row, account_id in _customers(book, span):
        score = nan_to_none(book.assessment(_end(span)).scores.score[row])
        if score is None:
            left.out("too little is known for a score", account_id)
        else:
            scores.append(score)
            known.append(account_id)
    return Measure(
        "health_score",
        mean(scores),
        "sum of the known health scores ÷ customers with one, at the end of the period",
        len(scores),
        "accounts",
        f"{AT_END} with a known score",
        sum(scores) if scores else None,
        len(scores) if scores else None,
        ("sum of the scores", "customers with a score"),
        left_out=left.found(),
        evidence=account_evidence(known),
        missing="" if scores else "a customer with enough data for a score: /health names what each lacks",
    )


def nps(book: Book, span: Span) -> Measure:
    """Promoters less detractors of each contact's latest answer in the window of /health, to the period's end."""
    portfolio = portfolio_of(_end(span))
    days = health_of(_end(span).others).components.nps.window_days
    rows = dict(_customers(book, span))
    mine: Flags = np.isin(portfolio.nps.account, np.array(list(rows), dtype=np.int32))
    counted = selections.latest_responses(portfolio, days) & mine
    promoters = int((selections.promoters(portfolio, days) & mine).sum())
    detractors = int((selections.detractors(portfolio, days) & mine).sum())
    answered, left = set(portfolio.nps.account[counted].tolist()), Leaving()
    for row, account_id in rows.items():
        if row not in answered:
            told = portfolio.feeds.usable("nps")[row]
            left.out(
                f"no answer in {days} days" if told else "no NPS answers are connected, or they end early", account_id
            )
    n = int(counted.sum())
    stamps = portfolio.nps.responded_at[counted].astype("datetime64[D]").tolist()
    return Measure(
        "nps",
        percent(promoters - detractors, n),
        f"100 × (promoters − detractors) ÷ answers: each contact's latest of the {days} days to the end of the period",
        n,
        "responses",
        f"answers of {len(answered)} of {len(rows)} {AT_END}",
        promoters - detractors if n else None,
        n or None,
        (f"{promoters} promoters − {detractors} detractors", "answers"),
        left_out=left.found(),
        evidence=listed("nps", list(zip(portfolio.nps.id[counted].tolist(), stamps, strict=True)), None) if n else (),
        missing="" if n else "NPS answers",
    )


def ticket_volume(book: Book, span: Span) -> Measure:
    """Tickets opened a customer and month, over customers whose tickets are known to the end of the period."""
    portfolio = portfolio_of(_end(span))
    told, left = portfolio.feeds.usable("tickets"), Leaving()
    counted: set[str] = set()
    for row, account_id in _customers(book, span):
        if told[row]:
            counted.add(account_id)
        else:
            left.out("no tickets are connected, or they end before the period does", account_id)
    opened = [t for t in book.opened(span) if t.account_id in counted]
    months = len(counted) * span.months
    return Measure(
        "ticket_volume",
        len(opened) / months if months else None,
        "tickets opened in the period ÷ (customers × months)",
        len(counted),
        "accounts",
        f"{AT_END} whose tickets are connected; one who came in the period counts for all of it",
        len(opened) if months else None,
        months or None,
        ("tickets opened", "customers × months"),
        left_out=left.found(),
        evidence=ticket_evidence(opened),
        missing="" if months else NO_CUSTOMERS + " whose tickets are connected",
    )


def feature_adoption(book: Book, span: Span) -> Measure:
    """Share of customers that use at least 6 of 10 features (persona §8.1)."""
    shares, share = _Features(book, span), _enough_share(_end(span))
    enough = [one for one, (used, available) in shares.known.items() if uses_enough(used, available, share)]
    n = len(shares.known)
    return Measure(
        "feature_adoption",
        percent(len(enough), n),
        f"100 × customers that used at least {100 * share:g} % of their features ÷ customers, in the 28 days "
        "to the end of the period",
        n,
        "accounts",
        f"{AT_END} whose use of features is known",
        len(enough) if n else None,
        n or None,
        ("customers with enough in use", "customers"),
        left_out=shares.left.found(),
        evidence=account_evidence(enough),
        missing="" if n else "use of features, and how many features each customer has",
    )


def adoption_depth(book: Book, span: Span) -> Measure:
    """Mean share of a customer's features that it uses, and how far the most used features reach."""
    shares = _Features(book, span)
    each = [100 * used / available for used, available in shares.known.values()]
    return Measure(
        "feature_adoption_depth",
        mean(each),
        "mean over the customers of 100 × features used in 28 days ÷ features available",
        len(each),
        "accounts",
        f"{AT_END} whose use of features is known",
        sum(each) if each else None,
        len(each) or None,
        ("sum of the shares", "customers"),
        left_out=shares.left.found(),
        parts=tuple(shares.top(book.parameters.rules.top_features)),
        evidence=account_evidence(list(shares.known)),
        missing="" if each else "use of features, and how many features each customer has",
    )


class _Features:
    """Features used and available, of each customer of whom both are known."""

    def __init__(self, book: Book, span: Span) -> None:
        self._portfolio = portfolio_of(_end(span))
        component = book.assessment(_end(span)).scores.components["feature_adoption"]
        self.known: dict[str, tuple[float, float]] = {}
        self.left = Leaving()
        self._rows: set[int] = set()
        for row, account_id in _customers(book, span):
            used, available = (nan_to_none(component.inputs[name][row]) for name in ("used", "available"))
            if component.state[row] != "known" or used is None or not available:
                self.left.out("use of features, or their number, is not known", account_id)
            else:
                self.known[account_id] = used, available
                self._rows.add(row)

    def top(self, number: int) -> Sequence[Part]:
        """The features that most customers use, each with the share of customers that does."""
        features = self._portfolio.features
        pairs = {(int(row), str(name)) for row, name in zip(features.account, features.feature, strict=True)}
        users = Counter(name for row, name in pairs if row in self._rows)
        ordered = sorted(users.items(), key=lambda each: (-each[1], each[0]))[:number]
        return [
            Part(f"top{place}", f"used by most: {name}", percent(n, len(self._rows)), "%", n)
            for place, (name, n) in enumerate(ordered, start=1)
        ]


def _customers(book: Book, span: Span) -> list[tuple[int, str]]:
    """Row and id of each customer at the end of the period."""
    accounts = portfolio_of(_end(span)).accounts
    return [(row, accounts[row].id) for row in book.customers(_end(span))]


def _end(span: Span) -> OnDay:
    if span.end is None:
        raise TypeError("a metric of the customers needs the data at the end of its period")
    return span.end


def _enough_share(day: OnDay) -> float:
    """The share of its features that a customer must use, as /adoption has it."""
    found = day.others["adoption"]
    if not isinstance(found, AdoptionParameters):
        raise TypeError("/metrics needs the parameters of /adoption")
    return found.enough_share
