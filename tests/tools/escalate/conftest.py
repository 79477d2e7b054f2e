"""What the tests of /escalate share: the shipped parameters, the example issue, and a run over one account."""

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from app.domain.blocks import Draft
from app.domain.command import Audience, Context, Outcome
from app.domain.parameters import Parameters
from app.domain.records import Account
from app.domain.snapshot import PeerTicket
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, account_snapshot, daily_usage, noon, ticket
from tools.escalate import COMMAND
from tools.escalate.data import EscalateData
from tools.escalate.parameters import EscalateParameters

TOOLS = Path(__file__).resolve().parents[3] / "tools"


def shipped(command: str) -> dict[str, Any]:
    """The parameters that a command ships with."""
    parameters: dict[str, Any] = yaml.safe_load((TOOLS / f"{command}.yaml").read_text(encoding="utf-8"))
    return parameters


SHIPPED = shipped("escalate")
PARAMETERS = EscalateParameters.model_validate(SHIPPED)
NOW = dt.datetime(2026, 6, 26, 14, 30, tzinfo=dt.UTC)

EXAMPLE = """\
**Customer:** ABC Corp ($500K ARR, renewal in 2 months)
**Severity:** SEV1 (production down, blocking revenue)
**Issue:** API returning 503 errors since 2024-01-15 14:30 UTC
**Impact:** 100% of their API calls failing (10K req/min)
**Business Impact:** Their checkout is down, $50K/hour revenue loss
**Reproduction:**
  - Endpoint: POST /api/v2/payments
  - Request: curl -X POST https://api.example.com/payments -d '{"amount": 100}'
  - Error: 503 Service Unavailable (database connection pool exhausted)
**Customer Expectation:** Fix within 1 hour or they switch to competitor
**Logs:** Attached (logs.txt, 500 lines)
"""
"""The template of the role's description, filled in."""

REST = "request ids: req_8f2, req_9a1; environment: production eu-west-1"
"""What the example lacks."""


def abc_corp(**fields: Any) -> Account:
    given: dict[str, Any] = {
        "name": "ABC Corp",
        "arr": 500_000,
        "plan": "Enterprise",
        "renewal_date": AS_OF + dt.timedelta(days=60),
        "notice_days": 30,
    }
    return account("abc", **(given | fields))


def peer(ticket_id: str, subject: str, account_id: str = "beta") -> PeerTicket:
    return PeerTicket(account_id, account_id.capitalize(), ticket_id, noon(AS_OF), "SEV2", False, subject)


def context(
    *,
    one: Account | None = None,
    peers: tuple[PeerTicket, ...] = (),
    audience: Audience = "internal",
    zone: str = "UTC",
    facts: dict[str, Any] | None = None,
    parameters: Parameters = PARAMETERS,
) -> Context:
    """ABC Corp, of whose 1,000 daily calls 12 fail, and which has one open ticket."""
    given = {"usage": daily_usage("abc", api_calls=1000, errors=12), "tickets": [ticket("t1", "abc")], **(facts or {})}
    snapshot = account_snapshot(one or abc_corp(), **given)
    return Context(
        turn_id="turn-1",
        now=NOW,
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo(zone),
        currency="USD",
        audience=audience,
        parameters=parameters,
        account=snapshot,
        peers=peers,
    )


def escalate(issue: str, **options: Any) -> Outcome:
    """Run the command; the options of `context` aside, they are its arguments."""
    given = {name: options.pop(name) for name in ("one", "peers", "audience", "zone", "facts") if name in options}
    return COMMAND.run(context(**given), COMMAND.args(account="abc", issue=issue, **options))


def data(issue: str, **options: Any) -> EscalateData:
    found = escalate(issue, **options).report.data
    assert isinstance(found, EscalateData)
    return found


def told(outcome: Outcome) -> str:
    """The answer as Markdown: it cannot be made where a figure is missing."""
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def draft_of(outcome: Outcome) -> Draft:
    return next(block for block in outcome.report.blocks if isinstance(block, Draft))


def field(outcome: Outcome, label: str) -> str:
    """The plain text of a field of the draft, figures left out."""
    found = next(f for f in draft_of(outcome).fields if f.label == label)
    return "".join(span if isinstance(span, str) else "…" for span in found.text)
