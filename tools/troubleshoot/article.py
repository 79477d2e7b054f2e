"""A draft of an article from a solved case: the rule's own texts, and the fix as it was told, without the customer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Draft, DraftField
from app.domain.figures import text
from app.domain.snapshot import AccountSnapshot
from tools.troubleshoot.parameters import RuleTexts, TroubleshootParameters
from tools.troubleshoot.wording import one_line

LONGEST_FIX = 1_000
LEAST_NAME = 3
"""A shorter name is no name that could be told from a word."""

_PLACE = re.compile(r"\{[a-z][a-z0-9_]{0,40}\}")
_URL = re.compile(r"https?://[^\s\"'<>()]{1,500}", re.IGNORECASE)
_MAIL = re.compile(r"\[email…@[A-Za-z0-9.-]{1,255}\]")
_HOST = re.compile(
    r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|io|dev|app|cloud|local|internal|co|eu|de|uk)\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_NUMBERED = re.compile(
    r"(?<![\w-])(?!AADSTS\d)(?=(?:[A-Za-z_-]{0,40}\d){3})(?=[\w-]{8,80}(?![\w-]))[A-Za-z0-9][\w-]{7,79}"
)
"""Ids: eight characters or more with three digits among them; not an error's code of Entra ID."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft, and the document that it is to become."""

    document: str
    block: Draft


def article(snapshot: AccountSnapshot, rules: tuple[str, ...], fix: str, parameters: TroubleshootParameters) -> Drafted:
    """The article on the first of these rules."""
    rule = rules[0]
    texts = parameters.rules[rule]
    document = f"solved-{rule.replace('_', '-')}"
    body = "\n".join(_lines(document, texts, without_customer(fix, snapshot)))
    block = Draft(
        title=text(f"Article for review: {texts.title}"),
        audience="internal",
        fields=(
            DraftField(label="Text", text=text(body), verbatim=True),
            DraftField(
                label="Into the knowledge base",
                text=text(
                    f"Read it for what is a customer's, save it as knowledge/{document}.md, then run: cse kb sync"
                ),
            ),
        ),
    )
    return Drafted(document, block)


def without_customer(said: str, snapshot: AccountSnapshot) -> str:
    """A text without the customer's names, people, addresses and ids, as far as these can be told."""
    said = _MAIL.sub("[a mail address]", said)
    said = _URL.sub("[an address]", said)
    for name in _names(snapshot):
        said = _without(said, name, "the customer")
    for name in (*(ticket.id for ticket in snapshot.tickets), *(each.id for each in snapshot.escalations)):
        said = _without(said, name, "[an id]")
    for pattern, instead in ((_HOST, "[a host]"), (_ADDRESS, "[an IP address]"), (_NUMBERED, "[an id]")):
        said = pattern.sub(instead, said)
    return said


def _without(said: str, name: str, instead: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, said, flags=re.IGNORECASE)


def _names(snapshot: AccountSnapshot) -> list[str]:
    """Names and ids of the account and of its people, the longest first; of a person each part too."""
    account = snapshot.account
    names = [account.name, account.id, *account.aliases]
    for contact in snapshot.contacts:
        names += [contact.id, contact.name or "", *(contact.name or "").split()]
    return sorted({name for name in names if len(name) >= LEAST_NAME}, key=lambda name: (-len(name), name))


def _lines(document: str, texts: RuleTexts, fix: str) -> Iterator[str]:
    yield f"---\nid: {document}\ntitle: {_header(texts.title)}\naudience: internal\ncategory: {texts.family}\n---\n"
    yield f"{_general(texts.means)}\n"
    yield "## How to tell\n"
    yield from (f"- {_general(each)}" for each in texts.settles)
    yield "\n## What solved it\n"
    yield f"- {one_line(fix, LONGEST_FIX)}"
    yield "\n## What to do at once\n"
    yield from (f"{place}. {_general(each)}" for place, each in enumerate(texts.now, 1))
    if texts.prevent:
        yield "\n## What keeps it from coming back\n"
        yield from (f"- {_general(each)}" for each in texts.prevent)
    if texts.check:
        yield f"\n## What to check after a day\n\n- {_general(texts.check)}"


def _general(template: str) -> str:
    """One of our sentences with what differs from case to case left open."""
    return _PLACE.sub("[…]", template)


def _header(title: str) -> str:
    """A title as it stands in front matter: a colon would part it."""
    return one_line(title).replace(": ", " – ")
