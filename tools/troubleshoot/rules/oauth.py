"""Rules of OAuth 2 and OpenID Connect: what the authorization server refuses, and what comes back wrong."""

import re
from urllib.parse import unquote, urlsplit

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.identity import OAuthError
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sign_in_facts import HeardError, error, errors, message

_REDIRECT = ("redirect_uri_mismatch", "invalid_redirect_uri")
_CLIENT = (
    "invalid_client",
    "unauthorized_client",
    "deleted_client",
    "disabled_client",
    "client_disabled",
    "invalid_client_credentials",
    "invalid_tenant",
)
_CONSENT = ("consent_required", "interaction_required", "admin_policy_enforced", "org_internal", "access_denied")
_PROVING_CLIENT: dict[str, str] = {
    "AADSTS7000215": "the client secret is wrong",
    "AADSTS7000222": "the client secret has expired",
    "AADSTS7000112": "the application is disabled",
    "AADSTS700016": "the application is not known in this tenant",
}
_PROVING_GRANT: dict[str, str] = {
    "AADSTS54005": "the authorization code was used before",
    "AADSTS700082": "the refresh token has expired, as it was not used for too long",
    "AADSTS700084": "the refresh token has expired",
    "AADSTS50173": "the grant was revoked, as by a changed password",
    "AADSTS501481": "the PKCE verifier does not fit",
}
_PROVING_CONSENT: dict[str, str] = {
    "AADSTS65001": "nobody has consented to the application",
    "AADSTS65004": "the user declined to consent",
    "AADSTS90094": "an administrator has to consent",
    "AADSTS90095": "an administrator has to consent",
    "AADSTS53003": "a conditional access policy blocks the sign-in",
    "AADSTS50105": "the user is not assigned to the application",
    "AADSTS50057": "the account is disabled",
}
_CLIENT_WORDS = re.compile(
    r"secret[^.\n]{0,60}\b(?:expired|invalid|wrong|incorrect)|(?:client|app\w*)[^.\n]{0,40}\b(?:disabled|deleted"
    r"|not found)",
    re.IGNORECASE,
)
_GRANT_WORDS: tuple[tuple[str, str], ...] = (
    ("already", "the authorization code was used before"),
    ("verifier", "the PKCE verifier does not fit"),
    ("pkce", "the PKCE verifier does not fit"),
    ("revoked", "the grant was revoked"),
    ("refresh token", "the refresh token is not valid any more"),
    ("expired", "the code or the token has expired"),
    ("redirect", "the redirect address differs from the one that the code was issued for"),
)
_SENT = re.compile(r"[?&]redirect_uri=([^&\s\"'<>]{8,500})")
_REGISTERED = re.compile(
    r"\b(?:registered|configured|allowed|redirect ur[il]s?)\b[^\n]{0,40}?(https?://[^\s\"'<>]{4,300})", re.IGNORECASE
)
_DENIED_WORDS = re.compile(
    r"assigned|policy|conditional|consent|approv|admin|blocked|device|not allowed|declined", re.I
)


def redirect_uri_mismatch(case: Case) -> Finding | None:
    """The redirect address that was sent is not one that is registered."""
    heard = error(case, *_REDIRECT)
    said = message(case, "redirect_uri") if heard is None else None
    if heard is None:
        return _redirect("likely", said.clue, None, "") if said else None
    sent_uri = heard.error.redirect_uri or _sent(case)
    return _redirect(_by_source(heard, known=True), heard.clue, sent_uri, _registered(case, sent_uri))


def _redirect(certainty: Certainty, clue: Clue, sent_uri: str | None, registered: str) -> Finding:
    differs = difference(sent_uri, registered)
    clues = (clue, *((Clue(text(f"{sent_uri} was sent, {registered} is registered: {differs}")),) if differs else ()))
    return Finding(
        certainty,
        text(
            f"The redirect address {sent_uri} is not registered"
            if sent_uri
            else "The redirect address is not registered"
        ),
        clues,
        values={"uri": sent_uri or "the address that your application sends"},
        rank=5,
        rules_out=frozenset({"oauth_client", "oauth_grant", "oauth_state"}),
    )


def _sent(case: Case) -> str | None:
    """The redirect address in the request to the identity provider, as an address or a sentence shows it."""
    urls = [exchange.url or "" for exchange, _ in case.facts(Exchange)]
    found = (_SENT.search(each) for each in (*urls, *(line for _, line in case.statement.lines)))
    match = next(filter(None, found), None)
    return unquote(match[1]) if match else None


def _registered(case: Case, sent_uri: str | None) -> str:
    """The address that a person says is registered, where it is another one than was sent."""
    found = (match[1].rstrip(".,;)\"'") for _, line in case.statement.lines for match in _REGISTERED.finditer(line))
    return next((each for each in found if each != sent_uri), "")


def difference(sent_uri: str | None, registered: str) -> str:
    """How an address differs from the registered one, in words; nothing where either is not told."""
    if not sent_uri or not registered or sent_uri == registered:
        return ""
    try:
        one, other = urlsplit(sent_uri), urlsplit(registered)
    except ValueError:
        return "they differ"
    if one.scheme != other.scheme:
        return f"{one.scheme} in place of {other.scheme}"
    if one.netloc.lower() != other.netloc.lower():
        return "another host"
    if sent_uri.rstrip("/") == registered.rstrip("/"):
        return "a slash at the end"
    return "capital letters" if sent_uri.lower() == registered.lower() else "another path"


def oauth_client(case: Case) -> Finding | None:
    """The application itself is refused: its secret is wrong or expired, or it is disabled."""
    heard = next((each for each in errors(case) if each.error.error in _CLIENT and not _is_scim(each)), None)
    if heard is None:
        return None
    why = _PROVING_CLIENT.get(heard.error.provider_code, "")
    told = why or (_CLIENT_WORDS.search(heard.error.description) is not None)
    return Finding(
        _by_source(heard, known=bool(told)),
        text(
            f"The identity provider refuses the application: {why}"
            if why
            else "The identity provider refuses the application"
        ),
        (heard.clue,),
        values={"why": why or "its id or its secret is wrong, expired or disabled"},
        rank=4,
        rules_out=frozenset({"oauth_grant", "key_invalid", "key_missing"}),
    )


def oauth_grant(case: Case) -> Finding | None:
    """The code or the refresh token is not taken."""
    heard = error(case, "invalid_grant", "invalid_code")
    if heard is None:
        return None
    lowered = heard.error.description.lower()
    why = _PROVING_GRANT.get(heard.error.provider_code) or next(
        (why for word, why in _GRANT_WORDS if word in lowered), ""
    )
    return Finding(
        _by_source(heard, known=bool(why)),
        text(
            f"The identity provider does not take the grant: {why}"
            if why
            else "The identity provider does not take the grant"
        ),
        (heard.clue,),
        values={"why": why or "the code or the refresh token was used before, has expired or was revoked"},
        rank=4,
        rules_out=frozenset({"key_invalid", "key_missing", "token_expired"}),
    )


def oauth_consent(case: Case) -> Finding | None:
    """The user, an administrator or a policy at the identity provider does not let the sign-in through."""
    heard = next((each for each in errors(case) if _is_consent(each.error)), None)
    if heard is None:
        denied = message(case, "access_denied")
        return _consent(denied.certainty, denied.clue, "") if denied else None
    why = _PROVING_CONSENT.get(heard.error.provider_code, "")
    told = why or _DENIED_WORDS.search(heard.error.description)
    certainty = _by_source(heard, known=bool(why) or heard.error.error == "consent_required")
    return _consent(certainty if told or heard.error.error != "access_denied" else "possible", heard.clue, why)


def _is_consent(error_: OAuthError) -> bool:
    """Not every access_denied: the scope of an API call and an unknown service (audience) are other rules'."""
    return error_.error in _CONSENT and "service not found" not in error_.description.lower()


def _consent(certainty: Certainty, clue: Clue, why: str) -> Finding:
    return Finding(
        certainty,
        text(
            f"The identity provider does not let the sign-in through: {why}"
            if why
            else "The identity provider does not let the sign-in through"
        ),
        (clue,),
        values={"why": why or "a consent, an assignment or a policy is missing"},
        rank=3,
        rules_out=frozenset({"sso_user_unknown", "key_invalid"}),
    )


def oauth_state(case: Case) -> Finding | None:
    """The browser came back without what it was sent off with: state or nonce do not match."""
    heard = message(case, "state", "nonce")
    if heard is None:
        return None
    what = heard.message.reason
    return Finding(
        heard.certainty,
        text(f"The sign-in came back with another {what} than it was begun with"),
        (heard.clue,),
        values={"what": what},
        rank=3,
    )


def _is_scim(heard: HeardError) -> bool:
    return "scim" in heard.error.description.lower()


def _by_source(heard: HeardError, *, known: bool) -> Certainty:
    """The provider's own answer is known where it names the cause; what a person quotes is likely, says, possible."""
    if heard.source == "person":
        return "likely" if heard.error.provider_code and known else "possible"
    if heard.source == "client":
        return "likely"
    return "known" if known else "likely"
