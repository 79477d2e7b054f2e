"""Two keys with disjoint accounts in which everything has the same names, crossed on everything there is.

East and west each have an account called Acme, with the same people, tickets and goals. A key of one side asks for what
is the other's by its id: the answer is that of an id which does not exist. What is only the other's (its words and
numbers) is in no answer.
"""

import asyncio
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service, prepare, serve, settings_in
from tests.service.test_data import load

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
SIDES = ("east", "west")
WORDS = {"east": "Quokkaloam", "west": "Narwhalfen"}
"""In every text of a side, and in the name of one account of it."""

ARR = {"east": 1357911, "west": 2468024}
ABSENT = {"east": "eist", "west": "zest"}
"""What makes an id that does not exist of a side's: as close to the ids of the other side as the real one."""


def days_ago(days: int) -> str:
    return (NOW - dt.timedelta(days=days)).date().isoformat()


BEGAN = {"east": days_ago(90), "west": days_ago(210)}
"""The day of a side's oldest fact."""


def csv(header: str, row: str) -> str:
    """Rows of both sides; in braces the side, its word and its ARR. West's Acme stands below an account of east's."""
    parents = {"east": "", "west": "other-east"}
    lines = [
        row.format(side=side, word=WORDS[side], arr=ARR[side], began=BEGAN[side], parent=parents[side])
        for side in SIDES
    ]
    return "\n".join([header, *lines]) + "\n"


FILES = {
    "accounts.csv": csv(
        "id,name,parent_id,arr,currency,owner,renewal_date,licensed_seats",
        "acme-{side},Acme,{parent},{arr},USD,Sam Park,2031-03-01,50\n"
        "other-{side},{word} Holding,acme-{side},{arr},USD,Sam Park,2031-03-01,50",
    ),
    "contacts.csv": csv(
        "id,account_id,name,email,role", "con-{side},acme-{side},Ada Ames,ada@{word}.example,{word} officer"
    ),
    "tickets.csv": csv(
        "id,account_id,opened_at,severity,subject,body",
        f"SUP-{{side}},acme-{{side}},{days_ago(9)}T09:00:00Z,SEV1,Payments answer 503 {{word}},"
        "We need webhooks for payment events at {word}.",
    ),
    "nps.csv": csv(
        "id,account_id,contact_id,responded_at,score,comment",
        f"nps-{{side}},acme-{{side}},con-{{side}},{days_ago(8)}T09:00:00Z,3,Please add webhooks says {{word}}",
    ),
    "touchpoints.csv": csv(
        "id,account_id,contact_id,date,kind,text",
        f"tp-{{side}},acme-{{side}},con-{{side}},{days_ago(7)},call,Ada of {{word}} called",
    ),
    "signals.csv": csv("id,account_id,date,kind,text", f"sig-{{side}},acme-{{side}},{days_ago(7)},competitor,{{word}}"),
    "goals.csv": csv("id,account_id,title,metric,target", "goal-{side},acme-{side},Halve the time,{word},50"),
    "commitments.csv": csv(
        "id,account_id,made_on,by,what", f"promise-{{side}},acme-{{side}},{days_ago(7)},us,send {{word}} the slides"
    ),
    "arr_movements.csv": csv("id,account_id,date,kind,amount", "arr-{side},acme-{side},{began},new,{arr}"),
    "usage.csv": csv("account_id,date,active_users,api_calls,errors", f"acme-{{side}},{days_ago(1)},10,{{arr}},5"),
    "feature_usage.csv": csv("account_id,date,feature,count", f"acme-{{side}},{days_ago(1)},webhooks,4"),
    "integrations.csv": csv("account_id,kind,auth,environment,note", "acme-{side},webhook,key,production,{word}"),
    "feedback.csv": csv(
        "id,title,category,impact,confidence,effort_weeks,account_ids,contact_id,quote,created_on",
        f"fb-{{side}},Webhooks,feature_request,8,0.5,4,acme-{{side}},con-{{side}},we of {{word}} need it,{days_ago(5)}",
    )
    + f"fb-both,Dark mode,ux,8,0.5,4,acme-east;acme-west,con-west,says {WORDS['west']},{days_ago(5)}\n",
    "escalations.csv": csv(
        "id,account_id,opened_at,title,kind,severity,ticket_id,endpoint",
        f"esc-{{side}},acme-{{side}},{days_ago(6)}T09:00:00Z,{{word}} pay 503,outage,SEV1,SUP-{{side}},/v1/payments",
    ),
    "escalation_updates.csv": csv(
        "id,account_id,escalation_id,at,kind,text",
        f"up-{{side}},acme-{{side}},esc-{{side}},{days_ago(6)}T10:00:00Z,update,{{word}} waits",
    ),
}


@dataclass(frozen=True)
class Side:
    """One side's key, and what it has of its own: a turn, a thread, a turn that wrote."""

    name: str
    client: httpx.Client
    turn: str
    thread: str
    written: str
    approval: str
    message: str

    @property
    def other(self) -> str:
        return SIDES[1 - SIDES.index(self.name)]

    def is_told_of_the_other(self, answer: str) -> bool:
        """Whether anything in it is only the other's."""
        numbers = re.sub(r"(?<=\d)[,. ](?=\d{3})", "", answer)
        return WORDS[self.other].lower() in answer.lower() or str(ARR[self.other]) in numbers


@dataclass(frozen=True)
class World:
    service: Service
    sides: dict[str, Side]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("scopes"))
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        service = Service(url, settings, key)
        job = load(service.client("admin"), {name: content.encode() for name, content in FILES.items()})
        assert job["status"] == "done", job
        assert not job["result"]["errors"], job["result"]["errors"]
        yield World(service, {name: _side(service, name) for name in SIDES})


def _side(service: Service, name: str) -> Side:
    client = service.client("manager", [f"acme-{name}", f"other-{name}"])
    asked = client.post("/v1/chat", json={"message": f"/health acme-{name}"}).json()
    body = {"date": days_ago(0), "kind": "note", "text": f"{WORDS[name]} called"}
    written = client.post(f"/v1/accounts/acme-{name}/touchpoints", json=body).json()
    wanted = {
        "kind": "policy_exception", "content": f"Keep the logs of {WORDS[name]}", "reason": "asked",
        "account": f"acme-{name}",
    }  # fmt: skip
    waits = client.post("/v1/approvals", json=wanted).json()["approvals"][0]["id"]
    text = {"account": f"acme-{name}", "subject": "Logs", "body": f"Please send the logs of {WORDS[name]} Holding."}
    sent = client.post("/v1/messages", json=text).json()
    message = sent["message"]["id"] if "message" in sent else sent["code"]
    return Side(name, client, asked["turn_id"], asked["thread_id"], written["turn_id"], waits, message)


@pytest.fixture(params=SIDES)
def side(world: World, request: pytest.FixtureRequest) -> Side:
    return world.sides[request.param]


# ── The other's ids are those of nothing ──────────────────────────────────────────────────────────────────────────────

Request = tuple[str, str, Any]

RECORD_TABLES = (
    "contacts", "usage", "feature_usage", "tickets", "nps", "touchpoints", "goals", "signals", "arr_movements",
    "commitments", "escalations", "escalation_updates", "integrations",
)  # fmt: skip

WRITTEN_BY_HAND: dict[str, dict[str, Any]] = {
    "touchpoints": {"date": days_ago(0), "kind": "note", "text": "called"},
    "signals": {"date": days_ago(0), "kind": "competitor", "text": "RivalCo"},
    "goals": {"title": "Halve"},
    "contacts": {"name": "Jo"},
    "commitments": {"what": "send"},
}

OF_ACCOUNTS: list[Request] = [
    ("GET", "/v1/accounts/acme-{x}", None),
    *(("GET", f"/v1/accounts/acme-{{x}}/{table}", None) for table in RECORD_TABLES),
    *(("POST", f"/v1/accounts/acme-{{x}}/{table}", body) for table, body in WRITTEN_BY_HAND.items()),
    ("POST", "/v1/commands/health", {"account": "acme-{x}"}),
    *(
        ("POST", "/v1/commands/health", {"action": action, "account": "acme-{x}", **more})
        for action, more in {
            "brief": {}, "handover": {}, "changes": {"since": days_ago(30)}, "compare": {"dates": days_ago(30)},
            "log": {"text": "called"},
        }.items()
    ),
    ("POST", "/v1/commands/feedback", {"action": "rank", "account": "acme-{x}"}),
    ("POST", "/v1/commands/feedback", {"action": "list", "account": "acme-{x}"}),
    ("POST", "/v1/commands/feedback", {"action": "collect", "account": "acme-{x}"}),
    ("POST", "/v1/commands/feedback", {"action": "accept", "account": "acme-{x}", "ids": ["p1"]}),
    ("POST", "/v1/commands/feedback", {"action": "shipped", "account": "acme-{x}", "item": "Webhooks"}),
    ("POST", "/v1/commands/feedback", {"action": "add", "title": "T", "category": "ux", "accounts": ["acme-{x}"]}),
    ("POST", "/v1/commands/feedback", {"action": "add", "title": "T", "category": "ux", "account": "acme-{x}"}),
    ("POST", "/v1/commands/escalate", {"account": "acme-{x}", "issue": "POST /v1/payments answers 503, SEV1"}),
    *(
        ("POST", "/v1/commands/escalate", {"action": action, "account": "acme-{x}", "text": "verified", **more})
        for action, more in {
            "list": {}, "update": {}, "check": {}, "resolve": {}, "reopen": {}, "close": {}, "similar": {},
            "postmortem": {}, "blast": {"feature": "webhooks", "since": days_ago(30)},
        }.items()
    ),
]  # fmt: skip

OF_ACCOUNTS += [
    ("POST", "/v1/messages", {"account": "acme-{x}", "subject": "S", "body": "Please send the logs."}),
    (
        "POST",
        "/v1/messages/template",
        {
            "account": "acme-{x}", "template": "sev1_first", "escalation": "esc-{x}",
            "values": {"part": "orders API", "since": "14:30 UTC", "next_update": "15:30 UTC"},
        },
    ),
    (
        "POST",
        "/v1/messages/template",
        {
            "account": "acme-{own}", "template": "sev1_first", "escalation": "esc-{x}",
            "values": {"part": "orders API", "since": "14:30 UTC", "next_update": "15:30 UTC"},
        },
    ),
    ("POST", "/v1/approvals", {"kind": "policy_exception", "content": "c", "reason": "r", "account": "acme-{x}"}),
    ("GET", "/v1/audit?account=acme-{x}", None),
    ("POST", "/v1/commands/health", {"account": "acme-{x}", "audience": "customer"}),
]  # fmt: skip

OF_RECORDS: list[Request] = [
    *(
        ("POST", "/v1/commands/escalate", {"action": action, "escalation": name, "text": "verified"})
        for action in ("update", "check", "resolve", "reopen", "close", "similar", "postmortem")
        for name in ("esc-{x}", "SUP-{x}")
    ),
    *(
        ("POST", "/v1/commands/escalate", {"action": action, "text": f"{name} verified by the customer"})
        for action in ("update", "close", "similar", "postmortem")
        for name in ("esc-{x}", "SUP-{x}")
    ),
    ("POST", "/v1/commands/feedback", {"action": "shipped", "item": "fb-{x}"}),
    ("POST", "/v1/commands/feedback", {"action": "shipped", "item": "fb-{x}", "on": days_ago(1)}),
    ("POST", "/v1/commands/feedback", {"action": "accept", "item": "fb-{x}", "ids": ["p1"]}),
    (
        "POST",
        "/v1/commands/feedback",
        {"action": "add", "title": "T", "category": "ux", "account": "acme-{own}", "contact": "con-{x}"},
    ),
    ("POST", "/v1/accounts/acme-{own}/goals", {"id": "goal-{x}", "status": "missed"}),
    ("POST", "/v1/accounts/acme-{own}/goals", {"id": "goal-{x}", "title": "Mine"}),
    ("POST", "/v1/accounts/acme-{own}/contacts", {"id": "con-{x}", "name": "Jo"}),
    ("POST", "/v1/accounts/acme-{own}/commitments", {"id": "promise-{x}", "what": "send"}),
    ("POST", "/v1/accounts/acme-{own}/touchpoints", {"id": "tp-{x}", "date": days_ago(0), "kind": "note"}),
    ("POST", "/v1/accounts/acme-{own}/signals", {"id": "sig-{x}", "date": days_ago(0), "kind": "competitor"}),
    (
        "POST",
        "/v1/accounts/acme-{own}/touchpoints",
        {"date": days_ago(0), "kind": "note", "text": "called", "contact_id": "con-{x}"},
    ),
    ("GET", "/v1/accounts/acme-{own}/tickets?cursor=SUP-{x}", None),
]

TYPED = [
    "/health acme-{x}",
    "/health acme-{x} as_of=2020-01-01",
    "/health brief acme-{x}",
    "/health handover acme-{x}",
    f"/health compare acme-{{x}} {days_ago(30)}",
    "/health log acme-{x} Called about the rollout",
    "/feedback acme-{x}",
    "/feedback list account=acme-{x}",
    "/feedback add Dark theme category=ux account=acme-{x}",
    "/feedback add Dark theme category=ux accounts=acme-{x}",
    "/feedback shipped fb-{x}",
    "/escalate acme-{x} POST /v1/payments answers 503 since 14:30 UTC, SEV1",
    "/escalate update esc-{x} The pool is exhausted",
    "/escalate close SUP-{x} The customer confirmed it",
    "/escalate similar esc-{x}",
    "/escalate similar acme-{x} POST /v1/payments answers 503",
    "/escalate postmortem SUP-{x}",
    "How is acme-{x} doing?",
    "What did acme-{x} ask for?",
    "Prepare me for the call with acme-{x}",
]
"""Messages that name the other's ids."""

OF_CONVERSATIONS: list[Request] = [
    ("GET", "/v1/turns/{turn}/export?format=md", None),
    ("GET", "/v1/turns/{turn}/export?format=xlsx", None),
    ("GET", "/v1/approvals/{approval}", None),
    ("GET", "/v1/approvals?status=any&cursor={approval}", None),
    ("POST", "/v1/approvals/{approval}/approve", {"content_sha256": "0" * 64}),
    ("POST", "/v1/approvals/{approval}/reject", {"reason": "no"}),
    ("POST", "/v1/approvals/{approval}/amend", {"content": "other"}),
    ("POST", "/v1/approvals/{approval}/withdraw", None),
    ("GET", "/v1/messages/{message}", None),
    ("GET", "/v1/messages?cursor={message}", None),
    ("POST", "/v1/messages/{message}/sent", None),
    ("POST", "/v1/messages/draft", {"turn_id": "{turn}"}),
    (
        "POST",
        "/v1/approvals",
        {"kind": "scope_boundary", "content": "c", "reason": "r", "turn_id": "{turn}"},
    ),
    ("GET", "/v1/turns/{turn}", None),
    ("GET", "/v1/turns/{turn}/events", None),
    ("POST", "/v1/turns/{turn}/stop", None),
    ("POST", "/v1/turns/{written}/undo", None),
    ("GET", "/v1/threads/{thread}", None),
    ("GET", "/v1/threads?cursor={thread}", None),
    ("POST", "/v1/chat", {"message": "/help", "thread_id": "{thread}"}),
    ("POST", "/v1/chat", {"message": "/undo {written}"}),
]


def same_answer(side: Side, asked: Request, hidden: dict[str, str], absent: dict[str, str]) -> None:
    """Both are answered alike, but for what was asked."""
    (status, text), (status_of_nothing, text_of_nothing) = (_answered(side, asked, each) for each in (hidden, absent))
    assert status == status_of_nothing
    assert re.split(r"(?<=[,|.])", text) == re.split(r"(?<=[,|.])", text_of_nothing)
    assert not side.is_told_of_the_other(text)


def _answered(side: Side, asked: Request, things: dict[str, str]) -> tuple[int, str]:
    method, path, body = asked
    sent = None if body is None else json.loads(_filled(json.dumps(body), things))
    response = side.client.request(method, _filled(path, things), json=sent)
    assert response.status_code < 500, response.text
    _undo(side, response)
    return response.status_code, _without(response.text, things)


def _undo(side: Side, response: httpx.Response) -> None:
    """Take back what was written, so that the next request finds what this one found."""
    if "application/json" in response.headers["content-type"] and (
        "undo" in response.json() or response.json().get("effects")
    ):
        side.client.post(f"/v1/turns/{response.json()['turn_id']}/undo").raise_for_status()


def _filled(text: str, things: dict[str, str]) -> str:
    for name, value in things.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _without(text: str, things: dict[str, str]) -> str:
    """The answer without what was asked for, ids of its own and times."""
    for name, value in things.items():
        if name != "own":
            text = re.sub(rf"\b{re.escape(value)}\b", "…", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(turn|thread)_[0-9a-f]{32}", r"\1", text)
    return re.sub(r"\b(chatcmpl|esc|fb|tp|con|goal|sig|c|up)-[0-9a-f]{8,}(-\w+)?", r"\1", text)


@pytest.mark.parametrize("asked", [*OF_ACCOUNTS, *OF_RECORDS], ids=str)
def test_an_id_of_the_other_is_an_id_of_nothing(side: Side, asked: Request) -> None:
    same_answer(side, asked, {"own": side.name, "x": side.other}, {"own": side.name, "x": ABSENT[side.other]})


@pytest.mark.parametrize("message", TYPED)
def test_in_a_chat_too(side: Side, message: str) -> None:
    hidden, absent = {"x": side.other}, {"x": ABSENT[side.other]}
    same_answer(side, ("POST", "/v1/chat", {"message": message}), hidden, absent)


@pytest.mark.parametrize("asked", OF_CONVERSATIONS, ids=str)
def test_conversations_of_the_other_are_none(world: World, side: Side, asked: Request) -> None:
    other = world.sides[side.other]
    names = ("turn", "thread", "written", "approval", "message")
    hidden = {name: getattr(other, name) for name in names}
    absent = {name: re.sub(r"(?<=_).+", lambda found: "0" * len(found[0]), value) for name, value in hidden.items()}
    same_answer(side, asked, hidden, absent)


# ── Nothing of the other is in any answer ─────────────────────────────────────────────────────────────────────────────

ANSWERS: list[Request] = [
    ("GET", "/v1/accounts", None),
    ("GET", "/v1/accounts?q=acme", None),
    ("GET", "/v1/accounts?q=holding", None),
    ("GET", "/v1/accounts/acme-{own}", None),
    *(("GET", f"/v1/accounts/acme-{{own}}/{table}", None) for table in RECORD_TABLES),
    ("GET", "/v1/jobs", None),
    ("GET", "/v1/approvals?status=any", None),
    ("GET", "/v1/messages", None),
    ("GET", "/v1/commands", None),
    ("GET", "/v1/profiles", None),
    ("GET", "/v1/knowledge/search?q=webhooks", None),
    ("GET", "/v1/models", None),
    ("POST", "/v1/commands/health", {}),
    ("POST", "/v1/commands/health", {"account": "Acme"}),
    ("POST", "/v1/commands/health", {"account": "acme-{own}"}),
    ("POST", "/v1/commands/health", {"action": "changes", "since": days_ago(30)}),
    ("POST", "/v1/commands/health", {"action": "brief", "account": "acme-{own}"}),
    ("POST", "/v1/commands/health", {"action": "handover", "account": "acme-{own}"}),
    ("POST", "/v1/commands/health", {"action": "compare", "account": "acme-{own}", "dates": days_ago(3)}),
    ("POST", "/v1/commands/feedback", {}),
    ("POST", "/v1/commands/feedback", {"action": "list"}),
    ("POST", "/v1/commands/feedback", {"action": "collect"}),
    ("POST", "/v1/commands/feedback", {"action": "report", "month": days_ago(5)[:7]}),
    ("POST", "/v1/commands/feedback", {"action": "shipped", "item": "Webhooks", "on": days_ago(2)}),
    ("POST", "/v1/commands/feedback", {"action": "shipped", "item": "Dark mode"}),
    ("POST", "/v1/commands/escalate", {"account": "acme-{own}", "issue": "POST /v1/payments answers 503, SEV1"}),
    ("POST", "/v1/commands/escalate", {"action": "list"}),
    ("POST", "/v1/commands/escalate", {"action": "similar", "escalation": "esc-{own}"}),
    ("POST", "/v1/commands/escalate", {"action": "similar", "account": "acme-{own}", "issue": "Payments answer 503"}),
    ("POST", "/v1/commands/escalate", {"action": "postmortem", "escalation": "esc-{own}"}),
    ("POST", "/v1/commands/escalate", {"action": "blast", "feature": "webhooks", "since": days_ago(30)}),
    *(
        ("POST", "/v1/chat", {"message": message})
        for message in (
            "/health",
            "/health Acme",
            "/health Narwhalfen Holding",
            "/health Quokkaloam Holding",
            "/health Narwhalfem Holding",
            "/health Quokkaloan Holding",
            "/feedback",
            "/escalate list",
            "/escalate Acme POST /v1/payments answers 503 since 14:30 UTC, SEV1",
            "Which accounts are at risk?",
            "Who asked for webhooks?",
            "How is Acme doing?",
            "Tell me about the Holding",
        )
    ),
    ("POST", "/v1/chat/completions", {"model": "cse-agent", "messages": [{"role": "user", "content": "/health"}]}),
    (
        "POST",
        "/v1/chat/completions",
        {"model": "cse-agent", "stream": True, "messages": [{"role": "user", "content": "/feedback"}]},
    ),
    (
        "POST",
        "/v1/chat/completions",
        {"model": "cse-agent", "messages": [{"role": "user", "content": "/health acme-{other}"}]},
    ),
]


@pytest.mark.parametrize("asked", ANSWERS, ids=str)
def test_no_answer_holds_what_is_only_the_others(side: Side, asked: Request) -> None:
    method, path, body = asked
    things = {"own": side.name, "other": side.other}
    sent = None if body is None else json.loads(_filled(json.dumps(body), things))
    response = side.client.request(method, _filled(path, things), json=sent)
    asks_for_it = WORDS[side.other] in str(body)
    assert response.status_code < 500
    assert asks_for_it or not side.is_told_of_the_other(response.text)
    if asks_for_it or "acme-{other}" in str(body):
        return
    ids = re.findall(rf"\b[\w-]+-{side.other}\b", response.text, re.IGNORECASE)
    assert not ids


def test_streams_hold_nothing_of_the_other(side: Side) -> None:
    for message in ("/health", f"/health acme-{side.name}", "/feedback", "/escalate list"):
        stream = side.client.post("/v1/chat", json={"message": message}, headers={"Accept": "text/event-stream"})
        assert stream.text.rstrip().rpartition("event: ")[2].startswith("done")
        assert not side.is_told_of_the_other(stream.text)
        assert f"acme-{side.other}" not in stream.text


def test_the_first_day_on_record_is_that_of_ones_own_accounts(side: Side) -> None:
    refused = side.client.post("/v1/commands/health", json={"as_of": "2001-01-01"})
    assert refused.json()["code"] == "as_of_before_data"
    assert f"the first day on record is {BEGAN[side.name]}" in refused.json()["detail"]


def test_a_parent_out_of_sight_is_none(world: World) -> None:
    assert world.sides["west"].client.get("/v1/accounts/acme-west").json()["parent_id"] is None
    assert world.service.client("viewer").get("/v1/accounts/acme-west").json()["parent_id"] == "other-east"


def test_documents_hold_nothing_of_the_other(side: Side) -> None:
    turn = side.client.post("/v1/chat", json={"message": "/health"}).json()["turn_id"]
    for form in ("md", "csv"):
        made = side.client.get(f"/v1/turns/{turn}/export?format={form}")
        assert made.status_code == 200
        assert not side.is_told_of_the_other(made.text)


def test_the_audit_log_of_a_limited_key_is_that_of_its_accounts(side: Side) -> None:
    items = side.client.get("/v1/audit?limit=200").json()["items"]
    assert {item["account_id"] for item in items} <= {f"acme-{side.name}", f"other-{side.name}"}
    assert items
    assert side.other not in json.dumps(items)


def test_a_name_that_both_have_means_ones_own(side: Side) -> None:
    answer = side.client.post("/v1/commands/health", json={"account": "Acme"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["id"] == f"acme-{side.name}"


def test_of_feedback_that_both_asked_for_each_sees_its_own_share(world: World, side: Side) -> None:
    everything = world.service.client("manager").post("/v1/commands/feedback", json={}).json()
    shared = _item(everything, "fb-both")
    mine = _item(side.client.post("/v1/commands/feedback", json={}).json(), "fb-both")
    assert (shared["customers"], shared["arr"]) == (2, sum(ARR.values()))
    assert (mine["customers"], mine["accounts"], mine["arr"]) == (1, [f"acme-{side.name}"], ARR[side.name])
    assert mine["rice"] < shared["rice"]
    detail = side.client.post("/v1/commands/feedback", json={}).json()
    told = [figure for figure in detail["figures"] if figure["key"].startswith("feedback.fb-both.")]
    evidence = {(each["kind"], each["id"]) for figure in told for each in figure["evidence"]}
    assert ("accounts", f"acme-{side.name}") in evidence
    assert not [each for each in evidence if side.other in each[1]]


def _item(answer: dict[str, Any], item_id: str) -> dict[str, Any]:
    return next(item for item in answer["data"]["items"] if item["id"] == item_id)


def test_nothing_was_written_across(world: World) -> None:
    """Runs last: whatever the tests above sent, each side has its own records and no others."""
    whole = world.service.client("admin")
    for name in SIDES:
        for table, record in (("goals", "goal"), ("contacts", "con"), ("commitments", "promise")):
            items = whole.get(f"/v1/accounts/acme-{name}/{table}").json()["items"]
            kept = next(item for item in items if item["id"] == f"{record}-{name}")
            assert WORDS[name] in json.dumps(kept)
            assert not [item for item in items if item["id"].endswith(SIDES[1 - SIDES.index(name)])]
