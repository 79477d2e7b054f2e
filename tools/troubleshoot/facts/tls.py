"""Facts about TLS: certificates, and what openssl says of a connection."""

from typing import Literal

from tools.troubleshoot.facts.base import Fact, Moment, Part


class CertificateLine(Part):
    """A certificate in a chain: its subject and issuer as written."""

    depth: int
    subject: str
    issuer: str


class Certificate(Fact):
    """An X.509 certificate, as it says of itself. `names` are its DNS names and addresses."""

    kind: Literal["certificate"] = "certificate"
    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    not_before: Moment
    not_after: Moment
    self_signed: bool = False
    is_ca: bool = False
    key: str = ""  # such as RSA 2048
    signature_algorithm: str = ""
    sha256: str = ""
    issuer_url: str = ""  # where its issuer's certificate is said to be; never fetched


class TlsTranscript(Fact):
    """What `openssl s_client`, `openssl verify` or `curl -v` say of a TLS connection. `verify_code` 0: all is well.

    `verify_depth` is the depth of the certificate at which verifying failed, 0 for the server's own. `at` is when the
    connection was made, by the clock of the machine that made it. `asks_client_certificate`: the server named
    authorities whose client certificates it takes, or an alert says that it wants one.
    """

    kind: Literal["tls_transcript"] = "tls_transcript"
    host: str | None = None
    server_name: str | None = None
    chain: tuple[CertificateLine, ...] = ()
    verify_code: int | None = None
    verify_text: str = ""
    protocol: str = ""
    cipher: str = ""
    alert: str = ""
    expires_at: Moment | None = None
    begins_at: Moment | None = None
    names: tuple[str, ...] = ()
    verify_depth: int | None = None
    at: Moment | None = None
    asks_client_certificate: bool = False
