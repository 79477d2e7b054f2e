"""An account with people, for tests of /champion; all dated before AS_OF, 2026-06-26, a Friday."""

import datetime as dt
from typing import Any

from app.domain.command import Context, Listing
from app.domain.records import ContactActivity, FeedbackItem, RoadmapItem, Touchpoint
from app.domain.snapshot import FeedbackBook
from app.domain.yaml_text import load_yaml
from app.runtime import PROJECT
from tests.snapshots import account, account_snapshot, context, days_before
from tools.champion.parameters import ChampionParameters
from tools.feedback.parameters import FeedbackParameters
from tools.health import HealthParameters


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = load_yaml((PROJECT / "tools" / f"{name}.yaml").read_text(encoding="utf-8"))
    return read


PARAMETERS = ChampionParameters.model_validate(_read("champion"))
OTHERS = {
    "health": HealthParameters.model_validate(_read("health")),
    "feedback": FeedbackParameters.model_validate(_read("feedback")),
}
BETA = RoadmapItem(feature="Signed webhooks", quarter="2026Q3", beta_open=True, audience="customer")


def did(contact_id: str | None, kind: Any, days_ago: int = 10, **fields: Any) -> Touchpoint:
    """A touchpoint with a person that took place."""
    given: dict[str, Any] = {"id": f"tp-{contact_id}-{kind}-{days_ago}", "account_id": "acme", "status": "attended"}
    return Touchpoint(contact_id=contact_id, kind=kind, date=days_before(days_ago), **(given | fields))


def logins(contact_id: str, count: int, features: int | None, days: int = 40) -> list[ContactActivity]:
    """So many logins on each working day of the last `days` days; 40 reach back beyond the window."""
    spans = (days_before(back) for back in range(days))
    return [
        ContactActivity(contact_id=contact_id, date=day, logins=count, features=features)
        for day in spans
        if day.weekday() < 5
    ]


def acme(
    activity: list[ContactActivity] | None = None,
    items: tuple[FeedbackItem, ...] = (),
    roadmap: tuple[RoadmapItem, ...] = (BETA,),
    fields: dict[str, Any] | None = None,
    ctx: dict[str, Any] | None = None,
    **facts: Any,
) -> Context:
    """The context of /champion for one account."""
    one = account_snapshot(account(**{"auto_renew": False, **(fields or {})}), **facts)
    listings: dict[Any, Any] = {ContactActivity: Listing(tuple(activity or ())), RoadmapItem: Listing(roadmap)}
    book = FeedbackBook(items, {"acme": "Acme"}, {"acme": 100_000.0}, {"acme": "USD"}, newest=items)
    given: dict[str, Any] = {
        "account": one,
        "feedback": book,
        "listings": listings,
        "others": OTHERS,
        "sees_people": True,
    }
    return context(PARAMETERS, **(given | (ctx or {})))


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)
