"""/escalate update: an internal and a customer version; what is not for the customer stays with us."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.directory import AccountDirectory, AccountName
from app.domain.disclosure import Unsaid, name_parts
from app.domain.problems import Conflict, InvalidArguments, NotFound
from tests.snapshots import account
from tests.tools.escalate.conftest import DISCLOSURE, PARAMETERS, Desk, abc_corp, text_of, told
from tools.escalate import COMMAND
from tools.escalate.customer_words import sift
from tools.escalate.data import ListData, UpdateData

DIRECTORY = AccountDirectory([AccountName("abc", "ABC Corp", ()), AccountName("globex", "Globex", ("GLX",))])
UNSAID = Unsaid(
    name_parts(["Sofia Lindqvist", "Rose Account", "command line", None]),
    DIRECTORY,
    "abc",
    frozenset({"eng9"}),
    frozenset({"sup-7"}),
)


def updated(outcome: Outcome) -> UpdateData:
    assert isinstance(outcome.report.data, UpdateData)
    return outcome.report.data


@pytest.mark.parametrize(
    "sentence",
    [
        "The pool of database connections is exhausted.",
        "We added connections and the error rate fell from 100 % to 2 %.",
        "The fix was deployed at 14:30 UTC today.",
        "We have no ETA for the fix yet.",
        "Requests to POST /v1/payments answer 200 again.",
        "Please run this on the command line: curl -v",
        "Your ticket SUP-7 has the details.",
        "We use UTF-8 and SHA-256 for signatures.",
        "ABC Corp sees it in production only.",
        "A workaround is to retry with the header X-Retry: 1.",
        "The fix was released at 14:02 UTC.",
        "Fix deployed at 14:02 UTC.",
        "The rollback was done around 14:00 UTC.",
        "A rose is a rose.",
        "The support page and the account page answer again.",
        "Your customer exports work again.",
    ],
)
def test_what_is_known_goes_to_the_customer(sentence: str) -> None:
    assert sift(sentence, UNSAID, DISCLOSURE, PARAMETERS).kept == (sentence,)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Sofia restarted the pool.", "names a colleague"),
        ("Lindqvist’s change did it.", "names a colleague"),
        ("sofia is on it.", "names a colleague"),
        ("SOFIA is on it.", "names a colleague"),
        ("Rose is on it.", "names a colleague"),
        ("Our vendor lost a disk.", "blames"),
        ("Datadog shows 500s.", "is internal"),
        ("The customer sends malformed JSON.", "speaks of the customer, not to them: write “you”"),
        ("Customer sends malformed JSON.", "speaks of the customer, not to them: write “you”"),
        ("Fix should land around 5pm.", "promises a time for the fix, which is engineering's to give"),
        ("We aim to have it sorted by noon.", "promises a time for the fix, which is engineering's to give"),
        ("A patch goes out at 17:00 UTC.", "promises a time for the fix, which is engineering's to give"),
        ("You will have it within the hour.", "promises a time for the fix, which is engineering's to give"),
        ("Rollback in 20 mins.", "promises a time for the fix, which is engineering's to give"),
        ("Expect recovery at 18:00.", "promises a time for the fix, which is engineering's to give"),
        ("Globex sees the same.", "names another customer"),
        ("Same at GLX since noon.", "names another customer"),
        ("Other customers see it too.", "is about other customers"),
        ("12 customers are hit.", "is about other customers"),
        ("A churn if we wait.", "is about the contract or the relationship"),
        ("They will not churn.", "is about the contract or the relationship"),
        ("Their ARR is 500K.", "is about the contract or the relationship"),
        ("It costs $50K an hour.", "is about the contract or the relationship"),
        ("The renewal is near.", "is about the contract or the relationship"),
        ("It is our fault.", "blames"),
        ("The release was untested.", "blames"),
        ("See https://wiki.example/incident/7.", "holds a link, an internal id or a channel"),
        ("Details in OPS-4711.", "holds a link, an internal id or a channel"),
        ("Tracked as ENG9 now.", "holds a link, an internal id or a channel"),
        ("Talk in #inc-payments.", "holds a link, an internal id or a channel"),
        ("Ask ops@example.com about it.", "holds a link, an internal id or a channel"),
        ("The on-call is paged via PagerDuty.", "is internal"),
        ("Don't tell them yet.", "is internal"),
        ("Internal: the pool was never load tested.", "is marked as internal"),
        ("- Note to self: ask for a bigger pool", "is marked as internal"),
        ("Their calls fail at noon.", "speaks of the customer, not to them: write “you”"),
        ("We suspect the last release.", "is a guess, not known"),
        ("It might be the network.", "is a guess, not known"),
        ("The fix will be live tomorrow.", "promises a time for the fix, which is engineering's to give"),
        ("It will be fixed soon.", "promises a time for the fix, which is engineering's to give"),
        ("Fixed by 18:00 UTC.", "promises a time for the fix, which is engineering's to give"),
        ("It should be fixed by a patch tonight.", "promises a time for the fix, which is engineering's to give"),
        ("ETA 2 hours.", "promises a time for the fix, which is engineering's to give"),
        ("A patch is ready in 2 hours.", "promises a time for the fix, which is engineering's to give"),
        (
            "The fix was deployed in one region and will be live everywhere tomorrow.",
            "promises a time for the fix, which is engineering's to give",
        ),
    ],
)
def test_what_is_not_for_the_customer_is_left_out_with_the_reason(sentence: str, reason: str) -> None:
    found = sift(sentence, UNSAID, DISCLOSURE, PARAMETERS)
    assert found.kept == ()
    assert [left.reason for left in found.withheld] == [reason]


@pytest.mark.parametrize("said", ["Fixed by a rollback.", "Resolved by an index.", "Fixed by rolling back 4.2."])
def test_what_fixed_it_is_no_promise_of_a_time(said: str) -> None:
    assert sift(said, UNSAID, DISCLOSURE, PARAMETERS).kept == (said,)


def test_a_time_that_engineering_gave_is_passed_on_once_it_is_approved() -> None:
    said = "Engineering committed to a fix by 18:00 UTC."
    found = sift(said, UNSAID, DISCLOSURE, PARAMETERS)
    assert found.kept == found.needs_approval == (said,)
    not_given = sift("Engineering has not committed to a fix by 18:00 UTC.", UNSAID, DISCLOSURE, PARAMETERS)
    assert not_given.needs_approval == ()


def test_sentences_are_taken_apart_and_keep_their_order() -> None:
    said = "The pool is exhausted. Sofia is on it!\n• We added connections; 2.5 % of calls still fail.\nprivate: Globex"
    found = sift(said, UNSAID, DISCLOSURE, PARAMETERS)
    assert found.kept == ("The pool is exhausted.", "We added connections; 2.5 % of calls still fail.")
    assert len(found.withheld) == 2


@pytest.mark.parametrize("said", ["", "\n\n", "...", "a" * 50_000, "a. " * 20_000, "=" * 20_000, ":" * 5_000 + "\x00"])
def test_odd_texts_are_read_in_time(said: str) -> None:
    sift(said, UNSAID, DISCLOSURE, PARAMETERS)


def test_both_versions_of_an_update() -> None:
    desk = Desk()
    name = desk.open()
    desk.wait(minutes=20)
    said = "The database pool is exhausted. Tilda Roe’s team at Beta has it too. Their renewal is at risk."
    outcome = desk.ask(by="Marcus Bell", action="update", text=f"{name} {said}")
    body = text_of(outcome)
    assert body.index("We know that the service does not work for you") < body.index("The database pool is exhausted.")
    assert "You hear from us again by 15:20 UTC" in body
    for word in ("Tilda", "Beta", "renewal", "ARR", "Sofia", "Marcus", name, "500,000"):
        assert word not in body
    found = updated(outcome)
    assert len(found.withheld) == 2
    assert found.recorded
    shown = told(outcome)
    for word in (
        said.split(".")[0],
        "Sofia Lindqvist",
        "USD 500,000",
        "2026-08-25",
        "Left out of the customer's message",
    ):
        assert word in shown
    (effect,) = outcome.effects
    assert (effect.item.author, effect.item.text, effect.item.kind) == ("Marcus Bell", said, "update")  # type: ignore[union-attr]
    assert effect.item.customer_text == found.customer_text  # type: ignore[union-attr]


def test_where_nothing_is_left_the_customer_still_hears() -> None:
    desk = Desk()
    name = desk.open()
    outcome = desk.ask(action="update", text=f"{name} Sofia suspects the pool")
    body = text_of(outcome)
    assert "nothing new to report" not in body  # there is, and it is not for them
    assert "You hear from us again by" in body
    assert "Nothing of what you wrote is for the customer" in told(outcome)
    assert "The cause is not confirmed yet" in body


def test_a_cause_that_was_named_is_no_longer_called_open() -> None:
    desk = Desk()
    name = desk.open()
    body = text_of(desk.ask(action="update", text=f"{name} The root cause is an exhausted pool."))
    assert "not confirmed" not in body


def test_in_another_zone_and_on_another_day_the_next_update_is_told_with_its_day() -> None:
    desk = Desk(zone="Europe/Berlin", now=dt.datetime(2026, 6, 26, 21, 45, tzinfo=dt.UTC))
    name = desk.open()
    assert "by Saturday 2026-06-27, 00:15 CEST" in text_of(desk.ask(action="update", text=f"{name} no change"))


def test_it_is_named_by_id_ticket_or_the_account_with_one() -> None:
    desk = Desk()
    name = desk.open("POST /v1/a answers 503, SEV1", ticket="SUP-7")
    ways: tuple[dict[str, Any], ...] = (
        {"text": f"{name.upper()}: no change"},
        {"text": "sup-7 no change"},
        {"account": "abc", "text": "no change"},
        {"escalation": name, "text": "no change"},
        {"escalation": "SUP-7", "text": f"{name} no change"},
    )
    for given in ways:
        found = updated(desk.ask(action="update", **given))
        assert (found.escalation.id, found.text) == (name, "no change")


def test_which_one_is_asked_where_it_is_not_certain() -> None:
    desk = Desk()
    names = {desk.open("POST /v1/a answers 503, SEV1"), desk.open("POST /v1/b answers 503, SEV1")}
    ways: tuple[dict[str, Any], ...] = ({"account": "abc", "text": "no change"}, {"text": "no change"}, {})
    for given in ways:
        outcome = desk.ask(action="update", **given)
        assert outcome.effects == ()
        assert outcome.question is not None
        assert outcome.question.fields == ("escalation",)
        assert set(outcome.question.choices) == names
        assert isinstance(outcome.report.data, ListData)


def test_one_that_is_not_there_is_not_found_wherever_it_is() -> None:
    desk = Desk()
    name = desk.open()
    ways: tuple[dict[str, Any], ...] = (
        {"escalation": "esc-nope", "text": "x"},
        {"text": "esc-nope no change"},
        {"account": "beta", "escalation": name, "text": "x"},
        {"account": "beta", "text": "no change"},
    )
    for given in ways:
        with pytest.raises(NotFound) as caught:
            desk.ask(action="update", **given)
        assert caught.value.code == "escalation_not_found"


def test_without_a_text_it_is_asked_for() -> None:
    desk = Desk()
    name = desk.open()
    for action in ("update", "resolve"):
        outcome = desk.ask(action=action, text=name)
        assert outcome.effects == ()
        assert outcome.question is not None
        assert outcome.question.fields == ("text",)


def test_a_closed_one_is_reopened_by_name_not_by_an_update() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} pool enlarged")
    desk.wait(hours=1)
    fixed = desk.ask(action="update", text=f"{name} we keep watching")
    assert "The fix is in since" in told(fixed)
    desk.ask(action="close", text=f"{name} verified: 200 again")
    with pytest.raises(Conflict, match="/escalate reopen"):
        desk.ask(action="update", text=f"{name} fails again")
    outcome = desk.ask(action="reopen", text=f"{name} fails again since 16:00 UTC")
    found = updated(outcome)
    assert (found.escalation.state, desk.escalations[name].resolved_at, desk.escalations[name].verified) == (
        "open",
        None,
        None,
    )
    assert "You hear from us again by 16:00 UTC" in text_of(outcome)
    with pytest.raises(Conflict, match="open already"):
        desk.ask(action="reopen", text=f"{name} again")


def test_one_that_was_closed_elsewhere_without_a_time_of_its_fix_is_reopened_too() -> None:
    desk = Desk()
    name = desk.open()
    desk.escalations[name] = desk.escalations[name].model_copy(update={"closed_at": desk.now})
    assert updated(desk.ask(action="reopen", text=f"{name} fails again")).escalation.state == "open"


def test_an_update_of_another_day_is_refused_and_untyped_ones_write_nothing() -> None:
    desk = Desk()
    name = desk.open()
    outcome = desk.ask(action="update", text=f"{name} no change", typed=False)
    assert outcome.effects == ()
    assert not updated(outcome).recorded
    assert f"type /escalate update {name} …" in told(outcome)
    args = COMMAND.args(action="update", text=f"{name} no change")
    past = dataclasses.replace(desk.context(args), escalations=desk.book(dt.date(2026, 6, 20)))
    with pytest.raises(InvalidArguments, match="leave as_of out"):
        COMMAND.run(past, args)


def test_secrets_in_an_update_are_masked_everywhere() -> None:
    desk = Desk()
    name = desk.open()
    outcome = desk.ask(action="update", text=f"{name} They use Authorization: Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc")
    assert "4eC39HqLyjWDarjtT1zdp7dc" not in told(outcome) + str(outcome.effects) + str(outcome.report.data)


def test_a_colleague_of_another_account_is_not_named() -> None:
    desk = Desk(abc_corp(owner="Priya Raman"), account("beta", owner="Tilda Roe"))
    name = desk.open()
    outcome = desk.ask(action="update", text=f"{name} Tilda restarted the workers. priya is on it. Workers are back.")
    assert [left.reason for left in updated(outcome).withheld] == ["names a colleague"] * 2
    assert "Workers are back." in text_of(outcome)


@pytest.mark.parametrize("said", ["nothing", "Nothing new.", "No change"])
def test_that_nothing_is_new_is_told_in_whole_words(said: str) -> None:
    desk = Desk()
    name = desk.open()
    body = text_of(desk.ask(action="update", text=f"{name} {said}"))
    assert "There is nothing new to report since our last message." in body
    assert f"\n\n{said}\n" not in body


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e \u2060", "\x1b[31m"])
def test_a_text_that_nobody_sees_is_none(unseen: str) -> None:
    desk = Desk()
    name = desk.open()
    outcome = desk.ask(action="update", text=f"{name} {unseen}")
    assert outcome.effects == ()
    assert outcome.question is not None
    assert "\x1b" not in text_of(desk.ask(action="update", text=f"{name} {unseen}Workers are back"))


def test_whoever_reopens_tells_the_customer_that_it_is_back() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} Pool enlarged")
    body = text_of(desk.ask(action="reopen", text=f"{name} 503 on every call"))
    assert "The problem is back, and your case is open again." in body


@pytest.mark.parametrize(
    ("said", "open_cause"),
    [
        ("We are looking for the root cause.", True),
        ("The cause is unclear so far.", True),
        ("We suspect that it was caused by the release.", True),
        ("Root cause: a full disk.", False),
        ("We were looking for the cause. The cause was a full disk.", False),
    ],
)
def test_a_cause_that_is_looked_for_is_not_known(said: str, open_cause: bool) -> None:
    desk = Desk()
    name = desk.open()
    body = text_of(desk.ask(action="update", text=f"{name} {said}"))
    assert (PARAMETERS.to_customer.cause_unknown in body) is open_cause


def test_a_misspelt_id_is_told_and_nothing_is_written() -> None:
    desk = Desk()
    name = desk.open()
    for wrong in (name[:-1], name.replace("esc", "ecs"), f"{name}x"):
        with pytest.raises(NotFound, match=f"Did you mean {name}") as caught:
            desk.ask(action="update", text=f"{wrong} the pool is exhausted")
        assert caught.value.code == "escalation_not_found"
    desk.ask(action="update", account="abc", text="re-run of the job failed")  # no id: what is said
    assert desk.updates[name][-1].text == "re-run of the job failed"


@pytest.mark.parametrize("action", ["resolve", "check", "close"])
def test_an_account_means_its_escalation_in_the_state_of_the_action(action: str) -> None:
    desk = Desk()
    fixed = desk.open("GET /v1/orders answers 503, SEV1")
    desk.ask(action="resolve", text=f"{fixed} pool enlarged")
    running = desk.open("POST /v1/payments answers 503, SEV1")
    found = updated(desk.ask(action=action, account="abc", text="verified: 200 again"))
    assert found.escalation.id == (running if action == "resolve" else fixed)


def test_reopening_by_account_alone_never_guesses() -> None:
    desk = Desk()
    fixed = desk.open("GET /v1/orders answers 503, SEV1")
    desk.ask(action="resolve", text=f"{fixed} pool enlarged")
    desk.open("POST /v1/payments answers 503, SEV1")
    outcome = desk.ask(action="reopen", account="abc", text="503 again")
    assert (outcome.effects, outcome.question is not None) == ((), True)


def test_a_day_that_is_over_is_refused_before_anything_is_looked_up() -> None:
    desk = Desk()
    args = COMMAND.args(action="update", text="esc-none-such x")
    ctx = desk.context(args)
    with pytest.raises(InvalidArguments, match="leave as_of out"):
        COMMAND.run(dataclasses.replace(ctx, now=ctx.now + dt.timedelta(days=1)), args)


def test_what_is_only_proposed_does_not_read_as_done() -> None:
    desk = Desk()
    name = desk.open()
    outcome = desk.ask(action="resolve", text=f"{name} Pool enlarged", typed=False)
    assert outcome.effects == ()
    assert told(outcome).startswith("**Proposed, not recorded: ")
