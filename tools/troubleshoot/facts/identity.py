"""Facts about identity: tokens, OAuth and OIDC errors, SAML responses, SCIM errors. Decoded, never trusted."""

from typing import Literal

from tools.troubleshoot.facts.base import Fact, Moment

SsoReason = Literal[
    "audience",
    "recipient",
    "time",
    "signature",
    "certificate",
    "issuer",
    "user_unknown",
    "name_id",
    "attribute_missing",
    "in_response_to",
    "access_denied",
    "state",
    "nonce",
    "redirect_uri",
]
"""Why a sign-in failed, as a log or a page says it."""


class Token(Fact):
    """A JWT as it says of itself: nothing of it was verified. The token itself is not kept.

    `scopes` are its scopes, permissions and roles; of other claims only the names are kept. `tail` are its last four
    characters, by which a call that sent it is known. `remarks` say what is odd in it, such as a time in milliseconds.
    `fault`: it looks like a JWT, and cannot be read as one.
    """

    kind: Literal["token"] = "token"
    algorithm: str = ""
    key_id: str = ""
    type: str = ""
    issuer: str | None = None
    subject: str | None = None
    audience: tuple[str, ...] = ()
    authorized_party: str | None = None
    issued_at: Moment | None = None
    not_before: Moment | None = None
    expires_at: Moment | None = None
    scopes: tuple[str, ...] = ()
    nonce: bool = False
    claims: tuple[str, ...] = ()
    tail: str = ""
    remarks: tuple[str, ...] = ()
    fault: str = ""


class OAuthError(Fact):
    """An error of OAuth 2 or OIDC (RFC 6749 §5.2, RFC 6750 §3), as JSON, in a URL, a WWW-Authenticate header or prose.

    `provider_code` is the identity provider's own (AADSTS50011); `redirect_uri` the one that was sent, `expected` what
    the provider says it has; `scope` what it names as missing; `at` when it happened.
    """

    kind: Literal["oauth_error"] = "oauth_error"
    error: str
    description: str = ""
    provider: Literal["entra", "okta", "auth0", "google", "keycloak", "ping", "unknown"] = "unknown"
    provider_code: str = ""
    redirect_uri: str | None = None
    expected: str = ""
    scope: str = ""
    client_id: str = ""
    at: Moment | None = None
    trace_id: str = ""


class SamlResponse(Fact):
    """A SAML response, a request or metadata, as it says of itself: no signature was verified.

    Of metadata, `issuer` is the entity id and `recipient` the address at which responses are taken (ACS); of a request,
    `recipient` is where it wants the response. `certificates` are the SHA-256 fingerprints of those that stand in it,
    `certificate_expires_at` when the first one ends. `signature_fault` says what is odd in how it is signed.
    """

    kind: Literal["saml"] = "saml"
    message: Literal["response", "assertion", "request", "metadata"] = "response"
    id: str = ""
    in_response_to: str | None = None
    issuer: str | None = None
    destination: str | None = None
    recipient: str | None = None
    audiences: tuple[str, ...] = ()
    issue_instant: Moment | None = None
    not_before: Moment | None = None
    not_on_or_after: Moment | None = None
    subject_not_on_or_after: Moment | None = None
    status: str = ""  # the last part of the status code: Success, Responder
    sub_status: str = ""
    status_message: str = ""
    name_id_format: str = ""
    attributes: tuple[str, ...] = ()
    response_signed: bool = False
    assertion_signed: bool = False
    encrypted: bool = False
    signature_algorithm: str = ""
    signature_fault: str = ""
    certificates: tuple[str, ...] = ()
    certificate_expires_at: Moment | None = None
    fault: str = ""  # it is meant as SAML, and cannot be read


class SsoMessage(Fact):
    """What an SSO log or a page says of a sign-in that failed, in words.

    `got` and `expected` are the two values that do not match; `at_idp` is the time that the identity provider set as
    the limit, `at_sp` what the service provider's clock said, where they are told.
    """

    kind: Literal["sso_message"] = "sso_message"
    reason: SsoReason
    text: str
    got: str = ""
    expected: str = ""
    at: Moment | None = None
    at_idp: Moment | None = None
    at_sp: Moment | None = None


class ScimError(Fact):
    """A SCIM error (RFC 7644 §3.12)."""

    kind: Literal["scim_error"] = "scim_error"
    status: int | None = None
    scim_type: str = ""
    detail: str = ""
    path: str = ""
