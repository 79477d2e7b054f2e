"""What is typed, what is needed, what is read: pastes are taken verbatim, with an account or without one."""

import datetime as dt
import json
from typing import Any

import pytest

from app.domain.blocks import Certainty, Citation, Citations
from app.domain.command import Invocation
from app.domain.directory import AccountDirectory, AccountName
from app.domain.problems import InvalidArguments
from app.domain.records import Integration
from app.domain.syntax import fill, parse, validate
from tests.snapshots import AS_OF, daily_usage, ticket
from tests.tools.troubleshoot.asked import (
    a_file,
    ask,
    context,
    data,
    diagnosed_as,
    drafts,
    field_of,
    found,
    letter_of,
    told,
)
from tests.tools.troubleshoot.made import at
from tools.troubleshoot import COMMAND, TroubleshootArgs, inquiry
from tools.troubleshoot.data import ReproData
from tools.troubleshoot.diagnosis import Diagnosed
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import Bucket, LogSummary, Template
from tools.troubleshoot.reading.text import read_text

DIRECTORY = AccountDirectory([AccountName("acme", "Acme", ()), AccountName("beta", "Beta Ltd", ())])
COMMANDS = {"troubleshoot": COMMAND}
CURL = "curl -i -H 'Authorization: Bearer $TOKEN' 'https://api.example.com/v1/orders?state=open&limit=10'"
LOG = 'time=2026-06-26T11:00:00Z level=error msg="upstream timed out"\ntime=2026-06-26T11:00:01Z level=info'


def typed(message: str) -> Invocation:
    read = parse(message, COMMANDS, DIRECTORY)
    assert isinstance(read, Invocation)
    return read


@pytest.mark.parametrize(
    ("message", "account", "arguments"),
    [
        (f"/troubleshoot acme {CURL}", "acme", {"text": CURL}),
        (f"/troubleshoot {CURL}", None, {"text": CURL}),
        (f"/troubleshoot\n{LOG}", None, {"text": LOG}),
        (f"/troubleshoot acme\n{LOG}", "acme", {"text": LOG}),
        ("/troubleshoot Acne gets a 401", None, {"text": "Acne gets a 401"}),  # a paste is no misspelt account
        ("/troubleshoot HTTP/1.1 401 Unauthorized", None, {"text": "HTTP/1.1 401 Unauthorized"}),
        ("/troubleshoot acme ticket=T-7", "acme", {"text": "ticket=T-7"}),
        ("/troubleshoot ticket=T-7", None, {"ticket": "T-7"}),
        ("/troubleshoot account=acme ticket=T-7", "acme", {"ticket": "T-7"}),
        ("/troubleshoot acme solved They rotated it", "acme", {"action": "solved", "text": "They rotated it"}),
        (f"/troubleshoot acme repro {CURL}", "acme", {"action": "repro", "text": CURL}),
        (f"/troubleshoot repro {CURL}", None, {"action": "repro", "text": CURL}),
        ("/troubleshoot", None, {}),
    ],
)
def test_a_paste_is_taken_verbatim(message: str, account: str | None, arguments: dict[str, Any]) -> None:
    read = typed(message)
    assert (read.account, read.arguments) == (account, arguments)


@pytest.mark.parametrize(
    ("text", "ticket", "left"),
    [
        ("ticket=T-7", "T-7", None),
        ("ticket: #T-7 ", "T-7", None),
        ("ticket=T-7 is about this", None, "ticket=T-7 is about this"),
        ("ticket=", None, "ticket="),
    ],
)
def test_a_text_that_only_names_a_ticket_names_it(text: str, ticket: str | None, left: str | None) -> None:
    args = TroubleshootArgs(account="acme", text=text)
    assert (args.ticket, args.text) == (ticket, left)


def test_examples_are_read_as_they_are_meant() -> None:
    for example in COMMAND.examples:
        validate(COMMAND, typed(example).arguments)


def test_nothing_to_diagnose_is_asked_for_in_a_sentence() -> None:
    for text in (None, "  \n "):
        with pytest.raises(InvalidArguments) as error:
            COMMAND.needs(TroubleshootArgs(account="acme", text=text))
        assert error.value.extra["missing"] == ["text"]
        assert error.value.detail.count("?") == 1


def test_what_is_needed_with_an_account_and_without_one() -> None:
    alone = COMMAND.needs(TroubleshootArgs(text="401 with key sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"))
    assert (alone.account, alone.daily, alone.peers, alone.articles) == (None, False, True, True)
    assert "4eC39" not in (alone.knowledge or "")
    named = COMMAND.needs(TroubleshootArgs(account="acme", ticket="T-7", attachments="f1, f2"))
    assert (named.account, named.account_of, named.attachments) == ("acme", "T-7", ("f1", "f2"))
    assert (named.daily, named.knowledge, named.today) == (True, None, True)


def test_files_are_read_as_the_paste_is(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask("it fails", files=(a_file(Exchange(source="har", status=500), name="app.har"),))
    assert [(each.kind, each.name) for each in data(outcome).artifacts] == [("prose", ""), ("http", "app.har")]


def test_a_ticket_on_record_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    on_record = ticket("T-7", subject="Calls fail", body="POST /v1/orders answers 401 Unauthorized since 11:00 UTC")
    outcome = ask(ticket="#t-7", facts={"tickets": (on_record,)})
    assert data(outcome).ticket_id == "T-7"
    assert "time" in data(outcome).answered
    assert data(outcome).artifacts[0].name == "ticket T-7"


@pytest.mark.parametrize("alone", [False, True])
def test_a_ticket_that_is_not_there_is_said(alone: bool) -> None:
    with pytest.raises(InvalidArguments) as error:
        ask(ticket="T-8", alone=alone)
    assert error.value.code == "ticket_not_found"


# ── Questions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(before: str, fields: tuple[str, ...], message: str) -> str:
    """The text once the next message has answered the question."""
    invocation = Invocation("troubleshoot", "acme", {"text": before})
    filled = fill(COMMAND, invocation, fields, message, DIRECTORY)
    assert isinstance(filled, Invocation)
    text: str = filled.arguments["text"]
    return text


@pytest.mark.parametrize(
    ("message", "still"),
    [
        ("It answers 401 Unauthorized", {"request", "time", "key"}),
        ("exact error: 401 Unauthorized\ntime of failure: 2026-06-26 11:30 UTC", {"request", "key"}),
        ("key ends in: ab12", {"error", "request", "time", "expected"}),
        (
            "401 Unauthorized on POST /v1/orders at 2026-06-26 11:30 UTC\nkey ends in ab12\n"
            "expected result: an order is made",
            set(),
        ),
    ],
)
def test_the_next_message_answers_what_was_asked(
    monkeypatch: pytest.MonkeyPatch, message: str, still: set[str]
) -> None:
    diagnosed_as(monkeypatch)
    first = ask("it does not work")
    assert first.question is not None
    again = ask(answer("it does not work", first.question.fields, message))
    assert set(data(again).questions) == still
    assert (again.question is None) == (not still)


def test_a_log_in_the_answer_is_no_list_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    asked = ask("it fails").question
    assert asked is not None
    assert answer("it fails", asked.fields, LOG) == f"it fails\n{LOG}"


def test_one_answer_without_a_name_is_put_under_what_was_asked() -> None:
    assert answer("it fails", ("key_ends_in",), "ab12") == "it fails\nkey ends in: ab12"


def test_a_known_cause_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "known", "The token had expired"))
    outcome = ask("401")
    assert outcome.question is None
    assert "Nothing: what was sent proves the cause." in told(outcome)


def test_the_letter_asks_the_customer_and_the_colleague_brings_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask("it fails")
    assert outcome.question is not None
    assert "Paste the reply here" in str(outcome.question.text)
    assert "exact error message" in letter_of(outcome)


def test_that_no_account_was_recognised_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    assert "No account was recognised" in told(ask("akme: it fails", alone=True))
    assert "No account was recognised" not in told(ask("it fails"))


# ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_prose_alone_shows_the_closest_articles_and_guesses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    passage = Citation(document="timeouts", title="Timeouts", heading="First", lines=(1, 4), text="Measure first.")
    outcome = ask("API is slow", passages=(passage,))
    assert data(outcome).causes == ()
    assert data(outcome).side == "undecided"
    assert Citations(items=(passage,)) in outcome.report.blocks
    assert "no cause can be told yet from words alone" in told(outcome)


def test_passages_stay_out_where_a_cause_is_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "likely", "The token had expired"))
    passage = Citation(document="timeouts", title="Timeouts", heading="First", lines=(1, 4), text="Measure first.")
    assert all(block.type != "citations" for block in ask("401", passages=(passage,)).report.blocks)


def test_what_is_on_record_is_told_by_the_makers_of_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask("429 Too Many Requests")
    said = told(outcome)
    assert "| Plan | Pro, rate limit 1,000 calls a minute |" in said
    assert "| API calls this month | 5,200,000 of 10,000,000 (52%) |" in said  # 26 days of 200,000
    assert "| Failed calls, last 7 days | 2%, 2% in the 28 days before |" in said
    keys = {figure.key for figure in outcome.report.figures}
    assert {"quota.used.month_to_date", "usage.error_share.7d", "usage.error_share.28d_before_7d", "arr"} <= keys
    assert len(keys) == len(outcome.report.figures)


def test_without_an_account_nothing_of_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask("429 Too Many Requests", alone=True)
    assert data(outcome).account_id is None
    assert "On record" not in told(outcome)


def test_a_log_is_summarised_with_a_chart_of_its_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    buckets = tuple(Bucket(start=at(f"11:{minute:02}:00"), count=10, errors=minute) for minute in range(6))
    log = LogSummary(
        line=2,
        format="plain",
        lines=63,
        parsed=60,
        records=60,
        errors=15,
        zone_known=True,
        first=at("11:00:00"),
        last=at("11:06:00"),
        buckets=buckets,
        templates=(
            Template(text="call <*> failed", count=15, is_error=True, level="ERROR", line=7, sample="call 1 failed"),
            Template(text="call <*> ok", count=45, line=1, sample="call 2 ok"),
        ),
    )
    outcome = ask(files=(a_file(log, name="app.log"),))
    said = told(outcome)
    assert "## Log summary: app.log" in said
    assert "63 lines, 60 records, 15 of them failed (25%); from 2026-06-26 11:00:00 to 2026-06-26 11:06:00" in said
    assert "10 a minute on average" in said
    assert "| 15 | ERROR |" in said
    assert "| 10 | call 1 failed |" in said  # the file's line 3 + 2 − 1, and the log's seventh
    chart = next(block for block in outcome.report.blocks if block.type == "chart")
    assert chart.labels == ("11:00:00", "11:01:00", "11:02:00", "11:03:00", "11:04:00", "11:05:00")


def test_a_short_log_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    log = LogSummary(format="plain", lines=19, parsed=19, records=19, errors=4, zone_known=False)
    assert "Log summary" not in told(ask(files=(a_file(log),)))


def test_failed_calls_far_above_those_of_before_stand_in_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    before = daily_usage("acme", api_calls=200_000, errors=400)
    usage = tuple(
        each.model_copy(update={"errors": 20_000}) if each.date > AS_OF - dt.timedelta(7) else each for each in before
    )
    failing = Integration(account_id="acme", kind="erp", status="failing")
    said = told(ask("it is slow", facts={"usage": usage, "integrations": (failing,)}))
    assert "On record: 10% of their calls failed in the last 7 days, 0.2% in the 28 days before; erp: failing." in said
    assert "- On record:" not in told(ask("it is slow"))


@pytest.mark.parametrize(("certainty", "looked_at"), [("likely", True), ("known", False), ("possible", False)])
def test_a_deploy_before_the_start_is_looked_at_until_the_cause_is_known(
    monkeypatch: pytest.MonkeyPatch, certainty: Certainty, looked_at: bool
) -> None:
    cause = found("gateway_error", "undecided", certainty, "A gateway gets no usable answer")
    deploy = found(
        "deploy_near_start", "undecided", "possible", "A deploy", values={"what": "deploy", "when": "before"}
    )
    diagnosed = Diagnosed("undecided", (cause,), (deploy,))
    monkeypatch.setattr(inquiry, "diagnose", lambda _: diagnosed)
    step = "Ask whoever made the deploy what it touched, and whether it can be undone at once."
    assert (step in [each.text for each in data(ask("504")).now]) == looked_at


def test_sql_that_checks_it_is_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("pagination_drift", "customer", "likely", "Records shift between pages"))
    rows = "id,kwh\n" + "\n".join(f"R-{each // 2},1.{each}" for each in range(12))
    said = told(ask(files=(read_text(rows, "readings.csv"),)))
    assert "Check with the read-only SQL below: Values of id in several rows." in said
    assert "## Read-only SQL that checks it" in said


def test_fewer_spans_than_a_chart_needs_draw_none(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    buckets = tuple(Bucket(start=at(f"11:{minute:02}:00"), count=10, errors=1) for minute in range(4))
    log = LogSummary(
        format="plain", lines=9, parsed=9, records=9, errors=4, zone_known=False, first=at("11:00:00"), buckets=buckets
    )
    assert all(block.type != "chart" for block in ask(files=(a_file(log),)).report.blocks)


THREAD = """\
From: Ruth Okoye <ruth@acme.example.com>
Date: Fri, 26 Jun 2026 10:12:00 +0000

Hello, since 09:30 UTC every call to POST /v1/orders is answered 401 Unauthorized. We rotated the key yesterday.

From: Sam Lee <sam@vendor.example.com>
Date: Sat, 27 Jun 2026 10:40:00 +0000

Thanks Ruth. We checked the gateway and still see the old key there.
"""


@pytest.mark.parametrize(("sees_people", "who"), [(True, "Ruth Okoye"), (False, "not told")])
def test_a_thread_is_told_by_its_own_sentences(monkeypatch: pytest.MonkeyPatch, sees_people: bool, who: str) -> None:
    diagnosed_as(monkeypatch)
    said = told(ask(THREAD, sees_people=sees_people))
    assert "## Thread summary: pasted from line 1" in said
    assert f"| {who} | We rotated the key yesterday. |" in said
    assert ("Ruth" in said.split("## Thread summary")[1]) == sees_people


SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def test_no_secret_is_in_anything_that_is_told() -> None:
    pasted = (
        f"password: hunter22 and my key is {SECRET}\n"
        f"curl -u bob:hunter22 https://api.example.com/v1/a -H 'Authorization: Bearer {SECRET}'\n"
        f'HTTP/1.1 401 Unauthorized\n\n{{"error": "key {SECRET} is revoked"}}'
    )
    outcome = ask(pasted, typed=True, may_write=True)
    everything = told(outcome) + outcome.report.data.model_dump_json() + str(outcome.report.figures)
    everything += str(outcome.effects) + str(outcome.question)
    assert "hunter22" not in everything
    assert SECRET not in everything
    assert "Masked in what was sent: " in told(outcome)


def test_the_same_case_gives_the_same_answer() -> None:
    first, second = (ask("401 Unauthorized on GET /v1/orders at 11:30 UTC") for _ in range(2))
    assert first == second


def test_figures_of_two_cases_have_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    log = LogSummary(format="plain", lines=90, parsed=90, records=90, errors=4, zone_known=False)
    one, other = (ask(text, files=(a_file(log),)) for text in ("one", "other"))
    ours, theirs = ({f.key for f in each.report.figures if f.key.startswith("case.")} for each in (one, other))
    assert ours
    assert not ours & theirs


def test_repro_gives_the_scripts_alone() -> None:
    outcome = ask(CURL, action="repro")
    found_data = outcome.report.data
    assert isinstance(found_data, ReproData)
    assert {script.language for script in found_data.scripts} >= {"curl", "python"}
    assert [block.type for block in outcome.report.blocks] == ["verdict", "draft"]
    assert outcome.effects == ()


def test_repro_without_a_request_says_what_it_needs() -> None:
    outcome = ask("it is slow", action="repro")
    assert [block.type for block in outcome.report.blocks] == ["verdict"]
    assert "No request to reproduce" in told(outcome)


def test_data_is_json_for_programs() -> None:
    outcome = ask("401 Unauthorized")
    assert json.loads(outcome.report.data.model_dump_json())["account_id"] == "acme"
    assert COMMAND.data.model_validate_json(outcome.report.data.model_dump_json()).root == outcome.report.data
    assert context().as_of == outcome.report.figures[0].as_of
    assert field_of(drafts(outcome, "customer")[0], "Subject").startswith("Your report: what we need")
