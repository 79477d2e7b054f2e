"""Profiles: what may stand in one, and what is told where one is wrong."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES
from app.imports.derivations import domain_of, parse_date, salesforce_id
from app.imports.profile import load_profile, own_profile, parse_profile, profile_names, read_profile

GOOD = """
name: crm
source: crm
tables:
  accounts:
    file: "*_accounts.csv"
    fields: {id: Id, name: Company}
"""

SUBSCRIPTIONS = """
subscriptions:
  file: subs.csv
  fields: {id: id, account_id: account, start: start, arr: arr}
"""


def test_own_set_has_a_file_a_table_and_a_column_a_field() -> None:
    files = own_profile().files()
    assert list(files) == [(table, 0) for table in RECORD_TYPES]
    assert own_profile().patterns() == [f"{table}.csv" for table in RECORD_TYPES]
    for (table, _), made in files.items():
        assert {name: source.column for name, source in made.sources()} == {
            name: (name,) for name in RECORD_TYPES[table].model_fields
        }


def test_every_shipped_profile_loads() -> None:
    assert "ravenstack" in profile_names()
    for name in profile_names():
        assert load_profile(name).name == name


def test_a_file_is_known_by_pattern_in_any_case() -> None:
    (made,) = parse_profile(GOOD).tables["accounts"]
    assert made.matches("Export_Accounts.CSV")
    assert not made.matches("accounts.csv")


@pytest.mark.parametrize("name", ["nope", "../ravenstack", "", "ravenstack.yaml"])
def test_unknown_profile(name: str) -> None:
    with pytest.raises(Problem, match="ravenstack") as problem:
        load_profile(name)
    assert problem.value.code == "unknown_profile"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "YAML"),
        ("just words", "The profile is wrong"),
        ("name: x", "source: is required"),
        (GOOD + "accounts: guess", "'own', 'create' or 'link'"),
        (GOOD.replace("Company", "{}"), "one of column, constant and derive"),
        (GOOD.replace("Company", "[{columns: [a, b]}]"), "columns go with derive or joined"),
        (GOOD + "    leave_out: [{column: x, reason: y}]", "one of values and unless"),
        (GOOD + "    match: {colour: x}", "no such key"),
        (GOOD + "    distinct: {nickname: x}", "accounts has no field nickname"),
        (GOOD + "accounts: link\n" + SUBSCRIPTIONS, "go with `accounts: own`"),
        (GOOD.replace("accounts:", "customers:"), "no table customers"),
        (GOOD.replace("name: Company", "nickname: Company"), "accounts has no field nickname"),
        (GOOD.replace(", name: Company", ""), "accounts needs the field name"),
        (GOOD.replace("Company", "{derive: guess, columns: [x]}"), "no derivation guess"),
        (GOOD.replace("Company", "{derive: minutes_after, columns: [x]}"), "takes 2 columns"),
        (GOOD.replace("Company", "{derive: subscription_plan, columns: [x]}"), "needs a section `subscriptions`"),
        (GOOD.replace("Company", "{column: x, constant: y}"), "one of column, constant and derive"),
        (GOOD.replace("Company", "{column: x, columns: [y]}"), "columns go with derive"),
        (GOOD.replace("Company", "{column: x, otherwise: guess}"), "otherwise"),
        (GOOD.replace("Company", "{column: x, colour: red}"), "colour"),
        (GOOD + "    checks: [{name: guess, column: x}]", "no check guess"),
        (GOOD + "    sum: [nickname]", "accounts has no field nickname"),
        (GOOD + "    sum: [name]", "accounts has no number in name"),
        (GOOD + "    distinct: {owner: x}", "accounts has no number in owner"),
        (GOOD + "time_zone: Mars/Base", "no time zone"),
        (GOOD + "dates: [d.m.Y]", "'d.m.Y' is no form of dates"),
        (GOOD + 'dates: ["%Q"]', "is no form of dates"),
        (GOOD.replace("Company", '{column: x, dates: ["%d%"]}'), "is no form of dates"),
        (GOOD + "source: other", "the key source is there twice"),
        (GOOD + "  accounts: {file: x}", "the key accounts is there twice"),
        (GOOD.replace("Company", "[]"), "must not be empty"),
        (GOOD.replace("name: crm", "name: ' '"), "name: it must not be empty"),
        (GOOD.replace("name: crm", "name: own"), "choose another"),
        (GOOD.replace('"*_accounts.csv"', "[]"), "file: it must not be empty"),
        (GOOD.replace("Company", "{column: x, values: [y]}"), "it must be keys with values"),
        ("name: x\nsource: x\ntables: {}", "tables is empty"),
        ("name: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("a: &a [*a]\n" + GOOD, "no such key"),
        (
            GOOD
            + "  arr_movements: {file: m.csv, fields: {id: a, account_id: a, date: a, kind: a, amount: a}}\n"
            + SUBSCRIPTIONS,
            "computed from the subscriptions",
        ),
        (GOOD + SUBSCRIPTIONS.replace(", arr: arr", ""), "subscriptions needs the field arr"),
    ],
)
def test_a_wrong_profile_is_told_where(text: str, told: str) -> None:
    with pytest.raises(Problem) as problem:
        parse_profile(text)
    assert problem.value.code == "invalid_profile"
    assert told in problem.value.detail


def test_a_deployments_own_profile_goes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text(GOOD)
    (tmp_path / "jira.yaml").write_text("\ufeff" + GOOD)
    (tmp_path / "zendesk.yaml").write_bytes(b"\xff")
    assert "crm" in profile_names(tmp_path)
    assert load_profile("jira", tmp_path).name == "crm"
    assert load_profile("jira").name == "jira"
    with pytest.raises(Problem, match=r"zendesk\.yaml is no UTF-8"):
        load_profile("zendesk", tmp_path)
    with pytest.raises(Problem, match="No such file"):
        read_profile(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("formats", "text", "instant"),
    [
        (["%d/%b/%y %I:%M %p"], "12/Mar/24 9:41 AM", "2024-03-12T08:41:00Z"),
        (["%d/%b/%y %I:%M %p"], "1/Jul/24 12:00 AM", "2024-06-30T22:00:00Z"),
        (["iso"], "2022-06-09T16:29:32.382-0700", "2022-06-09T23:29:32.382Z"),
        (["iso"], "2020-10-22T21:03:23.000+0000", "2020-10-22T21:03:23Z"),
        (["iso"], "2020-12-11T01:27:40.002000+00:00", "2020-12-11T01:27:40.002Z"),
        (["iso"], "2024-01-15 09:00:00", "2024-01-15T08:00:00Z"),
        (["iso", "%Y-%m-%d %H:%M:%S"], "2020-12-30 3:15:52", "2020-12-30T02:15:52Z"),
        (["iso"], "2024-01-15", "2024-01-14T23:00:00Z"),
        (["epoch"], "1641289688", "2022-01-04T09:48:08Z"),
        (["epoch"], "1641289688.5", "2022-01-04T09:48:08.5Z"),
        (["epoch_ms"], "1641289688123", "2022-01-04T09:48:08.123Z"),
        (["epoch", "epoch_ms"], "1641289688123", "2022-01-04T09:48:08.123Z"),
        (["iso", "epoch"], "0", "1970-01-01T00:00:00Z"),
    ],
)
def test_dates_in_the_zone_of_the_profile(formats: list[str], text: str, instant: str) -> None:
    assert parse_date(text, tuple(formats), ZoneInfo("Europe/Berlin")) == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["", "soon", "NaN", "1e9", "٣", "9" * 40, "2024-02-30", "12/Foo/24 9:41 AM"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        parse_date(text, ("iso", "epoch", "epoch_ms", "%d/%b/%y %I:%M %p"), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("ann@Acme.com", "acme.com"),
        ("https://www.acme.co.uk/de?x=1", "acme.co.uk"),
        ("www.acme.com.", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("ann@gmail.com", None),
        ("www.expressl&t.net", None),
        ("localhost", None),
        ("@", None),
        ("a b.com", None),
        ("-x.com", None),
    ],
)
def test_domains(text: str, domain: str | None) -> None:
    assert domain_of(text) == domain


def test_a_lone_word_is_a_list_of_one() -> None:
    text = GOOD.replace("Company", '{columns: Company, joined: ","}') + (
        "    leave_out: [{column: State, values: no, reason: gone}]\nnotes: Told.\n"
    )
    profile = parse_profile(text)
    (made,) = profile.tables["accounts"]
    assert (made.leave_out[0].values, made.fields["name"][0].columns, profile.notes) == (
        ("false",),
        ("Company",),
        ("Told.",),
    )


def test_merged_keys_are_not_there_twice() -> None:
    text = """
name: crm
source: crm
tables:
  accounts:
    - file: a.csv
      fields: &fields {id: Id, name: Company}
    - file: b.csv
      fields: {<<: *fields, name: Name}
    - file: c.csv
      fields: {<<: *fields, name: Firm}
"""
    names = [made.fields["name"][0].column for made in parse_profile(text).tables["accounts"]]
    assert names == [("Company",), ("Name",), ("Firm",)]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("001D000000IqhSLIAZ", "001D000000IqhSLIAZ"),
        ("0015g0000012345", "0015g0000012345AAA"),
        ("001", "001"),
    ],
)
def test_salesforce_ids_in_their_long_form(short: str, long: str) -> None:
    assert salesforce_id(short) == long
