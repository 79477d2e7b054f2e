"""audience=customer, over every command, account and way in: nothing that a customer must not read goes out."""

import asyncio
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.resources import disclosure
from app.runtime import discover_commands, open_runtime
from app.security.principals import LOCAL
from tests.service.conftest import Service, prepare, serve, settings_in
from tests.service.test_data import load

READING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("health", {}),
    ("health", {"action": "brief"}),
    ("feedback", {"action": "list"}),
    ("feedback", {"action": "shipped", "item": "webhook", "on": "{today}"}),
    ("health", {"action": "handover"}),
    ("health", {"action": "compare"}),
    ("feedback", {}),
    ("feedback", {"action": "collect"}),
    ("escalate", {"action": "list"}),
    ("escalate", {"action": "blast", "endpoint": "POST /api/v2/events", "since": "{today}"}),
    ("escalate", {"issue": "The API answers 503 to every call since 09:00 UTC, SEV1"}),
    ("troubleshoot", {"text": "POST /orders answers 429 Too Many Requests, retry-after: 30, Sofia knows"}),
    ("troubleshoot", {"text": "curl: (60) SSL certificate problem: certificate has expired, says Kestrel"}),
    ("troubleshoot", {"action": "repro", "text": "curl https://api.example.com/orders gives 503 Service Unavailable"}),
    ("troubleshoot", {"action": "solved", "text": "Sofia renewed the key of Kestrel"}),
    ("renewal", {}),
    ("onboard", {}),
    ("onboard", {"action": "readiness"}),
    ("onboard", {"action": "go-live"}),
    ("onboard", {"action": "integration"}),
    ("onboard", {"action": "samples", "language": "python"}),
    ("onboard", {"action": "done", "text": "M9"}),
    ("onboard", {"action": "slip", "text": "M10 +2d whose=customer Sofia and Eastgate wait"}),
    ("onboard", {"action": "answer", "text": "stack Python, as Eastgate has it"}),
    ("onboard", {"action": "check", "text": "sso no Sofia asks Marcus"}),
    ("onboard", {"action": "sign-off", "text": "go-live"}),
    ("renewal", {"action": "review"}),
    ("qbr", {}),
    ("qbr", {"action": "agenda", "on": "{today}"}),
    ("adoption", {}),
    ("adoption", {"action": "enablement", "topic": "webhooks"}),
    ("adoption", {"action": "held", "topic": "webhooks"}),
    ("champion", {}),
    ("champion", {"action": "mark", "who": "Sofia"}),
    ("champion", {"action": "unmark", "who": "Sofia"}),
    ("troubleshoot", {"text": "POST /v1/orders answers 401 since 09:00 UTC, as at Eastgate; Sofia rotated the key"}),
    ("troubleshoot", {"text": "HTTP/1.1 503 Service Unavailable\n\ndatabase connection pool exhausted"}),
    ("troubleshoot", {"action": "repro", "text": "curl -X POST https://api.example.com/v1/orders -d x=1"}),
    ("troubleshoot", {"action": "solved", "text": "Sofia renewed the client secret, as at Eastgate"}),
)
"""Of an account each: of every account the first four, of some the others too."""

ALL_OF = ("brightwater", "cobalt-harbor", "kestrel", "orchard-lane")

OF_NO_ACCOUNT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("health", {}),
    ("health", {"tier": "red"}),
    ("health", {"action": "changes"}),
    ("feedback", {}),
    ("feedback", {"action": "list"}),
    ("feedback", {"action": "collect"}),
    ("feedback", {"action": "report"}),
    ("feedback", {"action": "shipped", "item": "webhook", "on": "{today}"}),
    ("feedback", {"action": "accept", "ids": ["p-0"]}),
    ("feedback", {"action": "add", "title": "Faster exports for Kestrel", "category": "ux", "impact": 5, "effort": 2}),
    ("troubleshoot", {"text": "Kestrel says: Error: connect ECONNREFUSED 203.0.113.7:443"}),
    ("escalate", {"action": "list"}),
    ("escalate", {"action": "blast", "endpoint": "POST /api/v2/events", "since": "{today}"}),
    ("escalate", {"action": "similar", "escalation": "esc-manifests"}),
    ("escalate", {"action": "postmortem", "escalation": "esc-manifests"}),
    ("escalate", {"action": "postmortem", "escalation": "esc-reminders"}),
    ("escalate", {"action": "update", "text": "esc-manifests Marcus and Kestrel know: the pool was full. It grows."}),
    ("escalate", {"action": "resolve", "text": "esc-manifests We added connections. The ARR of USD 520,000 is safe."}),
    ("escalate", {"action": "check", "text": "esc-manifests The error rate is back to normal."}),
    ("escalate", {"action": "reopen", "text": "esc-manifests Calls fail again."}),
    ("escalate", {"action": "close", "text": "esc-reminders Their owner Sofia checked it."}),
    ("health", {"action": "log", "account": "kestrel", "text": "Call with Tess, churn risk is high, ask Sofia"}),
    ("troubleshoot", {"text": "POST /orders answers 503 Service Unavailable to Kestrel since 09:00 UTC"}),
    ("troubleshoot", {"text": "It is slow."}),
    ("troubleshoot", {"action": "repro", "text": "curl https://api.example.com/orders gives 503"}),
    ("renewal", {}),
    ("onboard", {}),
    ("feedback", {"action": "brief"}),
    ("feedback", {"action": "trends"}),
    ("adoption", {}),
    ("adoption", {"action": "release", "feature": "webhooks"}),
    ("champion", {}),
    ("metrics", {}),
    ("metrics", {"action": "ramp", "owner": "Sofia Lindqvist"}),
    ("metrics", {"action": "sign-off", "owner": "Sofia Lindqvist", "goal": "d30.product"}),
    ("metrics", {"action": "backtest"}),
    ("renewal", {"action": "propose", "account": "kestrel", "idea": "10% off, since their budget is cut, says Sofia"}),
    ("health", {"account": "Kestrl"}),
    ("health", {"account": "zz-absent"}),
    ("feedback", {"action": "nonsense"}),
)

CHURN = re.compile(r"churn|health.?score|\bARR\b|\bat risk\b|detractor|/v1/|\besc-\w", re.IGNORECASE)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of these tests' own: they write."""
    settings = settings_in(tmp_path_factory.mktemp("data"))
    key = asyncio.run(prepare(settings, filled=True))
    for url in serve(settings):
        yield Service(url, settings, key)


@pytest.fixture(scope="module")
def client(own: Service) -> httpx.Client:
    return own.client("admin")


@pytest.fixture(scope="module")
def accounts(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/accounts?limit=200").json()["items"]
    return found


def written(amount: float) -> set[str]:
    """An amount as people write it."""
    whole = f"{amount:,.0f}"
    thousands = f"{amount / 1000:g}"
    return {f"{amount:.0f}", whole, whole.replace(",", "."), whole.replace(",", " "), f"{thousands}k", f"{thousands}K"}


def names_of(account: dict[str, Any]) -> set[str]:
    return {account["id"], account["name"], *(alias for alias in account["aliases"] if len(alias) > 3)}


def assert_fit(said: str, accounts: list[dict[str, Any]], reader: str | None = None) -> None:
    """The whole response as JSON holds nothing that its reader must not read."""
    assert not (found := CHURN.search(said)), said[max(found.start() - 80, 0) : found.end() + 80]
    mine = next((account for account in accounts if account["id"] == reader), None)
    own_names = names_of(mine) if mine else set()
    bare = said
    for name in sorted(own_names, key=len, reverse=True):
        bare = bare.replace(name, "…")
    for account in accounts:
        for name in names_of(account) - own_names:
            assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", bare, re.IGNORECASE), (name, reader)
        for part in (account["owner"] or "").split():
            assert not re.search(rf"\b{part}\b", bare), part
    for amount in written(mine["arr"]) if mine and mine["arr"] else ():
        assert not re.search(rf"(?<![\d.,]){re.escape(amount)}(?![\d])", said), amount


def ask(client: httpx.Client, command: str, today: Any, **body: Any) -> httpx.Response:
    sent = {name: value.format(today=today) if isinstance(value, str) else value for name, value in body.items()}
    return client.post(f"/v1/commands/{command}", json={**sent, "audience": "customer"})


def test_every_subcommand_is_tried() -> None:
    for name, command in discover_commands().items():
        actions = command.args.model_json_schema()["properties"]["action"]
        parts = (actions, *actions.get("anyOf", ()))
        offered = {each for part in parts for each in (*part.get("enum", ()), *filter(None, (part.get("const"),)))}
        tried = {body.get("action") for called, body in (*READING, *OF_NO_ACCOUNT) if called == name}
        assert offered <= tried | {"rank"}, name


def test_no_answer_of_an_account_tells_what_is_ours(
    client: httpx.Client, accounts: list[dict[str, Any]], today: Any
) -> None:
    for account in accounts:
        for command, body in READING if account["id"] in ALL_OF else READING[:4]:
            answer = ask(client, command, today, account=account["id"], **body)
            assert answer.status_code in (200, 404, 422), answer.text
            assert_fit(answer.text, accounts, account["id"])
            if answer.status_code != 200:
                assert answer.json()["code"] != "leak", (command, body, account["id"])
                continue
            told = answer.json()
            assert (told["data"], told["effects"]) == (None, [])
            for figure in told["figures"]:
                assert figure["account_id"] == account["id"]
                assert not re.match(r"health|churn|arr|nps|renewal|group|blast|action|promise", figure["key"])
                assert all(evidence["href"] is None for evidence in figure["evidence"])
            if body == {} and command == "health":
                internal = client.post("/v1/commands/health", json={"account": account["id"]}).json()
                score = next((f["shown"] for f in internal["figures"] if f["key"] == "health.score"), "unknown")
                others = {
                    f["shown"] for f in internal["figures"] if f["key"].startswith(("usage", "seats", "features"))
                }
                assert score in others | {"unknown"} or score not in told["text"]
                assert "Not part" in told["text"] or "not part" in told["text"]


def test_no_answer_about_several_accounts_and_no_error_tells_what_is_ours(
    client: httpx.Client, accounts: list[dict[str, Any]], today: Any
) -> None:
    about = {"esc-manifests": "cobalt-harbor", "esc-reminders": "brightwater", "kestrel": "kestrel"}
    for command, body in OF_NO_ACCOUNT:
        reader = next((account for named, account in about.items() if re.search(rf"\b{named}\b", str(body))), None)
        answer = ask(client, command, today, **body)
        assert answer.status_code < 500, answer.text
        assert_fit(answer.text, accounts, reader)
    assert "zz-absent" not in ask(client, "health", today, account="zz-absent").text
    errors = [ask(client, "health", today, account=name).json() for name in ("Kestrl", "zz-absent")]
    assert errors[0]["detail"] == errors[1]["detail"]


def test_what_an_update_writes_is_written_and_its_answer_is_the_customer_s(
    client: httpx.Client, accounts: list[dict[str, Any]], today: Any
) -> None:
    issue = "The API answers 503 to every call since 09:00 UTC, SEV1"
    opened = client.post("/v1/commands/escalate", json={"account": "saltmarsh", "issue": issue}).json()
    name = opened["effects"][0]["item"]["id"]
    said = f"{name} The export queue is full. Marcus Bell looks into it. We doubled its size."
    told = ask(client, "escalate", today, action="update", text=said).json()
    (draft,) = [block for block in told["blocks"] if block["type"] == "draft"]
    assert "The export queue is full." in told["text"]
    assert "We doubled its size." in str(draft)
    assert_fit(json.dumps(told), accounts, "saltmarsh")
    updates = client.get("/v1/accounts/saltmarsh/escalation_updates").json()["items"]
    assert any("Marcus Bell looks into it" in (update["text"] or "") for update in updates)


@pytest.mark.parametrize(
    ("message", "reader"),
    [
        ("/health cobalt-harbor", "cobalt-harbor"),
        ("/health kestrel brief", "kestrel"),
        ("How is Kestrel Learning doing?", "kestrel"),
        ("Is Cobalt Harbor going to churn?", "cobalt-harbor"),
        ("/health", None),
        ("/health Kestrl", "kestrel"),
        ("/health kes", None),
        ("/health compare", None),
        ("/escalate list", None),
        ("/help", None),
        ("/help health", None),
        ("/nonsense", None),
        ("undo", None),
        ("What does HTTP status 429 mean?", None),
        ("Tell me about the weather on Mars", None),
        ("Please change the renewal of Ironbridge", "ironbridge"),
        ("/feedback list Kestrel", "kestrel"),
    ],
)
def test_no_way_of_asking_tells_what_is_ours(
    client: httpx.Client, accounts: list[dict[str, Any]], message: str, reader: str | None
) -> None:
    asked = {"message": message, "audience": "customer"}
    answer = client.post("/v1/chat", json=asked)
    assert_fit(answer.text, accounts, reader)
    told = answer.json()
    assert told["data"] is None
    assert told["text"]
    turn = client.get(f"/v1/turns/{told['turn_id']}")
    assert_fit(json.dumps(turn.json()["answer"]), accounts, reader)
    streamed = client.post("/v1/chat", json=asked, headers={"Accept": "text/event-stream"})
    assert_fit(streamed.text, accounts, reader)


def test_articles_for_customers_are_told_in_their_own_words(client: httpx.Client) -> None:
    asked = {"message": "What does HTTP status 429 mean?", "audience": "customer"}
    told = client.post("/v1/chat", json=asked).json()
    assert told["citations"]
    assert "429" in told["text"]


def test_where_nothing_is_left_the_answer_says_what_to_do(client: httpx.Client) -> None:
    told = client.post("/v1/chat", json={"message": "/health", "audience": "customer"}).json()
    assert "Name one customer" in told["text"]
    assert "is not about one customer alone" in told["text"]


# ── Canaries ──────────────────────────────────────────────────────────────────────────────────────────────────────

CANARY_FILES: dict[str, str] = {
    "accounts.csv": "id,name,aliases,owner,arr,currency,licensed_seats,renewal_date,segment\n"
    "canary,Canary Works,,Zebulon Quimby,487300,USD,50,2027-03-01,Kx1segment\n"
    "rival,Rival Industries,Rivalry,Ottilie Vexworth,91000,USD,10,2027-03-01,\n",
    "contacts.csv": "id,account_id,name,email,role,influence\n"
    "c1,canary,Gwen Ashby,gwen@canary.example,CTO,Kx2influence\n",
    "usage.csv": "account_id,date,active_users,active_users_28d,api_calls,errors\n"
    + "".join(f"canary,{{day-{back}}},20,30,1000,10\n" for back in range(60)),
    "tickets.csv": "id,account_id,opened_at,severity,subject,body,engineering_key\n"
    "sup-1,canary,{day-3}T09:00:00Z,SEV2,Export fails,It fails at noon,Kx3engineering\n",
    "touchpoints.csv": "id,account_id,contact_id,date,kind,status,text\n"
    "tp1,canary,c1,{day-5},call,attended,They told us that Kx4touchpoint is what they fear most of all\n",
    "signals.csv": "id,account_id,date,kind,text\nsg1,canary,{day-4},competitor,Kx5signal they look at a rival\n",
    "nps.csv": "id,account_id,contact_id,responded_at,score,comment\n"
    "n1,canary,c1,{day-9}T09:00:00Z,3,Kx6comment it is slow\n",
    "goals.csv": "id,account_id,title,metric,baseline,target,current,value_amount,due,status\n"
    "g1,canary,Halve the export time,minutes,60,30,45,73100,2027-01-31,on_track\n",
    "commitments.csv": "id,account_id,made_on,by,what,due,source\n"
    "cm1,canary,{day-9},Ottilie Vexworth,Send the export plan,{day-1},Kx7source\n",
    "arr_movements.csv": "id,account_id,date,kind,amount\nmv1,canary,{day-50},new,311700\n",
    "escalations.csv": "id,account_id,opened_at,title,kind,severity,owner,ticket_id,endpoint,package\n"
    "esc-kx,canary,{day-2}T09:00:00Z,Kx8title is broken,bug,SEV2,Zebulon Quimby,sup-1,POST /api/exports,Kx9package\n",
    "escalation_updates.csv": "id,account_id,escalation_id,at,kind,text,author\n"
    "eu1,canary,esc-kx,{day-1}T09:00:00Z,update,Kx10update says the queue is full,Ottilie Vexworth\n",
    "feedback.csv": "id,title,category,reach,impact,confidence,effort_weeks,account_ids,"
    "quote,workaround,source,created_on\n"
    "fb1,Faster exports,ux,10,5,0.5,2,canary;rival,Kx11quote,Kx12workaround,Kx13source,{day-20}\n",
}  # fmt: skip
SECRETS = (
    *(f"Kx{number}" for number in range(1, 14)),
    "Zebulon", "Quimby", "Ottilie", "Vexworth", "Rival", "esc-kx", "487300", "487,300", "487k", "311700", "311,700",
)  # fmt: skip
WORTH, REVIEWS = ("73,100", "73100"), ("qbr", "renewal")
"""What a goal is worth to the customer is told where its value is reviewed with it, and nowhere else."""


def test_no_canary_in_an_internal_field_gets_out(client: httpx.Client, today: Any) -> None:
    def dated(content: str) -> bytes:
        return re.sub(
            r"\{day-(\d+)\}", lambda match: (today - dt.timedelta(days=int(match[1]))).isoformat(), content
        ).encode()

    job = load(client, {name: dated(content) for name, content in CANARY_FILES.items()})
    assert job["result"]["errors"] == []
    internal = "".join(
        client.post(f"/v1/commands/{command}", json=body).text
        for command, body in (
            ("health", {"account": "canary"}),
            ("health", {"account": "canary", "action": "brief"}),
            ("health", {"account": "canary", "action": "handover"}),
            ("feedback", {"account": "canary"}),
        )
    )
    assert {"Zebulon", "311,700", "esc-kx", "Kx8"} <= {secret for secret in SECRETS if secret in internal}
    calls = [(command, {**body, "account": "canary"}) for command, body in READING]
    calls += [
        ("escalate", {"action": "update", "text": "esc-kx The queue is full. Ottilie and Rival Industries know."}),
        ("escalate", {"action": "similar", "escalation": "esc-kx"}),
        ("escalate", {"action": "postmortem", "escalation": "esc-kx"}),
        ("health", {"action": "log", "account": "canary", "text": "Zebulon called: Kx4touchpoint is over"}),
        ("health", {"account": "canery"}),
    ]  # fmt: skip
    answered = 0
    for command, body in calls:
        answer = ask(client, command, today, **body)
        answered += answer.status_code == 200
        for secret in (*SECRETS, *(() if command in REVIEWS else WORTH)):
            assert secret.lower() not in answer.text.lower(), (secret, command, body, answer.text)
    assert answered >= 10
    own = ask(client, "health", today, account="canary", action="brief").json()
    assert "Canary Works" in own["text"]
    assert "Halve the export time" in own["text"]
    assert "sup-1" in own["text"]


# ── Refusals ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_check_that_fails_refuses_and_writes_nothing(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, today: Any
) -> None:
    before = client.get("/v1/accounts/kestrel/touchpoints?limit=200").json()["items"]

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(disclosure, "leaks_in", broken)
    body = {"account": "kestrel", "action": "log", "text": "Call with Tess about seats"}
    refused = ask(client, "health", today, **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "leak")
    told = client.post("/v1/chat", json={"message": "/health kestrel", "audience": "customer"}).json()
    assert (told["error"]["code"], told["blocks"], told["figures"]) == ("leak", [], [])
    assert client.get("/v1/accounts/kestrel/touchpoints?limit=200").json()["items"] == before


def test_messages_are_looked_through_without_telling_who_else_is_a_customer(own: Service) -> None:
    async def look() -> list[tuple[str, ...]]:
        async with open_runtime(own.settings) as runtime:
            texts = (
                "Hello Tess, your exports work again.",
                "As at Cobalt Harbor Freight.",
                "Sofia looks into it; your renewal is near.",
                "Your ARR of USD 230,000 and a health score of 50.5.",
                "See /v1/accounts/kestrel and esc-manifests.",
            )
            found = [await disclosure.leaks(runtime, LOCAL, "kestrel", "A subject", each) for each in texts]
            assert "Cobalt" not in str(found)
            return [tuple(leak.reason for leak in leaks) for leaks in found]

    assert asyncio.run(look()) == [
        (),
        ("names another customer",),
        ("names a colleague",),
        ("holds an amount of the contract", "is about the contract or the relationship"),
        ("holds a link, an internal id or a channel",),
    ]
