"""Profiles: what may stand in one, and what is told where one is wrong."""

import pytest

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES
from app.imports.profile import load_profile, own_profile, parse_profile, profile_names

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
    assert list(files) == list(RECORD_TYPES)
    assert [made.file for made in files.values()] == [f"{table}.csv" for table in RECORD_TYPES]
    for table, made in files.items():
        assert {name: source.column for name, source in made.fields.items()} == {
            name: name for name in RECORD_TYPES[table].model_fields
        }


def test_every_shipped_profile_loads() -> None:
    assert "ravenstack" in profile_names()
    for name in profile_names():
        assert load_profile(name).name == name


def test_a_file_is_known_by_pattern_in_any_case() -> None:
    made = parse_profile(GOOD).tables["accounts"]
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
        ("just words", "the profile"),
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
        (GOOD + "time_zone: Mars/Base", "no time zone"),
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
