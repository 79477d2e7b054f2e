"""Replies to customers when what they asked for has shipped.

A reply holds what this customer said, that it shipped, and a question whether it serves. It names no other customer, no
money and nothing of ours, and promises nothing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.blocks import Draft, DraftField
from app.domain.figures import text
from app.domain.records import Account, Contact, FeedbackCategory, FeedbackItem
from tools.feedback.hearing import masked
from tools.feedback.quotes import Quote

NEUTRAL_TITLE = "what you told us about"

NEWS: dict[FeedbackCategory, str] = {
    "feature_request": " is available",
    "bug": ": this is fixed",
    "performance": ": this is faster",
    "ux": ": this is easier",
    "documentation": ": this is corrected",
}
"""What is so since an item shipped."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer who asked: whom to write to, where known, and what it said first-hand, the newest first."""

    account: Account
    contact: Contact | None
    quotes: tuple[Quote, ...]
    written: str | None  # words that a person noted as the customer's, without a place


Sayable = Callable[[str], bool]
"""Whether words may stand in the letter: no other customer's name, no colleague's, no money, nothing of ours."""


def reply(item: FeedbackItem, asker: Asker, shipped_on: dt.date, feature: str | None, sayable: Sayable) -> Draft:
    """The reply to one customer, of words that are sayable alone."""
    paragraphs = (
        greeting(asker.contact),
        _heard(asker, sayable),
        _shipped(item, shipped_on, feature, sayable),
        "How to use it: [paste the link to its documentation here].",
        "Does it do what you need? A short answer helps us, also if it does not.",
        "Kind regards",
    )
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    to = asker.contact.name if asker.contact and asker.contact.name else "a contact that you choose"
    return Draft(
        title=text(f"Reply to {asker.account.name}"),
        audience="customer",
        fields=(DraftField(label="To", text=text(to)), DraftField(label="Text", text=text(body))),
        account_id=asker.account.id,
    )


def greeting(contact: Contact | None) -> str:
    """How a letter begins; by the first name where it is known."""
    first = (contact.name or "").split() if contact else []
    return f"Hello {first[0]}," if first else "Hello,"


def _heard(asker: Asker, sayable: Sayable) -> str:
    """What the customer said, in its own words where they may be repeated."""
    for quote in asker.quotes:
        if sayable(quote.words) and _is_theirs(quote, asker.contact):
            where = f"in ticket {quote.record}" if quote.where == "ticket" else "to us"
            return f"On {quote.day.isoformat()} you wrote {where}: “{quote.words}” Thank you for telling us."
    if asker.written and sayable(asker.written):
        return f"You told us: “{masked(asker.written)}” Thank you for that."
    return "You told us about it. Thank you for that."


def _is_theirs(quote: Quote, contact: Contact | None) -> bool:
    """An answer to a survey is told to nobody but who gave it."""
    return quote.where != "nps" or (contact is not None and quote.contact_id == contact.id)


def _shipped(item: FeedbackItem, shipped_on: dt.date, feature: str | None, sayable: Sayable) -> str:
    named = f"“{masked(item.title)}”" if sayable(item.title) else NEUTRAL_TITLE
    named = named if named.startswith("“") else named[:1].upper() + named[1:]
    told = f"{named}{NEWS[item.category]} since {shipped_on.isoformat()}."
    if feature and feature.casefold() != item.title.casefold() and sayable(feature):
        return f"{told} In the product it is called “{feature}”."
    return told
