"""Whose the rows of a source are: what is found by itself, what waits, and what a match changes."""

import datetime as dt
import shutil
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.problems import Conflict, NotFound
from app.domain.records import RECORD_TYPES
from app.imports.matches import Matched, remove_match, set_match
from app.imports.profile import parse_profile
from app.imports.run import LESSENED
from app.store import versions
from app.store.snapshots import build_portfolio
from tests.imports.conftest import NOW, TODAY, UTC, Desk, new_desk

HELP = parse_profile("""
name: help
source: help
accounts: link
tables:
  accounts:
    file: orgs.csv
    fields: {id: id, name: name}
    match: {crm_id: crm, domain: domain}
  contacts:
    file: people.csv
    fields: {id: {column: id, prefix: help-}, account_id: org, name: name, email: email}
  usage:
    file: usage.csv
    fields: {account_id: org, date: date, active_users: users, p95_ms: p95}
  tickets:
    file: tickets.csv
    fields: {id: {column: id, prefix: help-}, account_id: org, contact_id: {column: person, prefix: help-},
             opened_at: opened, subject: subject}
    match: {crm_id: crm, name: org_name, email: email}
  goals:
    file: goals.csv
    fields: {id: id, account_id: org, title: title, current: current}
  feedback:
    file: feedback.csv
    fields: {id: id, title: title, category: {constant: bug}, account_ids: {column: orgs, joined: ";"}}
""")
CRM = parse_profile("""
name: crm
source: crm
accounts: create
tables:
  accounts:
    file: companies.csv
    fields: {id: id, name: name, owner: owner, industry: industry, parent_id: parent, aliases: domain}
    match: {domain: domain}
  contacts:
    file: people.csv
    fields: {id: id, account_id: company, name: name, email: email}
""")
KNOWN = "id,name,aliases,owner\nacme,Acme GmbH,acme.com,ann\nglobex,Globex,,\n"


@pytest.fixture
def known(desk: Desk) -> Desk:
    desk.load({"accounts.csv": KNOWN, "contacts.csv": "id,account_id,name,email\nc1,acme,Ann,Ann@acme.com\n"})
    return desk


def match(desk: Desk, external_id: str, account_id: str, source: str = "help") -> Matched:
    return set_match(desk.store, source, external_id, account_id, now=NOW, today=TODAY, actor="test")


def unmatch(desk: Desk, external_id: str, source: str = "help") -> Matched:
    return remove_match(desk.store, source, external_id, now=NOW, actor="test")


def links(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.rows("external_id", "source", "subject", "external_id", "internal_id", "how")


def tickets(*rows: str) -> dict[str, str]:
    return {"tickets.csv": "id,org,person,email,opened,crm,org_name\n" + "".join(f"{row}\n" for row in rows)}


OPENED = "2026-03-01T09:00:00Z"


@pytest.mark.parametrize(
    ("row", "account", "how"),
    [
        (f"1,o1,,,{OPENED},acme,", "acme", "crm_id"),
        (f"1,o1,,,{OPENED},,ACME gmbh", "acme", "name"),
        (f"1,o1,,,{OPENED},,Acme", "acme", "name"),
        (f"1,o1,,someone@acme.com,{OPENED},,", "acme", "domain"),
        (f"1,,,ann@ACME.com,{OPENED},,", "acme", None),
        (f"1,,,,{OPENED},,Globex", "globex", "name"),
        (f"1,o1,,,{OPENED},,Glob", None, None),
        (f"1,o1,,,{OPENED},,Acmee GmbH", None, None),
        (f"1,o1,,x@gmail.com,{OPENED},,", None, None),
        (f"1,o1,,ann@acme.com.evil.example,{OPENED},,", None, None),
        (f"1,acme,,,{OPENED},,", None, None),  # the source's id only looks like ours
        (f"1,,,,{OPENED},,", None, None),
    ],
)
def test_how_an_account_is_found(known: Desk, row: str, account: str | None, how: str | None) -> None:
    report = known.load(tickets(row), profile=HELP)
    assert report.errors == []
    assert known.rows("tickets", "id", "account_id") == ([("help-1", account)] if account else [])
    assert report.tables["tickets"].unmatched == (0 if account else 1)
    assert [(found.account_id, found.how) for found in report.links] == ([(account, how)] if how else [])
    assert not known.run(known.folder, profile=HELP).placed


def test_two_accounts_of_one_name_or_domain_are_not_guessed(desk: Desk) -> None:
    desk.load({"accounts.csv": "id,name,aliases\na,Acme,x.com\nb,ACME,x.com\n"})
    rows = tickets(f"1,o1,,,{OPENED},,Acme", f"2,o2,,z@x.com,{OPENED},,")
    assert desk.load(rows, profile=HELP).tables["tickets"].unmatched == 2
    assert desk.rows("waiting_row", "external_id", "name") == [("o1", "Acme"), ("o2", None)]


def test_an_id_that_was_matched_goes_before_all_else(known: Desk) -> None:
    match(known, "o1", "globex")
    known.load(tickets(f"1,o1,,ann@acme.com,{OPENED},acme,Acme"), profile=HELP)
    assert known.rows("tickets", "account_id") == [("globex",)]


def test_a_crm_links_to_an_account_by_its_exact_name_and_creates_the_others(known: Desk) -> None:
    companies = (
        "id,name,owner,industry,parent,domain\n1,Acme,bo,Tools,,\n2,Globex,,,1,\n3,Initech,,,,\n"
        "acme,Other,,,,\n4,Acme,,,,\n"
    )
    files = {"companies.csv": companies, "people.csv": "id,company,name,email\np,3,Cy,cy@x.com\nq,9,Di,\n"}
    report = known.load(files, profile=CRM)
    assert known.rows("accounts", "id", "name", "owner", "industry", "parent_id") == [
        ("3", "Initech", None, None, None),
        ("4", "Acme", None, None, None),  # a second Acme of the CRM's is another account
        ("acme", "Acme GmbH", "bo", "Tools", None),
        ("crm-acme", "Other", None, None, None),  # the id is taken
        ("globex", "Globex", None, None, "acme"),
    ]
    assert [(f.external_id, f.account_id) for f in report.links] == [("1", "acme"), ("2", "globex")]
    assert known.rows("contacts", "id", "account_id") == [("c1", "acme"), ("p", "3")]
    assert report.tables["contacts"].unmatched == 1
    again = known.run(known.folder, profile=CRM)
    assert (again.placed, again.tables["accounts"].unchanged) == (False, 5)


def test_rows_that_waited_become_data_when_their_account_comes_in(known: Desk) -> None:
    known.load({"people.csv": "id,company,name,email\np,3,Cy,\nq,3,Di,\n"}, profile=CRM)
    report = known.load({"companies.csv": "id,name\n3,Initech\n"}, profile=CRM)
    assert report.released == {"contacts": 2}
    assert known.rows("contacts", "id", "account_id") == [("c1", "acme"), ("p", "3"), ("q", "3")]
    assert known.rows("waiting_row", "record_key") == []


def test_a_person_with_the_same_address_is_the_same_contact(known: Desk) -> None:
    people = "id,org,name,email\n7,o1,Ann L,ann@acme.com\n8,o1,Ann too,ann@acme.com\n9,o1,,\n"
    match(known, "o1", "acme")
    known.load({"people.csv": people, **tickets(f"1,,7,,{OPENED},,")}, profile=HELP)
    assert known.rows("contacts", "id", "name", "email") == [
        ("c1", "Ann", "Ann@acme.com"),
        ("help-8", "Ann too", "ann@acme.com"),
        ("help-9", None, None),
    ]
    assert known.rows("tickets", "account_id", "contact_id") == [("acme", "c1")]


def test_feedback_waits_until_all_its_customers_are_known(known: Desk) -> None:
    known.load({"feedback.csv": "id,title,orgs\nf1,Dark mode,o1;o2;Acme\nf2,Other,\n"}, profile=HELP)
    assert known.rows("feedback", "id", "account_ids") == [("f2", ())]
    assert match(known, "o1", "acme").released["feedback"].rows == 0
    assert known.rows("waiting_row", "external_id") == [("o2",)]
    match(known, "o2", "globex")
    assert known.rows("feedback", "id", "account_ids") == [("f1", ("acme", "globex")), ("f2", ())]


def test_a_match_is_one_version_and_old_snapshots_stay(known: Desk) -> None:
    known.load(tickets(f"1,o1,,,{OPENED},,"), profile=HELP)
    before, version = known.rows("tickets", "id"), known.version
    done = match(known, "o1", "acme")
    assert (done.version, done.released["tickets"].counts) == (version + 1, versions.Counts(created=1))
    assert (before, known.rows("tickets", "id")) == ([], [("help-1",)])
    with known.store.reading() as conn:
        assert len(build_portfolio(conn, None, TODAY, version, UTC).tickets.id) == 0
        assert len(build_portfolio(conn, None, TODAY, version + 1, UTC).tickets.id) == 1
    assert match(known, "o1", "acme").version == version + 1  # said twice


def test_a_match_taken_back_leaves_what_was_before(known: Desk) -> None:
    usage = {"usage.csv": "org,date,users\no1,2026-03-01,5\no2,2026-03-01,3\n"}
    known.load({**tickets(f"1,o1,,,{OPENED},,", f"2,o2,,,{OPENED},,"), **usage}, profile=HELP)
    match(known, "o1", "acme")
    before = {table: known.rows(table, "since") for table in ("waiting_row", "tickets", "usage", "external_id")}
    counted = {table: len(rows) for table, rows in before.items()}
    match(known, "o2", "acme")
    assert known.rows("usage", "active_users") == [(8,)]
    unmatch(known, "o2")
    assert {table: len(known.rows(table, "since")) for table in before} == counted
    assert known.rows("usage", "active_users") == [(5,)]
    assert known.rows("waiting_row", "table_name", "external_id") == [("tickets", "o2"), ("usage", "o2")]
    match(known, "o2", "globex")
    assert known.rows("usage", "active_users") == [(3,), (5,)]


def test_what_cannot_be_taken_back_is_told(known: Desk) -> None:
    with pytest.raises(NotFound) as missing:
        unmatch(known, "o1")
    assert missing.value.code == "match_not_found"
    known.load({"companies.csv": "id,name\n3,Initech\n"}, profile=CRM)
    with pytest.raises(Conflict) as origin:
        unmatch(known, "3", "crm")
    assert origin.value.code == "match_is_origin"
    with versions.import_lock(known.store), pytest.raises(Conflict) as running:
        match(known, "o1", "acme")
    assert running.value.code == "import_running"
    assert known.version == 2


def test_a_waiting_row_that_comes_in_matched_waits_no_more(known: Desk) -> None:
    known.load(tickets(f"1,o1,,,{OPENED},,"), profile=HELP)
    known.load(tickets(f"1,o2,,,{OPENED},acme,"), profile=HELP)
    assert known.rows("waiting_row", "record_key") == []
    match(known, "o1", "globex")
    assert known.rows("tickets", "account_id") == [("acme",)]


def test_a_changed_waiting_row_replaces_the_one_before_and_keeps_absent_columns(known: Desk) -> None:
    known.load({"tickets.csv": f"id,org,opened,subject\n1,o1,{OPENED},First\n"}, profile=HELP)
    known.load({"tickets.csv": "id,org,opened\n1,o1,2026-03-02T09:00:00Z\n"}, profile=HELP)
    assert len(known.rows("waiting_row", "record_key")) == 1
    match(known, "o1", "acme")
    ((opened, subject),) = known.rows("tickets", "opened_at", "subject")
    assert (opened.day, subject) == (2, "First")


def test_the_same_row_twice_is_no_more_use(known: Desk) -> None:
    report = known.load(
        {"usage.csv": "org,date,users\nacme1,2026-03-01,5\nacme1,2026-03-01,5\nacme1,2026-03-01,6\n"}, profile=HELP
    )
    assert (report.tables["usage"].unchanged, report.tables["usage"].rejected) == (1, 1)
    match(known, "acme1", "acme")
    assert known.rows("usage", "active_users") == [(5,)]


HALVES = parse_profile("""
name: halves
source: halves
accounts: link
tables:
  usage: {file: "use*.csv", fields: {account_id: org, date: date, active_users: users, p95_ms: p95}}
""")
EAST, WEST = "org,date,users,p95\neast,2026-03-01,3,10\n", "org,date,users,p95\nwest,2026-03-01,2,20\n"


def test_two_ids_of_an_account_are_added_up_over_the_files_of_an_import(known: Desk) -> None:
    match(known, "east", "acme", "halves")
    match(known, "west", "acme", "halves")
    report = known.load({"use-east.csv": EAST, "use-west.csv": WEST}, profile=HALVES)
    assert (report.tables["usage"].created, report.tables["usage"].warnings) == (1, {})
    assert known.rows("usage", "active_users", "p95_ms") == [(5, 20)]
    assert not known.run(known.folder, profile=HALVES).placed


def test_a_file_with_some_ids_of_an_account_says_that_its_days_became_less(known: Desk) -> None:
    for each in ("east", "west"):
        match(known, each, "acme", "halves")
    known.load({"use-east.csv": EAST, "use-west.csv": WEST}, profile=HALVES)
    newer = EAST + "east,2026-03-02,3,10\n"  # a new day of one id alone is nothing odd
    report = known.load({"use-east.csv": newer}, profile=HALVES)
    assert report.tables["usage"].warnings == {LESSENED: 1}
    assert known.rows("usage", "active_users") == [(3,), (3,)]
    whole = known.load({"use-east.csv": newer, "use-west.csv": WEST}, profile=HALVES)
    assert (whole.tables["usage"].updated, whole.tables["usage"].warnings) == (1, {})


CASES = parse_profile("""
name: cases
source: cases
accounts: link
tables:
  tickets:
    file: cases.csv
    fields: {id: {column: id, prefix: c-}, account_id: org, opened_at: opened}
    match: {name: org}
    leave_out: [{column: state, values: [deleted], reason: deleted}]
  goals:
    file: goals.csv
    fields: {id: id, account_id: org, title: title}
    match: {name: org}
    leave_out: [{column: state, values: [deleted], reason: deleted}]
""")


def cases(*rows: str) -> dict[str, str]:
    return {"cases.csv": "id,org,opened,state\n" + "".join(f"{row}\n" for row in rows)}


def test_an_event_that_is_left_out_now_is_taken_back(known: Desk) -> None:
    known.load({"tickets.csv": f"id,account_id,opened_at\nc-9,acme,{OPENED}\n"})
    known.load(cases(f"1,Acme,{OPENED},", f"2,Acme,{OPENED},", f"3,Nobody,{OPENED},"), profile=CASES)
    before = known.version
    gone = cases("1,,,deleted", f"2,Acme,{OPENED},", "3,Nobody,soon,DELETED", "9,,,deleted", ",,,deleted")
    report = known.load(gone, profile=CASES)
    counts = report.tables["tickets"]
    assert (counts.updated, counts.unchanged, counts.unmatched, counts.rejected) == (1, 1, 0, 0)
    assert counts.warnings == {"left out: deleted": 4, "left out now and taken before: taken back": 1}
    assert known.rows("tickets", "id") == [("c-2",), ("c-9",)]  # another source's ticket stays
    assert known.rows("waiting_row", "record_key") == []
    assert known.version == before + 1
    assert not known.run(known.folder, profile=CASES).placed
    known.load(cases(f"1,Acme,{OPENED},"), profile=CASES)
    assert known.rows("tickets", "id") == [("c-1",), ("c-2",), ("c-9",)]


def test_a_dry_run_takes_no_event_back(known: Desk) -> None:
    known.load(cases(f"1,Acme,{OPENED},"), profile=CASES)
    report = known.load(cases("1,,,deleted"), profile=CASES, dry_run=True)
    assert report.tables["tickets"].updated == 1
    assert known.rows("tickets", "id") == [("c-1",)]


def test_state_that_is_left_out_stays(known: Desk) -> None:
    known.load({"goals.csv": "id,org,title,state\ng,Acme,Faster,\n"}, profile=CASES)
    report = known.load({"goals.csv": "id,org,title,state\ng,Acme,Faster,deleted\n"}, profile=CASES)
    assert not report.placed
    assert known.rows("goals", "id") == [("g",)]


def test_an_event_that_moves_to_an_unknown_account_waits(known: Desk) -> None:
    known.load(cases(f"1,Acme,{OPENED},"), profile=CASES)
    report = known.load(cases(f"1,Elsewhere,{OPENED},"), profile=CASES)
    assert report.tables["tickets"].unmatched == 1
    assert report.tables["tickets"].warnings == {
        "moved to an account that nobody knows: taken back until it is matched": 1
    }
    assert known.rows("tickets", "id") == []
    match(known, "Elsewhere", "globex", "cases")
    assert known.rows("tickets", "id", "account_id") == [("c-1", "globex")]


def test_an_account_that_has_gone_cannot_be_matched(known: Desk) -> None:
    known.load(tickets(f"1,o1,,,{OPENED},,"), profile=HELP)
    before = (known.version, known.all_rows())
    with pytest.raises(NotFound) as problem:
        match(known, "o1", "nobody")
    assert problem.value.code == "account_not_found"
    assert (known.version, known.all_rows()) == before


def test_a_name_that_is_too_long_for_one_is_no_clue(known: Desk) -> None:
    known.load(tickets(f"1,o1,,,{OPENED},,{'N' * 301}"), profile=HELP)
    assert known.rows("waiting_row", "external_id", "name") == [("o1", None)]


def test_a_dry_run_matches_nothing(known: Desk) -> None:
    before = (known.version, known.all_rows())
    report = known.load(tickets(f"1,o1,,,{OPENED},acme,", f"2,o9,,,{OPENED},,"), profile=HELP, dry_run=True)
    assert (report.tables["tickets"].created, report.tables["tickets"].unmatched, len(report.links)) == (1, 1, 1)
    assert (known.version, known.all_rows()) == before


# Matching later equals matching first

ORGS = ("o1", "o2", "o3")
LINES = st.lists(
    st.tuples(
        st.sampled_from(["usage", "tickets", "goals", "people"]),
        st.sampled_from(ORGS),
        st.integers(1, 3),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
)


def files_of(lines: list[tuple[str, str, int, int]]) -> dict[str, str]:
    """One row a key: a file that contradicts itself has rejected rows, whatever is matched.

    A day's use by all ids of an account comes in one file, as docs/data.md asks for.
    """
    made = {
        "usage": ["org,date,users,p95"],
        "tickets": ["id,org,person,opened,subject"],
        "goals": ["id,org,title,current"],
        "people": ["id,org,name,email"],
    }
    keys = set()
    for table, org, n, value in lines:
        key = (table, org, n) if table in ("usage", "people") else (table, n)
        if key in keys:
            continue
        keys.add(key)
        made[table].append(
            {
                "usage": f"{org},2026-03-0{n},{value},{value}",
                "tickets": f"{n},{org},{org}-{n},2026-03-0{n}T09:00:00Z,s{value}",
                "goals": f"{n},{org},T,{value}",
                "people": f"{org}-{n},{org},N{value},{'ann@acme.com' if (org, n) == ('o1', 1) else ''}",
            }[table]
        )
    return {f"{table}.csv": "\n".join(rows) + "\n" for table, rows in made.items()}


def content(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """All believed data but for the bookkeeping of writes."""
    found = {}
    for table, record_type in RECORD_TYPES.items():
        fields = [
            {"account_id": "account_key", "date": "day"}.get(name, name)
            if table in ("usage", "feature_usage")
            else name
            for name in record_type.model_fields
        ]
        found[table] = desk.rows(
            table, *fields, "origin", *(["effective_on"] if table in ("contacts", "goals") else [])
        )
    accounts = dict(desk.rows("account_source", "account_key", "account_id"))
    found["usage"] = sorted((accounts[row[0]], *row[1:]) for row in found["usage"])
    found["account_source"] = desk.rows("account_source", "account_id", "source")
    found["feed"] = desk.rows("feed", "source", "table_name", "covered_through", "newest_on")
    found["waiting_row"] = desk.rows("waiting_row", "table_name", "record_key")
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(first=LINES, second=LINES, targets=st.tuples(*[st.sampled_from(["acme", "globex"])] * 3), data=st.data())
def test_matching_later_equals_matching_first(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str, int, int]],
    second: list[tuple[str, str, int, int]],
    targets: tuple[str, ...],
    data: st.DataObject,
) -> None:
    wanted = dict(zip(ORGS, targets, strict=True))
    order = data.draw(st.permutations(ORGS))
    between = data.draw(st.integers(0, 3))
    later = [(table, org, n + 3 if table == "usage" else n, value) for table, org, n, value in second]
    ends = []
    for late in (False, True):
        folder = tmp_path_factory.mktemp("desk")
        with new_desk("sqlite", folder) as desk:
            desk.load({"accounts.csv": KNOWN, "contacts.csv": "id,account_id,name,email\nc1,acme,Ann,Ann@acme.com\n"})
            for org in () if late else order:
                match(desk, org, wanted[org])
            desk.load(files_of(first), profile=HELP)
            for org in order[:between] if late else ():
                match(desk, org, wanted[org])
            desk.load(files_of(later), profile=HELP, now=NOW + dt.timedelta(hours=1))
            for org in order[between:] if late else ():
                match(desk, org, wanted[org])
            ends.append(content(desk))
        shutil.rmtree(folder)
    assert ends[0] == ends[1]
