"""The closed set of derivations and checks that a profile may name.

A derivation gives a field's value from a row's cells; a check says whether a row is odd, and rejects nothing.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.records import Account, FeatureUsage, Record
from app.imports.subscriptions import SubscriptionBook, Terms

FREE_MAIL = frozenset({
    "aol.com", "email.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
    "hotmail.com", "hotmail.co.uk", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com",
    "msn.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de",
    "yahoo.co.uk", "yahoo.com", "yandex.ru", "ymail.com", "zoho.com", "163.com",
})  # fmt: skip
"""Domains at which anybody may have an address."""

YES = frozenset({"true", "yes", "1"})

DONE = frozenset({"closed", "completed", "done", "fixed", "resolved", "solved"})
"""Words for a matter that was done, and not given up."""

MEETING_KINDS = tuple(
    (kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for kind, words in (
        ("qbr", "qbr|ebr|(?:quarterly|executive|annual) (?:business )?review|business review"),
        ("health_check", "health[ -]?check"),
        ("office_hours", "office[ -]hours?"),
        ("webinar", "webinar"),
        ("training", "training|enablement|workshop"),
        ("beta", "beta"),
    )
)
"""Kinds of meetings and what a subject calls them; the first that is named counts."""

_SHORT_ID = re.compile(r"[0-9A-Za-z]{15}", re.ASCII)
_ID_MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,9})?", re.ASCII)
_DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row's cells alone do not say. `day` is the day of which undated state is told."""

    subscriptions: SubscriptionBook
    day: dt.date
    zone: ZoneInfo  # of times that name none


@dataclass(frozen=True, slots=True)
class Derivation:
    """`run` takes the cells of so many columns, none of them empty, and the formats of dates among them.

    Its ValueError rejects the row and says why; None leaves the field unknown.
    """

    columns: int
    run: Callable[[list[str], tuple[str, ...], Surroundings], Any]
    needs_subscriptions: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """`warning` is reported with the number of rows for which `is_odd` holds, given one cell and the row's record."""

    warning: str
    is_odd: Callable[[str, Record, Surroundings], bool]
    needs_subscriptions: bool = False


ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch_ms"
NAMED_FORMATS = (ISO, EPOCH, EPOCH_MS)
"""Date formats beside strptime's: ISO 8601 in all its variants, seconds and milliseconds since 1970."""


def parse_date(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> dt.datetime:
    """The instant that `text` tells in one of the formats: midnight where it is a day. No zone means `zone`.

    Raises:
        ValueError: no format fits.
    """
    for pattern in formats:
        try:
            value = _read_date(text, pattern)
        except (ValueError, OverflowError, OSError):
            continue
        return value if value.tzinfo else value.replace(tzinfo=zone)
    raise ValueError(f"{text!r} is no date in the form {' or '.join(formats)}")


def _read_date(text: str, pattern: str) -> dt.datetime:
    if pattern == ISO:
        return dt.datetime.fromisoformat(text)
    if pattern in (EPOCH, EPOCH_MS):
        if not _NUMBER.fullmatch(text):
            raise ValueError("no number")
        return dt.datetime.fromtimestamp(float(text) / (1000 if pattern == EPOCH_MS else 1), dt.UTC)
    return dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller knows the zone


def domain_of(text: str) -> str | None:
    """The domain of an e-mail address, a website or a domain, without "www."; None where it is no company's.

    Addresses at a provider of free mail say nothing of the company.
    """
    host = text.strip().casefold().rpartition("@")[2]
    host = host.partition("://")[2] or host
    host = re.split(r"[/:?#\s]", host, maxsplit=1)[0].removeprefix("www.").rstrip(".")
    return host if _DOMAIN.fullmatch(host) and host not in FREE_MAIL else None


def _minutes_after(cells: list[str], formats: tuple[str, ...], around: Surroundings) -> dt.datetime:
    start, minutes = cells
    try:
        return parse_date(start, formats, around.zone) + dt.timedelta(minutes=float(minutes))
    except OverflowError:
        raise ValueError(f"{minutes!r} minutes lead to no date") from None


def _if_done(cells: list[str], formats: tuple[str, ...], around: Surroundings) -> dt.datetime | None:
    """The time, where the word says that the matter is done."""
    word, time = cells
    return parse_date(time, formats or (ISO,), around.zone) if word.casefold() in DONE else None


def _attendance(cells: list[str], formats: tuple[str, ...], around: Surroundings) -> str:
    """What became of a meeting: whether the customer stayed away, and its day."""
    no_show, time = cells
    if no_show.casefold() in YES:
        return "no_show"
    day = parse_date(time, formats or (ISO,), around.zone).astimezone(around.zone).date()
    return "attended" if day <= around.day else "scheduled"


def _meeting_kind(cells: list[str], _formats: tuple[str, ...], _around: Surroundings) -> str | None:
    """The kind of a meeting that its subject names."""
    return next((kind for kind, words in MEETING_KINDS if words.search(cells[0])), None)


def salesforce_id(short: str) -> str:
    """An id of Salesforce's in its long form: reports write 15 characters, everything else 18.

    The three letters more say which of the 15 are capitals, five to a letter (Salesforce: Record IDs, 18 characters).
    """
    if not _SHORT_ID.fullmatch(short):
        return short
    fives = (short[start : start + 5] for start in (0, 5, 10))
    marks = (sum(1 << place for place, letter in enumerate(five) if letter.isupper()) for five in fives)
    return short + "".join(_ID_MARKS[mark] for mark in marks)


def _account_of_subscription(cells: list[str], _formats: tuple[str, ...], around: Surroundings) -> str:
    found = around.subscriptions.get(cells[0])
    if found is None:
        raise ValueError(f"unknown subscription {cells[0]!r}")
    return found.account_id


def _of_terms(name: str) -> Derivation:
    """A field of the terms of the account whose id the cell holds; None where it has no subscription."""

    def run(cells: list[str], _formats: tuple[str, ...], around: Surroundings) -> Any:
        terms: Terms | None = around.subscriptions.terms(cells[0], around.day)
        return None if terms is None else getattr(terms, name)

    return Derivation(1, run, needs_subscriptions=True)


def _before_subscription(cell: str, record: Record, around: Surroundings) -> bool:
    found = around.subscriptions.get(cell)
    return found is not None and isinstance(record, FeatureUsage) and record.date < found.start


def _after_subscription(cell: str, record: Record, around: Surroundings) -> bool:
    found = around.subscriptions.get(cell)
    return found is not None and isinstance(record, FeatureUsage) and found.end is not None and record.date > found.end


def _flagged_but_paying(cell: str, record: Record, _around: Surroundings) -> bool:
    return cell.casefold() in YES and isinstance(record, Account) and record.lifecycle != "churned"


DERIVATIONS: dict[str, Derivation] = {
    "minutes_after": Derivation(2, _minutes_after),
    "if_done": Derivation(2, _if_done),
    "attendance": Derivation(2, _attendance),
    "meeting_kind": Derivation(1, _meeting_kind),
    "domain": Derivation(1, lambda cells, _formats, _around: domain_of(cells[0])),
    "salesforce_id": Derivation(1, lambda cells, _formats, _around: salesforce_id(cells[0])),
    "account_of_subscription": Derivation(1, _account_of_subscription, needs_subscriptions=True),
    "subscription_arr": _of_terms("arr"),
    "subscription_seats": _of_terms("seats"),
    "subscription_plan": _of_terms("plan"),
    "subscription_term": _of_terms("term_months"),
    "subscription_renewal": _of_terms("renewal_date"),
    "subscription_auto_renew": _of_terms("auto_renew"),
    "subscription_lifecycle": _of_terms("lifecycle"),
}

CHECKS: dict[str, Check] = {
    "before_subscription": Check("dated before its subscription starts; kept", _before_subscription, True),
    "after_subscription": Check("dated after its subscription ended; kept", _after_subscription, True),
    "flagged_but_paying": Check("flagged as churned while paid subscriptions run; not churned", _flagged_but_paying),
}
