"""What the tests of /escalate share: the shipped parameters, the example issue, and a run over one account."""

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from app.domain.blocks import Draft
from app.domain.command import Audience, Context, Outcome
from app.domain.effects import AddEscalationUpdate, SetEscalation
from app.domain.parameters import Parameters
from app.domain.records import Account, Escalation, EscalationUpdate
from app.domain.snapshot import EscalationBook, PeerTicket
from app.render.markdown import to_markdown
from app.security.disclosure import load_disclosure
from tests.snapshots import AS_OF, account, account_snapshot, daily_usage, noon, portfolio, ticket
from tools.escalate import COMMAND
from tools.escalate.arguments import EscalateArgs
from tools.escalate.data import EscalateData
from tools.escalate.parameters import EscalateParameters

TOOLS = Path(__file__).resolve().parents[3] / "tools"


def shipped(command: str) -> dict[str, Any]:
    """The parameters that a command ships with."""
    parameters: dict[str, Any] = yaml.safe_load((TOOLS / f"{command}.yaml").read_text(encoding="utf-8"))
    return parameters


SHIPPED = shipped("escalate")
PARAMETERS = EscalateParameters.model_validate(SHIPPED)
DISCLOSURE = load_disclosure()
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
    book: EscalationBook | None = None,
    **more: Any,
) -> Context:
    """ABC Corp, of whose 1,000 daily calls 12 fail, and which has one open ticket; nothing is typed."""
    given = {"usage": daily_usage("abc", api_calls=1000, errors=12), "tickets": [ticket("t1", "abc")], **(facts or {})}
    snapshot = account_snapshot(one or abc_corp(), **given)
    return Context(
        turn_id=more.pop("turn_id", "turn-1"),
        now=more.pop("now", NOW),
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo(zone),
        currency="USD",
        audience=audience,
        parameters=parameters,
        account=snapshot,
        peers=peers,
        escalations=book or EscalationBook(AS_OF, (), {}, {}, {}),
        disclosure=DISCLOSURE,
        **more,
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


class Desk:
    """One company's escalations over time: what commands want written is written, and the clock is set by hand."""

    def __init__(self, *accounts: Account, now: dt.datetime = NOW, zone: str = "UTC", **facts: Any) -> None:
        self.accounts = {each.id: each for each in accounts or (abc_corp(), account("beta", owner="Tilda Roe"))}
        self.now, self.zone, self.facts = now, zone, facts
        self.escalations: dict[str, Escalation] = {}
        self.updates: dict[str, list[EscalationUpdate]] = {}
        self.turns = 0

    def ask(
        self, *, by: str = "Sofia Lindqvist", typed: bool = True, may_write: bool = True, **arguments: Any
    ) -> Outcome:
        """Run the command as that person; its effects are carried out."""
        args = COMMAND.args(**arguments)
        outcome = COMMAND.run(self.context(args, by=by, typed=typed, may_write=may_write), args)
        for effect in outcome.effects:
            if isinstance(effect, SetEscalation):
                self.escalations[effect.item.id] = effect.item
            elif isinstance(effect, AddEscalationUpdate):
                self.updates.setdefault(effect.item.escalation_id, []).append(effect.item)
        told(outcome)  # each figure that is referred to is there
        return outcome

    def open(self, issue: str = EXAMPLE, account: str = "abc", **arguments: Any) -> str:
        """Open an escalation; its id."""
        self.ask(account=account, issue=issue, **arguments)
        return next(reversed(self.escalations))

    def wait(self, **time: float) -> None:
        self.now += dt.timedelta(**time)

    def book(self, as_of: dt.date) -> EscalationBook:
        newest = sorted(self.escalations.values(), key=lambda e: e.opened_at, reverse=True)
        arr = {each.id: each.arr for each in self.accounts.values() if each.arr is not None}
        updates = {name: tuple(self.updates.get(name, ())) for name in self.escalations}
        return EscalationBook(as_of, tuple(newest), updates, self.accounts, arr)

    def context(self, args: EscalateArgs, *, by: str = "Sofia", typed: bool = True, may_write: bool = True) -> Context:
        self.turns += 1
        needs, today = COMMAND.needs(args), self.now.astimezone(ZoneInfo(self.zone)).date()
        wanted = (needs.account_of or "").upper()
        every = self.escalations.values()
        named = next((e.account_id for e in every if wanted in (e.id.upper(), e.ticket_id)), None)
        of_ticket = next((t.account_id for t in self.facts.get("tickets", ()) if t.id == wanted), None)
        one = self.accounts.get(needs.account or named or of_ticket or "")
        mine = {name: [r for r in rows if r.account_id == one.id] for name, rows in self.facts.items()} if one else {}
        return Context(
            turn_id=f"turn-{self.turns}",
            now=self.now,
            as_of=today if needs.today else AS_OF,
            version=1,
            timezone=ZoneInfo(self.zone),
            currency="USD",
            audience="internal",
            parameters=PARAMETERS,
            account=account_snapshot(one, **mine) if one else None,
            portfolio=portfolio(list(self.accounts.values())) if needs.portfolio else None,
            escalations=self.book(today),
            actor=by,
            disclosure=DISCLOSURE,
            typed=typed,
            may_write=may_write,
        )


def text_of(outcome: Outcome) -> str:
    """The customer's draft of an answer."""
    drafts = (block for block in outcome.report.blocks if isinstance(block, Draft) and block.audience == "customer")
    return "\n".join("".join(map(str, field.text)) for draft in drafts for field in draft.fields)
