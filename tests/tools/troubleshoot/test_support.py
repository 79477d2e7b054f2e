"""Tiers of support (persona §4.1): self-service first, four business hours, one hour for a SEV1."""

import datetime as dt
from typing import Any

import pytest

from app.domain.snapshot import ArticleEntry
from tests.snapshots import AS_OF, ticket
from tests.tools.troubleshoot import asked
from tests.tools.troubleshoot.asked import ask, data, diagnosed_as, found, letter_of, told

FRIDAY_16 = dt.datetime(2026, 6, 26, 16, tzinfo=dt.UTC)
MONDAY_12 = dt.datetime(2026, 6, 29, 12, tzinfo=dt.UTC)


def test_what_an_article_answers_is_tier_1_and_the_article_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "known", "The token had expired"))
    outcome = ask("401")
    support = data(outcome).support
    assert (support.tier, support.article, support.first_response_due) == (1, "jwt", None)
    assert "Tier 1, self-service: the article “JWT authentication failures” (jwt) answers it." in told(outcome)


def test_an_article_is_found_in_the_collection_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "known", "The token had expired"))
    monkeypatch.setattr(asked, "articles", lambda: (ArticleEntry("cse.jwt", "Tokens", "customer", AS_OF),))
    outcome = ask("401")
    assert data(outcome).support.article == "cse.jwt"
    assert "Our article “Tokens” tells more about it." in letter_of(outcome)


def test_a_mere_possibility_is_not_answered_by_its_article(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "possible", "Perhaps expired"))
    support = data(ask("401")).support
    assert (support.tier, support.article, support.articles) == (2, None, ("jwt",))


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        (dt.datetime(2026, 6, 26, 9, tzinfo=dt.UTC), "UTC", dt.datetime(2026, 6, 26, 13, tzinfo=dt.UTC)),
        (FRIDAY_16, "UTC", MONDAY_12),  # one hour on Friday, three on Monday
        (dt.datetime(2026, 6, 27, 10, tzinfo=dt.UTC), "UTC", dt.datetime(2026, 6, 29, 13, tzinfo=dt.UTC)),
        (dt.datetime(2026, 6, 26, 14, tzinfo=dt.UTC), "America/New_York", dt.datetime(2026, 6, 26, 18, tzinfo=dt.UTC)),
    ],
)
def test_tier_2_answers_within_four_business_hours(
    monkeypatch: pytest.MonkeyPatch, now: dt.datetime, zone: str, due: dt.datetime
) -> None:
    diagnosed_as(monkeypatch)
    assert data(ask("it fails", now=now, zone=zone)).support.first_response_due == due


def test_a_sev1_counts_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("service_unavailable", "product", "likely", "Our service answered 503"))
    support = data(ask("SEV1: the API is down", now=FRIDAY_16)).support
    assert (support.tier, support.first_response_due) == (3, FRIDAY_16 + dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"opened_at": dt.datetime(2026, 6, 25, 9, tzinfo=dt.UTC)}, dt.datetime(2026, 6, 25, 13, tzinfo=dt.UTC)),
        (
            {
                "opened_at": dt.datetime(2026, 6, 25, 9, tzinfo=dt.UTC),
                "first_response_at": dt.datetime(2026, 6, 25, 10, tzinfo=dt.UTC),
            },
            None,
        ),
    ],
)
def test_of_a_ticket_it_counts_from_its_opening_until_somebody_answered(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], due: dt.datetime | None
) -> None:
    diagnosed_as(monkeypatch)
    facts = {"tickets": (ticket("T-7", subject="It fails", **fields),)}
    outcome = ask(ticket="T-7", facts=facts)
    assert data(outcome).support.first_response_due == due
    assert ("first response given" in told(outcome)) == (due is None)
