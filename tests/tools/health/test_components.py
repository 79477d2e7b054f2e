"""Each component at its edges: full and no points, unknown, not applicable, empty divisors, feeds that lag or are old.

AS_OF is Friday 2026-06-26; the 28 days to it (from Saturday 2026-05-30) hold 20 working days.
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain import records
from tests.snapshots import (
    AS_OF,
    account,
    contact,
    daily_usage,
    days_before,
    features_used,
    goal,
    noon,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import component

UNKNOWN = ("unknown", None)
NOT_APPLICABLE = ("not_applicable", None)


def known(points: float) -> tuple[str, Any]:
    return "known", pytest.approx(points, abs=1e-9)


def users(number: int, **fields: Any) -> list[records.Usage]:
    return daily_usage(days=28, active_users=number, **fields)


@pytest.mark.parametrize(
    ("fields", "usage", "expected"),
    [
        ({"licensed_seats": 50}, users(20), known(20)),  # 20 ÷ 50 = 0.40, the target
        ({"licensed_seats": 50}, users(10), known(10)),  # 0.20 of 0.40
        ({"licensed_seats": 50}, users(0), known(0)),
        ({"licensed_seats": 50}, users(500), known(20)),  # ten times the seats earn no more than all points
        ({"licensed_seats": 0}, users(5), UNKNOWN),
        ({"licensed_seats": None}, users(5), UNKNOWN),
        ({"licensed_seats": 50}, [], UNKNOWN),
        ({"licensed_seats": 50}, daily_usage(days=28, api_calls=9), UNKNOWN),  # calls say nothing of users
        ({"usage_model": "api"}, users(5), NOT_APPLICABLE),
        # the first row was Thursday: two working days, not 20
        ({"licensed_seats": 50}, daily_usage(days=2, active_users=10), known(10)),
        # used until 29 days ago, and never since: 0, not unknown
        ({"licensed_seats": 50}, daily_usage(days=5, ends=days_before(28), active_users=40), known(0)),
        # up to 10 seats: distinct users of 28 days where they are known, else the mean
        ({"licensed_seats": 10}, users(1, distinct=4), known(20)),
        ({"licensed_seats": 10}, users(1), known(20 * (1 / 10) / 0.4)),
        ({"licensed_seats": 11}, users(1, distinct=11), known(20 * (1 / 11) / 0.4)),
    ],
)
def test_dau(fields: dict[str, Any], usage: list[records.Usage], expected: tuple[str, float | None]) -> None:
    assert component("dau", account(**fields), usage=usage) == expected


def test_dau_of_a_first_row_at_the_weekend_is_unknown() -> None:
    """No working day yet: nothing to take a mean over."""
    sunday = dt.date(2026, 6, 28)
    usage = daily_usage(days=2, ends=sunday, active_users=9)
    assert component("dau", as_of=sunday, covered={"usage": sunday}, usage=usage) == UNKNOWN


def calls(recent: int, before: int, span: int = 84) -> list[records.Usage]:
    """`recent` calls a day for 28 days, `before` a day in the `span` days before."""
    earlier = daily_usage(days=span, ends=days_before(28), api_calls=before)
    return earlier + daily_usage(days=28, api_calls=recent)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (calls(900, 1000), known(10)),  # 0.9 of the usual
        (calls(700, 1000), known(5)),  # (0.7 − 0.5) ÷ 0.4
        (calls(500, 1000), known(0)),
        (calls(100, 1000), known(0)),
        (calls(9000, 1000), known(10)),
        (calls(900, 1000, span=56), known(10)),  # 56 days before are enough: 56,000 ÷ 56 × 28
        (calls(900, 1000, span=55), UNKNOWN),
        (calls(900, 0), UNKNOWN),  # nothing to compare with
        (users(5), UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_api_calls(usage: list[records.Usage], expected: tuple[str, float | None]) -> None:
    assert component("api_calls", usage=usage) == expected


def test_api_calls_do_not_apply_to_an_account_billed_by_seats() -> None:
    assert component("api_calls", account(usage_model="seats"), usage=calls(1, 1000)) == NOT_APPLICABLE


@pytest.mark.parametrize(
    ("available", "number", "expected"),
    [
        (10, 6, known(10)),
        (10, 3, known(5)),
        (10, 90, known(10)),  # 900 %: limited to all points
        (10, 0, UNKNOWN),
        (0, 3, UNKNOWN),
        (None, 3, UNKNOWN),
    ],
)
def test_feature_adoption(available: int | None, number: int, expected: tuple[str, float | None]) -> None:
    one = account(features_available=available)
    assert component("feature_adoption", one, feature_usage=features_used(number=number)) == expected


@pytest.mark.parametrize(
    ("days_ago", "count", "expected"),
    [
        (28, 1, known(0)),  # used earlier: the days since are 0, not unknown
        (300, 1, known(0)),
        (5, 0, known(0)),  # on record as not used
        (-1, 1, ("unknown", None)),  # used only after as_of
    ],
)
def test_no_feature_use_lately_is_zero_from_the_first_row_on(
    days_ago: int, count: int, expected: tuple[str, float | None]
) -> None:
    row = records.FeatureUsage(account_id="acme", date=days_before(days_ago), feature="f", count=count)
    assert component("feature_adoption", feature_usage=[row]) == expected


def test_a_feature_counts_once_whatever_the_environment_and_only_where_it_was_used() -> None:
    def used(feature: str, days_ago: int, **fields: Any) -> records.FeatureUsage:
        return records.FeatureUsage(account_id="acme", date=days_before(days_ago), feature=feature, **fields)

    rows = [
        used("export", 0, environment="sandbox", count=3),
        used("export", 1, count=3),
        used("import", 27),  # an unknown count is a use
        used("search", 28, count=5),  # a day too early
        used("alerts", 0, count=0),  # not used
    ]
    assert component("feature_adoption", feature_usage=rows) == known(10 * (2 / 10) / 0.6)


def nps(*scores: int) -> list[records.NpsResponse]:
    return [response(f"n{i}", score) for i, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        (nps(9, 10, 7, 3), known(15 * (100 * (2 - 1) / 7 + 100) / 150)),  # 4 answers and 3 neutral ones
        (nps(*[10] * 3), known(15)),  # 300 ÷ 6 = 50, the target
        (nps(*[0] * 97), known(15 * (100 * -97 / 100 + 100) / 150)),  # 0.3
        (nps(8), known(10)),  # 0 is 100 ÷ 150 of the way
        (nps(9), known(15 * 125 / 150)),  # one promoter does not prove 100
        ([], UNKNOWN),
        ([response("n", 10, days_ago=179)], known(15 * 125 / 150)),
        ([response("n", 10, days_ago=180)], UNKNOWN),
    ],
)
def test_nps(responses: list[records.NpsResponse], expected: tuple[str, float | None]) -> None:
    assert component("nps", nps=responses) == expected


def test_nps_takes_the_latest_answer_of_each_contact_and_every_anonymous_one() -> None:
    responses = [
        response("n1", 0, contact_id="jo", days_ago=100),
        response("n2", 10, contact_id="jo", days_ago=10),
        response("n3", 0, contact_id="jo", days_ago=50),
        response("n4", 10, contact_id="al", days_ago=50),
        response("n5", 10, days_ago=3),
        response("n6", 3, days_ago=3),
    ]
    # promoters n2, n4, n5, detractor n6: 100 × 2 ÷ (4 + 3)
    assert component("nps", nps=responses) == known(15 * (200 / 7 + 100) / 150)


def meetings(attended: int, no_show: int = 0, declined: int = 0, **fields: Any) -> list[records.Touchpoint]:
    statuses = ["attended"] * attended + ["no_show"] * no_show + ["declined"] * declined
    return [touchpoint(f"m{i}", "webinar", status, **fields) for i, status in enumerate(statuses)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("touchpoints", "expected"),
    [
        (meetings(4, 1), known(10)),  # 0.8
        (meetings(2, 1, 2), known(5)),  # 0.4
        (meetings(0, 3), known(0)),
        (meetings(1, days_ago=179), known(10)),
        (meetings(1, days_ago=180), UNKNOWN),
        ([touchpoint("m", "qbr", "cancelled_by_us"), touchpoint("n", "qbr", "scheduled")], UNKNOWN),
        ([touchpoint("m", "call", "attended"), touchpoint("n", "email", None)], UNKNOWN),  # other kinds
        ([], UNKNOWN),
    ],
)
def test_outreach(touchpoints: list[records.Touchpoint], expected: tuple[str, float | None]) -> None:
    assert component("outreach", touchpoints=touchpoints) == expected


def acted(days_ago: int, status: records.TouchpointStatus | None = None) -> list[records.Touchpoint]:
    return [touchpoint("c", "champion_action", status, days_ago=days_ago)]


CHAMPION, GONE = contact("jo", is_champion=True), contact("al", is_champion=True, left_on=days_before(30))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"touchpoints": acted(89)}, known(5)),
        ({"touchpoints": acted(90)}, known(0)),
        ({"touchpoints": acted(5, "attended")}, known(5)),
        ({"touchpoints": acted(5, "no_show")}, UNKNOWN),  # it did not take place
        ({"touchpoints": [touchpoint("b", "beta", None)]}, known(5)),
        ({"signals": [signal("s", "advocacy")]}, known(5)),
        ({"signals": [signal("s", "budget_cut")]}, UNKNOWN),
        ({}, UNKNOWN),
        ({"contacts": [CHAMPION]}, UNKNOWN),  # a champion is marked; no action was ever recorded
        ({"contacts": [GONE]}, known(0)),
        ({"contacts": [GONE], "touchpoints": acted(40)}, known(0)),  # the action came before the champion left
        ({"contacts": [GONE, CHAMPION], "touchpoints": acted(5)}, known(5)),
        ({"contacts": [GONE, CHAMPION]}, UNKNOWN),
        # a feed too old to say that nothing happened since; a signal feed never connected is no obstacle
        ({"touchpoints": acted(100), "covered": {"signals": days_before(8)}}, UNKNOWN),
        ({"touchpoints": acted(100), "covered": {"signals": None}}, known(0)),
        ({"touchpoints": acted(20), "covered": {"touchpoints": days_before(8)}}, known(5)),  # it is on record
        (
            {"touchpoints": acted(1), "covered": {"touchpoints": days_before(8)}},
            known(5),
        ),  # logged after the feed's end
        ({"touchpoints": acted(92), "covered": {"touchpoints": days_before(4)}}, known(5)),  # the window is shifted
        ({"touchpoints": acted(92), "covered": {"touchpoints": days_before(8)}}, UNKNOWN),  # no silence is proven
        ({"signals": [signal("s", "advocacy", days_ago=100)], "covered": {"touchpoints": None}}, UNKNOWN),
        ({"signals": [signal("s", "advocacy", days_ago=10)], "covered": {"touchpoints": None}}, known(5)),
    ],
)
def test_champion(facts: dict[str, Any], expected: tuple[str, float | None]) -> None:
    assert component("champion", **facts) == expected


def opened(number: int, days_ago: int = 3, **fields: Any) -> list[records.Ticket]:
    return [ticket(f"t{days_ago}-{i}", days_ago=days_ago, **fields) for i in range(number)]


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ([], known(10)),  # connected, and none: a known zero
        (opened(5), known(10)),
        (opened(10), known(5)),
        (opened(15), known(0)),
        (opened(40), known(0)),
        (opened(20, days_ago=30), known(10)),
        (opened(15, days_ago=29), known(0)),
    ],
)
def test_ticket_volume(tickets: list[records.Ticket], expected: tuple[str, float | None]) -> None:
    assert component("ticket_volume", tickets=tickets) == expected


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ([ticket("t", days_ago=5, severity="SEV2", hours=72)], known(5)),  # on target
        ([ticket("t", days_ago=9, severity="SEV2", hours=144)], known(2.5)),  # twice the target
        ([ticket("t", days_ago=9, severity="SEV1", hours=24)], known(0)),  # three times
        ([ticket("t", days_ago=9, hours=168)], known(5)),  # no severity counts as SEV3
        ([ticket("t", days_ago=40, severity="SEV4", hours=2 * 336)], known(2.5)),
        ([ticket("t", days_ago=200, severity="SEV3", hours=110 * 24)], UNKNOWN),  # resolved 90 days ago
        ([], UNKNOWN),
        ([ticket("t", days_ago=2, severity="SEV3")], UNKNOWN),  # open, and within its target
        # open since noon 3 days ago: 84 hours to the end of as_of, of 72
        ([ticket("t", days_ago=3, severity="SEV2")], known(5 * (3 - 84 / 72) / 2)),
        # median of 0.5, 1.5 and 2.5, and of 0.5 and 1.5
        ([ticket(f"t{i}", days_ago=20, severity="SEV2", hours=h) for i, h in enumerate((36, 108, 180))], known(3.75)),
        ([ticket(f"t{i}", days_ago=20, severity="SEV2", hours=h) for i, h in enumerate((36, 108))], known(5)),
        # resolved before it was opened: left out
        ([ticket("t", days_ago=5, hours=-4)], UNKNOWN),
    ],
)
def test_resolution_time(tickets: list[records.Ticket], expected: tuple[str, float | None]) -> None:
    assert component("resolution_time", tickets=tickets) == expected


def test_a_reopened_ticket_is_open() -> None:
    opened_at = noon(days_before(10))
    again = ticket(
        "t",
        opened_at=opened_at,
        severity="SEV2",
        resolved_at=opened_at + dt.timedelta(hours=1),
        reopened_at=opened_at + dt.timedelta(hours=2),
    )
    assert component("resolution_time", tickets=[again]) == known(0)  # 252 hours of 72


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ([], known(5)),
        (opened(9), known(5)),
        (opened(1, escalated=True), known(4)),
        (opened(5, escalated=True), known(0)),
        (opened(8, escalated=True), known(0)),
        (opened(5, days_ago=90, escalated=True), known(5)),
        ([ticket("t", days_ago=2, escalated=True, escalated_at=noon(AS_OF + dt.timedelta(days=1)))], known(5)),
    ],
)
def test_escalations(tickets: list[records.Ticket], expected: tuple[str, float | None]) -> None:
    assert component("escalations", tickets=tickets) == expected


@pytest.mark.parametrize(
    ("goals", "expected"),
    [
        ([goal(str(i), "on_track") for i in range(4)] + [goal("x", "missed")], known(10)),  # 0.8
        ([goal("a", "achieved"), goal("b", "at_risk"), goal("c", None)], known(10 * 0.5 / 0.8)),
        ([goal("a", "on_track", due=days_before(1))], known(0)),  # past due, not achieved
        ([goal("a", "on_track", due=AS_OF)], known(10)),
        ([goal("a", "achieved", due=days_before(1))], known(10)),
        ([goal("a", None, due=days_before(1))], UNKNOWN),
        ([goal("a", "achieved", status_on=AS_OF + dt.timedelta(days=1))], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_outcomes(goals: list[records.Goal], expected: tuple[str, float | None]) -> None:
    assert component("outcomes", goals=goals) == expected


FEED_FACTS: dict[str, Any] = {
    "usage": calls(900, 1000),
    "feature_usage": features_used(),
    "tickets": opened(3, hours=5),
    "nps": nps(9),
    "touchpoints": meetings(2),
}
FED = [
    ("usage", "api_calls"),
    ("feature_usage", "feature_adoption"),
    ("nps", "nps"),
    ("touchpoints", "outreach"),
    ("tickets", "ticket_volume"),
    ("tickets", "resolution_time"),
    ("tickets", "escalations"),
]


@pytest.mark.parametrize(("table", "key"), FED)
@pytest.mark.parametrize(
    ("last_day", "state"), [(days_before(7), "known"), (days_before(8), "unknown"), (None, "unknown")]
)
def test_a_feed_more_than_seven_days_old_or_not_connected_says_nothing(
    table: str, key: str, last_day: dt.date | None, state: str
) -> None:
    # The facts lie where the window that ends 7 days ago still holds them.
    facts = FEED_FACTS | {
        "feature_usage": features_used(day=days_before(10)),
        "tickets": opened(3, days_ago=12, hours=5),
        "nps": [response("n", 9, days_ago=20)],
        "touchpoints": meetings(2, days_ago=20),
    }
    assert component(key, covered={table: last_day}, **facts)[0] == state


def test_a_window_is_shifted_not_shortened() -> None:
    """Usage that ends five days ago is measured over the 28 days to that day: no decline is read into the gap."""
    usage = daily_usage(days=28, ends=days_before(5), active_users=20)
    assert component("dau", usage=usage, covered={"usage": days_before(5)}) == known(20)


def test_days_begin_and_end_in_the_time_zone() -> None:
    """23:30 UTC on 27 May is the 28th in Berlin, the first of the 30 days."""
    late = [ticket(f"t{i}", opened_at=dt.datetime(2026, 5, 27, 23, 30, tzinfo=dt.UTC)) for i in range(15)]
    assert component("ticket_volume", tickets=late) == known(10)
    assert component("ticket_volume", tickets=late, zone=ZoneInfo("Europe/Berlin")) == known(0)
