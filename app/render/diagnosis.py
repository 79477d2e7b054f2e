"""A diagnosis in words, the same for every rendering: where the fault lies, what is known, and each possible cause."""

from collections.abc import Iterator

from app.domain.blocks import Certainty, Clue, Column, Diagnosis, Hypothesis, Side
from app.domain.figures import Text, joined, text

WHERE = "Where the fault lies"
KNOWN = "Known"
ASSUMED = "Assumed, not proven"

CERTAINTIES: dict[Certainty, str] = {"known": "Known", "likely": "Likely", "possible": "Possible"}

SIDES: dict[Side, str] = {
    "customer": "with the customer",
    "product": "in our product",
    "external": "outside (a third party or the network)",
    "undecided": "not yet decidable",
}
SIDES_TOLD: dict[Side, str] = {**SIDES, "customer": "in your setup", "product": "on our side"}
"""The same, where the customer reads it."""

CAUSES = "Causes"
CAUSE_COLUMNS = tuple(
    Column(label=label) for label in ("Cause", "How sure", "Where", "For it", "Against it", "To settle it", "Rule")
)


def side(block: Diagnosis, where: Side | None = None) -> str:
    """The diagnosis's side, or `where`, as its reader is told it."""
    return (SIDES_TOLD if block.audience == "customer" else SIDES)[where or block.side]


def lists(block: Diagnosis) -> Iterator[tuple[str, tuple[Text, ...]]]:
    """What is known and what is assumed, each under its label; what is empty is left out."""
    yield from ((label, said) for label, said in ((KNOWN, block.known), (ASSUMED, block.assumed)) if said)


def headline(block: Diagnosis, cause: Hypothesis) -> Text:
    """A possible cause in a line: "Likely: the token had expired (with the customer)"."""
    return text(f"{CERTAINTIES[cause.certainty]}: ", cause.title, f" ({side(block, cause.side)})")


def reasons(cause: Hypothesis) -> Iterator[Text]:
    """What speaks for a cause and against it, and what would settle it, a line each."""
    yield from (text("For it: ", clue_text(clue)) for clue in cause.evidence)
    yield from (text("Against it: ", clue_text(clue)) for clue in cause.against)
    yield from (text("To settle it: ", each) for each in cause.settles)


def clue_text(clue: Clue) -> Text:
    """A piece of evidence and where it stands: "the token's exp is 14:00 UTC (app.log, line 12)"."""
    return text(clue.text, f" ({clue.where})") if clue.where else clue.text


def cause_row(block: Diagnosis, cause: Hypothesis) -> tuple[Text, ...]:
    """A possible cause as a row of CAUSE_COLUMNS."""
    return (
        cause.title,
        text(CERTAINTIES[cause.certainty].lower()),
        text(side(block, cause.side)),
        joined(map(clue_text, cause.evidence), "; "),
        joined(map(clue_text, cause.against), "; "),
        joined(cause.settles, "; "),
        text(cause.rule),
    )
