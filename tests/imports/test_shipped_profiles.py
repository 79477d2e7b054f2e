"""The shipped profiles on small files in the shapes of each system: exports, answers of APIs, warehouse tables."""

import datetime as dt
import json
from typing import Any

import pytest

from app.imports.profile import load_profile
from tests.imports.conftest import Desk, Files

KNOWN = "id,name,aliases\nacme,Acme GmbH,acme.com\nglobex,Globex,\n"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def load(desk: Desk, profile: str, files: dict[str, Any]) -> Any:
    """Import files, those that are no text as JSON; a second time nothing changes."""
    written: Files = {name: c if isinstance(c, str | bytes) else json.dumps(c) for name, c in files.items()}
    report = desk.load(written, profile=load_profile(profile))
    assert not desk.run(desk.folder, profile=load_profile(profile)).placed
    return report


# Salesforce

OPPORTUNITIES = (
    "Id,AccountId,Name,IsWon,IsDeleted,Type,CloseDate,Amount,ARR__c\n"
    "006A,001A,First,true,false,New Business,2025-01-15,99,1000\n"
    "006B,001A,More,TRUE,FALSE,Existing Customer - Upgrade,2025-06-01,99,500\n"
    "006C,001A,Lost,false,false,New Business,2025-06-02,99,500\n"
    "006D,001A,Renewed,true,false,Renewal,2026-01-15,99,1500\n"
    "006E,001A,Once,true,false,Existing Business,2026-01-16,99,\n"
    "006F,001A,Gone,true,true,New Business,2026-01-16,99,1\n"
    "006G,001A,Odd,true,false,Barter,2026-01-16,99,1\n"
)


def test_salesforce_accounts_of_the_data_loader(desk: Desk) -> None:
    accounts = (
        "Id,IsDeleted,Name,Type,Industry,Website,OwnerId,Owner.Name,ARR__c,Renewal_Date__c,ParentId,BillingCountry\n"
        "001A,false,Acme,Customer - Direct,Software,https://www.acme.com/de,005X,Ann,1500,2026-06-30,,DE\n"
        "001B,false,Acme Labs,Customer - Channel,,labs.example,005X,,,12/31/2026,001A,\n"
        "001C,true,Gone,Customer - Direct,,,005X,,,,,\n"
        "001D,false,Maybe,Prospect,,,005X,,,,,\n"
    )
    report = load(desk, "salesforce", {"Account.csv": accounts})
    assert desk.rows("accounts", "id", "name", "aliases", "owner", "arr", "renewal_date", "parent_id", "region") == [
        ("001A", "Acme", ("acme.com",), "Ann", 1500.0, dt.date(2026, 6, 30), None, "DE"),
        ("001B", "Acme Labs", ("labs.example",), "005X", None, dt.date(2026, 12, 31), "001A", None),
    ]
    warnings = report.tables["accounts"].warnings
    assert warnings["left out: deleted in Salesforce"] == 1
    assert warnings["left out: its type says that it is no customer"] == 1
    assert desk.rows("accounts", "usage_model") == [("hybrid",), ("hybrid",)]


def test_salesforce_objects_in_three_shapes(desk: Desk) -> None:
    files = {
        "account.json": {"totalSize": 1, "records": [{"attributes": {}, "Id": "001A", "Name": "Acme"}]},
        "salesforce_contact.csv": "id,account_id,name,email,title,is_deleted\n"
        "003A,001A,Ann Lee,ann@acme.com,CTO,FALSE\n",
        "tasks.csv": "Id,AccountId,WhoId,ActivityDate,TaskSubtype,Type,Status,Subject,Description\n"
        "00T1,001A,003A,2026-02-01,Call,,Completed,Check-in,went well\n"
        "00T2,001A,003A,2026-04-01,Task,,Not Started,To do,\n"
        "00T3,001A,003A,2026-02-02,ListEmail,Email,Completed,News,\n",
        "event.json": [
            {"Id": "00U1", "AccountId": "001A", "ActivityDate": "2026-02-03", "Type": "Meeting", "No_Show__c": False,
             "Subject": "QBR Q1"},
            {"Id": "00U2", "AccountId": "001A", "ActivityDate": "2026-02-04", "No_Show__c": True, "Subject": "Sync"},
            {"Id": "00U3", "AccountId": "001A", "ActivityDate": "2026-04-04", "No_Show__c": False,
             "Subject": "Training"},
            {"Id": "00U4", "AccountId": "001A", "ActivityDateTime": "2026-02-05T10:00:00.000+0000", "Subject": "Sync"},
        ],
        "opportunity.csv": OPPORTUNITIES,
    }  # fmt: skip
    report = load(desk, "salesforce", files)
    assert report.errors == []
    assert desk.rows("contacts", "id", "account_id", "name", "role") == [("003A", "001A", "Ann Lee", "CTO")]
    assert desk.rows("touchpoints", "id", "date", "kind", "status", "contact_id") == [
        ("00T1", dt.date(2026, 2, 1), "call", "attended", "003A"),
        ("00T2", dt.date(2026, 4, 1), "note", "scheduled", "003A"),
        ("00T3", dt.date(2026, 2, 2), "email", "attended", "003A"),
        ("00U1", dt.date(2026, 2, 3), "qbr", "attended", None),
        ("00U2", dt.date(2026, 2, 4), "call", "no_show", None),
        ("00U3", dt.date(2026, 4, 4), "training", "scheduled", None),
        ("00U4", dt.date(2026, 2, 5), "call", None, None),
    ]
    assert desk.rows("touchpoints", "text")[0] == ("Check-in\nwent well",)
    assert desk.rows("arr_movements", "id", "kind", "amount") == [("006A", "new", 1000.0), ("006B", "expansion", 500.0)]
    movements = report.tables["arr_movements"]
    assert movements.unmatched == 1  # a type of which nobody knows what it does to ARR
    assert {text: n for text, n in movements.warnings.items() if text.startswith("left out")} == {
        "left out: not won": 1,
        "left out: a renewal or of no type, which moves no ARR": 1,
        "left out: it does not say how much of it recurs": 1,
        "left out: deleted in Salesforce": 1,
    }


def test_reports_with_short_ids_are_of_the_same_accounts(desk: Desk) -> None:
    load(desk, "salesforce", {"Account.csv": "Id,Name\n001D000000IqhSLIAZ,Acme\n"})
    report = load(
        desk,
        "salesforce",
        {
            "accounts.csv": "Account ID,Account Name,ARR\n001D000000IqhSL,Acme,120\n",
            "contacts.csv": "Contact ID,Account ID,Full Name,Email\n003D000000IqhSL,001D000000IqhSL,Ann,a@acme.com\n",
        },
    )
    assert (report.tables["accounts"].updated, report.tables["accounts"].created) == (1, 0)
    assert desk.rows("accounts", "id", "arr") == [("001D000000IqhSLIAZ", 120)]
    assert desk.rows("contacts", "id", "account_id") == [("003D000000IqhSLIAZ", "001D000000IqhSLIAZ")]


def test_an_opportunity_that_is_won_no_more_moves_no_arr(desk: Desk) -> None:
    load(desk, "salesforce", {"Account.csv": "Id,Name\n001A,Acme\n", "Opportunity.csv": OPPORTUNITIES})
    lost = OPPORTUNITIES.replace("006B,001A,More,TRUE", "006B,001A,More,FALSE")
    report = load(desk, "salesforce", {"Opportunity.csv": lost})
    assert report.tables["arr_movements"].updated == 1
    assert desk.rows("arr_movements", "id") == [("006A",)]


def test_opportunities_that_never_say_what_recurs_are_left_out(desk: Desk) -> None:
    plain = "Id,AccountId,IsWon,Type,CloseDate,Amount\n006A,001A,true,New Business,2025-01-15,99\n"
    report = load(desk, "salesforce", {"account.csv": "Id,Name\n001A,Acme\n", "opportunity.csv": plain})
    assert report.errors == []
    assert report.tables["arr_movements"].warnings["left out: it does not say how much of it recurs"] == 1


# HubSpot


def test_hubspot_companies_in_three_shapes(desk: Desk) -> None:
    files = {
        "hubspot_ui_export_companies.csv": "Record ID,Company Name,Company Domain Name,Company Owner,Lifecycle Stage\n"
        "1001,Acme Inc,acme.com,Sarah Chen,Customer\n1004,Lead Ltd,lead.example,,Lead\n",
        "hubspot_company.csv": "id,is_deleted,property_name,property_country,property_industry\n"
        "1002,false,Globex,United States,SOFTWARE\n1003,true,Gone,,\n",
        "companies.json": {
            "results": [
                {"id": "1005", "properties": {"name": "Initech", "domain": "initech.com", "lifecyclestage": "customer"},
                 "archived": False},
                {"id": "1006", "properties": {"name": "Old", "lifecyclestage": "customer"}, "archived": True},
            ]
        },
    }  # fmt: skip
    report = load(desk, "hubspot", files)
    assert report.errors == []
    assert desk.rows("accounts", "id", "name", "aliases", "owner", "region") == [
        ("1001", "Acme Inc", ("acme.com",), "Sarah Chen", None),
        ("1002", "Globex", (), None, "United States"),
        ("1005", "Initech", ("initech.com",), None, None),
    ]


def test_hubspot_tickets_and_contacts_find_their_company(desk: Desk) -> None:
    files = {
        "hubspot_companies.csv": "Record ID,Name,Domain\n1001,Acme Inc,acme.com\n1002,Globex,globex.com\n",
        "contacts.csv": "Record ID,First Name,Last Name,Email,Associated Company\n"
        "7,Ann,Lee,ann@acme.com,\n8,Bo,Ek,bo@gmail.com,Globex\n9,Cy,,cy@gmail.com,\n",
        "hubspot_ticket.csv": "id,is_deleted,property_createdate,property_closed_date,property_hs_ticket_priority,"
        "property_subject,company_id\n1,FALSE,2026-02-16 3:31:05,2026-02-17 21:59:58,HIGH,Fails,1001\n"
        "2,FALSE,2026-02-16 20:31:05,,,Help,\n3,TRUE,2026-02-16 20:31:05,,,Gone,1001\n",
        "deals.csv": "Record ID,Deal Name,Deal Stage,Deal Type,Amount,Annual recurring revenue,Close Date,"
        "Associated Company\n"
        "5,A,Closed Won,New Business,10,1200,2026-01-31,Acme Inc\n6,B,Closed Won,New Business,10,,2026-01-31,Globex\n",
    }
    report = load(desk, "hubspot", files)
    assert desk.rows("contacts", "id", "account_id", "name") == [
        ("hubspot-7", "1001", "Ann Lee"),
        ("hubspot-8", "1002", "Bo Ek"),
    ]
    assert desk.rows("tickets", "id", "account_id", "severity", "opened_at") == [
        ("hubspot-1", "1001", "SEV2", at("2026-02-16T03:31:05Z"))
    ]
    assert desk.rows("arr_movements", "id", "account_id", "amount") == [("hubspot-5", "1001", 1200.0)]
    assert [report.tables[t].unmatched for t in ("contacts", "tickets")] == [1, 1]
    assert desk.rows("waiting_row", "table_name", "external_id") == [
        ("contacts", "hubspot-9"),
        ("tickets", "hubspot-2"),
    ]


# Sources that only link


@pytest.fixture
def known(desk: Desk) -> Desk:
    desk.load({"accounts.csv": KNOWN, "contacts.csv": "id,account_id,email\nc1,acme,Ann@acme.com\n"})
    return desk


def test_zendesk(known: Desk) -> None:
    files = {
        "organizations.json": {
            "organizations": [
                {"id": 1, "name": "ACME", "external_id": None, "domain_names": ["acme.com", "acme.de"]},
                {"id": 2, "name": "Other", "external_id": "globex"},
                {"id": 3, "name": "Nobody knows"},
            ]
        },
        "zendesk_user.csv": "id,email,name,organization_id,role\n11,ann@acme.com,Ann L,1,end-user\n"
        "12,agent@us.example,We,1,agent\n13,new@acme.com,New,1,end-user\n",
        "zendesk_tickets.json": {
            "tickets": [
                {"id": 145, "created_at": "2026-02-19T14:53:49Z", "updated_at": "2026-02-21T00:00:00Z",
                 "status": "solved", "priority": "low", "type": "question", "organization_id": 1, "requester_id": 11,
                 "subject": "S", "satisfaction_rating": {"score": "good"}, "description": "D",
                 "metric_set": {"reply_time_in_minutes": {"calendar": 90}, "solved_at": None, "replies": 3}},
                {"id": 146, "created_at": "2026-02-19T14:53:49Z", "updated_at": "2026-02-20T00:00:00Z",
                 "status": "open", "priority": "urgent", "organization_id": None, "requester_id": 11, "subject": "S2",
                 "satisfaction_rating": {"score": "offered"}},
                {"id": 147, "created_at": "2026-02-19T14:53:49Z", "status": "deleted", "organization_id": 1},
                {"id": 148, "created_at": "2026-02-19T14:53:49Z", "status": "new", "organization_id": 3},
                {"id": 149, "created_at": "2026-02-19T14:53:49Z", "status": "new", "organization_id": 2},
            ]
        },
    }  # fmt: skip
    report = load(known, "zendesk", files)
    assert report.errors == []
    assert [(f.external_id, f.account_id, f.how) for f in report.links] == [
        ("1", "acme", "name"),
        ("2", "globex", "crm_id"),
    ]
    assert known.rows("accounts", "id", "name") == [("acme", "Acme GmbH"), ("globex", "Globex")]
    assert known.rows("contacts", "id", "email") == [("c1", "Ann@acme.com"), ("zendesk-13", "new@acme.com")]
    assert known.rows("tickets", "id", "account_id", "contact_id", "severity", "csat", "replies") == [
        ("zendesk-145", "acme", "c1", "SEV4", 5.0, 3),
        ("zendesk-146", "acme", "c1", "SEV1", None, None),
        ("zendesk-149", "globex", None, None, None, None),
    ]
    times = known.rows("tickets", "id", "first_response_at", "resolved_at")
    assert times[0] == ("zendesk-145", at("2026-02-19T16:23:49Z"), at("2026-02-21T00:00:00Z"))
    assert times[1] == ("zendesk-146", None, None)
    assert (report.tables["tickets"].unmatched, report.tables["accounts"].unmatched) == (1, 1)
    assert known.rows("waiting_row", "table_name", "external_id", "name") == [
        ("accounts", "3", "Nobody knows"),
        ("tickets", "3", None),
    ]


JIRA = (
    "\ufeffSummary,Issue key,Issue Type,Status,Priority,Created,Resolution,Resolved,Labels,Labels,"
    "Custom field (Organizations),Custom field (Organizations),Description\r\n"
    '"Checkout, new",PAY-1,Epic,In Progress,High,12/Mar/24 9:41 AM,,,a,b,Acme,Globex,"Two\r\n\r\n""lines"""\r\n'
    "Crash,PAY-2,Bug,Done,Highest,13/Mar/24 12:05 PM,Done,14/Mar/24 12:05 AM,,,Acme GmbH,,\r\n"
    "No,PAY-3,Story,Done,Lowest,13/Mar/24 8:00 AM,Won't Do,14/Mar/24 8:00 AM,,,,,\r\n"
    "Chore,PAY-4,Task,To Do,Low,13/Mar/24 8:00 AM,,,,,,,\r\n"
    "Who,PAY-5,Bug,To Do,Low,13/Mar/24 8:00 AM,,,,,Stranger,,\r\n"
)


def test_jira(known: Desk) -> None:
    api = {
        "issues": [
            {"key": "API-1", "fields": {"summary": "Webhooks", "issuetype": {"name": "New Feature"},
             "priority": {"name": "Medium"}, "status": {"name": "To Do"}, "created": "2022-06-09T16:29:31.871-0700",
             "labels": ["x", "y"]}},
        ]
    }  # fmt: skip
    report = load(known, "jira", {"Jira.csv": JIRA, "jira_issues.json": api})
    assert report.errors == []
    assert known.rows("feedback", "id", "title", "category", "severity", "account_ids", "created_on", "shipped_on") == [
        ("API-1", "Webhooks", "feature_request", "SEV3", (), dt.date(2022, 6, 9), None),
        ("PAY-1", "Checkout, new", "feature_request", "SEV2", ("acme", "globex"), dt.date(2024, 3, 12), None),
        ("PAY-2", "Crash", "bug", "SEV1", ("acme",), dt.date(2024, 3, 13), dt.date(2024, 3, 14)),
        ("PAY-3", "No", "feature_request", "SEV4", (), dt.date(2024, 3, 13), None),
    ]
    assert report.tables["feedback"].unmatched == 2  # a task, and a customer whom nobody knows
    assert known.rows("waiting_row", "table_name", "external_id") == [("feedback", "Stranger")]


def test_mixpanel_counts_people_and_events(known: Desk) -> None:
    day = 1772323200  # 2026-03-01 in UTC
    events = [
        {"event": name, "properties": {"time": day + seconds, "distinct_id": who, "company_id": company}}
        for name, seconds, who, company in [
            ("Export", 0, "u1", "acme"),
            ("Export", 86399, "u2", "acme"),
            ("Export", 86400, "u1", "acme"),
            ("Login", 5, "u1", "acme"),
            ("Login", 5, "u9", "elsewhere"),
            ("$identify", 5, "u7", "acme"),
        ]
    ]
    report = load(known, "mixpanel", {"events.jsonl": "\n".join(map(json.dumps, events))})
    assert report.errors == []
    assert sorted(users for _, users in known.rows("usage", "day", "active_users")) == [1, 2]
    assert known.rows("feature_usage", "feature", "count", "users") == [
        ("Export", 1, 1),
        ("Export", 2, 2),
        ("Login", 1, 1),
    ]
    assert report.tables["usage"].unmatched == 1
    assert report.tables["usage"].warnings["left out: no use of the product"] == 1


def test_the_people_of_two_files_and_two_ids_of_an_account_are_added_up(known: Desk) -> None:
    header = "event,time,distinct_id,company_id\n"
    files = {
        "mixpanel_1.csv": f"{header}A,2026-03-01 10:00:00,u1,acme\nA,2026-03-01 10:00:00,u2,acme\n",
        "mixpanel_2.csv": f"{header}A,2026-03-01 11:00:00,u1,acme\nA,2026-03-01 11:00:00,u3,Acme GmbH\n",
    }
    load(known, "mixpanel", files)
    assert [users for _, users in known.rows("usage", "day", "active_users")] == [3]
    assert known.rows("feature_usage", "count", "users") == [(4, 3)]


def test_delighted_finds_the_account_by_its_person(known: Desk) -> None:
    responses = [
        {"id": "1", "person": "98", "survey_type": "nps", "score": 8, "comment": "Good", "created_at": 1772323200},
        {"id": "2", "person": {"id": "99", "email": "bo@acme.com"}, "survey_type": "nps", "score": 3,
         "created_at": 1772323200},
        {"id": "3", "person": "97", "survey_type": "csat", "score": 5, "created_at": 1772323200},
        {"id": "4", "person": "96", "survey_type": "nps", "score": 10, "created_at": 1772323200},
    ]  # fmt: skip
    people = [{"id": "98", "email": "ann@acme.com", "name": "Ann"}]
    report = load(known, "delighted", {"people.json": people, "survey_responses.json": responses})
    assert report.errors == []
    assert known.rows("nps", "id", "account_id", "contact_id", "score", "responded_at") == [
        ("delighted-1", "acme", "c1", 8, at("2026-03-01T00:00:00Z")),
        ("delighted-2", "acme", "delighted-99", 3, at("2026-03-01T00:00:00Z")),
    ]
    assert report.tables["nps"].unmatched == 1
    assert report.tables["nps"].warnings["left out: another survey than NPS"] == 1


def test_gainsight(desk: Desk) -> None:
    files = {
        "gainsight_company.csv": "Gsid,Name,ARR,Renewal Date,Stage,CSM Name,Users,Original Contract Date\n"
        "1P02A,Acme,1500,2026-06-30,Adopting,Ann,40,01/15/2024\n1P02B,Globex,,,Will Churn,,,\n",
        "gainsight_timeline.csv": "Activity ID,Company Name,Activity Type,Activity Date,Subject,Notes\n"
        "A1,Acme,Meeting,2026-02-01,Business review,ok\nA2,Globex,Update,2026-02-02,News,\nA3,Acme,Fax,2026-02-02,x,\n",
    }
    report = load(desk, "gainsight", files)
    assert desk.rows("accounts", "id", "name", "arr", "lifecycle", "owner", "licensed_seats", "contract_start") == [
        ("1P02A", "Acme", 1500.0, "adopting", "Ann", 40, dt.date(2024, 1, 15)),
        ("1P02B", "Globex", None, None, None, None, None),
    ]
    assert desk.rows("touchpoints", "id", "account_id", "kind") == [("A1", "1P02A", "qbr"), ("A2", "1P02B", "note")]
    assert report.tables["touchpoints"].unmatched == 1
