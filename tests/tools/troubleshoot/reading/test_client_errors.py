"""What clients say where they got no answer, and sentences that only sound like it."""

import pytest

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.http import ClientError
from tools.troubleshoot.reading.client_error_words import ALL
from tools.troubleshoot.reading.client_errors import client_error, find_client_errors

POOL = "HTTPSConnectionPool(host='api.example.com', port=443): "
TOLD = [
    (
        "curl: (7) Failed to connect to api.example.com port 443 after 21 ms: Couldn't connect",
        "refused",
        "api.example.com",
    ),
    ("curl: (28) Connection timed out after 10001 milliseconds", "connect_timeout", None),
    (
        "curl: (28) Failed to connect to api.example.com port 443: Connection timed out",
        "connect_timeout",
        "api.example.com",
    ),
    ("curl: (28) Operation timed out after 5000 milliseconds with 0 bytes received", "read_timeout", None),
    ("curl: (28) Timeout was reached", "timeout", None),
    ("curl: (6) Could not resolve host: api.exmaple.com", "dns_not_found", "api.exmaple.com"),
    ("curl: (35) error:1408F10B:SSL routines:ssl3_get_record:wrong version number", "tls_protocol", None),
    ("curl: (60) SSL certificate problem: unable to get local issuer certificate", "tls_chain_incomplete", None),
    ("curl: (60) SSL certificate problem: self-signed certificate in certificate chain", "tls_self_signed", None),
    ("curl: (60) SSL certificate problem: certificate has expired", "tls_expired", None),
    ("curl: (52) Empty reply from server", "closed_early", None),
    ("curl: (56) Recv failure: Connection reset by peer", "reset", None),
    ("curl: (56) Received HTTP code 407 from proxy after CONNECT", "proxy_authentication", None),
    ("curl: (56) CONNECT tunnel failed, response 403", "proxy_refused", None),
    ("curl: (47) Maximum (50) redirects followed", "too_many_redirects", None),
    (f"{POOL}Read timed out. (read timeout=5)", "read_timeout", "api.example.com"),
    (f"{POOL}x 'Connection to api.example.com timed out. (connect timeout=3)'", "connect_timeout", "api.example.com"),
    (f"{POOL}NewConnectionError: [Errno 111] Connection refused", "refused", "api.example.com"),
    (
        "ssl.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
        "tls_expired",
        None,
    ),
    ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "closed_early", None),
    ("socket.gaierror: [Errno -2] Name or service not known", "dns_not_found", None),
    ("httpx.ConnectError: [Errno -3] Temporary failure in name resolution", "dns_temporary", None),
    (
        "Cannot connect to host api.example.com:443 ssl:default [Connect call failed ('203.0.113.5', 443)]",
        "refused",
        "api.example.com",
    ),
    ("Error: connect ECONNREFUSED 203.0.113.5:443", "refused", "203.0.113.5"),
    ("Error: getaddrinfo ENOTFOUND api.exmaple.com", "dns_not_found", "api.exmaple.com"),
    ("Error: getaddrinfo EAI_AGAIN api.example.com", "dns_temporary", "api.example.com"),
    ("Error: connect ETIMEDOUT 203.0.113.5:443", "connect_timeout", "203.0.113.5"),
    (
        "ConnectTimeoutError: (attempted address: api.example.com:443) UND_ERR_CONNECT_TIMEOUT",
        "connect_timeout",
        "api.example.com",
    ),
    ("code: 'UND_ERR_HEADERS_TIMEOUT'", "read_timeout", None),
    ("AxiosError: timeout of 5000ms exceeded", "timeout", None),
    ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "timeout", None),
    ("Error: socket hang up", "reset", None),
    ("Error: unable to verify the first certificate", "tls_chain_incomplete", None),
    ("java.net.ConnectException: Connection refused", "refused", None),
    ("java.net.SocketTimeoutException: connect timed out", "connect_timeout", None),
    ("java.net.SocketTimeoutException: Read timed out", "read_timeout", None),
    ("java.net.UnknownHostException: api.exmaple.com", "dns_not_found", "api.exmaple.com"),
    ("javax.net.ssl.SSLHandshakeException: PKIX path building failed", "tls_chain_incomplete", None),
    ("javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", "tls_protocol", None),
    ('Post "https://api.example.com/v1": dial tcp 203.0.113.5:443: i/o timeout', "connect_timeout", "api.example.com"),
    ("dial tcp: lookup api.exmaple.com on 203.0.113.2:53: no such host", "dns_not_found", "api.exmaple.com"),
    ("x509: certificate is valid for www.example.com, not api.example.com", "tls_host_mismatch", None),
    ("x509: certificate signed by unknown authority", "tls_chain_incomplete", None),
    ("context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "read_timeout", None),
    ("read tcp 203.0.113.9:53412->203.0.113.5:443: read: connection reset by peer", "reset", "203.0.113.5"),
    ("No such host is known. (api.exmaple.com:443)", "dns_not_found", "api.exmaple.com"),
    ("The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.", "timeout", None),
    ("net::ERR_CERT_AUTHORITY_INVALID", "tls_chain_incomplete", None),
    ("GET https://api.example.com/v1 net::ERR_CONNECTION_REFUSED", "refused", "api.example.com"),
    (
        'connection to server at "db.example.com" (203.0.113.9), port 5432 failed: Connection refused',
        "refused",
        "db.example.com",
    ),
    ("HikariPool-1 - Connection is not available, request timed out after 30000ms.", "pool_exhausted", None),
    ("QueuePool limit of size 5 overflow 10 reached, connection timed out", "pool_exhausted", None),
    ("503 Service Unavailable (database connection pool exhausted)", "pool_exhausted", None),
    ("OSError: [Errno 99] Cannot assign requested address", "ports_exhausted", None),
    ("Error: connect EHOSTUNREACH 203.0.113.5:443", "network_unreachable", "203.0.113.5"),
]


@pytest.mark.parametrize(("line", "reason", "host"), TOLD)
def test_reason_and_host(line: str, reason: str, host: str | None) -> None:
    found = client_error(line)
    assert found is not None
    assert (found.reason, found.host) == (reason, host)


def test_every_reason_is_known_by_some_words() -> None:
    reasons = ClientError.model_fields["reason"].annotation
    assert {words.reason for words in ALL} == set(getattr(reasons, "__args__", ()))


@pytest.mark.parametrize(
    "line",
    [
        "Our connection was refused by the bouncer",
        "The request timed out, says the customer",
        "We have a certificate for the course",
        "The pool is closed and the connection is lost",
        "Please see https://docs.example.com/errors/timeouts",
        "We think that the SSL certificate is fine",
        "2026-06-26T10:00:00Z INFO connection established",
        "the timeout expired yesterday",
        "too many connections to people",
        "our connection pool exhausted everybody's patience",
        "except requests.exceptions.ReadTimeout:",
        "raise ReadTimeout(e)",
    ],
)
def test_sentences_and_code_say_nothing(line: str) -> None:
    assert find_client_errors(line) == ()


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("curl: (28) Connection timed out after 10001 milliseconds", 10.001),
        ("httpx.ReadTimeout: Read timed out. (read timeout=5)", 5),
        ("HikariPool-1 - Connection is not available, request timed out after 30000ms.", 30),
        ("AxiosError: timeout of 2500ms exceeded", 2.5),
        ("Error: socket hang up", None),
    ],
)
def test_how_long_it_waited(line: str, seconds: float | None) -> None:
    found = client_error(line)
    assert found is not None
    assert found.after_seconds == seconds


def test_equal_errors_are_one_with_their_count() -> None:
    line = "2026-06-26T10:00:0{}Z ERROR connect ECONNREFUSED 203.0.113.7:443"
    pieces = find_client_errors("\n".join(line.format(second) for second in range(5)) + "\nError: socket hang up")
    facts = [fact for piece in pieces for fact in piece.facts if isinstance(fact, ClientError)]
    assert [(fact.reason, fact.count) for fact in facts] == [("refused", 5), ("reset", 1)]
    assert [piece.first for piece in pieces] == [1, 6]
    assert (facts[0].at, facts[0].port, facts[0].address) == (at("10:00:00"), 443, "203.0.113.7")


def test_a_port_that_is_none_is_left_out() -> None:
    found = client_error("Error: connect ECONNREFUSED 203.0.113.7:99999")
    assert found is not None
    assert found.port is None
