"""Which parsers read a text, and in which order."""

from tools.troubleshoot.reading.certificates import find_certificates
from tools.troubleshoot.reading.client_errors import find_client_errors
from tools.troubleshoot.reading.code import find_code
from tools.troubleshoot.reading.cors import find_cors
from tools.troubleshoot.reading.csv_tables import find_tables
from tools.troubleshoot.reading.curl import find_curl_calls, find_curl_mentions
from tools.troubleshoot.reading.graphql import find_graphql_messages
from tools.troubleshoot.reading.har import find_har
from tools.troubleshoot.reading.http_messages import find_http, find_loose_http
from tools.troubleshoot.reading.json_bodies import find_json
from tools.troubleshoot.reading.jwt import find_tokens
from tools.troubleshoot.reading.logs.finding import find_logs
from tools.troubleshoot.reading.oauth import find_oauth_errors
from tools.troubleshoot.reading.openssl import find_openssl
from tools.troubleshoot.reading.otlp import find_traces
from tools.troubleshoot.reading.parser import Parser
from tools.troubleshoot.reading.prometheus import find_metrics
from tools.troubleshoot.reading.saml import find_saml
from tools.troubleshoot.reading.scim import find_scim_errors
from tools.troubleshoot.reading.sso_messages import find_sso_messages
from tools.troubleshoot.reading.stack_traces import find_stack_traces
from tools.troubleshoot.reading.status_messages import find_status_messages
from tools.troubleshoot.reading.threads import find_threads
from tools.troubleshoot.reading.webhooks import find_webhook_verdicts

FIRST: tuple[Parser, ...] = (
    find_har,
    find_traces,
    find_curl_calls,
    find_http,
    find_certificates,
    find_openssl,
    find_saml,
    find_metrics,
    find_logs,
    find_loose_http,
)
"""They take the lines that are theirs, in this order. A log comes before what is written more loosely."""

LOOKING: tuple[Parser, ...] = (
    find_tokens,
    find_oauth_errors,
    find_sso_messages,
    find_scim_errors,
    find_stack_traces,
    find_client_errors,
    find_cors,
    find_graphql_messages,
    find_webhook_verdicts,
    find_status_messages,
    find_curl_mentions,
    find_threads,
)
"""They look at the whole text, at what others took, too: a token stands in a header, a client's error in a log."""

LAST: tuple[Parser, ...] = (find_tables, find_code, find_json)
"""They take of the rest what looks like theirs."""
