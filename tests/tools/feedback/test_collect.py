"""/feedback collect and accept: one proposal for what several say, links to known items, and what is written."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.command import Context, Needs, Outcome
from app.domain.effects import AddFeedback, UpdateFeedback
from app.domain.problems import InvalidArguments, NotFound
from app.domain.records import FeedbackItem
from app.domain.snapshot import MOST_VOICES, FeedbackBook, Voice
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, days_before, portfolio
from tests.tools.feedback.test_feedback import NOW, PARAMETERS, item
from tests.tools.feedback.voices import voice
from tools.feedback import COMMAND
from tools.feedback.data import AcceptData, CollectData
from tools.feedback.quotes import LONGEST_SOURCE, Quote, own_words, quotes_of, with_quotes, with_sources

WEBHOOKS = (
    voice("We need webhooks for payment events.", voice_id="t1", day=days_before(20), contact_id="ada"),
    voice("Please add a webhook when a payment changes.", voice_id="t2", account_id="beta", day=days_before(9)),
    voice("Would be great to have webhooks.", kind="nps", voice_id="n1", account_id="gamma", score=5),
)
SSO = voice("You don't support SAML.", voice_id="t3", account_id="beta")


def run(
    *voices: Voice, items: tuple[FeedbackItem, ...] = (), partial: tuple[str, ...] = (), typed: bool = True, **args: Any
) -> Outcome:
    accounts = [
        account("acme", name="Acme Inc", arr=500_000),
        account("beta", arr=200_000, currency="EUR"),
        account("gamma", arr=None, currency=None),
    ]
    newest_first = tuple(sorted(voices, key=lambda v: v.day, reverse=True))
    ctx = Context(
        turn_id="turn_0123456789abcdef",
        now=NOW,
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo("UTC"),
        currency="USD",
        audience="internal",
        parameters=PARAMETERS,
        feedback=FeedbackBook(items, {}, {}, {}, newest=items, partial=frozenset(partial)),
        portfolio=portfolio(accounts),
        voices=newest_first,
        typed=typed,
    )
    return COMMAND.run(ctx, COMMAND.args(**({"action": "collect"} | args)))


def collected(outcome: Outcome) -> CollectData:
    assert isinstance(outcome.report.data, CollectData)
    return outcome.report.data


def accepted(outcome: Outcome) -> AcceptData:
    assert isinstance(outcome.report.data, AcceptData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def test_what_several_customers_say_is_one_proposal() -> None:
    outcome = run(*WEBHOOKS, SSO)
    first, second = collected(outcome).proposals
    assert (first.title, first.category, first.accounts) == (
        "Webhooks for payment events",
        "feature_request",
        ("acme", "beta", "gamma"),
    )
    assert first.arr_by_currency == {"USD": 500_000, "EUR": 200_000}
    assert [(q.record, q.words) for q in first.quotes] == [(v.id, v.text) for v in reversed(WEBHOOKS)]
    assert (second.title, second.customers) == ("SAML", 1)
    assert outcome.effects == ()
    figures = {figure.key: figure for figure in outcome.report.figures}
    counted = figures[f"feedback.{first.id}.customers"]
    assert counted.value == 3
    assert [(e.kind, e.id) for e in counted.evidence] == [("tickets", "t2"), ("tickets", "t1"), ("nps", "n1")]
    assert figures[f"feedback.{first.id}.arr.eur"].value == 200_000
    assert "USD 500,000 + EUR 200,000" in told(outcome)
    assert f"/feedback accept {first.id} {second.id} impact=" in told(outcome)


@pytest.mark.parametrize(
    ("one", "other", "proposals"),
    [
        ("We need webhooks for refunds.", "Please add webhooks for refunds!", 1),
        ("We need SSO.", "Could you please add single sign-on with Okta?", 1),
        ("The export crashes.", "Export fails every day.", 1),
        ("The dashboard is very slow.", "The dashboard takes 40 seconds to load.", 1),
        ("We need webhooks.", "We need a mobile app.", 2),
        ("We need CSV exports of invoices.", "Exports of invoices are slow.", 2),  # a request and a complaint
        ("Alert editor loses unsaved changes and crashes", "Students see an error in the alert editor", 2),
    ],
)
def test_alike(one: str, other: str, proposals: int) -> None:
    outcome = run(voice(one, voice_id="t1"), voice(other, voice_id="t2", account_id="beta"))
    assert len(collected(outcome).proposals) == proposals


def test_a_customer_who_says_it_twice_counts_once_and_a_ticket_speaks_once() -> None:
    twice = voice("We need webhooks. We need webhooks for payments.", voice_id="t5", day=days_before(1))
    (found,) = collected(run(WEBHOOKS[0], twice)).proposals
    assert (found.customers, [q.record for q in found.quotes]) == (1, ["t5", "t1"])


def test_the_id_stays_when_others_say_the_same_later() -> None:
    before = collected(run(WEBHOOKS[0])).proposals[0].id
    assert collected(run(*WEBHOOKS, SSO)).proposals[0].id == before
    assert collected(run(*reversed(WEBHOOKS))).proposals[0].id == before


def test_a_known_item_is_linked_not_doubled() -> None:
    known = item("fb-web", title="Send a webhook for each change of a payment", account_ids=("beta",))
    outcome = run(*WEBHOOKS, items=(known,))
    data = collected(outcome)
    (link,) = data.proposals
    assert (link.item_id, link.accounts, data.recorded) == ("fb-web", ("acme", "gamma"), 1)
    assert "Send a webhook for each change of a payment (fb-web), open" in told(outcome)


def test_an_item_that_may_be_the_same_is_pointed_at() -> None:
    near = item("fb-x", title="Payment webhooks with retries and ordering")
    (found,) = collected(run(voice("We need webhooks."), items=(near,))).proposals
    assert (found.item_id, found.near) == (None, "fb-x")


def test_filters_limit_and_what_was_read() -> None:
    outcome = run(*WEBHOOKS, SSO, limit=1)
    assert (len(collected(outcome).proposals), collected(outcome).total) == (1, 2)
    assert "1 more: raise limit=1" in told(outcome)
    assert collected(outcome).texts == {"tickets": 3, "nps": 1}
    assert [p.title for p in collected(run(*WEBHOOKS, SSO, title="saml")).proposals] == ["SAML"]
    assert collected(run(*WEBHOOKS, SSO, category="bug")).proposals == ()


@pytest.mark.parametrize(
    ("voices", "said"),
    [
        ((), "Nobody said anything from 2026-03-29 to 2026-06-26"),
        ((voice("All is well."),), "look further back with since="),
        ((voice("missing features", kind="signals"),), "without saying for what, such as “missing features”: 1."),
        ((voice("wants webhooks for refunds", kind="touchpoints", about="qbr"),), "qbr t1, 2026-06-24, our note"),
    ],
)
def test_what_is_told_beside(voices: tuple[Voice, ...], said: str) -> None:
    assert said in told(run(*voices))


def test_a_read_that_may_not_be_complete_says_so() -> None:
    many = tuple(voice("Fine.", voice_id=f"t{n}") for n in range(MOST_VOICES))
    outcome = run(*many)
    assert not collected(outcome).complete
    assert "Only the newest 5,000 texts were read" in told(outcome)


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        ({"action": "collect"}, Needs(feedback=True, portfolio=True, voices_since=89)),
        (
            {"action": "accept", "account": "acme", "since": "2026-01-01"},
            Needs(account="acme", feedback=True, voices_since=dt.date(2026, 1, 1)),
        ),
        ({"action": "report"}, Needs(feedback=True, portfolio=True, voices_since=90, today=True)),
        ({"action": "list", "title": "kestral"}, Needs(feedback=True, portfolio=True, today=True)),
    ],
)
def test_it_asks_for_the_data_it_needs(args: dict[str, Any], needs: Needs) -> None:
    assert COMMAND.needs(COMMAND.args(**args)) == needs


def test_since_ahead_is_refused() -> None:
    with pytest.raises(InvalidArguments, match="lies after 2026-06-26"):
        run(since="2026-07-01")


def test_an_accepted_proposal_becomes_an_item_with_its_words_and_is_not_proposed_again() -> None:
    wanted = collected(run(*WEBHOOKS)).proposals[0].id
    outcome = run(*WEBHOOKS, action="accept", title=wanted, impact=8, confidence="70%", effort=3)
    (effect,) = outcome.effects
    assert isinstance(effect, AddFeedback)
    written = effect.item
    assert (written.id, written.title) == (f"fb-{wanted.removeprefix('p-')}", "Webhooks for payment events")
    assert (written.account_ids, written.created_on) == (("acme", "beta", "gamma"), dt.date(2026, 6, 26))
    assert (written.reach, written.impact, written.confidence, written.effort_weeks) == (None, 8, 0.7, 3)
    assert written.source == "nps n1; ticket t2; ticket t1"
    assert [q.words for q in quotes_of(written)] == [v.text for v in reversed(WEBHOOKS)]
    assert quotes_of(written)[-1].contact_id == "ada"
    assert "RICE" in told(outcome)
    assert "Undo: type undo" in told(outcome)
    assert accepted(outcome).added[0].rice == pytest.approx(3 * 8 * 0.7 / 3, abs=1e-9)
    again = run(*WEBHOOKS, items=(written,))
    assert (collected(again).proposals, collected(again).recorded) == ((), 3)
    other = voice("We need webhooks for payments too.", voice_id="t9", account_id="delta")
    assert collected(run(*WEBHOOKS, other, items=(written,))).proposals[0].item_id == written.id


def test_accepting_a_link_adds_customers_and_words_once_for_each_item() -> None:
    known = item("fb-web", title="Webhooks for payment events", account_ids=("delta",), source="QBR", quote="By hand.")
    far = voice("Webhooks for payment events fail.", voice_id="t8", account_id="gamma")
    wanted = [p.id for p in collected(run(*WEBHOOKS, far, items=(known,))).proposals]
    outcome = run(*WEBHOOKS, far, items=(known,), action="accept", ids=wanted)
    (effect,) = outcome.effects
    assert isinstance(effect, UpdateFeedback)
    assert set(effect.item.account_ids) == {"delta", "acme", "beta", "gamma"}
    assert effect.item.source is not None
    assert effect.item.source.startswith("QBR; ")
    assert own_words(effect.item) == "By hand."
    assert len(quotes_of(effect.item)) == len({q.source for q in quotes_of(effect.item)})
    assert collected(run(*WEBHOOKS, far, items=(effect.item,))).proposals == ()


def test_a_proposal_may_be_sent_to_an_item_by_name() -> None:
    known = item("fb-auth", title="Better sign-in")
    wanted = collected(run(SSO, items=(known,))).proposals[0].id
    outcome = run(SSO, items=(known,), action="accept", title=wanted, item="better sign-in")
    (effect,) = outcome.effects
    assert isinstance(effect, UpdateFeedback)
    assert effect.item.id == "fb-auth"
    assert collected(run(SSO, items=(effect.item,))).proposals == ()  # though the words are not alike


def test_only_a_typed_command_writes() -> None:
    wanted = collected(run(SSO)).proposals[0].id
    outcome = run(SSO, action="accept", title=wanted, typed=False)
    assert outcome.effects == ()
    assert f"Type /feedback accept {wanted} to do it" in told(outcome)
    assert "accept" in COMMAND.writes


def test_nothing_is_written_where_one_id_is_unknown() -> None:
    wanted = collected(run(SSO)).proposals[0].id
    with pytest.raises(NotFound, match=r"Nothing was accepted\. p-nope: no such proposal") as error:
        run(SSO, action="accept", title=f"{wanted} nope")
    assert error.value.extra["missing"] == ["ids"]
    written = item(f"fb-{wanted.removeprefix('p-')}", title="SAML", account_ids=("beta",))
    with pytest.raises(NotFound, match="is recorded already: SAML"):
        run(SSO, items=(written,), action="accept", title=wanted)


def test_the_ids_are_asked_for() -> None:
    outcome = run(SSO, action="accept")
    assert outcome.question is not None
    assert outcome.question.fields == ("ids",)
    assert "There is nothing to accept" in told(run(action="accept"))


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        ({"impact": 11}, "Nothing was accepted: impact 11 is outside 1–10 points"),
        ({"effort": 0}, "effort 0 is outside"),
        ({"month": "2026-01"}, "month: /feedback accept does not take these"),
        ({"item": "no such item"}, "names no one item"),
    ],
)
def test_wrong_inputs_write_nothing(args: dict[str, Any], wrong: str) -> None:
    wanted = collected(run(SSO)).proposals[0].id
    with pytest.raises(InvalidArguments, match=wrong):
        run(SSO, action="accept", title=wanted, **args)


def test_inputs_belong_to_new_items() -> None:
    known = item("fb-sso", title="SAML sign-on")
    (link,) = collected(run(SSO, items=(known,))).proposals
    assert link.item_id == "fb-sso"
    with pytest.raises(InvalidArguments, match="impact: these describe new items"):
        run(SSO, items=(known,), action="accept", title=link.id, impact=3)


def test_an_item_that_is_seen_in_part_is_not_written_over() -> None:
    known = item("fb-sso", title="SAML sign-on")
    (link,) = collected(run(SSO, items=(known,), partial=("fb-sso",))).proposals
    with pytest.raises(InvalidArguments, match="shared with customers you may not see"):
        run(SSO, items=(known,), partial=("fb-sso",), action="accept", title=link.id)


def quote(number: int, words: str = "We need webhooks.") -> Quote:
    return Quote(words, f"acct {number}, west", None, "health_check", f"m {number}", dt.date(2026, 1, 1))


def test_quotations_are_kept_and_read_back() -> None:
    quotes = [
        quote(1),
        quote(2, "“Webhooks” (account x, ticket y, 2026-01-01)"),
        Quote("a", "b", "c", "nps", "n", AS_OF),
    ]
    kept = FeedbackItem(id="f", title="t", category="bug", quote=with_quotes("by hand", quotes))
    assert list(quotes_of(kept)) == quotes
    assert own_words(kept) == "by hand"
    assert with_quotes(kept.quote, quotes) == kept.quote


def test_as_many_records_are_named_as_there_is_room_for() -> None:
    named = with_sources(None, [quote(number) for number in range(100)])
    assert len(named) <= LONGEST_SOURCE
    assert named.startswith("health_check m 0; health_check m 1; ")
    assert named.endswith(" more")
    assert with_sources("x" * 299, [quote(1)]) == "x" * 299
