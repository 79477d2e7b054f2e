"""What customers said, as an item keeps it: one line for each quotation, with who said it, where and when."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.records import FeedbackItem

LONGEST_KEPT = 90_000
"""Characters of all the quotations of an item."""

LONGEST_SOURCE = 300
"""Characters of an item's `source`."""

_LINE = re.compile(
    r"“(?P<words>.+)” \(account (?P<account>.+?)(?:, contact (?P<contact>.+?))?, (?P<where>[a-z_ ]+?) "
    r"(?P<record>\S.*?), (?P<day>\d{4}-\d{2}-\d{2})\)"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's words, masked. `where` is a ticket, nps, or the kind of meeting; `record` is its id."""

    words: str
    account_id: str
    contact_id: str | None
    where: str
    record: str
    day: dt.date

    @property
    def source(self) -> str:
        return f"{self.where} {self.record}"

    def line(self) -> str:
        who = f", contact {self.contact_id}" if self.contact_id else ""
        return f"“{self.words}” (account {self.account_id}{who}, {self.source}, {self.day.isoformat()})"


def quotes_of(item: FeedbackItem) -> tuple[Quote, ...]:
    """The quotations that an item keeps; words that a person wrote down otherwise are none of them."""
    found = (_LINE.fullmatch(line.strip()) for line in (item.quote or "").splitlines())
    return tuple(
        Quote(
            words=match["words"],
            account_id=match["account"],
            contact_id=match["contact"],
            where=match["where"],
            record=match["record"],
            day=dt.date.fromisoformat(match["day"]),
        )
        for match in found
        if match and _is_day(match["day"])
    )


def own_words(item: FeedbackItem) -> str | None:
    """What a person wrote into the item's quote by hand, without the lines that name who said it."""
    lines = [line for line in (item.quote or "").splitlines() if not _LINE.fullmatch(line.strip())]
    return " ".join(" ".join(lines).split()) or None


def with_quotes(before: str | None, quotes: Iterable[Quote]) -> str | None:
    """The text with the quotations added that it does not hold; as many as there is room for."""
    lines = (before or "").splitlines()
    for quote in quotes:
        line = quote.line()
        if line not in lines and sum(map(len, lines)) + len(line) <= LONGEST_KEPT:
            lines.append(line)
    return "\n".join(lines) or None


def with_sources(before: str | None, quotes: Sequence[Quote]) -> str:
    """The records that the quotations come from, after those that are named; what finds no room is counted."""
    named = [part for part in (before or "").split("; ") if part]
    added = [source for source in dict.fromkeys(quote.source for quote in quotes) if source not in named]
    for kept in range(len(added), -1, -1):
        left = len(added) - kept
        told = "; ".join((*named, *added[:kept], *([f"and {left} more"] if left else [])))
        if len(told) <= LONGEST_SOURCE:
            return told
    return before or ""


def _is_day(written: str) -> bool:
    try:
        dt.date.fromisoformat(written)
    except ValueError:
        return False
    return True
