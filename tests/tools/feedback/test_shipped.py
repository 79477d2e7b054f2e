"""/feedback shipped: who is told first, clean replies, the day that is recorded, and use in the days after."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.domain.blocks import Draft
from app.domain.command import Context, Needs, Outcome
from app.domain.effects import UpdateFeedback
from app.domain.problems import InvalidArguments
from app.domain.records import FeedbackCategory, FeedbackItem
from app.domain.snapshot import Exposure, ExposureQuery, FeedbackBook, ShippedQuery
from app.render.markdown import to_markdown
from app.security.disclosure import load_disclosure
from tests.snapshots import AS_OF, account, contact, days_before, features_used, portfolio
from tests.tools.feedback.test_feedback import NOW, PARAMETERS, item
from tools.feedback import COMMAND
from tools.feedback.data import ShippedData
from tools.feedback.quotes import Quote, with_quotes

DISCLOSURE = load_disclosure()
SHIPPED = days_before(30)
ACCOUNTS = [
    account("late", name="Late Ltd", arr=900_000, renewal_date=AS_OF + dt.timedelta(days=300)),
    account("soon", name="Soon GmbH", arr=100_000, renewal_date=AS_OF + dt.timedelta(days=20)),
    account("rich", name="Rich Inc", aliases=("Richie",), arr=800_000, renewal_date=AS_OF + dt.timedelta(days=300)),
    account("none", name="None Co", arr=None, renewal_date=None),
    account("gone", name="Gone AG", arr=0, lifecycle="churned"),
]
CONTACTS = (
    contact("lea", "late", name="Lea Long"),
    contact("sid", "soon", name="Sid Short", left_on=days_before(5)),
    contact("sue", "soon", name="Sue Sharp", is_champion=True),
    contact("rob", "rich", name="Rob Rey"),
)
QUOTES = (
    Quote("We need webhooks for refunds.", "late", "lea", "ticket", "t1", days_before(90)),
    Quote("Rich Inc has webhooks with you, we want them too.", "soon", "sid", "ticket", "t2", days_before(80)),
    Quote("No webhooks, no fun", "rich", "rob", "nps", "n1", days_before(70)),
    Quote("They want webhooks or ask competitors.", "none", None, "qbr", "m1", days_before(60)),
)
WEB = item(
    "web",
    title="Webhooks for refunds",
    account_ids=("late", "soon", "rich", "none", "gone"),
    quote=with_quotes(None, QUOTES),
    status="shipped",
    shipped_on=SHIPPED,
    created_on=days_before(90),
)


def exposure(uses: dict[str, float] | None = None, **fields: Any) -> Exposure:
    """Use by account; covered unless `covered` says otherwise."""
    counts = [(uses or {}).get(a.id) for a in ACCOUNTS]
    size = len(ACCOUNTS)
    given: dict[str, Any] = {
        "query": ExposureQuery(SHIPPED, SHIPPED + dt.timedelta(days=29), "Webhooks"),
        "uses": np.array([np.nan if n is None else n for n in counts], dtype=np.float64),
        "calls": np.full(size, np.nan),
        "errors": np.full(size, np.nan),
        "covered": np.full(size, True),
        "calls_covered": np.full(size, True),
        "rows": np.array([0 if n is None else 3 for n in counts], dtype=np.int32),
        "call_rows": np.zeros(size, dtype=np.int32),
    }
    return Exposure(**(given | fields))


def run(
    *items: FeedbackItem,
    exposed: Exposure | None = None,
    partial: tuple[str, ...] = (),
    typed: bool = True,
    accounts: tuple[str, ...] = ("late", "soon", "rich", "none", "gone"),
    covered: Any = None,
    **args: Any,
) -> Outcome:
    found = items or (WEB,)
    ctx = Context(
        turn_id="turn_0123456789abcdef",
        now=NOW,
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo("UTC"),
        currency="USD",
        audience="internal",
        parameters=PARAMETERS,
        feedback=FeedbackBook(
            found, {a.id: a.name for a in ACCOUNTS}, {}, {}, newest=found, partial=frozenset(partial)
        ),
        portfolio=portfolio(
            [a for a in ACCOUNTS if a.id in accounts],
            covered=covered,
            feature_usage=features_used("late", 2) if "late" in accounts else (),
        ),
        contacts=CONTACTS,
        exposure=exposed,
        disclosure=DISCLOSURE,
        typed=typed,
    )
    return COMMAND.run(ctx, COMMAND.args(action="shipped", **args))


def data(outcome: Outcome) -> ShippedData:
    assert isinstance(outcome.report.data, ShippedData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def replies(outcome: Outcome) -> dict[str, str]:
    return {asked.account: asked.reply for asked in data(outcome).asked if asked.reply is not None}


def test_the_soonest_renewal_is_told_first_then_the_most_arr() -> None:
    outcome = run(title="web", exposed=exposure())
    assert [a.account for a in data(outcome).asked] == ["soon", "late", "rich", "none", "gone"]
    first = data(outcome).asked[0]
    assert (first.renewal_date, first.days, first.arr, first.currency) == (
        AS_OF + dt.timedelta(days=20),
        20,
        100_000,
        "USD",
    )
    assert first.contacts == ("Sid Short, has left", "write to Sue Sharp")
    assert first.words == ("Rich Inc has webhooks with you, we want them too.",)
    assert data(outcome).asked[3].days is None
    assert outcome.effects == ()
    assert "5 customers asked for it; the first to tell: Soon GmbH, renewal in 20 days." in told(outcome)


def test_each_reply_has_the_customer_s_own_words_and_what_shipped() -> None:
    outcome = run(title="web", feature="Webhooks", exposed=exposure({"late": 2}))
    assert set(replies(outcome)) == {"soon", "late", "rich", "none"}  # who has left gets none
    assert replies(outcome)["late"] == (
        "Hello Lea,\n\n"
        f"On {days_before(90)} you wrote in ticket t1: “We need webhooks for refunds.” Thank you for telling us.\n\n"
        f"“Webhooks for refunds” is available since {SHIPPED}. In the product it is called “Webhooks”.\n\n"
        "How to use it: [paste the link to its documentation here].\n\n"
        "Does it do what you need? A short answer helps us, also if it does not.\n\n"
        "Kind regards"
    )
    drafts = [block for block in outcome.report.blocks if isinstance(block, Draft)]
    assert all(draft.audience == "customer" for draft in drafts)
    assert "Hello Rob," in replies(outcome)["rich"]
    assert "No webhooks, no fun" in replies(outcome)["rich"]  # his own answer to the survey


HOSTILE = (
    "Webhooks like Rich Inc has them",
    "RICHIE wants webhooks",
    "Webhooks (USD 800,000 ARR at stake)",
    "Webhooks, ENG-2240",
    "Webhooks to prevent churn",
    "Webhooks for the renewal of the $2M contract",
    "Webhooks on our internal roadmap",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_reply_holds_another_customer_money_or_our_own_words(title: str) -> None:
    said = with_quotes(None, [*QUOTES, Quote(f"{title}, please", "late", "lea", "ticket", "t9", days_before(3))])
    outcome = run(
        WEB.model_copy(update={"title": title, "quote": said}), title="web", feature=title, exposed=exposure()
    )
    names = {a.id: (a.name, *a.aliases) for a in ACCOUNTS}
    for account_id, text in replies(outcome).items():
        others = [name for other, mine in names.items() if other != account_id for name in mine]
        words = text.casefold()
        if account_id != "rich":
            assert not any(name.casefold() in words for name in others)
            for leak in ("arr", "churn", "eng-", "$", "usd", "renewal", "internal", "competitor"):
                assert leak not in words.replace("regards", "")
        assert not any(promise in words for promise in (" will ", " soon ", "promise", "we plan", "next quarter"))
    assert "What you told us about is available since" in replies(outcome)["soon"]


def test_words_of_one_person_s_survey_or_our_notes_are_not_repeated() -> None:
    other = with_quotes(None, [Quote("No webhooks, no fun", "rich", "xx", "nps", "n1", days_before(70)), QUOTES[3]])
    outcome = run(WEB.model_copy(update={"quote": other}), title="web", exposed=exposure())
    assert "no fun" not in replies(outcome)["rich"]
    assert "You told us about it." in replies(outcome)["none"]


@pytest.mark.parametrize(
    ("category", "news"),
    [
        ("bug", "“Webhooks for refunds”: this is fixed since"),
        ("documentation", ": this is corrected since"),
        ("performance", ": this is faster since"),
        ("ux", ": this is easier since"),
    ],
)
def test_what_is_told_fits_the_category(category: FeedbackCategory, news: str) -> None:
    outcome = run(WEB.model_copy(update={"category": category}), title="web", exposed=exposure())
    assert news in replies(outcome)["late"]


def test_words_without_a_name_are_those_of_the_item_s_contact_or_its_only_customer() -> None:
    by_hand = WEB.model_copy(update={"quote": "We poll, call me on 0", "contact_id": "rob"})
    found = {a.account: a.words for a in data(run(by_hand, title="web", exposed=exposure())).asked}
    assert (found["rich"], found["late"]) == (("We poll, call me on 0",), ())
    alone = by_hand.model_copy(update={"contact_id": None, "account_ids": ("late",)})
    outcome = run(alone, title="web", exposed=None, accounts=("late",))
    assert "You told us: “We poll, call me on 0”" in replies(outcome)["late"]
    shared = by_hand.model_copy(update={"contact_id": None})
    assert all(a.words == () for a in data(run(shared, title="web", exposed=exposure())).asked)


def test_the_day_is_asked_for_then_recorded() -> None:
    planned = WEB.model_copy(update={"status": "planned", "shipped_on": None})
    asked = run(planned, title="refunds webhooks")
    assert asked.question is not None
    assert (asked.question.fields, asked.effects) == (("on",), ())
    assert "is not marked shipped: planned" in told(asked)
    outcome = run(planned, title="web", on=str(days_before(3)), exposed=exposure())
    (effect,) = outcome.effects
    assert isinstance(effect, UpdateFeedback)
    assert effect.item == planned.model_copy(update={"status": "shipped", "shipped_on": days_before(3)})
    assert "Recorded: shipped on 2026-06-23 (was planned). Undo: type undo." in told(outcome)
    quiet = run(planned, title="web", on=str(days_before(3)), typed=False)
    assert quiet.effects == ()
    assert "Not recorded: type /feedback shipped web on=2026-06-23 to do it." in told(quiet)


def test_a_wrong_day_can_be_corrected_and_the_same_one_writes_nothing() -> None:
    assert run(title="web", on=str(SHIPPED)).effects == ()
    outcome = run(title="web", on=str(days_before(20)))
    (effect,) = outcome.effects
    assert isinstance(effect, UpdateFeedback)
    assert effect.item.shipped_on == days_before(20)
    assert f"(was {SHIPPED})" in told(outcome)


def test_a_day_ahead_is_refused_and_one_before_the_request_is_pointed_at() -> None:
    with pytest.raises(InvalidArguments, match="lies ahead") as error:
        run(title="web", on=str(AS_OF + dt.timedelta(days=1)))
    assert error.value.extra["missing"] == ["on"]
    assert "It shipped before it was asked for" in told(run(title="web", on=str(days_before(200))))


def test_an_item_that_is_seen_in_part_is_not_written_over() -> None:
    with pytest.raises(InvalidArguments, match="shared with customers you may not see"):
        run(title="web", on=str(days_before(1)), partial=("web",))
    assert "they and the words are left out" in told(run(title="web", partial=("web",), exposed=exposure()))


@pytest.mark.parametrize(
    ("words", "headline", "candidates"),
    [
        (None, "Which item shipped?", ("map", "doc")),
        ("webhooks", "“webhooks” fits 2 items", ("web", "web2")),
        ("mapp", "No item is called “mapp”", ("map",)),
    ],
)
def test_the_item_is_asked_for_where_it_is_not_certain(
    words: str | None, headline: str, candidates: tuple[str, ...]
) -> None:
    items = (
        WEB,
        item("web2", title="Webhooks for payouts", status="shipped"),
        item("map", title="Map of depots", status="planned"),
        item("doc", title="Document search"),
    )
    outcome = run(*items, title=words)
    assert outcome.question is not None
    assert outcome.question.fields == ("item",)
    assert headline in told(outcome)
    assert data(outcome).candidates[: len(candidates)] == candidates


def test_the_answer_to_the_question_goes_before_the_words_that_were_not_understood() -> None:
    assert data(run(title="wbhk", item="web", exposed=exposure())).item == "web"


def test_no_items_at_all() -> None:
    none = FeedbackItem(id="x", title="x", category="bug")
    outcome = run(none, title="y")
    assert outcome.question is not None
    assert "No item is called “y”" in told(outcome)


def test_use_in_thirty_days_by_those_who_asked() -> None:
    """Who has left does not count: 2 of 4."""
    outcome = run(title="web", feature="Webhooks", exposed=exposure({"late": 5, "rich": 1, "gone": 9}))
    adoption = data(outcome).adoption
    assert adoption is not None
    assert (adoption.used_by, adoption.accounts, adoption.reason) == (2, 4, None)
    assert {a.account: a.uses for a in data(outcome).asked} == {
        "soon": 0,
        "late": 5,
        "rich": 1,
        "none": 0,
        "gone": None,
    }
    figures = {(f.key, f.account_id): f for f in outcome.report.figures}
    assert figures["feedback.web.used_by", None].value == 2
    assert figures["feedback.web.uses", "late"].value == 5
    assert f"Used by 2 of 4 from {SHIPPED} to {days_before(1)}." in told(outcome)


def test_use_is_not_known_before_the_feed_covers_the_days() -> None:
    covered = np.array([True, False, False, True, True])
    outcome = run(title="web", feature="Webhooks", exposed=exposure({"late": 5}, covered=covered))
    adoption = data(outcome).adoption
    assert adoption is not None
    assert adoption.used_by is None
    assert "Used by 1 of 4" in told(outcome)
    assert f"so far: usage must be there to {days_before(1)}: it can be told from {AS_OF}" in told(outcome)
    silent = run(title="web", feature="Webhooks", exposed=exposure(covered=covered), covered={"feature_usage": None})
    assert "no usage of features is connected for Soon GmbH, Rich Inc" in told(silent)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "no feature in the usage data is called like the item; give feature=NAME. In use lately: feature 0"),
        ({"feature": "Webhoks"}, "no row of usage names a feature “Webhoks”. In use lately: feature 0, feature 1"),
    ],
)
def test_a_feature_that_no_row_names_is_unknown_not_unused(args: dict[str, Any], said: str) -> None:
    outcome = run(title="web", exposed=exposure(known=False), **args)
    adoption = data(outcome).adoption
    assert adoption is not None
    assert adoption.used_by is None
    assert said in told(outcome)
    assert all(a.uses is None for a in data(outcome).asked)


def test_one_customer_s_reply_alone() -> None:
    assert [a.account for a in data(run(title="web", account="rich", exposed=exposure())).asked] == ["rich"]


def test_nobody_is_linked() -> None:
    outcome = run(WEB.model_copy(update={"account_ids": ()}), title="web", accounts=())
    assert "nobody to tell" in told(outcome)


def test_it_asks_for_the_data_it_needs() -> None:
    args = COMMAND.args(action="shipped", title="web hooks", on="2026-01-02", feature="W")
    query = ShippedQuery("web hooks", dt.date(2026, 1, 2), "W", 30)
    assert COMMAND.needs(args) == Needs(feedback=True, shipped=query)
