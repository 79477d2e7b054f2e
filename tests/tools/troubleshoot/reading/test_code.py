"""Pasted code: handlers that verify what was parsed, and calls of an API."""

import pytest

from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.reading.code import find_code, handler_in
from tools.troubleshoot.reading.code_calls import calls_in

EXPRESS = """app.use(express.json());
app.post('/webhook', (req, res) => {
  const sig = req.headers['stripe-signature'];
  const event = stripe.webhooks.constructEvent(JSON.stringify(req.body), sig, secret);
  res.json({received: true});
});"""
FLASK = """@app.route("/webhook", methods=["POST"])
def webhook():
    payload = json.dumps(request.get_json())
    expected = hmac.new(SECRET, payload.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Signature"]):
        abort(400)
    return "", 200"""
SPRING = """@PostMapping("/webhook")
public ResponseEntity<Void> handle(@RequestBody Map<String, Object> body, @RequestHeader("X-Sig") String signature) {
    verifySignature(body.toString(), signature);
    return ResponseEntity.ok().build();
}"""
RAW = """app.post('/webhook', express.raw({type: 'application/json'}), (req, res) => {
  const event = stripe.webhooks.constructEvent(req.body, req.headers['stripe-signature'], secret);
  res.json({received: true});
});
app.use(express.json());"""
FLASK_RAW = """@app.route("/webhook", methods=["POST"])
def webhook():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    event = request.get_json()
    return verify(expected)"""


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        (EXPRESS, 4, "JSON.stringify(req.body)"),
        (FLASK, 3, "json.dumps(request.get_json())"),
        (SPRING, 2, "@RequestBody Map"),
        ("app.use(express.json());\napp.post('/h', (req) => { verify(req.body, sig); });", 1, "express.json()"),
        ("payload = await request.json()\nverify_signature(payload, signature)", 1, "await request.json()"),
    ],
)
def test_the_body_is_parsed_or_written_anew_before_it_is_verified(code: str, line: int, words: str) -> None:
    (piece,) = find_code(f"Our handler:\n\n{code}\n\nIs this right?")
    handler = piece.facts[0]
    assert (piece.first, piece.last) == (3, 2 + code.count("\n") + 1)
    assert isinstance(handler, WebhookDelivery)
    assert (handler.parsed_first, handler.line) == (True, line)
    assert words in handler.parsed_first_text


@pytest.mark.parametrize("code", [RAW, FLASK_RAW, "payload = request.get_json()\nsave(payload)"])
def test_the_raw_body_is_well(code: str) -> None:
    assert handler_in(code) is None


def test_the_tolerance_in_code() -> None:
    found = handler_in("verify_header(payload, sig, secret, tolerance=600)")
    assert found is not None
    assert (found.parsed_first, found.tolerance_seconds) == (False, 600)


@pytest.mark.parametrize(
    ("code", "method", "url", "timeout"),
    [
        (
            'r = requests.post("https://api.example.com/x", json=body, timeout=3)',
            "POST",
            "https://api.example.com/x",
            3,
        ),
        ("await axios.get('https://api.example.com/x', {timeout: 5000})", "GET", "https://api.example.com/x", 5),
        ('fetch("https://api.example.com/x", {method: "PUT", body})', "PUT", "https://api.example.com/x", None),
        (
            'fetch("https://api.example.com/x", {"body": "{}", "method": "POST"})',
            "POST",
            "https://api.example.com/x",
            None,
        ),
        ("fetch('/v1/x')", "GET", "/v1/x", None),
        (
            'req, err := http.NewRequest("POST", "https://api.example.com/x", body)',
            "POST",
            "https://api.example.com/x",
            None,
        ),
    ],
)
def test_calls(code: str, method: str, url: str, timeout: float | None) -> None:
    (found,) = calls_in(code)
    assert (found.source, found.method, found.url, found.timeout_seconds) == ("code", method, url, timeout)


def test_headers_of_a_call() -> None:
    (found,) = calls_in(
        'requests.post("https://api.example.com/x", headers={"Authorization": "Bearer YOUR_API_KEY",'
        ' "Content-Type": "application/json", "X-Api-Key": f"{KEY}"}, data={"a": 1})'
    )
    assert found.request_headers == {"authorization": "Bearer YOUR_API_KEY", "content-type": "application/json"}
    assert found.auth_fault == "placeholder"


def test_a_single_line_with_a_call_is_code() -> None:
    (piece,) = find_code("We run\nresp = requests.get('https://api.example.com/x')\nand it fails.")
    assert (piece.first, piece.last) == (2, 2)
    assert isinstance(piece.facts[0], Exchange)


@pytest.mark.parametrize(
    "text",
    [
        "We expected a 200; it came back;\nour team is on it;\nplease help;",
        "- one thing:\n- another thing;\n# A heading\n## Another",
        "Name: Jo,\nRole: admin,\nTeam: payments,",
        '{\n  "a": 1,\n  "b": "foo.bar(1)"\n}',
        "with the new deploy it fails\nif we use the old key:\nit works",
        "return code 401\ntry again",
        "a = b",
        "",
    ],
)
def test_prose_and_json_are_no_code(text: str) -> None:
    assert find_code(text) == ()
