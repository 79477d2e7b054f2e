"""Finds open tickets of other accounts that tell of the same trouble."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.redact import mask_secrets
from app.domain.snapshot import PeerTicket
from tools.escalate.endpoints import Endpoint
from tools.escalate.errors import find_statuses
from tools.escalate.parameters import EscalateParameters
from tools.escalate.statement import Statement
from tools.escalate.words import Words, reader_of

SHORTEST_WORD = 3
_WORD = re.compile(rf"[a-z][a-z0-9'-]{{{SHORTEST_WORD - 1},40}}")


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """A peer's ticket, its subject masked, and why it is similar."""

    ticket: PeerTicket
    subject: str
    because: str


def find_similar(
    stated: Statement, peers: tuple[PeerTicket, ...], account_names: tuple[str, ...], parameters: EscalateParameters
) -> tuple[SimilarTicket, ...]:
    """The similar tickets, newest first. `account_names` tell nothing of the trouble and are left out of the words."""
    ignored = parameters.similar.ignored_words | _words(" ".join(account_names), frozenset())
    ours = _words(f"{stated.texts.get('error', '')} {stated.summary}", ignored)
    found = []
    for ticket in sorted(peers, key=lambda peer: (peer.opened_at, peer.id), reverse=True):
        because = "; ".join(_alike(ticket, stated, ours, parameters))
        if because:
            found.append(SimilarTicket(ticket, mask_secrets(ticket.subject), because))
    return tuple(found)


def _alike(
    ticket: PeerTicket, stated: Statement, ours: frozenset[str], parameters: EscalateParameters
) -> Iterator[str]:
    if _names(ticket.subject, stated.endpoint):
        yield f"same endpoint {stated.endpoint}"
    named = find_statuses(ticket.subject) if stated.statuses else ()
    if statuses := set(stated.statuses).intersection(named):
        yield f"same status {min(statuses)}"
    shared = ours & _words(ticket.subject, frozenset())
    if len(shared) >= parameters.similar.shared_words:
        yield f"same words: {', '.join(sorted(shared))}"
    elif shared and _same_kind(ticket.subject, stated, parameters):
        yield f"same kind of issue, same word: {', '.join(shared)}"


def _same_kind(subject: str, stated: Statement, parameters: EscalateParameters) -> bool:
    """Whether the subject reads as the kind of the issue, for kinds where that tells something."""
    if stated.kind is None or stated.kind not in parameters.similar.by_kind:
        return False
    return reader_of(parameters).find(Words(subject), parameters.kinds[stated.kind].words) is not None


def _names(subject: str, endpoint: Endpoint | None) -> bool:
    """Whether the subject names the endpoint's path, and not only the start of a longer one."""
    path = endpoint.path.rstrip("/").lower() if endpoint else ""
    return bool(path) and re.search(rf"(?<![\w-]){re.escape(path)}(?![\w-]|/\w)", subject.lower()) is not None


def _words(text: str, ignored: frozenset[str]) -> frozenset[str]:
    """The telling words of a text, in lower case and without a plural s."""
    words = (match.group().removesuffix("s") for match in _WORD.finditer(text.lower()))
    return frozenset(word for word in words if word not in ignored and f"{word}s" not in ignored)
