"""Free text without a model: to a command that reads, to the articles, or to what can be asked."""

import datetime as dt

import pytest

from app.agent import routing
from app.domain.directory import AccountDirectory, AccountName
from app.resources import accounts
from app.runtime import discover_commands
from app.security.principals import LOCAL
from tests.agent.scripted import Desk, OpenDesk, limited_to

COBALT = "cobalt-harbor"


@pytest.mark.parametrize(
    ("message", "command", "account"),
    [
        ("How is Cobalt Harbor Freight doing?", "health", COBALT),
        ("is cobalt harbor's usage dropping", "health", COBALT),
        ("What is the churn risk of Cobolt Harbour Freight?", "health", COBALT),
        ("Which accounts are at risk?", "health", None),
        ("rank the feature requests by rice", "feedback", None),
        ("What has Kestrel Learning asked us to build?", "feedback", "kestrel"),
        ("Cobalt Harbor Freight reports 503 errors on every call since 09:00 UTC, get engineering", "escalate", COBALT),
    ],
)
def test_a_command_that_reads(at_the_desk: OpenDesk, message: str, command: str, account: str | None) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(message)
        assert (answer.command, answer.account_id) == (command, account)
        assert f"I took this for a question to /{command}" in answer.text
        assert answer.blocks[0].type == "verdict"
        assert answer.effects == ()

    at_the_desk(work)


@pytest.mark.parametrize(
    ("message", "asked_of", "account"),
    [
        ("Has Kestrel Learning become worse since 2026-01-31?", "/health compare", "kestrel"),
        ("I have a call with Kestrel Learning in an hour, brief me", "/health brief", "kestrel"),
        ("who takes over Kestrel Learning needs a handover", "/health handover", "kestrel"),
        ("What changed in the portfolio since yesterday?", "/health changes", None),
        ("wich esclations are open", "/escalate list", None),
        ("Write the postmortem for Cobalt Harbor Freight", "/escalate postmortem", COBALT),
        ("Who was hit by the outage of the API?", "/escalate blast", None),  # what is missing is asked for
        ("Collect new feedback from the tickets", "/feedback collect", None),
        ("the monthly feedback report, please", "/feedback report", None),
        ("It shipped: which customers had asked for it?", "/feedback shipped", None),
    ],
)
def test_a_subcommand_that_reads(at_the_desk: OpenDesk, message: str, asked_of: str, account: str | None) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(message)
        assert f"I took this for a question to {asked_of}" in answer.text
        assert (answer.account_id, answer.effects, answer.error) == (account, (), None)

    at_the_desk(work)


def test_no_plain_words_lead_to_a_subcommand_that_writes() -> None:
    for command in discover_commands().values():
        assert command.writes.isdisjoint(command.subcommands_asked_as), command.name


@pytest.mark.parametrize(
    ("message", "command", "action", "arguments", "as_of"),
    [
        ("from 2026-01-31 to 2026-03-31", "health", "compare", {"dates": "2026-01-31 2026-03-31"}, None),
        ("since 2026-01-31", "health", "changes", {"since": "2026-01-31"}, None),
        ("as of 2026-01-31", "health", "brief", {}, "2026-01-31"),
        (
            "Did POST /v1/payments fail between 2026-01-31 and 2026-02-01?",
            "escalate",
            "blast",
            {"endpoint": "POST /v1/payments", "since": "2026-01-31", "until": "2026-02-01"},
            None,
        ),
        ("/v1/payments.", "escalate", "blast", {"endpoint": "/v1/payments"}, None),
        ("of esc-7k2m-9qxd, please", "escalate", "postmortem", {"escalation": "esc-7k2m-9qxd"}, None),
        ("of esc-7k2m-9qxd, please", "escalate", "blast", {}, None),
        ("for 2026-09", "feedback", "report", {"month": "2026-09"}, None),
        ("fb-bulk is out", "feedback", "shipped", {"item": "fb-bulk"}, None),
    ],
)
def test_what_stands_in_the_text_fills_the_subcommand_s_fields(
    message: str, command: str, action: str, arguments: dict[str, str], as_of: str | None
) -> None:
    found = routing.invocation_of(routing.Route(command, action), discover_commands()[command], message)
    assert found.arguments == {"action": action, **arguments}
    assert found.as_of == (dt.date.fromisoformat(as_of) if as_of else None)


def test_of_two_accounts_one_is_answered_for(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask("Who is healthier, Kestrel Learning or Cobalt Harbor Freight?")
        assert answer.account_id == "kestrel"
        assert "ask about Cobalt Harbor Freight by itself" in answer.text

    at_the_desk(work)


def test_the_articles(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask("How do I verify the signature of a webhook?")
        assert answer.command is None
        assert answer.citations[0].document == "cse.webhook-signatures"

    at_the_desk(work)


ONLY_TYPED = "Nothing is changed, sent or written on a request in plain words."


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Tell me a joke", "I have no answer to that."),
        ("?!", "I have no answer to that."),
        ("qwertz asdf yxcv", "I have no answer to that."),
        ("Please delete Cobalt Harbor Freight", ONLY_TYPED),
        ("add a feature request for Cobalt Harbor Freight: dark mode", ONLY_TYPED),
        ("could you send an email to Kestrel Learning", ONLY_TYPED),
        ("Mark Kestrel Learning as churned", ONLY_TYPED),
        ("Kestrel Learning: can you email them", ONLY_TYPED),
        ("give Kestrel Learning a 20% discount", ONLY_TYPED),
        ("close the escalation about manifests", ONLY_TYPED),
        ("could you resolve esc-manifests: the fix is out", ONLY_TYPED),
        ("remember that Tess Moran left Kestrel Learning", ONLY_TYPED),
        ("Kestrel Learning wants to renew, please note it down", ONLY_TYPED),
        ("appoint Tess Moran as the champion of Kestrel Learning", ONLY_TYPED),
        ("tick off what we promised Kestrel Learning", ONLY_TYPED),
    ],
)
def test_what_is_possible(at_the_desk: OpenDesk, message: str, said: str) -> None:
    async def work(desk: Desk) -> None:
        before = await desk.runtime.store.read(lambda conn: conn.exec_driver_sql("SELECT max(id) FROM write").scalar())
        answer, _ = await desk.ask(message)
        assert answer.text.startswith(f"**{said}**")
        assert "/escalate" in answer.text
        assert (answer.command, answer.citations, answer.effects) == (None, (), ())
        after = await desk.runtime.store.read(lambda conn: conn.exec_driver_sql("SELECT max(id) FROM write").scalar())
        assert after == before

    at_the_desk(work)


@pytest.mark.parametrize(
    ("message", "account"),
    [
        ("and how likely are they to churn?", COBALT),
        ("churn risk?", COBALT),
        ("Which customers are at risk overall?", None),
        ("How is Kestrel Learning doing?", "kestrel"),
    ],
)
def test_the_account_in_talk(at_the_desk: OpenDesk, message: str, account: str | None) -> None:
    async def work(desk: Desk) -> None:
        first, _ = await desk.ask(f"/health {COBALT}")
        answer, _ = await desk.ask(message, thread_id=first.thread_id)
        assert (answer.command, answer.account_id) == ("health", account)

    at_the_desk(work)


def test_an_account_outside_the_scope_is_told_as_one_that_is_not_there(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        limited = limited_to("kestrel")
        forbidden, _ = await desk.ask("How is Cobalt Harbor Freight doing?", principal=limited)
        absent, _ = await desk.ask("How is Initech Global doing?", principal=limited)
        assert forbidden.account_id is None
        assert "I know no account “Cobalt Harbor Freight” among those you may see." in forbidden.text
        assert forbidden.text.replace("Cobalt Harbor Freight", "Initech Global") == absent.text

    at_the_desk(work)


@pytest.mark.parametrize(
    ("message", "candidates"),
    [
        ("How is Alder doing?", ("alder-finch", "alder-finch-customs")),  # two names begin so
        ("How is Initech doing?", ()),
    ],
)
def test_a_name_that_is_no_account_s_is_asked_about(
    at_the_desk: OpenDesk, message: str, candidates: tuple[str, ...]
) -> None:
    async def work(desk: Desk) -> None:
        asked, _ = await desk.ask(message)
        assert asked.question is not None
        assert tuple(sorted(asked.question.choices)) == candidates
        answered, _ = await desk.ask(COBALT, thread_id=asked.thread_id)
        assert (answered.command, answered.account_id) == ("health", COBALT)

    at_the_desk(work)


@pytest.mark.parametrize(
    "message",
    [
        "Can you give me the health of Kestrel Learning?",
        "Update on Kestrel Learning?",
        "Cancel risk at Kestrel Learning?",
        "Could you send me the health of kestrel learning",
        "hows kestral learning doing",
        "Make me a health report of Kestrel Learning",
        "Change in the score of Kestrel Learning?",
    ],
)
def test_a_question_is_no_request_to_write(at_the_desk: OpenDesk, message: str) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(message)
        assert (answer.command, answer.account_id) == ("health", "kestrel")

    at_the_desk(work)


def test_the_day_that_is_named(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        day = desk.runtime.today().replace(day=1)
        answer, _ = await desk.ask(f"How was Kestrel Learning doing on {day}?")
        assert answer.as_of == day
        answer, _ = await desk.ask("How was Kestrel Learning doing a month ago?")
        assert answer.as_of != day
        assert "as of the newest data; name another day" in answer.text
        answer, _ = await desk.ask("How was Kestrel Learning doing on 2026-02-31?")
        assert answer.error is not None
        assert answer.error.code == "invalid_date"

    at_the_desk(work)


def test_several_accounts_of_that_name_are_asked_for(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        directory = AccountDirectory([AccountName("a1", "Acme North"), AccountName("a2", "Acme North")])
        commands, knowledge = desk.runtime.commands, desk.runtime.knowledge
        route = await routing.find_route("How is Acme North doing?", commands, directory, None, knowledge)
        assert (route.kind, [account.id for account in route.accounts]) == ("health", ["a1", "a2"])
        assert route.typed == "Acme North"

    at_the_desk(work)


def test_for_a_customer_s_eyes_a_command_tells_what_is_the_customer_s(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask("How is Cobalt Harbor Freight doing?", audience="customer")
        assert (answer.command, answer.data, answer.error) == ("health", None, None)
        assert {figure.key.partition(".")[0] for figure in answer.figures} <= {"usage", "seats", "features", "tickets"}
        assert "I took this for a question to /health about Cobalt Harbor Freight" in answer.text

    at_the_desk(work)


def test_it_works_by_words_alone(at_the_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(desk: Desk) -> None:
        async def no_vectors(*_: object) -> None:
            return None

        monkeypatch.setattr(desk.runtime.knowledge, "likeness", no_vectors)
        directory = await accounts.directory(desk.runtime, LOCAL)
        asked = {
            "How healthy is Cobalt Harbor Freight?": "health",
            "Which customers are likely to churn?": "health",
            "What are the top feature requests?": "feedback",
            "How do I verify a webhook signature?": "knowledge",
            "Tell me a joke": "nothing",
        }
        for message, kind in asked.items():
            route = await routing.find_route(message, desk.runtime.commands, directory, None, desk.runtime.knowledge)
            assert route.kind == kind, message

    at_the_desk(work)


def test_every_command_says_how_it_is_asked_for() -> None:
    for command in discover_commands().values():
        assert len(command.asked_as) >= 5, command.name
