"""The words in which logs and pages tell why a sign-in failed."""

import re

from tools.troubleshoot.facts.identity import SsoReason

_SAML = ("saml", "assertion", "response", "identity provider", "idp", "sso", "conditions", "sign-in", "single sign")
_WRONG = (
    "mismatch",
    "not match",
    "n't match",
    "invalid",
    "not a valid",
    "not valid",
    "not contain",
    "unacceptable",
    "wrong",
    "unexpected",
    "rejected",
    "instead of",
    "expected",
    "not equal",
    "not intended",
)
_ABSENT = ("missing", "not found", "no ", "required", "absent", "empty", "not contain", "without", "not present")

WORDS: tuple[tuple[SsoReason, tuple[tuple[str, ...], ...]], ...] = (
    (
        "time",
        (
            (
                "notbefore",
                "not before",
                "notonorafter",
                "not on or after",
                "not yet valid",
                "has expired",
                "expired",
                "clock",
                "too old",
                "timing issue",
                "in the future",
                "no longer valid",
            ),
            ("assertion", "saml", "subjectconfirmation", "conditions", "notbefore", "notonorafter"),
            (
                "not yet",
                "expired",
                "earlier",
                "later",
                "skew",
                "too old",
                "clock",
                "future",
                "no longer",
                "invalid",
                "past",
                "is before",
                "is after",
            ),
        ),
    ),
    (
        "certificate",
        (
            ("certificate", "fingerprint", "signing key"),
            ("saml", "assertion", "idp", "identity provider", "metadata", "sso", "fingerprint mismatch"),
            (*_WRONG, "expired", "rotated", "rollover", "renewed", "changed", "unknown", "not registered", "differs"),
        ),
    ),
    (
        "audience",
        (("audience",), (*_SAML, "entity id", "entityid", "sp entity"), _WRONG),
    ),
    (
        "recipient",
        (
            ("recipient", "destination", "received at", "acs url", "assertion consumer"),
            (*_SAML, "acs"),
            _WRONG,
        ),
    ),
    (
        "signature",
        (
            ("signature", "digest"),
            ("saml", "assertion", "response", "idp", "sso"),
            (*_WRONG, *_ABSENT, "fail", "unable", "could not", "cannot", "not signed", "unsigned"),
        ),
    ),
    (
        "in_response_to",
        (
            (
                "inresponseto",
                "in response to",
                "in_response_to",
                "unsolicited",
                "idp-initiated",
                "idp initiated",
                "replay",
                "already been used",
                "authnrequest",
            ),
            (*_SAML, "inresponseto"),
            (*_WRONG, *_ABSENT, "unknown", "unsolicited", "not allowed", "disabled", "detected", "already", "expired"),
        ),
    ),
    (
        "issuer",
        (
            ("issuer", "unknown identity provider", "metadata for entity"),
            ("saml", "assertion", "idp", "identity provider", "response", "sso"),
            (*_WRONG, "unknown", "not found", "unable to find", "not trusted"),
        ),
    ),
    (
        "user_unknown",
        (
            ("user", "account", "email", "member"),
            ("saml", "sso", "assertion", "nameid", "identity provider", "idp", "single sign", "oidc", "provision"),
            (
                "not found",
                "does not exist",
                "doesn't exist",
                "no user",
                "no account",
                "unknown user",
                "not provisioned",
                "not been provisioned",
                "no matching",
                "could not find",
                "couldn't find",
                "unable to find",
                "no member",
            ),
        ),
    ),
    (
        "name_id",
        (
            ("nameid", "name id", "name_id"),
            ("nameid", "name id", "name_id"),
            (*_WRONG, *_ABSENT, "unsupported", "format"),
        ),
    ),
    (
        "attribute_missing",
        (
            ("attribute", "claim"),
            ("saml", "assertion", "sso", "idp", "mapping", "identity provider", "id token", "userinfo"),
            _ABSENT,
        ),
    ),
    (
        "access_denied",
        (
            ("not assigned", "not authorized to access this app", "don't have access", "do not have access"),
            ("user", "account", "you"),
            ("app", "sso", "saml", "application"),
        ),
    ),
    (
        "state",
        (
            ("state",),
            (
                "oauth",
                "oidc",
                "openid",
                "csrf",
                "callback",
                "authorization",
                "login",
                "sign-in",
                "state parameter",
                "state mismatch",
                "mismatching_state",
                "invalid state",
                "invalid_state",
            ),
            (
                "mismatch",
                "not match",
                "n't match",
                "invalid state",
                "invalid_state",
                "missing",
                "not found",
                "unable to verify",
            ),
        ),
    ),
    ("nonce", (("nonce",), ("nonce",), (*_WRONG, *_ABSENT))),
)
"""For each reason the groups of words of which a line holds one each, in lower case. The first that fits counts."""

OTHER: dict[SsoReason, re.Pattern[str]] = {
    "state": re.compile(r"\b(?:state (?:of|machine|code|file|store|transition)|united state)"),
    "certificate": re.compile(r"\b(?:ssl|tls|x509|pkix|local issuer|handshake)\b"),
    "issuer": re.compile(r"\b(?:ssl|tls|x509|pkix|local issuer|handshake)\b"),
    "signature": re.compile(r"\bwebhooks?\b"),
    "audience": re.compile(r"\b(?:jwt|bearer|invalid_token|access token)\b"),
}
"""Words that say that something else is spoken of."""
