"""The rule of what a token allows: a call that was refused for a scope, a permission or a role."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.identity import OAuthError
from tools.troubleshoot.rules.answers import answers
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, Sent, is_refused, sent, words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote
from tools.troubleshoot.rules.scopes import lacking, named_scopes

_WORDS = re.compile(
    r"\binsufficient[ _-]?(?:scopes?|permissions?|privileges?|rights)\b"
    r"|\bmissing[ _-]?(?:required )?(?:scopes?|permissions?|roles?)\b"
    r"|\b(?:requires?|required|needs?|lacks?)\b[^.\n]{0,40}\b(?:scopes?|permissions?|roles?|privileges?)\b"
    r"|\b(?:scopes?|permissions?|roles?)\b[^.\n]{0,60}\b(?:is |are )?(?:required|missing|not granted|not sufficient"
    r"|needed)\b"
    r"|\bnot have\b[^.\n]{0,30}\b(?:scope|permission|role)s?\b|ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    r"|not accessible by integration",
    re.I,
)
_READS = re.compile(
    r"(?:^|[:._-])(?:read|view|list|get)(?:er|only|-only)?(?:$|[:._-])|^(?:openid|profile|email|offline_access)$", re.I
)
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def token_scope(case: Case) -> Finding | None:
    """The call was refused for a scope, permission or role that its token lacks."""
    said = words(case, _WORDS)
    error = next((each for each, _ in case.facts(OAuthError) if each.error == "insufficient_scope"), None)
    if said is None and error is None:
        return _by_method(case)
    if said is not None and said.source != "answer" and not is_refused(case, FORBIDDEN, UNAUTHORIZED):
        return None
    needed = (error.scope if error else "") or " ".join(named_scopes(said.line if said else ""))
    holder = next((each for each in sent(case, FORBIDDEN, UNAUTHORIZED) if each.token.scopes), None)
    lacks = lacking(needed, holder.token.scopes) if holder else ()
    against = _has_it(holder, needed) if holder and needed and not lacks else ()
    clues = (said.clue if said else Clue(text("The answer's error is insufficient_scope")), *_lacks(holder, lacks))
    return Finding(
        _certainty(said, proven=bool(lacks) and holder is not None and holder.tied, doubted=bool(against)),
        text(f"The token lacks what the call needs{f': {needed}' if needed else ''}"),
        clues,
        against,
        values={"scope": needed or "the scope that the answer names"},
        rank=4,
        rules_out=frozenset({"key_invalid", "ip_not_allowed"}),
    )


def _certainty(said: Quote | None, *, proven: bool, doubted: bool) -> Certainty:
    if doubted or (said is not None and said.source == "person"):
        return "possible"
    return "known" if proven and (said is None or said.source == "answer") else "likely"


def _lacks(holder: Sent | None, lacks: tuple[str, ...]) -> tuple[Clue, ...]:
    if holder is None or not lacks:
        return ()
    granted = ", ".join(holder.token.scopes[:5])
    return (Clue(text(f"The token's scopes are {granted}: {', '.join(lacks)} is not among them"), holder.place),)


def _has_it(holder: Sent, needed: str) -> tuple[Clue, ...]:
    return (Clue(text(f"The token that was pasted has {needed}: the call may have sent another one"), holder.place),)


def _by_method(case: Case) -> Finding | None:
    """Only a call that changes something is refused, and the token has scopes for reading alone."""
    reads = any(each.exchange.method == "GET" and (each.status or 999) < 300 for each in answers(case))
    for each in sent(case, FORBIDDEN):
        scopes, method = each.token.scopes, each.answer.exchange.method if each.answer else None
        if method not in _CHANGING or not scopes or not all(map(_READS.search, scopes)):
            continue
        refused = f"{method} is refused, and the token's scopes are for reading alone: {', '.join(scopes[:5])}"
        works = (Clue(text("A GET is answered")),) if reads else ()
        certainty: Certainty = "likely" if reads else "possible"
        title = text("The token lacks a scope for changes")
        clues = (Clue(text(refused), each.place), *works)
        return Finding(certainty, title, clues, values={"scope": "the scope for changes"}, rank=2)
    return None
