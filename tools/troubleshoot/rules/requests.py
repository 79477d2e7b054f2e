"""Rules of what was sent: a payload that is invalid, or too large."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.identity import OAuthError, ScimError
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules.answers import Answer, Seen, is_page, json_object, seen, told_status
from tools.troubleshoot.rules.body_fields import fields_in
from tools.troubleshoot.rules.content import content_type, encoding, type_fault_in
from tools.troubleshoot.rules.cors import cors_origin, cors_preflight
from tools.troubleshoot.rules.endpoints import endpoint_unknown
from tools.troubleshoot.rules.graphql import graphql_request
from tools.troubleshoot.rules.json_faults import json_fault
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.records import record_unknown
from tools.troubleshoot.rules.redirects import redirect_changed_request
from tools.troubleshoot.rules.refusals import refusals
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import Quote, all_said, first_said, shortened

_INVALID = (400, 422)
_BY_INPUT = 500
_WRONG = re.compile(
    r"unexpected (?:token|character|end of (?:json|input))|(?:invalid|malformed|not valid) json|json (?:parse"
    r"|syntax) error"
    r"|could not (?:parse|read) (?:the )?(?:json|body|request)|JSONDecodeError|expecting (?:value|property name|',')"
    r"|validation[ _]?(?:failed|error)|(?:is|are|field) (?:a )?required|missing (?:required )?(?:field|parameter"
    r"|property|value)"
    r"|required (?:field|parameter|property)|must (?:be|have|contain|match|not be)\b|should be (?:an? )?(?:valid"
    r"|string|number|int)"
    r"|invalid (?:value|format|type|date|email|parameter|field|enum|currency|amount)|is not (?:a )?valid"
    r"|(?:expected|unknown|unrecognized|unexpected) (?:type |an? )?(?:string|number|integer|object|array|field"
    r"|parameter|property|key)",
    re.I,
)
_OTHER = re.compile(
    r"invalid_(?:grant|client|token|scope)|redirect_uri|audience|signature|idempoten|cursor|page[_ ]token|api[_ -]?key"
    r"|authori[sz]ation|authenticat|credential|permission|(?<!unexpected )\btoken\b|certificate"
    r"|content[- ]type|graphql|quota"
    r"|rate[ _-]?limit|utf-?8|version|etag|if-match",
    re.I,
)
"""Words of causes that have rules of their own."""

_TOO_LARGE = re.compile(
    r"too large body|(?:entity|payload|body|content|file|upload|header\w{0,7}|cookie) (?:is )?too (?:large|big|long)"
    r"|exceeds? (?:the )?(?:max\w{0,5} )?(?:allowed )?(?:body|payload|request|file|upload|content)? ?(?:size|length)"
    r"|max(?:imum)? (?:request|body|payload|file|message|upload) (?:size|length)|uri too (?:large|long)",
    re.I,
)
_INPUT_DECIDES = re.compile(
    r"\bonly (?:when|if|with|for)\b.{0,60}\b(?:field|value|body|payload|empty|null|missing|contains?|characters?|set)\b"
    r"|works? (?:fine )?(?:if|when|without|with)\b.{0,60}\b(?:field|value|body|payload|remove|omit|filled|set)\b",
    re.I,
)


def payload_invalid(case: Case) -> Finding | None:
    """What was sent is not what the API takes: by the answer's words, or by a body that is no JSON."""
    if case.first(OAuthError) is not None or case.first(ScimError) is not None:
        return None
    refused, said, unreadable = _refused(case), _wrong(case), _unreadable(case)
    by_input = _fails_by_input(case, said, unreadable)
    if not (refused or by_input or (unreadable and said) or (said and said.source == "answer")):
        return None
    fields = _fields(case)
    status = tuple(Clue(text(f"The status is {each.status}"), each.place) for each in refused[:1])
    named = Clue(text(f"It names {', '.join(fields)}")) if fields else None
    return Finding(
        _certainty(case, refused, said, unreadable, named=bool(fields)),
        text("What was sent is not what the API takes"),
        tuple(filter(None, (*status, said.clue if said else None, named, unreadable, by_input))),
        values={"fields": ", ".join(fields) or "the part that the answer names"},
    )


def payload_too_large(case: Case) -> Finding | None:
    """413, 414, 431, or words of a size that was exceeded."""
    refused, said = seen(case, 413, 414, 431), first_said(case, _TOO_LARGE)
    if not refused and (said is None or said.source == "person"):
        return None
    shown = any(each.source != "person" for each in refused) or (said is not None and said.source == "answer")
    status = tuple(Clue(text(f"The status is {each.status}"), each.place) for each in refused[:1])
    size = _size(case)
    return Finding(
        "known" if shown else "likely",
        text("The request is larger than the server takes"),
        tuple(filter(None, (*status, said.clue if said else None, size))),
        rules_out=frozenset({"payload_invalid"}),
    )


def input_fault(case: Case) -> Clue | None:
    """What shows that a failure of the server only follows from what was sent."""
    return _fails_by_input(case, _wrong(case), _unreadable(case))


def _refused(case: Case) -> tuple[Seen, ...]:
    """Where 400 or 422 was answered, and not by a page that a proxy may have made."""
    return tuple(each for each in refusals(case, *_INVALID) if each.exchange is None or not is_page(each.exchange))


def _wrong(case: Case) -> Quote | None:
    """The first words that call the input wrong, and are not of another cause."""
    return next((each for each in all_said(case, _WRONG, "answer", "client") if _is_of_input(each)), None)


def _is_of_input(quote: Quote) -> bool:
    if _OTHER.search(quote.line):
        return False
    status = told_status(quote.saying.exchange) if quote.saying.exchange else None
    return status is None or status in (*_INVALID, _BY_INPUT) or 200 <= status < 300


def _unreadable(case: Case) -> Clue | None:
    """A body that is meant as JSON and is none: of a call that failed, or by itself."""
    for answer in calls(case):
        fault = json_fault(answer.exchange.request_body) if answer.exchange.failed else None
        if fault:
            return Clue(text(f"The request's body is no JSON: {fault}"), answer.place)
    for body, place in case.facts(JsonBody):
        if body.fault:
            return Clue(text(f"The body is no JSON: {shortened(body.fault)}"), place)
    return None


def _fails_by_input(case: Case, said: Quote | None, unreadable: Clue | None) -> Clue | None:
    """A 500 that only follows from the input: the service should have answered 400."""
    failed = seen(case, _BY_INPUT)
    if not failed:
        return None
    if unreadable or (said and said.source == "answer"):
        return Clue(text("The 500 follows from input that cannot be read: a 400 was due"), failed[0].place)
    depends = first_said(case, _INPUT_DECIDES, "person")
    return depends.clue if depends else None


def _certainty(
    case: Case, refused: tuple[Seen, ...], said: Quote | None, unreadable: Clue | None, *, named: bool
) -> Certainty:
    shown = any(each.source != "person" for each in refused)
    explained = (said is not None and said.source == "answer") or named
    if type_fault_in(case):
        return "possible"
    if shown and explained:
        otherwise = encoding(case) is not None or redirect_changed_request(case) is not None
        return "likely" if otherwise else "known"
    if unreadable or explained or any(each.status == 422 for each in refused if each.source != "person"):
        return "likely"
    return "likely" if shown and said else "possible"


def _fields(case: Case) -> tuple[str, ...]:
    """The fields that refusals name."""
    names = [name for answer in calls(case) if answer.status in _INVALID for name in _named_by(answer)]
    names += [shortened(name) for body, _ in case.facts(JsonBody) for name in body.fields]
    return tuple(dict.fromkeys(names))[:10]


def _named_by(answer: Answer) -> tuple[str, ...]:
    return fields_in(json_object(answer.exchange.response_body))


def _size(case: Case) -> Clue | None:
    """The bytes that the refused request declares."""
    for answer in calls(case):
        written = answer.exchange.request_headers.get("content-length", "")
        if answer.status == 413 and re.fullmatch(r"\d{1,15}", written):
            rule = "Content-Length of the refused request"
            size = case.figure(
                "request.bytes", "Bytes of the request's body", int(written), "count", rule, answer.place
            )
            return Clue(text("The request's body has ", size, " bytes"), answer.place, (size,))
    return None


RULES: tuple[Rule, ...] = (
    Rule("redirect_changed_request", "customer", redirect_changed_request),
    Rule("content_type", "customer", content_type),
    Rule("encoding", "customer", encoding),
    Rule("payload_too_large", "customer", payload_too_large),
    Rule("payload_invalid", "customer", payload_invalid),
    Rule("graphql_request", "customer", graphql_request),
    Rule("endpoint_unknown", "customer", endpoint_unknown),
    Rule("record_unknown", "customer", record_unknown),
    Rule("cors_preflight", "undecided", cors_preflight),
    Rule("cors_origin", "customer", cors_origin),
)
