"""From CSV files through the service: a health score worked by hand, every figure with its evidence."""

import datetime as dt

import pytest

from tests.service.conftest import Service
from tests.service.test_data import load

AS_OF = dt.date(2026, 6, 26)  # a Friday
"""The 28 days from 2026-05-30 to 2026-06-26 hold 20 working days."""


def lines(header: str, rows: list[str]) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def usage() -> bytes:
    """112 days: 1,000 calls a day, then 800 in the last 28; 12 users on working days."""
    rows = []
    for back in range(112):
        day = AS_OF - dt.timedelta(days=back)
        users = 12 if day.weekday() < 5 else 1
        rows.append(f"acme,{day},{users},30,{800 if back < 28 else 1000}")
    return lines("account_id,date,active_users,active_users_28d,api_calls", rows)


FILES = {
    "accounts.csv": lines(
        "id,name,arr,currency,licensed_seats,features_available,renewal_date,notice_days",
        ["acme,Acme,100000,USD,50,10,2027-06-30,30"],
    ),
    "contacts.csv": lines("id,account_id,name,is_champion", ["c1,acme,Jo,true", "c2,acme,Al,false"]),
    "usage.csv": usage(),
    "feature_usage.csv": lines(
        "account_id,date,feature,count", [f"acme,2026-06-2{i},f{i},3" for i in range(3)] + ["acme,2026-06-26,f0,1"]
    ),
    "tickets.csv": lines(
        "id,account_id,opened_at,resolved_at,severity,escalated",
        # ratios to target: 36 h ÷ 72 h = 0.5; 336 h ÷ 168 h = 2 → median 1.25
        ["t1,acme,2026-06-01T00:00:00Z,2026-06-02T12:00:00Z,SEV2,true"]
        + ["t2,acme,2026-06-02T00:00:00Z,2026-06-16T00:00:00Z,SEV3,false"]
        # 6 more tickets of the last 30 days, open and within their target of 14 days
        + [f"o{i},acme,2026-06-25T10:00:00Z,,SEV4,false" for i in range(6)],
    ),
    "nps.csv": lines(
        "id,account_id,contact_id,responded_at,score",
        ["n1,acme,c1,2026-05-01T10:00:00Z,3", "n2,acme,c1,2026-06-01T10:00:00Z,9", "n3,acme,c2,2026-06-01T10:00:00Z,7"],
    ),
    "touchpoints.csv": lines(
        "id,account_id,date,kind,status",
        [
            "p1,acme,2026-06-01,qbr,attended",
            "p2,acme,2026-05-01,webinar,attended",
            "p3,acme,2026-05-02,training,declined",
            "p4,acme,2026-03-01,champion_action,",
        ],
    ),
    "goals.csv": lines(
        "id,account_id,title,status,status_on,due",
        ["g1,acme,Faster,on_track,2026-06-01,2026-12-31", "g2,acme,Cheaper,on_track,2026-06-01,2026-06-01"],
    ),
}

EXPECTED = {
    "dau": 20 * ((12 / 50) / 0.40),  # 12.0: 12 users on working days of 50 seats
    "api_calls": 10 * ((22_400 / 28_000 - 0.5) / 0.4),  # 7.5: 800 × 28 against 1,000 × 28
    "feature_adoption": 10 * ((3 / 10) / 0.6),  # 5.0
    "nps": 15 * ((100 * 1 / (2 + 3) + 100) / 150),  # 12.0: one promoter, one passive; the 3 was answered anew
    "outreach": 10 * ((2 / 3) / 0.8),  # 8.333…
    "champion": 0.0,  # the last champion action is more than 90 days ago
    "ticket_volume": 10 * (15 - 8) / 10,  # 7.0
    "resolution_time": 5 * (3 - 1.25) / 2,  # 4.375
    "escalations": 5 * (5 - 1) / 5,  # 4.0
    "outcomes": 10 * ((1 / 2) / 0.8),  # 6.25: one goal is past due
}


def test_a_full_health_score(empty_service: Service) -> None:
    client = empty_service.client()
    job = load(client, FILES)
    assert job["status"] == "done", job
    assert job["result"]["errors"] == []
    answer = client.post("/v1/commands/health", json={"account": "acme", "as_of": str(AS_OF)}).json()
    data = answer["data"]
    points = {c["key"]: c["points"] for c in data["components"]}
    assert points == pytest.approx(EXPECTED, abs=1e-9)
    assert data["score"] == pytest.approx(sum(EXPECTED.values()), abs=1e-9)
    assert data["band"] == pytest.approx([data["score"]] * 2, abs=1e-9)
    assert (data["coverage"], data["tier"], data["provisional"]) == (100, "red", False)
    assert all(figure["evidence"] for figure in answer["figures"] if figure["key"].startswith(("usage.", "tickets.")))


def test_a_later_import_changes_no_earlier_day(empty_service: Service) -> None:
    """The same (as_of, N) gives the same answer; facts dated later are not in an earlier day's answer."""
    client = empty_service.client()
    load(client, FILES)
    before = client.post("/v1/commands/health", json={"account": "acme", "as_of": str(AS_OF)}).json()["data"]
    late = lines("id,account_id,opened_at,severity", [f"l{i},acme,2026-06-27T00:00:00Z,SEV1" for i in range(9)])
    load(client, {"tickets.csv": late})
    after = client.post("/v1/commands/health", json={"account": "acme", "as_of": str(AS_OF)}).json()["data"]
    assert after == before
