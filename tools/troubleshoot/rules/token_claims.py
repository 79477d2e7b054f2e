"""Rules of what a token says: for whom it is (aud), and by whom (iss)."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.identity import OAuthError, SsoMessage, Token
from tools.troubleshoot.rules.receivers import host_of
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, Sent, is_refused, sent, words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote

Claim = Literal["aud", "iss"]

AUDIENCE = re.compile(
    r"\b(?:invalid|wrong|unexpected|incorrect|bad)\b[^.\n]{0,20}\baudience\b|\baudience\b[^.\n]{0,60}(?:invalid"
    r"|mismatch"
    r"|not (?:valid|match|allowed|accepted)|n't match|wrong|unexpected|validation failed)|InvalidAudienceError"
    r"|\bIDX10214\b"
    r"|unexpected \"aud\" claim|\baud\b[^.\n]{0,30}(?:claim|value)[^.\n]{0,30}(?:fail|invalid|mismatch|not match"
    r"|unexpected)",
    re.I,
)
ISSUER = re.compile(
    r"\b(?:invalid|wrong|unexpected|unknown|untrusted|incorrect)\b[^.\n]{0,20}\bissuer\b"
    r"|\bissuer\b[^.\n]{0,60}(?:invalid"
    r"|mismatch|not (?:valid|match|trusted|recogni[sz]ed|allowed)|n't match|unknown|wrong|unexpected|validation failed)"
    r"|issued by a different provider|InvalidIssuerError|\bIDX10205\b|unexpected \"iss\" claim"
    r"|\biss\b[^.\n]{0,30}(?:claim|value)[^.\n]{0,30}"
    r"(?:fail|invalid|mismatch|not match|unexpected)",
    re.I,
)
_OF_CERTIFICATES = re.compile(r"certificate|\bssl\b|\btls\b|x509|pkix|saml|assertion", re.I)
_EXPECTED = re.compile(
    r"\b(?:expect(?:ed|s)?|should be|must be|required|want(?:ed)?)\b(?: (?:audience|issuer|value|one of|aud|iss))?"
    r"(?: is| to be| was)?[:=]?\s?[\[\"'`(]{0,2}([^\s\"'\]`,;)]{3,300})",
    re.I,
)
_TESTING = re.compile(r"(?:^|[.\-_/])(?:staging|stage|sandbox|test|dev|uat|qa|preprod|demo)(?=[.\-_/]|$)", re.I)
_WORDS = {"aud": AUDIENCE, "iss": ISSUER}
_NAMES = {"aud": "audience", "iss": "issuer"}


def token_audience(case: Case) -> Finding | None:
    """The token is for somebody else than the API that refused it."""
    return _claim(case, "aud")


def token_issuer(case: Case) -> Finding | None:
    """The token comes from somebody else than the API trusts: another environment, tenant, or address."""
    return _claim(case, "iss") or _issuer_at_sign_in(case)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A token's claim beside what is expected of it."""

    sent: Sent
    got: tuple[str, ...]
    expected: str


def _claim(case: Case, claim: Claim) -> Finding | None:
    said = words(case, _WORDS[claim], _OF_CERTIFICATES)
    expected = _expected(case, claim, said)
    tokens = [each for each in sent(case, UNAUTHORIZED, FORBIDDEN) if _values(each.token, claim)]
    compared = [_Compared(each, _values(each.token, claim), expected) for each in tokens] if expected else []
    wrong = next((each for each in compared if each.expected not in each.got), None)
    if wrong is not None and (said is not None or is_refused(case, UNAUTHORIZED)):
        return _mismatch(claim, wrong, said)
    if said is not None:
        return _by_words(claim, said, compared, tokens)
    return _by_environment(case, claim)


def _mismatch(claim: Claim, wrong: _Compared, said: Quote | None) -> Finding:
    got = _listed(wrong.got)
    clue = Clue(
        text(f"The token's {claim} is {got}; expected is {wrong.expected}{_difference(wrong)}"), wrong.sent.place
    )
    by_program = said is not None and said.source != "person"
    certainty: Certainty = "known" if by_program and (wrong.sent.tied or wrong.sent.answer is None) else "likely"
    return _finding(claim, certainty, (clue, *((said.clue,) if said else ())), got, wrong.expected)


def _by_words(claim: Claim, said: Quote, compared: list[_Compared], tokens: list[Sent]) -> Finding:
    """The words alone. A token that has what is expected speaks against them: the call may have sent another."""
    against = tuple(
        Clue(text(f"The token that was pasted has the expected {claim}, {each.expected}"), each.sent.place)
        for each in compared[:1]
    )
    clues = [said.clue]
    if tokens and not against:
        clues.append(Clue(text(f"The token's {claim} is {_listed(_values(tokens[0].token, claim))}"), tokens[0].place))
    certainty: Certainty = "possible" if against or said.source == "person" else "likely"
    got = _listed(_values(tokens[0].token, claim)) if tokens else "another one"
    return _finding(claim, certainty, tuple(clues), got, "the one that the API expects", against)


def _by_environment(case: Case, claim: Claim) -> Finding | None:
    """A token of a testing environment at a host that is none, or the other way; only an address tells that."""
    if not is_refused(case, UNAUTHORIZED):
        return None
    for each in sent(case, UNAUTHORIZED):
        host = host_of(each.answer.exchange) if each.answer else None
        got = [value for value in _values(each.token, claim) if _host(value)]
        if not host or not got or any(bool(_TESTING.search(value)) == bool(_TESTING.search(host)) for value in got):
            continue
        clue = Clue(
            text(f"The token's {claim} is {_listed(tuple(got))}, the call went to {host}: two environments"), each.place
        )
        certainty: Certainty = "likely" if each.tied else "possible"
        return _finding(claim, certainty, (clue,), got[0], f"that of {host}")
    return None


def _issuer_at_sign_in(case: Case) -> Finding | None:
    found = next(((each, place) for each, place in case.facts(SsoMessage) if each.reason == "issuer"), None)
    if found is None:
        return None
    message, place = found
    clue = Clue(text(f'The sign-in log says: "{message.text[:160]}"'), place)
    return _finding("iss", "likely", (clue,), message.got or "another one", message.expected or "the configured one")


def _finding(
    claim: Claim, certainty: Certainty, clues: tuple[Clue, ...], got: str, expected: str, against: tuple[Clue, ...] = ()
) -> Finding:
    return Finding(
        certainty,
        text(f"The token's {_NAMES[claim]} is not the one that is expected"),
        clues,
        against,
        values={"got": got, "expected": expected},
        rank=4,
        rules_out=frozenset({"key_invalid"}),
    )


def _expected(case: Case, claim: Claim, said: Quote | None) -> str:
    """What is expected, by the answer's words, else by a person's."""
    lines = [said.saying.text[:2_000]] if said else []
    lines += [line for _, line in case.statement.lines if re.search(rf"\b{_NAMES[claim]}\b|\b{claim}\b", line, re.I)]
    for line in lines:
        match = _EXPECTED.search(line)
        if match and re.search(r"[:/._\d-]", match[1]):
            return match[1].rstrip(".")
    error = next((each for each, _ in case.facts(OAuthError) if claim == "aud" and each.expected), None)
    return error.expected if error else _configured(case, claim)


def _configured(case: Case, claim: Claim) -> str:
    """What the code that verifies is told to expect."""
    pattern = re.compile(rf"\b{_NAMES[claim]}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"'`]([^\"'`\n]{{3,300}})[\"'`]", re.I)
    texts = (artifact.text for artifact in case.artifacts if artifact.kind in ("code", "prose"))
    match = next((match for each in texts if (match := pattern.search(each))), None)
    return match[1] if match else ""


def _difference(wrong: _Compared) -> str:
    """What tells two addresses apart that look alike."""
    for got in wrong.got:
        if got.rstrip("/") == wrong.expected.rstrip("/"):
            return ": they differ in the slash at the end"
        if got.lower() == wrong.expected.lower():
            return ": they differ in capital letters"
        if re.sub(r"^https?:", "", got) == re.sub(r"^https?:", "", wrong.expected):
            return ": one is http, the other https"
        if _TESTING.search(got) and not _TESTING.search(wrong.expected):
            return ": the token is of a testing environment"
    return ""


def _values(token: Token, claim: Claim) -> tuple[str, ...]:
    return token.audience if claim == "aud" else tuple(filter(None, (token.issuer,)))


def _host(value: str) -> str | None:
    try:
        return urlsplit(value).hostname
    except ValueError:
        return None


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values[:5]) + (f" and {len(values) - 5} more" if len(values) > 5 else "")
