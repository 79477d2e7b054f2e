"""Whom a release touches, how much, and the mails about it."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.blocks import Draft
from app.domain.command import Context
from app.domain.records import Contact, RoadmapItem
from app.render.markdown import to_markdown
from tests.snapshots import account, days_before
from tests.tools.adoption.setting import item, run, setting, used, voice
from tools.adoption.data import ReleaseData

USES = used("webhooks", 0, 7, count=3)


def release(**fields: Any) -> Context:
    """acme uses it, beta tries it, gamma asked for it, delta tests it; epsilon has left, zeta is not on record."""
    others = [
        account("beta"),
        account("gamma"),
        account("delta"),
        account("epsilon", lifecycle="churned"),
        account("zeta"),
    ]
    rows = [
        *USES,
        *used("webhooks", 3, account_id="beta", environment="sandbox"),
        *used("alerts", 3, account_id="gamma"),
        *used("alerts", 3, account_id="delta"),
        *used("webhooks", 3, account_id="epsilon"),
    ]
    given: dict[str, Any] = {
        "others": others,
        "feature_usage": rows,
        "items": (item("f1", "Signed webhooks", account_ids=("gamma", "acme")),),
        "voices": (voice("Tests the new webhook.", account_id="delta", about="beta"),),
        "contacts": (
            Contact(id="c0", account_id="acme", name="Zoe Old", is_champion=True, left_on=days_before(4)),
            Contact(id="c1", account_id="acme", name="Ada Reyes", is_champion=True),
        ),
    }
    return replace(setting(**(given | fields)), account=None)


def data(ctx: Context, **args: Any) -> ReleaseData:
    found = run(ctx, **({"account": None, "action": "release", "topic": "webhooks"} | args)).report.data
    assert isinstance(found, ReleaseData)
    return found


def mails(ctx: Context, **args: Any) -> dict[str | None, str]:
    report = run(ctx, **({"account": None, "action": "release", "topic": "webhooks"} | args)).report
    drafts = (block for block in report.blocks if isinstance(block, Draft))
    return {draft.account_id: to_markdown((draft,), report.figures) for draft in drafts}


def told(ctx: Context, **args: Any) -> str:
    report = run(ctx, **({"account": None, "action": "release", "topic": "webhooks"} | args)).report
    return to_markdown(report.blocks, report.figures)


def test_whom_it_touches_and_how_much() -> None:
    found = data(release(), change="breaking")
    assert [(hit.id, hit.because, hit.impact, hit.uses) for hit in found.touched] == [
        ("acme", ("uses", "asked"), "high", 6),
        ("delta", ("beta",), "high", None),
        ("beta", ("tries",), "medium", None),
        ("gamma", ("asked",), "low", None),
    ]
    assert found.unknown == ("zeta",)


def test_what_is_new_touches_those_who_asked_most() -> None:
    assert {hit.id: hit.impact for hit in data(release()).touched} == {
        "acme": "medium", "gamma": "medium", "delta": "medium", "beta": "low"
    }  # fmt: skip


def test_a_change_is_written_to_those_who_use_it_and_news_to_all() -> None:
    changed = mails(release(), change="changed", what="The header has a new name.")
    assert list(changed) == ["acme"]
    assert "Hello Ada" in changed["acme"]
    assert "6 times in the last 28 days" in changed["acme"]
    assert "The header has a new name." in changed["acme"]
    news = mails(release())
    assert set(news) == {"acme", "beta", "gamma", "delta"}
    assert "You told us that you need it." in news["gamma"]
    assert "You told us" not in news["beta"]


def test_a_mail_names_nobody_else() -> None:
    for account_id, text in mails(release()).items():
        assert not [name for name in ("Acme", "Beta", "Gamma", "Delta") if name.lower() != account_id and name in text]


def test_a_day_ahead_is_not_promised() -> None:
    ahead, behind = "2026-09-01", "2026-06-01"
    assert ahead not in mails(release(), on=ahead)["acme"]
    assert "for Engineering to approve" in told(release(), on=ahead)
    assert "It takes effect on 2026-06-01." in mails(release(), on=behind)["acme"]


def test_what_the_roadmap_keeps_inside_is_not_written_about() -> None:
    ctx = release(roadmap=(RoadmapItem(feature="Signed webhooks", quarter="next", audience="internal"),))
    assert mails(ctx) == {}
    assert "ask Product whether customers may hear of it" in told(ctx)


def test_one_customer_alone() -> None:
    assert [hit.id for hit in data(release(), account="gamma").touched] == ["gamma"]


@pytest.mark.parametrize(("topic", "said"), [("Web-Hooks", "check the name"), ("nothing", "check the name")])
def test_an_unknown_name_is_told(topic: str, said: str) -> None:
    ctx = release(items=(), voices=())
    assert said in told(ctx, topic=topic)
    assert "alerts and webhooks" in told(ctx, topic=topic)


def test_a_name_is_found_however_it_is_written() -> None:
    rows = used("batch_export", 1)
    assert [hit.id for hit in data(release(feature_usage=rows, items=(), voices=()), topic="Batch Export").touched] == [
        "acme"
    ]
