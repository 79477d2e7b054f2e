"""How clients say that TLS failed: curl, Python, Node, Java, Go, .NET, browsers."""

from tools.troubleshoot.reading.client_words import Words, words

TLS: tuple[Words, ...] = (
    words(
        "tls_expired",
        "curl",
        r"curl: \((?:35|51|60)\).{0,300}(?:certificate has expired|certificate expired)"
        r"|SSL certificate problem: certificate has expired",
    ),
    words("tls_not_yet_valid", "curl", r"SSL certificate problem: certificate is not yet valid"),
    words(
        "tls_chain_incomplete",
        "curl",
        r"SSL certificate problem: unable to get (?:local )?issuer certificate"
        r"|SSL certificate problem: unable to verify the first certificate",
    ),
    words("tls_self_signed", "curl", r"SSL certificate problem: (?:self[- ]signed certificate)"),
    words(
        "tls_host_mismatch",
        "curl",
        r"SSL: no alternative certificate subject name matches"
        r"|SSL: certificate subject name .{1,200} does not match target host|SSL_ERROR_BAD_CERT_DOMAIN",
    ),
    words(
        "tls_client_certificate",
        "curl",
        r"curl: \((?:35|56)\).{0,300}(?:certificate required|bad certificate)|curl: \(58\)",
    ),
    words(
        "tls_protocol",
        "curl",
        r"curl: \(35\).{0,300}(?:wrong version number|unsupported protocol|alert protocol version"
        r"|no protocols available|handshake failure|no shared cipher|internal error)",
    ),
    words("tls_expired", "python", r"CERTIFICATE_VERIFY_FAILED\].{0,300}certificate has expired"),
    words("tls_not_yet_valid", "python", r"CERTIFICATE_VERIFY_FAILED\].{0,300}certificate is not yet valid"),
    words(
        "tls_chain_incomplete",
        "python",
        r"CERTIFICATE_VERIFY_FAILED\].{0,300}(?:unable to get (?:local )?issuer certificate"
        r"|unable to verify the first)",
    ),
    words("tls_self_signed", "python", r"CERTIFICATE_VERIFY_FAILED\].{0,300}self[- ]signed certificate"),
    words(
        "tls_host_mismatch",
        "python",
        r"(?:CERTIFICATE_VERIFY_FAILED\].{0,300})?(?:Hostname mismatch, certificate is not valid for"
        r"|hostname '[^']{1,200}' doesn't match)|CertificateError: hostname ",
    ),
    words(
        "tls_client_certificate",
        "python",
        r"TLSV1?3?_ALERT_CERTIFICATE_REQUIRED|SSLV3_ALERT_BAD_CERTIFICATE|tlsv13 alert certificate required"
        r"|alert bad certificate",
    ),
    words(
        "tls_protocol",
        "python",
        r"\[SSL: (?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION"
        r"|SSLV3_ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW"
        r"|UNEXPECTED_EOF_WHILE_READING)",
    ),
    words("tls_handshake", "python", r"CERTIFICATE_VERIFY_FAILED|ssl\.SSLError: \[SSL|SSLZeroReturnError"),
    words("tls_expired", "node", r"\bCERT_HAS_EXPIRED\b|Error: certificate has expired"),
    words("tls_not_yet_valid", "node", r"\bCERT_NOT_YET_VALID\b"),
    words(
        "tls_host_mismatch", "node", r"ERR_TLS_CERT_ALTNAME_INVALID|Hostname/IP does not match certificate's altnames"
    ),
    words(
        "tls_chain_incomplete",
        "node",
        r"UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?"
        r"|Error: unable to (?:verify the first certificate|get (?:local )?issuer certificate)",
    ),
    words(
        "tls_self_signed",
        "node",
        r"DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|Error: self[- ]signed certificate",
    ),
    words(
        "tls_protocol",
        "node",
        r"ERR_SSL_(?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|SSLV3_ALERT_HANDSHAKE_FAILURE"
        r"|TLSV1_ALERT_PROTOCOL_VERSION|NO_SHARED_CIPHER|VERSION_OR_CIPHER_MISMATCH)|\bEPROTO\b",
    ),
    words("tls_expired", "java", r"CertificateExpiredException"),
    words("tls_not_yet_valid", "java", r"CertificateNotYetValidException"),
    words(
        "tls_host_mismatch",
        "java",
        r"No subject alternative (?:DNS )?names? (?:matching|present)|No name matching \S{1,200} found"
        r"|SSLPeerUnverifiedException|Certificate for <[^>]{1,200}> doesn't match",
    ),
    words("tls_chain_incomplete", "java", r"PKIX path building failed|unable to find valid certification path"),
    words(
        "tls_client_certificate",
        "java",
        r"SSLHandshakeException: Received fatal alert: (?:certificate_required|bad_certificate)",
    ),
    words(
        "tls_protocol",
        "java",
        r"SSLHandshakeException: (?:Received fatal alert: (?:handshake_failure|protocol_version)"
        r"|No appropriate protocol|no cipher suites in common)|Unsupported or unrecognized SSL message"
        r"|Received fatal alert: (?:handshake_failure|protocol_version)",
    ),
    words("tls_handshake", "java", r"SSLHandshakeException|Remote host terminated the handshake"),
    words("tls_expired", "go", r"x509: certificate has expired"),
    words("tls_not_yet_valid", "go", r"x509: certificate is not yet valid|is before \d{4}-\d\d-\d\dT.*x509"),
    words(
        "tls_host_mismatch",
        "go",
        r"x509: certificate is (?:valid for|not valid for)|x509: cannot validate certificate for"
        r"|x509: certificate relies on legacy Common Name",
    ),
    words("tls_chain_incomplete", "go", r"x509: certificate signed by unknown authority"),
    words("tls_client_certificate", "go", r"remote error: tls: (?:bad certificate|certificate required)"),
    words(
        "tls_protocol",
        "go",
        r"tls: (?:handshake failure|protocol version not supported|no cipher suite"
        r"|first record does not look like a TLS handshake|server selected unsupported protocol)"
        r"|http: server gave HTTP response to HTTPS client",
    ),
    words("timeout", "go", r"net/http: TLS handshake timeout"),
    words("tls_expired", ".net", r"RemoteCertificate.{0,300}NotTimeValid|PartialChain, NotTimeValid"),
    words("tls_host_mismatch", ".net", r"RemoteCertificateNameMismatch"),
    words("tls_chain_incomplete", ".net", r"RemoteCertificateChainErrors|UntrustedRoot|PartialChain"),
    words(
        "tls_handshake",
        ".net",
        r"The SSL connection could not be established|AuthenticationException: (?:Authentication failed"
        r"|The remote certificate)",
    ),
    words("tls_expired", "browser", r"ERR_CERT_DATE_INVALID|SEC_ERROR_EXPIRED_CERTIFICATE"),
    words("tls_host_mismatch", "browser", r"ERR_CERT_COMMON_NAME_INVALID|SSL_ERROR_BAD_CERT_DOMAIN"),
    words("tls_chain_incomplete", "browser", r"ERR_CERT_AUTHORITY_INVALID|SEC_ERROR_UNKNOWN_ISSUER"),
    words(
        "tls_protocol",
        "browser",
        r"ERR_SSL_VERSION_OR_CIPHER_MISMATCH|ERR_SSL_PROTOCOL_ERROR|SSL_ERROR_NO_CYPHER_OVERLAP"
        r"|SSL_ERROR_UNSUPPORTED_VERSION",
    ),
    words("tls_client_certificate", "browser", r"ERR_BAD_SSL_CLIENT_AUTH_CERT|ERR_SSL_CLIENT_AUTH_CERT_NEEDED"),
    words("tls_handshake", "curl", r"curl: \((?:35|60)\)|OpenSSL SSL_connect: "),
)
