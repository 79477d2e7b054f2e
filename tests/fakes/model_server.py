"""A model server on loopback: OpenAI-compatible, scripted for tests, or with a mind of its own for a trial.

`python -m tests.fakes.model_server --port 9009` tells the truth, `--lies` plants wrong numbers in every answer.
"""

import argparse
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """An HTTP answer as it is. With `cut` the connection breaks off in the middle of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    wait: threading.Event | None = None


Reply = dict[str, Any] | Raw
Mind = Callable[[Request], Reply]


def said(text: str, finish_reason: str = "stop") -> dict[str, Any]:
    """A completion with a text."""
    return _completion({"role": "assistant", "content": text}, finish_reason)


def called(*calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A completion that calls tools: (name, arguments) each."""
    wire = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(calls, start=1)
    ]
    return _completion({"role": "assistant", "content": None, "tool_calls": wire}, "tool_calls")


def _completion(message: dict[str, Any], finish_reason: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


@dataclass
class ModelServer:
    """A running fake and the requests that it got."""

    url: str
    requests: list[tuple[dict[str, str], Request]] = field(default_factory=list)


@contextmanager
def model_server(mind: Mind | Sequence[Reply], port: int = 0) -> Iterator[ModelServer]:
    """Serve a mind, or a script whose last reply is repeated; closed at the end."""
    answer = mind if callable(mind) else _script(mind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append((dict(self.headers), request))
            reply = answer(request)
            self._send(reply if isinstance(reply, Raw) else Raw(body=json.dumps(reply).encode()))

        def _send(self, raw: Raw) -> None:
            if raw.wait is not None:
                raw.wait.wait(60)
            self.send_response(raw.status)
            for name, value in {"Content-Type": "application/json", **raw.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw.body)))
            self.end_headers()
            self.wfile.write(raw.body[: len(raw.body) // 2] if raw.cut else raw.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server = ModelServer(f"http://127.0.0.1:{listener.server_port}/v1")
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def _script(replies: Sequence[Reply]) -> Mind:
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


# ── Minds ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def truthful(request: Request) -> Reply:
    """Looks the account up and says what it found, by references alone."""
    results = _results(request)
    if not results:
        return _first_step(request)
    references = {f["write"].strip("[]").partition("@")[0]: f["write"] for f in results[-1].get("figures", ())}
    if "health.score" not in references:
        return said("That is not known.")
    r = references
    return said(
        f"The account is {r['health.tier']}: its health score is {r['health.score']} of 100, with the churn level "
        f"{r['churn.level']}.\n\n- ARR: {r['arr']}\n- Decision date: {r['renewal.decision_date']}\n\n"
        "Talk to the business owner before anything else."
    )


def lying(request: Request) -> Reply:
    """The same with numbers of its own, and one sentence that is true."""
    results = _results(request)
    if not results:
        return _first_step(request)
    references = {f["write"].strip("[]").partition("@")[0]: f["write"] for f in results[-1].get("figures", ())}
    return said(
        "The health score is 97.4 of 100. Its ARR is USD 9,999,999, and it renews on 1 January 2031. "
        f"The churn level is {references.get('health.score', '[[none]]')}. NPS doubled to ninety points. "
        f"The real churn level is {references.get('churn.level', '[[none]]')}.\n\n- A fix will ship in 48 hours."
    )


def _results(request: Request) -> list[dict[str, Any]]:
    return [json.loads(m["content"]) for m in request["messages"] if m["role"] == "tool"]


def _first_step(request: Request) -> Reply:
    """Call /health for the account that the question names in quotes or in talk; else answer from the passages."""
    data, _, question = request["messages"][-1]["content"].partition("\n\nQuestion:\n")
    context = json.loads(data.partition("\n")[2]) if question else {}
    named = question.split('"')[1] if question.count('"') > 1 else (context.get("account_in_talk") or {}).get("id")
    if named and any(tool["function"]["name"] == "health" for tool in request.get("tools", ())):
        return called(("health", {"account": named}))
    passages = context.get("passages", ())
    return said(f"{passages[0]['title']} has it {passages[0]['cite']}." if passages else "I do not know that.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9009)
    parser.add_argument("--lies", action="store_true")
    given = parser.parse_args()
    with model_server(lying if given.lies else truthful, given.port) as server:
        print(f"CSE_LLM_BASE_URL={server.url} CSE_LLM_MODEL=fake", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
