"""Words name a figure, or another one, by the labels that the commands gave them."""

import datetime as dt

import pytest

from app.agent.metric_nouns import (
    is_measured_otherwise,
    is_named_otherwise,
    label_nouns,
    naming_words,
    nouns,
    words_of,
)
from app.domain.figures import Figure


def figure(key: str, label: str, unit: str) -> Figure:
    return Figure(
        key=key, label=label, value=1, unit=unit, account_id="acme", as_of=dt.date(2026, 11, 25), formula="as given"
    )


FIGURES = {
    f.key: f
    for f in (
        figure("health.score", "Health score", "points"),
        figure("health.nps.points", "Points of NPS", "points"),
        figure("nps.score.180d", "NPS, 180 days to 2026-11-25", "points"),
        figure("arr", "ARR", "USD"),
        figure("portfolio.arr_at_risk", "ARR at risk", "USD"),
        figure("portfolio.accounts", "Accounts", "count"),
        figure("portfolio.accounts.red", "Accounts, red", "count"),
        figure("renewal.date", "Renewal date", "date"),
        figure("renewal.decision_date", "Decision date", "date"),
        figure("renewal.days_to_decision", "Days to the decision date", "days"),
        figure("action.open_sev1.due", "Due day: open sev1", "date"),
        figure("seats.licensed", "Licensed seats", "seats"),
        figure("tickets.opened.30d", "Tickets opened, 30 days to 2026-11-25", "tickets"),
        figure("tickets.escalated.90d", "Escalated tickets, 90 days to 2026-11-25", "tickets"),
        figure("usage.api_calls.28d", "API calls, 28 days to 2026-11-24", "calls"),
        figure("usage.api_calls.prior_28d", "API calls before, 28 days to 2026-10-27", "calls"),
        figure("usage.active_users.mean", "Mean active users a working day, 28 days to 2026-11-24", "users"),
        figure("contacts.champions", "Champions", "count"),
        figure("contacts.champions_left", "Champions who left", "count"),
        figure("escalation.quality", "Escalation quality", "points"),
        figure("escalation.threshold", "Escalation quality needed", "points"),
        figure("feedback.web.rice", "RICE of Send a webhook for every change of a payment", "RICE"),
        figure("feedback.web.effort", "Effort of Send a webhook for every change of a payment", "weeks"),
    )
}


def test_words_are_in_lower_case_and_singular() -> None:
    assert words_of("Policies, SEATS and days_of status") == ["policy", "seat", "and", "day", "of", "status"]


def test_words_of_figures_are_those_of_their_labels() -> None:
    assert naming_words("They decide and use revenue") == ["they", "decision", "and", "used", "arr"]


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("Licensed seats", {"licensed", "seat"}),
        ("API calls, 28 days to 2026-11-24", {"api", "call"}),
        ("Accounts, churn level high", {"account", "churn", "level", "high"}),
        ("Days to the decision date", {"day", "decision", "date"}),
        ("Champions who left", {"champion", "left"}),
        ("RICE of Send a webhook for every change of a payment", {"rice"}),
        ("Points of NPS", {"point", "nps"}),
        ("", set()),
    ],
)
def test_a_label_names_without_its_period_and_title(label: str, named: set[str]) -> None:
    assert label_nouns(label) == named


def test_the_nouns_of_a_figure_are_of_its_label_key_and_unit() -> None:
    assert nouns(FIGURES["seats.licensed"]) == {"licensed", "seat"}
    assert nouns(FIGURES["renewal.days_to_decision"]) == {"day", "decision", "date", "renewal"}
    assert "usd" in nouns(FIGURES["arr"])


@pytest.mark.parametrize(
    ("key", "words", "otherwise"),
    [
        ("health.score", "the health score is", False),
        ("health.score", "it stands at", False),  # what names nothing names nothing else
        ("health.score", "ARR is", True),
        ("arr", "the health score is", True),
        ("arr", "seats", True),  # a unit's noun names what is counted in it
        ("arr", "ARR at risk is", True),
        ("portfolio.arr_at_risk", "ARR is", True),  # all of another's name, and only some of its own
        ("portfolio.arr_at_risk", "ARR at risk is", False),
        ("portfolio.accounts", "accounts", False),
        ("portfolio.accounts", "accounts are red", True),
        ("portfolio.accounts.red", "accounts are red", False),
        ("contacts.champions_left", "champions", True),
        ("contacts.champions_left", "champions left", False),
        ("renewal.date", "the decision date is", True),
        ("renewal.date", "they decide on", True),
        ("renewal.decision_date", "the renewal is on", True),
        ("tickets.opened.30d", "escalated tickets", True),
        ("tickets.opened.30d", "tickets", False),
        ("usage.api_calls.prior_28d", "calls", True),  # nothing says that they are of before
        ("usage.api_calls.prior_28d", "calls after", False),
        ("usage.api_calls.prior_28d", "down from API calls", False),
        ("usage.api_calls.28d", "API calls", False),
        ("escalation.quality", "the threshold is", True),  # another's key
        ("escalation.quality", "the quality is", False),
        ("feedback.web.rice", "send a webhook has RICE", False),
        ("feedback.web.effort", "RICE is", True),
    ],
)
def test_words_may_name_another_figure(key: str, words: str, otherwise: bool) -> None:
    assert is_named_otherwise(FIGURES[key], naming_words(words), FIGURES.values()) is otherwise


def test_the_rest_of_the_sentence_may_complete_a_name() -> None:
    left = FIGURES["contacts.champions_left"]
    assert is_named_otherwise(left, ["champion"], FIGURES.values())
    assert not is_named_otherwise(left, ["champion"], FIGURES.values(), anywhere=["left"])


def test_before_a_deadline_its_matter_is_named_not_the_date() -> None:
    decision, renewal = FIGURES["renewal.decision_date"], FIGURES["renewal.date"]
    settle = naming_words("settle the renewal before")
    assert is_named_otherwise(decision, settle, FIGURES.values())
    assert not is_named_otherwise(decision, settle, FIGURES.values(), loosely=True)
    queue = naming_words("walk through the open queue by")  # one word is not "Due day: open sev1"
    assert not is_named_otherwise(decision, queue, FIGURES.values(), loosely=True)
    assert is_named_otherwise(renewal, naming_words("a decision until"), [decision], loosely=True)
    assert not is_named_otherwise(decision, naming_words("raise ARR before"), FIGURES.values(), loosely=True)


@pytest.mark.parametrize(
    ("key", "following", "otherwise"),
    [
        ("renewal.days_to_decision", " days", False),
        ("renewal.days_to_decision", " working days", False),
        ("renewal.days_to_decision", " weeks", True),
        ("renewal.days_to_decision", " working weeks", True),
        ("renewal.days_to_decision", ", weeks before", False),
        ("tickets.opened.30d", " tickets", False),
        ("tickets.opened.30d", " customers are affected", True),
        ("tickets.opened.30d", " tickets a week", True),
        ("tickets.opened.30d", " tickets per user", True),
        ("usage.active_users.mean", " active users a working day", False),
        ("seats.licensed", "-seat plan", False),
        ("seats.licensed", "-ish seats", True),
        ("seats.licensed", " dozen seats", True),
        ("arr", " million", True),
        ("arr", " of ARR", False),
        ("arr", " a year", False),
        ("arr", " per annum", False),
        ("arr", " a month", True),
        ("arr", " per seat", True),
        ("health.score", " points", False),
        ("health.score", " percent", True),
        ("renewal.date", " customers decide", False),
        ("contacts.champions", "", False),
    ],
)
def test_what_stands_behind_a_figure_may_make_another_amount_of_it(key: str, following: str, otherwise: bool) -> None:
    assert is_measured_otherwise(FIGURES[key], following) is otherwise
