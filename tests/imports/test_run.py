"""Whole imports: what is taken, what is rejected and why, what a second one changes, how far feeds reach."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.domain.problems import Conflict, Problem
from app.domain.records import RECORD_TYPES
from app.imports import run as run_module
from app.imports.profile import parse_profile
from app.imports.report import MAX_LISTED
from app.store import versions
from tests.imports.conftest import NOW, TODAY, Desk, Files

ACCOUNTS = "id,name\nacme,Acme\nbeta,Beta\n"

EVERY_TABLE: Files = {
    "accounts.csv": "id,name,aliases,parent_id,arr,currency,lifecycle,usage_model,auto_renew,contract_start\n"
    "acme,Acme,AC;Acme Corp,,1200.5,eur,established,seats,yes,2024-01-15\n"
    "beta,Beta,,acme,,,,,,\n",
    "contacts.csv": "id,account_id,name,stakeholder,is_champion,left_on\nc1,acme,Ann,developer,true,2026-05-01\n",
    "usage.csv": "account_id,date,active_users,api_calls,p95_ms\nacme,2026-03-08,5,100,12.5\nacme,2026-03-09,6,,\n",
    "feature_usage.csv": "account_id,date,feature,count\nacme,2026-03-09,export,3\n",
    "contact_activity.csv": "contact_id,date,logins\nc1,2026-03-09,4\n",
    "tickets.csv": 'id,account_id,opened_at,severity,body\nt1,acme,2026-03-01T09:00:00+01:00,SEV2,"a\nb"\n',
    "nps.csv": "id,account_id,responded_at,score\nn1,acme,2026-02-01T00:00:00Z,9\n",
    "touchpoints.csv": "id,account_id,date,kind,status\np1,acme,2026-03-02,qbr,attended\n"
    "p2,acme,2026-04-01,qbr,scheduled\n",
    "goals.csv": "id,account_id,title,target,due\ng1,acme,Faster,10,2027-01-01\n",
    "signals.csv": "id,account_id,date,kind\ns1,acme,2026-03-03,competitor\n",
    "feedback.csv": "id,title,category,reach,effort_weeks,account_ids\nf1,Dark mode,ux,50000,0,acme;beta\n",
    "arr_movements.csv": "id,account_id,date,kind,amount\nm1,acme,2024-01-15,new,1200.5\n"
    "m2,acme,2026-06-01,churn,1200.5\n",
    "commitments.csv": "id,account_id,what,due,made_on\nk1,acme,Call,2026-04-01,2026-03-04\n",
    "escalations.csv": "id,account_id,opened_at,title,kind\ne1,acme,2026-03-01T09:00:00Z,Export fails,bug\n",
    "escalation_updates.csv": "id,account_id,escalation_id,at,kind\nu1,acme,e1,2026-03-02T09:00:00Z,update\n",
    "milestones.csv": "id,account_id,code,title,phase,planned,due\nm1,acme,M1,Kick-off,1,2026-01-05,2026-01-07\n",
    "milestone_slips.csv": "id,account_id,milestone_id,date,working_days\ns1,acme,m1,2026-01-05,2\n",
    "checks.csv": "account_id,checklist,item,state\nacme,go_live,alerting,yes\n",
    "ramp_signoffs.csv": "owner,goal,signed_on,signed_by\nSam,d30.product,2026-01-30,Kim\n",
    "plans.csv": "name,price_monthly\nGold,10\n",
    "roadmap.csv": "feature,beta_open\nSSO,false\n",
    "integrations.csv": "account_id,kind\nacme,webhook\n",
}  # fmt: skip


def numbers(desk: Desk, files: Files, **options: object) -> dict[str, dict[str, int]]:
    return {table: counts.numbers() for table, counts in desk.load(files, **options).tables.items()}


def test_every_table_of_the_set_is_read(desk: Desk) -> None:
    report = desk.load(EVERY_TABLE)
    assert report.errors == []
    assert set(report.tables) == set(RECORD_TYPES)
    for table, counts in report.tables.items():
        assert counts.created == counts.read == len(desk.rows(table, "since")), table
        assert counts.warnings == {}
    assert (report.version, report.placed) == (1, True)
    assert desk.rows("accounts", "id", "aliases", "arr", "currency", "usage_model", "auto_renew", "lifecycle") == [
        ("acme", ("AC", "Acme Corp"), 1200.5, "EUR", "seats", True, "established"),
        ("beta", (), None, None, "hybrid", None, None),
    ]
    assert desk.rows("tickets", "opened_at", "body") == [(dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC), "a\nb")]


def test_a_second_import_changes_nothing_and_makes_no_version(desk: Desk) -> None:
    first = desk.load(EVERY_TABLE)
    rows = desk.all_rows()
    second = desk.load(EVERY_TABLE)
    assert {t: c.unchanged for t, c in second.tables.items()} == {t: c.read for t, c in first.tables.items()}
    assert not any(c.created or c.updated or c.rejected for c in second.tables.values())
    assert (second.version, second.placed, desk.all_rows()) == (1, False, rows)
    with desk.store.reading() as conn:
        assert conn.execute(sa.text("select count(*) from write")).scalar_one() == 1


def test_a_changed_row_is_updated_and_a_row_that_is_absent_stays(desk: Desk) -> None:
    desk.load({"accounts.csv": ACCOUNTS})
    report = desk.load({"accounts.csv": "id,name\nacme,Acme Corp\n"})
    assert report.tables["accounts"].numbers() == {
        "read": 1, "created": 0, "updated": 1, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
    assert report.version == 2
    assert desk.rows("accounts", "id", "name") == [("acme", "Acme Corp"), ("beta", "Beta")]


FULL = "id,name,arr,licensed_seats,owner\nacme,Acme,1200,40,priya\n"
OWNED = ("name", "arr", "licensed_seats", "owner", "effective_on")


def test_a_column_that_is_absent_leaves_its_field_and_an_empty_cell_clears_it(desk: Desk) -> None:
    desk.load({"accounts.csv": FULL}, effective=dt.date(2026, 1, 1))
    short = {"accounts.csv": "id,name,owner\nacme,Acme Corp,\nnew,New,\n"}
    report = desk.load(short)
    assert (report.tables["accounts"].created, report.tables["accounts"].updated) == (1, 1)
    assert desk.rows("accounts", *OWNED) == [
        ("Acme", 1200.0, 40, "priya", dt.date(2026, 1, 1)),
        ("Acme Corp", 1200.0, 40, None, TODAY),
        ("New", None, None, None, TODAY),
    ]
    again = desk.load(short)
    assert (again.placed, again.tables["accounts"].unchanged) == (False, 2)
    assert not desk.load({"accounts.csv": "id,name\nacme,Acme Corp\n"}).placed


def test_an_absent_column_takes_the_value_that_was_in_force_on_the_effective_day(desk: Desk) -> None:
    desk.load({"accounts.csv": FULL}, effective=dt.date(2026, 1, 1))
    desk.load({"accounts.csv": FULL.replace("priya", "sam")}, effective=dt.date(2026, 3, 1))
    desk.load({"accounts.csv": "id,name\nacme,Acme Corp\n"}, effective=dt.date(2026, 2, 1))
    assert [(name, owner) for name, *_, owner, _ in desk.rows("accounts", *OWNED)] == [
        ("Acme", "priya"),
        ("Acme", "sam"),
        ("Acme Corp", "priya"),
    ]


def test_facts_keep_the_fields_of_absent_columns_too(desk: Desk) -> None:
    desk.load(EVERY_TABLE)
    short = {
        "usage.csv": "account_id,date,active_users\nacme,2026-03-08,7\nacme,2026-03-09,\n",
        "tickets.csv": "id,account_id,opened_at,category\nt1,acme,2026-03-01T09:00:00+01:00,bug\n",
    }
    desk.load(short)
    assert desk.rows("usage", "active_users", "api_calls", "p95_ms") == [(7, 100, 12.5), (None, None, None)]
    assert desk.rows("tickets", "severity", "category", "body") == [("SEV2", "bug", "a\nb")]
    assert not desk.load(short).placed


def test_a_dry_run_tells_the_same_and_leaves_nothing(desk: Desk) -> None:
    files = {**EVERY_TABLE, "nps.csv": "id,account_id,responded_at,score\nn1,acme,2026-02-01T00:00:00Z,11\n"}
    tried = desk.load(files, dry_run=True)
    assert (tried.version, tried.placed, desk.version, desk.all_rows()) == (0, False, 0, 0)
    done = desk.load(files)
    assert done.as_json() == tried.as_json()
    assert done.version == 1
    assert desk.load(files, dry_run=True).tables["usage"].unchanged == 2


@pytest.mark.parametrize(
    ("table", "header", "row", "column", "reason"),
    [
        ("usage", "account_id,date,api_calls", "nobody,2026-03-01,1", "account_id", "unknown account 'nobody'"),
        ("usage", "account_id,date,api_calls", "acme,2026-03-11,1", "date", "later than the day of the import"),
        ("usage", "account_id,date,api_calls", "acme,2026-02-30,1", "date", "day is out of range"),
        ("usage", "account_id,date,api_calls", "acme,01/02/2026,1", "date", "YYYY-MM-DD"),
        ("usage", "account_id,date,api_calls", "acme,20260301,1", "date", "YYYY-MM-DD"),
        ("usage", "account_id,date,api_calls", "acme,2026-03-01,=1+1", "api_calls", "'=1+1' is no whole number"),
        ("usage", "account_id,date,api_calls", "acme,2026-03-01,-5", "api_calls", "greater than or equal to 0"),
        ("usage", "account_id,date,p95_ms", "acme,2026-03-01,nan", "p95_ms", "finite"),
        ("usage", "account_id,date,p95_ms", 'acme,2026-03-01,"1,5"', "p95_ms", "is no number"),
        ("usage", "account_id,date", "acme,", "date", "is required and empty"),
        ("usage", "account_id,date", "acme", "date", "1 cells for 2 columns"),
        ("tickets", "id,account_id,opened_at", "t,acme,2026-03-01T09:00:00", "opened_at", "needs its zone"),
        ("tickets", "id,account_id,opened_at", "t,acme,yesterday", "opened_at", "no ISO 8601"),
        ("tickets", "id,account_id,opened_at", "t,acme,2026-03-11T00:00:00Z", "opened_at", "later than the day"),
        ("tickets", "id,account_id,opened_at,resolved_at", "t,acme,2026-03-02T00:00:00Z,2026-03-01T00:00:00Z",
         "resolved_at", "before opened_at"),
        ("tickets", "id,account_id,opened_at,severity", "t,acme,2026-03-02T00:00:00Z,P1", "severity", "SEV1"),
        ("tickets", "id,account_id,opened_at,csat", "t,acme,2026-03-02T00:00:00Z,6", "csat", "less than or equal to 5"),
        ("tickets", "id,account_id,opened_at,body", "t,acme,2026-03-02T00:00:00Z," + "x" * 100_001, "body",
         "longer than 100,000 characters"),
        ("nps", "id,account_id,responded_at,score", "n,acme,2026-03-02T00:00:00Z,11", "score", "less than or equal"),
        ("nps", "id,account_id,responded_at,score", "n,acme,2026-03-02T00:00:00Z,8.5", "score", "no whole number"),
        ("touchpoints", "id,account_id,date,kind,status", "p,acme,2026-04-01,qbr,attended", "date", "cannot have been"),
        ("signals", "id,account_id,date,kind", "s,acme,2026-03-11,competitor", "date", "later than the day"),
        ("commitments", "id,account_id,what,done_on", "k,acme,Call,2026-03-11", "done_on", "later than the day"),
        ("contacts", "id,account_id,is_champion", "c,acme,perhaps", "is_champion", "neither true nor false"),
        ("contact_activity", "contact_id,date", "ghost,2026-03-01", "contact_id", "unknown contact 'ghost'"),
        ("feedback", "id,title,category,account_ids", "f,T,ux,acme;nobody", "account_ids", "unknown account 'nobody'"),
        ("accounts", "id,name,currency", "x,X,euros", "currency", "euros"),
        ("accounts", "id,name,arr", "x,X,é", "arr", "is no number"),
        ("arr_movements", "id,account_id,date,kind,amount", "m,acme,2026-01-01,new,-3", "amount", "greater than"),
    ],
)  # fmt: skip
def test_a_rejected_row_is_told_and_stops_nothing(
    desk: Desk, table: str, header: str, row: str, column: str, reason: str
) -> None:
    desk.load({"accounts.csv": ACCOUNTS})
    report = desk.load({f"{table}.csv": f"{header}\n\n{row}\n"})
    assert report.tables[table].numbers()["rejected"] == 1
    (error,) = report.errors
    assert (error.file, error.line, error.column) == (f"{table}.csv", 3, column)
    assert reason in error.reason


def test_rows_around_a_rejected_one_are_taken(desk: Desk) -> None:
    report = desk.load(
        {
            "accounts.csv": 'id,name\nacme,Acme\nbad\n"gone,Gone\nbeta,Beta\n',
            "nps.csv": "id,account_id,responded_at,score\n1,acme,2026-03-01T00:00:00Z,9\n2,acme,x,9\n3,acme,y,12\n"
            "4,beta,2026-03-01T00:00:00Z,9\n",
        }
    )
    assert report.tables["accounts"].numbers() == {
        "read": 4, "created": 2, "updated": 0, "unchanged": 0, "rejected": 2,
    }  # fmt: skip
    assert [(e.file, e.line) for e in report.errors] == [
        ("accounts.csv", 3),
        ("accounts.csv", 4),
        ("nps.csv", 3),
        ("nps.csv", 4),
    ]
    assert "score: '12'" in report.errors[3].reason
    assert desk.rows("nps", "id") == [("1",), ("4",)]


def test_formulas_in_text_are_kept_as_they_stand(desk: Desk) -> None:
    formula = "=cmd|' /C calc'!A0"
    desk.load({"accounts.csv": f'id,name,owner\nacme,"{formula}",+1+1\n'})
    assert desk.rows("accounts", "name", "owner") == [(formula, "+1+1")]


def test_repeated_rows(desk: Desk) -> None:
    rows = "id,name,arr\nacme,Acme,1\nbeta,Beta,2\nacme,Acme,1.0\nbeta,Beta,3\n"
    report = desk.load({"accounts.csv": rows})
    assert report.tables["accounts"].numbers() == {
        "read": 4, "created": 2, "updated": 0, "unchanged": 1, "rejected": 1,
    }  # fmt: skip
    (error,) = report.errors
    assert error.line == 5
    assert "line 3 has the same id" in error.reason
    assert desk.rows("accounts", "id", "arr") == [("acme", 1.0), ("beta", 2.0)]


def test_repeats_are_found_across_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "BATCH_ROWS", 3)
    names = [*(f"a{n}" for n in range(10)), "a0", "a9"]
    report = desk.load({"accounts.csv": "id,name\n" + "".join(f"{n},{n}{i // 10}\n" for i, n in enumerate(names))})
    assert report.tables["accounts"].created == 10
    assert [(e.line, e.reason[:6]) for e in report.errors] == [(12, "line 2"), (13, "line 1")]


def test_refused_files_are_told_and_the_others_are_read(desk: Desk) -> None:
    report = desk.load(
        {
            "accounts.csv": ACCOUNTS,
            "contacts.csv": b"PK\x03\x04",
            "usage.csv": "account_id,date,date\n",
            "tickets.csv": "id,subject\n1,x\n",
            "goals.csv": "id;account_id;title\n",
            "nps.csv": "",
            "users.csv": "id\n",
        }
    )
    assert report.tables["accounts"].created == 2
    told = {e.file: (e.line, e.column) for e in report.errors}
    assert told == {
        "users.csv": (None, None),
        "contacts.csv": (None, None),
        "usage.csv": (1, "date"),
        "tickets.csv": (1, "account_id, opened_at"),
        "goals.csv": (1, None),
        "nps.csv": (None, None),
    }
    assert desk.feeds() == {}


def test_nothing_is_written_where_every_file_is_refused(desk: Desk) -> None:
    with pytest.raises(Problem, match=r"accounts\.csv: the file lacks the required columns name") as problem:
        desk.load({"accounts.csv": "id\nacme\n", "usage.csv": ""})
    assert problem.value.code == "missing_columns"
    assert (desk.version, desk.all_rows()) == (0, 0)


def test_unknown_columns_and_parents_are_warned_of(desk: Desk) -> None:
    report = desk.load({"accounts.csv": "id,name,colour,,parent_id\nacme,Acme,red,,ghost\nbeta,Beta,,,acme\n"})
    assert report.tables["accounts"].warnings == {
        "unknown columns, which were ignored: colour": 1,
        "ids given as parent_id that no account has": 1,
    }
    assert report.tables["accounts"].created == 2


def test_a_file_that_goes_away_meanwhile_is_told(desk: Desk) -> None:
    folder = desk.write({"accounts.csv": ACCOUNTS, "nps.csv": "id,account_id,responded_at,score\n"})

    def remove(*_: object) -> None:
        (folder / "nps.csv").unlink(missing_ok=True)

    report = desk.run(folder, on_progress=remove)
    assert [(e.file, e.line) for e in report.errors] == [("nps.csv", None)]
    assert report.tables["accounts"].created == 2


def test_more_errors_than_are_listed(desk: Desk) -> None:
    count = MAX_LISTED + 7
    report = desk.load({"accounts.csv": "id,name\nacme,Acme\n" + "only\n" * count})
    assert report.tables["accounts"].rejected == report.error_count == count
    assert len(report.errors) == MAX_LISTED
    assert report.as_json()["errors"][-1] == {
        "file": None,
        "line": None,
        "column": None,
        "reason": "7 more are not listed; mend these and import again",
    }
    assert f"and {count - 20:,} more" in report.as_text()


def test_the_report_for_people(desk: Desk) -> None:
    text = desk.load({"accounts.csv": "id,name,x\nacme,Acme,\nbad\n"}).as_text()
    assert text.splitlines() == [
        "Imported; the data is now version 1.",
        "  accounts: read 2, created 1, updated 0, unchanged 0, rejected 1",
        "    1 × unknown columns, which were ignored: x",
        "Not taken: 1",
        "  accounts.csv, line 3, name: 1 cells for 3 columns",
    ]


# How far feeds reach


@pytest.mark.parametrize(
    ("days", "covered"),
    [
        (["2026-03-05", "2026-03-07"], "2026-03-07"),
        (["2026-03-07", "2026-03-10"], "2026-03-09"),
        (["2026-03-10"], "2026-03-09"),
        ([], None),
    ],
)
def test_daily_tables_are_covered_to_the_newest_day_that_had_ended(
    desk: Desk, days: list[str], covered: str | None
) -> None:
    report = desk.load(
        {"accounts.csv": ACCOUNTS, "usage.csv": "account_id,date\n" + "".join(f"acme,{day}\n" for day in days)}
    )
    assert report.tables["usage"].created == len(days)
    assert desk.feeds() == ({"usage": (covered, max(days))} if covered else {})


@pytest.mark.parametrize(
    ("zone", "now", "covered", "newest"),
    [
        ("UTC", "2026-03-10T03:00:00Z", "2026-03-09", "2026-03-10"),
        ("Pacific/Auckland", "2026-03-09T12:00:00Z", "2026-03-09", "2026-03-10"),
        ("America/Los_Angeles", "2026-03-11T03:00:00Z", "2026-03-09", "2026-03-10"),
    ],
)
def test_days_are_those_of_the_zone(desk: Desk, zone: str, now: str, covered: str, newest: str) -> None:
    """Each time it is 10 March there."""
    desk.load(
        {"accounts.csv": ACCOUNTS, "usage.csv": "account_id,date\nacme,2026-03-10\nacme,2026-03-11\n"},
        zone=ZoneInfo(zone),
        now=dt.datetime.fromisoformat(now),
    )
    assert desk.feeds() == {"usage": (covered, newest)}
    assert len(desk.rows("usage", "day")) == 1


def test_event_tables_are_covered_to_the_day_of_the_import_even_with_no_row(desk: Desk) -> None:
    desk.load(
        {
            "accounts.csv": ACCOUNTS,
            "tickets.csv": "id,account_id,opened_at\n",
            "touchpoints.csv": "id,account_id,date,kind\n1,acme,2026-03-01,call\n2,acme,2026-05-01,qbr\n",
        }
    )
    assert desk.feeds() == {"tickets": ("2026-03-10", None), "touchpoints": ("2026-03-10", "2026-03-01")}


def test_through_and_effective(desk: Desk) -> None:
    day = dt.date(2026, 2, 28)
    files = {"accounts.csv": ACCOUNTS, "tickets.csv": "id,account_id,opened_at\n1,acme,2026-02-27T10:00:00Z\n"}
    desk.load(files, through=day, effective=day)
    assert desk.feeds() == {"tickets": ("2026-02-28", "2026-02-27")}
    assert set(desk.rows("accounts", "effective_on")) == {(day,)}


@pytest.mark.parametrize("option", ["through", "effective"])
def test_a_day_ahead_is_refused(desk: Desk, option: str) -> None:
    with pytest.raises(Problem, match="lies ahead") as problem:
        desk.load({"accounts.csv": ACCOUNTS}, **{option: TODAY + dt.timedelta(days=1)})
    assert problem.value.code == f"{option}_in_future"
    assert desk.version == 0


def test_a_feed_moves_forward_only_and_a_move_is_a_version(desk: Desk) -> None:
    files = {
        "accounts.csv": ACCOUNTS,
        "usage.csv": "account_id,date\nacme,2026-03-09\n",
        "nps.csv": "id,account_id,responded_at,score\n",
    }
    desk.load(files)
    earlier = desk.load(files, through=dt.date(2026, 1, 1))
    assert (earlier.placed, desk.feeds()["nps"][0]) == (False, "2026-03-10")
    older = desk.load({"usage.csv": "account_id,date\nacme,2026-03-01\n"})
    assert (older.version, desk.feeds()["usage"]) == (2, ("2026-03-09", "2026-03-09"))
    later = desk.load(files, now=NOW + dt.timedelta(days=1))
    assert (later.version, desk.feeds()["nps"][0]) == (3, "2026-03-11")
    assert not later.changed


def test_sources_have_feeds_of_their_own(desk: Desk) -> None:
    desk.load({"accounts.csv": ACCOUNTS, "nps.csv": "id,account_id,responded_at,score\n"}, source="crm")
    desk.load({"usage.csv": "account_id,date\nacme,2026-03-09\n"}, source="product")
    assert desk.rows("feed", "source", "table_name") == [("crm", "nps"), ("product", "usage")]
    assert desk.rows("account_source", "source", "account_id") == [
        ("crm", "acme"),
        ("crm", "beta"),
        ("product", "acme"),
    ]


# One import at a time, and what ends one


def test_two_imports_at_once_are_refused(desk: Desk) -> None:
    with versions.import_lock(desk.store), pytest.raises(Conflict) as conflict:
        desk.load({"accounts.csv": ACCOUNTS})
    assert (conflict.value.code, conflict.value.status) == ("import_running", 409)


def test_an_import_that_is_broken_off_leaves_nothing(desk: Desk) -> None:
    desk.load({"accounts.csv": "id,name\nacme,Old\n"})
    before = desk.all_rows()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.load({"accounts.csv": ACCOUNTS, "nps.csv": "id,account_id,responded_at,score\n"}, on_progress=stop)
    assert (desk.version, desk.all_rows()) == (1, before)
    assert desk.rows("accounts", "name") == [("Old",)]


def test_progress_ends_at_the_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.rows.PROGRESS_ROWS", 2)
    told: list[tuple[str, int, int, int]] = []
    files = {"accounts.csv": ACCOUNTS, "usage.csv": "account_id,date\n" + "acme,2026-03-09\n" * 5}
    desk.load(files, on_progress=lambda *args: told.append(args))
    assert [(name, rows) for name, rows, _, _ in told] == [
        ("accounts.csv", 2), ("accounts.csv", 2), ("usage.csv", 4), ("usage.csv", 6), ("usage.csv", 7),
    ]  # fmt: skip
    total = sum(len(content) for content in files.values())
    assert (told[-1][2], told[-1][3]) == (total, total)
    assert [done for _, _, done, _ in told] == sorted(done for _, _, done, _ in told)


def test_a_path_without_anything_is_told_before_any_progress(desk: Desk, tmp_path: Path) -> None:
    told: list[object] = []
    for path in (tmp_path / "nowhere", tmp_path / "nowhere.csv"):
        with pytest.raises(Problem) as problem:
            desk.run(path, on_progress=lambda *args: told.append(args))
        assert problem.value.code == "file_gone"
        assert problem.value.detail == f"There is no file or folder at {path}."
    assert told == []


# Profiles

CRM = parse_profile("""
name: crm
source: crm
time_zone: Europe/Berlin
notes: [Times are those of Berlin.]
tables:
  accounts:
    file: "*_companies.csv"
    fields: {id: Record ID, name: Company, owner: Owner}
  tickets:
    file: cases.csv
    fields:
      id: Case
      account_id: Company ID
      opened_at: {column: Opened, dates: ["%d/%m/%Y %H:%M", "%Y-%m-%d"]}
      severity: {column: Priority, values: {high: SEV1, low: SEV4}, otherwise: empty}
      category: {column: Type, values: {bug: bug}, otherwise: unmatched}
      escalated: {constant: "false"}
""")


def test_a_profile_maps_columns_words_and_dates(desk: Desk) -> None:
    report = desk.load(
        {
            "2026_companies.csv": "RECORD ID,Company,Ignored\n1,Acme,x\n",
            "cases.csv": "Case,Company ID,Opened,Priority,Type\n"
            "a,1,15/01/2026 14:30,high,bug\nb,1,2026-01-16,so-so,\nc,1,2026-01-16,low,praise\nd,1,16.1.26,low,bug\n",
        },
        profile=CRM,
    )
    assert report.tables["accounts"].warnings == {"columns that the file lacks: Owner": 1}
    assert report.tables["tickets"].numbers() == {
        "read": 4, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1, "unmatched": 1,
    }  # fmt: skip
    assert "'16.1.26' is no date in the form %d/%m/%Y %H:%M or %Y-%m-%d" in report.errors[0].reason
    assert desk.rows("tickets", "id", "opened_at", "severity", "escalated") == [
        ("a", dt.datetime(2026, 1, 15, 13, 30, tzinfo=dt.UTC), "SEV1", False),
        ("b", dt.datetime(2026, 1, 15, 23, 0, tzinfo=dt.UTC), None, False),
    ]
    assert "Note: Times are those of Berlin." in report.as_text()


BILLING = parse_profile("""
name: billing
source: billing
extract_day: 2026-02-01
subscriptions:
  file: subs.csv
  fields: {id: id, account_id: account, start: start, end: end, arr: arr}
tables:
  accounts:
    file: accounts.csv
    fields: {id: id, name: name, arr: {derive: subscription_arr, columns: [id]}}
  feature_usage:
    file: use.csv
    fields:
      account_id: {derive: account_of_subscription, columns: [sub]}
      date: day
      feature: what
      count: times
    sum: [count]
    checks: [{name: before_subscription, column: sub}, {name: after_subscription, column: sub}]
""")


def test_what_a_profile_does_not_map_or_a_file_lacks_stays(desk: Desk) -> None:
    desk.load({"1_companies.csv": "Record ID,Company,Owner\nacme,Acme,sam\n"}, profile=CRM)
    desk.load({"accounts.csv": "id,name,arr\nacme,Acme,1200\n"})
    assert desk.rows("accounts", "name", "arr", "owner") == [("Acme", 1200.0, "sam")]
    short = {"1_companies.csv": "Record ID,Company\nacme,Acme Corp\n"}
    desk.load(short, profile=CRM)
    assert desk.rows("accounts", "name", "arr", "owner") == [("Acme Corp", 1200.0, "sam")]
    assert not desk.load(short, profile=CRM).placed


SUBS = "id,account,start,end,arr\ns1,acme,2025-01-01,,100\ns2,acme,2025-06-01,2025-09-01,50\ns3,ghost,2025-01-01,,9\n"


def test_subscriptions_give_movements_terms_and_accounts(desk: Desk) -> None:
    files = {
        "subs.csv": SUBS,
        "accounts.csv": "id,name\nacme,Acme\nbeta,Beta\n",
        "use.csv": "sub,day,what,times\ns1,2025-07-01,export,2\ns2,2025-07-01,export,3\ns2,2025-01-01,export,1\n"
        "s2,2025-10-01,export,1\nsX,2025-10-01,export,1\n",
    }
    report = desk.load(files, profile=BILLING)
    assert desk.rows("accounts", "id", "arr", "effective_on") == [
        ("acme", 100.0, dt.date(2026, 2, 1)),
        ("beta", None, dt.date(2026, 2, 1)),
    ]
    assert desk.rows("arr_movements", "date", "kind", "amount") == [
        (dt.date(2025, 1, 1), "new", 100.0),
        (dt.date(2025, 6, 1), "expansion", 50.0),
        (dt.date(2025, 9, 1), "downgrade", 50.0),
    ]
    assert sorted(count for _, count in desk.rows("feature_usage", "day", "count")) == [1, 1, 5]
    assert report.tables["feature_usage"].warnings == {
        "added to another row of the same key": 1,
        "dated before its subscription starts; kept": 1,
        "dated after its subscription ended; kept": 1,
    }
    assert [(e.file, e.line, e.column, e.reason) for e in report.errors] == [
        ("use.csv", 6, "sub", "unknown subscription 'sX'"),
        ("subs.csv", 4, "account", "unknown account 'ghost'"),
    ]
    assert desk.feeds() == {
        "feature_usage": ("2025-10-01", "2025-10-01"),
        "arr_movements": ("2026-02-01", "2025-09-01"),
    }
    assert not desk.load(files, profile=BILLING).placed


def test_movements_that_subscriptions_no_longer_give_are_ended(desk: Desk) -> None:
    accounts = {"accounts.csv": "id,name\nacme,Acme\n"}
    desk.load({"subs.csv": SUBS, **accounts}, profile=BILLING)
    report = desk.load({"subs.csv": SUBS.replace("2025-09-01", "2025-10-01"), **accounts}, profile=BILLING)
    assert report.tables["arr_movements"].numbers() == {
        "read": 3, "created": 1, "updated": 1, "unchanged": 2, "rejected": 1, "unmatched": 0,
    }  # fmt: skip
    assert [day.month for day, _ in desk.rows("arr_movements", "date", "amount")] == [1, 6, 10]


def test_what_needs_subscriptions_is_refused_without_them(desk: Desk) -> None:
    desk.load({"subs.csv": SUBS, "accounts.csv": "id,name\nacme,Acme\n"}, profile=BILLING)
    with pytest.raises(Problem) as problem:
        desk.load({"accounts.csv": "id,name\nacme,Acme\n"}, profile=BILLING)
    assert problem.value.code == "needs_subscriptions"
    assert desk.rows("accounts", "arr") == [(100.0,)]


GERMAN = """
name: german
source: german
decimal_comma: true
dates: "%d.%m.%Y"
tables:
  accounts:
    file: [kunden.csv, kunden.json]
    fields: {id: Nr, name: Firma, arr: Umsatz, licensed_seats: Lizenzen, renewal_date: bis}
"""


def test_numbers_with_a_decimal_comma(desk: Desk) -> None:
    rows = [
        'a,A,"12.500,50",1.250,28.02.2027',
        'b,B,"8400,5",,1.3.2027',
        'c,C,"1 200 300,00",7,',
        "d,D,12.5,,",
        'e,E,"1,2,3",,',
        'f,F,"12,500.50",,',
        'g,G,,"1,5",',
        "h,H,NaN,,",
    ]
    report = desk.load(
        {"kunden.csv": "Nr,Firma,Umsatz,Lizenzen,bis\n" + "\n".join(rows)}, profile=parse_profile(GERMAN)
    )
    assert desk.rows("accounts", "id", "arr", "licensed_seats", "renewal_date") == [
        ("a", 12500.5, 1250, dt.date(2027, 2, 28)),
        ("b", 8400.5, None, dt.date(2027, 3, 1)),
        ("c", 1200300, 7, None),
    ]
    told = [(error.line, error.column, error.reason) for error in report.errors]
    assert told == [
        (5, "Umsatz", "'12.5' is no number such as 1.234,50"),
        (6, "Umsatz", "'1,2,3' is no number such as 1.234,50"),
        (7, "Umsatz", "'12,500.50' is no number such as 1.234,50"),
        (8, "Lizenzen", "'1.5' is no whole number"),
        (9, "Umsatz", "'NaN' is no number such as 1.234,50"),
    ]


def test_json_has_numbers_of_its_own(desk: Desk) -> None:
    desk.load({"kunden.json": '[{"Nr": "a", "Firma": "A", "Umsatz": 12.5}]'}, profile=parse_profile(GERMAN))
    assert desk.rows("accounts", "arr") == [(12.5,)]
