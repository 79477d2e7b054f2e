"""The sentences of what a customer wrote, without quoted mails, our replies, signatures and code."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_FORWARDED = re.compile(
    r"^(?:-{2,} ?(?:original|forwarded) message|from:\s|sent:\s|on .{4,120} wrote:\s*$|_{10,}\s*$)", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"^(?:--\s*$|(?:kind|best|warm) regards\b|regards,?\s*$|cheers,?\s*$|sincerely\b|sent from my )", re.IGNORECASE
)
_LABEL = re.compile(r"^\W{0,3}(?P<label>[A-Za-z][A-Za-z ]{1,30}?)\s*(?:\([^)]{0,60}\)\s*)?:(?=\s|$)")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])|;\s+|(?<=[!?])\s+")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^,.!?]{0,40}[,!]\s*", re.IGNORECASE
)

LEAST_LETTERS = 0.5
"""A line with fewer letters among its characters is code, a log or a table."""


def sentences_of(text: str, our_labels: tuple[str, ...]) -> Iterator[str]:
    """The customer's own sentences, each on one line as it was written.

    What follows the head of a quoted mail or a signature is left out, and so is what stands after a label of ours
    ("Agent:") up to the next label or blank line.
    """
    for paragraph in _paragraphs(text, our_labels):
        for sentence in _END.split(paragraph):
            words = _GREETING.sub("", " ".join(sentence.split())).strip(" *_")
            if words and _is_prose(words):
                yield words


def _paragraphs(text: str, our_labels: tuple[str, ...]) -> Iterator[str]:
    """Lines that belong together: an item of a list, or lines without a blank one between them."""
    held: list[str] = []
    ours = False
    for line in _FENCE.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
        stripped = line.strip()
        if _FORWARDED.match(stripped) or _SIGNATURE.match(stripped):
            break
        label = _LABEL.match(stripped)
        if label:
            ours = label["label"].strip().lower() in our_labels
        elif not stripped:
            ours = False
        new = not stripped or label is not None or _BULLET.match(line) is not None
        if new and held:
            yield " ".join(held)
            held = []
        if stripped and not ours and not stripped.startswith(">"):
            held.append(_BULLET.sub("", line).strip())
    if held:
        yield " ".join(held)


def _is_prose(words: str) -> bool:
    letters = sum(character.isalpha() for character in words)
    return letters >= LEAST_LETTERS * len(words)
