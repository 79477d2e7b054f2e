"""Health, NPS, ticket volume, adoption, and what the desk itself delivers."""

import datetime as dt

import pytest

from app.domain.records import Check, FeatureUsage, FeedbackItem, Integration, NpsResponse, Signal, Ticket, Touchpoint
from app.domain.snapshot import ArticleEntry
from tests.snapshots import account
from tests.tools.metrics.world import metric, of_period

LAST = dt.date(2026, 3, 31)


def features(account_id: str, number: int) -> list[FeatureUsage]:
    return [FeatureUsage(account_id=account_id, date=LAST, feature=f"f{i}", count=1) for i in range(number)]


def test_six_of_ten_features_are_enough() -> None:
    accounts = [account("a"), account("b"), account("c"), account("silent", features_available=None)]
    rows = [*features("a", 6), *features("b", 5), *features("c", 10)]
    data = of_period(accounts, "2026Q1", feature_usage=rows)
    rate, depth = metric(data, "feature_adoption"), metric(data, "feature_adoption_depth")
    assert (rate.numerator, rate.denominator, rate.verdict) == (2, 3, "met")  # 66.7 % against 60
    assert depth.value == pytest.approx((60 + 50 + 100) / 3)
    assert [part.value for part in depth.parts] == [100, 100, 100]
    assert rate.cohort.left_out[0].ids == ("silent",)


def test_nps_counts_each_contacts_latest_answer() -> None:
    given = [("a", "x", 2), ("a", "x", 10), ("a", None, 9), ("b", "y", 8), ("b", "z", 0), ("gone", "w", 0)]
    answers = [
        NpsResponse(
            id=str(i),
            account_id=who,
            contact_id=contact,
            responded_at=dt.datetime(2026, 3, i + 1, 12, tzinfo=dt.UTC),
            score=score,
        )
        for i, (who, contact, score) in enumerate(given)
    ]
    accounts = [account("a"), account("b"), account("c"), account("gone", lifecycle="churned")]
    found = metric(of_period(accounts, "2026Q1", nps=answers), "nps")
    assert (found.value, found.cohort.n) == (25, 4)  # two promoters and one detractor of four
    assert [(each.reason, each.ids) for each in found.cohort.left_out] == [("no answer in 180 days", ("c",))]


def test_tickets_a_customer_and_month() -> None:
    tickets = [
        Ticket(id=f"t{i}", account_id="a", opened_at=dt.datetime(2026, 2, 2, 10, tzinfo=dt.UTC)) for i in range(12)
    ]
    accounts = [account("a"), account("b"), account("blind")]
    data = of_period(accounts, "2026Q1", tickets=tickets, covered={"tickets": {"blind": None}})
    found = metric(data, "ticket_volume")
    assert (found.value, found.denominator) == (2, 6)  # two customers, three months
    assert found.cohort.left_out[0].ids == ("blind",)


def test_of_a_period_that_runs_only_the_days_that_are_over_count() -> None:
    tickets = [Ticket(id="t", account_id="acme", opened_at=dt.datetime(2026, 6, 2, 10, tzinfo=dt.UTC))]
    data = of_period([account()], "2026-06", tickets=tickets)
    assert data.running
    assert data.last == dt.date(2026, 6, 26)
    assert metric(data, "ticket_volume").denominator == pytest.approx(26 / 30)


def test_an_unknown_health_score_is_no_zero() -> None:
    found = metric(of_period([account()], "2026Q1", covered={"tickets": None, "nps": None}), "health_score")
    assert found.value is None
    assert found.cohort.left_out[0].ids == ("acme",)


def test_articles_and_sessions() -> None:
    written = [("old", "2025-01-01"), ("one", "2026-02-02"), ("two", "2026-03-02"), ("late", "2026-04-02")]
    articles = [ArticleEntry(name, name, "internal", dt.date.fromisoformat(day)) for name, day in written]
    held = [
        Touchpoint(id=f"t{i}", account_id=who, date=dt.date(2026, 2, 2), kind=kind, status=status)
        for i, (who, kind, status) in enumerate(
            [("a", "webinar", "attended"), ("b", "webinar", "attended"), ("a", "training", "attended"),
             ("b", "training", "attended"), ("a", "office_hours", "no_show"), ("a", "call", "attended")]
        )
    ]  # fmt: skip
    data = of_period([account("a"), account("b")], "2026Q1", articles=articles, touchpoints=held)
    assert (metric(data, "kb_contribution").value, metric(data, "kb_contribution").verdict) == (2, "met")
    sessions = metric(data, "enablement")
    assert (sessions.value, sessions.parts[0].value) == (1, 80)  # one webinar and two trainings; 4 of 5 came
    mine = metric(of_period([account("a")], "2026Q1", articles=articles, args={"owner": "sam"}), "kb_contribution")
    assert mine.value is None
    assert "author" in mine.why


def test_feedback_that_product_took_up() -> None:
    day, given = dt.date(2026, 2, 2), [("planned", "a"), ("declined", "a"), ("duplicate", "a"), ("shipped", "b")]
    items = [
        FeedbackItem(id=str(i), title=str(i), category="bug", created_on=day, status=status, account_ids=(who,))
        for i, (status, who) in enumerate(given)
    ]
    accounts = [account("a", segment="smb"), account("b")]
    whole = metric(of_period(accounts, "2026Q1", items=items), "feedback_acceptance")
    assert (whole.numerator, whole.denominator, whole.verdict) == (2, 3, "no_target")
    part = metric(of_period(accounts, "2026Q1", items=items, args={"segment": "smb"}), "feedback_acceptance")
    assert part.value == 50


def test_an_account_is_documented_with_note_status_and_a_look_at_its_risks() -> None:
    recent, old = dt.date(2026, 6, 1), dt.date(2026, 3, 1)
    accounts = [account(one) for one in ("full", "listed", "unset", "stale", "bare")]
    integrations = [
        Integration(account_id="full", kind="erp", status="live", note="Calls /v2 with OAuth"),
        Integration(account_id="listed", kind="erp", status="live"),
        Integration(account_id="unset", kind="erp", note="Calls /v2"),
        Integration(account_id="stale", kind="erp", status="live", note="Calls /v2"),
    ]
    checks = [Check(account_id="listed", checklist="readiness", item="network", state="yes", checked_on=recent)]
    touchpoints = [
        Touchpoint(id="1", account_id="full", date=recent, kind="qbr", status="attended"),
        Touchpoint(id="2", account_id="stale", date=recent, kind="qbr", status="no_show"),
        Touchpoint(id="3", account_id="stale", date=old, kind="qbr", status="attended"),
    ]
    signals = [Signal(id="1", account_id="unset", date=recent, kind="competitor")]
    data = of_period(
        accounts, "2026Q1", integrations=integrations, checks=checks, touchpoints=touchpoints, signals=signals
    )
    found = metric(data, "documentation_hygiene")
    assert (found.numerator, found.denominator, found.verdict) == (2, 5, "missed")
    assert {part.label: part.n for part in found.parts} == {
        "lack the status of each integration": 2,
        "lack a look at its risks within 90 days": 2,
        "lack an architecture note": 1,
    }
    assert metric(of_period(accounts, "2026Q1"), "documentation_hygiene").value is None
