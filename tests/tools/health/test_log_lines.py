"""Lines as people type them after a call: lower case, fragments, comma splices, chats and pasted mails."""

import datetime as dt

import pytest

from tests.snapshots import account, contact
from tests.tools.health.conftest import PARAMETERS
from tests.tools.health.test_log_reading import ACME, CONTACTS, TODAY, read
from tools.health.notes.reading import NoteReader, Reading


def promises(reading: Reading) -> list[tuple[str | None, str, str | None]]:
    return [(each.by, each.what, str(each.due) if each.due else None) for each in reading.promises]


def left(reading: Reading) -> dict[str, str]:
    return {each.contact.id: str(each.left_on) for each in reading.departures}


def signals(reading: Reading) -> list[str]:
    return [each.kind for each in reading.signals]


@pytest.mark.parametrize(
    ("text", "by", "what", "due"),
    [
        (
            "quick call w/ maria, all good, she will send the seat list by friday",
            "Maria Santos",
            "send the seat list",
            "2026-11-27",
        ),
        ("call with dana. she'll get us the logs by EOD tomorrow", "Dana Ruiz", "get us the logs", "2026-11-27"),
        ("We will have the RCA to them by COB Monday", "us", "have the RCA to them", "2026-11-30"),
        ("We owe them the RCA by the 15th", "us", "the RCA", "2026-12-15"),
        ("We will ship the connector in Q1", "us", "ship the connector in Q1", None),
        ("We'll deliver the SSO integration by end of Q1", "us", "deliver the SSO integration by end of Q1", None),
        (
            "Dana will confirm headcount for next year by early January",
            "Dana Ruiz",
            "confirm headcount for next year by early January",
            None,
        ),
        ("Tom promised to loop in procurement next week", "Tom Lee", "loop in procurement", "2026-12-04"),
        ("He will send the seat list by Friday", None, "send the seat list", "2026-11-27"),
        ("Met Dana. he will send the seat list by Friday", "Dana Ruiz", "send the seat list", "2026-11-27"),
        ("Call with Dana and Tom. He will send the export on Monday.", None, "send the export", "2026-11-30"),
        ("Told Dana we'd have the fix out by Friday", "us", "have the fix out", "2026-11-27"),
        ("I told Dana I'd send the recording tomorrow", "us", "send the recording", "2026-11-27"),
        ("said i'd send the recording tmrw", "us", "send the recording", "2026-11-27"),
        ("ill send the doc by friday", "us", "send the doc", "2026-11-27"),
        ("gonna send Dana the API doc tonight", "us", "send Dana the API doc", "2026-11-26"),
        ("Will follow up w/ Tom on Monday", "us", "follow up w/ Tom", "2026-11-30"),
        ("need to send Tom the DPA by Friday", "us", "send Tom the DPA", "2026-11-27"),
        ("Action: Tom - send list of users - 30 Nov", "Tom Lee", "send list of users", "2026-11-30"),
        ("AI Sam: fix the SAML mapping by 1 Dec", "Sam Park", "fix the SAML mapping", "2026-12-01"),
        ("@Sam to send the deck by Friday", "Sam Park", "send the deck", "2026-11-27"),
        ("Engineering committed to a patch by 3 Dec", "us", "a patch", "2026-12-03"),
        (
            "We'll check with engineering and come back to them by Monday EOD.",
            "us",
            "check with engineering and come back to them",
            "2026-11-30",
        ),
        ("Tom will have an answer by Wednesday", "Tom Lee", "have an answer", "2026-12-02"),
        ("They will roll out to 200 more users by March", "customer", "roll out to 200 more users by March", None),
        ("We won't make Friday, we'll send the fix on Monday instead", "us", "send the fix instead", "2026-11-30"),
        ("We will send the fix by Friday, not Thursday as planned", "us", "send the fix", "2026-11-27"),
        ("Maria will send the list by 31 Nov", "Maria Santos", "send the list", None),
        ("I will send the report by the 31st", "us", "send the report", "2026-12-31"),
        ("Dana will send the data by the end of next month", "Dana Ruiz", "send the data", "2026-12-31"),
        ("We'll fix it in the next two weeks", "us", "fix it", "2026-12-10"),
        ("We'll fix it within 10 business days", "us", "fix it", "2026-12-10"),
        ("we'll get back to them first thing Monday", "us", "get back to them", "2026-11-30"),
        ("I'll ping Maria after Thanksgiving", "us", "ping Maria after Thanksgiving", None),
        (
            "I'll send the renewal quote by Dec 4 at 5pm, Maria signs by Dec 18",
            "us",
            "send the renewal quote",
            "2026-12-04",
        ),
        ("we will send the export by Friday, she seemed happy with that", "us", "send the export", "2026-11-27"),
        (
            "We'll send over the proposal and the SOW, Dana needs both by Friday",
            "us",
            "send over the proposal and the SOW",
            None,
        ),
        (
            "I'll send the deck, the recording and the FAQ by Friday",
            "us",
            "send the deck, the recording and the FAQ",
            "2026-11-27",
        ),
        (
            "Tom will upload the logs on Monday so that we can check them by Wednesday",
            "Tom Lee",
            "upload the logs",
            "2026-11-30",
        ),
        (
            "Tom will look into it and get back to us by Tuesday",
            "Tom Lee",
            "look into it and get back to us",
            "2026-12-01",
        ),
        ("dana to share org chart by mon", "Dana Ruiz", "share org chart", "2026-11-30"),
        ("tom: i'll send the numbers tmrw", "Tom Lee", "send the numbers", "2026-11-27"),
        ("Tom: unhappy with response times, we'll send an RCA by Friday", None, "send an RCA", "2026-11-27"),
        ("Maria: happy; we will send the docs by Friday", "us", "send the docs", "2026-11-27"),
        ("they'll sign by COB Friday, legal is reviewing", "customer", "sign", "2026-11-27"),
        ("They will sign by EOM", "customer", "sign", "2026-11-30"),
        ("they will sign before christmas", "customer", "sign before christmas", None),
        ("We will send it ASAP", "us", "send it ASAP", None),
        ("Sam's going to set up a call for next week", "Sam Park", "set up a call", "2026-12-04"),
        ("will send", "us", "send", None),
        ("Promise: send the deck by Friday", "us", "send the deck", "2026-11-27"),
        ("sent the deck, tom will review by fri & get back", "Tom Lee", "review & get back", "2026-11-27"),
        (
            "I'll send the deck to Tom, Dana and Maria by Friday",
            "us",
            "send the deck to Tom, Dana and Maria",
            "2026-11-27",
        ),
        ("I'll send the docs, API keys and logs by Friday", "us", "send the docs, API keys and logs", "2026-11-27"),
        (
            "We will send the list of users (SSO only) by Friday",
            "us",
            "send the list of users (SSO only)",
            "2026-11-27",
        ),
        ("we will send the doc friday morning", "us", "send the doc", "2026-11-27"),
        ("we will send the doc on Dec 3 (Thursday)", "us", "send the doc", "2026-12-03"),
        ("we will send the doc on Thursday, Dec 3rd at 10am PT", "us", "send the doc", "2026-12-03"),
        ("Maria will send us the list by next Friday (4 Dec)", "Maria Santos", "send us the list", "2026-12-04"),
        (
            "Dana promised she'd have the contract signed by 30.11.2026",
            "Dana Ruiz",
            "have the contract signed",
            "2026-11-30",
        ),
        ("Tom agreed to test the beta until 15 December", "Tom Lee", "test the beta", "2026-12-15"),
        ("Dana owes me the list", "Dana Ruiz", "the list", None),
        ("He'll send it by Friday", None, "send it", "2026-11-27"),
        ("Maria and Dana will review the draft by Friday", "customer", "review the draft", "2026-11-27"),
        ("Maria and I will review the draft by Friday", "us", "review the draft", "2026-11-27"),
        ("tom called - sso broken again, i told him we'd fix it by tonight", "us", "fix it", "2026-11-26"),
        ("maria wants a discount, told her sales will come back by wed", "us", "come back", "2026-12-02"),
        (
            "emailed dana the rca, she will read it and get back by monday",
            "Dana Ruiz",
            "read it and get back",
            "2026-11-30",
        ),
        (
            "Renewal chat with Maria: price is fine, legal needs until 10 Dec, she'll send redlines by then",
            "Maria Santos",
            "send redlines by then",
            None,
        ),
        (
            "They'll let us know by the end of next week whether they renew",
            "customer",
            "let us know whether they renew",
            "2026-12-04",
        ),
        (
            "spoke to dana, shes on pto till monday so tom will send the logs on fri",
            "Tom Lee",
            "send the logs",
            "2026-11-27",
        ),
        (
            "EBR on 3 Dec with Maria and their CFO, I'll prepare the deck by Tuesday",
            "us",
            "prepare the deck",
            "2026-12-01",
        ),
        (
            "Training for 12 users done this morning, Tom will send the survey in 2 days",
            "Tom Lee",
            "send the survey",
            "2026-11-28",
        ),
        ("Support will call Dana back within 4 hours.", "us", "call Dana back", "2026-11-27"),
        ("Dana confirmed they will upgrade by 1 Feb", "Dana Ruiz", "upgrade", "2027-02-01"),
        (
            "Per Tom, they will decide in Q1 after the board meeting",
            "customer",
            "decide in Q1 after the board meeting",
            None,
        ),
        (
            "Team, quick recap: we'll enable the feature flag on Monday; Dana validates; Tom reports back by Thursday.",
            "us",
            "enable the feature flag",
            "2026-11-30",
        ),
        (
            "Maria's team will provide the mapping by Dec 9, ours will review it a week later",
            "Maria Santos",
            "provide the mapping",
            "2026-12-09",
        ),
    ],
)
def test_one_promise_and_nothing_else(text: str, by: str | None, what: str, due: str | None) -> None:
    reading = read(text)
    assert promises(reading) == [(by, what, due)]
    assert (left(reading), signals(reading)) == ({}, [])


@pytest.mark.parametrize(
    ("text", "promised", "gone", "heard"),
    [
        (
            "Spoke to Tom just now - he will send the seat list by Friday, they are also looking at RivalCo",
            [("Tom Lee", "send the seat list", "2026-11-27")],
            {},
            ["competitor"],
        ),
        (
            "I'll send the pricing sheet EOD, Tom will review it by Tues",
            [("us", "send the pricing sheet", "2026-11-26"), ("Tom Lee", "review it", "2026-12-01")],
            {},
            [],
        ),
        (
            "QBR done today. Great feedback. Dana wants 40 more seats, Tom to send the PO by 15 Dec.",
            [("Tom Lee", "send the PO", "2026-12-15")],
            {},
            ["seat_growth"],
        ),
        (
            "next steps: send DPA (me, Fri), sign DPA (Tom, next Wed)",
            [("us", "send DPA", "2026-11-27"), ("Tom Lee", "sign DPA", "2026-12-02")],
            {},
            [],
        ),
        (
            "- [ ] Sam: share the deck (Fri)\n- [ ] Tom: confirm the numbers (30 Nov)",
            [("Sam Park", "share the deck", "2026-11-27"), ("Tom Lee", "confirm the numbers", "2026-11-30")],
            {},
            [],
        ),
        (
            "He will send the seat list by Friday - they're also evaluating RivalCo",
            [(None, "send the seat list", "2026-11-27")],
            {},
            ["competitor"],
        ),
        (
            "Maria will send the seat list by Friday, Tom is leaving on 4 December, budget was cut",
            [("Maria Santos", "send the seat list", "2026-11-27")],
            {"c3": "2026-12-04"},
            ["budget_cut"],
        ),
        (
            "1) We: ship SCIM by 11 Dec 2) They: test SCIM by 18 Dec",
            [("us", "ship SCIM", "2026-12-11"), ("customer", "test SCIM", "2026-12-18")],
            {},
            [],
        ),
    ],
)
def test_several_things_in_one_line(
    text: str, promised: list[tuple[str, str, str]], gone: dict[str, str], heard: list[str]
) -> None:
    reading = read(text)
    assert (promises(reading), left(reading), signals(reading)) == (promised, gone, heard)


@pytest.mark.parametrize(
    "text",
    [
        "Had a good catch-up with Dana, no blockers, next one in two weeks",
        "Tess is leaving on 12 December",
        "They plan to migrate in Q1",
        "No show from Tom again for the weekly sync",
        "Tom didn't make it to the QBR, rescheduling for next week",
        "Maria cancelled our 1:1 today",
        "They pushed the QBR to Jan 14",
        "Left Dana a voicemail about the renewal",
        "Dana left a voicemail",
        "Dana left early today",
        "Tom left us a great review",
        "Tom is out until Monday, will be back Tuesday",
        "Maria is on maternity leave from 1 December",
        "Maria going on parental leave in January, Dana covers",
        "Tom is leaving the project at the end of the month but stays with Acme",
        "tom has left the building lol, no really he quit yesterday",
        "Dana mentioned Tom may be leaving in the new year",
        "Maria moved to the platform team",
        "Dana got promoted to VP Engineering",
        "Sam is leaving on 12 December, Kim takes over the account on our side",
        "they mentioned RivalCo is cheaper, fyi",
        "Dana asked how we compare to RivalCo",
        "They switched from RivalCo to us and love it",
        "they looked at rivalco last year and decided against it",
        "Budget got approved, no cuts",
        "They cut the number of API calls in half to stay within budget",
        "they need fewer seats next year",
        "They don't need more seats",
        "we asked Maria for a case study, she'll think about it",
        "we should ask Maria for a reference",
        "Dana: can you send the logs by Friday?",
        "Dana asked if we could send the logs by Friday",
        "Dana wants us to send the logs by Friday",
        "Dana expects the fix by Friday",
        "@Tom will you send the list by Friday",
        "Dana will be on vacation until Monday",
        "The fix will be deployed by Friday",
        "Tom will try to get us the logs by Friday",
        "we sent the fix on Friday",
        "2026-11-24 Call with Tom, fine",
        "24 Nov 2026 call w/ Dana re renewal",
        "Nov 24 QBR, went fine",
        "10:30 call with tom. nothing new",
        "QBR got cancelled",
        "Call with Dana was cancelled by them last minute",
        "we cancelled today's health check",
        "Sam cancelled the call",
        "Call with Maria: they cancelled the analytics project",
        "Call with Maria, she cancelled her vacation lol",
        "Tom left two comments on the ticket",
        "Tom left 3 voicemails",
        "Maria left on a positive note",
        "Maria left the meeting early",
        "Tom left at the end of the call",
        "Tom left today's session early",
        "Tom left and came back an hour later",
        "Dana left because she had another meeting",
        "Dana left it open whether they renew",
        "Tom left this with us",
        "Maria left us hanging again",
        "Dana left us last week",
        "Dana left Acme in October",
        "Dana is leaving on Friday for two weeks of vacation",
        "Dana leaves Friday for a conference",
        "Maria gave notice yesterday",
        "Will Tom leave? He says no",
        "Tom won't leave",
        "Maria is no longer the admin, Dana is",
        "Dana joined the Berlin office",
        "I will be OOO until Dec 7",
        "Will be in touch",
        "will do",
        "We will see how it goes by Friday",
        "They will need the export by Friday",
        "The customer will be charged on 1 December",
        "Renewal will be signed by Friday",
        "Maria hopes we will fix it by Friday",
        "Maria wants to know if we will fix it by Friday",
        "She asked whether we'd send the doc by Friday",
        "I think they'll sign by Friday",
        "I doubt they will sign by Friday",
        "We hope to send the fix by Friday",
        "We should send the deck by Friday",
        "We agreed to meet again on 9 December",
        "We agreed on a weekly sync starting Monday",
        "They committed to 50 seats",
        "We are committed to their success",
        "Waiting for Tom to send the list by Friday",
        "Waiting on Dana for the logs, due Friday",
        "Reminded Dana to send the logs by Friday",
        "Dana still hasn't sent the logs she promised by last Friday",
        "Tom forgot to send the list by Friday",
        "They are happy with us compared to RivalCo",
        "They're looking at Kubernetes",
        "They are considering Monday for the go-live",
        "We are looking at Tom's ticket",
        "dana is evaluating rivalco and two others",
        "RivalCo demo'd to them yesterday",
        "They moved from RivalCo last year",
        "They will not cut the budget",
        "Maria worried about budget cuts",
        "Their budget is tight but not cut",
        "We helped them cut costs by 20%",
        "They gave back 10 seats",
        "Expansion: +50 seats in Q2 likely",
        "They cancelled 20 seats",
        "Tom declined a case study",
        "Dana said maybe a case study later",
        "Jane Doe replaces Maria as our champion",
        "Dana could become our champion",
        "short sync w dana & tom, both happy, nothing open",
        "https://acme.com/tom/leaving tom@acme.com left the group",
        "custom tomato santos",
        "Owner: Tom. Task: send logs. Due: 30 Nov",
        "| Owner | Action | Due |\n| Sam | send logs | 30 Nov |",
        "no news from maria",
        "maria didnt join today",
        "Tom was a no show, dana apologised for him",
        "Is Tom leaving on 18 December?",
        "Tom may leave on 18 December",
        "Dana leaves the steering committee on 1 Dec",
        "Ivan from RivalCo joined Acme as CTO",
        "RivalCo shortlisted alongside us, decision mid-January",
        "They stopped evaluating RivalCo",
        "budget for next year approved, +10%",
        "They're over budget, expect cuts",
    ],
)
def test_what_promises_ends_and_signals_nothing(text: str) -> None:
    reading = read(text)
    assert (promises(reading), left(reading), signals(reading)) == ([], {}, [])
    assert (reading.newcomers, reading.champions) == ((), ())


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Maria is leaving on 12 December", {"c1": "2026-12-12"}),
        ("Heads up: Maria's leaving end of December, Dana takes over", {"c1": "2026-12-31"}),
        ("maria is leaving on 12 december, dana will take over", {"c1": "2026-12-12"}),
        ("Tom quit yesterday!", {"c3": "2026-11-25"}),
        ("just heard that Tom Lee got let go last Friday", {"c3": "2026-11-20"}),
        ("Dana told me that Tom left the company two weeks ago", {"c3": "2026-11-12"}),
        ("Tom handed in his notice, last day is 18 December", {"c3": "2026-12-18"}),
        ("Tom's last day will be the 18th", {"c3": "2026-12-18"}),
        ("Maria is retiring at the end of the year", {"c1": "2026-12-31"}),
        ("Maria resigned, effective 31 December", {"c1": "2026-12-31"}),
        ("maria resigned yesterday", {"c1": "2026-11-25"}),
        ("Heard from Dana that Maria is leaving Acme next Friday.", {"c1": "2026-12-04"}),
        ("Tom is no longer with Acme", {"c3": "2026-11-26"}),
        ("Maria will be leaving us on 15 January 2027", {"c1": "2027-01-15"}),
        ("Maria's last day at Acme is the 11th", {"c1": "2026-12-11"}),
        ("Tom and Dana are both leaving on Dec 31", {"c3": "2026-12-31", "c2": "2026-12-31"}),
        ("Maria has left the company as of last Friday", {"c1": "2026-11-20"}),
        ("sadly maria is leaving us at the end of december", {"c1": "2026-12-31"}),
        ("Tom's leaving! last day dec 18", {"c3": "2026-12-18"}),
        ("Dana moved to RivalCo", {"c2": "2026-11-26"}),
    ],
)
def test_who_left_and_who_leaves(text: str, gone: dict[str, str]) -> None:
    reading = read(text)
    assert (left(reading), promises(reading), signals(reading)) == (gone, [], [])


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("They're in a POC with RivalCo until end of January", ["competitor"]),
        ("Tom says they are evaluating Datadog and Grafana as a replacement", ["competitor"]),
        ("Acme is talking to RivalCo, decision by end of January", ["competitor"]),
        ("They got a quote from RivalCo that is 20% lower", ["competitor"]),
        ("Budget for 2027 has been cut by 15%", ["budget_cut"]),
        ("CFO put a freeze on all new spend", ["budget_cut"]),
        ("There were layoffs in the data team last week", ["budget_cut"]),
        ("no layoffs so far but hiring is frozen", ["budget_cut"]),
        ("They are cutting costs across the board", ["budget_cut"]),
        ("Dana wants to add 25 licenses in January", ["seat_growth"]),
        ("Maria is happy to do a case study", ["advocacy"]),
        ("Maria will be a reference for us", ["advocacy"]),
        ("They found a new use case: invoice matching", ["new_use_case"]),
        ("Tom offered to be a reference", ["advocacy"]),
        ("They are considering Datadog instead", ["competitor"]),
        ("Interested in 20 more seats", ["seat_growth"]),
        ("Maria referred us to Globex", ["advocacy"]),
        ("They want to roll it out to the EMEA team", ["new_use_case"]),
        ("tom says theyre talking to RivalCo", ["competitor"]),
        ("FYI Dana told me in confidence that the CFO is freezing the budget from January", ["budget_cut"]),
        ("They are piloting RivalCo in the Berlin office", ["competitor"]),
        ("20% headcount reduction announced yesterday", ["budget_cut"]),
    ],
)
def test_what_is_heard(text: str, heard: list[str]) -> None:
    reading = read(text)
    assert (signals(reading), promises(reading), left(reading)) == (heard, [], {})


@pytest.mark.parametrize(
    ("text", "kind", "day", "status"),
    [
        (
            "QBR done today. Great feedback. Dana wants 40 more seats, Tom to send the PO by 15 Dec.",
            "qbr",
            "2026-11-26",
            "attended",
        ),
        ("No show from Tom again for the weekly sync", "call", "2026-11-26", "no_show"),
        ("Tom didn't make it to the QBR, rescheduling for next week", "qbr", "2026-11-26", "no_show"),
        ("Maria cancelled our 1:1 today", "call", "2026-11-26", "declined"),
        ("They pushed the QBR to Jan 14", "qbr", "2027-01-14", "rescheduled"),
        ("2026-11-24 Call with Tom, fine", "call", "2026-11-24", "attended"),
        ("24 Nov 2026 call w/ Dana re renewal", "call", "2026-11-24", "attended"),
        ("Nov 24 QBR, went fine", "qbr", "2026-11-24", "attended"),
        ("Call with Dana was cancelled by them last minute", "call", "2026-11-26", "declined"),
        ("we cancelled today's health check", "health_check", "2026-11-26", "cancelled_by_us"),
        ("Sam cancelled the call", "call", "2026-11-26", "cancelled_by_us"),
        ("Call with Maria: they cancelled the analytics project", "call", "2026-11-26", "attended"),
        ("Call with Maria, she cancelled her vacation lol", "call", "2026-11-26", "attended"),
        ("EBR on 3 Dec with Maria and their CFO, I'll prepare the deck by Tuesday", "qbr", "2026-12-03", "scheduled"),
        (
            "Training for 12 users done this morning, Tom will send the survey in 2 days",
            "training",
            "2026-11-26",
            "attended",
        ),
        ("maria didnt join today", "call", "2026-11-26", "no_show"),
        ("Tom was a no show, dana apologised for him", "call", "2026-11-26", "no_show"),
    ],
)
def test_the_kind_the_day_and_whether_it_took_place(text: str, kind: str, day: str, status: str | None) -> None:
    found = read(text).occasion
    assert (found.kind, str(found.day), found.status) == (kind, day, status)


@pytest.mark.parametrize(
    ("today", "text", "what", "due"),
    [
        ("2026-12-30", "We will send the report by Friday", "send the report", "2027-01-01"),
        ("2026-12-30", "We'll send the report by 5 January", "send the report", "2027-01-05"),
        ("2026-12-31", "Tom will confirm by tomorrow", "confirm", "2027-01-01"),
        ("2026-12-31", "Tom will confirm by next month", "confirm", "2027-01-31"),
        ("2026-11-28", "we'll fix it by end of week", "fix it", "2026-12-04"),
        ("2026-11-29", "I'll send it EOD Monday", "send it", "2026-11-30"),
        (
            "2027-01-02",
            "Call on 30 December with Maria, she will send the plan by the 15th",
            "send the plan",
            "2027-01-15",
        ),
        ("2026-11-26", "We will send it by noon on Friday", "send it", "2026-11-27"),
        ("2026-11-26", "We'll deliver by Q1 2027", "deliver by Q1 2027", None),
        ("2026-11-26", "We'll deliver by March", "deliver by March", None),
        ("2026-11-26", "We'll deliver the connector in March", "deliver the connector in March", None),
        ("2028-02-28", "We will send it by tomorrow", "send it", "2028-02-29"),
        ("2026-01-31", "We will send it in a month", "send it", "2026-02-28"),
    ],
)
def test_days_over_the_ends_of_weeks_months_and_years(today: str, text: str, what: str, due: str | None) -> None:
    (found,) = read(text, dt.date.fromisoformat(today)).promises
    assert (found.what, str(found.due) if found.due else None) == (what, due)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("They're looking at Kubernetes", "“looking at Kubernetes”: a competitor?"),
        ("We'll deliver by March", "“by March” names no day"),
        ("QBR got cancelled", "who cancelled is not said"),
        ("Maria gave notice yesterday", "Maria Santos is leaving, and no day is given"),
        ("Dana left Acme in October", "“in October” names no day"),
        ("We need the RCA by tomorrow, otherwise we will escalate it", "a promise on a condition"),
    ],
)
def test_what_is_not_certain_is_told(text: str, doubt: str) -> None:
    reading = read(text)
    assert (promises(reading), left(reading), signals(reading)) == ([], {}, []) or text == "We'll deliver by March"
    assert any(each.startswith(doubt) for each in reading.doubts)


def test_a_meeting_that_nobody_is_said_to_have_cancelled_counts_for_neither_side() -> None:
    found = read("QBR got cancelled").occasion
    assert (found.kind, found.status) == ("note", None)


def test_of_two_people_with_one_name_neither_is_taken() -> None:
    two = NoteReader(PARAMETERS.notes, ACME, [*CONTACTS, contact("c4", name="Tom Weber")], TODAY)
    reading = two.read("call with tom, he will send the list by friday. Tom Weber will check it by monday")
    assert promises(reading) == [(None, "send the list", "2026-11-27"), ("Tom Weber", "check it", "2026-11-30")]
    assert left(two.read("Tom is leaving on 12 December")) == {}
    assert left(two.read("Tom Weber is leaving on 12 December")) == {"c4": "2026-12-12"}


def test_a_contact_with_the_owners_first_name_leaves_open_whose_promise_it_is() -> None:
    acme = account("acme", name="Acme", owner="Sam Park")
    reader = NoteReader(PARAMETERS.notes, acme, [contact("c9", name="Sam Weber")], TODAY)
    assert promises(reader.read("Sam will send the list by Friday")) == [("Sam", "send the list", "2026-11-27")]
    assert promises(reader.read("Sam Weber will send it by Friday")) == [("Sam Weber", "send it", "2026-11-27")]


def test_a_name_that_is_a_word_needs_its_capital() -> None:
    reader = NoteReader(
        PARAMETERS.notes, ACME, [contact("c8", name="Will Young"), contact("c9", name="Rose Hope")], TODAY
    )
    assert reader.read("will send it by Friday, usage rose and we hope for more").contacts == ()
    assert [each.id for each in reader.read("Call with Will and Rose").contacts] == ["c8", "c9"]
    assert [each.id for each in reader.read("Rose called").contacts] == ["c9"]


def test_names_inside_addresses_and_words_are_no_names() -> None:
    assert read("https://acme.com/tom/leaving and custom tomato from tom@acme.example").contacts == ()


FORWARDED = """fyi

---------- Forwarded message ---------
From: Maria Santos <maria@acme.com>
Date: Tue, 24 Nov 2026 at 10:00
Subject: Leaving Acme
To: Sam Park <sam@us.example>

Hi Sam,

I wanted to let you know that I'm leaving Acme on December 11. Dana will take over from me.
I will introduce you both next week.

All the best,
Maria
"""


def test_a_mail_that_is_forwarded_whole_is_the_note() -> None:
    reading = read(FORWARDED)
    assert (reading.occasion.kind, str(reading.occasion.day)) == ("email", "2026-11-24")
    assert left(reading) == {"c1": "2026-12-11"}
    assert promises(reading) == [("Maria Santos", "introduce you both", "2026-12-04")]


def test_a_mail_forwarded_below_a_note_is_history() -> None:
    reading = read(f"Dana called, all is well.\n\n{FORWARDED.removeprefix('fyi')}")
    assert (reading.occasion.kind, left(reading), promises(reading)) == ("call", {}, [])
    assert reading.unread > 0


def test_a_mail_with_outlook_headers_signature_and_history() -> None:
    reading = read(
        "From: Tom Lee <tom@acme.com>\nSent: Wednesday, November 25, 2026 5:12 PM\nTo: Sam Park <sam@us.example>\n"
        "Subject: RE: seats\n\nHi Sam,\n\nI'll send you the seat list by Friday. We are also looking at RivalCo, to be "
        "transparent.\nCould you send me the DPA by Monday?\n\nThanks again,\nTom\n\nTom Lee\nHead of Platform | Acme\n"
        "+1 555 0100\n\nFrom: Sam Park <sam@us.example>\nSent: Tuesday, November 24, 2026 9:00 AM\nTo: Tom Lee\n"
        "Subject: seats\n\nHi Tom, we will send the fix by tomorrow. Maria left the company.\n"
    )
    assert (reading.occasion.kind, str(reading.occasion.day)) == ("email", "2026-11-25")
    assert promises(reading) == [("Tom Lee", "send you the seat list", "2026-11-27")]
    assert (left(reading), signals(reading)) == ({}, ["competitor"])


def test_a_goodbye_without_headers_is_its_signers() -> None:
    goodbye = (
        "Hi team,\n\nmy last day at Acme will be December 4.\nTom will call you next week.\n\nAll the best,\nDana Ruiz"
    )
    assert left(read(goodbye)) == {"c2": "2026-12-04"}
    away = "From: Dana Ruiz <dana@acme.com>\nSubject: away\n\nI am leaving on Friday for two weeks.\n"
    assert left(read(away)) == {}


CHATS = [
    "[10:02] Dana Ruiz: we will send the logs by Friday\n[10:03] Sam Park: thanks! I'll review them by Monday\n"
    "[10:04] Dana Ruiz: btw we are evaluating RivalCo",
    "Dana Ruiz  10:02 AM\nwe will send the logs by Friday\nSam Park  10:03 AM\nthanks!\nI'll review them by Monday\n"
    "Dana Ruiz  10:04 AM\nbtw we are evaluating RivalCo",
    "[24/11/2026, 10:02:11] Dana Ruiz: we will send the logs by Friday\n24/11/2026, 10:03 - Sam Park: I'll review "
    "them by Monday\n[24/11/2026, 10:03:40] Dana Ruiz: btw we are evaluating RivalCo",
]


@pytest.mark.parametrize("chat", CHATS, ids=["one line", "names above", "with days"])
def test_in_a_chat_everyone_speaks_for_themselves(chat: str) -> None:
    reading = read(chat)
    assert promises(reading) == [("Dana Ruiz", "send the logs", "2026-11-27"), ("us", "review them", "2026-11-30")]
    assert signals(reading) == ["competitor"]


def test_one_line_with_a_time_is_no_chat() -> None:
    assert promises(read("10:30 Maria: we will send it by Friday")) == [(None, "send it", "2026-11-27")]


MINUTES = """Meeting minutes 2026-11-25 - Acme / us
Attendees: Maria, Dana, Sam
Decisions:
* SSO goes live on 10 December
* Renewal talk in January

Action items:
* Sam: send the SSO runbook by Friday
* Dana: provide test users by 1 Dec
* Maria to check the budget for 2027 by 15 Dec
* we all meet again on 9 Dec
"""


def test_minutes() -> None:
    reading = read(MINUTES)
    assert (reading.occasion.kind, str(reading.occasion.day)) == ("call", "2026-11-25")
    assert promises(reading) == [
        ("Sam Park", "send the SSO runbook", "2026-11-27"),
        ("Dana Ruiz", "provide test users", "2026-12-01"),
        ("Maria Santos", "check the budget for 2027", "2026-12-15"),
    ]
    assert (left(reading), signals(reading)) == ({}, [])


HUGE = {
    "chat": "[10:02] Dana Ruiz: we will send it by Friday\n" * 2_000,
    "heads": "Dana Ruiz 10:02 AM\n" * 5_000,
    "brackets": "send DPA (me, " * 7_000,
    "open brackets": "(" * 100_000,
    "asked": "asked a b c d " * 7_000,
    "left": "Maria left us last " * 5_000,
    "mine": "I'm leaving my last day " * 4_000,
    "cancelled": "call cancelled " * 6_600,
    "looking": "also looking at RivalCo " * 4_000,
    "ends of days": "EOD " * 25_000,
    "times": "at 5pm " * 14_000,
    "forwarded": "---------- Forwarded message ---------\n" * 2_500,
    "numbered": "1) A " * 20_000,
    "digits": "1," * 50_000,
    "direction marks": "\u202e" * 100_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
def test_a_huge_text_is_read(text: str) -> None:
    """No pattern goes back over what it has read: with one that does, this would not end."""
    assert len(read(text).promises) <= PARAMETERS.notes.most_records
