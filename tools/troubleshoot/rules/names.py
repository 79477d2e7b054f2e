"""The rule of names that were not found: misspelt, unknown to the customer's resolver, or lost in the zone itself."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import islice

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.rules.connections import Failure, failure
from tools.troubleshoot.rules.receivers import is_private
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import first_said, shortened

MOST_NAMES = 20
"""Names that are looked at within a line of prose."""

ALIKE, SHORTEST = 0.75, 5
"""Two labels of so many letters at least that share so much of them, in order, are one name misspelt."""

_ZONE_FAILS = re.compile(r"\bSERVFAIL\b|\bDNSSEC\b|lame delegation|(?:expired|broken) zone", re.I)
_ELSEWHERE = re.compile(
    r"(?:works?|resolves?|fine|ok)\b.{0,40}\b(?:from (?:an)?other|from home|from outside|other network|mobile|hotspot"
    r"|8\.8\.8\.8|1\.1\.1\.1|public (?:dns|resolver)|without (?:the )?vpn)|(?:corporate|internal|our) (?:dns"
    r"|resolver)(?! host)",
    re.I,
)
_NAME = re.compile(r"(?<![\w@.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}(?![\w.-])", re.I)


def dns_failure(case: Case) -> Finding | None:
    """The name was not found. It is known where the name itself is seen to be wrong."""
    found = failure(case, "dns_not_found", "dns_temporary")
    if found is None:
        return None
    malformed, answered, named = _malformed(found), _misspelt(found, _answering(case)), _misspelt(found, _named(case))
    wrong = malformed or answered or named
    zone, elsewhere = first_said(case, _ZONE_FAILS), first_said(case, _ELSEWHERE, "person")
    clues = (found.clue, wrong, zone.clue if zone else None, elsewhere.clue if elsewhere else None)
    return Finding(
        _certainty(found, proven=bool(malformed or answered)),
        text(f"The name {shortened(found.host)} is not found" if found.host else "The server's name is not found"),
        tuple(filter(None, clues)),
        values={"target": shortened(found.host or "the server's name")},
        rules_out=frozenset({"connection_timeout", "read_timeout"}),
        side=_side(found, wrong=wrong is not None, zone=zone is not None, elsewhere=elsewhere is not None),
    )


def _certainty(found: Failure, *, proven: bool) -> Certainty:
    if found.source == "person":
        return "possible"
    return "known" if proven else "likely"


def _side(found: Failure, *, wrong: bool, zone: bool, elsewhere: bool) -> Side:
    """EAI_AGAIN is what the caller's own resolver says when it gets no answer; NXDOMAIN alone tells nothing."""
    if wrong:
        return "customer"
    if zone:
        return "external"
    if elsewhere or (found.host is not None and is_private(found.host)):
        return "customer"
    return "customer" if found.reason == "dns_temporary" else "undecided"


def _misspelt(found: Failure, names: Iterable[tuple[str, Place]]) -> Clue | None:
    """That one of the names is nearly the one that was not found."""
    for name, place in names:
        if found.host is not None and _is_slip(found.host, name):
            return Clue(text(f"It asks for {shortened(found.host)}, and {name} is named elsewhere"), place)
    return None


def _is_slip(one: str, other: str) -> bool:
    """Whether the names differ in the letters of one long label: `api2`, `eu` and `us` are names of their own."""
    ours, theirs = one.lower().split("."), other.lower().split(".")
    if len(ours) != len(theirs):
        return False
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(differing) != 1:
        return False
    a, b = differing[0]
    if min(len(a), len(b)) < SHORTEST or abs(len(a) - len(b)) > 1 or not (a + b).isalpha():
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE


def _malformed(found: Failure) -> Clue | None:
    """That what was looked up cannot be a public name."""
    host = found.host or ""
    if re.fullmatch(r"https?|undefined|null|none|nan|.*[_${}<>].*", host, re.I):
        return Clue(text(f'"{host}" is no name of a server'), found.clue.place)
    return None


def _answering(case: Case) -> Iterator[tuple[str, Place]]:
    """The hosts of requests that got an answer."""
    for exchange, place in case.facts(Exchange):
        if exchange.host and exchange.status is not None:
            yield exchange.host, place


def _named(case: Case) -> Iterator[tuple[str, Place]]:
    """The names in the prose."""
    for line, words in case.statement.lines:
        for match in islice(_NAME.finditer(words), MOST_NAMES):
            yield match.group().lower(), Place("", line)
