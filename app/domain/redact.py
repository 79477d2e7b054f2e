"""Masks secrets in text: nothing that opens a door may stand in an answer, a log, a trace or a prompt.

A secret becomes a stable placeholder: `[password]`, `[jwt]`, or `[api-key…1234]`, which keeps an API key's last four
characters so that people can tell which key is meant; of an e-mail address the domain is kept. Placeholders hold no
spaces, so a masked curl command still splits into the same words. Masking is idempotent and takes time linear in the
text: quantifiers before a possible failure are possessive, and no pattern can start inside a run that another start
has already scanned.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.secret_rules import (
    ADDRESS,
    EMAIL_PLACEHOLDER,
    KIND_OF,
    PLACEHOLDER,
    RULES,
    STAND_IN,
    TOKEN,
    Rule,
    Within,
    placeholder,
)
from app.domain.secret_rules import (
    SecretKind as SecretKind,
)

SIGNATURE = "[signature]"
"""What stands for the signature of a JWT that was disarmed."""

SHORT = 200
"""Of a text up to this length it is looked first whether any rule can match it: most fields of records hold nothing."""

MOST_PASSES = 8
"""What one pass masks may lay open a secret that stood in the same match; then the text is gone over again."""


_CREDENTIAL_RULES = tuple(rule for rule in RULES if rule.kind != "email")

_SIGNS = re.compile("|".join({re.escape(word) for rule in RULES for word in rule.words if word} | {r"\d{4}"}))
"""The words of all rules; a card number, whose rule has none, begins with four digits."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The masked text, and the kinds of secrets masked in it, in alphabetical order."""

    text: str
    kinds: tuple[SecretKind, ...]


def mask_secrets(text: str) -> str:
    """`text` with every secret in it replaced by its placeholder."""
    return mask(text).text


def mask(text: str) -> Masked:
    """`text` with its secrets replaced, and which kinds they were. What is masked already counts again."""
    masked = _masked(text, RULES)
    return Masked(masked, tuple(sorted({KIND_OF[name] for name in PLACEHOLDER.findall(masked)})))


def mask_credentials(text: str) -> str:
    """`text` with every secret replaced but e-mail addresses: for what its own writer reads again."""
    return _masked(text, _CREDENTIAL_RULES)


def disarm(text: str) -> str:
    """As `mask_credentials`, but a JWT loses its signature alone, for which `[signature]` stands: what it says can
    still be read, and nobody can use it. Idempotent.

    One within another secret, such as a cookie, is masked with it.
    """
    taken = set(STAND_IN.findall(text))
    numbers = (number for number in map("{:04d}".format, itertools.count()) if number not in taken)
    disarmed: dict[str, str] = {}

    def stand_in(token: re.Match[str]) -> str:
        number = next(numbers)
        disarmed[number] = f"{token[1]}.{SIGNATURE}" if token[2] else token[0]
        return f"[jwt…{number}]"

    masked = mask_credentials(TOKEN.sub(stand_in, text))
    return STAND_IN.sub(lambda found: disarmed.get(found[1], found[0]), masked)


def put_emails_back(masked: str, known: Iterable[str]) -> str:
    """`masked` with the mail addresses for which placeholders stand, for a reader who may see the texts of `known`.

    A placeholder stays where `known` holds no address of its domain, or several.
    """
    if not EMAIL_PLACEHOLDER.search(masked):
        return masked
    found: dict[str, set[str]] = {}
    for address in (match[0] for text in known for match in ADDRESS.finditer(text)):
        found.setdefault(placeholder("email", address).lower(), set()).add(address)

    def address_of(placeholder: re.Match[str]) -> str:
        addresses = found.get(placeholder[0].lower(), set())
        return next(iter(addresses)) if len(addresses) == 1 else placeholder[0]

    return EMAIL_PLACEHOLDER.sub(address_of, masked)


def _masked(text: str, rules: "tuple[Rule | Within, ...]") -> str:
    for _ in range(MOST_PASSES):
        masked = _mask_once(text, rules)
        if masked == text:
            break
        text = masked
    return text


def _mask_once(text: str, rules: "tuple[Rule | Within, ...]") -> str:
    lowered = text.lower()
    if len(text) <= SHORT and not _SIGNS.search(lowered):
        return text
    for rule in rules:
        if any(word in lowered for word in rule.words):
            text = rule.mask(text)
    return text
