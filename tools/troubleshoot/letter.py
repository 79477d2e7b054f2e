"""The answer to the customer as a draft: what it does to them first, what is known, the next step, one question last.

It is made of our own sentences and of what a customer may read: no internal word, no other customer, no promise of a
time or a fix, no figure of ours.
"""

import re
from collections.abc import Iterator

from app.domain.blocks import Draft, DraftField, Side
from app.domain.figures import text
from app.domain.redact import SecretKind
from tools.troubleshoot import steps
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.impact import own_words
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.parameters import Person
from tools.troubleshoot.support import own_id
from tools.troubleshoot.wording import capital, filled, listing, one_line, sentences

BREAK = "\n\n"
LONGEST_QUOTE = 240
MOST_STEPS = 5
MOST_CAUSES = 3

_MONEY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP|CHF|JPY|dollars?|euros?|pounds?)\b", re.IGNORECASE)
"""A sum in a letter would read as one of ours."""

_NOT_TOLD_BACK = re.compile(rf"{_MONEY.pattern}|\b(?:they|their|them)\b", re.IGNORECASE)
"""What a colleague wrote about the customer is no word of theirs."""

SECRETS: frozenset[SecretKind] = frozenset({"api key", "basic credentials", "password", "private key"})
"""What holds until it is replaced, so that a message with it is not where it may stay."""

NEXT = {
    "customer": "Once that is done, we look together whether the failures have stopped.",
    "product": "I go through this with our engineers now, with all that you sent us.",
    "external": "I put together what shows it, so that you can take it to them.",
    "undecided": "With that I can tell where it fails.",
}


def letter(inquiry: Inquiry) -> Draft:
    """The draft to the customer."""
    name = _reader(inquiry)
    greeting = f"Hello {name.split()[0]}," if name else "Hello,"
    parts = (greeting, _impact(inquiry), *_finding(inquiry), _secrets(inquiry), _question(inquiry), "Kind regards")
    return Draft(
        title=text("Answer to the customer"),
        audience="customer",
        account_id=inquiry.account_id,
        fields=(
            DraftField(label="To", text=text(name or "whoever reported it")),
            DraftField(label="Subject", text=text(_subject(inquiry))),
            DraftField(label="Text", text=text(BREAK.join(part for part in parts if part))),
        ),
    )


def _subject(inquiry: Inquiry) -> str:
    texts = inquiry.parameters.letter
    return texts.subject if inquiry.decided else texts.subject_open


def _reader(inquiry: Inquiry) -> str | None:
    """Who reported it, where the ticket says so; else who does what is to be done."""
    ticket = inquiry.opened.ticket
    if ticket is not None and ticket.contact_id:
        reporter = next((each for each in inquiry.contacts if each.id == ticket.contact_id), None)
        if reporter is not None and reporter.name:
            return reporter.name
    part: Person = steps.DEVELOPER
    if inquiry.top is not None and inquiry.texts(inquiry.top).involve:
        part = inquiry.texts(inquiry.top).involve[0]
    person = inquiry.person(part)
    return person.name if person else None


def _impact(inquiry: Inquiry) -> str:
    """What it does to the customer's business: in their words, else by what fails. A sum is not repeated."""
    texts, top = inquiry.parameters.letter, inquiry.top
    said = inquiry.handover.stated.texts.get("business_impact") or inquiry.case.statement.impact
    quoted = own_words(inquiry.case.statement) or said
    if quoted and not _NOT_TOLD_BACK.search(quoted):
        told = one_line(quoted, LONGEST_QUOTE).rstrip(".!:;, ")
        return f"You write: “{told}”. I understand what that means for you, and I am on it."
    does = texts.impact.get(inquiry.texts(top).family, texts.unknown_impact) if top else texts.unknown_impact
    costs = ", and you told us what that costs you" if _MONEY.search(said) else ""
    return f"I understand what this means for you: {does}{costs}."


def _finding(inquiry: Inquiry) -> Iterator[str]:
    decided = inquiry.decided
    if decided is None:
        yield _possible(inquiry)
        return
    yield _what_is_so(inquiry, decided)
    yield _steps(inquiry, decided)
    yield NEXT[_side(inquiry, decided)]
    yield _prevention(inquiry, decided)
    yield _article(inquiry, decided)


def _side(inquiry: Inquiry, decided: Found) -> Side:
    """Whose turn it is: ours, too, where engineering is to look whether the fault is ours."""
    side = inquiry.diagnosed.side if inquiry.diagnosed.side != "undecided" else decided.side
    return "product" if side == "undecided" and inquiry.handover.meets else side


def _what_is_so(inquiry: Inquiry, decided: Found) -> str:
    """A known cause as a fact; a likely one as what it is."""
    means = _means(inquiry, decided)
    if decided.finding.certainty == "known":
        return f"What we found: {means}"
    return f"Our first finding, which is not proven yet: {means}"


def _steps(inquiry: Inquiry, decided: Found) -> str:
    """What the customer can do now; where the fault is ours, what helps them until it is mended."""
    if steps.owner_of(inquiry, decided) == steps.US:
        return inquiry.parameters.letter.meanwhile.get(inquiry.texts(decided).family, "")
    told = sentences(inquiry.texts(decided).now, decided)
    if inquiry.texts(decided).family == steps.FAMILY_OF_SIGN_IN:
        told = [inquiry.parameters.sign_in.break_glass, *told]
    return _list("What you can do now:", told[:MOST_STEPS])


def _prevention(inquiry: Inquiry, decided: Found) -> str:
    """What keeps it from coming back, where the cause is known and that is theirs to do."""
    if decided.finding.certainty != "known" or steps.owner_of(inquiry, decided) == steps.US:
        return ""
    told = sentences(inquiry.texts(decided).prevent, decided)[:1]
    return f"So that it does not come back: {told[0]}" if told else ""


def _secrets(inquiry: Inquiry) -> str:
    """That a key which came in full is to be replaced."""
    kinds = masked(inquiry) & SECRETS
    if not kinds:
        return ""
    told = listing(sorted(spelt(each) for each in kinds))
    return f"One more thing: what you sent shows a secret in full ({told}). We masked it; please have it replaced."


def masked(inquiry: Inquiry) -> set[SecretKind]:
    """The kinds of secrets that were masked in what was sent."""
    return {kind for each in inquiry.case.artifacts for kind in each.masked}


def spelt(kind: SecretKind) -> str:
    return {"api key": "API key", "jwt": "JWT"}.get(kind, kind)


def _article(inquiry: Inquiry, decided: Found) -> str:
    """The article for customers on the cause."""
    document = inquiry.texts(decided).article
    told = (each for each in inquiry.support.articles if own_id(each) == document and each.audience == "customer")
    return next((f"Our article “{each.title}” tells more about it." for each in told), "")


def _possible(inquiry: Inquiry) -> str:
    """Possible causes by name, and that nobody can tell yet."""
    causes = inquiry.diagnosed.causes[:MOST_CAUSES]
    if not causes:
        return "From what we have so far the cause cannot be told yet, and I do not want to guess."
    told = [_means(inquiry, each) for each in causes]
    if len(told) == 1:
        return f"What you sent fits one cause, and does not prove it yet: {told[0]}"
    return _list("What you sent does not prove a cause yet. It would fit each of these:", told)


def _means(inquiry: Inquiry, found: Found) -> str:
    return filled(inquiry.texts(found).means, found.finding.values) or f"{inquiry.texts(found).title}."


def _question(inquiry: Inquiry) -> str:
    """The one question, answered in one reply: what is missing, and what would prove a cause."""
    asks = [inquiry.parameters.questions[key].ask for key in inquiry.missing]
    proof = _proof(inquiry)
    if len(asks) + len(proof) < 2:
        return asks[0] if asks else _list("Could you send us this, so that we know for sure?", proof)
    numbered = "\n".join(f"{place}. {each}" for place, each in enumerate((*asks, *proof), 1))
    return f"So that we get on, could you {'send us' if proof else 'answer'} these in one reply?\n{numbered}"


def _proof(inquiry: Inquiry) -> list[str]:
    """What would prove the cause, or tell the possible ones apart, of what the customer can look at."""
    if inquiry.diagnosed.is_known:
        return []
    causes = [inquiry.decided] if inquiry.decided else inquiry.diagnosed.causes[:MOST_CAUSES]
    theirs = [each for each in causes if steps.owner_of(inquiry, each) != steps.US]
    told = [line for each in theirs for line in sentences(inquiry.texts(each).settles, each)[:1]]
    return [capital(each) for each in dict.fromkeys(told)]


def _list(head: str, lines: list[str]) -> str:
    return "\n".join((head, *(f"– {line}" for line in lines))) if lines else ""
