"""A preview: what each field would be, what is not used, and whose the rows are; nothing is written."""

from pathlib import Path

import pytest

from app.domain.problems import Problem
from app.imports.preview import MAX_SHOWN, Preview, preview
from app.imports.profile import Profile, load_profile, own_profile, parse_profile
from tests.imports.conftest import NOW, UTC, Desk, Files

CRM = parse_profile("""
name: crm
source: crm
accounts: link
notes: [Told.]
tables:
  tickets:
    file: [cases.csv, cases.json]
    fields:
      id: Case
      account_id: Company
      opened_at: {column: Opened, dates: ["%d/%b/%y %I:%M %p"]}
      severity: {column: Priority, values: {high: SEV1}}
      category: {constant: bug}
      subject: Title
    match: {name: Company}
    leave_out: [{column: State, values: [gone], reason: gone}]
""")


def look(desk: Desk, files: Files, profile: Profile, rows: int = 200) -> Preview:
    return preview(desk.store, desk.write(files), profile, now=NOW, zone=UTC, rows=rows)


def test_what_a_preview_shows(desk: Desk) -> None:
    desk.load({"accounts.csv": "id,name\nacme,Acme\n"})
    before = (desk.version, desk.all_rows())
    rows = [f"{n},Acme,12/Mar/25 9:41 AM,HIGH,x" for n in range(3)]
    rows += ["8,Other,13/Mar/25 8:00 PM,,", "9,Acme,2025-03-12,high,", "10,Acme,12/Mar/25 9:41 AM,odd,", "11,,,,gone"]
    shown = look(desk, {"cases.csv": "Case,Company,Opened,Priority,State\n" + "\n".join(rows), "x.csv": "a\n"}, CRM)
    (file,) = shown.files
    assert (file.rows, file.taken, file.rejected, file.left_out, file.matched, file.unmatched) == (7, 4, 2, 1, 3, 1)
    fields = {field.field: field for field in file.fields}
    assert fields["id"].values == ["0", "1", "2"]
    assert fields["opened_at"].values == ["2025-03-12 09:41:00+00:00", "2025-03-13 20:00:00+00:00"]
    assert "'2025-03-12' is no date" in (fields["opened_at"].fault or "")
    assert "'odd' is not among high" in (fields["severity"].fault or "")
    assert (fields["category"].column, fields["category"].values) == ("(constant)", ["bug"])
    assert (fields["subject"].column, fields["subject"].values) == (None, [])
    assert file.unused == []
    assert shown.aside == ["x.csv"]
    assert (desk.version, desk.all_rows()) == before
    text = shown.as_text().splitlines()
    assert text[1] == (
        "cases.csv → tickets: rows 7, taken 4, rejected 2, left out 1, without a place 0, matched 3, unmatched 1"
    )
    assert "  opened_at ← Opened: 2025-03-12 09:41:00+00:00 | 2025-03-13 20:00:00+00:00" in text
    assert "  subject ← –: no such column" in text
    assert text[-1] == "Note: Told."


def test_only_the_first_rows_are_looked_at(desk: Desk) -> None:
    content = "id,name,colour\n" + "".join(f"a{n},{'N' * 99},red\n" for n in range(50))
    (file,) = look(desk, {"accounts.csv": content}, own_profile(), rows=5).files
    assert (file.rows, file.taken, file.matched, file.unused) == (5, 5, None, ["colour"])
    assert file.fields[1].values == ["N" * MAX_SHOWN + "…"]


def test_a_file_that_cannot_be_read_is_told(desk: Desk) -> None:
    shown = look(
        desk, {"accounts.csv": "id\n1\n", "nps.csv": b"PK\x03\x04", "plans.csv": "name\nGold\n"}, own_profile()
    )
    told = {file.table: file.refused for file in shown.files}
    assert told["accounts"] == "the file lacks the required columns name; it has id"
    assert "zip archive" in (told["nps"] or "")
    assert told["plans"] is None
    assert "accounts.csv → accounts: cannot be read: the file lacks" in shown.as_text()


def test_subscriptions_are_read_whole_for_what_is_derived_from_them(desk: Desk) -> None:
    header = (
        "subscription_id,account_id,start_date,end_date,arr_amount,seats,plan_tier,billing_frequency,auto_renew_flag\n"
    )
    files = {
        "ravenstack_subscriptions.csv": header
        + "".join(f"s{n},a{n},2024-01-01,,120,3,Pro,annual,True\n" for n in range(9)),
        "ravenstack_accounts.csv": "account_id,account_name,churn_flag\n"
        + "".join(f"a{n},N{n},False\n" for n in reversed(range(9))),
    }
    shown = look(desk, files, load_profile("ravenstack"), rows=2)
    accounts = next(file for file in shown.files if file.table == "accounts")
    assert [field.values for field in accounts.fields if field.field == "arr"] == [["120.0"]]


def test_nothing_to_look_at_is_a_problem(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        look(desk, {"readme.txt": "x"}, CRM)
    assert problem.value.code == "no_csv_files"


def test_rows_refused_for_no_single_column_are_shown_with_the_reason(desk: Desk) -> None:
    (file,) = look(desk, {"accounts.csv": "id,name\na,b,c\nd,E\n"}, own_profile()).files
    assert (file.taken, file.rejected) == (1, 1)
    (remark,) = file.remarks
    assert remark.startswith("not taken: accounts.csv, line 2: 3 cells for 2 columns")
