"""Secrets are masked, once and for all, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.redact import disarm, mask, mask_credentials, mask_secrets, put_emails_back

# Made up, and put together here so that no scanner takes them for real ones.
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
AWS = "AKIA" + "IOSFODNN7QWERTYU"
GITHUB = "ghp_" + "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8"
SLACK = "xoxb-" + "123456789012-abcdefghijkl"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0" + ".dozjgNryP4J3jVmNHl0w"
KEY_BLOCK = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nqwerty==\n-----END RSA " + "PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        ("-H 'Authorization: Bearer abcdef1234567890'", "-H 'Authorization: Bearer [token…7890]'", ("token",)),
        ("authorization: bearer short", "authorization: bearer [token]", ("token",)),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [basic-credentials]", ("basic credentials",)),
        ('"Authorization": "Bearer zzzz1111yyyy"', '"Authorization": "Bearer [token…yyyy]"', ("token",)),
        ("we sent bearer abcdef1234", "we sent bearer [token…1234]", ("token",)),
        ("curl -u alice:s3cret https://x.io", "curl -u alice:[password] https://x.io", ("password",)),
        ("curl -u 'alice:my pass' https://x.io", "curl -u 'alice:[password]' https://x.io", ("password",)),
        ("curl --user alice:s3cret https://x.io", "curl --user alice:[password] https://x.io", ("password",)),
        ("curl -u key1234567890: https://x.io", "curl -u [api-key…7890]: https://x.io", ("api key",)),
        ("X-Api-Key: 9f8e7d6c5b4a", "X-Api-Key: [api-key…5b4a]", ("api key",)),
        ("X-Api-Key: abc123", "X-Api-Key: [api-key]", ("api key",)),
        ("https://x.io/a?api_key=abcdef123456&page=2", "https://x.io/a?api_key=[api-key…3456]&page=2", ("api key",)),
        (f"key {STRIPE}", "key [api-key…p7dc]", ("api key",)),
        (AWS, "[api-key…RTYU]", ("api key",)),
        (f"token={GITHUB}", "token=[api-key…q7r8]", ("api key",)),
        (f"({SLACK})", "([api-key…ijkl])", ("api key",)),
        ("aws_secret_access_key = wJalrXUtnFEMIK7MDENG", "aws_secret_access_key = [api-key…DENG]", ("api key",)),
        ("Cookie: session=abc123; theme=dark\nnext", "Cookie: [cookie]\nnext", ("cookie",)),
        ("curl -b 'sid=zzz' https://x.io", "curl -b '[cookie]' https://x.io", ("cookie",)),
        ("postgres://app:p@ss@db:5432/x", "postgres://app:[password]@db:5432/x", ("password",)),
        (f"id {JWT}.", "id [jwt].", ("jwt",)),
        (f"a\n{KEY_BLOCK}\nb", "a\n[private-key]\nb", ("private key",)),
        ("-----BEGIN " + "PRIVATE KEY-----\nMIIEow cut off", "[private-key]", ("private key",)),
        ('{"password": "correct horse", "a": 1}', '{"password": "[password]", "a": 1}', ("password",)),
        (r'-d "{\"password\": \"hunter2\"}"', r'-d "{\"password\": \"[password]\"}"', ("password",)),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[password] psql", ("password",)),
        ("<password>hunter2</password>", "<password>[password]</password>", ("password",)),
        ("my password is hunter2", "my password is [password]", ("password",)),
        ("access_token: abc", "access_token: [token]", ("token",)),
        ('{"client_secret":"abcdefgh12"}', '{"client_secret":"[api-key…gh12]"}', ("api key",)),
        ("my password is Tr0ub4dor&3", "my password is [password]", ("password",)),
        ("my password is hunter2, and more", "my password is [password], and more", ("password",)),
        ("password: S19two words\nnext", "password: [password]\nnext", ("password",)),
        ("user: bob, password: a b1, host: db1", "user: bob, password: [password], host: db1", ("password",)),
        ("-H 'X-Password: abc d' https://x.io", "-H 'X-Password: [password]' https://x.io", ("password",)),
        ("password: it's quoted", "password: [password]", ("password",)),
        ("user=a&password=b&c&page=2", "user=a&password=[password]&page=2", ("password",)),
        ("Server=a;Password=b,c;Database=d", "Server=a;Password=[password];Database=d", ("password",)),
        ('pass phrase = "one two"', 'pass phrase = "[password]"', ("password",)),
        ("the api key is abcd1234efgh", "the api key is [api-key…efgh]", ("api key",)),
        ("our token is abcd1234efgh", "our token is [token…efgh]", ("token",)),
        ("AccountName=x;AccountKey=ab12+/==;Suffix=y", "AccountName=x;AccountKey=[api-key];Suffix=y", ("api key",)),
        ("https://x.io/cb?code=SplxlOBeZQQYbYS6WxSbIA&s=1", "https://x.io/cb?code=[token…SbIA]&s=1", ("token",)),
        ("https://x.io/a?b=1&token=abc", "https://x.io/a?b=1&token=[token]", ("token",)),
        ("card 4111 1111 1111 1111 declined", "card [card-number] declined", ("card number",)),
        ("5555-5555-5555-4444, 378282246310005", "[card-number], [card-number]", ("card number",)),
        ("180016070420458, 6304000000000000", "[card-number], [card-number]", ("card number",)),
        ("write to bob.x+1@mail.acme.co.uk.", "write to [email…@mail.acme.co.uk].", ("email",)),
        (r"{\\\"password\\\": \\\"hunter2\\\"}", r"{\\\"password\\\": \\\"[password]\\\"}", ("password",)),
        ('{"X-Api-Key": ["9f8e7d6c5b4a"]}', '{"X-Api-Key": ["[api-key…5b4a]"]}', ("api key",)),
        ("[('X-Api-Key', '9f8e7d6c5b4a')]", "[('X-Api-Key', '[token…5b4a]')]", ("token",)),
        ("{b'x-api-key': b'9f8e7d6c5b4a'}", "{b'x-api-key': b'[api-key…5b4a]'}", ("api key",)),
        ("a?next=%3Faccess_token%3Dabcdef123456%26b", "a?next=%3Faccess_token%3D[token…3456]%26b", ("token",)),
        ("q=%7B%22password%22%3A%20%22hunter2%22", "q=%7B%22password%22%3A%20%22[password]%22", ("password",)),
        (f"t={JWT.replace('.', '%2E')}&a=1", "t=[jwt]&a=1", ("jwt",)),
        ("password: |\n  hunter2\nuser: a", "password: |\n  [password]\nuser: a", ("password",)),
        ("x-api-key\n9f8e7d6c5b4a\naccept", "x-api-key\n[api-key…5b4a]\naccept", ("api key",)),
        ("| password | hunter2 |", "| password | [password] |", ("password",)),
        ("password\u00a0=\u00a0hunter2", "password\u00a0=\u00a0[password]", ("password",)),
        ("**password:** hunter2", "**password:** [password]", ("password",)),
        ("Das Passwort lautet hunter2", "Das Passwort lautet [password]", ("password",)),
        ("mysql://root:p/w1@db/x", "mysql://root:[password]@db/x", ("password",)),
        ("https://abcd1234efgh:abc@git.io/a", "https://[api-key…efgh]:[password]@git.io/a", ("api key", "password")),
        ("a Basic YWRtaW46aHVudGVyMg== b", "a Basic [basic-credentials] b", ("basic credentials",)),
        ('{"auth":"YWRtaW46aHVudGVyMg=="}', '{"auth":"[token]"}', ("token",)),
        ('"cookies": [{"name": "s", "value": "abc"}]', '"cookies": [{"name": "s", "value": "[cookie]"}]', ("cookie",)),
        ('{"value": "abc", "name": "cookie"}', '{"value": "[token]", "name": "cookie"}', ("token",)),
        ('"path":"password","value":"abc"', '"path":"password","value":"[token]"', ("token",)),
        ("- name: DB_PASSWORD\n  value: abc", "- name: DB_PASSWORD\n  value: [token]", ("token",)),
        ('name="password"\n\nabc\n--b', 'name="password"\n\n[password]\n--b', ("password",)),
        ("login bob password abc", "login bob password [password]", ("password",)),
        ('<add key="ApiKey" value="abcd1234efgh"/>', '<add key="ApiKey" value="[api-key…efgh]"/>', ("api key",)),
        ('<p:Password Type="t">hunter2</p:Password>', '<p:Password Type="t">[password]</p:Password>', ("password",)),
        ("curl --cert c.pem:abc https://x.io", "curl --cert c.pem:[password] https://x.io", ("password",)),
        ("bad token a1b2c3d4e5f6g7h8", "bad token [api-key…g7h8]", ("api key",)),
        ("const token = 'abcd1234efgh'", "const token = '[api-key…efgh]'", ("api key",)),
        ("Authorization: Bearer\n a1b2c3d4e5f6g7h8\n", "Authorization: Bearer\n [token…g7h8]\n", ("token",)),
        ("GOCSPX-" + "a1b2c3d4e5f6g7h8i9", "[api-key…h8i9]", ("api key",)),
        ("mailto:bob%40acme.io", "mailto:[email…@acme.io]", ("email",)),
        ("pwd=x1 Bearer abcdef1234", "pwd=[password] Bearer [token…1234]", ("password", "token")),
    ],
)
def test_secrets_are_masked(text: str, masked: str, kinds: tuple[str, ...]) -> None:
    assert mask(text).text == masked
    assert mask(text).kinds == kinds
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "request ids: req_8f2a9b, req_9a1; trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        "X-Request-Id: 550e8400-e29b-41d4-a716-446655440000",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, commit 1f2e3d4c5b6a",
        "Idempotency-Key: 9b2f3c4d, primary key: 42",
        "Authorization: Bearer $TOKEN and -u user:$PASSWORD and password={{secret}} and api_key=****",
        "Authorization header is required; bearer authentication fails; token: expired; cookie: none",
        "docker run -u 1000:1000 app; http://localhost:8080/path; ratio 3:1",
        "https://api.example.com/v2/payments?page=2&key=amount",
        "The password reset page returns 500, the password is wrong",
        "the api key is missing, the token is invalid; GET /cb?code=not_found&code=404",
        "4111 1111 1111 1112, 1700000000000, 1700000000000000, order 4111111111111111-7",
        "app@2.3.1, user@host, @channel",
        'headers = {"Authorization": f"Bearer {key}", "X-Api-Key": f"{key}"}; token = get_token(user_1)',
        "wrong password 2026-06-26T10:00:00Z req_8f2a9b12cd; token expired at 10:00, key id 12345678",
        '"required": ["password", "username2", "token"]; cache key: orders:12; password:\n  type: string',
        "http://localhost:8080/a?b=c@d; basic plan: orders2026; Basic authentication; | password | required |",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).kinds == ()


MARKUP = st.sampled_from(
    [
        "Authorization: ",
        "Bearer ",
        "Basic ",
        "password=",
        "password: ",
        " password is ",
        "&a=",
        ", ",
        "4111 1111 1111 1111",
        "a.b@acme.io",
        '"password": "',
        "api_key=",
        "token: ",
        "Cookie: a=",
        "-u ",
        "--user ",
        "://a:",
        "@",
        ":",
        " ",
        "\n",
        '"',
        "'",
        "\\",
        "abc12345",
        "x",
        "[password]",
        "[api-key…abcd]",
        "…",
        "]",
        "[",
    ]
)
PIECES = MARKUP | st.sampled_from([STRIPE, JWT, KEY_BLOCK])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_secrets(text)
    assert mask_secrets(once) == once


@given(st.lists(MARKUP, max_size=8).map("".join), st.lists(MARKUP, max_size=8).map("".join))
def test_what_looks_like_a_secret_never_passes(before: str, after: str) -> None:
    for secret in (STRIPE, JWT):
        assert secret not in mask_secrets(f"{before} {secret} {after}")


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


@pytest.mark.parametrize(
    "piece",
    [
        "eyJ-",
        "://a:",
        'password="',
        "authorization: ",
        KEY_BLOCK[:31],
        "{",
        "password: ",
        "password=,",
        "4111 ",
        "a@a.",
        "mysql://a:",
        "QUJDQUJDQUJDQUJDQUJD\n",
        '"value":"',
        '"cookies":[',
        "x-a-",
        "password%3A",
        "api_key\n",
    ],
)
def test_a_huge_text_is_taken(piece: str) -> None:
    mask_secrets(piece * (256_000 // len(piece)))


@pytest.mark.parametrize(
    ("masked", "known", "told"),
    [
        ("Ask [email…@acme.example].", ["jo@acme.example, bo@other.example"], "Ask jo@acme.example."),
        ("[email…@acme.example]", ["jo@acme.example", "jo@acme.example"], "jo@acme.example"),
        ("[email…@acme.example]", ["jo@acme.example", "bo@acme.example"], "[email…@acme.example]"),
        ("[email…@acme.example]", ["jo@acme.example.org", ""], "[email…@acme.example]"),
        ("[email…@ACME.example]", ["jo@acme.example"], "jo@acme.example"),
        ("[password] [token…7890]", ["password: hunter2hunter2"], "[password] [token…7890]"),
        ("nothing", [], "nothing"),
    ],
)
def test_a_mail_address_is_put_back_where_one_alone_can_be_meant(masked: str, known: list[str], told: str) -> None:
    assert put_emails_back(masked, known) == told


def test_credentials_are_all_but_mail_addresses() -> None:
    assert mask_credentials(f"{STRIPE} ann@example.com {JWT}") == "[api-key…p7dc] ann@example.com [jwt]"


HEAD = JWT.rpartition(".")[0]
DISARMED = f"{HEAD}.[signature]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (JWT, DISARMED),
        (
            f"curl -H 'Authorization: Bearer {JWT}' https://x.io",
            f"curl -H 'Authorization: Bearer {DISARMED}' https://x.io",
        ),
        (f'{{"access_token":"{JWT}","n":1}}', f'{{"access_token":"{DISARMED}","n":1}}'),
        (f"token={JWT}&page=2", f"token={DISARMED}&page=2"),
        (f"{JWT} and {JWT}", f"{DISARMED} and {DISARMED}"),
        (f"Cookie: session={JWT}; a=b", "Cookie: [cookie]"),
        (f"password: x {JWT}", "password: [password]"),
        (f"{STRIPE} ann@example.com", "[api-key…p7dc] ann@example.com"),
        (HEAD, HEAD),  # it has no signature
        (f"{HEAD}.", f"{HEAD}."),
        (f"[jwt…0000] {JWT}", f"[jwt…0000] {DISARMED}"),
        ("[signature]", "[signature]"),
    ],
)
def test_a_token_that_is_disarmed_can_still_be_read(text: str, told: str) -> None:
    assert disarm(text) == told
    assert disarm(told) == told


def test_a_disarmed_token_is_masked_whole() -> None:
    assert mask_secrets(f"Authorization: Bearer {DISARMED}") == "Authorization: Bearer [jwt]"


PREFIXES = st.sampled_from(["", "Bearer ", "token=", "Cookie: a=", "'", "[jwt…0001]", "password: "])


@given(st.lists(st.tuples(PREFIXES, st.sampled_from([JWT, HEAD, STRIPE, DISARMED, f"{JWT}.a.b"]))))
def test_nothing_armed_is_left_and_disarming_twice_is_disarming_once(parts: list[tuple[str, str]]) -> None:
    once = disarm(" ".join(map("".join, parts)))
    assert disarm(once) == once
    assert JWT.rpartition(".")[2] not in once


@pytest.mark.parametrize("piece", ["eyJ", "eyJaaaaaa.", "[jwt…", "eyJaaaaa.bbbbb.[sig", f"{JWT} "])
def test_a_huge_text_is_disarmed(piece: str) -> None:
    disarm(piece * (300_000 // len(piece)))
