"""What the tests of /adoption share: the shipped parameters, and a context of one account among others."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from app.domain.command import Context, Listing, Outcome
from app.domain.parameters import Parameters
from app.domain.records import Account, Contact, FeatureUsage, FeedbackItem, Plan, RoadmapItem, Usage
from app.domain.snapshot import Exposure, ExposureQuery, FeedbackBook, Voice
from app.domain.yaml_text import load_yaml
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    context,
    daily_columns,
    days_before,
    feature_day_columns,
    portfolio,
)
from tools.adoption import COMMAND
from tools.adoption.arguments import AdoptionArgs
from tools.adoption.data import AccountAdoption
from tools.adoption.parameters import AdoptionParameters
from tools.feedback.parameters import FeedbackParameters
from tools.health.parameters import HealthParameters

TOOLS = Path(__file__).resolve().parents[3] / "tools"
P = TypeVar("P", bound=Parameters)


def shipped(name: str, kind: type[P]) -> P:
    return kind.model_validate(load_yaml((TOOLS / f"{name}.yaml").read_text(encoding="utf-8")))


PARAMETERS = shipped("adoption", AdoptionParameters)
OTHERS: dict[str, Parameters] = {
    "health": shipped("health", HealthParameters),
    "feedback": shipped("feedback", FeedbackParameters),
}

PRO = Plan(name="Pro", price_monthly=10_000, quota_monthly=10_000_000)
ENTERPRISE = Plan(name="Enterprise", price_monthly=25_000, quota_monthly=100_000_000)
STARTER = Plan(name="Starter", price_monthly=800, quota_monthly=500_000)


def used(feature: str, *days_ago: int, account_id: str = "acme", **fields: Any) -> list[FeatureUsage]:
    """A use of a feature on each of these days before AS_OF."""
    return [
        FeatureUsage(account_id=account_id, date=days_before(ago), feature=feature, **({"count": 5} | fields))
        for ago in days_ago
    ]


def calls_on(first: dt.date, *calls: int, account_id: str = "acme") -> list[Usage]:
    """API calls of the days from `first` on."""
    return [
        Usage(account_id=account_id, date=first + dt.timedelta(days=place), api_calls=each)
        for place, each in enumerate(calls)
    ]


def voice(text: str, **fields: Any) -> Voice:
    given: dict[str, Any] = {
        "kind": "touchpoints",
        "id": "v1",
        "account_id": "acme",
        "contact_id": None,
        "day": days_before(5),
        "about": "call",
        "subject": "",
    }
    return Voice(text=text, **(given | fields))


def item(item_id: str, title: str, **fields: Any) -> FeedbackItem:
    given: dict[str, Any] = {"category": "feature_request", "account_ids": ("acme",), "created_on": days_before(30)}
    return FeedbackItem(id=item_id, title=title, **(given | fields))


def setting(
    one: Account | None = None,
    *,
    others: Sequence[Account] = (),
    usage: Iterable[Usage] = (),
    feature_usage: Iterable[FeatureUsage] = (),
    items: tuple[FeedbackItem, ...] = (),
    voices: tuple[Voice, ...] = (),
    plans: tuple[Plan, ...] = (),
    roadmap: tuple[RoadmapItem, ...] = (),
    contacts: tuple[Contact, ...] = (),
    as_of: dt.date = AS_OF,
    covered: dt.date | None = None,
    parameters: AdoptionParameters = PARAMETERS,
    **facts: Any,
) -> Context:
    """A context of the account, `acme` unless given, among the others. Feeds cover `covered`, else as_of."""
    one = one or account("acme")
    usage, feature_usage, last = list(usage), list(feature_usage), covered or as_of
    feeds = {"usage": last, "feature_usage": last}
    own_usage = [row for row in usage if row.account_id == one.id]
    own_features = [row for row in feature_usage if row.account_id == one.id]
    own = account_snapshot(
        one,
        as_of=as_of,
        covered=feeds,
        contacts=contacts,
        plans=plans,
        usage=own_usage,
        feature_usage=own_features,
        **facts,
    )
    accounts = [one, *others]
    whole = portfolio(
        accounts, as_of=as_of, covered=feeds, contacts=contacts, usage=usage, feature_usage=feature_usage, **facts
    )
    return context(
        parameters,
        as_of=as_of,
        account=own,
        portfolio=whole,
        daily=daily_columns(own_usage, last),
        feature_days=feature_day_columns(own_features, last),
        feedback=FeedbackBook(items, {}, {}, {}, newest=items),
        voices=voices,
        others=OTHERS,
        listings={RoadmapItem: Listing(roadmap), Contact: Listing(contacts)},
        month_to_date=month(accounts, usage, as_of),
    )


def month(accounts: Sequence[Account], usage: Sequence[Usage], as_of: dt.date) -> Exposure:
    """API calls of each account from the first of the month on."""
    first = as_of.replace(day=1)
    rows = [[r.api_calls or 0 for r in usage if r.account_id == a.id and first <= r.date <= as_of] for a in accounts]
    calls = np.array([float(sum(each)) if each else np.nan for each in rows])
    whole, counts = np.ones(len(accounts), dtype=np.bool_), np.array([len(each) for each in rows], dtype=np.int32)
    return Exposure(ExposureQuery(first, as_of), calls, calls, calls * 0, whole, whole, counts, counts)


def run(ctx: Context, **args: Any) -> Outcome:
    given = {"account": "acme"} | args
    return COMMAND.run(ctx, AdoptionArgs.model_validate({k: v for k, v in given.items() if v is not None}))


def adoption(ctx: Context) -> AccountAdoption:
    data = run(ctx).report.data
    assert isinstance(data, AccountAdoption)
    return data
