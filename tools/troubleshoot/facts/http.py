"""Facts about HTTP: requests and what came back, errors of clients, CORS messages, GraphQL errors, webhooks."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from tools.troubleshoot.facts.base import Fact, Moment

ClientErrorReason = Literal[
    "refused",
    "reset",
    "closed_early",
    "connect_timeout",
    "read_timeout",
    "timeout",
    "network_unreachable",
    "dns_not_found",
    "dns_temporary",
    "tls_expired",
    "tls_not_yet_valid",
    "tls_host_mismatch",
    "tls_chain_incomplete",
    "tls_self_signed",
    "tls_protocol",
    "tls_client_certificate",
    "tls_handshake",
    "proxy_refused",
    "proxy_authentication",
    "pool_exhausted",
    "ports_exhausted",
    "too_many_redirects",
]
"""Why a client got no answer. `timeout`: it does not say whether of the connection or of the answer."""

AuthFault = Literal["empty", "placeholder", "doubled_scheme", "no_scheme", "whitespace"]


class Exchange(Fact):
    """An HTTP request, its response, or both; None and empty: not told.

    Header names are in lower case. `at` is None where the time is not told with its zone; `at_text` is as written.
    `auth` says how the request identifies itself: bearer, basic, or the header's or parameter's name; `key_tail` are
    the last four characters of the key, `key_environment` what its prefix says, `auth_fault` what is wrong with the
    header as it is written. `timings` are durations in ms by HAR's names (blocked, dns, connect without ssl, ssl, send,
    wait, receive), curl's among them. `error` is what the client said where no answer came. `response_bytes` is the
    size of the response as it was sent. `timeout_seconds` is how long the client waits at most; `insecure`: it does not
    check certificates.
    """

    kind: Literal["exchange"] = "exchange"
    source: Literal["curl", "http", "har", "log", "code", "trace"]
    method: str | None = None
    url: str | None = None
    http_version: str = ""
    request_headers: dict[str, str] = Field(default_factory=dict)
    request_body: str | None = None
    status: int | None = None
    reason: str = ""
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str | None = None
    at: Moment | None = None
    at_text: str = ""
    duration_ms: float | None = None
    timings: dict[str, float] = Field(default_factory=dict)
    error: str = ""
    auth: str | None = None
    auth_fault: AuthFault | None = None
    key_tail: str | None = None
    key_environment: Literal["test", "live"] | None = None
    request_ids: tuple[str, ...] = ()
    response_bytes: int | None = None
    timeout_seconds: float | None = None
    proxy: str = ""
    insecure: bool = False

    @property
    def host(self) -> str | None:
        return _host(self.url)

    @property
    def path(self) -> str | None:
        """The path without query; None where no URL is told."""
        if self.url is None:
            return None
        try:
            return urlsplit(self.url).path or "/"
        except ValueError:
            return None

    @property
    def failed(self) -> bool:
        """Whether it is told that the request did not do what was asked."""
        return bool(self.error) or (self.status or 0) >= 400


class ClientError(Fact):
    """A client's words that it got no answer. `after_seconds` is how long it waited; `count` how often it is said."""

    kind: Literal["client_error"] = "client_error"
    reason: ClientErrorReason
    text: str
    host: str | None = None
    port: int | None = None
    address: str | None = None
    library: str = ""
    after_seconds: float | None = None
    at: Moment | None = None
    count: int = 1


class CorsMessage(Fact):
    """What a browser's console says of a request that its same-origin policy blocked."""

    kind: Literal["cors"] = "cors"
    reason: Literal[
        "no_allow_origin",
        "origin_not_allowed",
        "several_origins",
        "credentials_wildcard",
        "credentials_not_allowed",
        "preflight_status",
        "preflight_redirect",
        "header_not_allowed",
        "method_not_allowed",
        "private_network",
        "other",
    ]
    text: str
    origin: str | None = None
    url: str | None = None
    detail: str = ""  # the header or method that is not allowed
    status: int | None = None  # of the response, where the browser names it


class GraphqlError(Fact):
    kind: Literal["graphql_error"] = "graphql_error"
    message: str
    code: str = ""
    path: str = ""
    has_data: bool = False  # whether the response holds data beside its errors


class WebhookDelivery(Fact):
    """A delivery to a customer's endpoint: its headers, its body, or what the customer's handler said of it.

    `scheme` is how it is signed. `sent_at` is the time in the signed headers, `received_at` when the handler had it.
    `verdict` is what verifying came to where the artifact says so. `body_form`: as sent (one line, no spaces after
    separators), or written anew (indented, or with spaces). `parsed_first` says that code which verifies reads the
    body as JSON before, or writes it anew.
    """

    kind: Literal["webhook"] = "webhook"
    scheme: Literal["stripe", "github", "slack", "standard", "shopify", "unknown"] = "unknown"
    headers: dict[str, str] = Field(default_factory=dict)
    sent_at: Moment | None = None
    received_at: Moment | None = None
    event_id: str | None = None
    delivery_id: str | None = None
    attempt: int | None = None
    verdict: Literal["mismatch", "too_old", "missing", "ok"] | None = None
    verdict_text: str = ""
    body_form: Literal["compact", "spaced", "indented", "none"] = "none"
    parsed_first: bool = False
    parsed_first_text: str = ""
    tolerance_seconds: float | None = None


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
