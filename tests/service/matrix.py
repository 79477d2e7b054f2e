"""The role × endpoint × scope matrix: its table, and how a request of a cell is made.

The table is `matrix.yaml`. A world is a running service with two accounts, alpha and beta, and callers of every role.
"""

import datetime as dt
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import httpx
import yaml
from pydantic import BaseModel, ConfigDict

from app.domain.command import Role
from tests.service.conftest import Service, bearer

FILE = Path(__file__).with_name("matrix.yaml")

Caller = Literal["nobody", "revoked", "viewer", "cse", "manager", "admin"]
Scope = Literal["all", "own", "other"]
CALLERS: tuple[Caller, ...] = get_args(Caller)
SCOPES: tuple[Scope, ...] = get_args(Scope)
ROLES: tuple[Role, ...] = get_args(Role)

UNAUTHENTICATED = "401 unauthenticated"
OWN, OTHER = "alpha", "beta"
SECRET = "Zephyrquill"
"""Part of the other account's name and texts: no limited key is ever told it."""

ACCOUNTS = (
    f"id,name,arr,currency,renewal_date\nalpha,Alpha,120000,USD,2031-03-01\nbeta,{SECRET},7654321,USD,2031-05-01\n"
)
TICKETS = (
    "id,account_id,opened_at,severity,subject\n"
    "T-0,alpha,2026-01-02T10:00:00Z,SEV3,Question\n"
    "T-1,alpha,2026-01-15T10:00:00Z,SEV2,Export fails\n"
    f"T-2,beta,2026-01-15T10:00:00Z,SEV2,{SECRET} export fails\n"
)


class Case(BaseModel):
    """One way to use an operation, and what it is answered. See the head of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    case: str = ""
    role: Role
    limited: bool = True
    ok: str | int
    other: str | int | None = None
    denied: str | int = "403 forbidden"
    hidden: bool = False
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    json_: Any = None
    form: dict[str, str] = {}
    files: dict[str, str] = {}

    def outcome(self, caller: Caller, scope: Scope) -> str:
        """What the table says of a cell."""
        if caller not in ROLES:
            return UNAUTHENTICATED
        other = self.other if scope == "other" else None
        if ROLES.index(caller) < ROLES.index(self.role) or (scope != "all" and not self.limited):
            return str(other if self.hidden and other is not None else self.denied)
        return str(self.ok if other is None else other)


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    operations: Mapping[str, tuple[Case, ...]]
    outside: tuple[str, ...]


@cache
def table() -> Table:
    """The table of the file."""
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for cases in told["operations"].values():
        for case in cases:
            case["json_"] = case.pop("json", None)
    return Table.model_validate(told)


@dataclass(frozen=True, slots=True)
class Cell:
    """Who asks, and which account is asked about. `own` says that things are the caller's own."""

    client: httpx.Client
    caller: Caller
    account: str
    own: bool


@dataclass
class World:
    """A running service with two accounts and no more, and its callers."""

    service: Service
    clients: dict[tuple[Caller, bool], httpx.Client] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    desk: httpx.Client = field(init=False)
    """Another key for all accounts, which makes what is not the caller's own."""

    _digest: str = ""
    """Of the content of the approval that was made last."""

    def __post_init__(self) -> None:
        self.things: dict[str, Callable[[Cell], str]] = {
            "account": lambda cell: cell.account,
            "today": lambda cell: dt.datetime.now(dt.UTC).date().isoformat(),
            "long_ago": lambda cell: "2026-01-04",
            "unique": lambda cell: str(next(self.numbers)),
            "turn": lambda cell: self._chat(cell)["turn_id"],
            "thread": lambda cell: self._chat(cell)["thread_id"],
            "attachment": self._attachment,
            "written": self._written,
            "job": self._job,
            "feedback": self._feedback,
            "escalation": self._escalation,
            "document": self._document,
            "key": lambda cell: self._new_key(role="viewer")["id"],
            "matched": self._matched,
            "approval": lambda cell: self._approval(self._maker(cell, "cse"), cell),
            "asked": lambda cell: self._approval(self.desk, cell),
            "digest": lambda cell: self._digest,
            "message": lambda cell: self._message(self._maker(cell, "cse"), cell),
            "sent": lambda cell: self._message(self.desk, cell),
        }
        self.desk = self._new_client("admin", limited=False)
        self._import(self.desk, dry_run=False)

    def client(self, caller: Caller, *, limited: bool) -> httpx.Client:
        """A client for this caller, limited to alpha or not at all; the same each time."""
        if (caller, limited) not in self.clients:
            self.clients[caller, limited] = self._new_client(caller, limited)
        return self.clients[caller, limited]

    def cell(self, caller: Caller, scope: Scope) -> Cell:
        client = self.client(caller, limited=scope != "all")
        return Cell(client, caller, OTHER if scope == "other" else OWN, scope != "other")

    def send(self, operation: str, case: Case, cell: Cell, things: Mapping[str, str] | None = None) -> httpx.Response:
        """Make the request of a cell; `things` are those that are not to be made."""
        request = self.request(operation, case, cell, things)
        return cell.client.send(request)

    def request(self, operation: str, case: Case, cell: Cell, things: Mapping[str, str] | None = None) -> httpx.Request:
        method, path = operation.split()
        made = dict(things or {})

        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: filled(each) for key, each in value.items()}
            if isinstance(value, list):
                return [filled(each) for each in value]
            if not isinstance(value, str):
                return value
            for name, make in self.things.items():
                if f"{{{name}}}" in value:
                    if name not in made:
                        made[name] = make(cell) if cell.caller in ROLES else name
                    value = value.replace(f"{{{name}}}", made[name])
            return value

        for name, value in case.path.items():
            path = path.replace(f"{{{name}}}", filled(value))
        return cell.client.build_request(
            method,
            path,
            params=filled(case.query) or None,
            json=filled(case.json_),
            data=filled(case.form) or None,
            files=[("files", (name, content.encode())) for name, content in case.files.items()] or None,
        )

    def wait_for_jobs(self, response: httpx.Response, cell: Cell) -> None:
        """Until a job that was begun has ended: only one import runs at a time."""
        if not response.headers.get("location", "").startswith("/v1/jobs/"):
            return
        for _ in range(600):
            if cell.client.get(f"/v1/jobs/{response.json()['id']}").json()["status"] != "running":
                return
            time.sleep(0.02)
        raise AssertionError("the job did not end")

    # ── Things ──

    def _maker(self, cell: Cell, least: Role) -> httpx.Client:
        """Who makes a thing: the caller, where it may and the thing is to be its own; else the desk."""
        able = cell.caller in ROLES and ROLES.index(cell.caller) >= ROLES.index(least)
        return cell.client if able and cell.own else self.desk

    def _chat(self, cell: Cell) -> dict[str, Any]:
        return _json(self._maker(cell, "viewer").post("/v1/chat", json={"message": f"/health {cell.account}"}))

    def _attachment(self, cell: Cell) -> str:
        files = {"files": ("app.log", b"POST /v1/orders 401")}
        made = _json(self._maker(cell, "viewer").post("/v1/attachments", files=files))
        return str(made["items"][0]["id"])

    def _written(self, cell: Cell) -> str:
        body = {"date": self.things["today"](cell), "kind": "note", "text": f"{cell.account} called"}
        maker = self._maker(cell, "cse")
        return str(_json(maker.post(f"/v1/accounts/{cell.account}/touchpoints", json=body))["turn_id"])

    def _feedback(self, cell: Cell) -> str:
        name = f"{SECRET} " if cell.account == OTHER else ""
        title = f"{name}Thing {next(self.numbers)}"
        body = {"action": "add", "title": title, "category": "ux", "accounts": [cell.account]}
        made = _json(self._maker(cell, "cse").post("/v1/commands/feedback", json=body))
        return str(made["effects"][0]["item"]["id"])

    def _escalation(self, cell: Cell) -> str:
        issue = f"POST /v1/things{next(self.numbers)} answers 503 since 14:30 UTC, SEV1"
        body = {"account": cell.account, "issue": issue}
        made = _json(self._maker(cell, "cse").post("/v1/commands/escalate", json=body))
        return str(made["effects"][0]["item"]["id"])

    def _job(self, cell: Cell) -> str:
        client = self.client(cell.caller, limited=False) if cell.caller in ("cse", "manager", "admin") else None
        is_own = client is not None and client is cell.client
        return self._import(cell.client if is_own else self.desk, dry_run=True)

    def _import(self, client: httpx.Client, *, dry_run: bool) -> str:
        files = [("files", ("accounts.csv", ACCOUNTS.encode())), ("files", ("tickets.csv", TICKETS.encode()))]
        response = client.post("/v1/imports", files=files, data={"dry_run": str(dry_run).lower()})
        self.wait_for_jobs(response, Cell(client, "admin", OWN, own=True))
        return str(_json(response)["id"])

    def _document(self, cell: Cell) -> str:
        name = f"matrix-{next(self.numbers)}"
        put = self.desk.put(f"/v1/knowledge/documents/{name}", json={"title": "Throw-away", "text": "Nothing in it"})
        put.raise_for_status()
        return name

    def _matched(self, cell: Cell) -> str:
        source = f"desk-{next(self.numbers)}"
        body = {"source": source, "external_id": "ext", "account_id": cell.account}
        _json(self.desk.post("/v1/matches", json=body))
        return source

    def _approval(self, maker: httpx.Client, cell: Cell) -> str:
        name = f"{SECRET}: " if cell.account == OTHER else ""
        content = f"{name}keep the logs for longer {next(self.numbers)}"
        body = {"kind": "policy_exception", "content": content, "reason": "They asked", "account": cell.account}
        made: str = _json(maker.post("/v1/approvals", json=body))["approvals"][0]["id"]
        self._digest = _json(maker.get(f"/v1/approvals/{made}"))["content_sha256"]
        return made

    def _message(self, maker: httpx.Client, cell: Cell) -> str:
        name = f" {SECRET}" if cell.account == OTHER else ""
        body = {"account": cell.account, "subject": "Logs", "body": f"Please send{name} logs {next(self.numbers)}."}
        return str(_json(maker.post("/v1/messages", json=body))["message"]["id"])

    def _new_key(self, **body: Any) -> dict[str, Any]:
        with httpx.Client(base_url=self.service.url, headers=bearer(self.service.admin_key)) as admin:
            return _json(admin.post("/v1/keys", json={"name": "matrix", **body}))

    def _new_client(self, caller: Caller, limited: bool) -> httpx.Client:
        if caller == "nobody":
            return httpx.Client(base_url=self.service.url, timeout=60)
        made = self._new_key(role="admin" if caller == "revoked" else caller, accounts=[OWN] if limited else None)
        client = httpx.Client(base_url=self.service.url, headers=bearer(made["key"]), timeout=60)
        if caller == "revoked":
            with httpx.Client(base_url=self.service.url, headers=bearer(self.service.admin_key)) as admin:
                admin.delete(f"/v1/keys/{made['id']}").raise_for_status()
        return client


def outcome_of(response: httpx.Response) -> str:
    """The status, and the code of the problem where one is told, also within a chat's answer or as OpenAI's clients
    read it."""
    is_json = bool(response.content) and "json" in response.headers.get("content-type", "")
    told: Any = response.json() if is_json else {}
    told = told if isinstance(told, dict) else {}
    within = told["error"] if isinstance(told.get("error"), dict) else told
    code = within.get("code") if response.is_error or "error" in told else None
    return f"{response.status_code} {code}" if code else str(response.status_code)


def _json(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, response.text
    found: dict[str, Any] = response.json()
    return found
