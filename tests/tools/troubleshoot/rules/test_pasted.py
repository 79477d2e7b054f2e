"""What people paste, from the text to the diagnosis: the first cause, how certain it is, and the side."""

import dataclasses

import pytest

from tests.tools.troubleshoot.made import ACME, case_of
from tools.troubleshoot.diagnosis import diagnose

KEY = "sk_test_" + "0" * 20
RATE_LIMITED = f"""Our sync fails since 10:00 UTC.

curl -i -X POST https://api.example.com/v1/orders -H 'Authorization: Bearer {KEY}' -d @order.json

HTTP/1.1 429 Too Many Requests
Date: Fri, 26 Jun 2026 10:00:00 GMT
Content-Type: application/json

{{"error":{{"code":"rate_limit_exceeded","message":"Rate limit exceeded"}}}}
"""
PERSONA = """API returning 503 errors since 2024-01-15 14:30 UTC. 100% of their API calls fail.
curl -X POST https://api.example.com/payments -d '{"amount": 100}'
503 Service Unavailable (database connection pool exhausted)"""
PROXY = """GET /v1/orders HTTP/1.1
Host: api.example.com

HTTP/1.1 503 Service Unavailable
Server: squid/4.6
X-Squid-Error: ERR_CONNECT_FAIL 110
Content-Type: text/html

<html><body>The requested URL could not be retrieved</body></html>"""
OTHER_MODE = f"""curl -i https://api.example.com/v1/customers/cus_8Fj3k2 -H "Authorization: Bearer {KEY}"
HTTP/2 404
content-type: application/json

{{"error":{{"message":"No such customer: 'cus_8Fj3k2'; a similar object exists in live mode"}}}}"""
REDIRECT = """> POST /v1/orders HTTP/1.1
> Host: api.example.com
>
< HTTP/1.1 301 Moved Permanently
< Location: https://api.example.com/v1/orders/
<
* Switch from POST to GET
> GET /v1/orders/ HTTP/1.1
> Host: api.example.com
>
< HTTP/1.1 405 Method Not Allowed
< Allow: POST
<"""
FORM = """curl -i https://api.example.com/v1/orders -d '{"amount": 100}'

HTTP/1.1 400 Bad Request
Content-Type: application/json

{"error": "amount is required"}"""
EXPRESS = """Our webhook endpoint answers 400: signature mismatch.

app.use(express.json());
app.post('/webhooks', (req, res) => {
  const expected = crypto.createHmac('sha256', secret).update(JSON.stringify(req.body)).digest('hex');
  if (expected !== req.headers['x-signature']) return res.status(400).send('signature mismatch');
});"""
HIDDEN = """Access to fetch at 'https://api.example.com/v1/orders' from origin 'https://shop.example.com' has been \
blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.
GET https://api.example.com/v1/orders net::ERR_FAILED 500 (Internal Server Error)"""
MISSPELT = """requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.exmaple.com', port=443): Max retries \
exceeded with url: /v1/orders (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object>: \
Failed to establish a new connection: [Errno -2] Name or service not known'))
it was api.example.com in the old settings"""
MAINTENANCE = """HTTP/1.1 503 Service Unavailable
Retry-After: 3600
Content-Type: application/json

{"error":"Scheduled maintenance until 12:00 UTC"}"""
IN_THE_BODY = """HTTP/1.1 200 OK
Content-Type: application/json

{"success":false,"error":{"code":422,"message":"currency must be one of EUR, USD"}}"""
ENVOY = """HTTP/1.1 503 Service Unavailable
server: envoy
content-type: text/plain

upstream connect error or disconnect/reset before headers. reset reason: connection failure"""
GRAPHQL = """{"errors":[{"message":"Cannot query field 'nam' on type 'Order'.",
"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"""
LINE = '203.0.113.7 - - [26/Jun/2026:10:00:{second:02d} +0000] "POST /v1/orders HTTP/1.1" {status} 12 "-" "acme/1.0"'
BURST = "\n".join(LINE.format(second=place // 40, status=429 if place > 1_000 else 200) for place in range(1_500))


@pytest.mark.parametrize(
    ("text", "first", "certainty", "side"),
    [
        (RATE_LIMITED, "rate_limited", "known", "customer"),
        (BURST, "rate_limited", "known", "customer"),
        (PERSONA, "pool_exhausted", "likely", "product"),
        (PROXY, "proxy_interference", "known", "customer"),
        (OTHER_MODE, "record_unknown", "known", "customer"),
        (REDIRECT, "redirect_changed_request", "known", "customer"),
        (FORM, "content_type", "likely", "customer"),
        (EXPRESS, "webhook_body_changed", "likely", "customer"),
        (HIDDEN, "server_error", "possible", "undecided"),
        (MISSPELT, "dns_failure", "likely", "customer"),
        (MAINTENANCE, "service_unavailable", "likely", "product"),
        (IN_THE_BODY, "payload_invalid", "known", "customer"),
        (ENVOY, "gateway_error", "likely", "undecided"),
        (GRAPHQL, "graphql_request", "known", "customer"),
        ("curl: (28) Resolving timed out after 5000 milliseconds", "dns_failure", "likely", "customer"),
        ("curl: (56) CONNECT tunnel failed, response 407", "proxy_interference", "known", "customer"),
        ("Error: connect ECONNREFUSED 127.0.0.1:8080", "connection_refused", "known", "customer"),
        ("Error: connect ETIMEDOUT 203.0.113.9:443", "connection_timeout", "likely", "undecided"),
        ("API is returning 500 errors since yesterday", "server_error", "possible", "undecided"),
        ("Our calls time out since this morning", "connection_timeout", "possible", "undecided"),
    ],
)
def test_the_first_cause(text: str, first: str, certainty: str, side: str) -> None:
    known = dataclasses.replace(ACME, used_this_month=6_500_000)
    diagnosed = diagnose(case_of(text, known=known))
    assert diagnosed.top is not None
    assert (diagnosed.top.rule.id, diagnosed.top.finding.certainty, diagnosed.side) == (first, certainty, side)


@pytest.mark.parametrize(
    "text", ["It does not work. Please help!", "How do we page through orders?", "Thanks, it works now."]
)
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert diagnose(case_of(text)).causes == ()
