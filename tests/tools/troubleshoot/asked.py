"""Runs /troubleshoot in tests: a context with everything that it needs, over one account or over none."""

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.blocks import Block, Certainty, Draft, Side
from app.domain.command import Audience, Context, Outcome
from app.domain.figures import text
from app.domain.records import Account, Integration, Plan
from app.domain.snapshot import ArticleEntry, EscalationBook, PeerTicket
from app.domain.yaml_text import load_yaml
from app.render.markdown import to_markdown
from app.security.disclosure import load_disclosure
from tests.snapshots import AS_OF, account, account_snapshot, contact, daily_columns, daily_usage
from tests.tools.troubleshoot.made import NOW, parameters
from tools.escalate.parameters import EscalateParameters
from tools.health import HealthParameters
from tools.troubleshoot import COMMAND, inquiry
from tools.troubleshoot.case import Place
from tools.troubleshoot.data import TroubleshootData
from tools.troubleshoot.diagnosis import Diagnosed, Found, side_of
from tools.troubleshoot.facts.artifact import ArtifactKind, Reading, sealed
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.rules.rule import Clue, Finding, Rule

DISCLOSURE = load_disclosure()
TOOLS = Path(__file__).resolve().parents[3] / "tools"
KNOWLEDGE = Path(__file__).resolve().parents[3] / "knowledge"

PRO = Plan(name="Pro", price_monthly=10_000, quota_monthly=10_000_000, rate_limit=1_000)
PEOPLE = (
    contact("c-dev", name="Dora Lang", role="Lead developer", stakeholder="developer"),
    contact("c-it", name="Ivo Brandt", role="Head of IT", stakeholder="it_admin"),
    contact("c-sec", name="Sena Okafor", stakeholder="security"),
)


def acme(**fields: Any) -> Account:
    given: dict[str, Any] = {"name": "Acme", "plan": "Pro", "usage_model": "api", "api_quota_monthly": 10_000_000}
    return account("acme", **(given | fields))


def articles() -> tuple[ArticleEntry, ...]:
    """The shipped knowledge base."""
    found = []
    for path in sorted(KNOWLEDGE.glob("*.md")):
        head = load_yaml(path.read_text(encoding="utf-8").split("---")[1])
        found.append(ArticleEntry(head["id"], head["title"], head["audience"], AS_OF))
    return tuple(found)


def peer(ticket_id: str, subject: str, account_id: str = "beta") -> PeerTicket:
    return PeerTicket(account_id, account_id.capitalize(), ticket_id, NOW, "SEV2", False, subject)


def context(
    *,
    one: Account | None = None,
    alone: bool = False,
    audience: Audience = "internal",
    facts: dict[str, Any] | None = None,
    now: dt.datetime = NOW,
    **more: Any,
) -> Context:
    """Acme with its people, plan and usage; with no account where it is to be asked `alone`. Nothing is typed."""
    usage = daily_usage("acme", api_calls=200_000, errors=4_000)
    given = {"usage": usage, "contacts": PEOPLE, "plans": (PRO,), "integrations": INTEGRATIONS, **(facts or {})}
    return Context(
        turn_id="turn-1",
        now=now,
        as_of=more.pop("as_of", AS_OF),
        version=1,
        timezone=ZoneInfo(more.pop("zone", "UTC")),
        currency="USD",
        audience=audience,
        parameters=parameters(),
        account=None if alone else account_snapshot(one or acme(), **given),
        daily=None if alone else daily_columns(usage),
        escalations=more.pop("book", None) or EscalationBook(AS_OF, (), {}, {}, {}),
        articles=articles(),
        others={"escalate": _shipped("escalate"), "health": _shipped("health")},
        sees_people=more.pop("sees_people", True),
        disclosure=DISCLOSURE,
        **more,
    )


INTEGRATIONS = (Integration(account_id="acme", kind="sso", auth="saml"),)


def _shipped(command: str) -> EscalateParameters | HealthParameters:
    loaded = load_yaml((TOOLS / f"{command}.yaml").read_text(encoding="utf-8"))
    return (EscalateParameters if command == "escalate" else HealthParameters).model_validate(loaded)


def ask(pasted: str | None = None, *, files: tuple[Reading, ...] = (), **options: Any) -> Outcome:
    """Run the command on a paste and on files as they were read; what is no argument goes to the context."""
    names = set(COMMAND.args.model_fields)
    given = {name: value for name, value in options.items() if name in names}
    rest = {name: value for name, value in options.items() if name not in names}
    whose = None if rest.get("alone") else "acme"
    ids = tuple(f"file-{place}" for place, _ in enumerate(files, 1))
    args = COMMAND.args(account=whose, text=pasted, attachments=ids, **given)
    COMMAND.needs(args)
    return COMMAND.run(context(attachments=files, **rest), args)


def a_file(*facts: Fact, said: str = "", kind: ArtifactKind = "http", name: str = "") -> Reading:
    """A file as it was read: prose, then an artifact of these facts."""
    prose = (sealed("prose", said, name=name),) if said else ()
    return Reading(artifacts=(*prose, sealed(kind, "", facts, name=name, first=3, last=9)), sha256=f"{said}{facts}")


def found(rule: str, side: Side, certainty: Certainty, title: str, **finding: Any) -> Found:
    """A cause with one clue on line 3."""
    clues = (Clue(text("the answer says so"), Place("", 3)),)
    return Found(Rule(rule, side, lambda _: None), Finding(certainty, text(title), clues, **finding))


def diagnosed_as(monkeypatch: pytest.MonkeyPatch, *causes: Found) -> None:
    """Whatever is asked has these causes: for what does not depend on which rule found them."""
    monkeypatch.setattr(inquiry, "diagnose", lambda _: Diagnosed(side_of(causes), causes, ()))


def told(outcome: Outcome) -> str:
    """The answer as Markdown: it cannot be made where a figure is missing."""
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def data(outcome: Outcome) -> TroubleshootData:
    found = outcome.report.data
    assert isinstance(found, TroubleshootData)
    return found


def letter_of(outcome: Outcome) -> str:
    """The text of the letter to the customer."""
    return field_of(drafts(outcome, "customer")[0], "Text")


def drafts(outcome: Outcome, audience: Audience) -> list[Draft]:
    return [each for each in outcome.report.blocks if isinstance(each, Draft) and each.audience == audience]


def field_of(draft: Draft, label: str) -> str:
    return "".join(str(span) for each in draft.fields if each.label == label for span in each.text)


def headings(blocks: tuple[Block, ...]) -> list[str]:
    return ["".join(str(span) for span in each.text) for each in blocks if each.type == "heading"]
