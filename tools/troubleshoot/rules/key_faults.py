"""Rules of API keys: none sent, or broken; refused; of the other environment; sent from a barred address."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import AuthFault
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.dropped_auth import redirect_dropped_auth
from tools.troubleshoot.rules.receivers import calls, host_of
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED, is_refused, refused, words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, first_said

_FAULTS: dict[AuthFault, str] = {
    "empty": "The credentials are empty: a variable was not set",
    "placeholder": "In the place of the key stands a placeholder",
    "doubled_scheme": "The scheme stands twice (such as Bearer Bearer)",
    "no_scheme": "The Authorization header has no scheme: the word Bearer is missing before the key",
    "whitespace": "The key holds a space or a line break",
}
_MISSING = re.compile(
    r"\b(?:no|missing|without|absent)\b[^.\n]{0,30}\b(?:api[ _-]?key|authorization|authentication|credentials?|bearer"
    r"|auth header)"
    r"|\b(?:api[ _-]?key|authorization(?: header)?|credentials?|authentication(?: credentials)?)\b[^.\n]{0,20}"
    r"\b(?:(?:is|was|were) )?(?:missing|required|not (?:provided|found|supplied|present|sent|specified)|absent)"
    r"|missing[_ ]credentials|no valid api[ _-]?key|authorization(?: header)? is empty|did(?: not"
    r"|n't) provide an api key|MissingAuthenticationToken|malformed (?:authorization|bearer)",
    re.I,
)
_INVALID = re.compile(
    r"\b(?:invalid|unknown|incorrect|bad|wrong|unrecogni[sz]ed|malformed)[ _-](?:api[ _-]?key|access[ _-]?key"
    r"|credentials|key\b"
    r"|secret key|api[ _-]?token|access[ _-]?token|token\b|authentication token)|\binvalid_?api_?key\b"
    r"|\b(?:api[ _-]?key|access[ _-]?key|token)\b[^.\n]{0,40}\b(?:(?:is|was) )?(?:not valid|invalid|unknown"
    r"|not recogni[sz]ed"
    r"|does not exist|not found|could not be verified)|InvalidAccessKeyId|\bSignatureDoesNotMatch\b",
    re.I,
)
_REVOKED = re.compile(
    r"\b(?:api[ _-]?key|access[ _-]?key|key|token|credentials?)\b[^.\n]{0,30}\b(?:revoked|deleted|deactivated|disabled"
    r"|rolled|suspended)|\b(?:revoked|deleted|deactivated|disabled)[ _-](?:api[ _-]?key|key|token)|\bkey_revoked\b",
    re.I,
)
_OTHER_KEYS = re.compile(
    r"refresh|csrf|saml|scim|provisioning|webhook|signing secret|idempotency|certificate|page token", re.I
)
_ENVIRONMENT = re.compile(
    r"\btest(?:[ _-]?mode)? (?:api )?key\b[^.\n]{0,60}\b(?:live|production)"
    r"|\blive(?:[ _-]?mode)? (?:api )?key\b[^.\n]{0,60}"
    r"\b(?:test|sandbox)|\b(?:sandbox|test|staging) (?:api )?(?:key|credentials|token)s?\b[^.\n]{0,60}\b(?:production"
    r"|live)"
    r"|\bproduction (?:api )?(?:key|credentials|token)s?\b[^.\n]{0,60}\b(?:sandbox|test|staging)"
    r"|\b(?:key|token|credentials)\b[^.\n]{0,30}\b(?:for|of|from|belongs? to)[^.\n]{0,15}\b(?:another|wrong|different"
    r"|other) environment"
    r"|\b(?:wrong|different) environment\b|environment[ _]mismatch",
    re.I,
)
_ADDRESS = re.compile(
    r"\bip(?:[ -]?address)?\b[^\n]{0,60}\b(?:not (?:in (?:the )?(?:list of )?)?(?:allowed|allow[- ]?list\w*"
    r"|whitelist\w*|permitted|authori[sz]ed)"
    r"|blocked|denied|forbidden|restricted|rejected)|\bip[ _-]?(?:not[ _-]allowed|restricted|denied|forbidden)\b"
    r"|\bnot (?:on|in) (?:the |your )?(?:ip )?(?:allow|white)[- ]?list|allow[- ]?list[^.\n]{0,40}\bip\b"
    r"|access from (?:this|your) ip|request(?:s)? from (?:this |your )?ip[^\n]{0,40}(?:not|denied|blocked)",
    re.I,
)
_UNSET = re.compile(
    r"(?:authorization|api[-_]?key)[\"']?[:=] ?[\"']?(?:bearer |token )?"
    r"(?:\[(?:token|api-key)…ined\]|undefined)(?=[\s\"',}\\]|$)",
    re.I,
)
"""A header as a log has it whose variable was not set; `undefined` may have been masked as if it were a key."""

_ANY_REASON = "invalid_token"
"""RFC 6750 §3.1: expired, revoked, malformed, or invalid for other reasons."""

_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_TESTING_HOST = re.compile(r"(?:^|[.-])(?:sandbox|staging|stage|test|dev|uat|qa|preprod)(?=[.-])", re.I)
_ALL_OTHERS = frozenset(
    {
        "key_invalid",
        "key_environment",
        "token_expired",
        "token_not_yet_valid",
        "token_audience",
        "token_issuer",
        "token_scope",
    }
)


def key_missing(case: Case) -> Finding | None:
    """No credentials were sent, or none that can be read."""
    said = words(case, _MISSING, _OTHER_KEYS)
    faulty = next((each for each in _called(case) if each.exchange.auth_fault), None)
    if faulty is not None and faulty.exchange.auth_fault:
        said = said or words(case, _INVALID, _OTHER_KEYS)
        return _missing(
            _fault_certainty(faulty, said), Clue(text(_FAULTS[faulty.exchange.auth_fault]), faulty.place), said
        )
    bare = next((each for each in refused(case, UNAUTHORIZED, FORBIDDEN) if _is_bare(each)), None)
    if bare is not None and (said is not None or bare.status == UNAUTHORIZED):
        clue = Clue(text("The request shows no Authorization header and no API key"), bare.place)
        proven = said is not None and said.source == "answer" and redirect_dropped_auth(case) is None
        return _missing("known" if proven else "likely", clue, said)
    unset = first_said(case, _UNSET, "client", "log") if is_refused(case, UNAUTHORIZED, FORBIDDEN) else None
    if unset is not None:
        return _missing("likely", Clue(text(_FAULTS["empty"]), unset.saying.place), unset)
    if said is None:
        return None
    return _missing("possible" if said.source == "person" else "likely", said.clue, None, _sent_one(case))


def key_invalid(case: Case) -> Finding | None:
    """The answer says that the key is not valid, or not any more."""
    revoked = words(case, _REVOKED, _OTHER_KEYS)
    said = revoked or words(case, _INVALID, _OTHER_KEYS)
    if said is None or not (said.source == "answer" or is_refused(case, UNAUTHORIZED, FORBIDDEN)):
        return None
    tail = next(
        (each.exchange.key_tail for each in refused(case, UNAUTHORIZED, FORBIDDEN) if each.exchange.key_tail), None
    )
    certainty: Certainty = "known" if revoked and said.source == "answer" else "likely"
    if said.source == "person" or said.words.lower() == _ANY_REASON:
        certainty = "possible"
    return Finding(
        certainty,
        text("The key was revoked or deleted" if revoked else "The key is not valid here"),
        (said.clue, *((Clue(text(f"The key that was sent ends in {tail}")),) if tail else ())),
        values={"key": f"the key that ends in {tail}" if tail else "the key"},
        rank=1,
    )


def key_environment(case: Case) -> Finding | None:
    """A key of one environment was sent to the other."""
    said = words(case, _ENVIRONMENT)
    crossed = next((clue for each in _called(case) if (clue := _crossed(each))), None)
    if said is None and (crossed is None or not is_refused(case, UNAUTHORIZED, FORBIDDEN)):
        return None
    clues = tuple(filter(None, (crossed, said.clue if said else None)))
    by_answer = said is not None and said.source == "answer"
    certainty: Certainty = (
        "known" if by_answer else "likely" if crossed or (said and said.source != "person") else "possible"
    )
    title = text("The key belongs to the other environment")
    return Finding(certainty, title, clues, rank=3, rules_out=frozenset({"key_invalid", "token_issuer"}))


def ip_not_allowed(case: Case) -> Finding | None:
    """The answer says that the caller's address is not among those that may call."""
    said = words(case, _ADDRESS)
    if said is None or not (said.source == "answer" or is_refused(case, FORBIDDEN, UNAUTHORIZED)):
        return None
    address = _IP.search(said.line)
    certainty: Certainty = "known" if said.source == "answer" else "possible" if said.source == "person" else "likely"
    return Finding(
        certainty,
        text(f"The address {address.group()} may not call" if address else "The caller's address may not call"),
        (said.clue,),
        values={"address": address.group() if address else "the address that the calls come from"},
        rank=4,
        rules_out=frozenset({"key_invalid", "token_scope"}),
    )


def _called(case: Case) -> list[Answer]:
    """The calls that may have failed for their key: refused ones, and those whose answer is not told."""
    return [each for each in calls(case) if each.status in (None, UNAUTHORIZED, FORBIDDEN, 400)]


def _is_bare(answer: Answer) -> bool:
    """Whether a request is seen whole, and holds no credentials: a response or a log's line alone does not tell."""
    exchange = answer.exchange
    seen_whole = exchange.source == "curl" or bool(exchange.request_headers)
    return seen_whole and exchange.auth is None and not answer.in_log and exchange.url is not None


def _fault_certainty(answer: Answer, said: Quote | None) -> Certainty:
    """What is written may be how it was sent, or how it was put down for us: of a placeholder nobody knows that."""
    by_answer = said is not None and said.source == "answer"
    if answer.status not in (UNAUTHORIZED, FORBIDDEN) and not by_answer:
        return "possible"
    if answer.exchange.auth_fault in ("placeholder", "no_scheme", "whitespace") and not by_answer:
        return "likely"
    return "known"


def _missing(certainty: Certainty, clue: Clue, said: Quote | None, against: tuple[Clue, ...] = ()) -> Finding:
    return Finding(
        "possible" if against else certainty,
        text("The call carries no key that can be read"),
        (clue, *((said.clue,) if said else ())),
        against,
        rank=5,
        rules_out=_ALL_OTHERS,
    )


def _sent_one(case: Case) -> tuple[Clue, ...]:
    """That the request which was pasted does carry a key, while the answer says that it found none."""
    sound = next(
        (
            each
            for each in refused(case, UNAUTHORIZED, FORBIDDEN)
            if each.exchange.auth and not each.exchange.auth_fault
        ),
        None,
    )
    return (Clue(text("The request that was pasted carries credentials"), sound.place),) if sound else ()


def _crossed(answer: Answer) -> Clue | None:
    host, environment = host_of(answer.exchange) or "", answer.exchange.key_environment
    if environment == "live" and _TESTING_HOST.search(host):
        return Clue(text(f"The key is one of production, and {host} is a testing host"), answer.place)
    if environment == "test" and re.search(r"(?:^|[.-])(?:live|prod|production)(?=[.-])", host):
        return Clue(text(f"The key is one for tests, and {host} is production"), answer.place)
    return None
