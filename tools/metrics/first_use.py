"""When customers began to use the product in production, and where nobody can know."""

import datetime as dt

from app.domain.first_value import first_value_day
from app.domain.snapshot import PortfolioSnapshot
from tools.metrics.book import Book

NO_START = "no contract start on record"
NO_USE = "no use of the product is connected"
FEED_START = "their use on record begins with the feed itself, long after the contract"


class FirstUses:
    """The first day of production use of each account of a book, as of as_of.

    A feed tells nothing of the time before its own start. Where an account is first seen in the feed's first days, long
    after its contract began, its first use is unknown.
    """

    def __init__(self, book: Book) -> None:
        portfolio = book.portfolio
        self._book = book
        self._days = {row: first_value_day(portfolio, book.first_use, row) for row in book.rows}
        connected = portfolio.feeds.connected("usage") | portfolio.feeds.connected("feature_usage")
        self._told = {row: bool(connected[row]) or self._days[row] is not None for row in book.rows}
        self._feed_starts = {by_feature: _feed_start(portfolio, by_feature) for by_feature in (True, False)}

    def day(self, row: int) -> dt.date | None:
        """None: not yet, or not known."""
        return self._days[row]

    def unknown(self, row: int) -> str:
        """Why nobody can know when the account began to use the product; "" where that is known, or not so yet."""
        account, first = self._book.portfolio.accounts[row], self._days[row]
        if account.contract_start is None:
            return NO_START
        if not self._told[row]:
            return NO_USE
        return FEED_START if first and self._begins_with_feed(row, account.contract_start, first) else ""

    def _begins_with_feed(self, row: int, start: dt.date, first: dt.date) -> bool:
        rules = self._book.parameters.rules
        feed = self._feed_starts[bool(self._book.portfolio.features_first[row])]
        late = start.toordinal() + rules.feed_start_contract_days < feed
        return late and first.toordinal() < feed + rules.feed_start_days


def _feed_start(portfolio: PortfolioSnapshot, by_feature: bool) -> int:
    """The first day on which any account has a row of feature use, or else of use; 0 where none has."""
    usage = portfolio.usage
    columns = [portfolio.features_first] if by_feature else [usage.users_first, usage.calls_first]
    return min((int(column[column > 0].min()) for column in columns if (column > 0).any()), default=0)
