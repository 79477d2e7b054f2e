"""Rules of SCIM, by which an identity provider creates, changes and removes users (RFC 7644)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import ScimError
from tools.troubleshoot.reading.scim import scim_error_in
from tools.troubleshoot.rules.answers import Source, answers, is_page
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import LONGEST_QUOTE, all_said, first_said

_PATH = re.compile(r"/scim(?:/|$)|/v2/(?:Users|Groups)(?:[/?]|$)")
_CREDENTIALS = re.compile(
    r"SystemForCrossDomainIdentityManagementCredential\w{0,40}|\b(?:scim|provisioning)\b[^\n]{0,80}\b(?:401|403"
    r"|unauthori[sz]ed"
    r"|forbidden|invalid (?:token|credentials)|token (?:has )?expired)|\b(?:credentials"
    r"|secret token)\b[^.\n]{0,60}\bprovisioning\b"
    r"[^.\n]{0,40}\b(?:invalid|expired|fail)",
    re.IGNORECASE,
)
_ENDED = re.compile(r"expired|revoked|deleted", re.IGNORECASE)
_UNIQUE = re.compile(r"already (?:exists|in use|taken)|must be unique|duplicate", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Heard:
    error: ScimError
    place: Place
    source: Source

    @property
    def clue(self) -> Clue:
        status = f" {self.error.status}" if self.error.status else ""
        kind = f" {self.error.scim_type}" if self.error.scim_type else ""
        detail = f': "{self.error.detail[:LONGEST_QUOTE]}"' if self.error.detail else ""
        return Clue(text(f"The SCIM answer is{status}{kind}{detail}"), self.place)

    @property
    def certainty(self) -> Certainty:
        return "known" if self.source == "answer" else "possible" if self.source == "person" else "likely"


def scim_conflict(case: Case) -> Finding | None:
    """The user or group that was to be created is there already."""
    heard = next((each for each in _errors(case) if _is_conflict(each.error)), None)
    if heard is None:
        return None
    title = text("The user or group is there already, so it cannot be created")
    return Finding(heard.certainty, title, (heard.clue,), rank=4, rules_out=frozenset({"conflicting_update"}))


def scim_auth(case: Case) -> Finding | None:
    """The identity provider's provisioning is refused for its token."""
    heard = next((each for each in _errors(case) if each.error.status in (401, 403)), None)
    refused = next(
        (each for each in answers(case) if _is_refused(each.exchange.path, each.status) and not is_page(each.exchange)),
        None,
    )
    said = first_said(case, _CREDENTIALS)
    clues = [each.clue for each in (heard, said) if each is not None]
    if refused is not None and heard is None:
        clues.insert(0, Clue(text(f"{refused.exchange.path} is answered {refused.status}"), refused.place))
    if not clues:
        return None
    by_person = heard is None and refused is None and said is not None and said.source == "person"
    ended = heard is not None and heard.source == "answer" and _ENDED.search(heard.error.detail) is not None
    return Finding(
        "possible" if by_person else "known" if ended else "likely",
        text("Provisioning (SCIM) is refused: its token is expired, revoked or wrong"),
        tuple(clues),
        rank=5,
        rules_out=frozenset({"key_invalid", "token_expired", "key_missing", "token_scope"}),
    )


def scim_request(case: Case) -> Finding | None:
    """A provisioning request asks for what cannot be done as it is written."""
    heard = next((each for each in _errors(case) if _is_request(each.error)), None)
    if heard is None:
        return None
    kind = heard.error.scim_type or "a bad request"
    return Finding(
        heard.certainty if heard.error.scim_type else "likely" if heard.source == "answer" else "possible",
        text(f"The provisioning request is not accepted: {kind}"),
        (heard.clue,),
        values={"type": kind},
        rank=4,
        rules_out=frozenset({"payload_invalid", "record_unknown"}),
    )


def _errors(case: Case) -> Iterator[_Heard]:
    for error, place in case.facts(ScimError):
        yield _Heard(error, place, "answer")
    for quote in all_said(case, re.compile(r"scim", re.IGNORECASE)):
        read = scim_error_in(quote.saying.text)
        if read is not None:
            yield _Heard(read, quote.saying.place, quote.source)


def _is_conflict(error: ScimError) -> bool:
    return error.scim_type == "uniqueness" or (error.status == 409 and not error.scim_type)


def _is_request(error: ScimError) -> bool:
    if error.scim_type in ("", "uniqueness", "sensitive"):
        return not error.scim_type and error.status == 400 and not _UNIQUE.search(error.detail)
    return True


def _is_refused(path: str | None, status: int | None) -> bool:
    return status in (401, 403) and _PATH.search(path or "") is not None


RULES: tuple[Rule, ...] = (
    Rule("scim_auth", "customer", scim_auth),
    Rule("scim_conflict", "customer", scim_conflict),
    Rule("scim_request", "customer", scim_request),
)
