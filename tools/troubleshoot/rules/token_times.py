"""Rules of a token's times (RFC 7519 §4.1.4 to 4.1.6): expired, not yet valid, or judged by a clock that is wrong."""

import datetime as dt
import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import Token
from tools.troubleshoot.rules.instants import Clocked, call_time, span, stated_time, told
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, Sent, is_refused, sent, words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote

EXPIRED = re.compile(
    r"\b(?:token|jwt)\b[^.\n]{0,25}\bexpired\b|\bexpired[ _-]?(?:access[ _-]?)?(?:token|jwt)\b"
    r"|\btoken[ _-]?expired\b|ExpiredSignatureError|TokenExpiredError|ExpiredJwtException|\bjwt expired\b|\bIDX10223\b"
    r"|signature has expired|\"exp\" claim timestamp check failed",
    re.I,
)
_OTHER_EXPIRY = re.compile(
    r"refresh|certificate|saml|assertion|authorization code|scim|provisioning|client secret|\bcursor\b|page token", re.I
)
EARLY = re.compile(
    r"\b(?:token|jwt)\b[^.\n]{0,25}\b(?:not yet valid|not active|used before|issued in the future)"
    r"|\btoken used before\b"
    r"|ImmatureSignatureError|NotBeforeError|PrematureJwtException|\bjwt not active\b|\bIDX10222\b|\bnbf\b[^.\n]{0,30}"
    r"(?:future|not|fail)|\biat\b[^.\n]{0,30}(?:future|fail)|\"(?:nbf|iat)\" claim timestamp check failed",
    re.I,
)
_OTHER_REASON = re.compile(
    r"\baudience\b|\bissuer\b|\brevoked\b|invalid signature|signature (?:is |was )?invalid|allow-?list|malformed", re.I
)
"""An answer that names one of these was not given for the token's age, whatever its age was."""

_OUTRULED = frozenset({"key_invalid", "token_scope"})


def token_expired(case: Case) -> Finding | None:
    """A token's exp lay before the call that was refused. What is compared with today's clock alone is possible."""
    said = words(case, EXPIRED, _OTHER_EXPIRY)
    candidates = list(sent(case, UNAUTHORIZED)) or list(sent(case, FORBIDDEN) if said else ())
    for each in candidates:
        found = _expired_at_call(case, each, said)
        if found is not None:
            return found
    if said is not None:
        return _expired_by_words(said, candidates)
    return next(_expired_by_now(case, candidates), None)


def token_not_yet_valid(case: Case) -> Finding | None:
    """A token's nbf or iat lay after the call that was refused."""
    said = words(case, EARLY)
    for each in sent(case, UNAUTHORIZED):
        found = _early_at_call(case, each, said) or _in_milliseconds(each, said)
        if found is not None:
            return found
    if said is None:
        return None
    certainty: Certainty = "possible" if said.source == "person" else "likely"
    return Finding(certainty, text("The token is refused as not yet valid"), (said.clue,), rank=3, rules_out=_OUTRULED)


def _expired_at_call(case: Case, each: Sent, said: Quote | None) -> Finding | None:
    expires, at = each.token.expires_at, _when(case, each)
    if expires is None:
        return None
    if at is None:
        own = said is not None and said.source == "answer" and expires <= case.now
        if not own or said is None:
            return None
        clues = (_exp_clue(expires, each.place), said.clue)
        return _expired("known" if each.tied else "likely", clues, told(expires))
    if expires > at.moment:
        return None
    late = (at.moment - expires).total_seconds()
    figure = case.figure("token_late", "Time from expiry to the call", span(late), "text", "call − exp", each.place)
    then = Clue(text(f"The call came at {at}: ", figure, " later"), _call_place(each), (figure,))
    clues = (_exp_clue(expires, each.place), then, *((said.clue,) if said else ()))
    return _expired(_certainty(case, each, at, said), clues, told(expires))


def _certainty(case: Case, each: Sent, at: Clocked, said: Quote | None) -> Certainty:
    own_words = said is not None and said.source == "answer"
    if at.clock == "as the message says":
        return "likely" if own_words else "possible"
    if said is None and words(case, _OTHER_REASON) is not None:
        return "possible"
    return "known" if each.tied or own_words else "likely"


def _expired(certainty: Certainty, clues: tuple[Clue, ...], expires: str, against: tuple[Clue, ...] = ()) -> Finding:
    return Finding(
        certainty,
        text("The token had expired when the call was made"),
        clues,
        against,
        values={"exp": expires},
        rank=4,
        rules_out=_OUTRULED,
    )


def _expired_by_words(said: Quote, candidates: list[Sent]) -> Finding:
    """The words alone; a token that was valid at the time of its call speaks against them."""
    valid = [each for each in candidates if each.tied and each.answer and _valid_at_call(each)]
    against = tuple(
        Clue(text(f"The token of the call was valid: exp is {told(each.token.expires_at)}"), each.place)
        for each in valid[:1]
        if each.token.expires_at
    )
    certainty: Certainty = "possible" if against or said.source == "person" else "likely"
    return _expired(certainty, (said.clue,), "a time before the call", against)


def _valid_at_call(each: Sent) -> bool:
    at = call_time(each.answer.exchange) if each.answer else None
    return at is not None and each.token.expires_at is not None and each.token.expires_at > at.moment


def _expired_by_now(case: Case, candidates: list[Sent]) -> Iterator[Finding]:
    """Expired by now, and nobody says when the call was made: the token may have been valid then."""
    if not is_refused(case, UNAUTHORIZED):
        return
    for each in candidates:
        expires = each.token.expires_at
        if expires and expires <= case.now and _when(case, each) is None:
            against = Clue(text("When the call was made is not told: the token may have been valid then"))
            yield _expired("possible", (_exp_clue(expires, each.place),), told(expires), (against,))


def _early_at_call(case: Case, each: Sent, said: Quote | None) -> Finding | None:
    start, at = begins(each.token), _when(case, each)
    if start is None or at is None:
        return None
    name, moment = start
    ahead = (moment - at.moment).total_seconds()
    if ahead <= (0 if said else case.parameters.clocks.skew):
        return None
    figure = case.figure(
        "token_ahead", f"Time from the call to {name}", span(ahead), "text", f"{name} − call", each.place
    )
    clues = (
        Clue(text(f"The token holds from {told(moment)} ({name})"), each.place),
        Clue(text(f"The call came at {at}: ", figure, " before"), _call_place(each), (figure,)),
        *((said.clue,) if said else ()),
    )
    certainty = _certainty(case, each, at, said)
    by_a_clock = ahead <= case.parameters.clocks.drift
    return _early("likely" if by_a_clock and certainty == "known" else certainty, clues)


def _in_milliseconds(each: Sent, said: Quote | None) -> Finding | None:
    odd = next((remark for remark in each.token.remarks if remark.startswith(("nbf is in", "iat is in"))), None)
    if odd is None:
        return None
    clue = Clue(text(f"In the token, {odd}: it lies tens of thousands of years ahead"), each.place)
    return _early("likely", (clue, *((said.clue,) if said else ())))


def _early(certainty: Certainty, clues: tuple[Clue, ...]) -> Finding:
    title = text("The token was not yet valid when the call was made")
    return Finding(certainty, title, clues, rank=4, rules_out=_OUTRULED)


def begins(token: Token) -> tuple[str, dt.datetime] | None:
    """The later of nbf and iat, with its name."""
    times = [(name, at) for name, at in (("nbf", token.not_before), ("iat", token.issued_at)) if at]
    return max(times, key=lambda each: each[1]) if times else None


def _when(case: Case, each: Sent) -> Clocked | None:
    """The time of the call: as it is recorded, else as the person states it."""
    return (call_time(each.answer.exchange) if each.answer else None) or stated_time(case)


def _call_place(each: Sent) -> Place | None:
    return each.answer.place if each.answer else None


def _exp_clue(expires: dt.datetime, place: Place) -> Clue:
    return Clue(text(f"The token ended at {told(expires)} (exp)"), place)
