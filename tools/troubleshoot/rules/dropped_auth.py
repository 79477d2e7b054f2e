"""The rule of redirects on which a client drops its credentials."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, is_refused
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import first_said

_REDIRECTS = (301, 302, 303, 307, 308)
_SAID = re.compile(
    r"\b(?:drop(?:s|ped)?|strip(?:s|ped)?|los(?:es|t)|remov(?:es|ed)"
    r"|without)\b[^.\n]{0,30}\bauthorization\b[^.\n]{0,60}"
    r"\bredirect|\bredirect\w*\b[^.\n]{0,60}\b(?:drop(?:s|ped)?|strip(?:s|ped)?|los(?:es|t)|remov(?:es|ed)|without)\b"
    r"[^.\n]{0,30}\bauthorization\b",
    re.IGNORECASE,
)

_REDIRECTED = re.compile(r"\b30[12378]\b.{0,80}\bLocation\b", re.IGNORECASE)
_NO_AUTHORIZATION = re.compile(
    r"\b(?:no|without|missing) authorization\b|authorization\W{1,4}(?:none|null|missing|absent)", re.I
)
_REFUSED = re.compile(r"(?<![\w.:])401\b")
_LOCATION = re.compile(r"\bLocation\b[\"':= ]{1,4}(?P<url>https?://[^\s\"'<>,]{4,300})", re.IGNORECASE)
_SOMEWHERE = "the address that the redirect leads to"
_NEAR = 4
"""Lines after a redirect in which the call that follows it is told."""


def redirect_dropped_auth(case: Case) -> Finding | None:
    """A call with credentials was redirected, and the one that followed had none."""
    for first, then in _followed(case):
        if then is not None and then.exchange.auth is None:
            return _finding(_certainty(then), first, then)
        if then is None and _leaves(first) and is_refused(case, UNAUTHORIZED, FORBIDDEN):
            return _finding("likely" if first.exchange.auth else "possible", first)
    said = first_said(case, _SAID)
    if said is None:
        return _told_in_lines(case)
    title = text("A redirect dropped the Authorization header")
    certainty: Certainty = "possible" if said.source == "person" else "likely"
    return Finding(certainty, title, (said.clue,), values={"target": _SOMEWHERE}, rank=3)


def _certainty(then: Answer) -> Certainty:
    """Known where the second request is seen to the last header, and was refused for what it lacks."""
    if then.status not in (UNAUTHORIZED, FORBIDDEN):
        return "possible"
    return "known" if then.exchange.request_headers and then.status == UNAUTHORIZED else "likely"


def _finding(certainty: Certainty, first: Answer, then: Answer | None = None) -> Finding:
    exchange = first.exchange
    target = exchange.response_headers.get("location", "another address")
    clues = [Clue(text(f"{exchange.url} is answered {exchange.status}, which leads to {target}"), first.place)]
    if then is not None:
        answer = f", and is answered {then.status}" if then.status else ""
        clues.append(Clue(text(f"The call that follows carries no credentials{answer}"), then.place))
    else:
        clues.append(Clue(text("Clients drop credentials when a redirect leads to another host or scheme")))
    return Finding(
        certainty,
        text("A redirect dropped the Authorization header"),
        tuple(clues),
        values={"target": target},
        rank=6,
        rules_out=frozenset({"key_missing", "key_invalid"}),
    )


def _told_in_lines(case: Case) -> Finding | None:
    """A redirect in one line, and a few lines on a call that is refused and shows no credentials."""
    for lines in _texts(case):
        for place, (where, words) in enumerate(lines):
            if not _REDIRECTED.search(words):
                continue
            after = lines[place + 1 : place + 1 + _NEAR]
            bare = any(_NO_AUTHORIZATION.search(line) for _, line in after)
            refused = next((there for there, line in after if _REFUSED.search(line)), None)
            if refused is not None:
                clues = (
                    Clue(text("The call is answered with a redirect"), where),
                    Clue(text("The call that follows it is answered 401"), refused),
                )
                title = text("A redirect dropped the Authorization header")
                target = _LOCATION.search(words)
                values = {"target": target["url"] if target else _SOMEWHERE}
                return Finding("likely" if bare else "possible", title, clues, values=values, rank=3)
    return None


def _texts(case: Case) -> Iterator[list[tuple[Place, str]]]:
    yield [(Place("", number), line) for number, line in case.statement.lines]
    for artifact in case.artifacts:
        if artifact.kind == "log":
            lines = artifact.text.split("\n")
            yield [(Place(artifact.name, artifact.first + place), line) for place, line in enumerate(lines)]


def _followed(case: Case) -> Iterator[tuple[Answer, Answer | None]]:
    """Calls with credentials that were redirected, each with the call to the new address, where one is seen."""
    all_calls = list(calls(case))
    for place, answer in enumerate(all_calls):
        if answer.status in _REDIRECTS and answer.exchange.response_headers.get("location"):
            following = next(
                (each for each in all_calls[place + 1 :] if _target(answer) == _bare(each.exchange.url)), None
            )
            if answer.exchange.auth is not None:
                yield answer, following


def _target(answer: Answer) -> str:
    try:
        return _bare(urljoin(answer.exchange.url or "", answer.exchange.response_headers.get("location", "")))
    except ValueError:
        return "?"


def _bare(url: str | None) -> str:
    return (url or "").partition("#")[0].rstrip("/")


def _leaves(answer: Answer) -> bool:
    """Whether the redirect leads to another host, scheme or port: on these clients drop credentials."""
    try:
        one, other = urlsplit(answer.exchange.url or ""), urlsplit(_target(answer))
    except ValueError:
        return False
    return bool(one.netloc and other.netloc) and (one.scheme, one.netloc) != (other.scheme, other.netloc)
