"""Artifacts that are malformed, huge or hostile, and mutations of real-looking ones, to read without harm."""

import base64
import json
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence

MEGABYTE = 1_000_000

FAKES: Mapping[str, str] = {
    "api key": "sk_live_" + "FakeOtter5Brook77Stone31Fern",
    "token": "tok55aa66bb77cc88dd99eeFAKE",
    "password": "Wicker-Fjord-58-FAKE",
    "cookie": "Juniper42Quartz9FAKE",
    "private key": "MIIPlumb0b7KettleFAKE",
    "e-mail address": "quiet.heron.fake",
}
"""Secrets that stand in `with_secrets`: none of them may come out of a reading."""

_JWT_HEAD = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")


def hostile() -> Iterator[tuple[str, bytes]]:
    """Each by a name."""
    for name, text in (*_xml(), *_nested(), *_long_lines(), *_repeated(), *_times(), *_tokens(), *_documents()):
        yield name, text.encode("utf-8", errors="surrogatepass")
    yield from _binary()


def _xml() -> Iterator[tuple[str, str]]:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "x">{entities}]><samlp:Response>&e9;</samlp:Response>'
    outside = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><samlp:Response>&x;</samlp:Response>'
    deep = "<a>" * 5_000 + "</a>" * 5_000
    yield "xml bomb", bomb
    yield "xml bomb in base64", f"SAMLResponse={base64.b64encode(bomb.encode()).decode()}"
    yield "external entity", outside
    yield "external entity in base64", base64.b64encode(outside.encode()).decode()
    yield "quadratic blow-up", f'<!DOCTYPE r [<!ENTITY x "{"y" * 50_000}">]><r>{"&x;" * 5_000}</r>'
    yield "nested xml", f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">{deep}</samlp:Response>'
    packed = zlib.compress(b"<samlp:Response>" + b" " * 50 * MEGABYTE)[2:-4]
    yield "deflate bomb", f"SAMLRequest={base64.b64encode(packed).decode()}"


def _nested() -> Iterator[tuple[str, str]]:
    yield "nested braces", '{"a":' * 5_000 + "1" + "}" * 5_000
    yield "nested braces, open", '{"a":' * 5_000
    yield "nested brackets", "[" * 5_000 + "]" * 5_000
    yield "nested brackets, open", "[" * 100_000
    yield "nested query", "query " + "{ a " * 5_000 + "}" * 5_000
    yield "nested parentheses", "at f(" * 5_000 + ")" * 5_000
    yield "nested har", '{"log":{"entries":[{"request":' + '{"x":' * 5_000


def _long_lines() -> Iterator[tuple[str, str]]:
    units = (
        "a", " ", "\t", "{", "\\", '"', "'", "(", "<", ">", "=", ":", "%", "-", "0", "1.", "a=1 ", "at ", "eyJ", "/",
        "://", "Bearer ", "curl ", "\u200b", "é", "🙂", "-----BEGIN CERTIFICATE-----", "Caused by: ", "https://a.b/",
        "1.1.1.1 - - [", "&a=b", ",", ";", "|", '","', "error ", "429 ", "<*> ", "\x1b[31m", "AADSTS", "# HELP ",
    )  # fmt: skip
    for unit in units:
        yield f"a megabyte of {unit!r}", unit * (MEGABYTE // len(unit))
    yield "a megabyte before a mark", "a" * MEGABYTE + "!"
    yield "a megabyte between quotes", f'{{"message": "{"a" * MEGABYTE}"'


def _repeated() -> Iterator[tuple[str, str]]:
    lines = (
        "", "{", "}", "> GET / HTTP/1.1", "< HTTP/1.1 401", "Caused by: a.B: c", "\tat a.B.c(D.java:1)",
        '  File "a.py", line 1, in f', "Traceback (most recent call last):", "goroutine 1 [running]:",
        "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "From: a@b.example", "On Monday, Jo wrote:",
        "2026-06-26T10:00:00Z ERROR x", "a{b=\"c\"} 1", "a,b,c", "curl https://a.example", "```", "* SSL",
        "verify error:num=20",
        "2026-06-26 10:00:00", "level=error msg=", '{"level":"error"}', "START RequestId: 1", "X-Signature: a",
    )  # fmt: skip
    for line in lines:
        yield f"20,000 lines of {line!r}", f"{line}\n" * 20_000


def _times() -> Iterator[tuple[str, str]]:
    written = (
        "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2026-02-30T25:61:61Z", "2026-06-26T10:00:00+99:99",
        "2026-06-26T10:00:60Z", "-1", "1e308", "99999999999999999999", "26/Foo/2026:10:00:00 +0000",
        "1970-01-01T00:00:00-23:59",
    )  # fmt: skip
    for each in written:
        yield f"log at {each}", f"{each} ERROR a failed\n{each} ERROR a failed\n"
        yield f"json log at {each}", f'{{"time":"{each}","level":"error","status":"x","duration":-1}}\n' * 3
        yield f"date header {each}", f"HTTP/1.1 401 Unauthorized\nDate: {each}\nRetry-After: {each}\n\n{{}}"


def _tokens() -> Iterator[tuple[str, str]]:
    payloads = (
        '{"exp":1e400}', '{"exp":"soon"}', '{"exp":-1}', '{"exp":99999999999999}', '{"exp":{}}', '{"aud":[[],{}]}',
        "[1,2]", "null", "{", '{"exp":NaN}', '{"a":' * 5_000, '{"exp":1,"exp":2}', '{"iss":1,"scope":{}}', "\x00",
    )  # fmt: skip
    for payload in payloads:
        body = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
        yield f"token of {payload[:20]!r}", f"Authorization: Bearer {_JWT_HEAD}.{body}.AAAA"
    yield "token of a megabyte", f"{_JWT_HEAD}.{'A' * MEGABYTE}.AAAA"
    yield "a token with ten dots", f"{_JWT_HEAD}.a.b.c.d.e.f.g.h.i.j"


def _documents() -> Iterator[tuple[str, str]]:
    entry: dict[str, object] = {
        "startedDateTime": None,
        "time": -1,
        "request": {"url": 1, "headers": {}},
        "response": [],
    }
    yield "har of nonsense", json.dumps({"log": {"entries": [entry, None, 1, "a", []]}})
    yield "har with 20,000 entries", json.dumps({"log": {"entries": [{"time": n} for n in range(20_000)]}})
    spans = [{"traceId": "1", "spanId": str(n % 7), "parentSpanId": str((n + 1) % 7)} for n in range(5_000)]
    yield "spans in a ring", json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    yield "spans of nonsense", '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"x","status":7}]}]}]}'
    yield "csv with 10,000 columns", "\n".join([",".join(f"c{n}" for n in range(10_000))] * 3)
    yield "csv with an open quote", 'a,b\n1,"' + "x" * MEGABYTE
    yield (
        "metrics of nonsense",
        'a{b="c\\",d="} NaN\n# TYPE a histogram\na_bucket{le="x"} +Inf\na_bucket{} 1 2 3 4\n' * 9,
    )
    yield "certificate of nonsense", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----"
    yield "certificate cut short", f"-----BEGIN CERTIFICATE-----\n{'QUJD' * 400}"
    yield "curl with open quotes", "curl -H 'a: b -d \"{ https://a.example \\"
    yield "curl with 5,000 headers", "curl https://a.example " + '-H "a: b" ' * 5_000
    yield "headers with no end", "HTTP/1.1 200 OK\n" + "A: b\n" * 50_000
    yield "template strings", "{{7*7}} ${7*7} %(a)s {0} {__class__} <%= 1 %> {{"
    yield "lone surrogates", "\ud800 error \udfff 2026-06-26T10:00:00Z ERROR \ud83d"
    yield "right to left", "\u202eerror 401\u202c \u2066curl https://a.example\u2069"
    yield "nothing", ""
    yield "white space", " \n\t\r\n\u3000\x0b\x0c"


def _binary() -> Iterator[tuple[str, bytes]]:
    noise = random.Random(5).randbytes(MEGABYTE)  # noqa: S311 - noise, the same each time
    yield "noise", noise
    yield (
        "noise between lines",
        b"\n".join(b"2026-06-26T10:00:00Z ERROR " + noise[n : n + 90] for n in range(0, 90_000, 90)),
    )
    yield "zeros", b"\x00" * MEGABYTE
    yield "utf-16", "HTTP/1.1 401 Unauthorized\n".encode("utf-16")
    yield "latin-1", "2026-06-26T10:00:00Z ERROR Überlauf für Müller\n".encode("latin-1") * 50
    yield "a zip", b"PK\x03\x04" + noise[:5_000]
    yield "gzip", b"\x1f\x8b\x08" + noise[:5_000]
    yield "a picture", b"\x89PNG\r\n\x1a\n" + noise[:5_000]


def with_secrets() -> Iterator[tuple[str, str]]:
    """Real-looking artifacts that hold every one of `FAKES`, each by a name."""
    key, token, password, cookie, private, address = FAKES.values()
    pem = f"-----BEGIN {'PRIVATE'} KEY-----\n{private}\n-----END {'PRIVATE'} KEY-----"
    mail = f"{address}@mailbox.example"
    yield (
        "curl",
        (
            f"curl -u admin:{password} -H 'X-API-Key: {key}' -H 'Authorization: Bearer {token}' -b 'session={cookie}' "
            f"https://api.example.com/v1/x?api_key={key}&email={mail}\n{pem}"
        ),
    )
    yield (
        "http",
        (
            f"POST /v1/x?token={token} HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer {token}\n"
            f"X-Api-Key: {key}\nCookie: session={cookie}\n\n"
            f'{{"password":"{password}","user":"{mail}","client_secret":"{key}"}}\n\n'
            f"HTTP/1.1 401 Unauthorized\nSet-Cookie: session={cookie}\n\n{{}}\n{pem}"
        ),
    )
    headers = [
        {"name": "Authorization", "value": f"Bearer {token}"},
        {"name": "x-api-key", "value": key},
        {"name": "Cookie", "value": f"session={cookie}"},
    ]
    request = {
        "method": "POST",
        "url": f"https://api.example.com/?access_token={token}",
        "headers": headers,
        "postData": {"text": json.dumps({"password": password, "email": mail, "key": pem})},
    }
    entry = {"startedDateTime": "2026-06-26T10:00:00Z", "time": 9, "request": request, "response": {"status": 401}}
    yield "har", json.dumps({"log": {"entries": [entry]}})
    yield (
        "log",
        "\n".join(
            (
                f"2026-06-26T10:00:00Z ERROR call failed api_key={key} password={password}",
                f'2026-06-26T10:00:01Z ERROR {{"authorization":"Bearer {token}","cookie":"session={cookie}"}} {mail}',
                f'{{"time":"2026-06-26T10:00:02Z","level":"error","password":"{password}","token":"{token}"}}',
                f"ts=2026-06-26T10:00:03Z level=error msg=failed api_key={key} user={mail}",
                pem,
            )
        ),
    )
    yield (
        "stack trace",
        (
            f"Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    login(password='{password}', "
            f"api_key='{key}')\nValueError: bad token: {token} for {mail}\nCookie: session={cookie}\n{pem}"
        ),
    )
    yield (
        "prose",
        (
            f"Hi, my password is {password}, the api key is {key}, header Authorization: Bearer {token}, mail {mail}. "
            f"Cookie: session={cookie}\n{pem}"
        ),
    )
    yield "csv", f"id,password,api_key,note\n1,password={password},{key},Bearer {token}\n2,x,y,{mail}\n"


SEEDS: Sequence[str] = (
    "2026-06-26T10:00:00.123Z ERROR api [req_1a2b] POST /v1/orders 503 1002ms pool exhausted\n" * 4,
    '203.0.113.7 - - [26/Jun/2026:10:00:00 +0000] "GET /v1/x?a=1 HTTP/1.1" 429 12 "-" "job/1.0" 0.120\n' * 4,
    '<134>1 2026-06-26T10:00:00Z host app 12 - [x@1 a="b"] refused\n' * 4,
    'ts=2026-06-26T10:00:00Z level=warn msg="retry" status=429 path=/v1/x duration=12ms\n' * 4,
    "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nKeyError: 'id'\n",
    "java.net.SocketTimeoutException: Read timed out\n\tat a.B.c(B.java:7)\nCaused by: x.Y: z\n\t... 12 more\n",
    'HTTP/1.1 401 Unauthorized\nDate: Fri, 26 Jun 2026 10:00:00 GMT\nWWW-Authenticate: Bearer e="invalid_token"\n\n{}',
    "curl -X POST https://api.example.com/v1/x -H 'Content-Type: application/json' -d '{\"a\":1}' --max-time 5\n",
    "depth=0 CN = a.example\nverify error:num=20:unable to get local issuer certificate\nVerify return code: 21 (x)\n",
    '{"error":"invalid_grant","error_description":"AADSTS70008: expired","trace_id":"1"}',
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness"}',
    "Access to fetch at 'https://a.example/x' from origin 'https://b.example' has been blocked by CORS policy: y.\n",
    'requests_total{code="500",method="post"} 12\n# TYPE d histogram\nd_bucket{le="0.1"} 3\nd_bucket{le="+Inf"} 9\n',
    "id,at,amount\n1,2026-06-26T10:00:00Z,5\n1,2026-06-26T10:00:00Z,5\n2,2026-06-26T10:00:01Z,7\n",
    'Stripe-Signature: t=1782462905,v1=5257a869\n\n{"id":"evt_1","type":"a.b"}\n',
)
"""Small artifacts of many kinds, for `mutations`."""


def mutations(seed: int, count: int) -> Iterator[str]:
    """Seeds that were cut, doubled, mixed, shuffled or spoilt, `count` of them, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - the same each time
    for _ in range(count):
        text = dice.choice(SEEDS)
        for _ in range(dice.randint(1, 6)):
            text = _mutated(text, dice)
        yield text[:MEGABYTE]


def _mutated(text: str, dice: random.Random) -> str:
    place = dice.randint(0, len(text))
    lines = text.split("\n")
    match dice.randint(0, 8):
        case 0:
            return text[:place]
        case 1:
            return text[place:]
        case 2:
            return text + dice.choice(SEEDS)
        case 3:
            return text[:place] + dice.choice(SEEDS) + text[place:]
        case 4:
            dice.shuffle(lines)
            return "\n".join(lines)
        case 5:
            return (
                text[:place]
                + dice.choice(('"', "'", "\\", "\x00", "\u200b", "\ud800", "{", "\n", "\r", "é"))
                + text[place:]
            )
        case 6:
            return text.replace("\n", "\r\n")
        case 7:
            return text * dice.randint(2, 9)
        case _:
            return text.swapcase()
