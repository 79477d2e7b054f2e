"""What customers paste, as it looks: the cases that the tests of whole answers are made from. All is invented."""

import base64
import datetime as dt
import json
from collections.abc import Mapping

EXPIRES = dt.datetime(2026, 6, 26, 11, tzinfo=dt.UTC)


def token(**claims: object) -> str:
    """A token of these claims whose signature is none."""
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "k-1"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join((*encoded, "bm90LWEtc2lnbmF0dXJl"))


def _expired_token() -> str:
    at = int(EXPIRES.timestamp())
    sent = token(
        iss="https://id.example.com", aud="https://api.example.com", iat=at - 3600, exp=at, scope="orders.read"
    )
    return f"""\
Hi, since this morning our nightly export stops with a 401, so finance has no numbers for the month-end close.

$ curl -i https://api.example.com/v1/orders?state=open -H 'Authorization: Bearer {sent}'
HTTP/2 401
date: Fri, 26 Jun 2026 11:42:07 GMT
content-type: application/json
www-authenticate: Bearer error="invalid_token", error_description="The access token expired"
x-request-id: req_5f1c20aa91

{{"error": "invalid_token", "message": "The access token expired"}}
"""


def _too_many_calls() -> str:
    """A gateway's log: one importer sends every failed call again at once."""
    lines = []
    for second in range(0, 300):
        at = dt.datetime(2026, 6, 26, 9, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
        stamp = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
        calls, status = (12, 200) if second < 60 else (24, 429)
        lines += [
            f'203.0.113.7 - importer [{stamp}] "POST /v1/items HTTP/1.1" {status} 58 "-" "acme-importer/2.3" 0.0{each}1'
            for each in range(1, min(calls, 9) + 1)
        ]
    head = "Our importer gets 429 Too Many Requests since 09:01 UTC and cannot finish. Log of our gateway:"
    return "\n".join((head, "", *lines))


SAML = """\
Since we moved our identity provider yesterday nobody of our 400 employees can sign in. The page says:

SSO login failed: Invalid audience. Expected https://sp.example.com/saml/metadata but the assertion has audience
https://sp.example.com/saml/metadata/

It began on 2026-06-25 at 18:10 UTC.
"""

CHAIN = """\
Our deliveries to https://hooks.customer.example.com fail. From your support page we ran:

$ openssl s_client -connect hooks.customer.example.com:443 -servername hooks.customer.example.com
CONNECTED(00000003)
depth=0 CN = hooks.customer.example.com
verify error:num=20:unable to get local issuer certificate
verify return:1
depth=0 CN = hooks.customer.example.com
verify error:num=21:unable to verify the first certificate
verify return:1
---
Certificate chain
 0 s:CN = hooks.customer.example.com
   i:C = US, O = Example Trust, CN = Example Trust R3
---
Verification error: unable to verify the first certificate
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
    Verify return code: 21 (unable to verify the first certificate)
"""

WEBHOOK = """\
All webhooks are refused by our own check since we went live on Monday, so orders are not booked.

const express = require("express");
const app = express();
app.use(express.json());
app.post("/hooks/orders", (req, res) => {
  const hmac = crypto.createHmac("sha256", process.env.WEBHOOK_SECRET);
  const expected = hmac.update(JSON.stringify(req.body)).digest("hex");
  if (expected !== req.headers["x-signature"]) return res.status(400).send("signature mismatch");
  res.sendStatus(200);
});

Log: 2026-06-26T08:15:02Z ERROR webhook evt_88121 rejected: signature mismatch
"""

OUTAGE = """\
SEV1: our checkout is down since 11:20 UTC, all payments fail. We lose $50K an hour.

POST /v1/payments HTTP/1.1
Host: api.example.com
Content-Type: application/json
X-Request-Id: req_77aa01c4

{"amount": 100, "currency": "EUR"}

HTTP/1.1 503 Service Unavailable
Date: Fri, 26 Jun 2026 11:31:44 GMT
Content-Type: application/json

{"error": "service_unavailable", "message": "database connection pool exhausted"}
"""

CORS = (
    "Access to fetch at 'https://api.example.com/v1/quotes' from origin 'https://shop.customer.example.com' has been "
    "blocked by CORS policy: Response to preflight request doesn't pass access control check: No "
    "'Access-Control-Allow-Origin' header is present on the requested resource."
)

GATEWAY = """\
A few of our calls fail, perhaps one in a thousand, and we cannot see why:

< HTTP/1.1 502 Bad Gateway
< Date: Fri, 26 Jun 2026 10:02:11 GMT
< Server: nginx
< Content-Type: text/html
"""

PROSE = "API is slow"

PASTES: Mapping[str, str] = {
    "expired-token": _expired_token(),
    "too-many-calls": _too_many_calls(),
    "saml-audience": SAML,
    "incomplete-chain": CHAIN,
    "webhook-body": WEBHOOK,
    "outage": OUTAGE,
    "cors": CORS,
    "bad-gateway": GATEWAY,
    "prose": PROSE,
}
