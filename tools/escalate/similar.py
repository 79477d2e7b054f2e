"""Finds open tickets and escalations of other accounts that tell of the same trouble."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.records import Escalation
from app.domain.redact import mask_secrets
from app.domain.snapshot import EscalationBook, PeerTicket
from app.domain.word_rules import Words
from tools.escalate.endpoints import names_path, read_endpoint, same_endpoint
from tools.escalate.errors import find_statuses
from tools.escalate.parameters import EscalateParameters
from tools.escalate.statement import Statement
from tools.escalate.words import reader_of

SHORTEST_WORD = 3
SAME_WORDS = "same words"
"""How the reason begins where nothing but words is alike."""

_WORD = re.compile(rf"[a-z][a-z0-9'-]{{{SHORTEST_WORD - 1},40}}")


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """A peer's ticket, its subject masked, and why it is similar."""

    ticket: PeerTicket
    subject: str
    because: str


@dataclass(frozen=True, slots=True)
class SimilarEscalation:
    """An open escalation of another account, and why it is similar."""

    escalation: Escalation
    account_name: str
    because: str


def find_similar(
    stated: Statement, peers: tuple[PeerTicket, ...], account_names: tuple[str, ...], parameters: EscalateParameters
) -> tuple[SimilarTicket, ...]:
    """The similar tickets, newest first. `account_names` tell nothing of the trouble and are left out of the words."""
    ours = _telling(stated, account_names, parameters)
    found = []
    for ticket in sorted(peers, key=lambda peer: (peer.opened_at, peer.id), reverse=True):
        because = "; ".join(_alike(ticket.subject, stated, ours, parameters))
        if because:
            found.append(SimilarTicket(ticket, mask_secrets(ticket.subject), because))
    return tuple(found)


def find_similar_escalations(
    stated: Statement, account_id: str, book: EscalationBook, parameters: EscalateParameters
) -> tuple[SimilarEscalation, ...]:
    """The open escalations of other accounts that are similar, newest first."""
    ours = _telling(stated, tuple(account.name for account in book.accounts.values()), parameters)
    found = []
    for other in book.escalations:
        if other.account_id == account_id or other.closed_at is not None:
            continue
        because = "; ".join(_alike_escalation(other, stated, ours, parameters))
        if because:
            found.append(SimilarEscalation(other, book.accounts[other.account_id].name, because))
    return tuple(found)


def _telling(stated: Statement, account_names: tuple[str, ...], parameters: EscalateParameters) -> frozenset[str]:
    """The words of the error and the issue that tell something."""
    ignored = parameters.similar.ignored_words | _words(" ".join(account_names), frozenset())
    return _words(f"{stated.texts.get('error', '')} {stated.summary}", ignored)


def _alike(subject: str, stated: Statement, ours: frozenset[str], parameters: EscalateParameters) -> Iterator[str]:
    if stated.endpoint and names_path(subject, stated.endpoint):
        yield f"same endpoint {stated.endpoint}"
    yield from _same_said(subject, stated, ours, _reads_as_same_kind(subject, stated, parameters), parameters)


def _alike_escalation(
    other: Escalation, stated: Statement, ours: frozenset[str], parameters: EscalateParameters
) -> Iterator[str]:
    """An escalation has its endpoint and its kind on record; its title is read like a ticket's subject."""
    endpoint = read_endpoint(other.endpoint or "")
    on_record = endpoint is not None and stated.endpoint is not None and same_endpoint(endpoint, stated.endpoint)
    if on_record or (stated.endpoint and names_path(other.title, stated.endpoint)):
        yield f"same endpoint {stated.endpoint}"
    same_kind = other.kind == stated.kind and stated.kind in parameters.similar.by_kind
    yield from _same_said(other.title, stated, ours, same_kind, parameters)


def _same_said(
    subject: str, stated: Statement, ours: frozenset[str], same_kind: bool, parameters: EscalateParameters
) -> Iterator[str]:
    """Statuses and telling words that both have; one word is enough where both are of the same kind."""
    named = find_statuses(subject) if stated.statuses else ()
    if statuses := set(stated.statuses).intersection(named):
        yield f"same status {min(statuses)}"
    shared = ours & _words(subject, frozenset())
    if len(shared) >= parameters.similar.shared_words:
        yield f"{SAME_WORDS}: {', '.join(sorted(shared))}"
    elif shared and same_kind:
        yield f"same kind of issue, same word: {', '.join(shared)}"


def _reads_as_same_kind(subject: str, stated: Statement, parameters: EscalateParameters) -> bool:
    """Whether the subject reads as the kind of the issue, for kinds where that tells something."""
    if stated.kind is None or stated.kind not in parameters.similar.by_kind:
        return False
    return reader_of(parameters).find(Words(subject), parameters.kinds[stated.kind].words) is not None


def _words(text: str, ignored: frozenset[str]) -> frozenset[str]:
    """The telling words of a text, in lower case and without a plural s."""
    words = (match.group().removesuffix("s") for match in _WORD.finditer(text.lower()))
    return frozenset(word for word in words if word not in ignored and f"{word}s" not in ignored)
