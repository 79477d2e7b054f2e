"""The whole answer: roadmap and requests, proposals, asks, health, and accounts of every kind."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Heading, Table, Verdict
from app.domain.command import Report
from app.domain.disclosure import Unsaid, directory_of
from app.domain.disclosure_blocks import Disclosed, for_customer
from app.domain.problems import InvalidArguments
from app.domain.records import ArrMovement, Commitment, FeedbackItem, RoadmapItem, Signal
from app.render.text import to_text
from app.render.values import with_shown
from app.security.disclosure import load_disclosure
from tests.snapshots import account, contact, days_before, goal, noon, response, ticket, touchpoint
from tests.tools.qbr.conftest import below, data, days_of_use, feature_on, review, rows, shown, told
from tools.qbr import COMMAND
from tools.qbr.arguments import QbrArgs

ROADMAP, REQUESTS, QUESTIONS = "Part 3: roadmap preview", "Part 4: your requests", "Part 4: questions for you"
FUTURE = (
    RoadmapItem(feature="Tablet app", quarter="after next", audience="customer"),
    RoadmapItem(feature="Live event dashboard", quarter="next", beta_open=True, audience="customer"),
    RoadmapItem(feature="Bulk export", quarter="2026Q4", audience="Public"),
    RoadmapItem(feature="New metering", quarter="this", audience="internal"),
    RoadmapItem(feature="Nameless plan", quarter="this"),
)


def request(item_id: str, title: str, status: str | None = None, **fields: Any) -> FeedbackItem:
    given = {"category": "feature_request", "account_ids": ("acme",), "created_on": dt.date(2026, 5, 1)}
    return FeedbackItem(id=item_id, title=title, status=status, **(given | fields))


# ── Roadmap and requests ──────────────────────────────────────────────────────────────────────────────────────────


def test_customers_see_what_is_for_them_what_they_asked_for_first() -> None:
    asked = [request("r", "A dashboard that shows events as they arrive", "planned")]
    made = review(roadmap=FUTURE, feedback=asked)
    found = rows(made, ROADMAP)
    assert [row[0] for row in found] == ["Live event dashboard", "Tablet app", "Bulk export"]
    assert found[0][1:] == ("the next quarter", "open", "“A dashboard that shows events as they arrive”")
    assert found[2][1] == "2026Q4"
    assert "not a word of: New metering, Nameless plan." in shown(made)
    assert [each.key for each in data(made).asks].count("beta") == 1


def test_what_shipped_since_the_last_review_is_told() -> None:
    items = [
        request("new", "Group the view", "shipped", shipped_on=days_before(10)),
        request("old", "Rename a rule", "shipped", shipped_on=days_before(40)),
    ]
    met = [touchpoint("q", "qbr", "attended", days_ago=30), touchpoint("n", "qbr", "no_show", days_ago=5)]
    made = review(feedback=items, touchpoints=met)
    assert [row[0] for row in rows(made, ROADMAP)] == ["Group the view"]
    assert rows(made, ROADMAP)[0][1] == f"available since {days_before(10)}"


def test_requests_and_open_tickets_with_how_they_stand() -> None:
    items = [
        request("a", "Wait", None),
        request("b", "Build", "in progress"),
        request("c", "Refuse", "declined"),
        request("d", "Twice", "duplicate"),
        request("e", "Theirs", None, account_ids=("other",)),
    ]
    open_ones = [ticket(f"t{i}", days_ago=i, severity="SEV3", subject=f"Subject {i}") for i in range(1, 6)]
    made = review(feedback=items, tickets=[*open_ones, ticket("done", days_ago=20, hours=5)])
    found = {row[0]: row[2] for row in rows(made, REQUESTS)}
    assert found["Wait"] == "with our product team, not decided yet"
    assert found["Build"] == "being worked on, no day set"
    assert found["Refuse"] == "not planned for now"
    assert "Twice" not in found
    assert "Theirs" not in found
    assert found["t5: Subject 5"] == "SEV3, open for 5 days"
    assert "t1: Subject 1" not in found
    assert "Not shown: 1 more." in shown(made)


def test_the_three_questions_are_always_asked_and_what_is_missing_after_them() -> None:
    found = rows(review(goals=[goal("g", "on_track", metric="latency", baseline=8, target=2)]), QUESTIONS)
    assert [row[0] for row in found[:3]] == [
        "What is working well for you?",
        "What is frustrating?",
        "What are your three most important requests?",
    ]
    assert any(row[0].startswith("What did “latency” do since") for row in found[3:])


# ── Proposals and asks ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "key", "words"),
    [
        ({"goals": [goal("g", "missed")]}, "goal.g", "Set a new day and the next step for “Goal g”"),
        ({"goals": [goal("g", "on_track", due=dt.date(2026, 6, 1))]}, "goal.g", "Set a new day"),
        ({"goals": [goal("g", "at_risk")]}, "goal.g", "Bring back on its way “Goal g”"),
        ({"goals": [goal("g", "on_track", due=dt.date(2026, 9, 30))]}, "goal.g", "Reach “Goal g” by 2026-09-30"),
        ({"goals": [goal("g", "on_track", due=dt.date(2026, 10, 1))]}, "goal.next", "Set the next outcome"),
        ({"goals": [goal("g", None)]}, "goal.g", "Agree on how “Goal g” is measured"),
        ({"goals": [goal("g", "achieved")]}, "goal.next", "Set the next outcome"),
        ({}, "goal.next", "Set the next outcome"),
        ({"tickets": [ticket("t", days_ago=3, severity="SEV1", subject="Down")]}, "incident", "a repeat of “Down”"),
        ({"features": feature_on(days_before(100), "one")}, "features.more", "Pick one more feature"),
        (
            {"signals": [Signal(id="s", account_id="acme", date=days_before(3), kind="new_use_case", text="secret")]},
            "use_case",
            "the further use case that you brought up",
        ),
    ],
)
def test_proposals_come_from_what_is_on_record(facts: dict[str, Any], key: str, words: str) -> None:
    found = {each.key: each.what for each in data(review(**facts)).proposals}
    assert words in found[key]


HEALTHY: dict[str, Any] = {
    "use": days_of_use(days_before(200), days_before(0), active_users=40, api_calls=1000, errors=0),
    "features": feature_on(days_before(3), *"abcdefgh"),
    "touchpoints": [touchpoint("q", "qbr", days_ago=20), touchpoint("c", "champion_action", None, days_ago=20)],
    "contacts": [contact("ann", name="Ann", is_champion=True, stakeholder="exec_sponsor")],
}

LITTLE_USE = {
    "use": days_of_use(days_before(200), days_before(0), active_users=1, api_calls=1000, errors=0),
    "features": feature_on(days_before(3), "a"),
}


@pytest.mark.parametrize(
    ("scores", "facts", "allowed", "why"),
    [
        ((10, 10, 10, 9), {}, True, ""),
        ((10, 10, 7, 6), {}, False, "it takes 50"),
        ((), {}, False, "NPS"),
        ((10, 10, 10, 9), {"tickets": [ticket("t", days_ago=1, severity="SEV2")]}, False, "a severe ticket is open"),
        ((10, 10, 10, 9), {"goals": []}, False, "no goal is achieved yet"),
        ((10, 10, 10, 9), LITTLE_USE, False, "it takes 80"),
    ],
)
def test_a_case_study_is_asked_for_where_health_and_nps_allow_it(
    scores: tuple[int, ...], facts: dict[str, Any], allowed: bool, why: str
) -> None:
    nps = [response(str(i), score, days_ago=9) for i, score in enumerate(scores)]
    given = HEALTHY | {"nps": nps, "goals": [goal("g", "achieved", baseline=1, target=2, current=2)]} | facts
    made = review(**given)
    assert ("case_study" in {each.key for each in data(made).asks}) is allowed
    assert (f"No case study: {why}" in shown(made) or why in shown(made)) if why else "No case study" not in shown(made)


def test_introductions_are_asked_for_where_nobody_is_on_record() -> None:
    contacts = [
        contact("o", stakeholder="business_owner"),
        contact("d", stakeholder="developer", left_on=days_before(1)),
    ]
    made = review(contacts=contacts)
    asked = [each.key for each in data(made).asks]
    assert asked == ["introduction.exec_sponsor", "introduction.developer"]
    assert {each.stakeholder: each.names for each in data(made).attendees}["business_owner"] == ("o",)


# ── Health, and who reads what ────────────────────────────────────────────────────────────────────────────────────


def test_health_is_that_of_the_ends_of_both_quarters() -> None:
    tickets = [ticket(f"t{i}", opened_at=noon(dt.date(2026, 3, 20))) for i in range(20)]
    use = days_of_use(dt.date(2025, 9, 1), days_before(0), active_users=40, api_calls=1000, errors=0)
    made = review("2026Q1", use=use, tickets=tickets, features=feature_on(dt.date(2025, 12, 30), "a"))
    health = data(made).health
    assert health is not None
    assert health.end_of_quarter is not None
    assert health.end_of_quarter_before is not None
    assert health.change is not None
    assert health.change == pytest.approx(health.end_of_quarter - health.end_of_quarter_before)
    assert health.change < 0
    assert "main mover: " in shown(made)


def test_a_key_has_one_value_in_an_answer() -> None:
    made = review("2026Q1", **HEALTHY)
    values: dict[tuple[str, str | None], Any] = {}
    for figure in made.figures:
        assert values.setdefault((figure.key, figure.account_id), figure.value) == figure.value


def customers(made: Report, name: str = "Acme") -> Disclosed:
    unsaid = Unsaid(frozenset({"sam"}), directory_of([]), "acme", amounts=frozenset({100_000.0}), name=name)
    return for_customer(made.blocks, with_shown(made.figures), load_disclosure(), unsaid)


RICH: dict[str, Any] = HEALTHY | {
    "one": account(usage_model="hybrid"),
    "goals": [goal("g", "achieved", baseline=1, target=2, current=2, value_amount=250_000), goal("h", "at_risk")],
    "tickets": [ticket(f"t{i}", days_ago=i, severity="SEV1", subject=f"Broken {i}") for i in range(1, 12)],
    "nps": [response(str(i), 9, days_ago=90 + i) for i in range(4)],
    "roadmap": FUTURE,
    "feedback": [request(f"r{i}", f"Wish number {'abcdefghij'[i]}") for i in range(10)],
    "commitments": [Commitment(id="p", account_id="acme", by="us", what="Secret promise", due=days_before(3))],
    "signals": [Signal(id="s", account_id="acme", date=days_before(3), kind="budget_cut", text="They cut")],
    "arr_movements": [ArrMovement(id="m", account_id="acme", date=days_before(400), kind="new", amount=100_000)],
}


@pytest.mark.parametrize("facts", [RICH, {}])
def test_the_customers_form_is_a_whole_deck_without_a_word_of_ours(facts: dict[str, Any]) -> None:
    made = review("2026Q1", **facts)
    told_them = customers(made)
    slides = [block for block in told_them.blocks if isinstance(block, Heading)]
    said = to_text(told_them.blocks, told_them.figures, 200)
    assert 8 <= len(slides) + 1 <= 12
    own = {told(made, b.text) for b in made.blocks if isinstance(b, Heading)}
    assert {b.text[0] for b in slides} == {each for each in own if each.startswith("Part") or each == "Agenda"}
    assert [left for left in told_them.withheld if left.kind in ("row", "column", "chart", "metrics", "heading")] == []
    for word in ("ARR", "churn", "renewal", "Health", "Secret", "champion", "New metering", "at risk", "USD 100,000"):
        assert word.casefold() not in said.casefold()
    assert isinstance(told_them.blocks[0], Verdict)


def test_every_slide_holds_its_table() -> None:
    """Eight rows at most, and one table beside at most a few values."""
    made = review("2026Q1", **RICH)
    for heading in (told(made, b.text) for b in made.blocks if isinstance(b, Heading)):
        if heading.startswith("Part"):
            tables = [block for block in below(made, heading) if isinstance(block, Table)]
            assert [0 < len(each.rows) <= 8 for each in tables] in ([], [True]), heading


def test_the_return_is_told_without_what_is_paid() -> None:
    made = review(goals=[goal("g", "achieved", value_amount=250_000)])
    said = customers(made)
    words = to_text(said.blocks, said.figures, 200)
    assert "Times what you pay   2.5" in words
    assert "USD 250,000" in words
    assert all("ARR" not in figure.formula for figure in said.figures)


# ── Accounts of every kind ────────────────────────────────────────────────────────────────────────────────────────


def first(made: Report) -> Verdict:
    assert isinstance(made.blocks[0], Verdict)
    return made.blocks[0]


def test_an_account_that_is_no_customer_yet_has_no_review() -> None:
    starts = days_before(-20)
    made = review(
        one=account(contract_start=starts),
        arr_movements=[ArrMovement(id="m", account_id="acme", date=starts, kind="new", amount=100_000)],
    )
    assert told(made, first(made).headline) == f"Acme is not a customer yet: its contract starts {starts}"
    assert len(made.blocks) == 1


def test_who_left_is_told_first() -> None:
    made = review(one=account(lifecycle="churned"))
    assert told(made, first(made).lines[0]).startswith("Acme has left: ")


def test_a_quarter_before_the_contract_leads_to_the_running_one() -> None:
    made = review("2026Q1", one=account(contract_start=dt.date(2026, 5, 1)))
    assert "after 2026Q1: /qbr acme this reviews the running quarter." in told(made, first(made).lines[0])


def test_an_account_with_nothing_on_record_gets_questions_in_every_part() -> None:
    bare = account(
        licensed_seats=None, features_available=None, contract_start=None, renewal_date=None, arr=None, owner=None
    )
    made = review(one=bare, covered=dict.fromkeys(("usage", "feature_usage", "tickets", "nps", "touchpoints")))
    assert "None" not in shown(made)
    assert len(first(made).lines) <= 11
    assert {each.part for each in data(made).prompts} == {"usage", "outcomes", "roadmap"}


def test_without_an_account_it_is_asked_for() -> None:
    with pytest.raises(InvalidArguments) as asked:
        COMMAND.needs(QbrArgs())
    assert asked.value.extra["missing"] == ["account"]
